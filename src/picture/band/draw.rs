//! The band as SVG: phases and meetings below each other, weeks across.

use super::{At, Band, Row, RowKind};
use crate::picture::flags::Flags;
use crate::picture::glyphs::{NAME, SMALL};
use crate::picture::svg::{Area, Page, Tag};
use crate::picture::words::Words;

/// Room for names at the left.
const NAMES: i32 = 216;
/// Between a stretch and the next one lies a time of unknown length.
const BREAK: i32 = 36;
/// The height of a bar.
const BAR: i32 = 16;
/// The dashed end of a bar that begins or ends nobody knows when.
const OPEN: i32 = 24;
/// A week with a number is no narrower than this.
const NUMBER: i32 = 30;
/// Room after the last stretch, for what is open at its end, or the name of its day.
const END: std::ops::RangeInclusive<i32> = 30..=200;
/// What a stretch takes before the rest is shared, and what a day takes of that.
const FAIR: i32 = 140;
const DAY: i32 = 4;
/// Weeks from one number to the next.
const STEPS: [i32; 8] = [1, 2, 4, 8, 13, 26, 52, 104];

/// Where days stand. Weeks are of one width within a stretch; a short stretch beside a long one gets
/// more than its share, or nothing in it could be told apart.
struct Scale {
    left: i32,
    stretches: Vec<Placed>,
}

/// A stretch at its place.
struct Placed {
    /// Where its first day stands, and where it ends.
    x: i32,
    end: i32,
    /// Days, and the pixels they take.
    days: i32,
    pixels: i32,
}

impl Placed {
    fn length(&self, days: i32) -> i32 {
        let pixels = i64::from(days) * i64::from(self.pixels) / i64::from(self.days.max(1));
        i32::try_from(pixels).unwrap_or(0)
    }

    /// Weeks from one number to the next, so that the numbers have room.
    fn step(&self) -> i32 {
        let fits = |step: &i32| self.length(step * 7) >= NUMBER;
        STEPS.into_iter().find(fits).unwrap_or(520)
    }
}

/// The days of each stretch. What lies before the start is counted on the same scale as what comes
/// after it.
fn days(band: &Band) -> Vec<i32> {
    let stretches = band.stretches.iter();
    stretches
        .map(|stretch| stretch.days.saturating_add(stretch.before))
        .collect()
}

/// What a stretch takes at least.
fn least(days: i32) -> i32 {
    days.min(FAIR / DAY) * DAY
}

/// The room after the last stretch.
fn end(band: &Band) -> i32 {
    let end = band
        .stretches
        .last()
        .map_or(0, |last| SMALL.width(&last.title) + 10 - least(last.days));
    end.clamp(*END.start(), *END.end())
}

impl Scale {
    fn new(band: &Band, left: i32, right: i32) -> Self {
        let days = days(band);
        let end = end(band);
        let count = i32::try_from(days.len()).unwrap_or(1);
        let free = right - left - (count - 1) * BREAK - end;
        let shared = (free - days.iter().map(|days| least(*days)).sum::<i32>()).max(0);
        let all: i64 = days.iter().map(|days| i64::from(*days)).sum::<i64>().max(1);
        let mut scale = Self {
            left,
            stretches: Vec::new(),
        };
        let mut x = left;
        for (stretch, days) in band.stretches.iter().zip(days) {
            let more = i64::from(shared) * i64::from(days) / all;
            let pixels = least(days) + i32::try_from(more).unwrap_or(0);
            let mut placed = Placed {
                x,
                end: x + pixels,
                days,
                pixels,
            };
            placed.x += placed.length(stretch.before);
            x = placed.end + BREAK;
            scale.stretches.push(placed);
        }
        scale
    }

    fn x(&self, at: At) -> i32 {
        let stretch = &self.stretches[at.stretch];
        (stretch.x + stretch.length(at.day)).max(self.left)
    }
}

impl Band {
    /// How wide it is at least, from edge to edge.
    pub fn needs(&self) -> i32 {
        let days = days(self);
        let breaks = BREAK * i32::try_from(days.len()).unwrap_or(1);
        NAMES + 12 + days.into_iter().map(least).sum::<i32>() + breaks + end(self)
    }

