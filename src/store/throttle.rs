//! How much mail a domain is sent a minute, kept in the database: so that it holds for all processes
//! together, and over a restart.
//!
//! Mails to a domain begin one by one, at least a minute's share apart: in no minute are there more than
//! were stated, however many processes send. A mail that has to wait stays queued as it is; what waits for
//! a domain is skipped when the next mails are looked for, so that it keeps back no other's, and leaves by
//! priority, then time, once the domain is free.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::given::Freeze;
use super::sql::{Connection, either, sql};
use super::{Result, Store, json};

/// The row of all domains that have no rate of their own.
const OTHERS: &str = "*";
const MINUTE: i64 = 60_000_000;

/// So much mail a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Throttle {
    /// A mail address's domain in small letters; `*` is each domain that has no rate of its own.
    pub domain: String,
    /// At least one.
    pub per_minute: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    domain: String,
    per_minute: Option<i64>,
    free_at: i64,
}

impl Store {
    /// Sets the rates of all domains: one that is not named has none from now on. When a domain is free
    /// stays as it was.
    pub async fn set_throttles(&self, throttles: Vec<Throttle>) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE throttles SET per_minute = NULL")
                    .run(&mut *connection)
                    .await?;
                sql("INSERT INTO throttles (domain, per_minute) \
                     SELECT j.value ->> 'domain', CAST(j.value ->> 'per_minute' AS BIGINT) \
                     FROM json_each($1) AS j WHERE true \
                     ON CONFLICT (domain) DO UPDATE SET per_minute = excluded.per_minute")
                .bind(json(&throttles))
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// The rates there are, by domain.
    pub async fn throttles(&self) -> Result<Vec<Throttle>> {
        sql("SELECT domain, per_minute FROM throttles WHERE per_minute IS NOT NULL ORDER BY domain")
            .all(&mut *self.reader().await?)
            .await
    }

    /// When the next domain is free to which mail waits, µs UTC; none when nothing waits so at `now`.
    pub async fn throttled_until(&self, now: i64) -> Result<Option<i64>> {
        sql(include_str!("throttled_until.sql"))
            .bind(now)
            .value(&mut *self.reader().await?)
            .await
    }
}

/// Of mails in their order, those whose domain is free at `now`; each takes its minute's share. The others
/// are marked with their domain, so that they are skipped until it is free.
pub(super) async fn free<'m>(
    connection: &mut Connection,
    mails: Vec<&'m Freeze>,
    now: i64,
) -> Result<Vec<&'m Freeze>> {
    let domains: BTreeSet<String> = mails.iter().map(|mail| domain_of(mail)).collect();
    let domains: Vec<String> = domains.into_iter().collect();
    let Some(mut lanes) = lanes(connection, &domains).await? else {
        return Ok(mails);
    };
    let (mut free, mut waiting) = (Vec::with_capacity(mails.len()), Vec::new());
    for mail in mails {
        match lanes.get_mut(&domain_of(mail)) {
            Some(lane) if lane.free_at > now => waiting.push((mail.fence.id, domain_of(mail))),
            Some(lane) => {
                // Rounded up: never more than was stated.
                lane.free_at = now + (MINUTE + lane.per_minute - 1) / lane.per_minute;
                free.push(mail);
            }
            None => free.push(mail),
        }
    }
    remember(connection, &lanes, &waiting).await?;
    Ok(free)
}

/// A domain that has a rate.
struct Lane {
    per_minute: i64,
    free_at: i64,
}

/// The domains that have a rate, theirs until the end of the transaction; none when no domain at all has.
async fn lanes(
    connection: &mut Connection,
    domains: &[String],
) -> Result<Option<BTreeMap<String, Lane>>> {
    let any: bool = sql("SELECT EXISTS (SELECT 1 FROM throttles WHERE per_minute IS NOT NULL)")
        .value(&mut *connection)
        .await?;
    if !any {
        return Ok(None);
    }
    // A domain has a row before its first mail, so that there is something to lock.
    sql(
        "INSERT INTO throttles (domain) SELECT j.atom FROM json_each($1) AS j WHERE true \
         ORDER BY j.atom ON CONFLICT (domain) DO NOTHING",
    )
    .bind(json(&domains))
    .run(&mut *connection)
    .await?;
    let rows: Vec<Row> = either(
        "SELECT domain, per_minute, free_at FROM throttles \
         WHERE domain = '*' OR domain IN (SELECT atom FROM json_each($1)) ORDER BY domain",
        "SELECT domain, per_minute, free_at FROM throttles \
         WHERE domain = '*' OR domain IN (SELECT atom FROM json_each($1)) ORDER BY domain \
         FOR NO KEY UPDATE",
    )
    .bind(json(&domains))
    .all(connection)
    .await?;
    let others = rows.iter().find(|row| row.domain == OTHERS);
    let others = others.and_then(|row| row.per_minute);
    let lanes = rows.into_iter().filter(|row| row.domain != OTHERS);
    let lanes = lanes.filter_map(|row| {
        let lane = Lane {
            per_minute: row.per_minute.or(others)?,
            free_at: row.free_at,
        };
        Some((row.domain, lane))
    });
    Ok(Some(lanes.collect()))
}

async fn remember(
    connection: &mut Connection,
    lanes: &BTreeMap<String, Lane>,
    waiting: &[(i64, String)],
) -> Result<()> {
    let lanes: Vec<(&str, i64)> = (lanes.iter())
        .map(|(domain, lane)| (domain.as_str(), lane.free_at))
        .collect();
    sql(
        "UPDATE throttles SET free_at = CAST(j.value ->> 1 AS BIGINT) \
         FROM json_each($1) AS j WHERE throttles.domain = j.value ->> 0",
    )
    .bind(json(&lanes))
    .run(&mut *connection)
    .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    sql("UPDATE outbox SET domain = j.value ->> 1 \
         FROM json_each($1) AS j WHERE outbox.id = CAST(j.value ->> 0 AS BIGINT)")
    .bind(json(&waiting))
    .run(connection)
    .await?;
    Ok(())
}

fn domain_of(mail: &Freeze) -> String {
    mail.domain.to_lowercase()
}
