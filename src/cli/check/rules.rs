//! `tovholder check --rules` and `--explain RULE`: what is looked for, with the file that shows it.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::super::text::wrap;
use super::super::{Answer, Failure};
use crate::definition::rule::{RULES, Rule, named};
use crate::definition::{Severity, read, report};
use crate::runner::desk::nearest;

/// All rules, by where they belong, in the order in which a file comes to meet them.
pub(super) fn list() -> Answer {
    let mut text = String::new();
    let mut belongs: Vec<&str> = Vec::new();
    for rule in RULES {
        if !belongs.contains(&rule.belongs) {
            belongs.push(rule.belongs);
        }
    }
    for part in belongs {
        text.push_str(&wrap("", part));
        for rule in RULES.iter().filter(|rule| rule.belongs == part) {
            let first = format!("  {} ({}): ", rule.name, word(rule.severity));
            text.push_str(&hanging(&first, rule.finds));
        }
        text.push('\n');
    }
    text.push_str("One of them with an example: tovholder check --explain RULE\n");
    let json: Vec<Json> = RULES.iter().map(as_json).collect();
    Answer::new(text, &json!({ "rules": json }))
}

/// A text behind its head, further lines indented by four.
fn hanging(first: &str, text: &str) -> String {
    let words = format!("{first}{text}");
    wrap("    ", words.trim_start()).replacen("    ", "  ", 1)
}

/// One rule, and what its example gets to hear.
pub(super) fn explain(name: &str) -> Result<Answer, Failure> {
    let Some(rule) = named(name) else {
        let near = nearest(name, RULES.iter().map(|rule| rule.name));
        let help = near.map_or_else(
            || "All of them: tovholder check --rules".to_owned(),
            |near| format!("Did you mean {near:?}?"),
        );
        return Err(Failure::new(format!("There is no rule {name:?}."), help));
    };
    let mut text = format!("{} ({})\n", rule.name, word(rule.severity));
    for (first, words) in [
        ("Belongs to: ", rule.belongs),
        ("Finds: ", rule.finds),
        ("Do: ", rule.act),
    ] {
        text.push_str(&wrap(&format!("  {first}"), words));
    }
    if rule.severity == Severity::Warning {
        let name = rule.name;
        let _ = writeln!(
            text,
            "  Right where it stands? Then say so there:\n    # tovholder: allow {name} because …"
        );
    }
    if let Some((example, heard)) = heard(rule) {
        let _ = write!(
            text,
            "\nA file that breaks only this rule:\n\n{}\n{heard}",
            indented(example)
        );
    }
    Ok(Answer::new(text, &as_json(rule)))
}

fn indented(example: &str) -> String {
    example
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect()
}

/// The example of a rule, and the report of it.
fn heard(rule: &Rule) -> Option<(&'static str, String)> {
    let example = rule.example?;
    let mut problems = read("example.yaml", example).problems;
    problems.retain(|problem| problem.rule == rule.name);
    let report = report(&problems, &|_| Some(example.to_owned()), false);
    Some((example, report))
}

fn as_json(rule: &Rule) -> Json {
    let report = heard(rule).map(|(_, report)| report);
    let mut json = json!(rule);
    json["report"] = json!(report);
    json
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
