//! What the checker passes comes to rest: small workflows by chance, played by the engine from every
//! state, long after all their days. And what it calls restless is, unless a guard stands between.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use tovholder::definition::model::{FactRef, Name, Workflow};
use tovholder::definition::read;
use tovholder::definition::value::Value;
use tovholder::engine::input::{Actor, Given, Input, Refusal, TaskAct};
use tovholder::engine::{NewCase, open_case, step};

use crate::engine::dates;
use crate::engine::play::{HOLD, Stage};

/// How a state ends by time, if it does.
#[derive(Clone, Debug)]
enum Stay {
    Open,
    Lasts(&'static str),
    Until(&'static str),
}

/// A state by chance: its end, whether it goes by a fact, where to, and what its task fills and does.
#[derive(Clone, Debug)]
struct Drawn {
    stay: Stay,
    guarded: Option<&'static str>,
    goals: (usize, usize),
    task: Option<(&'static str, Option<usize>)>,
}

const STATES: usize = 4;

fn stay() -> impl Strategy<Value = Stay> {
    prop_oneof![
        1 => Just(Stay::Open),
        2 => prop::sample::select(vec!["1 week", "1 calendar day", "1 month"]).prop_map(Stay::Lasts),
        4 => prop::sample::select(vec![
            "cohort.start",
            "1 week after cohort.start",
            "2 weeks before cohort.start",
            "ends",
            "2026-03-02",
            "2 weeks after entered",
        ])
        .prop_map(Stay::Until),
    ]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let goal = 0..STATES + 2;
    let guard = prop::sample::select(vec!["ready: yes", "ready: no", "age: {at_least: 25}"]);
    let fills = prop::sample::select(vec!["mentor", "ready", "mentor, ready"]);
    (
        stay(),
        prop::option::of(guard),
        (goal.clone(), goal.clone()),
        prop::option::of((fills, prop::option::of(goal))),
    )
        .prop_map(|(stay, guarded, goals, task)| Drawn {
            stay,
            guarded,
            goals,
            task,
        })
}

/// Where a number leads: to a state, to the compound, or to the end.
fn goal(at: usize) -> String {
    match at {
        STATES => "whole".to_owned(),
        at if at < STATES => format!("s{at}"),
        _ => "over".to_owned(),
    }
}

fn write(out: &mut String, pad: &str, own: &str, drawn: &Drawn) {
    let then = match drawn.guarded {
        None => goal(drawn.goals.0),
        Some(guard) => format!(
            "[{{if: {{{guard}}}, then: {}}}, {{else: {}}}]",
            goal(drawn.goals.0),
            goal(drawn.goals.1)
        ),
    };
    let _ = writeln!(out, "{pad}{own}:\n{pad}  title: X");
    match &drawn.stay {
        Stay::Open => {}
        Stay::Lasts(length) => _ = writeln!(out, "{pad}  lasts: {length}\n{pad}  then: {then}"),
        Stay::Until(day) => _ = writeln!(out, "{pad}  until: {day}\n{pad}  then: {then}"),
    }
    if let Some((fills, leads)) = &drawn.task {
        let _ = writeln!(
            out,
            "{pad}  tasks: {{t_{own}: {{title: X, by: consultant, fills: [{fills}]}}}}"
        );
        if let Some(leads) = leads {
            let _ = writeln!(
                out,
                "{pad}  events: {{t_{own}.done: {{then: {}}}}}",
                goal(*leads)
            );
        }
    }
}

/// The last two states are in a compound. A person may lead a case anywhere, and to its end.
fn file(states: &[Drawn], whole: &Drawn) -> String {
    let mut out = String::from(
        "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: 08:00-16:00\n\
         roles: {consultant: {title: K, per: candidate}, mentor: {title: M, per: candidate}}\n\
         cohort: {dates: {start: {title: X}}}\ncandidate:\n\
         \x20 facts: {ready: {title: X, type: yes_no}, ends: {title: X, type: date}}\n  events:\n    leave: {title: X, then: over}\n",
    );
    for at in 0..=STATES {
        let _ = writeln!(out, "    to{at}: {{title: X, then: {}}}", goal(at));
    }
    out.push_str("  states:\n");
    for (at, drawn) in states.iter().enumerate() {
        if at == STATES - 2 {
            write(&mut out, "    ", "whole", whole);
            out.push_str("      states:\n");
        }
        let pad = if at >= STATES - 2 { "        " } else { "    " };
        write(&mut out, pad, &format!("s{at}"), drawn);
    }
    out.push_str("    over: {title: X, final: success}\n");
    out
}

/// Facts known from the start: ready or not, and a day that is past.
fn facts(ready: Option<bool>, ends: bool) -> BTreeMap<Name, Given> {
    let given = |value| Given { value, text: None };
    let ready = ready.map(|ready| (Name::from("ready"), given(Value::YesNo(ready))));
    let past = "2026-02-16".parse().expect("a date");
    let ends = ends.then(|| (Name::from("ends"), given(Value::Date(past))));
    ready.into_iter().chain(ends).collect()
}

/// Plays a workflow from every state, whatever is known; says what never came to rest.
fn play(workflow: &Workflow) -> Vec<String> {
    let mut begun = Stage::new(workflow.clone(), dates("start 2026-02-02"));
    begun.open_hold("2026-01-05T08:00:00Z".parse().expect("an instant"));
    begun.born = Some("1990-01-01".parse().expect("a date"));
    begun.now = "2026-06-03T08:00:00Z".parse().expect("an instant");
    let atomic = workflow
        .states
        .iter()
        .filter(|state| state.children.is_empty());
    let known = [
        (None, false, false),
        (Some(true), true, false),
        (Some(false), true, true),
        (Some(true), true, true),
    ];
    let tried = atomic.flat_map(|state| known.map(|known| (state.name.clone(), known)));
    tried
        .flat_map(|(state, known)| play_from(&begun, &state, known))
        .collect()
}

/// Opens a case in a state, lets time do what it does, and then people each thing they can.
fn play_from(
    begun: &Stage,
    state: &Name,
    (ready, ends, mentor): (Option<bool>, bool, bool),
) -> Vec<String> {
    let new = NewCase {
        state: Some(state.clone()),
        facts: facts(ready, ends),
        people: mentor
            .then(|| (Name::from("mentor"), vec![7]))
            .into_iter()
            .collect(),
    };
    let clock = Actor {
        role: None,
        from: "clock".to_owned(),
    };
    begun.view_of(HOLD + 1, |view, _| {
        let opened = open_case(view, &new, begun.now).expect("it opens");
        let rested = match step(view, &opened.subject, &Input::Tick, &clock, begun.now) {
            Ok(rested) => rested.subject,
            Err(refusal) => {
                return vec![format!(
                    "opened in {state}, {ready:?} {ends} {mentor}: {refusal}"
                )];
            }
        };
        let acts = acts(begun).into_iter().filter_map(|input| {
            let refused = step(view, &rested, &input, &clock, begun.now).err();
            let restless = matches!(refused, Some(Refusal::NoRest { .. }));
            restless.then(|| format!("{input:?} from {state}, {ready:?} {ends} {mentor}"))
        });
        acts.collect()
    })
}

/// What people do at once: events, tasks with all that they fill.
fn acts(begun: &Stage) -> Vec<Input> {
    let fact = |name: &str| FactRef {
        cohort: false,
        name: name.into(),
    };
    let fire = |at: usize| Input::Fire {
        another: false,
        event: format!("to{at}").into(),
        set: BTreeMap::new(),
        override_reason: None,
    };
    let tasks = begun
        .workflow
        .states
        .iter()
        .flat_map(|state| &state.scope.tasks);
    let done = tasks.map(|task| Input::Task {
        task: task.name.clone(),
        act: TaskAct::Done,
        set: [(
            fact("ready"),
            Given {
                value: Value::YesNo(true),
                text: None,
            },
        )]
        .into(),
        assign: [(Name::from("mentor"), vec![7])].into(),
    });
    done.chain((0..=STATES).map(fire)).collect()
}

#[test]
fn what_the_checker_passes_comes_to_rest() {
    let (passed, refused) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_121),
        max_shrink_iters: 200,
        ..Config::default()
    });
    let result = runner.run(
        &(prop::collection::vec(drawn(), STATES), drawn()),
        |(states, whole)| {
            let text = file(&states, &whole);
            let read = read("w.yaml", &text);
            if let Some(workflow) = &read.workflow {
                passed.set(passed.get() + 1);
                let restless = play(workflow);
                prop_assert!(restless.is_empty(), "{restless:#?}\n{text}");
            } else if read
                .problems
                .iter()
                .any(|problem| problem.rule == "restless-loop")
            {
                refused.set(refused.get() + 1);
            }
            Ok(())
        },
    );
    result.unwrap_or_else(|failure| panic!("{failure}"));
    // Chance draws enough of both kinds to say something.
    assert!(
        passed.get() >= 50 && refused.get() >= 50,
        "{passed:?} pass, {refused:?} are restless"
    );
}
