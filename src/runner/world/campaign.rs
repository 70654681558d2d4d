//! Many seeds are played, on as many threads as there are processors, and can be watched and taken up again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::promise::Broken;
use super::seed::{FATES, Player, on_a_thread};
use crate::clock::Stopwatch;

/// After so many seeds that fail, no more are tried.
const FAILED_MAX: u64 = 20;

/// How often it is told how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// Which seeds are played.
pub(super) struct Campaign {
    pub(super) first: u64,
    /// How many; or as many as fit into a time.
    pub(super) extent: Extent,
    begun: Stopwatch,
    next: AtomicU64,
    /// Where each thread is.
    at: Vec<AtomicU64>,
    sums: [AtomicU64; 4],
    told: AtomicU64,
}

#[derive(Clone, Copy)]
pub(super) enum Extent {
    Seeds(u64),
    Time(Duration),
}

/// The sums of a campaign.
#[derive(Clone, Copy)]
enum Sum {
    Seeds,
    Gates,
    Commits,
    Failed,
}

impl Campaign {
    pub(super) fn new(first: u64, extent: Extent) -> Self {
        // As `taskset` leaves it: one process per processor, each kept there, is quicker than one on all.
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            first,
            extent,
            begun: Stopwatch::start(),
            next: AtomicU64::new(first / FATES),
            at: (0..threads).map(|_| AtomicU64::new(first)).collect(),
            sums: Default::default(),
            told: AtomicU64::new(0),
        }
    }

    /// Plays them, and answers how many failed.
    pub(super) fn run(&self) -> u64 {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (self.at.iter())
                .map(|at| {
                    scope.spawn(move || on_a_thread(async |player| self.work(player, at).await))
                })
                .collect();
            for thread in threads {
                thread.join().expect("no seed panics");
            }
        });
        println!(
            "{} seeds in {:.1} s, {:.0} a second: {} gates, {} commits, {} failed",
            self.sum(Sum::Seeds),
            self.begun.elapsed().as_secs_f64(),
            self.rate(),
            self.sum(Sum::Gates),
            self.sum(Sum::Commits),
            self.sum(Sum::Failed),
        );
        self.sum(Sum::Failed)
    }

    /// A story is played by one thread, with all its fates.
    async fn work(&self, player: &mut Player, at: &AtomicU64) {
        loop {
            let story = self.next.fetch_add(1, Ordering::SeqCst);
            for seed in story * FATES..(story + 1) * FATES {
                at.store(seed, Ordering::SeqCst);
                let is_over = match self.extent {
                    Extent::Seeds(seeds) => seed >= self.first + seeds,
                    Extent::Time(time) => self.begun.elapsed() > time,
                };
                if is_over || self.sum(Sum::Failed) >= FAILED_MAX {
                    return;
                }
                if seed >= self.first {
                    self.one(player, seed).await;
                    self.tell();
                }
            }
        }
    }

    async fn one(&self, player: &mut Player, seed: u64) {
        let played = player.play(seed, false).await;
        if let Some(Broken { rule, what }) = played.broken {
            println!(
                "seed {seed}, gate {}: {}: {what}",
                played.gates,
                rule.words()
            );
            self.add(Sum::Failed, 1);
        }
        self.add(Sum::Seeds, 1);
        self.add(Sum::Gates, played.gates);
        self.add(Sum::Commits, played.commits);
    }

    /// How far it is, and from where it can be taken up when it is stopped.
    fn tell(&self) {
        let times = self.begun.elapsed().as_secs() / TOLD_EVERY.as_secs();
        if matches!(self.extent, Extent::Seeds(_))
            && self.told.fetch_max(times, Ordering::SeqCst) < times
        {
            let at = self.at.iter().map(|at| at.load(Ordering::SeqCst)).min();
            println!(
                "{} seeds, {:.0} a second, {} failed; goes on with WORLD_FROM={}",
                self.sum(Sum::Seeds),
                self.rate(),
                self.sum(Sum::Failed),
                at.unwrap_or_default()
            );
        }
    }

    fn add(&self, sum: Sum, more: u64) {
        self.sums[sum as usize].fetch_add(more, Ordering::SeqCst);
    }

    fn sum(&self, sum: Sum) -> u64 {
        self.sums[sum as usize].load(Ordering::SeqCst)
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn rate(&self) -> f64 {
        self.sum(Sum::Seeds) as f64 / self.begun.elapsed().as_secs_f64().max(0.001)
    }
}
