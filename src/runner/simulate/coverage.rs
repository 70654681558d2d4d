//! What scenarios went through: which transitions were taken, and which mails left.

use std::collections::BTreeSet;

use super::Simulation;
use crate::definition::machine::{self, Branch, Transition};
use crate::definition::model::{MeetingTime, Name, Scope, Workflow};
use crate::engine::effect::{About, Intent, MeetingWord};
use crate::engine::event::{Cause, Event, Way};
use crate::runner::RunError;

/// What was gone through. Of several scenarios it is the union.
#[derive(Clone, Debug, Default)]
pub struct Covered {
    /// By the state that declares it, the event (`None`: time), and the branch.
    ways: BTreeSet<(Name, Option<String>, Branch)>,
    mails: BTreeSet<Declared>,
}

/// Mail that a workflow declares, or that follows from what it declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// The key of the message, meeting or task.
    pub name: Name,
    /// What it says.
    pub says: Says,
}

/// What mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// What its author wrote.
    Message,
    /// A meeting is booked.
    Invitation,
    /// A meeting comes soon.
    MeetingReminder,
    /// A meeting waits to be booked.
    BookingReminder,
    /// A task comes due.
    TaskReminder,
    /// A task or a booking is overdue.
    Overdue,
}

impl Covered {
    /// Takes in what another scenario went through.
    pub fn add(&mut self, other: Self) {
        self.ways.extend(other.ways);
        self.mails.extend(other.mails);
    }

    /// The transitions of a workflow that were not taken, in the order of the file.
    #[must_use]
    pub fn missing_ways(&self, workflow: &Workflow) -> Vec<Transition> {
        let taken = |way: &Transition| {
            let cause = match &way.cause {
                machine::Cause::Time => None,
                machine::Cause::Event(trigger) => Some(trigger.to_string()),
            };
            let from = workflow.states[way.from.0].name.clone();
            self.ways.contains(&(from, cause, way.branch))
        };
        let mut ways = machine::transitions(workflow);
        ways.retain(|way| !taken(way));
        ways
    }

    /// Those of these mails that did not leave.
    #[must_use]
    pub fn missing_mails(&self, declared: &[Declared]) -> Vec<Declared> {
        let missing = declared.iter().filter(|mail| !self.mails.contains(mail));
        missing.cloned().collect()
    }

    pub(super) fn sent(&mut self, intent: &Intent) {
        let says = match intent.about {
            About::Message => Says::Message,
            About::Meeting {
                word: MeetingWord::Invited,
                ..
            } => Says::Invitation,
            About::Meeting {
                word: MeetingWord::Reminder,
                ..
            } => Says::MeetingReminder,
            // A meeting is moved or called off by people, so the file does not declare it; and what
            // people write neither, nor that mail is late.
            About::Meeting { .. } | About::Reply | About::LateLot { .. } => return,
            About::Booking => Says::BookingReminder,
            About::Task { .. } => Says::TaskReminder,
            About::Overdue { .. } => Says::Overdue,
        };
        let name = intent.name.clone();
        self.mails.insert(Declared { name, says });
    }

    fn went(&mut self, cause: Cause, way: Way) {
        let cause = match cause {
            Cause::Opened => return,
            Cause::Time => None,
            Cause::Event(name) => Some(name),
        };
        self.ways.insert((way.from, cause, way.branch));
    }
}

/// Every message that a workflow declares, wherever it stands.
#[must_use]
pub fn messages(workflow: &Workflow) -> Vec<Declared> {
    let messages = scopes(workflow).flat_map(|scope| &scope.messages);
    let says = Says::Message;
    messages
        .map(|message| Declared {
            name: message.name.clone(),
            says,
        })
        .collect()
}

/// Every mail that follows from its tasks and meetings: invitations, reminders, and what is said
/// of something overdue.
#[must_use]
pub fn derived(workflow: &Workflow) -> Vec<Declared> {
    let mut derived = Vec::new();
    let has_overdue = workflow.overdue.is_some();
    for scope in scopes(workflow) {
        for task in &scope.tasks {
            let due = task.due.is_some() && has_overdue;
            let says = [
                (Says::TaskReminder, !task.remind.is_empty()),
                (Says::Overdue, due),
            ];
            add(&mut derived, &task.name, &says);
        }
        for meeting in &scope.meetings {
            let book = meeting.book.as_ref();
            let booked = book.is_some() && !matches!(meeting.when, MeetingTime::Free);
            let says = [
                (Says::Invitation, true),
                (Says::MeetingReminder, !meeting.remind.is_empty()),
                (
                    Says::BookingReminder,
                    book.is_some_and(|book| !book.remind.is_empty()),
                ),
                (Says::Overdue, booked && has_overdue),
            ];
            add(&mut derived, &meeting.name, &says);
        }
    }
    derived
}

fn add(derived: &mut Vec<Declared>, name: &Name, says: &[(Says, bool)]) {
    let declared = says.iter().filter(|(_, is)| *is);
    derived.extend(declared.map(|(says, _)| Declared {
        name: name.clone(),
        says: *says,
    }));
}

fn scopes(workflow: &Workflow) -> impl Iterator<Item = &Scope> {
    let states = workflow.states.iter().map(|state| &state.scope);
    [&workflow.cohort.scope]
        .into_iter()
        .chain(states)
        .chain([&workflow.scope])
}

impl Simulation {
    /// What has been gone through so far.
    pub async fn covered(&self) -> Result<Covered, RunError> {
        let mut covered = self.covered.clone();
        for id in self.assumed.players() {
            for row in self.runner.store().history(id).await? {
                match serde_json::from_str(&row.payload)? {
                    Event::Moved {
                        cause,
                        way: Some(way),
                        ..
                    }
                    | Event::Ended {
                        moved_by: Some((cause, way)),
                        ..
                    } => covered.went(cause, way),
                    _ => {}
                }
            }
        }
        Ok(covered)
    }
}
