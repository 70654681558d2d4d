//! The desk: what people do with holds, candidates and mail, by a command now and on pages later.
//!
//! Every change is an input to the [`Runner`]; the desk never writes a case and never sends. It
//! turns what a person typed into inputs, and what came of them into words. What it says to
//! people is Danish; what is wrong with what they gave comes all at once, with what to do.

mod agenda;
mod attendance;
mod board;
mod came;
mod cast;
mod catalogue;
mod cells;
mod change;
mod cohort;
mod days;
mod deeds;
mod documents;
mod duties;
mod entry;
mod explain;
mod facts;
mod find;
mod fire;
mod health;
mod hooks;
mod incoming;
mod known;
mod mails;
mod moves;
mod newcomer;
mod notes;
mod numbers;
#[cfg(feature = "oidc")]
mod outside;
mod people;
mod person;
mod places;
mod possible;
mod publish;
mod pulse;
mod reads;
mod received;
mod refusal;
mod said;
mod select;
mod sheet;
mod standing;
mod stops;
mod story;
mod suppressed;
mod today;
mod tokens;
mod transfer;
mod undo;
mod unsent;
mod words;
mod workflows;
pub mod xlsx;
mod year;

use serde::Serialize;

pub use self::agenda::{Agenda, AgendaItem, Waiting, Who};
pub use self::attendance::{Attendance, Expected};
pub use self::board::{Board, Card, Column};
pub use self::came::{Came, CameAsked};
pub use self::cast::{cast_of, hold_dates, players};
pub use self::catalogue::{
    CatalogueDate, CatalogueLine, CatalogueShown, FactAsked, RoleShown, StateShown,
};
pub use self::cells::{read_date, read_moment};
pub use self::change::{
    BringsShown, Consequences, DateHeld, DaysAsked, DaysShown, Diff, Group, MoveAsked, MoveDone,
    MoveLine, MoveNeeds, MovePlan, Verdict, Verdicts, VersionLine,
};
pub use self::cohort::{CohortCreated, CohortNew};
pub use self::days::DatesMoved;
pub use self::deeds::{Deed, Field, InputKind, Sort};
pub use self::documents::{DocumentAsked, DocumentGiven, DocumentKind, DocumentShown};
pub use self::duties::{Duties, Duty};
pub use self::entry::{AccountAsked, AccountLine, Entry, Visitor};
pub use self::explain::Explained;
pub use self::fire::{Fire, Fired};
pub use self::health::{Backlog, Health, LateBackup, PartHealth};
pub use self::hooks::{HookAsked, HookLine};
pub use self::incoming::{
    Asked, Counts, Heading, How, ImportLine, ImportedCandidates, Incoming, IncomingRow, Newcomer,
    Nominee, Stays, Undone, What,
};
pub use self::known::{CaseLine, Known};
pub use self::mails::{
    AHEAD_DAYS, ComingAsked, ComingFirst, ComingKind, ComingMail, Early, MailLine, MailText,
    MailsAsked, Wanted, Wording, part_of, status_words,
};
pub use self::moves::CardMove;
pub use self::newcomer::CandidateNew;
pub use self::notes::{NoteAsked, NoteShown};
pub use self::numbers::{
    COUNTS, Count, CountFilter, Counted, CountedCase, CountedCases, FunnelStep, Numbers,
    NumbersAsked, OutcomeCount, PartCount, TargetCount, table_of_cases, table_of_numbers,
};
pub use self::people::ImportedPeople;
pub use self::person::{
    ActShown, EraseAsked, ErasePlan, Export, Journal, JournalDone, KeptShown, PersonCase,
    PersonShown,
};
pub use self::possible::Possible;
pub use self::publish::{Files, unusable};
pub use self::pulse::Looked;
pub use self::reads::{ReadLine, Reads, ReadsAsked};
pub use self::received::{ReceivedLine, ReceivedText};
pub(super) use self::refusal::refusal_words;
pub use self::select::{Chosen, Clock, Foreseen, Foretold, Selectable, Selection};
pub use self::sheet::Sheet;
pub use self::standing::{CohortLine, CohortShown, Reached, StateCount};
pub use self::stops::{StopAsked, StopEnds, StopLine, Stopped, WhyCount};
pub use self::story::{CaseShown, FactShown, Happened, Moment};
pub use self::suppressed::Suppressed;
pub use self::today::Waits;
pub use self::tokens::{Bearer, TokenAsked, TokenLine};
pub use self::transfer::{TransferShown, Transferred};
pub use self::undo::UndoShown;
pub use self::unsent::Unsent;
pub use self::words::{day_and_time, nearest, or_list};
pub(in crate::runner) use self::words::{ending_words, misplaced_words};
pub use self::workflows::{
    Checked, DateAsked, Kept, Published, Tried, TriedDay, TriedMail, WorkflowLine, WorkflowShown,
    WorkflowText,
};
pub use self::year::{
    Clash, ClashKind, ClosedDay, CohortAsked, CohortLike, CohortProposed, LikeDate, LikeFact,
    LikeRole, RoleAsked, WeekLine, WeekLineKind, YEARS, Year, YearHold, YearMeeting, YearPhase,
    YearStage, YearWeek, YearWindow,
};
use super::{RunError, Runner};
use crate::engine::input::Refusal;
use crate::store::{Sees, StoreError};

