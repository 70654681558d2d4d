//! Time phrases (`POINT`, `REMIND`, `PERIOD`, `DURATION`) with their names resolved.
//!
//! The calendar knows the grammar; here each anchor becomes the thing of the file it names, and
//! an anchor whose day cannot be known where it is used is refused.

use std::ops::Range;

use super::{Cx, Home};
use crate::calendar::{
    AnchorKind, AnchorText, Each, Length, Period, PhraseError, Unit, parse_duration, parse_period,
    parse_point, parse_remind,
};
use crate::definition::model::{
    Anchor, FactRef, Name, Part, Point, Recurrence, Remind, StateId, StatePart, ThingPart,
};
use crate::definition::names::{Entry, Thing};
use crate::definition::problem::{Sink, nearest};
use crate::definition::shape::{Shape, one_or_more, text};
use crate::definition::symbols::{Phrase, Space};
use crate::definition::value::FactKind;
use crate::definition::yaml::{Node, short};

/// Reports what the phrase parser found, under the words it means.
pub(crate) fn report(sink: &Sink, node: &Node, error: PhraseError) {
    let span = node.within(sink.text, &error.span);
    match error.help {
        Some(help) => sink.error_help("bad-phrase", &span, error.message, help),
        None => sink.error("bad-phrase", &span, error.message),
    }
}

/// A length written out: what a setting may be.
pub(crate) fn fixed_length(sink: &Sink, node: &Node) -> Option<Length> {
    let words = text(sink, node, "a length")?;
    parse_duration(words, &|_| None)
        .map_err(|error| report(sink, node, error))
        .ok()
}

/// The length of a setting; one that is declared but faulty stands for a day, so that only its
/// own mistake is reported.
fn setting(cx: &Cx, name: &str) -> Option<Length> {
    let fallback = Length {
        count: 1,
        unit: Unit::CalendarDays,
    };
    cx.names
        .settings
        .get(name)
        .map(|length| length.unwrap_or(fallback))
}

/// Reports a phrase error; a setting that nobody declared is an unknown name with a suggestion.
fn phrase_error(cx: &Cx, node: &Node, error: PhraseError) {
    let span = node.within(cx.sink.text, &error.span);
    let before = cx.sink.text.get(..span.start).unwrap_or_default();
    let name = cx.sink.text.get(span.clone()).unwrap_or_default();
    if !before.ends_with("settings.") || name.is_empty() || cx.names.settings.contains_key(name) {
        return report(cx.sink, node, error);
    }
    let message = format!("no setting is called \"{}\"", short(name));
    cx.sink.error_name(
        "unknown-name",
        &span,
        name,
        message,
        cx.names.settings.keys().copied(),
    );
}

/// `lasts`, `after`, `gather`: a length, written out or named.
pub(crate) fn length(cx: &Cx, node: &Node) -> Option<Length> {
    let words = text(cx.sink, node, "a length")?;
    let read = parse_duration(words, &|name| setting(cx, name));
    let length = read.map_err(|error| phrase_error(cx, node, error)).ok()?;
    cx.sink.phrase(node, Phrase::Length(length));
    Some(length)
}

/// A length of minutes or hours.
pub(crate) fn elapsed(cx: &Cx, node: &Node, what: &str) -> Option<Length> {
    let length = length(cx, node)?;
    if !length.unit.is_elapsed() {
        cx.sink.error(
            "bad-value",
            &node.span,
            format!("{what} is given in minutes or hours, not \"{length}\""),
        );
        return None;
    }
    Some(length)
}

/// `remind:` items and `book.due`.
pub(crate) fn remind(cx: &Cx, node: &Node) -> Option<Remind> {
    let words = text(cx.sink, node, "a reminder")?;
    let read = parse_remind(words, &|name| setting(cx, name));
    let read = read.map_err(|error| phrase_error(cx, node, error)).ok()?;
    let remind = Remind {
        shift: read.shift,
        at: read.at,
        text: words.to_owned(),
    };
    cx.sink.phrase(node, Phrase::Remind(remind.clone()));
    Some(remind)
}

