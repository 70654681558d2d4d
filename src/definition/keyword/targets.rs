//! `targets`: how many cases are to have reached a state, and by when.
//!
//! ```yaml
//! targets: {recruited: {title: Aftaler, reached: recruited, at_least: 14, deadline: 2021-12-31}}
//! ```

use jiff::civil::Date;

use super::{Cx, phrase};
use crate::definition::model::{Name, Target};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, text, things, whole};
use crate::definition::symbols::{self, Space};
use crate::definition::yaml::{Node, short};

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
    let keys = ["title", "reached", "at_least", "deadline"];
    let shape = Shape::read(cx.sink, &key.span, value, "a target", &keys)?;
    let title = shape.title(cx.sink);
    let reached = shape.need(cx.sink, "reached");
    let reached = reached.and_then(|node| phrase::state(cx, node, text(cx.sink, node, "a state")?));
    let at_least = shape
        .need(cx.sink, "at_least")
        .and_then(|node| whole(cx.sink, node, "at_least", 1..10_000_001));
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
