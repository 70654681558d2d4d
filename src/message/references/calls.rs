//! What helpers take: dates where dates are said, lists where lists are.

use handlebars::template::{HelperTemplate, Parameter};

use super::{ITEM, Meaning, References, truth, written};
use crate::message::helpers::KNOWN;
use crate::message::source::Fault;
use crate::message::supply::Kind;

impl<'s> References<'_, 's> {
    /// A helper that gives a value.
    pub(super) fn call(&mut self, tag: &HelperTemplate) -> Meaning<'s> {
        let name = tag.name.as_name().unwrap_or_default();
        let given: Vec<Meaning<'s>> = tag.params.iter().map(|one| self.parameter(one)).collect();
        for one in tag.hash.values() {
            self.parameter(one);
        }
        let first = tag.params.first().map(written).unwrap_or_default();
        let mut wants = |wanted: &str, fits: fn(&Kind) -> bool| {
            if let Some(Meaning::Data(supply, _)) = given.first()
                && !fits(&supply.kind)
            {
                let is = supply.kind.word();
                let message = format!("\"{name}\" takes {wanted}; \"{first}\" is {is}");
                self.report(Fault::Kind, message, None);
            }
        };
        match name {
            KNOWN => return given.into_iter().next().unwrap_or(Meaning::Lost),
            "long_date" | "date" | "short_date" | "week" => {
                wants("a date", |kind| matches!(kind, Kind::Date | Kind::Moment));
            }
            "time" | "date_time" => {
                wants("a date and time", |kind| matches!(kind, Kind::Moment));
            }
            "lines" => wants("a text", |kind| matches!(kind, Kind::Text(_))),
            "decimal" => wants("a number", |kind| matches!(kind, Kind::Number)),
            "count" => wants("a list or a number", |kind| {
                matches!(kind, Kind::List(..) | Kind::Number)
            }),
            "list" => {
                wants("a list", |kind| matches!(kind, Kind::List(..)));
                self.listed(tag, given.first());
            }
            "eq" | "ne" => return self.compared(tag, &given, name == "eq"),
            "not" => {
                return Meaning::Truth(given.first().and_then(truth).map(|truth| !truth));
            }
            "and" | "or" => {
                let decides = name == "or";
                let all: Vec<Option<bool>> = given.iter().map(truth).collect();
                let is = if all.contains(&Some(decides)) {
                    Some(decides)
                } else if all.contains(&None) {
                    None
                } else {
                    Some(!decides)
                };
                return Meaning::Truth(is);
            }
            _ => {}
        }
        Meaning::Made
    }

    /// `{{list people field="name"}}`: what is said of each item.
    fn listed(&mut self, tag: &HelperTemplate, given: Option<&Meaning<'s>>) {
        let Some(Meaning::Data(supply, path)) = given else {
            return;
        };
        let Kind::List(item, ..) = &supply.kind else {
            return;
        };
        let mut path = path.clone();
        path.push(ITEM.to_owned());
        let mut said = Meaning::Data(item, path);
        if let Some(Parameter::Literal(field)) = tag.hash.get("field") {
            let field = field.as_str().unwrap_or_default();
            said = self.within(said, field, field);
        }
        if let Meaning::Data(supply, path) = said {
            self.note(&path);
            if !matches!(
                supply.kind,
                Kind::Text(_) | Kind::Number | Kind::Confidential
            ) {
                let message = format!("\"list\" says texts; an item is {}", supply.kind.word());
                let help = "name a part of each: {{list … field=\"name\"}}".to_owned();
                self.report(Fault::Kind, message, Some(help));
            }
        }
    }

    /// What is compared has to be able to be the same.
    fn compared(
        &mut self,
        tag: &HelperTemplate,
        given: &[Meaning<'s>],
        positive: bool,
    ) -> Meaning<'s> {
        for (at, one) in given.iter().enumerate() {
            let Meaning::Data(supply, path) = one else {
                continue;
            };
            let name = tag.params.get(at).map(written).unwrap_or_default();
            for other in given.iter().enumerate().filter(|(n, _)| *n != at) {
                match (other.1, &supply.kind) {
                    (Meaning::Literal(literal), Kind::Text(values)) => {
                        self.note(path).literals.insert(literal.clone());
                        if !values.is_empty() && !values.contains(literal) {
                            let message = format!("\"{name}\" is never \"{literal}\"");
                            let help = format!("it is one of \"{}\"", values.join("\", \""));
                            self.report(Fault::Unknown, message, Some(help));
                        }
                    }
                    (Meaning::Literal(literal), Kind::Date | Kind::Moment | Kind::Flag(_)) => {
                        let is = supply.kind.word();
                        let message = format!("\"{name}\" is {is}, and never \"{literal}\"");
                        self.report(Fault::Kind, message, None);
                    }
                    _ => self.note(path).compared = true,
                }
            }
        }
        match given {
            [a, b] => match (truth(a), truth(b)) {
                (Some(a), Some(b)) if a != b => Meaning::Truth(Some(!positive)),
                _ => Meaning::Truth(None),
            },
            _ => Meaning::Truth(None),
        }
    }
}
