//! What can be found wrong in a template before it is ever rendered.
//!
//! Handlebars parses; this reads the parsed tree and says what would fail, or would do something
//! nobody wants, at the moment the mail is due: an unknown helper, a partial that does not exist
//! or includes itself, markup written without escaping. It also closes a hole that strict mode
//! leaves: a partial's arguments (see [`seal`]).

use std::collections::{BTreeMap, HashMap};

use handlebars::Template;
use handlebars::template::{
    DecoratorTemplate, HelperTemplate, Parameter, Subexpression, TemplateElement,
};

use super::helpers::{BLOCKS, KNOWN, VALUES};
use super::source::{LAYOUTS, TemplateProblem};

/// What a layout surrounds: a mail's body, and the sentence that says why it is sent.
pub(super) const SLOTS: [&str; 2] = ["body", "why"];
/// The name by which a partial writes the block it was given.
pub(super) const PARTIAL_BLOCK: &str = "@partial-block";

/// A place in a template's file; both count from 1.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: usize,
    column: usize,
}

/// One use of a partial.
struct PartialUse {
    name: String,
    place: Place,
}

/// Reads one template and gathers its problems and the partials it uses.
pub(super) struct Reading<'a> {
    file: &'a str,
    /// HTML is escaped; a tag that switches this off is refused.
    escapes: bool,
    /// A layout has places for a mail's body and for why it is sent.
    is_layout: bool,
    problems: Vec<TemplateProblem>,
    partials: Vec<PartialUse>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(file: &'a str, escapes: bool, template: &Template) -> Reading<'a> {
        let mut reading = Reading {
            file,
            escapes,
            is_layout: LAYOUTS.contains(&file),
            problems: Vec::new(),
            partials: Vec::new(),
        };
        reading.template(template);
        reading
    }

    pub(super) fn into_problems(self) -> Vec<TemplateProblem> {
        self.problems
    }

    /// Reports partials that are not among `known`, with the nearest name that is.
    pub(super) fn missing_partials(&mut self, known: &BTreeMap<String, &Template>) {
        self.missing_slots();
        for used in std::mem::take(&mut self.partials) {
            let is_slot = self.is_layout && SLOTS.contains(&&*used.name);
            if used.name == PARTIAL_BLOCK || is_slot || known.contains_key(&used.name) {
                continue;
            }
            let near = nearest(&used.name, known.keys().map(String::as_str));
            let help = near.unwrap_or_else(|| {
                "put it in the language's partials directory, with .hbs at the end".to_owned()
            });
            let message = format!("there is no partial \"{}\"", used.name);
            self.problem(used.place, message, Some(help));
        }
    }

    /// A layout that leaves out the body, or why a mail is sent, would do so in every mail.
    fn missing_slots(&mut self) {
        if !self.is_layout {
            return;
        }
        for slot in SLOTS {
            if !self.partials.iter().any(|used| used.name == slot) {
                let message = format!("the layout has no {{{{> {slot}}}}}");
                self.problem(Place { line: 1, column: 1 }, message, None);
            }
        }
    }

    fn problem(&mut self, place: Place, message: String, help: Option<String>) {
        self.problems.push(TemplateProblem {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            message,
            help,
        });
    }

    fn template(&mut self, template: &Template) {
        for (element, at) in template.elements.iter().zip(&template.mapping) {
            self.element(
                element,
                Place {
                    line: at.0,
                    column: at.1,
                },
            );
        }
    }

    fn element(&mut self, element: &TemplateElement, place: Place) {
        match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
            TemplateElement::Expression(tag) => self.expression(tag, place),
            TemplateElement::HtmlExpression(tag) => {
                if self.escapes {
                    self.problem(
                        place,
                        "three braces write a value into HTML without escaping it".to_owned(),
                        Some("use two braces: a name may hold < or &".to_owned()),
                    );
                }
                self.expression(tag, place);
            }
            TemplateElement::HelperBlock(tag) => self.block(tag, place),
            TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                self.partial(tag, place);
            }
            // The tree may grow kinds in a later handlebars; an unknown one is not let through.
            _ => self.problem(
                place,
                "decorators such as {{#*inline}} are not used here".to_owned(),
                Some("put shared text in the language's partials directory".to_owned()),
            ),
        }
    }

    fn expression(&mut self, tag: &HelperTemplate, place: Place) {
        let bare = tag.params.is_empty() && tag.hash.is_empty();
        match &tag.name {
            Parameter::Subexpression(inner) => self.subexpression(inner, place),
            name if bare => self.bare(name.as_name().unwrap_or_default(), place),
            name => self.value_helper(name.as_name().unwrap_or_default(), tag.params.len(), place),
        }
        self.parameters(&tag.params, &tag.hash, place);
    }

    /// A name alone is data, unless a helper has that name: then it would be called with nothing.
    fn bare(&mut self, name: &str, place: Place) {
        if VALUES.iter().any(|(helper, ..)| *helper == name) || BLOCKS.contains(&name) {
            self.problem(
                place,
                format!("\"{name}\" is a helper and needs a value"),
                Some(format!(
                    "{{{{{name} …}}}}; data of that name is written this.{name}"
                )),
            );
        }
    }

    fn value_helper(&mut self, name: &str, given: usize, place: Place) {
        let Some((_, least, most)) = VALUES.iter().find(|(helper, ..)| *helper == name) else {
            let message = format!("there is no helper \"{name}\" that gives a value");
            return self.problem(
                place,
                message,
                nearest(name, VALUES.iter().map(|(n, ..)| *n)),
            );
        };
        if !(*least..=*most).contains(&given) {
            let message = format!("\"{name}\" takes {}, not {given}", say_range(*least, *most));
            self.problem(place, message, None);
        }
    }

    fn block(&mut self, tag: &HelperTemplate, place: Place) {
        let name = tag.name.as_name().unwrap_or_default();
        if !BLOCKS.contains(&name) {
            let message = format!("there is no helper \"{name}\" that opens a block");
            self.problem(place, message, nearest(name, BLOCKS));
        } else if tag.params.len() != 1 {
            let message = format!("\"{name}\" takes 1 value, not {}", tag.params.len());
            self.problem(place, message, None);
        }
        self.parameters(&tag.params, &tag.hash, place);
        for branch in [&tag.template, &tag.inverse].into_iter().flatten() {
            self.template(branch);
        }
    }

    fn partial(&mut self, tag: &DecoratorTemplate, place: Place) {
        match partial_name(tag) {
            Some(name) => self.partials.push(PartialUse {
                name: name.to_owned(),
                place,
            }),
            None => self.problem(
                place,
                "a partial is named, not computed".to_owned(),
                Some("choose between two partials with {{#if …}}".to_owned()),
            ),
        }
        self.parameters(&tag.params, &tag.hash, place);
        if let Some(block) = &tag.template {
            self.template(block);
        }
    }

    fn parameters(
        &mut self,
        params: &[Parameter],
        hash: &HashMap<String, Parameter>,
        place: Place,
    ) {
        for parameter in params.iter().chain(hash.values()) {
            if let Parameter::Subexpression(inner) = parameter {
                self.subexpression(inner, place);
            }
        }
    }

    fn subexpression(&mut self, inner: &Subexpression, place: Place) {
        if let TemplateElement::Expression(tag) = inner.as_element() {
            let name = tag.name.as_name().unwrap_or_default();
            self.value_helper(name, tag.params.len(), place);
            self.parameters(&tag.params, &tag.hash, place);
        }
    }
}

