//! `events`: what may happen in a state. Declared ones are raised by people; built-in ones follow
//! from tasks and meetings. The innermost state's event wins.
//!
//! ```yaml
//! events:
//!   withdraw: {title: Stopper, by: coordinator, needs: [leave_reason], then: withdrawn}
//!   cohort.info_meeting.held: {then: met}
//! ```

use super::{Cx, Home, facts, guard, phrase, roles, then};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes};
use crate::definition::model::{Event, Name, ThingPart, Trigger};
use crate::definition::names::Thing;
use crate::definition::shape::{Shape, text, things};
use crate::definition::symbols::Space;
use crate::definition::yaml::{Node, short};

/// An event that people raise.
pub(crate) static KEYS: Keys = Keys::new(
    "an event",
    "Something that a person says has happened.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Stopper"),
        Key::new(
            "by",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who may raise it. Without it, whoever may work on the hold.",
            "[coordinator, job_consultant]",
        ),
        Key::new(
            "needs",
            Takes::OneOrMore(&Takes::Name(Names::Fact)),
            "Facts that must be recorded, at the latest together with the event.",
            "[leave_reason]",
        ),
        Key::new(
            "if",
            Takes::Guard,
            "What must hold; otherwise the event is refused, with the reason.",
            "{age: {at_least: 18}}",
        ),
        Key::new(
            "override",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who may raise it though the guard does not hold, with a reason that is kept.",
            "leader",
        )
        .rules(&[Rule::With(
            &["if"],
            Some("\"override:\" passes a guard, and there is no \"if:\""),
        )]),
        Key::new(
            "then",
            Takes::Then,
            "Where the case goes. Without it the event is recorded and the case stays.",
            "withdrawn",
        ),
    ],
);
/// A built-in event. Nobody raises it, so that nobody can be asked for facts or a reason.
pub(crate) static KEYS_BUILT_IN: Keys = Keys::new(
    "a built-in event",
    "What follows from a task or a meeting: `TASK.done`, `TASK.overdue`, `MEETING.held`, `MEETING.no_show`, \
     `MEETING.cancelled`, and the same of the hold with `cohort.` in front.",
    &[
        Key::new(
            "title",
            Takes::Text,
            "What people read; the title of the task or meeting when it is left out.",
            "Deltog i infomødet",
        ),
        Key::new(
            "if",
            Takes::Guard,
            "What must hold for the case to move.",
            "{ready: yes}",
        ),
        Key::new("then", Takes::Then, "Where the case goes.", "course"),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "events",
    title: "Events",
    doc: "A declared event is raised by a person: `tovholder fire CASE EVENT`. Built-in ones follow from \
          tasks and meetings and are written with the thing's name. The events of a state are active in \
          all states inside it, and the innermost state's event wins. An event may happen many times: a \
          message `when: absence` is sent for each.",
    example: "events:\n  withdraw: {title: Stopper, by: coordinator, needs: [leave_reason], then: withdrawn}\n  cohort.info_meeting.held: {then: course}",
    shapes: &[&KEYS, &KEYS_BUILT_IN],
    top: &[],
};

/// Reads the events of a state.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Event> {
    let events = things(cx.sink, node, "events").into_iter();
    events
        .filter_map(|(name, key, value)| event(cx, name, key, value, home))
        .collect()
}

fn event(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Event> {
    if name.contains('.') {
        return built_in(cx, name, key, value, home);
    }
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS)?;
    let guard = guard::read(cx, shape.get("if"), home);
    Some(Event {
        trigger: Trigger::Named(Name::from(name)),
        title: shape.title(cx.sink),
        by: roles::names(cx, shape.get("by")),
        needs: facts::needs(cx, shape.get("needs"), home),
        guard,
        may_override: roles::names(cx, shape.get("override")),
        then: then::read(cx, shape.get("then"), home),
    })
}

fn built_in(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Event> {
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS_BUILT_IN);
    let thing = thing_part(cx, key, name);
    let shape = shape?;
    let guard = guard::read(cx, shape.get("if"), home);
    let then = then::read(cx, shape.get("then"), home);
    let thing = thing?;
    let of_thing = cx
        .names
        .side(thing.cohort)
        .get(&*thing.name)
        .and_then(|entry| entry.title)
        .unwrap_or_default();
    let title = shape
        .get("title")
        .and_then(|node| text(cx.sink, node, "a title"))
        .unwrap_or(of_thing)
        .to_owned();
    Some(Event {
        trigger: Trigger::Thing(thing),
        title,
        by: Vec::new(),
        needs: Vec::new(),
        guard,
        may_override: Vec::new(),
        then,
    })
}

/// `TASK.done`, `cohort.MEETING.held` and the like.
fn thing_part(cx: &Cx, key: &Node, word: &str) -> Option<ThingPart> {
    let (cohort, rest) = word
        .strip_prefix("cohort.")
        .map_or((false, word), |rest| (true, rest));
    let (name, part) = rest.split_once('.').unwrap_or((rest, ""));
    let side = if cohort { "of the hold " } else { "" };
    let has_parts = |thing: &Thing| matches!(thing, Thing::Task | Thing::Meeting);
    let Some(entry) = cx
        .names
        .side(cohort)
        .get(name)
        .filter(|entry| has_parts(&entry.thing))
    else {
        let message = format!("no task or meeting {side}is called \"{}\"", short(name));
        let elsewhere = cx
            .names
            .side(!cohort)
            .get(name)
            .is_some_and(|entry| has_parts(&entry.thing));
        if elsewhere {
            let other = if cohort {
                rest.to_owned()
            } else {
                format!("cohort.{rest}")
            };
            cx.sink.error_help(
                "unknown-name",
                &key.span,
                message,
                format!("did you mean \"{}\"?", short(&other)),
            );
        } else {
            cx.sink.error_name(
                "unknown-name",
                &key.span,
                name,
                message,
                cx.names.words(cohort, has_parts),
            );
        }
        return None;
    };
    cx.sink.used(Space::side(cohort), name, &key.span);
    let found = phrase::thing_part(&entry.thing, part);
    if found.is_none() {
        let message = format!("{} has no event \".{}\"", entry.thing.what(), short(part));
        let known = phrase::parts(&entry.thing)
            .iter()
            .copied()
            .filter(|part| *part != "due");
        cx.sink
            .error_name("unknown-name", &key.span, part, message, known);
    }
    Some(ThingPart {
        cohort,
        name: Name::from(name),
        part: found?,
    })
}
