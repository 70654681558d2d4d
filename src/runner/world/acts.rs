//! Acts in a world: who begins them, and what becomes of them.

use std::pin::Pin;

use super::play::{Done, Role, World};
use super::promise::{Broken, Checked, Rule, broken};
use super::story::{Came, Deed, Halt, enrol, let_go, put, spoil, stop};
use crate::engine::NewCase;
use crate::runner::Runner;
use crate::store::Scope;

impl World<'_> {
    /// Begins the act whose time it is. Where acts race, any of them, or none.
    pub(super) fn act_if_time(&mut self, racing: bool) -> Result<bool, Broken> {
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
            Deed::Stop(what) => {
                let scope = self.scope_of(*what)?;
                Some(Box::pin(async move { Some(stop(runner, scope).await) }))
            }
            Deed::LetGo(what) => {
                let scope = self.scope_of(*what)?;
                Some(Box::pin(async move { Some(let_go(runner, scope).await) }))
            }
            Deed::NewBuild => None,
        }
    }

    fn scope_of(&self, what: Halt) -> Option<Scope> {
        let mut scope = Scope::default();
        match what {
            Halt::All => {}
            Halt::Hold(hold) => scope.cohort_id = Some(*self.holds.get(hold)?),
            Halt::Named(name) => scope.declaration = Some(name.to_owned()),
        }
        Some(scope)
    }

    /// A task has come to its end; a person whose act failed tries again.
    pub(super) fn ended(&mut self, role: Role, came: Option<Came>) -> Checked {
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
