//! What follows from a mail that has come in: which of our mails, which case and which person it is about, and
//! what becomes of it. What it *is* has been read before, without a database, by [`intake`](crate::intake).
//!
//! A mail may come twice: it is fetched again after a crash, and delivered again by servers. Everything that
//! follows from it therefore hangs on one key, made of what the mail says.

mod decide;
mod rounds;

pub use self::rounds::serve_and_take_in;

use jiff::SignedDuration;

use self::decide::{decide, kept, key};
use super::advance::operator;
use super::context::Context;
use super::{RunError, Runner};
use crate::engine::effect::{About, Intent};
use crate::engine::input::Input;
use crate::engine::subject::Said;
use crate::fetch::{FetchError, Inbox, Place};
use crate::intake::{Answer, Incoming, Kind, Ours, Says, read};
use crate::store::{
    MailboxRow, OutboxFilter, OutboxNew, OutboxRow, ReceivedNew, Sees, Status, SubjectRow,
};

/// How long a process may be silent about a mailbox that it reads before another reads it.
const TURN: SignedDuration = SignedDuration::from_mins(5);

/// Of so many mails of a case, those that invite to a meeting are looked for.
const INVITATIONS_MAX: i64 = 1000;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It had been taken before.
    Again,
    /// It is kept, and nobody has to do anything.
    Kept,
    /// Somebody has to look at it.
    Open,
    /// It is one of ours that has come round: nothing is kept of it.
    Own,
}

/// What a round of fetching came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntakeRound {
    /// Another process is reading the mailbox.
    pub busy: bool,
    /// Mails that were not known.
    pub new: usize,
    /// Of these, such as somebody has to look at.
    pub open: usize,
    /// Mails that were known, or our own.
    pub again: usize,
}

/// Why mail could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The mailbox could not be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What was read could not be kept.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<crate::store::StoreError> for IntakeError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Run(error.into())
    }
}

/// What a mail is about, as far as it is known.
#[derive(Default)]
struct Found {
    row: Option<OutboxRow>,
    context: Option<Context>,
    /// Who wrote it.
    person: Option<i64>,
}

impl Runner {
    /// Takes in what a mailbox holds that is new, each mail marked as read only when it is kept.
    pub async fn intake_round(&self, inbox: &Inbox) -> Result<IntakeRound, IntakeError> {
        let (name, node) = (inbox.name(), self.settings().node.clone());
        let now = self.now();
        let until = (now + TURN).as_microsecond();
        let taken = self
            .store()
            .take_mailbox(&name, &node, now.as_microsecond(), until)
            .await?;
        let Some(seen) = taken else {
            return Ok(IntakeRound {
                busy: true,
                ..IntakeRound::default()
            });
        };
        let round = self.read_inbox(inbox, &name, seen).await;
        self.store().leave_mailbox(&name, &node).await?;
        round
    }

    async fn read_inbox(
        &self,
        inbox: &Inbox,
        name: &str,
        seen: MailboxRow,
    ) -> Result<IntakeRound, IntakeError> {
        let mut round = IntakeRound::default();
        let place = Place {
            validity: seen.validity,
            last_uid: seen.last_uid,
        };
        let mut open = inbox.open(place).await?;
        while let Some(letter) = open.next().await? {
            match self.take_in(&letter.bytes).await? {
                Taken::Again | Taken::Own => round.again += 1,
                Taken::Kept => round.new += 1,
                Taken::Open => {
                    round.new += 1;
                    round.open += 1;
                }
            }
            open.done(&letter)?;
            let read = MailboxRow {
                validity: letter.place.validity,
                last_uid: letter.place.last_uid,
            };
            let until = (self.now() + TURN).as_microsecond();
            let node = &self.settings().node;
            if !self.store().read_mailbox(name, node, read, until).await? {
                // Another took it for dead and goes on from here; what both have read is kept once.
                break;
            }
        }
        open.close().await;
        Ok(round)
    }

