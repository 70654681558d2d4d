//! A simulated hold as a calendar to read: phases, a picture, then day by day what happens and why.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::{Date, DateTime};

use super::grouped::{self, Group, MailGroup, names};
use super::picture;
use crate::calendar::{date_da, month_da, week_of};
use crate::cli::capital;
use crate::cli::text::{Table, wrap};
use crate::runner::simulate::{EntryKind, Phase, Report};

/// The whole report, at most 80 columns wide.
pub(super) fn text(report: &Report, scenario: Option<&str>) -> String {
    let mut out = head(report, scenario);
    out.push_str(&phases(&report.phases));
    out.push_str(&picture::text(report));
    out.push_str(&days(report));
    out.push_str(&assumptions(report));
    out.push_str(&problems(report, scenario));
    out.push_str(&summary(report));
    out
}

fn head(report: &Report, scenario: Option<&str>) -> String {
    let mut out = wrap("", &report.title);
    let many = match report.candidates.len() {
        1 => "1 kandidat".to_owned(),
        many => format!("{many} kandidater"),
    };
    let _ = writeln!(out, "{}, {many}", report.cohort);
    let mut table = Table::plain();
    for day in &report.dates {
        table.row([day.title.clone(), capital(&date_da(day.date))]);
    }
    if !report.dates.is_empty() {
        let _ = write!(out, "\n{}", table.text(2));
    }
    if let Some(name) = scenario {
        let _ = write!(out, "\nScenarie: {name}\n");
    }
    out
}

fn phases(phases: &[Phase]) -> String {
    if phases.is_empty() {
        return String::new();
    }
    let mut table = Table::plain().whole(1).whole(2);
    for phase in phases {
        let (days, weeks) = match phase.last {
            Some(last) => (period(phase.first, last), weeks(phase.first, last)),
            None => (
                format!(
                    "{} {}",
                    if phase.is_final { "fra" } else { "siden" },
                    long(phase.first)
                ),
                weeks(phase.first, phase.first),
            ),
        };
        table.row([phase.title.clone(), days, weeks]);
    }
    format!("\nFaser\n{}", table.text(2))
}

/// "2.–15. februar 2026", "16. februar–8. marts 2026".
fn period(first: Date, last: Date) -> String {
    if first == last {
        return long(first);
    }
    if (first.year(), first.month()) == (last.year(), last.month()) {
        return format!("{}.–{}", first.day(), long(last));
    }
    let year = if first.year() == last.year() {
        String::new()
    } else {
        format!(" {}", first.year())
    };
    format!(
        "{}. {}{year}–{}",
        first.day(),
        month_da(first.month()),
        long(last)
    )
}

fn weeks(first: Date, last: Date) -> String {
    let ((first_year, from), (last_year, to)) = (week_of(first), week_of(last));
    if first_year != last_year {
        return format!("uge {from}–{to} ({last_year})");
    }
    if from == to {
        format!("uge {from}")
    } else {
        format!("uge {from}–{to}")
    }
}

fn long(date: Date) -> String {
    format!("{}. {} {}", date.day(), month_da(date.month()), date.year())
}

/// A line of a day.
enum Line<'r> {
    Entry(Group<'r>),
    Mail(MailGroup<'r>),
}

impl Line<'_> {
    fn at(&self) -> DateTime {
        match self {
            Self::Entry(group) => group.at,
            Self::Mail(group) => group.at,
        }
    }
}

/// Lines before and after a moment in a timeline.
const AROUND_BEFORE: usize = 5;
const AROUND_AFTER: usize = 3;

/// What happened around a moment: the few lines before it, and after it.
pub(in crate::cli) fn around(report: &Report, at: DateTime) -> String {
    let lines = lines(report);
    let (before, after): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.at() <= at);
    let first = before.len().saturating_sub(AROUND_BEFORE);
    let last = after.len().min(AROUND_AFTER);
    let mut out = if before.is_empty() {
        "\n  (intet før det)\n".to_owned()
    } else {
        by_day(report, &before[first..])
    };
    let (day, time) = (capital(&date_da(at.date())), at.strftime("%-H.%M"));
    out.push_str(&wrap("  ==> ", &format!("{day} kl. {time}: trinnet")));
    out.push_str(&by_day(report, &after[..last]));
    out
}

