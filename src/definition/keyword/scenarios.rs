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
mod keys;
mod step;

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

pub(crate) use self::keys::{KEYS, PAGE};
use self::step::step;
use super::{Cx, Home, facts, roles, targets};
use crate::calendar::weekday_en;
use crate::definition::model::{
    FactRef, HoldDate, Name, Per, Scenario, ScenarioCandidate, ScenarioHold, ScenarioStep, StateId,
};
use crate::definition::names::{Entry, Thing};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, is_name, list, one_or_more, text, things};
use crate::definition::symbols::{self, Space};
use crate::definition::value::Value;
use crate::definition::yaml::{Node, short};

/// More people than this are no scenario to read.
const CANDIDATES_MAX: usize = 50;
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
    let sink = cx.sink;
    sink.declared(symbols::Kind::Scenario, Space::Scenarios, name, key, value);
    let shape = Shape::read(sink, &key.span, value, &KEYS)?;
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
            cx.sink.used(Space::Hold, word, &key.span);
            if let Some(day) = day_of(cx, date, value) {
                hold.dates.insert(date.name.clone(), day);
            }
        } else if cx.names.roles.get(word) == Some(&Some(Per::Cohort)) {
            cx.sink.used(Space::Roles, word, &key.span);
            hold.roles.insert(Name::from(*word), holders(cx, value));
        } else if let Some(Entry {
            thing: Thing::Fact(kind),
            ..
        }) = cx.names.hold.get(word)
        {
            cx.sink.used(Space::Hold, word, &key.span);
            cx.sink.used_choices(true, word, value);
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
                .words(true, |thing| matches!(thing, Thing::Date | Thing::Fact(_)))
                .chain(roles_per(cx, Per::Cohort));
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
    let Some(span) = shape.key_span("places_taken") else {
        return 0;
    };
    if !cx.names.has_places {
        let message = "the hold has no \"places:\", so none can be taken";
        cx.sink.error("needs-places", &span, message);
    }
    shape.whole(cx.sink, "places_taken").unwrap_or_default()
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
            cx.sink.used(Space::Roles, word, &key.span);
            let holders = holders(cx, value);
            candidate.roles.insert(Name::from(word), holders);
        } else {
            let roles: Vec<&str> = roles_per(cx, Per::Candidate).collect();
            let other = ("fact or role", roles.as_slice());
            let fact = facts::named_or(cx, key, Home::Case(StateId::ROOT), other);
            if let Some((FactRef { cohort: true, .. }, _)) = fact {
                let message = "this is the hold's: write it beside the hold's dates";
                cx.sink.error("bad-value", &key.span, message);
                continue;
            }
            let read = fact.and_then(|(fact, kind)| {
                cx.sink.used_choices(false, &fact.name, value);
                let value = facts::value(cx.sink, value, kind?)?;
                Some((fact.name, value))
            });
            candidate.facts.extend(read);
        }
    }
    candidate
}

/// The roles of which there are so many.
fn roles_per<'c>(cx: &'c Cx, wanted: Per) -> impl Iterator<Item = &'c str> {
    let roles = cx.names.roles.iter();
    roles.filter_map(move |(name, per)| (*per == Some(wanted)).then_some(*name))
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
        cx.sink.used_choices(fact.cohort, &fact.name, value);
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

#[cfg(test)]
mod tests {
    use crate::definition::read;

    const FILE: &str = "\
workflow: base
title: Base
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {mentor: {title: Mentor, per: candidate}, lead: {title: Leder, per: cohort}}
cohort:
  dates: {start: {title: Start, weekday: monday}}
  facts: {room: {title: Lokale, type: text}}
  tasks: {plan: {title: Plan, by: lead}}
  meetings: {intro: {title: Intro, with: [lead], lasts: 1 hour}}
candidate:
  facts: {ready: {title: Klar, type: yes_no}}
  events: {go: {title: Videre, by: mentor, then: end}}
  tasks: {talk: {title: Samtale, by: mentor}}
  meetings: {walk: {title: Tur, with: [candidate, mentor], lasts: 1 hour}}
  messages: {hello: {template: hello, to: candidate, when: entered}}
  states:
    one: {title: En, until: cohort.start, then: end}
    end: {title: Slut, final: success}
scenarios:
  s:
    title: S
";

