//! What anchors stand for, seen from a scope: the moments that points are measured from.

use super::event::thing_part;
use super::frame::{Frame, Open};
use super::subject::{Booking, Happened, Kind};
use crate::calendar::Moment;
use crate::definition::model::{Anchor, FactRef, Part, Point, StateId, StatePart, ThingPart};
use crate::definition::value::Value;
use jiff::Timestamp;
use jiff::civil::Date;

impl<'a> Frame<'a> {
    /// What an anchor stands for, seen from a scope.
    #[must_use]
    pub fn anchor(&self, anchor: &Anchor, open: &Open<'_>) -> Option<Known> {
        if self.depth.get() >= DEPTH_MAX {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let known = self.anchor_within(anchor, open);
        self.depth.set(self.depth.get() - 1);
        known
    }

    fn anchor_within(&self, anchor: &Anchor, open: &Open<'_>) -> Option<Known> {
        match anchor {
            Anchor::Date(date) => Some(day(*date, 1)),
            Anchor::Entered if open.ahead => Some(day(open.day?, open.visit.into())),
            Anchor::Entered => Some(happened(open.at, open.visit)),
            Anchor::Left => Some(day(open.end?, open.visit.into())),
            Anchor::Ended => self.subject.ended.as_ref().map(|ended| day(ended.day, 1)),
            Anchor::HoldDate(name) => {
                let hold = self.hold()?;
                Some(Known {
                    known_at: hold.moved.get(name).copied(),
                    ..day(*hold.dates.get(name)?, 1)
                })
            }
            Anchor::Fact(fact) => match self.fact(fact)? {
                Value::Date(date) => Some(Known {
                    known_at: self.known_since(std::slice::from_ref(fact)),
                    ..day(*date, 1)
                }),
                _ => None,
            },
            Anchor::Meeting { cohort, name } => {
                let booking = self.booking(*cohort, name)?;
                let moment = Moment::Span {
                    start: booking.start,
                    end: booking.end,
                };
                Some(Known {
                    moment,
                    ordinal: booking.no.into(),
                    since: None,
                    known_at: Some(booking.made),
                })
            }
            Anchor::Event(name) => self
                .subject
                .fired
                .get(name)
                .map(|fired| happened(fired.at, fired.count)),
            Anchor::PlaceFree => self
                .hold()?
                .place_free
                .map(|free| happened(free.at, free.count)),
            Anchor::HoldCancelled => {
                let ended = self.hold()?.ended.as_ref()?;
                Some(happened(ended.at, 1))
            }
            Anchor::State { state, part } => self.state_anchor(*state, *part, open),
            Anchor::TaskDue { cohort, name } => self.task_due_anchor(*cohort, name),
            Anchor::Thing(thing) => self.thing_anchor(thing),
        }
    }

    fn state_anchor(&self, id: StateId, part: StatePart, open: &Open<'_>) -> Option<Known> {
        let visit = self.subject.visits.get(&self.state(id).name);
        match part {
            StatePart::FirstDay => {
                let stretch = self.stretch_in(id, open)?;
                Some(day(self.first_of(stretch), stretch.visit.into()))
            }
            StatePart::LastDay => {
                let stretch = self.stretch_in(id, open)?;
                Some(day(self.last_of(stretch)?, stretch.visit.into()))
            }
            StatePart::Entered => visit.map(|visit| happened(visit.at, visit.n)),
            StatePart::Left => {
                let visit = visit?;
                visit.left.as_ref().map(|left| happened(left.at, visit.n))
            }
        }
    }

    fn task_due_anchor(&self, cohort: bool, name: &str) -> Option<Known> {
        let owner = if cohort { self.hold()? } else { self.subject };
        let no = owner.tasks.get(name).map_or(1, |log| log.opened.max(1));
        let due = super::plan::task_due_by_name(self, cohort, name)?;
        Some(day(due, no.into()))
    }

    fn thing_anchor(&self, thing: &ThingPart) -> Option<Known> {
        if thing.cohort && self.subject.kind == Kind::Case {
            return self.hold_thing(thing);
        }
        let owner = if thing.cohort {
            self.hold()?
        } else {
            self.subject
        };
        let count = match thing.part {
            Part::Done => owner.tasks.get(&thing.name)?.done,
            Part::Overdue => owner.tasks.get(&thing.name)?.overdue,
            Part::Held => owner.meetings.get(&thing.name)?.held,
            Part::NoShow => owner.meetings.get(&thing.name)?.no_show,
            Part::Cancelled => owner.meetings.get(&thing.name)?.cancelled,
        };
        count.map(|count| happened(count.at, count.count))
    }

    /// What happened on the hold, as it concerns this case: of a meeting with a list of who came,
    /// only what the list says about the case.
    fn hold_thing(&self, thing: &ThingPart) -> Option<Known> {
        let own = self
            .subject
            .attended
            .get(&*thing_part(&thing.name, thing.part))
            .copied();
        let all = self.happened_to_all(thing);
        let latest = own
            .into_iter()
            .chain(all)
            .map(|happened| happened.at)
            .max()?;
        let count = own.map_or(0, |own| own.count) + all.map_or(0, |all| all.count);
        Some(happened(latest, count))
    }

    /// What happened on the hold for every case alike.
    #[must_use]
    pub fn happened_to_all(&self, thing: &ThingPart) -> Option<Happened> {
        let hold = self.hold()?;
        match thing.part {
            Part::Done => hold.tasks.get(&thing.name)?.done,
            Part::Overdue => hold.tasks.get(&thing.name)?.overdue,
            Part::Held => hold.meetings.get(&thing.name)?.held_for_all,
            Part::NoShow => hold.meetings.get(&thing.name)?.no_show_for_all,
            Part::Cancelled => hold.meetings.get(&thing.name)?.cancelled,
        }
    }

    /// Since when things that were waited for are known; `None` while they are not, or when only
    /// the present surroundings say so.
    #[must_use]
    pub fn known_since(&self, facts: &[FactRef]) -> Option<Timestamp> {
        let since = |fact: &FactRef| {
            let owner = if fact.cohort {
                self.hold()?
            } else {
                self.subject
            };
            let recorded = owner.facts.get(&fact.name).map(|recorded| recorded.at);
            recorded.or_else(|| Some(self.booking(fact.cohort, &fact.name)?.made))
        };
        facts.iter().filter_map(since).max()
    }

    /// The next booked meeting of that name, else the one that took place last.
    #[must_use]
    pub fn booking(&self, cohort: bool, name: &str) -> Option<&'a Booking> {
        let owner = if cohort { self.hold()? } else { self.subject };
        let log = owner.meetings.get(name)?;
        log.open.first().or(log.last.as_ref())
    }

