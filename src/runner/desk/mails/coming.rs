//! The outbox before it is one: what leaves in the next two weeks, as it will read if nothing else happens until
//! then, and what a person wants of it beforehand.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::{Desk, DeskError, Visitor, Wrong};
use super::{MailLine, readable};
use crate::engine::frame::Frame;
use crate::engine::plan::{What, plan};
use crate::engine::subject::Kind;
use crate::engine::why::what_words;
use crate::runner::Coming;
use crate::runner::context::Context;
use crate::runner::freeze::{hash_of, is_wishable};
use crate::store::{Copied, Sees, SubjectKind, Wish};

/// How far ahead mail is read.
pub const AHEAD_DAYS: i64 = 14;
/// So many cases and holds are looked at for the list over all holds, those that are due first.
const LOOKED_AT: i64 = 150;
/// Characters that an edited text may have.
const TEXT_MAX: usize = 20_000;
/// Likewise its subject line.
const SUBJECT_MAX: usize = 200;

/// A mail that will leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComingMail {
    /// As in a list; its number is 0 as long as it is not in the outbox.
    #[serde(flatten)]
    pub line: MailLine,
    /// Whose it is: the case's or hold's id.
    pub of: String,
    /// The candidate's name; of a hold's own mail its title.
    pub name: String,
    /// To which role or seat.
    pub seat: String,
    /// Its text.
    pub text: String,
    /// Somebody wants it to wait: it does not leave by itself.
    pub is_held: bool,
    /// Whose words it has.
    pub words: Wording,
    /// Whether anything can be wished of it; what is gathered is written when it leaves.
    pub is_wishable: bool,
    /// The wish that was read; a new one names it.
    pub rev: i64,
}

/// Mail of one kind to several, in the list over all holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComingKind {
    /// When, UTC.
    pub at: Timestamp,
    /// The same, local to the workflow.
    pub local: DateTime,
    /// What it is. Danish.
    pub what: String,
    /// The hold: id and title.
    pub hold: (String, String),
    /// How many it is about.
    pub about: usize,
}

/// Whose words a mail has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wording {
    /// Its template's.
    Template,
    /// Somebody has written it anew, and that is what is shown.
    Edited,
    /// It was written anew for what it no longer says: it waits for somebody when its time comes, and the template's
    /// words are shown.
    Overtaken,
}

/// What leaves first, over all holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComingFirst {
    /// In order.
    pub first: Vec<ComingKind>,
    /// Until when all of it is listed, local, if that is less than two weeks.
    pub cut: Option<DateTime>,
}

/// Which mail somebody wants something of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ComingAsked {
    /// The hold.
    pub hold: String,
    /// The case's or hold's id.
    pub of: String,
    /// Of what.
    pub occurrence: String,
    /// To whom.
    pub seat: String,
}

/// What somebody wants of a mail before it leaves.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// That it waits.
    Hold,
    /// That it does not wait any more.
    Go,
    /// Other words.
    Words {
        /// The subject line.
        subject: String,
        /// The text.
        text: String,
    },
    /// The template's words again.
    Template,
}

impl Desk {
    /// What leaves first over all holds, as it is planned.
    pub async fn coming_first(&self) -> Result<ComingFirst, DeskError> {
        let now = self.runner().now();
        let until = now + SignedDuration::from_hours(24 * AHEAD_DAYS);
        let store = self.runner().store();
        let due = store
            .due_until(self.sees, until.as_microsecond(), LOOKED_AT)
            .await?;
        let last = due.last().filter(|_| due.len() >= most()).map(|row| row.1);
        let cut = last.and_then(|at| Timestamp::from_microsecond(at).ok());
        let ids: Vec<i64> = due.iter().map(|row| row.0).collect();
        let contexts = self.runner().contexts(&ids).await?;
        let mut kinds: BTreeMap<(Timestamp, String, String), ComingKind> = BTreeMap::new();
        for context in &contexts {
            add_planned(context, now, cut.unwrap_or(until).min(until), &mut kinds);
        }
        let seen: Vec<i64> = (contexts.iter())
            .filter(|context| context.row.kind == SubjectKind::Case)
            .map(|context| context.row.id)
            .collect();
        self.saw(&seen, "outbox").await?;
        let local = |at| {
            let calendar = contexts.first().map(|one| &one.version.workflow.calendar);
            calendar.map(|calendar| calendar.local(at))
        };
        Ok(ComingFirst {
            first: kinds.into_values().collect(),
            cut: cut.and_then(local),
        })
    }