    fn problems(scenario: &str) -> Vec<String> {
        let text = format!("{FILE}{scenario}\n");
        let read = read("f", &text);
        assert_eq!(read.workflow.is_some(), read.problems.is_empty());
        let problem = |p: &crate::definition::Problem| {
            let help = p
                .help
                .as_ref()
                .map_or(String::new(), |help| format!("; {help}"));
            format!("{}:{} {} {}{help}", p.line, p.column, p.rule, p.message)
        };
        read.problems.iter().map(problem).collect()
    }

    #[test]
    fn everything_that_a_scenario_can_say_is_read() {
        let whole = r#"    cohort: {start: 2026-03-02, room: B12, lead: [kim, mo]}
    next_cohort: {start: 2026-05-04, lead: nobody}
    candidates: {ida: {born: 2001-02-03, ready: yes, mentor: eva}, bo: {mentor: nobody}}
    steps:
      - {at: 2026-02-02 09:00, who: ida, event: go, by: mentor, override: "Ja", set: {ready: no}}
      - {at: 2026-02-02 09:00, who: [ida, bo], refused: go, because: ended}
      - {at: 2026-02-02 09:00, who: all, set: {ready: yes}}
      - {at: 2026-02-02 09:00, set: {cohort.room: B13}}
      - {at: 2026-02-02 09:00, who: bo, done: talk, set: {ready: no}}
      - {at: 2026-02-02 09:00, who: bo, reopen: talk}
      - {at: 2026-02-02 09:00, skip: next_cohort.plan}
      - {at: 2026-02-02 09:00, book: cohort.intro, on: 2026-02-04 10:00}
      - {at: 2026-02-02 09:00, held: cohort.intro, absent: [bo]}
      - {at: 2026-02-02 09:00, who: bo, no_show: walk}
      - {at: 2026-02-02 09:00, cancelled: cohort.intro}
      - {at: 2026-02-02 09:00, create: next_cohort}
      - {at: 2026-02-02 09:00, pause: {from: 2026-02-09, to: 2026-02-13}}
      - {at: 2026-02-02 09:00, who: ida, pause: {from: 2026-02-09, to: 2026-02-09}}
      - {at: 2026-02-02 09:00, move: {start: 2026-03-09}}
      - {at: 2026-02-02 09:00, cancel: cohort}
      - at: 2026-02-02 09:00
        who: bo
        expect: {state: end, waits: [ready, next_cohort], place: no, ended: cancelled, moved: no, open: [talk, cohort.plan],
          not_open: next_cohort.plan, booked: walk, not_booked: cohort.intro, missed: hello,
          mails: {hello: 1, task-reminder: 0, walk-invitation: 1, plan-task-overdue: 0}}"#;
        assert_eq!(problems(whole), Vec::<String>::new());
    }

    #[test]
    fn every_mistake_in_a_scenario_is_reported_where_it_is() {
        for (scenario, expect) in [
            (
                "candidates: {a: {}, b: {}}",
                vec!["27:9 missing-key a step needs \"who:\""],
            ),
            (
                "candidates: {a: {}, all: {}}",
                vec![
                    "25:25 bad-name \"all\" cannot be a candidate's name; a short name in small letters, such as bo",
                    "27:9 missing-key a step needs \"who:\"",
                ],
            ),
            (
                "candidates: {}",
                vec![
                    "25:17 bad-value a scenario names 1 to 50 candidates",
                    "27:10 bad-value the workflow has no candidate whom this could be about",
                ],
            ),
            (
                "places_taken: 3",
                vec!["25:5 needs-places the hold has no \"places:\", so none can be taken"],
            ),
            (
                "next_cohort: {start: 2026-03-02}",
                vec!["25:5 bad-value the next hold starts after 2026-03-02, not on 2026-03-02"],
            ),
            (
                "next_cohort: {}",
                vec!["25:5 missing-key the scenario's hold needs the date \"start\""],
            ),
            (
                "candidate: {cohort.room: B}",
                vec!["25:17 bad-value this is the hold's: write it beside the hold's dates"],
            ),
            (
                "candidate: {mentor: Kim K}",
                vec![
                    "25:25 bad-name \"Kim K\" cannot be an invented person's name; a short name in small letters, such as kim, or nobody",
                ],
            ),
            (
                "candidate: {redy: yes}",
                vec![
                    "25:17 unknown-name no fact or role is called \"redy\"; did you mean \"ready\"?",
                ],
            ),
            (
                "candidate: {born: 1.2.2001}",
                vec!["25:23 bad-value \"1.2.2001\" is not a date; write it as 2026-02-02"],
            ),
        ] {
            let text = format!(
                "    {scenario}\n    cohort: {{start: 2026-03-02}}\n    steps: [{{at: 2026-02-02 09:00, event: go}}]"
            );
            let text = text
                .replace("steps: [{", "steps:\n      - {")
                .replace("}]", "}");
            // The line of the step is 28 with the list's own line; the hold stands in line 26.
            let expect: Vec<String> = expect
                .iter()
                .map(|line| line.replace("27:", "28:"))
                .collect();
            assert_eq!(problems(&text), expect, "{scenario}");
        }
    }

