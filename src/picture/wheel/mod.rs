//! A year as a wheel: months and weeks round the edge, a ring for holds that do not overlap, their
//! phases as arcs. Below it everything stands in words, since a picture alone tells nobody enough.
//!
//! What a phase is, is said by a shape as well: filled where candidates have a place, an outline where
//! they have none, a broken outline while the hold is only a draft. Clashes are diamonds with a letter.

mod draw;
mod legend;
mod round;
mod strips;

use crate::calendar::date_da;
use crate::runner::desk::{Year, YearHold, YearStage};

use self::draw::Drawing;
use self::round::Round;
use self::strips::Strips;
use super::glyphs::{Face, SMALL, TITLE};
use super::style::WHEEL;
use super::svg::Page;

/// As narrow as a telephone.
const WIDTH_MIN: i32 = 320;
/// Wider than this, words are far from what they are about.
const WIDTH_MAX: i32 = 1600;
/// So many clashes have a letter of their own.
const LETTERS: usize = 26;

/// A year as a picture, as wide as asked for, or wider when so many holds overlap that their rings
/// need more room. It is in Danish, as the holds' own words are.
#[must_use]
pub fn svg(year: &Year, width: i32) -> String {
    let width = width.clamp(WIDTH_MIN, WIDTH_MAX);
    let days = round::days_of(year.year);
    let shown: Vec<(usize, &YearHold)> = (year.holds.iter())
        .filter(|hold| hold.stage != YearStage::Cancelled)
        .enumerate()
        .collect();
    let (strips, round) = Strips::placed(&shown, year.year, |lanes| Round::of(width, lanes, days));
    let width = width.max(round.width());
    let mut page = Page::styled(WHEEL);
    let title = format!("Årshjul {}", year.year);
    let margin = round::margin(width);
    let top = margin + TITLE.line();
    page.text(TITLE, "", (margin, top - 6), &title);
    let under = under(year, shown.len());
    let mut y = top;
    for line in SMALL.wrap(&under, width - 2 * margin) {
        y += SMALL.line();
        page.text(SMALL, "muted", (margin, y - 4), &line);
    }
    let round = round.at(f64::from(width) / 2.0, f64::from(y + 10));
    Drawing {
        year,
        round: &round,
    }
    .draw(&mut page, &strips);
    let below = round.bottom() + 12;
    let bottom = legend::legend(&mut page, year, &shown, (width, below));
    page.finish((width, bottom), "da", &title, &described(year, &shown))
}

/// What stands under the title.
fn under(year: &Year, holds: usize) -> String {
    let count = |count: usize, one: &str, many: &str| match count {
        0 => format!("ingen {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let mut under = format!(
        "{} · {}",
        count(holds, "hold", "hold"),
        count(year.clashes.len(), "sammenstød", "sammenstød")
    );
    if let Some(today) = year.today {
        under.push_str(&format!(" · i dag er det {}", date_da(today)));
    }
    under
}

/// The letter of a clash; those after Z have none.
fn letter(at: usize) -> Option<String> {
    let at = u8::try_from(at)
        .ok()
        .filter(|at| usize::from(*at) < LETTERS)?;
    Some(char::from(b'A' + at).to_string())
}

/// What a phase is called in its arc: the hold's number, and a letter when the hold has several.
fn mark(number: usize, phase: usize, phases: usize) -> String {
    let letter = u8::try_from(phase).ok().filter(|at| *at < 26 && phases > 1);
    let letter = letter.map_or_else(String::new, |at| char::from(b'a' + at).to_string());
    format!("{}{letter}", number + 1)
}

/// The face of everything in the wheel.
const FACE: Face = SMALL;

/// The picture in words.
fn described(year: &Year, shown: &[(usize, &YearHold)]) -> String {
    let holds = shown.iter().map(|(_, hold)| {
        let phases: Vec<String> = (hold.phases.iter())
            .map(|phase| format!("{} {}", phase.title, legend::days(phase.first, phase.last)))
            .collect();
        format!(
            "{} ({}): {}.",
            hold.title,
            hold.stage_words,
            phases.join(", ")
        )
    });
    let clashes = year.clashes.iter().map(|clash| clash.words.clone());
    let all: Vec<String> = holds.chain(clashes).collect();
    if all.is_empty() {
        return format!("Ingen hold i {}.", year.year);
    }
    all.join(" ")
}
