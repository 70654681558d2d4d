//! `scenarios`: a hold, who is on it, steps with local times, and what is expected; played by the
//! simulation.
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
//!   full_hold:
//!     title: "Fuldt hold: Bo venter på en ledig plads"
//!     cohort: {start: 2027-04-26}
//!     next_cohort: {start: 2027-08-02}
//!     places_taken: 15
//!     candidates: {ida: {}, bo: {born: 2001-05-01, mentor: nobody}}
//!     steps:
//!       - {at: 2027-03-30 10:00, who: [ida, bo], event: choose}
//!       - {at: 2027-04-02 10:00, who: other, event: give_back}
//! ```
//!
//! A hold has its dates, and may have facts and roles from the start; a candidate has facts, roles
//! and a day of birth. A role is given by invented names, or left to `nobody`.

mod expect;
mod step;

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use self::step::step;
use super::{Cx, Home, facts, roles, targets};
use crate::calendar::weekday_en;
use crate::definition::model::{
    FactRef, HoldDate, Name, Per, Scenario, ScenarioCandidate, ScenarioHold, ScenarioStep, StateId,
};
use crate::definition::names::{Entry, Thing};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, is_name, list, one_or_more, text, things, whole};
use crate::definition::value::Value;
use crate::definition::yaml::{Node, short};

const KEYS: [&str; 7] = [
    "title",
    "cohort",
    "next_cohort",
    "places_taken",
    "candidate",
    "candidates",
    "steps",
];
/// More people than this are no scenario to read.
const CANDIDATES_MAX: usize = 50;
const PLACES_MAX: u32 = 500;
/// Whom `who:` means besides the candidates by name.
const ALL: &str = "all";
const OTHER: &str = "other";
/// What stands where nobody holds a role.
const NOBODY: &str = "nobody";
/// A candidate's day of birth.
const BORN: &str = "born";

/// What the steps of a scenario may name.
struct Stage<'c> {
    cx: &'c Cx<'c>,
    dates: &'c [HoldDate],
    candidates: Vec<String>,
    has_others: bool,
    has_next: bool,
}

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
    let shape = Shape::read(cx.sink, &key.span, value, "a scenario", &KEYS)?;
    let title = shape.title(cx.sink);
    let cohort = shape
        .need(cx.sink, "cohort")
        .map(|node| hold(cx, &shape, "cohort", node, declared))
        .unwrap_or_default();
    let next_cohort = shape
        .get("next_cohort")
        .map(|node| hold(cx, &shape, "next_cohort", node, declared));
    comes_after(cx, &shape, &cohort, next_cohort.as_ref());
    let candidates = candidates(cx, &shape);
    let stage = Stage {
        cx,
        dates: declared,
        candidates: candidates.iter().map(|one| one.name.clone()).collect(),
        has_others: shape.get("places_taken").is_some(),
        has_next: next_cohort.is_some(),
    };
    Some(Scenario {
        name: Name::from(name),
        title,
        cohort,
        next_cohort,
        places_taken: places_taken(cx, &shape),
        candidates,
        steps: steps(&stage, &shape),
    })
}

fn steps(stage: &Stage, shape: &Shape) -> Vec<ScenarioStep> {
    let sink = stage.cx.sink;
    let nodes = shape
        .need(sink, "steps")
        .and_then(|node| list(sink, node, "steps"))
        .unwrap_or_default();
    let mut steps: Vec<ScenarioStep> = Vec::new();
    for node in nodes {
        let Some(step) = step(stage, node) else {
            continue;
        };
        if let Some(before) = steps.last().filter(|before| before.at > step.at) {
            let message = format!(
                "the step before this one is later: {}",
                before.at.strftime("%Y-%m-%d %H:%M")
            );
            sink.error("bad-value", &node.span, message);
        }
        steps.push(step);
    }
    steps
}

/// A hold: all dates that a hold must have, on the right weekday, and facts and roles.
fn hold(
    cx: &Cx,
    scenario: &Shape,
    key: &'static str,
    node: &Node,
    declared: &[HoldDate],
) -> ScenarioHold {
    let mut hold = ScenarioHold::default();
    let entries = things(cx.sink, Some(node), "a scenario's hold");
    for (word, key, value) in &entries {
        if let Some(date) = declared.iter().find(|date| *date.name == **word) {
            if let Some(day) = day_of(cx, date, value) {
                hold.dates.insert(date.name.clone(), day);
            }
        } else if cx.names.roles.get(word) == Some(&Some(Per::Cohort)) {
            hold.roles.insert(Name::from(*word), holders(cx, value));
        } else if let Some(Entry {
            thing: Thing::Fact(kind),
            ..
        }) = cx.names.hold.get(word)
        {
            let value = kind
                .as_ref()
                .and_then(|kind| facts::value(cx.sink, value, kind));
            let fact = FactRef {
                cohort: true,
                name: Name::from(*word),
            };
            hold.facts.extend(value.map(|value| (fact, value)));
        } else {
            let message = format!("the hold has no date, fact or role \"{}\"", short(word));
            let known = cx
                .names
                .words(true, |thing| matches!(thing, Thing::Date | Thing::Fact(_)));
            cx.sink
                .error_name("unknown-name", &key.span, word, message, known);
        }
    }
    let owner = scenario.key_span(key).unwrap_or_default();
    for missing in declared
        .iter()
        .filter(|date| entries.iter().all(|(word, ..)| **word != *date.name))
    {
        cx.sink.error(
            "missing-key",
            &owner,
            format!("the scenario's hold needs the date \"{}\"", missing.name),
        );
    }
    hold
}

