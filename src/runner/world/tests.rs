//! Seeds are played, mutants are caught, and a seed replays exactly.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::campaign::{Campaign, Extent};
use super::mutants::MUTANTS;
use super::promise::{Broken, Rule};
use super::seed::{FATES, on_a_thread};
use crate::mutant::{Mutant, plant};

/// Unasked, as many seeds are played as fit into this.
const UNASKED: Duration = Duration::from_mins(1);

/// In so many seeds each mutant must be caught, when the known one does not show it any more.
const MUTANT_SEEDS: u64 = 3000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn seeds() {
    if let Some(seed) = number("WORLD_SEED") {
        let played = on_a_thread(async |player| player.play(seed, true).await);
        for line in played.tale.unwrap_or_default() {
            println!("{line}");
        }
        assert!(played.broken.is_none(), "seed {seed}: {:?}", played.broken);
        return;
    }
    let extent = number("WORLD_SEEDS").map_or(Extent::Time(UNASKED), Extent::Seeds);
    let failed = Campaign::new(number("WORLD_FROM").unwrap_or(1), extent).run();
    assert_eq!(failed, 0, "seeds failed; replay one with WORLD_SEED=n");
}

#[test]
fn a_seed_replays_exactly() {
    on_a_thread(async |player| {
        for seed in 1..=20 {
            let (one, two) = (
                player.play(seed, false).await,
                player.play(seed, false).await,
            );
            assert_eq!((one.hash, one.gates), (two.hash, two.gates), "seed {seed}");
        }
    });
}

#[test]
fn every_mutant_is_caught() {
    let chosen = std::env::var("WORLD_MUTANT").ok();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut found = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::SeqCst);
            let Some((mutant, seed, rules)) = MUTANTS.get(at) else {
                return found;
            };
            if chosen
                .as_ref()
                .is_none_or(|name| *name == format!("{mutant:?}"))
            {
                found.push((at, caught(*mutant, *seed, rules)));
            }
        }
    };
    let mut table = std::thread::scope(|scope| {
        let halves = [scope.spawn(worker), scope.spawn(worker)];
        let halves = halves.map(|half| half.join().expect("a table"));
        halves.concat()
    });
    table.sort();
    let mut text = format!("{:<20} {:>6} {:>6}  promise", "mutant", "seed", "gate");
    for (_, line) in table {
        let _ = write!(text, "\n{line}");
    }
    assert!(!text.contains("is not caught"), "{text}");
    if chosen.is_none() {
        insta::assert_snapshot!("every_mutant_is_caught", text);
    }
}

/// Begins where it was seen last; after a change of the runner it may be another seed that shows it.
fn caught(mutant: Mutant, first: u64, rules: &[Rule]) -> String {
    let name = format!("{mutant:?}");
    plant(Some(mutant));
    let line = on_a_thread(async |player| {
        let kind = |seed: u64| seed / FATES % 10;
        let directed = (1..=MUTANT_SEEDS).filter(|seed| kind(*seed) == kind(first));
        for seed in std::iter::once(first)
            .chain(directed)
            .chain(1..=MUTANT_SEEDS)
        {
            let played = player.play(seed, false).await;
            let Some(Broken { rule, what }) = played.broken else {
                continue;
            };
            if rules.contains(&rule) {
                return format!("{name:<20} {seed:>6} {:>6}  {}", played.gates, rule.words());
            }
            println!("{name} seed {seed}: {rule:?} {what}");
        }
        format!("{name:<20} is not caught in {MUTANT_SEEDS} seeds")
    });
    plant(None);
    println!("{line}");
    line
}
