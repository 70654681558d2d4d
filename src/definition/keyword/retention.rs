//! `retention`: when a case is anonymised.
//!
//! ```yaml
//! retention: {anonymise: 6 months after ended, journal: first}
//! ```

use super::{Cx, Home, phrase};
use crate::calendar::Direction;
use crate::definition::keywords::{Key, Keys, Page, Takes, words};
use crate::definition::model::{Anchor, Retention, StateId};
use crate::definition::shape::{Shape, choice};

/// What is kept how long.
pub(crate) static KEYS: Keys = Keys::new(
    "retention",
    "How long what identifies a candidate is kept.",
    &[
        Key::needed(
            "anonymise",
            Takes::Point,
            "When a case is anonymised: some time after it ended.",
            "6 months after ended",
        ),
        Key::new(
            "journal",
            Takes::Words(&words(&JOURNAL)),
            "Whether a case waits, beyond that time, until its journal has been written out: `tovholder journal`.",
            "first",
        ),
    ],
);
const JOURNAL: [(&str, bool, &str); 1] = [(
    "first",
    true,
    "Nothing is erased before the journal has been written out with all of the case's history.",
)];
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "retention",
    title: "Retention",
    doc: "What identifies a candidate is erased so long after the case ended. The counts that targets are \
          measured by stay. What is kept for legal reasons (`tovholder person hold`) waits until it is not.",
    example: "retention: {anonymise: 6 months after ended}",
    shapes: &[&KEYS],
    top: &[],
};

/// Reads it.
pub(crate) fn read(cx: &Cx, top: &Shape) -> Option<Retention> {
    let owner = top.key_span("retention")?;
    let shape = Shape::read(cx.sink, &owner, top.get("retention")?, &KEYS)?;
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
    let journal = shape.get("journal");
    let journal = journal.and_then(|node| choice(cx.sink, node, "journal", &JOURNAL));
    Some(Retention {
        anonymise: point,
        journal_first: journal.unwrap_or_default(),
    })
}
