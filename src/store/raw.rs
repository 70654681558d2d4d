//! The raw limit of a store: the same rows written by hand, in set-wise statements, with no engine
//! and no checks. A benchmark quotes our rate as a ratio to this one, measured in the same run.
//!
//! "The same" is meant literally: the rows are read from a database in which the engine has written
//! them, and go into a copy of what that database was before.

mod copies;
mod scratch;

use std::collections::HashSet;

use super::sql::{Connection, either, sql};
use super::{Result, Store, json};

pub use copies::Copies;
pub use scratch::Scratch;

/// A subject as a step left it: id, seq, state, next due, last looked at, planner, snapshot.
type SubjectAfter = (i64, i64, Option<String>, Option<i64>, i64, i64, String);
/// Subject, seq, at, recorded, actor, kind, key, payload.
type EventAfter = (i64, i64, i64, i64, String, String, Option<String>, String);

/// What steps have written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRows {
    subjects: Vec<SubjectAfter>,
    events: Vec<EventAfter>,
    mails: Vec<MailAfter>,
}

/// A mail as a step queues it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
struct MailAfter {
    subject_id: i64,
    occurrence: String,
    seat: String,
    revision: i64,
    public_id: String,
    method: Option<String>,
    status: String,
    reason: Option<String>,
    priority: i64,
    not_before: i64,
    late_lot: Option<i64>,
    intent: String,
    created_at: i64,
}

impl RawRows {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len() + self.events.len() + self.mails.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows without the mails that are there already.
    #[must_use]
    pub fn without_mails_of(mut self, there: &Self) -> Self {
        let there: HashSet<&str> = (there.mails.iter())
            .map(|mail| mail.public_id.as_str())
            .collect();
        self.mails
            .retain(|mail| !there.contains(mail.public_id.as_str()));
        self
    }

    /// The rows in batches of so many subjects.
    #[must_use]
    pub fn batches(self, subjects_max: usize) -> Vec<Self> {
        let mut batches: Vec<Self> = (self.subjects.chunks(subjects_max.max(1)))
            .map(|subjects| Self {
                subjects: subjects.to_vec(),
                ..Self::default()
            })
            .collect();
        // The rows come in order of subjects, so each belongs to the first batch that reaches so far.
        let last = |batch: &Self| batch.subjects.last().map_or(i64::MAX, |subject| subject.0);
        for event in self.events {
            let at = batches.partition_point(|batch| last(batch) < event.0);
            batches[at].events.push(event);
        }
        for mail in self.mails {
            let at = batches.partition_point(|batch| last(batch) < mail.subject_id);
            batches[at].mails.push(mail);
        }
        batches
    }
}

impl Store {
    /// What cases have written after their history's number `after`.
    pub async fn rows_after(&self, cases: &[i64], after: i64) -> Result<RawRows> {
        let mut moment = self.moment().await?;
        let ids = json(cases);
        let subjects = sql(
            "SELECT id, seq, state, next_due_at, last_at, plan_rev, snapshot FROM subjects \
                 WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) ORDER BY id",
        )
        .bind(&ids)
        .all(&mut moment)
        .await?;
        let events = sql(
            "SELECT subject_id, seq, at, recorded_at, actor, kind, input_key, payload FROM events \
             WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND seq > $2 \
             ORDER BY subject_id, seq",
        )
        .bind(&ids)
        .bind(after)
        .all(&mut moment)
        .await?;
        let mails = sql("SELECT * FROM outbox \
             WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) ORDER BY subject_id, id")
        .bind(&ids)
        .all(&mut moment)
        .await?;
        Ok(RawRows {
            subjects,
            events,
            mails,
        })
    }

    /// Writes the rows in one transaction, set-wise, without looking.
    pub async fn write_raw(&self, rows: RawRows) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                if connection.is_postgres() {
                    return by_columns(connection, rows).await;
                }
                by_rows(connection, rows).await
            })
        })
        .await
    }
}