    /// A recorded fact of the case, or of its hold.
    #[must_use]
    pub fn fact(&self, fact: &FactRef) -> Option<&'a Value> {
        let owner = if fact.cohort {
            self.hold()?
        } else {
            self.subject
        };
        owner.facts.get(&fact.name).map(|recorded| &recorded.value)
    }

    /// The day a point names, moved off closed days; for due days, windows and bounds of messages.
    #[must_use]
    pub fn point_day(&self, point: &Point, open: &Open<'_>) -> Option<Date> {
        let known = self.anchor(&point.anchor, open)?;
        Some(
            self.calendar()
                .place_day(known.moment, point.shift.as_ref())
                .day,
        )
    }

    /// The day as which an `until` ends a state: never moved.
    #[must_use]
    pub fn until_day(&self, point: &Point, open: &Open<'_>) -> Option<Date> {
        let known = self.anchor(&point.anchor, open)?;
        let day = match known.moment {
            Moment::Day(day) => day,
            Moment::At(at) | Moment::Span { start: at, .. } => self.calendar().local(at).date(),
        };
        Some(self.calendar().shift_day(day, point.shift.as_ref()))
    }
}

/// Due days may be measured from other due days; a file that goes round in a circle finds nothing.
const DEPTH_MAX: u8 = 16;

/// What an anchor stands for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// When.
    pub moment: Moment,
    /// Which instance of the anchor: the number of a visit, a booking, a recording.
    pub ordinal: u64,
    /// When it happened, for anchors that are things that happen.
    pub since: Option<Timestamp>,
    /// When a person made it known, for dates and meetings that people set: nothing that is
    /// measured from it is late before that.
    pub known_at: Option<Timestamp>,
}

fn day(date: Date, ordinal: u64) -> Known {
    Known {
        moment: Moment::Day(date),
        ordinal,
        since: None,
        known_at: None,
    }
}

fn happened(at: Timestamp, ordinal: u32) -> Known {
    Known {
        moment: Moment::At(at),
        ordinal: ordinal.into(),
        since: Some(at),
        known_at: None,
    }
}
