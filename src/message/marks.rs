//! Marks in templates that are tried: which branches a rendering took, and which tag a place in the
//! rendered text comes from. A mark is one character of the private planes; mail never has any.

use std::collections::BTreeSet;

use handlebars::Template;
use handlebars::template::{HelperTemplate, TemplateElement};

const FIRST: u32 = 0xF_0000;

/// All marks of some templates, in the order in which they were set.
#[derive(Debug, Default)]
pub(super) struct Marks {
    places: Vec<Place>,
}

/// Where a mark stands.
#[derive(Debug)]
pub(super) struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// Whether it begins a branch that has something in it, or only tells of a place.
    is_branch: bool,
}

/// A rendering without its marks.
pub(super) struct Unmarked {
    pub text: String,
    /// Marks with the byte before which each stood.
    at: Vec<(usize, usize)>,
}

impl Marks {
    /// Sets marks into a template: at the beginning of each branch, and before each value.
    pub fn set(&mut self, file: &str, template: &mut Template) {
        let mut at = 0;
        while at < template.elements.len() {
            let (line, column) = template
                .mapping
                .get(at)
                .map_or((1, 1), |mapping| (mapping.0, mapping.1));
            match &mut template.elements[at] {
                TemplateElement::HelperBlock(tag) => self.branches(file, line, column, tag),
                TemplateElement::PartialBlock(tag) => {
                    if let Some(block) = &mut tag.template {
                        self.set(file, block);
                    }
                }
                TemplateElement::Expression(_) | TemplateElement::HtmlExpression(_) => {
                    self.insert(template, at, file, (line, column), false);
                    at += 1;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn branches(&mut self, file: &str, line: usize, column: usize, tag: &mut HelperTemplate) {
        for branch in [&mut tag.template, &mut tag.inverse] {
            let branch = branch.get_or_insert_with(Template::new);
            self.set(file, branch);
            let says = !branch.elements.is_empty();
            self.insert(branch, 0, file, (line, column), says);
        }
    }

    fn insert(
        &mut self,
        template: &mut Template,
        at: usize,
        file: &str,
        (line, column): (usize, usize),
        is_branch: bool,
    ) {
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let Some(mark) = FIRST.checked_add(number).and_then(char::from_u32) else {
            return;
        };
        self.places.push(Place {
            file: file.to_owned(),
            line,
            column,
            is_branch,
        });
        let mark = TemplateElement::RawString(mark.to_string());
        template.elements.insert(at, mark);
        // What stands in a branch that had nothing needs no place: it cannot fail.
        if let Some(mapping) = template.mapping.get(at).cloned() {
            template.mapping.insert(at, mapping);
        }
    }

    /// The branches in a template's own text, not in its partials.
    pub fn branches_of(&self, template: &Template, all: &mut BTreeSet<usize>) {
        for element in &template.elements {
            match element {
                TemplateElement::RawString(text) => {
                    let number = text.chars().next().and_then(number);
                    all.extend(number.filter(|number| self.is_branch(*number)));
                }
                TemplateElement::HelperBlock(tag) => {
                    for branch in [&tag.template, &tag.inverse].into_iter().flatten() {
                        self.branches_of(branch, all);
                    }
                }
                _ => {}
            }
        }
    }

    /// Where a mark was set.
    pub fn of(&self, number: usize) -> Option<&Place> {
        self.places.get(number)
    }

    fn is_branch(&self, number: usize) -> bool {
        self.places.get(number).is_some_and(|place| place.is_branch)
    }

    /// Takes the marks out of a rendering.
    pub fn unmark(rendered: &str) -> Unmarked {
        let mut text = String::with_capacity(rendered.len());
        let mut at = Vec::new();
        for c in rendered.chars() {
            match number(c) {
                Some(number) => at.push((text.len(), number)),
                None => text.push(c),
            }
        }
        Unmarked { text, at }
    }

    /// The tag that the text at a byte comes from, or the last one before it.
    pub fn place(&self, unmarked: &Unmarked, byte: usize) -> Option<&Place> {
        let before = unmarked.at.iter().rfind(|(at, _)| *at <= byte)?;
        self.places.get(before.1)
    }
}

impl Unmarked {
    /// All marks that were passed.
    pub fn passed(&self) -> impl Iterator<Item = usize> {
        self.at.iter().map(|(_, number)| *number)
    }
}

fn number(c: char) -> Option<usize> {
    u32::from(c)
        .checked_sub(FIRST)
        .and_then(|number| usize::try_from(number).ok())
}
