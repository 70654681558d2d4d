//! Acts by chance: anything anyone may do on a stage, in any order, at any time.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::time;
use proptest::prelude::*;
use tovholder::definition::model::{FactRef, Fill, Name, Part, Scope, Task, Trigger};
use tovholder::definition::value::{FactKind, Value};
use tovholder::engine::NewCase;
use tovholder::engine::frame::Frame;
use tovholder::engine::input::{Actor, Given, Input, News, TaskAct};
use tovholder::engine::pause::Pause;
use tovholder::engine::plan::{self, Planned};

use super::play::{HOLD, Stage};

/// One act: how much time passes first, whose turn it is, what it is, and what of it.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    pub minutes: i32,
    pub who: u8,
    pub what: u8,
    pub which: u16,
    pub value: u16,
}

/// Acts in an order that shrinks to fewer, sooner ones.
pub fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let minutes = prop_oneof![
        4 => 0..90_i32,
        4 => 60..5_000_i32,
        2 => 5_000..60_000_i32,
        // Some clocks go back.
        1 => -3_000..0_i32,
    ];
    let act = (minutes, any::<u8>(), 0..31_u8, any::<u16>(), any::<u16>());
    let act = act.prop_map(|(minutes, who, what, which, value)| Act {
        minutes,
        who,
        what,
        which,
        value,
    });
    prop::collection::vec(act, 0..most)
}

/// Does one act. Refusals are part of life: they change nothing, which the stage checks.
pub fn do_it(stage: &mut Stage, act: Act) {
    let then = stage.now + SignedDuration::from_mins(act.minutes.into());
    if act.minutes >= 0 {
        stage.pass(then);
    }
    let before = stage.now;
    stage.now = then;
    let id = whose(stage, act);
    match act.what {
        0 => drop(stage.open("x", &newcomer(stage, act), then)),
        1 => stage.next_cohort = stage.next_cohort.xor(Some(99)),
        2 => {
            stage.asleep = !stage.asleep;
            // Whoever has slept looks first: what happened on the hold meanwhile has told nobody.
            if !stage.asleep {
                stage.look();
            }
        }
        3 => {
            stage.born = stage.born.xor(Some(jiff::civil::date(
                2001,
                1,
                1 + i8::try_from(act.value % 28).unwrap_or(0),
            )));
        }
        _ => {
            if let Some(input) = input(stage, id, act) {
                let before = stage.player(id).subject.clone();
                if stage.give(id, &input, &anyone(act)).is_err() {
                    assert_eq!(
                        before,
                        stage.player(id).subject,
                        "a refusal changed something"
                    );
                }
            }
        }
    }
    // Only this one act saw the clock that went back.
    stage.now = stage.now.max(before);
}

/// Whose turn it is. A pause is only lifted where there is one, which few of them have.
fn whose(stage: &Stage, act: Act) -> i64 {
    let mut ids = stage.ids();
    if act.what == 27 {
        let stands_still = |id: &i64| !stage.player(*id).subject.pauses.is_empty();
        let still: Vec<i64> = ids.iter().copied().filter(stands_still).collect();
        ids = if still.is_empty() { ids } else { still };
    }
    ids[usize::from(act.who) % ids.len()]
}

fn anyone(act: Act) -> Actor {
    let role = (act.value % 5 == 4).then(|| Name::from("consultant"));
    Actor {
        role,
        from: "chance".into(),
    }
}

fn newcomer(stage: &Stage, act: Act) -> NewCase {
    let states = &stage.workflow.states;
    let state = &states[usize::from(act.which) % states.len()];
    let somewhere = act.value.is_multiple_of(3) && state.outcome.is_none();
    NewCase {
        state: somewhere.then(|| state.name.clone()),
        facts: BTreeMap::new(),
        people: BTreeMap::new(),
    }
}

