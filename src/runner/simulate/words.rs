//! An outcome in Danish, with the reason for it: the phrase of the file, or who did it.

use crate::definition::model::{
    Fill, Meeting, MeetingTime, Outcome, Part, Scope, Stay, Task, Workflow,
};
use crate::engine::event::{Cause, Decision, Event, Fate, TaskFate};
use crate::engine::subject::Ending;
use crate::engine::why;
use crate::runner::assumed::{ASSUMED, TOLD};
use crate::runner::cast::Stage;

use super::report::EntryKind;

/// An outcome in words and why it came then; `None` for what is only bookkeeping.
pub(super) fn words(
    stage: &Stage,
    actor: &str,
    event: &Event,
) -> Option<(EntryKind, String, String)> {
    let workflow = &*stage.workflow;
    let title = |name: &str| title(stage, name);
    let by_hand = || {
        if [ASSUMED, TOLD].contains(&actor) {
            actor.to_owned()
        } else {
            String::new()
        }
    };
    Some(match event {
        Event::Moved {
            cause,
            to,
            entered,
            left,
            ..
        } if !entered.is_empty() => {
            let why = match cause {
                Cause::Opened => "oprettet på holdet".to_owned(),
                Cause::Time => time_up(workflow, left.iter().map(|(name, _)| &**name)),
                Cause::Event(name) => format!("hændelse: {}", title(name)),
            };
            (EntryKind::Transition, state(workflow, to), why)
        }
        Event::Ended {
            how: Ending::Moved,
            moved_by,
            ..
        } => {
            let why = match moved_by {
                Some((Cause::Event(name), _)) => format!("hændelse: {}", title(name)),
                Some(_) => "ikke afgjort på dette hold".to_owned(),
                None => "flyttet af en medarbejder".to_owned(),
            };
            let what = "fortsætter på et senere hold".to_owned();
            (EntryKind::Transition, what, why)
        }
        Event::TaskOpened { task, late, .. } => {
            let why = task_named(workflow, task)
                .map(|(task, place)| opened_why(task, place))
                .unwrap_or_default();
            let late = if *late { " (fristen var passeret)" } else { "" };
            (
                EntryKind::Task,
                format!("{}: åbner{late}", title(task)),
                why,
            )
        }
        Event::Task { task, what, .. } => (
            EntryKind::Task,
            format!("{}: {}", title(task), fate(*what)),
            task_why(workflow, task, *what),
        ),
        Event::Booked {
            meeting,
            start,
            revision,
            ..
        } => {
            let when = workflow
                .calendar
                .local(*start)
                .strftime("%-d.%-m.%Y kl. %-H.%M");
            let word = if *revision > 0 {
                "flyttet til"
            } else {
                "booket til"
            };
            let why = meeting_named(workflow, meeting)
                .map(booked_why)
                .filter(|_| *revision == 0);
            (
                EntryKind::Meeting,
                format!("{}: {word} {when}", title(meeting)),
                why.unwrap_or_else(by_hand),
            )
        }
        Event::Met { meeting, part, .. } => {
            let word = match part {
                Part::Held => "holdt",
                Part::NoShow => "kandidaten kom ikke",
                Part::Done | Part::Overdue | Part::Cancelled => "aflyst",
            };
            (
                EntryKind::Meeting,
                format!("{}: {word}", title(meeting)),
                by_hand(),
            )
        }
        // That it came to a hold's meeting is the hold's to tell, not each candidate's.
        Event::Fired { name, .. } if name.starts_with("cohort.") => {
            let meeting = name.strip_prefix("cohort.")?.strip_suffix(".no_show")?;
            let what = format!("{}: kom ikke", title(meeting));
            (EntryKind::Meeting, what, by_hand())
        }
        Event::Fired { name, .. } => (
            EntryKind::Fact,
            format!("hændelse: {}", title(name)),
            by_hand(),
        ),
        Event::Decided(decision) if !matches!(decision.fate, Fate::Queued | Fate::Done) => (
            EntryKind::Decision,
            declaration(stage, decision),
            why::fate_words(workflow, decision),
        ),
        Event::Anonymised => {
            let why = workflow
                .retention
                .as_ref()
                .map(|retention| quoted(&retention.anonymise.text))
                .unwrap_or_default();
            (EntryKind::Transition, "anonymiseret".into(), why)
        }
        _ => return None,
    })
}

fn title(stage: &Stage, name: &str) -> String {
    stage
        .titles
        .get(name)
        .cloned()
        .unwrap_or_else(|| name.to_owned())
}

fn quoted(phrase: &str) -> String {
    format!("»{phrase}«")
}

