//! Each planted bug, the promise it breaks, and the seed and step at which that is seen.

use super::always::Rule;
use crate::mutant::Mutant;

/// A bug, and the promises by which it may be seen.
pub(super) const MUTANTS: &[(Mutant, &[Rule])] = &[
    (Mutant::ApplyReadsCalendar, &[Rule::Fold]),
    (Mutant::RevisionBeforeRows, &[Rule::Due]),
    (Mutant::KeyByInstant, &[Rule::DecidedOnce]),
    (Mutant::ScopeWithoutVisit, &[Rule::DecidedOnce]),
    (Mutant::MarksKept, &[Rule::ReEntry]),
    (Mutant::SendingExpires, &[Rule::ToldOnce]),
    (Mutant::CaseGrantsItself, &[Rule::Places]),
    (Mutant::SlotBeforeMails, &[Rule::LandsOnce]),
    (Mutant::NoCatchUp, &[Rule::CaughtUp]),
    (Mutant::NoHalving, &[Rule::Progress]),
    (Mutant::UtcDate, &[Rule::Hours]),
];

/// Planted, but not yet seen within the seeds that a test has time for: the stories do not come there
/// often enough. `WORLD_MUTANT=RenderInStep` looks for one of them alone.
pub(super) const NOT_YET_SEEN: &[(Mutant, &[Rule])] = &[
    (Mutant::EnrolmentUnshared, &[Rule::Due]),
    (Mutant::RenderInStep, &[Rule::TrueWhenSent]),
    (Mutant::LotsPerBatch, &[Rule::Independent]),
];
