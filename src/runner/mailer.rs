//! The mailer: freezes what is ready, sends it, and writes down what came of it.
//!
//! `sending` never becomes `queued` again by itself: what a death leaves open is `unknown` and
//! waits for a person.

mod on_wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use self::on_wire::OnWire;
use super::freeze::Prepared;
use super::serve::instant;
use super::{MailResult, RunError, Runner};
use crate::channel::{Channel, Receipt, SendError};
use crate::message::Mail;
use crate::store::{Cancel, Freeze, OutboxRow, Settle, Settled};

/// What is ready but cannot go is looked at again after this.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(20);
/// The first wait after a refusal for now; it doubles up to the last.
const RETRY_FIRST_SECONDS: i64 = 60;
const RETRY_LAST_SECONDS: i64 = 4 * 3600;
/// So much longer or shorter is a wait.
const SPREAD_PERCENT: i64 = 20;

/// Sends mail through a channel.
#[derive(Clone, Debug)]
pub struct Mailer {
    runner: Runner,
    channel: Arc<Channel>,
    untold: Arc<Mutex<Untold>>,
}

/// What the store could not be told because it was away, and hears before anything else leaves.
#[derive(Debug, Default)]
struct Untold {
    /// How exchanges ended.
    ended: Vec<Settle>,
    /// Mails and attempts that may be marked `sending`, since the answer to that was lost. None has left.
    begun: Vec<(i64, i64)>,
}

