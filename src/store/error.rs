//! What can go wrong in the store, asked by predicate.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::seal::Unopened;

/// Why the store could not do it. Nothing of the refused work is stored.
///
/// It is opaque and cheap to clone, because one failed commit answers every job in it. Ask it what
/// it is: [`is_busy`](Self::is_busy) may be tried again, [`is_conflict`](Self::is_conflict) is a
/// bug of ours, [`is_storage`](Self::is_storage) is for the operator.
#[derive(Clone, Debug)]
pub struct StoreError(Arc<Cause>);

#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database's tables could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("{path}: {error}")]
    File {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("{path}: another `serve` holds this database")]
    AlreadyServed { path: PathBuf },
    #[error(
        "what is confidential in it is sealed by {}, and {}",
        keys(lacking),
        if given.is_empty() { "no key was given".to_owned() } else { format!("only {} was given", keys(given)) }
    )]
    LacksKeys {
        lacking: Vec<String>,
        given: Vec<String>,
    },
    #[error(transparent)]
    Unopened(#[from] Unopened),
    #[error("{path}: somebody has this database open")]
    InUse { path: PathBuf },
    #[error("the store is closed")]
    Closed,
    #[error(
        "a newer build ({least}) plans for this database, and this one is {build}; start the newer one"
    )]
    Outdated { build: i64, least: i64 },
    #[error("hold {cohort} is full: all {places} places are taken")]
    HoldFull { cohort: i64, places: i64 },
    #[error("the hold's places have changed since they were looked at; try again")]
    Overtaken,
    #[error("{prefix:?} begins more than one id; give more of it")]
    Ambiguous { prefix: String },
    #[error("{wrote} rows of {expected} were written to {table}; nothing is kept")]
    Lost {
        table: &'static str,
        expected: usize,
        wrote: u64,
    },
}

impl StoreError {
    /// Another process held the write lock for longer than the busy timeout, or two transactions
    /// waited for each other; try again.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self.sqlite_code(), Some(5 | 6))
            || matches!(self.code().as_deref(), Some("40P01" | "40001" | "55P03"))
    }

    /// A key that is unique for ever exists already: an event, an occurrence, a public id. A bug,
    /// except for a public id typed by a person.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match &*self.0 {
            Cause::Database(sqlx::Error::Database(error)) => error.is_unique_violation(),
            Cause::Lost { .. } => true,
            _ => false,
        }
    }

    /// The disk is full, failing or read-only, the file is damaged or no database at all, or the
    /// server cannot be reached or is shutting down.
    #[must_use]
    pub fn is_storage(&self) -> bool {
        let is_of_server = |code: &str| {
            ["08", "28", "3D", "53", "57", "58"]
                .iter()
                .any(|class| code.len() == 5 && code.starts_with(class))
        };
        matches!(
            *self.0,
            Cause::File { .. } | Cause::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut)
        ) || matches!(self.sqlite_code(), Some(8 | 10 | 11 | 13 | 14 | 26))
            || self.code().as_deref().is_some_and(is_of_server)
    }

    /// The disk has no room left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let is_full = |error: &std::io::Error| error.kind() == std::io::ErrorKind::StorageFull;
        matches!(&*self.0, Cause::File { error, .. } if is_full(error))
            || self.sqlite_code() == Some(13)
    }

    /// The file is damaged, or no database at all.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.sqlite_code() == Some(11) || self.is_no_database()
    }

    /// The file is no database at all.
    #[must_use]
    pub fn is_no_database(&self) -> bool {
        self.sqlite_code() == Some(26)
    }

    /// Somebody has the database open that is to be replaced, or read as a backup.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        matches!(*self.0, Cause::InUse { .. })
    }

    /// No place is left on the hold that a new case wants.
    #[must_use]
    pub fn is_hold_full(&self) -> bool {
        matches!(*self.0, Cause::HoldFull { .. })
    }

    /// Somebody has given back or wanted a place since a new case was to have one; look again.
    #[must_use]
    pub fn is_overtaken(&self) -> bool {
        matches!(*self.0, Cause::Overtaken)
    }

    /// A shortened id begins more than one.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(*self.0, Cause::Ambiguous { .. })
    }

    /// Another process serves this file.
    #[must_use]
    pub fn is_already_served(&self) -> bool {
        matches!(*self.0, Cause::AlreadyServed { .. })
    }

    /// The ids of the keys that the database asks for and that were not given, and of those that were, when that is why it
    /// was not opened.
    #[must_use]
    pub fn lacking_keys(&self) -> Option<(&[String], &[String])> {
        match &*self.0 {
            Cause::LacksKeys { lacking, given } => Some((lacking, given)),
            _ => None,
        }
    }

    /// Something in the database is sealed by a key that this process was not given, or is to be.
    #[must_use]
    pub fn lacks_keys(&self) -> bool {
        matches!(
            *self.0,
            Cause::LacksKeys { .. } | Cause::Unopened(Unopened::NoKey { .. })
        )
    }

    /// A sealed value was changed, or put where it does not belong: nobody can read it.
    #[must_use]
    pub fn is_broken_seal(&self) -> bool {
        matches!(*self.0, Cause::Unopened(Unopened::Broken { .. }))
    }

    /// The store was closed while, or before, this was asked.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(*self.0, Cause::Closed)
    }

    /// A newer build has changed the tables, or plans for this database; this build must not write to
    /// it.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        use sqlx::migrate::MigrateError::VersionMissing;
        matches!(
            *self.0,
            Cause::Migrate(VersionMissing(_)) | Cause::Outdated { .. }
        )
    }

    /// Another process was creating the same file at the same moment.
    pub(super) fn is_race(&self) -> bool {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        self.is_busy() || matches!(*self.0, Cause::Migrate(Execute(_) | ExecuteMigration(..)))
    }

    /// The primary result code of `SQLite`; its extended codes carry it in the lowest byte.
    fn sqlite_code(&self) -> Option<u32> {
        Some(
            self.code()?
                .parse::<u32>()
                .ok()
                .filter(|code| *code < 10_000)?
                & 0xff,
        )
    }

    /// What the database calls it: a number of `SQLite`'s, or five characters of PostgreSQL's.
    fn code(&self) -> Option<String> {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        let (Cause::Database(error) | Cause::Migrate(Execute(error) | ExecuteMigration(error, _))) =
            &*self.0
        else {
            return None;
        };
        Some(error.as_database_error()?.code()?.into_owned())
    }
}

/// Keys by their ids, as people read them.
fn keys(ids: &[String]) -> String {
    let word = if ids.len() == 1 { "key" } else { "keys" };
    format!("the {word} {}", ids.join(", "))
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl<E: Into<Cause>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self(Arc::new(error.into()))
    }
}
