//! What is possible now, and a refusal with it.

use serde::Serialize;

use super::DeskError;
use crate::definition::model::{MeetingTime, Trigger, Workflow};
use crate::engine::frame::Frame;
use crate::engine::input::Refusal;
use crate::engine::plan;
use crate::engine::subject::Kind;
use crate::engine::why::day_words;
use crate::runner::RunError;
use crate::runner::context::Context;

/// Something that can be fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Possible {
    /// What to type.
    pub event: String,
    /// What it is.
    pub title: String,
}

/// What can be fired now, innermost first.
pub(super) fn possible(context: &Context) -> Vec<Possible> {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut possible: Vec<Possible> = Vec::new();
    if context.subject.ended.is_some() {
        return possible;
    }
    let mut add = |event: String, title: &str| {
        if !possible.iter().any(|known| known.event == event) {
            possible.push(Possible {
                event,
                title: title.to_owned(),
            });
        }
    };
    for open in frame.open().into_iter().rev() {
        for event in &open.scope.events {
            if let Trigger::Named(name) = &event.trigger {
                add(name.to_string(), &event.title);
            }
        }
        for task in &open.scope.tasks {
            if context
                .subject
                .tasks
                .get(&task.name)
                .is_some_and(|log| !log.open.is_empty())
            {
                add(format!("{}.done", task.name), &task.title);
                if task.optional || task.every.is_some() {
                    add(format!("{}.skipped", task.name), &task.title);
                }
            }
        }
        for meeting in &open.scope.meetings {
            let is_booked = context
                .subject
                .meetings
                .get(&meeting.name)
                .is_some_and(|log| !log.open.is_empty());
            add(format!("{}.booked", meeting.name), &meeting.title);
            if is_booked {
                for word in ["held", "no_show", "cancelled"] {
                    add(format!("{}.{word}", meeting.name), &meeting.title);
                }
            }
        }
    }
    possible
}

/// A refusal in words with what is possible, or the failure as it is.
pub(super) fn refused(
    workflow: &Workflow,
    kind: Kind,
    possible: Vec<Possible>,
    error: RunError,
) -> DeskError {
    match error {
        RunError::Refused(refusal) => {
            let words = super::refusal::refusal_words(workflow, kind, &refusal);
            let typed = super::refusal::command_words(workflow, kind, &refusal);
            DeskError::Refused {
                words,
                typed,
                refusal: Box::new(refusal),
                possible,
            }
        }
        error => error.into(),
    }
}

/// The same for an input to a case or hold, with what is possible there.
pub(super) fn not_taken(context: &Context, error: RunError) -> DeskError {
    let mut refused = refused(
        &context.version.workflow,
        context.subject.kind,
        possible(context),
        error,
    );
    if let DeskError::Refused {
        words,
        typed,
        refusal,
        ..
    } = &mut refused
        && let Refusal::NotBookable { meeting, .. } = &**refusal
    {
        let window = window_words(context, meeting);
        for words in [words, typed] {
            words.push(' ');
            words.push_str(&window);
        }
    }
    refused
}

/// When a meeting can be booked.
fn window_words(context: &Context, meeting: &str) -> String {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let open = frame.open().into_iter().find_map(|open| {
        let meeting = open
            .scope
            .meetings
            .iter()
            .find(|known| *known.name == *meeting)?;
        Some((open, meeting))
    });
    let Some((open, meeting)) = open else {
        return "Det hører ikke til den tilstand, kandidaten er i.".to_owned();
    };
    match plan::window(&frame, &open, meeting) {
        Some((first, last)) => format!(
            "Det kan holdes fra {} til {}, og ikke i fortiden.",
            day_words(first),
            day_words(last)
        ),
        None => match meeting.when {
            MeetingTime::Between(..) => "Det vides endnu ikke, hvornår det kan holdes.".to_owned(),
            _ => "Tidspunktet er passeret.".to_owned(),
        },
    }
}
