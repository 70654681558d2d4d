//! What time and other processes do to this one, looked after every few seconds.

use std::convert::Infallible;

use tokio::sync::watch;

use super::serve::{LOOK_AGAIN, instant, pause};
use super::{Mailer, RunError, Runner};
use crate::clock::{Clock, Stopwatch};

/// Looks after what time and other processes do to this one, by uptime: a wall clock may be set.
pub(super) async fn watch_over(
    runner: &Runner,
    mailer: &Mailer,
    mut halted: watch::Receiver<bool>,
) -> Infallible {
    loop {
        pause(&mut halted, LOOK_AGAIN.min(runner.store().lease() / 2)).await;
        if *halted.borrow() {
            return std::future::pending().await;
        }
        let seen = async {
            set_right(runner).await?;
            runner.store().remember().await?;
            if runner.store().is_shared() {
                lost_by_others(runner).await?;
            }
            mailer.shred().await?;
            Ok::<(), RunError>(())
        };
        if let Err(error) = seen.await {
            tracing::error!(%error, "it could not be looked around; that is done again in a moment");
        }
    }
}

/// The clock of all processes is the database's.
async fn set_right(runner: &Runner) -> Result<(), RunError> {
    if let Clock::Shared(shared) = runner.clock() {
        let asked = Stopwatch::start();
        if let Some(now) = runner.store().now().await? {
            shared.put_right(instant(now), asked.elapsed());
        }
    }
    Ok(())
}

/// What a process that has died had on the wire is of unknown fate; where several serve, the others
/// say so.
async fn lost_by_others(runner: &Runner) -> Result<(), RunError> {
    let mails = (runner.store())
        .orphaned(runner.now().as_microsecond())
        .await?;
    if mails > 0 {
        tracing::warn!(
            mails,
            "a process has gone; the fate of these mails is unknown; see `tovholder outbox list --status unknown`"
        );
    }
    Ok(())
}
