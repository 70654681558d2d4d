//! The scheduler: one node goes on to its next gate at a time, by the dice.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::Poll;

use super::always::{Broken, Checked, Present, Rule, broken};
use super::dice::Dice;
use super::fate::{Answer, Fault, Layout, fault};
use super::floor::Floor;
use super::node::{Node, SOON, mail, work};
use super::seen::{Look, Seen};
use super::story::{Came, Deed, Story, days, enrol, open_holds, put, spoil};
use crate::clock::Clock;
use crate::engine::NewCase;
use crate::runner::serve::instant;
use crate::runner::{RunError, Runner};
use crate::store::gate::{self, Gate, Verdict};
use crate::{mutant, store};

/// More gates than any story needs: a world that has not come to rest by then never does.
const GATES_MAX: u64 = 60_000;
/// So often may nodes be woken at one instant without anything being written.
const FRUITLESS_MAX: u32 = 80;

/// A world.
pub(super) struct World<'f> {
    floor: &'f Floor,
    story: Story,
    layout: Layout,
    dice: Dice,
    pub(super) seen: Seen,
    now: i64,
    /// Which build runs.
    build: usize,
    rebuild: bool,
    nodes: Vec<Node>,
    tasks: Vec<Task>,
    acts: Vec<Done>,
    holds: Vec<i64>,
    last: usize,
    fruitless: u32,
    pub(super) gates: u64,
    pub(super) commits: u64,
    /// Over everything that was decided, to show that a seed replays.
    pub(super) hash: u64,
    pub(super) tale: Option<Vec<String>>,
}

/// What stands of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Done {
    Not,
    /// So many people are at it.
    UnderWay(u32),
    Came(Came),
}

/// Something that runs on a node.
struct Task {
    node: usize,
    role: Role,
    future: Pin<Box<dyn Future<Output = Option<Came>>>>,
    at: At,
    /// It lets others go first so many times.
    stalled: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Work,
    Mail,
    Act(usize),
    Orphans,
}

