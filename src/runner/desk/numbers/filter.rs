//! What a count counts, as an address can carry it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::definition::model::{Outcome, Workflow};
use crate::runner::write::ERASED;
use crate::store::HoldRow;

/// Which candidates a count counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CountFilter {
    /// The workflow's id.
    pub workflow: String,
    /// One hold, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Holds that begin on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Holds that begin on this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// One organisation, by row id; 0 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobcentre: Option<i64>,
    /// Which of the cases.
    #[schema(value_type = String)]
    pub what: Counted,
}

/// Which of the cases on some holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Counted {
    /// All, also those that went on to another hold.
    All,
    /// Those that ever came to a state. Who went on to another hold is counted there.
    Came(String),
    /// Those that ever came to a state, on whatever hold.
    Reached(String),
    /// Under way.
    Open,
    /// Ended well.
    Success,
    /// Ended neither well nor badly.
    Neutral,
    /// Stopped on the way.
    Dropout,
    /// Went on to another hold.
    Moved,
    /// Were under way when their hold was called off.
    Cancelled,
}

/// No count is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no count: write all, open, success, neutral, dropout, moved, cancelled, came:STATE or reached:STATE"
)]
pub struct NoCount(String);

/// Where a case is, as far as counts go.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Come<'c> {
    /// The states it has been in, each between blanks.
    pub came: &'c str,
    /// It went on to another hold.
    pub moved: bool,
    /// Its hold was called off.
    pub cancelled: bool,
}

impl Come<'_> {
    /// Whether it was ever in a state.
    pub fn to(&self, state: &str) -> bool {
        self.came
            .split(' ')
            .any(|one| one == state && !one.is_empty())
    }

    /// How it ended by reaching a final state. One that was erased under way has ended as well, as neither.
    fn outcome(&self, workflow: &Workflow) -> Option<Outcome> {
        if self.to(ERASED) {
            return Some(Outcome::Neutral);
        }
        let mut finals = workflow
            .states
            .iter()
            .filter(|state| state.outcome.is_some());
        finals.find(|state| self.to(&state.name))?.outcome
    }
}

impl Counted {
    /// Whether it counts a case.
    pub(super) fn counts(&self, workflow: &Workflow, case: &Come<'_>) -> bool {
        let ended = |outcome| !case.moved && case.outcome(workflow) == outcome;
        match self {
            Self::All => true,
            Self::Came(state) => !case.moved && case.to(state),
            Self::Reached(state) => case.to(state),
            Self::Open => !case.cancelled && ended(None),
            Self::Cancelled => case.cancelled && ended(None),
            Self::Success => ended(Some(Outcome::Success)),
            Self::Neutral => ended(Some(Outcome::Neutral)),
            Self::Dropout => ended(Some(Outcome::Dropout)),
            Self::Moved => case.moved,
        }
    }

    /// The state that all of them have been in.
    pub(super) fn state(&self) -> Option<&str> {
        match self {
            Self::Came(state) | Self::Reached(state) => Some(state),
            _ => None,
        }
    }
}

impl CountFilter {
    /// Whether a hold is among those that are counted.
    pub(super) fn has(&self, hold: &HoldRow) -> bool {
        let starts: Option<Date> = hold.starts_on.as_ref().and_then(|day| day.parse().ok());
        let is_in = |day: Date| {
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
        };
        let is_bounded = self.from.is_some() || self.to.is_some();
        self.hold.as_ref().is_none_or(|id| *id == hold.public_id)
            && starts.map_or(!is_bounded, is_in)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Came(state) => write!(f, "came:{state}"),
            Self::Reached(state) => write!(f, "reached:{state}"),
            Self::Open => f.write_str("open"),
            Self::Success => f.write_str("success"),
            Self::Neutral => f.write_str("neutral"),
            Self::Dropout => f.write_str("dropout"),
            Self::Moved => f.write_str("moved"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl FromStr for Counted {
    type Err = NoCount;

    fn from_str(text: &str) -> Result<Self, NoCount> {
        Ok(match text.split_once(':') {
            Some(("came", state)) if !state.is_empty() => Self::Came(state.to_owned()),
            Some(("reached", state)) if !state.is_empty() => Self::Reached(state.to_owned()),
            Some(_) => return Err(NoCount(text.to_owned())),
            None => match text {
                "all" => Self::All,
                "open" => Self::Open,
                "success" => Self::Success,
                "neutral" => Self::Neutral,
                "dropout" => Self::Dropout,
                "moved" => Self::Moved,
                "cancelled" => Self::Cancelled,
                _ => return Err(NoCount(text.to_owned())),
            },
        })
    }
}

impl From<Counted> for String {
    fn from(counted: Counted) -> Self {
        counted.to_string()
    }
}

impl TryFrom<String> for Counted {
    type Error = NoCount;

    fn try_from(text: String) -> Result<Self, NoCount> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_as_it_is_written() {
        for text in [
            "all",
            "open",
            "success",
            "neutral",
            "dropout",
            "moved",
            "cancelled",
            "came:no_job",
            "reached:job",
        ] {
            let read: Counted = text.parse().expect("a count");
            assert_eq!(read.to_string(), text);
        }
        for text in ["", "came", "came:", "been:job", "Alle"] {
            assert!(text.parse::<Counted>().is_err(), "{text}");
        }
    }
}