    /// Takes in a mail: keeps it, and does what follows from it. The same mail twice is taken once.
    pub async fn take_in(&self, bytes: &[u8]) -> Result<Taken, RunError> {
        let settings = self.settings();
        let ours = Ours {
            host: &settings.mail_host,
            from: settings.from.address(),
            bounces: settings.bounces.as_deref(),
        };
        let mail = read(bytes, &ours);
        if mail.kind == Kind::Own {
            return Ok(Taken::Own);
        }
        let key = key(&mail);
        if self.store().received_by_key(&key).await?.is_some() {
            return Ok(Taken::Again);
        }
        let new = match &mail.kind {
            Kind::Answer(answer) => self.answered(&mail, answer, &key).await?,
            _ => {
                let found = self.find(&mail).await?;
                decide(&mail, &found, key, self.now(), self)
            }
        };
        let (is_open, has_forward) = (new.is_open, new.forward.is_some());
        let id = self.store().receive(new).await?;
        if has_forward {
            self.inner.mail.notify_one();
        }
        Ok(match id {
            None => Taken::Again,
            Some(_) if is_open => Taken::Open,
            Some(_) => Taken::Kept,
        })
    }

    /// The mail of ours that it is about, else the case of whoever wrote it.
    async fn find(&self, mail: &Incoming) -> Result<Found, RunError> {
        let mut found = Found::default();
        for id in &mail.refers_to {
            if let Some(row) = self.store().outbox_by_public_id(id).await? {
                found.context = self.contexts(&[row.subject_id]).await?.pop();
                found.row = Some(row);
                break;
            }
        }
        if let Some(from) = &mail.from {
            found.person = self.store().person_by_email(from).await?.map(|one| one.id);
        }
        if let (None, Some(person)) = (&found.context, found.person) {
            let cases = self.store().open_cases_of(person).await?;
            // Of several it cannot be told which is meant.
            if let [case] = &cases[..] {
                found.context = self.contexts(&[*case]).await?.pop();
            }
        }
        Ok(found)
    }

    /// An answer to an invitation is recorded on the case or hold, by its own rules.
    async fn answered(
        &self,
        mail: &Incoming,
        answer: &Answer,
        key: &str,
    ) -> Result<ReceivedNew, RunError> {
        let said = said(answer.says);
        let mut new = ReceivedNew {
            detail: Some(word(said).to_owned()),
            ..kept(mail, key.to_owned(), "answer", self.now())
        };
        let Some((name, no, subject)) = self.invited(&answer.uid).await? else {
            new.note = Some("mødet kendes ikke".into());
            return Ok(new);
        };
        new.subject_id = Some(subject.id);
        let row = self
            .invitation_to(&subject, &name, no, &answer.attendee)
            .await?;
        let Some(row) = row else {
            // Somebody whom we have not invited says that they come.
            new.note = Some("er ikke indbudt med den adresse".into());
            new.is_open = said == Said::Declined;
            return Ok(new);
        };
        new.outbox_id = Some(row.id);
        new.person_id = row.person_id;
        let input = Input::Answer {
            meeting: name.as_str().into(),
            no,
            seat: row.seat.clone(),
            said,
            revision: answer.sequence,
            stamp: answer.stamp.or(mail.at).unwrap_or_else(|| self.now()),
        };
        let input_key = format!("received {key}");
        let actor = operator("intake");
        let done = self.input(subject.id, &input, &actor, Some(&input_key));
        match Box::pin(done).await {
            // One that was answered before is no news.
            Ok(done) => {
                let is_news = done.repeated
                    || done.events.iter().any(|(_, event)| {
                        matches!(event, crate::engine::event::Event::Answered { .. })
                    });
                new.is_open = is_news && said == Said::Declined;
                new.note = (!is_news).then(|| "der er et nyere svar".into());
            }
            Err(RunError::Refused(_)) => new.note = Some("mødet er holdt eller aflyst".into()),
            Err(error) => return Err(error),
        }
        Ok(new)
    }

    /// The meeting of a UID as `freeze` writes them: name, number, and whose.
    async fn invited(&self, uid: &str) -> Result<Option<(String, u32, SubjectRow)>, RunError> {
        let Some((name, no, id)) = meeting_of(uid, &self.settings().mail_host) else {
            return Ok(None);
        };
        let found = self.store().subject_by_public_id(Sees::All, &id).await?;
        Ok(found
            .filter(|row| row.public_id == id)
            .map(|row| (name, no, row)))
    }

