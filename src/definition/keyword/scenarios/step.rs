//! A step: when, whom it is about, and the one thing that happens.
//!
//! ```yaml
//! - {at: 2026-01-20 10:00, set: {cohort.school_place: "Skolevej 1"}}
//! - {at: 2026-01-20 10:00, event: accept, by: training_lead, override: "Har erfaring", set: {track: sundhed}}
//! - {at: 2026-01-20 10:00, refused: accept, because: needs}
//! - {at: 2026-01-20 10:00, book: cohort.info_meeting, on: 2026-02-03 13:00}
//! - {at: 2026-02-03 15:30, held: cohort.info_meeting, absent: [bo]}
//! - {at: 2026-02-03 15:30, who: [ida, bo], done: screening, set: {screened: yes}}
//! - {at: 2026-02-03 15:30, skip: cohort.visit}
//! - {at: 2026-02-03 15:30, create: next_cohort}
//! - {at: 2026-02-03 15:30, pause: {from: 2026-02-09, to: 2026-02-13}}
//! - {at: 2026-02-03 15:30, move: {start: 2026-03-02}}
//! - {at: 2026-02-03 15:30, cancel: cohort}
//! ```
//!
//! `who` is a candidate's name, a list of them, `all`, or `other`: one of those who take the hold's
//! places. It is left out where there is only one candidate, and where the step is about the hold;
//! a pause without it is the hold's.

use std::collections::BTreeMap;

use super::keys::{PAUSE, STEP};
use super::{ALL, OTHER, Stage, day_of, expect, moment, role, set};
use crate::definition::keyword::targets;
use crate::definition::keywords::Rule;
use crate::definition::model::{
    Because, FactRef, Name, Part, Raised, ScenarioStep, StepKind, TaskDeed, Who, Whose,
};
use crate::definition::names::{Entry, Thing};
use crate::definition::shape::{Shape, choice, one_or_more, text, things};
use crate::definition::symbols::Space;
use crate::definition::value::Value;
use crate::definition::yaml::{Node, short};

pub(super) const CANCEL: [(&str, (), &str); 1] = [("cohort", (), "The hold is cancelled.")];
pub(super) const CREATE: [(&str, (), &str); 1] = [("next_cohort", (), "The next hold is opened.")];
/// What facts may be recorded with.
const SET_WITH: [&str; 3] = ["event", "refused", "done"];

pub(super) fn step(stage: &Stage, node: &Node) -> Option<ScenarioStep> {
    let sink = stage.cx.sink;
    let shape = Shape::read(sink, &node.span, node, &STEP)?;
    let at = shape.need(sink, "at").and_then(|node| moment(sink, node));
    let what = deed(stage, node, &shape);
    let named = shape.get("who").map(|node| who(stage, node));
    let what = what?;
    let who = whom(stage, &shape, &what, named);
    Some(ScenarioStep {
        at: at?,
        who,
        what,
        span: node.span.clone(),
    })
}

/// Those named; without a name the only one, where the step is about a candidate.
fn whom(stage: &Stage, shape: &Shape, what: &StepKind, named: Option<Vec<Who>>) -> Vec<Who> {
    let sink = stage.cx.sink;
    let about = about(what);
    if let (Some(span), About::Hold) = (shape.key_span("who"), about) {
        let message = "this is about the hold, so it has no \"who:\"";
        sink.error("bad-value", &span, message);
    }
    match named {
        Some(named) => named,
        None if about != About::Candidate => Vec::new(),
        None => {
            match stage.candidates.len() {
                0 => sink.error(
                    "bad-value",
                    &shape.key_span("at").unwrap_or_default(),
                    "the workflow has no candidate whom this could be about",
                ),
                1 => {}
                _ => shape.missing(sink, "who"),
            }
            vec![Who::Candidate(0)]
        }
    }
}

/// Whom a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Candidate,
    Hold,
    /// Mails and the hold's own things can be expected with or without a candidate.
    Either,
}

