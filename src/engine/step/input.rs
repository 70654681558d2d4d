//! Taking an input: each kind checks itself, refuses by name, and says what happened.

use std::collections::BTreeMap;

use super::Run;
use crate::definition::model::{
    Event as EventDef, FactRef, Goal, Name, Part, Per, StateId, ThingPart, Trigger,
};
use crate::definition::value::Value;
use crate::engine::effect::Effect;
use crate::engine::event::{Cause, Event, TaskFate};
use crate::engine::frame::Frame;
use crate::engine::guard::{Truth, names};
use crate::engine::input::{Actor, Given, Input, News, Refusal};
use crate::engine::subject::{Answered, Kind};

impl<'a> Run<'a> {
    pub(super) fn take(&mut self, input: &Input, actor: &Actor) -> Result<(), Refusal> {
        self.at = self.now;
        match input {
            Input::Tick => return Ok(()),
            Input::News(news) => return self.hear(news),
            // Of a case that has ended, too: what its end brings with it is still to be said.
            Input::Early { occurrence } => return self.send_early(occurrence),
            // It may be the end that is taken back.
            Input::Undo(undo) => return self.undo(undo),
            Input::Anonymise { running } => return self.anonymise(*running),
            _ => {}
        }
        if let Some(ended) = &self.subject.ended {
            let day = ended.day;
            return Err(match self.subject.kind {
                Kind::Cohort => Refusal::HoldCancelled { day },
                Kind::Case | Kind::Workflow => Refusal::Ended { day },
            });
        }
        match input {
            Input::Tick
            | Input::News(_)
            | Input::Early { .. }
            | Input::Undo(_)
            | Input::Anonymise { .. } => Ok(()),
            Input::Fire {
                event,
                set,
                override_reason,
                another,
            } => {
                if !another {
                    self.same_day(event)?;
                }
                self.fire(event, set, override_reason.as_deref(), actor)
            }
            Input::Record(facts) => self.record(facts),
            Input::Task {
                task,
                act,
                set,
                assign,
            } => self.do_task(task, *act, set, assign, actor),
            Input::Book {
                meeting,
                start,
                place,
            } => self.book(meeting, *start, place.clone(), actor),
            Input::Met {
                meeting,
                part,
                attendance,
            } => self.met(meeting, *part, attendance),
            Input::Answer {
                meeting,
                no,
                seat,
                said,
                revision,
                stamp,
            } => self.answer(
                meeting,
                *no,
                seat,
                &Answered {
                    said: *said,
                    revision: *revision,
                    stamp: *stamp,
                },
            ),
            Input::Transfer { cohort, state } => self.transfer(*cohort, state.clone()),
            Input::Assign { role, people } => self.assign(role, people),
            Input::MoveDates(dates) => self.move_dates(dates),
            Input::TakeBack { forget } => self.take_back(*forget),
            Input::Cancel => self.cancel_hold(),
            Input::Pause(pause) => self.pause(*pause),
            Input::Unpause(first) => self.unpause(*first),
            Input::Again {
                occurrence,
                revision,
            } => self.say_again(occurrence, *revision),
        }
    }

