//! Before mail leaves: is it still wanted, what does it say, to whom? Then its bytes are frozen.
//!
//! Everything a mail says is read when it is about to leave, and the store takes the frozen bytes
//! only if none of that has changed in the meantime.

mod beside;
mod bytes;
mod fence;
mod let_go;
mod merged;
mod ration;
mod read;
mod recipients;
mod says;
mod secrets;
mod series;
mod shipped;
mod wanted;
mod wished;

use bytes::{frozen, hex, told};
use fence::{announced_to, fence, leaving};
pub(super) use let_go::Fate;
use ration::ration;
use read::{Read, intent_in, intent_of};
use recipients::{operator, recipients};
use says::{gathered, of_one};
use wanted::wanted;
use wished::wished;
pub(super) use wished::{hash_of, is_wishable};

use super::context::Context;
use super::data::{self, Known, Recipient};
use super::links::answer;
use super::links::unsubscribe::{self, is_announcement};
use super::reason::Reason;
use super::seats::parts;
use super::{RunError, Runner};
use crate::clock::Clock;
use crate::engine::effect::{About, Intent};
use crate::engine::subject::{self, Subject};
use crate::message::{Mail, MailParts, Mailbox, Rendered, message_id};
use crate::store::{Cancel, Freeze, OutboxRow};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::fmt;

/// What becomes of a mail whose time has come.
pub(super) enum Prepared {
    /// It leaves.
    Send(Box<Leaving>),
    /// It leaves within another.
    Merged,
    /// It is not wanted any more.
    Cancel(Cancel),
    /// A person has to look.
    Hold(String),
    /// Not on this day or at this hour, µs UTC.
    PutOff(i64),
}

/// A mail that leaves.
pub(super) struct Leaving {
    pub freeze: Freeze,
    pub mail: Mail,
    /// What it was made of.
    parts: MailParts,
    /// All it goes to, in one word.
    recipients: String,
}

/// A word why a mail does not leave, or a failure.
enum No {
    Cancel(Reason),
    /// As the outbox keeps it.
    Hold(String),
}

impl Runner {
    /// Decides and renders a batch of mails. Nothing is written. A mail whose case cannot be read
    /// waits for a person, and keeps none of the others back.
    pub(super) async fn prepare(
        &self,
        rows: &[OutboxRow],
        now: Timestamp,
    ) -> Result<Vec<Prepared>, RunError> {
        match self.prepare_together(rows, now).await {
            Ok(prepared) => Ok(prepared),
            // The store's own failure is nobody's fault, and passes; what is damaged in it does not.
            Err(RunError::Store(error)) if !error.is_broken_seal() => Err(error.into()),
            Err(error) if rows.len() == 1 => {
                Ok(vec![Prepared::Hold(Reason::Unreadable.about(error))])
            }
            Err(_) => {
                let mut prepared = Vec::with_capacity(rows.len());
                for row in rows {
                    let alone = self.prepare(std::slice::from_ref(row), now);
                    prepared.extend(Box::pin(alone).await?);
                }
                Ok(prepared)
            }
        }
    }

    async fn prepare_together(
        &self,
        rows: &[OutboxRow],
        now: Timestamp,
    ) -> Result<Vec<Prepared>, RunError> {
        let read = self.read_for(rows).await?;
        let mut prepared: Vec<Prepared> = (rows.iter())
            .map(|row| self.prepare_one(row, &read, now))
            .collect();
        self.merge(rows, &read, &mut prepared);
        Ok(prepared)
    }

    fn prepare_one(&self, row: &OutboxRow, read: &Read, now: Timestamp) -> Prepared {
        let Some(context) = read.contexts.get(&row.subject_id) else {
            return Prepared::Hold(Reason::Gone.stored());
        };
        // A scaled clock runs hours while the mailer takes a breath; there the planned moment counts.
        let moment = match self.clock() {
            Clock::Scaled(_) => self.date(row, now),
            Clock::Real | Clock::Shared(_) | Clock::Manual(_) => now,
        };
        let open = context.version.workflow.calendar.open_at_or_after(moment);
        if open > moment {
            return Prepared::PutOff(open.as_microsecond());
        }
        self.decide_one((row, context), read, (now, moment))
    }

    fn decide_one(
        &self,
        (row, context): (&OutboxRow, &Context),
        read: &Read,
        (now, moment): (Timestamp, Timestamp),
    ) -> Prepared {
        match self.compose(row, context, read, now) {
            Ok((parts, persons)) => self.bind(row, read, parts, &persons, (context, moment)),
            Err(No::Cancel(reason)) => Prepared::Cancel(Cancel {
                fence: fence(row, read),
                reason: reason.stored(),
            }),
            Err(No::Hold(reason)) => Prepared::Hold(reason),
        }
    }

