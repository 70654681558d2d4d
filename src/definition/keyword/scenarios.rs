//! `scenarios`: steps with local times, and what is expected; played by the simulation.
//!
//! ```yaml
//! scenarios:
//!   to_an_agreement:
//!     title: Fra indstilling til aftale
//!     cohort: {start: 2026-02-02}
//!     candidate: {target_group: dagpenge}
//!     steps:
//!       - {at: 2026-01-20 09:00, event: accept}
//!       - {at: 2026-03-23 08:00, expect: {state: recruited, mails: {meeting-reminder: 3}}}
//! ```

mod keys;

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use self::keys::{EXPECT, STEP};
pub(crate) use self::keys::{KEYS, PAGE};
use super::{Cx, Home, facts, phrase, targets};
use crate::calendar::weekday_en;
use crate::definition::model::{
    FactRef, HoldDate, Name, Part, Scenario, ScenarioStep, StateId, StepKind, ThingPart,
};
use crate::definition::names::{Entry, Thing};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, list, map, text, things, whole};
use crate::definition::value::Value;
use crate::definition::yaml::{Node, short};

/// What a step can do; `set` may also stand beside an event or a task.
const DEEDS: [&str; 7] = [
    "event",
    "book",
    "held",
    "no_show",
    "cancelled",
    "done",
    "expect",
];

type Facts = BTreeMap<FactRef, Value>;

/// Reads them.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, dates: &[HoldDate]) -> Vec<Scenario> {
    let scenarios = things(cx.sink, node, "scenarios").into_iter();
    scenarios
        .filter_map(|(name, key, value)| scenario(cx, name, key, value, dates))
        .collect()
}

fn scenario(
    cx: &Cx,
    name: &str,
    key: &Node,
    value: &Node,
    declared: &[HoldDate],
) -> Option<Scenario> {
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS)?;
    let title = shape.title(cx.sink);
    let dates = shape
        .need(cx.sink, "cohort")
        .map(|node| dates(cx, &shape, node, declared))
        .unwrap_or_default();
    let facts = shape
        .get("candidate")
        .map(|node| set(cx, node))
        .unwrap_or_default();
    let facts = facts
        .into_iter()
        .map(|(fact, value)| (fact.name, value))
        .collect();
    let nodes = shape
        .need(cx.sink, "steps")
        .and_then(|node| list(cx.sink, node, "steps"))
        .unwrap_or_default();
    let mut steps: Vec<ScenarioStep> = Vec::new();
    for node in nodes {
        let Some(step) = step(cx, node) else { continue };
        if let Some(before) = steps.last().filter(|before| before.at > step.at) {
            let message = format!(
                "the step before this one is later: {}",
                before.at.strftime("%Y-%m-%d %H:%M")
            );
            cx.sink.error("bad-value", &node.span, message);
        }
        steps.push(step);
    }
    Some(Scenario {
        name: Name::from(name),
        title,
        dates,
        facts,
        steps,
    })
}

/// The dates of the scenario's hold: all that a hold must have, on the right weekday.
fn dates(cx: &Cx, scenario: &Shape, node: &Node, declared: &[HoldDate]) -> BTreeMap<Name, Date> {
    let mut dates = BTreeMap::new();
    for (word, key, value) in things(cx.sink, Some(node), "the hold's dates") {
        let Some(date) = declared.iter().find(|date| &*date.name == word) else {
            let message = format!("the hold has no date \"{}\"", short(word));
            cx.sink.error_name(
                "unknown-name",
                &key.span,
                word,
                message,
                declared.iter().map(|date| &*date.name),
            );
            continue;
        };
        let Some(day) = targets::day(cx.sink, value) else {
            continue;
        };
        if let Some(weekday) = date.weekday.filter(|weekday| *weekday != day.weekday()) {
            let (is, wanted) = (weekday_en(day.weekday()), weekday_en(weekday));
            cx.sink.error(
                "bad-value",
                &value.span,
                format!("{day} is a {is}, and \"{word}\" falls on a {wanted}"),
            );
        }
        dates.insert(date.name.clone(), day);
    }
    let owner = scenario.key_span("cohort").unwrap_or_default();
    for missing in declared.iter().filter(|date| {
        things(cx.sink, Some(node), "")
            .iter()
            .all(|(w, ..)| **w != *date.name)
    }) {
        cx.sink.error(
            "missing-key",
            &owner,
            format!("the scenario's hold needs the date \"{}\"", missing.name),
        );
    }
    dates
}

/// Facts with their values.
fn set(cx: &Cx, node: &Node) -> Facts {
    let entries = map(cx.sink, node, "facts with their values").unwrap_or_default();
    let fact = |(key, value): (&Node, &Node)| {
        let (fact, kind) = facts::named(cx, key, Home::Case(StateId::ROOT))?;
        Some((fact, facts::value(cx.sink, value, kind?)?))
    };
    entries.into_iter().filter_map(fact).collect()
}

fn step(cx: &Cx, node: &Node) -> Option<ScenarioStep> {
    let shape = Shape::read(cx.sink, &node.span, node, &STEP)?;
    let at = shape
        .need(cx.sink, "at")
        .and_then(|node| moment(cx.sink, node));
    let what = deed(cx, node, &shape);
    Some(ScenarioStep {
        at: at?,
        what: what?,
        span: node.span.clone(),
    })
}

