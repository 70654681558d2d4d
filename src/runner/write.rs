//! A step as rows, to be committed as one.

use super::advance::Advance;
use super::context::Context;
use super::courier::told_of;
use super::{RunError, Runner};
use crate::engine::effect::{Effect, net_places};
use crate::engine::event::Event;
use crate::engine::guard::{NEXT_COHORT, of_hold};
use crate::engine::input::Actor;
use crate::engine::subject::{Ending, Kind, Mark, Subject};
use crate::store::{CANCELLED, EventNew, Outcome, Place, Progress, SubjectKind, Write};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Runner {
    /// Everything a step wants written, as rows.
    pub(super) async fn write(
        &self,
        context: &Context,
        mut advance: Advance,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Write, RunError> {
        // Several steps may be one write: what they do to a place is netted once more.
        net_places(&mut advance.effects);
        let before = i64::try_from(context.subject.seq).unwrap_or(i64::MAX);
        let mut outcome = Outcome {
            events: events_of(before, &advance.events, key),
            told: told_of(advance.subject.kind, before, &advance.events),
            task_due_at: advance.asks.task.map(Timestamp::as_microsecond),
            meeting_end_at: advance.asks.meeting.map(Timestamp::as_microsecond),
            ..Outcome::default()
        };
        let mut write = Write {
            subject_id: context.row.id,
            expect_seq: before,
            plan_rev: context.plan_rev,
            seq: i64::try_from(advance.subject.seq).unwrap_or(i64::MAX),
            state: state_of(&advance.subject),
            starts_on: starts_on(&advance),
            next_due_at: advance.next_due.map(Timestamp::as_microsecond),
            last_at: advance.subject.last_at.as_microsecond(),
            snapshot: serde_json::to_string(&advance.subject)?,
            waits: waits_for_hold(context, &advance.subject),
            inbox_done: advance.inbox_done,
            take_back: advance.subject.is_taken_back(),
            broadcast: context.row.kind == SubjectKind::Cohort
                && advance
                    .events
                    .iter()
                    .any(|(_, event, _)| !matches!(event, Event::Decided(_))),
            ..Write::default()
        };
        if let Some(hold) = &context.cohort {
            write.expect_cohort = Some((hold.row.subject.id, hold.row.subject.broadcast));
        }
        for effect in &advance.effects {
            match effect {
                Effect::Mail(intent) => {
                    self.queue(context, &advance.subject, intent, now, &mut outcome)
                        .await?;
                }
                Effect::Text { .. } => {}
                Effect::TakePlace => {
                    let capacity = context
                        .version
                        .workflow
                        .cohort
                        .places
                        .map_or(i64::MAX, i64::from);
                    let cohort_id = context.cohort_id().unwrap_or_default();
                    write.place = Place::Take {
                        cohort_id,
                        capacity,
                    };
                }
                Effect::GivePlace => write.place = Place::Give,
                Effect::TellCohort { key, news } => {
                    outcome
                        .inbox_out
                        .extend(super::outgoing::to_cohort(context, key, news, now)?);
                }
                Effect::TellCases { cases, key, news } => {
                    outcome
                        .inbox_out
                        .extend(super::outgoing::to_cases(cases, key, news, now)?);
                }
                Effect::OpenNext {
                    cohort,
                    state,
                    facts,
                    people,
                } => {
                    write.opens.push(
                        self.open_next(context, *cohort, state, facts, people, now)
                            .await?,
                    );
                }
                Effect::Anonymise => write.erase_person = true,
            }
        }
        outcome.texts = super::outgoing::texts(&advance.effects, now);
        outcome.progress = progress(&advance.subject)
            .filter(|now| Some(now) != progress(&context.subject).as_ref());
        let assigned = |event: &Event| matches!(event, Event::Assigned { .. });
        if advance.events.iter().any(|(_, event, _)| assigned(event)) {
            outcome.seats = seats_of(&advance.subject);
        }
        write.outcome = outcome;
        Ok(write)
    }
}

/// Where the row says that a subject is: a case that went on to another hold is nowhere here, and a
/// hold has a state only when it is cancelled.
fn state_of(subject: &Subject) -> Option<String> {
    let how = subject.ended.as_ref().map(|ended| ended.how);
    match (subject.kind, how) {
        (Kind::Cohort, Some(_)) => Some(CANCELLED.to_owned()),
        (Kind::Case, Some(Ending::Moved)) => None,
        _ => subject.state.as_ref().map(ToString::to_string),
    }
}

/// How far a case has come; nothing of a hold.
pub(super) fn progress(subject: &Subject) -> Option<Progress> {
    (subject.kind == Kind::Case).then(|| {
        let how = subject.ended.as_ref().map(|ended| ended.how);
        let mut came = String::from(" ");
        for state in subject.visits.keys() {
            came.push_str(state);
            came.push(' ');
        }
        Progress {
            came,
            moved: how == Some(Ending::Moved),
        }
    })
}

/// Who fills a role in a case; a hold's roles are not its cases'.
pub(super) fn seats_of(subject: &Subject) -> Option<Vec<i64>> {
    if subject.kind != Kind::Case {
        return None;
    }
    let people: BTreeSet<i64> = subject.people.values().flatten().copied().collect();
    Some(people.into_iter().collect())
}

/// Whether a case waits for a later hold and there was none. One that stands still for another reason
/// while there is one looks again by itself.
fn waits_for_hold(context: &Context, subject: &Subject) -> bool {
    let for_hold = |mark: &Mark| match mark {
        Mark::Waiting { facts, .. } => facts.contains(&of_hold(NEXT_COHORT)),
        _ => false,
    };
    let hold = context.cohort.as_ref();
    hold.is_some_and(|hold| hold.row.next_cohort.is_none())
        && subject.ended.is_none()
        && (subject.marks.values()).any(|marks| marks.values().any(for_hold))
}

/// A hold's first day, if it is another one now.
fn starts_on(advance: &Advance) -> Option<String> {
    let moved =
        |event: &Event| matches!(event, Event::DatesMoved { dates } if dates.contains_key("start"));
    let mut events = advance.events.iter();
    let start = events
        .any(|(_, event, _)| moved(event))
        .then(|| advance.subject.dates.get("start"))??;
    Some(start.to_string())
}

/// The input's key stands on the last event: the events before it may only be what was due.
pub(super) fn events_of(
    before: i64,
    events: &[(Timestamp, Event, Actor)],
    key: Option<&str>,
) -> Vec<EventNew> {
    let last = events.len().saturating_sub(1);
    events
        .iter()
        .zip(1..)
        .enumerate()
        .map(|(at_index, ((at, event, actor), number))| {
            let payload =
                serde_json::to_string(event).expect("an event's names and values are always JSON");
            EventNew {
                seq: before + number,
                at: at.as_microsecond(),
                actor: actor.role.as_ref().map_or_else(
                    || actor.from.clone(),
                    |role| format!("{} ({role})", actor.from),
                ),
                kind: kind_of(&payload),
                input_key: key.filter(|_| at_index == last).map(ToOwned::to_owned),
                payload,
            }
        })
        .collect()
}

/// What an event's payload calls itself.
fn kind_of(payload: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Tagged<'a> {
        event: &'a str,
    }
    serde_json::from_str::<Tagged>(payload)
        .map(|tagged| tagged.event.to_owned())
        .unwrap_or_default()
}

/// Where an act came from and the role it was done in, as a row of history has them.
pub(super) fn actor_parts(actor: &str) -> (&str, Option<&str>) {
    let role = actor.strip_suffix(')');
    let role = role.and_then(|actor| actor.rsplit_once(" ("));
    role.map_or((actor, None), |(from, role)| (from, Some(role)))
}
