//! Seeds are played, mutants are caught, and a seed replays exactly.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::dice::Dice;
use super::fate::Layout;
use super::floor::Floor;
use super::mutants::MUTANTS;
use super::play::World;
use super::promise::{Broken, Rule, broken};
use super::story::Story;
use crate::clock::Stopwatch;
use crate::mutant::{Mutant, plant};

/// Unasked, as many seeds are played as fit into this.
const UNASKED: Duration = Duration::from_mins(1);

/// In so many seeds each mutant must be caught, when the known one does not show it any more.
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
    if result.is_ok() && !story.racing && (story.directed || dice.once_in(2)) {
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
    let asked = number("WORLD_SEEDS");
    let seeds = asked.unwrap_or(u64::from(u32::MAX));
    let first = number("WORLD_FIRST").unwrap_or(1);
    let next = AtomicU64::new(first);
    let failed = AtomicU64::new(0);
    let begun = Stopwatch::start();
    let told = AtomicU64::new(0);
    let worker = || {
        on_a_thread(async |floor| {
            let mut sum = (0, 0, 0);
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                let is_over = asked.is_none() && begun.elapsed() > UNASKED;
                if is_over || seed >= first + seeds {
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
                sum = (sum.0 + played.gates, sum.1 + played.commits, sum.2 + 1);
                let seconds = begun.elapsed().as_secs();
                if asked.is_some() && told.fetch_max(seconds / 10, Ordering::SeqCst) < seconds / 10
                {
                    let failed = failed.load(Ordering::SeqCst);
                    let played = seed - first;
                    println!(
                        "{seconds} s: seed {seed}, {failed} failed, {} a second",
                        played / seconds
                    );
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
        "{} seeds in {:.1} s: {} gates, {} commits, every promise held after each",
        one.2 + two.2,
        begun.elapsed().as_secs_f64(),
        one.0 + two.0,
        one.1 + two.1
    );
}

#[test]
fn a_seed_replays_exactly() {
    on_a_thread(async |floor| {
        for seed in 1..=20 {
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
    let line = on_a_thread(async |floor| {
        let directed = (1..=MUTANT_SEEDS).filter(|seed| seed % 10 == first % 10);
        for seed in std::iter::once(first)
            .chain(directed)
            .chain(1..=MUTANT_SEEDS)
        {
            let played = play(floor, seed, false).await;
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
