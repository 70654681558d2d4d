//! The raw limit: the rows that the engine has written, written by hand into a copy of what its
//! database was before.

use crate::clock::Stopwatch;
use crate::runner::RunError;
use crate::store::{RawRows, Scratch, Store};

/// Cases whose rows are in memory at a time.
const CASES_READ: i64 = 8192;

/// Writes them, and answers the seconds of writing alone.
pub(super) async fn write(
    from: &Scratch,
    into: &Scratch,
    batch: usize,
    sessions: usize,
) -> Result<f64, RunError> {
    let (from, into) = (from.open().await?, into.open().await?);
    let (mut seconds, mut last) = (0.0, 0);
    loop {
        let cases = from.cases_after(last, CASES_READ).await?;
        let Some(end) = cases.last() else { break };
        // The copies are of one case, so their histories are equally long.
        let before = into.load(&cases[..1]).await?.subjects;
        let before = before.first().map_or(0, |row| row.seq);
        let rows = from.rows_after(&cases, before).await?;
        let known = into.rows_after(&cases, before).await?;
        let batches = rows.clone().without_mails_of(&known).batches(batch);
        let begun = Stopwatch::start();
        by_hand(&into, batches, sessions).await?;
        seconds += begun.elapsed().as_secs_f64();
        if into.rows_after(&cases, before).await? != rows {
            return Err(RunError::Inconsistent(
                "what was written by hand are not the same rows".into(),
            ));
        }
        last = *end;
    }
    from.close().await?;
    into.close().await?;
    Ok(seconds)
}

/// So many transactions at a time, each taking the next batch.
async fn by_hand(into: &Store, batches: Vec<RawRows>, sessions: usize) -> Result<(), RunError> {
    let waiting = std::sync::Arc::new(std::sync::Mutex::new(batches.into_iter()));
    let next = move || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let mut writing = tokio::task::JoinSet::new();
    for _ in 0..sessions.max(1) {
        let (next, into) = (next.clone(), into.clone());
        writing.spawn(async move {
            while let Some(rows) = next() {
                into.write_raw(rows).await?;
            }
            Ok::<(), RunError>(())
        });
    }
    while let Some(ended) = writing.join_next().await {
        ended.map_err(|error| RunError::Inconsistent(error.to_string()))??;
    }
    Ok(())
}
