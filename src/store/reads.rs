//! The log of who read what about whom, as it is looked at. It is written in `accounts.rs`.

use super::sees::seen_case;
use super::sql::{Connection, sql};
use super::{Result, Sees, Store};

/// How long it is kept, in days: two years, so that whoever asks can be told who looked into their case while it ran
/// and in the year after. The log itself says who dealt with whom, and is not kept longer than that is of use.
pub const READS_KEPT_DAYS: i64 = 730;
const DAY: i64 = 86_400_000_000;

/// A line of the log, with the names as they are now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReadRow {
    /// Row id; a newer line has a greater one.
    pub id: i64,
    /// When, µs UTC.
    pub at: i64,
    /// Which page or list, as stored.
    pub what: String,
    /// The address of who read.
    pub login: String,
    /// Their name.
    pub reader: String,
    /// Row id of the case or hold.
    pub subject_id: Option<i64>,
    /// Its id.
    pub public_id: Option<String>,
    /// It is a case, and not a hold.
    pub is_case: bool,
    /// The candidate's name or the hold's title.
    pub about: Option<String>,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadsFilter {
    /// Only about this case or hold, by row id.
    pub subject: Option<i64>,
    /// Only of this account, by row id.
    pub account: Option<i64>,
    /// Only lines before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// The lines for which a condition holds, the newest first.
macro_rules! reads_where {
    ($condition:literal) => {
        concat!(
            "SELECT l.id, l.at, l.what, a.login, r.name AS reader, l.subject_id, s.public_id, \
             COALESCE(s.kind = 'case', 1 = 0) AS is_case, COALESCE(c.name, s.title) AS about \
             FROM access_log AS l JOIN accounts AS a ON a.id = l.account_id JOIN people AS r ON r.id = a.person_id \
             LEFT JOIN subjects AS s ON s.id = l.subject_id LEFT JOIN people AS c ON c.id = s.person_id \
             WHERE l.id < $1 AND ",
            $condition,
            " AND ",
            seen_case!("s", "3", "4"),
            " ORDER BY l.id DESC LIMIT CAST($2 AS BIGINT)"
        )
    };
}

impl Store {
    /// Who read what, the newest first.
    pub async fn reads(&self, sees: Sees, filter: &ReadsFilter) -> Result<Vec<ReadRow>> {
        let asked = match (filter.subject, filter.account) {
            (None, None) => sql(reads_where!("1 = 1")),
            (Some(_), None) => sql(reads_where!("l.subject_id = $5")),
            (None, Some(_)) => sql(reads_where!("l.account_id = $5")),
            (Some(_), Some(_)) => sql(reads_where!("l.subject_id = $5 AND l.account_id = $6")),
        };
        let asked = asked
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(filter.limit);
        let mut asked = sees.bind_to(asked);
        for id in [filter.subject, filter.account].into_iter().flatten() {
            asked = asked.bind(id);
        }
        asked.all(&mut *self.reader().await?).await
    }
}

/// Forgets what is older than it is kept, the oldest first and no more at once than nobody notices.
pub(super) async fn forget_old(connection: &mut Connection, now: i64) -> Result<()> {
    sql("DELETE FROM access_log WHERE id IN (SELECT id FROM \
         (SELECT id, at FROM access_log ORDER BY id LIMIT 2000) AS oldest WHERE at < $1)")
    .bind(now - READS_KEPT_DAYS * DAY)
    .run(connection)
    .await?;
    Ok(())
}
