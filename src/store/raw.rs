//! The raw limit of a store: the same rows written by hand, in set-wise statements, with no engine
//! and no checks. A benchmark quotes our rate as a ratio to this one, measured in the same run.

use super::sql::sql;
use super::{Result, Store, json};

/// One transition's rows, as sizes and ids: a subject updated, its events and one mail.
#[derive(Clone, Debug)]
pub struct RawTransition {
    /// The subject's row id.
    pub subject_id: i64,
    /// Its new snapshot.
    pub snapshot: String,
    /// Payloads of its events; numbered from `seq`.
    pub events: Vec<String>,
    /// The first event's number.
    pub seq: i64,
    /// The mail's intent.
    pub intent: Option<String>,
}

impl Store {
    /// The intents of a subject's mails, to write the same by hand.
    pub async fn mails_of(&self, subject: i64) -> Result<Vec<String>> {
        let intents = sql("SELECT intent FROM outbox WHERE subject_id = $1 ORDER BY id DESC")
            .bind(subject)
            .values(&mut *self.reader().await?)
            .await?;
        Ok(intents)
    }

    /// Writes transitions in one transaction, set-wise, without looking.
    pub async fn write_raw(&self, transitions: &[RawTransition], at: i64) -> Result<()> {
        let subjects: Vec<_> = transitions
            .iter()
            .map(|one| (one.subject_id, &one.snapshot))
            .collect();
        let events: Vec<_> = transitions
            .iter()
            .flat_map(|one| {
                one.events
                    .iter()
                    .zip(one.seq..)
                    .map(|(payload, seq)| (one.subject_id, seq, payload))
            })
            .collect();
        let mails: Vec<_> = transitions
            .iter()
            .filter_map(|one| {
                Some((
                    one.subject_id,
                    uuid::Uuid::now_v7().to_string(),
                    one.intent.as_ref()?,
                ))
            })
            .collect();
        let (subjects, events, mails) = (json(&subjects), json(&events), json(&mails));
        self.write(move |connection| {
            Box::pin(async move {
                sql(
                    "UPDATE subjects SET seq = seq + 3, state = 'after', next_due_at = NULL, last_at = $2, \
                     snapshot = j.value ->> 1 FROM json_each($1) AS j WHERE subjects.id = CAST(j.value ->> 0 AS BIGINT)",
                )
                .bind(subjects)
                .bind(at)
                .run(&mut *connection)
                .await?;
                sql(
                    "INSERT INTO events (subject_id, seq, at, recorded_at, actor, kind, payload) \
                     SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), $2, $2, 'clock', 'moved', value ->> 2 FROM json_each($1)",
                )
                .bind(events)
                .bind(at)
                .run(&mut *connection)
                .await?;
                sql(
                    "INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, status, priority, \
                     not_before, intent, created_at) \
                     SELECT CAST(value ->> 0 AS BIGINT), 'message.begun@after#1.1', 'candidate', 0, value ->> 1, 'queued', 20, $2, \
                     value ->> 2, $2 FROM json_each($1)",
                )
                .bind(mails)
                .bind(at)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}
