//! Hooks: addresses of other programs that are told what happens, and what each of them is still to be told.
//!
//! A delivery is written in the transaction that stores what it tells of. It is due, leaves under a lease, and is settled
//! by its attempt, as mail is; but what may have arrived is sent again, since it carries an id by which the receiver
//! knows it. A hook has one delivery on the wire at a time, so that none that stalls keeps back another.

use serde::Serialize;

use super::given::Outcome;
use super::set::Set;
use super::sql::{Connection, sql};
use super::{Result, Store, json};

/// An event that other programs are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number in the history.
    pub seq: i64,
    /// What it is to them.
    pub kind: &'static str,
}

/// A hook, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HookRow {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`: what people name it by.
    pub public_id: String,
    /// What it is for, in the words of whoever made it.
    pub title: String,
    /// Where it is told.
    pub url: String,
    /// What it is told, with a blank around each.
    pub kinds: String,
    /// Who made it.
    pub made_by: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC.
    pub revoked_at: Option<i64>,
    /// `gone`: the receiver said so; `asked`: somebody did.
    pub revoked_why: Option<String>,
    /// How much it is still to be told.
    pub waiting: i64,
    /// How much was given up.
    pub failed: i64,
    /// When it was last told something, µs UTC.
    pub delivered_at: Option<i64>,
    /// What was said to what was given up last, or else to what is to be tried again.
    pub answer: Option<String>,
    /// When something was last given up, µs UTC.
    pub failed_at: Option<i64>,
}

/// A hook to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookNew {
    /// A UUID.
    pub public_id: String,
    /// In words.
    pub title: String,
    /// Where it is told.
    pub url: String,
    /// What it is told, with a blank around each.
    pub kinds: String,
    /// What its messages are signed with.
    pub secret: Vec<u8>,
    /// Who makes it.
    pub made_by: String,
    /// µs UTC.
    pub at: i64,
}

/// A delivery that is to leave now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Row id.
    pub id: i64,
    /// Row id of the hook.
    pub hook_id: i64,
    /// Which attempt this is, from 1: the fence.
    pub attempt: i64,
    /// What the receiver knows it by.
    pub event: String,
    /// What happened.
    pub kind: String,
    /// When it happened, µs UTC.
    pub at: i64,
    /// Row id of the mail that it is about.
    pub outbox_id: Option<i64>,
    /// Where to.
    pub url: String,
    /// What it is signed with.
    pub secret: Vec<u8>,
    /// The hook's.
    pub title: String,
    /// Of which case or hold, by its id.
    pub subject: String,
    /// Of which hold that case is, by its id.
    pub hold: Option<String>,
    /// Which workflow it follows.
    pub workflow: String,
    /// The event as the history has it.
    pub payload: Option<String>,
}

/// How a delivery ended, or goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Row id.
    pub id: i64,
    /// The attempt that ended.
    pub attempt: i64,
    /// What came of it.
    pub fate: DeliveryFate,
    /// What was answered, in a word or two: never the receiver's text.
    pub answer: String,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryFate {
    /// It was taken.
    Taken,
    /// To be tried again at this time, µs UTC.
    Retry(i64),
    /// It was tried often enough.
    GivenUp,
    /// The receiver wants nothing any more: the hook is revoked.
    Gone,
}

impl Store {
    /// Makes a hook: it is told what is stored from now on.
    ///
    /// # Errors
    /// [`is_conflict`](super::StoreError::is_conflict) when the id exists already.
    pub async fn new_hook(&self, new: HookNew) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql(
                    "INSERT INTO hooks (public_id, title, url, kinds, secret, made_by, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(new.public_id)
                .bind(new.title)
                .bind(new.url)
                .bind(new.kinds)
                .bind(new.secret)
                .bind(new.made_by)
                .bind(new.at)
                .run(&mut *connection)
                .await?;
                count(connection).await
            })
        })
        .await
    }

    /// All hooks in the order in which they were made, also those that are revoked.
    pub async fn hooks(&self) -> Result<Vec<HookRow>> {
        sql(include_str!("hooks.sql"))
            .all(&mut *self.reader().await?)
            .await
    }

    /// What a hook's messages are signed with.
    pub async fn hook_secret(&self, id: i64) -> Result<Vec<u8>> {
        sql("SELECT secret FROM hooks WHERE id = $1")
            .bind(id)
            .value(&mut *self.reader().await?)
            .await
    }

    /// A hook is told nothing any more. False when it was so already.
    pub async fn revoke_hook(&self, id: i64, at: i64) -> Result<bool> {
        self.write(move |connection| {
            Box::pin(async move { revoke(connection, &[id], "asked", at).await })
        })
        .await
    }

    /// What was given up of a hook is tried again at once, once each; answers how much that is.
    pub async fn retry_deliveries(&self, hook: i64, now: i64) -> Result<u64> {
        self.announce(move |connection| {
            Box::pin(async move {
                sql(
                    "UPDATE deliveries SET status = 'waiting', settled_at = NULL, not_before = $2 \
                     WHERE hook_id = $1 AND status = 'failed'",
                )
                .bind(hook)
                .bind(now)
                .run(connection)
                .await
            })
        })
        .await
    }

    /// Writes down how deliveries ended, and takes what is to leave at `now` (µs UTC): at most one of each hook, whose
    /// lease lasts until `until`; nothing when there is no such time. What is not settled by then is taken again, by
    /// whoever asks.
    pub async fn turn_deliveries(
        &self,
        ended: Vec<Delivered>,
        now: i64,
        until: Option<i64>,
    ) -> Result<Vec<Delivery>> {
        self.write(move |connection| {
            Box::pin(async move {
                settle(connection, &ended, now).await?;
                match until {
                    Some(until) => take(connection, now, until).await,
                    None => Ok(Vec::new()),
                }
            })
        })
        .await
    }

    /// When a delivery is due next, µs UTC.
    pub async fn next_hook_due(&self) -> Result<Option<i64>> {
        sql(include_str!("next_hook_due.sql"))
            .value(&mut *self.reader().await?)
            .await
    }

    /// Forgets what was delivered or dropped before an instant, µs UTC; what was given up waits for somebody.
    pub async fn forget_deliveries(&self, before: i64) -> Result<u64> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM deliveries \
                     WHERE status IN ('delivered', 'dropped') AND settled_at < $1")
                .bind(before)
                .run(connection)
                .await
            })
        })
        .await
    }
}

