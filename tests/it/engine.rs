//! The engine alone: no store, no runner. Each row of LANGUAGE §3's table that the engine decides
//! has a transcript here; properties hold for whatever comes in.

pub mod acts;
pub mod always;
mod anonymise;
pub mod chance;
mod corners;
mod drafts;
mod every;
mod foreseen;
mod hold;
mod mail;
mod meetings;
pub mod play;
mod properties;
mod states;
mod table;
mod tasks;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use tovholder::definition::model::{Name, Workflow};
use tovholder::definition::read;

use play::{Stage, transcript};

/// What every small workflow begins with.
const HEAD: &str = "workflow: w
title: W
language: da
time_zone: Europe/Copenhagen
holidays: DK
closed: [24 december, 31 december, 5 june]
hours: 08:00-16:00
roles: {coordinator: {title: C, per: cohort}, consultant: {title: K, per: candidate}, mentor: {title: M, per: candidate}}
";

/// A workflow from its text. `{T` stands for `{title: X`, so that a row of a table stays short.
pub fn workflow(text: &str) -> Workflow {
    let short = text
        .replace("{T}", "{title: X}")
        .replace("{T,", "{title: X,");
    let text = if short.contains("time_zone:") {
        short
    } else {
        format!("{HEAD}{short}")
    };
    let read = read("w.yaml", &text);
    read.workflow.unwrap_or_else(|| {
        let problems: Vec<String> = read
            .problems
            .iter()
            .map(|problem| {
                format!(
                    "{}:{} {} {:?}",
                    problem.line, problem.column, problem.message, problem.help
                )
            })
            .collect();
        panic!("{}\n{text}", problems.join("\n"))
    })
}

/// A shipped workflow.
pub fn shipped(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("workflows")
        .join(format!("{name}.yaml"));
    fs::read_to_string(file).expect("the workflow is there")
}

/// One of the drafts that the language was tried on.
pub fn draft(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/workflows/drafts")
        .join(format!("{name}.yaml"));
    fs::read_to_string(file).expect("the draft is there")
}

/// `start 2026-02-02, gf_start 2026-03-16`.
pub fn dates(text: &str) -> BTreeMap<Name, Date> {
    let pairs = text
        .split(',')
        .filter_map(|pair| pair.trim().split_once(' '));
    pairs
        .map(|(name, day)| (Name::from(name), day.parse().expect("a date")))
        .collect()
}

/// Plays a transcript and holds it to what the engine makes of it, line by line.
#[track_caller]
pub fn check(yaml: &str, on: &str, script: &str) {
    check_played(workflow(yaml), on, script);
}

/// The same of a workflow as it is.
#[track_caller]
pub fn check_played(workflow: Workflow, on: &str, script: &str) {
    let mut stage = Stage::new(workflow, dates(on));
    let actual = transcript(&mut stage, script);
    let trimmed = |text: &str| -> Vec<String> {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    assert!(
        trimmed(&actual) == trimmed(script),
        "it went:\n<<<\n{actual}>>>\nand not:\n{script}"
    );
}

/// Scenarios in files: comments, `workflow:`, `dates:`, and a transcript.
#[test]
fn scenarios() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios");
    let mut played = 0;
    for entry in fs::read_dir(folder).expect("the scenarios") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a scenario");
        let said = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("{} has no {key:?}", path.display()))
                .trim()
        };
        let begins = text.find('>').expect("a transcript");
        check(&shipped(said("workflow:")), said("dates:"), &text[begins..]);
        played += 1;
    }
    assert!(played >= 4, "the scenarios are there");
}
