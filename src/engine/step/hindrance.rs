//! Why a subject cannot go on by another version.

use crate::engine::input::Refusal;

/// Why a subject cannot go along. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// There is no such state any more.
    #[error(
        "the state {state:?} is gone; say what it is called now (\"was:\"), or where its cases go"
    )]
    StateGone {
        /// As the old version has it.
        state: String,
    },
    /// The state that it is to go to is none, or ends the case.
    #[error("{state:?} is no state that a case can go on from")]
    NoState {
        /// As it was given.
        state: String,
    },
    /// A name stands for something else in the history of this subject.
    #[error("{name:?} has been the name of something else here; choose another")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Somebody has been asked to a meeting by a name that it has no longer.
    #[error(
        "{meeting:?} is booked, and cannot be called otherwise until it has been held or called off"
    )]
    Booked {
        /// The meeting, by its earlier name.
        meeting: String,
    },
    /// A recorded fact is of another kind now.
    #[error("the fact {fact:?} is recorded, and what is recorded is no value of its new kind")]
    OtherKind {
        /// The fact.
        fact: String,
    },
    /// The hold has no such date.
    #[error("the hold has no date {date:?}, which the new version needs; give it")]
    NoDate {
        /// The date.
        date: String,
    },
    /// From where it would be, it would never come to an end.
    #[error("in {state:?} it would wait for ever: {why}")]
    CannotEnd {
        /// The state.
        state: String,
        /// What it would wait for.
        why: String,
    },
    /// All places are taken.
    #[error("all {places} places of the hold are taken")]
    HoldFull {
        /// How many there are.
        places: u32,
    },
    /// Something is due by the old version, which comes first.
    #[error("something is due before; try again")]
    Due,
    /// What the step itself refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
}
