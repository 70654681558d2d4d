//! What is stopped: all mail, or that of a workflow, a hold, what is declared under a name, or of all of these at once.
//!
//! A stop is a row, and which mail it stops is asked when mail is claimed and once more when it is marked `sending` (the
//! view `stopped`): nothing is written into mail, so that a stop holds also for what is decided later, stops may overlap,
//! and nothing is to be taken back. What is stopped stays `queued` or `retry`.
//!
//! A bundle says what several steps wanted said. One that says some things that are stopped and others that are not is
//! taken apart, so that each part leaves when nothing stops it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::given::{Cancel, Late};
use super::mail::cancel;
use super::rows::OutboxRow;
use super::sql::{Connection, sql};
use super::{Result, Store, guarded};

/// What is stopped: that which is all of these; of nothing else said, everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::FromRow)]
pub struct Scope {
    /// A workflow's key.
    pub workflow: Option<String>,
    /// A hold's row id.
    pub cohort_id: Option<i64>,
    /// The beginning of an occurrence: `message.welcome`, `task.talk`.
    pub declaration: Option<String>,
}

impl Scope {
    /// Whether it stops such mail, as the view `stopped` decides it of mail that is there.
    ///
    /// ```
    /// use tovholder::store::Scope;
    /// let talk = Scope { declaration: Some("task.talk".into()), ..Scope::default() };
    /// assert!(talk.covers("w", None, "task.talk#1.remind@school#1.1"));
    /// assert!(!talk.covers("w", None, "task.talks#1.remind@school#1.1"));
    /// ```
    #[must_use]
    pub fn covers(&self, workflow: &str, cohort: Option<i64>, occurrence: &str) -> bool {
        let is_of = |declaration: &String| {
            let rest = occurrence.strip_prefix(declaration.as_str());
            rest.is_some_and(|rest| rest.starts_with(['.', '#', '@']))
        };
        self.workflow.as_deref().is_none_or(|one| one == workflow)
            && self.cohort_id.is_none_or(|one| cohort == Some(one))
            && self.declaration.as_ref().is_none_or(is_of)
    }
}

/// A stop.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stop {
    /// Row id.
    pub id: i64,
    /// What is stopped.
    #[sqlx(flatten)]
    pub scope: Scope,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// Since when, µs UTC.
    pub began_at: i64,
    /// By whom: an account, or `cli`.
    pub began_by: String,
    /// Until when, µs UTC; none as long as it stands.
    pub ended_at: Option<i64>,
    /// Who ended it.
    pub ended_by: Option<String>,
}

/// What came of stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The stop.
    pub id: i64,
    /// It did not stand before.
    pub is_new: bool,
    /// So much of what it stops was on the wire, and may arrive.
    pub on_wire: i64,
}

/// What came of letting go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetGo {
    /// Held as late.
    pub held: u64,
    /// Not wanted any more.
    pub dropped: usize,
}

impl Store {
    /// Stops mail from `now` (µs UTC) on: when this answers, none of it leaves that has not left, whichever process
    /// has claimed it. What is stopped already is stopped as it was.
    pub async fn stop(&self, scope: Scope, reason: &str, by: &str, now: i64) -> Result<Begun> {
        let (reason, by) = (reason.to_owned(), by.to_owned());
        self.announce(move |connection| {
            Box::pin(async move {
                guarded::stopping(connection).await?;
                let standing = standing(connection, &scope).await?;
                let (id, is_new) = match standing {
                    Some(id) => (id, false),
                    None => (begin(connection, &scope, &reason, &by, now).await?, true),
                };
                if is_new {
                    take_apart(connection, None).await?;
                }
                let on_wire = sql(
                    "SELECT count(DISTINCT o.id) FROM outbox AS o JOIN stopped ON stopped.outbox_id = o.id \
                     WHERE o.status = 'sending' AND stopped.stop_id = $1",
                )
                .bind(id)
                .value(connection)
                .await?;
                Ok(Begun {
                    id,
                    is_new,
                    on_wire,
                })
            })
        })
        .await
    }

    /// Ends a stop. Of what only it stopped, what was to leave before `late.before` is held in that lot, as after a time
    /// in which nobody looked, unless somebody has asked for it; these are cancelled, as far as they are still as they
    /// were read; the rest leaves by itself. None when it has ended before.
    pub async fn let_go(
        &self,
        stop: i64,
        dropped: Vec<Cancel>,
        late: Late,
        by: &str,
        now: i64,
    ) -> Result<Option<LetGo>> {
        let by = by.to_owned();
        self.announce(move |connection| {
            Box::pin(async move {
                guarded::stopping(connection).await?;
                let leave: Vec<i64> = dropped.iter().map(|mail| mail.fence.id).collect();
                let held = sql(include_str!("hold_let_go.sql"))
                    .bind(stop)
                    .bind(late.before)
                    .bind(late.lot)
                    .bind(&leave)
                    .run(&mut *connection)
                    .await?;
                let ended = sql(
                    "UPDATE stops SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL",
                )
                .bind(stop)
                .bind(now)
                .bind(by)
                .run(&mut *connection)
                .await?;
                if ended == 0 {
                    return Ok(None);
                }
                let dropped = cancel(connection, &dropped, now).await?.len();
                Ok(Some(LetGo { held, dropped }))
            })
        })
        .await
    }

    /// What is stopped now, the oldest stop first.
    pub async fn stops(&self) -> Result<Vec<Stop>> {
        sql("SELECT * FROM stops WHERE ended_at IS NULL ORDER BY id")
            .all(&mut *self.reader().await?)
            .await
    }

    /// What was stopped before, the newest stop first; at most so many.
    pub async fn ended_stops(&self, limit: i64) -> Result<Vec<Stop>> {
        sql("SELECT * FROM stops WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT CAST($1 AS BIGINT)")
            .bind(limit)
            .all(&mut *self.reader().await?)
            .await
    }