    fn fire(
        &mut self,
        name: &Name,
        set: &BTreeMap<FactRef, Given>,
        override_reason: Option<&str>,
        actor: &Actor,
    ) -> Result<(), Refusal> {
        let view = self.view;
        let (from, event) = self.declared(name)?;
        may(&event.by, &event.may_override, actor)?;
        self.record(set)?;
        // A task that the facts complete may have led elsewhere: the event must still be there.
        self.declared(name)?;
        let before = self.subject.clone();
        let frame = Frame::new(view, &before);
        let missing: Vec<FactRef> = event
            .needs
            .iter()
            .filter(|fact| frame.fact(fact).is_none())
            .cloned()
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::NeedsFacts {
                facts: names(&missing),
            });
        }
        let overridden = self.guarded(&frame, event, override_reason, actor)?;
        if let (true, Some(reason)) = (overridden, override_reason) {
            // The reason is a person's words, so it is kept apart from history, where it can be erased.
            self.effects.push(Effect::Text {
                fact: format!("override.{name}").into(),
                text: reason.to_owned(),
            });
        }
        self.happen(Event::Fired {
            name: name.clone(),
            overridden,
        });
        let Some(then) = &event.then else {
            return Ok(());
        };
        let before = self.subject.clone();
        let frame = Frame::new(view, &before);
        let way = self
            .goal(&frame, then)
            .map_err(|facts| Refusal::NeedsFacts {
                facts: names(&facts),
            })?;
        if matches!(way.1, Goal::NextCohort(_)) && view.next_cohort.is_none() {
            return Err(Refusal::NoNextCohort);
        }
        let cause = Cause::Event(name.to_string());
        self.go(&frame, from, way, cause, self.today())
    }

    /// What is only recorded may be recorded twice by mistake: of a second one on one day the
    /// recorder is asked whether it is the same (LANGUAGE §3, many events).
    fn same_day(&self, name: &Name) -> Result<(), Refusal> {
        let only_recorded = self.declared(name)?.1.then.is_none();
        let last = self.subject.fired.get(name).filter(|_| only_recorded);
        let local = |at| self.view.workflow.calendar.local(at);
        match last.map(|last| local(last.at)) {
            Some(at) if at.date() == local(self.at).date() => Err(Refusal::SameDay {
                event: name.to_string(),
                at,
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// The innermost state's event of that name.
    fn declared(&self, name: &Name) -> Result<(StateId, &'a EventDef), Refusal> {
        let workflow = self.view.workflow;
        let frame = Frame::new(self.view, &self.subject);
        let mut possible: Vec<String> = Vec::new();
        for id in frame.path().into_iter().rev() {
            for event in &workflow.states[id.0].scope.events {
                match &event.trigger {
                    Trigger::Named(known) if known == name => return Ok((id, event)),
                    Trigger::Named(known) if !possible.contains(&known.to_string()) => {
                        possible.push(known.to_string());
                    }
                    Trigger::Named(_) | Trigger::Thing(_) => {}
                }
            }
        }
        let state = self.subject.state.as_deref().unwrap_or("-").to_owned();
        let possible = if possible.is_empty() {
            "no events".to_owned()
        } else {
            possible.join(", ")
        };
        Err(Refusal::NotHere {
            event: name.to_string(),
            state,
            possible,
        })
    }

    /// Whether a false guard was passed by someone who may, with a reason.
    fn guarded(
        &self,
        frame: &Frame<'_>,
        event: &EventDef,
        reason: Option<&str>,
        actor: &Actor,
    ) -> Result<bool, Refusal> {
        let refused = match frame.truth(&event.guard, self.today()) {
            Truth::True => return Ok(false),
            Truth::False => Refusal::GuardFalse {
                condition: crate::engine::why::guard_words(self.view.workflow, &event.guard),
            },
            Truth::Unknown(facts) => Refusal::NeedsFacts {
                facts: names(&facts),
            },
        };
        let allowed = actor
            .role
            .as_ref()
            .is_none_or(|role| event.may_override.contains(role));
        let given = reason.is_some_and(|reason| !reason.trim().is_empty());
        if given && allowed && !event.may_override.is_empty() {
            Ok(true)
        } else {
            Err(refused)
        }
    }

    /// Records facts; tasks whose facts are all known are done with it.
    pub(super) fn record(&mut self, facts: &BTreeMap<FactRef, Given>) -> Result<(), Refusal> {
        if facts.is_empty() {
            return Ok(());
        }
        if self.subject.kind == Kind::Workflow {
            return Err(Refusal::NoSuchFact {
                fact: names(&facts.keys().cloned().collect::<Vec<_>>()),
            });
        }
        let mut values: BTreeMap<Name, Value> = BTreeMap::new();
        for (fact, given) in facts {
            let own = fact.cohort == (self.subject.kind == Kind::Cohort);
            let workflow = self.view.workflow;
            let declared = if fact.cohort {
                &workflow.cohort.facts
            } else {
                &workflow.facts
            };
            let known = declared.iter().find(|known| known.name == fact.name);
            let Some(known) = known.filter(|known| own && known.kind.admits(&given.value)) else {
                return Err(Refusal::NoSuchFact {
                    fact: names(std::slice::from_ref(fact)),
                });
            };
            values.insert(known.name.clone(), given.value.clone());
            if let Some(text) = &given.text {
                self.effects.push(Effect::Text {
                    fact: known.name.clone(),
                    text: text.clone(),
                });
            }
        }
        self.happen(Event::Recorded { facts: values });
        self.tasks_filled()
    }

    pub(super) fn assign(&mut self, role: &Name, people: &[i64]) -> Result<(), Refusal> {
        let per = match self.subject.kind {
            Kind::Case => Per::Candidate,
            Kind::Cohort => Per::Cohort,
            Kind::Workflow => Per::Workflow,
        };
        let known = self
            .view
            .workflow
            .roles
            .iter()
            .any(|known| known.name == *role && known.per == per);
        if !known {
            return Err(Refusal::NoSuchRole {
                role: role.to_string(),
                per: format!("{per:?}").to_lowercase(),
            });
        }
        self.happen(Event::Assigned {
            role: role.clone(),
            people: people.to_vec(),
        });
        self.tasks_filled()
    }

    fn hear(&mut self, news: &News) -> Result<(), Refusal> {
        match news {
            News::Hold { name, part, at } => {
                if self.subject.ended.is_some() {
                    return Ok(());
                }
                // It counts from when it happened, not from when the word came.
                self.at = (*at).max(self.subject.last_at).min(self.now);
                let thing = ThingPart {
                    cohort: true,
                    name: name.clone(),
                    part: *part,
                };
                self.take_note(&thing, 0, *at);
                self.raise(true, name, *part)
            }
            // A cancelled hold has nothing to offer any more.
            News::PlaceGiven | News::Joined | News::Left { .. } if self.subject.ended.is_some() => {
                Ok(())
            }
            News::PlaceGiven => {
                self.happen(Event::PlaceFree);
                Ok(())
            }
            News::Joined => {
                self.invite_newcomers();
                Ok(())
            }
            News::Left { task } => self.clear(task),
            // What it is kept by stands beside it; that it plans anew is all.
            News::Kept => Ok(()),
        }
    }

    /// Someone left what a task clears: it is done when nobody is left.
    fn clear(&mut self, task: &Name) -> Result<(), Refusal> {
        let open = self
            .subject
            .tasks
            .get(task)
            .and_then(|log| log.open.first())
            .map(|one| one.no);
        let Some(no) = open.filter(|_| self.left_in(task) == 0) else {
            return Ok(());
        };
        self.happen(Event::Task {
            task: task.clone(),
            no,
            what: TaskFate::Done,
        });
        self.raise(false, task, Part::Done)
    }
}

/// Whether an actor may do what is for certain roles.
pub(super) fn may(by: &[Name], or: &[Name], actor: &Actor) -> Result<(), Refusal> {
    let Some(role) = &actor.role else {
        return Ok(());
    };
    if by.is_empty() || by.contains(role) || or.contains(role) {
        return Ok(());
    }
    Err(Refusal::NotAllowed {
        role: role.to_string(),
        allowed: by.join(", "),
    })
}
