//! Templates tried before any mail is due: every name compared with what the mail can supply, and
//! every branch rendered with samples of it.

use std::collections::BTreeSet;
use std::ops::Range;

use handlebars::Context;
use serde_json::Value as Json;

use super::marks::{Marks, Unmarked};
use super::references::{ITEM, References, Used};
use super::samples::{Draw, Samples};
use super::scan;
use super::source::{self, Fault, Finding, Part, TemplateProblem, TemplateSource, why_key};
use super::supply::{Kind, Supply};
use super::templates::{Templates, explain};

/// So many further samples are tried for branches that were not reached.
const FURTHER_MAX: u64 = 192;
/// After so many in a row that reached nothing new, the rest is taken to be out of this mail's reach.
const IDLE_MAX: u32 = 96;

/// What a template uses of a mail's data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uses(Used, String, String);

impl Uses {
    /// What of a mail's names they need, as far as it makes a difference to what is written: two mails
    /// for which this is the same are tried once.
    #[must_use]
    pub fn of(&self, names: &Supply) -> Supply {
        pruned(names, &self.0, false)
    }
}

fn pruned(supply: &Supply, used: &Used, whole: bool) -> Supply {
    let whole = whole || used.compared;
    let nothing = Used::default();
    let kind = match &supply.kind {
        Kind::Map(names) => {
            let names = names.iter().filter_map(|(name, supply)| {
                let part = used.parts.get(name);
                let part = if whole { part.or(Some(&nothing)) } else { part };
                Some((name.clone(), pruned(supply, part?, whole)))
            });
            Kind::Map(names.collect())
        }
        Kind::List(item, least, most) => {
            let part = used.parts.get(ITEM).unwrap_or(&nothing);
            Kind::List(Box::new(pruned(item, part, whole)), *least, *most)
        }
        // Which text it is matters where it is compared, or where it is a link, or drawn and not said.
        Kind::Text(values) if !whole && used.literals.is_empty() => {
            let is_drawn = |value: &str| !value.contains(char::is_alphanumeric);
            let kept = values
                .iter()
                .filter(|value| value.contains("://") || is_drawn(value));
            Kind::Text(kept.cloned().collect())
        }
        kind => kind.clone(),
    };
    let blank = supply.blank.clone();
    Supply { kind, blank }
}

/// What trying a template showed.
#[derive(Debug, Default)]
pub struct Tried {
    /// What is wrong, each thing once.
    pub findings: BTreeSet<Finding>,
    /// Branches in the template's own files, and those of them that were rendered.
    pub branches: BTreeSet<usize>,
    /// Branches that were rendered.
    pub taken: BTreeSet<usize>,
}

impl Templates {
    /// What a template uses, and what of it the mail does not have or has of another kind.
    #[must_use]
    pub fn uses(&self, language: &str, name: &str, names: &Supply) -> (Uses, Vec<Finding>) {
        let mut used = Used::default();
        let mut findings = Vec::new();
        for part in Part::ALL {
            if let Some(registry) = self.registry(language, part) {
                let file = format!("{language}/{name}/{}", part.file());
                let (own, found) = References::of(registry, &part.key(name), file, names);
                used.join(own);
                findings.extend(found);
            }
        }
        (Uses(used, language.to_owned(), name.to_owned()), findings)
    }

    /// What a mail might hold, for people to look at: invented, and all of it filled.
    #[must_use]
    pub fn sample(&self, language: &str, name: &str, names: &Supply) -> Json {
        let (Uses(used, ..), _) = self.uses(language, name, names);
        Samples::new(names, &used).make(Draw::Spoken)
    }

    /// Renders a template with samples until each branch was taken that can be, and looks at all
    /// that comes out.
    #[must_use]
    pub fn rehearse(&self, uses: &Uses, names: &Supply) -> Tried {
        let Uses(used, language, name) = uses;
        let mut samples = Samples::new(names, used);
        let mut tried = Tried {
            branches: self.branches(language, name),
            ..Tried::default()
        };
        for draw in samples.draws() {
            self.try_one(language, name, &samples.make(draw), &mut tried);
        }
        let mut idle = 0;
        for seed in 0..FURTHER_MAX {
            if idle == IDLE_MAX || tried.branches.is_subset(&tried.taken) {
                break;
            }
            let before = tried.taken.len();
            let sample = samples.make(Draw::Random(seed));
            self.try_one(language, name, &sample, &mut tried);
            idle = if tried.taken.len() > before {
                0
            } else {
                idle + 1
            };
        }
        tried
    }

