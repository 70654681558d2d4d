//! Faults in a world: what befalls a call, a node, or a mail on the wire.

use super::fate::{Answer, Fault, fault};
use super::play::{Role, World};
use super::promise::Checked;
use super::story::Came;
use crate::store::gate::Gate;

impl World<'_> {
    pub(super) fn fault(&mut self, gate: Gate) -> Option<Fault> {
        if self.layout.faults == 0 || !self.dice.once_in(self.layout.rate) {
            return None;
        }
        self.layout.faults -= 1;
        Some(fault(&mut self.dice, gate))
    }

    /// The mail server answers to one of the mails on a wire.
    pub(super) fn answer(&mut self, node: usize) -> Checked {
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
    pub(super) fn die(&mut self, node: usize) -> Checked {
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

    pub(super) fn freeze(&mut self, node: usize) {
        self.nodes[node].frozen = true;
        self.nodes[node].stood_still = true;
        self.tell_who_lives();
    }

    pub(super) fn thaw(&mut self) {
        for node in &mut self.nodes {
            node.frozen = false;
        }
        self.tell_who_lives();
    }
}
