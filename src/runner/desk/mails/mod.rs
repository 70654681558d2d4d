//! The outbox as people see it: what leaves when, to whom, what it says, and steering it by hand.

mod coming;
mod readable;
pub(super) mod refused;

pub use self::coming::{AHEAD_DAYS, ComingAsked, ComingFirst, ComingKind, ComingMail, Wanted};
pub use self::readable::part_of;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;

use super::{Desk, DeskError, Wrong, words};
use crate::definition::model::{CANDIDATE, JOBCENTRE};
use crate::engine::effect::{About, Intent};
use crate::engine::subject::Kind;
use crate::message::Mail;
use crate::runner::context::Context;
use crate::runner::reason::{Reason, reason_words};
use crate::runner::seats;
use crate::store::{OutboxFilter, OutboxRow, Status};

/// More than anybody reads in one list.
const LISTED_MAX: i64 = 10_000;

/// Which mails to list.
#[derive(Clone, Debug, Default)]
pub struct MailsAsked {
    /// Where they stand.
    pub status: Option<Status>,
    /// Of a hold and its cases, by id or title.
    pub cohort: Option<String>,
    /// Of one subject, by row id.
    pub subject: Option<i64>,
    /// Not those that somebody has seen to.
    pub unseen: bool,
    /// Only those that are older than this one.
    pub before: Option<i64>,
    /// At most so many, the newest first.
    pub limit: Option<i64>,
}

/// A mail in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MailLine {
    /// Its number.
    pub id: i64,
    /// Its Message-ID without the host.
    pub message_id: String,
    /// Where it stands.
    pub status: Status,
    /// Why, in the mailer's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the mail server's refusal means, in Danish, where it has a code that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<&'static str>,
    /// When it leaves, or left, or was settled.
    pub at: Timestamp,
    /// The same, local to the workflow.
    #[schema(value_type = String)]
    pub local: DateTime,
    /// To whom: the address once it is frozen, before that whoever has the seat now.
    pub to: String,
    /// The subject once it is frozen, before that what it is about.
    pub about: String,
    /// Whose: `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The lot of late mail it is held with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<i64>,
    /// How often it was tried.
    pub attempts: i64,
    /// The mail in whose bytes it left, or is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<i64>,
}

/// A mail with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MailText {
    /// As in a list.
    #[serde(flatten)]
    pub line: MailLine,
    /// The text body; none as long as the mail is not frozen.
    pub text: Option<String>,
    /// The message as it goes over the wire.
    pub raw: Option<String>,
    /// What the mail server said last; of a refusal in Danish first, then in its own words.
    pub answer: Option<String>,
    /// Where it stands among what leaves in the next two weeks, as long as it has no words of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coming: Option<ComingAsked>,
    /// What has come back of it, the newest first; Danish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<String>,
}

/// Where mail stands, in Danish.
#[must_use]
pub fn status_words(status: Status) -> &'static str {
    match status {
        Status::Queued => "i kø",
        Status::Held => "holdt tilbage",
        Status::Sending => "på vej",
        Status::Retry => "prøves igen",
        Status::Sent => "sendt",
        Status::Failed => "afvist",
        Status::Unknown => "uvis",
        Status::Cancelled => "bortfaldet",
    }
}

impl Desk {
    /// Mails, the newest first.
    pub async fn mails(&self, asked: &MailsAsked) -> Result<Vec<MailLine>, DeskError> {
        let cohort = match &asked.cohort {
            Some(typed) => Some(self.cohort(typed).await?.row.id),
            None => None,
        };
        let limit = asked.limit.unwrap_or(LISTED_MAX);
        let filter = OutboxFilter {
            status: asked.status,
            cohort,
            subject: asked.subject,
            unseen: asked.unseen,
            before: asked.before,
            limit,
        };
        let rows = self.runner().store().outbox(self.sees, &filter).await?;
        if asked.subject.is_none() {
            let about: BTreeSet<i64> = rows.iter().map(|row| row.subject_id).collect();
            self.saw(&about.into_iter().collect::<Vec<_>>(), "outbox")
                .await?;
        }
        self.lines(&rows).await
    }

    /// One mail, with what it says.
    pub async fn mail(&self, id: i64) -> Result<MailText, DeskError> {
        let row = self.outbox_row(id).await?;
        self.saw(&[row.subject_id], "mail").await?;
        let mut lines = self.lines(std::slice::from_ref(&row)).await?;
        let line = lines.pop().ok_or_else(|| no_mail(id))?;
        let bytes = match row.merged_into {
            Some(into) => self.outbox_row(into).await?.frozen,
            None => row.frozen.clone(),
        };
        let frozen = bytes.as_ref().filter(|bytes| !bytes.is_empty());
        let mail: Option<Mail> = frozen
            .map(|bytes| serde_json::from_slice(bytes))
            .transpose()?;
        let text = mail.as_ref().map(|mail| readable::text_of(&mail.bytes));
        let raw = mail.map(|mail| String::from_utf8_lossy(&mail.bytes).into_owned());
        let back = self.runner().store().received_of(row.id).await?;
        let returned = back
            .iter()
            .map(|one| {
                let said = one
                    .words
                    .as_ref()
                    .map_or_else(String::new, |words| format!(": {words}"));
                format!("{}{said}", super::received::back_words(one))
            })
            .collect();
        let is_open = matches!(row.status, Status::Queued | Status::Retry) && text.is_none();
        let context = self.runner().contexts(&[row.subject_id]).await?.pop();
        let context = context.filter(|_| is_open && row.group_key.is_none());
        Ok(MailText {
            coming: context.and_then(|context| asked_of(&context, &row)),
            line,
            text,
            raw,
            answer: row.answer.as_deref().map(refused::in_danish),
            returned,
        })
    }