    /// The file, line and column of what a branch belongs to.
    #[must_use]
    pub fn branch(&self, number: usize) -> Option<(&str, usize, usize)> {
        let place = self.marks.of(number)?;
        Some((&place.file, place.line, place.column))
    }

    fn branches(&self, language: &str, name: &str) -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        for part in Part::ALL {
            let registry = self.registry(language, part);
            // With a layout around them, the template's own files stand beside the whole.
            for key in [part.key(name), part.body_key(name), why_key(name)] {
                let template = registry.and_then(|registry| registry.get_template(&key));
                if let Some(template) = template {
                    self.marks.branches_of(template, &mut all);
                }
            }
        }
        all
    }

    fn try_one(&self, language: &str, name: &str, sample: &Json, tried: &mut Tried) {
        let context = Context::from(sample.clone());
        let mut whole = Vec::new();
        for part in Part::ALL {
            let Some(registry) = self.registry(language, part) else {
                return;
            };
            let file = format!("{language}/{name}/{}", part.file());
            match registry.render_with_context(&part.key(name), &context) {
                Ok(rendered) => {
                    let unmarked = Marks::unmark(&rendered);
                    tried.taken.extend(unmarked.passed());
                    self.look(&file, part, &unmarked, tried);
                    whole.push((file, unmarked));
                }
                Err(error) => {
                    let problem = explain(&error, file).into_problem();
                    let fault = Fault::Fails;
                    tried.findings.insert(Finding { fault, problem });
                }
            }
        }
        if let [_, (text_file, text), (html_file, html)] = whole.as_slice() {
            self.compare((text_file, text), (html_file, html), tried);
        }
    }

    /// What is wrong in a part, whatever the other parts say.
    fn look(&self, file: &str, part: Part, rendered: &Unmarked, tried: &mut Tried) {
        let seen = match part {
            Part::Html => scan::words_of(&rendered.text),
            Part::Subject | Part::Text => rendered.text.clone(),
        };
        if seen.trim().is_empty() {
            let message = "it comes out with nothing in it".to_owned();
            let help = "say in a word what the mail is about".to_owned();
            tried.add(Fault::Parts, (file, 1, 1), message, Some(help));
        }
        let mut found = |range: Option<Range<usize>>, fault, what: &str, help: &str| {
            if let Some(range) = range {
                let place = self.place(file, rendered, range.end - 1);
                let message = format!("{what}: {}", around(&rendered.text, &range));
                tried.add(fault, place, message, Some(help.to_owned()));
            }
        };
        let text = &rendered.text;
        let cpr = "write that it lies behind the login, and put {{link}} in";
        found(scan::cpr(text), Fault::Cpr, "this may be a CPR number", cpr);
        let braces = text.find("{{").map(|at| at..at + 2);
        let help = "a name is written {{name}}, without \\ before it";
        found(braces, Fault::Leftover, "braces are left", help);
        if part == Part::Html {
            let help = "put the link inside {{#if …}}";
            let link = scan::empty_link(text);
            found(link, Fault::Leftover, "this link leads nowhere", help);
            let help = "open and close it inside the same {{#if …}} or {{#each …}}";
            let tag = scan::unbalanced(text);
            found(tag, Fault::Leftover, "this tag has no other end", help);
        } else {
            let help = "put what surrounds the name inside {{#if …}} too";
            let hole = scan::hole(text.trim());
            let hole = hole.map(|hole| {
                let trimmed = text.len() - text.trim_start().len();
                hole.start + trimmed..hole.end + trimmed
            });
            found(hole, Fault::Leftover, "an empty name leaves a hole", help);
        }
    }

    /// Whether the two bodies say the same: every figure of the text, every link of the HTML.
    fn compare(&self, text: (&str, &Unmarked), html: (&str, &Unmarked), tried: &mut Tried) {
        let (said, html_words) = (&text.1.text, scan::words_of(&html.1.text));
        let shown: BTreeSet<&str> = scan::figures(&html_words).collect();
        if let Some(figure) = scan::figures(said).find(|figure| !shown.contains(figure)) {
            // The figure is a part of the text, so its place there is known.
            let at = figure.as_ptr() as usize - said.as_ptr() as usize;
            let place = self.place(text.0, text.1, at);
            let message = format!(
                "body.html.hbs does not say \"{figure}\": {}",
                around(said, &(at..at + figure.len()))
            );
            let help = "both bodies are the same mail".to_owned();
            tried.add(Fault::Parts, place, message, Some(help));
        }
        if let Some(link) = scan::links(&html.1.text).find(|link| !said.contains(link)) {
            let at = link.as_ptr() as usize - html.1.text.as_ptr() as usize;
            let place = self.place(html.0, html.1, at);
            let message = format!("body.txt.hbs does not have the link {link}");
            let help = "both bodies are the same mail".to_owned();
            tried.add(Fault::Parts, place, message, Some(help));
        }
    }

    fn place<'a>(
        &'a self,
        file: &'a str,
        rendered: &Unmarked,
        at: usize,
    ) -> (&'a str, usize, usize) {
        let place = self.marks.place(rendered, at);
        place.map_or((file, 1, 1), |place| {
            (place.file.as_str(), place.line, place.column)
        })
    }
}