    #[test]
    fn every_mistake_in_a_step_is_reported_where_it_is() {
        for (step, expect) in [
            (
                "event: goo",
                "unknown-name no event is called \"goo\"; did you mean \"go\"?",
            ),
            (
                "event: go, by: mentr",
                "unknown-name no role is called \"mentr\"; did you mean \"mentor\"?",
            ),
            (
                "event: go, because: if",
                "bad-value \"because:\" stands beside \"refused:\"",
            ),
            (
                "refused: go, because: age",
                "bad-value because cannot be \"age\"",
            ),
            (
                "done: talk, override: x",
                "bad-value \"override:\" stands beside \"event:\" or \"refused:\"",
            ),
            (
                "held: walk, set: {ready: yes}",
                "bad-value \"set:\" stands alone or beside \"event:\" or \"refused:\" or \"done:\"",
            ),
            (
                "set: {ready: yes, cohort.room: B}",
                "bad-value these are facts of the candidate and of the hold: make it two steps",
            ),
            (
                "set: {ready: yes}, who: bo",
                "unknown-name no candidate of the scenario is called \"bo\"",
            ),
            (
                "who: other, event: go",
                "unknown-name there are no others: they come with \"places_taken:\"",
            ),
            (
                "who: all, done: cohort.plan",
                "bad-value this is about the hold, so it has no \"who:\"",
            ),
            (
                "done: cohort.talk",
                "unknown-name \"cohort.talk\" is not a task; did you mean \"talk\"?",
            ),
            (
                "skip: next_cohort.plan",
                "missing-key the scenario has no \"next_cohort:\" with its dates",
            ),
            (
                "create: next_cohort",
                "missing-key the scenario has no \"next_cohort:\" with its dates",
            ),
            ("create: cohort", "bad-value create cannot be \"cohort\""),
            (
                "held: cohort.intro, absent: bo",
                "unknown-name no candidate of the scenario is called \"bo\"",
            ),
            (
                "pause: {from: 2026-02-09, to: 2026-02-08}",
                "bad-value a pause ends on its first day or later",
            ),
            (
                "move: {start: 2026-03-03}",
                "bad-value 2026-03-03 is a tuesday, and \"start\" falls on a monday",
            ),
            (
                "move: {strt: 2026-03-02}",
                "unknown-name the hold has no date \"strt\"; did you mean \"start\"?",
            ),
            (
                "event: go, expect: {state: one}",
                "bad-value a step does one thing: set or one of event, refused, book, held, no_show, cancelled, done, skip, reopen, pause, move, cancel, create, expect",
            ),
            (
                "expect: {}",
                "missing-key expect needs \"state:\" or \"mails:\"",
            ),
            (
                "expect: {ended: maybe}",
                "bad-value ended cannot be \"maybe\"",
            ),
            (
                "expect: {free_places: 1}",
                "needs-places the hold has no \"places:\"",
            ),
            (
                "expect: {mails: {helo: 1}}",
                "unknown-name no mail of the workflow uses \"helo\"; did you mean \"hello\"?",
            ),
            (
                "expect: {missed: helo}",
                "unknown-name no message is called \"helo\"; did you mean \"hello\"?",
            ),
            (
                "expect: {open: walk}",
                "unknown-name \"walk\" is not a task; did you mean \"talk\"?",
            ),
            (
                "expect: {waits: redy}",
                "unknown-name no fact is called \"redy\"; did you mean \"ready\"?",
            ),
        ] {
            let text = format!(
                "    cohort: {{start: 2026-03-02}}\n    steps:\n      - {{at: 2026-02-02 09:00, {step}}}"
            );
            let found = problems(&text);
            let found: Vec<&str> = found
                .iter()
                .filter_map(|line| line.split_once(' '))
                .map(|(_, rest)| rest)
                .collect();
            let first = found.first().copied().unwrap_or_default();
            assert!(first.starts_with(expect), "{step}: {found:?}");
        }
    }
}
