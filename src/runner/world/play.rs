//! The scheduler: one node goes on to its next gate at a time, by the dice.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use super::always::Present;
use super::dice::Dice;
use super::fate::{Fault, Layout};
use super::floor::Floor;
use super::node::{AHEAD_MAX, BEHIND_MAX, Node, mail, work};
use super::promise::{Broken, Checked, Rule, broken};
use super::seen::{Look, Seen};
use super::story::{Came, Story, open_holds};
use crate::clock::Clock;
use crate::mutant;
use crate::runner::serve::instant;
use crate::runner::{RunError, Runner};
use crate::store::gate::{self, Gate, Verdict};

/// More gates than any story needs: a world that has not come to rest by then never does.
const GATES_MAX: u64 = 60_000;

/// A world.
pub(super) struct World<'f> {
    pub(super) floor: &'f Floor,
    pub(super) story: Story,
    pub(super) layout: Layout,
    pub(super) dice: Dice,
    pub(super) seen: Seen,
    pub(super) now: i64,
    /// Nobody has looked after this instant, µs UTC.
    pub(super) looked: i64,
    /// Which build runs.
    pub(super) build: usize,
    pub(super) rebuild: bool,
    /// The revision of plans when that build came; until it is raised, plans are still the other's.
    pub(super) found: Option<i64>,
    pub(super) nodes: Vec<Node>,
    pub(super) tasks: Vec<Task>,
    pub(super) acts: Vec<Done>,
    pub(super) holds: Vec<i64>,
    last: usize,
    pub(super) fruitless: u32,
    pub(super) gates: u64,
    pub(super) commits: u64,
    /// Over everything that was decided, to show that a seed replays.
    pub(super) hash: u64,
    pub(super) tale: Option<Vec<String>>,
}

/// What stands of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Not,
    /// So many people are at it.
    UnderWay(u32),
    Came(Came),
}

/// Something that runs on a node.
pub(super) struct Task {
    pub(super) node: usize,
    pub(super) role: Role,
    future: Pin<Box<dyn Future<Output = Option<Came>>>>,
    pub(super) at: At,
    /// It lets others go first so many times.
    stalled: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Work,
    Mail,
    Act(usize),
    Orphans,
    /// A batch that is stepped or stored beside others.
    Batch,
}

/// Where a task is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    Begin,
    Gate(Gate),
    /// Its mails are with the mail server.
    Wire,
    /// It waits for batches beside it.
    Batches,
    /// It is woken from its rest, or a batch has come to its end.
    Woken,
    End(Option<Came>),
}

impl<'f> World<'f> {
    /// A world before anything has happened.
    pub(super) async fn new(
        floor: &'f Floor,
        seed: u64,
        story: Story,
        layout: Layout,
    ) -> Result<Self, RunError> {
        gate::guard(false);
        gate::set_alive(None);
        mutant::turn_calendar(false);
        floor.store.forget().await?;
        let acts = vec![Done::Not; story.acts.len()];
        let mut world = Self {
            floor,
            now: story.begins.as_microsecond(),
            layout,
            dice: Dice::new(seed),
            seen: Seen::default(),
            looked: 0,
            build: 0,
            rebuild: false,
            found: None,
            nodes: Vec::new(),
            tasks: Vec::new(),
            acts,
            holds: Vec::new(),
            last: 0,
            fruitless: 0,
            gates: 0,
            commits: 0,
            hash: seed,
            tale: None,
            story,
        };
        world.seen.changes = -1;
        let opener = world.runner("opener", 0).ok_or_else(nobody)?;
        world.holds = open_holds(&world.story, floor, &opener).await?;
        Ok(world)
    }

    /// Plays to the end.
    pub(super) async fn play(&mut self) -> Checked {
        self.look().await?;
        for _ in 0..self.layout.nodes {
            self.start_node();
        }
        while self.step().await? {
            if self.gates > GATES_MAX {
                return Err(broken(Rule::Progress, "it does not come to rest"));
            }
        }
        gate::guard(false);
        self.look().await?;
        self.seen.at_rest()
    }

