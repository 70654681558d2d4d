//! Everything that is in the wheel, in words: how it is read, the holds, the clashes, the closed days.

use jiff::civil::Date;

use super::draw::diamond;
use super::{letter, mark};
use crate::calendar::{month_da, week_of};
use crate::picture::glyphs::{Face, HEADING, NAME, SMALL};
use crate::picture::svg::{Area, Page, Tag};
use crate::runner::desk::{Year, YearHold};

/// A column is at least so wide.
const COLUMN: i32 = 340;
/// Between two columns.
const GUTTER: i32 = 28;
/// Where words begin behind a number, a letter or a sample.
const INDENT: i32 = 34;

/// A piece of the legend that is not broken.
struct Block<'y> {
    sign: Sign<'y>,
    lines: Vec<(Face, &'static str, String)>,
}

/// What stands before it.
enum Sign<'y> {
    Heading,
    Number(usize),
    Letter(String),
    Sample(&'y str),
    None,
}

/// Writes the legend below a line and gives its end.
pub(super) fn legend(
    page: &mut Page,
    year: &Year,
    shown: &[(usize, &YearHold)],
    (width, top): (i32, i32),
) -> i32 {
    let margin = super::round::margin(width);
    let room = width - 2 * margin;
    let columns = ((room + GUTTER) / (COLUMN + GUTTER)).clamp(1, 3);
    let column = (room - (columns - 1) * GUTTER) / columns;
    let blocks = blocks(year, shown, column);
    let whole: i32 = blocks.iter().map(Block::height).sum();
    let most = whole / columns;
    let (mut x, mut y, mut bottom) = (margin, top, top);
    for block in &blocks {
        let is_last = x + 2 * column + GUTTER > width;
        if y > top && !is_last && y + block.height() / 2 > top + most {
            (x, y) = (x + column + GUTTER, top);
        }
        block.write(page, (x, y));
        y += block.height();
        bottom = bottom.max(y);
    }
    bottom + margin
}

impl Block<'_> {
    fn height(&self) -> i32 {
        let lines: i32 = self.lines.iter().map(|(face, ..)| face.line()).sum();
        lines
            + if matches!(self.sign, Sign::Heading) {
                10
            } else {
                6
            }
    }

    fn write(&self, page: &mut Page, (x, top): (i32, i32)) {
        let mut y = top
            + if matches!(self.sign, Sign::Heading) {
                8
            } else {
                2
            };
        let first = y + self.lines.first().map_or(0, |(face, ..)| face.size);
        let middle = f64::from(first - 4);
        match &self.sign {
            Sign::Number(number) => page.text(NAME, "", (x, first), &(number + 1).to_string()),
            Sign::Letter(letter) => {
                page.put(Tag::path("clash", diamond(f64::from(x + 12), middle)));
                page.text(SMALL, "", (x + 12 - SMALL.width(letter) / 2, first), letter);
            }
            Sign::Sample(class) => sample(page, class, (x, first)),
            Sign::Heading | Sign::None => {}
        }
        let indent = if matches!(self.sign, Sign::Heading) {
            0
        } else {
            INDENT
        };
        for (face, tone, text) in &self.lines {
            page.text(*face, tone, (x + indent, y + face.size), text);
            y += face.line();
        }
    }
}

fn sample(page: &mut Page, class: &str, (x, base): (i32, i32)) {
    match class {
        "clash" => page.put(Tag::path(
            "clash",
            diamond(f64::from(x + 12), f64::from(base - 4)),
        )),
        "today" => page.put(Tag::path("flag today", format!("M{x} {}h24", base - 4))),
        class => {
            let area = Area {
                x,
                y: base - 11,
                width: 24,
                height: 14,
            };
            page.put(Tag::area(class, area));
        }
    }
}

fn blocks<'y>(year: &Year, shown: &[(usize, &YearHold)], column: i32) -> Vec<Block<'y>> {
    let room = column - INDENT;
    let mut blocks = vec![heading("Sådan læses hjulet")];
    for (class, words) in [
        ("phase", "fase, hvor kandidaterne har en plads på holdet"),
        ("later", "fase uden plads, fx jobmatch efter kurset"),
        ("draft", "fase på et hold, der ikke er vedtaget endnu"),
        ("closed", "helligdag eller lukkedag"),
        ("clash", "sammenstød, se bogstavet nedenfor"),
    ] {
        blocks.push(block(Sign::Sample(class), SMALL, words, room));
    }
    if year.today.is_some() {
        blocks.push(block(Sign::Sample("today"), SMALL, "i dag", room));
    }
    blocks.push(heading("Hold"));
    if shown.is_empty() {
        blocks.push(block(Sign::None, SMALL, "Der er ingen hold i året.", room));
    }
    blocks.extend(
        shown
            .iter()
            .map(|(number, hold)| of_hold(*number, hold, room)),
    );
    if !year.clashes.is_empty() {
        blocks.push(heading("Sammenstød"));
    }
    for (at, clash) in year.clashes.iter().enumerate() {
        let sign = letter(at).map_or(Sign::None, Sign::Letter);
        blocks.push(block(sign, SMALL, &clash.words, room));
    }
    blocks.push(heading("Helligdage og lukkedage"));
    let closed: Vec<String> = (year.closed.iter())
        .map(|day| {
            format!(
                "{}. {} {}",
                day.date.day(),
                &month_da(day.date.month())[..3],
                day.title
            )
        })
        .collect();
    blocks.push(block(Sign::None, SMALL, &closed.join(" · "), room));
    blocks
}

fn heading<'y>(text: &str) -> Block<'y> {
    Block {
        sign: Sign::Heading,
        lines: vec![(HEADING, "", text.to_owned())],
    }
}

fn block<'y>(sign: Sign<'y>, face: Face, text: &str, room: i32) -> Block<'y> {
    let lines = face.wrap(text, room);
    Block {
        sign,
        lines: lines.into_iter().map(|line| (face, "", line)).collect(),
    }
}

fn of_hold<'y>(number: usize, hold: &YearHold, room: i32) -> Block<'y> {
    let mut lines: Vec<(Face, &'static str, String)> = (NAME.wrap(&hold.title, room).into_iter())
        .map(|line| (NAME, "", line))
        .collect();
    let under = format!("{} · {}", hold.workflow_title, hold.stage_words);
    lines.extend(
        SMALL
            .wrap(&under, room)
            .into_iter()
            .map(|line| (SMALL, "muted", line)),
    );
    for (at, phase) in hold.phases.iter().enumerate() {
        let text = format!(
            "{} {}: {}, {}",
            mark(number, at, hold.phases.len()),
            phase.title,
            days(phase.first, phase.last),
            weeks(phase.first, phase.last),
        );
        lines.extend(
            SMALL
                .wrap(&text, room)
                .into_iter()
                .map(|line| (SMALL, "", line)),
        );
    }
    Block {
        sign: Sign::Number(number),
        lines,
    }
}

fn weeks(first: Date, last: Date) -> String {
    let (first, last) = (week_of(first).1, week_of(last).1);
    if first == last {
        format!("uge {first}")
    } else {
        format!("uge {first}-{last}")
    }
}

/// "5. april", "5. april - 7. maj 2027".
pub(super) fn days(first: Date, last: Date) -> String {
    let end = format!("{}. {} {}", last.day(), month_da(last.month()), last.year());
    if first == last {
        return end;
    }
    let year = if first.year() == last.year() {
        String::new()
    } else {
        format!(" {}", first.year())
    };
    format!("{}. {}{year} - {end}", first.day(), month_da(first.month()))
}