/// One reminder or a list.
pub(crate) fn reminders(cx: &Cx, node: Option<&Node>) -> Vec<Remind> {
    let nodes = node
        .map(|node| one_or_more(cx.sink, node, "a reminder"))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| remind(cx, node))
        .collect()
}

/// `every` with its `from` and `until`; `None` also when there is no `every`.
pub(crate) fn recurrence(cx: &Cx, shape: &Shape, home: Home) -> Option<Recurrence> {
    let node = shape.get("every")?;
    let from = shape.get("from").and_then(|node| point(cx, node, home));
    let until = shape.get("until").and_then(|node| point(cx, node, home));
    let words = text(cx.sink, node, "every")?;
    let period = parse_period(words)
        .map_err(|error| phrase_error(cx, node, error))
        .ok()?;
    let no_origin = home == Home::Workflow && shape.get("from").is_none();
    if no_origin && counts_from_an_origin(&period) {
        let message = format!(
            "\"{}\" counts from a first day, and the workflow as a whole has none",
            short(words)
        );
        let help = "name days of the calendar: \"friday\", \"first workday of the month\"";
        cx.sink
            .error_help("every-without-origin", &node.span, message, help);
    }
    if home == Home::Hold && shape.get("from").is_none() && !cx.names.hold.contains_key("start") {
        let message = "this counts from cohort.start, which the hold does not have";
        cx.sink.error_help(
            "unknown-anchor",
            &node.span,
            message,
            "declare it: \"dates: {start: …}\", or write \"from:\"",
        );
    }
    let recurrence = Recurrence {
        period,
        from,
        until,
        text: words.to_owned(),
    };
    cx.sink.phrase(node, Phrase::Every(recurrence.clone()));
    Some(recurrence)
}

/// Whether a period is an interval rather than days of the calendar.
fn counts_from_an_origin(period: &Period) -> bool {
    matches!(
        period.each,
        Each::Weeks { .. } | Each::Months(_) | Each::Years(_)
    )
}

/// A point in time.
pub(crate) fn point(cx: &Cx, node: &Node, home: Home) -> Option<Point> {
    let words = text(cx.sink, node, "a point in time")?;
    let read = parse_point(words, &|name| setting(cx, name));
    let read = read.map_err(|error| phrase_error(cx, node, error)).ok()?;
    let span = node.within(cx.sink.text, &read.anchor.span);
    let anchor = anchor(cx, &read.anchor, &span)?;
    let is_known = known(cx, &anchor, home, &span);
    let point = Point {
        shift: read.shift,
        anchor,
        at: read.at,
        text: words.to_owned(),
    };
    cx.sink.phrase(node, Phrase::Point(point.clone()));
    is_known.then_some(point)
}

/// What an anchor names.
fn anchor(cx: &Cx, anchor: &AnchorText, span: &Range<usize>) -> Option<Anchor> {
    match &anchor.kind {
        AnchorKind::Date(date) => Some(Anchor::Date(*date)),
        AnchorKind::Entered => Some(Anchor::Entered),
        AnchorKind::Left => Some(Anchor::Left),
        AnchorKind::Ended => Some(Anchor::Ended),
        AnchorKind::Thing { name, part } => thing(cx, anchor.cohort, name, part.as_deref(), span),
    }
}

