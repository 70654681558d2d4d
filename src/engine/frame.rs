//! What the engine looks at while it decides: a subject in its surroundings, with the questions
//! that plans and steps ask of it.

use super::days::{self, Days, Stretch};
use super::pause::Pause;
use super::subject::{Kind, Subject};
use crate::calendar::{Calendar, Moment};
use crate::definition::model::{Name, Scope, State, StateId, Stay, Workflow};
use jiff::Timestamp;
use jiff::civil::Date;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

/// The scope name of a hold's own declarations.
pub const COHORT: &str = "cohort";

/// The scope name of a workflow's own messages.
pub const WORKFLOW: &str = "workflow";

/// What surrounds a subject. Everything a decision may depend on, besides the subject and `now`.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The workflow it follows.
    pub workflow: &'a Workflow,
    /// The hold of a case.
    pub cohort: Option<&'a Subject>,
    /// The candidate's day of birth, when it is known.
    pub born: Option<Date>,
    /// Free places of the hold; `None` when it has no limit.
    pub free_places: Option<u32>,
    /// Others are to have the next place, also one that this case gives back.
    pub behind: bool,
    /// The earliest later hold of the same workflow, by row id.
    pub next_cohort: Option<i64>,
    /// For a hold: how many of its cases are in each atomic state.
    pub cases_in: BTreeMap<Name, u32>,
    /// The candidate's data are kept for legal reasons: nothing of it is erased.
    pub is_kept: bool,
    /// How many events the case's journal had when it was last written out.
    pub journaled: Option<u64>,
}

impl<'a> View<'a> {
    /// A view of nothing but the workflow.
    #[must_use]
    pub fn of(workflow: &'a Workflow) -> Self {
        Self {
            workflow,
            cohort: None,
            born: None,
            free_places: None,
            behind: false,
            next_cohort: None,
            cases_in: BTreeMap::new(),
            is_kept: false,
            journaled: None,
        }
    }
}

/// A subject in its surroundings.
pub struct Frame<'a> {
    /// The surroundings.
    pub view: &'a View<'a>,
    /// The subject.
    pub subject: &'a Subject,
    ahead: OnceCell<Days>,
    early: OnceCell<Days>,
    pub(super) paused: OnceCell<Vec<Pause>>,
    pub(super) depth: Cell<u8>,
}

/// A scope whose declarations are active, or will be.
#[derive(Clone, Debug)]
pub struct Open<'a> {
    /// The state's name, or `cohort`, or `workflow`.
    pub name: Name,
    /// Number of the visit.
    pub visit: u32,
    /// The state, for a case.
    pub state: Option<StateId>,
    /// What is declared.
    pub scope: &'a Scope,
    /// The planned day it counts from.
    pub day: Option<Date>,
    /// When it was entered, or is expected to be.
    pub at: Timestamp,
    /// The day as which it is planned to end; `None` when that is not known.
    pub end: Option<Date>,
    /// Not entered yet.
    pub ahead: bool,
}

impl<'a> Frame<'a> {
    /// Looks at a subject.
    #[must_use]
    pub fn new(view: &'a View<'a>, subject: &'a Subject) -> Self {
        Self {
            view,
            subject,
            ahead: OnceCell::new(),
            early: OnceCell::new(),
            paused: OnceCell::new(),
            depth: Cell::new(0),
        }
    }

