//! What is true after every commit (ENGINE.md, section 7). Everything is computed anew from history
//! and definition; nothing is believed because a column says it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::promise::{Broken, Checked, Rule, broken, holds};
use super::seen::{EventSeen, Look, MailSeen, Row, Seen};
use crate::definition::model::Workflow;
use crate::engine::event::{Decision, Event, Fate};
use crate::engine::frame::{Frame, View};
use crate::engine::plan;
use crate::engine::subject::Subject;
use crate::runner::serve::instant;

/// What the present is, besides the rows.
pub(super) struct Present<'a> {
    /// The workflow as the running build reads it.
    pub(super) workflow: &'a Workflow,
    /// The world's clock.
    pub(super) now: i64,
    /// The revision of plans that the running build found: nothing is planned by it yet but what
    /// people do meanwhile.
    pub(super) found: Option<i64>,
    /// Names of nodes that stood still in the middle of something: they may come late.
    pub(super) stood_still: Vec<String>,
    /// Candidates' names by person.
    pub(super) names: &'a BTreeMap<i64, String>,
}

/// Messages that come once a visit.
const ONCE: [&str; 3] = ["message.came@", "message.ahead@", "message.hello@"];

impl Seen {
    /// Takes in a look, and holds it against everything that must be so.
    pub(super) fn take_in(&mut self, look: Look, present: &Present<'_>) -> Checked {
        let Look(changes, plan_rev, subjects, events, mails, news, places, items, stops) = look;
        self.changes = changes;
        let planned_anew = plan_rev != self.plan_rev;
        self.plan_rev = plan_rev;
        let granted: Vec<_> = (places.iter())
            .filter(|place| !self.places.contains(place))
            .copied()
            .collect();
        let waited: Vec<i64> = self.waiting_for_place();
        let mut snapshots: BTreeMap<i64, String> = BTreeMap::new();
        for mut seen in subjects {
            if let Some(snapshot) = seen.snapshot.take() {
                snapshots.insert(seen.id, snapshot);
            }
            match self.subjects.get_mut(&seen.id) {
                Some(row) => row.seen = seen,
                None => drop(self.subjects.insert(seen.id, Row::new(seen))),
            }
        }
        let mut decided = Vec::new();
        for event in events {
            self.last_row = event.row;
            let id = event.subject;
            if let Some(decision) = self.fold(event, present)? {
                decided.push((id, decision));
            }
        }
        self.places = places;
        self.news = news;
        self.take_in_items(items)?;
        self.stops = stops;
        let sending = self.take_in_mails(mails);
        for (id, snapshot) in &snapshots {
            self.is_fold(*id, snapshot)?;
        }
        if planned_anew {
            self.replay_all()?;
        }
        for (id, decision) in &decided {
            self.has_mail(*id, decision)?;
        }
        for mail in &sending {
            self.is_not_stopped(mail)?;
            self.may_leave(mail, present)?;
        }
        self.places_are_right(present, &granted, &waited)?;
        self.nobody_is_passed(present, &granted)?;
        self.who_stands_in_line(present);
        self.due_is_right(present)?;
        self.faults_are_right()
    }

    /// Folds an event, and holds it against the history before it.
    fn fold(&mut self, seen: EventSeen, present: &Present<'_>) -> Result<Option<Decision>, Broken> {
        let EventSeen {
            subject: id,
            seq,
            at,
            actor,
            payload,
            ..
        } = seen;
        let at = instant(at);
        let event: Event = serde_json::from_str(&payload)
            .map_err(|error| broken(Rule::Fold, format!("{payload}: {error}")))?;
        let is_input = matches!(
            event,
            Event::Fired { .. }
                | Event::Recorded { .. }
                | Event::DatesMoved { .. }
                | Event::Paused { .. }
        );
        if is_input && actor == "person" {
            self.is_caught_up(id, at, &event, present)?;
        }
        let Some(row) = self.subjects.get_mut(&id) else {
            return Err(broken(Rule::Fold, format!("history of nothing, {id}")));
        };
        let before = row.history.last().map_or(at, |(before, _)| *before);
        holds(Rule::Fold, before <= at, || {
            format!("the history of {id} goes back from {before} to {at}: {event:?}")
        })?;
        match &mut row.folded {
            Some(folded) => folded.apply(at, &event),
            None => row.folded = Subject::begin(at, &event),
        }
        let folded = row.folded.as_ref();
        let folded =
            folded.ok_or_else(|| broken(Rule::Fold, format!("{id} does not begin with Opened")))?;
        holds(
            Rule::Fold,
            i64::try_from(folded.seq) == Ok(seq) && row.seen.seq >= seq,
            || format!("{id} has event {seq} after {}", folded.seq),
        )?;
        row.history.push((at, event.clone()));
        match event {
            Event::Moved { left, entered, .. } => {
                for (state, _) in left {
                    row.decided_here.remove(&*state);
                }
                for entry in entered {
                    row.decided_here.remove(&*entry.state);
                }
                Ok(None)
            }
            Event::Heard {
                name, part, count, ..
            } if count > 0 => {
                let heard = format!("{name}.{part:?} {count}");
                holds(Rule::LandsOnce, row.heard.insert(heard.clone()), || {
                    format!("{id} hears {heard} twice")
                })?;
                Ok(None)
            }
            Event::Decided(decision) => row.decide(id, decision).map(Some),
            _ => Ok(None),
        }
    }

    /// What was due before an input has been decided before it.
    fn is_caught_up(
        &self,
        id: i64,
        at: Timestamp,
        input: &Event,
        present: &Present<'_>,
    ) -> Checked {
        let Some(subject) = self.subjects.get(&id).and_then(|row| row.folded.as_ref()) else {
            return Ok(());
        };
        let due = self.first(id, subject, present);
        holds(Rule::CaughtUp, due.is_none_or(|due| due > at), || {
            format!("{id} takes {input:?} at {at}, and was due at {due:?}")
        })
    }

