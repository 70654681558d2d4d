//! What will leave: a copy of a hold is played ahead, and its mail is rendered as it will read if nothing else
//! happens until then. A copy has no channel, so that nothing can be sent: by type, not by flag.

use std::sync::Arc;

use jiff::Timestamp;

use super::mailer::Mailed;
use super::serve::instant;
use super::{RunError, Runner};
use crate::calendar::Tables;
use crate::clock::Clock;
use crate::message::Mail;
use crate::store::{Copied, OutboxRow, Settle, Settled};

/// So much mail is rendered at a time.
const AT_ONCE: i64 = 200;

/// A mail that will leave.
#[derive(Clone, Debug)]
pub struct Coming {
    /// When.
    pub at: Timestamp,
    /// As the outbox will have it. Its row id is the copy's.
    pub row: OutboxRow,
    /// As it will read.
    pub mail: Mail,
}

/// What leaves at one moment of a play.
pub(super) struct Leaving {
    /// Each as if it had left.
    pub mails: Vec<(OutboxRow, Mail)>,
    /// Some of what was to leave did not: it waits for a person.
    pub some_wait: bool,
}

/// A copy of a hold, or of a workflow's subject, that is played: what is done to it, nobody hears of.
pub(super) struct Play(Runner);

impl Play {
    /// Who runs the copy: inputs to it are inputs to the copy.
    pub(super) fn runner(&self) -> &Runner {
        &self.0
    }

    /// All that leaves until an instant, in order.
    pub(super) async fn until(&self, until: Timestamp) -> Result<Vec<Coming>, RunError> {
        let play = &self.0;
        let mut coming = Vec::new();
        loop {
            let work = play.store().next_work_due().await?;
            let mail = play.store().next_mail_due().await?;
            let next = work.into_iter().chain(mail).min().map(instant);
            let Some(next) = next.filter(|next| *next <= until) else {
                break;
            };
            let at = next.max(play.now());
            play.clock().move_to(at);
            play.work(at).await?;
            let mails = play.leaves(at).await?.mails.into_iter();
            coming.extend(mails.map(|(row, mail)| Coming { at, row, mail }));
        }
        Ok(coming)
    }

    /// Lets go of the copy.
    pub(super) async fn end(self) -> Result<(), RunError> {
        Ok(self.0.store().close().await?)
    }
}

impl Runner {
    /// No copy, but the store itself: what was foretold is compared with what it then comes to.
    #[cfg(test)]
    pub(super) fn in_earnest(&self) -> Play {
        Play(self.clone())
    }

    /// A copy as it stands now.
    pub(super) async fn play(&self, what: Copied) -> Result<Play, RunError> {
        let copy = self.store().copied(what).await?;
        let clock = Clock::manual(self.now());
        Ok(Play(self.on_copy(copy, clock)))
    }

    /// The same, with everything planned anew by other tables.
    pub(super) async fn play_under(
        &self,
        what: Copied,
        tables: Arc<Tables>,
    ) -> Result<Play, RunError> {
        let copy = self.store().copied(what).await?;
        let clock = Clock::manual(self.now());
        let play = Play(self.on_copy_under(copy, clock, tables));
        play.runner().store().bump_plan_rev().await?;
        Ok(play)
    }

    /// All that leaves until an instant about a hold and its cases, or about a workflow, in order.
    pub async fn ahead(&self, what: Copied, until: Timestamp) -> Result<Vec<Coming>, RunError> {
        let play = self.play(what).await?;
        let coming = play.until(until).await?;
        play.end().await?;
        Ok(coming)
    }

    /// Renders what leaves now, and marks it as if it had left.
    pub(super) async fn leaves(&self, now: Timestamp) -> Result<Leaving, RunError> {
        let mut leaving = Leaving {
            mails: Vec::new(),
            some_wait: false,
        };
        loop {
            let store = self.store();
            let rows = store.ready(now.as_microsecond(), AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(leaving);
            }
            let mut mailed = Mailed::default();
            let frozen = self.freeze_ready(&rows, now, &mut mailed).await?;
            let settled = |(row, _): &(OutboxRow, Mail)| Settle {
                id: row.id,
                attempt: row.attempt + 1,
                settled: Settled::Sent {
                    answer: "simulated".into(),
                },
            };
            leaving.some_wait |= frozen.len() + mailed.cancelled != rows.len();
            let settled = frozen.iter().map(settled).collect();
            store.settle_all(settled, now.as_microsecond()).await?;
            leaving.mails.extend(frozen);
        }
    }
}
