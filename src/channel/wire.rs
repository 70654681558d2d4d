//! A mail server whose every answer a simulated world decides.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::oneshot;

use super::{Receipt, SendError};
use crate::message::Mail;

/// What is on the wire of one mailer. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    handed: Vec<Handed>,
    watched_by: Option<Waker>,
    /// The mailer waits for nothing but answers: else it is at the store, with mails on the wire.
    only_answers: bool,
}

/// A mail that was handed over and waits for its answer.
#[derive(Debug)]
pub(crate) struct Handed {
    /// As it was handed over.
    pub(crate) mail: Mail,
    /// Whom to answer; gone when the mailer has died.
    pub(crate) reply: oneshot::Sender<Result<Receipt, SendError>>,
}

impl Wire {
    pub(super) async fn send(&self, mail: &Mail) -> Result<Receipt, SendError> {
        let (reply, answer) = oneshot::channel();
        {
            let mut state = self.state();
            let mail = mail.clone();
            state.handed.push(Handed { mail, reply });
            if let Some(waker) = state.watched_by.take() {
                waker.wake();
            }
        }
        answer.await.unwrap_or_else(|_| {
            Err(SendError::Unknown {
                message: "the world is gone".to_owned(),
            })
        })
    }

    pub(super) fn only_answers_are_awaited(&self, only: bool) {
        self.state().only_answers = only;
    }

    /// Whether the mailer waits for an answer; if not, the waker is called when something does.
    pub(crate) fn is_busy(&self, waker: &Waker) -> bool {
        let mut state = self.state();
        state.watched_by = Some(waker.clone());
        state.only_answers && !state.handed.is_empty()
    }

    /// How many wait for an answer.
    pub(crate) fn len(&self) -> usize {
        self.state().handed.len()
    }

    /// Takes one of them.
    pub(crate) fn take(&self, at: usize) -> Handed {
        self.state().handed.remove(at)
    }

    /// Somebody who panicked while holding the lock leaves nothing half-done in here.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