    /// All mail about a hold and its candidates in the next two weeks, as it will read.
    pub async fn coming(&self, hold: &str) -> Result<Vec<ComingMail>, DeskError> {
        let hold = self.cohort(hold).await?;
        let until = self.runner().now() + SignedDuration::from_hours(24 * AHEAD_DAYS);
        let cases = self
            .runner()
            .store()
            .subjects_of(self.sees, hold.row.id)
            .await?;
        let mut seen: HashSet<i64> = cases.iter().map(|row| row.id).collect();
        if self.sees == Sees::All {
            seen.insert(hold.row.id);
        }
        let what = Copied::Hold(hold.row.id);
        let coming = self.runner().ahead(what, until).await?;
        let coming: Vec<Coming> = (coming.into_iter())
            .filter(|one| seen.contains(&one.row.subject_id))
            .collect();
        let read: Vec<i64> = coming.iter().map(|one| one.row.subject_id).collect();
        self.saw(&read, "outbox").await?;
        self.coming_mails(&hold, coming).await
    }

    /// One of them.
    pub async fn coming_mail(&self, asked: &ComingAsked) -> Result<ComingMail, DeskError> {
        let all = self.coming(&asked.hold).await?;
        let found = all.into_iter().find(|mail| {
            mail.of == asked.of
                && mail.line.occurrence == asked.occurrence
                && mail.seat == asked.seat
        });
        found.ok_or_else(|| {
            let wrong = Wrong::new("Den mail kommer ikke inden for to uger.");
            wrong
                .help("Den er måske sendt eller ikke længere aktuel. Se listen igen.")
                .into()
        })
    }

    /// Wants something of a mail that has not left; `rev` is the wish that was read with it.
    pub async fn wish(
        &self,
        visitor: Option<&Visitor>,
        asked: &ComingAsked,
        wanted: Wanted,
        rev: i64,
    ) -> Result<ComingMail, DeskError> {
        let mail = self.coming_mail(asked).await?;
        if !mail.is_wishable {
            let wrong = Wrong::new("Den samles af flere og skrives først, når den sendes.");
            return Err(wrong.help("Hold i stedet hver af dem tilbage.").into());
        }
        let subject = self.any(&asked.of).await?;
        let known = self.runner().store().wishes(&[subject.row.id]).await?;
        let known = known
            .into_iter()
            .find(|wish| wish.occurrence == mail.line.occurrence && wish.seat == mail.seat);
        let mut wish = Wish {
            rev,
            by_whom: visitor.map_or_else(
                || "cli".to_owned(),
                |visitor| format!("account {}", visitor.id),
            ),
            at: self.runner().now().as_microsecond(),
            ..known.unwrap_or_else(|| Wish {
                subject_id: subject.row.id,
                occurrence: mail.line.occurrence.clone(),
                seat: mail.seat.clone(),
                ..Wish::default()
            })
        };
        match wanted {
            Wanted::Hold => wish.held = 1,
            Wanted::Go => wish.held = 0,
            Wanted::Template => {
                (wish.subject_line, wish.body, wish.instead_of) = (None, None, None);
            }
            Wanted::Words { subject, text } => {
                self.write_anew(asked, &mut wish, subject, text).await?;
            }
        }
        if !self.runner().store().wish(wish).await? {
            let wrong = Wrong::new("En anden har ændret ved mailen, mens du så på den.");
            return Err(wrong.help("Se den igen, og prøv så.").into());
        }
        self.runner().notify();
        self.coming_mail(asked).await
    }

    /// Other words, for what the template says now.
    async fn write_anew(
        &self,
        asked: &ComingAsked,
        wish: &mut Wish,
        subject: String,
        text: String,
    ) -> Result<(), DeskError> {
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.replace("\r\n", "\n").trim().to_owned();
        let mut wrongs = Vec::new();
        if subject.is_empty() || subject.chars().count() > SUBJECT_MAX {
            let wrong = Wrong::new(format!("Emnet skal være på 1 til {SUBJECT_MAX} tegn."));
            wrongs.push(wrong.column("emne"));
        }
        if text.is_empty() || text.chars().count() > TEXT_MAX {
            let wrong = Wrong::new(format!("Teksten skal være på 1 til {TEXT_MAX} tegn."));
            wrongs.push(wrong.column("tekst"));
        }
        if !wrongs.is_empty() {
            return Err(DeskError::Wrong(wrongs));
        }
        wish.instead_of = Some(self.template_hash(asked).await?);
        (wish.subject_line, wish.body) = (Some(subject), Some(text + "\n"));
        Ok(())
    }

