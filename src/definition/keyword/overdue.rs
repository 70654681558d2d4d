//! `overdue`: the one rule for every overdue task: whom it goes to, after how long.
//!
//! ```yaml
//! overdue: {to: coordinator, after: 2 workdays}
//! ```

use super::{Cx, phrase, roles};
use crate::definition::model::Overdue;
use crate::definition::shape::Shape;

/// Reads it.
pub(crate) fn read(cx: &Cx, top: &Shape) -> Option<Overdue> {
    let owner = top.key_span("overdue")?;
    let shape = Shape::read(
        cx.sink,
        &owner,
        top.get("overdue")?,
        "overdue",
        &["to", "after"],
    )?;
    let to = roles::names(cx, shape.need(cx.sink, "to"));
    let after = shape
        .need(cx.sink, "after")
        .and_then(|node| phrase::length(cx, node));
    Some(Overdue { to, after: after? })
}
