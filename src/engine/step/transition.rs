//! Leaving states and entering others.

use super::Run;
use crate::definition::machine::Branch;
use crate::definition::model::{
    Event as EventDef, FactRef, Goal, Name, Outcome, Part, StateId, ThingPart, Trigger,
};
use crate::engine::effect::Effect;
use crate::engine::event::{Cause, Decision, Entry, Event, Fate, Way};
use crate::engine::frame::{Frame, atomic_in, initial, path_to};
use crate::engine::guard::{FREE_PLACES, NEXT_COHORT, names, of_hold};
use crate::engine::input::{News, Refusal};
use crate::engine::plan::{self};
use crate::engine::subject::{Ending, Kind, Mark};
use jiff::civil::Date;

impl Run<'_> {
    /// Goes where a branch of the state `from` leads; the state entered counts from `base`.
    pub(super) fn go(
        &mut self,
        frame: &Frame<'_>,
        from: StateId,
        (branch, goal): (Branch, Goal),
        cause: Cause,
        base: Date,
    ) -> Result<(), Refusal> {
        match goal {
            Goal::State(id) => {
                self.count_transition(initial(self.view.workflow, id), base)?;
                self.go_to(frame, (from, branch), id, cause, base)
            }
            Goal::NextCohort(id) => self.go_on(frame, (from, branch), id, cause),
        }
    }

    fn way(&self, (from, branch): (StateId, Branch)) -> Way {
        Way {
            from: self.view.workflow.states[from.0].name.clone(),
            branch,
        }
    }

    fn go_to(
        &mut self,
        frame: &Frame<'_>,
        way: (StateId, Branch),
        goal: StateId,
        cause: Cause,
        base: Date,
    ) -> Result<(), Refusal> {
        let workflow = self.view.workflow;
        let (old, new) = (frame.path(), path_to(workflow, initial(workflow, goal)));
        // A state whose time is up is left, wherever that leads.
        let over = (cause == Cause::Time).then_some(way.0);
        let over = old.iter().position(|id| Some(*id) == over);
        let common = common(&old, &new, goal).min(over.unwrap_or(usize::MAX));
        let (left, entered) = (&old[common..], &new[common..]);
        if self.missing_for(frame, &Goal::State(goal)).is_some() {
            let places = workflow.cohort.places.unwrap_or_default();
            return Err(Refusal::HoldFull { places });
        }
        self.leave(frame, left, cause == Cause::Time);
        let last_day = self.last_day(&cause, base);
        let by_time = cause == Cause::Time;
        let entries = entered
            .iter()
            .map(|id| self.entry(*id, base, by_time))
            .collect();
        let to = workflow.states[new[new.len() - 1].0].name.clone();
        let left_names = left
            .iter()
            .rev()
            .map(|id| (workflow.states[id.0].name.clone(), last_day))
            .collect();
        self.happen(Event::Moved {
            cause,
            left: left_names,
            entered: entries,
            to,
            way: Some(self.way(way)),
        });
        self.swap_places(left, entered);
        self.tell_hold(left, entered);
        self.end_if_final(new[new.len() - 1]);
        Ok(())
    }

    pub(super) fn end_if_final(&mut self, atomic: StateId) {
        if let Some(outcome) = self.view.workflow.states[atomic.0].outcome {
            self.happen(Event::Ended {
                how: ending(outcome),
                day: self.today(),
                moved_by: None,
            });
        }
    }

    /// Continues on the next hold, with facts and people; here the case has ended as moved.
    fn go_on(
        &mut self,
        frame: &Frame<'_>,
        way: (StateId, Branch),
        goal: StateId,
        cause: Cause,
    ) -> Result<(), Refusal> {
        let cohort = self.view.next_cohort.ok_or(Refusal::NoNextCohort)?;
        let state = self.view.workflow.states[goal.0].name.clone();
        self.go_on_at(frame, cohort, state, Some((cause, self.way(way))));
        Ok(())
    }

    /// A person lets it go on at a hold of their choice.
    pub(super) fn transfer(&mut self, cohort: i64, state: Name) -> Result<(), Refusal> {
        if self.subject.kind != Kind::Case {
            return Err(Refusal::OnlyCase {
                what: "go on at another hold",
            });
        }
        let before = self.subject.clone();
        self.go_on_at(&Frame::new(self.view, &before), cohort, state, None);
        Ok(())
    }

    fn go_on_at(
        &mut self,
        frame: &Frame<'_>,
        cohort: i64,
        state: Name,
        moved_by: Option<(Cause, Way)>,
    ) {
        let old = frame.path();
        self.leave(frame, &old, false);
        self.swap_places(&old, &[]);
        self.tell_hold(&old, &[]);
        self.happen(Event::Ended {
            how: Ending::Moved,
            day: self.today(),
            moved_by,
        });
        let facts = self
            .subject
            .facts
            .iter()
            .map(|(name, fact)| (name.clone(), fact.value.clone()))
            .collect();
        self.effects.push(Effect::OpenNext {
            cohort,
            state,
            facts,
            people: self.subject.people.clone(),
        });
    }

    fn entry(&self, id: StateId, base: Date, by_time: bool) -> Entry {
        let state = self.view.workflow.states[id.0].name.clone();
        let n = self
            .subject
            .visits
            .get(&state)
            .map_or(1, |visit| visit.n + 1);
        Entry {
            state,
            n,
            day: base,
            by_time,
        }
    }

    /// The actual last workday in what is left: by time the eve, by a person the day itself.
    fn last_day(&self, cause: &Cause, base: Date) -> Date {
        let day = if *cause == Cause::Time {
            base.yesterday().unwrap_or(base)
        } else {
            self.today()
        };
        self.view.workflow.calendar.workday_on_or_before(day)
    }

    /// Whether entering a state would take one of the hold's places, and not keep one.
    pub(super) fn takes_place(&self, frame: &Frame<'_>, goal: StateId) -> bool {
        let workflow = self.view.workflow;
        let (old, new) = (frame.path(), path_to(workflow, initial(workflow, goal)));
        let common = common(&old, &new, goal);
        self.holds_place(&new[common..]) && !self.holds_place(&old[common..])
    }

    pub(super) fn holds_place(&self, ids: &[StateId]) -> bool {
        let states = &self.view.workflow.states;
        ids.iter().any(|id| states[id.0].holds_place)
    }

    pub(super) fn swap_places(&mut self, left: &[StateId], entered: &[StateId]) {
        let (held, holds) = (self.holds_place(left), self.holds_place(entered));
        self.change_places(held, holds);
    }

    /// The case had one of the hold's places, or not, and has one, or not.
    pub(super) fn change_places(&mut self, held: bool, holds: bool) {
        let (gives, takes) = (held && !holds, holds && !held);
        if gives {
            self.places += 1;
            self.happen(Event::PlaceGiven);
            self.effects.push(Effect::GivePlace);
            let key = format!("place#{}", self.subject.seq);
            self.effects.push(Effect::TellCohort {
                key,
                news: News::PlaceGiven,
            });
        }
        if takes {
            self.places -= 1;
            self.happen(Event::PlaceTaken);
            self.effects.push(Effect::TakePlace);
        }
    }

    /// The hold hears who came where its meetings look, and who left where its tasks look.
    pub(super) fn tell_hold(&mut self, left: &[StateId], entered: &[StateId]) {
        let hold = &self.view.workflow.cohort.scope;
        let looked_at = |about: &[StateId], ids: &[StateId]| {
            let atomic = atomic_in(self.view.workflow, about);
            ids.iter()
                .any(|id| atomic.contains(&self.view.workflow.states[id.0].name))
        };
        let joined = hold
            .meetings
            .iter()
            .any(|meeting| looked_at(&meeting.about, entered));
        let cleared: Vec<Name> = hold
            .tasks
            .iter()
            .filter(|task| {
                !task.clears.is_empty()
                    && looked_at(&task.clears, left)
                    && !looked_at(&task.clears, entered)
            })
            .map(|task| task.name.clone())
            .collect();
        let seq = self.subject.seq;
        if joined {
            self.effects.push(Effect::TellCohort {
                key: format!("joined#{seq}"),
                news: News::Joined,
            });
        }
        for task in cleared {
            self.effects.push(Effect::TellCohort {
                key: format!("left.{task}#{seq}"),
                news: News::Left { task },
            });
        }
    }

    /// Something happened to a task or meeting that a state may react to: the innermost one does.
    pub(super) fn raise(&mut self, cohort: bool, name: &Name, part: Part) -> Result<(), Refusal> {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        if before.ended.is_some() {
            return Ok(());
        }
        let matches = |trigger: &Trigger| match trigger {
            Trigger::Named(_) => false,
            Trigger::Thing(thing) => {
                thing.cohort == cohort && thing.name == *name && thing.part == part
            }
        };
        let found = frame.path().into_iter().rev().find_map(|id| {
            let mut events = frame.state(id).scope.events.iter();
            let event = events.find(|event| matches(&event.trigger))?;
            Some((id, event))
        });
        // Nothing declared for it here: recorded where it happened, and that is all.
        let Some((id, event)) = found else {
            return Ok(());
        };
        let thing = ThingPart {
            cohort,
            name: name.clone(),
            part,
        };
        match self.leads_to(&frame, event) {
            Ok(Some(way)) => {
                let cause = Cause::Event(plan::reaction(&thing).replacen("event.", "", 1));
                self.go(&frame, id, way, cause, self.today())
            }
            Ok(None) => Ok(()),
            Err(facts) if self.asked => Err(self.cannot(&facts)),
            Err(facts) => {
                self.wait_to_react(&frame, id, event, facts);
                Ok(())
            }
        }
    }

    /// Whoever asks is told what is missing.
    fn cannot(&self, facts: &[FactRef]) -> Refusal {
        let of_hold = |name: &str| facts.contains(&of_hold(name));
        if of_hold(NEXT_COHORT) {
            Refusal::NoNextCohort
        } else if of_hold(FREE_PLACES) {
            let places = self.view.workflow.cohort.places.unwrap_or_default();
            Refusal::HoldFull { places }
        } else {
            Refusal::NeedsFacts {
                facts: names(facts),
            }
        }
    }

    /// What happened leads on, but something is missing: the case waits, visibly, where it is.
    pub(super) fn wait_to_react(
        &mut self,
        frame: &Frame<'_>,
        id: StateId,
        event: &EventDef,
        facts: Vec<FactRef>,
    ) {
        let Trigger::Thing(thing) = &event.trigger else {
            return;
        };
        let state = frame.state(id).name.clone();
        let visit = frame.subject.visits.get(&state).map_or(1, |visit| visit.n);
        let declaration = plan::reaction(thing);
        self.happen(Event::Decided(Decision {
            occurrence: format!("{declaration}@{state}#{visit}.1"),
            scope: state,
            declaration,
            mark: Mark::Waiting {
                ordinal: 1,
                facts: facts.clone(),
            },
            fate: Fate::Waiting(facts),
            early: None,
        }));
    }
}

/// How many states from the root stay entered. A state that is the goal is entered anew, also from inside it.
fn common(old: &[StateId], new: &[StateId], goal: StateId) -> usize {
    let shared = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let goal = old.iter().position(|id| *id == goal);
    shared.min(goal.unwrap_or(usize::MAX))
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Success => Ending::Success,
        Outcome::Neutral => Ending::Neutral,
        Outcome::Dropout => Ending::Dropout,
    }
}