fn about(what: &StepKind) -> About {
    let of = |whose: Whose| match whose {
        Whose::Candidate => About::Candidate,
        Whose::Hold | Whose::NextHold => About::Hold,
    };
    match what {
        StepKind::Set(set) if set.keys().any(|fact| fact.cohort) => About::Hold,
        StepKind::Set(_) | StepKind::Event(_) | StepKind::Refused(..) => About::Candidate,
        StepKind::Book { whose, .. }
        | StepKind::Meeting { whose, .. }
        | StepKind::Task { whose, .. } => of(*whose),
        StepKind::MoveDates(_) | StepKind::Cancel | StepKind::OpenNext => About::Hold,
        StepKind::Pause(..) => About::Either,
        StepKind::Expect(expect) => {
            let things = [
                &expect.open,
                &expect.not_open,
                &expect.booked,
                &expect.not_booked,
            ];
            let own = things
                .into_iter()
                .flatten()
                .any(|(whose, _)| *whose == Whose::Candidate);
            let said = expect.state.is_some()
                || expect.moved.is_some()
                || expect.place.is_some()
                || expect.ended.is_some()
                || expect.waits.is_some();
            if own || said {
                About::Candidate
            } else {
                About::Either
            }
        }
    }
}

/// The candidates that `who:` names.
fn who(stage: &Stage, node: &Node) -> Vec<Who> {
    let nodes = one_or_more(stage.cx.sink, node, "a candidate");
    nodes
        .into_iter()
        .flat_map(|node| match node.text().unwrap_or_default() {
            ALL => (0..stage.candidates.len()).map(Who::Candidate).collect(),
            OTHER if stage.has_others => vec![Who::Other],
            OTHER => {
                let message = "there are no others: they come with \"places_taken:\"";
                stage.cx.sink.error("unknown-name", &node.span, message);
                Vec::new()
            }
            _ => candidate(stage, node)
                .map(Who::Candidate)
                .into_iter()
                .collect(),
        })
        .collect()
}

fn candidate(stage: &Stage, node: &Node) -> Option<usize> {
    let word = node.text().unwrap_or_default();
    let found = stage.candidates.iter().position(|name| name == word);
    if found.is_none() || word.is_empty() {
        let message = format!("no candidate of the scenario is called \"{}\"", short(word));
        let known = stage.candidates.iter().map(String::as_str);
        let known = known.filter(|name| !name.is_empty());
        stage
            .cx
            .sink
            .error_name("unknown-name", &node.span, word, message, known);
    }
    found
}

fn deed(stage: &Stage, node: &Node, shape: &Shape) -> Option<StepKind> {
    let sink = stage.cx.sink;
    let facts = shape.get("set").map(|node| set(stage.cx, node));
    if let (Some(facts), Some(span)) = (&facts, shape.key_span("set")) {
        of_one_side(stage, facts, &span);
    }
    let deeds: Vec<&str> = all_deeds()
        .filter(|deed| shape.get(deed).is_some())
        .collect();
    let alone = facts.is_some() && deeds.is_empty();
    beside(stage, shape, &deeds, alone);
    let [deed] = deeds.as_slice() else {
        if let (Some(facts), true) = (facts, alone) {
            return Some(StepKind::Set(facts));
        }
        let all: Vec<&str> = all_deeds().collect();
        let message = format!("a step does one thing: set or one of {}", all.join(", "));
        sink.error("bad-value", &node.span, message);
        return None;
    };
    let value = shape.get(deed)?;
    let facts = facts.unwrap_or_default();
    match *deed {
        "event" => raised(stage, shape, value, facts).map(StepKind::Event),
        "refused" => {
            let because = shape
                .get("because")
                .and_then(|node| choice(sink, node, "because", &Because::WORDS));
            raised(stage, shape, value, facts).map(|raised| StepKind::Refused(raised, because))
        }
        "book" => {
            let on = shape.need(sink, "on").and_then(|node| moment(sink, node));
            let (whose, meeting) = thing(stage, value, &Thing::Meeting)?;
            Some(StepKind::Book {
                whose,
                meeting,
                on: on?,
            })
        }
        "done" => task(stage, value, TaskDeed::Done, facts),
        "skip" => task(stage, value, TaskDeed::Skip, facts),
        "reopen" => task(stage, value, TaskDeed::Reopen, facts),
        "pause" => pause(stage, value),
        "move" => moved(stage, value),
        "cancel" => choice(sink, value, "cancel", &CANCEL).map(|()| StepKind::Cancel),
        "create" => create(stage, value),
        "expect" => expect::read(stage, shape, value),
        _ => meeting(stage, shape, deed, value),
    }
}

