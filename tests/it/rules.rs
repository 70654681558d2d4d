//! The rules of the checker: each has a file that breaks only it, with its exact report beside it; and
//! what the checker passes, the engine never refuses for want of rest.

mod allow;
mod faces;
mod rest;
mod thousand;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tovholder::definition::rule::{RULES, named};
use tovholder::definition::{Problem, Severity, read, report};
use unicode_width::UnicodeWidthStr;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rules")
}

/// A report beside its file.
fn beside(rule: &str, report: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(rule, report));
}

/// The command at the root of the project: its exit code and what it says.
fn tovholder(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(args)
        .output()
        .expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().expect("it ends by itself"),
        String::from_utf8(text).expect("text"),
    )
}

#[test]
fn each_rule_has_a_file_that_breaks_only_it() {
    for rule in RULES {
        let Some(text) = rule.example else { continue };
        let name = format!("{}.yaml", rule.name);
        let problems = read(&name, text).problems;
        let shown = |problems: &[Problem]| report(problems, &|_| Some(text.to_owned()), false);
        let (own, others): (Vec<Problem>, Vec<Problem>) = problems
            .iter()
            .cloned()
            .partition(|problem| problem.rule == rule.name);
        assert_eq!(own.len(), 1, "{name}\n{}", shown(&problems));
        // Too many problems are always with others.
        let alone = others.is_empty() || rule.name == "too-many";
        assert!(alone, "{name}\n{}", shown(&problems));
        assert_eq!(own[0].severity, rule.severity, "{name}");
        assert!(text.starts_with("# "), "{name} says what is wrong with it");
        assert!(
            text.lines().all(|line| line.width() <= 120),
            "{name} is to be read"
        );
        let report = shown(&own);
        assert!(report.lines().all(|line| line.width() <= 80), "{report}");
        beside(rule.name, &report);
    }
}

/// What no workflow file alone can break is found by the command, in a folder of its own.
#[test]
fn each_rule_of_the_command_has_a_folder_that_breaks_only_it() {
    for rule in RULES.iter().filter(|rule| rule.example.is_none()) {
        let folder = format!("tests/it/rules/{}", rule.name);
        let (code, text) = tovholder(&[
            "check",
            "--workflows",
            &format!("{folder}/workflows"),
            "--templates",
            &format!("{folder}/templates"),
        ]);
        let reports = text.matches(&format!("[{}]", rule.name)).count();
        assert_eq!(reports, 1, "{folder}\n{text}");
        assert_eq!(
            text.matches(": error:").count() + text.matches(": warning:").count(),
            1,
            "{text}"
        );
        assert_eq!(code, i32::from(rule.severity == Severity::Error), "{text}");
        beside(rule.name, &text);
    }
}

#[test]
fn the_list_is_whole_and_reads_well() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len(), "one row for each");
    for rule in RULES {
        assert_eq!(named(rule.name).map(|found| found.name), Some(rule.name));
        for sentence in [rule.finds, rule.act] {
            assert!(sentence.ends_with(['.', '?']), "{}: {sentence}", rule.name);
        }
    }
    // Nothing lies about in the folder that is no rule's.
    for entry in fs::read_dir(folder()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let stem = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let is_test = path.extension().is_some_and(|ending| ending == "rs") || stem == "snapshots";
        assert!(is_test || named(&stem).is_some(), "{}", path.display());
    }
}

/// Every item of LANGUAGE §4 has a rule.
#[test]
fn all_that_is_to_be_proved_has_a_rule() {
    for item in [
        "unknown names",
        "unreachable states",
        "states without an exit",
        "loops of timed states that never rest",
        "finals out of reach",
        "points after the state they sit in has ended",
        "points that can never be known",
        "a branch that can never be taken",
        "where a missing fact would make a case wait",
        "duplicate keys",
        "numbers where a quoted grade is meant",
        "templates that use a name their message cannot supply",
        "tasks whose role nobody holds yet",
        "praktik beyond programme limits",
    ] {
        let part = |rule: &tovholder::definition::rule::Rule| {
            rule.belongs.starts_with("LANGUAGE §4") && rule.belongs.contains(item)
        };
        assert!(RULES.iter().any(part), "{item}");
    }
}

/// A debug build on a busy machine is some twenty times slower than what `benches/check.rs` shows, so
/// the bound only catches what grows with the square of the states.
#[test]
fn a_thousand_states_are_read_while_one_waits() {
    let text = thousand::file(1_000);
    let begun = Instant::now();
    let read = read("thousand.yaml", &text);
    let took = begun.elapsed();
    assert!(read.workflow.is_some(), "{:?}", read.problems.first());
    assert_eq!(read.problems, []);
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn more_states_than_a_workflow_has_are_refused() {
    let small: String = (0..2_001)
        .map(|at| format!("    s{at}: {{title: X, final: neutral}}\n"))
        .collect();
    let text = thousand::file(10).replace("    over:", &format!("{small}    over:"));
    let problems = read("many.yaml", &text).problems;
    let large = problems.iter().find(|problem| problem.rule == "too-large");
    let message = large.map(|problem| problem.message.as_str());
    assert_eq!(message, Some("more than 2000 states are not a workflow"));
}

#[test]
fn warnings_can_be_denied() {
    let file = "tests/it/rules/may-wait.yaml";
    let (code, text) = tovholder(&["check", file]);
    assert!(code == 0 && text.ends_with(": 1 warning.\n"), "{text}");
    let (code, text) = tovholder(&["check", file, "--deny", "warnings"]);
    assert!(
        code == 1 && text.ends_with(": 1 warning, which is denied.\n"),
        "{text}"
    );
    let (code, _) = tovholder(&["check", "--deny", "warnings"]);
    assert_eq!(code, 0, "what is shipped is clean");
}

#[test]
fn the_command_tells_of_all_rules_and_of_one() {
    let (code, list) = tovholder(&["check", "--rules"]);
    assert_eq!(code, 0);
    for rule in RULES {
        assert_eq!(
            list.matches(&format!("  {} (", rule.name)).count(),
            1,
            "{}",
            rule.name
        );
    }
    let (code, json) = tovholder(&["check", "--rules", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (code, json["rules"].as_array().map(Vec::len)),
        (0, Some(RULES.len()))
    );
    let (code, one) = tovholder(&["check", "--explain", "may-wait"]);
    assert!(
        code == 0 && one.contains("example.yaml:16:7: warning:"),
        "{one}"
    );
    for text in [&list, &one] {
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    }
    let (code, none) = tovholder(&["check", "--explain", "may-wit"]);
    assert!(code == 1 && none.contains("\"may-wait\""), "{none}");
}