fn deed(cx: &Cx, node: &Node, shape: &Shape) -> Option<StepKind> {
    let facts = shape.get("set").map(|node| set(cx, node));
    let deeds: Vec<&str> = DEEDS
        .into_iter()
        .filter(|deed| shape.get(deed).is_some())
        .collect();
    let [deed] = deeds.as_slice() else {
        if let (Some(facts), []) = (&facts, deeds.as_slice()) {
            return Some(StepKind::Set(facts.clone()));
        }
        let message = format!("a step does one thing: set or one of {}", DEEDS.join(", "));
        cx.sink.error("bad-value", &node.span, message);
        return None;
    };
    if let (Some(span), false) = (shape.key_span("set"), matches!(*deed, "event" | "done")) {
        cx.sink.error(
            "bad-value",
            &span,
            "\"set:\" stands alone, or beside \"event:\" or \"done:\"",
        );
    }
    let value = shape.get(deed)?;
    let facts = facts.unwrap_or_default();
    match *deed {
        "event" => event(cx, value).map(|name| StepKind::Event(name, facts)),
        "book" => {
            let on = shape
                .need(cx.sink, "on")
                .and_then(|node| moment(cx.sink, node));
            let (cohort, meeting) = thing(cx, value, &Thing::Meeting)?;
            Some(StepKind::Book {
                cohort,
                meeting,
                on: on?,
            })
        }
        "done" => thing(cx, value, &Thing::Task).map(|(cohort, task)| StepKind::Done {
            cohort,
            task,
            set: facts,
        }),
        "expect" => expect(cx, shape, value),
        _ => {
            let part = match *deed {
                "held" => Part::Held,
                "no_show" => Part::NoShow,
                _ => Part::Cancelled,
            };
            thing(cx, value, &Thing::Meeting)
                .map(|(cohort, name)| StepKind::Meeting(ThingPart { cohort, name, part }))
        }
    }
}

fn event(cx: &Cx, node: &Node) -> Option<Name> {
    let word = text(cx.sink, node, "an event")?;
    if let Some(Entry {
        thing: Thing::Event,
        ..
    }) = cx.names.case.get(word)
    {
        return Some(Name::from(word));
    }
    let message = format!("no event is called \"{}\"", short(word));
    let events = cx.names.words(false, |thing| *thing == Thing::Event);
    cx.sink
        .error_name("unknown-name", &node.span, word, message, events);
    None
}

/// A meeting or task of the case, or with `cohort.` of its hold.
fn thing(cx: &Cx, node: &Node, wanted: &Thing) -> Option<(bool, Name)> {
    let word = text(cx.sink, node, wanted.what())?;
    let (cohort, name) = word
        .strip_prefix("cohort.")
        .map_or((false, word), |name| (true, name));
    if cx
        .names
        .side(cohort)
        .get(name)
        .is_some_and(|entry| entry.thing == *wanted)
    {
        return Some((cohort, Name::from(name)));
    }
    let message = format!("\"{}\" is not {}", short(word), wanted.what());
    if cx
        .names
        .side(!cohort)
        .get(name)
        .is_some_and(|entry| entry.thing == *wanted)
    {
        let other = if cohort {
            name.to_owned()
        } else {
            format!("cohort.{name}")
        };
        cx.sink.error_help(
            "unknown-name",
            &node.span,
            message,
            format!("did you mean \"{other}\"?"),
        );
    } else {
        cx.sink.error_name(
            "unknown-name",
            &node.span,
            name,
            message,
            cx.names.words(cohort, |thing| thing == wanted),
        );
    }
    None
}

fn expect(cx: &Cx, step: &Shape, node: &Node) -> Option<StepKind> {
    let owner = step.key_span("expect")?;
    let shape = Shape::read(cx.sink, &owner, node, &EXPECT)?;
    let state = shape.get("state").and_then(|node| {
        let id = phrase::state(cx, node, text(cx.sink, node, "a state")?)?;
        if cx.names.states.iter().any(|state| state.parent == Some(id)) {
            let message = "a case is never in this state itself, but in one of the states in it";
            cx.sink.error("bad-value", &node.span, message);
        }
        Some(id)
    });
    let mut mails = BTreeMap::new();
    for (template, _, count) in things(cx.sink, shape.get("mails"), "mails") {
        if let Some(count) = whole(cx.sink, count, "a number of mails", 0..100_001) {
            mails.insert(template.to_owned(), count);
        }
    }
    if shape.get("state").is_none() && shape.get("mails").is_none() {
        shape.missing(cx.sink, "state:\" or \"mails");
    }
    Some(StepKind::Expect { state, mails })
}

/// A local date and time.
pub(crate) fn moment(sink: &Sink, node: &Node) -> Option<DateTime> {
    let word = text(sink, node, "a moment")?;
    let strict = word.len() == 16 && matches!(word.as_bytes().get(10), Some(b' ' | b'T'));
    let moment = word
        .replacen(' ', "T", 1)
        .parse::<DateTime>()
        .ok()
        .filter(|_| strict);
    if moment.is_none() {
        let message = format!("\"{}\" is not a local date and time", short(word));
        sink.error_help(
            "bad-value",
            &node.span,
            message,
            "write it as 2026-02-02 09:00",
        );
    }
    moment
}
