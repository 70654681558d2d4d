//! Mails that a mailer has on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinSet;

use tracing::Span;

use crate::channel::{Channel, Receipt, SendError};
use crate::message::Mail;
use crate::runner::MailResult;
use crate::store::OutboxRow;
use crate::traces;

/// How an exchange ended, and with which others it began.
pub(super) type Ended = (OutboxRow, Result<Receipt, SendError>, Arc<Batch>);

/// Mails that went onto the wire together, for whoever watches: told when the last of them has ended.
#[derive(Debug)]
pub(super) struct Batch {
    span: Span,
    ended: [AtomicUsize; MailResult::ALL.len()],
}

impl Batch {
    fn new(mails: usize) -> Self {
        Self {
            span: traces::mail(mails),
            ended: Default::default(),
        }
    }

    pub(super) fn ended(&self, result: MailResult) {
        self.ended[result as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        for (result, count) in MailResult::ALL.into_iter().zip(&mut self.ended) {
            traces::mailed(&self.span, result.as_str(), *count.get_mut());
        }
    }
}

/// What is on the wire, and what has ended there.
#[derive(Debug)]
pub(super) struct OnWire {
    channel: Arc<Channel>,
    under_way: JoinSet<Ended>,
    ended: Vec<Ended>,
}

impl OnWire {
    pub(super) fn new(channel: Arc<Channel>) -> Self {
        Self {
            channel,
            under_way: JoinSet::new(),
            ended: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.under_way.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn put(&mut self, mails: Vec<(OutboxRow, Mail)>) {
        if mails.is_empty() {
            return;
        }
        let batch = Arc::new(Batch::new(mails.len()));
        for (row, mail) in mails {
            let (channel, batch) = (self.channel.clone(), batch.clone());
            self.under_way.spawn(async move {
                let answer = channel.send(&mail).await;
                (row, answer, batch)
            });
        }
    }

    /// Waits until something has ended. To be dropped without harm.
    pub(super) async fn wait(&mut self) {
        #[cfg(test)]
        let _only = OnlyAnswers::new(&self.channel);
        // A send that panicked leaves its row `sending`; it becomes unknown at the next start.
        if let Some(Ok(ended)) = self.under_way.join_next().await {
            self.ended.push(ended);
        }
    }

    /// What has ended by now.
    pub(super) fn ended(&mut self) -> Vec<Ended> {
        while let Some(joined) = self.under_way.try_join_next() {
            self.ended.extend(joined.ok());
        }
        std::mem::take(&mut self.ended)
    }
}

/// Tells a simulated world that only answers are waited for, for as long as it lives.
#[cfg(test)]
struct OnlyAnswers(Arc<Channel>);

#[cfg(test)]
impl OnlyAnswers {
    fn new(channel: &Arc<Channel>) -> Self {
        channel.only_answers_are_awaited(true);
        Self(channel.clone())
    }
}

#[cfg(test)]
impl Drop for OnlyAnswers {
    fn drop(&mut self) {
        self.0.only_answers_are_awaited(false);
    }
}
