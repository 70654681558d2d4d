//! What is asked for, and the lines of JSON that are spoken about it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Stdin};
use tokio::sync::Notify;

/// What the program that measures asks for.
#[derive(Deserialize)]
pub struct Task {
    pub url: String,
    pub jobs: usize,
    pub program: Program,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    pub settings: Settings,
    pub insert_batch: usize,
}

/// The settings, named as in `settings.js`.
#[derive(Deserialize)]
pub struct Settings {
    pub batch_size: usize,
    pub lock_tasks: bool,
    pub persist_results: bool,
    pub concurrency: usize,
    pub poll_ms: u64,
    pub pool: u32,
    pub journal_mode: Option<String>,
    pub synchronous: Option<String>,
}

/// Counts the jobs that have run and wakes whoever waits for the last one.
#[derive(Clone)]
pub struct Done {
    left: Arc<AtomicUsize>,
    none_left: Arc<Notify>,
}

impl Done {
    pub fn new(jobs: usize) -> Self {
        Self {
            left: Arc::new(AtomicUsize::new(jobs)),
            none_left: Arc::new(Notify::new()),
        }
    }

    pub fn one(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.none_left.notify_one();
        }
    }

    pub async fn all(&self) {
        self.none_left.notified().await;
    }
}

/// The conversation with the program that measures.
pub struct Master(tokio::io::Lines<BufReader<Stdin>>);

impl Master {
    pub fn new() -> Self {
        Self(BufReader::new(tokio::io::stdin()).lines())
    }

    pub fn say(event: &str) {
        println!(r#"{{"event":"{event}"}}"#);
    }

    /// The moment that everything is due, in whole seconds since 1970: apalis knows no finer.
    pub async fn moment(&mut self) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
        #[derive(Deserialize)]
        struct Moment {
            at: u64,
        }
        let line = self.0.next_line().await?.ok_or("nobody is there")?;
        let Moment { at } = serde_json::from_str(&line)?;
        let moment = UNIX_EPOCH + Duration::from_millis(at);
        Ok(moment.duration_since(UNIX_EPOCH)?.as_secs())
    }

    /// Waits until the measuring is over, then ends, whatever is still open.
    pub async fn over(mut self) -> ! {
        drop(self.0.next_line().await);
        std::process::exit(0);
    }
}
