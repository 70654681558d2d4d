//! Whether anything has changed of what somebody looks at: a word that is another one when it has. Asked often, so
//! that none of it reads a case.

use super::sees::{Sees, seen_case};
use super::sql::sql;
use super::{Result, Store};

/// As much of the outbox as a page lists.
const MAILS: i64 = 200;

impl Store {
    /// Of a hold (row id) and its cases that are seen.
    pub async fn pulse_of_hold(&self, sees: Sees, hold: i64) -> Result<String> {
        let cases = sql(concat!(
            "SELECT count(*), CAST(COALESCE(sum(s.seq), 0) AS BIGINT), \
             (SELECT h.seq FROM subjects AS h WHERE h.id = $1) \
             FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id WHERE k.cohort_id = $1 AND ",
            seen_case!("k", "2", "3")
        ));
        let cases = sees.bind_to(cases.bind(hold));
        let (cases, seqs, own): (i64, i64, i64) = cases.one(&mut *self.reader().await?).await?;
        Ok(format!("{cases}.{seqs}.{own}"))
    }

    /// Of a case, or a hold alone, with its mail, its files, and of its notes what `reader` may read, as
    /// [`notes`](Self::notes) has it.
    pub async fn pulse_of_one(&self, subject: i64, reader: Option<i64>) -> Result<String> {
        let one = sql(
            "SELECT s.seq, CAST((SELECT count(*) FROM outbox AS o WHERE o.subject_id = $1) AS BIGINT), \
             COALESCE((SELECT max(o.settled_at) FROM outbox AS o WHERE o.subject_id = $1), 0), \
             (SELECT count(*) + count(n.struck_at) FROM notes AS n WHERE n.case_id = $1 \
                AND (n.confidential = 0 OR CAST($2 AS BIGINT) IS NULL OR n.account_id = $2)), \
             (SELECT count(*) + count(d.removed_at) FROM documents AS d WHERE d.case_id = $1) \
             FROM subjects AS s WHERE s.id = $1",
        );
        let one = one.bind(subject).bind(reader);
        let one: (i64, i64, i64, i64, i64) = one.one(&mut *self.reader().await?).await?;
        Ok(format!("{one:?}"))
    }

    /// Of what waits for people.
    pub async fn pulse_of_asking(&self) -> Result<String> {
        let asking = sql(
            "SELECT count(*), CAST(COALESCE(sum(id), 0) AS BIGINT), COALESCE(min(task_due_at), 0) \
             FROM subjects WHERE task_due_at IS NOT NULL \
             UNION ALL SELECT count(*), CAST(COALESCE(sum(id), 0) AS BIGINT), COALESCE(min(meeting_end_at), 0) \
             FROM subjects WHERE meeting_end_at IS NOT NULL",
        );
        let asking: Vec<(i64, i64, i64)> = asking.all(&mut *self.reader().await?).await?;
        Ok(format!("{asking:?}"))
    }

    /// Of what is stopped.
    pub async fn pulse_of_stops(&self) -> Result<String> {
        let stops: Vec<i64> = sql("SELECT id FROM stops WHERE ended_at IS NULL ORDER BY id")
            .values(&mut *self.reader().await?)
            .await?;
        Ok(format!("{stops:?}"))
    }

    /// Of the newest mail.
    pub async fn pulse_of_mail(&self) -> Result<String> {
        let mails = sql(
            "SELECT id, status, attempt, COALESCE(reason, '') FROM outbox \
             ORDER BY id DESC LIMIT CAST($1 AS BIGINT)",
        );
        let mails = mails.bind(MAILS).all(&mut *self.reader().await?).await?;
        let mails: Vec<(i64, String, i64, String)> = mails;
        Ok(format!("{mails:?}"))
    }
}