    /// When a subject is due, by what is known of its surroundings.
    pub(super) fn first(
        &self,
        id: i64,
        subject: &Subject,
        present: &Present<'_>,
    ) -> Option<Timestamp> {
        let cohort = self.subjects.get(&id)?.seen.cohort;
        let taken = cohort.map_or(0, |hold| self.places_taken(hold));
        let places = present.workflow.cohort.places;
        let mut view = self.view(cohort, present);
        view.free_places = places.map(|places| places.saturating_sub(taken));
        plan::first(&Frame::new(&view, subject)).map(|planned| planned.at)
    }

    /// What surrounds a case of a hold, of which a place is free.
    pub(super) fn view<'s>(&'s self, hold: Option<i64>, present: &'s Present<'_>) -> View<'s> {
        View {
            cohort: hold.and_then(|id| self.subjects.get(&id)?.folded.as_ref()),
            free_places: Some(1),
            ..View::of(present.workflow)
        }
    }

    fn is_fold(&self, id: i64, snapshot: &str) -> Checked {
        if self.poisoned.contains(&id) {
            return Ok(());
        }
        let stored: Option<Subject> = serde_json::from_str(snapshot).ok();
        let folded = self.subjects.get(&id).and_then(|row| row.folded.as_ref());
        holds(Rule::Fold, stored.as_ref() == folded, || {
            format!("{id}: stored {stored:?}, folded {folded:?}")
        })
    }

    /// Folds every history from its beginning.
    pub(super) fn replay_all(&self) -> Checked {
        for (id, row) in &self.subjects {
            let history = row.history.iter().map(|(at, event)| (*at, event));
            let replayed = Subject::replay(history);
            holds(Rule::Fold, replayed == row.folded, || {
                format!("{id}: replayed {replayed:?}, was {:?}", row.folded)
            })?;
        }
        Ok(())
    }

    fn take_in_items(&mut self, items: Vec<super::seen::ItemSeen>) -> Checked {
        for (before, item) in self.items.iter().zip(&items) {
            // What is stopped is taken out of a bundle that has never been attempted.
            let is_fresh =
                |bundle: i64| self.mails.get(&bundle).is_some_and(|one| one.attempt == 0);
            let same = before.occurrence == item.occurrence
                && (before.bundle == item.bundle || before.bundle.is_none_or(is_fresh));
            holds(Rule::LandsOnce, same, || {
                format!("{before:?} has become {item:?}")
            })?;
        }
        holds(Rule::LandsOnce, items.len() >= self.items.len(), || {
            "a gathered item is gone".to_owned()
        })?;
        self.items = items;
        Ok(())
    }

    /// The mails that are marked `sending` by this look.
    fn take_in_mails(&mut self, mails: Vec<MailSeen>) -> Vec<MailSeen> {
        let mut sending = Vec::new();
        for mail in mails {
            let before = self.mails.get(&mail.id);
            let attempt = before.map_or(0, |before| before.attempt);
            if mail.status == "sending" && mail.attempt > attempt {
                sending.push(mail.clone());
            }
            self.mails.insert(mail.id, mail);
        }
        sending
    }
}

impl Row {
    /// An occurrence is of the visit it was decided in, and decided once.
    fn decide(&mut self, id: i64, decision: Decision) -> Result<Decision, Broken> {
        let Decision {
            occurrence,
            scope,
            declaration,
            fate,
            ..
        } = &decision;
        let (_, visit) = scope_of(occurrence);
        let visits = self.folded.as_ref().map(|folded| &folded.visits);
        let here = visits.and_then(|visits| visits.get(scope));
        if let Some(here) = here {
            holds(Rule::DecidedOnce, here.n == visit, || {
                format!("{id} decides {occurrence} in visit {}", here.n)
            })?;
        }
        let here = self.decided_here.entry(scope.to_string()).or_default();
        here.insert(declaration.clone());
        let marks = self
            .folded
            .as_ref()
            .and_then(|folded| folded.marks.get(scope));
        let kept = marks.and_then(|marks| marks.keys().find(|mark| !here.contains(*mark)));
        holds(Rule::ReEntry, kept.is_none(), || {
            format!("{id} has kept {kept:?} in {scope} from an earlier visit")
        })?;
        if matches!(fate, Fate::Queued | Fate::Done | Fate::Guard) {
            let count = self.decided.entry(occurrence.clone()).or_default();
            *count += 1;
            holds(Rule::DecidedOnce, *count == 1, || {
                format!("{id} decides {occurrence} again: {fate:?}")
            })?;
        } else {
            self.decided.entry(occurrence.clone()).or_default();
        }
        if *fate == Fate::Queued && ONCE.iter().any(|one| occurrence.starts_with(one)) {
            let shot = occurrence.rsplit_once('.').unwrap_or_default().0.to_owned();
            let count = self.queued.entry(shot.clone()).or_default();
            *count += 1;
            holds(Rule::DecidedOnce, *count == 1, || {
                format!("{id} queues {shot} again, as {occurrence}")
            })?;
        }
        Ok(decision)
    }
}

/// `declaration@scope#visit.ordinal`.
pub(super) fn scope_of(occurrence: &str) -> (&str, u32) {
    let (_, rest) = occurrence.split_once('@').unwrap_or_default();
    let (scope, rest) = rest.split_once('#').unwrap_or_default();
    let (visit, _) = rest.split_once('.').unwrap_or_default();
    (scope, visit.parse().unwrap_or_default())
}
