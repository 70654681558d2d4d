//! `meetings`: who meets, how long, and when: booked within a window, recurring, or any time.
//!
//! ```yaml
//! meetings:
//!   talk: {title: Samtale, with: [candidate, coordinator], lasts: 20 minutes, every: month}
//! ```

use super::{Cx, Home, guard, phrase, roles};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes, Units, WAS};
use crate::definition::model::{Book, Meeting, MeetingTime, Name};
use crate::definition::names::Thing;
use crate::definition::shape::{Shape, list, things};
use crate::definition::yaml::Node;

/// A meeting.
pub(crate) static KEYS: Keys = Keys::new(
    "a meeting",
    "Who meets, how long, and when: booked within a window, recurring, or any time.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Samtale om fremtiden"),
        Key::needed(
            "with",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who takes part. All are invited by calendar invitation.",
            "[candidate, coordinator]",
        ),
        Key::new(
            "about",
            Takes::OneOrMore(&Takes::Name(Names::State)),
            "The states whose candidates it is about; all that are not final, if it is left out.",
            "[nominated]",
        )
        .outside_states(),
        Key::needed(
            "lasts",
            Takes::Length(Units::Elapsed),
            "How long it lasts, in minutes or hours.",
            "45 minutes",
        ),
        Key::new(
            "between",
            Takes::Pair(&Takes::Point),
            "The first and the last day on which it can be booked, both included.",
            "[6 weeks before cohort.start, 3 weeks before cohort.start]",
        ),
        Key::new(
            "every",
            Takes::Period,
            "How often it takes place.",
            "wednesday at 09:00",
        )
        .rules(&[Rule::Without(
            "between",
            Some("a meeting is \"between:\" two days or \"every:\" so often, not both"),
        )]),
        Key::new(
            "from",
            Takes::Point,
            "The first day of `every`; the first day of the state, if it is left out.",
            "cohort.start",
        )
        .rules(&[Rule::With(
            &["every"],
            Some("\"from:\" bounds \"every:\", which is not here"),
        )]),
        Key::new(
            "until",
            Takes::Point,
            "The last day of `every`; the last day of the state, if it is left out.",
            "cohort.end",
        )
        .rules(&[Rule::With(
            &["every"],
            Some("\"until:\" bounds \"every:\", which is not here"),
        )]),
        Key::new(
            "book",
            Takes::Map(&BOOK),
            "Who books it, and by when.",
            "{by: coordinator, due: 2 weeks before}",
        )
        .rules(&[Rule::With(
            &["between", "every"],
            Some("\"book:\" is due before the first day of \"between:\" or \"every:\", which is not here"),
        )]),
        Key::new(
            "remind",
            Takes::OneOrMore(&Takes::Remind),
            "Mails to those who take part, measured from its start.",
            "[3 workdays before at 09:00]",
        ),
        Key::new(
            "if",
            Takes::Guard,
            "What must hold; otherwise it is skipped, and that is recorded.",
            "{cohort.school_place: {recorded: yes}}",
        ),
        WAS,
    ],
);
/// Who books a meeting.
static BOOK: Keys = Keys::new(
    "book",
    "Who books a meeting, and by when.",
    &[
        Key::needed(
            "by",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who books it.",
            "coordinator",
        ),
        Key::needed(
            "due",
            Takes::Remind,
            "By when, measured from the first day of `between`, or from each slot of `every`.",
            "5 workdays before",
        ),
        Key::new(
            "remind",
            Takes::OneOrMore(&Takes::Remind),
            "Mails to whoever books it, measured from that due day.",
            "2 workdays before at 09:00",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "meetings",
    title: "Meetings",
    doc: "A meeting has one of: `between`, a window in which it is booked; `every`, a recurrence; or neither, \
          and then it can be booked at any time, any number of times. Participants are invited by calendar \
          invitation, which follows when the meeting moves and is withdrawn when it is cancelled. A \
          meeting left outside its window by a moved date is flagged, never cancelled by itself. The mails \
          come from `meeting-invitation`, `-moved`, `-cancelled`, `-reminder` and `booking-reminder`, or \
          from templates with the meeting's own name in front.",
    example: "meetings:\n  talk:\n    title: Samtale\n    with: [candidate, job_consultant]\n    lasts: 45 minutes\n    between: [school.first_day, school.last_day]\n    book: {by: job_consultant, due: 5 workdays before}\n    remind: [3 workdays before at 09:00]",
    shapes: &[&KEYS, &BOOK],
    top: &[],
};

/// Reads the meetings of a state or of the hold.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Meeting> {
    let meetings = things(cx.sink, node, "meetings").into_iter();
    meetings
        .filter_map(|(name, key, value)| meeting(cx, name, key, value, home))
        .collect()
}

fn meeting(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Meeting> {
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS)?;
    only_of_the_hold(cx, &shape, home);
    let with = shape.need(cx.sink, "with");
    let lasts = shape
        .need(cx.sink, "lasts")
        .and_then(|node| phrase::elapsed(cx, node, "a meeting's length"));
    let when = when(cx, &shape, home);
    let meeting = Meeting {
        name: Name::from(name),
        was: shape.was(cx.sink, |word| {
            let side = cx.names.side(home.is_hold());
            side.get(word)
                .is_some_and(|entry| entry.thing == Thing::Meeting)
        }),
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

/// In a state there is one case to be about.
fn only_of_the_hold(cx: &Cx, shape: &Shape, home: Home) {
    if let (true, Some(span)) = (home != Home::Hold, shape.key_span("about")) {
        cx.sink.error(
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
    let shape = Shape::read(cx.sink, &owner, node, &BOOK)?;
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
