//! A hold's phases by the calendar: a bar for each, one below the other, and a line for today.

use jiff::civil::Date;

use crate::calendar::{date_da, month_da};
use crate::runner::desk::YearHold;

use super::glyphs::{NAME, SMALL};
use super::style::PHASES;
use super::svg::{Area, Page, Tag};

/// As narrow as a telephone.
const WIDTH_MIN: i32 = 320;
/// Wider than this, nothing more is told.
const WIDTH_MAX: i32 = 1400;
const MARGIN: i32 = 8;
const BAR: i32 = 14;
const GAP: i32 = 10;

/// The days from the left edge to the right one.
#[derive(Clone, Copy)]
struct Span {
    first: Date,
    days: i32,
    width: i32,
}

impl Span {
    fn x(self, day: Date) -> i32 {
        let days = i32::from(self.first != day) * (day - self.first).get_days();
        MARGIN + days * (self.width - 2 * MARGIN) / self.days.max(1)
    }
}

/// The picture, as wide as asked for; none when no phase has a day.
#[must_use]
pub fn svg(hold: &YearHold, today: Date, width: i32) -> Option<String> {
    let first = hold.phases.iter().map(|phase| phase.first).min()?;
    let last = hold.phases.iter().map(|phase| phase.last).max()?;
    let span = Span {
        first,
        days: (last - first).get_days() + 1,
        width: width.clamp(WIDTH_MIN, WIDTH_MAX),
    };
    let mut page = Page::styled(PHASES);
    let top = SMALL.line() + GAP;
    let row = SMALL.line() + BAR + GAP;
    let rows = i32::try_from(hold.phases.len()).unwrap_or(i32::MAX);
    let bottom = top + rows * row;
    months(&mut page, span, (first, last), bottom);
    for (at, phase) in (0..).zip(&hold.phases) {
        let y = top + at * row;
        let (left, right) = (
            span.x(phase.first),
            span.x(phase.last.tomorrow().unwrap_or(phase.last)),
        );
        let is_now = phase.first <= today && today <= phase.last;
        let words = format!(
            "{} · {} – {}",
            phase.title,
            short(phase.first),
            short(phase.last)
        );
        let face = if is_now { NAME } else { SMALL };
        let x = left
            .min(span.width - MARGIN - face.width(&words))
            .max(MARGIN);
        page.text(face, "halo", (x, y + SMALL.line() - 4), &words);
        let area = Area {
            x: left,
            y: y + SMALL.line(),
            width: (right - left).max(3),
            height: BAR,
        };
        page.put_titled(
            Tag::rounded(if is_now { "bar now" } else { "bar" }, area, 3),
            &words,
        );
    }
    let is_in = first <= today && today <= last;
    if is_in {
        let x = span.x(today);
        page.put(Tag::path(
            "today",
            format!("M{x} {}V{bottom}", SMALL.line()),
        ));
    }
    let state = if is_in {
        format!("I dag er det {}.", date_da(today))
    } else {
        String::new()
    };
    let words = hold.phases.iter().map(|phase| {
        format!(
            "{} fra {} til {}.",
            phase.title,
            date_da(phase.first),
            date_da(phase.last)
        )
    });
    let words: Vec<String> = words.chain([state]).collect();
    let title = format!("Faser på {}", hold.title);
    Some(page.finish(
        (span.width, bottom + MARGIN),
        "da",
        &title,
        words.join(" ").trim(),
    ))
}

/// A line where each month begins, with its name where there is room.
fn months(page: &mut Page, span: Span, (first, last): (Date, Date), bottom: i32) {
    let mut day = first;
    let mut free = MARGIN;
    while day <= last {
        let x = span.x(day);
        if day != first {
            page.put(Tag::path("grid", format!("M{x} 0V{bottom}")));
        }
        let name = month_da(day.month());
        if x >= free && x + SMALL.width(name) < span.width - MARGIN {
            page.text(SMALL, "muted", (x + 3, SMALL.line() - 4), name);
            free = x + SMALL.width(name) + 12;
        }
        let Ok(next) = day.last_of_month().tomorrow() else {
            break;
        };
        day = next;
    }
}

fn short(day: Date) -> String {
    day.strftime("%-d.%-m.").to_string()
}
