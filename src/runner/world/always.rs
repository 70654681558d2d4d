//! What is true after every commit (ENGINE.md, section 7). Everything is computed anew from history
//! and definition; nothing is believed because a column says it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use super::seen::{EventSeen, Look, MailSeen, Row, Seen, SubjectSeen};
use crate::definition::model::Workflow;
use crate::engine::event::{Decision, Event, Fate};
use crate::engine::frame::{Frame, View};
use crate::engine::plan;
use crate::engine::subject::{Mark, Subject};
use crate::runner::serve::instant;

/// A promise of ENGINE.md, section 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Fold,
    Due,
    DecidedOnce,
    ReEntry,
    ToldOnce,
    TrueWhenSent,
    Places,
    LandsOnce,
    CaughtUp,
    Progress,
    Independent,
    Hours,
    /// People and bytes: an input's outcome, and that attempted bytes never change.
    Outcome,
}

impl Rule {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Fold => "snapshot = fold of events",
            Self::Due => "stored due <= recomputed due",
            Self::DecidedOnce => "each occurrence is decided exactly once",
            Self::ReEntry => "re-entry sends anew",
            Self::ToldOnce => "no two accepted mails of a stream say the same",
            Self::TrueWhenSent => "each mail is true at its `sending` commit",
            Self::Places => "places held <= places, and granted in order",
            Self::LandsOnce => "news, gathered items and digest slots land once",
            Self::CaughtUp => "an input never meets an overdue state",
            Self::Progress => "a poison case delays no other; every claim progresses",
            Self::Independent => "nothing depends on batches, nodes or crashes",
            Self::Hours => "nothing leaves early, on a closed day or outside hours",
            Self::Outcome => "the first outcome is answered; attempted bytes stay",
        }
    }
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) what: String,
}

pub(super) type Checked = Result<(), Broken>;

pub(super) fn broken(rule: Rule, what: impl Into<String>) -> Broken {
    let what = what.into();
    Broken { rule, what }
}

fn holds(rule: Rule, is_so: bool, what: impl FnOnce() -> String) -> Checked {
    if is_so {
        Ok(())
    } else {
        Err(broken(rule, what()))
    }
}

/// What the present is, besides the rows.
pub(super) struct Present<'a> {
    /// The workflow as the running build reads it.
    pub(super) workflow: &'a Workflow,
    /// The world's clock.
    pub(super) now: i64,
    /// Names of nodes that stood still in the middle of something: they may come late.
    pub(super) stood_still: Vec<String>,
    /// Candidates' names by person.
    pub(super) names: &'a BTreeMap<i64, String>,
}

/// Messages that come once a visit; those that an event brings, and those that only a present state wants.
const ONCE: [&str; 3] = ["message.came@", "message.ahead@", "message.hello@"];
const OF_THE_STATE: [&str; 2] = ["message.ahead@", "message.weekly@"];