/// An input that means something in this workflow; `None` where nothing of the kind is declared.
fn input(stage: &Stage, id: i64, act: Act) -> Option<Input> {
    let of_hold = id == HOLD;
    let workflow = &stage.workflow;
    let scopes: Vec<&Scope> = if of_hold {
        vec![&workflow.cohort.scope]
    } else {
        workflow.states.iter().map(|state| &state.scope).collect()
    };
    let facts = if of_hold {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let pick = usize::from(act.which);
    let fact = |at: usize| -> Option<(FactRef, Given)> {
        let fact = facts.get(at % facts.len().max(1))?;
        let name = FactRef {
            cohort: of_hold,
            name: fact.name.clone(),
        };
        Some((name, given(&fact.kind, act.value, stage)))
    };
    let tasks: Vec<&Task> = scopes.iter().flat_map(|scope| &scope.tasks).collect();
    let meetings = scopes.iter().flat_map(|scope| &scope.meetings);
    let meetings: Vec<Name> = meetings.map(|meeting| meeting.name.clone()).collect();
    let today = workflow.calendar.local(stage.now).date();
    let soon =
        |days: u16, less: i64| today.saturating_add(jiff::Span::new().days(i64::from(days) - less));
    let meeting = || meetings.get(pick % meetings.len().max(1)).cloned();
    Some(match act.what {
        4..=9 => {
            let events = scopes.iter().flat_map(|scope| &scope.events);
            let named = events.filter_map(|event| match &event.trigger {
                Trigger::Named(name) => Some((name, event)),
                Trigger::Thing(_) => None,
            });
            let named: Vec<_> = named.collect();
            let (name, event) = named.get(pick % named.len().max(1))?;
            let needs = event.needs.iter().filter(|_| act.value % 4 != 3);
            let at = |need: &FactRef| facts.iter().position(|fact| fact.name == need.name);
            Input::Fire {
                event: (*name).clone(),
                set: needs.filter_map(|need| fact(at(need)?)).collect(),
                override_reason: act.value.is_multiple_of(2).then(|| "because".into()),
                another: !act.value.is_multiple_of(3),
            }
        }
        10 | 11 => Input::Record(fact(pick).into_iter().chain(fact(pick / 7)).collect()),
        12..=16 => {
            let task = tasks.get(pick % tasks.len().max(1))?;
            let filled = |fill: &Fill| match fill {
                Fill::Fact(filled) => facts.iter().position(|fact| fact.name == filled.name),
                Fill::Role(_) => None,
            };
            let assign = task.fills.iter().filter_map(|fill| match fill {
                Fill::Role(role) => Some((role.clone(), vec![i64::from(act.value % 3)])),
                Fill::Fact(_) => None,
            });
            Input::Task {
                task: task.name.clone(),
                act: match act.what {
                    12 => TaskAct::Skip,
                    13 => TaskAct::Reopen,
                    _ => TaskAct::Done,
                },
                set: task
                    .fills
                    .iter()
                    .filter_map(|fill| fact(filled(fill)?))
                    .collect(),
                assign: assign.collect(),
            }
        }
        17..=19 => {
            let day = workflow.calendar.local(stage.now).date();
            let day = day.saturating_add(jiff::Span::new().days(i64::from(act.value % 60) - 3));
            let start = day.to_datetime(time(i8::try_from(act.value % 24).unwrap_or(0), 30, 0, 0));
            Input::Book {
                meeting: meeting()?,
                start,
                place: None,
            }
        }
        20 | 21 => {
            let came = |id: &i64| (*id, (act.value >> (*id % 8)).is_multiple_of(2));
            let list = stage
                .ids()
                .into_iter()
                .filter(|id| *id != HOLD && of_hold && !act.value.is_multiple_of(3));
            Input::Met {
                meeting: meeting()?,
                part: [Part::Held, Part::NoShow, Part::Cancelled][usize::from(act.value % 3)],
                attendance: list.map(|id| came(&id)).collect(),
            }
        }
        22 => Input::Assign {
            role: workflow
                .roles
                .get(pick % workflow.roles.len())?
                .name
                .clone(),
            people: vec![i64::from(act.value % 4)],
        },
        23 if of_hold => Input::News(News::PlaceGiven),
        24 | 25 => {
            let known = &workflow.cohort.dates;
            let name = known.get(pick % known.len().max(1))?.name.clone();
            Input::MoveDates(BTreeMap::from([(name, soon(act.value % 90, 20))]))
        }
        26 => Input::Pause(Pause {
            first: soon(act.value % 30, 8),
            last: soon(act.value % 30 + act.which % 20, 9),
        }),
        27 => {
            let given = &stage.player(id).subject.pauses;
            Input::Unpause(*given.keys().nth(pick % given.len().max(1))?)
        }
        28 => {
            let intents = &stage.player(id).intents;
            let said = intents.get(pick % intents.len().max(1))?;
            Input::Again {
                occurrence: said.occurrence.clone(),
                revision: said.revision + u32::from(act.value % 3),
            }
        }
        30 => {
            // Mostly what is planned; sometimes what has gone.
            let mut known: Vec<String> = stage.view_of(id, |view, subject| {
                let planned = plan::next_messages(&Frame::new(view, subject));
                planned.iter().map(Planned::occurrence).collect()
            });
            let intents = stage.player(id).intents.iter();
            known.extend(intents.take(3).map(|intent| intent.occurrence.clone()));
            Input::Early {
                occurrence: known.get(pick % known.len().max(1))?.clone(),
            }
        }
        // A hold that is gone is soon told; most are not.
        29 if act.value.is_multiple_of(6) => Input::Cancel,
        // So is a case that should never have been.
        29 if act.value % 12 == 3 => Input::Anonymise {
            running: act.which.is_multiple_of(2),
        },
        29 if act.value % 12 == 1 => Input::TakeBack {
            forget: act.which.is_multiple_of(2),
        },
        _ => Input::Tick,
    })
}

fn given(kind: &FactKind, value: u16, stage: &Stage) -> Given {
    let number = i64::from(value);
    let today = stage.workflow.calendar.local(stage.now).date();
    let value = match kind {
        FactKind::OneOf(choices) => {
            Value::Choice(choices[usize::from(value) % choices.len()].0.clone())
        }
        FactKind::YesNo => Value::YesNo(!value.is_multiple_of(3)),
        FactKind::WholeNumber => Value::Whole(number),
        FactKind::Decimal => Value::Decimal(number),
        FactKind::Date => {
            Value::Date(today.saturating_add(jiff::Span::new().days(number % 90 - 20)))
        }
        FactKind::Text { .. } => Value::Written,
        FactKind::Grade => Value::Grade(u8::try_from(value % 7).unwrap_or(0)),
    };
    Given { value, text: None }
}
