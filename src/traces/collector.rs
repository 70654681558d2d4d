//! The way to a collector. One that is away, or refuses, is told of once, and when it is back.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

use crate::ask::Asker;

/// As long as the standard waits.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

type Answering<'f> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>;

/// A collector.
#[derive(Clone)]
pub(super) struct Collector {
    asker: Asker,
    /// Whoever exports has a thread without a runtime.
    runtime: Handle,
    is_away: Arc<AtomicBool>,
}

impl Collector {
    pub(super) fn new(asker: Asker) -> Self {
        Self {
            asker,
            runtime: Handle::current(),
            is_away: Arc::default(),
        }
    }

    async fn send(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answered = tokio::time::timeout(ANSWERS_WITHIN, self.asker.ask(request)).await;
        let answered = match answered {
            Ok(answered) => answered.map_err(|error| error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        self.tell(match &answered {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("status {}", answer.status().as_u16())),
            Err(why) => Some(why.clone()),
        });
        answered.map_err(HttpError::from)
    }

    /// Says what has changed.
    fn tell(&self, wrong: Option<String>) {
        let was_away = self.is_away.swap(wrong.is_some(), Ordering::SeqCst);
        match wrong {
            Some(why) if !was_away => {
                tracing::warn!(
                    why,
                    "the collector takes no traces; they are dropped until it does"
                );
            }
            None if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

impl HttpClient for Collector {
    fn send_bytes<'c, 'f>(&'c self, request: Request<Bytes>) -> Answering<'f>
    where
        'c: 'f,
        Self: 'f,
    {
        let asking = self.runtime.spawn(self.clone().send(request));
        // When the process ends before there is an answer, there is none.
        Box::pin(async move { asking.await? })
    }
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector")
            .field("is_away", &self.is_away)
            .finish_non_exhaustive()
    }
}