fn thing(
    cx: &Cx,
    cohort: bool,
    word: &str,
    part: Option<&str>,
    span: &Range<usize>,
) -> Option<Anchor> {
    match (cohort, word, part) {
        (true, "place_free", None) => return Some(Anchor::PlaceFree),
        (true, "cancelled", None) => return Some(Anchor::HoldCancelled),
        _ => {}
    }
    let Some(entry) = cx.names.side(cohort).get(word) else {
        unknown(cx, cohort, word, part, span);
        return None;
    };
    cx.sink.used(Space::side(cohort), word, span);
    let name = Name::from(word);
    let found = match (&entry.thing, part) {
        (Thing::Date, None) => Some(Anchor::HoldDate(name)),
        (Thing::Fact(None | Some(FactKind::Date)), None) => {
            Some(Anchor::Fact(FactRef { cohort, name }))
        }
        (Thing::Meeting, None) => Some(Anchor::Meeting { cohort, name }),
        (Thing::Event, None) => Some(Anchor::Event(name)),
        (Thing::Task, Some("due")) => Some(Anchor::TaskDue { cohort, name }),
        (Thing::State(state), Some(part)) => state_part(part).map(|part| Anchor::State {
            state: *state,
            part,
        }),
        (thing, Some(part)) => {
            thing_part(thing, part).map(|part| Anchor::Thing(ThingPart { cohort, name, part }))
        }
        (_, None) => None,
    };
    if found.is_none() {
        wrong_part(cx, entry, word, part, span);
    }
    found
}

fn state_part(part: &str) -> Option<StatePart> {
    match part {
        "first_day" => Some(StatePart::FirstDay),
        "last_day" => Some(StatePart::LastDay),
        "entered" => Some(StatePart::Entered),
        "left" => Some(StatePart::Left),
        _ => None,
    }
}

/// What can happen to a task or a meeting.
pub(crate) fn thing_part(thing: &Thing, part: &str) -> Option<Part> {
    match (thing, part) {
        (Thing::Task, "done") => Some(Part::Done),
        (Thing::Task, "overdue") => Some(Part::Overdue),
        (Thing::Meeting, "held") => Some(Part::Held),
        (Thing::Meeting, "no_show") => Some(Part::NoShow),
        (Thing::Meeting, "cancelled") => Some(Part::Cancelled),
        _ => None,
    }
}

/// The parts a thing has, for help.
pub(crate) fn parts(thing: &Thing) -> &'static [&'static str] {
    match thing {
        Thing::State(_) => &["first_day", "last_day", "entered", "left"],
        Thing::Task => &["due", "done", "overdue"],
        Thing::Meeting => &["held", "no_show", "cancelled"],
        Thing::Date | Thing::Fact(_) | Thing::Event => &[],
    }
}

fn wrong_part(cx: &Cx, entry: &Entry, word: &str, part: Option<&str>, span: &Range<usize>) {
    let parts = parts(&entry.thing);
    let what = entry.thing.what();
    if let (Thing::Fact(Some(_)), None) = (&entry.thing, part) {
        return cx.sink.error(
            "unknown-anchor",
            span,
            format!("\"{word}\" is a fact, but not a date"),
        );
    }
    match part {
        Some(part) if parts.is_empty() => {
            cx.sink.error(
                "unknown-anchor",
                span,
                format!("\"{word}\" is {what}, and has no \".{}\"", short(part)),
            );
        }
        Some(part) => {
            let message = format!("\"{word}\" is {what}, and has no \".{}\"", short(part));
            cx.sink
                .error_name("unknown-name", span, part, message, parts.iter().copied());
        }
        None => {
            let all: Vec<String> = parts.iter().map(|part| format!("{word}.{part}")).collect();
            let message = format!("\"{word}\" is {what}, not a point in time");
            cx.sink.error_help(
                "unknown-anchor",
                span,
                message,
                format!("write {}", all.join(", ")),
            );
        }
    }
}

fn unknown(cx: &Cx, cohort: bool, word: &str, part: Option<&str>, span: &Range<usize>) {
    let dates: Vec<&str> = (cx.names)
        .words(true, |thing| *thing == Thing::Date)
        .collect();
    if cohort && word == "end" && nearest(word, &dates).is_none() {
        let (message, help) = (
            "the hold has no date \"end\"",
            "declare it under the hold's \"dates:\"",
        );
        return cx.sink.error_help("unknown-anchor", span, message, help);
    }
    let side = if cohort { "of the hold " } else { "" };
    let message = format!("nothing {side}is called \"{}\"", short(word));
    // What the other side calls so is meant, unless something here fits better what stands after it.
    let other = cx.names.side(!cohort).get(word);
    let other = other.filter(|entry| part.is_none_or(|part| parts(&entry.thing).contains(&part)));
    if other.is_some() {
        let other = if cohort {
            word.to_owned()
        } else {
            format!("cohort.{word}")
        };
        return cx.sink.error_help(
            "unknown-name",
            span,
            message,
            format!("did you mean \"{other}\"?"),
        );
    }
    cx.sink.error_name(
        "unknown-name",
        span,
        word,
        message,
        meant(cx, cohort, word, part),
    );
}

