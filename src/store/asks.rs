//! Who waits for people: found by two indexes, so that no case is read for it that does not.

use super::sees::{Sees, seen_case};
use super::sql::sql;
use super::{Result, Store};

/// How much one look finds, of each kind.
const FOUND_MAX: i64 = 200;

/// Subjects of a kind of waiting that come after an instant and a row id ($1, $5) and before another ($6).
macro_rules! asking {
    ($at:literal) => {
        concat!(
            "SELECT s.",
            $at,
            ", s.id FROM subjects AS s WHERE s.",
            $at,
            " >= $1 AND (s.",
            $at,
            " > $1 OR s.id > $5) AND s.",
            $at,
            " <= $6 AND (s.kind <> 'case' OR ",
            seen_case!("s", "2", "3"),
            ") ORDER BY s.",
            $at,
            ", s.id LIMIT CAST($4 AS BIGINT)"
        )
    };
}

impl Store {
    /// Holds, and cases that are seen, that have something due until an instant, µs UTC: row id and when, the
    /// first first, at most so many.
    pub async fn due_until(&self, sees: Sees, until: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
        let due = sql(concat!(
            "SELECT s.id, s.next_due_at FROM subjects AS s WHERE s.next_due_at IS NOT NULL AND s.faults < 5 \
             AND s.next_due_at <= $1 AND (s.kind <> 'case' OR ",
            seen_case!("s", "2", "3"),
            ") ORDER BY s.next_due_at, s.id LIMIT CAST($4 AS BIGINT)"
        ));
        let due = sees.bind_to(due.bind(until)).bind(limit);
        due.all(&mut *self.reader().await?).await
    }

    /// Holds, and cases that are seen, with an open task or a meeting that was over at `now`, µs UTC: by the instant
    /// since which, or at which, each waits, and then by row id, those that come after a pair of both. At most some
    /// hundreds; none when there are no more.
    pub async fn asking(
        &self,
        sees: Sees,
        now: i64,
        (after, id): (i64, i64),
    ) -> Result<Vec<(i64, i64)>> {
        let mut moment = self.moment().await?;
        let tasks = sees.bind_to(sql(asking!("task_due_at")).bind(after));
        let tasks = tasks.bind(FOUND_MAX).bind(id).bind(i64::MAX);
        let mut found: Vec<(i64, i64)> = tasks.all(&mut moment).await?;
        let meetings = sees.bind_to(sql(asking!("meeting_end_at")).bind(after));
        let meetings = meetings.bind(FOUND_MAX).bind(id).bind(now);
        let meetings: Vec<(i64, i64)> = meetings.all(&mut moment).await?;
        // What lies beyond the last of a list that was cut short comes with the next look.
        let full = usize::try_from(FOUND_MAX).unwrap_or(usize::MAX);
        let known = [&found, &meetings]
            .into_iter()
            .filter(|list| list.len() >= full)
            .filter_map(|list| list.last().copied())
            .min();
        found.extend(meetings);
        found.sort_unstable();
        found.dedup();
        found.retain(|one| known.is_none_or(|known| *one <= known));
        Ok(found)
    }
}