/// The partial that a tag names, with the quotes or brackets it may be written in taken off.
pub(super) fn partial_name(tag: &DecoratorTemplate) -> Option<&str> {
    let written = tag.name.as_name()?;
    Some(written.trim_matches(['\'', '[', ']']))
}

/// Every partial that a template uses, wherever it stands.
fn partials_used(file: &str, template: &Template) -> Vec<String> {
    let reading = Reading::of(file, false, template);
    reading.partials.into_iter().map(|used| used.name).collect()
}

/// The first partials that include each other in a ring; rendering one would never end.
pub(super) fn ring(partials: &BTreeMap<String, &Template>) -> Option<Vec<String>> {
    let uses: BTreeMap<&str, Vec<String>> = partials
        .iter()
        .map(|(name, t)| (name.as_str(), partials_used(name, t)))
        .collect();
    uses.keys()
        .find_map(|start| ring_from(start, &uses, &mut Vec::new()))
}

fn ring_from(
    name: &str,
    uses: &BTreeMap<&str, Vec<String>>,
    path: &mut Vec<String>,
) -> Option<Vec<String>> {
    if path.first().is_some_and(|first| first == name) {
        return Some(path.clone());
    }
    // A ring further on is found when its own members are the start.
    if path.iter().any(|seen| seen == name) {
        return None;
    }
    path.push(name.to_owned());
    let found = uses
        .get(name)?
        .iter()
        .find_map(|next| ring_from(next, uses, path));
    path.pop();
    found
}

/// Wraps the arguments of partials in the guard helper: `{{> card person=x}}` becomes
/// `{{> card person=(known x)}}`, because handlebars passes an unknown `x` on as null.
pub(super) fn seal(template: &mut Template) {
    for element in &mut template.elements {
        match element {
            TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                for parameter in tag.params.iter_mut().chain(tag.hash.values_mut()) {
                    if matches!(parameter, Parameter::Path(_) | Parameter::Name(_)) {
                        let known = Parameter::Name(KNOWN.to_owned());
                        let guarded = vec![parameter.clone()];
                        let call = Subexpression::new(known, guarded, HashMap::new());
                        *parameter = Parameter::Subexpression(call);
                    }
                }
                if let Some(block) = &mut tag.template {
                    seal(block);
                }
            }
            TemplateElement::HelperBlock(tag) => {
                for branch in [&mut tag.template, &mut tag.inverse].into_iter().flatten() {
                    seal(branch);
                }
            }
            _ => {}
        }
    }
}

fn say_range(least: usize, most: usize) -> String {
    match (least, most) {
        (1, 1) => "1 value".to_owned(),
        (least, most) if least == most => format!("{least} values"),
        (least, most) => format!("{least} to {most} values"),
    }
}

pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min()
        .map(|(_, candidate)| format!("did you mean \"{candidate}\"?"))
}
