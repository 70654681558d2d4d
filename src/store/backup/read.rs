//! Reading a backup without a change to it, whichever build has made its tables.
//!
//! Only columns are read that have been there since the first tables.

use std::collections::HashMap;
use std::path::Path;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;

use super::super::error::Cause;
use super::super::rows::{ClockRow, Status};
use super::super::sql::{Connection, To, either, sql};
use super::super::{MIGRATIONS, MIGRATIONS_POSTGRES, Result, node, outbox};
use super::{Backup, connect, ending};
use crate::seal::Keys;

/// Whose tables a backup has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// This build's.
    Ours,
    /// Those of an older build: so many changes are made to them when it is opened.
    Older(usize),
    /// Those of a newer build, which this one must not open.
    Newer,
    /// Those of another program, or none.
    Foreign,
}

/// A hold and how many cases it has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Holds {
    /// Its id.
    pub public_id: String,
    /// Its title.
    pub title: String,
    /// Cases.
    pub cases: i64,
}

/// A subject with its history, and what there is of mail about it.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Row id.
    pub id: i64,
    /// Its id.
    pub public_id: String,
    /// What it is called: a hold's title or a candidate's name.
    pub name: String,
    /// How many events it says it has.
    pub seq: i64,
    /// The snapshot.
    pub snapshot: String,
    /// Its events: number, instant (µs UTC), payload.
    pub events: Vec<(i64, i64, String)>,
    /// Occurrences that there is mail of, sent, waiting, or being gathered.
    pub mails: Vec<String>,
}

/// Id, public id, name, seq, snapshot.
type SubjectRow = (i64, String, String, i64, String);

impl Backup {
    /// Opens a backup file to read it. Nothing is written, not even beside it.
    ///
    /// # Errors
    /// [`is_in_use`](super::super::StoreError::is_in_use) when a log of writes lies beside it: it is a database, and no
    /// backup.
    pub async fn open(file: &Path) -> Result<Self> {
        for log in ["-wal", "-journal"] {
            let log = ending(file, log);
            if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
                return Err(Cause::InUse {
                    path: file.to_owned(),
                }
                .into());
            }
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .immutable(true);
        Ok(Self {
            connection: Connection::new(To::Sqlite(connect(options).await?), &Keys::default()),
        })
    }

