//! The rows a transaction goes by, locked before they are read, where several processes write.
//!
//! SQLite has one writer, so nothing moves between a look and a write. On PostgreSQL each of these
//! locks what the look depends on, holds before cases and both by their ids, so that two
//! transactions wait for each other in one direction only.

use std::collections::BTreeSet;

use super::Result;
use super::commit::{is_another_hold, is_demanding};
use super::given::{Fence, Place, Write};
use super::sql::{Connection, either};

const NOTHING: &str = "SELECT 1";

/// The planner's revision and how many hooks there are, which stay as they are. To be asked before [`steps`].
pub(super) async fn cluster(connection: &mut Connection) -> Result<(i64, i64)> {
    either(
        "SELECT plan_rev, hooks FROM cluster",
        "SELECT plan_rev, hooks FROM cluster FOR SHARE",
    )
    .one(connection)
    .await
}

/// What a batch of steps goes by: the holds that were read stay as they are; the subjects that get news, the holds that are written or whose places are asked for, and the
/// cases that demand more than their own row, are ours. Of the other cases the row is locked when it
/// is written, and not written when it has moved on.
pub(super) async fn steps(connection: &mut Connection, writes: &[Write]) -> Result<()> {
    if !connection.is_postgres() {
        return Ok(());
    }
    let to_be_ours = |write: &&Write| write.expect_cohort.is_none() || is_demanding(write);
    let mut ours: BTreeSet<i64> = (writes.iter().filter(to_be_ours))
        .map(|write| write.subject_id)
        .collect();
    let mut read = BTreeSet::new();
    for write in writes {
        read.extend(write.expect_cohort.map(|(cohort, _)| cohort));
        ours.extend(write.outcome.inbox_out.iter().map(|news| news.target));
        ours.extend(
            (write.opens.iter())
                .filter(|open| open.take_place.is_some())
                .filter_map(|open| open.cohort_id),
        );
        if let Place::Take { cohort_id, .. } = write.place {
            ours.insert(cohort_id);
        }
    }
    let read: Vec<i64> = read.difference(&ours).copied().collect();
    if writes.iter().any(is_another_hold) {
        another_hold(connection).await?;
    } else if writes.iter().any(|write| write.waits) {
        either(
            NOTHING,
            "SELECT 1 FROM pg_advisory_xact_lock_shared(hashtextextended('later hold', 2))",
        )
        .run(connection)
        .await?;
    }
    lock(
        connection,
        &ours.iter().copied().collect::<Vec<_>>(),
        "SELECT id FROM subjects \
         WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND kind <> 'case' \
         ORDER BY id FOR NO KEY UPDATE",
    )
    .await?;
    shared(connection, &read).await?;
    owned(connection, &ours).await
}

/// Which holds there are will change. A case that begins to wait for a later one either is seen by who
/// wakes those that wait, or sees the hold: the two are never under way at once.
pub(super) async fn another_hold(connection: &mut Connection) -> Result<()> {
    if connection.is_postgres() {
        either(
            NOTHING,
            "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('later hold', 2))",
        )
        .run(connection)
        .await?;
    }
    Ok(())
}

/// What mail goes by when it is frozen: its row and its subject are ours, what it speaks of stays, and so does
/// who has unsubscribed.
pub(super) async fn mails(connection: &mut Connection, fences: &[&Fence]) -> Result<()> {
    if !connection.is_postgres() {
        return Ok(());
    }
    let ids: Vec<i64> = fences.iter().map(|fence| fence.id).collect();
    let spoken: BTreeSet<i64> = (fences.iter())
        .flat_map(|fence| fence.seqs.iter().chain(&fence.broadcasts))
        .map(|(subject, _)| *subject)
        .collect();
    let spoken: Vec<i64> = spoken.into_iter().collect();
    if fences.iter().any(|fence| !fence.announced.is_empty()) {
        either(
            NOTHING,
            "SELECT 1 FROM pg_advisory_xact_lock_shared(hashtextextended('unsubscribe', 2))",
        )
        .run(connection)
        .await?;
    }
    shared(connection, &spoken).await?;
    // All seats and revisions of what is said, since one stream has one row on the wire and one
    // person is told a thing once. Nobody stops mail meanwhile: what is being stopped has been before this goes on.
    either(
        NOTHING,
        "WITH nobody_stops AS MATERIALIZED \
           (SELECT pg_advisory_xact_lock_shared(hashtextextended('stop', 2))) \
         SELECT o.id FROM nobody_stops CROSS JOIN outbox AS o WHERE (o.subject_id, o.occurrence) IN \
           (SELECT subject_id, occurrence FROM outbox \
            WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))) \
         ORDER BY o.id FOR NO KEY UPDATE OF o",
    )
    .bind(&ids)
    .run(connection)
    .await?;
    Ok(())
}

