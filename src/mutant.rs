//! Planted bugs: each breaks one promise on purpose, so that the simulation of `runner/world` can
//! show that it would see it.
//!
//! Outside of the library's own tests [`is`] is a constant, and nothing of a mutant is compiled in.

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Folding asks the calendar for a day instead of taking the one in the event.
    ApplyReadsCalendar,
    /// A new case is planned by the hold as it was read, and not looked at again.
    EnrolmentUnshared,
    /// The planner's revision is raised in one transaction, and the rows are marked in the next.
    RevisionBeforeRows,
    /// An occurrence is known by when it falls.
    KeyByInstant,
    /// An occurrence is called the same at every visit of its state.
    ScopeWithoutVisit,
    /// Leaving a state keeps its marks.
    MarksKept,
    /// What a dead process had on the wire is queued again.
    SendingExpires,
    /// A mail's words are made from what was read before, whatever has changed since.
    RenderInStep,
    /// A case takes a place without asking how many there are.
    CaseGrantsItself,
    /// A place goes to whoever is looked at first.
    LineIgnored,
    /// A decision is committed before its mails.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "planted as a second way to commit")
    )]
    SlotBeforeMails,
    /// An input is taken without running what is due before it.
    NoCatchUp,
    /// A batch that fails is blamed on its first case.
    NoHalving,
    /// Late mail is let go after each batch, before the backlog is drained.
    LotsPerBatch,
    /// Whether a day is open is asked of the UTC date.
    UtcDate,
    /// What is stopped is asked when mail is claimed, and not when it leaves.
    #[cfg_attr(not(test), expect(dead_code, reason = "planted as another statement"))]
    StopUnfenced,
}

/// Whether this bug is planted.
#[cfg(not(test))]
pub(crate) const fn is(_: Mutant) -> bool {
    false
}

/// The day a bug would read from the calendar; without one, the day itself.
#[cfg(not(test))]
pub(crate) const fn by_calendar(day: jiff::civil::Date) -> jiff::civil::Date {
    day
}

#[cfg(test)]
pub(crate) use planted::{by_calendar, is, plant, turn_calendar};

#[cfg(test)]
mod planted {
    use std::cell::Cell;

    use jiff::civil::Date;

    use super::Mutant;

    thread_local! {
        static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) };
        static OTHER_CALENDAR: Cell<bool> = const { Cell::new(false) };
    }

    pub(crate) fn is(mutant: Mutant) -> bool {
        PLANTED.get() == Some(mutant)
    }

    /// Plants a bug on this thread, or none.
    pub(crate) fn plant(mutant: Option<Mutant>) {
        PLANTED.set(mutant);
    }

    /// Another build with another calendar is running, or the first again.
    pub(crate) fn turn_calendar(other: bool) {
        OTHER_CALENDAR.set(other);
    }

    pub(crate) fn by_calendar(day: Date) -> Date {
        if OTHER_CALENDAR.get() {
            day.tomorrow().unwrap_or(day)
        } else {
            day
        }
    }
}