    fn runner(&self, name: &str, skew: i64) -> Option<Runner> {
        let mut settings = Floor::settings(name, self.layout.batch)?;
        settings.recipient_max = self.story.recipient_max;
        let clock = Clock::manual(instant(self.now + skew));
        let version = self.floor.builds[self.build].clone();
        Some(Runner::of_build(
            self.floor.store.clone(),
            clock,
            settings,
            version,
        ))
    }

    /// What a node's clock shows beyond the world's, where what people do is not compared to the instant.
    fn skew(&mut self) -> i64 {
        if self.story.racing {
            self.dice.upto(BEHIND_MAX + AHEAD_MAX) - BEHIND_MAX
        } else {
            0
        }
    }

    /// What all nodes know to have come, µs UTC.
    pub(super) fn known_to_all(&self) -> i64 {
        self.now - if self.story.racing { BEHIND_MAX } else { 0 }
    }

    pub(super) fn say(&mut self, what: impl FnOnce(&Self) -> String) {
        if self.tale.is_some() {
            let at = instant(self.now);
            let line = format!("{:>6} {at} {}", self.gates, what(self));
            self.tale.get_or_insert_default().push(line);
        }
    }

    pub(super) fn stir(&mut self, what: u64) {
        self.hash = (self.hash ^ what).wrapping_mul(0x0000_0100_0000_01b3);
    }

    pub(super) fn start_node(&mut self) {
        let name = format!("node{}", self.nodes.len() + 1);
        let skew = self.skew();
        let Some(runner) = self.runner(&name, skew) else {
            return;
        };
        let node = Node::new(name, runner, self.now, skew);
        let future = {
            let (runner, mailer) = (node.runner.clone(), node.mailer.clone());
            let looked = node.looked.clone();
            async move {
                work(runner, mailer, looked).await;
                None
            }
        };
        self.say(|_| format!("{} starts", node.name));
        self.nodes.push(node);
        self.spawn(self.nodes.len() - 1, Role::Work, Box::pin(future));
        self.tell_who_lives();
    }

    pub(super) fn spawn(
        &mut self,
        node: usize,
        role: Role,
        future: Pin<Box<dyn Future<Output = Option<Came>>>>,
    ) {
        self.tasks.push(Task {
            node,
            role,
            future,
            at: At::Begin,
            stalled: 0,
        });
    }

    pub(super) fn tell_who_lives(&self) {
        let alive = self.nodes.iter().filter(|node| !node.dead && !node.frozen);
        gate::set_alive(Some(alive.map(|node| node.name.clone()).collect()));
    }

    /// Lets somebody go on; false when everything is over.
    async fn step(&mut self) -> Result<bool, Broken> {
        let runs = |task: &Task| {
            let waits = matches!(task.at, At::Gate(Gate::Rest(_)) | At::Batches);
            !self.nodes[task.node].frozen && !waits
        };
        let ready: Vec<usize> = (0..self.tasks.len())
            .filter(|at| runs(&self.tasks[*at]))
            .collect();
        if ready.is_empty() {
            return self.idle().await;
        }
        self.gates += 1;
        if self.story.racing && self.dice.once_in(12) {
            // Somebody comes in between.
            if self.act_if_time(true)? {
                return Ok(true);
            }
            self.wake(Role::Work);
        }
        let mut task = ready[self.dice.below(ready.len())];
        // Mostly the same one goes on, as mostly nobody comes in between.
        if ready.contains(&self.last) && !self.dice.once_in(4) {
            task = self.last;
        }
        if self.tasks[task].stalled > 0 {
            self.tasks[task].stalled -= 1;
            self.last = ready[self.dice.below(ready.len())];
            return Ok(true);
        }
        self.last = task;
        self.go_on(task).await?;
        Ok(true)
    }

