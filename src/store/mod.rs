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

mod about;
mod accounts;
mod asks;
mod backup;
mod beside;
mod cluster;
mod commit;
mod copied;
mod create;
mod digests;
mod drafts;
mod due;
mod erase;
mod error;
mod gather;
mod given;
mod guarded;
mod hooks;
mod imports;
mod kept;
mod late;
mod lock;
mod mail;
mod members;
mod memory;
mod migrations;
mod node;
mod operation;
mod outbox;
mod people;
mod places;
mod progress;
mod pulse;
mod rations;
mod raw;
mod read;
mod reader;
mod reads;
mod received;
mod restored;
mod retried;
mod rows;
mod scrub;
mod sealed;
mod sees;
mod set;
mod sql;
mod stamps;
mod stops;
mod suppressed;
mod throttle;
mod tokens;
mod transaction;
mod versions;
mod watch;
mod wishes;
mod writer;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::Serialize;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _, SqliteConnection};

use error::Cause;
use sql::{Connection, To, sql};
use writer::Writer;

use crate::seal::Keys;

pub use about::{OfPeople, PersonMail, TABLES, Table};
pub use accounts::{Account, AccountNew, NO_CODE, Seen, Session};
pub use backup::{Backup, History, Holds, Replaced, Tables};
pub use beside::{Added, DocumentBytes, DocumentNew, DocumentRow, NoteNew, NoteRow, Withdrawal};
pub use cluster::{BUILD, Planner};
pub use copied::Copied;
pub use drafts::{DraftNew, DraftRow, ListRow};
pub use due::Look;
pub use erase::{Erased, PersonErase};
pub use error::StoreError;
pub use given::{
    CANCELLED, Cancel, Committed, DigestNew, EventNew, Fence, Freeze, GatherNew, ImportCount,
    InboxNew, Late, NewOrganisation, NewPerson, NewSubject, OutboxFilter, OutboxNew, Outcome,
    PersonImport, PersonRef, Place, Ration, Settle, Settled, TextNew, Write,
};
pub use hooks::{Delivered, Delivery, DeliveryFate, HookNew, HookRow, Told};
pub use imports::{CaseOfPerson, ImportCaseRow, ImportNew, ImportRow, PersonChange, ToldRow};
pub use kept::{Act, KeptNews, PersonAct, PersonActRow};
pub use late::{LateLot, LateOf};
pub use lock::ServeLock;
pub use migrations::{MigrationNew, MigrationRow, Moved};
pub use node::LEASE;
use node::Node;
pub use operation::Standing;
pub use outbox::MailStanding;
pub use progress::{CaseLine, HoldRow, Progress, ProgressCase, ProgressCount};
pub use rations::GATHERED_DAY;
pub use raw::{Copies, RawRows, Scratch};
pub use reads::{READS_KEPT_DAYS, ReadRow, ReadsFilter};
pub use received::{
    AddressRow, HELD_FOR_ADDRESS, MailboxRow, ReceivedFilter, ReceivedNew, ReceivedRow,
};
pub use rows::{
    Bundle, ClockRow, ClusterRow, CohortRow, DigestRow, EventRow, GatherRow, InboxRow, Loaded,
    LotRow, MemberRow, OrganisationRow, OutboxRow, PersonRow, Status, SubjectKind, SubjectRow,
    TextRow, VersionHead, VersionRow,
};
pub use sealed::{SealedBy, Turning};
pub use sees::Sees;
pub use stamps::Stamp;
pub use stops::{Begun, LetGo, Scope, Stop};
pub use suppressed::Suppression;
pub use throttle::Throttle;
pub use tokens::{Request, Token, TokenKind, TokenNew};
pub use watch::CasesIn;
pub use wishes::Wish;

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

/// How many statements the writing connection remembers: each table's, for each size of a batch.
const STATEMENTS_MAX: usize = 256;

/// How many rows SQLite's thread may be ahead of who reads them: a batch, so that the two threads do
/// not wake each other for every few rows.
const ROWS_AHEAD: usize = 512;

/// How many connections to PostgreSQL a process has at most.
const POSTGRES_CONNECTIONS_MAX: u32 = 12;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static MIGRATIONS_POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
    /// Which build this is: one that is older than the database asks for must not plan.
    build: i64,
    /// What it seals and opens with.
    keys: Keys,
}

#[derive(Debug)]
enum Inner {
    Sqlite {
        writer: Writer,
        /// None in memory, where one connection is the whole database and reads take turns with
        /// writes.
        readers: Option<SqlitePool>,
        /// None in memory.
        file: Option<PathBuf>,
        /// Whether mail has left since that was said last.
        has_sent: AtomicBool,
    },
    Postgres {
        pool: PgPool,
        node: Box<Node>,
    },
}