/// What has happened is to be told to every hook that wants it. Not to be called where there is none.
pub(super) async fn tell(
    connection: &mut Connection,
    outcomes: &[(i64, &Outcome)],
    recorded_at: i64,
) -> Result<()> {
    let told: Vec<_> = (outcomes.iter())
        .flat_map(|(id, outcome)| outcome.told.iter().map(move |told| (*id, told)))
        .collect();
    Set::of(&told)
        .whole("subject_id", |(id, _)| *id)
        .whole("seq", |(_, told)| told.seq)
        .text("kind", |(_, told)| told.kind)
        .whole("recorded_at", |_| recorded_at)
        .run(connection, include_str!("tell_hooks.sql"))
        .await?;
    Ok(())
}

/// Of mail whose exchange has just ended, by row id: what was refused for good is told.
pub(super) async fn tell_failed(
    connection: &mut Connection,
    mails: &[i64],
    now: i64,
) -> Result<()> {
    sql(include_str!("tell_failed.sql"))
        .bind(mails)
        .bind(now.to_string())
        .bind(now)
        .run(connection)
        .await?;
    Ok(())
}

/// How many hooks there are, for every step to see.
async fn count(connection: &mut Connection) -> Result<()> {
    sql("UPDATE cluster SET hooks = (SELECT count(*) FROM hooks WHERE revoked_at IS NULL)")
        .run(connection)
        .await?;
    Ok(())
}

async fn revoke(connection: &mut Connection, hooks: &[i64], why: &str, at: i64) -> Result<bool> {
    let revoked = sql(
        "UPDATE hooks SET revoked_at = $2, revoked_why = $3, taken_until = NULL \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND revoked_at IS NULL",
    )
    .bind(hooks)
    .bind(at)
    .bind(why)
    .run(&mut *connection)
    .await?;
    sql(
        "UPDATE deliveries SET status = 'dropped', settled_at = $2 \
         WHERE hook_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND status IN ('waiting', 'failed')",
    )
    .bind(hooks)
    .bind(at)
    .run(&mut *connection)
    .await?;
    count(connection).await?;
    Ok(revoked > 0)
}

async fn settle(connection: &mut Connection, ended: &[Delivered], now: i64) -> Result<()> {
    #[derive(Serialize)]
    struct Ended<'a> {
        id: i64,
        attempt: i64,
        status: &'static str,
        not_before: Option<i64>,
        answer: &'a str,
    }
    if ended.is_empty() {
        return Ok(());
    }
    let settled = async |connection: &mut Connection, ended: &[&Delivered]| -> Result<Vec<i64>> {
        let rows: Vec<Ended> = (ended.iter())
            .map(|one| {
                let (status, not_before) = match one.fate {
                    DeliveryFate::Taken => ("delivered", None),
                    DeliveryFate::Retry(at) => ("waiting", Some(at)),
                    DeliveryFate::GivenUp | DeliveryFate::Gone => ("failed", None),
                };
                Ended {
                    id: one.id,
                    attempt: one.attempt,
                    status,
                    not_before,
                    answer: &one.answer,
                }
            })
            .collect();
        sql(include_str!("settle_deliveries.sql"))
            .bind(json(&rows))
            .bind(now)
            .values(connection)
            .await
    };
    let (gone, others): (Vec<_>, Vec<_>) =
        (ended.iter()).partition(|one| one.fate == DeliveryFate::Gone);
    let free = settled(connection, &others).await?;
    sql("UPDATE hooks SET taken_until = NULL \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))")
    .bind(&free)
    .run(&mut *connection)
    .await?;
    if !gone.is_empty() {
        let gone = settled(connection, &gone).await?;
        revoke(connection, &gone, "gone", now).await?;
    }
    Ok(())
}

async fn take(connection: &mut Connection, now: i64, until: i64) -> Result<Vec<Delivery>> {
    let hooks: Vec<i64> = sql(include_str!("take_hooks.sql"))
        .bind(now)
        .bind(until)
        .values(&mut *connection)
        .await?;
    if hooks.is_empty() {
        return Ok(Vec::new());
    }
    let taken: Vec<i64> = sql(include_str!("take_deliveries.sql"))
        .bind(&hooks)
        .bind(now)
        .values(&mut *connection)
        .await?;
    sql(include_str!("taken_deliveries.sql"))
        .bind(&taken)
        .all(connection)
        .await
}
