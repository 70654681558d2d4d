//! Which names of the data a template uses, read from its tree and compared with what its mail can
//! supply: nested names too, lists where lists are meant, dates where dates are.
//!
//! Branches that a mail never takes are not read: what is always empty in it opens no `{{#if}}`.

mod calls;
mod paths;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, Subexpression, TemplateElement,
};
use handlebars::{Handlebars, Template};

use super::check::{PARTIAL_BLOCK, partial_name};
use super::source::{Fault, Finding, TemplateProblem};
use super::supply::{Kind, Supply};

/// A part of the data that a template uses, and the parts of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Used {
    pub parts: BTreeMap<String, Used>,
    /// It is compared with something else.
    pub compared: bool,
    /// Texts that it is compared with.
    pub literals: BTreeSet<String>,
}

/// The name of the items of a list among its parts.
pub(super) const ITEM: &str = "[]";

/// Where a value lies in the data.
type Path = Vec<String>;

/// What a name means at some point of a template.
#[derive(Clone)]
struct Scope<'s> {
    here: Meaning<'s>,
    /// Names that stand for something else: `as |item|` and a partial's arguments.
    own: HashMap<String, Meaning<'s>>,
}

/// What a parameter stands for.
#[derive(Clone)]
enum Meaning<'s> {
    Data(&'s Supply, Path),
    Literal(String),
    Truth(Option<bool>),
    /// The text, number or date that a helper or the language makes.
    Made,
    /// Reported already, or within something that is always empty.
    Lost,
}

/// Walks one template and the partials it uses.
pub(super) struct References<'a, 's> {
    registry: &'a Handlebars<'static>,
    scopes: Vec<Scope<'s>>,
    file: String,
    place: (usize, usize),
    findings: Vec<Finding>,
    used: Used,
}

impl<'a, 's> References<'a, 's> {
    /// What a registered template and its partials use, and what of it is wrong.
    pub(super) fn of(
        registry: &'a Handlebars<'static>,
        template: &str,
        file: String,
        names: &'s Supply,
    ) -> (Used, Vec<Finding>) {
        let all = Scope {
            here: Meaning::Data(names, Path::new()),
            own: HashMap::new(),
        };
        let mut references = References {
            registry,
            scopes: vec![all],
            file,
            place: (1, 1),
            findings: Vec::new(),
            used: Used::default(),
        };
        if let Some(template) = registry.get_template(template) {
            references.template(template);
        }
        (references.used, references.findings)
    }

    fn report(&mut self, fault: Fault, message: String, help: Option<String>) {
        let (line, column) = self.place;
        let problem = TemplateProblem {
            file: self.file.clone(),
            line,
            column,
            message,
            help,
        };
        self.findings.push(Finding { fault, problem });
    }

