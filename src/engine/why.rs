//! Words for people: why something happens when it does, why it was or was not sent. Danish.

mod words;

use serde::Serialize;

pub use self::words::{
    anchor_words, day_words, facts_words, fate_words, guard_words, keeps_words, what_words,
    why_words,
};
use super::event::Event;
use super::frame::{COHORT, Frame, WORKFLOW};
use super::plan::{self, Planned};
use super::subject::{Kind, Mark};
use crate::definition::model::{Anchor, Message, MessageTime};

/// Why a message was or was not sent in a case, hold or workflow, from its history and its plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The message's key.
    pub message: String,
    /// Where it is declared: a state's title, "holdet", "forløbet".
    pub declared_in: String,
    /// When the file says it goes.
    pub phrase: String,
    /// What was decided so far, in order, as local day and words.
    pub decided: Vec<(String, String)>,
    /// What comes, or why nothing does.
    pub next: String,
}

/// Explains a message by name; `None` when the workflow declares no such message for this subject.
#[must_use]
pub fn why<'e>(
    frame: &Frame<'_>,
    history: impl IntoIterator<Item = (jiff::Timestamp, &'e Event)>,
    message: &str,
) -> Option<Explanation> {
    why_planned(frame, &what_comes(frame), history, message)
}

/// What is asked for by this name is when a case is anonymised.
pub const RETENTION: &str = "retention";

/// Explains when a case is anonymised, or why it is not; `None` when its workflow does not say.
#[must_use]
pub fn why_anonymised<'e>(
    frame: &Frame<'_>,
    history: impl IntoIterator<Item = (jiff::Timestamp, &'e Event)>,
) -> Option<Explanation> {
    let retention = frame.workflow().retention.as_ref()?;
    let day = |at| {
        let local = frame.calendar().local(at);
        local.strftime("%-d.%-m.%Y kl. %-H.%M").to_string()
    };
    let erased = history.into_iter();
    let erased = erased.filter(|(_, event)| matches!(event, Event::Anonymised));
    let next = match (plan::anonymised_at(frame), plan::keeps(frame)) {
        _ if frame.subject.anonymised => "Sagen er anonymiseret.".to_owned(),
        (None, None) => "Sagen er ikke afsluttet.".to_owned(),
        (None, Some(why)) => format!("Sagen er ikke afsluttet; {}.", keeps_words(why)),
        (Some(at), None) => format!("Sagen anonymiseres {}.", day(at)),
        (Some(at), Some(why)) => {
            format!("Sagen anonymiseres ikke {}: {}.", day(at), keeps_words(why))
        }
    };
    Some(Explanation {
        message: RETENTION.to_owned(),
        declared_in: "forløbet".to_owned(),
        phrase: format!("anonymise: {}", retention.anonymise.text),
        decided: (erased.map(|(at, _)| (day(at), "Sagen blev anonymiseret.".to_owned()))).collect(),
        next,
    })
}

/// What comes, as far as anybody asks why.
#[must_use]
pub fn what_comes<'a>(frame: &Frame<'a>) -> Vec<Planned<'a>> {
    let far = frame.subject.last_at + jiff::SignedDuration::from_hours(24 * 800);
    plan::plan(frame, far)
}

