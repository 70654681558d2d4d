//! Each planted bug, the promises by which it may be seen, and a seed that is known to show it.

use super::promise::Rule;
use crate::mutant::Mutant;

/// A bug, where it was seen last, and the promises that it breaks.
pub(super) const MUTANTS: &[(Mutant, u64, &[Rule])] = &[
    (Mutant::ApplyReadsCalendar, 44, &[Rule::Fold]),
    (Mutant::EnrolmentUnshared, 548, &[Rule::Due]),
    (Mutant::RevisionBeforeRows, 44, &[Rule::Due]),
    (Mutant::KeyByInstant, 44, &[Rule::DecidedOnce]),
    (Mutant::ScopeWithoutVisit, 1204, &[Rule::DecidedOnce]),
    (Mutant::MarksKept, 1204, &[Rule::ReEntry]),
    (Mutant::SendingExpires, 3284, &[Rule::ToldOnce]),
    (Mutant::RenderInStep, 392, &[Rule::TrueWhenSent]),
    (Mutant::CaseGrantsItself, 4524, &[Rule::Places]),
    (Mutant::SlotBeforeMails, 4, &[Rule::LandsOnce]),
    (Mutant::NoCatchUp, 964, &[Rule::CaughtUp]),
    (Mutant::NoHalving, 1804, &[Rule::Progress]),
    (Mutant::LotsPerBatch, 36, &[Rule::Independent]),
    (Mutant::UtcDate, 44, &[Rule::Hours]),
];
