//! The mailer: freezes what is ready, sends it, and writes down what came of it.
//!
//! `sending` never becomes `queued` again by itself: what a death leaves open is `unknown` and
//! waits for a person.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::freeze::Prepared;
use super::{RunError, Runner};
use crate::channel::{Channel, SendError};
use crate::message::Mail;
use crate::store::{Cancel, Freeze, OutboxRow, Settle, Settled, Status};

/// The first wait after a refusal for now; it doubles up to the last.
const RETRY_FIRST_SECONDS: i64 = 60;
const RETRY_LAST_SECONDS: i64 = 4 * 3600;

/// Sends mail through a channel.
#[derive(Clone, Debug)]
pub struct Mailer {
    runner: Runner,
    channel: Arc<Channel>,
    owed: Arc<Mutex<Owed>>,
}

/// What the store could not be told because it failed just then. While this process lives, nobody else
/// will say it.
#[derive(Debug, Default)]
struct Owed {
    /// How exchanges ended.
    ended: Vec<Settle>,
    /// Rows that may have been marked `sending` in this attempt, and never went on the wire.
    begun: Vec<(i64, i64)>,
}

/// What one round of mail came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mailed {
    /// Rows looked at.
    pub looked_at: usize,
    /// Handed over.
    pub sent: usize,
    /// Refused for now, for good, or lost.
    pub failed: usize,
    /// Not wanted any more.
    pub cancelled: usize,
    /// Waits for a person, or for another hour.
    pub waiting: usize,
}

impl Mailed {
    /// Whether anything came of the round. Nothing does when all of it was overtaken by others.
    #[must_use]
    pub fn has_progressed(&self) -> bool {
        self.sent + self.failed + self.cancelled + self.waiting > 0
    }
}

impl Mailer {
    /// A mailer for a runner's outbox.
    #[must_use]
    pub fn new(runner: Runner, channel: Channel) -> Self {
        Self {
            runner,
            channel: Arc::new(channel),
            owed: Arc::default(),
        }
    }

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Marks what a process that died had on the wire as unknown. Only when no other process serves this store.
    pub async fn recover(&self) -> Result<u64, RunError> {
        Ok(self
            .runner
            .store()
            .orphaned(self.runner.now().as_microsecond())
            .await?)
    }

    /// Sends what is ready now, one round. More may be left.
    pub async fn run_once(&self) -> Result<Mailed, RunError> {
        self.pay().await?;
        let now = self.runner.now();
        // As many as there are connections and no more: what is marked `sending` goes on the wire at
        // once, so that a death leaves as few of unknown fate as can be.
        let limit = i64::try_from(self.channel.width()).unwrap_or(i64::MAX);
        let rows = self
            .runner
            .store()
            .ready(now.as_microsecond(), limit)
            .await?;
        let mut mailed = Mailed {
            looked_at: rows.len(),
            ..Mailed::default()
        };
        if rows.is_empty() {
            return Ok(mailed);
        }
        let frozen = self.runner.freeze_ready(&rows, now, &mut mailed).await;
        if frozen.is_err() {
            // A commit whose answer was lost has marked them all the same.
            let begun = rows.iter().map(|row| (row.id, row.attempt + 1));
            self.owed().begun.extend(begun);
        }
        let sendable = frozen?;
        self.send_all(sendable, &mut mailed).await?;
        Ok(mailed)
    }

    async fn send_all(
        &self,
        mails: Vec<(OutboxRow, Mail)>,
        mailed: &mut Mailed,
    ) -> Result<(), RunError> {
        let mut waiting = mails.into_iter();
        let mut under_way = JoinSet::new();
        let mut settled: Vec<Settle> = Vec::new();
        loop {
            while under_way.len() < self.channel.width()
                && let Some((row, mail)) = waiting.next()
            {
                let channel = self.channel.clone();
                under_way.spawn(async move {
                    let answer = channel.send(&mail).await;
                    (row, answer)
                });
            }
            let Some(joined) = under_way.join_next().await else {
                break;
            };
            // A send that panicked leaves its row `sending`; it becomes unknown at the next start.
            let Ok((row, answer)) = joined else { continue };
            match &answer {
                Ok(_) => mailed.sent += 1,
                Err(_) => mailed.failed += 1,
            }
            settled.push(Settle {
                id: row.id,
                attempt: row.attempt + 1,
                settled: self.settle(&row, answer),
            });
            if settled.len() >= self.channel.width() {
                self.write(&mut settled).await?;
            }
        }
        self.write(&mut settled).await
    }

    async fn write(&self, settled: &mut Vec<Settle>) -> Result<(), RunError> {
        self.owed().ended.append(settled);
        self.pay().await
    }

