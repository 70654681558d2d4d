//! The service's third loop: it fetches once a minute, when the scheduler says so.

use std::convert::Infallible;

use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::fetch::Inbox;
use crate::runner::serve::serve;
use crate::runner::{Mailer, RunError, Runner};

/// Serves, and takes in mail that comes back.
pub async fn serve_and_take_in(
    runner: &Runner,
    mailer: &Mailer,
    stop: watch::Receiver<bool>,
    inbox: &Inbox,
) -> Result<(), RunError> {
    let served = serve(runner, mailer, stop);
    let ended = tokio::select! {
        // What is half taken in is taken in again at the next start.
        never = intake_loop(runner, inbox) => match never {},
        ended = served => ended,
    };
    let node = &runner.settings().node;
    if let Err(error) = runner.store().leave_mailbox(&inbox.name(), node).await {
        tracing::warn!(%error, "others read the mailbox only in some minutes");
    }
    ended
}

/// Fetches when it is time, for ever. What goes wrong is told once, until it has gone right again.
async fn intake_loop(runner: &Runner, inbox: &Inbox) -> Infallible {
    let mut told = None;
    loop {
        match runner.intake_round(inbox).await {
            Ok(round) => {
                told = None;
                if round.new > 0 {
                    let (new, open) = (round.new, round.open);
                    tracing::info!(new, open, "mail has come in; see `tovholder today`");
                }
            }
            Err(error) => {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    tracing::error!(
                        error = text,
                        "mail cannot be fetched; it is tried each minute"
                    );
                }
                told = Some(text);
            }
        }
        runner.inner.intake.notified().await;
    }
}

/// Says each minute that it is time; one that is forgotten is made up for by the next.
pub(in crate::runner) fn each_minute(runner: &Runner) -> Result<Job, JobSchedulerError> {
    let runner = runner.clone();
    Job::new("0 * * * * *", move |_, _: JobScheduler| {
        runner.inner.intake.notify_one();
    })
}
