//! A scenario of a workflow file as a cast: its holds, its candidates, its steps and nothing else.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::ToSpan;
use jiff::civil::{Date, time};

use super::names::{sample_player, slug};
use super::{Cast, HoldGiven, NextHold, Player, Said, Saying};
use crate::calendar::capital;
use crate::definition::model::{
    Expect, FactRef, Name, Raised, Scenario, ScenarioCandidate, ScenarioHold, ScenarioStep,
    StepKind, TaskDeed, Who, Whose,
};
use crate::definition::value::{FactKind, Value};
use crate::engine::input::{Given, Input, TaskAct};
use crate::engine::pause::Pause;
use crate::runner::People;
use crate::runner::assumed::{ToldWhat, sample_of};

impl Cast {
    /// Plays a scenario of the file: its holds, its candidates, its steps and nothing else.
    pub fn follow(&mut self, scenario: &Scenario) {
        self.dates = scenario.cohort.dates.clone();
        self.given = hold_given(&scenario.cohort);
        self.only_said = true;
        let later = scenario
            .steps
            .iter()
            .any(|step| matches!(step.what, StepKind::OpenNext));
        self.next = scenario.next_cohort.as_ref().map(|next| NextHold {
            title: format!("{} 2", self.workflow.cohort.title),
            dates: next.dates.clone(),
            given: hold_given(next),
            later,
        });
        let born = grown_up(self);
        let named = scenario.candidates.iter().enumerate();
        let others = (0..scenario.places_taken as usize).map(|number| Player {
            name: format!("Anden kandidat {}", number + 1),
            born,
            only_takes_place: true,
            ..Player::default()
        });
        self.players = named
            .map(|(number, candidate)| player(candidate, number, born))
            .chain(others)
            .collect();
        let steps = scenario.steps.iter().enumerate();
        self.said = steps
            .flat_map(|(number, step)| self.step(number, step))
            .collect();
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

    /// One thing said for each whom the step is about.
    fn step(&self, number: usize, step: &ScenarioStep) -> Vec<Said> {
        let at = Some(self.workflow.calendar.instant(step.at));
        let said = |whom, what| Said {
            whom,
            at,
            what,
            step: Some(number),
        };
        let what = what_happens(&step.what);
        if step.who.is_empty() {
            return vec![said(whom_of_hold(&step.what), what)];
        }
        let each = step.who.iter().enumerate().map(|(index, who)| {
            let whom = match who {
                Who::Candidate(player) => Saying::Player(*player),
                Who::Other => Saying::Other,
            };
            let what = match &step.what {
                // What is expected of the hold is looked at once.
                StepKind::Expect(expect) if index > 0 => {
                    ToldWhat::Expect(Box::new(of_candidate(expect)))
                }
                _ => what.clone(),
            };
            said(whom, what)
        });
        each.collect()
    }
}

fn whom_of_hold(what: &StepKind) -> Saying {
    match what {
        StepKind::Book { whose, .. }
        | StepKind::Meeting { whose, .. }
        | StepKind::Task { whose, .. }
            if *whose == Whose::NextHold =>
        {
            Saying::NextHold
        }
        _ => Saying::Hold,
    }
}

fn what_happens(what: &StepKind) -> ToldWhat {
    match what {
        StepKind::Set(set) => ToldWhat::Input(Input::Record(given(set))),
        StepKind::Event(raised) => ToldWhat::Raise {
            input: raise(raised),
            by: raised.by.clone(),
            refused: None,
        },
        StepKind::Refused(raised, because) => ToldWhat::Raise {
            input: raise(raised),
            by: raised.by.clone(),
            refused: Some(*because),
        },
        StepKind::Book { meeting, on, .. } => ToldWhat::Input(Input::Book {
            meeting: meeting.clone(),
            start: *on,
            place: None,
        }),
        StepKind::Meeting {
            meeting,
            part,
            absent,
            ..
        } => ToldWhat::Met {
            meeting: meeting.clone(),
            part: *part,
            absent: absent.clone(),
        },
        StepKind::Task {
            task, deed, set, ..
        } => ToldWhat::Input(Input::Task {
            task: task.clone(),
            act: match deed {
                TaskDeed::Done => TaskAct::Done,
                TaskDeed::Skip => TaskAct::Skip,
                TaskDeed::Reopen => TaskAct::Reopen,
            },
            set: given(set),
            assign: People::new(),
        }),
        StepKind::Pause(first, last) => ToldWhat::Input(Input::Pause(Pause {
            first: *first,
            last: *last,
        })),
        StepKind::MoveDates(dates) => ToldWhat::Input(Input::MoveDates(dates.clone())),
        StepKind::Cancel => ToldWhat::Input(Input::Cancel),
        StepKind::OpenNext => ToldWhat::OpenNext,
        StepKind::Expect(expect) => ToldWhat::Expect(expect.clone()),
    }
}

fn raise(raised: &Raised) -> Input {
    Input::Fire {
        event: raised.event.clone(),
        set: given(&raised.set),
        override_reason: raised.override_reason.clone(),
        another: true,
    }
}

/// The part of an expectation that each candidate has for themselves.
fn of_candidate(expect: &Expect) -> Expect {
    let own = |things: &[(Whose, Name)]| {
        let own = things
            .iter()
            .filter(|(whose, _)| *whose == Whose::Candidate);
        own.cloned().collect()
    };
    Expect {
        state: expect.state,
        moved: expect.moved,
        place: expect.place,
        waits: expect.waits.clone(),
        ended: expect.ended,
        open: own(&expect.open),
        not_open: own(&expect.not_open),
        booked: own(&expect.booked),
        not_booked: own(&expect.not_booked),
        ..Expect::default()
    }
}

/// A candidate with a name of their own, or the sample one of that number.
fn player(candidate: &ScenarioCandidate, number: usize, grown_up: Option<Date>) -> Player {
    let sample = sample_player(number);
    let name = if candidate.name.is_empty() {
        sample.name
    } else {
        let last = sample.name.split_whitespace().last().unwrap_or_default();
        format!("{} {last}", first_name(&candidate.name))
    };
    let facts = candidate.facts.iter();
    Player {
        name,
        born: candidate.born.or(grown_up),
        facts: facts
            .map(|(name, value)| (name.clone(), given_value(value)))
            .collect(),
        roles: addresses(&candidate.roles),
        ..Player::default()
    }
}

fn first_name(key: &str) -> String {
    capital(&key.replace('_', " "))
}

fn hold_given(hold: &ScenarioHold) -> HoldGiven {
    HoldGiven {
        facts: given(&hold.facts),
        roles: addresses(&hold.roles),
    }
}

/// Invented people have addresses of their own.
fn addresses(roles: &BTreeMap<Name, Vec<String>>) -> BTreeMap<Name, Vec<String>> {
    let address = |name: &String| format!("{}@eksempel.example", slug(name));
    roles
        .iter()
        .map(|(role, names)| (role.clone(), names.iter().map(address).collect()))
        .collect()
}

fn given(set: &BTreeMap<FactRef, Value>) -> BTreeMap<FactRef, Given> {
    let each = set.iter();
    each.map(|(fact, value)| (fact.clone(), given_value(value)))
        .collect()
}

fn given_value(value: &Value) -> Given {
    Given {
        value: value.clone(),
        text: text_for(value),
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