    fn template(&mut self, template: &Template) {
        for (element, at) in template.elements.iter().zip(&template.mapping) {
            self.place = (at.0, at.1);
            match element {
                TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => {
                    self.expression(tag);
                }
                TemplateElement::HelperBlock(tag) => self.block(tag),
                TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                    self.partial(tag);
                }
                _ => {}
            }
        }
    }

    fn expression(&mut self, tag: &HelperTemplate) {
        if !tag.params.is_empty() || !tag.hash.is_empty() {
            self.call(tag);
            return;
        }
        let name = tag.name.as_name().unwrap_or_default();
        let help = match self.path(name) {
            Meaning::Data(supply, _) => match supply.kind {
                Kind::Date => format!("{{{{long_date {name}}}}}"),
                Kind::Moment => format!("{{{{date_time {name}}}}}"),
                Kind::List(..) => format!("{{{{#each {name}}}}} or {{{{list {name}}}}}"),
                Kind::Flag(_) => format!("{{{{#if {name}}}}}"),
                Kind::Map(_) => "name one of its parts".to_owned(),
                _ => return,
            },
            _ => return,
        };
        let Meaning::Data(supply, _) = self.path(name) else {
            return;
        };
        let message = format!("\"{name}\" is {}, not a text", supply.kind.word());
        self.report(Fault::Kind, message, Some(help));
    }

    fn block(&mut self, tag: &HelperTemplate) {
        let place = self.place;
        let Some(given) = tag.params.first() else {
            return;
        };
        let meaning = self.parameter(given);
        let written = written(given);
        let (mut takes_first, mut takes_else) = (true, true);
        let mut inside = None;
        match tag.name.as_name() {
            Some(word @ ("if" | "unless")) => {
                if let Some(truth) = truth(&meaning) {
                    takes_first = truth == (word == "if");
                    takes_else = !takes_first;
                }
            }
            Some("each") => match &meaning {
                Meaning::Data(supply, path) => match &supply.kind {
                    Kind::List(item, ..) => {
                        let mut path = path.clone();
                        path.push(ITEM.to_owned());
                        inside = Some(Meaning::Data(item, path));
                    }
                    Kind::Nothing => takes_first = false,
                    kind => {
                        let message =
                            format!("\"each\" takes a list; \"{written}\" is {}", kind.word());
                        self.report(Fault::Kind, message, None);
                        takes_first = false;
                    }
                },
                _ => takes_first = false,
            },
            Some("with") => match &meaning {
                Meaning::Data(supply, _) => match &supply.kind {
                    Kind::Map(_) => inside = Some(meaning.clone()),
                    Kind::Nothing => takes_first = false,
                    kind => {
                        let message = format!(
                            "\"with\" takes a value with parts; \"{written}\" is {}",
                            kind.word()
                        );
                        self.report(Fault::Kind, message, None);
                        takes_first = false;
                    }
                },
                _ => takes_first = false,
            },
            _ => {}
        }
        if let (true, Some(template)) = (takes_first, &tag.template) {
            let moves = inside.is_some();
            if let Some(here) = inside {
                let own = block_names(tag, &here);
                self.scopes.push(Scope { here, own });
            }
            self.template(template);
            if moves {
                self.scopes.pop();
            }
        }
        if let (true, Some(otherwise)) = (takes_else, &tag.inverse) {
            self.template(otherwise);
        }
        self.place = place;
    }

    fn partial(&mut self, tag: &DecoratorTemplate) {
        let given = tag.params.first().map(|given| self.parameter(given));
        let named: Vec<(String, Meaning<'s>)> = tag
            .hash
            .iter()
            .map(|(name, given)| (name.clone(), self.parameter(given)))
            .collect();
        let scope = self.scopes.last().cloned();
        let Some(mut scope) = scope else { return };
        if let Some(given) = given {
            scope.here = given;
        }
        scope.own.extend(named);
        self.scopes.push(scope);
        let name = partial_name(tag).filter(|name| *name != PARTIAL_BLOCK);
        if let Some(partial) = name.and_then(|name| self.registry.get_template(name)) {
            let (file, place) = (self.file.clone(), self.place);
            self.file = partial.name.clone().unwrap_or_default();
            self.template(partial);
            (self.file, self.place) = (file, place);
        }
        if let Some(block) = &tag.template {
            self.template(block);
        }
        self.scopes.pop();
    }

    fn parameter(&mut self, parameter: &Parameter) -> Meaning<'s> {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) => {
                self.path(parameter.as_name().unwrap_or_default())
            }
            Parameter::Literal(literal) => literal
                .as_str()
                .map_or(Meaning::Made, |text| Meaning::Literal(text.to_owned())),
            Parameter::Subexpression(inner) => self.subexpression(inner),
            _ => Meaning::Made,
        }
    }

    fn subexpression(&mut self, inner: &Subexpression) -> Meaning<'s> {
        match inner.as_element() {
            TemplateElement::Expression(tag) => self.call(tag),
            _ => Meaning::Lost,
        }
    }
}

impl Used {
    /// What either uses.
    pub(super) fn join(&mut self, other: Self) {
        self.compared |= other.compared;
        self.literals.extend(other.literals);
        for (name, part) in other.parts {
            self.parts.entry(name).or_default().join(part);
        }
    }
}

/// Whether a value opens an `{{#if}}`, where that is always the same.
fn truth(meaning: &Meaning<'_>) -> Option<bool> {
    match meaning {
        Meaning::Data(supply, _) => match &supply.kind {
            Kind::Nothing | Kind::List(_, _, 0) => Some(false),
            Kind::Flag(is) => *is,
            _ => None,
        },
        Meaning::Truth(is) => *is,
        Meaning::Literal(text) => Some(!text.is_empty()),
        Meaning::Made => None,
        // What is within something empty is not there either.
        Meaning::Lost => Some(false),
    }
}

fn written(parameter: &Parameter) -> String {
    parameter.as_name().unwrap_or("it").to_owned()
}

fn block_names<'s>(tag: &HelperTemplate, item: &Meaning<'s>) -> HashMap<String, Meaning<'s>> {
    let name = |parameter: &Parameter| parameter.as_name().unwrap_or_default().to_owned();
    match &tag.block_param {
        Some(BlockParam::Single(first)) => HashMap::from([(name(first), item.clone())]),
        Some(BlockParam::Pair((first, second))) => {
            HashMap::from([(name(first), item.clone()), (name(second), Meaning::Made)])
        }
        _ => HashMap::new(),
    }
}
