//! Each planted bug, the promise it breaks, and the seed and step at which that is seen.

use super::always::Rule;
use crate::mutant::Mutant;

/// A bug, and the promises by which it may be seen.
pub(super) const MUTANTS: &[(Mutant, &[Rule])] = &[
    (Mutant::ApplyReadsCalendar, &[Rule::Fold]),
    (Mutant::EnrolmentUnshared, &[Rule::Due]),
    (Mutant::RevisionBeforeRows, &[Rule::Due]),
    (Mutant::KeyByInstant, &[Rule::DecidedOnce]),
    (Mutant::ScopeWithoutVisit, &[Rule::DecidedOnce]),
    (Mutant::MarksKept, &[Rule::ReEntry]),
    (Mutant::SendingExpires, &[Rule::ToldOnce]),
    (Mutant::RenderInStep, &[Rule::TrueWhenSent]),
    (Mutant::CaseGrantsItself, &[Rule::Places]),
    (Mutant::SlotBeforeMails, &[Rule::LandsOnce]),
    (Mutant::NoCatchUp, &[Rule::CaughtUp]),
    (Mutant::NoHalving, &[Rule::Progress]),
    (Mutant::LotsPerBatch, &[Rule::Independent]),
    (Mutant::UtcDate, &[Rule::Hours]),
];
