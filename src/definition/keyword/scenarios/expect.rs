//! `expect`: what is true at a moment. What is not said is not looked at.
//!
//! ```yaml
//! expect:
//!   state: waiting                     # the atomic state
//!   waits: cohort.free_places          # yes, no, or what it waits for: facts, next_cohort
//!   place: no                          # holds one of the hold's places
//!   free_places: 0                     # of the hold
//!   ended: no                          # yes, no, or cancelled, with the hold
//!   moved: yes                         # gone on to the next hold
//!   open: [enrol, cohort.select]       # open tasks; not_open: those that are not
//!   booked: [cohort.info_meeting]      # booked and not yet held; not_booked
//!   mails: {selection-reply: 1}        # sent since the start, by template
//!   held: 1                            # mails that could not leave; without it none may
//!   missed: [course_start]             # messages that came too late
//! ```

use std::collections::BTreeMap;

use super::Stage;
use super::keys::EXPECT;
use super::step::thing;
use crate::definition::keyword::{Home, facts, phrase};
use crate::definition::model::{Expect, FactRef, Finish, Name, StateId, StepKind, Waits, Whose};
use crate::definition::names::Thing;
use crate::definition::shape::{Shape, YES_NO, choice, one_or_more, text, things, whole};
use crate::definition::yaml::{Node, short};

pub(super) const ENDED: [(&str, Finish, &str); 3] = [
    ("no", Finish::No, "It goes on."),
    ("yes", Finish::Yes, "It has ended."),
    (
        "cancelled",
        Finish::Cancelled,
        "It has ended with its hold, which was cancelled.",
    ),
];
const MAILS_MAX: u32 = 100_000;

pub(super) fn read(stage: &Stage, step: &Shape, node: &Node) -> Option<StepKind> {
    let sink = stage.cx.sink;
    let owner = step.key_span("expect")?;
    let shape = Shape::read(sink, &owner, node, &EXPECT)?;
    if EXPECT.names().all(|key| shape.get(key).is_none()) {
        shape.missing(sink, "state:\" or \"mails");
    }
    let yes_no = |key: &'static str| {
        let node = shape.get(key)?;
        choice(sink, node, key, &YES_NO)
    };
    Some(StepKind::Expect(Box::new(Expect {
        state: shape.get("state").and_then(|node| state(stage, node)),
        moved: yes_no("moved"),
        place: yes_no("place"),
        ended: shape
            .get("ended")
            .and_then(|node| choice(sink, node, "ended", &ENDED)),
        free_places: free_places(stage, &shape),
        waits: shape.get("waits").and_then(|node| waits(stage, node)),
        mails: mails(stage, &shape),
        held: shape
            .get("held")
            .and_then(|node| whole(sink, node, "held", 0..MAILS_MAX)),
        missed: missed(stage, &shape),
        open: named(stage, &shape, "open", &Thing::Task),
        not_open: named(stage, &shape, "not_open", &Thing::Task),
        booked: named(stage, &shape, "booked", &Thing::Meeting),
        not_booked: named(stage, &shape, "not_booked", &Thing::Meeting),
    })))
}

fn state(stage: &Stage, node: &Node) -> Option<StateId> {
    let cx = stage.cx;
    let id = phrase::state(cx, node, text(cx.sink, node, "a state")?)?;
    if cx.names.states.iter().any(|state| state.parent == Some(id)) {
        let message = "a case is never in this state itself, but in one of the states in it";
        cx.sink.error("bad-value", &node.span, message);
    }
    Some(id)
}

fn free_places(stage: &Stage, shape: &Shape) -> Option<u32> {
    let sink = stage.cx.sink;
    let node = shape.get("free_places")?;
    if let (false, Some(span)) = (stage.cx.names.has_places, shape.key_span("free_places")) {
        sink.error("needs-places", &span, "the hold has no \"places:\"");
    }
    whole(sink, node, "free_places", 0..100_000)
}

