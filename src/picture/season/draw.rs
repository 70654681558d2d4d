//! A season as SVG: weeks across; phases, meetings and mails in lines below each other.

use jiff::ToSpan;
use jiff::civil::Date;

use super::weeks::{MARGIN, NAMES, Weeks};
use super::{Days, MEETINGS_MAX, Season};
use crate::calendar::{Closed, date_da, date_en, month_da, month_en, week_of};
use crate::definition::model::{Outcome, Workflow};
use crate::picture::flags::Flags;
use crate::picture::glyphs::{HEADING, NAME, SMALL, TITLE};
use crate::picture::svg::{Area, Page, Tag};
use crate::picture::words::Words;
use crate::runner::simulate::{Phase, Report};

/// Words in the heading are never wider than the narrowest picture.
const WIDTH_MIN: i32 = 560;
/// The height of a bar.
const BAR: i32 = 16;

/// The calendar of a simulated hold as a picture; `None` when nothing happens in it.
///
/// The workflow is the one that was simulated: its calendar says which days are closed, and its
/// language is that of the picture.
#[must_use]
pub fn svg(workflow: &Workflow, report: &Report) -> Option<String> {
    let season = Season::of(report)?;
    let words = Words::new(workflow);
    let weeks = Weeks::of(&season)?;
    let width = (weeks.right() + MARGIN).max(WIDTH_MIN);
    let drawing = Drawing {
        workflow,
        words,
        season,
        weeks,
        width,
    };
    let mut page = Page::default();
    let top = drawing.head(&mut page, report);
    let flags = drawing.flags(report, top);
    let axis = flags.bottom;
    // What lies below is written on a page of its own, because how far the closed days reach down
    // is known only afterwards.
    let mut lines = Page::default();
    let bottom = drawing.lines(&mut lines, axis + 60);
    drawing.ground(&mut page, axis, bottom);
    flags.draw(&mut page, bottom);
    page.append(&lines);
    let bottom = drawing.legend(&mut page, bottom + 14);
    let title = format!("{}: {}", report.title, report.cohort);
    Some(page.finish(
        (width, bottom + 8),
        &workflow.language,
        &title,
        &drawing.described(),
    ))
}

struct Drawing<'r> {
    workflow: &'r Workflow,
    words: Words<'r>,
    season: Season<'r>,
    weeks: Weeks,
    width: i32,
}

