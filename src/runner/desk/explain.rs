//! Why a message was or was not sent: what was decided, what comes, and the mails themselves; of a meeting, what was
//! answered to its invitations.

use jiff::Timestamp;
use serde::Serialize;

use super::{Desk, DeskError, MailLine, MailsAsked, Wrong, words};
use crate::definition::model::{Meeting, Message, Scope, Workflow};
use crate::engine::event::Event;
use crate::engine::frame::Frame;
use crate::engine::plan::{self, What};
use crate::engine::subject::Kind;
use crate::engine::why::{Explanation, RETENTION, why, why_anonymised};
use crate::runner::context::Context;
use crate::store::EventRow;

/// A message explained.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// The case's or hold's id.
    pub id: String,
    /// The candidate's name, or the hold's title.
    pub name: String,
    /// The engine's account.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// Its mails, the oldest first.
    pub mails: Vec<MailLine>,
}

impl Desk {
    /// Explains a message or a meeting of a case, a hold or a workflow.
    pub async fn explain(&self, of: &str, message: &str) -> Result<Explained, DeskError> {
        let context = self.any(of).await?;
        let rows = self.runner().store().history(context.row.id).await?;
        let history: Vec<(Timestamp, Event)> =
            rows.iter().map(read).collect::<Result<_, DeskError>>()?;
        let view = context.view();
        let frame = Frame::new(&view, &context.subject);
        let is_case = context.subject.kind == Kind::Case;
        let explained = why(
            &frame,
            history.iter().map(|(at, event)| (*at, event)),
            message,
        );
        let met = || of_meeting(&frame, &history, message);
        let erased = || why_anonymised(&frame, history.iter().map(|(at, event)| (*at, event)));
        let erased = || erased().filter(|_| is_case && message == RETENTION);
        let explanation = explained.or_else(met).or_else(erased);
        let explanation = explanation.ok_or_else(|| elsewhere(&context, message))?;
        let asked = MailsAsked {
            subject: Some(context.row.id),
            ..MailsAsked::default()
        };
        let mut mails = self.mails(&asked).await?;
        let said = format!("message.{message}@");
        let invites = format!("meeting.{message}#");
        mails.retain(|mail| {
            let of = &mail.occurrence;
            of.starts_with(&said) || of.starts_with(&invites) && of.contains(".invitation")
        });
        mails.reverse();
        let people: Vec<i64> = context.row.person_id.into_iter().collect();
        let name = self
            .names(&people)
            .await?
            .pop()
            .or(context.row.title.clone());
        let name = name.unwrap_or_else(|| context.version.workflow.title.clone());
        Ok(Explained {
            id: context.row.public_id,
            name,
            explanation,
            mails,
        })
    }
}

/// A meeting explained: how it was booked and moved, what was answered to its invitations, and how it went.
fn of_meeting(
    frame: &Frame<'_>,
    history: &[(Timestamp, Event)],
    name: &str,
) -> Option<Explanation> {
    let (workflow, kind) = (frame.workflow(), frame.subject.kind);
    let (declared_in, meeting) = match kind {
        Kind::Workflow => return None,
        Kind::Cohort => ("holdet", find(&workflow.cohort.scope, name)?),
        Kind::Case => (workflow.states.iter()).find_map(|state| {
            let meeting = find(&state.scope, name)?;
            Some((state.title.as_str(), meeting))
        })?,
    };
    let at = |at| {
        let local = frame.calendar().local(at);
        local.strftime("%-d.%-m.%Y kl. %-H.%M").to_string()
    };
    let nobody = |_| String::new();
    let decided = (history.iter())
        .filter(|(_, event)| is_of(event, name))
        .filter_map(|(when, event)| {
            let words = words::event_words(workflow, kind, &nobody, event)?;
            Some((at(*when), words))
        });
    let far = frame.subject.last_at + jiff::SignedDuration::from_hours(24 * 800);
    let booked = plan::plan(frame, far).into_iter().find(
        |planned| matches!(&planned.what, What::Meets(planned, Some(_)) if *planned.name == *name),
    );
    let next = match booked {
        None => "Intet møde er booket.".to_owned(),
        Some(planned) => match super::agenda::answers(frame, &planned).join("; ") {
            none if none.is_empty() => format!("Holdes {}. Ingen har svaret.", at(planned.at)),
            answers => format!("Holdes {}. {answers}.", at(planned.at)),
        },
    };
    Some(Explanation {
        message: name.to_owned(),
        declared_in: declared_in.to_owned(),
        phrase: format!("møde: {}", meeting.title),
        decided: decided.collect(),
        next,
    })
}

fn find<'s>(scope: &'s Scope, name: &str) -> Option<&'s Meeting> {
    scope.meetings.iter().find(|meeting| *meeting.name == *name)
}

fn is_of(event: &Event, name: &str) -> bool {
    match event {
        Event::Booked { meeting, .. }
        | Event::Met { meeting, .. }
        | Event::Answered { meeting, .. }
        | Event::Lapsed { meeting, .. } => **meeting == *name,
        _ => false,
    }
}

pub(super) fn read(row: &EventRow) -> Result<(Timestamp, Event), DeskError> {
    let at = Timestamp::from_microsecond(row.at).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok((at, serde_json::from_str(&row.payload)?))
}

/// Where the message is declared instead, or which there are.
fn elsewhere(context: &Context, message: &str) -> DeskError {
    let workflow = &context.version.workflow;
    let kind = context.subject.kind;
    let is_named = |kind: Kind| {
        messages(workflow, kind)
            .iter()
            .any(|known| *known.name == *message)
    };
    let wrong = Wrong::new(format!("Der er ingen mail »{message}« her."));
    let other = [
        (Kind::Cohort, "Den hører til holdet: tovholder why HOLD "),
        (
            Kind::Case,
            "Den hører til kandidatens forløb: tovholder why KANDIDAT ",
        ),
        (
            Kind::Workflow,
            "Den går på tværs af hold: tovholder why WORKFLOW ",
        ),
    ];
    if let Some((_, help)) = other
        .iter()
        .find(|(other, _)| *other != kind && is_named(*other))
    {
        return wrong.help(format!("{help}{message}")).into();
    }
    let known = messages(workflow, kind);
    Wrong {
        help: words::did_you_mean(message, known.iter().map(|known| &*known.name)),
        ..wrong
    }
    .into()
}

pub(super) fn messages(workflow: &Workflow, kind: Kind) -> Vec<&Message> {
    match kind {
        Kind::Case => workflow
            .states
            .iter()
            .flat_map(|state| &state.scope.messages)
            .collect(),
        Kind::Cohort => workflow.cohort.scope.messages.iter().collect(),
        Kind::Workflow => workflow.scope.messages.iter().collect(),
    }
}
