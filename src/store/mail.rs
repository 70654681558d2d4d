//! Mail leaves: what may, what is frozen and marked `sending`, and how it ended.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::create::all_there;
use super::given::{Cancel, Fence, Freeze, Settle, Settled};
use super::rows::{OutboxRow, Status};
use super::sql::{Connection, Statement, either, sql};
use super::{Inner, Result, Store, digests, guarded, hooks, json, rations, throttle};
use crate::mutant::{self, Mutant};

const ORPHANED: &str = "UPDATE outbox SET status = 'unknown', reason = 'orphaned', settled_at = $1 \
                        WHERE status = 'sending'";
const EXPIRED: &str = "UPDATE outbox SET status = 'queued', reason = 'orphaned', settled_at = $1 \
                       WHERE status = 'sending'";

impl Store {
    /// Mail that may leave at `now` (µs UTC), by priority, then time. A row whose stream is on the
    /// wire waits, and so does one whose domain is not free. Nothing while mail is switched off.
    pub async fn ready(&self, now: i64, limit: i64) -> Result<Vec<OutboxRow>> {
        if let Inner::Postgres { node, .. } = &*self.inner {
            let ids = node.claim_ready(now, limit).await?;
            if ids.is_empty() {
                return Ok(Vec::new());
            }
            return sql("SELECT o.* FROM json_each($1) AS j CROSS JOIN outbox AS o \
                 WHERE o.id = CAST(j.atom AS BIGINT) ORDER BY j.key")
            .bind(&ids)
            .all(&mut *self.reader().await?)
            .await;
        }
        let mut reader = self.reader().await?;
        let priorities: Vec<i64> = sql(include_str!("ready_priorities.sql"))
            .values(&mut reader)
            .await?;
        let mut ready: Vec<OutboxRow> = Vec::new();
        for priority in priorities {
            let left = limit - i64::try_from(ready.len()).unwrap_or(limit);
            if left <= 0 {
                break;
            }
            let rows = sql(include_str!("ready.sql"))
                .bind(now)
                .bind(left)
                .bind(priority);
            ready.extend(rows.all::<OutboxRow>(&mut reader).await?);
        }
        Ok(ready)
    }

    /// Freezes mail and marks it `sending` at `now` (µs UTC), and answers the row ids of those for which
    /// this holds.
    ///
    /// Left out are those whose row, subjects or holds have changed since they were read, which are stopped, whose
    /// stream is on the wire, whose person is told the same in another seat, whose domain is not free, whose
    /// recipient has had enough of the day, or which say what is new since another digest than the last. What
    /// is merged leaves together or not at all, and is answered by the mail that it is merged into. Their attempt is
    /// now one higher than was read: settle with that.
    pub async fn begin_sending(&self, mails: Vec<Freeze>, now: i64) -> Result<Vec<i64>> {
        self.settle_and_begin(Vec::new(), mails, now).await
    }

    /// [`settle_all`](Self::settle_all) and [`begin_sending`](Self::begin_sending) in one transaction,
    /// for a mailer whose mails come and go; answers the row ids of those that have begun.
    pub async fn settle_and_begin(
        &self,
        ended: Vec<Settle>,
        mails: Vec<Freeze>,
        now: i64,
    ) -> Result<Vec<i64>> {
        if mails.is_empty() {
            self.settle_all(ended, now).await?;
            return Ok(Vec::new());
        }
        if let Inner::Sqlite { has_sent, .. } = &*self.inner {
            has_sent.store(true, Ordering::SeqCst);
        }
        self.write(move |connection| {
            Box::pin(async move {
                // Mail is begun first, because that locks cases before mail, as every step does.
                let begun = begin(connection, &mails, now).await?;
                if !ended.is_empty() {
                    settle(connection, &ended, now).await?;
                }
                Ok(begun)
            })
        })
        .await
    }