    /// The newest invitation to a meeting that went to an address.
    async fn invitation_to(
        &self,
        subject: &SubjectRow,
        name: &str,
        no: u32,
        attendee: &str,
    ) -> Result<Option<OutboxRow>, RunError> {
        let filter = OutboxFilter {
            subject: Some(subject.id),
            limit: INVITATIONS_MAX,
            ..OutboxFilter::default()
        };
        let begins = format!("meeting.{name}#{no}.invitation@");
        let rows = self.store().outbox(Sees::All, &filter).await?;
        Ok(rows.into_iter().find(|row| {
            let address = row.address.as_deref().unwrap_or_default().to_lowercase();
            row.occurrence.starts_with(&begins)
                && address.split(", ").any(|known| known == attendee)
        }))
    }

    /// The mail that passes on what somebody wrote, to the hold's contact; none when there is none, or when it
    /// is the contact who wrote it.
    fn forward(&self, context: &Context, key: &str, writer: Option<i64>) -> Option<OutboxNew> {
        let workflow = &context.version.workflow;
        let role = workflow.overdue.as_ref()?.to.first()?;
        let holders = context
            .cohort_people()
            .and_then(|people| people.get(role))
            .or_else(|| context.workflow_people.get(role))?;
        let contact = *holders.first()?;
        if writer == Some(contact) || context.subject.anonymised {
            return None;
        }
        let now = self.now();
        let occurrence = format!("reply.{}@received#1.1", key.get(..16)?);
        let not_before = workflow.calendar.open_at_or_after(now);
        let intent = Intent {
            occurrence: occurrence.clone(),
            revision: 0,
            decided: 0,
            name: key.into(),
            about: About::Reply,
            templates: vec!["reply-forwarded".into()],
            to: vec![role.clone()],
            cases_in: Vec::new(),
            at: now,
            again: false,
            early: false,
            not_before,
            useless_from: None,
            gather_until: None,
            scope: None,
            event: None,
            called_off: None,
            why: "et svar er kommet".into(),
        };
        Some(OutboxNew {
            occurrence,
            seat: format!("{role}:{contact}"),
            revision: 0,
            public_id: uuid::Uuid::now_v7().to_string(),
            method: None,
            status: Status::Queued,
            reason: None,
            priority: 20,
            not_before: not_before.as_microsecond(),
            late_lot: None,
            intent: serde_json::to_string(&intent).ok()?,
        })
    }
}

/// `NAME.NO.SUBJECT@HOST`, as invitations are called.
fn meeting_of(uid: &str, host: &str) -> Option<(String, u32, String)> {
    let (left, right) = uid.rsplit_once('@')?;
    if !right.eq_ignore_ascii_case(host) {
        return None;
    }
    let mut parts = left.rsplitn(3, '.');
    let (id, no, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some((name.to_owned(), no.parse().ok()?, id.to_lowercase()))
}

fn said(says: Says) -> Said {
    match says {
        Says::Accepted => Said::Accepted,
        Says::Declined => Said::Declined,
        Says::Tentative => Said::Tentative,
    }
}

fn word(said: Said) -> &'static str {
    match said {
        Said::Accepted => "accepted",
        Said::Declined => "declined",
        Said::Tentative => "tentative",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_known_by_its_uid() {
        let host = "college.example";
        for (uid, expect) in [
            ("talk.2.0193-a@college.example", Some(("talk", 2, "0193-a"))),
            ("a.b.2.0193@COLLEGE.example", Some(("a.b", 2, "0193"))),
            ("talk.2.0193@other.example", None),
            ("talk@college.example", None),
            ("talk.x.0193@college.example", None),
        ] {
            let found = meeting_of(uid, host);
            let found = found.as_ref().map(|(name, no, id)| (&**name, *no, &**id));
            assert_eq!(found, expect, "{uid}");
        }
    }
}