impl Store {
    /// Opens a database file, creating it and the folders above it, and brings its tables up to date. What is sealed in it
    /// stays so: who asks for it is refused.
    ///
    /// # Errors
    /// [`is_storage`](StoreError::is_storage) when the file cannot be used,
    /// [`is_newer`](StoreError::is_newer) when a newer build has changed its tables.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::opened(path.as_ref(), Keys::default()).await
    }

    /// The same for whoever reads and writes what is confidential, which is sealed by these keys; there may be none.
    ///
    /// # Errors
    /// [`lacks_keys`](StoreError::lacks_keys), too, when something in it may be sealed by a key that was not given.
    pub async fn open_with(path: impl AsRef<Path>, keys: Keys) -> Result<Self> {
        Self::opened(path.as_ref(), keys).await?.unlocked().await
    }

    async fn opened(path: &Path, keys: Keys) -> Result<Self> {
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
        Ok(Self::of(
            connection,
            Some(readers),
            Some(path.to_owned()),
            keys,
        ))
    }

    /// Connects to a PostgreSQL database, `postgres://user:password@host/name`, and brings its tables
    /// up to date. What is sealed in it stays so. Several processes may use it; `?lease=SECONDS` says how long one of them may be
    /// silent before the others go on with what it had begun, [`LEASE`] if nothing is said.
    ///
    /// # Errors
    /// [`is_storage`](StoreError::is_storage) when it cannot be reached,
    /// [`is_newer`](StoreError::is_newer) when a newer build has changed its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connected(url, Keys::default()).await
    }

    /// The same for whoever reads and writes what is confidential, as [`open_with`](Self::open_with).
    pub async fn connect_with(url: &str, keys: Keys) -> Result<Self> {
        Self::connected(url, keys).await?.unlocked().await
    }

    async fn connected(url: &str, keys: Keys) -> Result<Self> {
        let (options, lease) = node::address(url)?;
        // A pool goes on trying, and then cannot say why it failed.
        options.connect().await?.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options.clone().disable_statement_logging())
            .await?;
        let mut connection = pool.acquire().await?;
        MIGRATIONS_POSTGRES
            .run_direct(None, &mut *connection, false)
            .await?;
        drop(connection);
        let node = Node::join(options, &pool, lease).await?;
        Ok(Self {
            inner: Arc::new(Inner::Postgres {
                pool,
                node: Box::new(node),
            }),
            build: BUILD,
            keys,
        })
    }

    fn of(
        connection: SqliteConnection,
        readers: Option<SqlitePool>,
        file: Option<PathBuf>,
        keys: Keys,
    ) -> Self {
        let writer = Writer::start(Connection::new(To::Sqlite(connection), &keys));
        let has_sent = AtomicBool::default();
        Self {
            inner: Arc::new(Inner::Sqlite {
                writer,
                readers,
                file,
                has_sent,
            }),
            build: BUILD,
            keys,
        }
    }

    /// Finishes what has been asked for and closes the database. Later calls are refused.
    pub async fn close(&self) -> Result<()> {
        match &*self.inner {
            Inner::Sqlite {
                writer, readers, ..
            } => {
                if let Some(readers) = readers {
                    readers.close().await;
                }
                writer.close().await
            }
            Inner::Postgres { pool, node } => {
                node.leave().await;
                pool.close().await;
                Ok(())
            }
        }
    }

    /// The file that the database is, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &*self.inner {
            Inner::Sqlite { file, .. } => file.as_deref(),
            Inner::Postgres { .. } => None,
        }
    }

    /// Whether several processes may serve this database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(*self.inner, Inner::Postgres { .. })
    }

    /// What time it is, µs UTC, for all processes on a shared database; none where there is one.
    pub async fn now(&self) -> Result<Option<i64>> {
        if !self.is_shared() {
            return Ok(None);
        }
        sql("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")
            .value(&mut *self.reader().await?)
            .await
            .map(Some)
    }
}

/// What a closed pool says, in the store's words.
fn closed(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::PoolClosed => Cause::Closed.into(),
        error => error.into(),
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
        .pragma("cache_size", "-12288")
        .pragma("temp_store", "memory")
        .pragma("secure_delete", "on")
        .statement_cache_capacity(STATEMENTS_MAX)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

/// `query_only` rather than opening read-only: after another process's crash even a reader may
/// have to recover the write-ahead log.
fn reading(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", "-4096")
        .pragma("query_only", "on")
        .row_buffer_size(ROWS_AHEAD)
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

#[cfg(test)]
pub(crate) mod gate;
