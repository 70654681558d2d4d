//! `role-too-late`: someone is needed whom nobody has found yet. A role that some task fills (a mentor)
//! is held by nobody before a case has been where the task is; roles that no task fills are given when
//! people are imported.

use super::Ground;
use super::machine::Machine;
use crate::definition::keyword::Home;
use crate::definition::model::{
    Anchor, Fill, MeetingTime, MessageTime, Name, Point, StateId, StatePart,
};

/// Reports each use of a role in a state that a case comes to before the role is filled.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    for role in filled(ground) {
        let Some(late) = Late::new(ground, machine, &role) else {
            continue;
        };
        for id in ground.all() {
            late.tasks(id);
            late.meetings(id);
            late.messages(id);
            late.events(id);
        }
    }
}

/// The roles that some task fills.
fn filled(ground: &Ground) -> Vec<Name> {
    let fills = ground
        .scopes()
        .flat_map(|(_, scope)| scope.tasks.iter().flat_map(|task| &task.fills));
    let mut roles: Vec<Name> = fills
        .filter_map(|fill| match fill {
            Fill::Role(role) => Some(role.clone()),
            Fill::Fact(_) => None,
        })
        .collect();
    roles.sort();
    roles.dedup();
    roles
}

struct Late<'a> {
    ground: &'a Ground<'a, 'a>,
    machine: &'a Machine<'a>,
    role: &'a Name,
    /// The state whose task fills the role, and the task.
    filler: StateId,
    task: Name,
    /// Atomic states a case may enter while nobody holds the role, and those in which it fills it.
    enters: Vec<bool>,
    fills: Vec<bool>,
}

impl<'a> Late<'a> {
    fn new(ground: &'a Ground<'a, 'a>, machine: &'a Machine<'a>, role: &'a Name) -> Option<Self> {
        let filling = |id: StateId| {
            let mut tasks = ground.state(id).scope.tasks.iter();
            tasks.find(|task| task.fills.contains(&Fill::Role(role.clone())))
        };
        let filler = ground.all().find_map(|id| Some((id, filling(id)?)))?;
        let fills: Vec<bool> = ground
            .all()
            .map(|id| ground.upwards(id).any(|outer| filling(outer).is_some()))
            .collect();
        let mut enters = vec![false; ground.states.len()];
        let mut todo = vec![machine.start()];
        while let Some(id) = todo.pop() {
            if !std::mem::replace(&mut enters[id.0], true) && !fills[id.0] {
                todo.extend(
                    machine
                        .ways(id)
                        .filter(|way| way.possible)
                        .map(|way| way.to),
                );
            }
        }
        Some(Self {
            ground,
            machine,
            role,
            filler: filler.0,
            task: filler.1.name.clone(),
            enters,
            fills,
        })
    }

    /// Whether nobody holds the role anywhere in a state: as a case enters it, or all the while.
    fn nobody(&self, id: StateId, on_entering: bool) -> bool {
        let inside = |atomic: &StateId| self.ground.upwards(*atomic).any(|outer| outer == id);
        let mut within = self
            .machine
            .atomic()
            .filter(inside)
            .filter(|id| self.machine.reached(*id))
            .peekable();
        if on_entering {
            let first = crate::definition::machine::entered(self.ground.states, id);
            return self.enters[first.0];
        }
        within.peek().is_some()
            && within.all(|atomic| self.enters[atomic.0] && !self.fills[atomic.0])
    }

    /// Where something with this point happens, and whether that is as a case enters there.
    fn when(&self, id: StateId, point: Option<&Point>) -> (StateId, bool) {
        match point.map(|point| &point.anchor) {
            None | Some(Anchor::Entered) => (id, true),
            Some(Anchor::State { state, part })
                if self.ground.upwards(*state).any(|outer| outer == id) =>
            {
                (
                    *state,
                    matches!(part, StatePart::Entered | StatePart::FirstDay),
                )
            }
            Some(_) => (id, false),
        }
    }

    fn report(&self, id: StateId, path: &[&str]) {
        let (role, filler) = (self.role, &self.ground.state(self.filler).name);
        let message = format!("nobody is \"{role}\" here yet: that is found out in \"{filler}\"");
        let help = if self.ground.overlap(id, self.filler) {
            format!(
                "let it begin when that is done: \"when: {}.done\"",
                self.task
            )
        } else {
            "fill the role before, or name somebody else".to_owned()
        };
        let span = self.ground.word(Home::Case(id), path, role);
        self.ground.report("role-too-late", &span, &message, &help);
    }

    fn tasks(&self, id: StateId) {
        for task in &self.ground.state(id).scope.tasks {
            let (place, entering) = self.when(id, task.opens.as_ref());
            if *task.by == [self.role.clone()]
                && self.nobody(place, entering && task.every.is_none())
            {
                self.report(id, &["tasks", &task.name, "by"]);
            }
        }
    }

    fn meetings(&self, id: StateId) {
        for meeting in &self.ground.state(id).scope.meetings {
            let point = match &meeting.when {
                MeetingTime::Between(first, _) => Some(first),
                MeetingTime::Every(_) | MeetingTime::Free => None,
            };
            let place = point.map_or(id, |point| self.when(id, Some(point)).0);
            if meeting.with.contains(self.role) && self.nobody(place, false) {
                self.report(id, &["meetings", &meeting.name, "with"]);
            }
            let books = meeting
                .book
                .as_ref()
                .filter(|book| *book.by == [self.role.clone()]);
            if books.is_some() && self.nobody(place, false) {
                self.report(id, &["meetings", &meeting.name, "book", "by"]);
            }
        }
    }

    fn messages(&self, id: StateId) {
        for message in &self.ground.state(id).scope.messages {
            let (place, entering) = match &message.when {
                MessageTime::When { point, .. } => self.when(id, Some(point)),
                MessageTime::Every(_) => (id, false),
            };
            if message.to.contains(self.role) && self.nobody(place, entering) {
                self.report(id, &["messages", &message.name, "to"]);
            }
        }
    }

    fn events(&self, id: StateId) {
        for event in &self.ground.state(id).scope.events {
            if *event.by == [self.role.clone()] && self.nobody(id, false) {
                self.report(id, &["events", &event.trigger.to_string(), "by"]);
            }
        }
    }
}
