//! Cases added up.

use super::filter::{Come, Counted};
use crate::definition::model::Workflow;
use crate::runner::data::Figures;
use crate::store::ProgressCount;

/// Cases of a workflow that have been added up.
pub(in super::super) struct Tally<'w> {
    workflow: &'w Workflow,
    figures: Figures,
    /// What was added, for counts that are asked for by name.
    groups: Vec<(String, bool, bool, u32)>,
}

impl<'w> Tally<'w> {
    pub fn new(workflow: &'w Workflow) -> Self {
        Self {
            workflow,
            figures: Figures::new(workflow),
            groups: Vec::new(),
        }
    }

    /// So many cases more that have come equally far.
    pub fn add(&mut self, row: &ProgressCount, cancelled: bool) {
        let cases = u32::try_from(row.cases).unwrap_or(u32::MAX);
        let moved = row.moved != 0;
        let case = Come {
            came: &row.came,
            moved,
            cancelled,
        };
        if !moved {
            self.figures
                .add_to_states(self.workflow, |state| case.to(state), cases);
        }
        self.figures
            .add_to_targets(self.workflow, |state| case.to(state), cases);
        let same = (self.groups.iter_mut()).find(|group| {
            (group.0.as_str(), group.1, group.2) == (row.came.as_str(), moved, cancelled)
        });
        match same {
            Some(group) => group.3 += cases,
            None => self
                .groups
                .push((row.came.clone(), moved, cancelled, cases)),
        }
    }

    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    pub fn cases(&self) -> u32 {
        self.groups.iter().map(|group| group.3).sum()
    }

    /// How many there are of what is asked for.
    pub fn count(&self, what: &Counted) -> u32 {
        let counts = |(came, moved, cancelled, _): &&(String, bool, bool, u32)| {
            let case = Come {
                came,
                moved: *moved,
                cancelled: *cancelled,
            };
            what.counts(self.workflow, &case)
        };
        self.groups.iter().filter(counts).map(|group| group.3).sum()
    }
}
