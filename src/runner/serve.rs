//! The loops of the service: work that is due, and mail.
//!
//! Each waits for the next instant that matters, or for word that something has changed. What may
//! be missed or repeated is decided by rows; the periodic wake-up is only there so that nothing
//! waits for ever on a word that got lost.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::assumed::{Assumed, Next};
use super::{Mailer, RunError, Runner};
use crate::clock::Clock;
use crate::mutant::{self, Mutant};
use crate::store::{ClockRow, Late, Store};

/// The longest a loop waits before it looks again; real time.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// The wait after the store or a batch failed; real time.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The clock that a store says it lives by: the machine's, unless a scaled one was set.
pub async fn clock_of(store: &Store) -> Result<Clock, RunError> {
    let Some(row) = store.clock().await? else {
        let shared = store.now().await?;
        return Ok(shared.map_or(Clock::Real, |now| Clock::shared(instant(now))));
    };
    let at = |micros| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Clock::Scaled(crate::clock::Scale {
        real: at(row.anchor_real),
        virtual_at: at(row.anchor_virtual),
        rate: row.rate,
    }))
}

/// Sets a clock that shows `at` now and runs at `rate` virtual seconds a second; the same for
/// every process on this store, and it goes on after a restart.
pub async fn set_clock(store: &Store, at: Timestamp, rate: f64) -> Result<Clock, RunError> {
    let clock = Clock::scaled_from_now(at, rate);
    if let Clock::Scaled(scale) = &clock {
        let row = ClockRow {
            anchor_real: scale.real.as_microsecond(),
            anchor_virtual: scale.virtual_at.as_microsecond(),
            rate,
        };
        store.set_clock(Some(row)).await?;
    }
    Ok(clock)
}

impl Runner {
    /// Runs everything that is due up to an instant, closes what is gathered, and lets small lots of late mail go.
    pub async fn work(&self, now: Timestamp) -> Result<usize, RunError> {
        let mut all = 0;
        loop {
            let ids = self
                .store()
                .load_due(now.as_microsecond(), self.settings().batch_max)
                .await?;
            if ids.is_empty() {
                break;
            }
            all += ids.len();
            self.batch(&ids, now).await?;
            if mutant::is(Mutant::LotsPerBatch) {
                self.release_small_lots().await?;
            }
        }
        let before = now - self.late_after();
        let late = Late {
            before: before.as_microsecond(),
            lot: self.wake(),
        };
        let closed = self
            .store()
            .close_gathers(now.as_microsecond(), Some(late))
            .await?;
        self.release_small_lots().await?;
        if all > 0 || !closed.is_empty() {
            self.inner.mail.notify_one();
        }
        Ok(all)
    }

    async fn release_small_lots(&self) -> Result<(), RunError> {
        for lot in self.store().lots().await? {
            if lot.mails <= self.settings().lot_max {
                self.store().release_lot(lot.lot).await?;
            }
        }
        Ok(())
    }

    /// Runs what is due up to an instant in order of time, with people doing what is expected of them.
    pub async fn work_with_people(
        &self,
        now: Timestamp,
        assumed: &mut Assumed,
    ) -> Result<(), RunError> {
        loop {
            // A subject that must look again is due "at 0", which means now.
            let due = self
                .store()
                .next_work_due()
                .await?
                .map(|due| instant(due).max(assumed.frontier));
            let act = self.next_act(assumed).await?;
            if let Some(first) = due
                .into_iter()
                .chain(act.as_ref().map(Next::at))
                .min()
                .filter(|first| *first <= now)
            {
                assumed.frontier = assumed.frontier.max(first);
            }
            let act_first = act
                .as_ref()
                .is_some_and(|act| due.is_none_or(|due| act.at() < due));
            match (act, due) {
                (_, Some(due)) if due <= now && !act_first => {
                    self.work(due).await?;
                }
                (Some(Next::Act(act)), _) if act.at <= now => self.act(&act, assumed).await?,
                (Some(Next::Arrive(at)), _) if at <= now => self.arrive(assumed).await?,
                _ => return Ok(()),
            }
        }
    }

    /// How late mail may be before it is held; a scaled clock makes every delay longer.
    pub(super) fn late_after(&self) -> SignedDuration {
        let stated =
            SignedDuration::try_from(self.settings().late_after).unwrap_or(SignedDuration::MAX);
        match self.clock() {
            Clock::Scaled(scale) => stated.max(
                SignedDuration::try_from_secs_f64(scale.rate * 60.0).unwrap_or(SignedDuration::MAX),
            ),
            Clock::Real | Clock::Shared(_) | Clock::Manual(_) => stated,
        }
    }
}

/// Serves until told to stop: what is under way is finished first.
pub async fn serve(
    runner: &Runner,
    mailer: &Mailer,
    stop: watch::Receiver<bool>,
) -> Result<(), RunError> {
    serve_with(runner, mailer, stop, None).await
}