    /// Sends now what waits for its time; outside of the hours of the workflow as soon as they begin.
    pub async fn send_mail_now(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().send_row_now(id, now).await?;
        self.steered(id, done).await
    }

    /// Tries now what failed or waits for its next try.
    pub async fn retry_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().retry_row(id, now).await?;
        self.steered(id, done).await
    }

    /// Somebody has seen to what was refused for good, in another way than by trying again: it waits for nobody
    /// any more, and says when.
    pub async fn seen_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        let row = self.outbox_row(id).await?;
        let context = self.runner().contexts(&[row.subject_id]).await?.pop();
        let now = self.runner().now();
        let local = match &context {
            Some(context) => context.version.workflow.calendar.local(now),
            None => now.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
        };
        let reason = Reason::Seen.about(local.strftime("%d.%m.%Y kl. %H.%M"));
        let done = self.runner().store().seen_row(id, &reason).await?;
        self.steered(id, done).await
    }

    /// Lets go what is held, or takes on that what is `unknown` may arrive twice.
    pub async fn release_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().release_row(id, now).await?;
        self.steered(id, done).await
    }

    /// Lets go a whole lot of late mail; answers how much.
    pub async fn release_lot(&self, lot: i64) -> Result<u64, DeskError> {
        let released = self.runner().store().release_lot(lot).await?;
        if released == 0 {
            let lots = self.runner().store().lots().await?;
            let lots: Vec<String> = lots
                .iter()
                .map(|row| format!("{} ({} mails)", row.lot, row.mails))
                .collect();
            let wrong = Wrong::new(format!("Der holdes ingen mails tilbage i parti {lot}."));
            let help = if lots.is_empty() {
                "Ingen mails holdes tilbage.".to_owned()
            } else {
                format!("Der er {}.", lots.join(", "))
            };
            return Err(wrong.help(help).into());
        }
        self.runner().notify();
        Ok(released)
    }

    /// Whether mail leaves.
    pub async fn is_mail_on(&self) -> Result<bool, DeskError> {
        Ok(self.runner().store().cluster().await?.mail_on)
    }

    /// Lets mail leave, or none: it is decided and queued as ever.
    pub async fn set_mail_on(&self, on: bool) -> Result<(), DeskError> {
        self.runner().store().set_mail_on(on).await?;
        self.runner().notify();
        Ok(())
    }

    async fn steered(&self, id: i64, done: bool) -> Result<MailLine, DeskError> {
        let row = self.outbox_row(id).await?;
        if !done {
            let help = match row.status {
                Status::Held | Status::Unknown => {
                    format!("Lad den gå med: tovholder outbox release {id}")
                }
                Status::Failed | Status::Retry => {
                    format!("Prøv den igen med: tovholder outbox retry {id}")
                }
                Status::Queued => "Den sendes af sig selv, når dens tid kommer.".to_owned(),
                Status::Sending => "Vent, til forsøget er slut.".to_owned(),
                Status::Sent => "Den er sendt.".to_owned(),
                Status::Cancelled => {
                    "Den var ikke længere aktuel, da den skulle sendes.".to_owned()
                }
            };
            let message = format!(
                "Mail {id} er {}; det kan ikke gøres med den.",
                status_words(row.status)
            );
            return Err(Wrong::new(message).help(help).into());
        }
        self.runner().notify();
        self.lines(&[row])
            .await?
            .pop()
            .ok_or_else(|| no_mail(id).into())
    }

    pub(in crate::runner::desk) async fn outbox_row(
        &self,
        id: i64,
    ) -> Result<OutboxRow, DeskError> {
        self.runner()
            .store()
            .outbox_row(self.sees, id)
            .await?
            .ok_or_else(|| no_mail(id).into())
    }

    pub(in crate::runner::desk) async fn lines(
        &self,
        rows: &[OutboxRow],
    ) -> Result<Vec<MailLine>, DeskError> {
        let known = self.known_for(rows).await?;
        Ok(rows.iter().filter_map(|row| known.line(row)).collect())
    }

    async fn known_for(&self, rows: &[OutboxRow]) -> Result<Known, DeskError> {
        let store = self.runner().store();
        // A seat `candidate:CASE` names a case that is not the row's own subject.
        let named = rows.iter().filter_map(|row| match seats::parts(&row.seat) {
            (CANDIDATE, id) => id,
            _ => None,
        });
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.subject_id).chain(named).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let contexts: HashMap<i64, Context> = self
            .runner()
            .contexts(&ids)
            .await?
            .into_iter()
            .map(|context| (context.row.id, context))
            .collect();
        let (mut people, mut organisations) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            let Some(context) = contexts.get(&row.subject_id) else {
                continue;
            };
            people.extend(seats::holders(context, &context.subject, &row.seat));
            organisations.extend(seats::parts(&row.seat).1);
        }
        for context in contexts.values() {
            people.extend(context.row.person_id);
            organisations.extend(context.row.organisation_id);
        }
        let people: Vec<i64> = people.into_iter().collect();
        let organisations: Vec<i64> = organisations.into_iter().collect();
        let people = store
            .people(&people)
            .await?
            .into_iter()
            .map(|(id, person)| (id, person.name));
        let organisations = store
            .organisations(&organisations)
            .await?
            .into_iter()
            .map(|(id, one)| (id, one.name));
        Ok(Known {
            people: people.collect(),
            organisations: organisations.collect(),
            contexts,
        })
    }
}

