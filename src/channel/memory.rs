//! Mail kept in memory, for tests and for playing a workflow through.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Receipt, SendError};
use crate::message::Mail;

/// Keeps every mail it is given. Clones share what they keep.
#[derive(Debug, Clone, Default)]
pub struct MemoryChannel {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Mail>,
    answers: VecDeque<MemoryAnswer>,
}

/// What the channel is told to answer to one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemoryAnswer {
    /// Keep the mail and say so: what it does unasked.
    Accept,
    /// Do not keep it; answer this.
    Refuse(SendError),
    /// Keep it and yet answer [`SendError::Unknown`], as when the server's answer is lost.
    LoseAnswer,
}

impl MemoryChannel {
    /// A channel that accepts everything.
    #[must_use]
    pub fn new() -> MemoryChannel {
        MemoryChannel::default()
    }

    /// Sets what is answered to the mails to come, one answer each; after the last, it accepts.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = MemoryAnswer>) {
        self.state().answers.extend(answers);
    }

    /// The mails it has kept, in the order they came.
    #[must_use]
    pub fn sent(&self) -> Vec<Mail> {
        self.state().sent.clone()
    }

    pub(super) fn send(&self, mail: &Mail) -> Result<Receipt, SendError> {
        let mut state = self.state();
        let answer = state.answers.pop_front().unwrap_or(MemoryAnswer::Accept);
        if let MemoryAnswer::Refuse(error) = answer {
            return Err(error);
        }
        state.sent.push(mail.clone());
        if answer == MemoryAnswer::LoseAnswer {
            return Err(SendError::Unknown {
                message: "the answer was lost".to_owned(),
            });
        }
        Ok(Receipt {
            server_answer: format!("kept in memory as number {}", state.sent.len()),
        })
    }

    /// A test that panicked while it held the lock has nothing half-done in here.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
