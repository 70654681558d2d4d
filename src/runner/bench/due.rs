//! Cases due at one instant: the service's own work loop waits for it and drains them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::machine::{cpu_ms_of, own_cpu_ms, peak_mb};
use super::stage::{runner, start};
use super::{Play, real};
use crate::clock::{Clock, Scale};
use crate::runner::serve::work_loop;
use crate::runner::{RunError, Runner};
use crate::store::{Scratch, Store};

/// How often it is asked whether others have done the rest.
const LOOK: Duration = Duration::from_millis(100);
/// A drain that does nothing for so many looks has failed.
const LOOKS_MAX: usize = 600;

/// What a drain measured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Drained {
    /// Each commit: how late it was after the instant, in milliseconds, and its cases.
    pub commits: Vec<(f64, usize)>,
    /// Cases that have moved when all is done, and mails that were queued, in the whole database.
    pub moved: usize,
    /// Likewise.
    pub mails: usize,
    /// How many moved before their time.
    pub early: usize,
    /// Processor time of this process, in milliseconds.
    pub cpu_ms: f64,
    /// The same of the database's server, where it is another process on this machine.
    pub server_cpu_ms: Option<f64>,
    /// The most memory this process had, in MB; 0 where the system does not tell.
    pub peak_mb: f64,
}

/// Drains what was staged. The clock shows the cases' instant at `at`, and runs so many virtual
/// seconds a second.
pub(super) async fn drain(
    database: &Scratch,
    play: Play,
    cases: usize,
    at: Timestamp,
    rate: f64,
) -> Result<Drained, RunError> {
    let store = database.open().await?;
    let start = start()?;
    let scale = Scale {
        real: at,
        virtual_at: start,
        rate,
    };
    let runner = runner(&store, Clock::Scaled(scale))?;
    if runner.now() >= start {
        return Err(RunError::Inconsistent(
            "the instant had passed before the work loop was ready; let it lie further ahead"
                .into(),
        ));
    }
    let (cpu, server) = (own_cpu_ms(), server_cpu_ms(&store).await?);
    let commits = watch_loop(&runner, cases * play.steps(), at).await?;
    let too_soon = commits.iter().filter(|(late, _)| *late < 0.0);
    let too_soon = too_soon.map(|(_, cases)| cases).sum();
    let mut drained = Drained {
        cpu_ms: own_cpu_ms() - cpu,
        server_cpu_ms: (server_cpu_ms(&store).await?)
            .zip(server)
            .map(|(after, before)| after - before),
        peak_mb: peak_mb(),
        ..Drained::default()
    };
    count(&store, play, start, &mut drained).await?;
    drained.early = drained.early.max(too_soon);
    drained.commits = commits;
    store.close().await?;
    Ok(drained)
}

/// What the rows say, whatever the loop has told.
async fn count(
    store: &Store,
    play: Play,
    start: Timestamp,
    drained: &mut Drained,
) -> Result<(), RunError> {
    let whole = |count: i64| usize::try_from(count).unwrap_or_default();
    drained.moved = whole(store.count_in(play.ends_in()).await?);
    drained.early = whole(store.count_moves(start.as_microsecond()).await?);
    drained.mails = whole(store.count_mail().await?);
    Ok(())
}

async fn server_cpu_ms(store: &Store) -> Result<Option<f64>, RunError> {
    Ok(cpu_ms_of(&store.server_processes().await?))
}

/// Runs the loop until all cases are advanced, by this process or by others, and notes each commit.
async fn watch_loop(
    runner: &Runner,
    cases: usize,
    at: Timestamp,
) -> Result<Vec<(f64, usize)>, RunError> {
    let mut advanced = runner.inner.advanced.subscribe();
    let (stop, _) = watch::channel(false);
    let (working, halt) = (runner.clone(), stop.clone());
    let work = tokio::spawn(async move { work_loop(&working, &halt, None).await });
    let (mut commits, mut all, mut looks) = (Vec::new(), 0, 0);
    while all < cases && looks < LOOKS_MAX {
        if tokio::time::timeout(LOOK, advanced.changed()).await.is_ok() {
            let late = Clock::Real.now().duration_since(at).as_secs_f64() * 1000.0;
            let now = *advanced.borrow_and_update();
            commits.push((late, now - all));
            (all, looks) = (now, 0);
        } else if Clock::Real.now() > at {
            looks += 1;
            if runner.store().next_work_due().await?.is_none() {
                break;
            }
        }
    }
    // It may be gone already.
    let _ = stop.send(true);
    drop(work.await);
    if looks == LOOKS_MAX {
        return Err(RunError::Inconsistent(format!(
            "only {all} of {cases} cases moved"
        )));
    }
    Ok(commits)
}

impl Drained {
    /// One drain by several processes.
    #[must_use]
    pub fn together(all: Vec<Self>) -> Self {
        let mut drained = Self::default();
        for one in all {
            drained.commits.extend(one.commits);
            drained.cpu_ms += one.cpu_ms;
            // Each has seen the same server and the same rows; who ended last has seen the most.
            drained.server_cpu_ms = one
                .server_cpu_ms
                .map(|ms| ms.max(drained.server_cpu_ms.unwrap_or_default()));
            drained.peak_mb = drained.peak_mb.max(one.peak_mb);
            drained.moved = drained.moved.max(one.moved);
            drained.mails = drained.mails.max(one.mails);
            drained.early = drained.early.max(one.early);
        }
        drained.commits.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        drained
    }

    /// From the instant to the last commit, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.commits.last().map_or(0.0, |(late, _)| late / 1000.0)
    }

    /// How late the first commit was, in milliseconds.
    #[must_use]
    pub fn first_ms(&self) -> f64 {
        self.commits.first().map_or(0.0, |(late, _)| *late)
    }

    /// Cases a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        real(self.moved) / self.seconds()
    }

    /// How late the case at a percentage of all was, each being as late as its commit.
    #[must_use]
    pub fn late_ms(&self, percent: usize) -> f64 {
        let all: usize = self.commits.iter().map(|(_, cases)| cases).sum();
        let mut left = (all * percent).div_ceil(100).max(1);
        for (late, cases) in &self.commits {
            if left <= *cases {
                return *late;
            }
            left -= cases;
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_of_cases_and_not_of_commits() {
        let drained = Drained {
            commits: vec![(10.0, 98), (20.0, 1), (30.0, 1)],
            moved: 100,
            ..Drained::default()
        };
        for (percent, late) in [(1, 10.0), (50, 10.0), (98, 10.0), (99, 20.0), (100, 30.0)] {
            assert!(
                (drained.late_ms(percent) - late).abs() < f64::EPSILON,
                "{percent}"
            );
        }
        assert!((drained.first_ms() - 10.0).abs() < f64::EPSILON);
        assert!((drained.seconds() - 0.03).abs() < 1e-9);
    }

    #[test]
    fn what_several_processes_did_is_one_drain() {
        let one = |late, cases| Drained {
            commits: vec![(late, cases)],
            cpu_ms: 5.0,
            server_cpu_ms: Some(late),
            moved: 30,
            ..Drained::default()
        };
        let both = Drained::together(vec![one(9.0, 10), one(4.0, 20)]);
        assert_eq!(both.commits, [(4.0, 20), (9.0, 10)]);
        assert_eq!((both.moved, both.server_cpu_ms), (30, Some(9.0)));
        assert!((both.cpu_ms - 10.0).abs() < f64::EPSILON);
    }
}
