//! The courier: tells other programs what has happened, and writes down what came of it.
//!
//! The rules are mail's: a delivery is a row that is due, leaves under a lease, is settled by its attempt, waits longer
//! after each refusal and is given up in the end. Where mail asks a person what may have arrived, this is sent again:
//! it carries an id by which the receiver drops what it has.

mod told;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use self::told::HOOK_EVENTS;
pub(super) use self::told::told_of;
use super::mailer::wait_before_retry;
use super::serve::{AFTER_FAILURE, instant, is_over, pause, wait};
use super::{RunError, Runner};
use crate::channel::{BadPost, Letter, Post, Posted};
use crate::clock::Clock;
use crate::store::{Delivered, Delivery, DeliveryFate};

/// Longer than any exchange takes; real time.
const LEASE_SECONDS: i64 = 120;
/// While something is under way, what has become due meanwhile is looked for this often; real time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What was delivered is known for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Tells other programs.
#[derive(Clone, Debug)]
pub struct Courier {
    runner: Runner,
    post: Arc<Post>,
    /// What the store could not be told because it was away.
    untold: Arc<Mutex<Vec<Delivered>>>,
}

impl Courier {
    /// A courier by the rules of a runner's settings.
    pub fn new(runner: Runner) -> Result<Self, BadPost> {
        let post = Arc::new(Post::new(&runner.settings().hooks)?);
        Ok(Self {
            runner,
            post,
            untold: Arc::default(),
        })
    }

    /// Tells what is due until nothing is, or until it is told to stop; what is under way is waited for. Answers when
    /// to look again.
    pub async fn run(&self, stop: impl Fn() -> bool) -> Result<Option<Timestamp>, RunError> {
        let mut under_way = JoinSet::new();
        let went = self.rounds(&mut under_way, &stop).await;
        let is_idle = matches!(went, Ok(false)) && under_way.is_empty();
        while let Some(ended) = under_way.join_next().await {
            self.untold().extend(ended.ok());
        }
        let settled = self.turn(None).await;
        went?;
        settled?;
        let store = self.runner.store();
        if !is_idle {
            let before = self.runner.now() - KEPT;
            store.forget_deliveries(before.as_microsecond()).await?;
        }
        Ok(store.next_hook_due().await?.map(instant))
    }

    /// Whether anything was due.
    async fn rounds(
        &self,
        under_way: &mut JoinSet<Delivered>,
        stop: &impl Fn() -> bool,
    ) -> Result<bool, RunError> {
        let mut was_due = false;
        while !stop() {
            let now = self.runner.now();
            let due = self.runner.store().next_hook_due().await?;
            let is_due = due.is_some_and(|due| due <= now.as_microsecond());
            if is_due || !self.untold().is_empty() {
                was_due = true;
                let until = (now + self.lease()).as_microsecond();
                for delivery in self.turn(Some(until)).await? {
                    let this = self.clone();
                    under_way.spawn(async move { this.deliver(&delivery).await });
                }
            }
            if under_way.is_empty() {
                return Ok(was_due);
            }
            tokio::select! {
                Some(ended) = under_way.join_next() => self.untold().extend(ended.ok()),
                () = self.runner.inner.hooks.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        Ok(was_due)
    }

    /// One transaction: what has ended is written down, and what is due is taken. What fails is written down later.
    async fn turn(&self, until: Option<i64>) -> Result<Vec<Delivery>, RunError> {
        let ended = self.untold().clone();
        if ended.is_empty() && until.is_none() {
            return Ok(Vec::new());
        }
        let (now, told) = (self.runner.now().as_microsecond(), ended.len());
        let store = self.runner.store();
        let taken = store.turn_deliveries(ended, now, until).await?;
        self.untold().drain(..told);
        Ok(taken)
    }

    async fn deliver(&self, delivery: &Delivery) -> Delivered {
        let letter = Letter {
            url: delivery.url.clone(),
            id: delivery.event.clone(),
            at: self.runner.now().as_second(),
            body: told::body_of(delivery),
            secret: delivery.secret.clone(),
        };
        let (fate, answer) = match self.post.send(&letter).await {
            Posted::Taken(status) => (DeliveryFate::Taken, format!("status {status}")),
            Posted::Gone => {
                tracing::warn!(hook = delivery.title, "a receiver wants nothing any more");
                (DeliveryFate::Gone, "status 410".to_owned())
            }
            Posted::Not(why) => (self.fate_of(delivery, &why), why),
        };
        Delivered {
            id: delivery.id,
            attempt: delivery.attempt,
            fate,
            answer,
        }
    }

    /// Later, or never.
    fn fate_of(&self, delivery: &Delivery, why: &str) -> DeliveryFate {
        if delivery.attempt >= self.runner.settings().attempts_max {
            tracing::warn!(
                hook = delivery.title,
                error = why,
                "a receiver was told in vain too often"
            );
            return DeliveryFate::GivenUp;
        }
        let wait = wait_before_retry(delivery.id, delivery.attempt - 1);
        DeliveryFate::Retry((self.runner.now() + wait).as_microsecond())
    }

    /// A scaled clock makes every exchange longer.
    fn lease(&self) -> SignedDuration {
        let real = SignedDuration::from_secs(LEASE_SECONDS);
        match self.runner.clock() {
            Clock::Scaled(scale) => {
                let scaled = SignedDuration::try_from_secs_f64(scale.rate * real.as_secs_f64());
                real.max(scaled.unwrap_or(real))
            }
            Clock::Real | Clock::Shared(_) | Clock::Manual(_) => real,
        }
    }

    fn untold(&self) -> MutexGuard<'_, Vec<Delivered>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells other programs until it is told to stop.
pub(super) async fn hook_loop(
    runner: &Runner,
    courier: &Courier,
    halt: &watch::Sender<bool>,
) -> Result<(), RunError> {
    let mut stop = halt.subscribe();
    while !*stop.borrow() {
        match courier.run(|| *halt.borrow()).await {
            Ok(next) => wait(runner, next, &runner.inner.hooks, &mut stop).await,
            Err(error) if is_over(&error, halt) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "other programs are told on in a moment");
                pause(&mut stop, AFTER_FAILURE).await;
            }
        }
    }
    Ok(())
}
