//! `cohort`: the hold, with its places, dates, facts, tasks, meetings and messages. It has no
//! states: its stage (planned, running, ended, cancelled) is built in.
//!
//! ```yaml
//! cohort: {title: Hold, places: 16, dates: {start: {title: Første dag, weekday: monday}}}
//! ```

use jiff::civil::Weekday;

use super::{Cx, Home, facts, meeting, message, task};
use crate::calendar::weekday_en;
use crate::definition::keywords::{Key, Keys, Names, Page, Takes};
use crate::definition::model::{CohortDef, HoldDate, Name, Scope};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, text, things};
use crate::definition::yaml::Node;

/// The hold.
pub(crate) static KEYS: Keys = Keys::new(
    "the hold",
    "What all candidates of a hold share.",
    &[
        Key::new(
            "title",
            Takes::Text,
            "What a hold is called; `Hold` when it is left out.",
            "Hold",
        ),
        Key::new(
            "places",
            Takes::Whole {
                least: 1,
                most: 100_000,
            },
            "How many candidates there is room for. A state with `holds_place` takes one.",
            "16",
        ),
        Key::new(
            "dates",
            Takes::Things(Names::New, &Takes::Map(&DATE)),
            "The dates that are given when a hold is made. A hold with candidates has `start`.",
            "{start: {title: Første dag, weekday: monday}, end: {title: Sidste dag}}",
        ),
        Key::new(
            "facts",
            Takes::Things(Names::New, &Takes::Map(&facts::KEYS)),
            "What is recorded about the hold; elsewhere in the file, with `cohort.` in front.",
            "{school_place: {title: Skolens adresse, type: text}}",
        ),
        Key::new(
            "tasks",
            Takes::Things(Names::New, &Takes::Map(&task::KEYS)),
            "What someone has to do for the whole hold.",
            "{decide: {title: Afgør optagelse, by: coordinator, due: 8 workdays before cohort.start}}",
        ),
        Key::new(
            "meetings",
            Takes::Things(Names::New, &Takes::Map(&meeting::KEYS)),
            "Meetings of the whole hold.",
            "{info_meeting: {title: Infomøde, with: [candidate, coordinator], lasts: 2 hours}}",
        ),
        Key::new(
            "messages",
            Takes::Things(Names::New, &Takes::Map(&message::KEYS)),
            "Mails about the hold. A role per candidate gets one mail about its own candidates only.",
            "{arrivals: {template: arrivals, to: mentor, when: 5 workdays before cohort.start}}",
        ),
    ],
);
/// A date of the hold.
static DATE: Keys = Keys::new(
    "a date of the hold",
    "A date that every hold must be given.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Første dag"),
        Key::new(
            "weekday",
            Takes::Weekday,
            "The weekday that the date must fall on.",
            "monday",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "cohort",
    title: "The hold",
    doc: "A hold has no states: its stage (planned, running, ended, cancelled) is built in. Cancelling it \
          ends its open cases and cancels its meetings. Elsewhere in the file its things carry `cohort.`, \
          also inside `cohort:` itself: `cohort.start`, `cohort.info_meeting.held`. Always there are \
          `cohort.place_free`, when a place becomes free, and `cohort.cancelled`.",
    example: "cohort:\n  title: Hold\n  places: 16\n  dates:\n    start: {title: Første dag, weekday: monday}",
    shapes: &[&KEYS, &DATE],
    top: &[],
};
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
    let Some(shape) = Shape::read(sink, &owner, node, &KEYS) else {
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
        places: shape.whole(sink, "places"),
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
    let shape = Shape::read(sink, &key.span, value, &DATE)?;
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
        &WEEKDAYS.map(|day| (weekday_en(day), day, "")),
    )
}