    /// Looks at one moment of a database of PostgreSQL, such as one that a dump was read back into.
    pub async fn connect(url: &str) -> Result<Self> {
        let (options, _) = node::address(url)?;
        let pool = PgPoolOptions::new().max_connections(1);
        let pool = pool.connect_with(options).await?;
        let moment = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Self {
            connection: Connection::new(
                To::Transaction(pool.begin_with(moment).await?),
                &Keys::default(),
            ),
        })
    }

    /// Ends the reading.
    pub async fn close(self) -> Result<()> {
        self.connection.close().await
    }

    /// Whose tables it has.
    pub async fn tables(&mut self) -> Result<Tables> {
        let ours: i64 = either(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' \
             AND name IN ('_sqlx_migrations', 'cluster', 'subjects', 'events', 'outbox')",
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() \
             AND tablename IN ('_sqlx_migrations', 'cluster', 'subjects', 'events', 'outbox')",
        )
        .value(&mut self.connection)
        .await?;
        if ours < 5 {
            return Ok(Tables::Foreign);
        }
        let made: Vec<(i64, Vec<u8>)> =
            sql("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
                .all(&mut self.connection)
                .await?;
        let known = if self.connection.is_postgres() {
            &MIGRATIONS_POSTGRES
        } else {
            &MIGRATIONS
        };
        let known: HashMap<i64, &[u8]> = (known.iter())
            .map(|one| (one.version, &*one.checksum))
            .collect();
        let newest = known.keys().max().copied().unwrap_or_default();
        Ok(if made.iter().any(|(version, _)| *version > newest) {
            Tables::Newer
        } else if made.iter().any(|(at, sum)| known.get(at) != Some(&&**sum)) {
            Tables::Foreign
        } else if made.len() < known.len() {
            Tables::Older(known.len() - made.len())
        } else {
            Tables::Ours
        })
    }

    /// What is damaged in it, in SQLite's words. Of PostgreSQL nothing: it looks after its own pages.
    pub async fn damage(&mut self) -> Result<Vec<String>> {
        super::super::cluster::damage(&mut self.connection).await
    }

    /// How many subjects it has, how many events, and when the newest was recorded (µs UTC).
    pub async fn extent(&mut self) -> Result<(i64, i64, Option<i64>)> {
        sql("SELECT (SELECT count(*) FROM subjects), count(*), max(recorded_at) FROM events")
            .one(&mut self.connection)
            .await
    }

    /// The clock that it lives by, if it is not the world's.
    pub async fn clock(&mut self) -> Result<Option<ClockRow>> {
        sql("SELECT anchor_real, anchor_virtual, rate FROM clock")
            .optional(&mut self.connection)
            .await
    }

    /// Its holds, in the order in which they were made.
    pub async fn holds(&mut self) -> Result<Vec<Holds>> {
        sql("SELECT h.public_id, COALESCE(h.title, '') AS title, \
                    (SELECT count(*) FROM subjects AS c WHERE c.cohort_id = h.id) AS cases \
             FROM subjects AS h WHERE h.kind = 'cohort' ORDER BY h.id")
        .all(&mut self.connection)
        .await
    }

    /// How much mail stands where.
    pub async fn mails(&mut self) -> Result<Vec<(Status, i64)>> {
        outbox::counts(&mut self.connection).await
    }

    /// How much of the mail that may leave was to leave before (µs UTC).
    pub async fn late(&mut self, before: i64) -> Result<i64> {
        sql("SELECT count(*) FROM outbox WHERE status IN ('queued', 'retry') AND not_before < $1")
            .bind(before)
            .value(&mut self.connection)
            .await
    }

    /// At most so many histories, of the subjects behind a row id, in the order of these.
    pub async fn histories(&mut self, after: i64, limit: i64) -> Result<Vec<History>> {
        let subjects: Vec<SubjectRow> = sql(
            "SELECT s.id, s.public_id, COALESCE(s.title, p.name, ''), s.seq, s.snapshot \
             FROM subjects AS s LEFT JOIN people AS p ON p.id = s.person_id \
             WHERE s.id > $1 ORDER BY s.id LIMIT CAST($2 AS BIGINT)",
        )
        .bind(after)
        .bind(limit)
        .all(&mut self.connection)
        .await?;
        let last = subjects.last().map_or(after, |row| row.0);
        let mut histories: Vec<History> = (subjects.into_iter())
            .map(|(id, public_id, name, seq, snapshot)| History {
                id,
                public_id,
                name,
                seq,
                snapshot,
                ..History::default()
            })
            .collect();
        let events: Vec<(i64, i64, i64, String)> =
            sql("SELECT subject_id, seq, at, payload FROM events \
             WHERE subject_id > $1 AND subject_id <= $2 ORDER BY subject_id, seq")
            .bind(after)
            .bind(last)
            .all(&mut self.connection)
            .await?;
        let mails: Vec<(i64, String)> = sql(
            "SELECT subject_id, occurrence FROM outbox WHERE subject_id > $1 AND subject_id <= $2 \
             UNION ALL \
             SELECT subject_id, occurrence FROM gather_items WHERE subject_id > $1 AND subject_id <= $2",
        )
        .bind(after)
        .bind(last)
        .all(&mut self.connection)
        .await?;
        let place: HashMap<i64, usize> = (histories.iter().enumerate())
            .map(|(at, one)| (one.id, at))
            .collect();
        // What belongs to no subject is damage, and is told as such.
        for (subject, seq, at, payload) in events {
            if let Some(of) = place.get(&subject) {
                histories[*of].events.push((seq, at, payload));
            }
        }
        for (subject, occurrence) in mails {
            if let Some(of) = place.get(&subject) {
                histories[*of].mails.push(occurrence);
            }
        }
        Ok(histories)
    }
}
