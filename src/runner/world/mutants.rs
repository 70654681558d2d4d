//! Each planted bug, the promises by which it may be seen, and a seed that is known to show it.

use super::promise::Rule;
use crate::mutant::Mutant;

/// A bug, where it was seen last, and the promises that it breaks.
pub(super) const MUTANTS: &[(Mutant, u64, &[Rule])] = &[
    (Mutant::ApplyReadsCalendar, 11, &[Rule::Fold]),
    (Mutant::EnrolmentUnshared, 137, &[Rule::Due]),
    (Mutant::RevisionBeforeRows, 11, &[Rule::Due]),
    (Mutant::KeyByInstant, 11, &[Rule::DecidedOnce]),
    (Mutant::ScopeWithoutVisit, 301, &[Rule::DecidedOnce]),
    (Mutant::MarksKept, 301, &[Rule::ReEntry]),
    (Mutant::SendingExpires, 821, &[Rule::ToldOnce]),
    (Mutant::RenderInStep, 98, &[Rule::TrueWhenSent]),
    (Mutant::CaseGrantsItself, 1131, &[Rule::Places]),
    (Mutant::SlotBeforeMails, 1, &[Rule::LandsOnce]),
    (Mutant::NoCatchUp, 241, &[Rule::CaughtUp]),
    (Mutant::NoHalving, 451, &[Rule::Progress]),
    (Mutant::LotsPerBatch, 9, &[Rule::Independent]),
    (Mutant::UtcDate, 11, &[Rule::Hours]),
];
