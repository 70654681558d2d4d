//! Holds that were moved to another version of their workflow: all of it at once, and what it was before.

use std::sync::Arc;

use super::commit::judge;
use super::error::Cause;
use super::given::{Committed, Place, Write};
use super::set::Set;
use super::sql::{Connection, sql};
use super::{Result, Store};

/// A hold that is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationNew {
    /// `UUIDv7`.
    pub public_id: String,
    /// The hold.
    pub cohort_id: i64,
    /// From which version.
    pub from_version: i64,
    /// To which.
    pub to_version: i64,
    /// The hash of the report that was read.
    pub plan: String,
    /// Who has approved it.
    pub by: String,
    /// When, µs UTC.
    pub at: i64,
    /// Whom it moves.
    pub moved: Vec<Moved>,
}

/// A subject that is moved, as it was.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Moved {
    /// Row id.
    pub subject_id: i64,
    /// The version that it was on.
    pub version_id: i64,
    /// How many events it has after the move.
    pub seq: i64,
    /// What it was before, JSON.
    pub snapshot: String,
}

/// A move that was made.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MigrationRow {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// The hold.
    pub cohort_id: i64,
    /// From which version.
    pub from_version: i64,
    /// To which.
    pub to_version: i64,
    /// The hash of the report that was read.
    pub plan: String,
    /// Who approved it.
    pub made_by: String,
    /// When, µs UTC.
    pub at: i64,
    /// When it was undone, µs UTC.
    pub undone_at: Option<i64>,
    /// By whom.
    pub undone_by: Option<String>,
}

