//! Where things stand round a circle: January at the top, clockwise, as a clock goes.

use std::f64::consts::TAU;

use jiff::civil::{Date, date};

/// Room between the weeks and the first ring: clashes stand there.
const MARKS: f64 = 26.0;
/// The ring of week numbers.
const WEEKS: f64 = 18.0;
/// Room outside of the wheel for the names of the months.
const MONTHS: f64 = 40.0;
/// The circle in the middle, in which the year stands.
pub(super) const HUB: f64 = 44.0;
/// The width of a ring.
const RING: std::ops::RangeInclusive<f64> = 15.0..=26.0;
/// As wide as rings are where there is room for it.
const RING_WANTED: f64 = 22.0;
/// A wheel of few holds is no larger than this.
const RADIUS_MAX: f64 = 330.0;

/// A wheel: its centre and its rings. Lengths are pixels, angles radians from the top.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub x: f64,
    pub y: f64,
    /// To the edge.
    pub radius: f64,
    /// The width of a ring.
    pub ring: f64,
    /// How many days the year has.
    pub days: f64,
}

/// How many days a year has.
pub(super) fn days_of(year: i16) -> i32 {
    i32::from(date(year, 1, 1).days_in_year())
}

/// Room at the sides of a picture.
pub(super) fn margin(width: i32) -> i32 {
    if width < 500 { 12 } else { 24 }
}

impl Round {
    /// A wheel with so many rings in a picture of this width: it grows when they need more room.
    pub fn of(width: i32, lanes: usize, days: i32) -> Self {
        let lanes = f64::from(u32::try_from(lanes).unwrap_or(u32::MAX)).max(1.0);
        let room = f64::from(width - 2 * margin(width)) / 2.0 - MONTHS;
        let around = WEEKS + MARKS + HUB;
        let wanted = RADIUS_MAX.max(around + lanes * RING_WANTED);
        let radius = room.min(wanted).max(around + lanes * RING.start());
        let ring = ((radius - around) / lanes).min(*RING.end());
        Self {
            x: 0.0,
            y: 0.0,
            radius,
            ring,
            days: f64::from(days),
        }
    }

    /// The same wheel with its centre in the middle, below a line.
    pub fn at(self, x: f64, top: f64) -> Self {
        let y = top + self.radius + 22.0;
        Self { x, y, ..self }
    }

    /// How wide a picture must be for it.
    pub fn width(&self) -> i32 {
        whole(2.0 * (self.radius + MONTHS)) + 2 * margin(1)
    }

    /// Where it ends.
    pub fn bottom(&self) -> i32 {
        whole(self.y + self.radius + 22.0)
    }

    /// The edge of the week numbers towards the middle.
    pub fn weeks(&self) -> f64 {
        self.radius - WEEKS
    }

    /// The circle on which clashes stand.
    pub fn marks(&self) -> f64 {
        self.weeks() - MARKS / 2.0
    }

    /// A ring from the outside, from 0: its inner and outer edge.
    pub fn lane(&self, lane: usize) -> (f64, f64) {
        let lane = f64::from(u32::try_from(lane).unwrap_or(u32::MAX));
        let outer = self.weeks() - MARKS - lane * self.ring;
        (outer - self.ring + 3.0, outer)
    }

    /// The angle at which a day of the year begins, counted from 0.
    pub fn angle(&self, day: i32) -> f64 {
        TAU * f64::from(day) / self.days
    }

    /// How many days a length takes up on a circle.
    pub fn days_for(&self, length: f64, radius: f64) -> i32 {
        whole((length / radius / TAU * self.days).ceil())
    }

    /// A point.
    pub fn point(&self, angle: f64, radius: f64) -> (f64, f64) {
        (self.x + radius * angle.sin(), self.y - radius * angle.cos())
    }

    /// A piece of a ring as a path.
    pub fn sector(&self, (inner, outer): (f64, f64), (from, to): (f64, f64)) -> String {
        // A whole circle would end where it begins, and be nothing.
        let to = to.min(from + TAU - 0.01);
        let large = i32::from(to - from > TAU / 2.0);
        let at = |angle, radius| {
            let (x, y) = self.point(angle, radius);
            format!("{x:.1} {y:.1}")
        };
        format!(
            "M{}A{outer:.1} {outer:.1} 0 {large} 1 {}L{}A{inner:.1} {inner:.1} 0 {large} 0 {}Z",
            at(from, outer),
            at(to, outer),
            at(to, inner),
            at(from, inner),
        )
    }

    /// A line from the middle outwards.
    pub fn spoke(&self, angle: f64, from: f64, to: f64) -> String {
        let ((a, b), (c, d)) = (self.point(angle, from), self.point(angle, to));
        format!("M{a:.1} {b:.1}L{c:.1} {d:.1}")
    }
}

/// The day of a year, counted from 0, and cut off at its ends.
pub(super) fn day_in(year: i16, day: Date) -> i32 {
    match day.year().cmp(&year) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => i32::from(day.day_of_year()) - 1,
        std::cmp::Ordering::Greater => days_of(year),
    }
}

/// To the nearest pixel.
pub(super) fn whole(value: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a picture is far smaller than i32"
    )]
    let whole = value.round() as i32;
    whole
}