    async fn go_on(&mut self, task: usize) -> Checked {
        let at = self.tasks[task].at.clone();
        let role = self.tasks[task].role;
        let node = self.tasks[task].node;
        let mut verdict = Verdict::Go;
        if let At::Gate(gate) = &at
            && let Some(fault) = self.fault(*gate)
        {
            self.say(|world| format!("{} {role:?} at {gate:?}: {fault:?}", world.nodes[node].name));
            match fault {
                Fault::Fails => verdict = Verdict::Fail,
                Fault::Dies => return self.die(node),
                Fault::Freezes => {
                    self.freeze(node);
                    return Ok(());
                }
                Fault::Stalls => {
                    let rounds = self.dice.below(60);
                    self.tasks[task].stalled = u32::try_from(rounds).unwrap_or_default();
                    return Ok(());
                }
            }
        }
        if at == At::Wire {
            self.answer(node)?;
            // The mailer hears of it before it is asked again.
            tokio::task::yield_now().await;
        }
        gate::tell(verdict);
        let reached = self.drive(task).await;
        self.stir(u64::try_from(task).unwrap_or_default());
        self.say(|world| format!("{} {role:?} {at:?} -> {reached:?}", world.nodes[node].name));
        self.tasks[task].at = reached.clone();
        for batch in gate::begun() {
            let batch = async move {
                batch.await;
                None
            };
            self.spawn(node, Role::Batch, Box::pin(batch));
        }
        match reached {
            At::Gate(Gate::Written) => {
                self.commits += 1;
                self.look().await?;
            }
            At::Gate(Gate::Started) => {
                let mailer = self.nodes[node].mailer.clone();
                let future = async move {
                    mail(mailer).await;
                    None
                };
                self.spawn(node, Role::Mail, Box::pin(future));
            }
            At::Gate(Gate::Rest(_)) if role == Role::Mail => {
                self.nodes[node].stood_still = false;
            }
            At::End(came) => {
                drop(self.tasks.swap_remove(task));
                if role == Role::Batch {
                    self.batch_ends(node);
                }
                self.ended(role, came)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whoever waits for a batch of a node looks whether it was that one.
    fn batch_ends(&mut self, node: usize) {
        for task in &mut self.tasks {
            if task.node == node && task.at == At::Batches {
                task.at = At::Woken;
            }
        }
    }

    /// Polls a task until it has come to a gate, to the wire, or to its end. What else it waits for
    /// is the real database, and nobody else goes on meanwhile.
    async fn drive(&mut self, task: usize) -> At {
        let wire = self.nodes[self.tasks[task].node].wire.clone();
        let is_mailer = self.tasks[task].role == Role::Mail;
        let task = &mut self.tasks[task];
        let reached = poll_fn(move |context| match of_its_own(&mut task.future, context) {
            Poll::Ready(came) => Poll::Ready(At::End(came)),
            Poll::Pending => match gate::asked() {
                Some(gate) => Poll::Ready(At::Gate(gate)),
                None if is_mailer && wire.is_busy(context.waker()) => Poll::Ready(At::Wire),
                None if gate::waits() => Poll::Ready(At::Batches),
                None => Poll::Pending,
            },
        })
        .await;
        if is_mailer {
            // What it has put on the wire is there now, however soon it came to its next gate.
            tokio::task::yield_now().await;
        }
        reached
    }

    /// Looks at everything, if anything has changed.
    async fn look(&mut self) -> Checked {
        gate::guard(false);
        let (changes, row) = (self.seen.changes, self.seen.last_row);
        let looked = self
            .floor
            .store
            .peek(changes, row, &self.seen.known())
            .await;
        gate::guard(true);
        let failed = |error: &dyn std::fmt::Display| broken(Rule::Progress, error.to_string());
        let Some(json) = looked.map_err(|error| failed(&error))? else {
            return Ok(());
        };
        let look: Look = serde_json::from_str(&json).map_err(|error| failed(&error))?;
        self.fruitless = 0;
        let still = self.nodes.iter().filter(|node| node.stood_still);
        let present = Present {
            workflow: &self.floor.builds[self.build].workflow,
            now: self.now,
            found: self.found,
            stood_still: still.map(|node| node.name.clone()).collect(),
            names: &self.floor.names,
        };
        self.seen.take_in(look, &present)
    }
}

/// Polls a task, of which nothing is known yet.
fn of_its_own<F: Future + ?Sized>(
    future: &mut Pin<Box<F>>,
    context: &mut std::task::Context<'_>,
) -> Poll<F::Output> {
    gate::own_work();
    future.as_mut().poll(context)
}

fn nobody() -> RunError {
    RunError::Inconsistent("there is nobody to begin with".into())
}
