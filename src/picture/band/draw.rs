//! The band as SVG: phases and meetings below each other, weeks across.

use super::{At, Band, Row, RowKind};
use crate::picture::flags;
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
/// Weeks from one number to the next.
const STEPS: [i32; 8] = [1, 2, 4, 8, 13, 26, 52, 104];

/// Where days stand.
struct Scale {
    left: i32,
    /// Where day 0 of each stretch stands, and where the stretch ends.
    stretches: Vec<(i32, i32)>,
    /// Days and pixels of all stretches, without the breaks.
    days: i32,
    pixels: i32,
}

impl Scale {
    fn new(band: &Band, left: i32, right: i32) -> Self {
        let known: i32 = band
            .stretches
            .iter()
            .map(|stretch| stretch.days)
            .fold(0, i32::saturating_add);
        let days = known.saturating_add(band.before).max(7);
        let breaks = i32::try_from(band.stretches.len()).unwrap_or(1) * BREAK;
        let mut scale = Self {
            left,
            stretches: Vec::new(),
            days,
            pixels: (right - left - breaks).max(100),
        };
        let mut x = left + scale.length(band.before);
        for stretch in &band.stretches {
            let end = x + scale.length(stretch.days);
            scale.stretches.push((x, end));
            x = end + BREAK;
        }
        scale
    }

    fn length(&self, days: i32) -> i32 {
        let pixels = i64::from(days) * i64::from(self.pixels) / i64::from(self.days);
        i32::try_from(pixels).unwrap_or(0)
    }

    fn x(&self, at: At) -> i32 {
        (self.stretches[at.stretch].0 + self.length(at.day)).max(self.left)
    }

    /// Weeks from one number to the next, so that the numbers have room.
    fn step(&self) -> i32 {
        let fits = |step: &i32| self.length(step * 7) >= NUMBER;
        STEPS.into_iter().find(fits).unwrap_or(520)
    }
}

impl Band {
    /// Draws the band between two edges, from this height down; gives the height below it.
    pub fn draw(&self, page: &mut Page, words: Words<'_>, left: i32, right: i32, top: i32) -> i32 {
        let plot = left + NAMES + 12;
        let scale = Scale::new(self, plot, right);
        let heights: Vec<i32> = self.rows.iter().map(height).collect();
        let days: Vec<(i32, String)> = scale
            .stretches
            .iter()
            .zip(&self.stretches)
            .map(|((x, _), stretch)| (*x, stretch.title.clone()))
            .collect();
        let (axis, lines) = flags::write(page, &days, (plot, right), top);
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
        flags::draw(page, &lines, bottom);
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
        for (_, end) in scale.stretches.iter().take(last) {
            let area = Area {
                x: *end + 1,
                y: top,
                width: BREAK - 2,
                height: bottom - top,
            };
            page.put(Tag::area("weekend", area));
            let x = end + (BREAK - SMALL.width("…")) / 2;
            page.text(SMALL, "muted", (x, top + 11), "…");
        }
    }

    fn weeks(&self, page: &mut Page, scale: &Scale, axis: i32, bottom: i32) {
        let step = scale.step();
        let mut put = |x: i32, number: i32, room: i32| {
            page.put(Tag::path(
                "grid",
                format!("M{x} {}V{bottom}", axis + 4),
            ));
            let text = if number < 0 {
                format!("−{}", -number)
            } else {
                number.to_string()
            };
            if SMALL.width(&text) + 6 <= room {
                page.text(SMALL, "muted", (x + 4, axis + 15), &text);
            }
        };
        for ((x, end), stretch) in scale.stretches.iter().zip(&self.stretches) {
            let mut week = 0;
            while week * 7 < stretch.days {
                let at = x + scale.length(week * 7);
                put(at, week + 1, (end - at).min(scale.length(step * 7)));
                week += step;
            }
        }
        let (start, _) = scale.stretches[0];
        let mut week = step;
        while week * 7 <= self.before {
            let at = start - scale.length(week * 7);
            put(at, -week, scale.length(step * 7));
            week += step;
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
        page.put(Tag::rounded("window", area(from, to.unwrap_or(right - 4)), 8));
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
            let solid = from + scale.length(7).max(6);
            page.put(Tag::area("phase", area(from, solid)));
            page.put(Tag::area("open", area(solid, solid + OPEN)));
        }
        (None, None) => page.put(Tag::area("open", area(scale.left + 1, scale.stretches[0].0))),
    }
}
