//! What a token may do: at most what its account may, and of that only what its scopes say.

use std::fmt;
use std::str::FromStr;

use super::May;

/// What somebody has given a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Read what the account reads.
    Read,
    /// Say what has happened in cases and on holds.
    Act,
    /// Steer mail.
    Mail,
    /// Make holds and take in candidates.
    Manage,
}

impl Scope {
    /// All.
    pub const ALL: [Self; 4] = [Self::Read, Self::Act, Self::Mail, Self::Manage];

    /// The scope that something takes.
    ///
    /// ```
    /// use tovholder::access::{May, Scope};
    /// assert_eq!(Scope::of(May::ReadMail), Scope::Read);
    /// assert_eq!(Scope::of(May::SteerMail), Scope::Mail);
    /// ```
    #[must_use]
    pub fn of(what: May) -> Self {
        match what {
            May::ReadFigures | May::ReadCases | May::ReadMail | May::ReadConfidential => Self::Read,
            May::Act | May::ActForOthers | May::AddToCases | May::Nominate => Self::Act,
            May::SteerMail => Self::Mail,
            May::RunHolds | May::Publish | May::KeepAccounts => Self::Manage,
        }
    }

    /// As stored and typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Act => "act",
            Self::Mail => "mail",
            Self::Manage => "manage",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    /// # Errors
    /// What there is instead.
    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == word);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str);
            format!(
                "»{word}« er ikke noget, en nøgle kan få lov til. Der er {}.",
                known.join(", ")
            )
        })
    }
}
