//! Due work: what to look at, all that is needed to look at it, and what went wrong.

use std::collections::{HashMap, VecDeque};

use super::rows::{CohortRow, InboxRow, Loaded, SubjectRow};
use super::sql::{Connection, either, sql};
use super::{Inner, Result, Store};

/// Subjects with their place and what is known of whom they are about, from where they are found.
macro_rules! loaded {
    ($from:literal, $id:literal) => {
        concat!(
            "SELECT s.*, p.place, b.born, b.kept FROM ",
            $from,
            " AS s LEFT JOIN places AS p ON p.case_id = s.id LEFT JOIN people AS b ON b.id = s.person_id WHERE s.id = ",
            $id
        )
    };
}

impl Store {
    /// Row ids of subjects that are due at `now` (µs UTC), the longest due first; not those in
    /// back-off, and not those that are stuck. Where several processes serve, these are this one's
    /// until it looks again.
    pub async fn load_due(&self, now: i64, limit: i64) -> Result<Vec<i64>> {
        self.look(now).next(limit).await
    }

    /// Begins to look through what is due at `now` (µs UTC).
    #[must_use]
    pub fn look(&self, now: i64) -> Look<'_> {
        Look {
            store: self,
            now,
            last: None,
            claimed: VecDeque::new(),
        }
    }

    /// Everything that a batch of subjects needs, as it was at one moment.
    ///
    /// # Errors
    /// [`is_newer`](super::StoreError::is_newer) when a newer build plans for this database.
    pub async fn load(&self, ids: &[i64]) -> Result<Loaded> {
        let mut moment = self.moment().await?;
        let plan_rev = self.plan_rev_for_this_build(&mut moment).await?;
        let mut rows: Vec<LoadedRow> = either(
            loaded!(
                "json_each($1) AS j CROSS JOIN subjects",
                "CAST(j.atom AS BIGINT)"
            ),
            // One walk along the index for all of them, instead of one for each.
            loaded!("subjects", "ANY($1)"),
        )
        .bind(ids)
        .all(&mut moment)
        .await?;
        let asked: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
        rows.sort_by_key(|row| asked.get(&row.subject.id));
        let mut loaded = Loaded {
            plan_rev,
            cohorts: cohorts(&mut moment, ids).await?,
            inbox: inbox(&mut moment, ids).await?,
            ..Loaded::default()
        };
        for LoadedRow {
            subject,
            born,
            kept,
        } in rows
        {
            loaded.kept.extend(kept.map(|_| subject.id));
            loaded.born.extend(born.map(|born| (subject.id, born)));
            loaded.subjects.push(subject);
        }
        Ok(loaded)
    }

    /// Notes that a subject could not be processed, and keeps it back until `retry_at` (µs UTC).
    /// Answers how often in a row; at [`FAULTS_MAX`](super::FAULTS_MAX) it is stuck. The next
    /// commit of the subject clears the count.
    pub async fn fault(&self, subject: i64, text: String, retry_at: i64) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move {
                let faults = sql(
                    "UPDATE subjects SET faults = faults + 1, fault_text = $2, retry_at = $3 \
                     WHERE id = $1 RETURNING faults",
                )
                .bind(subject)
                .bind(text)
                .bind(retry_at)
                .value(connection)
                .await?;
                Ok(faults)
            })
        })
        .await
    }

    /// Lets a stuck or kept back subject be tried again now. False when nothing was wrong with it.
    pub async fn clear_faults(&self, subject: i64) -> Result<bool> {
        self.announce(move |connection| {
            Box::pin(async move {
                let cleared = sql("UPDATE subjects \
                     SET faults = 0, fault_text = NULL, retry_at = NULL, next_due_at = 0 \
                     WHERE id = $1 AND faults > 0")
                .bind(subject)
                .run(connection)
                .await?;
                Ok(cleared > 0)
            })
        })
        .await
    }

    /// Subjects with faults, the worst first.
    pub async fn faulty(&self, limit: i64) -> Result<Vec<SubjectRow>> {
        let rows = sql(
            "SELECT s.*, p.place FROM subjects AS s LEFT JOIN places AS p ON p.case_id = s.id \
             WHERE s.faults > 0 ORDER BY s.faults DESC, s.id LIMIT CAST($1 AS BIGINT)",
        )
        .bind(limit)
        .all(&mut *self.reader().await?)
        .await?;
        Ok(rows)
    }

    /// Makes every subject due at once, or those of one workflow. What they are due for is
    /// computed anew; nothing happens twice by it.
    pub async fn rebuild_due(&self, workflow: Option<String>) -> Result<u64> {
        self.announce(move |connection| {
            Box::pin(async move {
                let rebuilt =
                    sql("UPDATE subjects SET next_due_at = 0 WHERE $1 IS NULL OR workflow = $1")
                        .bind(workflow)
                        .run(connection)
                        .await?;
                Ok(rebuilt)
            })
        })
        .await
    }
}

/// A look through what is due, from the longest due on: each is found once. What becomes due
/// meanwhile, or is due again, is found by the next look.
#[derive(Debug)]
pub struct Look<'s> {
    store: &'s Store,
    now: i64,
    /// When the last one found was due, and its row id.
    last: Option<(i64, i64)>,
    /// What was found the last times, where that has to be let go.
    claimed: VecDeque<Vec<i64>>,
}

impl Look<'_> {
    /// The next row ids. Where several processes serve they are this one's until it has asked for
    /// four more lots of them, so that two can be stored and two stepped meanwhile.
    pub async fn next(&mut self, limit: i64) -> Result<Vec<i64>> {
        let found: Vec<(i64, i64)> = match &*self.store.inner {
            Inner::Postgres { node, .. } => {
                let finished = match self.claimed.len() {
                    4.. => self.claimed.pop_front(),
                    _ => None,
                };
                node.claim_due(self.now, limit, self.last, finished).await?
            }
            Inner::Sqlite { .. } => {
                let (at, id) = self.last.unwrap_or((i64::MIN, i64::MIN));
                sql(include_str!("due.sql"))
                    .bind(self.now)
                    .bind(limit)
                    .bind(at)
                    .bind(id)
                    .all(&mut *self.store.reader().await?)
                    .await?
            }
        };
        self.last = found.last().copied().or(self.last);
        let ids: Vec<i64> = found.into_iter().map(|(_, id)| id).collect();
        if self.store.is_shared() {
            self.claimed.push_back(ids.clone());
        }
        Ok(ids)
    }
}

/// A subject, the day of birth of whom it is about, and since when their data are kept for legal reasons.
#[derive(sqlx::FromRow)]
struct LoadedRow {
    #[sqlx(flatten)]
    subject: SubjectRow,
    born: Option<String>,
    kept: Option<i64>,
}

async fn cohorts(connection: &mut Connection, ids: &[i64]) -> Result<HashMap<i64, CohortRow>> {
    let rows: Vec<CohortRow> = sql(include_str!("cohorts.sql"))
        .bind(ids)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.subject.id, row)).collect())
}

async fn inbox(connection: &mut Connection, ids: &[i64]) -> Result<HashMap<i64, Vec<InboxRow>>> {
    let rows: Vec<InboxRow> = sql(
        "SELECT i.id, i.target, i.key, i.at, i.payload FROM inbox AS i \
         WHERE i.target IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND i.done_seq IS NULL \
         ORDER BY i.target, i.id",
    )
    .bind(ids)
    .all(connection)
    .await?;
    let mut inbox: HashMap<i64, Vec<InboxRow>> = HashMap::new();
    for row in rows {
        inbox.entry(row.target).or_default().push(row);
    }
    Ok(inbox)
}
