//! Points: from an anchor and a shift to the instant at which something happens, and why there.
//!
//! A point is first counted to its *nominal* place and then, if that is on a closed day or outside
//! the hours, moved off it: back if it is "before" something, else forward. Where it lands:
//!
//! - off a closed day, a clock time that the author chose (`at`, or the opening that stands for
//!   none) is kept if it is inside the hours;
//! - forward, what happened by itself (an event, elapsed minutes or hours) takes the first opening
//!   that follows, for there is no reason to wait longer;
//! - back, elapsed time keeps its clock too if it is inside the hours;
//! - outside the hours, forward is the next opening and back the previous one. Back never lands
//!   at closing time: a reminder in the day's last minute helps nobody.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time, Weekday},
};

use super::{Because, By, Calendar, Direction, Moved, Shift, length::plus_days};

/// What a point is anchored on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A local day: a hold's date, a date fact, a state's first day.
    Day(Date),
    /// The instant at which an event happened.
    At(Timestamp),
    /// A meeting: "before" is before its start, "after" is after its end.
    Span {
        /// Its first instant; the anchor where there is no shift.
        start: Timestamp,
        /// Its end.
        end: Timestamp,
    },
}

/// A point that acts: a mail leaves, a task opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Local date and time as counted, before any move. It names the occurrence.
    pub nominal: DateTime,
    /// When it acts: on a workday, inside the hours.
    pub at: Timestamp,
    /// The move, if there was one, with its reason.
    pub moved: Option<Moved>,
}

/// A point that names a day: a due day, a bound of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedDay {
    /// The day as counted, before any move.
    pub nominal: Date,
    /// The workday that is meant.
    pub day: Date,
    /// The move, if there was one, with its reason.
    pub moved: Option<Moved>,
}

/// Where a point was counted to.
struct Nominal {
    local: DateTime,
    /// Kept beside the local time, which names two instants in the hour that autumn repeats.
    instant: Timestamp,
    /// Whether the clock time is the author's choice rather than that of an event.
    chosen: bool,
}

