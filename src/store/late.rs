//! Lots of late mail: which let themselves go, and which a person is told of, once.

use super::create::store_outcomes;
use super::given::{OutboxNew, Outcome};
use super::sql::sql;
use super::{Result, Store};

/// A lot of late mail that something is to be done about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateLot {
    /// The wake.
    pub lot: i64,
    /// It lets itself go. One that is not small waits for a person, who has not been told yet.
    pub is_small: bool,
}

/// What is held of a late lot on one hold.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LateOf {
    /// The hold's title; the workflow's name where there is no hold.
    pub title: String,
    /// How many.
    pub mails: i64,
    /// When the first was to leave, µs UTC.
    pub first: i64,
    /// When the last was.
    pub last: i64,
}

impl Store {
    /// Late lots of at most so many mails, and larger ones that [`notice_late`](Self::notice_late) was not
    /// called for, once nothing is due at `now` (µs UTC) that may add to them, whoever has claimed it.
    pub async fn late_lots(&self, now: i64, mails_max: i64) -> Result<Vec<LateLot>> {
        if self.next_work_due().await?.is_some_and(|due| due <= now) {
            return Ok(Vec::new());
        }
        let lots: Vec<(i64, i64)> = sql(include_str!("late_lots.sql"))
            .bind(mails_max)
            .all(&mut *self.reader().await?)
            .await?;
        let lots = lots.into_iter().map(|(lot, is_small)| LateLot {
            lot,
            is_small: is_small == 1,
        });
        Ok(lots.collect())
    }

    /// What is held of a late lot, by hold, those with most mail first.
    pub async fn late_of(&self, lot: i64) -> Result<Vec<LateOf>> {
        sql(include_str!("late_lot_said.sql"))
            .bind(lot)
            .all(&mut *self.reader().await?)
            .await
    }

    /// Queues the mail that tells of a late lot, on the hold of the lot's first mail, at `now` (µs UTC). False
    /// when one was queued before, by whatever process, or when nothing of the lot is held any more.
    pub async fn notice_late(&self, lot: i64, mail: OutboxNew, now: i64) -> Result<bool> {
        self.announce(move |connection| {
            Box::pin(async move {
                // A hold: what is a candidate's is erased with the candidate.
                let hold: Option<i64> = sql("SELECT COALESCE(k.cohort_id, k.id) FROM outbox AS o \
                     JOIN subject_keys AS k ON k.id = o.subject_id \
                     WHERE o.status = 'held' AND o.late_lot = $1 ORDER BY o.id LIMIT 1")
                .bind(lot)
                .optional_value(&mut *connection)
                .await?;
                let Some(hold) = hold else {
                    return Ok(false);
                };
                let noted =
                    sql("INSERT INTO late_notices (lot) VALUES ($1) ON CONFLICT (lot) DO NOTHING")
                        .bind(lot)
                        .run(&mut *connection)
                        .await?;
                if noted == 0 {
                    return Ok(false);
                }
                let outcome = Outcome {
                    outbox: vec![mail],
                    ..Outcome::default()
                };
                store_outcomes(connection, &[(hold, &outcome)], now).await?;
                Ok(true)
            })
        })
        .await
    }
}
