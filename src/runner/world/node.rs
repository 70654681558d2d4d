//! A process of a world: the two loops of `serve`, that wait at gates instead of on a real clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::channel::Channel;
use crate::channel::wire::Wire;
use crate::clock::Clock;
use crate::runner::serve::{instant, mail_once, work_once};
use crate::runner::{Mailer, RunError, Runner};
use crate::store::gate::{Gate, pass};

/// After a failure, a loop looks again in a moment.
pub(super) const SOON: Option<i64> = Some(0);

/// How far a node's clock may be ahead of the database's, µs: what `clock::Shared` states.
pub(super) const AHEAD_MAX: i64 = 2_000;

/// How far it may be behind, µs: that, and the longest way of an answer that is played.
pub(super) const BEHIND_MAX: i64 = 50_000;

/// A process.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) runner: Runner,
    pub(super) mailer: Mailer,
    pub(super) wire: Wire,
    /// When it last looked at the clock, µs UTC: after a long gap, it has been asleep.
    pub(super) looked: Arc<AtomicI64>,
    /// What its clock shows beyond the world's, µs.
    pub(super) skew: i64,
    /// It is gone.
    pub(super) dead: bool,
    /// It stands still, and has lost its lease.
    pub(super) frozen: bool,
    /// It stood still within what its mailer is doing.
    pub(super) stood_still: bool,
}

impl Node {
    pub(super) fn new(name: String, runner: Runner, now: i64, skew: i64) -> Self {
        let wire = Wire::default();
        Self {
            name,
            mailer: Mailer::new(runner.clone(), Channel::Wire(wire.clone())),
            runner,
            wire,
            looked: Arc::new(AtomicI64::new(now)),
            skew,
            dead: false,
            frozen: false,
            stood_still: false,
        }
    }

    /// Its clock shows an instant.
    pub(super) fn move_to(&self, now: i64) {
        if let Clock::Manual(_) = self.runner.clock() {
            self.runner.clock().move_to(instant(now + self.skew));
        }
    }
}

/// Begins to serve, then works.
pub(super) async fn work(runner: Runner, mailer: Mailer, looked: Arc<AtomicI64>) {
    // A process that cannot begin is started again by whoever watches over it.
    while begin(&runner, &mailer).await.is_err() {}
    drop(pass(Gate::Started).await);
    loop {
        let now = runner.now();
        let before = looked.swap(now.as_microsecond(), Ordering::SeqCst);
        if now.duration_since(instant(before)) > runner.late_after() {
            while runner.looks(now).await.is_err() {}
        }
        let next = match work_once(&runner, now, None).await {
            Ok(next) => next.map(jiff::Timestamp::as_microsecond),
            Err(_) => SOON,
        };
        rest(next).await;
    }
}

/// What `serve` does before its loops.
async fn begin(runner: &Runner, mailer: &Mailer) -> Result<(), RunError> {
    runner.store().bump_plan_rev().await?;
    mailer.recover().await?;
    runner.looks(runner.now()).await
}

/// Sends mail.
pub(super) async fn mail(mailer: Mailer) {
    loop {
        let next = match mail_once(&mailer, || false).await {
            Ok(next) => next.map(jiff::Timestamp::as_microsecond),
            Err(_) => SOON,
        };
        rest(next).await;
    }
}

async fn rest(until: Option<i64>) {
    // A rest never fails.
    drop(pass(Gate::Rest(until)).await);
}