fn day_of(cx: &Cx, date: &HoldDate, value: &Node) -> Option<Date> {
    let day = targets::day(cx.sink, value)?;
    if let Some(weekday) = date.weekday.filter(|weekday| *weekday != day.weekday()) {
        let (is, wanted) = (weekday_en(day.weekday()), weekday_en(weekday));
        let message = format!("{day} is a {is}, and \"{}\" falls on a {wanted}", date.name);
        cx.sink.error("bad-value", &value.span, message);
    }
    Some(day)
}

/// The next hold is the one that starts later, so it must.
fn comes_after(cx: &Cx, shape: &Shape, hold: &ScenarioHold, next: Option<&ScenarioHold>) {
    let start = |hold: &ScenarioHold| hold.dates.get("start").copied();
    let later = next.and_then(start);
    if let (Some(first), Some(later), Some(span)) =
        (start(hold), later, shape.key_span("next_cohort"))
        && later <= first
    {
        let message = format!("the next hold starts after {first}, not on {later}");
        cx.sink.error("bad-value", &span, message);
    }
}

fn places_taken(cx: &Cx, shape: &Shape) -> u32 {
    let Some((node, span)) = shape
        .get("places_taken")
        .zip(shape.key_span("places_taken"))
    else {
        return 0;
    };
    if !cx.names.has_places {
        let message = "the hold has no \"places:\", so none can be taken";
        cx.sink.error("needs-places", &span, message);
    }
    whole(cx.sink, node, "places_taken", 1..PLACES_MAX).unwrap_or_default()
}

/// The one candidate, several by name, or none where the workflow has none.
fn candidates(cx: &Cx, shape: &Shape) -> Vec<ScenarioCandidate> {
    let (one, many) = (shape.get("candidate"), shape.get("candidates"));
    let has_candidate = !cx.names.states.is_empty();
    for key in ["candidate", "candidates"] {
        if let (Some(span), false) = (shape.key_span(key), has_candidate) {
            let message = "the workflow has no candidate: its scenarios tell of the hold";
            cx.sink.error("bad-value", &span, message);
        }
    }
    if let (Some(_), Some(_), Some(span)) = (one, many, shape.key_span("candidate")) {
        let message = "a scenario has \"candidate:\" or \"candidates:\", not both";
        cx.sink.error("bad-value", &span, message);
    }
    let Some(many) = many else {
        let only = one.map_or_else(ScenarioCandidate::default, |node| candidate(cx, "", node));
        return has_candidate.then_some(only).into_iter().collect();
    };
    let named = things(cx.sink, Some(many), "candidates");
    if named.is_empty() || named.len() > CANDIDATES_MAX {
        let message = format!("a scenario names 1 to {CANDIDATES_MAX} candidates");
        cx.sink.error("bad-value", &many.span, message);
    }
    for (name, key, _) in &named {
        if !is_name(name) || [ALL, OTHER, NOBODY].contains(name) {
            let message = format!("\"{}\" cannot be a candidate's name", short(name));
            let help = "a short name in small letters, such as bo";
            cx.sink.error_help("bad-name", &key.span, message, help);
        }
    }
    named
        .into_iter()
        .map(|(name, _, node)| candidate(cx, name, node))
        .collect()
}

/// Facts, roles per candidate, and a day of birth. A fact and a role never share a name.
fn candidate(cx: &Cx, name: &str, node: &Node) -> ScenarioCandidate {
    let mut candidate = ScenarioCandidate {
        name: name.to_owned(),
        ..ScenarioCandidate::default()
    };
    for (word, key, value) in things(cx.sink, Some(node), "a candidate") {
        if word == BORN && !cx.names.case.contains_key(BORN) {
            candidate.born = targets::day(cx.sink, value);
        } else if cx.names.roles.get(word) == Some(&Some(Per::Candidate)) {
            let holders = holders(cx, value);
            candidate.roles.insert(Name::from(word), holders);
        } else {
            let fact = facts::named(cx, key, Home::Case(StateId::ROOT));
            if let Some((FactRef { cohort: true, .. }, _)) = fact {
                let message = "this is the hold's: write it beside the hold's dates";
                cx.sink.error("bad-value", &key.span, message);
                continue;
            }
            let read = fact.and_then(|(fact, kind)| {
                let value = facts::value(cx.sink, value, kind?)?;
                Some((fact.name, value))
            });
            candidate.facts.extend(read);
        }
    }
    candidate
}

/// Invented people who hold a role; `nobody` leaves it empty.
fn holders(cx: &Cx, node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    for node in one_or_more(cx.sink, node, "a person") {
        let word = node.text().unwrap_or_default();
        if !is_name(word) {
            let message = format!("\"{}\" cannot be an invented person's name", short(word));
            let help = "a short name in small letters, such as kim, or nobody";
            cx.sink.error_help("bad-name", &node.span, message, help);
        }
        names.push(word.to_owned());
    }
    if names == [NOBODY] {
        names.clear();
    }
    names
}

/// Facts with their values.
fn set(cx: &Cx, node: &Node) -> BTreeMap<FactRef, Value> {
    let entries = things(cx.sink, Some(node), "facts with their values");
    let fact = |(_, key, value): (&str, &Node, &Node)| {
        let (fact, kind) = facts::named(cx, key, Home::Case(StateId::ROOT))?;
        Some((fact, facts::value(cx.sink, value, kind?)?))
    };
    entries.into_iter().filter_map(fact).collect()
}

/// The role that acts.
fn role(cx: &Cx, node: &Node) -> Option<Name> {
    let named = roles::named(cx, node);
    if named.len() > 1 {
        cx.sink
            .error("bad-value", &node.span, "one role acts at a time");
    }
    named.first().map(|(role, _)| Name::from(*role))
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
