//! What a step wants done outside its own history. The runner does it in the same transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::input::News;
use super::subject::Booking;
use crate::definition::model::{FactRef, Name};
use crate::definition::value::Value;

/// Something to be done with the commit of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Queue mail.
    Mail(Box<Intent>),
    /// Keep the words of a text fact, apart from history.
    Text {
        /// The fact.
        fact: Name,
        /// The words.
        text: String,
    },
    /// Take one of the hold's places; the commit fails if none is left.
    TakePlace,
    /// Give it back.
    GivePlace,
    /// Tell the hold of this case something, once per key.
    TellCohort {
        /// Unique per hold.
        key: String,
        /// What.
        news: News,
    },
    /// Tell these cases something, once per key.
    TellCases {
        /// Row ids.
        cases: Vec<i64>,
        /// Unique per case.
        key: String,
        /// What.
        news: News,
    },
    /// Open this candidate on a later hold.
    OpenNext {
        /// The hold's row id.
        cohort: i64,
        /// Where it starts.
        state: Name,
        /// Its facts go along.
        facts: BTreeMap<Name, Value>,
        /// And its people.
        people: BTreeMap<Name, Vec<i64>>,
    },
    /// Erase what identifies the person.
    Anonymise,
}

/// What several effects come to together: a place that is taken and given back, or the other way
/// round, was never anyone else's, and nobody is told of it.
pub fn net_places(effects: &mut Vec<Effect>) {
    let change = |effect: &Effect| match effect {
        Effect::TakePlace => -1,
        Effect::GivePlace => 1,
        _ => 0,
    };
    let moves = effects.iter().filter(|effect| change(effect) != 0);
    if moves.count() < 2 {
        return;
    }
    let freed = |effect: &Effect| {
        let word = News::PlaceGiven;
        matches!(effect, Effect::TellCohort { news, .. } if *news == word)
    };
    let net: i32 = effects.iter().map(change).sum();
    let word = effects.iter().rfind(|effect| freed(effect)).cloned();
    effects.retain(|effect| change(effect) == 0 && !freed(effect));
    match net {
        1.. => {
            effects.push(Effect::GivePlace);
            effects.extend(word);
        }
        0 => {}
        ..0 => effects.push(Effect::TakePlace),
    }
}

/// Mail to be sent: without a body, which is rendered when it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The occurrence, `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// Raised when the same thing is said anew: a moved meeting.
    pub revision: u32,
    /// How many events its subject had when it was decided.
    #[serde(default)]
    pub decided: u64,
    /// The key of the message, meeting or task.
    pub name: Name,
    /// What kind of thing it says.
    pub about: About,
    /// Templates to try, the first that exists.
    pub templates: Vec<String>,
    /// Roles to reach.
    pub to: Vec<Name>,
    /// For mail of a hold or workflow to people of its cases: the states the cases are in.
    pub cases_in: Vec<Name>,
    /// The planned instant.
    pub at: Timestamp,
    /// A person wants it said again: it goes although it says nothing new.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// A person wants it before its time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub early: bool,
    /// Not before: inside send hours.
    pub not_before: Timestamp,
    /// Of no use from here on: a "before" whose anchor has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub useless_from: Option<Timestamp>,
    /// Gathered with others to the same person, until this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gather_until: Option<Timestamp>,
    /// The state visit it belongs to, when it is not wanted once that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<(Name, u32)>,
    /// What triggered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventSaid>,
    /// The meeting as it was booked, for mail that says it is called off: the case keeps no trace of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_off: Option<Booking>,
    /// Why it goes when it does, in Danish, for people.
    #[serde(default)]
    pub why: String,
}

impl Intent {
    /// The scope and its visit that it was decided in; none of what belongs to no visit.
    #[must_use]
    pub fn visit(&self) -> Option<(&str, u32)> {
        let (_, rest) = self.occurrence.split_once('@')?;
        let (scope, rest) = rest.split_once('#')?;
        let (visit, _) = rest.split_once('.')?;
        Some((scope, visit.parse().ok()?))
    }
}

/// What mail is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A message of the author's.
    Message,
    /// A meeting is booked, moved or called off, or comes soon.
    Meeting {
        /// Its number.
        no: u32,
        /// Which of these.
        word: MeetingWord,
    },
    /// A meeting waits to be booked.
    Booking,
    /// A task comes due.
    Task {
        /// Its number.
        no: u32,
    },
    /// A task is overdue.
    Overdue {
        /// Its number; 0 for a booking.
        no: u32,
    },
    /// What somebody wrote to us is passed on; the name is the received mail's key.
    Reply,
    /// So much mail is late that it waits for a person.
    LateLot {
        /// The wake, µs UTC.
        lot: i64,
    },
}

/// What is said of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingWord {
    /// It is booked: come.
    Invited,
    /// It has another time or place.
    Moved,
    /// It is called off.
    Cancelled,
    /// It comes soon.
    Reminder,
}

/// The event a message speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSaid {
    /// Its title.
    pub title: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A fact that a guard could not do without.
pub type Missing = Vec<FactRef>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_only_changes_hands_was_never_free() {
        let freed = |key: &str| Effect::TellCohort {
            key: key.into(),
            news: News::PlaceGiven,
        };
        let joined = Effect::TellCohort {
            key: "joined#1".into(),
            news: News::Joined,
        };
        let give = |key: &str| vec![Effect::GivePlace, freed(key)];
        let take = || vec![Effect::TakePlace];
        let table = [
            (vec![take()], take()),
            (vec![give("a")], give("a")),
            (vec![give("a"), take()], vec![]),
            (vec![take(), give("a")], vec![]),
            (vec![give("a"), take(), give("b")], give("b")),
            (vec![take(), give("a"), take()], take()),
            (vec![vec![joined.clone()], give("a"), take()], vec![joined]),
        ];
        for (steps, expect) in table {
            let mut effects: Vec<Effect> = steps.concat();
            net_places(&mut effects);
            assert_eq!(effects, expect, "{steps:?}");
        }
    }
}
