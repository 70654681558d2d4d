//! One seed is played: a story, and one of the fates it meets.

use std::fmt::Write as _;
use std::future::poll_fn;
use std::pin::pin;

use super::dice::Dice;
use super::fate::Layout;
use super::floor::Floor;
use super::play::World;
use super::promise::{Broken, Checked, Rule, broken};
use super::story::Story;

/// How many fates each story meets: what comes of it when all is calm is played once for all of them.
pub(super) const FATES: u64 = 4;

/// What became of a seed.
pub(super) struct Played {
    pub(super) gates: u64,
    pub(super) commits: u64,
    pub(super) hash: u64,
    pub(super) broken: Option<Broken>,
    pub(super) tale: Option<Vec<String>>,
}

/// Plays seeds on a floor.
pub(super) struct Player {
    floor: Floor,
    /// What comes of the story of a number when nothing goes wrong.
    calm: Option<(u64, Vec<String>)>,
}

/// Work with a player, on this thread.
pub(super) fn on_a_thread<T>(work: impl AsyncFnOnce(&mut Player) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let played = async {
        let floor = Floor::lay().await.expect("a floor");
        let mut player = Player { floor, calm: None };
        work(&mut player).await
    };
    runtime.block_on(sleepless(played))
}

/// Asks again instead of sleeping. All that a world waits for is the thread of its SQLite, which answers
/// in some microseconds: to be put to sleep and woken takes longer.
async fn sleepless<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            context.waker().wake_by_ref();
            std::thread::yield_now();
        }
        polled
    })
    .await
}

/// Names the seed that panics.
struct Playing(u64);

impl Drop for Playing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {} panics: {:?}", self.0, Story::of(self.0 / FATES));
        }
    }
}

impl Player {
    pub(super) fn floor(&self) -> &Floor {
        &self.floor
    }

    pub(super) async fn play(&mut self, seed: u64, tale: bool) -> Played {
        let _playing = Playing(seed);
        let mut dice = Dice::new(seed ^ 0x5eed);
        let story = Story::of(seed / FATES);
        let layout = Layout::of(&mut dice);
        let world = World::new(&self.floor, seed, story.clone(), layout).await;
        let mut world = world.expect("a world begins");
        world.tale = tale.then(|| vec![format!("{story:#?}\n{layout:?}")]);
        let result = world.play().await;
        let (gates, commits, hash) = (world.gates, world.commits, world.hash);
        let (tale, outcome) = (world.tale.take(), world.outcome());
        drop(world);
        let result = match result {
            Ok(()) if !story.racing => self.is_as_when_calm(seed / FATES, story, &outcome).await,
            result => result,
        };
        Played {
            gates,
            commits,
            hash,
            broken: result.err(),
            tale,
        }
    }

    /// The same comes of a story on one node, in large batches, when nothing goes wrong.
    async fn is_as_when_calm(&mut self, number: u64, story: Story, outcome: &[String]) -> Checked {
        if self.calm.as_ref().is_none_or(|(of, _)| *of != number) {
            self.calm = Some((number, self.when_calm(number, story).await?));
        }
        let (_, expected) = self.calm.as_ref().expect("it has just been played");
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

    async fn when_calm(&self, number: u64, story: Story) -> Result<Vec<String>, Broken> {
        let calm = World::new(&self.floor, number, story, Layout::calm()).await;
        let mut calm = calm.expect("a world begins");
        calm.play().await?;
        Ok(calm.outcome())
    }
}
