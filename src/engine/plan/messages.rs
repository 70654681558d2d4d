//! When messages go.

use jiff::Timestamp;

use super::slots::open_slots;
use super::{Ordinal, Planned, Reach, What, Why};
use crate::definition::model::{Anchor, Message, MessageTime, Point, StatePart};
use crate::engine::frame::{Frame, Open};
use crate::engine::subject::Mark;
use crate::mutant::{self, Mutant};

pub fn of<'a>(frame: &Frame<'a>, open: &Open<'a>, reach: Reach, out: &mut Vec<Planned<'a>>) {
    for message in &open.scope.messages {
        let declaration = format!("message.{}", message.name);
        match &message.when {
            MessageTime::When { point, .. }
                if frame.subject.ended.is_some() && !outlives(&point.anchor) => {}
            MessageTime::When { point, until } => {
                let Some(shot) = one_shot(frame, open, point, until.as_ref(), &declaration) else {
                    continue;
                };
                out.push(shot.planned(open, declaration, What::Message(message)));
            }
            MessageTime::Every(rec) if frame.subject.ended.is_none() => {
                for slot in open_slots(frame, open, rec, &declaration, reach) {
                    out.push(Planned {
                        scope: open.name.clone(),
                        visit: open.visit,
                        declaration: declaration.clone(),
                        ordinal: Ordinal::Slot(slot.nominal),
                        at: slot.at.max(open.at),
                        what: What::Message(message),
                        why: Why {
                            phrase: format!("every: {}", rec.text),
                            nominal: Some(slot.nominal),
                            moved: slot.moved,
                        },
                        ahead: open.ahead,
                    });
                }
            }
            MessageTime::Every(_) => {}
        }
    }
}

/// Whether a message measured from this still goes when the case has ended: what has happened has
/// happened, while a day of the hold concerns those who are on it.
#[must_use]
pub fn outlives(anchor: &Anchor) -> bool {
    match anchor {
        Anchor::Entered
        | Anchor::Left
        | Anchor::Ended
        | Anchor::Event(_)
        | Anchor::HoldCancelled
        | Anchor::Thing(_)
        | Anchor::State {
            part: StatePart::Entered | StatePart::Left,
            ..
        } => true,
        Anchor::Date(_)
        | Anchor::HoldDate(_)
        | Anchor::Fact(_)
        | Anchor::Meeting { .. }
        | Anchor::PlaceFree
        | Anchor::State {
            part: StatePart::FirstDay | StatePart::LastDay,
            ..
        }
        | Anchor::TaskDue { .. } => false,
    }
}

/// A declaration that comes once per instance of its anchor.
pub struct Shot {
    /// When.
    pub at: Timestamp,
    ordinal: u64,
    why: Why,
}

impl Shot {
    pub fn planned<'a>(self, open: &Open<'a>, declaration: String, what: What<'a>) -> Planned<'a> {
        Planned {
            scope: open.name.clone(),
            visit: open.visit,
            declaration,
            ordinal: Ordinal::Count(self.ordinal),
            at: self.at,
            what,
            why: self.why,
            ahead: open.ahead,
        }
    }
}

/// The open scope and the message that an occurrence is of; `None` when that scope is not open any
/// more, or it is no message's.
#[must_use]
pub fn said<'a>(frame: &Frame<'a>, occurrence: &str) -> Option<(Open<'a>, &'a Message, u64)> {
    let (declaration, rest) = occurrence.split_once('@')?;
    let name = declaration.strip_prefix("message.")?;
    let (scope, rest) = rest.split_once('#')?;
    let (visit, ordinal) = rest.split_once('.')?;
    let (visit, ordinal): (u32, u64) = (visit.parse().ok()?, ordinal.parse().ok()?);
    let mut open = frame.open().into_iter();
    let open = open.find(|open| *open.name == *scope && open.visit == visit)?;
    let mut messages = open.scope.messages.iter();
    let message = messages.find(|message| *message.name == *name)?;
    Some((open, message, ordinal))
}

/// When a message's occurrence would go by what is known now, decided or not.
#[must_use]
pub fn instant_of(frame: &Frame<'_>, open: &Open<'_>, message: &Message) -> Option<Timestamp> {
    let MessageTime::When { point, .. } = &message.when else {
        return None;
    };
    let known = frame.anchor(&point.anchor, open)?;
    let placed = frame
        .calendar()
        .place(known.moment, point.shift.as_ref(), point.at);
    Some(placed.at)
}

/// The next instance of a point, unless it is decided, unknown, or beyond its bound.
pub fn one_shot(
    frame: &Frame<'_>,
    open: &Open<'_>,
    point: &Point,
    until: Option<&Point>,
    declaration: &str,
) -> Option<Shot> {
    if point.anchor == Anchor::Left && point.shift.is_none() {
        // Decided in the step that leaves; see `step::leave`.
        return None;
    }
    let known = frame.anchor(&point.anchor, open)?;
    if known.since.is_some_and(|since| since < open.at) {
        // It happened before this scope was entered: somebody else's news.
        return None;
    }
    let mut known = known;
    if mutant::is(Mutant::KeyByInstant) {
        let placed = frame
            .calendar()
            .place(known.moment, point.shift.as_ref(), point.at);
        known.ordinal = placed.at.as_second().unsigned_abs();
    }
    let mark = frame
        .subject
        .mark(&open.name, declaration)
        .filter(|_| !open.ahead);
    let calendar = frame.calendar();
    let mut from = known.known_at.map_or(open.at, |at| at.max(open.at));
    match mark {
        // What was too late for one day may be in time for another.
        Some(Mark::Missed { ordinal, anchor_at })
            if *ordinal == known.ordinal && frame.begins(known.moment) > *anchor_at => {}
        Some(Mark::Waiting { ordinal, facts }) if *ordinal == known.ordinal => {
            if !frame.any_known(facts) {
                return None;
            }
            from = from.max(frame.known_since(facts).unwrap_or(frame.subject.last_at));
        }
        Some(_) if is_decided(frame, &open.name, declaration, known.ordinal) => return None,
        Some(_) | None => {}
    }
    let (at, nominal, moved) = match known.since {
        Some(since) if point.shift.is_none() && point.at.is_none() => {
            (since, calendar.local(since), None)
        }
        _ => {
            let placed = calendar.place(known.moment, point.shift.as_ref(), point.at);
            (placed.at, placed.nominal, placed.moved)
        }
    };
    if let Some(until) = until {
        let last = frame.point_day(until, open)?;
        if calendar.local(at).date() > last {
            return None;
        }
    }
    let why = Why {
        phrase: point.text.clone(),
        nominal: Some(nominal),
        moved,
    };
    Some(Shot {
        at: at.max(from),
        ordinal: known.ordinal,
        why,
    })
}

/// Whether an instance needs no decision now: it has one, or waits for what is still unknown.
pub fn is_decided(frame: &Frame<'_>, scope: &str, declaration: &str, ordinal: u64) -> bool {
    match frame.subject.mark(scope, declaration) {
        Some(Mark::Decided(through)) => *through >= ordinal,
        Some(Mark::Missed { ordinal: last, .. }) => *last >= ordinal,
        Some(Mark::Waiting {
            ordinal: waiting,
            facts,
        }) => *waiting > ordinal || (*waiting == ordinal && !frame.any_known(facts)),
        Some(Mark::Through(_)) | None => false,
    }
}
