//! One step: everything that is due, then the input, then whatever follows from it.
//!
//! A step works on a copy. A refusal leaves nothing behind.

mod decide;
mod declared;
mod early;
mod ending;
mod hindrance;
mod hold;
mod input;
mod leave;
mod mail;
mod meeting;
mod migrate;
mod open;
mod remind;
mod task;
mod transition;
mod undo;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

pub use self::hindrance::Hindrance;
pub use self::migrate::{Turn, migrate, unmigrate};
pub use self::open::{NewCase, open_case, open_cohort, open_workflow};
use super::asks::Asks;
use super::effect::{Effect, net_places};
use super::event::Event;
use super::frame::{Frame, View};
use super::input::{Actor, Input, Refusal};
use super::plan;
use super::subject::Subject;
use crate::definition::model::StateId;
use crate::mutant::{self, Mutant};

/// At most so many decisions follow from one another before time goes on.
const STEPS_MAX: usize = 512;
/// At most so many transitions follow from one another before time goes on (ENGINE §3).
const TRANSITIONS_MAX: usize = 64;

/// What a step comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The new snapshot.
    pub subject: Subject,
    /// What happened, with the instant it counts for.
    pub events: Vec<(Timestamp, Event)>,
    /// What is to be done in the same commit.
    pub effects: Vec<Effect>,
    /// When the subject is due next; `None`: never, unless something happens.
    pub next_due: Option<Timestamp>,
    /// When it first asks people for something.
    pub asks: Asks,
}

/// Runs what is due for a subject, then takes an input.
///
/// Every input first meets a subject that is up to date: a withdrawal at 10:00 never finds a case
/// that should have moved at 00:00. `now` never goes before the subject's own last instant.
pub fn step(
    view: &View<'_>,
    subject: &Subject,
    input: &Input,
    actor: &Actor,
    now: Timestamp,
) -> Result<Step, Refusal> {
    let mut run = Run::new(view, subject.clone(), now);
    let skips = mutant::is(Mutant::NoCatchUp) && *input != Input::Tick;
    let mut next_due = if skips { None } else { run.catch_up()? };
    if *input != Input::Tick {
        run.asked = matches!(input, Input::Task { .. } | Input::Met { .. });
        run.take(input, actor)?;
        run.asked = false;
        next_due = run.catch_up()?;
    }
    Ok(run.finish_due(next_due))
}

/// A step in the making.
struct Run<'a> {
    view: &'a View<'a>,
    /// Shared, so that a decision can read it as it was while it is written.
    subject: Arc<Subject>,
    now: Timestamp,
    /// The instant that what happens now counts for.
    at: Timestamp,
    events: Vec<(Timestamp, Event)>,
    effects: Vec<Effect>,
    /// Someone is asking for what happens now, and can be told why it cannot be.
    asked: bool,
    /// Decisions and transitions since time last went on.
    steps: usize,
    transitions: usize,
    /// From which planned day each state was entered since time last went on: a latecomer's rounds
    /// get on in these days, though they all happen at one instant.
    rounds: BTreeMap<StateId, Date>,
    /// Places of the hold that this step has taken (negative) or given back.
    places: i64,
}

impl<'a> Run<'a> {
    fn new(view: &'a View<'a>, subject: Subject, now: Timestamp) -> Self {
        let now = now.max(subject.last_at);
        Self {
            view,
            at: subject.last_at,
            subject: Arc::new(subject),
            now,
            events: Vec::new(),
            effects: Vec::new(),
            asked: false,
            steps: 0,
            transitions: 0,
            rounds: BTreeMap::new(),
            places: 0,
        }
    }

    fn finish(self) -> Step {
        let next_due = plan::first(&Frame::new(self.view, &self.subject)).map(|planned| planned.at);
        self.finish_due(next_due)
    }

    fn finish_due(mut self, next_due: Option<Timestamp>) -> Step {
        net_places(&mut self.effects);
        let asks = Asks::of(&Frame::new(self.view, &self.subject));
        Step {
            asks,
            subject: Arc::unwrap_or_clone(self.subject),
            events: self.events,
            effects: self.effects,
            next_due,
        }
    }

    /// Decides everything whose time has come, in total order: instant, rank, declaration. A long
    /// sleep may bring any number of decisions; only where time stands still is there a limit.
    /// Answers when there is next something to decide.
    fn catch_up(&mut self) -> Result<Option<Timestamp>, Refusal> {
        loop {
            let before = Arc::clone(&self.subject);
            let frame = Frame::new(self.view, &before);
            let first = plan::first(&frame);
            let next_due = first.as_ref().map(|planned| planned.at);
            let Some(due) = first.filter(|planned| planned.at <= self.now) else {
                return Ok(next_due);
            };
            let due = plan::first_due(&frame, due, self.now);
            let at = due.at.max(before.last_at);
            if at > self.at {
                self.time_goes_on();
            }
            self.at = at;
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err(Refusal::NoRest { limit: STEPS_MAX });
            }
            self.decide(&frame, &due)?;
        }
    }

    fn time_goes_on(&mut self) {
        self.steps = 0;
        self.transitions = 0;
        self.rounds.clear();
    }

    /// Counts a transition that gets nowhere: into a state that was entered at this very instant,
    /// from no later a day.
    fn count_transition(&mut self, into: StateId, base: Date) -> Result<(), Refusal> {
        let before = self.rounds.insert(into, base);
        if before.is_none_or(|before| before < base) {
            self.steps = 0;
            return Ok(());
        }
        self.transitions += 1;
        if self.transitions > TRANSITIONS_MAX {
            return Err(Refusal::NoRest {
                limit: TRANSITIONS_MAX,
            });
        }
        Ok(())
    }

    fn happen(&mut self, event: Event) {
        Arc::make_mut(&mut self.subject).apply(self.at, &event);
        self.events.push((self.at, event));
    }

    fn today(&self) -> Date {
        self.view.workflow.calendar.local(self.at).date()
    }

    fn free_places(&self) -> Option<i64> {
        // What a case gives back is not its own when others are to have it.
        let own = if self.view.behind {
            self.places.min(0)
        } else {
            self.places
        };
        self.view.free_places.map(|free| i64::from(free) + own)
    }
}