    /// Freezes the bytes and names what they were made from.
    fn bind(
        &self,
        row: &OutboxRow,
        read: &Read,
        parts: MailParts,
        persons: &[i64],
        (context, moment): (&Context, Timestamp),
    ) -> Prepared {
        let told = told(&parts);
        let newest = read.told.get(&row.id).and_then(Option::as_ref);
        let withdraws = row.method.as_deref() == Some("cancel");
        if withdraws && newest.is_none() && !asked(row) {
            return Prepared::Cancel(Cancel {
                fence: fence(row, read),
                reason: Reason::NothingToWithdraw.stored(),
            });
        }
        let nothing_new = newest == Some(&told) && !withdraws;
        if nothing_new && !asked(row) && !said_again(row) {
            return Prepared::Cancel(Cancel {
                fence: fence(row, read),
                reason: Reason::NothingNew.stored(),
            });
        }
        let (mail, bytes) = match frozen(self.settings(), row, &parts) {
            Ok(frozen) => frozen,
            Err(No::Hold(reason)) => return Prepared::Hold(reason),
            Err(No::Cancel(reason)) => return Prepared::Hold(reason.stored()),
        };
        let address = mail.recipients.join(", ");
        let most = self.settings().recipient_max;
        let calendar = &context.version.workflow.calendar;
        let freeze = Freeze {
            fence: leaving(row, read, context, &parts),
            frozen: bytes,
            subject_line: mail.subject.clone(),
            domain: address.rsplit('@').next().unwrap_or_default().to_owned(),
            address,
            person_id: persons.first().copied(),
            told,
            node: self.settings().node.clone(),
            digest: beside::told(row, read),
            ration: ration(row, read, &parts.to, most, (calendar, moment)),
            merged: Vec::new(),
        };
        debug_assert_eq!(context.row.id, row.subject_id);
        Prepared::Send(Box::new(Leaving {
            recipients: ration::addresses(&parts.to).join(", "),
            freeze,
            mail,
            parts,
        }))
    }

    /// What the mail says and to whom, or why it does not leave.
    fn compose(
        &self,
        row: &OutboxRow,
        context: &Context,
        read: &Read,
        now: Timestamp,
    ) -> Result<(MailParts, Vec<i64>), No> {
        let items = read.items.get(&row.id);
        let json = items
            .and_then(|items| items.first())
            .map_or(&row.intent, |item| &item.intent);
        let intent: Intent = serde_json::from_str(json).map_err(unreadable)?;
        let known = self.known(read);
        // What nobody wants any more waits for nobody to have the role either.
        if items.is_none() && !asked(row) {
            wanted(context, &intent, now)?;
        }
        let (to, persons, recipient) = match intent.about {
            About::LateLot { .. } => operator(self.settings())?,
            _ => recipients(row, context, read)?,
        };
        if persons.iter().any(|person| {
            read.siblings
                .get(&row.id)
                .is_some_and(|known| known.contains(person))
        }) {
            return Err(No::Cancel(Reason::ToldInOtherRole));
        }
        let announced = is_announcement(context, &intent);
        let wants_none = |pair| read.announced.suppressed.contains(pair);
        if announced && announced_to(row, context, &to).iter().any(wants_none) {
            return Err(No::Cancel(Reason::Unsubscribed));
        }
        let rendered = words(row, context, &intent, read, &recipient, &known, now)?;
        let rendered = match read.wish(row) {
            Some(wish) => wished(row, wish, rendered)?,
            None => rendered,
        };
        let contact = data::contact_person(context, &known)
            .and_then(|(_, person)| Mailbox::parse(&person.name, person.email.as_deref()?).ok());
        // Whoever is passed somebody's words answers them.
        let writer = read
            .replies
            .get(&row.id)
            .and_then(|reply| Mailbox::parse("", reply.from_address.as_deref()?).ok());
        let reply_to = writer.or(contact);
        let stamp = Timestamp::from_microsecond(row.created_at).unwrap_or(now);
        let invitation = self.invitation(row, context, &intent, &rendered.text, &to, stamp);
        if let Some(secret) = secrets::secret(&rendered, invitation.as_ref(), context, &known) {
            return Err(No::Hold(secret));
        }
        let parts = MailParts {
            message_id: message_id(&row.public_id, &self.settings().mail_host),
            date: self.date(row, now),
            zone: context.version.workflow.calendar.zone().clone(),
            from: self.settings().from.clone(),
            reply_to,
            to,
            rendered,
            language: context.version.workflow.language.clone(),
            logo: self.settings().logo.clone(),
            thread: self.thread(row, context, &intent),
            invitation,
            list_unsubscribe: announced.then(|| unsubscribe_at(row, read, &known)),
        };
        Ok((parts, persons))
    }

