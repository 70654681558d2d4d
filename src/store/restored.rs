//! Whether the database is still the one that was served last, or was put back from a copy.
//!
//! What was sent since a copy was made is not known to it. So all that is unsent is held, and so is
//! what comes to be decided again of what was to leave before, until a person lets it go.
//!
//! # What is known
//!
//! *PostgreSQL* counts a new timeline when a server is promoted or recovers to a moment, a new
//! identifier when a cluster is made, and a new number for a table that a dump is read back into. The
//! row `cluster` remembers them.
//!
//! *SQLite* knows nothing. A file beside the database, `<path>.served`, holds a word that the database
//! holds too and that is made new while mail leaves: a copy that is put back holds an older one.
//! When there is no such file, the database comes from elsewhere, and it is taken for a copy. A backup
//! holds a word that stands in no such file, so that it is known however soon it is put back.
//!
//! # What is not
//!
//! A disk that is put back as a whole, with the file beside the database or with PostgreSQL's whole
//! folder, is the same in every respect but the time. Nor are mails of the last moments known, which
//! left after the word was made new and before it is again ([`Store::remember`] is called each 15
//! seconds). Whoever puts back a disk says `tovholder outbox stop --reason …` before the service starts.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgPool;

use super::backup::ending;
use super::error::Cause;
use super::sql::{Connection, To, either, sql};
use super::{Inner, Result, Store};
use crate::seal::Keys;

impl Store {
    /// Asks whether the database is the one that was served last. If it is not, holds all unsent mail,
    /// in a lot of the name `now` (µs UTC), and answers how much; to be called before mail leaves.
    pub async fn recognise(&self, now: i64) -> Result<u64> {
        match &*self.inner {
            Inner::Postgres { pool, .. } => recognise(pool, now).await,
            Inner::Sqlite { file: None, .. } => Ok(0),
            Inner::Sqlite {
                file: Some(file), ..
            } => {
                let beside = beside(file);
                let known = words(&beside)?;
                let held = self.hold_if_strange(known, now).await?;
                self.renew(&beside).await?;
                Ok(held)
            }
        }
    }

    /// Makes the word beside a file new, if mail has left since the last time.
    pub async fn remember(&self) -> Result<()> {
        match &*self.inner {
            Inner::Sqlite {
                file: Some(file),
                has_sent,
                ..
            } if has_sent.swap(false, std::sync::atomic::Ordering::SeqCst) => {
                self.renew(&beside(file)).await
            }
            Inner::Sqlite { .. } | Inner::Postgres { .. } => Ok(()),
        }
    }

    async fn hold_if_strange(&self, known: Vec<String>, now: i64) -> Result<u64> {
        self.write(move |connection| {
            Box::pin(async move {
                let history: String = sql("SELECT history FROM cluster")
                    .value(&mut *connection)
                    .await?;
                if history.is_empty() || known.contains(&history) {
                    return Ok(0);
                }
                hold_unsent(connection, now).await
            })
        })
        .await
    }

    /// The file holds both words until the database holds the new one, so that a death in between is
    /// not taken for a copy.
    async fn renew(&self, beside: &Path) -> Result<()> {
        let mut words = words(beside)?;
        let word = uuid::Uuid::now_v7().to_string();
        words.push(word.clone());
        write(beside, &words)?;
        let stored = word.clone();
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE cluster SET history = $1")
                    .bind(stored)
                    .run(connection)
                    .await
            })
        })
        .await?;
        write(beside, &[word])
    }
}

/// For PostgreSQL: compares, holds and remembers in one transaction.
pub(super) async fn recognise(pool: &PgPool, now: i64) -> Result<u64> {
    let transaction = To::Transaction(pool.begin().await?);
    let mut connection = Connection::new(transaction, &Keys::default());
    let (known, is): (String, String) = either(
        "SELECT '', ''",
        "SELECT history, \
                (SELECT system_identifier FROM pg_control_system()) \
                || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) \
                || '/' || CAST(CAST('cluster' AS regclass) AS oid) \
         FROM cluster",
    )
    .one(&mut connection)
    .await?;
    if known == is {
        return Ok(0);
    }
    // Of several processes that see it at once, the first holds; the others find it done.
    let before: String = either("SELECT ''", "SELECT history FROM cluster FOR NO KEY UPDATE")
        .value(&mut connection)
        .await?;
    let mut held = 0;
    if before != is {
        if !before.is_empty() {
            held = hold_unsent(&mut connection, now).await?;
            tracing::warn!(
                held,
                "the database was put back, or another server has taken over: unsent mail waits for a person"
            );
        }
        sql("UPDATE cluster SET history = $1")
            .bind(is)
            .run(&mut connection)
            .await?;
    }
    connection.commit().await?;
    Ok(held)
}

async fn hold_unsent(connection: &mut Connection, now: i64) -> Result<u64> {
    sql("INSERT INTO restores (at) VALUES ($1) ON CONFLICT (at) DO NOTHING")
        .bind(now)
        .run(&mut *connection)
        .await?;
    either(
        "UPDATE cluster SET incarnation = lower(hex(randomblob(16)))",
        "UPDATE cluster SET incarnation = replace(CAST(gen_random_uuid() AS TEXT), '-', '')",
    )
    .run(&mut *connection)
    .await?;
    sql(include_str!("hold_unsent.sql"))
        .bind(now)
        .run(connection)
        .await
}

/// Where the word of a database file stands.
fn beside(database: &Path) -> PathBuf {
    ending(database, ".served")
}

fn words(path: &Path) -> Result<Vec<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(path, error)),
    }
}

/// Whole or not at all, and on the disk.
fn write(path: &Path, words: &[String]) -> Result<()> {
    let new = ending(path, ".new");
    let written = fs::File::create(&new).and_then(|mut file| {
        file.write_all(words.join("\n").as_bytes())?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&new, path))
        .map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: std::io::Error) -> super::StoreError {
    Cause::File {
        path: path.to_owned(),
        error,
    }
    .into()
}
