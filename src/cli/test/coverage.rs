//! How much of a file its scenarios went through, and where the rest stands.

use serde::Serialize;

use super::ToTest;
use crate::definition::Places;
use crate::definition::machine::{Branch, Cause, Transition, transitions};
use crate::definition::model::{Goal, Workflow};
use crate::runner::simulate::{Covered, Declared, Says, derived, messages};

/// How much of a file is covered.
#[derive(Debug, Serialize)]
pub(super) struct Coverage {
    pub transitions: Count,
    /// Messages as their authors declare them.
    pub messages: Count,
    /// Mails that follow from tasks and meetings: a figure, and no demand.
    pub derived: Count,
    /// Transitions and messages that no scenario goes through, in the order of the file.
    pub missing: Vec<Missing>,
    /// Mails of tasks and meetings that leave in no scenario.
    pub missing_derived: Vec<String>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Count {
    pub covered: usize,
    pub declared: usize,
}

/// Something that no scenario goes through.
#[derive(Debug, Serialize)]
pub(super) struct Missing {
    pub line: usize,
    /// In Danish words with the file's names.
    pub what: String,
}

impl Count {
    fn of(declared: usize, missing: usize) -> Self {
        Self {
            covered: declared - missing,
            declared,
        }
    }

    fn is_below(self, percent: u8) -> bool {
        self.covered * 100 < self.declared * usize::from(percent)
    }
}

impl Coverage {
    /// Of a file's machine, by the scenarios of all its workflows: its variants share it.
    pub fn of(file: &ToTest, covered: &Covered) -> Option<Self> {
        let workflow = file.workflows.first()?;
        let places = Places::of(&file.yaml);
        let (declared, ways) = (messages(workflow), transitions(workflow).len());
        let (missing_ways, missing_mails) = (
            covered.missing_ways(workflow),
            covered.missing_mails(&declared),
        );
        let follows = derived(workflow);
        let missing_derived = covered.missing_mails(&follows);
        let transitions = missing_ways.iter().map(|way| Missing {
            line: places.of_transition(workflow, way).unwrap_or(1),
            what: way_words(workflow, way),
        });
        let mails = missing_mails.iter().map(|mail| Missing {
            line: places.of_message(&mail.name).unwrap_or(1),
            what: format!("mailen {}", mail.name),
        });
        let mut missing: Vec<Missing> = transitions.chain(mails).collect();
        missing.sort_by_key(|missing| missing.line);
        Some(Self {
            transitions: Count::of(ways, missing_ways.len()),
            messages: Count::of(declared.len(), missing_mails.len()),
            derived: Count::of(follows.len(), missing_derived.len()),
            missing,
            missing_derived: missing_derived.iter().map(derived_words).collect(),
        })
    }

    /// Whether transitions or messages are covered less than this.
    pub fn is_below(&self, percent: u8) -> bool {
        self.transitions.is_below(percent) || self.messages.is_below(percent)
    }
}

/// `nominated → declined (hændelsen decline)`.
fn way_words(workflow: &Workflow, way: &Transition) -> String {
    let name = |id: crate::definition::model::StateId| &workflow.states[id.0].name;
    let goal = match way.goal {
        Goal::State(id) => name(id).to_string(),
        Goal::NextCohort(id) => format!("next_cohort.{}", name(id)),
    };
    let cause = match &way.cause {
        Cause::Time => "når tiden er gået".to_owned(),
        Cause::Event(trigger) => format!("hændelsen {trigger}"),
    };
    let branch = match way.branch {
        Branch::Only => String::new(),
        Branch::If(at) => format!(", gren {}", at + 1),
        Branch::Else => ", else".to_owned(),
    };
    format!("{} → {goal} ({cause}{branch})", name(way.from))
}

fn derived_words(mail: &Declared) -> String {
    let says = match mail.says {
        Says::Message => "mail",
        Says::Invitation => "invitation",
        Says::MeetingReminder | Says::TaskReminder => "påmindelse",
        Says::BookingReminder => "påmindelse om booking",
        Says::Overdue => "rykker",
    };
    format!("{}: {says}", mail.name)
}