/// Where a task is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Begin,
    Gate(Gate),
    /// Its mails are with the mail server.
    Wire,
    /// It is woken from its rest.
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
            build: 0,
            rebuild: false,
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
        let opener = world.runner("opener").ok_or_else(nobody)?;
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

    fn runner(&self, name: &str) -> Option<Runner> {
        let settings = Floor::settings(name, self.layout.batch)?;
        let clock = Clock::manual(instant(self.now));
        let version = self.floor.builds[self.build].clone();
        Some(Runner::of_build(
            self.floor.store.clone(),
            clock,
            settings,
            version,
        ))
    }

    fn say(&mut self, what: impl FnOnce(&Self) -> String) {
        if self.tale.is_some() {
            let at = instant(self.now);
            let line = format!("{:>6} {at} {}", self.gates, what(self));
            self.tale.get_or_insert_default().push(line);
        }
    }

    fn stir(&mut self, what: u64) {
        self.hash = (self.hash ^ what).wrapping_mul(0x0000_0100_0000_01b3);
    }

    fn start_node(&mut self) {
        let name = format!("node{}", self.nodes.len() + 1);
        let Some(runner) = self.runner(&name) else {
            return;
        };
        let node = Node::new(name, runner, self.now);
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

    fn spawn(
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

    fn tell_who_lives(&self) {
        let alive = self.nodes.iter().filter(|node| !node.dead && !node.frozen);
        gate::set_alive(Some(alive.map(|node| node.name.clone()).collect()));
    }

    /// Lets somebody go on; false when everything is over.
    async fn step(&mut self) -> Result<bool, Broken> {
        let runs = |task: &Task| {
            !self.nodes[task.node].frozen && !matches!(task.at, At::Gate(Gate::Rest(_)))
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
        }
        gate::tell(verdict);
        let reached = self.drive(task).await;
        self.stir(u64::try_from(task).unwrap_or_default());
        self.say(|world| format!("{} {role:?} {at:?} -> {reached:?}", world.nodes[node].name));
        self.tasks[task].at = reached.clone();
        match reached {
            At::Gate(Gate::Written) => {
                self.commits += 1;
                self.look().await?;
            }
            At::Gate(Gate::Started) => {
                let (runner, mailer) = (&self.nodes[node].runner, &self.nodes[node].mailer);
                let (runner, mailer) = (runner.clone(), mailer.clone());
                let future = async move {
                    mail(runner, mailer).await;
                    None
                };
                self.spawn(node, Role::Mail, Box::pin(future));
            }
            At::Gate(Gate::Rest(_)) if role == Role::Mail => {
                self.nodes[node].stood_still = false;
            }
            At::End(came) => {
                drop(self.tasks.swap_remove(task));
                self.ended(role, came)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Polls a task until it has come to a gate, to the wire, or to its end. What else it waits for
    /// is the real database, and nobody else goes on meanwhile.
    async fn drive(&mut self, task: usize) -> At {
        let wire = self.nodes[self.tasks[task].node].wire.clone();
        let is_mailer = self.tasks[task].role == Role::Mail;
        let task = &mut self.tasks[task];
        poll_fn(move |context| match task.future.as_mut().poll(context) {
            Poll::Ready(came) => Poll::Ready(At::End(came)),
            Poll::Pending => match gate::asked() {
                Some(gate) => Poll::Ready(At::Gate(gate)),
                None if is_mailer && wire.is_busy(context.waker()) => Poll::Ready(At::Wire),
                None => Poll::Pending,
            },
        })
        .await
    }

    fn fault(&mut self, gate: Gate) -> Option<Fault> {
        if self.layout.faults == 0 || !self.dice.once_in(self.layout.rate) {
            return None;
        }
        self.layout.faults -= 1;
        Some(fault(&mut self.dice, gate))
    }

    /// The mail server answers to one of the mails on a wire.
    fn answer(&mut self, node: usize) -> Checked {
        let wire = self.nodes[node].wire.clone();
        let handed = wire.take(self.dice.below(wire.len()));
        let mut answer = Answer::Accepts;
        if self.layout.faults > 0 && self.dice.once_in(8) {
            self.layout.faults -= 1;
            answer = Answer::of(&mut self.dice);
        }
        self.say(|_| format!("{:?} {answer:?}", handed.mail.subject));
        self.seen.attempted(&handed.mail)?;
        if answer.delivers() {
            self.seen.accept(&handed.mail)?;
        }
        // A mailer that has gone does not hear it.
        drop(handed.reply.send(answer.said()));
        Ok(())
    }

    /// A node is gone, with everything it was doing. What it had on the wire may have arrived.
    fn die(&mut self, node: usize) -> Checked {
        let acts: Vec<Role> = (self.tasks.iter())
            .filter(|task| task.node == node)
            .map(|task| task.role)
            .collect();
        self.tasks.retain(|task| task.node != node);
        for role in acts {
            self.ended(role, Some(Came::Again))?;
        }
        self.nodes[node].dead = true;
        let wire = self.nodes[node].wire.clone();
        while wire.len() > 0 {
            let handed = wire.take(0);
            self.seen.attempted(&handed.mail)?;
            if self.dice.once_in(2) {
                self.seen.accept(&handed.mail)?;
            }
        }
        self.tell_who_lives();
        Ok(())
    }

    fn freeze(&mut self, node: usize) {
        self.nodes[node].frozen = true;
        self.nodes[node].stood_still = true;
        self.tell_who_lives();
    }

    fn thaw(&mut self) {
        for node in &mut self.nodes {
            node.frozen = false;
        }
        self.tell_who_lives();
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
            stood_still: still.map(|node| node.name.clone()).collect(),
            names: &self.floor.names,
        };
        self.seen.take_in(look, &present)
    }

    /// Nobody goes on by itself: somebody is woken, acts, or starts again, or time goes on.
    async fn idle(&mut self) -> Result<bool, Broken> {
        self.fruitless += 1;
        if self.fruitless > FRUITLESS_MAX {
            return Err(broken(Rule::Progress, "what is due is never done"));
        }
        let alive = self.nodes.iter().filter(|node| !node.dead).count();
        if self.rebuild && alive == 0 {
            self.rebuild = false;
            self.build = 1 - self.build;
            mutant::turn_calendar(self.build == 1);
        }
        if alive < self.layout.nodes {
            self.start_node();
            return Ok(true);
        }
        let awake = |node: &Node| !node.dead && !node.frozen;
        if !self.nodes.iter().any(awake) {
            self.thaw();
            return Ok(true);
        }
        if self.look_again_soon() || self.story.racing && self.act_if_time(true)? {
            return Ok(true);
        }
        let (work, mail) = self.next_due().await?;
        let is_due = |at: Option<i64>| at.is_some_and(|at| at <= self.now);
        if is_due(work) || is_due(mail) {
            let role = if is_due(work) { Role::Work } else { Role::Mail };
            if !self.wake(role) {
                self.thaw();
            }
            return Ok(true);
        }
        if self.orphans() || self.act_if_time(false)? {
            return Ok(true);
        }
        if self.acts.iter().any(|act| matches!(act, Done::UnderWay(_))) {
            self.thaw();
            return Ok(true);
        }
        Ok(self.time_goes_on(work.into_iter().chain(mail).min()))
    }

    async fn next_due(&mut self) -> Result<(Option<i64>, Option<i64>), Broken> {
        gate::guard(false);
        let next = self.floor.store.next_both().await;
        gate::guard(true);
        next.map_err(|error: store::StoreError| broken(Rule::Progress, error.to_string()))
    }

    /// One of the loops of this kind looks again, or several; false when none rests.
    fn wake(&mut self, role: Role) -> bool {
        let rests = |task: &Task| {
            task.role == role
                && matches!(task.at, At::Gate(Gate::Rest(_)))
                && !self.nodes[task.node].frozen
        };
        let resting: Vec<usize> = (0..self.tasks.len())
            .filter(|at| rests(&self.tasks[*at]))
            .collect();
        if resting.is_empty() {
            return false;
        }
        let first = resting[self.dice.below(resting.len())];
        for at in resting {
            if at == first || self.dice.once_in(3) {
                self.tasks[at].at = At::Woken;
            }
        }
        true
    }

    /// Loops that met a failure.
    fn look_again_soon(&mut self) -> bool {
        let mut any = false;
        for task in &mut self.tasks {
            if task.at == At::Gate(Gate::Rest(SOON)) && !self.nodes[task.node].frozen {
                task.at = At::Woken;
                any = true;
            }
        }
        any
    }

    /// What a node that has gone had on the wire is of unknown fate; another says so.
    fn orphans(&mut self) -> bool {
        let gone = |name: &str| {
            let mut nodes = self.nodes.iter();
            nodes.any(|node| node.name == name && (node.dead || node.frozen))
        };
        let mut mails = self.seen.mails.values();
        if !mails.any(|mail| mail.status == "sending" && mail.node.as_deref().is_some_and(gone)) {
            return false;
        }
        let Some(node) = self.somebody() else {
            return false;
        };
        let runner = self.nodes[node].runner.clone();
        let future = async move {
            let now = runner.now().as_microsecond();
            // If the store fails, somebody asks again.
            drop(runner.store().orphaned(now).await);
            None
        };
        self.spawn(node, Role::Orphans, Box::pin(future));
        true
    }

    fn somebody(&mut self) -> Option<usize> {
        let awake = |node: &Node| !node.dead && !node.frozen;
        let nodes: Vec<usize> = (0..self.nodes.len())
            .filter(|at| awake(&self.nodes[*at]))
            .collect();
        self.dice.pick(&nodes)
    }

    /// Begins the act whose time it is. Where acts race, any of them, or none.
    fn act_if_time(&mut self, racing: bool) -> Result<bool, Broken> {
        let is_time = |at: usize| self.acts[at] == Done::Not && self.story.acts[at].at <= self.now;
        let ready: Vec<usize> = (0..self.acts.len()).filter(|at| is_time(*at)).collect();
        if ready.is_empty() || racing && self.dice.once_in(2) {
            return Ok(false);
        }
        let act = if racing {
            ready[self.dice.below(ready.len())]
        } else {
            ready[0]
        };
        self.begin(act)?;
        Ok(true)
    }

    fn begin(&mut self, act: usize) -> Checked {
        let deed = self.story.acts[act].deed.clone();
        let twice = self.story.acts[act].twice;
        self.fruitless = 0;
        self.say(|_| format!("act {act}: {deed:?}"));
        self.acts[act] = Done::UnderWay(0);
        let times = if twice { 2 } else { 1 };
        for _ in 0..times {
            let Some(node) = self.somebody() else {
                break;
            };
            let runner = self.nodes[node].runner.clone();
            let Some(future) = self.perform(act, &deed, runner) else {
                break;
            };
            self.spawn(node, Role::Act(act), future);
            if let Done::UnderWay(people) = &mut self.acts[act] {
                *people += 1;
            }
            if !matches!(deed, Deed::Case(..) | Deed::Hold(..)) {
                break;
            }
        }
        if self.acts[act] == Done::UnderWay(0) {
            self.acts[act] = Done::Came(Came::Refused("nobody is there".into()));
        }
        if matches!(deed, Deed::NewBuild) {
            self.rebuild = true;
            for node in 0..self.nodes.len() {
                if !self.nodes[node].dead {
                    self.die(node)?;
                }
            }
        }
        Ok(())
    }

    fn perform(
        &mut self,
        act: usize,
        deed: &Deed,
        runner: Runner,
    ) -> Option<Pin<Box<dyn Future<Output = Option<Came>>>>> {
        let case_of = |candidate: usize| {
            let person = self.floor.candidates.get(candidate)?;
            self.seen.case_of(*person)
        };
        let key = format!("act {act}");
        match deed {
            Deed::Enrol(candidate, hold) => {
                if case_of(*candidate).is_some() {
                    return None;
                }
                let person = *self.floor.candidates.get(*candidate)?;
                let case = NewCase {
                    people: self.floor.people_of(*candidate),
                    ..NewCase::default()
                };
                let organisation = self.floor.organisations[candidate % 2];
                let hold = *self.holds.get(*hold)?;
                let enrolled = enrol(runner, hold, person, case, organisation);
                Some(Box::pin(async move { Some(enrolled.await) }))
            }
            Deed::Case(candidate, input) => {
                let case = case_of(*candidate)?;
                let came = put(runner, case, input.clone(), key);
                Some(Box::pin(async move { Some(came.await) }))
            }
            Deed::Hold(hold, input) => {
                let came = put(runner, *self.holds.get(*hold)?, input.clone(), key);
                Some(Box::pin(async move { Some(came.await) }))
            }
            Deed::Spoil(candidate) => {
                let case = case_of(*candidate)?;
                self.seen.poisoned.insert(case);
                Some(Box::pin(async move { Some(spoil(runner, case).await) }))
            }
            Deed::NewBuild => None,
        }
    }

    /// A task has come to its end; a person whose act failed tries again.
    fn ended(&mut self, role: Role, came: Option<Came>) -> Checked {
        let (Role::Act(act), Some(came)) = (role, came) else {
            return Ok(());
        };
        self.say(|_| format!("act {act} came to {came:?}"));
        let spoilt = self.is_spoilt(act);
        if let Came::Odd(what) = &came
            && !spoilt
        {
            let deed = &self.story.acts[act].deed;
            return Err(broken(Rule::Outcome, format!("{deed:?}: {what}")));
        }
        let Done::UnderWay(people) = &mut self.acts[act] else {
            return self.same_outcome(act, &came);
        };
        *people = people.saturating_sub(1);
        if came != Came::Again {
            self.acts[act] = Done::Came(came);
        } else if *people == 0 {
            self.acts[act] = Done::Not;
        }
        Ok(())
    }

    /// Whether an act is about a case that cannot be read.
    fn is_spoilt(&self, act: usize) -> bool {
        matches!(&self.story.acts[act].deed, Deed::Case(candidate, _)
            if Some(*candidate) == self.story.poisoned)
    }

    /// Who clicks twice hears the same twice, unless the store fails; where acts race, what was refused
    /// may be possible a moment later.
    fn same_outcome(&self, act: usize, came: &Came) -> Checked {
        let Done::Came(first) = &self.acts[act] else {
            return Ok(());
        };
        let later = self.story.racing && matches!(first, Came::Refused(_));
        if *came == Came::Again || self.is_spoilt(act) || later || first == came {
            return Ok(());
        }
        let deed = &self.story.acts[act].deed;
        let what = format!("{deed:?} comes to {first:?}, and again to {came:?}");
        Err(broken(Rule::Outcome, what))
    }

    /// The clock goes on to what is due next, or to the end of an outage. False when nothing is.
    fn time_goes_on(&mut self, due: Option<i64>) -> bool {
        let acts = (self.acts.iter().zip(&self.story.acts))
            .filter(|(done, _)| **done == Done::Not)
            .map(|(_, act)| act.at);
        let frozen = self.nodes.iter().any(|node| node.frozen && !node.dead);
        let Some(mut to) = due.into_iter().chain(acts).min() else {
            if frozen {
                self.thaw();
            }
            return frozen;
        };
        let asleep = (self.story.outages.iter()).find(|(from, until)| *from <= to && to < *until);
        let out = asleep.copied();
        if let Some((_, until)) = out {
            to = until;
        }
        self.now = self.now.max(to);
        for node in &self.nodes {
            node.move_to(self.now);
            if out.is_none() {
                // It has looked every few seconds.
                node.looked.store(self.now, Ordering::SeqCst);
            }
        }
        self.fruitless = 0;
        self.say(|_| "the clock goes on".to_owned());
        self.stir(self.now.unsigned_abs());
        if frozen && self.dice.once_in(2) {
            self.thaw();
        }
        self.now < self.story.begins.as_microsecond() + days(400)
    }

    /// What there is to compare: the history of each candidate and hold, and what is held.
    pub(super) fn outcome(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, row) in &self.seen.subjects {
            if self.seen.poisoned.contains(id) {
                continue;
            }
            let who = row
                .seen
                .person
                .and_then(|person| self.floor.names.get(&person));
            let who = who.cloned().unwrap_or_else(|| format!("hold {id}"));
            for (at, event) in &row.history {
                lines.push(format!("{who}: {at} {event:?}"));
            }
        }
        for mail in self
            .seen
            .mails
            .values()
            .filter(|mail| mail.status == "held")
        {
            lines.push(format!(
                "held: {} {} {}",
                mail.subject, mail.occurrence, mail.seat
            ));
        }
        lines.sort();
        lines
    }
}

fn nobody() -> RunError {
    RunError::Inconsistent("there is nobody to begin with".into())
}
