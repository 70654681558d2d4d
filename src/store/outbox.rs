//! The outbox as people see and steer it: lists, held lots, resending.

use super::given::OutboxFilter;
use super::rows::{LotRow, OutboxRow, Status};
use super::sees::{Sees, seen_case};
use super::sql::{Connection, sql};
use super::{Result, Store};

/// Where a mail about a case stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MailStanding {
    /// Its row id; of what was gathered, that of its bundle.
    pub id: i64,
    /// Whose it is: `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub status: Status,
    /// Why, as stored.
    pub reason: Option<String>,
}

impl Store {
    /// Mail, the newest first, without its bytes; about cases only that of those that are seen, and about holds
    /// only for those who see all.
    pub async fn outbox(&self, sees: Sees, filter: &OutboxFilter) -> Result<Vec<OutboxRow>> {
        let newest = concat!(
            include_str!("outbox.sql"),
            "AND (CAST($4 AS BIGINT) = 0 OR o.reason IS NULL OR o.reason NOT LIKE 'seen%') AND ",
            seen_case!("k", "5", "6"),
            " AND o.id < $7 ORDER BY o.id DESC LIMIT CAST($3 AS BIGINT)"
        );
        // A plan that serves any subject or none would read all mail for one.
        let of_one = concat!(
            include_str!("outbox.sql"),
            "AND (CAST($4 AS BIGINT) = 0 OR o.reason IS NULL OR o.reason NOT LIKE 'seen%') AND ",
            seen_case!("k", "5", "6"),
            " AND o.id < $7 AND o.subject_id = $8 ORDER BY o.id DESC LIMIT CAST($3 AS BIGINT)"
        );
        let list = sql(filter.subject.map_or(newest, |_| of_one))
            .bind(filter.status.map(Status::as_str))
            .bind(filter.cohort)
            .bind(filter.limit)
            .bind(i64::from(filter.unseen));
        let mut list = sees.bind_to(list).bind(filter.before.unwrap_or(i64::MAX));
        if let Some(subject) = filter.subject {
            list = list.bind(subject);
        }
        list.all(&mut *self.reader().await?).await
    }

    /// One mail, with its bytes; of a case that is seen, or of a hold for those who see all.
    pub async fn outbox_row(&self, sees: Sees, id: i64) -> Result<Option<OutboxRow>> {
        let one = sql(concat!(
            "SELECT o.* FROM outbox AS o JOIN subject_keys AS k ON k.id = o.subject_id WHERE o.id = $1 AND ",
            seen_case!("k", "2", "3")
        ))
        .bind(id);
        sees.bind_to(one).optional(&mut *self.reader().await?).await
    }

    /// How mail about a case stands, whoever says it.
    pub async fn mail_about(&self, case: i64) -> Result<Vec<MailStanding>> {
        sql(include_str!("about_case.sql"))
            .bind(case)
            .all(&mut *self.reader().await?)
            .await
    }

    /// One mail by its Message-ID's `UUIDv7`, with its bytes.
    pub async fn outbox_by_public_id(&self, public_id: &str) -> Result<Option<OutboxRow>> {
        let row = sql("SELECT * FROM outbox WHERE public_id = $1")
            .bind(public_id)
            .optional(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }

    /// How much mail stands where.
    pub async fn outbox_counts(&self) -> Result<Vec<(Status, i64)>> {
        counts(&mut *self.reader().await?).await
    }

    /// A person wants what failed, or waits for its next try, to be tried now (µs UTC), with the
    /// same Message-ID and, if there are any, the same bytes. Its `reason` is `asked` until it
    /// leaves. False when it does not stand so, or when its stream has a newer revision. A merged mail is taken
    /// apart: each of its parts leaves as itself.
    pub async fn retry_row(&self, id: i64, now: i64) -> Result<bool> {
        self.requeue(id, now, r#"["failed","retry"]"#).await
    }

    /// A person wants what is queued to leave now (µs UTC) instead of at its time. Its `reason` is `asked` until it
    /// leaves. False when it does not stand so.
    pub async fn send_row_now(&self, id: i64, now: i64) -> Result<bool> {
        self.requeue(id, now, r#"["queued"]"#).await
    }

    /// A person releases what is held, or takes on that what is `unknown` may arrive twice; with
    /// the same Message-ID and the same bytes. Its `reason` is `asked` until it leaves. False when it does not stand so, or when its stream
    /// has a newer revision. A merged mail that is `unknown` leaves as the whole that it was, whichever of its parts
    /// is named; they are `unknown` until it has ended.
    pub async fn release_row(&self, id: i64, now: i64) -> Result<bool> {
        self.requeue(id, now, r#"["held","unknown"]"#).await
    }

    /// Somebody has seen to what was refused for good; `reason` begins with `seen`, and stays until it is tried
    /// again. False when it does not stand so, or has been seen to.
    pub async fn seen_row(&self, id: i64, reason: &str) -> Result<bool> {
        let reason = reason.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let seen = sql("UPDATE outbox SET reason = $2 \
                     WHERE id = $1 AND status = 'failed' AND (reason IS NULL OR reason NOT LIKE 'seen%')")
                .bind(id)
                .bind(reason)
                .run(connection)
                .await?;
                Ok(seen > 0)
            })
        })
        .await
    }