    /// The workflow.
    #[must_use]
    pub fn workflow(&self) -> &'a Workflow {
        self.view.workflow
    }

    /// The calendar.
    #[must_use]
    pub fn calendar(&self) -> &'a Calendar {
        &self.view.workflow.calendar
    }

    /// The hold: the subject itself, or that of the case.
    #[must_use]
    pub fn hold(&self) -> Option<&'a Subject> {
        match self.subject.kind {
            Kind::Cohort => Some(self.subject),
            Kind::Case => self.view.cohort,
            Kind::Workflow => None,
        }
    }

    /// The atomic state of a case.
    #[must_use]
    pub fn atomic(&self) -> Option<StateId> {
        self.workflow()
            .state_ids
            .get(self.subject.state.as_ref()?)
            .copied()
    }

    /// A state's definition.
    #[must_use]
    pub fn state(&self, id: StateId) -> &'a State {
        &self.workflow().states[id.0]
    }

    /// The states a case is in, from the root to the atomic one.
    #[must_use]
    pub fn path(&self) -> Vec<StateId> {
        self.atomic()
            .map(|atomic| path_to(self.workflow(), atomic))
            .unwrap_or_default()
    }

    /// The scopes that are active now, outermost first.
    #[must_use]
    pub fn open(&self) -> Vec<Open<'a>> {
        match self.subject.kind {
            Kind::Case => self
                .path()
                .into_iter()
                .filter_map(|id| self.open_state(id))
                .collect(),
            Kind::Cohort => vec![whole(COHORT, self.subject, &self.workflow().cohort.scope)],
            Kind::Workflow => vec![whole(WORKFLOW, self.subject, &self.workflow().scope)],
        }
    }

    /// The scope of a state, entered or expected or only imagined; or that of the hold.
    #[must_use]
    pub fn scope_of(&self, state: Option<StateId>, cohort: bool) -> Option<Open<'a>> {
        if cohort {
            return Some(whole(COHORT, self.hold()?, &self.workflow().cohort.scope));
        }
        let id = state?;
        let entered = self
            .path()
            .contains(&id)
            .then(|| self.open_state(id))
            .flatten();
        entered
            .or_else(|| {
                self.expected()
                    .into_iter()
                    .find(|open| open.state == Some(id))
            })
            .or_else(|| {
                let stretch = self.stretch(id)?;
                let state = self.state(id);
                Some(Open {
                    name: state.name.clone(),
                    visit: stretch.visit,
                    state: Some(id),
                    scope: &state.scope,
                    day: Some(stretch.base),
                    at: self.calendar().start_of(stretch.base),
                    end: stretch.end,
                    ahead: true,
                })
            })
    }

    /// The day as which a state the case is in ends by its own `lasts` or `until`.
    #[must_use]
    pub fn own_end(&self, id: StateId) -> Option<Date> {
        let state = self.state(id);
        let visit = self.subject.visits.get(&state.name)?;
        match &state.stay {
            Stay::Open => None,
            Stay::Lasts(length) => Some(self.lasting(visit.day, *length)),
            Stay::Until(point) => {
                let until = self.until_day(point, &self.open_state(id)?)?;
                // Whom time brings back after its day goes on from then: a round never turns time back.
                let came_back = visit.by_time && visit.n > 1;
                Some(if came_back {
                    until.max(visit.day)
                } else {
                    until
                })
            }
        }
    }

    fn open_state(&self, id: StateId) -> Option<Open<'a>> {
        let state = self.state(id);
        let visit = self.subject.visits.get(&state.name)?;
        Some(Open {
            name: state.name.clone(),
            visit: visit.n,
            state: Some(id),
            scope: &state.scope,
            day: Some(visit.day),
            at: visit.at,
            end: self.known_ahead(id).and_then(|stretch| stretch.end),
            ahead: false,
        })
    }

    /// The scopes a case is expected to enter by time, in the order of their days.
    #[must_use]
    pub fn expected(&self) -> Vec<Open<'a>> {
        if !self.subject.is_open_case() {
            return Vec::new();
        }
        let path = self.path();
        let mut expected: Vec<Open<'a>> = self
            .ahead()
            .iter()
            .filter(|(id, _)| !path.contains(id))
            .filter_map(|(id, stretch)| Some((id, (*stretch)?)))
            .map(|(id, stretch)| {
                let state = self.state(*id);
                Open {
                    name: state.name.clone(),
                    visit: stretch.visit,
                    state: Some(*id),
                    scope: &state.scope,
                    day: Some(stretch.base),
                    at: self.calendar().start_of(stretch.base),
                    end: stretch.end,
                    ahead: true,
                }
            })
            .collect();
        expected.sort_by_key(|open| (open.at, open.state));
        expected
    }

    /// Days of the states the case is in and will come to by time and by what is recorded.
    #[must_use]
    pub fn ahead(&self) -> &Days {
        self.ahead.get_or_init(|| days::ahead(self))
    }

    /// Days known early, from the hold's dates alone.
    #[must_use]
    pub fn early(&self) -> &Days {
        self.early.get_or_init(|| days::early(self))
    }

    fn known_ahead(&self, id: StateId) -> Option<Stretch> {
        self.ahead().get(&id).copied().flatten()
    }

    /// The latest visit of a state, when it was left.
    #[must_use]
    pub fn left(&self, id: StateId) -> Option<Stretch> {
        let visit = self.subject.visits.get(&self.state(id).name)?;
        Some(Stretch {
            base: visit.day,
            end: visit.left.as_ref()?.last_day.tomorrow().ok(),
            visit: visit.n,
        })
    }

    /// The days of a state for this subject: actual, planned, or known from the hold.
    #[must_use]
    pub fn stretch(&self, id: StateId) -> Option<Stretch> {
        if let Some(left) = self.left(id) {
            return Some(left);
        }
        match self.ahead().get(&id) {
            Some(ahead) => *ahead,
            None => self.early().get(&id).copied().flatten(),
        }
    }

    /// The days of a state as they are for what stands in a scope: to one that the case comes to,
    /// the latest visit is the one ahead, also of a state that was left before.
    #[must_use]
    pub fn stretch_in(&self, id: StateId, open: &Open<'_>) -> Option<Stretch> {
        let comes = open.ahead && open.state.is_some();
        match self.ahead().get(&id) {
            Some(ahead) if comes => *ahead,
            _ => self.stretch(id),
        }
    }

    /// A state's first workday.
    #[must_use]
    pub fn first_day(&self, id: StateId) -> Option<Date> {
        Some(self.first_of(self.stretch(id)?))
    }

    /// The first workday of a visit.
    #[must_use]
    pub fn first_of(&self, stretch: Stretch) -> Date {
        self.calendar().workday_on_or_after(stretch.base)
    }

    /// A state's last workday: planned, or actual once it was left.
    #[must_use]
    pub fn last_day(&self, id: StateId) -> Option<Date> {
        self.last_of(self.stretch(id)?)
    }

    /// The last workday of a visit.
    #[must_use]
    pub fn last_of(&self, stretch: Stretch) -> Option<Date> {
        let eve = stretch.end?.yesterday().ok()?;
        Some(self.calendar().workday_on_or_before(eve))
    }

    /// When something begins: from then on nothing useful is said before it.
    #[must_use]
    pub fn begins(&self, moment: Moment) -> Timestamp {
        match moment {
            Moment::Day(day) => self.calendar().start_of(day),
            Moment::At(at) | Moment::Span { start: at, .. } => at,
        }
    }
}

