//! `tovholder check`: every problem of every workflow and template, in one run.

mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::files::{self, Found, HBS, YAML};
use super::{Answer, Failure};
use crate::config::Texts;
use crate::definition::{self, Problem, Severity, report, rule};
use crate::runner::rehearsal::Stage;

const EXAMPLES: &str = "\
Examples:
  tovholder check                                  all workflows and templates
  tovholder check workflows/jrs-bliv-klar-til-sosu.yaml
  tovholder check email-templates/da/network-mail
  tovholder check --deny warnings                  for a pipeline
  tovholder check --rules                          what is looked for
  tovholder check --explain may-wait
  tovholder check --format json

A warning that is right where it stands is allowed in the file, with a reason:
  # tovholder: allow may-wait because the coordinator decides each case

Exit code 0: no errors (warnings may be, unless denied). 1: errors.";

/// Every problem of every workflow and template, each with its place and what to do.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Workflow files, template files, or folders of them; without any, all.
    paths: Vec<PathBuf>,
    /// Takes warnings for errors.
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Lists all rules, instead of checking.
    #[arg(long, conflicts_with_all = ["paths", "deny", "explain"])]
    rules: bool,
    /// Tells of one rule, with a file that breaks it, instead of checking.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["paths", "deny"])]
    explain: Option<String>,
    #[command(flatten)]
    texts: Texts,
}

/// What is taken for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

/// What was read and what was found.
#[derive(Default)]
struct Checked {
    problems: Vec<Problem>,
    /// The text of every file with problems, by the name they have for it.
    sources: BTreeMap<String, String>,
    workflows: usize,
    templates: BTreeSet<String>,
}

impl Check {
    pub fn run(&self) -> Result<Answer, Failure> {
        match &self.explain {
            Some(rule) => rules::explain(rule),
            None if self.rules => Ok(rules::list()),
            None => Ok(self.check()),
        }
    }

    fn check(&self) -> Answer {
        let mut checked = Checked::default();
        // All templates are read whatever was asked: workflows name them.
        let mut usual = stage(&self.texts.templates);
        let mut others: BTreeMap<PathBuf, Stage> = BTreeMap::new();
        let asked = self.asked();
        for path in asked.iter().filter(|path| !files::is_one_of(path, &HBS)) {
            checked.workflows(path, &mut usual);
        }
        for path in &asked {
            let has_any = path.is_dir() && has_templates(path);
            if !has_any && !files::is_one_of(path, &HBS) {
                continue;
            }
            let root = root_of(path, usual.root());
            if root == usual.root() {
                checked.templates(&usual, path);
                // What its mails may hold the workflows tell, whether they were asked for or not.
                checked.tried(path, &self.texts.workflows, &mut usual);
            } else {
                let stage = others.entry(root).or_insert_with_key(|root| stage(root));
                checked.templates(stage, path);
            }
        }
        checked.answer(self.deny)
    }

    fn asked(&self) -> Vec<PathBuf> {
        if self.paths.is_empty() {
            return vec![self.texts.workflows.clone(), self.texts.templates.clone()];
        }
        self.paths.clone()
    }
}

impl Checked {
    fn workflows(&mut self, path: &Path, stage: &mut Stage) {
        let found = Found::below(path, &YAML);
        self.problems.extend(found.problems);
        for (path, text) in found.texts {
            let file = path.display().to_string();
            let read = definition::read(&file, &text);
            self.workflows += 1;
            self.problems.extend(stage.missing(&file, &text, &read));
            for heard in stage.try_all(&read) {
                self.of_template(stage, heard.problem);
            }
            self.problems.extend(read.problems);
            self.sources.insert(file, text);
        }
    }

    /// The problems of the templates below a path, which may be a part of a root.
    fn templates(&mut self, stage: &Stage, path: &Path) {
        let below = |file: &&String| stage.root().join(file).starts_with(path);
        for file in stage.source().files.keys().filter(below) {
            if let Some(folder) = file.rsplit_once('/').map(|(folder, _)| folder) {
                self.templates.insert(folder.to_owned());
            }
        }
        self.problems.extend(Found::below(path, &HBS).problems);
        for problem in stage.problems() {
            if Path::new(&problem.file).starts_with(path) {
                self.of_template(stage, problem);
            }
        }
    }

