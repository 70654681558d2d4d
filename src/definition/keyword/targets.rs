//! `targets`: how many cases are to have reached a state, and by when.
//!
//! ```yaml
//! targets: {recruited: {title: Aftaler, reached: recruited, at_least: 14, deadline: 2021-12-31}}
//! ```

use jiff::civil::Date;

use super::{Cx, phrase};
use crate::definition::keywords::{Key, Keys, Names, Page, Takes};
use crate::definition::model::{Name, Target};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, text, things};
use crate::definition::symbols::{self, Space};
use crate::definition::yaml::{Node, short};

/// A target.
pub(crate) static KEYS: Keys = Keys::new(
    "a target",
    "How many cases are to have reached a state.",
    &[
        Key::needed(
            "title",
            Takes::Text,
            "What people read.",
            "Uddannelsesaftaler",
        ),
        Key::needed(
            "reached",
            Takes::Name(Names::State),
            "The state. A case counts once it has been in it, wherever it is now.",
            "hired",
        ),
        Key::needed(
            "at_least",
            Takes::Whole {
                least: 1,
                most: 10_000_000,
            },
            "How many cases.",
            "14",
        ),
        Key::new("deadline", Takes::Date, "By which day.", "2027-12-31"),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "targets",
    title: "Targets",
    doc: "Targets count cases over all holds. A source's \"two thirds\" is a ratio of two counts, so the file \
          says the count that is meant, and a comment says of how many.",
    example: "targets:\n  hired: {title: Aftaler, reached: hired, at_least: 14, deadline: 2027-12-31}",
    shapes: &[&KEYS],
    top: &[],
};

/// Reads them.
pub(crate) fn read(cx: &Cx, node: Option<&Node>) -> Vec<Target> {
    let targets = things(cx.sink, node, "targets").into_iter();
    targets
        .filter_map(|(name, key, value)| target(cx, name, key, value))
        .collect()
}

fn target(cx: &Cx, name: &str, key: &Node, value: &Node) -> Option<Target> {
    let sink = cx.sink;
    sink.declared(symbols::Kind::Target, Space::Targets, name, key, value);
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS)?;
    let title = shape.title(cx.sink);
    let reached = shape.need(cx.sink, "reached");
    let reached = reached.and_then(|node| phrase::state(cx, node, text(cx.sink, node, "a state")?));
    let at_least = shape
        .need(cx.sink, "at_least")
        .and_then(|_| shape.whole(cx.sink, "at_least"));
    let deadline = shape.get("deadline").and_then(|node| day(cx.sink, node));
    Some(Target {
        name: Name::from(name),
        title,
        reached: reached?,
        at_least: at_least?,
        deadline,
    })
}

/// A day written as a date.
pub(crate) fn day(sink: &Sink, node: &Node) -> Option<Date> {
    let word = text(sink, node, "a date")?;
    let strict = word.len() == 10;
    let date = word.parse::<Date>().ok().filter(|_| strict);
    if date.is_none() {
        let message = format!("\"{}\" is not a date", short(word));
        sink.error_help("bad-value", &node.span, message, "write it as 2026-02-02");
    }
    date
}
