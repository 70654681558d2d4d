//! Whether the data of a mail is what is said of it.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value as Json};

use super::{Sort, What};
use crate::definition::model::{Name, StateId, Workflow};
use crate::engine::effect::{About, Intent};
use crate::engine::subject::Kind as Of;
use crate::message::{Blank, Kind, Supply};

/// Where the data of a mail is not what [`super::mails`] says of it: a name more or less, another kind, or
/// nothing where something always is. `None` also for mail of a thing that the workflow does not have.
pub(in crate::runner) fn misfit(
    workflow: &Workflow,
    of: Of,
    intent: &Intent,
    gathered: bool,
    role: &str,
    data: &Json,
) -> Option<String> {
    let scopes = workflow
        .states
        .iter()
        .enumerate()
        .map(|(at, state)| (Of::Case, Some(StateId(at)), &state.scope))
        .chain([
            (Of::Cohort, None, &workflow.cohort.scope),
            (Of::Workflow, None, &workflow.scope),
        ])
        .filter(|(whose, ..)| *whose == of);
    let mut sorts = scopes.filter_map(|(of, home, scope)| {
        let called = |name: &Name| *name == intent.name;
        let what = match intent.about {
            About::Message => What::Message(scope.messages.iter().find(|one| called(&one.name))?),
            About::Meeting { .. } => {
                What::Meeting(scope.meetings.iter().find(|one| called(&one.name))?)
            }
            About::Reply => What::Reply,
            About::LateLot { .. } => What::LateLot,
            About::Booking => {
                scope.meetings.iter().find(|one| called(&one.name))?;
                What::Booking
            }
            About::Task { .. } => {
                scope.tasks.iter().find(|one| called(&one.name))?;
                What::Task
            }
            About::Overdue { .. } => {
                let tasks = scope.tasks.iter().map(|task| &task.name);
                let mut all = tasks.chain(scope.meetings.iter().map(|meeting| &meeting.name));
                all.find(|name| called(name))?;
                What::Overdue
            }
        };
        Some(Sort {
            workflow,
            of,
            what,
            home,
        })
    });
    let sort = sorts.next()?;
    if sort.is_gathered() != gathered {
        return Some(format!("gathered: {gathered}"));
    }
    unlike(&sort.names(&[role]), data, "data")
}

/// The same of the mail that others were merged into.
pub(in crate::runner) fn misfit_of_merged(
    workflow: &Workflow,
    of: Of,
    role: &str,
    data: &Json,
) -> Option<String> {
    let (what, home) = (What::Merged, None);
    let sort = Sort {
        workflow,
        of,
        what,
        home,
    };
    unlike(&sort.names(&[role]), data, "data")
}

fn unlike(supply: &Supply, data: &Json, path: &str) -> Option<String> {
    let wrong = || Some(format!("{path} is {data}, not {}", supply.kind.word()));
    match (&supply.kind, data) {
        (Kind::Nothing, Json::Null) | (Kind::Number, Json::Number(_)) => None,
        (_, Json::Null) if supply.blank != Blank::Never => None,
        (Kind::Map(names), Json::Object(given)) => {
            let supplied = names
                .iter()
                .filter(|(_, supply)| supply.kind != Kind::Confidential);
            let more = given.keys().find(|name| {
                names
                    .get(*name)
                    .is_none_or(|supply| supply.kind == Kind::Confidential)
            });
            if let Some(name) = more {
                return Some(format!("{path}.{name} is not among its names"));
            }
            if let Some(beside) = together(names, given) {
                return Some(format!("{path}.{beside} is empty without the others"));
            }
            supplied.into_iter().find_map(|(name, supply)| {
                let path = format!("{path}.{name}");
                match given.get(name) {
                    Some(given) => unlike(supply, given, &path),
                    None => Some(format!("{path} is missing")),
                }
            })
        }
        (Kind::List(item, least, most), Json::Array(items)) => {
            if !(*least..=*most).contains(&items.len()) {
                return Some(format!("{path} has {} items", items.len()));
            }
            items.iter().find_map(|one| unlike(item, one, path))
        }
        (Kind::Text(values), Json::String(text)) => {
            let is_one = values.is_empty()
                || values.contains(text)
                || ["data.link", "data.unsubscribe"].contains(&path)
                || path.starts_with("data.answers.");
            if is_one { None } else { wrong() }
        }
        (Kind::Flag(is), Json::Bool(given)) if is.is_none_or(|is| is == *given) => None,
        (Kind::Date, Json::String(text)) if text.parse::<Date>().is_ok() => None,
        (Kind::Moment, Json::String(text)) if text.parse::<DateTime>().is_ok() => None,
        _ => wrong(),
    }
}

/// A name that is empty while one that is empty with it is not.
fn together<'n>(names: &'n BTreeMap<String, Supply>, given: &Map<String, Json>) -> Option<&'n str> {
    let empty = |name: &str| given.get(name).is_none_or(Json::is_null);
    names.iter().find_map(|(name, supply)| {
        let Blank::With(word) = supply.blank else {
            return None;
        };
        let mut beside = names
            .iter()
            .filter(|(_, other)| other.blank == Blank::With(word));
        let differs = empty(name) && beside.any(|(other, _)| !empty(other));
        differs.then_some(name.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_that_is_not_as_said_is_seen() {
        let names = Supply::map([
            ("day", Supply::new(Kind::Date)),
            ("start", Supply::new(Kind::Moment).or_empty_with("booking")),
            ("end", Supply::new(Kind::Moment).or_empty_with("booking")),
            ("cpr", Supply::new(Kind::Confidential)),
            ("list", Supply::list(Supply::text(), 1)),
        ]);
        let good = json!({"day": "2027-01-04", "start": null, "end": null, "list": ["a"]});
        assert_eq!(unlike(&names, &good, "data"), None);
        for (name, value) in [
            ("day", json!(null)),
            ("day", json!("monday")),
            ("start", json!("2027-01-04T09:00")),
            ("cpr", json!("x")),
            ("list", json!([])),
            ("list", json!([1])),
            ("more", json!("x")),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(unlike(&names, &bad, "data").is_some(), "{bad}");
        }
        let mut less = good;
        less.as_object_mut().unwrap().remove("day");
        assert!(unlike(&names, &less, "data").is_some());
    }
}