    async fn template_hash(&self, asked: &ComingAsked) -> Result<String, DeskError> {
        let hold = self.cohort(&asked.hold).await?;
        let until = self.runner().now() + SignedDuration::from_hours(24 * AHEAD_DAYS);
        let of = self.any(&asked.of).await?.row.id;
        let what = Copied::Hold(hold.row.id);
        let coming = self.runner().ahead(what, until).await?;
        let found = coming.into_iter().find(|one| {
            one.row.subject_id == of
                && one.row.occurrence == asked.occurrence
                && one.row.seat == asked.seat
        });
        let found = found.ok_or_else(|| Wrong::new("Den mail kommer ikke længere."))?;
        let text = readable::text_of(&found.mail.bytes);
        Ok(hash_of(&found.mail.subject, &text))
    }

    /// As they read, with what is wished of them.
    pub(in crate::runner::desk) async fn coming_mails(
        &self,
        hold: &Context,
        coming: Vec<Coming>,
    ) -> Result<Vec<ComingMail>, DeskError> {
        let rows: Vec<_> = coming.iter().map(|one| one.row.clone()).collect();
        let known = self.known_for(&rows).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.subject_id).collect();
        let stopping = self.stopping().await?;
        let wishes = self.runner().store().wishes(&ids).await?;
        let wishes: HashMap<(i64, &str, &str), &Wish> = (wishes.iter())
            .map(|wish| ((wish.subject_id, &*wish.occurrence, &*wish.seat), wish))
            .collect();
        let mut all = Vec::with_capacity(coming.len());
        for one in &coming {
            let row = &one.row;
            let (Some(context), Some(mut line)) =
                (known.contexts.get(&row.subject_id), known.line(row))
            else {
                continue;
            };
            let text = readable::text_of(&one.mail.bytes);
            let wish = wishes.get(&(row.subject_id, &*row.occurrence, &*row.seat));
            let anew = wish.and_then(|wish| Some((wish.subject_line.clone()?, wish.body.clone()?)));
            let says = hash_of(&one.mail.subject, &text);
            let is_same = wish.is_some_and(|wish| wish.instead_of.as_ref() == Some(&says));
            let words = match (&anew, is_same) {
                (None, _) => Wording::Template,
                (Some(_), true) => Wording::Edited,
                (Some(_), false) => Wording::Overtaken,
            };
            let (about, text) = anew
                .filter(|_| is_same)
                .unwrap_or_else(|| (one.mail.subject.clone(), text));
            (line.about, line.at) = (about, one.at);
            line.local = context.version.workflow.calendar.local(one.at);
            let of = (&context.row.workflow, context.cohort_id());
            if let Some(words) = stopping.words(of.0, of.1, &row.occurrence) {
                (line.is_stopped, line.reason) = (true, Some(words));
            }
            let person = context.row.person_id.and_then(|id| known.people.get(&id));
            all.push(ComingMail {
                of: context.row.public_id.clone(),
                name: person
                    .cloned()
                    .or_else(|| hold.row.title.clone())
                    .unwrap_or_default(),
                seat: row.seat.clone(),
                text,
                is_held: wish.is_some_and(|wish| wish.held != 0),
                words,
                is_wishable: is_wishable(row),
                rev: wish.map_or(0, |wish| wish.rev),
                line,
            });
        }
        Ok(all)
    }
}

fn most() -> usize {
    usize::try_from(LOOKED_AT).unwrap_or(usize::MAX)
}

/// The mail that a subject plans, by when, what and which hold.
fn add_planned(
    context: &Context,
    now: Timestamp,
    until: Timestamp,
    kinds: &mut BTreeMap<(Timestamp, String, String), ComingKind>,
) {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let hold = match (context.subject.kind, &context.cohort) {
        (Kind::Workflow, _) => return,
        (_, Some(hold)) => &hold.row.subject,
        (_, None) => &context.row,
    };
    for planned in plan(&frame, until) {
        if planned.at > until || !is_mail(&planned.what) {
            continue;
        }
        let at = planned.at.max(now);
        let what = what_words(frame.workflow(), &planned.what);
        let key = (at, what.clone(), hold.public_id.clone());
        let kind = kinds.entry(key).or_insert_with(|| ComingKind {
            at,
            local: frame.calendar().local(at),
            what,
            hold: (
                hold.public_id.clone(),
                hold.title.clone().unwrap_or_default(),
            ),
            about: 0,
        });
        kind.about += 1;
    }
}

fn is_mail(what: &What<'_>) -> bool {
    matches!(
        what,
        What::Message(_)
            | What::MeetingReminder(..)
            | What::BookingReminder(..)
            | What::BookingOverdue(_)
            | What::TaskReminder(..)
            | What::OverdueMail(..)
    )
}
