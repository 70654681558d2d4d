//! Holds in words.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::calendar::date_da;
use crate::cli::agenda::{self, misplaced_text};
use crate::cli::migrate::brings_text;
use crate::cli::outbox::mail_line;
use crate::cli::text::{Table, wrap};
use crate::engine::subject::Stage;
use crate::runner::desk::{CohortCreated, CohortLine, CohortShown, DatesMoved, Transferred};

pub(super) fn transferred_text(done: &Transferred) -> String {
    let said = format!(
        "{} fortsætter på {} i »{}«.",
        done.name, done.hold, done.state
    );
    let mut text = wrap("", &said);
    if !done.next.items.is_empty() {
        text.push_str("\nDet næste\n");
        text.push_str(&agenda::body(&done.next));
    }
    text
}

pub(super) fn created_text(created: &CohortCreated) -> String {
    let mut out = wrap(
        "",
        &format!(
            "Holdet »{}« er oprettet: {}.",
            created.title, created.workflow
        ),
    );
    out.push('\n');
    out.push_str(&facts(&created.id, &created.dates));
    for note in &created.notes {
        out.push('\n');
        out.push_str(&wrap("Bemærk: ", note));
    }
    out.push_str(&agenda::body(&created.next));
    if created.has_candidates {
        let _ = write!(
            out,
            "\nTag kandidater ind med:\n  tovholder import FIL.csv --cohort {}\n",
            created.id
        );
    }
    out
}

pub(super) fn moved_text(moved: &DatesMoved) -> String {
    let mut out = wrap("", &moved.title);
    if moved.dates.is_empty() {
        out.push_str("  Datoerne er, som de var; intet er ændret.\n");
        return out;
    }
    let mut table = Table::plain();
    for (title, from, to) in &moved.dates {
        table.row([
            title.clone(),
            format!("{} → {}", date_da(*from), date_da(*to)),
        ]);
    }
    out.push_str(&table.text(2));
    for note in &moved.notes {
        out.push('\n');
        out.push_str(&wrap("Bemærk: ", note));
    }
    if let Some(brings) = &moved.brings {
        out.push('\n');
        out.push_str(&brings_text(brings));
    }
    out.push_str(&misplaced_text(&moved.misplaced));
    if !moved.sent.is_empty() {
        out.push_str("\nSendt efter de gamle datoer\n");
        moved
            .sent
            .iter()
            .for_each(|mail| out.push_str(&mail_line(mail)));
        out.push_str("\nSend dem, der skal ud igen, med: tovholder outbox again NR …\n");
    }
    if moved.is_dry_run {
        out.push_str("\nIntet er gjort: det var en prøve (--dry-run).\n");
    }
    if let Some(next) = moved.next.as_ref().filter(|next| !next.items.is_empty()) {
        out.push_str("\nDet næste\n");
        out.push_str(&agenda::body(next));
    }
    out
}

fn facts(id: &str, dates: &[(String, Date)]) -> String {
    let mut table = Table::plain().whole(1);
    table.row(["Id".to_owned(), id.to_owned()]);
    for (title, date) in dates {
        table.row([title.clone(), date_da(*date)]);
    }
    table.text(2)
}

pub(super) fn list(lines: &[CohortLine]) -> String {
    if lines.is_empty() {
        return "Der er ingen hold endnu. Opret et med: tovholder cohort create\n".to_owned();
    }
    let mut table = Table::titled(&["Id", "Hold", "Workflow", "Start", "Åbne"])
        .whole(0)
        .whole(3)
        .right(4);
    for line in lines {
        let start = line
            .start
            .as_ref()
            .and_then(|start| start.parse::<Date>().ok());
        let start = start.map_or_else(String::new, |start| {
            start.strftime("%-d.%-m.%y").to_string()
        });
        table.row([
            line.id.clone(),
            line.title.clone(),
            line.workflow.clone(),
            start,
            if line.is_cancelled {
                "aflyst".to_owned()
            } else if line.has_candidates {
                format!("{}/{}", line.open, line.cases)
            } else {
                String::new()
            },
        ]);
    }
    table.text(0)
}

fn places(shown: &CohortShown) -> String {
    match shown.places {
        Some(places) => format!(
            "{} af {places} taget, {} ledige",
            shown.places_taken,
            places as usize - shown.places_taken.min(places as usize)
        ),
        None => format!("{} taget, ingen grænse", shown.places_taken),
    }
}

pub(super) fn shown_text(shown: &CohortShown) -> String {
    let mut out = wrap("", &format!("{} · {}", shown.title, shown.workflow));
    out.push('\n');
    out.push_str(&facts(&shown.id, &shown.dates));
    let stage = match shown.stage {
        Stage::Planned => "planlagt",
        Stage::Running => "i gang",
        Stage::Ended => "afsluttet",
        Stage::Cancelled => "aflyst",
    };
    let _ = write!(out, "\nStatus   {stage}\n");
    for (first, last) in &shown.pauses {
        out.push_str(&wrap(
            "Pause    ",
            &format!("{} - {}", date_da(*first), date_da(*last)),
        ));
    }
    if shown.has_candidates {
        let _ = writeln!(out, "Pladser  {}", places(shown));
    }
    if !shown.people.is_empty() {
        out.push_str("\nRoller\n");
        let mut table = Table::plain();
        for (role, names) in &shown.people {
            table.row([
                role.clone(),
                if names.is_empty() {
                    "(ingen)".to_owned()
                } else {
                    names.join(", ")
                },
            ]);
        }
        out.push_str(&table.text(2));
    }
    if shown.has_candidates && shown.states.is_empty() {
        out.push_str("\nIngen kandidater endnu.\n");
    }
    for count in &shown.states {
        let _ = write!(out, "\n{} ({})\n", count.title, count.cases.len());
        let mut table = Table::plain().whole(0);
        for (id, name) in &count.cases {
            table.row([id.clone(), name.clone()]);
        }
        out.push_str(&table.text(2));
    }
    if !shown.targets.is_empty() {
        out.push_str("\nMål\n");
    }
    for target in &shown.targets {
        let by = target.deadline.map_or_else(String::new, |day| {
            format!(" inden {}", day.strftime("%-d.%-m.%Y"))
        });
        let line = format!(
            "{} på holdet, {} i alt, mål mindst {}{by}",
            target.on_hold, target.in_all, target.at_least
        );
        out.push_str(&wrap(&format!("  {}: ", target.title), &line));
    }
    if shown.next.items.is_empty() && shown.next.waiting.is_empty() {
        return out;
    }
    out.push_str("\nDet næste\n");
    out.push_str(&agenda::body(&shown.next));
    out
}
