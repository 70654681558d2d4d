//! When messages go.

use jiff::Timestamp;

use super::slots::open_slots;
use super::{Ordinal, Planned, Reach, What, Why};
use crate::definition::model::{Anchor, MessageTime, Point};
use crate::engine::frame::{Frame, Open};
use crate::engine::subject::Mark;

pub fn of<'a>(frame: &Frame<'a>, open: &Open<'a>, reach: Reach, out: &mut Vec<Planned<'a>>) {
    for message in &open.scope.messages {
        let declaration = format!("message.{}", message.name);
        match &message.when {
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
    if !open.ahead && is_decided(frame, &open.name, declaration, known.ordinal) {
        return None;
    }
    let calendar = frame.calendar();
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
        at: at.max(open.at),
        ordinal: known.ordinal,
        why,
    })
}

/// Whether an instance needs no decision now: it has one, or waits for what is still unknown.
pub fn is_decided(frame: &Frame<'_>, scope: &str, declaration: &str, ordinal: u64) -> bool {
    match frame.subject.mark(scope, declaration) {
        Some(Mark::Decided(through)) => *through >= ordinal,
        Some(Mark::Waiting {
            ordinal: waiting,
            facts,
        }) => *waiting > ordinal || (*waiting == ordinal && !frame.any_known(facts)),
        Some(Mark::Through(_)) | None => false,
    }
}
