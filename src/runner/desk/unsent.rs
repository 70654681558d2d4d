//! Why was this not sent: each mail of a workflow that a case, or its hold to that candidate, has not sent yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::explain::{messages, read};
use super::{Desk, DeskError, status_words};
use crate::definition::model::{CANDIDATE, Message};
use crate::engine::event::Event;
use crate::engine::frame::Frame;
use crate::engine::subject::Kind;
use crate::engine::why::{Explanation, what_comes, why_planned};
use crate::runner::context::Context;
use crate::runner::reason::reason_words;
use crate::store::{EventRow, MailStanding, Status};

/// A mail of the workflow that has not been sent, as `tovholder why` explains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsent {
    /// The engine's account.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// Where it stands in the outbox, as often as it does, and why. Danish.
    pub stands: Vec<String>,
}

impl Desk {
    /// What a case has not sent, in the order of the workflow: its own mails, then its hold's to the candidate.
    pub(super) async fn unsent(
        &self,
        case: &Context,
        history: &[EventRow],
    ) -> Result<Vec<Unsent>, DeskError> {
        let store = self.runner().store();
        let mails = store.mail_about(case.row.id).await?;
        let ids: Vec<i64> = mails.iter().map(|mail| mail.id).collect();
        let stopped = self.stopped_words(&ids).await?;
        let mails = (mails, stopped);
        let workflow = &case.version.workflow;
        let own = messages(workflow, Kind::Case);
        let mut unsent = explained(case, history, &own, &mails)?;
        let hold = messages(workflow, Kind::Cohort).into_iter();
        let hold = hold.filter(|message| message.to.iter().any(|role| **role == *CANDIDATE));
        let hold: Vec<&Message> = hold.collect();
        if let Some(id) = case.row.cohort_id.filter(|_| !hold.is_empty()) {
            let history = store.history(id).await?;
            let context = self.context(id).await?;
            unsent.extend(explained(&context, &history, &hold, &mails)?);
        }
        Ok(unsent)
    }
}

fn explained(
    context: &Context,
    history: &[EventRow],
    messages: &[&Message],
    (mails, stopped): &(Vec<MailStanding>, BTreeMap<i64, String>),
) -> Result<Vec<Unsent>, DeskError> {
    let history: Vec<(Timestamp, Event)> = history.iter().map(read).collect::<Result<_, _>>()?;
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let coming = what_comes(&frame);
    let of = |message: &&Message| {
        let said = format!("message.{}@", message.name);
        let of_message = mails.iter();
        let of_message = of_message.filter(|mail| mail.occurrence.starts_with(&said));
        let mut stands = Vec::new();
        for mail in of_message {
            if mail.status == Status::Sent {
                return None;
            }
            let waits = matches!(mail.status, Status::Queued | Status::Retry);
            let stopped = stopped.get(&mail.id).filter(|_| waits).cloned();
            let why = stopped.or_else(|| mail.reason.as_deref().map(reason_words));
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            stands.push(format!("{}{why}", status_words(mail.status)));
        }
        let history = history.iter().map(|(at, event)| (*at, event));
        let explanation = why_planned(&frame, &coming, history, &message.name)?;
        Some(Unsent {
            explanation,
            stands,
        })
    };
    Ok(messages.iter().filter_map(of).collect())
}