    /// Cancels mail that is no longer wanted, and answers the row ids of those that were: not of
    /// those whose row, subjects or holds have changed since they were read.
    pub async fn cancel(&self, mails: Vec<Cancel>, now: i64) -> Result<Vec<i64>> {
        if mails.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |connection| Box::pin(async move { cancel(connection, &mails, now).await }))
            .await
    }

    /// Records how exchanges ended, and answers the row ids of those it was recorded for: not of
    /// those whose attempt it no longer is. What was given up as orphaned may still end as `sent` or
    /// `failed`, as long as no other attempt has begun. What is merged into a mail ends with it; one that is to
    /// be tried again is taken apart.
    pub async fn settle_all(&self, ended: Vec<Settle>, now: i64) -> Result<Vec<i64>> {
        if ended.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |connection| Box::pin(async move { settle(connection, &ended, now).await }))
            .await
    }

    /// [`settle_all`](Self::settle_all) of one. False when it was no longer `sending` in that
    /// attempt.
    pub async fn settle(&self, id: i64, attempt: i64, settled: Settled, now: i64) -> Result<bool> {
        let ended = Settle {
            id,
            attempt,
            settled,
        };
        Ok(!self.settle_all(vec![ended], now).await?.is_empty())
    }

    /// Takes back what a node has perhaps marked `sending`, by row id and attempt, and answers what was
    /// marked: the answer to [`begin_sending`](Self::begin_sending) was lost, and none of it has left.
    pub async fn not_begun(
        &self,
        node: &str,
        begun: Vec<(i64, i64)>,
        now: i64,
    ) -> Result<Vec<i64>> {
        if begun.is_empty() {
            return Ok(Vec::new());
        }
        let node = node.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let ids: Vec<i64> = begun.iter().map(|(id, _)| *id).collect();
                let marked: Vec<(i64, i64, Option<String>)> =
                    not_begun_sql().bind(&ids).all(connection).await?;
                let back: Vec<Settle> = (marked.into_iter())
                    .filter(|(id, attempt, by)| {
                        by.as_ref() == Some(&node) && begun.contains(&(*id, *attempt))
                    })
                    .map(|(id, attempt, _)| Settle {
                        id,
                        attempt,
                        settled: Settled::Retry {
                            not_before: now,
                            message: "the database was away before it left".into(),
                        },
                    })
                    .collect();
                settle(connection, &back, now).await
            })
        })
        .await
    }

    /// Turns what is `sending` into `unknown` when the process that sent it is gone. Where one process
    /// serves, that is all of it: to be called when `serve` begins, under its lock, and before any mail
    /// leaves. Where several do, it is the mail of those that are not alive, at any time.
    pub async fn orphaned(&self, now: i64) -> Result<u64> {
        // The planted bug: what may have left is sent again.
        let expires = mutant::is(Mutant::SendingExpires);
        #[cfg(test)]
        if let Some(orphans) = self.orphaned_in_world(now, expires).await {
            return orphans;
        }
        let sqlite = if expires { EXPIRED } else { ORPHANED };
        self.write(move |connection| {
            Box::pin(async move {
                let orphans = either(sqlite, include_str!("orphaned.sql"))
                    .bind(now)
                    .run(connection)
                    .await?;
                Ok(orphans)
            })
        })
        .await
    }

    /// What the newest mail of a stream said that was sent, or perhaps sent.
    pub async fn newest_told(
        &self,
        subject: i64,
        occurrence: &str,
        seat: &str,
    ) -> Result<Option<String>> {
        let told: Option<Option<String>> = sql("SELECT told FROM outbox \
             WHERE subject_id = $1 AND occurrence = $2 AND seat = $3 \
               AND status IN ('sent', 'unknown') \
             ORDER BY revision DESC LIMIT 1")
        .bind(subject)
        .bind(occurrence)
        .bind(seat)
        .optional_value(&mut *self.reader().await?)
        .await?;
        Ok(told.flatten())
    }

    /// The highest revision of any mail of a subject; 0 when there is none.
    pub async fn newest_revision(&self, subject: i64) -> Result<i64> {
        let newest = sql("SELECT COALESCE(MAX(revision), 0) FROM outbox WHERE subject_id = $1")
            .bind(subject)
            .value(&mut *self.reader().await?)
            .await?;
        Ok(newest)
    }

    /// The mail that tells, or told, this person the same in another seat.
    pub async fn sibling_to_person(&self, mail: &OutboxRow, person: i64) -> Result<Option<i64>> {
        let id = sql("SELECT id FROM outbox \
             WHERE subject_id = $1 AND occurrence = $2 AND revision = $3 AND seat <> $4 \
               AND person_id = $5 AND status IN ('sending', 'retry', 'sent', 'unknown') \
             ORDER BY id LIMIT 1")
        .bind(mail.subject_id)
        .bind(&mail.occurrence)
        .bind(mail.revision)
        .bind(&mail.seat)
        .bind(person)
        .optional_value(&mut *self.reader().await?)
        .await?;
        Ok(id)
    }
}

