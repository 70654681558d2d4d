//! What happened and what was refused, in Danish.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::calendar::{Calendar, date_da, time_da};
use crate::definition::model::{Name, Part, Trigger, Workflow};
use crate::definition::value::Value;
use crate::engine::event::{Event, Fate, TaskFate};
use crate::engine::frame::Frame;
use crate::engine::plan::Misplaced;
use crate::engine::subject::{Ending, Kind, Said};
use crate::engine::why::{day_words, fate_words};

/// "mandag den 26. januar 2026 kl. 9.00", local.
#[must_use]
pub fn day_and_time(calendar: &Calendar, at: Timestamp) -> String {
    let local = calendar.local(at);
    format!("{} {}", date_da(local.date()), time_da(local.time()))
}

/// When a meeting is, and why it cannot be then.
pub(in crate::runner) fn misplaced_words(
    frame: &Frame<'_>,
    one: &Misplaced<'_>,
) -> (String, String) {
    let at = day_and_time(frame.calendar(), one.booking.start);
    let why = match one.window {
        Some((first, last)) if first <= last => {
            format!("uden for {}-{}", day_words(first), day_words(last))
        }
        Some(_) => "dets periode er tom".to_owned(),
        None => "i en pause".to_owned(),
    };
    (at, why)
}

/// The local time where nothing else says whose: all workflows of an installation are in one country.
pub(super) fn here(at: Timestamp) -> DateTime {
    at.in_tz("Europe/Copenhagen").map_or_else(
        |_| at.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
        |local| local.datetime(),
    )
}

/// The known name nearest to a misspelt one, if any is near.
#[must_use]
pub fn nearest<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    const ALIKE_MIN: f64 = 0.75;
    let word = word.to_lowercase();
    let alike = |name: &str| strsim::jaro_winkler(&word, &name.to_lowercase());
    let best = known
        .into_iter()
        .map(|name| (alike(name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE_MIN).then_some(best.1)
}

/// "a, b eller c"; the nearest alone when one is near.
#[must_use]
pub fn or_list(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} eller {last}", before.join(", ")),
    }
}

/// "Mente du »x«?", or what there is to choose from.
pub(super) fn did_you_mean<'n>(
    word: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(name) => Some(format!("Mente du »{name}«?")),
        None if known.is_empty() => None,
        None => Some(format!("Her kendes {}.", or_list(&known))),
    }
}

/// The title of a role, with its key, so that it can be typed.
pub(super) fn role_words(workflow: &Workflow, role: &str) -> String {
    let found = workflow.roles.iter().find(|known| *known.name == *role);
    found.map_or_else(
        || format!("»{role}«"),
        |known| format!("{} ({role})", known.title),
    )
}

pub(super) fn state_title(workflow: &Workflow, state: &str) -> String {
    let id = workflow.state_ids.get(state);
    id.map_or_else(
        || state.to_owned(),
        |id| workflow.states[id.0].title.clone(),
    )
}

pub(super) fn task_title(workflow: &Workflow, kind: Kind, task: &str) -> String {
    let own = workflow.states.iter().flat_map(|state| &state.scope.tasks);
    let mut all: Box<dyn Iterator<Item = _>> = match kind {
        Kind::Cohort => Box::new(workflow.cohort.scope.tasks.iter()),
        Kind::Case | Kind::Workflow => Box::new(own),
    };
    all.find(|known| *known.name == *task)
        .map_or_else(|| task.to_owned(), |known| known.title.clone())
}

pub(super) fn meeting_title(workflow: &Workflow, kind: Kind, meeting: &str) -> String {
    let own = workflow
        .states
        .iter()
        .flat_map(|state| &state.scope.meetings);
    let mut all: Box<dyn Iterator<Item = _>> = match kind {
        Kind::Cohort => Box::new(workflow.cohort.scope.meetings.iter()),
        Kind::Case | Kind::Workflow => Box::new(own),
    };
    all.find(|known| *known.name == *meeting)
        .map_or_else(|| meeting.to_owned(), |known| known.title.clone())
}

pub(super) fn event_title(workflow: &Workflow, event: &str) -> String {
    let mut all = workflow.states.iter().flat_map(|state| &state.scope.events);
    let found =
        all.find(|known| matches!(&known.trigger, Trigger::Named(name) if **name == *event));
    found.map_or_else(|| event.to_owned(), |known| known.title.clone())
}