    /// Of mails that were sent, those that would read otherwise if their hold were another.
    pub(in crate::runner) async fn that_read_otherwise(
        &self,
        rows: &[OutboxRow],
        id: i64,
        hold: &Subject,
    ) -> Result<HashSet<i64>, RunError> {
        let read = self.read_for(rows).await?;
        let known = self.known(&read);
        let now = self.now();
        let says = |row: &OutboxRow, context: &Context| {
            let intent = intent_in(context, &row.intent).ok()?;
            let (_, _, recipient) = recipients(row, context, &read).ok()?;
            let rendered = words(row, context, &intent, &read, &recipient, &known, now).ok()?;
            Some((rendered.subject, rendered.text))
        };
        let otherwise = rows.iter().filter(|row| {
            let context = read.contexts.get(&row.subject_id);
            context.is_some_and(|context| {
                says(row, context) != says(row, &context.with_hold(id, hold))
            })
        });
        Ok(otherwise.map(|row| row.id).collect())
    }

    fn known<'r>(&'r self, read: &'r Read) -> Known<'r> {
        Known {
            people: &read.people,
            organisations: &read.organisations,
            texts: &read.texts,
            settings: self.settings(),
        }
    }

    /// The `Date` of a mail: when it was to leave, as long as it leaves about then. So a mail reads the
    /// same whether the mailer came to it a moment sooner or later.
    fn date(&self, row: &OutboxRow, now: Timestamp) -> Timestamp {
        let planned = Timestamp::from_microsecond(row.not_before).unwrap_or(now);
        if now.duration_since(planned) > self.late_after() {
            now
        } else {
            planned
        }
    }
}

/// What a mail says, to whoever gets it.
fn words(
    row: &OutboxRow,
    context: &Context,
    intent: &Intent,
    read: &Read,
    recipient: &Recipient,
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Rendered, No> {
    let items = read.items.get(&row.id);
    let subject = &context.subject;
    let mut data = data::base(context, subject, recipient, known, items.is_some());
    data.extend(match items {
        Some(items) => gathered(items, read, known, now)?,
        None => of_one(row, context, intent, read, known, now)?,
    });
    if is_announcement(context, intent) {
        data.insert("unsubscribe".into(), json!(page(row, read, known)));
    }
    if subject.kind == subject::Kind::Case && items.is_none() {
        data.insert("answers".into(), answers(row, context, read, known));
    }
    if intent.about == About::Reply {
        data.insert("reply".into(), says::reply(row, context, read, known)?);
    }
    if let About::LateLot { lot } = intent.about {
        data.insert("late".into(), says::late(row, lot, context, read)?);
    }
    let data = Json::Object(data);
    debug_assert_eq!(
        data::misfit(
            &context.version.workflow,
            subject.kind,
            intent,
            items.is_some(),
            parts(&row.seat).0,
            &data,
        ),
        None,
        "the names of the mail {:?} are as templates are checked against",
        intent.name
    );
    shipped::render(context, &intent.templates, &data)
}

/// The first of an intent's templates that there is.
fn template_of<'i>(context: &Context, intent: &'i Intent) -> Option<&'i String> {
    let language = &context.version.workflow.language;
    let mut tried = intent.templates.iter();
    tried.find(|name| context.version.templates.has(language, name))
}

/// The pages on which the reader of a mail about a case answers it, by event; empty where it is not offered now.
fn answers(row: &OutboxRow, context: &Context, read: &Read, known: &Known<'_>) -> Json {
    let role = parts(&row.seat).0;
    let from = Timestamp::from_microsecond(row.not_before).unwrap_or_default();
    let secret = known
        .settings
        .base_url
        .as_deref()
        .zip(read.secret.as_deref());
    let link = |event: &str| answer::link(secret?, context, (role, event), from);
    let all = answer::answerable(&context.version.workflow, role);
    let all = all.into_iter();
    Json::Object(
        all.map(|(event, _)| (event.to_string(), json!(link(event))))
            .collect(),
    )
}

/// The page on which the reader of an announcement can unsubscribe, when there are pages.
fn page(row: &OutboxRow, read: &Read, known: &Known<'_>) -> Option<String> {
    let base = known.settings.base_url.as_ref()?;
    unsubscribe::link(base, read.secret.as_ref()?, &row.public_id)
}

/// What `List-Unsubscribe` says: the page, or else whom to write to. A page that is not encrypted is none
/// for a mail program (RFC 8058, 3.1).
fn unsubscribe_at(row: &OutboxRow, read: &Read, known: &Known<'_>) -> String {
    let page = page(row, read, known).filter(|page| page.starts_with("https://"));
    page.unwrap_or_else(|| format!("mailto:{}?subject=Afmeld", known.settings.from.address()))
}

/// It cannot be written; what failed is told as it is, since it is for whoever mends it.
fn unreadable(error: impl fmt::Display) -> No {
    No::Hold(Reason::Unreadable.about(error))
}

/// A person wants it sent, whatever has been said before.
fn asked(row: &OutboxRow) -> bool {
    row.reason.as_deref() == Some("asked")
}

/// A person wants it said again, at its time, if it is still wanted then.
fn said_again(row: &OutboxRow) -> bool {
    row.revision > 0 && serde_json::from_str::<Intent>(&row.intent).is_ok_and(|intent| intent.again)
}