/// Cancels what is still as it was read.
pub(super) async fn cancel(
    connection: &mut Connection,
    mails: &[Cancel],
    now: i64,
) -> Result<Vec<i64>> {
    let good = fenced(connection, mails.iter().map(|mail| &mail.fence)).await?;
    let mails: Vec<&Cancel> = good.into_iter().filter_map(|at| mails.get(at)).collect();
    let rows: Vec<(i64, &str)> = (mails.iter())
        .map(|mail| (mail.fence.id, mail.reason.as_str()))
        .collect();
    sql(
        "UPDATE outbox SET status = 'cancelled', reason = j.value ->> 1, settled_at = $2, \
             address = CASE WHEN outbox.attempt = 0 THEN NULL ELSE outbox.address END \
         FROM json_each($1) AS j WHERE outbox.id = CAST(j.value ->> 0 AS BIGINT)",
    )
    .bind(json(&rows))
    .bind(now)
    .run(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

async fn begin(connection: &mut Connection, mails: &[Freeze], now: i64) -> Result<Vec<i64>> {
    let all: Vec<&Freeze> = mails.iter().flat_map(Freeze::with_merged).collect();
    digests::alone(connection, &all).await?;
    let good = fenced(connection, all.iter().map(|mail| &mail.fence)).await?;
    let all: Vec<&Freeze> = (good.into_iter())
        .filter_map(|at| all.get(at).copied())
        .collect();
    let mut twice = told_twice(connection, &all).await?;
    twice.extend(digests::overtaken(connection, &all).await?);
    let good: BTreeSet<i64> = (all.iter().enumerate())
        .filter(|(at, _)| !twice.contains(at))
        .map(|(_, mail)| mail.fence.id)
        .collect();
    let is_good = |mail: &&Freeze| mail.with_merged().all(|one| good.contains(&one.fence.id));
    let mails = rations::take(connection, mails.iter().filter(is_good).collect()).await?;
    let free = throttle::free(connection, mails.clone(), now).await?;
    let begun: Vec<i64> = free.iter().map(|mail| mail.fence.id).collect();
    let waits = |mail: &&&Freeze| !begun.contains(&mail.fence.id);
    rations::give_back(connection, mails.iter().filter(waits).copied()).await?;
    let all: Vec<&Freeze> = free.iter().flat_map(|mail| mail.with_merged()).collect();
    digests::write(connection, &all).await?;
    freeze(connection, &free).await?;
    Ok(begun)
}

async fn settle(connection: &mut Connection, ended: &[Settle], now: i64) -> Result<Vec<i64>> {
    let rows: Vec<SettledOf> = ended.iter().map(SettledOf::new).collect();
    let settled = sql(include_str!("settle.sql"))
        .bind(json(&rows))
        .bind(now)
        .values(&mut *connection)
        .await?;
    if rows.iter().any(|row| row.status == Status::Failed) {
        hooks::tell_failed(connection, &settled, now).await?;
    }
    Ok(settled)
}

/// The rows by their ids, whatever their status: PostgreSQL waits for a transaction that marks them and
/// whose process was cut off, and then shows what it has left behind.
fn not_begun_sql() -> Statement {
    either(
        "SELECT id, attempt, node FROM outbox \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND status = 'sending'",
        "WITH rows AS (SELECT id, attempt, node, status FROM outbox \
                       WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
                       ORDER BY id FOR NO KEY UPDATE) \
         SELECT id, attempt, node FROM rows WHERE status = 'sending'",
    )
}

/// The positions of the decisions that are still good.
async fn fenced<'a>(
    connection: &mut Connection,
    fences: impl Iterator<Item = &'a Fence>,
) -> Result<Vec<usize>> {
    let fences: Vec<&Fence> = fences.collect();
    guarded::mails(connection, &fences).await?;
    let keys: Vec<i64> = sql(fenced_sql())
        .bind(json(&fences))
        .values(connection)
        .await?;
    let mut good: Vec<usize> = (keys.into_iter())
        .filter_map(|key| usize::try_from(key).ok())
        .collect();
    good.sort_unstable();
    Ok(good)
}

