//! Putting a file in the place of a database: at every moment one of the two stands there, whole.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use super::super::error::Cause;
use super::super::sql::{Connection, To, sql};
use super::super::{Result, StoreError};
use super::{Backup, connect, ending, failed, settle, settle_names};
use crate::seal::Keys;

/// Whoever has the database open is given so long to end.
const GIVEN: Duration = Duration::from_secs(1);

/// What became of the database that stood there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// There was one, and it stands aside.
    pub was_there: bool,
    /// Somebody had stopped its mail; that holds for the new one, too.
    pub mail_was_off: bool,
}

impl Backup {
    /// Whether anything has happened in the database of this file; `None` when that cannot be read.
    pub async fn has_events(database: &Path) -> Option<bool> {
        let options = SqliteConnectOptions::new().filename(database);
        let mut connection =
            Connection::new(To::Sqlite(connect(options).await.ok()?), &Keys::default());
        let has = sql("SELECT CASE WHEN EXISTS (SELECT 1 FROM events) THEN 1 ELSE 0 END")
            .value::<i64>(&mut connection)
            .await;
        connection.close().await.ok()?;
        has.ok().map(|has| has == 1)
    }

    /// Puts a file, which is on the same disk and which nobody has open, in the place of a database. That goes on under the
    /// name `aside`, with all that was written to it.
    ///
    /// # Errors
    /// [`is_in_use`](StoreError::is_in_use) when somebody has the database open.
    pub async fn put(file: &Path, database: &Path, aside: &Path) -> Result<Replaced> {
        let mut replaced = Replaced::default();
        let mut old = None;
        if database.exists() {
            replaced.was_there = true;
            old = alone(database).await?;
            if let Some(old) = &mut old
                && let Some(stops) = what_is_stopped(old).await
            {
                replaced.mail_was_off = true;
                stop_the_same(file, &stops).await?;
            }
            stand_aside(database, aside, old.is_some())?;
            belong_as(file, database);
        }
        fs::rename(file, database).map_err(|error| failed(database, error))?;
        // Until now nobody else could write to the old one.
        drop(old);
        settle_names(database)?;
        Ok(replaced)
    }
}

/// The database with its log written into it, and closed to everybody else for as long as this connection lives; none
/// when it is too damaged to be opened.
async fn alone(database: &Path) -> Result<Option<Connection>> {
    match try_alone(database).await {
        Ok(connection) => Ok(Some(connection)),
        Err(error) if error.is_damaged() => Ok(None),
        Err(error) if error.is_busy() => Err(Cause::InUse {
            path: database.to_owned(),
        }
        .into()),
        Err(error) => Err(error),
    }
}

async fn try_alone(database: &Path) -> Result<Connection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .busy_timeout(GIVEN)
        // Leaving the log behind is granted only to who is alone.
        .journal_mode(SqliteJournalMode::Delete)
        .disable_statement_logging();
    let mut connection = Connection::new(To::Sqlite(options.connect().await?), &Keys::default());
    sql("BEGIN EXCLUSIVE").run(&mut connection).await?;
    Ok(connection)
}

/// What stands stopped, as JSON; a database of before there were stops of less than everything says only that.
async fn what_is_stopped(old: &mut Connection) -> Option<String> {
    let stops = sql(
        "SELECT json_group_array(json_object('workflow', workflow, 'cohort_id', cohort_id, 'declaration', declaration, \
                'reason', reason, 'began_at', began_at, 'began_by', began_by)) FROM stops WHERE ended_at IS NULL",
    )
    .value::<String>(old)
    .await;
    let all = sql(
        "SELECT json_array(json_object('reason', 'Standset, før databasen blev lagt tilbage', 'began_by', 'cli')) \
         FROM cluster WHERE mail_on = 0",
    );
    let stops = match stops {
        Ok(stops) => Some(stops),
        Err(_) => all.optional_value::<String>(old).await.ok().flatten(),
    };
    stops.filter(|stops| stops != "[]")
}

/// Stops the same, as far as it is there.
async fn stop_the_same(file: &Path, stops: &str) -> Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Memory);
    let mut connection = Connection::new(To::Sqlite(connect(options).await?), &Keys::default());
    sql(
        "INSERT INTO stops (workflow, cohort_id, declaration, reason, began_at, began_by) \
         SELECT j.value ->> 'workflow', j.value ->> 'cohort_id', j.value ->> 'declaration', j.value ->> 'reason', \
                COALESCE(j.value ->> 'began_at', CAST(strftime('%s', 'now') AS INTEGER) * 1000000), \
                j.value ->> 'began_by' \
         FROM json_each($1) AS j \
         WHERE (j.value ->> 'cohort_id' IS NULL OR j.value ->> 'cohort_id' IN (SELECT id FROM subjects)) \
           AND NOT EXISTS (SELECT 1 FROM stops AS s \
                           WHERE s.ended_at IS NULL \
                             AND s.workflow IS j.value ->> 'workflow' \
                             AND s.cohort_id IS j.value ->> 'cohort_id' \
                             AND s.declaration IS j.value ->> 'declaration')",
    )
    .bind(stops)
    .run(&mut connection)
    .await?;
    connection.close().await?;
    settle(file)
}

/// Whoever may read and write the old one may do so with the new one. What the system does not grant is left as it is: then
/// the owner is the same, or the service says that it may not.
fn belong_as(file: &Path, database: &Path) {
    let Ok(old) = fs::metadata(database) else {
        return;
    };
    drop(fs::set_permissions(file, old.permissions()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        drop(chown(file, Some(old.uid()), Some(old.gid())));
    }
}

/// A second name for the database; what is not in its file goes with it.
fn stand_aside(database: &Path, aside: &Path, is_whole: bool) -> Result<()> {
    if fs::hard_link(database, aside).is_err() {
        // Not every disk has second names.
        fs::copy(database, aside).map_err(|error| failed(aside, error))?;
        settle(aside)?;
    }
    if !is_whole {
        // The log of another database would be written into the new one.
        for log in ["-wal", "-journal"] {
            let (from, to) = (ending(database, log), ending(aside, log));
            if from.exists() {
                fs::rename(&from, &to).map_err(|error| failed(&to, error))?;
            }
        }
    }
    let shared = ending(database, "-shm");
    if shared.exists() {
        fs::remove_file(&shared).map_err(|error| failed(&shared, error))?;
    }
    settle_names(aside)
}