/// What a step can do; `set` may also stand beside some of it.
fn all_deeds() -> impl Iterator<Item = &'static str> {
    STEP.one_of.iter().copied().filter(|deed| *deed != "set")
}

/// Keys that say nothing without the deed they belong to.
fn beside(stage: &Stage, shape: &Shape, deeds: &[&str], alone: bool) {
    for key in STEP
        .keys
        .iter()
        .filter(|key| !STEP.one_of.contains(&key.name))
    {
        for rule in key.rules {
            if let Rule::With(with, _) = rule {
                stray(stage, shape, key.name, with, deeds);
            }
        }
    }
    if !alone {
        stray(stage, shape, "set", &SET_WITH, deeds);
    }
}

fn stray(stage: &Stage, shape: &Shape, key: &str, with: &[&str], deeds: &[&str]) {
    let Some(span) = shape.key_span(key) else {
        return;
    };
    if deeds.iter().any(|deed| with.contains(deed)) {
        return;
    }
    let with: Vec<String> = with.iter().map(|deed| format!("\"{deed}:\"")).collect();
    let also = if key == "set" { "alone or " } else { "" };
    let message = format!("\"{key}:\" stands {also}beside {}", with.join(" or "));
    stage.cx.sink.error("bad-value", &span, message);
}

/// What is recorded at once is a candidate's or the hold's.
fn of_one_side(stage: &Stage, facts: &BTreeMap<FactRef, Value>, span: &std::ops::Range<usize>) {
    let of_hold = facts.keys().filter(|fact| fact.cohort).count();
    if of_hold > 0 && of_hold < facts.len() {
        let message = "these are facts of the candidate and of the hold: make it two steps";
        stage.cx.sink.error("bad-value", span, message);
    }
}

fn raised(
    stage: &Stage,
    shape: &Shape,
    value: &Node,
    set: BTreeMap<FactRef, Value>,
) -> Option<Raised> {
    let cx = stage.cx;
    let by = shape.get("by").and_then(|node| role(cx, node));
    let reason = shape
        .get("override")
        .and_then(|node| text(cx.sink, node, "the reason for an override"));
    Some(Raised {
        event: event(stage, value)?,
        set,
        by,
        override_reason: reason.map(str::to_owned),
    })
}

fn event(stage: &Stage, node: &Node) -> Option<Name> {
    let cx = stage.cx;
    let word = text(cx.sink, node, "an event")?;
    if let Some(Entry {
        thing: Thing::Event,
        ..
    }) = cx.names.case.get(word)
    {
        cx.sink.used(Space::Case, word, &node.span);
        return Some(Name::from(word));
    }
    let message = format!("no event is called \"{}\"", short(word));
    let events = cx.names.words(false, |thing| *thing == Thing::Event);
    cx.sink
        .error_name("unknown-name", &node.span, word, message, events);
    None
}

fn task(
    stage: &Stage,
    value: &Node,
    deed: TaskDeed,
    set: BTreeMap<FactRef, Value>,
) -> Option<StepKind> {
    let (whose, task) = thing(stage, value, &Thing::Task)?;
    Some(StepKind::Task {
        whose,
        task,
        deed,
        set,
    })
}