/// What people do with an installation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    runner: Runner,
    sees: Sees,
    /// Row id of the account of who reads; the commands have none.
    reader: Option<i64>,
    /// Confidential notes are read whoever wrote them.
    is_confided: bool,
}

/// Something that is wrong with what a person gave, where, and what to do about it. Danish.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub struct Wrong {
    /// The line of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column's title, or the option.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// What was given is wrong; all of it is listed.
    #[error("{}", listed(.0))]
    Wrong(Vec<Wrong>),
    /// The engine does not take it.
    #[error("{words}")]
    Refused {
        /// Danish.
        words: String,
        /// The same for whoever types commands, with the options that may lead on.
        typed: String,
        /// The refusal itself.
        refusal: Box<Refusal>,
        /// What is possible instead.
        possible: Vec<Possible>,
    },
    /// The case or hold has moved on since it was looked at.
    #[error("Det er ændret af en anden, siden du så det. Se det igen, og prøv så.")]
    MovedOn,
    /// The runner or the store failed.
    #[error(transparent)]
    Run(RunError),
}

impl DeskError {
    /// As complaints, unless something failed that nobody but the operator can mend.
    pub(super) fn complaints(self) -> Result<Vec<Wrong>, Self> {
        match self {
            Self::Wrong(wrongs) => Ok(wrongs),
            Self::Refused { words, .. } => Ok(vec![Wrong::new(words)]),
            error @ Self::MovedOn => Ok(vec![Wrong::new(error.to_string())]),
            error @ Self::Run(_) => Err(error),
        }
    }
}

impl Wrong {
    /// The same with whom it is about.
    #[must_use]
    pub fn about(mut self, name: &str) -> Self {
        self.message = format!("{name}: {}", self.message);
        self
    }

    /// A complaint without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The column or option it stands in.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// The line it stands in.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The place as people read it: "linje 4, »email«: "; empty when there is none.
    #[must_use]
    pub fn place(&self) -> String {
        match (self.line, &self.column) {
            (Some(line), Some(column)) => format!("linje {line}, »{column}«: "),
            (Some(line), None) => format!("linje {line}: "),
            (None, Some(column)) => format!("»{column}«: "),
            (None, None) => String::new(),
        }
    }
}

impl From<Wrong> for DeskError {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(vec![wrong])
    }
}

impl From<RunError> for DeskError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::MovedOn => Self::MovedOn,
            error => Self::Run(error),
        }
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Run(error.into())
    }
}

impl From<serde_json::Error> for DeskError {
    fn from(error: serde_json::Error) -> Self {
        Self::Run(error.into())
    }
}

impl Desk {
    /// The desk of an installation.
    #[must_use]
    pub fn new(runner: Runner) -> Self {
        Self {
            runner,
            sees: Sees::All,
            reader: None,
            is_confided: true,
        }
    }

    /// The same for somebody who does not see every case: what they do not see is not there for them.
    #[must_use]
    fn seen_by(mut self, sees: Sees) -> Self {
        self.sees = sees;
        self
    }

    /// The runner behind it.
    #[must_use]
    pub fn runner(&self) -> &Runner {
        &self.runner
    }
}

fn listed(wrongs: &[Wrong]) -> String {
    let one = |wrong: &Wrong| {
        let help = wrong
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!(" {help}"));
        format!("{}{}{help}", wrong.place(), wrong.message)
    };
    wrongs.iter().map(one).collect::<Vec<_>>().join("\n")
}
