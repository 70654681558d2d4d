//! Each planted bug, the promises by which it may be seen, and a seed that is known to show it.

use super::promise::Rule;
use crate::mutant::Mutant;

/// A bug, where it was seen last, and the promises that it breaks.
pub(super) const MUTANTS: &[(Mutant, u64, &[Rule])] = &[
    (Mutant::ApplyReadsCalendar, 124, &[Rule::Fold]),
    (Mutant::EnrolmentUnshared, 548, &[Rule::Due]),
    (Mutant::RevisionBeforeRows, 204, &[Rule::Due]),
    (Mutant::KeyByInstant, 324, &[Rule::DecidedOnce]),
    (Mutant::ScopeWithoutVisit, 1644, &[Rule::DecidedOnce]),
    (Mutant::MarksKept, 1644, &[Rule::ReEntry]),
    (Mutant::SendingExpires, 126, &[Rule::ToldOnce]),
    (Mutant::RenderInStep, 274, &[Rule::TrueWhenSent]),
    (Mutant::CaseGrantsItself, 187, &[Rule::Places]),
    (Mutant::LineIgnored, 460, &[Rule::Places]),
    (Mutant::SlotBeforeMails, 4, &[Rule::LandsOnce]),
    (Mutant::NoCatchUp, 965, &[Rule::CaughtUp]),
    (Mutant::NoHalving, 1804, &[Rule::Progress]),
    (Mutant::LotsPerBatch, 38, &[Rule::Independent]),
    (Mutant::UtcDate, 164, &[Rule::Hours]),
    (Mutant::StopUnfenced, 2225, &[Rule::Stopped]),
];