fn meeting(stage: &Stage, shape: &Shape, deed: &str, value: &Node) -> Option<StepKind> {
    let part = match deed {
        "held" => Part::Held,
        "no_show" => Part::NoShow,
        _ => Part::Cancelled,
    };
    let (whose, meeting) = thing(stage, value, &Thing::Meeting)?;
    let absent = shape.get("absent").map(|node| {
        let nodes = one_or_more(stage.cx.sink, node, "a candidate");
        nodes
            .into_iter()
            .filter_map(|node| candidate(stage, node))
            .collect()
    });
    if let (Some(span), Whose::Candidate) = (shape.key_span("absent"), whose) {
        let message = "\"absent:\" is for a meeting of the hold; here it is \"no_show:\"";
        stage.cx.sink.error("bad-value", &span, message);
    }
    Some(StepKind::Meeting {
        whose,
        meeting,
        part,
        absent: absent.unwrap_or_default(),
    })
}

fn pause(stage: &Stage, value: &Node) -> Option<StepKind> {
    let sink = stage.cx.sink;
    let shape = Shape::read(sink, &value.span, value, &PAUSE)?;
    let day = |key: &str| targets::day(sink, shape.need(sink, key)?);
    let (first, last) = (day("from"), day("to"));
    if first? > last? {
        let message = "a pause ends on its first day or later";
        sink.error("bad-value", &value.span, message);
    }
    Some(StepKind::Pause(first?, last?))
}

fn moved(stage: &Stage, value: &Node) -> Option<StepKind> {
    let sink = stage.cx.sink;
    let mut dates = BTreeMap::new();
    for (word, key, value) in things(sink, Some(value), "dates of the hold") {
        let Some(date) = stage.dates.iter().find(|date| *date.name == *word) else {
            let message = format!("the hold has no date \"{}\"", short(word));
            let known = stage.dates.iter().map(|date| &*date.name);
            sink.error_name("unknown-name", &key.span, word, message, known);
            continue;
        };
        sink.used(Space::Hold, word, &key.span);
        dates.extend(day_of(stage.cx, date, value).map(|day| (date.name.clone(), day)));
    }
    (!dates.is_empty()).then_some(StepKind::MoveDates(dates))
}

fn create(stage: &Stage, value: &Node) -> Option<StepKind> {
    let sink = stage.cx.sink;
    choice(sink, value, "create", &CREATE)?;
    if !stage.has_next {
        let message = "the scenario has no \"next_cohort:\" with its dates";
        sink.error("missing-key", &value.span, message);
    }
    Some(StepKind::OpenNext)
}

/// A meeting or task of the candidate, with `cohort.` of the hold, with `next_cohort.` of the next.
pub(super) fn thing(stage: &Stage, node: &Node, wanted: &Thing) -> Option<(Whose, Name)> {
    let cx = stage.cx;
    let word = text(cx.sink, node, wanted.what())?;
    let (whose, name) = if let Some(name) = word.strip_prefix("cohort.") {
        (Whose::Hold, name)
    } else if let Some(name) = word.strip_prefix("next_cohort.") {
        (Whose::NextHold, name)
    } else {
        (Whose::Candidate, word)
    };
    if whose == Whose::NextHold && !stage.has_next {
        let message = "the scenario has no \"next_cohort:\" with its dates";
        cx.sink.error("missing-key", &node.span, message);
    }
    let cohort = whose != Whose::Candidate;
    let is_wanted = |cohort: bool| {
        let entry = cx.names.side(cohort).get(name);
        entry.is_some_and(|entry| entry.thing == *wanted)
    };
    if is_wanted(cohort) {
        cx.sink.used(Space::side(cohort), name, &node.span);
        return Some((whose, Name::from(name)));
    }
    let message = format!("\"{}\" is not {}", short(word), wanted.what());
    if is_wanted(!cohort) {
        let other = if cohort {
            name.to_owned()
        } else {
            format!("cohort.{name}")
        };
        let help = format!("did you mean \"{other}\"?");
        cx.sink
            .error_help("unknown-name", &node.span, message, help);
    } else {
        let known = cx.names.words(cohort, |thing| thing == wanted);
        cx.sink
            .error_name("unknown-name", &node.span, name, message, known);
    }
    None
}
