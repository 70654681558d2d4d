//! The journal of a case: what happened, was decided, written and sent, in its order, for an authority's own archive. A
//! workflow may demand that it is written out before a case is anonymised.

use askama::Template;
use serde::Serialize;

use super::super::{Desk, DeskError, Wrong};
use super::news;
use super::pack::{Pack, file_name};
use super::told::CaseTold;
use crate::runner::RunError;
use crate::store::{Act, SubjectKind, SubjectRow};

/// The journal of a case, to be written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// Files by their path, with `/` between, all of them in a folder of the case's own.
    pub files: Vec<(String, Vec<u8>)>,
    person: i64,
    case: i64,
    /// How many events the case had.
    events: i64,
}

/// What was written out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalDone {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// Its folder.
    pub folder: String,
}

#[derive(Template)]
#[template(path = "journal.html")]
struct Page<'c> {
    case: &'c CaseTold,
}

impl Desk {
    /// The cases whose journals are asked for by a hold or a case: those that are not anonymised, by id.
    pub async fn journals_of(&self, typed: &str) -> Result<Vec<String>, DeskError> {
        let row = self.find(typed).await?;
        let cases: Vec<SubjectRow> = match row.kind {
            SubjectKind::Case => vec![row],
            SubjectKind::Cohort => {
                (self.runner().store())
                    .subjects_of(self.sees, row.id)
                    .await?
            }
            SubjectKind::Workflow => {
                return Err(Wrong::new("En journal er en sags eller et holds.").into());
            }
        };
        let open = cases.into_iter().filter(|case| case.erased_at.is_none());
        let ids: Vec<String> = open.map(|case| case.public_id).collect();
        if ids.is_empty() {
            return Err(Wrong::new("Der er ingen sager her, som ikke er anonymiseret.").into());
        }
        Ok(ids)
    }

    /// The journal of a case, as it is now.
    pub async fn journal(&self, id: &str) -> Result<Journal, DeskError> {
        let context = self.any(id).await?;
        let person = context.row.person_id.unwrap_or_default();
        let name = self.name_of(person).await?;
        let short: String = context.row.public_id.chars().take(13).collect();
        let folder = format!("{}-{short}/", file_name(&name));
        // Links in its page go out from its own folder.
        let mut pack = Pack::default();
        let case = self
            .case_told(&context.row.public_id, None, "", &mut pack)
            .await?;
        let html = Page { case: &case }.render();
        let html = html.map_err(|error| RunError::Inconsistent(error.to_string()))?;
        let mut all = Pack::default();
        all.add("journal.html", html);
        all.json("journal.json", &case)?;
        let history = self.runner().store().history(context.row.id).await?;
        // What has happened while it was read is in the next journal.
        let now = self.any(id).await?;
        if now.row.seq != context.row.seq {
            return Err(DeskError::MovedOn);
        }
        all.json("historie.json", &events(&history))?;
        all.files.extend(pack.files);
        let files = all.files.into_iter();
        Ok(Journal {
            id: context.row.public_id.clone(),
            name,
            files: files
                .map(|(path, bytes)| (format!("{folder}{path}"), bytes))
                .collect(),
            person,
            case: context.row.id,
            events: context.row.seq,
        })
    }

    /// The journal is on disk: what waited for it waits no longer.
    pub async fn journaled(&self, journal: &Journal, by: &str) -> Result<JournalDone, DeskError> {
        let mut act = self.person_act(journal.person, Act::Journal, by, None);
        act.subject_id = Some(journal.case);
        let store = self.runner().store();
        store.journaled(act, journal.events, news()?).await?;
        self.runner().notify();
        let first = journal
            .files
            .first()
            .and_then(|(path, _)| path.split_once('/'));
        Ok(JournalDone {
            id: journal.id.clone(),
            name: journal.name.clone(),
            folder: first.map_or_else(String::new, |(folder, _)| folder.to_owned()),
        })
    }
}

/// The events themselves, as they are stored.
fn events(history: &[crate::store::EventRow]) -> Vec<serde_json::Value> {
    let one = |row: &crate::store::EventRow| {
        let payload: serde_json::Value = serde_json::from_str(&row.payload).unwrap_or_default();
        serde_json::json!({
            "no": row.seq,
            "at": crate::runner::serve::instant(row.at).to_string(),
            "by": row.actor,
            "event": payload,
        })
    };
    history.iter().map(one).collect()
}