impl Tried {
    fn add(
        &mut self,
        fault: Fault,
        (file, line, column): (&str, usize, usize),
        message: String,
        help: Option<String>,
    ) {
        let same = |finding: &Finding| {
            let problem = &finding.problem;
            finding.fault == fault
                && (problem.file.as_str(), problem.line, problem.column) == (file, line, column)
        };
        if self.findings.iter().any(same) {
            return;
        }
        let problem = TemplateProblem {
            file: file.to_owned(),
            line,
            column,
            message,
            help,
        };
        self.findings.insert(Finding { fault, problem });
    }
}

/// What the words of templates have in them, rendered or not: CPR numbers and leftovers.
#[must_use]
pub fn leftovers(source: &TemplateSource) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in &source.files {
        if !source::is_template(file) {
            continue;
        }
        let text = without_tags(text);
        let mut found = |range: Option<Range<usize>>, fault, what: &str, help: &str| {
            if let Some(range) = range {
                let before = &text[..range.start];
                let line_start = before.rfind('\n').map_or(0, |at| at + 1);
                let problem = TemplateProblem {
                    file: file.clone(),
                    line: before.matches('\n').count() + 1,
                    column: before[line_start..].chars().count() + 1,
                    message: format!("{what}: {}", &text[range]),
                    help: Some(help.to_owned()),
                };
                findings.push(Finding { fault, problem });
            }
        };
        let help = "write that it lies behind the login, and put {{link}} in";
        found(
            scan::cpr(&text),
            Fault::Cpr,
            "this may be a CPR number",
            help,
        );
        let help = "write what belongs there, or leave it out";
        let left = scan::blank(&text);
        found(left, Fault::Leftover, "something is left to fill in", help);
    }
    findings
}

/// The same text, of the same length, with blanks for its tags.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        plain.push_str(&rest[..open]);
        let tag = &rest[open..];
        let end = if tag.starts_with("{{!--") {
            tag.find("--}}").map(|at| at + 4)
        } else {
            tag.find("}}").map(|at| at + 2)
        };
        let (tag, after) = tag.split_at(end.unwrap_or(tag.len()));
        // Newlines stay, so that lines are counted as they are; a letter keeps figures apart.
        plain.extend(tag.chars().map(|c| if c == '\n' { '\n' } else { '_' }));
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// The line around a place, no longer than is read at a glance.
fn around(text: &str, range: &Range<usize>) -> String {
    let line_start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |at| range.end + at);
    let start = text.ceil_char_boundary(line_start.max(range.start.saturating_sub(30)));
    let end = text.floor_char_boundary(line_end.min(range.end + 30));
    text[start..end].trim().to_owned()
}
