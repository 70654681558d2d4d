//! Due work: what to look at, all that is needed to look at it, and what went wrong.

use std::collections::HashMap;

use sqlx::{Connection, SqliteConnection};

use super::rows::{CohortRow, InboxRow, Loaded, SubjectRow};
use super::{Result, Store, json};

impl Store {
    /// Row ids of subjects that are due at `now` (µs UTC), the longest due first; not those in
    /// back-off, and not those that are stuck.
    pub async fn load_due(&self, now: i64, limit: i64) -> Result<Vec<i64>> {
        let ids = sqlx::query_scalar(
            "SELECT id FROM subjects \
             WHERE next_due_at IS NOT NULL AND faults < 5 AND next_due_at <= ?1 \
               AND (retry_at IS NULL OR retry_at <= ?1) \
             ORDER BY next_due_at, id LIMIT ?2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        Ok(ids)
    }

    /// Everything that a batch of subjects needs, as it was at one moment.
    pub async fn load(&self, ids: &[i64]) -> Result<Loaded> {
        let mut reader = self.reader().await?;
        let mut snapshot = reader.begin().await?;
        let ids = json(ids);
        let plan_rev = sqlx::query_scalar("SELECT plan_rev FROM cluster")
            .fetch_one(&mut *snapshot)
            .await?;
        let subjects: Vec<SubjectRow> = sqlx::query_as(
            "SELECT s.*, p.place FROM json_each(?1) AS j \
             CROSS JOIN subjects AS s LEFT JOIN places AS p ON p.case_id = s.id \
             WHERE s.id = j.value ORDER BY j.key",
        )
        .bind(&ids)
        .fetch_all(&mut *snapshot)
        .await?;
        let loaded = Loaded {
            plan_rev,
            subjects,
            cohorts: cohorts(&mut snapshot, &ids).await?,
            inbox: inbox(&mut snapshot, &ids).await?,
            born: born(&mut snapshot, &ids).await?,
        };
        snapshot.rollback().await?;
        Ok(loaded)
    }

    /// When there is next something to do, µs UTC: a due subject, mail that may leave, a bundle
    /// that closes. It may lie in the past; it is never later than the truth. While mail is
    /// switched off, mail does not count.
    pub async fn next_due(&self) -> Result<Option<i64>> {
        let at = sqlx::query_scalar(include_str!("next_due.sql"))
            .fetch_one(&mut *self.reader().await?)
            .await?;
        Ok(at)
    }

    /// Notes that a subject could not be processed, and keeps it back until `retry_at` (µs UTC).
    /// Answers how often in a row; at [`FAULTS_MAX`](super::FAULTS_MAX) it is stuck. The next
    /// commit of the subject clears the count.
    pub async fn fault(&self, subject: i64, text: String, retry_at: i64) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move {
                let faults = sqlx::query_scalar(
                    "UPDATE subjects SET faults = faults + 1, fault_text = ?2, retry_at = ?3 \
                     WHERE id = ?1 RETURNING faults",
                )
                .bind(subject)
                .bind(text)
                .bind(retry_at)
                .fetch_one(connection)
                .await?;
                Ok(faults)
            })
        })
        .await
    }

    /// Lets a stuck or kept back subject be tried again now. False when nothing was wrong with it.
    pub async fn clear_faults(&self, subject: i64) -> Result<bool> {
        self.write(move |connection| {
            Box::pin(async move {
                let cleared = sqlx::query(
                    "UPDATE subjects \
                     SET faults = 0, fault_text = NULL, retry_at = NULL, next_due_at = 0 \
                     WHERE id = ?1 AND faults > 0",
                )
                .bind(subject)
                .execute(connection)
                .await?;
                Ok(cleared.rows_affected() > 0)
            })
        })
        .await
    }

    /// Subjects with faults, the worst first.
    pub async fn faulty(&self, limit: i64) -> Result<Vec<SubjectRow>> {
        let rows = sqlx::query_as(
            "SELECT s.*, p.place FROM subjects AS s LEFT JOIN places AS p ON p.case_id = s.id \
             WHERE s.faults > 0 ORDER BY s.faults DESC, s.id LIMIT ?1",
        )
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        Ok(rows)
    }

    /// Makes every subject due at once, or those of one workflow. What they are due for is
    /// computed anew; nothing happens twice by it.
    pub async fn rebuild_due(&self, workflow: Option<String>) -> Result<u64> {
        self.write(move |connection| {
            Box::pin(async move {
                let rebuilt = sqlx::query(
                    "UPDATE subjects SET next_due_at = 0 WHERE ?1 IS NULL OR workflow = ?1",
                )
                .bind(workflow)
                .execute(connection)
                .await?;
                Ok(rebuilt.rows_affected())
            })
        })
        .await
    }
}

async fn cohorts(connection: &mut SqliteConnection, ids: &str) -> Result<HashMap<i64, CohortRow>> {
    let rows: Vec<CohortRow> = sqlx::query_as(include_str!("cohorts.sql"))
        .bind(ids)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.subject.id, row)).collect())
}

async fn inbox(
    connection: &mut SqliteConnection,
    ids: &str,
) -> Result<HashMap<i64, Vec<InboxRow>>> {
    let rows: Vec<InboxRow> = sqlx::query_as(
        "SELECT i.id, i.target, i.key, i.at, i.payload FROM inbox AS i \
         WHERE i.target IN (SELECT value FROM json_each(?1)) AND i.done_seq IS NULL \
         ORDER BY i.target, i.id",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let mut inbox: HashMap<i64, Vec<InboxRow>> = HashMap::new();
    for row in rows {
        inbox.entry(row.target).or_default().push(row);
    }
    Ok(inbox)
}

async fn born(connection: &mut SqliteConnection, ids: &str) -> Result<HashMap<i64, String>> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT s.id, p.born FROM json_each(?1) AS j \
         CROSS JOIN subjects AS s CROSS JOIN people AS p \
         WHERE s.id = j.value AND p.id = s.person_id AND p.born IS NOT NULL",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().collect())
}
