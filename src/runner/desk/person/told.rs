//! A case as it is told to whoever asks for it, or to an archive: in the order in which it happened.

use jiff::civil::DateTime;
use serde::Serialize;

use super::super::{CaseShown, Desk, DeskError, FactShown, Moment};
use super::mask::Mask;
use super::pack::Pack;
use super::{local, named};
use crate::message::Mail;
use crate::runner::data::role_title;
use crate::runner::seats;
use crate::store::{PersonMail, ReceivedFilter, ReceivedRow, Sees};

/// A case from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CaseTold {
    /// Its id.
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub born: Option<String>,
    pub organisation: Option<String>,
    pub hold: String,
    pub workflow: String,
    pub state: String,
    pub ended: Option<&'static str>,
    /// Roles by title, with names.
    pub people: Vec<(String, Vec<String>)>,
    pub facts: Vec<FactShown>,
    /// What has happened and what was written, the oldest first.
    pub story: Vec<Line>,
    pub documents: Vec<FileTold>,
    pub mails: Vec<MailTold>,
}

/// A line of the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub at: DateTime,
    pub what: String,
    pub by: String,
    /// What is written in a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A file, and where it lies in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FileTold {
    pub at: DateTime,
    pub what: String,
    pub by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A mail, and where it lies in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct MailTold {
    pub at: DateTime,
    pub to: String,
    pub about: String,
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Line {
    /// When it was, as people read it.
    pub fn when(&self) -> String {
        when(self.at)
    }
}

impl FileTold {
    /// When it was given, as people read it.
    pub fn when(&self) -> String {
        when(self.at)
    }
}

impl MailTold {
    /// When it was sent or settled, as people read it.
    pub fn when(&self) -> String {
        when(self.at)
    }
}

/// A moment as people read it.
pub(super) fn when(at: DateTime) -> String {
    at.strftime("%-d.%-m.%Y kl. %-H.%M").to_string()
}

impl Desk {
    /// Tells a case by its id, with its files in a pack, below a folder of it.
    pub(super) async fn case_told(
        &self,
        id: &str,
        mask: Option<&Mask>,
        folder: &str,
        pack: &mut Pack,
    ) -> Result<CaseTold, DeskError> {
        let mut case = self.case_shown(id, None).await?;
        if let Some(mask) = mask {
            mask.case(&mut case);
        }
        let context = self.any(id).await?;
        let store = self.runner().store();
        let mut documents = Vec::new();
        for document in case.documents.iter().rev() {
            let given = store
                .document(Sees::All, context.row.id, document.id)
                .await?;
            let path = given.map(|given| {
                let path = format!("{folder}filer/{}-{}", document.id, given.name);
                pack.add(path.clone(), given.bytes);
                path
            });
            let removed = document.removed.as_ref();
            let removed = removed.map_or_else(String::new, |(at, by)| {
                format!(", fjernet {} af {by}", when(*at))
            });
            documents.push(FileTold {
                at: document.at,
                what: format!("{}{removed}", document.name.as_deref().unwrap_or("en fil")),
                by: document.by.clone(),
                path,
            });
        }
        let mut mails = Vec::new();
        let person = context.row.person_id.unwrap_or_default();
        let of_case = [Some(context.row.id), context.row.cohort_id];
        for mail in store.mails_of_person(person).await? {
            if of_case.contains(&Some(mail.subject_id)) {
                let role = role_title(&context.version.workflow, seats::parts(&mail.seat).0);
                mails.push(mail_told(&mail, role, folder, pack));
            }
        }
        let mut story = story(&case);
        let filter = ReceivedFilter {
            subject: Some(context.row.id),
            limit: i64::MAX,
            ..ReceivedFilter::default()
        };
        let received = store.received(Sees::All, &filter).await?;
        // What they wrote without saying of which case belongs to each.
        for row in (received.into_iter()).chain(store.received_apart(person).await?) {
            story.push(came_in(row, &case.name, person, mask));
        }
        story.sort_by_key(|line| line.at);
        Ok(CaseTold {
            story,
            id: case.id,
            name: case.name,
            email: case.email,
            phone: case.phone,
            born: case.born,
            organisation: case.organisation,
            hold: case.hold.1,
            workflow: case.workflow,
            state: case.state,
            ended: case.ended,
            people: case.people,
            facts: case.facts,
            documents,
            mails,
        })
    }

    /// A person's name as it stands in what is given out.
    pub(super) async fn name_of(&self, person: i64) -> Result<String, DeskError> {
        let people = self.runner().store().people(&[person]).await?;
        Ok(people.get(&person).map(named).unwrap_or_default())
    }
}

/// What a mail was, and its bytes, unless others stand in it as well.
pub(super) fn mail_told(
    mail: &PersonMail,
    role: String,
    folder: &str,
    pack: &mut Pack,
) -> MailTold {
    let names_others = mail.names_others != 0;
    let frozen = mail.frozen.as_deref().filter(|_| !names_others);
    let bytes = frozen.and_then(|frozen| serde_json::from_slice::<Mail>(frozen).ok());
    let path = bytes.map(|bytes| {
        let path = format!("{folder}mails/{}.eml", mail.public_id);
        pack.add(path.clone(), bytes.bytes);
        path
    });
    let about = match &mail.subject_line {
        _ if names_others => "(nævner også andre og er udeladt)".to_owned(),
        Some(subject) => subject.clone(),
        None => "(uden emne)".to_owned(),
    };
    MailTold {
        at: local(mail.at),
        to: role,
        about,
        status: mail.status.clone(),
        path,
    }
}

/// A mail that has come in about a case. Where colleagues are masked, so is whoever else has written.
fn came_in(row: ReceivedRow, name: &str, person: i64, mask: Option<&Mask>) -> Line {
    let by = match row.from_address {
        _ if row.person_id == Some(person) => name.to_owned(),
        Some(address) if mask.is_none() => address,
        _ => "[en anden]".to_owned(),
    };
    let said: Vec<String> = [row.text, row.words, row.note]
        .into_iter()
        .flatten()
        .collect();
    Line {
        at: local(row.at),
        what: format!("Modtaget mail: {}", row.subject_line.unwrap_or_default()),
        by,
        text: Some(said.join("\n\n")),
    }
}

fn story(case: &CaseShown) -> Vec<Line> {
    let line = |moment: &Moment<'_>| match moment {
        Moment::Happened(happened) => Line {
            at: happened.at,
            what: happened.what.clone(),
            by: happened.by.clone(),
            text: None,
        },
        Moment::Noted(note) => {
            let kind = if note.is_confidential {
                "Fortroligt notat"
            } else {
                "Notat"
            };
            let struck = note.struck.as_ref();
            let struck = struck.map_or_else(String::new, |(at, by)| {
                format!(", streget {} af {by}", when(*at))
            });
            let corrects = if note.corrects {
                ", i stedet for et andet"
            } else {
                ""
            };
            Line {
                at: note.at,
                what: format!("{kind}{corrects}{struck}"),
                by: note.by.clone(),
                text: Some(note.text.clone()),
            }
        }
    };
    case.story().iter().rev().map(line).collect()
}
