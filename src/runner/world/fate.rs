//! What befalls a world: how it is laid out, and which faults hit it, by a seed.

use super::dice::Dice;
use crate::channel::{Receipt, SendError};
use crate::store::gate::Gate;

/// How a world is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) nodes: usize,
    pub(super) batch: i64,
    /// How many faults there are to come.
    pub(super) faults: u32,
    /// Once in so many gates.
    pub(super) rate: usize,
}

impl Layout {
    pub(super) fn of(dice: &mut Dice) -> Self {
        Self {
            nodes: dice.pick(&[1, 1, 2, 2, 3]).unwrap_or(1),
            batch: dice.pick(&[1, 1, 2, 3, 5, 64]).unwrap_or(64),
            faults: u32::try_from(dice.below(13)).unwrap_or_default(),
            rate: 8 + dice.below(60),
        }
    }

    /// One node, large batches, and nothing goes wrong.
    pub(super) fn calm() -> Self {
        Self {
            nodes: 1,
            batch: 64,
            faults: 0,
            rate: 1,
        }
    }
}

/// What befalls a node at a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The store says that it has failed; after a commit, the commit stands.
    Fails,
    /// The node is gone.
    Dies,
    /// The node stands still, longer than its lease.
    Freezes,
    /// This call waits while others go on.
    Stalls,
}

/// A fault at a gate, or none.
pub(super) fn fault(dice: &mut Dice, gate: Gate) -> Fault {
    let faults: &[Fault] = match gate {
        Gate::Read | Gate::Write | Gate::Written => &[
            Fault::Fails,
            Fault::Fails,
            Fault::Dies,
            Fault::Freezes,
            Fault::Stalls,
            Fault::Stalls,
        ],
        Gate::Rest(_) | Gate::Started => &[Fault::Dies, Fault::Freezes, Fault::Stalls],
    };
    dice.pick(faults).unwrap_or(Fault::Stalls)
}

/// What the mail server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepts,
    RefusesForGood,
    RefusesForNow,
    /// It has it, and its answer is lost.
    LostAfter,
    /// The exchange breaks before the mail is there, at a point where that cannot be known.
    Breaks,
}

impl Answer {
    pub(super) fn of(dice: &mut Dice) -> Self {
        let answers = [
            Self::RefusesForGood,
            Self::RefusesForNow,
            Self::RefusesForNow,
            Self::LostAfter,
            Self::Breaks,
        ];
        dice.pick(&answers).unwrap_or(Self::Accepts)
    }

    /// Whether the mail is delivered.
    pub(super) fn delivers(self) -> bool {
        matches!(self, Self::Accepts | Self::LostAfter)
    }

    /// What the mailer hears.
    pub(super) fn said(self) -> Result<Receipt, SendError> {
        let message = format!("{self:?}");
        match self {
            Self::Accepts => Ok(Receipt {
                server_answer: "250 ok".into(),
            }),
            Self::RefusesForGood => Err(SendError::Permanent { message }),
            Self::RefusesForNow => Err(SendError::Retry { message }),
            Self::LostAfter | Self::Breaks => Err(SendError::Unknown { message }),
        }
    }
}
