//! What is one for the whole database: the planner's revision, the switch for mail, a test's clock.

use super::rows::{ClockRow, ClusterRow};
use super::sql::sql;
use super::{Result, Store};
use crate::mutant::{self, Mutant};

impl Store {
    /// The one row.
    pub async fn cluster(&self) -> Result<ClusterRow> {
        let row = sql("SELECT plan_rev, incarnation, mail_on = 1 AS mail_on FROM cluster")
            .one(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }

    /// The planner's revision.
    pub async fn plan_rev(&self) -> Result<i64> {
        Ok(self.cluster().await?.plan_rev)
    }

    /// Something that plans are made of has changed, such as holidays or a definition: raises the
    /// planner's revision and makes every subject due, in one transaction, so that no step computed
    /// with the old is stored after. Answers the new revision.
    pub async fn bump_plan_rev(&self) -> Result<i64> {
        if mutant::is(Mutant::RevisionBeforeRows) {
            return self.bump_in_two().await;
        }
        self.announce(|connection| {
            Box::pin(async move {
                let revision = sql("UPDATE cluster SET plan_rev = plan_rev + 1 RETURNING plan_rev")
                    .value(&mut *connection)
                    .await?;
                sql("UPDATE subjects SET next_due_at = 0")
                    .run(connection)
                    .await?;
                Ok(revision)
            })
        })
        .await
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

    /// Switches all mail on or off. Off, it is decided and queued, but none leaves.
    pub async fn set_mail_on(&self, on: bool) -> Result<()> {
        self.announce(move |connection| {
            Box::pin(async move {
                sql("UPDATE cluster SET mail_on = $1")
                    .bind(on)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
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

    /// What is damaged in the database, in `SQLite`'s words; nothing when it is whole. PostgreSQL looks
    /// after its own pages and keys, and is not asked.
    pub async fn integrity_check(&self) -> Result<Vec<String>> {
        let mut reader = self.reader().await?;
        if reader.is_postgres() {
            return Ok(Vec::new());
        }
        let mut found: Vec<String> = sql("PRAGMA integrity_check").values(&mut *reader).await?;
        found.retain(|line| line != "ok");
        let orphans: Vec<String> = sql(
            "SELECT \"table\" || ' row ' || COALESCE(rowid, '?') || ' names a missing row of ' || parent \
             FROM pragma_foreign_key_check",
        )
        .values(&mut *reader)
        .await?;
        found.extend(orphans);
        Ok(found)
    }
}
