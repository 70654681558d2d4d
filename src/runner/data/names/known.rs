//! What is known for certain when a mail leaves, whatever has become of its case.

use super::{Sort, What};
use crate::definition::model::{
    Anchor, Compare, Event, FactRef, Fill, Message, MessageTime, Name, Need, Part, Point, Scope,
    Test, Trigger,
};

/// Whether a mail can tell what it was sent for.
#[derive(Clone, Copy)]
pub(super) enum When {
    Always,
    Maybe,
    Never,
}

impl Sort<'_> {
    /// What the message waits for, asks about or was sent for is recorded when it leaves.
    pub(super) fn is_known(&self, name: &Name, cohort: bool) -> bool {
        let What::Message(message) = self.what else {
            return false;
        };
        let is = |fact: &FactRef| fact.cohort == cohort && fact.name == *name;
        let mut needs = message.needs.iter();
        needs.any(|need| matches!(need, Need::Fact(fact) if is(fact)))
            || message.guard.0.iter().any(|test| match test {
                Test::Fact(fact, compare) => is(fact) && *compare != Compare::Recorded(false),
                Test::Age(_) | Test::FreePlaces(_) | Test::Any(_) => false,
            })
            || anchor(message).is_some_and(|anchor| self.records(anchor, &is))
    }

    /// Whether a fact is always recorded with what a message is sent for, or before.
    fn records(&self, anchor: &Anchor, is: &dyn Fn(&FactRef) -> bool) -> bool {
        let states = &self.workflow.states;
        match anchor {
            Anchor::Fact(fact) => is(fact),
            Anchor::Event(name) => {
                let called = |event: &&Event| event.trigger == Trigger::Named(name.clone());
                let mut events = states
                    .iter()
                    .flat_map(|state| &state.scope.events)
                    .filter(called)
                    .peekable();
                events.peek().is_some() && events.all(|event| event.needs.iter().any(is))
            }
            Anchor::Thing(thing) if thing.part == Part::Done => {
                let hold = &self.workflow.cohort.scope;
                let scopes: Vec<&Scope> = if thing.cohort {
                    vec![hold]
                } else {
                    states.iter().map(|state| &state.scope).collect()
                };
                let mut tasks = scopes.into_iter().flat_map(|scope| &scope.tasks);
                let task = tasks.find(|task| task.name == thing.name);
                task.is_some_and(|task| {
                    let fills = |fill: &Fill| matches!(fill, Fill::Fact(fact) if is(fact));
                    task.fills.iter().any(fills)
                })
            }
            _ => false,
        }
    }

    /// Whether the mail waits for a meeting to be booked, or is measured from it.
    pub(super) fn is_booked(&self, name: &Name, cohort: bool) -> bool {
        let What::Message(message) = self.what else {
            return false;
        };
        let needed = message.needs.iter().any(|need| match need {
            Need::Meeting {
                cohort: of,
                name: other,
            } => *of == cohort && other == name,
            Need::Fact(_) => false,
        });
        let measured = anchor(message).is_some_and(|anchor| {
            matches!(anchor, Anchor::Meeting { cohort: of, name: other } if *of == cohort && other == name)
        });
        needed || measured
    }

    /// Whether the mail knows what it was sent for: what has happened by then has a moment.
    pub(super) fn event_is_said(&self) -> When {
        let What::Message(message) = self.what else {
            return When::Never;
        };
        match &message.when {
            MessageTime::Every(_) => When::Never,
            MessageTime::When { point, .. } if is_news(point) => When::Always,
            MessageTime::When { .. } => When::Maybe,
        }
    }
}

/// What a message is sent for, or measured from.
pub(super) fn anchor(message: &Message) -> Option<&Anchor> {
    match &message.when {
        MessageTime::When { point, .. } => Some(&point.anchor),
        MessageTime::Every(_) => None,
    }
}

fn is_news(point: &Point) -> bool {
    point.shift.is_none()
        && matches!(
            point.anchor,
            Anchor::Entered | Anchor::Event(_) | Anchor::Thing(_)
        )
}
