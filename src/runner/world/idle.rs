//! Where nobody goes on by itself: somebody is woken, or the clock goes on.

use std::sync::atomic::Ordering;

use super::node::{Node, SOON};
use super::play::{At, Done, Role, Task, World};
use super::promise::{Broken, Checked, Rule, broken};
use super::story::days;
use crate::store::gate::{self, Gate};
use crate::{mutant, store};

/// So often may nodes be woken at one instant without anything being written.
const FRUITLESS_MAX: u32 = 80;

impl World<'_> {
    /// Nobody goes on by itself: somebody is woken, acts, or starts again, or time goes on.
    pub(super) async fn idle(&mut self) -> Result<bool, Broken> {
        self.fruitless += 1;
        if self.fruitless > FRUITLESS_MAX {
            return Err(broken(Rule::Progress, "what is due is never done"));
        }
        let alive = self.nodes.iter().filter(|node| !node.dead).count();
        if self.rebuild && alive == 0 {
            self.rebuild = false;
            self.build = 1 - self.build;
            self.found = Some(self.seen.plan_rev);
            mutant::turn_calendar(self.build == 1);
        }
        if alive < self.layout.nodes {
            self.somebody_looked().await?;
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
        let known = self.known_to_all();
        let is_due = |at: Option<i64>| at.is_some_and(|at| at <= known);
        if is_due(work) || is_due(mail) {
            let role = if is_due(work) { Role::Work } else { Role::Mail };
            if !self.wake(role) {
                self.thaw();
            }
            return Ok(true);
        }
        // Where nothing races, nobody acts before those who began earlier are done, also while their node
        // stands still: who of two comes to a hold first would depend on it.
        let waits = self.acts_are_under_way() && !self.story.racing;
        if self.orphans() || !waits && self.act_if_time(false)? {
            return Ok(true);
        }
        if self.acts_are_under_way() {
            self.thaw();
            return Ok(true);
        }
        Ok(self.time_goes_on(work.into_iter().chain(mail).min()))
    }

    /// Whether anybody waits for an answer, also to the second of two clicks.
    fn acts_are_under_way(&self) -> bool {
        let mut tasks = self.tasks.iter();
        tasks.any(|task| matches!(task.role, Role::Act(_)))
    }

    /// Whoever starts anew finds that the others have looked all the time, but not in an outage.
    async fn somebody_looked(&self) -> Checked {
        gate::guard(false);
        let told = self.floor.store.looked_until(self.looked).await;
        gate::guard(true);
        told.map_err(|error| broken(Rule::Progress, error.to_string()))
    }

    async fn next_due(&mut self) -> Result<(Option<i64>, Option<i64>), Broken> {
        gate::guard(false);
        let next = self.floor.store.next_both().await;
        gate::guard(true);
        next.map_err(|error: store::StoreError| broken(Rule::Progress, error.to_string()))
    }

    /// One of the loops of this kind looks again, or several; false when none rests.
    pub(super) fn wake(&mut self, role: Role) -> bool {
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

    pub(super) fn somebody(&mut self) -> Option<usize> {
        let awake = |node: &Node| !node.dead && !node.frozen;
        let nodes: Vec<usize> = (0..self.nodes.len())
            .filter(|at| awake(&self.nodes[*at]))
            .collect();
        self.dice.pick(&nodes)
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
        self.now = self.now.max(to + self.now - self.known_to_all());
        if out.is_none() {
            self.looked = self.now;
        }
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
}
