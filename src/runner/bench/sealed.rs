//! Words that are sealed, beside the same in the clear.

use serde::{Deserialize, Serialize};

use super::{percentile, real};
use crate::clock::Stopwatch;
use crate::runner::RunError;
use crate::store::{Scratch, Store, Turning};

/// As long as people write: half of what a text fact may have.
const WORDS: &str = "Har haft ondt i ryggen siden påske og venter på en tid hos en speciallæge. ";
const REPEATED: usize = 3;

/// What reading them came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealedRead {
    /// How many words of facts.
    pub texts: usize,
    /// Read a second, sealed.
    pub per_second: f64,
    /// In the clear.
    pub clear_per_second: f64,
    /// The one by the other, the median of the rounds.
    pub ratio: f64,
    /// Sealed a second, when a key is taken into use.
    pub sealed_per_second: f64,
}

/// Keeps the same words for every case of two databases, seals those of one, and reads both in turns.
pub(super) async fn read(
    [clear, sealed]: [&Scratch; 2],
    rounds: usize,
) -> Result<SealedRead, RunError> {
    let (clear, sealed) = (clear.open().await?, sealed.open_sealed().await?);
    for store in [&clear, &sealed] {
        store.same_words("reason", WORDS.repeat(REPEATED)).await?;
    }
    let cases = clear.cases_after(0, i64::MAX).await?;
    let sealed_per_second = real(cases.len()) / seal(&sealed).await?;
    // Both are read from their files: what stands in a log is found more slowly.
    for store in [&clear, &sealed] {
        store.write_anew().await?;
    }
    let (mut best, mut ratios) = ([f64::INFINITY; 2], Vec::new());
    for _ in 0..rounds.max(1) {
        let took = [
            read_all(&clear, &cases).await?,
            read_all(&sealed, &cases).await?,
        ];
        best = [best[0].min(took[0]), best[1].min(took[1])];
        ratios.push(took[0] / took[1]);
    }
    ratios.sort_by(f64::total_cmp);
    for store in [clear, sealed] {
        store.close().await?;
    }
    let [clear, sealed] = best.map(|seconds| real(cases.len()) / seconds);
    Ok(SealedRead {
        texts: cases.len(),
        per_second: sealed,
        clear_per_second: clear,
        ratio: percentile(&ratios, 50),
        sealed_per_second,
    })
}

/// Seconds.
async fn seal(store: &Store) -> Result<f64, RunError> {
    let begun = Stopwatch::start();
    let mut turning = Turning::default();
    while !turning.is_done() {
        turning = store.seal_anew(turning).await?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

async fn read_all(store: &Store, cases: &[i64]) -> Result<f64, RunError> {
    let begun = Stopwatch::start();
    let texts = store.texts(cases).await?;
    let took = begun.elapsed().as_secs_f64();
    let words = WORDS.repeat(REPEATED);
    if texts.len() != cases.len() || texts.iter().any(|text| text.text != words) {
        return Err(RunError::Inconsistent("other words were read".to_owned()));
    }
    Ok(took)
}