impl Seen {
    /// Takes in a look, and holds it against everything that must be so.
    pub(super) fn take_in(&mut self, look: Look, present: &Present<'_>) -> Checked {
        let Look(changes, plan_rev, subjects, events, mails, news, places, items) = look;
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
            self.may_leave(mail, present)?;
        }
        self.places_are_right(present, &granted, &waited)?;
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
    fn first(&self, id: i64, subject: &Subject, present: &Present<'_>) -> Option<Timestamp> {
        let cohort_id = self.subjects.get(&id)?.seen.cohort;
        let cohort = cohort_id.and_then(|id| self.subjects.get(&id)?.folded.as_ref());
        let taken = cohort_id.map_or(0, |hold| self.places_taken(hold));
        let places = present.workflow.cohort.places;
        let view = View {
            workflow: present.workflow,
            cohort,
            born: None,
            free_places: places.map(|places| places.saturating_sub(taken)),
            next_cohort: None,
            cases_in: BTreeMap::new(),
        };
        plan::first(&Frame::new(&view, subject)).map(|planned| planned.at)
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
            let same = before.occurrence == item.occurrence
                && (before.bundle.is_none() || before.bundle == item.bundle);
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

    /// A decision that mail was queued has brought its rows.
    fn has_mail(&self, id: i64, decision: &Decision) -> Checked {
        if decision.fate != Fate::Queued || !decision.declaration.starts_with("message.") {
            return Ok(());
        }
        let expected = self.expected_seats(id);
        let mails = self.mails.values();
        let mails =
            mails.filter(|mail| mail.subject == id && mail.occurrence == decision.occurrence);
        let items = self.items.iter();
        let items =
            items.filter(|item| item.subject == id && item.occurrence == decision.occurrence);
        let found = mails.count() + items.count();
        holds(Rule::LandsOnce, found >= expected, || {
            format!(
                "{id} has queued {}, and there is no mail",
                decision.occurrence
            )
        })
    }

    /// A case's mail goes to somebody; a hold's to its cases, if there are any.
    fn expected_seats(&self, id: i64) -> usize {
        let Some(row) = self.subjects.get(&id) else {
            return 0;
        };
        if row.seen.kind == "case" {
            return 1;
        }
        let open = self.subjects.iter().any(|(case_id, case)| {
            let ended = case
                .folded
                .as_ref()
                .and_then(|folded| folded.ended.as_ref());
            let well = !self.poisoned.contains(case_id) && case.history.len() > 6;
            case.seen.cohort == Some(id) && ended.is_none() && well
        });
        usize::from(open)
    }

    /// A mail that is marked `sending` is true, wanted, and in time.
    fn may_leave(&self, mail: &MailSeen, present: &Present<'_>) -> Checked {
        let MailSeen {
            id,
            subject,
            occurrence,
            ..
        } = mail;
        let node = mail.node.as_deref().unwrap_or_default();
        let stood_still = present.stood_still.iter().any(|name| name == node);
        let local = present.workflow.calendar.local(instant(present.now));
        let hours = 8..16;
        let open = is_open(local.date(), present.workflow) && hours.contains(&local.hour());
        holds(
            Rule::Hours,
            stood_still || (open && mail.not_before <= present.now),
            || format!("mail {id} {occurrence} leaves at {local}"),
        )?;
        if mail.attempt > 1 || self.poisoned.contains(subject) {
            return Ok(());
        }
        let Some(row) = self.subjects.get(subject) else {
            return Ok(());
        };
        let says = mail.says.as_deref().unwrap_or_default();
        self.says_the_truth(mail, row, says, present)?;
        if !OF_THE_STATE.iter().any(|one| occurrence.starts_with(one)) {
            return Ok(());
        }
        let (scope, visit) = scope_of(occurrence);
        let visits = row.folded.as_ref().map(|folded| &folded.visits);
        let here = visits.and_then(|visits| visits.get(scope));
        let here = here.is_some_and(|here| here.n == visit && here.left.is_none());
        holds(Rule::TrueWhenSent, here, || {
            format!("mail {id} {occurrence} leaves, and the case has left")
        })
    }

    fn says_the_truth(
        &self,
        mail: &MailSeen,
        row: &Row,
        says: &str,
        present: &Present<'_>,
    ) -> Checked {
        if mail.occurrence.starts_with("message.digest@") {
            for said in says.split(';').filter(|said| !said.is_empty()) {
                let (name, state) = said.split_once('=').unwrap_or_default();
                let mut cases = self.subjects.values();
                let case = cases.find(|case| {
                    let person = case.seen.person.and_then(|id| present.names.get(&id));
                    person.is_some_and(|person| person == name)
                });
                let folded = case.and_then(|case| case.folded.as_ref());
                let now = folded
                    .and_then(|folded| folded.state.as_deref())
                    .unwrap_or("");
                let title = present.workflow.state_ids.get(now);
                let title = title.map(|id| present.workflow.states[id.0].title.clone());
                holds(Rule::TrueWhenSent, title.as_deref() == Some(state), || {
                    format!("the digest says {says:?}, and {name} is in {now}")
                })?;
            }
            return Ok(());
        }
        let Some(said) = says.strip_prefix("start ") else {
            return Ok(());
        };
        let hold = match row.seen.cohort {
            Some(hold) => self.subjects.get(&hold),
            None => Some(row),
        };
        let start = hold.and_then(|hold| hold.folded.as_ref()?.dates.get("start"));
        let true_now = start.map(|start| crate::calendar::date_da(*start));
        let day = start.map(|start| format!("{}. ", start.day()));
        holds(
            Rule::TrueWhenSent,
            day.as_deref().is_some_and(|day| said.contains(day)),
            || format!("mail {} says {said:?}, and it is {true_now:?}", mail.id),
        )
    }

    /// Cases that wait for a place, in the order in which they joined.
    fn waiting_for_place(&self) -> Vec<i64> {
        let waits = |row: &Row| {
            let marks = row.folded.as_ref().map(|folded| &folded.marks);
            let marks = marks.and_then(|marks| marks.get("queue"));
            let for_place = |mark: &Mark| {
                matches!(mark, Mark::Waiting { facts, .. }
                    if facts.iter().any(|fact| &*fact.name == "free_places"))
            };
            marks.is_some_and(|marks| marks.values().any(for_place))
        };
        let waiting = self.subjects.iter().filter(|(_, row)| waits(row));
        waiting.map(|(id, _)| *id).collect()
    }

    fn places_are_right(
        &self,
        present: &Present<'_>,
        granted: &[(i64, i64, i64)],
        waited: &[i64],
    ) -> Checked {
        let places = present.workflow.cohort.places.unwrap_or(u32::MAX);
        for (id, row) in &self.subjects {
            let held = self.places_taken(*id);
            holds(Rule::Places, held <= places, || {
                format!("hold {id} has {held} of {places} places taken")
            })?;
            let inside = row.seen.state.as_deref() == Some("inside")
                && row.folded.as_ref().is_some_and(|case| case.ended.is_none());
            let has_one = self.places.iter().any(|(_, _, case)| case == id);
            holds(Rule::Places, inside == has_one, || {
                format!(
                    "{id} is in {:?}, and has a place: {has_one}",
                    row.seen.state
                )
            })?;
        }
        for (hold, _, case) in granted {
            let passed_over = waited.iter().find(|one| {
                *one < case
                    && self.subjects.get(one).is_some_and(|row| {
                        row.seen.cohort == Some(*hold) && !self.poisoned.contains(one)
                    })
            });
            let own = waited.contains(case);
            let still = passed_over.filter(|one| self.waiting_for_place().contains(one));
            holds(Rule::Places, !own || still.is_none(), || {
                format!("{case} gets the place that {still:?} waits for")
            })?;
        }
        Ok(())
    }

    /// No subject sleeps longer than it may.
    fn due_is_right(&self, present: &Present<'_>) -> Checked {
        for (id, row) in &self.subjects {
            let Some(subject) = row.folded.as_ref() else {
                continue;
            };
            let SubjectSeen {
                cohort,
                due,
                faults,
                ..
            } = &row.seen;
            if *faults > 0 || self.poisoned.contains(id) || *due == Some(0) {
                continue;
            }
            let wakes = |at: i64| due.is_some_and(|due| due <= at);
            holds(Rule::Due, !self.has_news(*id) || wakes(present.now), || {
                format!("{id} has news, and is due at {due:?}")
            })?;
            let Some(first) = self.first(*id, subject, present) else {
                continue;
            };
            // A place that is free is told to the hold first, which then calls its cases.
            let called = cohort.is_some_and(|hold| self.has_news(hold));
            holds(Rule::Due, called || wakes(first.as_microsecond()), || {
                let due = due.map(instant);
                format!("{id} is due at {due:?}, and by its plan at {first}")
            })?;
        }
        Ok(())
    }

    fn faults_are_right(&self) -> Checked {
        for (id, row) in &self.subjects {
            holds(
                Rule::Progress,
                row.seen.faults == 0 || self.poisoned.contains(id),
                || format!("{id} has faults, and nothing is wrong with it"),
            )?;
        }
        Ok(())
    }

    /// When nothing is left to do, everything has landed.
    pub(super) fn at_rest(&self) -> Checked {
        self.replay_all()?;
        for (id, key, done) in &self.news {
            let poisoned = self.poisoned.contains(id);
            holds(Rule::LandsOnce, done.is_some() || poisoned, || {
                format!("{id} never takes in {key}")
            })?;
        }
        for item in &self.items {
            holds(Rule::LandsOnce, item.bundle.is_some(), || {
                format!("{item:?} is never sent")
            })?;
        }
        for mail in self.mails.values() {
            let ended = !matches!(mail.status.as_str(), "sending" | "queued" | "retry");
            holds(Rule::Progress, ended, || format!("{mail:?} is left behind"))?;
        }
        for (id, row) in &self.subjects {
            self.said_at_each_visit(*id, row)?;
            self.has_heard(*id, row)?;
        }
        Ok(())
    }

    /// Whoever comes again is welcomed again.
    fn said_at_each_visit(&self, id: i64, row: &Row) -> Checked {
        for (state, message) in [("waiting", "came"), ("inside", "hello")] {
            let entered = |event: &Event| match event {
                Event::Moved { entered, .. } => entered
                    .iter()
                    .filter(|entry| &*entry.state == state)
                    .count(),
                _ => 0,
            };
            let visits: usize = row.history.iter().map(|(_, event)| entered(event)).sum();
            let prefix = format!("message.{message}@{state}#");
            let decided = row.decided.keys().filter(|key| key.starts_with(&prefix));
            let decided = decided.count();
            let poisoned = self.poisoned.contains(&id);
            holds(Rule::ReEntry, poisoned || decided == visits, || {
                format!("{id} was in {state} {visits} times, and {message} decided {decided} times")
            })?;
        }
        Ok(())
    }

    /// A case that is still there has heard of what happened on its hold.
    fn has_heard(&self, id: i64, row: &Row) -> Checked {
        let (Some(case), Some(hold)) = (row.folded.as_ref(), row.seen.cohort) else {
            return Ok(());
        };
        let hold = self
            .subjects
            .get(&hold)
            .and_then(|hold| hold.folded.as_ref());
        let held = hold.and_then(|hold| hold.meetings.get("info")?.held_for_all.as_ref());
        let Some(held) = held.filter(|held| held.at > case.opened_at) else {
            return Ok(());
        };
        let heard = case.heard.get("info.held").map_or(0, |heard| heard.count);
        let concerned = case.ended.is_none() && !self.poisoned.contains(&id);
        holds(Rule::LandsOnce, !concerned || heard == held.count, || {
            format!("{id} has heard {heard} of {} meetings", held.count)
        })
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
fn scope_of(occurrence: &str) -> (&str, u32) {
    let (_, rest) = occurrence.split_once('@').unwrap_or_default();
    let (scope, rest) = rest.split_once('#').unwrap_or_default();
    let (visit, _) = rest.split_once('.').unwrap_or_default();
    (scope, visit.parse().unwrap_or_default())
}

/// The days that Danish law and the organisation close in the weeks of a story, written down anew.
fn is_open(day: Date, workflow: &Workflow) -> bool {
    let law = [(4, 2), (4, 3), (4, 6), (5, 14), (5, 25)];
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let own = workflow.calendar.closed_because(day).is_some();
    !weekend && !own && !law.contains(&(day.month(), day.day()))
}
