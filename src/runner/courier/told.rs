//! What other programs are told of a history, and what it reads like: ids, keys and instants, never words about anybody.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::definition::model::Part;
use crate::engine::event::{Event, TaskFate};
use crate::engine::input::Actor;
use crate::engine::subject::Kind;
use crate::store::{Delivery, Told};

/// What a hook may be told.
pub const HOOK_EVENTS: [&str; 10] = [
    "case.opened",
    "case.moved",
    "case.ended",
    "case.event",
    "meeting.booked",
    "meeting.held",
    "meeting.missed",
    "meeting.cancelled",
    "task.overdue",
    "mail.failed",
];

/// Which of these events are told of a case or hold that had `before` events.
pub(in crate::runner) fn told_of(
    subject: Kind,
    before: i64,
    events: &[(Timestamp, Event, Actor)],
) -> Vec<Told> {
    let numbered = events.iter().zip(before + 1..);
    numbered
        .filter_map(|((_, event, _), seq)| {
            let kind = kind_of(subject, event)?;
            Some(Told { seq, kind })
        })
        .collect()
}

/// What an event is to other programs, if it is anything.
fn kind_of(subject: Kind, event: &Event) -> Option<&'static str> {
    let of_case = |kind| (subject == Kind::Case).then_some(kind);
    match event {
        Event::Opened { .. } => of_case("case.opened"),
        Event::Moved { .. } => of_case("case.moved"),
        Event::Ended { .. } => of_case("case.ended"),
        Event::Fired { .. } => of_case("case.event"),
        Event::Booked { .. } => Some("meeting.booked"),
        Event::Met { part, .. } => match part {
            Part::Held => Some("meeting.held"),
            Part::NoShow => Some("meeting.missed"),
            Part::Cancelled => Some("meeting.cancelled"),
            _ => None,
        },
        Event::Task {
            what: TaskFate::Overdue,
            ..
        } => Some("task.overdue"),
        _ => None,
    }
}

/// The body of a delivery: the same at every attempt.
pub(super) fn body_of(delivery: &Delivery) -> String {
    let is_case = delivery.hold.is_some();
    let mut data = json!({
        "workflow": delivery.workflow,
        "hold": delivery.hold.as_ref().unwrap_or(&delivery.subject),
        "case": is_case.then_some(&delivery.subject),
    });
    let event = delivery.payload.as_deref();
    let event = event.and_then(|payload| serde_json::from_str::<Event>(payload).ok());
    let more = match (event, delivery.outbox_id) {
        (Some(event), _) => keys_of(&event),
        (None, Some(mail)) => json!({"mail": mail}),
        (None, None) => Value::Null,
    };
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    let at = Timestamp::from_microsecond(delivery.at).unwrap_or_default();
    json!({"type": delivery.kind, "timestamp": at, "data": data}).to_string()
}

/// The keys and instants in an event. A meeting's place is words, and is left out.
fn keys_of(event: &Event) -> Value {
    match event {
        Event::Moved { left, to, .. } => {
            let from: Vec<_> = left.iter().map(|(state, _)| state).collect();
            json!({"from": from, "to": to})
        }
        Event::Ended { how, .. } => json!({"how": how}),
        Event::Fired { name, .. } => json!({"event": name}),
        Event::Booked {
            meeting,
            no,
            start,
            end,
            revision,
            ..
        } => {
            json!({"meeting": meeting, "no": no, "start": start, "end": end, "revision": revision})
        }
        Event::Met { meeting, no, .. } => json!({"meeting": meeting, "no": no}),
        Event::Task { task, no, .. } => json!({"task": task, "no": no}),
        _ => Value::Null,
    }
}
