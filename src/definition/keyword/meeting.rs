//! `meetings`: who meets, how long, and when: booked within a window, recurring, or any time.
//!
//! ```yaml
//! meetings:
//!   talk: {title: Samtale, with: [candidate, coordinator], lasts: 20 minutes, every: month}
//! ```

use super::{Cx, Home, guard, phrase, roles};
use crate::definition::model::{Book, Meeting, MeetingTime, Name};
use crate::definition::shape::{Shape, list, things};
use crate::definition::yaml::Node;

const KEYS: [&str; 11] = [
    "title", "with", "about", "lasts", "between", "every", "from", "until", "book", "remind", "if",
];

/// Reads the meetings of a state or of the hold.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Meeting> {
    let meetings = things(cx.sink, node, "meetings").into_iter();
    meetings
        .filter_map(|(name, key, value)| meeting(cx, name, key, value, home))
        .collect()
}

fn meeting(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Meeting> {
    let shape = Shape::read(cx.sink, &key.span, value, "a meeting", &KEYS)?;
    together(cx, &shape, home);
    let with = shape.need(cx.sink, "with");
    let lasts = shape
        .need(cx.sink, "lasts")
        .and_then(|node| phrase::elapsed(cx, node, "a meeting's length"));
    let when = when(cx, &shape, home);
    let meeting = Meeting {
        name: Name::from(name),
        title: shape.title(cx.sink),
        with: roles::names(cx, with),
        about: phrase::states(cx, shape.get("about")),
        lasts: lasts?,
        when: when?,
        book: shape
            .get("book")
            .and_then(|node| book(cx, &shape, node, home)),
        remind: phrase::reminders(cx, shape.get("remind")),
        guard: guard::read(cx, shape.get("if"), home),
    };
    Some(meeting)
}

/// Keys that only make sense with, or without, another.
fn together(cx: &Cx, shape: &Shape, home: Home) {
    let sink = cx.sink;
    if let (Some(_), Some(span)) = (shape.get("between"), shape.key_span("every")) {
        sink.error(
            "bad-value",
            &span,
            "a meeting is \"between:\" two days or \"every:\" so often, not both",
        );
    }
    for key in ["from", "until"] {
        if let (None, Some(span)) = (shape.get("every"), shape.key_span(key)) {
            sink.error(
                "missing-key",
                &span,
                format!("\"{key}:\" bounds \"every:\", which is not here"),
            );
        }
    }
    if let (true, Some(span)) = (home != Home::Hold, shape.key_span("about")) {
        sink.error(
            "bad-value",
            &span,
            "a meeting in a state is about its own case: leave \"about:\" out",
        );
    }
}

/// `None` when what stands there is faulty.
fn when(cx: &Cx, shape: &Shape, home: Home) -> Option<MeetingTime> {
    if let Some(node) = shape.get("between") {
        let ends = list(cx.sink, node, "between")?;
        let [first, last] = ends else {
            cx.sink.error(
                "bad-value",
                &node.span,
                "\"between:\" has two days: [FIRST, LAST]",
            );
            return None;
        };
        let (first, last) = (
            phrase::point(cx, first, home),
            phrase::point(cx, last, home),
        );
        return Some(MeetingTime::Between(first?, last?));
    }
    if shape.get("every").is_some() {
        return phrase::recurrence(cx, shape, home).map(MeetingTime::Every);
    }
    Some(MeetingTime::Free)
}

fn book(cx: &Cx, meeting: &Shape, node: &Node, home: Home) -> Option<Book> {
    let owner = meeting.key_span("book").unwrap_or_default();
    let shape = Shape::read(cx.sink, &owner, node, "book", &["by", "due", "remind"])?;
    if meeting.get("between").is_none() && meeting.get("every").is_none() {
        let message = "\"book:\" is due before the first day of \"between:\" or \"every:\", which is not here";
        cx.sink.error("missing-key", &owner, message);
    }
    if home == Home::Hold {
        roles::of_the_hold(cx, shape.get("by"));
    }
    let by = roles::names(cx, shape.need(cx.sink, "by"));
    let due = shape
        .need(cx.sink, "due")
        .and_then(|node| phrase::remind(cx, node));
    let remind = phrase::reminders(cx, shape.get("remind"));
    Some(Book {
        by,
        due: due?,
        remind,
    })
}
