//! `retention`: when a case is anonymised.
//!
//! ```yaml
//! retention: {anonymise: 6 months after ended}
//! ```

use super::{Cx, Home, phrase};
use crate::calendar::Direction;
use crate::definition::model::{Anchor, Point, StateId};
use crate::definition::shape::Shape;

/// Reads it.
pub(crate) fn read(cx: &Cx, top: &Shape) -> Option<Point> {
    let owner = top.key_span("retention")?;
    let shape = Shape::read(
        cx.sink,
        &owner,
        top.get("retention")?,
        "retention",
        &["anonymise"],
    )?;
    let node = shape.need(cx.sink, "anonymise")?;
    let point = phrase::point(cx, node, Home::Case(StateId::ROOT))?;
    let before = point
        .shift
        .is_some_and(|shift| shift.direction == Direction::Before);
    if point.anchor != Anchor::Ended || before {
        let message = "a case is kept until some time after it ended";
        cx.sink.error_help(
            "unknown-anchor",
            &node.span,
            message,
            "write it as \"6 months after ended\"",
        );
    }
    Some(point)
}
