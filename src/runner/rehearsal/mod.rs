//! Templates tried with what each mail of a workflow may hold, before any is due: for the checker, for editors, and for
//! whoever publishes.

mod templates;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use self::templates::{as_problem, line_and_column, missing, place_of};
use super::{Mail, mails};
use crate::definition::model::Workflow;
use crate::definition::{Problem, Read};
use crate::message::{
    self, Fault, Finding, Supply, TemplateProblem, TemplateSource, Templates, Uses,
};

/// The templates of a folder, compiled once, and what trying them has shown so far.
#[derive(Debug)]
pub struct Stage {
    root: PathBuf,
    source: TemplateSource,
    compiled: Result<Templates, Vec<TemplateProblem>>,
    /// Mails that use the same of the same kind are tried once.
    tried: BTreeMap<(Uses, Supply), Vec<Finding>>,
    said: BTreeSet<(String, usize, usize, &'static str)>,
    /// What was left over in the templates' own words, which their mails have too.
    left: Vec<Finding>,
}

/// A problem of a template, and the mail that has it.
#[derive(Debug)]
pub struct Heard {
    mail: String,
    template: String,
    /// The problem, where it stands in the template.
    pub problem: Problem,
}

impl Stage {
    /// Compiles templates; `root` is only where they lie, for their problems.
    #[must_use]
    pub fn new(root: &Path, source: TemplateSource) -> Self {
        Self {
            root: root.to_owned(),
            compiled: Templates::compile_to_try(&source),
            tried: BTreeMap::new(),
            said: BTreeSet::new(),
            left: message::leftovers(&source),
            source,
        }
    }

    /// Where they lie.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// As they were written.
    #[must_use]
    pub fn source(&self) -> &TemplateSource {
        &self.source
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

    /// Templates that a workflow needs and that are not there, each where the workflow needs it.
    #[must_use]
    pub fn missing(&self, file: &str, text: &str, read: &Read) -> Vec<Problem> {
        missing(file, text, read, &self.root, &self.source)
    }

    /// What is wrong between a workflow and the templates, each where the workflow has to do with it; for editors.
    pub fn with_workflow(&mut self, file: &str, text: &str, read: &Read) -> Vec<Problem> {
        let mut problems = self.missing(file, text, read);
        let heard = self.try_all(read).into_iter();
        problems.extend(heard.map(|heard| in_workflow(file, text, read, heard)));
        problems
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
    #[must_use]
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
fn in_workflow(file: &str, text: &str, read: &Read, heard: Heard) -> Problem {
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
    use crate::definition::read;

    /// The texts below a folder of this repository, by their path in it.
    fn below(folder: &str) -> BTreeMap<String, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let (mut texts, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(at) = folders.pop() {
            for entry in std::fs::read_dir(at).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("below").display();
                    let text = std::fs::read_to_string(&path).expect("a text");
                    texts.insert(name.to_string(), text);
                }
            }
        }
        texts
    }

    fn stage() -> Stage {
        let files = below("email-templates");
        Stage::new(Path::new("email-templates"), TemplateSource { files })
    }

    /// A branch that is not rendered is not checked, so the samples have to reach them all.
    #[test]
    fn every_branch_of_what_is_shipped_is_rendered() {
        let stage = stage();
        let templates = stage.compiled.as_ref().expect("they compile");
        let (mut branches, mut taken) = (BTreeSet::new(), BTreeSet::new());
        let mut used = BTreeSet::new();
        for (name, text) in below("workflows") {
            let read = read(&name, &text);
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
        let stage = stage();
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
        for (name, text) in below("workflows") {
            for workflow in read(&name, &text).workflows() {
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
