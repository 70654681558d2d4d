//! The schema and the reference: committed as they are made, and judged by somebody else's
//! validator.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use tovholder::definition::{Severity, read, reference, schema};

use super::support::python::python;

const BASE: &str = include_str!("../fixtures/workflows/base.yaml");

/// What breaks the base in a way that a schema can see: what is replaced, and with what.
const BROKEN: &[(&str, &str)] = &[
    ("title: Kursus\nsource", "titel: Kursus\nsource"),
    ("holds_place: true", "hold_place: true"),
    ("holds_place: true", "holds_place: maybe"),
    ("time_zone: Europe/Copenhagen\n", ""),
    ("title: Informationsmøde\n      ", ""),
    ("language: da", "language: dk"),
    ("holidays: DK", "holidays: SE"),
    ("hours: 08:00-16:00", "hours: 8-16"),
    (
        "closed: [24 december, 5 june]",
        "closed: [24 december, 5. juni]",
    ),
    ("after: 2 workdays", "after: 2 days"),
    ("length: 13 weeks", "length: 13 wekes"),
    ("per: workflow", "per: workflows"),
    ("places: 16", "places: many"),
    ("places: 16", "places: 0"),
    ("weekday: monday", "weekday: mandag"),
    ("every: 2 weeks, until", "every: 2 days, until"),
    (
        "every: 2 weeks, until: course.last_day",
        "until: course.lastday",
    ),
    ("lasts: 2 hours", "lasts: 2 weeks"),
    (
        "between: [6 weeks before cohort.start, 3 weeks before cohort.start]",
        "between: [6 weeks before cohort.start]",
    ),
    (
        "due: 2 weeks before, remind",
        "due: 2 weeks before cohort.start, remind",
    ),
    ("when: cohort.info.held, needs", "needs"),
    ("type: grade", "type: grades"),
    ("type: decimal", "type: decimal, one_of: {a: A}"),
    ("reason: {title: Årsag, type: text", "reason: {title: Årsag"),
    ("if: {age: {at_least: 18}}", "if: {age: {above: 18}}"),
    (
        "if: {age: {at_least: 18}}",
        "if: {age: {at_least: 18, not: 20}}",
    ),
    (", if: {age: {at_least: 18}}", ""),
    (
        "then: declined}",
        "then: [{if: {ready: yes}, then: declined}]}",
    ),
    (
        "when: absence, gather: 1 hour",
        "every: friday, gather: 1 hour",
    ),
    (
        "when: absence, gather: 1 hour",
        "when: absence, gather: 1 workday",
    ),
    (
        "when: absence, gather: 1 hour",
        "when: absence, about: [met]",
    ),
    ("lasts: 5 weeks, then: search", "lasts: 5 weeks"),
    ("lasts: 5 weeks, then: search", "then: search"),
    ("lasts: 5 weeks, then", "lasts: 5 hours, then"),
    ("final: success", "final: sucess"),
    ("final: dropout}", "final: dropout, holds_place: true}"),
    ("at_least: 14", "at_least: -1"),
    ("deadline: 2027-12-31", "deadline: 31-12-2027"),
    ("at: 2026-01-20 09:00", "at: 2026-01-20 9:00"),
    ("event: accept}", "event: accept, done: screen}"),
    (
        "expect: {state: waiting, mails: {absence-notice: 0}}",
        "expect: {}",
    ),
    ("roles:\n", "roles: none\nolder_roles:\n"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml_below(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    assert!(!files.is_empty(), "there are workflows in {folder}");
    files.sort();
    files
}

/// What the validator finds wrong with each file, the schema's own examples included.
fn validated(files: &[PathBuf]) -> BTreeMap<PathBuf, Vec<String>> {
    let python = python(
        "jsonschema-4.26.0",
        &["jsonschema==4.26.0", "ruamel.yaml==0.19.1"],
        "import jsonschema, ruamel.yaml",
    );
    let output = Command::new(python)
        .arg(root().join("tests/it/support/schema_check.py"))
        .arg(root().join("workflows/workflow.schema.json"))
        .args(files)
        .output()
        .expect("the validator runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let line = |line: &str| {
        let json: Json = serde_json::from_str(line).expect("JSON");
        let problems = json["problems"].as_array().expect("problems").iter();
        let problems = problems
            .map(|problem| problem.as_str().expect("words").to_owned())
            .collect();
        (
            PathBuf::from(json["file"].as_str().expect("a file")),
            problems,
        )
    };
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(line)
        .collect()
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let made = serde_json::to_string_pretty(&schema()).expect("JSON") + "\n";
    let committed =
        fs::read_to_string(root().join("workflows/workflow.schema.json")).unwrap_or_default();
    assert!(
        made == committed,
        "renew it: cargo run -- schema > workflows/workflow.schema.json"
    );
}

#[test]
fn the_committed_reference_is_the_one_that_is_written() {
    let folder = root().join("docs/reference");
    let made: BTreeMap<String, String> = reference()
        .into_iter()
        .map(|page| (page.file, page.text))
        .collect();
    let entries = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let committed: BTreeMap<String, String> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(&path).expect("a page"))
        })
        .collect();
    let differs: Vec<&String> = made
        .keys()
        .chain(committed.keys())
        .filter(|name| made.get(*name) != committed.get(*name))
        .collect();
    assert!(
        differs.is_empty(),
        "renew them: cargo run -- reference\n{differs:?}"
    );
}

#[test]
fn every_link_of_the_reference_leads_somewhere() {
    let pages = reference();
    for page in &pages {
        for link in page
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let leads = link == "example.yaml" || pages.iter().any(|page| page.file == link);
            assert!(leads, "{}: {link}", page.file);
        }
    }
}

#[test]
fn another_validator_takes_what_is_shipped_and_refuses_what_is_broken() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut good: Vec<PathBuf> = [
        "workflows",
        "tests/fixtures/workflows",
        "tests/fixtures/workflows/drafts",
        "docs/reference",
    ]
    .iter()
    .flat_map(|folder| yaml_below(folder))
    .collect();
    good.push(root().join("workflows/workflow.schema.json"));
    let broken: Vec<PathBuf> = BROKEN
        .iter()
        .enumerate()
        .map(|(at, (from, to))| {
            let text = BASE.replacen(from, to, 1);
            assert_ne!(text, BASE, "{from} is in the base");
            let problems = read("broken", &text).problems;
            assert!(
                problems
                    .iter()
                    .any(|problem| problem.severity == Severity::Error),
                "the checker takes {to}"
            );
            let path = folder.path().join(format!("{at}.yaml"));
            fs::write(&path, text).expect("a file");
            path
        })
        .collect();
    let workflows = good
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let files: Vec<PathBuf> = workflows.chain(&broken).cloned().collect();
    let found = validated(&files);
    for path in &good {
        assert_eq!(found[path], Vec::<String>::new(), "{}", path.display());
    }
    for (path, (_, to)) in broken.iter().zip(BROKEN) {
        assert!(!found[path].is_empty(), "the schema takes {to}");
    }
}
