//! `overdue`: the one rule for every overdue task: whom it goes to, after how long.
//!
//! ```yaml
//! overdue: {to: coordinator, after: 2 workdays}
//! ```

use super::{Cx, phrase, roles};
use crate::definition::keywords::{Key, Keys, Names, Page, Takes, Units};
use crate::definition::model::Overdue;
use crate::definition::shape::Shape;

/// The rule.
pub(crate) static KEYS: Keys = Keys::new(
    "overdue",
    "The one rule for every overdue task.",
    &[
        Key::needed(
            "to",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who is told of a task that is overdue.",
            "coordinator",
        ),
        Key::needed(
            "after",
            Takes::Length(Units::Any),
            "How long after its due day a task that is not done is overdue.",
            "2 workdays",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "overdue",
    title: "Overdue tasks",
    doc: "A task is overdue when its due day has passed by this much and it is not done. One mail per \
          person, from the template `task-overdue`. `TASK.overdue` is then an event of the case.",
    example: "overdue: {to: coordinator, after: 2 workdays}",
    shapes: &[&KEYS],
    top: &[],
};

/// Reads it.
pub(crate) fn read(cx: &Cx, top: &Shape) -> Option<Overdue> {
    let owner = top.key_span("overdue")?;
    let shape = Shape::read(cx.sink, &owner, top.get("overdue")?, &KEYS)?;
    let to = roles::names(cx, shape.need(cx.sink, "to"));
    let after = shape
        .need(cx.sink, "after")
        .and_then(|node| phrase::length(cx, node));
    Some(Overdue { to, after: after? })
}