    /// What the mails of workflows that were not asked for show of the templates below a path.
    fn tried(&mut self, path: &Path, workflows: &Path, stage: &mut Stage) {
        for (workflow, text) in Found::below(workflows, &YAML).texts {
            let file = workflow.display().to_string();
            if self.sources.contains_key(&file) {
                continue;
            }
            for heard in stage.try_all(&definition::read(&file, &text)) {
                if Path::new(&heard.problem.file).starts_with(path) {
                    self.of_template(stage, heard.problem);
                }
            }
        }
    }

    /// A template's problem, with the text it is shown in.
    fn of_template(&mut self, stage: &Stage, problem: Problem) {
        let text = stage.text_of(&problem.file);
        let text = text.map(|text| (problem.file.clone(), text.clone()));
        self.sources.extend(text);
        self.problems.push(problem);
    }

    fn answer(mut self, deny: Option<Deny>) -> Answer {
        self.problems
            .sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.problems.dedup();
        for problem in &self.problems {
            debug_assert!(
                rule::named(problem.rule).is_some(),
                "{} is in the list of rules",
                problem.rule
            );
        }
        let errors = self
            .problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .count();
        let warnings = self.problems.len() - errors;
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let templates = self
            .templates
            .iter()
            .filter(|folder| !Path::new(folder).ends_with("partials"))
            .count();
        let checked = format!(
            "Checked {} and {}",
            count(self.workflows, "workflow"),
            count(templates, "template")
        );
        let found = match (errors, warnings) {
            (0, 0) => "no problems".to_owned(),
            (0, warnings) => count(warnings, "warning"),
            (errors, 0) => count(errors, "error"),
            (errors, warnings) => format!(
                "{} and {}",
                count(errors, "error"),
                count(warnings, "warning")
            ),
        };
        let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let mut text = report(
            &self.problems,
            &|file| self.sources.get(file).cloned(),
            color,
        );
        if !text.is_empty() {
            text.push('\n');
        }
        let denied = deny == Some(Deny::Warnings) && warnings > 0;
        let verdict = if denied { ", which is denied" } else { "" };
        let _ = writeln!(text, "{checked}: {found}{verdict}.");
        let json = json!({
            "workflows": self.workflows, "templates": templates, "errors": errors, "warnings": warnings,
            "problems": self.problems,
        });
        Answer {
            text,
            json,
            has_problems: errors > 0 || denied,
        }
    }
}

/// What is wrong between a workflow and the templates below a folder; for editors.
pub(super) fn with_templates(
    workflow: &Path,
    text: &str,
    read: &definition::Read,
    root: &Path,
) -> Vec<Problem> {
    stage(root).with_workflow(&workflow.display().to_string(), text, read)
}

/// The templates below a folder.
fn stage(root: &Path) -> Stage {
    Stage::new(root, files::templates_in(root, &Found::below(root, &HBS)))
}

fn has_templates(folder: &Path) -> bool {
    let found = Found::below(folder, &HBS);
    !found.texts.is_empty()
        || found
            .problems
            .iter()
            .any(|problem| problem.rule == "not-utf8")
}

/// The folder of templates that a path belongs to: the usual one when it lies there, else the
/// folder above the languages.
fn root_of(path: &Path, usual: &Path) -> PathBuf {
    if path.starts_with(usual) {
        return usual.to_owned();
    }
    let found = Found::below(path, &HBS);
    let file = found
        .texts
        .keys()
        .next()
        .cloned()
        .unwrap_or_else(|| path.to_owned());
    // LANGUAGE/NAME/FILE
    file.ancestors()
        .nth(3)
        .map_or_else(|| path.to_owned(), Path::to_owned)
}