    async fn requeue(&self, id: i64, now: i64, from: &'static str) -> Result<bool> {
        self.announce(move |connection| {
            Box::pin(async move {
                let requeued = sql(include_str!("requeue.sql"))
                    .bind(id)
                    .bind(now)
                    .bind(from)
                    .run(connection)
                    .await?;
                Ok(requeued > 0)
            })
        })
        .await
    }

    /// How much of a late lot is held.
    pub async fn lot_size(&self, lot: i64) -> Result<i64> {
        let size = sql("SELECT count(*) FROM outbox WHERE status = 'held' AND late_lot = $1")
            .bind(lot)
            .value(&mut *self.reader().await?)
            .await?;
        Ok(size)
    }

    /// The late lots of which anything is held, the oldest first.
    pub async fn lots(&self) -> Result<Vec<LotRow>> {
        let lots = sql("SELECT late_lot AS lot, count(*) AS mails FROM outbox \
             WHERE status = 'held' AND late_lot IS NOT NULL GROUP BY late_lot ORDER BY late_lot")
        .all(&mut *self.reader().await?)
        .await?;
        Ok(lots)
    }

    /// Queues all that is held of a late lot, and answers how much.
    pub async fn release_lot(&self, lot: i64) -> Result<u64> {
        self.announce(move |connection| {
            Box::pin(async move {
                let released = sql("UPDATE outbox SET status = 'queued', reason = NULL \
                     WHERE status = 'held' AND late_lot = $1")
                .bind(lot)
                .run(connection)
                .await?;
                Ok(released)
            })
        })
        .await
    }

    /// A person wants what is held not to be sent. False when it does not stand so.
    pub async fn drop_row(&self, id: i64, now: i64) -> Result<bool> {
        let dropped = self.drop_held(now, Some(id), None).await?;
        Ok(dropped > 0)
    }

    /// The same of all that is held of a lot; answers how much.
    pub async fn drop_lot(&self, lot: i64, now: i64) -> Result<u64> {
        self.drop_held(now, None, Some(lot)).await
    }

    async fn drop_held(&self, now: i64, id: Option<i64>, lot: Option<i64>) -> Result<u64> {
        self.announce(move |connection| {
            Box::pin(async move {
                sql(
                    "UPDATE outbox SET status = 'cancelled', reason = 'dropped', settled_at = $1 \
                     WHERE status = 'held' AND (id = $2 OR late_lot = $3)",
                )
                .bind(now)
                .bind(id)
                .bind(lot)
                .run(connection)
                .await
            })
        })
        .await
    }
}

/// How much mail stands where.
pub(super) async fn counts(connection: &mut Connection) -> Result<Vec<(Status, i64)>> {
    #[derive(sqlx::FromRow)]
    struct Count {
        #[sqlx(try_from = "String")]
        status: Status,
        mails: i64,
    }
    let counts: Vec<Count> =
        sql("SELECT status, count(*) AS mails FROM outbox GROUP BY status ORDER BY status")
            .all(connection)
            .await?;
    let counts = counts.into_iter();
    Ok(counts.map(|count| (count.status, count.mails)).collect())
}
