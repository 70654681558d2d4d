//! How scenarios went, at most 80 columns wide.

use std::fmt::Write as _;

use super::coverage::{Count, Coverage};
use super::play::{Difference, OfWorkflow, Played, Tested};
use crate::calendar::date_da;
use crate::cli::capital;
use crate::cli::text::{COLUMNS, Table, cut, wrap};

pub(super) fn text(tested: &[Tested], min_coverage: Option<u8>) -> String {
    let mut out = String::new();
    for one in tested {
        if !out.is_empty() {
            out.push('\n');
        }
        file(&mut out, one, min_coverage);
    }
    out.push_str(&summary(tested));
    out
}

fn file(out: &mut String, tested: &Tested, min_coverage: Option<u8>) {
    for (number, workflow) in tested.workflows.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        out.push_str(&wrap("", &workflow.title));
        of_workflow(out, workflow);
    }
    let unmet = tested.workflows.iter().flat_map(|one| &one.scenarios);
    for played in unmet.filter(|played| !played.unmet.is_empty()) {
        not_met(out, &tested.file, played);
    }
    if let Some(coverage) = &tested.coverage {
        out.push_str(&covered(&tested.file, coverage, min_coverage));
    }
}

fn of_workflow(out: &mut String, workflow: &OfWorkflow) {
    if workflow.scenarios.is_empty() {
        out.push_str("  ingen scenarier\n");
        return;
    }
    let mut table = Table::plain().whole(0).whole(1);
    for played in &workflow.scenarios {
        let word = if played.unmet.is_empty() {
            "opfyldt"
        } else {
            "IKKE OPFYLDT"
        };
        let (name, title) = (played.scenario.clone(), played.title.clone());
        table.row([word.to_owned(), name, title]);
    }
    out.push_str(&table.text(2));
}

/// Each step with what was expected and found; the timeline around the first.
fn not_met(out: &mut String, file: &str, played: &Played) {
    let _ = write!(out, "\n  {}\n", played.scenario);
    for (number, unmet) in played.unmet.iter().enumerate() {
        out.push_str(&step(file, unmet));
        if number == 0 {
            let _ = write!(out, "\n    Det skete omkring trinnet:\n{}", played.timeline);
        }
    }
}

fn step(file: &str, unmet: &Difference) -> String {
    let place = format!("{file}:{}", unmet.line);
    let at = format!(
        "{} kl. {}",
        capital(&date_da(unmet.at.date())),
        unmet.at.strftime("%-H.%M")
    );
    let gutter = format!("{:>9} | ", unmet.line);
    let line = cut(&unmet.text, COLUMNS - gutter.len());
    let mut out = format!("\n    {place}\n{gutter}{line}\n");
    out.push_str(&wrap("    tid       ", &at));
    if !unmet.expected.is_empty() {
        out.push_str(&wrap("    forventet ", &unmet.expected));
    }
    out.push_str(&wrap("    fandt     ", &unmet.found));
    out
}

fn covered(file: &str, coverage: &Coverage, min_coverage: Option<u8>) -> String {
    let figure = |what: &str, count: Count| format!("{what} {}/{}", count.covered, count.declared);
    let figures = [
        figure("overgange", coverage.transitions),
        figure("mails", coverage.messages),
        figure("mails fra opgaver og møder", coverage.derived),
    ];
    let mut out = wrap("  dækning  ", &figures.join(", "));
    if min_coverage.is_some_and(|percent| coverage.is_below(percent)) {
        let percent = min_coverage.unwrap_or_default();
        out.push_str(&wrap(
            "  FOR LIDT ",
            &format!("mindst {percent} % af overgange og mails skal være dækket"),
        ));
    }
    if !coverage.missing.is_empty() {
        out.push_str("\n  Ikke dækket af noget scenarie\n");
        for missing in &coverage.missing {
            let place = format!("    {file}:{}", missing.line);
            let _ = writeln!(out, "{place}");
            out.push_str(&wrap("      ", &missing.what));
        }
    }
    out
}

fn summary(tested: &[Tested]) -> String {
    let scenarios = || {
        let workflows = tested.iter().flat_map(|one| &one.workflows);
        workflows.flat_map(|one| &one.scenarios)
    };
    let unmet = scenarios()
        .filter(|played| !played.unmet.is_empty())
        .count();
    let met = match unmet {
        0 => "alle opfyldt".to_owned(),
        unmet => format!("{unmet} IKKE OPFYLDT"),
    };
    let many = match scenarios().count() {
        1 => "1 scenarie".to_owned(),
        many => format!("{many} scenarier"),
    };
    let mut out = format!("\n{many}: {met}.");
    let sum = |of: fn(&Coverage) -> Count| {
        let counts = tested
            .iter()
            .filter_map(|one| one.coverage.as_ref())
            .map(of);
        counts.fold((0, 0), |(covered, declared), count| {
            (covered + count.covered, declared + count.declared)
        })
    };
    if tested.iter().any(|one| one.coverage.is_some()) {
        let (ways, mails) = (sum(|one| one.transitions), sum(|one| one.messages));
        let _ = write!(
            out,
            " Overgange {}/{}, mails {}/{}.",
            ways.0, ways.1, mails.0, mails.1
        );
    }
    out + "\n"
}
