//! Templates tried with what each mail of a workflow may hold, before any is due.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::templates::{as_problem, line_and_column, place_of};
use crate::cli::files::{self, Found, HBS};
use crate::definition::model::Workflow;
use crate::definition::{Problem, Read};
use crate::message::{
    self, Fault, Finding, Supply, TemplateProblem, TemplateSource, Templates, Uses,
};
use crate::runner::{Mail, mails};

/// The templates below a folder, read and compiled once, and what trying them has shown so far.
pub(super) struct Stage {
    pub root: PathBuf,
    pub source: TemplateSource,
    pub compiled: Result<Templates, Vec<TemplateProblem>>,
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

impl Stage {
    pub fn read(root: &Path) -> Self {
        let source = files::templates_in(root, &Found::below(root, &HBS));
        Self {
            root: root.to_owned(),
            compiled: Templates::compile_to_try(&source),
            tried: BTreeMap::new(),
            said: BTreeSet::new(),
            left: message::leftovers(&source),
            source,
        }
    }

    /// What is wrong with the templates whatever mail they are for.
    pub fn problems(&self) -> impl Iterator<Item = Problem> {
        let left = self
            .left
            .iter()
            .map(|Finding { fault, problem }| (rule(*fault), problem));
        let syntax = self.compiled.as_ref().err().into_iter().flatten();
        left.chain(syntax.map(|problem| ("template", problem)))
            .map(|(rule, problem)| self.problem_of(rule, problem.clone()))
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
        let Ok(templates) = &self.compiled else {
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
            .then(|| self.problem_of(rule(fault), problem))
    }

    fn problem_of(&self, rule: &'static str, problem: TemplateProblem) -> Problem {
        let text = self.source.files.get(&problem.file);
        let file = self.root.join(&problem.file).display().to_string();
        as_problem(rule, &file, text.map_or("", String::as_str), problem)
    }

    /// The text of a template, by the name that its problems have for it.
    pub fn text_of(&self, file: &str) -> Option<&String> {
        let below = Path::new(file).strip_prefix(&self.root).ok()?;
        self.source.files.get(&below.display().to_string())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::files::YAML;
    use crate::definition::read;

    /// A branch that is not rendered is not checked, so the samples have to reach them all.
    #[test]
    fn every_branch_of_what_is_shipped_is_rendered() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let stage = Stage::read(&root.join("email-templates"));
        let templates = stage.compiled.as_ref().expect("they compile");
        let (mut branches, mut taken) = (BTreeSet::new(), BTreeSet::new());
        let mut used = BTreeSet::new();
        for (path, text) in Found::below(&root.join("workflows"), &YAML).texts {
            let read = read(&path.display().to_string(), &text);
            for workflow in read.workflows() {
                for mail in mails(workflow) {
                    let mut names = mail.templates.iter();
                    let name = names.find(|name| templates.has("da", name)).expect("one");
                    let (uses, findings) = templates.uses("da", name, &mail.names);
                    assert_eq!(findings, [], "{name}");
                    used.insert(name.clone());
                    let tried = templates.rehearse(&uses, &uses.of(&mail.names));
                    assert!(tried.findings.is_empty(), "{:?}", tried.findings);
                    branches.extend(tried.branches);
                    taken.extend(tried.taken);
                }
            }
        }
        assert!(branches.len() > 100, "{}", branches.len());
        let never: Vec<(&str, usize, usize)> = branches
            .difference(&taken)
            .filter_map(|branch| templates.branch(*branch))
            .collect();
        assert_eq!(never, [], "what no mail says is left out");
        let unused: Vec<&str> = templates
            .names("da")
            .into_iter()
            .filter(|name| !used.contains(*name))
            .collect();
        assert_eq!(unused, [""; 0], "each template is some mail's");
    }

    /// Mail is rendered from flat and styled texts, and tried as it was written: they say the same.
    #[test]
    fn what_is_sent_is_what_was_tried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let stage = Stage::read(&root.join("email-templates"));
        let tried = stage.compiled.as_ref().expect("they compile");
        let sent = Templates::compile(&stage.source).expect("they compile");
        // Marks are characters of the private planes; elements have got their style.
        let unmarked = |text: &str| text.replace(|c| c >= '\u{F0000}', "");
        let words = |html: &str| {
            let body = html.split_once("<body").expect("a body").1;
            let pieces = body.split('<').filter_map(|piece| piece.split_once('>'));
            let text: String = pieces.map(|(_, text)| text).collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut compared = 0;
        for (path, text) in Found::below(&root.join("workflows"), &YAML).texts {
            for workflow in read(&path.display().to_string(), &text).workflows() {
                for mail in mails(workflow) {
                    let mut names = mail.templates.iter();
                    let name = names.find(|name| sent.has("da", name)).expect("one");
                    let sample = sent.sample("da", name, &mail.names);
                    let sent = sent.render("da", name, &sample).expect("rendered");
                    let tried = tried.render("da", name, &sample).expect("rendered");
                    assert_eq!(sent.subject, unmarked(&tried.subject), "{name}");
                    assert_eq!(sent.text, unmarked(&tried.text), "{name}");
                    assert_eq!(words(&sent.html), words(&unmarked(&tried.html)), "{name}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 200, "{compared}");
    }
}
