//! What has another name in the version that a subject is moved to: its history goes on under the new names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::effect::{About, Intent};
use super::subject::{Kind, Mark, Subject};
use crate::definition::model::{Fact, FactRef, Name, Scope, Workflow};

type Names = BTreeMap<Name, Name>;

/// New names by the old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// States.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: Names,
    /// What is declared in states.
    #[serde(default, skip_serializing_if = "Things::is_empty")]
    pub case: Things,
    /// What is declared on the hold.
    #[serde(default, skip_serializing_if = "Things::is_empty")]
    pub hold: Things,
    /// Roles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: Names,
}

/// New names of what cases, or holds, have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Things {
    /// Facts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: Names,
    /// Tasks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: Names,
    /// Meetings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meetings: Names,
    /// Messages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: Names,
}

impl Renamed {
    /// What a workflow says that it called otherwise (`was:`), as far as the older version has these names.
    #[must_use]
    pub fn of(old: &Workflow, new: &Workflow) -> Self {
        let states = new.states.iter();
        let states = states.filter_map(|state| {
            let was = state.was.clone()?;
            (old.state_ids.contains_key(&was)).then(|| (was, state.name.clone()))
        });
        let roles = new.roles.iter();
        let roles = roles.filter_map(|role| Some((role.was.clone()?, role.name.clone())));
        let facts = |facts: &[Fact]| -> Names {
            let named = facts.iter();
            named
                .filter_map(|fact| Some((fact.was.clone()?, fact.name.clone())))
                .collect()
        };
        let mut case = Things {
            facts: facts(&new.facts),
            ..Things::default()
        };
        for state in &new.states {
            case.add(&state.scope);
        }
        let mut hold = Things {
            facts: facts(&new.cohort.facts),
            ..Things::default()
        };
        hold.add(&new.cohort.scope);
        hold.add(&new.scope);
        Self {
            states: states.collect(),
            case,
            hold,
            roles: roles.collect(),
        }
    }

    /// Whether nothing is called otherwise.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same after more of it.
    pub fn then(&mut self, more: &Self) {
        then(&mut self.states, &more.states);
        then(&mut self.roles, &more.roles);
        self.case.then(&more.case);
        self.hold.then(&more.hold);
    }

    /// Leaves out what is the name of something in a workflow: there it means that.
    pub fn forget_what_is_there(&mut self, workflow: &Workflow) {
        self.states
            .retain(|old, _| !workflow.state_ids.contains_key(old));
        let roles: Vec<&Name> = workflow.roles.iter().map(|role| &role.name).collect();
        self.roles.retain(|old, _| !roles.contains(&old));
        let of_cases: Vec<&Scope> = workflow.states.iter().map(|state| &state.scope).collect();
        let of_holds = [&workflow.cohort.scope, &workflow.scope];
        self.case.forget(&of_cases, &workflow.facts);
        self.hold.forget(&of_holds, &workflow.cohort.facts);
    }

    /// What a state is called now.
    #[must_use]
    pub fn state<'n>(&'n self, name: &'n Name) -> &'n Name {
        self.states.get(name).unwrap_or(name)
    }

    /// What is called otherwise of a subject's own things.
    #[must_use]
    pub fn own(&self, kind: Kind) -> &Things {
        match kind {
            Kind::Case => &self.case,
            Kind::Cohort | Kind::Workflow => &self.hold,
        }
    }

    /// Gives a subject the new names.
    pub fn apply(&self, subject: &mut Subject) {
        if self.is_empty() {
            return;
        }
        let own = self.own(subject.kind).clone();
        if let Some(state) = &mut subject.state {
            *state = self.state(state).clone();
        }
        rename(&mut subject.visits, &self.states);
        rename(&mut subject.undone, &self.states);
        rename(&mut subject.facts, &own.facts);
        rename(&mut subject.people, &self.roles);
        rename(&mut subject.tasks, &own.tasks);
        rename(&mut subject.meetings, &own.meetings);
        for heard in [&mut subject.heard, &mut subject.attended] {
            let all = std::mem::take(heard).into_iter();
            *heard = all
                .map(|(key, happened)| (self.hold.part(&key), happened))
                .collect();
        }
        let marks = std::mem::take(&mut subject.marks).into_iter();
        subject.marks = marks
            .map(|(scope, marks)| {
                let marks = marks.into_iter().map(|(declaration, mut mark)| {
                    self.rename_waited(&mut mark);
                    (self.declaration(&own, &declaration), mark)
                });
                (self.state(&scope).clone(), marks.collect())
            })
            .collect();
        let again = std::mem::take(&mut subject.again).into_iter();
        subject.again = again
            .map(|(occurrence, revision)| (self.occurrence(subject.kind, &occurrence), revision))
            .collect();
    }

    /// What an occurrence would be called now: for looking it up where marks are, never where it was written down.
    #[must_use]
    pub fn occurrence(&self, kind: Kind, occurrence: &str) -> String {
        let Some((declaration, rest)) = occurrence.split_once('@') else {
            return occurrence.to_owned();
        };
        let declaration = self.declaration(self.own(kind), declaration);
        match rest.split_once('#') {
            Some((scope, rest)) => {
                let scope: Name = scope.into();
                format!("{declaration}@{}#{rest}", self.state(&scope))
            }
            None => format!("{declaration}@{rest}"),
        }
    }