/// Serves, with people who do what is expected of them, for the demo.
pub async fn serve_with(
    runner: &Runner,
    mailer: &Mailer,
    stop: watch::Receiver<bool>,
    people: Option<Assumed>,
) -> Result<(), RunError> {
    let damage = runner.store().integrity_check().await?;
    if !damage.is_empty() {
        return Err(RunError::Inconsistent(damage.join("; ")));
    }
    // This build may plan otherwise than the one before: other holidays, other time-zone data.
    runner.store().bump_plan_rev().await?;
    runner.woke(runner.now());
    runner.store().live(&runner.settings().node).await?;
    let lost = mailer.recover().await?;
    if lost > 0 {
        tracing::warn!(
            mails = lost,
            "the fate of these mails is unknown; see `tovholder outbox list --status unknown`"
        );
    }
    let mut scheduler = periodic(runner)
        .await
        .map_err(|error| RunError::Scheduler(error.to_string()))?;
    tokio::join!(
        Box::pin(work_loop(runner, stop.clone(), people)),
        Box::pin(mail_loop(runner, mailer, stop))
    );
    mailer.channel().close().await;
    scheduler
        .shutdown()
        .await
        .map_err(|error| RunError::Scheduler(error.to_string()))
}

async fn work_loop(runner: &Runner, mut stop: watch::Receiver<bool>, mut people: Option<Assumed>) {
    let mut looked = runner.now();
    while !*stop.borrow() {
        let now = runner.now();
        if now.duration_since(looked) > runner.late_after() {
            runner.woke(now);
        }
        looked = now;
        match work_once(runner, now, people.as_mut()).await {
            Ok(next) => wait(runner, next, &runner.inner.changed, &mut stop).await,
            Err(error) => {
                tracing::error!(%error, "the work loop goes on in a moment");
                pause(&mut stop, AFTER_FAILURE).await;
            }
        }
    }
}

/// Does what is due now, and says when to look again.
pub(super) async fn work_once(
    runner: &Runner,
    now: Timestamp,
    people: Option<&mut Assumed>,
) -> Result<Option<Timestamp>, RunError> {
    let Some(assumed) = people else {
        runner.work(now).await?;
        return Ok(runner.store().next_work_due().await?.map(instant));
    };
    runner.work_with_people(now, assumed).await?;
    let due = runner.store().next_work_due().await?.map(instant);
    let act = runner.next_act(assumed).await?.map(|act| act.at());
    Ok(due.into_iter().chain(act).min())
}

async fn mail_loop(runner: &Runner, mailer: &Mailer, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match mail_once(runner, mailer).await {
            Ok(next) => wait(runner, next, &runner.inner.mail, &mut stop).await,
            Err(error) => {
                tracing::error!(%error, "the mail loop goes on in a moment");
                pause(&mut stop, AFTER_FAILURE).await;
            }
        }
    }
}

/// Sends what is ready, round by round, and says when to look again.
pub(super) async fn mail_once(
    runner: &Runner,
    mailer: &Mailer,
) -> Result<Option<Timestamp>, RunError> {
    if mailer.run_once().await?.has_progressed() {
        return Ok(Some(runner.now()));
    }
    let next = runner.store().next_mail_due().await?.map(instant);
    // What is ready but cannot go yet, because it was overtaken or its stream is on the wire, is
    // looked at again soon.
    let soonest = runner.now() + SignedDuration::from_millis(20);
    Ok(next.map(|next| next.max(soonest)))
}

async fn wait(
    runner: &Runner,
    next: Option<Timestamp>,
    word: &tokio::sync::Notify,
    stop: &mut watch::Receiver<bool>,
) {
    let due = async {
        match next {
            Some(next) => runner.clock().sleep_until(next).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = due => {}
        () = word.notified() => {}
        () = tokio::time::sleep(LOOK_AGAIN) => {}
        _ = stop.changed() => {}
    }
}

async fn pause(stop: &mut watch::Receiver<bool>, length: Duration) {
    tokio::select! {
        () = tokio::time::sleep(length) => {}
        _ = stop.changed() => {}
    }
}

/// tokio-cron-scheduler wakes the process; it is trusted with nothing else, for it forgets missed
/// runs and fixes the UTC offset when a job is made. Other processes' writes are noticed here too.
async fn periodic(runner: &Runner) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let waking = runner.clone();
    scheduler
        .add(Job::new_async("*/15 * * * * *", move |_, _| {
            let runner = waking.clone();
            Box::pin(async move {
                runner.notify();
                if runner.store().is_shared() {
                    lost_by_others(&runner).await;
                }
            })
        })?)
        .await?;
    let watching = runner.clone();
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    scheduler
        .add(Job::new_async("* * * * * *", move |_, _| {
            let (runner, seen) = (watching.clone(), seen.clone());
            Box::pin(async move {
                // A failure is told by the loops, which meet the same store.
                let Ok(version) = runner.store().data_version().await else {
                    return;
                };
                if seen.swap(version, std::sync::atomic::Ordering::SeqCst) != version {
                    runner.notify();
                }
            })
        })?)
        .await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// What a process that has died had on the wire is of unknown fate; where several serve, the others
/// say so.
async fn lost_by_others(runner: &Runner) {
    match runner.store().orphaned(runner.now().as_microsecond()).await {
        Ok(0) => {}
        Ok(mails) => tracing::warn!(
            mails,
            "a process has gone; the fate of these mails is unknown; see `tovholder outbox list --status unknown`"
        ),
        Err(error) => tracing::error!(%error, "who else is alive could not be seen"),
    }
}

pub(super) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}