/// The same of several messages, by what comes.
#[must_use]
pub fn why_planned<'e>(
    frame: &Frame<'_>,
    coming: &[Planned<'_>],
    history: impl IntoIterator<Item = (jiff::Timestamp, &'e Event)>,
    message: &str,
) -> Option<Explanation> {
    let (declared_in, state, found) = declared(frame, message)?;
    let declaration = format!("message.{message}");
    let calendar = frame.calendar();
    let decided = history
        .into_iter()
        .filter_map(|(at, event)| match event {
            Event::Decided(decision) if decision.declaration == declaration => {
                let when = calendar
                    .local(at)
                    .strftime("%-d.%-m.%Y kl. %-H.%M")
                    .to_string();
                Some((when, fate_words(frame.workflow(), decision)))
            }
            _ => None,
        })
        .collect();
    let phrase = match &found.when {
        MessageTime::When { point, .. } => format!("when: {}", point.text),
        MessageTime::Every(rec) => format!("every: {}", rec.text),
    };
    let next = next_words(frame, coming, &declaration, state, found);
    Some(Explanation {
        message: message.to_owned(),
        declared_in,
        phrase,
        decided,
        next,
    })
}

fn declared<'a>(
    frame: &Frame<'a>,
    name: &str,
) -> Option<(
    String,
    Option<crate::definition::model::StateId>,
    &'a Message,
)> {
    let workflow = frame.workflow();
    let find = |messages: &'a [Message]| messages.iter().find(|message| *message.name == *name);
    match frame.subject.kind {
        Kind::Cohort => find(&workflow.cohort.scope.messages)
            .map(|message| ("holdet".to_owned(), None, message)),
        Kind::Workflow => {
            find(&workflow.scope.messages).map(|message| ("forløbet".to_owned(), None, message))
        }
        Kind::Case => workflow.states.iter().enumerate().find_map(|(at, state)| {
            let message = find(&state.scope.messages)?;
            Some((
                state.title.clone(),
                Some(crate::definition::model::StateId(at)),
                message,
            ))
        }),
    }
}

fn next_words(
    frame: &Frame<'_>,
    coming: &[Planned<'_>],
    declaration: &str,
    state: Option<crate::definition::model::StateId>,
    message: &Message,
) -> String {
    let calendar = frame.calendar();
    let planned = coming
        .iter()
        .find(|planned| planned.declaration == declaration);
    if let Some(planned) = planned {
        let at = calendar.local(planned.at).strftime("%-d.%-m.%Y kl. %-H.%M");
        let guard = if message.guard.0.is_empty() {
            String::new()
        } else {
            format!(", hvis {}", guard_words(frame.workflow(), &message.guard))
        };
        return format!("Sendes {at} ({}){guard}.", why_words(planned));
    }
    let scope: &str = match (state, frame.subject.kind) {
        (Some(id), _) => &frame.state(id).name,
        (None, Kind::Workflow) => WORKFLOW,
        (None, Kind::Case | Kind::Cohort) => COHORT,
    };
    let mark = frame.subject.mark(scope, declaration);
    if let Some(Mark::Waiting { facts, .. }) = mark {
        return format!("Venter på: {}.", facts_words(frame.workflow(), facts));
    }
    if frame.subject.ended.is_some() {
        return "Sagen er afsluttet; der kommer ikke flere.".to_owned();
    }
    if let Some(id) = state.filter(|id| !frame.path().contains(id)) {
        return elsewhere_words(frame, id, message);
    }
    let settled = mark.is_some();
    match &message.when {
        MessageTime::When { point, .. } => {
            let anchor = anchor_words(frame.workflow(), &point.anchor);
            match (&point.anchor, settled) {
                (Anchor::Event(_) | Anchor::Thing(_) | Anchor::PlaceFree, true) => {
                    format!(
                        "Der er taget stilling til den; den kommer igen, hvis »{anchor}« sker igen."
                    )
                }
                (_, true) => "Der er taget stilling til den; der kommer ikke flere.".to_owned(),
                (_, false) => format!("Ingen planlagt: afventer »{anchor}«."),
            }
        }
        MessageTime::Every(_) => "Ingen planlagt: perioden er forbi eller endnu ukendt.".to_owned(),
    }
}

/// Why nothing is planned in a state where the case is not.
fn elsewhere_words(
    frame: &Frame<'_>,
    id: crate::definition::model::StateId,
    message: &Message,
) -> String {
    let title = &frame.state(id).title;
    let expected = frame.expected();
    let day = expected.iter().find(|open| open.state == Some(id));
    match (day.and_then(|open| open.day), &message.when) {
        (Some(day), MessageTime::When { point, .. }) => format!(
            "Sagen kommer efter planen i »{title}« den {}; der afventes »{}«.",
            day_words(day),
            anchor_words(frame.workflow(), &point.anchor)
        ),
        _ => format!("Sagen er ikke i »{title}«, og kommer der ikke af sig selv."),
    }
}
