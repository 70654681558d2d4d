//! `cohort`: the hold, with its places, dates, facts, tasks, meetings and messages. It has no
//! states: its stage (planned, running, ended, cancelled) is built in.
//!
//! ```yaml
//! cohort: {title: Hold, places: 16, dates: {start: {title: Første dag, weekday: monday}}}
//! ```

use jiff::civil::Weekday;

use super::{Cx, Home, facts, meeting, message, task};
use crate::calendar::weekday_en;
use crate::definition::model::{CohortDef, HoldDate, Name, Scope};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, text, things, whole};
use crate::definition::yaml::Node;

const KEYS: [&str; 7] = [
    "title", "places", "dates", "facts", "tasks", "meetings", "messages",
];
const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Reads it.
pub(crate) fn read(cx: &Cx, top: &Shape, language: &str) -> CohortDef {
    let sink = cx.sink;
    let title = if language == "en" { "Cohort" } else { "Hold" }.to_owned();
    let Some(node) = top.need(sink, "cohort") else {
        return CohortDef::default();
    };
    let owner = top.key_span("cohort").unwrap_or_default();
    let Some(shape) = Shape::read(sink, &owner, node, "the hold", &KEYS) else {
        return CohortDef::default();
    };
    let title = shape
        .get("title")
        .and_then(|node| text(sink, node, "a title"))
        .map_or(title, str::to_owned);
    let dates = dates(sink, shape.get("dates"));
    if top.get("candidate").is_some() && !dates.iter().any(|date| &*date.name == "start") {
        let message = "a hold with candidates needs the date \"start\"";
        sink.error_help(
            "missing-key",
            &owner,
            message,
            "write \"dates: {start: {title: …}}\"",
        );
    }
    CohortDef {
        title,
        places: shape
            .get("places")
            .and_then(|node| whole(sink, node, "places", 1..100_001)),
        dates,
        facts: facts::read(sink, shape.get("facts")),
        scope: Scope {
            events: Vec::new(),
            tasks: task::read(cx, shape.get("tasks"), Home::Hold),
            meetings: meeting::read(cx, shape.get("meetings"), Home::Hold),
            messages: message::read(cx, shape.get("messages"), Home::Hold),
        },
    }
}

fn dates(sink: &Sink, node: Option<&Node>) -> Vec<HoldDate> {
    things(sink, node, "dates")
        .into_iter()
        .filter_map(|(name, key, value)| date(sink, name, key, value))
        .collect()
}

fn date(sink: &Sink, name: &str, key: &Node, value: &Node) -> Option<HoldDate> {
    let shape = Shape::read(
        sink,
        &key.span,
        value,
        "a date of the hold",
        &["title", "weekday"],
    )?;
    let title = shape.title(sink);
    let weekday = shape.get("weekday").and_then(|node| weekday(sink, node));
    Some(HoldDate {
        name: Name::from(name),
        title,
        weekday,
    })
}

fn weekday(sink: &Sink, node: &Node) -> Option<Weekday> {
    choice(
        sink,
        node,
        "weekday",
        &WEEKDAYS.map(|day| (weekday_en(day), day)),
    )
}