fn days(report: &Report) -> String {
    format!("\nDag for dag\n{}", by_day(report, &lines(report)))
}

/// Everything that happened and every mail, in order.
fn lines(report: &Report) -> Vec<Line<'_>> {
    let shown = report
        .entries
        .iter()
        .filter(|entry| is_shown(report, entry));
    let entries = grouped::entries(shown).into_iter().map(Line::Entry);
    let mut lines: Vec<Line<'_>> = entries
        .chain(grouped::mails(&report.mails).into_iter().map(Line::Mail))
        .collect();
    // Stable: at one moment what happened comes before the mail about it.
    lines.sort_by_key(Line::at);
    lines
}

fn by_day(report: &Report, lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    let mut day = None;
    let mut time = None;
    for line in lines {
        let at = line.at();
        if day != Some(at.date()) {
            day = Some(at.date());
            time = None;
            let week = week_of(at.date()).1;
            let _ = write!(out, "\n{}, uge {week}\n", capital(&date_da(at.date())));
        }
        let clock = if time == Some(at.time()) {
            String::new()
        } else {
            at.strftime("%-H.%M").to_string()
        };
        time = Some(at.time());
        out.push_str(&self::line(report, &clock, line));
    }
    out
}

/// An event that moved a case is told by the move; what was expected has a place of its own.
fn is_shown(report: &Report, entry: &crate::runner::simulate::Entry) -> bool {
    match entry.kind {
        EntryKind::Unmet | EntryKind::Assumption | EntryKind::Stuck => false,
        EntryKind::Fact => !report.entries.iter().any(|other| {
            other.kind == EntryKind::Transition
                && (other.at, &other.who, &other.why) == (entry.at, &entry.who, &entry.what)
        }),
        EntryKind::Transition | EntryKind::Task | EntryKind::Meeting | EntryKind::Decision => true,
    }
}

fn line(report: &Report, clock: &str, line: &Line<'_>) -> String {
    match line {
        Line::Entry(group) => {
            let word = match group.kind {
                EntryKind::Transition => "fase",
                EntryKind::Task => "opgave",
                EntryKind::Meeting => "møde",
                EntryKind::Decision if group.why.starts_with("venter") => "venter",
                EntryKind::Decision => "ingen mail",
                EntryKind::Fact | EntryKind::Assumption | EntryKind::Unmet | EntryKind::Stuck => {
                    "noteret"
                }
            };
            let what = format!("{} · {}", group.what, names(report, &group.who));
            row(clock, word, &what, group.why)
        }
        Line::Mail(group) => {
            let times = if group.count > 1 {
                format!("{} × ", group.count)
            } else {
                String::new()
            };
            let roles: Vec<String> = group
                .roles
                .iter()
                .map(|(role, count)| {
                    if group.roles.len() > 1 && *count > 1 {
                        format!("{role} ({count})")
                    } else {
                        (*role).to_owned()
                    }
                })
                .collect();
            let others = match group.subjects.len() {
                0 | 1 => String::new(),
                many => format!(" og {} andre", many - 1),
            };
            let subject = format!("»{}«{others}", group.subjects.first().unwrap_or(&""));
            let mut out = row(
                clock,
                "mail",
                &format!("{times}{} til {}", group.template, and(&roles)),
                "",
            );
            out.push_str(&row("", "", &subject, group.why));
            out
        }
    }
}

/// Time, kind, what; and the reason on a line of its own.
fn row(clock: &str, word: &str, what: &str, why: &str) -> String {
    let mut out = wrap(&format!("  {clock:>5}  {word:<10}  "), what);
    if !why.is_empty() {
        out.push_str(&wrap(&format!("{:21}– ", ""), why));
    }
    out
}

fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} og {last}", before.join(", ")),
    }
}

fn assumptions(report: &Report) -> String {
    if report.assumptions.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nAntagelser: det her regner simuleringen med\n\n");
    for group in grouped::entries(&report.assumptions) {
        let at = group.at.strftime("%-d.%-m.%Y %-H.%M").to_string();
        out.push_str(&wrap(
            &format!("  {at:>16}  "),
            &format!("{} · {}", group.what, names(report, &group.who)),
        ));
        if !group.why.is_empty() {
            out.push_str(&wrap(&format!("{:20}– ", ""), group.why));
        }
    }
    out
}

/// What went wrong, each thing with what it was about.
fn problems(report: &Report, scenario: Option<&str>) -> String {
    let mut out = String::new();
    if !report.held.is_empty() {
        let _ = write!(
            out,
            "\nMails, der ikke kunne sendes: {}\n\n",
            report.held.len()
        );
        for held in &report.held {
            let at = held.at.strftime("%-d.%-m.%Y %-H.%M").to_string();
            out.push_str(&wrap(
                &format!("  {at:>16}  "),
                &format!("til {} om {}: {}", held.role, held.who, held.reason),
            ));
            out.push_str(&wrap(&format!("{:20}", ""), &held.occurrence));
        }
    }
    if !report.stuck.is_empty() {
        out.push_str("\nFejl i tovholder: det her kunne ikke køres\n\n");
        for entry in &report.stuck {
            out.push_str(&wrap("  ", &format!("{}: {}", entry.who, entry.what)));
        }
    }
    let unmet: Vec<_> = report.unmet().collect();
    if !unmet.is_empty() {
        out.push_str("\nDet gik ikke som sagt på forhånd\n\n");
        for entry in unmet {
            let at = entry.at.strftime("%-d.%-m.%Y %-H.%M").to_string();
            out.push_str(&wrap(
                &format!("  {at:>16}  "),
                &format!("{}: {}", entry.who, entry.what),
            ));
        }
    } else if scenario.is_some() {
        out.push_str("\nScenariet er opfyldt.\n");
    }
    out
}

fn summary(report: &Report) -> String {
    let count = |kind: EntryKind| {
        report
            .entries
            .iter()
            .filter(|entry| entry.kind == kind)
            .count()
    };
    let mut table = Table::plain().right(1);
    let mut row = |title: &str, count: usize| table.row([title.to_owned(), count.to_string()]);
    row("Kandidater", report.candidates.len());
    row("Skift af fase", count(EntryKind::Transition));
    row("Opgaver åbnet, løst og bortfaldet", count(EntryKind::Task));
    row("Møder holdt", report.meetings.len());
    row("Antagelser", report.assumptions.len());
    row("Mails", report.mails.len());
    let mut templates: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &report.mails {
        *templates.entry(&mail.template).or_default() += 1;
    }
    for (template, count) in templates {
        row(&format!("  {template}"), count);
    }
    if !report.held.is_empty() {
        row("Mails, der ikke kunne sendes", report.held.len());
    }
    format!("\nI alt\n{}", table.text(2))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_are_written_as_danes_write_them() {
        for (first, last, expect) in [
            (date(2026, 2, 2), date(2026, 2, 15), "2.–15. februar 2026"),
            (
                date(2026, 2, 16),
                date(2026, 3, 8),
                "16. februar–8. marts 2026",
            ),
            (
                date(2026, 12, 14),
                date(2027, 1, 10),
                "14. december 2026–10. januar 2027",
            ),
            (date(2026, 2, 2), date(2026, 2, 2), "2. februar 2026"),
        ] {
            assert_eq!(period(first, last), expect);
        }
        assert_eq!(
            weeks(date(2026, 12, 14), date(2027, 1, 10)),
            "uge 51–1 (2027)"
        );
        assert_eq!(weeks(date(2026, 2, 2), date(2026, 2, 8)), "uge 6");
    }
}
