//! Leaving states and entering others.

use jiff::civil::Date;

use super::{Run, TRANSITIONS_MAX};
use crate::definition::model::{
    Goal, MeetingTime, MessageTime, Name, Outcome, Part, StateId, Trigger,
};
use crate::engine::effect::{About, Effect, MeetingWord};
use crate::engine::event::{Cause, Entry, Event, TaskFate};
use crate::engine::frame::{COHORT, Frame, atomic_in, initial, part_word, path_to};
use crate::engine::guard::{NEXT_COHORT, of_hold};
use crate::engine::input::{News, Refusal};
use crate::engine::plan::{Ordinal, Planned, What, Why};
use crate::engine::subject::Ending;

impl Run<'_> {
    /// Goes where a transition leads; the state entered counts from `base`.
    pub(super) fn go(
        &mut self,
        frame: &Frame<'_>,
        goal: &Goal,
        cause: Cause,
        base: Date,
    ) -> Result<(), Refusal> {
        self.transitions += 1;
        if self.transitions > TRANSITIONS_MAX {
            return Err(Refusal::NoRest {
                limit: TRANSITIONS_MAX,
            });
        }
        match goal {
            Goal::State(id) => self.go_to(frame, *id, cause, base),
            Goal::NextCohort(id) => self.go_on(frame, *id),
        }
    }

    fn go_to(
        &mut self,
        frame: &Frame<'_>,
        goal: StateId,
        cause: Cause,
        base: Date,
    ) -> Result<(), Refusal> {
        let workflow = self.view.workflow;
        let (old, new) = (frame.path(), path_to(workflow, initial(workflow, goal)));
        let common = common(&old, &new, goal);
        let (left, entered) = (&old[common..], &new[common..]);
        if entered.iter().any(|id| workflow.states[id.0].holds_place)
            && self.free_places().is_some_and(|free| free < 1)
        {
            let places = workflow.cohort.places.unwrap_or_default();
            return Err(Refusal::HoldFull { places });
        }
        self.leave(frame, left, cause == Cause::Time);
        let last_day = self.last_day(&cause, base);
        let entries = entered.iter().map(|id| self.entry(*id, base)).collect();
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
            });
        }
    }

    /// Continues on the next hold, with facts and people; here the case has ended as moved.
    fn go_on(&mut self, frame: &Frame<'_>, goal: StateId) -> Result<(), Refusal> {
        let cohort = self.view.next_cohort.ok_or(Refusal::NoNextCohort)?;
        let old = frame.path();
        self.leave(frame, &old, false);
        self.swap_places(&old, &[]);
        self.tell_hold(&old, &[]);
        self.happen(Event::Ended {
            how: Ending::Moved,
            day: self.today(),
        });
        let facts = self
            .subject
            .facts
            .iter()
            .map(|(name, fact)| (name.clone(), fact.value.clone()))
            .collect();
        let state = self.view.workflow.states[goal.0].name.clone();
        self.effects.push(Effect::OpenNext {
            cohort,
            state,
            facts,
            people: self.subject.people.clone(),
        });
        Ok(())
    }

    fn entry(&self, id: StateId, base: Date) -> Entry {
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

    /// What leaving means: farewell mail, open tasks withdrawn, unheld meetings called off.
    fn leave(&mut self, frame: &Frame<'_>, left: &[StateId], by_time: bool) {
        for id in left.iter().rev() {
            self.say_farewell(frame, *id);
            self.withdraw_tasks(frame, *id, by_time);
            self.call_off(frame, *id);
        }
    }

    fn say_farewell(&mut self, frame: &Frame<'_>, id: StateId) {
        use crate::definition::model::Anchor;
        let state = frame.state(id);
        let Some(visit) = frame.subject.visits.get(&state.name).map(|visit| visit.n) else {
            return;
        };
        for message in &state.scope.messages {
            let MessageTime::When { point, .. } = &message.when else {
                continue;
            };
            if point.anchor != Anchor::Left || point.shift.is_some() {
                continue;
            }
            let due = Planned {
                scope: state.name.clone(),
                visit,
                declaration: format!("message.{}", message.name),
                ordinal: Ordinal::Count(visit.into()),
                at: self.at,
                what: What::Message(message),
                why: Why {
                    phrase: point.text.clone(),
                    nominal: None,
                    moved: None,
                },
                ahead: false,
            };
            if frame.truth(&message.guard, self.today()) == crate::engine::guard::Truth::True {
                let intent = self.message_intent(frame, &due, message);
                self.say(&due, About::Message, Some(intent));
            } else {
                self.decided(&due, due.mark(), crate::engine::event::Fate::Guard);
            }
        }
    }

    fn withdraw_tasks(&mut self, frame: &Frame<'_>, id: StateId, by_time: bool) {
        let state = frame.state(id);
        for task in &state.scope.tasks {
            let log = frame.subject.tasks.get(&task.name);
            let open: Vec<u32> = log
                .map(|log| log.open.iter().map(|one| one.no).collect())
                .unwrap_or_default();
            for no in open {
                self.happen(Event::Task {
                    task: task.name.clone(),
                    no,
                    what: TaskFate::Withdrawn,
                });
            }
            // A latecomer passes through a state whose time was up; what should have been done in it shows.
            let passed = by_time
                && frame
                    .subject
                    .visits
                    .get(&state.name)
                    .is_some_and(|visit| visit.at >= self.at);
            let mark = format!("task.{}", task.name);
            if passed
                && task.opens.is_none()
                && task.every.is_none()
                && frame.subject.mark(&state.name, &mark).is_none()
            {
                self.happen(Event::Task {
                    task: task.name.clone(),
                    no: 0,
                    what: TaskFate::Missed,
                });
            }
        }
    }

    fn call_off(&mut self, frame: &Frame<'_>, id: StateId) {
        for meeting in &frame.state(id).scope.meetings {
            let Some(log) = frame.subject.meetings.get(&meeting.name) else {
                continue;
            };
            let at = self.at;
            for booking in log.open.iter().filter(|booking| booking.start > at) {
                self.happen(Event::Met {
                    meeting: meeting.name.clone(),
                    no: booking.no,
                    part: Part::Cancelled,
                });
                self.invite(frame, meeting, booking, MeetingWord::Cancelled);
            }
        }
    }

    /// Whether entering a state would take one of the hold's places.
    pub(super) fn takes_place(&self, frame: &Frame<'_>, goal: StateId) -> bool {
        let workflow = self.view.workflow;
        let new = path_to(workflow, initial(workflow, goal));
        let entered = &new[common(&frame.path(), &new, goal)..];
        entered.iter().any(|id| workflow.states[id.0].holds_place)
    }

    pub(super) fn swap_places(&mut self, left: &[StateId], entered: &[StateId]) {
        let holds = |ids: &[StateId]| {
            ids.iter()
                .any(|id| self.view.workflow.states[id.0].holds_place)
        };
        let (gives, takes) = (holds(left), holds(entered));
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
        let joined = hold.meetings.iter().any(|meeting| {
            !matches!(meeting.when, MeetingTime::Free) && looked_at(&meeting.about, entered)
        });
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
            frame
                .state(id)
                .scope
                .events
                .iter()
                .find(|event| matches(&event.trigger))
        });
        // Nothing declared for it here: recorded where it happened, and that is all.
        let Some(event) = found else { return Ok(()) };
        if frame.truth(&event.guard, self.today()) != crate::engine::guard::Truth::True {
            return Ok(());
        }
        let Some(then) = &event.then else {
            return Ok(());
        };
        let written = if cohort {
            format!("{COHORT}.{name}")
        } else {
            name.to_string()
        };
        let goal = self
            .goal(&frame, then)
            .map_err(|facts| Refusal::NeedsFacts {
                facts: crate::engine::guard::names(&facts),
            })?;
        if matches!(goal, Goal::NextCohort(_)) && self.view.next_cohort.is_none() {
            self.wait_for_next(&frame, &goal);
            return Ok(());
        }
        let cause = Cause::Event(format!("{written}.{}", part_word(part)));
        self.go(&frame, &goal, cause, self.today())
    }

    /// An event leads to a hold that does not exist yet: the case waits, visibly, where it is.
    fn wait_for_next(&mut self, frame: &Frame<'_>, goal: &Goal) {
        use crate::engine::event::{Decision, Fate};
        use crate::engine::subject::Mark;
        let (Some(atomic), Goal::NextCohort(id)) = (frame.atomic(), goal) else {
            return;
        };
        let state = frame.state(atomic).name.clone();
        let visit = frame.subject.visits.get(&state).map_or(1, |visit| visit.n);
        let facts = vec![of_hold(NEXT_COHORT)];
        self.happen(Event::Decided(Decision {
            occurrence: format!("next@{state}#{visit}.1"),
            scope: state,
            declaration: format!(
                "{}{}",
                crate::engine::plan::NEXT,
                self.view.workflow.states[id.0].name
            ),
            mark: Mark::Waiting {
                ordinal: 1,
                facts: facts.clone(),
            },
            fate: Fate::Waiting(facts),
        }));
    }
}

/// How many states from the root stay entered. A state that is its own goal is entered anew.
fn common(old: &[StateId], new: &[StateId], goal: StateId) -> usize {
    let shared = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let again = old
        .last()
        .filter(|atomic| **atomic == goal && shared == old.len());
    if again.is_some() { shared - 1 } else { shared }
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Success => Ending::Success,
        Outcome::Neutral => Ending::Neutral,
        Outcome::Dropout => Ending::Dropout,
    }
}
