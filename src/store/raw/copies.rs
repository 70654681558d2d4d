//! Many cases made fast: one real case's rows, copied by the database itself; and what a benchmark
//! asks of the rows afterwards.

use super::super::sql::{either, sql};
use super::super::{Result, Store};

/// Copied in one transaction.
const AT_ONCE: i64 = 50_000;

/// The numbers from 1 to the parameter of the same number.
macro_rules! copied {
    ($statement:literal) => {
        concat!(
            "WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < $1) ",
            $statement
        )
    };
}

/// What to copy, and how the copies differ.
#[derive(Clone, Copy, Debug)]
pub struct Copies {
    /// The case, by row id.
    pub of: i64,
    /// How many.
    pub count: i64,
    /// Each is due so much later than the one before, µs.
    pub apart: i64,
    /// Whether its history is copied too.
    pub history: bool,
}

impl Store {
    /// Copies a case, each copy with a person of its own.
    pub async fn copy_case(&self, copies: Copies) -> Result<()> {
        let mut done = 0;
        while done < copies.count {
            let some = AT_ONCE.min(copies.count - done);
            self.copy_some(copies, some, done).await?;
            done += some;
        }
        Ok(())
    }

    /// Keeps the same words of a text fact in the clear for every case.
    pub async fn same_words(&self, fact: &'static str, words: String) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("INSERT INTO texts (subject_id, name, text, at) \
                     SELECT id, CAST($1 AS TEXT), CAST($2 AS TEXT), 0 FROM subjects WHERE kind = 'case'")
                .bind(fact)
                .bind(words)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    async fn copy_some(&self, copies: Copies, some: i64, before: i64) -> Result<()> {
        let Copies {
            of, apart, history, ..
        } = copies;
        self.write(move |connection| {
            Box::pin(async move {
                let (subjects, people): (i64, i64) =
                    sql("SELECT max(subjects.id), (SELECT COALESCE(max(people.id), 0) FROM people) FROM subjects")
                        .one(&mut *connection)
                        .await?;
                sql(copied!(
                    "INSERT INTO people (id, name, email) SELECT $2 + n, 'Kandidat ' || ($2 + n), \
                     'kandidat' || ($2 + n) || '@eksempel.example' FROM numbers"
                ))
                .bind(some)
                .bind(people)
                .run(&mut *connection)
                .await?;
                sql(copied!(
                    "INSERT INTO subjects (id, public_id, kind, workflow, cohort_id, version_id, person_id, \
                     organisation_id, title, starts_on, seq, state, next_due_at, broadcast, plan_rev, last_at, snapshot, \
                     task_due_at, meeting_end_at) \
                     SELECT $2 + n, '019b0000-0000-7000-8000-' || substr(CAST(1000000000000 + $2 + n AS TEXT), 2), \
                     s.kind, s.workflow, s.cohort_id, s.version_id, $3 + n, s.organisation_id, s.title, s.starts_on, \
                     s.seq, s.state, s.next_due_at + ($4 + n) * $5, s.broadcast, s.plan_rev, s.last_at, s.snapshot, \
                     s.task_due_at, s.meeting_end_at \
                     FROM numbers CROSS JOIN subjects AS s WHERE s.id = $6"
                ))
                .bind(some)
                .bind(subjects)
                .bind(people)
                .bind(before)
                .bind(apart)
                .bind(of)
                .run(&mut *connection)
                .await?;
                sql(copied!(
                    "INSERT INTO progress (cohort_id, case_id, organisation_id, came, moved) \
                     SELECT p.cohort_id, $2 + n, p.organisation_id, p.came, p.moved \
                     FROM numbers CROSS JOIN progress AS p \
                     WHERE p.case_id = $3 AND p.cohort_id = (SELECT cohort_id FROM subjects WHERE id = $3)"
                ))
                .bind(some)
                .bind(subjects)
                .bind(of)
                .run(&mut *connection)
                .await?;
                if history {
                    sql(copied!(
                        "INSERT INTO events (subject_id, seq, at, recorded_at, actor, kind, payload) \
                         SELECT $2 + n, e.seq, e.at, e.recorded_at, e.actor, e.kind, e.payload \
                         FROM numbers CROSS JOIN events AS e WHERE e.subject_id = $3"
                    ))
                    .bind(some)
                    .bind(subjects)
                    .bind(of)
                    .run(&mut *connection)
                    .await?;
                }
                // PostgreSQL's own numbers go on after those that were given.
                for table in ["subjects", "people"] {
                    either(
                        "SELECT 1 WHERE $1 IS NOT NULL",
                        "SELECT setval(pg_get_serial_sequence($1, 'id'), \
                         CASE $1 WHEN 'subjects' THEN (SELECT max(id) FROM subjects) ELSE (SELECT max(id) FROM people) END)",
                    )
                    .bind(table)
                    .run(&mut *connection)
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Puts a database that was filled at once in the order in which a grown one is: a
    /// server's statistics and visibility. A file keeps none.
    pub async fn settle_down(&self) -> Result<()> {
        either("SELECT 1", "VACUUM ANALYZE")
            .run(&mut *self.reader().await?)
            .await?;
        Ok(())
    }

    /// Row ids of cases after one, in order.
    pub async fn cases_after(&self, id: i64, limit: i64) -> Result<Vec<i64>> {
        sql(
            "SELECT id FROM subjects WHERE kind = 'case' AND id > $1 ORDER BY id \
             LIMIT CAST($2 AS BIGINT)",
        )
        .bind(id)
        .bind(limit)
        .values(&mut *self.reader().await?)
        .await
    }

    /// How many cases are in a state.
    pub async fn count_in(&self, state: &str) -> Result<i64> {
        sql("SELECT count(*) FROM subjects WHERE kind = 'case' AND state = $1")
            .bind(state)
            .value(&mut *self.reader().await?)
            .await
    }

    /// How many moves were written before an instant, µs UTC; those that opened a case are none.
    pub async fn count_moves(&self, before: i64) -> Result<i64> {
        sql(
            "SELECT count(*) FROM events WHERE kind = 'moved' AND recorded_at < $1 \
             AND payload NOT LIKE '%\"cause\":\"opened\"%'",
        )
        .bind(before)
        .value(&mut *self.reader().await?)
        .await
    }

    /// How much mail was queued.
    pub async fn count_mail(&self) -> Result<i64> {
        sql("SELECT count(*) FROM outbox")
            .value(&mut *self.reader().await?)
            .await
    }

    /// How large the database is, in bytes.
    pub async fn bytes(&self) -> Result<i64> {
        either(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
            "SELECT pg_database_size(current_database())",
        )
        .value(&mut *self.reader().await?)
        .await
    }

    /// The server's processes that work for this database, where there is a server.
    pub async fn server_processes(&self) -> Result<Vec<i64>> {
        either(
            "SELECT 1 WHERE false",
            "SELECT CAST(pid AS BIGINT) FROM pg_stat_activity WHERE datname = current_database()",
        )
        .values(&mut *self.reader().await?)
        .await
    }
}
