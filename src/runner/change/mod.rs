//! What a change to a hold would bring, before it is made: for each case which mails come, go, move or would be said
//! twice, which days move, and who cannot go along. And then exactly that.
//!
//! Nothing here foretells: a copy of the hold is played ahead as it is, another one with the change made, by the same
//! engine (`ahead.rs`), and the two are compared (`compare.rs`). So a report says what will happen if nobody does anything
//! else, as everything that is computed ahead does.

mod compare;
mod seen;
#[cfg(test)]
mod tests;
mod turn;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{RunError, Runner};
use crate::calendar::Tables;
use crate::definition::model::Name;
use crate::engine::effect::MeetingWord;
use crate::engine::input::{Actor, Input};
use crate::engine::subject::Kind;
use crate::store::Copied;

pub use self::seen::Begun;
pub(super) use self::turn::seqs_of;
pub use self::turn::{Approved, Migrated, Turned};

/// How far ahead a change is looked at, in days. A course that is planned further ahead shows what comes until then.
const AHEAD_DAYS: i64 = 400;

/// Something that is to be done to a hold as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It goes on by another version of its workflow.
    Version(Move),
    /// Something happens to it, or to cases of it, one after the other: its dates are moved, somebody stands still, a
    /// meeting is moved.
    Said(Vec<Said>),
    /// Its days are counted by other holidays or another zone's data.
    Tables(Arc<Tables>),
}

/// What happens to whom, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Row id of a case or hold.
    pub of: i64,
    /// What happens.
    pub input: Input,
    /// Who says so.
    pub by: Actor,
}

/// To which version, and what that needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// Row id of the version.
    pub to: i64,
    /// Where the cases of a state go, by the keys of states; what is only called otherwise needs no word.
    pub states: BTreeMap<Name, Name>,
    /// Days of dates that the hold has not had.
    pub dates: BTreeMap<Name, Date>,
}

/// What a change would bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Brings {
    /// The hold's cases, and the hold itself last, each by its id.
    pub subjects: Vec<Of>,
}

/// What it would bring to a case, or to the hold itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Of {
    /// The case's or hold's id.
    pub id: String,
    /// Row id.
    #[serde(skip)]
    pub row: i64,
    /// It is a case.
    pub is_case: bool,
    /// It begins by the change, at another hold, and goes by the id of the case that the candidate has here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
    /// Why it cannot go along; then the change cannot be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hindered: Option<Hindered>,
    /// Its state, as people read it; before and after where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<(String, String)>,
    /// Days that move, come or go.
    pub days: Vec<DayMoved>,
    /// Mails that move, come or go, or read otherwise.
    pub mails: Vec<MailMoved>,
    /// What cannot be kept any more: tasks whose day has passed then, meetings outside their days. Danish.
    pub impossible: Vec<String>,
}

/// Why something cannot go along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hindered {
    /// Which kind of reason.
    pub kind: HinderedBy,
    /// In words. Danish.
    pub why: String,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HinderedBy {
    /// It cannot be moved as it is: a state or date is missing, a name or place is taken.
    Blocked,
    /// It could be moved and would never come to an end.
    CannotEnd,
}

/// A day, or the days of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayMoved {
    /// What falls on it. Danish.
    pub what: String,
    /// Before the change; none when it comes by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// After it; none when it goes by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailMoved {
    /// `declaration@scope#visit.ordinal`, after the change where it leaves then.
    pub occurrence: String,
    /// To which role or seat.
    pub seat: String,
    /// The role's title, for people; empty until somebody asks for names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// What it says above.
    pub subject: String,
    /// When it would have left; none when it comes by the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<When>,
    /// When it leaves; none when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<When>,
    /// It says other words than it would have said.
    pub reads_otherwise: bool,
    /// The same has been said before the change.
    pub repeats: bool,
    /// What it does in its recipient's calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<MeetingWord>,
}

/// When a mail leaves. At once is no time: whoever reads it a minute later reads the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// As soon as it can.
    AtOnce,
    /// Then, local.
    At(DateTime),
}

impl When {
    /// In words. Danish.
    #[must_use]
    pub fn da(&self) -> String {
        match self {
            Self::AtOnce => "straks".to_owned(),
            Self::At(at) => at.strftime("%-d.%-m.%Y kl. %-H.%M").to_string(),
        }
    }
}

impl MailMoved {
    /// What it does in its recipient's calendar when it leaves; empty when that is nothing new. Danish.
    #[must_use]
    pub fn in_calendar(&self) -> &'static str {
        match self.calendar {
            Some(MeetingWord::Moved) if self.after.is_some() => "retter aftalen i kalenderen",
            Some(MeetingWord::Cancelled) if self.after.is_some() => {
                "tager aftalen ud af kalenderen"
            }
            _ => "",
        }
    }
}

impl Brings {
    /// What says whether two reports are the same, to the letter: SHA-256, hex.
    ///
    /// # Errors
    /// None that can happen: a report is always JSON.
    pub fn hash(&self) -> Result<String, RunError> {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(self)?);
        Ok(hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    /// Those that cannot go along.
    pub fn hindered(&self) -> impl Iterator<Item = &Of> {
        self.subjects.iter().filter(|of| of.hindered.is_some())
    }
}

impl Of {
    /// Whether nothing about it is otherwise.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.hindered.is_none()
            && self.state.is_none()
            && self.days.is_empty()
            && self.mails.is_empty()
            && self.impossible.is_empty()
    }
}

impl Runner {
    /// What a change to a hold, or to what a workflow says over all holds, would bring. Nothing is changed.
    pub async fn would_bring(&self, hold: i64, change: &Change) -> Result<Brings, RunError> {
        let before = self.seen_ahead(hold, None, AHEAD_DAYS).await?;
        let after = self.seen_ahead(hold, Some(change), AHEAD_DAYS).await?;
        Ok(compare::compare(&before, &after))
    }

    /// A hold as it will go, on a copy; with a change, if there is one.
    async fn seen_ahead(
        &self,
        hold: i64,
        change: Option<&Change>,
        days: i64,
    ) -> Result<seen::Seen, RunError> {
        if let Some(Change::Version(to)) = change {
            // The copy has no version but its hold's; what is compiled already, it knows.
            self.version(to.to).await?;
        }
        let what = match self.context(hold).await?.subject.kind {
            Kind::Workflow => Copied::Workflow(hold),
            Kind::Cohort | Kind::Case => Copied::Hold(hold),
        };
        let play = match change {
            Some(Change::Tables(tables)) => self.play_under(what, tables.clone()).await?,
            _ => self.play(what).await?,
        };
        let now = play.runner().now();
        play.runner().work(now).await?;
        let hindered = match change {
            None | Some(Change::Tables(_)) => BTreeMap::new(),
            Some(Change::Version(to)) => match play.runner().to_version(hold, to, None).await? {
                Turned::Done(_) => BTreeMap::new(),
                Turned::Hindered(hindered) => hindered,
                Turned::Overtaken => return Err(RunError::Contended(1)),
            },
            Some(Change::Said(said)) => {
                for Said { of, input, by } in said {
                    play.runner().input(*of, input, by, None).await?;
                }
                play.runner().work(now).await?;
                BTreeMap::new()
            }
        };
        let seen = seen::see(&play, hold, hindered, days).await?;
        play.end().await?;
        Ok(seen)
    }
}
