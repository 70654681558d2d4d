//! The loops of the service: work that is due, and mail.
//!
//! Each waits for the next instant that matters, or for word that something has changed. What may
//! be missed or repeated is decided by rows; the periodic wake-up is only there so that nothing
//! waits for ever on a word that got lost.

use std::convert::Infallible;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::assumed::{Assumed, Next};
use super::backup::back_up_daily;
use super::courier::{Courier, hook_loop};
use super::lookout::watch_over;
use super::{Mailer, RunError, Runner, planner::planner};
use crate::clock::Clock;
use crate::store::{ClockRow, Late, Store};

/// The longest a loop waits before it looks again; real time.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// The wait after the store or a batch failed; real time.
pub(super) const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The clock that a store says it lives by: the machine's, unless a scaled one was set.
pub async fn clock_of(store: &Store) -> Result<Clock, RunError> {
    let Some(row) = store.clock().await? else {
        let shared = store.now().await?;
        return Ok(shared.map_or(Clock::Real, |now| Clock::shared(instant(now))));
    };
    Ok(clock_by(Some(row)))
}

/// The clock that a row sets; the machine's without one.
pub(super) fn clock_by(row: Option<ClockRow>) -> Clock {
    row.map_or(Clock::Real, |row| {
        Clock::Scaled(crate::clock::Scale {
            real: instant(row.anchor_real),
            virtual_at: instant(row.anchor_virtual),
            rate: row.rate,
        })
    })
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
    /// Runs everything that is due up to an instant, closes what is gathered, and sees to lots of late mail.
    pub async fn work(&self, now: Timestamp) -> Result<usize, RunError> {
        let mut all = 0;
        loop {
            let found = self.drain(now).await?;
            if found == 0 {
                break;
            }
            all += found;
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
        let is_queued = self.see_to_late_lots(now).await?;
        if is_queued || !closed.is_empty() {
            self.inner.mail.notify_one();
        }
        if all > 0 {
            self.inner.hooks.notify_one();
        }
        Ok(all)
    }

    /// Notes that this process looks for what is due: mail that is late now belongs together with what
    /// others find late after the same time in which nobody looked.
    pub(super) async fn looks(&self, now: Timestamp) -> Result<(), RunError> {
        let patience = i64::try_from(self.late_after().as_micros()).unwrap_or(i64::MAX);
        let lot = self.store().wake(now.as_microsecond(), patience).await?;
        self.belongs_to(lot);
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
    let courier = Courier::new(runner.clone())?;
    if !begin_patiently(runner, mailer, &mut stop.clone()).await? {
        return Ok(());
    }
    let heard = runner.store().data_version().await?;
    let mut scheduler = periodic(runner)
        .await
        .map_err(|error| RunError::Scheduler(error.to_string()))?;
    // One loop that cannot go on ends the others, which finish what is under way.
    let (halt, halted) = watch::channel(false);
    let loops = async {
        let (worked, mailed, told) = tokio::join!(
            Box::pin(work_loop(runner, &halt, people)),
            Box::pin(mail_loop(runner, mailer, &halt)),
            Box::pin(hook_loop(runner, &courier, &halt))
        );
        worked.and(mailed).and(told)
    };
    let ended = tokio::select! {
        ended = loops => ended,
        never = hear(runner, heard) => match never {},
        never = watch_over(runner, mailer, halted) => match never {},
        never = Box::pin(back_up_daily(runner)) => match never {},
        never = stopped(stop, &halt) => match never {},
    };
    mailer.channel().close().await;
    scheduler
        .shutdown()
        .await
        .map_err(|error| RunError::Scheduler(error.to_string()))?;
    ended
}

/// Begins; false when it was told to stop before it could. A server is waited for from the moment at
/// which it was first reached; a file that cannot be written to is for the operator at once.
async fn begin_patiently(
    runner: &Runner,
    mailer: &Mailer,
    stop: &mut watch::Receiver<bool>,
) -> Result<bool, RunError> {
    loop {
        match begin(runner, mailer).await {
            Err(RunError::Store(error)) if runner.store().is_shared() && error.is_storage() => {
                tracing::error!(%error, "the service begins in a moment");
            }
            begun => return begun.map(|()| true),
        }
        tokio::select! {
            () = tokio::time::sleep(AFTER_FAILURE) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(false),
        }
    }
}

/// What is asked before anything runs; it may be asked again.
async fn begin(runner: &Runner, mailer: &Mailer) -> Result<(), RunError> {
    let store = runner.store();
    let damage = store.integrity_check().await?;
    if !damage.is_empty() {
        return Err(RunError::Inconsistent(damage.join("; ")));
    }
    if let Some(revision) = store.adopt(&planner()).await? {
        tracing::info!(
            revision,
            "every plan is made anew: this build plans otherwise than the one before"
        );
    }
    let held = store.recognise(runner.now().as_microsecond()).await?;
    if held > 0 {
        tracing::warn!(
            mails = held,
            "the database was put back from a copy, or comes from elsewhere: what is unsent waits for a person; \
             see `tovholder outbox list --status held`"
        );
    }
    store.live(&runner.settings().node).await?;
    let lost = mailer.recover().await?;
    if lost > 0 {
        tracing::warn!(
            mails = lost,
            "the fate of these mails is unknown; see `tovholder outbox list --status unknown`"
        );
    }
    runner.looks(runner.now()).await
}

/// Tells the loops, and goes on for ever, so that they end by themselves.
async fn stopped(mut stop: watch::Receiver<bool>, halt: &watch::Sender<bool>) -> Infallible {
    // Whoever could tell is gone: then it is time to stop, too.
    let _ = stop.wait_for(|stop| *stop).await;
    let _ = halt.send(true);
    std::future::pending().await
}

/// Wakes the loops when another process has written.
async fn hear(runner: &Runner, mut heard: i64) -> Infallible {
    loop {
        match runner.store().changed(heard).await {
            Ok(now) => {
                heard = now;
                runner.notify();
            }
            // A failure is told by the loops, which meet the same store.
            Err(_) => tokio::time::sleep(AFTER_FAILURE).await,
        }
    }
}

/// A loop goes on after every failure but one: a newer build has taken over.
pub(super) fn is_over(error: &RunError, halt: &watch::Sender<bool>) -> bool {
    let is_over = matches!(error, RunError::Store(error) if error.is_newer());
    if is_over {
        let _ = halt.send(true);
    }
    is_over
}

pub(super) async fn work_loop(
    runner: &Runner,
    halt: &watch::Sender<bool>,
    mut people: Option<Assumed>,
) -> Result<(), RunError> {
    let mut stop = halt.subscribe();
    let mut looked = runner.now();
    while !*stop.borrow() {
        let now = runner.now();
        // Often enough that a restart is not taken for a time in which nobody looked.
        let looks = now.duration_since(looked) > runner.late_after() / 4;
        let worked = async {
            if looks {
                runner.looks(now).await?;
            }
            work_once(runner, now, people.as_mut()).await
        };
        match worked.await {
            Ok(next) => {
                runner.inner.pulse.looked();
                looked = if looks { now } else { looked };
                wait(runner, next, &runner.inner.changed, &mut stop).await;
            }
            Err(error) if is_over(&error, halt) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "the work loop goes on in a moment");
                pause(&mut stop, AFTER_FAILURE).await;
            }
        }
    }
    Ok(())
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

async fn mail_loop(
    runner: &Runner,
    mailer: &Mailer,
    halt: &watch::Sender<bool>,
) -> Result<(), RunError> {
    let mut stop = halt.subscribe();
    while !*stop.borrow() {
        match mail_once(mailer, || *halt.borrow()).await {
            Ok(next) => wait(runner, next, &runner.inner.mail, &mut stop).await,
            Err(error) if is_over(&error, halt) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "the mail loop goes on in a moment");
                pause(&mut stop, AFTER_FAILURE).await;
            }
        }
    }
    Ok(())
}

/// Sends what is ready until it is told to stop, and says when to look again.
pub(super) async fn mail_once(
    mailer: &Mailer,
    stop: impl Fn() -> bool,
) -> Result<Option<Timestamp>, RunError> {
    let mailed = mailer.run(stop).await?;
    mailer.looks_next(mailed).await
}

pub(super) async fn wait(
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

pub(super) async fn pause(stop: &mut watch::Receiver<bool>, length: Duration) {
    tokio::select! {
        () = tokio::time::sleep(length) => {}
        _ = stop.changed() => {}
    }
}

/// tokio-cron-scheduler wakes the process; it is trusted with nothing else, for it forgets missed
/// runs, goes by the wall clock and fixes the UTC offset when a job is made.
async fn periodic(runner: &Runner) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let waking = runner.clone();
    scheduler
        .add(Job::new("*/15 * * * * *", move |_, _| waking.notify())?)
        .await?;
    let each_minute = runner.clone();
    let each_minute = Job::new("0 * * * * *", move |_, _| each_minute.a_minute_passed())?;
    scheduler.add(each_minute).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

pub(super) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}
