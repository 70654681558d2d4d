//! What is true of places and of due times, and what is left when nothing is due any more.

use super::always::Present;
use super::promise::{Checked, Rule, holds};
use super::seen::{Row, Seen, SubjectSeen};
use crate::engine::event::Event;
use crate::engine::frame::Frame;
use crate::engine::plan;
use crate::engine::subject::Mark;
use crate::runner::serve::instant;

impl Seen {
    /// Cases that wait for a place, in the order in which they joined.
    pub(super) fn waiting_for_place(&self) -> Vec<i64> {
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

    pub(super) fn places_are_right(
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

    /// Nobody who comes as a place is free takes it from somebody who had begun to wait before that
    /// instant.
    pub(super) fn nobody_is_passed(
        &self,
        present: &Present<'_>,
        granted: &[(i64, i64, i64)],
    ) -> Checked {
        for (hold, _, case) in granted {
            let passed = self.in_line.iter().find(|(one, since)| {
                **since < present.now
                    && !self.poisoned.contains(one)
                    && self.stands_in_line(**one, Some(*hold), present)
            });
            let newcomer = !self.in_line.contains_key(case);
            holds(Rule::Places, !newcomer || passed.is_none(), || {
                format!("{case} comes and gets the place that {passed:?} waits for")
            })?;
        }
        Ok(())
    }

    /// Whether a case is of the hold and waits for nothing but a place.
    fn stands_in_line(&self, case: i64, hold: Option<i64>, present: &Present<'_>) -> bool {
        let view = self.view(hold, present);
        self.subjects.get(&case).is_some_and(|row| {
            let case = (row.folded.as_ref()).filter(|case| case.is_open_case());
            row.seen.cohort == hold
                && case.is_some_and(|case| {
                    plan::stands_in_line(&Frame::new(&view, case), instant(present.now))
                })
        })
    }

    pub(super) fn who_stands_in_line(&mut self, present: &Present<'_>) {
        let stands = |(id, row): (&i64, &Row)| {
            let since = self.in_line.get(id).copied().unwrap_or(present.now);
            (self.stands_in_line(*id, row.seen.cohort, present)).then_some((*id, since))
        };
        self.in_line = self.subjects.iter().filter_map(stands).collect();
    }

    /// No subject sleeps longer than it may.
    pub(super) fn due_is_right(&self, present: &Present<'_>) -> Checked {
        let waiting = self.waiting_for_place();
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
            if present.found == Some(self.plan_rev) {
                continue;
            }
            let Some(first) = self.first(*id, subject, present) else {
                continue;
            };
            // A place that is free is told to the hold first, which then calls its cases.
            let called = waiting.contains(id) && cohort.is_some_and(|hold| self.has_news(hold));
            holds(Rule::Due, called || wakes(first.as_microsecond()), || {
                let due = due.map(instant);
                format!("{id} is due at {due:?}, and by its plan at {first}")
            })?;
        }
        Ok(())
    }

    pub(super) fn faults_are_right(&self) -> Checked {
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
            // A stop whose act was held up came after its end, and stands.
            let waits = ended || self.stop_of(mail).is_some();
            holds(Rule::Progress, waits, || format!("{mail:?} is left behind"))?;
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