impl Drawing<'_> {
    fn head(&self, page: &mut Page, report: &Report) -> i32 {
        let room = self.width - 2 * MARGIN;
        let mut y = MARGIN - 4;
        for line in TITLE.wrap(&report.title, room) {
            y += TITLE.line();
            page.text(TITLE, "", (MARGIN, y - 4), &line);
        }
        let candidates = match report.candidates.len() {
            1 => self.words.say("kandidat", "candidate"),
            _ => self.words.say("kandidater", "candidates"),
        };
        let count = report.candidates.len();
        let mails = report.mails.len();
        let under = format!("{}, {count} {candidates}, {mails} mails", report.cohort);
        for line in SMALL.wrap(&under, room) {
            y += SMALL.line();
            page.text(SMALL, "muted", (MARGIN, y - 4), &line);
        }
        y + 14
    }

    /// The hold's dates, by name.
    fn flags(&self, report: &Report, top: i32) -> Flags {
        let inside = report
            .dates
            .iter()
            .filter(|day| (self.season.first..=self.season.last).contains(&day.date));
        let days: Vec<(i32, String)> = inside
            .map(|day| {
                let date = self.words.say_date(day.date, date_da, date_en);
                (self.weeks.x(day.date), format!("{}: {date}", day.title))
            })
            .collect();
        Flags::place(&days, (Weeks::LEFT, self.width - MARGIN), top)
    }

    /// Months, weeks, and the days on which nothing leaves.
    fn ground(&self, page: &mut Page, top: i32, bottom: i32) {
        let first = top + 56;
        for day in self.weeks.days() {
            let class = match self.workflow.calendar.closed_because(day) {
                None => continue,
                // Weekends are drawn where a day has some width, or all would be grey.
                Some(Closed::Weekend(_)) if !self.weeks.show_weekends() => continue,
                Some(Closed::Weekend(_)) => "weekend",
                Some(_) => "closed",
            };
            let x = self.weeks.x(day);
            let width = (self.weeks.x(day.saturating_add(1.day())) - x).max(1);
            let area = Area {
                x,
                y: first,
                width,
                height: bottom - first,
            };
            page.put(Tag::area(class, area));
        }
        self.numbers(page, top, bottom);
    }

    /// Years, months and numbers of weeks. A week belongs to the month its Thursday is in, as it does
    /// to its year.
    fn numbers(&self, page: &mut Page, top: i32, bottom: i32) {
        let month_of = |monday: Date| {
            let thursday = monday.saturating_add(3.days());
            (thursday.year(), thursday.month())
        };
        let mut months: Vec<(i32, (i16, i8))> = Vec::new();
        for monday in self.weeks.mondays(1) {
            let month = month_of(monday);
            if months.last().is_none_or(|(_, last)| *last != month) {
                months.push((self.weeks.x(monday), month));
            }
        }
        let ends = months.iter().skip(1).map(|(x, _)| *x);
        let ends = ends.chain([self.weeks.right()]);
        let mut last_year = None;
        for ((x, (year, month)), end) in months.iter().zip(ends) {
            page.put(Tag::path("grid", format!("M{x} {}V{bottom}", top + 18)));
            if last_year != Some(year) {
                page.text(NAME, "", (x + 3, top + 13), &year.to_string());
                last_year = Some(year);
            }
            let name = self.words.say(month_da(*month), month_en(*month));
            let short = name.get(..3).unwrap_or(name);
            let fits = |name: &&str| x + 3 + NAME.width(name) + 4 <= end;
            if let Some(name) = [name, short].into_iter().find(fits) {
                page.text(NAME, "", (x + 3, top + 32), name);
            }
        }
        let label = self.words.say("Uge", "Week");
        page.text(SMALL, "muted", (MARGIN, top + 50), label);
        for monday in self.weeks.mondays(self.weeks.step) {
            let x = self.weeks.x(monday);
            page.put(Tag::path("grid", format!("M{x} {}V{bottom}", top + 39)));
            let number = week_of(monday).1.to_string();
            page.text(SMALL, "muted", (x + 3, top + 50), &number);
        }
    }

    /// Everything that has a line of its own; gives the height below.
    fn lines(&self, page: &mut Page, top: i32) -> i32 {
        let mut y = top;
        for phase in self.season.phases {
            y = self.phase(page, phase, y);
        }
        let together = self.words.say("Alle møder", "All meetings");
        let meetings = self.season.meetings_within(MEETINGS_MAX, together);
        y = self.heading(
            page,
            self.words.say("Møder", "Meetings"),
            !meetings.is_empty(),
            y,
        );
        for (title, days) in &meetings {
            y = self.counts(page, "meeting", 9, title, days, y);
        }
        let mails = &self.season.mails;
        y = self.heading(
            page,
            self.words.say("Mails til", "Mails to"),
            !mails.is_empty(),
            y,
        );
        for (role, days) in mails {
            y = self.counts(page, "mail", 3, role, days, y);
        }
        y
    }

    fn heading(&self, page: &mut Page, text: &str, is_wanted: bool, y: i32) -> i32 {
        if !is_wanted {
            return y;
        }
        page.put(Tag::path(
            "grid",
            format!("M{MARGIN} {}H{}", y + 5, self.width - MARGIN),
        ));
        page.text(HEADING, "", (MARGIN, y + 24), text);
        y + 32
    }

    /// A name at the left; gives the height of its line.
    fn name(page: &mut Page, name: &str, under: &str, y: i32) -> i32 {
        let mut below = y + 2;
        for line in NAME.wrap(name, NAMES) {
            below += NAME.line();
            page.text(NAME, "", (MARGIN, below - 4), &line);
        }
        for line in SMALL.wrap(under, NAMES) {
            below += SMALL.line();
            page.text(SMALL, "muted", (MARGIN, below - 4), &line);
        }
        (below + 6 - y).max(BAR + 10)
    }

    fn phase(&self, page: &mut Page, phase: &Phase, y: i32) -> i32 {
        let state = self.workflow.state_ids.get(&*phase.state);
        let outcome = state.and_then(|id| self.workflow.states[id.0].outcome);
        let under = self.days_of(phase, outcome);
        let height = Self::name(page, &phase.title, &under, y);
        let x = self.weeks.x(phase.first);
        let top = y + (height - BAR) / 2;
        let words = format!("{}: {under}", phase.title);
        match phase.last {
            Some(last) => {
                let end = self.weeks.x(last.saturating_add(1.day()));
                let area = Area {
                    x,
                    y: top,
                    width: (end - x).max(3),
                    height: BAR,
                };
                page.put_titled(Tag::rounded("phase", area, 3), &words);
            }
            None => {
                let diamond = format!("M{x} {top}l8 8l-8 8l-8 -8z");
                page.put_titled(Tag::path("phase", diamond), &words);
            }
        }
        y + height
    }

    /// "uge 6–7, 2.2.–15.2.2026"; of an end also how it ended.
    fn days_of(&self, phase: &Phase, outcome: Option<Outcome>) -> String {
        let last = phase.last.unwrap_or(phase.first);
        let ((from_year, from), (to_year, to)) = (week_of(phase.first), week_of(last));
        let weeks = match (from_year == to_year, from == to) {
            (true, true) => from.to_string(),
            (true, false) => format!("{from}–{to}"),
            (false, _) => format!("{from} ({from_year})–{to} ({to_year})"),
        };
        let danish = |day: Date| day.strftime("%-d.%-m.%Y").to_string();
        let short = |day: Date| self.words.say_date(day, danish, |day| day.to_string());
        let days = if last == phase.first {
            short(last)
        } else {
            format!("{}–{}", short(phase.first), short(last))
        };
        let end = outcome.map_or(String::new(), |outcome| {
            format!("{}, ", self.words.outcome(outcome))
        });
        format!("{end}{} {weeks}, {days}", self.words.say("uge", "week"))
    }

    /// A line of numbers, one for each group of weeks with something in it.
    fn counts(
        &self,
        page: &mut Page,
        class: &str,
        round: i32,
        name: &str,
        days: &Days,
        y: i32,
    ) -> i32 {
        let height = Self::name(page, name, "", y);
        let group = self.weeks.step * self.weeks.width;
        for (x, count) in self.weeks.grouped(days) {
            let text = count.to_string();
            let width = SMALL.width(&text);
            let area = Area {
                x: x + (group - width) / 2 - 4,
                y: y + (height - 18) / 2,
                width: width + 8,
                height: 18,
            };
            page.put_titled(
                Tag::rounded(class, area, round),
                &format!("{name}: {count}"),
            );
            page.text(SMALL, "on", (area.x + 4, area.y + 13), &text);
        }
        y + height
    }

    fn legend(&self, page: &mut Page, top: i32) -> i32 {
        let items = [
            ("phase", self.words.say("fase", "phase")),
            (
                "meeting",
                self.words.say("møder holdt, antal", "meetings held, count"),
            ),
            ("mail", self.words.say("mails, antal", "mails, count")),
            (
                "closed",
                self.words
                    .say("helligdag eller lukket", "holiday or closed"),
            ),
            ("weekend", self.words.say("weekend", "weekend")),
        ];
        let (mut x, mut y) = (MARGIN, top);
        let shown = |(class, _): &(&str, &str)| *class != "weekend" || self.weeks.show_weekends();
        for (class, text) in items.into_iter().filter(shown) {
            let room = 28 + SMALL.width(text) + 20;
            if x + room > self.width && x > MARGIN {
                (x, y) = (MARGIN, y + 22);
            }
            let area = Area {
                x,
                y,
                width: 20,
                height: 14,
            };
            page.put(Tag::rounded(
                class,
                area,
                if class == "meeting" { 7 } else { 3 },
            ));
            page.text(SMALL, "", (x + 28, y + 11), text);
            x += room;
        }
        y + 22
    }

    /// The picture in words.
    fn described(&self) -> String {
        let phases = self.season.phases.iter().map(|phase| {
            let state = self.workflow.state_ids.get(&*phase.state);
            let outcome = state.and_then(|id| self.workflow.states[id.0].outcome);
            format!("{}: {}.", phase.title, self.days_of(phase, outcome))
        });
        let total = |days: &Days| days.values().sum::<usize>();
        let (held, mails) = (
            self.words.say("møder holdt", "meetings held"),
            self.words.say("mails", "mails"),
        );
        let meetings = self.season.meetings.iter();
        let meetings = meetings.map(|(title, days)| format!("{title}: {} {held}.", total(days)));
        let to = self.season.mails.iter();
        let to = to.map(|(role, days)| format!("{role}: {} {mails}.", total(days)));
        phases
            .chain(meetings)
            .chain(to)
            .collect::<Vec<_>>()
            .join(" ")
    }
}