fn fenced_sql() -> &'static str {
    const FENCED: &str = include_str!("fenced.sql");
    // The planted bug: what has been stopped since it was claimed leaves.
    #[cfg(test)]
    if mutant::is(Mutant::StopUnfenced) {
        static UNFENCED: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
            let unfenced = FENCED.replace(
                "FROM stops WHERE ended_at IS NULL",
                "FROM stops WHERE false",
            );
            assert_ne!(unfenced, FENCED, "nothing is planted");
            unfenced
        });
        return &UNFENCED;
    }
    FENCED
}

/// The positions of the mails whose person is told the same in another seat.
async fn told_twice(connection: &mut Connection, mails: &[&Freeze]) -> Result<BTreeSet<usize>> {
    #[derive(Serialize)]
    struct To {
        id: i64,
        person_id: Option<i64>,
    }
    let to: Vec<To> = (mails.iter())
        .map(|mail| To {
            id: mail.fence.id,
            person_id: mail.person_id,
        })
        .collect();
    let keys: Vec<i64> = sql(include_str!("twice_told.sql"))
        .bind(json(&to))
        .values(connection)
        .await?;
    Ok((keys.into_iter())
        .filter_map(|key| usize::try_from(key).ok())
        .collect())
}

async fn freeze(connection: &mut Connection, mails: &[&Freeze]) -> Result<()> {
    #[derive(Serialize)]
    struct Frozen<'a> {
        id: i64,
        node: &'a str,
        merged_into: Option<i64>,
        counted_on: Option<&'a str>,
        start: usize,
        length: usize,
        subject_line: &'a str,
        address: &'a str,
        domain: &'a str,
        person_id: Option<i64>,
        told: &'a str,
    }
    if mails.is_empty() {
        return Ok(());
    }
    let mut bytes = Vec::with_capacity(mails.iter().map(|mail| mail.frozen.len()).sum());
    let mut rows = Vec::with_capacity(mails.len());
    for mail in mails {
        for one in mail.with_merged() {
            rows.push(Frozen {
                id: one.fence.id,
                node: &mail.node,
                merged_into: (one.fence.id != mail.fence.id).then_some(mail.fence.id),
                counted_on: one.ration.as_ref().map(|ration| ration.day.as_str()),
                start: bytes.len(),
                length: one.frozen.len(),
                subject_line: &one.subject_line,
                address: &one.address,
                domain: &one.domain,
                person_id: one.person_id,
                told: &one.told,
            });
            bytes.extend_from_slice(&one.frozen);
        }
    }
    let updated = sql(include_str!("begin_sending.sql"))
        .bind(json(&rows))
        .bind(bytes)
        .run(connection)
        .await?;
    all_there("outbox", rows.len(), updated)
}

#[derive(Serialize)]
struct SettledOf<'a> {
    id: i64,
    attempt: i64,
    status: Status,
    not_before: Option<i64>,
    answer: &'a str,
}

impl<'a> SettledOf<'a> {
    fn new(ended: &'a Settle) -> Self {
        let (status, not_before, answer) = match &ended.settled {
            Settled::Sent { answer } => (Status::Sent, None, answer),
            Settled::Retry {
                not_before,
                message,
            } => (Status::Retry, Some(*not_before), message),
            Settled::Failed { message } => (Status::Failed, None, message),
            Settled::Unknown { message } => (Status::Unknown, None, message),
        };
        Self {
            id: ended.id,
            attempt: ended.attempt,
            status,
            not_before,
            answer,
        }
    }
}
