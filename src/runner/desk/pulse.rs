//! Whether anything has changed of what somebody looks at.

use std::fmt;

use super::{Desk, DeskError};
use crate::access::hash_of;

/// What somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// What waits for them.
    Today,
    /// The outbox.
    Outbox,
    /// A hold's board, by the hold's id.
    Hold(String),
    /// A case, by its id.
    Case(String),
}

impl Looked {
    /// As an address carries it; what it names may not be there.
    ///
    /// ```
    /// use tovholder::runner::desk::Looked;
    /// let looked = Looked::read("hold.0193").unwrap();
    /// assert_eq!((looked.to_string().as_str(), Looked::read("nothing")), ("hold.0193", None));
    /// ```
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word.split_once('.') {
            None if word == "dag" => Some(Self::Today),
            None if word == "udbakke" => Some(Self::Outbox),
            Some(("hold", id)) => Some(Self::Hold(id.to_owned())),
            Some(("sag", id)) => Some(Self::Case(id.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("dag"),
            Self::Outbox => f.write_str("udbakke"),
            Self::Hold(id) => write!(f, "hold.{id}"),
            Self::Case(id) => write!(f, "sag.{id}"),
        }
    }
}

impl Desk {
    /// A word that is another one when anything has changed of what somebody looks at. It says nothing else.
    pub async fn pulse(&self, looked: &Looked) -> Result<String, DeskError> {
        let store = self.runner().store();
        let pulse = match looked {
            Looked::Today => store.pulse_of_asking().await?,
            Looked::Outbox => store.pulse_of_mail().await?,
            Looked::Hold(id) => {
                let hold = self.find(id).await?;
                store.pulse_of_hold(self.sees, hold.id).await?
            }
            Looked::Case(id) => {
                let case = self.find(id).await?;
                store.pulse_of_one(case.id, self.note_reader()).await?
            }
        };
        // What is stopped stands on every page.
        let stops = store.pulse_of_stops().await?;
        Ok(hash_of(&format!("{pulse} {stops}"))[..16].to_owned())
    }
}
