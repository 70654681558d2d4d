//! Which names of the data a template uses, read from its tree.
//!
//! A checker compares them with what a message can supply, so that a misspelt name is found when
//! the workflow is published and not when the mail is due.

use std::collections::{BTreeSet, HashMap};

use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement,
};
use handlebars::{Handlebars, Template};

use super::check::{PARTIAL_BLOCK, partial_name};

/// What a name means at some point of a template.
struct Scope {
    /// Whether plain names here are names of the data itself, not of an item in a list.
    is_data: bool,
    /// Names that stand for something else: `as |item|` and a partial's arguments.
    own_names: Vec<String>,
}

/// Walks one template and the partials it uses.
pub(super) struct References<'a> {
    registry: &'a Handlebars<'static>,
    scopes: Vec<Scope>,
    found: BTreeSet<String>,
}

impl<'a> References<'a> {
    /// The top-level names used by a registered template and its partials, in every branch.
    pub(super) fn of(registry: &'a Handlebars<'static>, template: &str) -> BTreeSet<String> {
        let data = Scope {
            is_data: true,
            own_names: Vec::new(),
        };
        let mut references = References {
            registry,
            scopes: vec![data],
            found: BTreeSet::new(),
        };
        if let Some(template) = registry.get_template(template) {
            references.template(template);
        }
        references.found
    }

    fn template(&mut self, template: &Template) {
        for element in &template.elements {
            match element {
                TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => {
                    if tag.params.is_empty() && tag.hash.is_empty() {
                        self.parameter(&tag.name);
                    }
                    self.parameters(&tag.params, &tag.hash);
                }
                TemplateElement::HelperBlock(tag) => self.block(tag),
                TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                    self.partial(tag);
                }
                _ => {}
            }
        }
    }

    fn block(&mut self, tag: &HelperTemplate) {
        self.parameters(&tag.params, &tag.hash);
        if let Some(inside) = &tag.template {
            // `if` and `unless` only choose; `each` and `with` change what a plain name means.
            let moves = matches!(tag.name.as_name(), Some("each" | "with"));
            if moves {
                self.scopes.push(Scope {
                    is_data: false,
                    own_names: block_names(tag),
                });
            }
            self.template(inside);
            if moves {
                self.scopes.pop();
            }
        }
        if let Some(otherwise) = &tag.inverse {
            self.template(otherwise);
        }
    }

    fn partial(&mut self, tag: &DecoratorTemplate) {
        self.parameters(&tag.params, &tag.hash);
        let here_is_data = self.scopes.last().is_none_or(|scope| scope.is_data);
        self.scopes.push(Scope {
            is_data: tag.params.is_empty() && here_is_data,
            own_names: tag.hash.keys().cloned().collect(),
        });
        let name = partial_name(tag).filter(|name| *name != PARTIAL_BLOCK);
        if let Some(partial) = name.and_then(|name| self.registry.get_template(name)) {
            self.template(partial);
        }
        if let Some(block) = &tag.template {
            self.template(block);
        }
        self.scopes.pop();
    }

    fn parameters(&mut self, params: &[Parameter], hash: &HashMap<String, Parameter>) {
        for parameter in params.iter().chain(hash.values()) {
            self.parameter(parameter);
        }
    }

    fn parameter(&mut self, parameter: &Parameter) {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) => {
                self.path(parameter.as_name().unwrap_or_default());
            }
            Parameter::Subexpression(inner) => {
                if let TemplateElement::Expression(tag) = inner.as_element() {
                    self.parameters(&tag.params, &tag.hash);
                }
            }
            _ => {}
        }
    }

    fn path(&mut self, written: &str) {
        if let Some(rest) = written.strip_prefix("@root") {
            self.found
                .extend(first_name(rest.trim_start_matches(['.', '/'])));
            return;
        }
        let mut rest = written;
        let mut up = 0;
        while let Some(shorter) = rest.strip_prefix("../") {
            rest = shorter;
            up += 1;
        }
        for own in ["./", "this.", "this/"] {
            rest = rest.strip_prefix(own).unwrap_or(rest);
        }
        let Some(name) = first_name(rest) else { return };
        let is_own = self
            .scopes
            .iter()
            .any(|scope| scope.own_names.contains(&name));
        let scope = self.scopes.iter().rev().nth(up).or(self.scopes.first());
        if !(up == 0 && is_own) && scope.is_some_and(|scope| scope.is_data) {
            self.found.insert(name);
        }
    }
}

/// The first name of a path, unless the path is a local such as `@index` or `this` alone.
fn first_name(path: &str) -> Option<String> {
    let first = path.split(['.', '/']).next().unwrap_or_default();
    let first = first.trim_matches(['[', ']']);
    let names_data = !first.is_empty() && first != "this" && !first.starts_with('@');
    names_data.then(|| first.to_owned())
}

fn block_names(tag: &HelperTemplate) -> Vec<String> {
    let names = match &tag.block_param {
        Some(BlockParam::Single(name)) => vec![name],
        Some(BlockParam::Pair((first, second))) => vec![first, second],
        _ => vec![],
    };
    names
        .into_iter()
        .filter_map(|name| name.as_name().map(str::to_owned))
        .collect()
}
