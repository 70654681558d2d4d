//! Rows in a database: what is true, and what shall happen to it in one transaction.
//!
//! The store speaks ids, numbers and strings; snapshots, payloads and intents are JSON it does not
//! look into. All instants are `i64` microseconds since the epoch, UTC; days are ISO text. It
//! never asks for the time.
//!
//! # How it writes
//!
//! One connection writes, owned by one task with *group commit*: all waiting jobs run
//! in one `BEGIN IMMEDIATE` transaction, each inside its own savepoint, and are answered after the
//! one `COMMIT`. A job whose caller has gone away is done all the same. Reads have connections of
//! their own and never wait for a write. Batches are written set-wise, one statement per table
//! through `json_each(?)`, because every statement costs a hop between threads.
//!
//! # How it stays true
//!
//! A [`Write`] says what it was computed from: the subject's `seq`, its hold's `broadcast`, the
//! planner's `plan_rev`. If one of them has moved it is [`Committed::Stale`] and nothing of it is
//! stored. A key that exists already is a bug and fails the whole job, never `DO NOTHING`.

mod cluster;
mod commit;
mod create;
mod due;
mod error;
mod gather;
mod given;
mod lock;
mod mail;
mod members;
mod outbox;
mod people;
mod places;
mod raw;
mod read;
mod rows;
mod stamps;
mod versions;
mod watch;
mod writer;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Sqlite, SqliteConnection};
use tokio::sync::OwnedMappedMutexGuard;

use error::Cause;
use writer::{Shared, Writer};

pub use error::StoreError;
pub use given::{
    CANCELLED, Cancel, Committed, EventNew, Fence, Freeze, GatherNew, ImportCount, InboxNew, Late,
    NewOrganisation, NewPerson, NewSubject, OutboxFilter, OutboxNew, Outcome, PersonImport,
    PersonRef, Place, Settle, Settled, TextNew, Write,
};
pub use lock::ServeLock;
pub use raw::RawTransition;
pub use rows::{
    Bundle, ClockRow, ClusterRow, CohortRow, EventRow, GatherRow, InboxRow, Loaded, LotRow,
    MemberRow, OrganisationRow, OutboxRow, PersonRow, Status, SubjectKind, SubjectRow, TextRow,
    VersionRow,
};
pub use stamps::Stamp;
pub use watch::CasesIn;

/// What every method of the store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// At so many faults in a row a subject is stuck until a person looks; the partial indexes of the
/// migration name the same number.
pub const FAULTS_MAX: i64 = 5;

/// How long to wait for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many reads may run beside each other.
const READERS_MAX: u32 = 4;

/// A write-ahead log longer than this is cut back after a checkpoint.
const JOURNAL_BYTES_MAX: &str = "67108864";

/// Pages after which a commit also checkpoints: 16 MB, some thousand transitions.
const CHECKPOINT_PAGES: &str = "4096";

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Writer,
    /// None in memory, where one connection is the whole database and reads take turns with writes.
    readers: Option<SqlitePool>,
}

impl Store {
    /// Opens a database file, creating it and the folders above it, and brings its tables up to date.
    ///
    /// # Errors
    /// [`is_storage`](StoreError::is_storage) when the file cannot be used,
    /// [`is_newer`](StoreError::is_newer) when a newer build has changed its tables.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| Cause::File {
                path: folder.to_owned(),
                error,
            })?;
        }
        let options = SqliteConnectOptions::new().filename(path);
        let connection = open_file(&options).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .test_before_acquire(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_with(reading(options))
            .await?;
        Ok(Self::of(connection, Some(readers)))
    }

    /// Opens an empty database that lives as long as this value: for simulation and tests. The
    /// only difference to a file is that reads take turns with writes.
    pub async fn open_in_memory() -> Result<Self> {
        let options = SqliteConnectOptions::new().in_memory(true);
        let mut connection = writing(options).connect().await?;
        migrate(&mut connection).await?;
        Ok(Self::of(connection, None))
    }

    fn of(connection: SqliteConnection, readers: Option<SqlitePool>) -> Self {
        let writer = Writer::start(connection);
        Self {
            inner: Arc::new(Inner { writer, readers }),
        }
    }

    /// Finishes what has been asked for and closes the file. Later calls are refused.
    pub async fn close(&self) -> Result<()> {
        if let Some(readers) = &self.inner.readers {
            readers.close().await;
        }
        self.inner.writer.close().await
    }

    /// A number that changes when, and only when, *another* process or handle has written. Compare
    /// it with the last one seen: after a change, what is due may have changed.
    pub async fn data_version(&self) -> Result<i64> {
        let mut connection = self.inner.writer.connection().await?;
        // Asked on the writing connection, because SQLite leaves out a connection's own commits.
        let version = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut *connection)
            .await?;
        Ok(version)
    }

    /// Runs `work` in a transaction with others, and answers when it is on disk.
    async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        self.inner.writer.run(work).await
    }

    /// A connection to read with.
    async fn reader(&self) -> Result<Reader> {
        match &self.inner.readers {
            Some(pool) => match pool.acquire().await {
                Ok(connection) => Ok(Reader::Pooled(connection)),
                Err(sqlx::Error::PoolClosed) => Err(Cause::Closed.into()),
                Err(error) => Err(error.into()),
            },
            None => Ok(Reader::Shared(self.inner.writer.connection().await?)),
        }
    }
}

/// A connection for one read.
enum Reader {
    Pooled(PoolConnection<Sqlite>),
    Shared(OwnedMappedMutexGuard<Shared, SqliteConnection>),
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Shared(connection) => connection,
        }
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Shared(connection) => connection,
        }
    }
}

/// What a job of the writer gives back.
type BoxFuture<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

fn writing(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("journal_size_limit", JOURNAL_BYTES_MAX)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", "-16384")
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// `query_only` rather than opening read-only: after another process's crash even a reader may
/// have to recover the write-ahead log.
fn reading(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", "-4096")
        .pragma("query_only", "on")
        .disable_statement_logging()
}

/// Opens the file to write and brings its tables up to date. Two processes may create a file at the
/// same moment; neither the change to a write-ahead log nor the migrator waits for a lock, so the
/// loser of that race tries again and finds it done.
async fn open_file(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    const TRIES: u32 = 10;
    let mut tried = 1;
    loop {
        let opened = try_open_file(options).await;
        match opened {
            Err(error) if tried < TRIES && error.is_race() => tried += 1,
            opened => return opened,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn try_open_file(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    let mut connection = writing(options.clone())
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await?;
    migrate(&mut connection).await?;
    Ok(connection)
}

/// `run_direct`, because the future of `run` is not `Send` to the compiler's eyes.
async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    Ok(MIGRATIONS.run_direct(None, connection, false).await?)
}

/// Rows for a statement that reads them with `json_each(?)`.
fn json<T: Serialize + ?Sized>(rows: &T) -> String {
    serde_json::to_string(rows).expect("strings, numbers and lists of them are always JSON")
}
