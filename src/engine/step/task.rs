//! Tasks: opening, doing, skipping, reopening, reminding.

use std::collections::BTreeMap;

use super::Run;
use super::input::may;
use crate::definition::model::{FactRef, Fill, Name, Part, Remind, Task};
use crate::engine::effect::About;
use crate::engine::event::{Event, Fate, TaskFate};
use crate::engine::frame::{Frame, Open, atomic_in};
use crate::engine::guard::{Truth, names};
use crate::engine::input::{Actor, Given, Refusal, TaskAct};
use crate::engine::plan::{self, Planned};
use crate::engine::subject::OpenTask;

impl<'a> Run<'a> {
    pub(super) fn open_task(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        task: &Task,
    ) -> Result<(), Refusal> {
        if frame.truth(&task.guard, self.today()) != Truth::True {
            self.decided(due, due.mark(), Fate::Guard);
            return Ok(());
        }
        let no = frame
            .subject
            .tasks
            .get(&task.name)
            .map_or(1, |log| log.opened + 1);
        let slot = match due.ordinal {
            plan::Ordinal::Slot(slot) => Some(slot),
            plan::Ordinal::Count(_) => None,
        };
        let one = OpenTask {
            no,
            slot,
            at: self.at,
            late: false,
            overdue: false,
        };
        let open = frame.open().into_iter().find(|open| open.name == due.scope);
        let late = open.is_some_and(|open| plan::opens_late(frame, task, &one, &open));
        self.decided(due, due.mark(), Fate::Done);
        self.supersede(frame, due, task);
        if no > 1 {
            self.forget(task);
        }
        self.happen(Event::TaskOpened {
            task: task.name.clone(),
            no,
            slot,
            late,
        });
        self.tasks_filled()
    }

    /// When a task opens anew, an older one that nobody did is missed: at once when it was only a
    /// recommendation, else, when it recurs, once everybody has been told that it is overdue.
    fn supersede(&mut self, frame: &Frame<'_>, due: &Planned<'_>, task: &Task) {
        if task.every.is_none() && !task.optional {
            return;
        }
        let told = |no: u32| {
            let mark = format!("task.{}#{no}.overdue_mail", task.name);
            frame.workflow().overdue.is_none() || frame.subject.mark(&due.scope, &mark).is_some()
        };
        let log = frame.subject.tasks.get(&task.name);
        for one in log.map_or(&[][..], |log| &log.open) {
            if task.optional || (one.overdue && told(one.no)) {
                self.happen(Event::Task {
                    task: task.name.clone(),
                    no: one.no,
                    what: TaskFate::Missed,
                });
            }
        }
    }

    /// A task that opens again makes the facts it fills unknown, so that a loop never decides on a stale answer.
    fn forget(&mut self, task: &Task) {
        let stale: Vec<Name> = task
            .fills
            .iter()
            .filter_map(|fill| match fill {
                Fill::Fact(fact) if self.subject.facts.contains_key(&fact.name) => {
                    Some(fact.name.clone())
                }
                Fill::Fact(_) | Fill::Role(_) => None,
            })
            .collect();
        if !stale.is_empty() {
            self.happen(Event::Cleared { facts: stale });
        }
    }

    /// Open tasks whose facts and roles are all filled are done.
    pub(super) fn tasks_filled(&mut self) -> Result<(), Refusal> {
        let tasks = self.own_tasks();
        for task in tasks.into_iter().filter(|task| !task.fills.is_empty()) {
            let open = self
                .subject
                .tasks
                .get(&task.name)
                .and_then(|log| log.open.first())
                .map(|one| one.no);
            if let Some(no) = open.filter(|_| self.unfilled(task).is_empty()) {
                self.happen(Event::Task {
                    task: task.name.clone(),
                    no,
                    what: TaskFate::Done,
                });
                self.raise(false, &task.name, Part::Done)?;
            }
        }
        Ok(())
    }

    fn unfilled(&self, task: &Task) -> Vec<FactRef> {
        task.fills
            .iter()
            .filter_map(|fill| match fill {
                Fill::Fact(fact) => {
                    (!self.subject.facts.contains_key(&fact.name)).then(|| fact.clone())
                }
                Fill::Role(role) => {
                    let held = self
                        .subject
                        .people
                        .get(role)
                        .is_some_and(|people| !people.is_empty());
                    (!held).then(|| FactRef {
                        cohort: false,
                        name: role.clone(),
                    })
                }
            })
            .collect()
    }