/// What is needed to say whom a mail goes to.
struct Known {
    contexts: HashMap<i64, Context>,
    people: HashMap<i64, String>,
    organisations: HashMap<i64, String>,
}

impl Known {
    fn line(&self, row: &OutboxRow) -> Option<MailLine> {
        let context = self.contexts.get(&row.subject_id)?;
        let at = row.settled_at.unwrap_or(row.not_before);
        let at = Timestamp::from_microsecond(at).ok()?;
        Some(MailLine {
            id: row.id,
            message_id: row.public_id.clone(),
            status: row.status,
            reason: row.reason.as_deref().map(reason_words),
            refused: (row.answer.as_deref())
                .filter(|_| matches!(row.status, Status::Failed | Status::Retry))
                .and_then(refused::means),
            at,
            local: context.version.workflow.calendar.local(at),
            to: row
                .address
                .clone()
                .unwrap_or_else(|| self.seat(row, context)),
            about: row.subject_line.clone().unwrap_or_else(|| about(row)),
            occurrence: row.occurrence.clone(),
            lot: row.late_lot.filter(|_| row.status == Status::Held),
            attempts: row.attempt,
            merged_into: row.merged_into,
        })
    }

    fn seat(&self, row: &OutboxRow, context: &Context) -> String {
        let (role, id) = seats::parts(&row.seat);
        let person = |id: i64| {
            self.people
                .get(&id)
                .filter(|name| !name.is_empty())
                .cloned()
        };
        let names: Vec<String> = match (role, id) {
            (JOBCENTRE, id) => {
                let id = id.or(context.row.organisation_id);
                id.and_then(|id| self.organisations.get(&id))
                    .cloned()
                    .into_iter()
                    .collect()
            }
            (CANDIDATE, Some(case)) => {
                let case = self.contexts.get(&case).and_then(|case| case.row.person_id);
                case.and_then(person).into_iter().collect()
            }
            _ => seats::holders(context, &context.subject, &row.seat)
                .into_iter()
                .filter_map(person)
                .collect(),
        };
        if names.is_empty() && role == seats::OPERATOR {
            return "driften".to_owned();
        }
        if names.is_empty() {
            return format!(
                "(ingen er {})",
                words::role_words(&context.version.workflow, role)
            );
        }
        names.join(", ")
    }
}

/// How a mail about a hold or its cases is asked for before it leaves.
fn asked_of(context: &Context, row: &OutboxRow) -> Option<ComingAsked> {
    let hold = match context.subject.kind {
        Kind::Workflow => return None,
        Kind::Cohort => &context.row,
        Kind::Case => &context.cohort.as_ref()?.row.subject,
    };
    Some(ComingAsked {
        hold: hold.public_id.clone(),
        of: context.row.public_id.clone(),
        occurrence: row.occurrence.clone(),
        seat: row.seat.clone(),
    })
}

/// What a mail is about before it has a subject: its template, and the thing it follows from.
fn about(row: &OutboxRow) -> String {
    let Ok(intent) = serde_json::from_str::<Intent>(&row.intent) else {
        // A bundle's intents are those of its items.
        let name = row.occurrence.split('@').next().unwrap_or_default();
        return format!("{} (samlet)", name.strip_prefix("message.").unwrap_or(name));
    };
    let template = intent.templates.last().map_or("", String::as_str);
    match intent.about {
        About::Message | About::LateLot { .. } => template.to_owned(),
        _ => format!("{template} ({})", intent.name),
    }
}

fn no_mail(id: i64) -> Wrong {
    Wrong::new(format!("Der er ingen mail {id}.")).help("Se dem med: tovholder outbox list")
}
