//! Guards, anchors and periods in English, for workflows with `language: en`.

use crate::calendar::Period;
use crate::definition::model::{
    Anchor, Compare, FactRef, Guard, Part, Scope, StatePart, Test, Workflow,
};
use crate::definition::value::{FactKind, Value};

pub(super) fn guard(workflow: &Workflow, guard: &Guard) -> String {
    let tests = guard.0.iter().map(|test| self::test(workflow, test));
    tests.collect::<Vec<_>>().join(" and ")
}

fn test(workflow: &Workflow, test: &Test) -> String {
    match test {
        Test::Fact(fact, compared) => {
            let facts = if fact.cohort {
                &workflow.cohort.facts
            } else {
                &workflow.facts
            };
            let found = facts.iter().find(|known| known.name == fact.name);
            let kind = found.map(|known| &known.kind);
            format!("{} {}", fact_title(workflow, fact), compare(kind, compared))
        }
        Test::Age(compared) => format!("age {}", compare(None, compared)),
        Test::FreePlaces(compared) => format!("free places {}", compare(None, compared)),
        Test::Any(guards) => {
            let any = guards.iter().map(|one| guard(workflow, one));
            format!("({})", any.collect::<Vec<_>>().join(" or "))
        }
    }
}

fn compare(kind: Option<&FactKind>, compare: &Compare) -> String {
    let show = |value: &Value| match value {
        Value::YesNo(true) => "yes".to_owned(),
        Value::YesNo(false) => "no".to_owned(),
        Value::Whole(number) => number.to_string(),
        value => kind.map_or_else(String::new, |kind| kind.show(value)),
    };
    let list = |values: &[Value]| values.iter().map(show).collect::<Vec<_>>().join(" or ");
    match compare {
        Compare::In(values) => format!("is {}", list(values)),
        Compare::Not(values) => format!("is not {}", list(values)),
        Compare::Within { least, most } => {
            let least = least.as_ref().map(|it| format!("at least {}", show(it)));
            let most = most.as_ref().map(|it| format!("at most {}", show(it)));
            let both: Vec<String> = least.into_iter().chain(most).collect();
            both.join(" and ")
        }
        Compare::Recorded(true) => "is recorded".into(),
        Compare::Recorded(false) => "is not recorded".into(),
    }
}

pub(super) fn anchor(workflow: &Workflow, anchor: &Anchor) -> String {
    let state = |id: &crate::definition::model::StateId| workflow.states[id.0].title.clone();
    match anchor {
        Anchor::Date(date) => date.to_string(),
        Anchor::Entered => "the phase begins".into(),
        Anchor::Left => "the phase is left".into(),
        Anchor::Ended => "the case has ended".into(),
        Anchor::HoldDate(name) => {
            let mut dates = workflow.cohort.dates.iter();
            dates
                .find(|date| date.name == *name)
                .map_or_else(|| name.to_string(), |date| date.title.clone())
        }
        Anchor::Fact(fact) => fact_title(workflow, fact),
        Anchor::Meeting { cohort, name } => thing_title(workflow, *cohort, name),
        Anchor::Event(name) => name.to_string(),
        Anchor::PlaceFree => "a place has become free".into(),
        Anchor::HoldCancelled => "the cohort is cancelled".into(),
        Anchor::State { state: id, part } => {
            let part = match part {
                StatePart::FirstDay => "first day",
                StatePart::LastDay => "last day",
                StatePart::Entered => "begun",
                StatePart::Left => "left",
            };
            format!("{}, {part}", state(id))
        }
        Anchor::TaskDue { cohort, name } => {
            format!("{}, due", thing_title(workflow, *cohort, name))
        }
        Anchor::Thing(thing) => {
            let word = match thing.part {
                Part::Done => "done",
                Part::Overdue => "overdue",
                Part::Held => "held",
                Part::NoShow => "did not come",
                Part::Cancelled => "cancelled",
            };
            format!(
                "{}: {word}",
                thing_title(workflow, thing.cohort, &thing.name)
            )
        }
    }
}

pub(super) fn period(period: &Period) -> String {
    let phrase = period.to_string();
    if phrase.starts_with("first") || phrase.starts_with("last") {
        format!("the {phrase}")
    } else {
        format!("every {phrase}")
    }
}

fn fact_title(workflow: &Workflow, fact: &FactRef) -> String {
    let facts = if fact.cohort {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let found = facts.iter().find(|known| known.name == fact.name);
    found.map_or_else(
        || thing_title(workflow, fact.cohort, &fact.name),
        |known| known.title.clone(),
    )
}

/// The title of a task or meeting.
fn thing_title(workflow: &Workflow, cohort: bool, name: &str) -> String {
    let of_cases = workflow.states.iter().map(|state| &state.scope);
    let scopes: Vec<&Scope> = if cohort {
        vec![&workflow.cohort.scope]
    } else {
        of_cases.collect()
    };
    let title = scopes.iter().find_map(|scope| {
        let task = scope.tasks.iter().find(|task| *task.name == *name);
        let meeting = scope.meetings.iter().find(|meeting| *meeting.name == *name);
        task.map(|task| &task.title)
            .or(meeting.map(|meeting| &meeting.title))
    });
    title.cloned().unwrap_or_else(|| name.to_owned())
}