impl Calendar {
    /// Places a point that acts.
    ///
    /// Without `at`, a day and every shift by days, weeks, months, years or to a weekday act at the
    /// opening of the hours; an event acts as it happens. Minutes and hours are elapsed time, of a
    /// day from its opening; they ignore `at`, which phrases refuse beside them.
    ///
    /// ```
    /// # use tovholder::calendar::{Calendar, Holidays, Moment, parse_remind};
    /// # let hours = "08:00-16:00".parse()?;
    /// # let calendar = Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], hours)?;
    /// use jiff::civil::date;
    /// let remind = parse_remind("3 workdays before at 09:00", &|_| None)?;
    /// let start = calendar.instant(date(2027, 3, 31).at(13, 0, 0, 0)); // the Wednesday after Easter
    /// let meeting = Moment::Span { start, end: start };
    /// let placed = calendar.place(meeting, Some(&remind.shift), remind.at);
    /// assert_eq!(calendar.local(placed.at), date(2027, 3, 23).at(9, 0, 0, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn place(&self, moment: Moment, shift: Option<&Shift>, at: Option<Time>) -> Placed {
        self.settle(&self.nominal(moment, shift, at), direction(shift))
    }

    /// Places a point that names a day: counted alike, moved off closed days only.
    #[must_use]
    pub fn place_day(&self, moment: Moment, shift: Option<&Shift>) -> PlacedDay {
        let nominal = self.nominal(moment, shift, None).local.date();
        let Some(closed) = self.closed_because(nominal) else {
            return PlacedDay {
                nominal,
                day: nominal,
                moved: None,
            };
        };
        let from = nominal.to_datetime(Time::midnight());
        let moved = Some(Moved {
            from,
            because: Because::Closed(closed),
        });
        PlacedDay {
            nominal,
            day: self.off_closed(nominal, direction(shift)),
            moved,
        }
    }

    /// Shifts the bound of a state: counted alike, but never moved, since a state lasts over
    /// weekends and holidays too.
    #[must_use]
    pub fn shift_day(&self, day: Date, shift: Option<&Shift>) -> Date {
        match shift {
            None => day,
            Some(Shift {
                by: By::Length(length),
                direction,
            }) => self.add(day, *length, *direction),
            Some(Shift {
                by: By::Weekday(weekday),
                direction,
            }) => nearest_weekday(day, *weekday, *direction),
        }
    }

    fn nominal(&self, moment: Moment, shift: Option<&Shift>, at: Option<Time>) -> Nominal {
        let direction = direction(shift);
        if let Some(elapsed) = shift.and_then(Shift::elapsed) {
            let anchor = self.anchor_instant(moment, direction);
            return self.happens_at(elapse(anchor, elapsed, direction));
        }
        if let (None, None, Moment::At(instant) | Moment::Span { start: instant, .. }) =
            (shift, at, moment)
        {
            return self.happens_at(instant);
        }
        let anchor = match moment {
            Moment::Day(day) => day,
            Moment::At(_) | Moment::Span { .. } => {
                // Without a shift a meeting is anchored at its start, which "before" names.
                let side = if shift.is_none() {
                    Direction::Before
                } else {
                    direction
                };
                self.local(self.anchor_instant(moment, side)).date()
            }
        };
        let local = self
            .shift_day(anchor, shift)
            .to_datetime(at.unwrap_or(self.hours.from));
        self.chosen_at(local)
    }

    fn happens_at(&self, instant: Timestamp) -> Nominal {
        Nominal {
            local: self.local(instant),
            instant,
            chosen: false,
        }
    }

    fn chosen_at(&self, local: DateTime) -> Nominal {
        Nominal {
            local,
            instant: self.instant(local),
            chosen: true,
        }
    }

    fn anchor_instant(&self, moment: Moment, direction: Direction) -> Timestamp {
        match (moment, direction) {
            (Moment::Day(day), _) => self.instant(self.opening(day)),
            (Moment::At(instant), _) => instant,
            (Moment::Span { start, .. }, Direction::Before) => start,
            (Moment::Span { end, .. }, Direction::After) => end,
        }
    }

    /// A local time that the author chose, moved forward if it has to be: a slot of a recurrence.
    pub(super) fn settle_forward(&self, local: DateTime) -> Placed {
        self.settle(&self.chosen_at(local), Direction::After)
    }

    fn settle(&self, nominal: &Nominal, direction: Direction) -> Placed {
        let (day, time) = (nominal.local.date(), nominal.local.time());
        let inside = self.hours.contains(time);
        let (because, day, time) = match self.closed_because(day) {
            None if inside => {
                return Placed {
                    nominal: nominal.local,
                    at: nominal.instant,
                    moved: None,
                };
            }
            None => {
                let early = time < self.hours.from;
                let day = match direction {
                    Direction::After if early => day,
                    Direction::After => self.workday_after(day, 1),
                    Direction::Before if early => self.workday_before(day, 1),
                    Direction::Before => day,
                };
                (Because::OutsideHours(self.hours), day, self.hours.from)
            }
            Some(closed) => {
                let keeps_clock = inside && (nominal.chosen || direction == Direction::Before);
                let time = if keeps_clock { time } else { self.hours.from };
                (
                    Because::Closed(closed),
                    self.off_closed(day, direction),
                    time,
                )
            }
        };
        let moved = Moved {
            from: nominal.local,
            because,
        };
        Placed {
            nominal: nominal.local,
            at: self.instant(day.to_datetime(time)),
            moved: Some(moved),
        }
    }

    fn off_closed(&self, day: Date, direction: Direction) -> Date {
        match direction {
            Direction::Before => self.workday_on_or_before(day),
            Direction::After => self.workday_on_or_after(day),
        }
    }
}

/// A point that is not "before" something goes forward.
fn direction(shift: Option<&Shift>) -> Direction {
    shift.map_or(Direction::After, |shift| shift.direction)
}

fn elapse(anchor: Timestamp, elapsed: SignedDuration, direction: Direction) -> Timestamp {
    match direction {
        Direction::Before => anchor.checked_sub(elapsed).unwrap_or(Timestamp::MIN),
        Direction::After => anchor.checked_add(elapsed).unwrap_or(Timestamp::MAX),
    }
}

/// The nearest such weekday strictly before or after a day: `monday before` a Monday is a week
/// earlier.
fn nearest_weekday(day: Date, weekday: Weekday, direction: Direction) -> Date {
    let a_week_if_same = |days: i8| i64::from(if days == 0 { 7 } else { days });
    match direction {
        Direction::Before => {
            plus_days(day, -a_week_if_same(day.weekday().since(weekday))).unwrap_or(Date::MIN)
        }
        Direction::After => {
            plus_days(day, a_week_if_same(day.weekday().until(weekday))).unwrap_or(Date::MAX)
        }
    }
}

#[cfg(test)]
mod tests;
