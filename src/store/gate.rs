//! Where a simulated world decides what becomes of a call: it waits there until it is let go on, or
//! is told that the store has failed. And how that world looks at everything at once.
//!
//! A thread that plays no world has no gates.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use super::create::store_outcomes;
use super::error::Cause;
use super::given::{Committed, Outcome, Write};
use super::sql::{Behind, sql};
use super::{Inner, Result, Store, json};

/// Where a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Before a read.
    Read,
    /// Before a transaction.
    Write,
    /// After its commit, before the caller hears of it.
    Written,
    /// A loop has nothing to do until an instant, µs UTC, or until it is woken.
    Rest(Option<i64>),
    /// A process has begun to serve.
    Started,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    /// It hears that the store has failed.
    Fail,
}

thread_local! {
    static OPEN: Cell<bool> = const { Cell::new(false) };
    static ASKED: Cell<Option<Gate>> = const { Cell::new(None) };
    static VERDICT: Cell<Option<Verdict>> = const { Cell::new(None) };
    static BEGUN: RefCell<Vec<Aside>> = const { RefCell::new(Vec::new()) };
    static WAITS: Cell<bool> = const { Cell::new(false) };
    static ALIVE: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Puts up the gates on this thread, or takes them down.
pub(crate) fn guard(on: bool) {
    OPEN.set(on);
    ASKED.set(None);
    VERDICT.set(None);
}

/// The gate that the call just polled has come to.
pub(crate) fn asked() -> Option<Gate> {
    ASKED.take()
}

/// What the call polled next is told at its gate.
pub(crate) fn tell(verdict: Verdict) {
    VERDICT.set(Some(verdict));
}

/// Work that goes on beside the call that began it.
pub(crate) type Aside = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Work that goes on beside others, and what its caller waits by. Where a world is played it is one of
/// its tasks, and ends when nobody is there any more to wait for it; elsewhere it is done when it is
/// waited for.
pub(crate) fn aside<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Pin<Box<dyn Future<Output = T> + Send>> {
    if !OPEN.get() {
        return Box::pin(work);
    }
    let done = Arc::new(Mutex::new(None));
    let awaited = Arc::downgrade(&done);
    let task = async move {
        let mut work = pin!(work);
        poll_fn(|context| {
            let Some(done) = awaited.upgrade() else {
                return Poll::Ready(());
            };
            work.as_mut().poll(context).map(|result| {
                *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            })
        })
        .await;
    };
    BEGUN.with_borrow_mut(|begun| begun.push(Box::pin(task)));
    Box::pin(poll_fn(move |_| {
        let result = done.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.map_or_else(
            || {
                WAITS.set(true);
                Poll::Pending
            },
            Poll::Ready,
        )
    }))
}

/// What the call just polled has begun beside itself.
pub(crate) fn begun() -> Vec<Aside> {
    BEGUN.take()
}

/// The call being polled comes to work of its own: what it waits for besides does not keep it.
pub(crate) fn own_work() {
    WAITS.set(false);
}

/// Whether the call just polled waits for what goes on beside it, and for nothing else.
pub(crate) fn waits() -> bool {
    WAITS.take()
}

/// The names of the nodes that hold their lease.
pub(crate) fn set_alive(nodes: Option<Vec<String>>) {
    ALIVE.set(nodes);
}

/// Whether the bug is planted that commits these in two.
pub(super) fn splits(writes: &[Write]) -> bool {
    crate::mutant::is(crate::mutant::Mutant::SlotBeforeMails)
        && writes.iter().any(|write| !write.outcome.outbox.is_empty())
}

/// Waits for the world's word.
pub(crate) async fn pass(gate: Gate) -> Result<()> {
    let mut waits = false;
    poll_fn(|_| {
        if !OPEN.get() {
            return Poll::Ready(Ok(()));
        }
        if !waits {
            waits = true;
            ASKED.set(Some(gate));
            return Poll::Pending;
        }
        match VERDICT.take() {
            None => {
                ASKED.set(Some(gate));
                Poll::Pending
            }
            Some(Verdict::Go) => Poll::Ready(Ok(())),
            Some(Verdict::Fail) => Poll::Ready(Err(failed())),
        }
    })
    .await
}

/// What a store says whose disk or server fails.
fn failed() -> super::StoreError {
    Cause::Database(sqlx::Error::Io(std::io::Error::other("the world says no"))).into()
}

impl Store {
    /// What is `sending` of nodes that have lost their lease becomes `unknown`, as where several serve; none
    /// when no world says who is alive.
    pub(super) async fn orphaned_in_world(&self, now: i64, expires: bool) -> Option<Result<u64>> {
        let fate = if expires { "queued" } else { "unknown" };
        let alive = ALIVE.with_borrow(Clone::clone)?;
        let orphans = self.write(move |connection| {
            Box::pin(async move {
                sql(
                    "UPDATE outbox SET status = $1, reason = 'orphaned', settled_at = $2 \
                     WHERE status = 'sending' AND node NOT IN (SELECT atom FROM json_each($3))",
                )
                .bind(fate)
                .bind(now)
                .bind(json(&alive))
                .run(connection)
                .await
            })
        });
        Some(orphans.await)
    }

    /// The bug: steps in one transaction, their mails in the next.
    pub(super) async fn commit_in_two(
        &self,
        mut writes: Vec<Write>,
        recorded_at: i64,
    ) -> Result<Vec<Committed>> {
        let mails: Vec<(i64, Outcome)> = (writes.iter_mut())
            .map(|write| {
                let outbox = std::mem::take(&mut write.outcome.outbox);
                let outcome = Outcome {
                    outbox,
                    ..Outcome::default()
                };
                (write.subject_id, outcome)
            })
            .collect();
        let committed = self.commit(writes, recorded_at).await?;
        let verdicts = committed.clone();
        self.write(move |connection| {
            Box::pin(async move {
                let done = mails.iter().zip(&verdicts);
                let done = done.filter(|(_, verdict)| **verdict == Committed::Done);
                let mails: Vec<_> = done.map(|((id, mails), _)| (*id, mails)).collect();
                store_outcomes(connection, &mails, recorded_at).await
            })
        })
        .await?;
        Ok(committed)
    }

    /// Everything that has changed since `row` (of the history) and `changes`, as JSON; none when
    /// nothing has. Snapshots come of the subjects whose sequence is not as in `known`.
    pub(crate) async fn peek(&self, changes: i64, row: i64, known: &str) -> Result<Option<String>> {
        sql(include_str!("peek.sql"))
            .bind(changes)
            .bind(row)
            .bind(known)
            .value(&mut *self.reader().await?)
            .await
    }

    /// What is due next: work, and mail, µs UTC.
    pub(crate) async fn next_both(&self) -> Result<(Option<i64>, Option<i64>)> {
        Ok((self.next_work_due().await?, self.next_mail_due().await?))
    }

    /// Forgets everything but workflows and people, for the next world.
    pub(crate) async fn forget(&self) -> Result<()> {
        let Inner::Sqlite { writer, .. } = &*self.inner else {
            return Ok(());
        };
        let mut connection = writer.connection().await?;
        if let Behind::Sqlite(connection) = connection.behind() {
            sqlx::raw_sql(
                // In an order that no reference minds: to take the references away would make SQLite
                // compile every statement anew.
                "BEGIN; \
                 DELETE FROM deliveries; DELETE FROM hooks; DELETE FROM requests; DELETE FROM tokens; DELETE FROM access_log; DELETE FROM seats; DELETE FROM events; DELETE FROM inbox; DELETE FROM texts; DELETE FROM places; \
                 DELETE FROM gather_items; DELETE FROM digest_runs; DELETE FROM received; DELETE FROM addresses; \
                 DELETE FROM suppressions; DELETE FROM throttles; DELETE FROM recipient_days; \
                 DELETE FROM late_notices; DELETE FROM mail_wishes; DELETE FROM drafts; DELETE FROM lists; \
                 DELETE FROM migrated; DELETE FROM migrations; DELETE FROM import_cases; DELETE FROM imports; DELETE FROM notes; \
                 DELETE FROM documents; DELETE FROM stops; DELETE FROM person_acts; DELETE FROM shreds; \
                 DELETE FROM outbox; DELETE FROM subjects; \
                 UPDATE cluster SET plan_rev = 1, hooks = 0, erasures = 0, scrubbed = 0, seal_key = NULL; DELETE FROM seal_keys; \
                 UPDATE wakes SET lot = 0, looked_at = 0; COMMIT",
            )
            .execute(connection)
            .await?;
        }
        Ok(())
    }

    /// Somebody has looked for what is due until an instant, µs UTC.
    pub(crate) async fn looked_until(&self, at: i64) -> Result<()> {
        sql("UPDATE wakes SET looked_at = max(looked_at, $1) WHERE looked_at > 0")
            .bind(at)
            .run(&mut *self.reader().await?)
            .await?;
        Ok(())
    }

    /// Takes disk writes out of a database that is only played with.
    pub(crate) async fn carefree(&self) -> Result<()> {
        let Inner::Sqlite { writer, .. } = &*self.inner else {
            return Ok(());
        };
        sql("PRAGMA synchronous = OFF")
            .run(&mut *writer.connection().await?)
            .await?;
        Ok(())
    }
}
