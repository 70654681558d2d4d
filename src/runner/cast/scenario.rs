//! A scenario of a workflow file as a cast: its hold, its one candidate, its steps and nothing else.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::ToSpan;
use jiff::civil::{Date, time};

use super::names::sample_player;
use super::{Cast, Player, Said};
use crate::definition::model::{FactRef, Scenario, ScenarioStep, StepKind};
use crate::definition::value::{FactKind, Value};
use crate::engine::input::{Given, Input, TaskAct};
use crate::runner::People;
use crate::runner::assumed::{ToldWhat, sample_of};

impl Cast {
    /// Plays a scenario of the file: its hold, its one candidate, its steps and nothing else.
    pub fn follow(&mut self, scenario: &Scenario) {
        self.dates = scenario.dates.clone();
        self.only_said = true;
        let given = |value: &Value| Given {
            value: value.clone(),
            text: text_for(value),
        };
        let facts = scenario
            .facts
            .iter()
            .map(|(name, value)| (name.clone(), given(value)))
            .collect();
        self.players = vec![Player {
            born: grown_up(self),
            facts,
            ..sample_player(0)
        }];
        self.said = scenario.steps.iter().map(|step| self.step(step)).collect();
        let first = scenario
            .steps
            .first()
            .map(|step| self.workflow.calendar.instant(step.at));
        let day_before = first.map(|first| first - SignedDuration::from_hours(24));
        self.begins_at = day_before.map(|at| {
            let calendar = &self.workflow.calendar;
            let day = calendar.workday_on_or_before(calendar.local(at).date());
            calendar.instant(day.to_datetime(time(8, 0, 0, 0)))
        });
    }

    fn step(&self, step: &ScenarioStep) -> Said {
        let given = |set: &BTreeMap<FactRef, Value>| {
            set.iter()
                .map(|(fact, value)| {
                    (
                        fact.clone(),
                        Given {
                            value: value.clone(),
                            text: text_for(value),
                        },
                    )
                })
                .collect()
        };
        let (of_hold, what) = match &step.what {
            StepKind::Set(set) => {
                let of_hold = set.keys().next().is_some_and(|fact| fact.cohort);
                (of_hold, ToldWhat::Input(Input::Record(given(set))))
            }
            StepKind::Event(event, set) => (
                false,
                ToldWhat::Input(Input::Fire {
                    event: event.clone(),
                    set: given(set),
                    override_reason: None,
                    another: true,
                }),
            ),
            StepKind::Book {
                cohort,
                meeting,
                on,
            } => (
                *cohort,
                ToldWhat::Input(Input::Book {
                    meeting: meeting.clone(),
                    start: *on,
                    place: None,
                }),
            ),
            StepKind::Meeting(thing) => (
                thing.cohort,
                ToldWhat::Met {
                    meeting: thing.name.clone(),
                    part: thing.part,
                },
            ),
            StepKind::Done { cohort, task, set } => (
                *cohort,
                ToldWhat::Input(Input::Task {
                    task: task.clone(),
                    act: TaskAct::Done,
                    set: given(set),
                    assign: People::new(),
                }),
            ),
            StepKind::Expect { state, mails } => {
                let state = state.map(|id| self.workflow.states[id.0].name.clone());
                (
                    false,
                    ToldWhat::Expect {
                        state,
                        mails: mails.clone(),
                    },
                )
            }
        };
        Said {
            player: (!of_hold).then_some(0),
            at: Some(self.workflow.calendar.instant(step.at)),
            what,
        }
    }
}

fn grown_up(cast: &Cast) -> Option<Date> {
    cast.dates
        .get("start")
        .map(|start| start.saturating_sub(34.years()))
}

fn text_for(value: &Value) -> Option<String> {
    let sample = || sample_of(Some(&FactKind::Text { max: 100 }), "tekst", Date::ZERO).text;
    (*value == Value::Written).then(sample).flatten()
}