    /// Draws the band between two edges, from this height down; gives the height below it.
    pub fn draw(&self, page: &mut Page, words: Words<'_>, left: i32, right: i32, top: i32) -> i32 {
        let plot = left + NAMES + 12;
        let scale = Scale::new(self, plot, right);
        let heights: Vec<i32> = self.rows.iter().map(height).collect();
        let days: Vec<(i32, String)> = scale
            .stretches
            .iter()
            .zip(&self.stretches)
            .map(|(placed, stretch)| (placed.x, stretch.title.clone()))
            .collect();
        let flags = Flags::place(&days, (plot, right), top);
        let axis = flags.bottom;
        let first = axis + 22;
        let bottom = first + heights.iter().sum::<i32>();
        self.breaks(page, &scale, (axis + 4, bottom));
        self.weeks(page, &scale, axis, bottom);
        page.text(
            SMALL,
            "muted",
            (left, axis + 15),
            words.say("Uge, talt fra den dag ovenfor", "Week, from the day above"),
        );
        flags.draw(page, bottom);
        let mut y = first;
        for (row, height) in self.rows.iter().zip(heights) {
            name(page, row, left, y);
            bar(page, row, &scale, y + (height - BAR) / 2, right);
            y += height;
        }
        bottom + 8
    }

    /// Shows where nobody knows how much time goes by.
    fn breaks(&self, page: &mut Page, scale: &Scale, (top, bottom): (i32, i32)) {
        let last = self.stretches.len().saturating_sub(1);
        for stretch in scale.stretches.iter().take(last) {
            let area = Area {
                x: stretch.end + 1,
                y: top,
                width: BREAK - 2,
                height: bottom - top,
            };
            page.put(Tag::area("weekend", area));
            let x = stretch.end + (BREAK - SMALL.width("…")) / 2;
            page.text(SMALL, "muted", (x, top + 11), "…");
        }
    }

    fn weeks(&self, page: &mut Page, scale: &Scale, axis: i32, bottom: i32) {
        let mut put = |x: i32, number: i32, room: i32| {
            page.put(Tag::path("grid", format!("M{x} {}V{bottom}", axis + 4)));
            let text = if number < 0 {
                format!("−{}", -number)
            } else {
                number.to_string()
            };
            if SMALL.width(&text) + 6 <= room {
                page.text(SMALL, "muted", (x + 4, axis + 15), &text);
            }
        };
        for (placed, stretch) in scale.stretches.iter().zip(&self.stretches) {
            let step = placed.step();
            let mut week = step;
            while week * 7 <= stretch.before {
                put(
                    placed.x - placed.length(week * 7),
                    -week,
                    placed.length(step * 7),
                );
                week += step;
            }
            week = 0;
            while week * 7 < stretch.days {
                let at = placed.x + placed.length(week * 7);
                put(at, week + 1, (placed.end - at).min(placed.length(step * 7)));
                week += step;
            }
        }
    }
}

fn height(row: &Row) -> i32 {
    let lines = |count: usize| i32::try_from(count).unwrap_or(1);
    let title = lines(NAME.wrap(&row.title, NAMES).len()) * NAME.line();
    title + lines(SMALL.wrap(&row.words, NAMES).len()) * SMALL.line() + 12
}

fn name(page: &mut Page, row: &Row, left: i32, top: i32) {
    let mut y = top + 4;
    for line in NAME.wrap(&row.title, NAMES) {
        y += NAME.line();
        page.text(NAME, "", (left, y - 4), &line);
    }
    for line in SMALL.wrap(&row.words, NAMES) {
        y += SMALL.line();
        page.text(SMALL, "muted", (left, y - 4), &line);
    }
}

fn bar(page: &mut Page, row: &Row, scale: &Scale, y: i32, right: i32) {
    let area = |x: i32, to: i32| Area {
        x,
        y,
        width: (to - x).max(4),
        height: BAR,
    };
    let (from, to) = (row.from.map(|at| scale.x(at)), row.to.map(|at| scale.x(at)));
    if row.kind == RowKind::Meeting {
        let from = from.unwrap_or(scale.left);
        let to = to.unwrap_or(right - 4).max(from + BAR);
        page.put(Tag::rounded("window", area(from, to), 8));
        page.put(Tag::circle("meeting", (from + 8, y + BAR / 2), 4));
        return;
    }
    match (from, to) {
        (Some(from), Some(to)) => page.put(Tag::rounded("phase", area(from, to), 3)),
        (None, Some(to)) => {
            let solid = (scale.left + OPEN).min(to - 8);
            page.put(Tag::area("open", area(scale.left + 1, solid)));
            page.put(Tag::area("phase", area(solid, to)));
        }
        (Some(from), None) => {
            let solid = from + 12;
            page.put(Tag::area("phase", area(from, solid)));
            page.put(Tag::area("open", area(solid, solid + OPEN)));
        }
        (None, None) => page.put(Tag::area(
            "open",
            area(scale.left + 1, scale.stretches[0].x),
        )),
    }
}