    fn own_tasks(&self) -> Vec<&'a Task> {
        let workflow = self.view.workflow;
        match self.subject.kind {
            crate::engine::subject::Kind::Case => workflow
                .states
                .iter()
                .flat_map(|state| &state.scope.tasks)
                .collect(),
            crate::engine::subject::Kind::Cohort => workflow.cohort.scope.tasks.iter().collect(),
            crate::engine::subject::Kind::Workflow => Vec::new(),
        }
    }

    pub(super) fn do_task(
        &mut self,
        name: &Name,
        act: TaskAct,
        set: &BTreeMap<FactRef, Given>,
        assign: &BTreeMap<Name, Vec<i64>>,
        actor: &Actor,
    ) -> Result<(), Refusal> {
        let view = self.view;
        let not_open = || Refusal::TaskNotOpen {
            task: name.to_string(),
        };
        let mut all = view
            .workflow
            .states
            .iter()
            .flat_map(|state| &state.scope.tasks);
        let task = match self.subject.kind {
            crate::engine::subject::Kind::Cohort => view
                .workflow
                .cohort
                .scope
                .tasks
                .iter()
                .find(|task| task.name == *name),
            _ => all.find(|task| task.name == *name),
        };
        let task = task.ok_or_else(not_open)?;
        may(&task.by, &[], actor)?;
        if act == TaskAct::Reopen {
            return self.reopen(task);
        }
        let no = self
            .subject
            .tasks
            .get(name)
            .and_then(|log| log.open.first())
            .ok_or_else(not_open)?
            .no;
        if act == TaskAct::Skip {
            if !task.optional && task.every.is_none() {
                return Err(Refusal::TaskNotOptional {
                    task: name.to_string(),
                });
            }
            self.happen(Event::Task {
                task: name.clone(),
                no,
                what: TaskFate::Skipped,
            });
            return Ok(());
        }
        for (role, people) in assign {
            self.assign(role, people)?;
        }
        self.record(set)?;
        let left = self.left_in(name);
        if left > 0 {
            let states = atomic_in(view.workflow, &task.clears).join(", ");
            return Err(Refusal::NotCleared {
                task: name.to_string(),
                states,
                left,
            });
        }
        let unfilled = self.unfilled(task);
        if !unfilled.is_empty() {
            return Err(Refusal::NeedsFacts {
                facts: names(&unfilled),
            });
        }
        let still_open = self
            .subject
            .tasks
            .get(name)
            .is_some_and(|log| log.open.iter().any(|one| one.no == no));
        if still_open {
            self.happen(Event::Task {
                task: name.clone(),
                no,
                what: TaskFate::Done,
            });
            self.raise(false, name, Part::Done)?;
        }
        Ok(())
    }

    fn reopen(&mut self, task: &Task) -> Result<(), Refusal> {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let declares =
            |open: &Open<'_>| open.scope.tasks.iter().any(|known| known.name == task.name);
        let here = frame.open().into_iter().find(declares);
        let log = before
            .tasks
            .get(&task.name)
            .filter(|log| log.open.is_empty() && log.opened > 0);
        let (Some(open), Some(log)) = (here, log) else {
            return Err(Refusal::TaskNotOpen {
                task: task.name.to_string(),
            });
        };
        let one = OpenTask {
            no: log.opened + 1,
            slot: None,
            at: self.at,
            late: false,
            overdue: false,
        };
        let late = plan::opens_late(&frame, task, &one, &open);
        self.forget(task);
        self.vacate(task);
        self.happen(Event::TaskOpened {
            task: task.name.clone(),
            no: one.no,
            slot: None,
            late,
        });
        Ok(())
    }

    /// Whoever reopens the search for a mentor is looking for another one.
    fn vacate(&mut self, task: &Task) {
        for fill in &task.fills {
            if let Fill::Role(role) = fill
                && self
                    .subject
                    .people
                    .get(role)
                    .is_some_and(|held| !held.is_empty())
            {
                self.happen(Event::Assigned {
                    role: role.clone(),
                    people: Vec::new(),
                });
            }
        }
    }

    /// How many of the hold's cases are left in the states that a task clears.
    pub(super) fn left_in(&self, task: &Name) -> u32 {
        let found = self
            .view
            .workflow
            .cohort
            .scope
            .tasks
            .iter()
            .find(|known| known.name == *task);
        let Some(clears) = found
            .map(|task| &task.clears)
            .filter(|clears| !clears.is_empty())
        else {
            return 0;
        };
        let states = atomic_in(self.view.workflow, clears);
        states
            .iter()
            .filter_map(|state| self.view.cases_in.get(state))
            .sum()
    }

    pub(super) fn remind_of_task(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        task: &Task,
        no: u32,
        remind: &Remind,
    ) {
        let open = frame.open().into_iter().find(|open| open.name == due.scope);
        let log = frame.subject.tasks.get(&task.name);
        let one = log.and_then(|log| log.open.iter().find(|one| one.no == no));
        let day = open
            .zip(one)
            .and_then(|(open, one)| plan::task_due(frame, task, one, &open));
        let Some(day) = day else {
            return self.decided(due, due.mark(), Fate::Missed);
        };
        let calendar = frame.calendar();
        let over = calendar.start_of(day.tomorrow().unwrap_or(day));
        let before = plan::is_before(Some(&remind.shift));
        let newer = task.remind.iter().any(|other| {
            let at = calendar
                .place(
                    crate::calendar::Moment::Day(day),
                    Some(&other.shift),
                    other.at,
                )
                .at;
            at <= self.now && at > due.at
        });
        if before && (over <= self.now || newer) {
            return self.decided(due, due.mark(), Fate::Missed);
        }
        let mut intent = self.intent(due, &task.name, "task-reminder", &task.by);
        intent.useless_from = before.then_some(over);
        // What comes up for one person at the same moment is one mail.
        intent.gather_until = Some(intent.not_before);
        intent.scope = Some((due.scope.clone(), due.visit));
        self.say(due, About::Task { no }, Some(intent));
    }

    pub(super) fn overdue_mail(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        task: &Task,
        no: u32,
    ) {
        let Some(rule) = &frame.workflow().overdue else {
            return;
        };
        let mut intent = self.intent(due, &task.name, "task-overdue", &rule.to);
        intent.gather_until = Some(intent.not_before);
        intent.scope = Some((due.scope.clone(), due.visit));
        self.say(due, About::Overdue { no }, Some(intent));
    }
}