    /// What was to be said, as it is called now.
    #[must_use]
    pub fn intent(&self, kind: Kind, mut intent: Intent) -> Intent {
        if self.is_empty() {
            return intent;
        }
        let own = self.own(kind);
        let names = match intent.about {
            About::Message => &own.messages,
            About::Task { .. } => &own.tasks,
            // Of a task; or of a meeting that nobody has booked.
            About::Overdue { no } if no > 0 => &own.tasks,
            About::Meeting { .. } | About::Booking | About::Overdue { .. } => &own.meetings,
            About::Reply | About::LateLot { .. } => return intent,
        };
        if let Some(name) = names.get(&intent.name) {
            intent.name = name.clone();
        }
        intent.occurrence = self.occurrence(kind, &intent.occurrence);
        for role in &mut intent.to {
            *role = self.role(role).clone();
        }
        for state in &mut intent.cases_in {
            *state = self.state(state).clone();
        }
        if let Some((state, _)) = &mut intent.scope {
            *state = self.state(state).clone();
        }
        intent
    }

    /// What a role is called now.
    #[must_use]
    pub fn role<'n>(&'n self, name: &'n Name) -> &'n Name {
        self.roles.get(name).unwrap_or(name)
    }

    fn rename_waited(&self, mark: &mut Mark) {
        let Mark::Waiting { facts, .. } = mark else {
            return;
        };
        for FactRef { cohort, name } in facts {
            let things = if *cohort { &self.hold } else { &self.case };
            let called = things.facts.get(name).or(things.meetings.get(name));
            *name = called.unwrap_or(name).clone();
        }
    }

    /// `message.NAME`, `task.NAME#2.overdue`, `meeting.NAME.book.overdue`, `event.cohort.NAME.done`, `then`.
    fn declaration(&self, own: &Things, declaration: &str) -> String {
        let Some((kind, rest)) = declaration.split_once('.') else {
            return declaration.to_owned();
        };
        let (of_hold, rest) = match rest.strip_prefix("cohort.") {
            Some(rest) if kind == "event" => (true, rest),
            _ => (false, rest),
        };
        let end = rest.find(['#', '.']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        let things = if of_hold { &self.hold } else { own };
        let called = match kind {
            "message" => things.messages.get(name),
            "task" => things.tasks.get(name),
            "meeting" => things.meetings.get(name),
            "event" => things.tasks.get(name).or(things.meetings.get(name)),
            _ => None,
        };
        let name = called.map_or(name, |name| name);
        let of_hold = if of_hold { "cohort." } else { "" };
        format!("{kind}.{of_hold}{name}{tail}")
    }
}

impl Things {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, scope: &Scope) {
        let tasks = scope.tasks.iter();
        let tasks = tasks.filter_map(|task| Some((task.was.clone()?, task.name.clone())));
        self.tasks.extend(tasks);
        let meetings = scope.meetings.iter();
        let meetings = meetings.filter_map(|one| Some((one.was.clone()?, one.name.clone())));
        self.meetings.extend(meetings);
        let messages = scope.messages.iter();
        let messages = messages.filter_map(|one| Some((one.was.clone()?, one.name.clone())));
        self.messages.extend(messages);
    }

    fn then(&mut self, more: &Self) {
        then(&mut self.facts, &more.facts);
        then(&mut self.tasks, &more.tasks);
        then(&mut self.meetings, &more.meetings);
        then(&mut self.messages, &more.messages);
    }

    fn forget(&mut self, scopes: &[&Scope], facts: &[Fact]) {
        let has = |named: &dyn Fn(&Scope) -> bool| scopes.iter().any(|scope| named(scope));
        self.facts
            .retain(|old, _| facts.iter().all(|fact| fact.name != *old));
        self.tasks
            .retain(|old, _| !has(&|scope| scope.tasks.iter().any(|one| one.name == *old)));
        self.meetings
            .retain(|old, _| !has(&|scope| scope.meetings.iter().any(|one| one.name == *old)));
        self.messages
            .retain(|old, _| !has(&|scope| scope.messages.iter().any(|one| one.name == *old)));
    }

    /// `NAME.part`.
    fn part(&self, key: &Name) -> Name {
        let Some((name, part)) = key.split_once('.') else {
            return key.clone();
        };
        match self.tasks.get(name).or(self.meetings.get(name)) {
            Some(called) => format!("{called}.{part}").into(),
            None => key.clone(),
        }
    }
}

fn rename<V>(map: &mut BTreeMap<Name, V>, names: &Names) {
    for (old, new) in names {
        if let Some(value) = map.remove(old) {
            map.insert(new.clone(), value);
        }
    }
}

/// What was called otherwise before goes by the newest name.
fn then(names: &mut Names, more: &Names) {
    for name in names.values_mut() {
        if let Some(newer) = more.get(name) {
            *name = newer.clone();
        }
    }
    for (old, new) in more {
        names.insert(old.clone(), new.clone());
    }
    // What has its old name back is called what it is called.
    names.retain(|old, new| old != new);
}
