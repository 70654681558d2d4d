//! What the world has seen of the store: every row of the last look, and the histories folded by hand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use crate::engine::event::Event;
use crate::engine::subject::Subject;

/// A look as the store gives it.
#[derive(Deserialize)]
pub(super) struct Look(
    pub(super) i64,
    pub(super) i64,
    pub(super) Vec<SubjectSeen>,
    pub(super) Vec<EventSeen>,
    pub(super) Vec<MailSeen>,
    pub(super) Vec<(i64, String, Option<i64>)>,
    pub(super) Vec<(i64, i64, i64)>,
    pub(super) Vec<ItemSeen>,
    pub(super) Vec<(Option<i64>, Option<String>)>,
);

/// A subject's row; an array of these in JSON.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SubjectSeen {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) cohort: Option<i64>,
    pub(super) person: Option<i64>,
    pub(super) seq: i64,
    pub(super) state: Option<String>,
    pub(super) due: Option<i64>,
    pub(super) faults: i64,
    pub(super) snapshot: Option<String>,
}

/// A row of the history.
#[derive(Deserialize)]
pub(super) struct EventSeen {
    pub(super) row: i64,
    pub(super) subject: i64,
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) payload: String,
}

/// A row of the outbox; what it says while it is on the wire.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct MailSeen {
    pub(super) id: i64,
    pub(super) subject: i64,
    pub(super) occurrence: String,
    pub(super) seat: String,
    pub(super) public_id: String,
    pub(super) status: String,
    pub(super) attempt: i64,
    pub(super) not_before: i64,
    pub(super) told: Option<String>,
    pub(super) says: Option<String>,
    pub(super) node: Option<String>,
    pub(super) merged_into: Option<i64>,
}

impl MailSeen {
    pub(super) fn stream(&self) -> (i64, String, String) {
        (self.subject, self.occurrence.clone(), self.seat.clone())
    }
}

/// Something gathered, and the mail that took it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ItemSeen {
    pub(super) subject: i64,
    pub(super) occurrence: String,
    pub(super) bundle: Option<i64>,
}

/// A subject with its history.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) seen: SubjectSeen,
    /// Its history, folded event by event; none before its first look.
    pub(super) folded: Option<Subject>,
    pub(super) history: Vec<(Timestamp, Event)>,
    /// What has been decided in each state since it was entered.
    pub(super) decided_here: BTreeMap<String, BTreeSet<String>>,
    /// Occurrences, with how often they were decided for good.
    pub(super) decided: BTreeMap<String, u32>,
    /// One-shots by declaration and visit, with how often their mail was queued.
    pub(super) queued: BTreeMap<String, u32>,
    /// What was heard of the hold.
    pub(super) heard: BTreeSet<String>,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) changes: i64,
    pub(super) last_row: i64,
    pub(super) plan_rev: i64,
    pub(super) subjects: BTreeMap<i64, Row>,
    pub(super) mails: BTreeMap<i64, MailSeen>,
    pub(super) news: Vec<(i64, String, Option<i64>)>,
    pub(super) places: Vec<(i64, i64, i64)>,
    pub(super) items: Vec<ItemSeen>,
    /// What is stopped: of which hold, and of what name.
    pub(super) stops: Vec<(Option<i64>, Option<String>)>,
    /// What was accepted by the mail server, by stream.
    pub(super) accepted: BTreeMap<(i64, String, String), BTreeSet<String>>,
    /// The bytes of each mail that was attempted, by Message-ID.
    pub(super) attempted: BTreeMap<String, Vec<u8>>,
    /// Who stands in line for a place, and since when, µs UTC.
    pub(super) in_line: BTreeMap<i64, i64>,
    /// Who may have faults.
    pub(super) poisoned: BTreeSet<i64>,
}

impl Seen {
    /// The sequences that are known, for the next look.
    pub(super) fn known(&self) -> String {
        let known: Vec<String> = (self.subjects.iter())
            .map(|(id, row)| format!("\"{id}\":{}", row.seen.seq))
            .collect();
        format!("{{{}}}", known.join(","))
    }

    /// The case of a person.
    pub(super) fn case_of(&self, person: i64) -> Option<i64> {
        let mut subjects = self.subjects.iter();
        let found = subjects.find(|(_, row)| row.seen.person == Some(person));
        found.map(|(id, _)| *id)
    }

    /// Whether a subject has news that it has not taken in.
    pub(super) fn has_news(&self, subject: i64) -> bool {
        let mut news = self.news.iter();
        news.any(|(target, _, done)| *target == subject && done.is_none())
    }

    /// How many places of a hold are taken.
    pub(super) fn places_taken(&self, hold: i64) -> u32 {
        let taken = self.places.iter().filter(|(cohort, ..)| *cohort == hold);
        u32::try_from(taken.count()).unwrap_or(u32::MAX)
    }
}

impl Row {
    pub(super) fn new(seen: SubjectSeen) -> Self {
        Self {
            seen,
            folded: None,
            history: Vec::new(),
            decided_here: BTreeMap::new(),
            decided: BTreeMap::new(),
            queued: BTreeMap::new(),
            heard: BTreeSet::new(),
        }
    }
}