/// The names that can stand with this part; all of them when none of those is near.
fn meant<'c>(cx: &'c Cx, cohort: bool, word: &str, part: Option<&str>) -> Vec<&'c str> {
    let fits = |thing: &Thing| match part {
        Some(part) => parts(thing).contains(&part),
        None => !matches!(thing, Thing::Task | Thing::State(_)),
    };
    let fitting: Vec<&str> = cx.names.words(cohort, fits).collect();
    if nearest(word, &fitting).is_some() {
        return fitting;
    }
    cx.names.words(cohort, |_| true).collect()
}

/// Whether the anchor's day can be known where it is used.
fn known(cx: &Cx, anchor: &Anchor, home: Home, span: &Range<usize>) -> bool {
    match (home, anchor) {
        (Home::Case(_), _) | (_, Anchor::Date(_)) => true,
        (Home::Workflow, _) => {
            let message = "this differs from hold to hold; a workflow-wide point is a date such as 2026-02-02";
            cx.sink.error("unknown-anchor", span, message);
            false
        }
        (
            Home::Hold,
            Anchor::State {
                state,
                part: part @ (StatePart::FirstDay | StatePart::LastDay),
            },
        ) => {
            cx.notes
                .borrow_mut()
                .early
                .push((*state, *part, span.clone()));
            true
        }
        (Home::Hold, anchor) if of_a_case(anchor) => {
            let message = "this differs from case to case, so that the hold cannot wait for it";
            cx.sink.error_help(
                "unknown-anchor",
                span,
                message,
                "use a date, task or meeting of the hold: \"cohort.…\"",
            );
            false
        }
        (Home::Hold, _) => true,
    }
}

fn of_a_case(anchor: &Anchor) -> bool {
    match anchor {
        Anchor::Entered
        | Anchor::Left
        | Anchor::Ended
        | Anchor::Event(_)
        | Anchor::State { .. } => true,
        Anchor::Fact(fact) => !fact.cohort,
        Anchor::Meeting { cohort, .. } | Anchor::TaskDue { cohort, .. } => !cohort,
        Anchor::Thing(thing) => !thing.cohort,
        Anchor::Date(_) | Anchor::HoldDate(_) | Anchor::PlaceFree | Anchor::HoldCancelled => false,
    }
}

/// A state by its name.
pub(crate) fn state(cx: &Cx, node: &Node, word: &str) -> Option<StateId> {
    // By the list, not by the side's names: a name that clashes is reported where it is declared.
    if let Some(id) = cx
        .names
        .states
        .iter()
        .skip(1)
        .position(|state| state.name == word)
    {
        cx.sink.used(Space::Case, word, &node.span);
        return Some(StateId(id + 1));
    }
    let message = match cx.names.case.get(word) {
        Some(entry) => format!("\"{word}\" is {}, not a state", entry.thing.what()),
        None => format!("no state is called \"{}\"", short(word)),
    };
    let at = node.text().and_then(|text| text.find(word)).unwrap_or(0);
    let span = node.within(cx.sink.text, &(at..at + word.len()));
    let states = cx
        .names
        .words(false, |thing| matches!(thing, Thing::State(_)));
    cx.sink
        .error_name("unknown-name", &span, word, message, states);
    None
}

/// The states named by `about` or `clears`.
pub(crate) fn states(cx: &Cx, node: Option<&Node>) -> Vec<StateId> {
    let nodes = node
        .map(|node| one_or_more(cx.sink, node, "a state"))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| state(cx, node, node.text()?))
        .collect()
}
