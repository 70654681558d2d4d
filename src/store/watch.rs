//! Smaller questions the runner asks while it works, and what it does with mail that cannot leave now.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::error::Cause;
use super::rows::OrganisationRow;
use super::sql::sql;
use super::{Inner, Result, Store};

/// How often a file is asked whether another process has written to it; some microseconds each.
const LOOK_AT_FILE: Duration = Duration::from_millis(200);

/// Where a hold's cases are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasesIn {
    /// Cases by atomic state.
    pub by_state: BTreeMap<String, u32>,
    /// Cases that have news they have not taken in.
    pub with_news: u32,
}

impl Store {
    /// Where a hold's cases are, and how many of them have open news.
    pub async fn cases_in(&self, cohort: i64) -> Result<CasesIn> {
        let by_state = self.members_by_state(cohort).await?;
        let with_news: i64 = sql("SELECT count(DISTINCT inbox.target) FROM inbox \
             JOIN subject_keys ON subject_keys.id = inbox.target \
             WHERE subject_keys.cohort_id = $1 AND inbox.done_seq IS NULL")
        .bind(cohort)
        .value(&mut *self.reader().await?)
        .await?;
        let whole = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let by_state = by_state
            .into_iter()
            .map(|(state, count)| (state, whole(count)))
            .collect();
        Ok(CasesIn {
            by_state,
            with_news: whole(with_news),
        })
    }

    /// The seats of an occurrence and their newest revision.
    pub async fn seats(&self, subject: i64, occurrence: &str) -> Result<Vec<(String, i64)>> {
        let seats = sql(
            "SELECT seat, max(revision) FROM outbox WHERE subject_id = $1 AND occurrence = $2 GROUP BY seat",
        )
        .bind(subject)
        .bind(occurrence)
        .all(&mut *self.reader().await?)
        .await?;
        Ok(seats)
    }

    /// Organisations by row id.
    pub async fn organisations(&self, ids: &[i64]) -> Result<HashMap<i64, OrganisationRow>> {
        let rows: Vec<OrganisationRow> =
            sql("SELECT o.*, a.why AS returns FROM organisations AS o \
             LEFT JOIN addresses AS a ON a.address = lower(o.email) \
             WHERE o.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
            .bind(ids)
            .all(&mut *self.reader().await?)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Holds mail that is not on the wire until a person has looked: nobody sits in the seat, or it cannot be rendered.
    pub async fn hold(&self, id: i64, reason: String) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE outbox SET status = 'held', reason = $2 WHERE id = $1 AND status IN ('queued', 'retry')")
                    .bind(id)
                    .bind(reason)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Puts mail off that is not on the wire, to µs UTC: it may not leave now.
    pub async fn put_off(&self, ids: Vec<i64>, not_before: i64) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql(
                    "UPDATE outbox SET not_before = $2 \
                     WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND status IN ('queued', 'retry')",
                )
                .bind(&ids)
                .bind(not_before)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

impl Store {
    /// A number that changes when *another* process or handle has written what others must know of.
    /// Compare it with the last one seen: after a change, what is due may have changed.
    pub async fn data_version(&self) -> Result<i64> {
        match &*self.inner {
            // Asked on the writing connection, because SQLite leaves out a connection's own commits.
            Inner::Sqlite { writer, .. } => {
                let mut connection = writer.connection().await?;
                sql("PRAGMA data_version").value(&mut connection).await
            }
            Inner::Postgres { node, .. } => Ok(*node.heard().borrow()),
        }
    }

    /// Waits until that number is another than the one seen, and answers it. On PostgreSQL that is when
    /// a word arrives; a file is looked at several times a second, and not while it is written to,
    /// because who writes looks by himself afterwards.
    pub async fn changed(&self, seen: i64) -> Result<i64> {
        match &*self.inner {
            Inner::Sqlite { readers: None, .. } => std::future::pending().await,
            Inner::Sqlite { writer, .. } => loop {
                tokio::time::sleep(LOOK_AT_FILE).await;
                let Some(mut connection) = writer.idle_connection()? else {
                    continue;
                };
                let version = sql("PRAGMA data_version").value(&mut connection).await?;
                if version != seen {
                    return Ok(version);
                }
            },
            Inner::Postgres { node, .. } => {
                let mut heard = node.heard();
                let heard = heard.wait_for(|words| *words != seen).await;
                Ok(*heard.map_err(|_| Cause::Closed)?)
            }
        }
    }

    /// When a subject is due next or a gathering closes, µs UTC; mail has its own loop.
    pub async fn next_work_due(&self) -> Result<Option<i64>> {
        let next = sql(include_str!("next_work_due.sql"))
            .value(&mut *self.reader().await?)
            .await?;
        Ok(next)
    }

    /// When mail that is not on the wire may leave next, µs UTC.
    pub async fn next_mail_due(&self) -> Result<Option<i64>> {
        let next = sql(include_str!("next_mail_due.sql"))
            .value(&mut *self.reader().await?)
            .await?;
        Ok(next)
    }
}

impl Store {
    /// Spoils a snapshot, for tests of what a poison case does to the others.
    #[doc(hidden)]
    pub async fn spoil(&self, subject: i64) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE subjects SET snapshot = '{' WHERE id = $1")
                    .bind(subject)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
