//! What this process has done since it began, for whoever watches it. Nothing is decided by it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Runner;
use crate::clock::Stopwatch;
use crate::store::Settled;

/// How an exchange with the mail server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailResult {
    /// Handed over.
    Sent,
    /// Refused for now.
    Retried,
    /// Refused for good, or too often.
    Failed,
    /// It is not known.
    Unknown,
}

impl From<&Settled> for MailResult {
    fn from(settled: &Settled) -> Self {
        match settled {
            Settled::Sent { .. } => Self::Sent,
            Settled::Retry { .. } => Self::Retried,
            Settled::Failed { .. } => Self::Failed,
            Settled::Unknown { .. } => Self::Unknown,
        }
    }
}

impl MailResult {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sent, Self::Retried, Self::Failed, Self::Unknown];

    /// As a label says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// The work loop's last look, and mails by result.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    looked: Mutex<Option<Stopwatch>>,
    mails: [AtomicU64; MailResult::ALL.len()],
}

impl Pulse {
    /// The work loop has looked at everything that was due.
    pub(super) fn looked(&self) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Stopwatch::start());
    }

    /// A part of what is due is done. That is no look, but the loop does not hang.
    pub(super) fn got_on(&self) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(looked) = &mut *looked {
            *looked = Stopwatch::start();
        }
    }

    /// A mail's exchange has ended.
    pub(super) fn mailed(&self, result: MailResult) {
        self.mails[result as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl Runner {
    /// How long ago the work loop of this process looked, or got on with what it found; `None` when it has not begun.
    #[must_use]
    pub fn looked_ago(&self) -> Option<Duration> {
        let looked = self.inner.pulse.looked.lock();
        let looked = looked.unwrap_or_else(PoisonError::into_inner);
        looked.as_ref().map(Stopwatch::elapsed)
    }

    /// How many exchanges with the mail server have ended so since this process began.
    #[must_use]
    pub fn mails(&self, result: MailResult) -> u64 {
        self.inner.pulse.mails[result as usize].load(Ordering::Relaxed)
    }
}
