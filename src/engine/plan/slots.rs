//! The slots of a recurrence in a scope: from its origin to its end, after what is decided.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::Reach;
use crate::calendar::Slot;
use crate::definition::model::Recurrence;
use crate::engine::frame::{Frame, Open};
use crate::engine::subject::Mark;

/// At most so many slots of one declaration are listed in a plan.
const LISTED_MAX: usize = 400;

/// The slots that are not decided yet, the first one or all up to the reach.
pub fn open_slots(
    frame: &Frame<'_>,
    open: &Open<'_>,
    rec: &Recurrence,
    declaration: &str,
    reach: Reach,
) -> Vec<Slot> {
    let after = match frame.subject.mark(&open.name, declaration) {
        Some(Mark::Through(nominal)) if !open.ahead => Some(*nominal),
        _ => frame.calendar().local(open.at).checked_sub(1.second()).ok(),
    };
    slots_after(frame, open, rec, after, reach)
}

/// The slots whose nominal time is later than another; those in a pause are skipped.
pub fn slots_after(
    frame: &Frame<'_>,
    open: &Open<'_>,
    rec: &Recurrence,
    after: Option<DateTime>,
    reach: Reach,
) -> Vec<Slot> {
    let (Some(origin), Some(end)) = (origin(frame, open, rec), end(frame, open, rec)) else {
        return Vec::new();
    };
    let slots = frame.calendar().slots(&rec.period, origin, after);
    let within = slots.take_while(|slot| end.is_none_or(|end| slot.nominal.date() <= end));
    let within = within.filter(|slot| !is_skipped(frame, slot));
    match reach {
        Reach::Heads => within.take(1).collect(),
        Reach::Until(until) => within
            .take_while(|slot| slot.at <= until)
            .take(LISTED_MAX)
            .collect(),
        Reach::Through(until) => within.take_while(|slot| slot.at <= until).collect(),
    }
}

/// Whether a slot lies in a pause, as it is counted or where a closed day has moved it.
fn is_skipped(frame: &Frame<'_>, slot: &Slot) -> bool {
    frame.is_paused(slot.nominal.date()) || frame.is_paused(frame.calendar().local(slot.at).date())
}

/// The nominal times of the slots not before a local time.
#[must_use]
pub fn slots_between(
    frame: &Frame<'_>,
    open: &Open<'_>,
    rec: &Recurrence,
    from: DateTime,
    reach: Reach,
) -> Vec<DateTime> {
    let after = from.checked_sub(1.second()).ok();
    slots_after(frame, open, rec, after, reach)
        .into_iter()
        .map(|slot| slot.nominal)
        .collect()
}

/// `from`, else the planned first day of the declaring state, else the hold's start (LANGUAGE §3, `every`).
pub fn origin(frame: &Frame<'_>, open: &Open<'_>, rec: &Recurrence) -> Option<Date> {
    if let Some(from) = &rec.from {
        return frame.point_day(from, open);
    }
    match open.state {
        Some(_) => Some(frame.calendar().workday_on_or_after(open.day?)),
        None => Some(open.day.unwrap_or(frame.subject.opened_day)),
    }
}

/// The last day, included. Outer `None`: it cannot be known, so there are no slots; inner `None`: it never ends.
#[expect(
    clippy::option_option,
    reason = "unknown and unbounded are different answers"
)]
pub fn end(frame: &Frame<'_>, open: &Open<'_>, rec: &Recurrence) -> Option<Option<Date>> {
    if let Some(until) = &rec.until {
        return frame.point_day(until, open).map(Some);
    }
    let Some(end) = open.end else {
        return Some(None);
    };
    let eve = end.yesterday().ok()?;
    Some(Some(if open.state.is_some() {
        frame.calendar().workday_on_or_before(eve)
    } else {
        eve
    }))
}