    /// Tells the store what it has not heard yet. What it does not hear now is owed on.
    async fn pay(&self) -> Result<(), RunError> {
        let Owed { mut ended, begun } = std::mem::take(&mut *self.owed());
        let paid = self.tell(&ended, &begun).await;
        if paid.is_err() {
            let mut owed = self.owed();
            owed.ended.append(&mut ended);
            owed.begun.extend(begun);
        }
        paid
    }

    async fn tell(&self, ended: &[Settle], begun: &[(i64, i64)]) -> Result<(), RunError> {
        let store = self.runner.store();
        let now = self.runner.now().as_microsecond();
        let mut all = ended.to_vec();
        for (id, attempt) in begun {
            // Only what is marked by this very process: another may have begun the same attempt.
            let row = store.outbox_row(*id).await?;
            let is_ours = row.is_some_and(|row| {
                row.status == Status::Sending
                    && row.attempt == *attempt
                    && row.node.as_deref() == Some(&*self.runner.settings().node)
            });
            if is_ours {
                all.push(Settle {
                    id: *id,
                    attempt: *attempt,
                    settled: Settled::Retry {
                        not_before: now,
                        message: "the store failed before it left".to_owned(),
                    },
                });
            }
        }
        if !all.is_empty() {
            store.settle_all(all, now).await?;
        }
        Ok(())
    }

    /// Somebody who panicked while holding the lock leaves nothing half-done in here.
    fn owed(&self) -> std::sync::MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(
        &self,
        row: &OutboxRow,
        answer: Result<crate::channel::Receipt, SendError>,
    ) -> Settled {
        match answer {
            Ok(receipt) => Settled::Sent {
                answer: receipt.server_answer,
            },
            Err(SendError::Permanent { message }) => {
                tracing::warn!(
                    mail = row.public_id,
                    error = message,
                    "a mail was refused for good"
                );
                Settled::Failed { message }
            }
            Err(SendError::Unknown { message }) => {
                tracing::warn!(
                    mail = row.public_id,
                    error = message,
                    "it is not known whether a mail was sent"
                );
                Settled::Unknown { message }
            }
            Err(SendError::Retry { message }) => self.retry(row, message),
        }
    }

    fn retry(&self, row: &OutboxRow, message: String) -> Settled {
        if row.attempt + 1 >= self.runner.settings().attempts_max {
            tracing::warn!(
                mail = row.public_id,
                error = message,
                "a mail was refused too often"
            );
            return Settled::Failed { message };
        }
        let doubled = RETRY_FIRST_SECONDS << row.attempt.clamp(0, 10);
        // Spread by the row's id, so that a thousand mails do not come back in the same second.
        let spread = row.id % 30;
        let wait = SignedDuration::from_secs(doubled.min(RETRY_LAST_SECONDS) + spread);
        let not_before = self.runner.now() + wait;
        Settled::Retry {
            not_before: not_before.as_microsecond(),
            message,
        }
    }
}

impl Runner {
    /// Decides what is ready: what is not wanted is cancelled, the rest is frozen and marked `sending`.
    pub(super) async fn freeze_ready(
        &self,
        rows: &[OutboxRow],
        now: Timestamp,
        mailed: &mut Mailed,
    ) -> Result<Vec<(OutboxRow, Mail)>, RunError> {
        let prepared = self.prepare(rows, now).await?;
        let mut cancels: Vec<Cancel> = Vec::new();
        let mut freezes: Vec<Freeze> = Vec::new();
        let mut mails: Vec<(OutboxRow, Mail)> = Vec::new();
        for (row, prepared) in rows.iter().zip(prepared) {
            match prepared {
                Prepared::Send(both) => {
                    let (freeze, mail) = *both;
                    freezes.push(freeze);
                    mails.push((row.clone(), attempted(row).unwrap_or(mail)));
                }
                Prepared::Cancel(cancel) => cancels.push(cancel),
                Prepared::Hold(reason) => {
                    mailed.waiting += 1;
                    tracing::warn!(mail = row.public_id, reason, "a mail waits for a person");
                    self.store().hold(row.id, reason).await?;
                }
                Prepared::PutOff(until) => {
                    mailed.waiting += 1;
                    self.store().put_off(vec![row.id], until).await?;
                }
            }
        }
        if !cancels.is_empty() {
            mailed.cancelled += self
                .store()
                .cancel(cancels, now.as_microsecond())
                .await?
                .len();
        }
        let begun = self.store().begin_sending(freezes).await?;
        // What was overtaken stays queued, and is decided anew in the next round.
        mails.retain(|(row, _)| begun.contains(&row.id));
        Ok(mails)
    }
}

/// Bytes that were attempted once never change.
fn attempted(row: &OutboxRow) -> Option<Mail> {
    serde_json::from_slice(row.frozen.as_ref()?).ok()
}
