//! Seeds are played, mutants are caught, and a seed replays exactly.

#[cfg(test)]
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::always::{Broken, Rule, broken};
use super::dice::Dice;
use super::fate::Layout;
use super::floor::Floor;
use super::mutants::{MUTANTS, NOT_YET_SEEN};
use super::play::World;
use super::story::Story;
use crate::mutant::{Mutant, plant};

/// So many seeds are played unasked. A seed costs some ten times as much in a debug build.
const SEEDS: u64 = if cfg!(debug_assertions) { 300 } else { 10_000 };

/// In so many seeds each mutant must be caught.
const MUTANT_SEEDS: u64 = 3000;

/// After so many seeds that fail, no more are tried.
const FAILED_MAX: u64 = 20;

/// What became of a seed.
struct Played {
    gates: u64,
    commits: u64,
    hash: u64,
    broken: Option<Broken>,
    tale: Option<Vec<String>>,
}

fn on_a_thread<T>(work: impl AsyncFnOnce(&Floor) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let floor = Floor::lay().await.expect("a floor");
        work(&floor).await
    })
}

/// Names the seed that panics.
struct Playing(u64);

impl Drop for Playing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {} panics: {:?}", self.0, Story::of(self.0));
        }
    }
}

async fn play(floor: &Floor, seed: u64, tale: bool) -> Played {
    let _playing = Playing(seed);
    let mut dice = Dice::new(seed ^ 0x5eed);
    let story = Story::of(seed);
    let layout = Layout::of(&mut dice);
    let world = World::new(floor, seed, story.clone(), layout).await;
    let mut world = world.expect("a world begins");
    world.tale = tale.then(|| vec![format!("{story:#?}\n{layout:?}")]);
    let mut result = world.play().await;
    if result.is_ok() && !story.racing && dice.once_in(2) {
        result = same_when_calm(floor, seed, &story, &world.outcome()).await;
    }
    Played {
        gates: world.gates,
        commits: world.commits,
        hash: world.hash,
        broken: result.err(),
        tale: world.tale.take(),
    }
}

/// The same story on one node, in large batches, and nothing goes wrong.
async fn same_when_calm(
    floor: &Floor,
    seed: u64,
    story: &Story,
    outcome: &[String],
) -> Result<(), Broken> {
    let calm = World::new(floor, seed, story.clone(), Layout::calm()).await;
    let mut calm = calm.expect("a world begins");
    calm.play().await?;
    let expected = calm.outcome();
    if expected == outcome {
        return Ok(());
    }
    let mut what = String::new();
    for line in outcome.iter().filter(|line| !expected.contains(line)) {
        let _ = write!(what, "\n  only with faults: {line}");
    }
    for line in expected.iter().filter(|line| !outcome.contains(line)) {
        let _ = write!(what, "\n  only when calm:   {line}");
    }
    Err(broken(Rule::Independent, what))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn seeds() {
    if let Some(seed) = number("WORLD_SEED") {
        let played = on_a_thread(async |floor| play(floor, seed, true).await);
        for line in played.tale.unwrap_or_default() {
            println!("{line}");
        }
        assert!(played.broken.is_none(), "seed {seed}: {:?}", played.broken);
        return;
    }
    let seeds = number("WORLD_SEEDS").unwrap_or(SEEDS);
    let first = number("WORLD_FIRST").unwrap_or(1);
    let next = AtomicU64::new(first);
    let failed = AtomicU64::new(0);
    let begun = std::time::Instant::now();
    let worker = || {
        on_a_thread(async |floor| {
            let mut sum = (0, 0);
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= first + seeds {
                    return sum;
                }
                let played = play(floor, seed, false).await;
                if let Some(Broken { rule, what }) = played.broken {
                    let gate = played.gates;
                    println!("seed {seed}, gate {gate}: {}: {what}", rule.words());
                    if failed.fetch_add(1, Ordering::SeqCst) >= FAILED_MAX {
                        return sum;
                    }
                }
                sum = (sum.0 + played.gates, sum.1 + played.commits);
                if seed.is_multiple_of(10_000) {
                    let seconds = begun.elapsed().as_secs().max(1);
                    println!("{seed} seeds, {} a second", (seed - first) / seconds);
                }
            }
        })
    };
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(worker);
        let two = scope.spawn(worker);
        (one.join(), two.join())
    });
    let (one, two) = (one.expect("no seed panics"), two.expect("no seed panics"));
    let failed = failed.into_inner();
    assert_eq!(failed, 0, "seeds failed; replay one with WORLD_SEED=n");
    println!(
        "{seeds} seeds in {:.1} s: {} gates, {} commits, every promise held after each",
        begun.elapsed().as_secs_f64(),
        one.0 + two.0,
        one.1 + two.1
    );
}

#[test]
fn a_seed_replays_exactly() {
    on_a_thread(async |floor| {
        for seed in 1..=40 {
            let (one, two) = (
                play(floor, seed, false).await,
                play(floor, seed, false).await,
            );
            assert_eq!((one.hash, one.gates), (two.hash, two.gates), "seed {seed}");
        }
    });
}

#[test]
fn every_mutant_is_caught() {
    let chosen = std::env::var("WORLD_MUTANT").ok();
    let table: Vec<(Mutant, String)> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let chosen = chosen.clone();
            scope.spawn(move || {
                let sought = match &chosen {
                    Some(_) => [MUTANTS, NOT_YET_SEEN].concat(),
                    None => MUTANTS.to_vec(),
                };
                let all = sought.iter().enumerate();
                let mine = all.filter(|(at, (mutant, _))| {
                    let named = |name: &String| *name == format!("{mutant:?}");
                    at % 2 == half && chosen.as_ref().is_none_or(named)
                });
                let caught = mine.map(|(_, (mutant, rules))| (*mutant, caught(*mutant, rules)));
                caught.collect::<Vec<_>>()
            })
        });
        halves
            .into_iter()
            .flat_map(|half| half.join().expect("a table"))
            .collect()
    });
    let mut lines = vec![format!(
        "{:<20} {:>6} {:>6}  promise",
        "mutant", "seed", "gate"
    )];
    for (mutant, _) in MUTANTS {
        let found = table.iter().find(|(one, _)| one == mutant);
        lines.extend(found.map(|(_, line)| line.clone()));
    }
    let text = lines.join("\n");
    println!("{text}");
    assert!(!text.contains("is not caught"), "{text}");
}

fn caught(mutant: Mutant, rules: &[Rule]) -> String {
    let name = format!("{mutant:?}");
    plant(Some(mutant));
    let line = on_a_thread(async |floor| {
        for seed in 1..=MUTANT_SEEDS {
            let played = play(floor, seed, false).await;
            let Some(Broken { rule, what }) = played.broken else {
                continue;
            };
            if rules.contains(&rule) {
                return format!("{name:<20} {seed:>6} {:>6}  {}", played.gates, rule.words());
            }
            if std::env::var("WORLD_MUTANT").is_ok() {
                println!("{name} seed {seed}: {rule:?} {what}");
            }
        }
        format!("{name:<20} is not caught in {MUTANT_SEEDS} seeds")
    });
    plant(None);
    println!("{line}");
    line
}