/// What sending came to.
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
    /// Whether anything came of it. Nothing does when all of it was overtaken by others.
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
            untold: Arc::default(),
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

    /// Removes what is left of erased mail and of erased rows where no row is any more: files of mails, and what the
    /// database's own file still holds. False when somebody was reading it: then it is to be done again.
    pub async fn shred(&self) -> Result<bool, RunError> {
        let store = self.runner.store();
        let mails = store.to_shred().await?;
        if !mails.is_empty() {
            (self.channel.forget(&mails).await).map_err(RunError::Shred)?;
            store.shredded(mails).await?;
        }
        Ok(store.scrub().await?)
    }

    /// Sends what is ready now, all of it.
    pub async fn run_once(&self) -> Result<Mailed, RunError> {
        self.run(|| false).await
    }

    /// Sends until nothing is ready or it is told to stop. What is on the wire is waited for, whatever
    /// happens.
    pub async fn run(&self, stop: impl Fn() -> bool) -> Result<Mailed, RunError> {
        self.tell().await?;
        let mut mailed = Mailed::default();
        let mut wire = OnWire::new(self.channel.clone());
        let went = self.rounds(&mut wire, &mut mailed, &stop).await;
        while !wire.is_empty() {
            wire.wait().await;
            self.hear(&mut wire, &mut mailed);
        }
        // Also what ended before it was told to stop. What fails again is told at the next call.
        went.and(self.tell().await).map(|()| mailed)
    }

    /// When to look again after such a run. What was overtaken, or has its stream on the wire, is looked
    /// at soon; what waits for its domain when that is free.
    pub(super) async fn looks_next(&self, mailed: Mailed) -> Result<Option<Timestamp>, RunError> {
        let (store, now) = (self.runner.store(), self.runner.now());
        if mailed.has_progressed() {
            return Ok(Some(now));
        }
        let next = store.next_mail_due().await?.map(instant);
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        let soon = now + LOOK_AGAIN;
        if mailed.looked_at > 0 {
            return Ok(Some(soon));
        }
        let free = store.throttled_until(now.as_microsecond()).await?;
        Ok(Some(free.map_or(soon, |free| instant(free).max(soon))))
    }

    /// Each round is one transaction: how mails ended, and which go out next, at most half of what the
    /// channel takes, so that one half is decided and written down while the other is on the wire. None
    /// waits for a commit of its own, and a server that keeps one waiting keeps back nothing else.
    ///
    /// What a death leaves `unknown` is what is `sending`: as many as the channel passes on in a moment
    /// ([`Channel::appetite`]), and no more than its connections where the server takes longer.
    async fn rounds(
        &self,
        wire: &mut OnWire,
        mailed: &mut Mailed,
        stop: &impl Fn() -> bool,
    ) -> Result<(), RunError> {
        while !stop() {
            let appetite = self.channel.appetite();
            let half = appetite.div_ceil(2);
            let free = appetite.saturating_sub(wire.len()).min(half);
            let (freezes, mails) = self.next_mails(free, mailed).await?;
            let begun = self.turn(freezes, mails).await?;
            let goes_on = !begun.is_empty();
            wire.put(begun);
            self.hear(wire, mailed);
            if goes_on && wire.len() <= half {
                continue;
            }
            if wire.is_empty() {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = wire.wait() => self.hear(wire, mailed),
                () = self.runner.mail_is_queued() => {}
            }
        }
        Ok(())
    }

    /// What is ready and shall leave, decided and rendered.
    async fn next_mails(
        &self,
        free: usize,
        mailed: &mut Mailed,
    ) -> Result<(Vec<Freeze>, Vec<(OutboxRow, Mail)>), RunError> {
        let limit = i64::try_from(free).unwrap_or(i64::MAX);
        if limit == 0 {
            return Ok(Default::default());
        }
        let now = self.runner.now();
        let ready = self.runner.store().ready(now.as_microsecond(), limit);
        let rows = ready.await?;
        mailed.looked_at += rows.len();
        if rows.is_empty() {
            return Ok(Default::default());
        }
        self.runner.decide_ready(rows, now, mailed).await
    }

    /// One transaction: what has ended is settled, and these are marked `sending`. Answers what is.
    async fn turn(
        &self,
        freezes: Vec<Freeze>,
        mut mails: Vec<(OutboxRow, Mail)>,
    ) -> Result<Vec<(OutboxRow, Mail)>, RunError> {
        let now = self.runner.now().as_microsecond();
        let ended = {
            let mut untold = self.untold();
            // If the answer is lost, it is not known whether they are marked.
            let attempts = mails.iter().map(|(row, _)| (row.id, row.attempt + 1));
            untold.begun.extend(attempts);
            untold.ended.clone()
        };
        let turned = self.runner.store().settle_and_begin(ended, freezes, now);
        let begun = turned.await?;
        *self.untold() = Untold::default();
        // What was overtaken stays queued, and is decided anew in the next round.
        mails.retain(|(row, _)| begun.contains(&row.id));
        Ok(mails)
    }

    /// Notes how exchanges ended.
    fn hear(&self, wire: &mut OnWire, mailed: &mut Mailed) {
        for (row, answer, batch) in wire.ended() {
            match &answer {
                Ok(_) => mailed.sent += 1,
                Err(_) => mailed.failed += 1,
            }
            let settled = self.settle(&row, answer);
            let result = MailResult::from(&settled);
            self.runner.inner.pulse.mailed(result);
            batch.ended(result);
            self.untold().ended.push(Settle {
                id: row.id,
                attempt: row.attempt + 1,
                settled,
            });
        }
    }

    /// Tells the store what it has not heard. What fails is told again: an exchange is not forgotten
    /// because the store was away when it ended, and telling twice changes nothing.
    async fn tell(&self) -> Result<(), RunError> {
        let now = self.runner.now().as_microsecond();
        let (ended, begun) = {
            let untold = self.untold();
            (untold.ended.clone(), untold.begun.clone())
        };
        self.runner.store().settle_all(ended, now).await?;
        self.untold().ended.clear();
        let node = &self.runner.settings().node;
        self.runner.store().not_begun(node, begun, now).await?;
        self.untold().begun.clear();
        Ok(())
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, row: &OutboxRow, answer: Result<Receipt, SendError>) -> Settled {
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
        let wait = wait_before_retry(row.id, row.attempt);
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
        let (freezes, mails) = self.decide_ready(rows.to_vec(), now, mailed).await?;
        self.begin(freezes, mails, now).await
    }

    /// What is to leave; the rest is cancelled, held or put off.
    async fn decide_ready(
        &self,
        rows: Vec<OutboxRow>,
        now: Timestamp,
        mailed: &mut Mailed,
    ) -> Result<(Vec<Freeze>, Vec<(OutboxRow, Mail)>), RunError> {
        let rows = self.with_gathered(rows).await?;
        let prepared = self.prepare(&rows, now).await?;
        let mut cancels: Vec<Cancel> = Vec::new();
        let mut freezes: Vec<Freeze> = Vec::new();
        let mut mails: Vec<(OutboxRow, Mail)> = Vec::new();
        for (row, prepared) in rows.iter().zip(prepared) {
            match prepared {
                Prepared::Send(leaving) => {
                    let mail = attempted(row).unwrap_or(leaving.mail);
                    freezes.push(leaving.freeze);
                    mails.push((row.clone(), mail));
                }
                Prepared::Merged => {}
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
        Ok((freezes, mails))
    }

    /// Marks mail `sending`, and answers what is.
    async fn begin(
        &self,
        freezes: Vec<Freeze>,
        mut mails: Vec<(OutboxRow, Mail)>,
        now: Timestamp,
    ) -> Result<Vec<(OutboxRow, Mail)>, RunError> {
        let begun = self
            .store()
            .begin_sending(freezes, now.as_microsecond())
            .await?;
        // What was overtaken stays queued, and is decided anew in the next round.
        mails.retain(|(row, _)| begun.contains(&row.id));
        Ok(mails)
    }
}

/// Twice as long each time, up to a limit, and a fifth more or less, so that a thousand mails that were
/// refused together do not come back together. Chance is drawn from the row's id and the attempt: the same
/// everywhere and at any time.
pub(super) fn wait_before_retry(id: i64, attempt: i64) -> SignedDuration {
    let doubled = (RETRY_FIRST_SECONDS << attempt.clamp(0, 10)).min(RETRY_LAST_SECONDS);
    let drawn = Sha256::digest([id.to_be_bytes(), attempt.to_be_bytes()].concat());
    let drawn = i64::from(u16::from_be_bytes([drawn[0], drawn[1]]));
    // From 80 % to 120 %.
    let spread = SPREAD_PERCENT * 2 * drawn / i64::from(u16::MAX) - SPREAD_PERCENT;
    SignedDuration::from_millis(doubled * 10 * (100 + spread))
}

/// Bytes that were attempted once never change.
fn attempted(row: &OutboxRow) -> Option<Mail> {
    serde_json::from_slice(row.frozen.as_ref()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_are_spread_by_a_fifth() {
        for attempt in 0..14 {
            let middle = (60 << attempt).min(4 * 3600) * 1000;
            let waits: Vec<i128> = (1..=1000)
                .map(|id| wait_before_retry(id, attempt).as_millis())
                .collect();
            let (least, most) = (waits.iter().min().copied(), waits.iter().max().copied());
            let within = |part: i128, low: i128, high: i128| {
                (middle * low..=middle * high).contains(&(part * 100))
            };
            // Not outside a fifth, and nearly out to it on both sides.
            assert!(
                least.is_some_and(|least| within(least, 80, 82)),
                "{attempt}: {least:?}"
            );
            assert!(
                most.is_some_and(|most| within(most, 118, 120)),
                "{attempt}: {most:?}"
            );
            let distinct: std::collections::BTreeSet<_> = waits.iter().collect();
            assert!(
                distinct.len() > 30,
                "{attempt}: {} different waits",
                distinct.len()
            );
        }
    }
}