/// What a history's event says to people; nothing for bookkeeping that nobody looks for.
///
/// `name` gives the name of a person by row id.
pub(super) fn event_words(
    workflow: &Workflow,
    kind: Kind,
    name: &dyn Fn(i64) -> String,
    event: &Event,
) -> Option<String> {
    let words = match event {
        Event::Opened { .. } => "Oprettet".to_owned(),
        Event::Fired { name, overridden } => {
            let with = if *overridden {
                " (begrundet undtagelse)"
            } else {
                ""
            };
            format!("Hændelse: {}{with}", event_title(workflow, name))
        }
        Event::Recorded { facts } => recorded_words(workflow, kind, facts),
        Event::Cleared { facts } => {
            let titles: Vec<String> = facts
                .iter()
                .map(|fact| fact_title(workflow, kind, fact))
                .collect();
            format!("Ikke længere noteret: {}", titles.join(", "))
        }
        Event::Assigned { role, people } => {
            let names: Vec<String> = people.iter().map(|id| name(*id)).collect();
            let names = if names.is_empty() {
                "ingen længere".to_owned()
            } else {
                names.join(", ")
            };
            format!("{}: {names}", role_words(workflow, role))
        }
        Event::Moved { left, to, .. } => {
            let to = state_title(workflow, to);
            match left.first() {
                Some((from, _)) => format!("»{}« → »{to}«", state_title(workflow, from)),
                None => format!("Begynder i »{to}«"),
            }
        }
        Event::Ended { day, .. } if kind == Kind::Cohort => {
            format!("Holdet blev aflyst {}", day_words(*day))
        }
        Event::DatesMoved { dates } => {
            let defined = workflow.cohort.dates.iter();
            let moved = defined.filter_map(|date| {
                let day = dates.get(&date.name)?;
                Some(format!("{} er nu {}", date.title, date_da(*day)))
            });
            format!("Datoer flyttet: {}", moved.collect::<Vec<_>>().join(", "))
        }
        Event::Paused { first, last } => {
            format!(
                "Pause fra {} til og med {}",
                date_da(*first),
                date_da(*last)
            )
        }
        Event::Unpaused { first } => format!("Pausen fra {} er ophævet", date_da(*first)),
        Event::Migrated(migrated) => {
            let to = migrated.to.as_ref().map(|to| state_title(workflow, to));
            let to = to.map_or_else(String::new, |to| format!(", i »{to}«"));
            format!("Skiftet til en anden version af forløbet{to}")
        }
        Event::Undone { after, .. } => {
            let state = after
                .state
                .as_ref()
                .map(|state| state_title(workflow, state));
            format!("Fortrudt: tilbage i »{}«", state.unwrap_or_default())
        }
        Event::Unmigrated { .. } => "Skiftet til en anden version er fortrudt".to_owned(),
        Event::Again { declaration, .. } => {
            let message = declaration.strip_prefix("message.").unwrap_or(declaration);
            format!("Mail {message}: skal sendes igen")
        }
        Event::Ended { how, day, .. } => format!(
            "Forløbet sluttede {}: {}",
            day_words(*day),
            ending_words(*how)
        ),
        Event::TaskOpened { task, .. } => {
            format!("Opgave åbnet: {}", task_title(workflow, kind, task))
        }
        Event::Task { task, what, .. } => {
            format!(
                "Opgave {}: {}",
                task_fate_words(*what),
                task_title(workflow, kind, task)
            )
        }
        Event::Booked {
            meeting,
            start,
            place,
            revision,
            ..
        } => {
            let word = if *revision > 0 { "flyttet" } else { "booket" };
            let place = place
                .as_ref()
                .map_or_else(String::new, |place| format!(", {place}"));
            let at = day_and_time(&workflow.calendar, *start);
            format!(
                "Møde {word}: {}, {at}{place}",
                meeting_title(workflow, kind, meeting)
            )
        }
        Event::Met { meeting, part, .. } => {
            let word = match part {
                Part::Held => "holdt",
                Part::NoShow => "ikke mødt",
                Part::Cancelled => "aflyst",
                Part::Done | Part::Overdue => return None,
            };
            format!("Møde {word}: {}", meeting_title(workflow, kind, meeting))
        }
        Event::Answered {
            meeting,
            seat,
            said,
            ..
        } => {
            let who = crate::runner::data::role_title(workflow, seat);
            let title = meeting_title(workflow, kind, meeting);
            format!("{who} {} til mødet: {title}", said_words(*said))
        }
        Event::Lapsed { meeting, .. } => {
            let title = meeting_title(workflow, kind, meeting);
            format!("Møde, hvor ingen har sagt, hvordan det gik: {title}")
        }
        Event::Heard { name, part, .. } => {
            let word = match part {
                Part::Done => "udført",
                Part::Overdue => "fristen er overskredet",
                Part::Held => "holdt",
                Part::NoShow => "ikke mødt",
                Part::Cancelled => "aflyst",
            };
            let title = match part {
                Part::Done | Part::Overdue => task_title(workflow, Kind::Cohort, name),
                _ => meeting_title(workflow, Kind::Cohort, name),
            };
            format!("På holdet: {title}, {word}")
        }
        Event::PlaceTaken => "Har fået en plads på holdet".to_owned(),
        Event::PlaceGiven => "Har givet sin plads tilbage".to_owned(),
        Event::PlaceFree => "En plads er blevet ledig".to_owned(),
        Event::Decided(decision) => return decided_words(workflow, decision),
        Event::Anonymised => "Anonymiseret".to_owned(),
    };
    Some(words)
}

