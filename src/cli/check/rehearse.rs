//! Templates tried with what each mail of a workflow may hold, before any is due.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::templates::{as_problem, line_and_column, place_of};
use crate::definition::model::Workflow;
use crate::definition::{Problem, Read};
use crate::message::{self, Fault, Finding, Supply, TemplateSource, Templates, Uses};
use crate::runner::{Mail, mails};

/// The templates below a folder, and what trying them has shown so far.
pub(super) struct Stage<'s> {
    pub root: &'s Path,
    pub source: &'s TemplateSource,
    /// None when they cannot be compiled, which is reported where they are.
    templates: Option<Templates>,
    /// Mails that use the same of the same kind are tried once.
    tried: BTreeMap<(Uses, Supply), Vec<Finding>>,
    said: BTreeSet<(String, usize, usize, &'static str)>,
    /// What was left over in the templates' own words, which their mails have too.
    left: Vec<Finding>,
}

/// A problem of a template, and the mail that has it.
pub(super) struct Heard {
    pub mail: String,
    pub template: String,
    pub problem: Problem,
}

impl<'s> Stage<'s> {
    pub fn new(root: &'s Path, source: &'s TemplateSource) -> Self {
        Self {
            root,
            source,
            templates: Templates::compile_to_try(source).ok(),
            tried: BTreeMap::new(),
            said: BTreeSet::new(),
            left: message::leftovers(source),
        }
    }

    /// What was left over in the templates' own words.
    pub fn leftovers(&self) -> impl Iterator<Item = Problem> {
        self.left.iter().map(|Finding { fault, problem }| {
            problem_of(self.root, self.source, *fault, problem.clone())
        })
    }

    /// What is wrong with the templates of a workflow's mails, its variants' too; each thing once.
    pub fn try_all(&mut self, read: &Read) -> Vec<Heard> {
        let workflows: Vec<&Workflow> = read.workflows().collect();
        let mut heard = Vec::new();
        for workflow in workflows {
            for mail in mails(workflow) {
                heard.extend(self.try_mail(workflow, &mail));
            }
        }
        heard
    }

    fn try_mail(&mut self, workflow: &Workflow, mail: &Mail<'_>) -> Vec<Heard> {
        let Some(templates) = &self.templates else {
            return Vec::new();
        };
        let language = &workflow.language;
        let mut names = mail.templates.iter();
        let Some(template) = names.find(|name| templates.has(language, name)) else {
            return Vec::new();
        };
        let (uses, mut findings) = templates.uses(language, template, &mail.names);
        // What asks for a wrong name cannot be rendered; that is said already.
        if findings.is_empty() {
            let needed = uses.of(&mail.names);
            let tried = self.tried.entry((uses, needed));
            let tried = tried.or_insert_with_key(|(uses, needed)| {
                templates
                    .rehearse(uses, needed)
                    .findings
                    .into_iter()
                    .collect()
            });
            findings.clone_from(tried);
        }
        let of = format!(
            "mail \"{}\" of {} to {}",
            mail.name,
            workflow.id,
            mail.to.join(", ")
        );
        let problems = findings.into_iter().filter_map(|finding| {
            Some(Heard {
                mail: mail.name.to_owned(),
                template: template.clone(),
                problem: self.say(finding, &of)?,
            })
        });
        problems.collect()
    }

    /// A finding among the other problems, unless it has been said.
    fn say(&mut self, finding: Finding, of: &str) -> Option<Problem> {
        let Finding { fault, mut problem } = finding;
        let is_left = |left: &Finding| left.fault == fault && left.problem.file == problem.file;
        if self.left.iter().any(is_left) {
            return None;
        }
        problem.message = format!("{} ({of})", problem.message);
        let place = (
            problem.file.clone(),
            problem.line,
            problem.column,
            rule(fault),
        );
        self.said
            .insert(place)
            .then(|| problem_of(self.root, self.source, fault, problem))
    }
}

fn problem_of(
    root: &Path,
    source: &TemplateSource,
    fault: Fault,
    problem: message::TemplateProblem,
) -> Problem {
    let text = source.files.get(&problem.file);
    let file = root.join(&problem.file).display().to_string();
    as_problem(rule(fault), &file, text.map_or("", String::as_str), problem)
}

fn rule(fault: Fault) -> &'static str {
    match fault {
        Fault::Unknown => "unknown-data",
        Fault::Kind => "wrong-data",
        Fault::Confidential => "confidential-data",
        Fault::Fails => "unwritable-mail",
        Fault::Leftover => "leftover",
        Fault::Cpr => "cpr-number",
        Fault::Parts => "unlike-parts",
    }
}

/// The same problem where a workflow names the template, for an editor that has the workflow open.
pub(super) fn in_workflow(file: &str, text: &str, read: &Read, heard: Heard) -> Problem {
    let Heard {
        mail,
        template,
        problem,
    } = heard;
    let mut named = read.templates.iter();
    let span = named
        .find(|used| used.name == template)
        .map_or_else(|| place_of(text, &mail), |used| used.span.clone());
    let (line, column) = line_and_column(text, span.start);
    let message = format!(
        "{}:{}:{}: {}",
        problem.file, problem.line, problem.column, problem.message
    );
    Problem {
        file: file.to_owned(),
        line,
        column,
        span,
        message,
        ..problem
    }
}
