//! Each planted bug, the promises by which it may be seen, and a seed that is known to show it.

use super::promise::Rule;
use crate::mutant::Mutant;

/// A bug, where it was seen last, and the promises that it breaks.
pub(super) const MUTANTS: &[(Mutant, u64, &[Rule])] = &[
    (Mutant::ApplyReadsCalendar, 1, &[Rule::Fold]),
    (Mutant::EnrolmentUnshared, 7, &[Rule::Due]),
    (Mutant::RevisionBeforeRows, 1, &[Rule::Due]),
    (Mutant::KeyByInstant, 1, &[Rule::DecidedOnce]),
    (Mutant::ScopeWithoutVisit, 1, &[Rule::DecidedOnce]),
    (Mutant::MarksKept, 1, &[Rule::ReEntry]),
    (Mutant::SendingExpires, 1, &[Rule::ToldOnce]),
    (Mutant::RenderInStep, 8, &[Rule::TrueWhenSent]),
    (Mutant::CaseGrantsItself, 1, &[Rule::Places]),
    (Mutant::SlotBeforeMails, 1, &[Rule::LandsOnce]),
    (Mutant::NoCatchUp, 1, &[Rule::CaughtUp]),
    (Mutant::NoHalving, 1, &[Rule::Progress]),
    (Mutant::LotsPerBatch, 9, &[Rule::Independent]),
    (Mutant::UtcDate, 1, &[Rule::Hours]),
];