impl Store {
    /// Moves a hold with its cases: every step or none. False when one of them has moved on since it was read.
    ///
    /// The hold's own step comes last, since it calls its members.
    pub async fn migrate(
        &self,
        writes: Vec<Write>,
        new: MigrationNew,
        recorded_at: i64,
    ) -> Result<bool> {
        let (writes, new) = (Arc::new(writes), Arc::new(new));
        let done = self
            .announce(move |connection| {
                Box::pin(async move {
                    let moved = new.moved.iter().map(|moved| moved.subject_id);
                    let moved: Vec<i64> = moved.collect();
                    // Seen before, so that what the move itself says has followed from it.
                    let seen = sql("SELECT COALESCE(max(id), 0) FROM outbox \
                                    WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
                    .bind(&moved)
                    .value(&mut *connection)
                    .await?;
                    commit_all(connection, &writes, recorded_at).await?;
                    let id = insert(connection, &new, seen).await?;
                    Set::of(&new.moved)
                        .whole("migration_id", |_| id)
                        .whole("subject_id", |moved| moved.subject_id)
                        .whole("version_id", |moved| moved.version_id)
                        .whole("seq", |moved| moved.seq)
                        .text("snapshot", |moved| moved.snapshot.as_str())
                        .run(
                            connection,
                            "INSERT INTO migrated (migration_id, subject_id, version_id, seq, snapshot) \
                             SELECT migration_id, subject_id, version_id, seq, snapshot FROM rows",
                        )
                        .await?;
                    let version = new.to_version;
                    let now = new.moved.iter().map(|moved| (moved.subject_id, version));
                    put_on(connection, &now.collect::<Vec<_>>()).await
                })
            })
            .await;
        or_overtaken(done)
    }

    /// Takes a move back: every step or none, and only while nothing has followed from it. False when something has.
    pub async fn unmigrate(
        &self,
        writes: Vec<Write>,
        id: i64,
        by: String,
        recorded_at: i64,
    ) -> Result<bool> {
        let writes = Arc::new(writes);
        let done = self
            .announce(move |connection| {
                Box::pin(async move {
                    let undone = sql("UPDATE migrations SET undone_at = $2, undone_by = $3 \
                                      WHERE id = $1 AND undone_at IS NULL")
                    .bind(id)
                    .bind(recorded_at)
                    .bind(by)
                    .run(&mut *connection)
                    .await?;
                    if undone == 0 {
                        return Err(Cause::Overtaken.into());
                    }
                    commit_all(connection, &writes, recorded_at).await?;
                    let before: Vec<(i64, i64)> =
                        sql("SELECT subject_id, version_id FROM migrated WHERE migration_id = $1")
                            .bind(id)
                            .all(&mut *connection)
                            .await?;
                    put_on(connection, &before).await
                })
            })
            .await;
        or_overtaken(done)
    }

    /// The moves of a hold, the newest first.
    pub async fn migrations(&self, cohort: i64) -> Result<Vec<MigrationRow>> {
        sql("SELECT * FROM migrations WHERE cohort_id = $1 ORDER BY id DESC")
            .bind(cohort)
            .all(&mut *self.reader().await?)
            .await
    }

    /// Whom one moved.
    pub async fn migrated(&self, id: i64) -> Result<Vec<Moved>> {
        sql(
            "SELECT subject_id, version_id, seq, snapshot FROM migrated WHERE migration_id = $1 \
             ORDER BY subject_id",
        )
        .bind(id)
        .all(&mut *self.reader().await?)
        .await
    }

    /// Whether those whom one moved have said something since.
    pub async fn said_since(&self, migration: i64) -> Result<bool> {
        let count: i64 = sql("SELECT count(*) FROM migrated AS m CROSS JOIN outbox AS o \
             WHERE m.migration_id = $1 AND o.subject_id = m.subject_id \
               AND o.id > (SELECT mail_seen FROM migrations WHERE id = $1)")
        .bind(migration)
        .value(&mut *self.reader().await?)
        .await?;
        Ok(count > 0)
    }
}

async fn insert(connection: &mut Connection, new: &MigrationNew, seen: i64) -> Result<i64> {
    sql("INSERT INTO migrations (public_id, cohort_id, from_version, to_version, plan, made_by, at, mail_seen) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id")
    .bind(&*new.public_id)
    .bind(new.cohort_id)
    .bind(new.from_version)
    .bind(new.to_version)
    .bind(&*new.plan)
    .bind(&*new.by)
    .bind(new.at)
    .bind(seen)
    .value(connection)
    .await
}

/// Subjects by row id, each with its version from here on.
async fn put_on(connection: &mut Connection, versions: &[(i64, i64)]) -> Result<()> {
    let all = || {
        Set::of(versions)
            .whole("subject_id", |(subject, _)| *subject)
            .whole("version_id", |(_, version)| *version)
    };
    all()
        .run(
            connection,
            "UPDATE subjects SET version_id = rows.version_id FROM rows WHERE subjects.id = rows.subject_id",
        )
        .await?;
    if connection.is_postgres() {
        all()
            .run(
                connection,
                "UPDATE subject_keys SET version_id = rows.version_id FROM rows \
                 WHERE subject_keys.id = rows.subject_id",
            )
            .await?;
    }
    Ok(())
}

fn or_overtaken(done: Result<()>) -> Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(error) if error.is_overtaken() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Stores steps within a transaction: all of them, or nothing of it is stored and the error
/// [`is_overtaken`](super::StoreError::is_overtaken). [`is_hold_full`](super::StoreError::is_hold_full) when a place is
/// wanted that is not there.
async fn commit_all(connection: &mut Connection, writes: &[Write], recorded_at: i64) -> Result<()> {
    let (verdicts, kept) = judge(connection, writes).await?;
    for (verdict, write) in verdicts.iter().zip(writes) {
        match (verdict, write.place) {
            (Committed::Done, _) => {}
            (
                Committed::HoldFull,
                Place::Take {
                    cohort_id,
                    capacity,
                },
            ) => {
                return Err(Cause::HoldFull {
                    cohort: cohort_id,
                    places: capacity,
                }
                .into());
            }
            _ => return Err(Cause::Overtaken.into()),
        }
    }
    match kept.store(connection, recorded_at).await?.as_slice() {
        [] => Ok(()),
        _ => Err(Cause::Overtaken.into()),
    }
}