    /// How much mail that was to leave by `now` (µs UTC) waits for each stop, by its id. What several stop is counted
    /// for each.
    pub async fn stopped_by(&self, now: i64) -> Result<BTreeMap<i64, i64>> {
        let counted: Vec<(i64, i64)> = sql(include_str!("stopped_by.sql"))
            .bind(now)
            .all(&mut *self.reader().await?)
            .await?;
        Ok(counted.into_iter().collect())
    }

    /// What stops each of these mails, by their row ids; only of those that have not left.
    pub async fn stops_of(&self, mails: &[i64]) -> Result<BTreeMap<i64, BTreeSet<i64>>> {
        let mut reader = self.reader().await?;
        let mut of: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for (mail, _, stop) in stopping(&mut reader, mails).await? {
            of.entry(mail).or_default().insert(stop);
        }
        Ok(of)
    }

    /// Mail that was to leave by `now` (µs UTC) and that only this stop keeps back, without what comes at or before
    /// `after`, by row id; at most so much.
    pub async fn kept_back_by(
        &self,
        stop: i64,
        now: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<OutboxRow>> {
        sql(include_str!("kept_back_by.sql"))
            .bind(stop)
            .bind(now)
            .bind(after)
            .bind(limit)
            .all(&mut *self.reader().await?)
            .await
    }
}

async fn standing(connection: &mut Connection, scope: &Scope) -> Result<Option<i64>> {
    sql("SELECT id FROM stops WHERE ended_at IS NULL AND COALESCE(workflow, '') = COALESCE($1, '') \
         AND COALESCE(cohort_id, 0) = COALESCE($2, 0) AND COALESCE(declaration, '') = COALESCE($3, '')")
    .bind(&scope.workflow)
    .bind(scope.cohort_id)
    .bind(&scope.declaration)
    .optional_value(connection)
    .await
}

async fn begin(
    connection: &mut Connection,
    scope: &Scope,
    reason: &str,
    by: &str,
    now: i64,
) -> Result<i64> {
    sql(
        "INSERT INTO stops (workflow, cohort_id, declaration, reason, began_at, began_by) \
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(&scope.workflow)
    .bind(scope.cohort_id)
    .bind(&scope.declaration)
    .bind(reason)
    .bind(now)
    .bind(by)
    .value(connection)
    .await
}

/// `(mail, item, stop)` of these mails, as far as they have not left.
async fn stopping(
    connection: &mut Connection,
    mails: &[i64],
) -> Result<Vec<(i64, Option<i64>, i64)>> {
    sql(
        "SELECT stopped.outbox_id, stopped.item_id, stopped.stop_id \
         FROM json_each($1) AS j CROSS JOIN outbox AS o CROSS JOIN stopped \
         WHERE o.id = CAST(j.atom AS BIGINT) AND o.status IN ('queued', 'retry', 'held') \
           AND stopped.outbox_id = o.id",
    )
    .bind(mails)
    .all(connection)
    .await
}

/// Takes bundles apart that say some things that are stopped and others that are not, or not by the same stops: these,
/// or all that have never been attempted. The part with the bundle's own stream stays what it was; each other part has
/// the stream of its first item.
pub(super) async fn take_apart(connection: &mut Connection, bundles: Option<&[i64]>) -> Result<()> {
    let of_these = "SELECT g.bundle_id, g.id, \
             CAST(CASE WHEN g.subject_id = o.subject_id AND g.occurrence = o.occurrence THEN 1 ELSE 0 END AS BIGINT) \
         FROM json_each($1) AS j CROSS JOIN outbox AS o JOIN gather_items AS g ON g.bundle_id = o.id \
         WHERE o.id = CAST(j.atom AS BIGINT) ORDER BY g.bundle_id, g.subject_id, g.id";
    let bundles = match bundles {
        Some(bundles) => bundles.to_vec(),
        None => {
            sql("SELECT o.id FROM outbox AS o WHERE o.group_key IS NOT NULL AND o.attempt = 0 AND o.id IN \
                 (SELECT id FROM outbox WHERE status IN ('queued', 'retry') \
                  UNION ALL SELECT id FROM outbox WHERE status = 'held')")
            .values(&mut *connection)
            .await?
        }
    };
    let mut stops: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (_, item, stop) in stopping(connection, &bundles).await? {
        stops
            .entry(item.unwrap_or_default())
            .or_default()
            .insert(stop);
    }
    if stops.is_empty() {
        return Ok(());
    }
    let items: Vec<(i64, i64, i64)> = sql(of_these).bind(&bundles).all(&mut *connection).await?;
    // What is stopped by the same, bundle by bundle, each with whether the bundle's own item is in it.
    let mut parts: BTreeMap<(i64, BTreeSet<i64>), (bool, Vec<i64>)> = BTreeMap::new();
    for (bundle, item, is_own) in items {
        let by = stops.get(&item).cloned().unwrap_or_default();
        let part = parts.entry((bundle, by)).or_default();
        part.0 |= is_own == 1;
        part.1.push(item);
    }
    for (stays, items) in parts.into_values() {
        if !stays {
            move_out(connection, &items).await?;
        }
    }
    Ok(())
}

/// Makes a bundle of its own of some items of one.
async fn move_out(connection: &mut Connection, items: &[i64]) -> Result<()> {
    let bundle: i64 = sql(include_str!("move_out.sql"))
        .bind(items.first().copied())
        .value(&mut *connection)
        .await?;
    sql("UPDATE gather_items SET bundle_id = $1 \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($2))")
    .bind(bundle)
    .bind(&items.to_vec())
    .run(connection)
    .await?;
    Ok(())
}
