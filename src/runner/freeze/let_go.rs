//! What becomes of mail that has waited, when nothing keeps it back any more: as the mailer decides it, whatever hour it
//! is, and of what recurs only the newest.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::fence::fence;
use super::{Prepared, Reason};
use crate::runner::{RunError, Runner};
use crate::store::{Cancel, OutboxRow};

/// What becomes of a mail.
pub(in crate::runner) enum Fate {
    /// It leaves, at the next hour at which mail does.
    Leaves,
    /// It is not wanted any more.
    Dropped(Cancel),
    /// A person has to look; the reason as the outbox keeps it.
    Held(String),
}

impl Runner {
    /// What becomes of these when they are let go at `now`. Nothing is written. One whose case cannot be read waits for
    /// a person, and is in nobody's way.
    pub(in crate::runner) async fn fates(
        &self,
        rows: &[OutboxRow],
        now: Timestamp,
    ) -> Result<Vec<Fate>, RunError> {
        let read = match self.read_for(rows).await {
            Ok(read) => read,
            Err(error @ RunError::Store(_)) => return Err(error),
            Err(error) if rows.len() == 1 => {
                return Ok(vec![Fate::Held(Reason::Unreadable.about(error))]);
            }
            Err(_) => {
                let mut fates = Vec::with_capacity(rows.len());
                for row in rows {
                    fates.extend(Box::pin(self.fates(std::slice::from_ref(row), now)).await?);
                }
                return Ok(fates);
            }
        };
        let fate = |row: &OutboxRow| {
            let Some(context) = read.contexts.get(&row.subject_id) else {
                return Fate::Held(Reason::Gone.stored());
            };
            match self.decide_one((row, context), &read, (now, now)) {
                Prepared::Cancel(cancel) => Fate::Dropped(cancel),
                Prepared::Hold(reason) => Fate::Held(reason),
                Prepared::Send(_) | Prepared::Merged | Prepared::PutOff(_) => Fate::Leaves,
            }
        };
        Ok(rows.iter().map(fate).collect())
    }

    /// Of what recurs, all but the newest that waits: as after a time in which nobody looked, nobody is told the same
    /// twice.
    pub(in crate::runner) async fn overtaken(
        &self,
        rows: &[OutboxRow],
    ) -> Result<Vec<Cancel>, RunError> {
        let mut newest: HashMap<(i64, &str, &str), DateTime> = HashMap::new();
        for (key, slot) in rows.iter().filter_map(slot_of) {
            let known = newest.entry(key).or_insert(slot);
            *known = slot.max(*known);
        }
        let is_older = |row: &&OutboxRow| {
            slot_of(row)
                .is_some_and(|(key, slot)| newest.get(&key).is_some_and(|last| slot < *last))
        };
        let older: Vec<OutboxRow> = rows.iter().filter(is_older).cloned().collect();
        let read = self.read_for(&older).await?;
        Ok((older.iter())
            .map(|row| Cancel {
                fence: fence(row, &read),
                reason: Reason::Superseded.stored(),
            })
            .collect())
    }
}

/// Of a mail that recurs, what it is one of and which: its occurrence ends with its nominal time. What was gathered is
/// looked at item by item.
fn slot_of(row: &OutboxRow) -> Option<((i64, &str, &str), DateTime)> {
    let (of, slot) = row.occurrence.rsplit_once('.')?;
    let slot = slot.parse().ok().filter(|_| slot.contains('T'))?;
    row.group_key
        .is_none()
        .then_some(((row.subject_id, of, &*row.seat), slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Status;

    fn row(occurrence: &str, group_key: Option<&str>) -> OutboxRow {
        OutboxRow {
            id: 1,
            subject_id: 7,
            occurrence: occurrence.into(),
            seat: "a".into(),
            revision: 0,
            public_id: String::new(),
            method: None,
            status: Status::Queued,
            reason: None,
            priority: 20,
            not_before: 0,
            late_lot: None,
            attempt: 0,
            node: None,
            domain: None,
            person_id: None,
            address: None,
            told: None,
            intent: String::new(),
            group_key: group_key.map(str::to_owned),
            subject_line: None,
            answer: None,
            created_at: 0,
            settled_at: None,
            merged_into: None,
            counted_on: None,
            frozen: None,
        }
    }

    #[test]
    fn only_what_recurs_has_a_slot() {
        for (occurrence, group_key, of) in [
            (
                "message.digest@cohort#1.2026-02-06T12:00",
                None,
                Some("message.digest@cohort#1"),
            ),
            ("message.digest@cohort#1.2026-02-06T12:00", Some("g"), None),
            ("message.welcome@admitted#1.1", None, None),
            ("meeting.talk#1.invitation@school#1.1", None, None),
            ("reply.0192f0@received#1.1", None, None),
        ] {
            let row = row(occurrence, group_key);
            let found = slot_of(&row).map(|((_, of, _), _)| of);
            assert_eq!(found, of, "{occurrence}");
        }
    }
}