fn decided_words(workflow: &Workflow, decision: &crate::engine::event::Decision) -> Option<String> {
    let message = decision.declaration.strip_prefix("message.");
    match (message, &decision.fate) {
        (_, Fate::Done) => None,
        (Some(message), _) => Some(format!(
            "Mail {message}: {}",
            fate_words(workflow, decision)
        )),
        (None, Fate::Waiting(_)) => Some(format!("Videre: {}", fate_words(workflow, decision))),
        (None, _) => None,
    }
}

fn recorded_words(
    workflow: &Workflow,
    kind: Kind,
    facts: &std::collections::BTreeMap<Name, Value>,
) -> String {
    let defined = if kind == Kind::Cohort {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let one = |(name, value): (&Name, &Value)| {
        let title = fact_title(workflow, kind, name);
        let known = defined.iter().find(|known| known.name == *name);
        match known
            .map(|known| known.kind.show(value))
            .filter(|shown| !shown.is_empty())
        {
            Some(shown) => format!("{title}: {shown}"),
            None => title,
        }
    };
    format!(
        "Noteret: {}",
        facts.iter().map(one).collect::<Vec<_>>().join(", ")
    )
}

pub(super) fn fact_title(workflow: &Workflow, kind: Kind, fact: &str) -> String {
    let defined = if kind == Kind::Cohort {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let found = defined.iter().find(|known| *known.name == *fact);
    found.map_or_else(|| fact.to_owned(), |known| known.title.clone())
}

/// What somebody answered to an invitation.
pub(super) fn said_words(said: Said) -> &'static str {
    match said {
        Said::Accepted => "kommer",
        Said::Declined => "har meldt afbud",
        Said::Tentative => "kommer måske",
    }
}

/// How a case or a hold ended.
pub(in crate::runner) fn ending_words(how: Ending) -> &'static str {
    match how {
        Ending::Success => "mål nået",
        Ending::Neutral => "afsluttet",
        Ending::Dropout => "stoppet",
        Ending::Moved => "flyttet til et andet hold",
        Ending::Cancelled => "holdet blev aflyst",
        Ending::TakenBack => "taget ind ved en fejl",
        Ending::Erased => "slettet undervejs",
    }
}

fn task_fate_words(what: TaskFate) -> &'static str {
    match what {
        TaskFate::Done => "løst",
        TaskFate::Skipped => "sprunget over",
        TaskFate::Withdrawn => "bortfaldet",
        TaskFate::Missed => "ikke nået",
        TaskFate::Overdue => "over fristen",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_or_all_are_named() {
        let known = ["navn", "email", "telefon"];
        let table = [
            ("nvan", Some("Mente du »navn«?")),
            ("Email", Some("Mente du »email«?")),
            ("xyz", Some("Her kendes navn, email eller telefon.")),
        ];
        for (word, expect) in table {
            assert_eq!(did_you_mean(word, known).as_deref(), expect, "{word}");
        }
        assert_eq!(did_you_mean("x", []), None);
    }
}