/// As `SQLite` takes them fastest: one list, each row a list.
async fn by_rows(connection: &mut Connection, rows: RawRows) -> Result<()> {
    sql(
        "UPDATE subjects SET seq = j.value ->> 1, state = j.value ->> 2, next_due_at = j.value ->> 3, \
         last_at = j.value ->> 4, plan_rev = j.value ->> 5, snapshot = j.value ->> 6 \
         FROM json_each($1) AS j WHERE subjects.id = j.value ->> 0",
    )
    .bind(json(&rows.subjects))
    .run(&mut *connection)
    .await?;
    if !rows.events.is_empty() {
        sql("INSERT INTO events (subject_id, seq, at, recorded_at, actor, kind, input_key, payload) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
             value ->> 6, value ->> 7 FROM json_each($1)")
        .bind(json(&rows.events))
        .run(&mut *connection)
        .await?;
    }
    if !rows.mails.is_empty() {
        let mails: Vec<_> = rows.mails.iter().map(MailAfter::list).collect();
        sql("INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason, \
             priority, not_before, late_lot, intent, created_at) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
             value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, \
             value ->> 12 FROM json_each($1)")
        .bind(json(&mails))
        .run(connection)
        .await?;
    }
    Ok(())
}

impl MailAfter {
    fn list(&self) -> serde_json::Value {
        serde_json::json!([
            self.subject_id,
            self.occurrence,
            self.seat,
            self.revision,
            self.public_id,
            self.method,
            self.status,
            self.reason,
            self.priority,
            self.not_before,
            self.late_lot,
            self.intent,
            self.created_at,
        ])
    }
}

/// The statements of [`by_columns`]; `SQLite` has no `unnest`, and is never asked.
const UPDATE: &str = "UPDATE subjects SET seq = j.seq, state = j.state, next_due_at = j.next_due_at, \
    last_at = j.last_at, plan_rev = j.plan_rev, snapshot = j.snapshot \
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[]) \
    AS j (id, seq, state, next_due_at, last_at, plan_rev, snapshot) WHERE subjects.id = j.id";
const EVENTS: &str = "INSERT INTO events (subject_id, seq, at, recorded_at, actor, kind, input_key, payload) \
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], \
    $7::text[], $8::text[])";
const MAILS: &str = "INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, \
    reason, priority, not_before, late_lot, intent, created_at) \
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], \
    $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[])";

/// A column of rows that are given up for it.
macro_rules! column {
    ($rows:expr, $row:ident => $value:expr) => {
        $rows
            .iter_mut()
            .map(|$row| $value)
            .collect::<Vec<Option<_>>>()
    };
}

/// As `PostgreSQL` takes them fastest: a list for each column.
async fn by_columns(connection: &mut Connection, rows: RawRows) -> Result<()> {
    let RawRows {
        subjects: mut s,
        events: mut e,
        mails: mut m,
    } = rows;
    either("", UPDATE)
        .bind(column!(s, r => Some(r.0)))
        .bind(column!(s, r => Some(r.1)))
        .bind(column!(s, r => r.2.take()))
        .bind(column!(s, r => r.3))
        .bind(column!(s, r => Some(r.4)))
        .bind(column!(s, r => Some(r.5)))
        .bind(column!(s, r => Some(std::mem::take(&mut r.6))))
        .run(&mut *connection)
        .await?;
    if !e.is_empty() {
        either("", EVENTS)
            .bind(column!(e, r => Some(r.0)))
            .bind(column!(e, r => Some(r.1)))
            .bind(column!(e, r => Some(r.2)))
            .bind(column!(e, r => Some(r.3)))
            .bind(column!(e, r => Some(std::mem::take(&mut r.4))))
            .bind(column!(e, r => Some(std::mem::take(&mut r.5))))
            .bind(column!(e, r => r.6.take()))
            .bind(column!(e, r => Some(std::mem::take(&mut r.7))))
            .run(&mut *connection)
            .await?;
    }
    if !m.is_empty() {
        either("", MAILS)
            .bind(column!(m, r => Some(r.subject_id)))
            .bind(column!(m, r => Some(std::mem::take(&mut r.occurrence))))
            .bind(column!(m, r => Some(std::mem::take(&mut r.seat))))
            .bind(column!(m, r => Some(r.revision)))
            .bind(column!(m, r => Some(std::mem::take(&mut r.public_id))))
            .bind(column!(m, r => r.method.take()))
            .bind(column!(m, r => Some(std::mem::take(&mut r.status))))
            .bind(column!(m, r => r.reason.take()))
            .bind(column!(m, r => Some(r.priority)))
            .bind(column!(m, r => Some(r.not_before)))
            .bind(column!(m, r => r.late_lot))
            .bind(column!(m, r => Some(std::mem::take(&mut r.intent))))
            .bind(column!(m, r => Some(r.created_at)))
            .run(connection)
            .await?;
    }
    Ok(())
}
