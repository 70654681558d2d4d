//! People who click: one input, one transaction.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::stage::{runner, start};
use super::{percentile, real};
use crate::clock::{Clock, Stopwatch};
use crate::engine::input::Input;
use crate::runner::{RunError, Runner, operator};
use crate::store::Scratch;

/// What clicks came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clicked {
    /// How many.
    pub clicks: usize,
    /// A second, all people together.
    pub per_second: f64,
    /// How long the middle one took, in milliseconds.
    pub p50_ms: f64,
    /// How long one in a hundred took.
    pub p99_ms: f64,
}

/// Moves everybody to where a person is asked.
pub(super) async fn ready(database: &Scratch) -> Result<(), RunError> {
    let store = database.open().await?;
    runner(&store, Clock::manual(start()?))?
        .work(start()?)
        .await?;
    store.close().await?;
    Ok(())
}

/// So many people answer for all cases, each one case at a time.
pub(super) async fn click(database: &Scratch, people: usize) -> Result<Clicked, RunError> {
    let store = database.open().await?;
    let runner = runner(&store, Clock::manual(start()?))?;
    let cases = store.cases_after(0, i64::MAX).await?;
    let clicks = cases.len();
    let cases = Arc::new(Mutex::new(cases.into_iter()));
    let begun = Stopwatch::start();
    let mut clicking = tokio::task::JoinSet::new();
    for _ in 0..people {
        let (runner, cases) = (runner.clone(), cases.clone());
        let next = move || cases.lock().ok().and_then(|mut cases| cases.next());
        clicking.spawn(async move { person(&runner, next).await });
    }
    let mut took = Vec::with_capacity(clicks);
    while let Some(ended) = clicking.join_next().await {
        took.extend(ended.map_err(|error| RunError::Inconsistent(error.to_string()))??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    store.close().await?;
    took.sort_by(f64::total_cmp);
    Ok(Clicked {
        clicks: took.len(),
        per_second: real(clicks) / seconds,
        p50_ms: percentile(&took, 50),
        p99_ms: percentile(&took, 99),
    })
}

/// One person's clicks, each with how long it took.
async fn person(
    runner: &Runner,
    next: impl Fn() -> Option<i64> + Send,
) -> Result<Vec<f64>, RunError> {
    let answer = Input::Fire {
        event: "answer".into(),
        set: BTreeMap::new(),
        override_reason: None,
        another: true,
    };
    let mut took = Vec::new();
    while let Some(case) = next() {
        let begun = Stopwatch::start();
        runner
            .input(case, &answer, &operator("bench"), None)
            .await?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(took)
}