/// A state's title; of a final one also how the case ended.
fn state(workflow: &Workflow, name: &str) -> String {
    let Some(state) = workflow
        .state_ids
        .get(name)
        .map(|id| &workflow.states[id.0])
    else {
        return name.to_owned();
    };
    let end = match state.outcome {
        None => "",
        Some(Outcome::Success) => " (slut: mål nået)",
        Some(Outcome::Neutral) => " (slut)",
        Some(Outcome::Dropout) => " (slut: stoppet)",
    };
    format!("{}{end}", state.title)
}

/// The phrase of the innermost state left that has a time of its own.
fn time_up<'n>(workflow: &Workflow, left: impl Iterator<Item = &'n str>) -> String {
    let mut states = left
        .filter_map(|name| workflow.state_ids.get(name))
        .map(|id| &workflow.states[id.0]);
    let phrase = states.find_map(|state| match &state.stay {
        Stay::Open => None,
        Stay::Lasts(length) => Some(format!("lasts: {length}")),
        Stay::Until(point) => Some(format!("until: {}", point.text)),
    });
    phrase.map_or_else(|| "tiden er gået".to_owned(), |phrase| quoted(&phrase))
}

fn fate(what: TaskFate) -> &'static str {
    match what {
        TaskFate::Done => "udført",
        TaskFate::Skipped => "sprunget over",
        TaskFate::Withdrawn => "bortfalder",
        TaskFate::Missed => "ikke nået",
        TaskFate::Overdue => "frist overskredet",
    }
}

/// All scopes, each with the words for where it is.
fn scopes(workflow: &Workflow) -> impl Iterator<Item = (&Scope, String)> {
    let states = workflow
        .states
        .iter()
        .map(|state| (&state.scope, format!("ved indtræden i »{}«", state.title)));
    std::iter::once((&workflow.cohort.scope, "holdet er oprettet".to_owned())).chain(states)
}

fn task_named<'w>(workflow: &'w Workflow, name: &str) -> Option<(&'w Task, String)> {
    scopes(workflow).find_map(|(scope, place)| {
        Some((scope.tasks.iter().find(|task| *task.name == *name)?, place))
    })
}

fn meeting_named<'w>(workflow: &'w Workflow, name: &str) -> Option<&'w Meeting> {
    scopes(workflow)
        .find_map(|(scope, _)| scope.meetings.iter().find(|meeting| *meeting.name == *name))
}

fn opened_why(task: &Task, place: String) -> String {
    match (&task.every, &task.opens) {
        (Some(rec), _) => quoted(&format!("every: {}", rec.text)),
        (None, Some(point)) => quoted(&format!("when: {}", point.text)),
        (None, None) => place,
    }
}

fn task_why(workflow: &Workflow, name: &str, what: TaskFate) -> String {
    let Some((task, _)) = task_named(workflow, name) else {
        return String::new();
    };
    let due = task
        .due
        .as_ref()
        .map(|point| quoted(&format!("due: {}", point.text)));
    match what {
        TaskFate::Withdrawn => "fasen er forladt".to_owned(),
        TaskFate::Missed => "fasen blev sprunget over".to_owned(),
        TaskFate::Done if !task.clears.is_empty() => "ingen venter længere".to_owned(),
        TaskFate::Done
            if due.is_none() && task.fills.iter().any(|fill| matches!(fill, Fill::Fact(_))) =>
        {
            "noteret".to_owned()
        }
        TaskFate::Done | TaskFate::Skipped | TaskFate::Overdue => {
            due.unwrap_or_else(|| "uden frist".to_owned())
        }
    }
}

fn booked_why(meeting: &Meeting) -> String {
    match &meeting.when {
        MeetingTime::Between(from, to) => quoted(&format!("between: {}, {}", from.text, to.text)),
        MeetingTime::Every(rec) => quoted(&format!("every: {}", rec.text)),
        MeetingTime::Free => String::new(),
    }
}

/// What a decision was about: `meeting.info_meeting#1.remind[…]` as people call it.
fn declaration(stage: &Stage, decision: &Decision) -> String {
    let words = decision.declaration.split_once('.');
    let Some((kind, rest)) = words else {
        return if decision.declaration == "then" {
            "skift af fase".to_owned()
        } else {
            decision.declaration.clone()
        };
    };
    let name = rest.split(['#', '.', '@']).next().unwrap_or(rest);
    match kind {
        "next" => format!("»{}« på et senere hold", state(&stage.workflow, name)),
        "message" => format!("mailen {name}"),
        _ if rest.contains("overdue") => format!("rykker om »{}«", title(stage, name)),
        _ if rest.contains("remind") => format!("påmindelse om »{}«", title(stage, name)),
        _ => format!("»{}«", title(stage, name)),
    }
}