/// `yes`, `no`, or what is missing.
fn waits(stage: &Stage, node: &Node) -> Option<Waits> {
    match node.text() {
        Some("yes") => return Some(Waits::Yes),
        Some("no") => return Some(Waits::No),
        _ => {}
    }
    let nodes = one_or_more(stage.cx.sink, node, "what is waited for");
    let fact = |node: &Node| match node.text().unwrap_or_default() {
        "next_cohort" => Some(of_hold("next_cohort")),
        "cohort.free_places" => Some(of_hold("free_places")),
        _ => facts::named(stage.cx, node, Home::Case(StateId::ROOT)).map(|(fact, _)| fact),
    };
    let mut facts: Vec<FactRef> = nodes.into_iter().filter_map(fact).collect();
    facts.sort();
    (!facts.is_empty()).then_some(Waits::For(facts))
}

fn of_hold(name: &str) -> FactRef {
    FactRef {
        cohort: true,
        name: Name::from(name),
    }
}

fn named(stage: &Stage, shape: &Shape, key: &str, wanted: &Thing) -> Vec<(Whose, Name)> {
    let nodes = shape
        .get(key)
        .map(|node| one_or_more(stage.cx.sink, node, wanted.what()))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| thing(stage, node, wanted))
        .collect()
}

/// Counts by template: those that messages name, and those of fixed names for tasks and meetings.
fn mails(stage: &Stage, shape: &Shape) -> BTreeMap<String, u32> {
    let sink = stage.cx.sink;
    let known = templates(stage);
    let mut mails = BTreeMap::new();
    for (template, key, count) in things(sink, shape.get("mails"), "mails") {
        if !known.iter().any(|name| name == template) {
            let message = format!("no mail of the workflow uses \"{}\"", short(template));
            let known = known.iter().map(String::as_str);
            sink.error_name("unknown-name", &key.span, template, message, known);
        }
        if let Some(count) = whole(sink, count, "a number of mails", 0..MAILS_MAX + 1) {
            mails.insert(template.to_owned(), count);
        }
    }
    mails
}

/// All templates that mail of this workflow can use.
fn templates(stage: &Stage) -> Vec<String> {
    const OF_TASK: [&str; 2] = ["task-reminder", "task-overdue"];
    const OF_MEETING: [&str; 4] = ["invitation", "moved", "cancelled", "reminder"];
    const OF_BOOKING: [&str; 2] = ["booking-reminder", "task-overdue"];
    let names = &stage.cx.names;
    let mut known: Vec<String> = OF_TASK.iter().map(|word| (*word).to_owned()).collect();
    known.push("booking-reminder".to_owned());
    known.extend(OF_MEETING.iter().map(|word| format!("meeting-{word}")));
    let used = stage.cx.notes.borrow();
    known.extend(used.templates.iter().map(|used| used.name.clone()));
    for (name, entry) in names.hold.iter().chain(&names.case) {
        let words: &[&[&str]] = match entry.thing {
            Thing::Task => &[&OF_TASK],
            Thing::Meeting => &[&OF_MEETING, &OF_BOOKING],
            _ => &[],
        };
        let words = words.iter().flat_map(|words| words.iter());
        known.extend(words.map(|word| format!("{}-{word}", name.replace('_', "-"))));
    }
    known.sort_unstable();
    known.dedup();
    known
}

/// Messages by their names.
fn missed(stage: &Stage, shape: &Shape) -> Vec<Name> {
    let cx = stage.cx;
    let nodes = shape
        .get("missed")
        .map(|node| one_or_more(cx.sink, node, "a message"))
        .unwrap_or_default();
    let notes = cx.notes.borrow();
    let known: Vec<&str> = notes.messages.iter().map(|name| &**name).collect();
    nodes
        .into_iter()
        .filter_map(|node| {
            let word = node.text()?;
            if known.contains(&word) {
                return Some(Name::from(word));
            }
            let message = format!("no message is called \"{}\"", short(word));
            cx.sink.error_name(
                "unknown-name",
                &node.span,
                word,
                message,
                known.iter().copied(),
            );
            None
        })
        .collect()
}
