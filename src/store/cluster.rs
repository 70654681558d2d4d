//! What is one for the whole database: the planner's revision, a test's clock.

use super::error::Cause;
use super::rows::{ClockRow, ClusterRow};
use super::sql::{Connection, either, sql};
use super::{Result, Store};
use crate::mutant::{self, Mutant};

/// Raised when this version comes to plan otherwise than it did, by code or by holidays, without a new
/// number of the version.
const PLANNER: i64 = 1;

/// Which build this is, so that the older of two that plan differently is known: its version and, in
/// the last three digits, the planner's revision.
pub const BUILD: i64 = ((number(env!("CARGO_PKG_VERSION_MAJOR")) * 1000
    + number(env!("CARGO_PKG_VERSION_MINOR")))
    * 1000
    + number(env!("CARGO_PKG_VERSION_PATCH")))
    * 1000
    + PLANNER;

const fn number(digits: &str) -> i64 {
    let (mut number, mut at, digits) = (0, 0, digits.as_bytes());
    while at < digits.len() {
        number = number * 10 + (digits[at] - b'0') as i64;
        at += 1;
    }
    number
}

/// What plans are made of, as one line; other words are another planner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planner(pub String);

impl Store {
    /// The one row.
    pub async fn cluster(&self) -> Result<ClusterRow> {
        let row = sql("SELECT plan_rev, incarnation FROM cluster")
            .one(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }

    /// The planner's revision.
    pub async fn plan_rev(&self) -> Result<i64> {
        Ok(self.cluster().await?.plan_rev)
    }

    /// That revision, for a build that may plan.
    pub(super) async fn plan_rev_for_this_build(&self, moment: &mut Connection) -> Result<i64> {
        let (plan_rev, least): (i64, i64) = sql("SELECT plan_rev, min_build FROM cluster")
            .one(moment)
            .await?;
        self.is_not_outdated(least)?;
        Ok(plan_rev)
    }

    fn is_not_outdated(&self, least: i64) -> Result<()> {
        let build = self.build;
        if build < least {
            return Err(Cause::Outdated { build, least }.into());
        }
        Ok(())
    }

    /// Plans are made of this from now on. If they were made of something else, the planner's revision
    /// is raised, every subject is made due, and older builds may plan no more, in one transaction;
    /// answers the new revision then.
    ///
    /// # Errors
    /// [`is_newer`](super::StoreError::is_newer) when a newer build plans for this database.
    pub async fn adopt(&self, planner: &Planner) -> Result<Option<i64>> {
        let (is, store) = (planner.0.clone(), self.clone());
        let known: (String, i64) = sql("SELECT planner, min_build FROM cluster")
            .one(&mut *self.reader().await?)
            .await?;
        self.is_not_outdated(known.1)?;
        if known.0 == is {
            return Ok(None);
        }
        self.announce(move |connection| {
            Box::pin(async move {
                let (was, least): (String, i64) = either(
                    "SELECT planner, min_build FROM cluster",
                    "SELECT planner, min_build FROM cluster FOR UPDATE",
                )
                .one(&mut *connection)
                .await?;
                store.is_not_outdated(least)?;
                if was == is {
                    return Ok(None);
                }
                sql("UPDATE cluster SET planner = $1, min_build = $2")
                    .bind(is)
                    .bind(store.build)
                    .run(&mut *connection)
                    .await?;
                replan(connection).await.map(Some)
            })
        })
        .await
    }

    /// Something that plans are made of has changed: raises the planner's revision and makes every
    /// subject due, in one transaction, so that no step computed with the old is stored after. Answers
    /// the new revision.
    pub async fn bump_plan_rev(&self) -> Result<i64> {
        if mutant::is(Mutant::RevisionBeforeRows) {
            return self.bump_in_two().await;
        }
        self.announce(|connection| Box::pin(replan(connection)))
            .await
    }

    /// The lot of what is late now (µs UTC): named after the moment at which somebody woke after nobody
    /// had looked for `patience` µs. One for all processes, and the same after a restart.
    pub async fn wake(&self, now: i64, patience: i64) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE wakes \
                     SET lot = CASE WHEN looked_at < $1 - $2 THEN $1 ELSE lot END, \
                         looked_at = CASE WHEN looked_at < $1 THEN $1 ELSE looked_at END \
                     RETURNING lot")
                .bind(now)
                .bind(patience)
                .value(connection)
                .await
            })
        })
        .await
    }

    /// This store as a build of another number would see it, for tests of builds that meet.
    #[doc(hidden)]
    #[must_use]
    pub fn as_build(&self, build: i64) -> Self {
        Self {
            build,
            ..self.clone()
        }
    }

    /// The bug: whoever comes in between plans by the new revision, and rows keep the old plan's time.
    async fn bump_in_two(&self) -> Result<i64> {
        let revision = self
            .write(|connection| {
                Box::pin(async move {
                    sql("UPDATE cluster SET plan_rev = plan_rev + 1 RETURNING plan_rev")
                        .value(connection)
                        .await
                })
            })
            .await?;
        self.rebuild_due(None).await?;
        Ok(revision)
    }

    /// The clock that does not run with the world's, if one was set.
    pub async fn clock(&self) -> Result<Option<ClockRow>> {
        let row = sql("SELECT anchor_real, anchor_virtual, rate FROM clock")
            .optional(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }

    /// Sets that clock for all processes, or goes back to the world's.
    pub async fn set_clock(&self, clock: Option<ClockRow>) -> Result<()> {
        self.announce(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM clock").run(&mut *connection).await?;
                if let Some(clock) = clock {
                    sql(
                        "INSERT INTO clock (one, anchor_real, anchor_virtual, rate) \
                         VALUES (1, $1, $2, $3)",
                    )
                    .bind(clock.anchor_real)
                    .bind(clock.anchor_virtual)
                    .bind(clock.rate)
                    .run(connection)
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// What is damaged in the database, in SQLite's words; nothing when it is whole. PostgreSQL looks
    /// after its own pages and keys, and is not asked.
    pub async fn integrity_check(&self) -> Result<Vec<String>> {
        damage(&mut *self.reader().await?).await
    }
}

/// What is damaged where this connection reads.
pub(super) async fn damage(reader: &mut Connection) -> Result<Vec<String>> {
    if reader.is_postgres() {
        return Ok(Vec::new());
    }
    let mut found: Vec<String> = sql("PRAGMA integrity_check").values(&mut *reader).await?;
    found.retain(|line| line != "ok");
    let orphans: Vec<String> = sql(
        "SELECT \"table\" || ' row ' || COALESCE(rowid, '?') || ' names a missing row of ' || parent \
         FROM pragma_foreign_key_check",
    )
    .values(reader)
    .await?;
    found.extend(orphans);
    Ok(found)
}

/// All that was due stays in its order before what was not, so that what is late is not later by it: an
/// instant becomes one of the first minutes of 1970. What was to be looked at at once still comes first.
async fn replan(connection: &mut Connection) -> Result<i64> {
    let revision = sql("UPDATE cluster SET plan_rev = plan_rev + 1 RETURNING plan_rev")
        .value(&mut *connection)
        .await?;
    sql("UPDATE subjects SET next_due_at = COALESCE(next_due_at, 4000000000000000) / 1000000")
        .run(connection)
        .await?;
    Ok(revision)
}
