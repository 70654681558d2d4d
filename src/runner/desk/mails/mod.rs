//! The outbox as people see it: what leaves when, to whom, what it says, and steering it by hand.

mod coming;
mod early;
mod line;
mod readable;
pub(super) mod refused;
mod steer;

pub use self::coming::{
    AHEAD_DAYS, ComingAsked, ComingFirst, ComingKind, ComingMail, Wanted, Wording,
};
pub use self::early::Early;
pub use self::readable::part_of;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;

use super::{Desk, DeskError, Wrong};
use crate::engine::subject::Kind;
use crate::message::Mail;
use crate::runner::context::Context;
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
    /// It does not leave, since somebody has stopped mail; `reason` says who, and why.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_stopped: bool,
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

fn no_mail(id: i64) -> Wrong {
    Wrong::new(format!("Der er ingen mail {id}.")).help("Se dem med: tovholder outbox list")
}
