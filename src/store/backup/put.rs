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
            if let Some(old) = &mut old {
                replaced.mail_was_off = mail_is_off(old).await;
            }
            if replaced.mail_was_off {
                stop_mail(file).await?;
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

async fn mail_is_off(old: &mut Connection) -> bool {
    let on = sql("SELECT mail_on FROM cluster").value::<i64>(old).await;
    matches!(on, Ok(0))
}

async fn stop_mail(file: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Memory);
    let mut connection = Connection::new(To::Sqlite(connect(options).await?), &Keys::default());
    sql("UPDATE cluster SET mail_on = 0")
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
