//! The raw limit of a store: the same rows written by hand, in set-wise statements, with no engine
//! and no checks. A benchmark quotes our rate as a ratio to this one, measured in the same run.
//!
//! "The same" is meant literally: the rows are read from a database in which the engine has written
//! them, and go into a copy of what that database was before.

mod copies;
mod scratch;

use std::collections::HashSet;

use super::set::Set;
use super::sql::{Connection, sql};
use super::{Result, Store, json};

pub use copies::Copies;
pub use scratch::Scratch;

/// A subject as a step left it: id, seq, state, next due, last looked at, planner, snapshot.
type SubjectAfter = (i64, i64, Option<String>, Option<i64>, i64, i64, String);
/// Subject, seq, at, recorded, actor, kind, key, payload.
type EventAfter = (i64, i64, i64, i64, String, String, Option<String>, String);

/// Case, hold, organisation, how far it has come, whether it moved on.
type ProgressAfter = (i64, i64, i64, String, i64);

/// What steps have written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRows {
    subjects: Vec<SubjectAfter>,
    events: Vec<EventAfter>,
    mails: Vec<MailAfter>,
    progress: Vec<ProgressAfter>,
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
        self.subjects.len() + self.events.len() + self.mails.len() + self.progress.len()
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
        for come in self.progress {
            let at = batches.partition_point(|batch| last(batch) < come.0);
            batches[at].progress.push(come);
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
        let progress = sql(
            "SELECT case_id, cohort_id, organisation_id, came, moved FROM progress \
             WHERE (cohort_id, case_id) IN (SELECT k.cohort_id, k.id FROM subject_keys AS k \
                 WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))) ORDER BY case_id",
        )
        .bind(&ids)
        .all(&mut moment)
        .await?;
        Ok(RawRows {
            subjects,
            events,
            mails,
            progress,
        })
    }

    /// Writes the rows in one transaction, set-wise, without looking.
    pub async fn write_raw(&self, rows: RawRows) -> Result<()> {
        self.write(move |connection| Box::pin(async move { rows.write(connection).await }))
            .await
    }
}

impl RawRows {
    /// As each database takes them fastest.
    async fn write(&self, connection: &mut Connection) -> Result<()> {
        Set::of(&self.subjects)
            .whole("id", |row| row.0)
            .whole("seq", |row| row.1)
            .text("state", |row| row.2.as_deref())
            .whole("next_due_at", |row| row.3)
            .whole("last_at", |row| row.4)
            .whole("plan_rev", |row| row.5)
            .text("snapshot", |row| row.6.as_str())
            .run(
                connection,
                "UPDATE subjects SET seq = rows.seq, state = rows.state, next_due_at = rows.next_due_at, \
                 last_at = rows.last_at, plan_rev = rows.plan_rev, snapshot = rows.snapshot \
                 FROM rows WHERE subjects.id = rows.id",
            )
            .await?;
        Set::of(&self.progress)
            .whole("case_id", |row| row.0)
            .whole("cohort_id", |row| row.1)
            .whole("organisation_id", |row| row.2)
            .text("came", |row| row.3.as_str())
            .whole("moved", |row| row.4)
            .run(
                connection,
                "INSERT INTO progress (case_id, cohort_id, organisation_id, came, moved) \
                 SELECT * FROM rows WHERE true \
                 ON CONFLICT (cohort_id, case_id) DO UPDATE SET came = excluded.came, moved = excluded.moved",
            )
            .await?;
        Set::of(&self.events)
            .whole("subject_id", |row| row.0)
            .whole("seq", |row| row.1)
            .whole("at", |row| row.2)
            .whole("recorded_at", |row| row.3)
            .text("actor", |row| row.4.as_str())
            .text("kind", |row| row.5.as_str())
            .text("input_key", |row| row.6.as_deref())
            .text("payload", |row| row.7.as_str())
            .run(
                connection,
                "INSERT INTO events (subject_id, seq, at, recorded_at, actor, kind, input_key, payload) \
                 SELECT * FROM rows",
            )
            .await?;
        Set::of(&self.mails)
            .whole("subject_id", |row| row.subject_id)
            .text("occurrence", |row| row.occurrence.as_str())
            .text("seat", |row| row.seat.as_str())
            .whole("revision", |row| row.revision)
            .text("public_id", |row| row.public_id.as_str())
            .text("method", |row| row.method.as_deref())
            .text("status", |row| row.status.as_str())
            .text("reason", |row| row.reason.as_deref())
            .whole("priority", |row| row.priority)
            .whole("not_before", |row| row.not_before)
            .whole("late_lot", |row| row.late_lot)
            .text("intent", |row| row.intent.as_str())
            .whole("created_at", |row| row.created_at)
            .run(
                connection,
                "INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, \
                 reason, priority, not_before, late_lot, intent, created_at) SELECT * FROM rows",
            )
            .await?;
        Ok(())
    }
}