/// Somebody unsubscribes: what has been told to do so has happened, and no announcement is begun meanwhile
/// by whoever has looked before.
pub(super) async fn unsubscribing(connection: &mut Connection) -> Result<()> {
    if connection.is_postgres() {
        either(
            NOTHING,
            "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('unsubscribe', 2))",
        )
        .run(connection)
        .await?;
    }
    Ok(())
}

/// Mail is stopped, or let go: what has been told to do so has happened, and nothing is begun meanwhile by whoever has
/// looked before. Bundles are taken apart, so that none closes meanwhile.
pub(super) async fn stopping(connection: &mut Connection) -> Result<()> {
    gathers(connection).await?;
    if connection.is_postgres() {
        either(
            NOTHING,
            "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('stop', 2))",
        )
        .run(connection)
        .await?;
    }
    Ok(())
}

/// New cases on holds whose places are counted.
pub(super) async fn holds(connection: &mut Connection, holds: &BTreeSet<i64>) -> Result<()> {
    if connection.is_postgres() {
        owned(connection, holds).await?;
    }
    Ok(())
}

/// Something is put beside a case, which whoever erases it or takes it back does before or after.
pub(super) async fn case(connection: &mut Connection, case: i64) -> Result<()> {
    if connection.is_postgres() {
        owned(connection, &BTreeSet::from([case])).await?;
    }
    Ok(())
}

/// The same of several, by row id.
pub(super) async fn cases(connection: &mut Connection, cases: &BTreeSet<i64>) -> Result<()> {
    if connection.is_postgres() {
        owned(connection, cases).await?;
    }
    Ok(())
}

/// A person's row is ours: nobody opens a case of theirs or erases one until this has ended.
pub(super) async fn person(connection: &mut Connection, person: i64) -> Result<()> {
    if connection.is_postgres() {
        either(NOTHING, "SELECT id FROM people WHERE id = $1 FOR UPDATE")
            .bind(person)
            .run(connection)
            .await?;
    }
    Ok(())
}

/// One closes what is gathered at a time; who comes second finds it closed.
pub(super) async fn gathers(connection: &mut Connection) -> Result<()> {
    if connection.is_postgres() {
        either(
            NOTHING,
            "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('gather', 2))",
        )
        .run(connection)
        .await?;
    }
    Ok(())
}

/// One import at a time: whether a person is known is looked up by their address.
pub(super) async fn people(connection: &mut Connection) -> Result<()> {
    if connection.is_postgres() {
        either(NOTHING, "LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE")
            .run(connection)
            .await?;
    }
    Ok(())
}

async fn owned(connection: &mut Connection, ids: &BTreeSet<i64>) -> Result<()> {
    lock(
        connection,
        &ids.iter().copied().collect::<Vec<_>>(),
        "SELECT id FROM subjects WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
         ORDER BY id FOR NO KEY UPDATE",
    )
    .await
}

async fn shared(connection: &mut Connection, ids: &[i64]) -> Result<()> {
    lock(
        connection,
        ids,
        "SELECT id FROM subjects WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) \
         ORDER BY kind = 'case', id FOR SHARE",
    )
    .await
}

async fn lock(connection: &mut Connection, ids: &[i64], postgres: &'static str) -> Result<()> {
    if !ids.is_empty() {
        either(NOTHING, postgres).bind(ids).run(connection).await?;
    }
    Ok(())
}
