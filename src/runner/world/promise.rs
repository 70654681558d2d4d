//! The promises, and what it says when one is broken.

/// A promise of ENGINE.md, section 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Fold,
    Due,
    DecidedOnce,
    ReEntry,
    ToldOnce,
    TrueWhenSent,
    Places,
    LandsOnce,
    CaughtUp,
    Progress,
    Independent,
    Hours,
    Stopped,
    /// People and bytes: an input's outcome, and that attempted bytes never change.
    Outcome,
}

impl Rule {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Fold => "snapshot = fold of events",
            Self::Due => "stored due <= recomputed due",
            Self::DecidedOnce => "each occurrence is decided exactly once",
            Self::ReEntry => "re-entry sends anew",
            Self::ToldOnce => "no two accepted mails of a stream say the same",
            Self::TrueWhenSent => "each mail is true at its `sending` commit",
            Self::Places => "places held <= places, and granted in order",
            Self::LandsOnce => "news, gathered items and digest slots land once",
            Self::CaughtUp => "an input never meets an overdue state",
            Self::Progress => "a poison case delays no other; every claim progresses",
            Self::Independent => "nothing depends on batches, nodes or crashes",
            Self::Hours => "nothing leaves early, on a closed day or outside hours",
            Self::Stopped => "nothing leaves that is stopped",
            Self::Outcome => "the first outcome is answered; attempted bytes stay",
        }
    }
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) what: String,
}

pub(super) type Checked = Result<(), Broken>;

pub(super) fn broken(rule: Rule, what: impl Into<String>) -> Broken {
    let what = what.into();
    Broken { rule, what }
}

pub(super) fn holds(rule: Rule, is_so: bool, what: impl FnOnce() -> String) -> Checked {
    if is_so {
        Ok(())
    } else {
        Err(broken(rule, what()))
    }
}