fn whole<'a>(name: &str, subject: &Subject, scope: &'a Scope) -> Open<'a> {
    Open {
        name: name.into(),
        visit: 1,
        state: None,
        scope,
        day: subject.dates.get("start").copied(),
        at: subject.opened_at,
        end: subject.dates.get("end").and_then(|end| end.tomorrow().ok()),
        ahead: false,
    }
}

/// The states from the root to a state.
#[must_use]
pub fn path_to(workflow: &Workflow, id: StateId) -> Vec<StateId> {
    let mut path = vec![id];
    let mut at = id;
    while let Some(parent) = workflow.states[at.0].parent {
        path.push(parent);
        at = parent;
    }
    path.reverse();
    path
}

/// The atomic state one comes to when a state is entered: the first listed, all the way down.
#[must_use]
pub fn initial(workflow: &Workflow, id: StateId) -> StateId {
    workflow.states[id.0]
        .children
        .first()
        .map_or(id, |child| initial(workflow, *child))
}

/// The atomic states in a list of states, compounds standing for all they contain; all open ones when the list is empty.
#[must_use]
pub fn atomic_in(workflow: &Workflow, ids: &[StateId]) -> Vec<Name> {
    let inside = |id: StateId| {
        if ids.is_empty() {
            workflow.states[id.0].outcome.is_none()
        } else {
            path_to(workflow, id)
                .iter()
                .any(|ancestor| ids.contains(ancestor))
        }
    };
    (0..workflow.states.len())
        .map(StateId)
        .filter(|id| workflow.states[id.0].children.is_empty() && inside(*id))
        .map(|id| workflow.states[id.0].name.clone())
        .collect()
}
