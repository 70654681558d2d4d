//! What a written name stands for at some point of a template.

use std::collections::BTreeMap;

use super::{ITEM, Meaning, References, Used};
use crate::message::check::nearest;
use crate::message::source::Fault;
use crate::message::supply::{Kind, Supply};

impl<'s> References<'_, 's> {
    /// What a written name stands for; one that the mail does not have is reported.
    pub(super) fn path(&mut self, name: &str) -> Meaning<'s> {
        let mut rest = name;
        let mut at = self.scopes.len().saturating_sub(1);
        if let Some(below) = rest.strip_prefix("@root") {
            rest = below.trim_start_matches(['.', '/']);
            at = 0;
        } else if rest.starts_with('@') {
            return Meaning::Truth(None);
        }
        while let Some(shorter) = rest.strip_prefix("../") {
            rest = shorter;
            at = at.saturating_sub(1);
        }
        for own in ["./", "this.", "this/"] {
            rest = rest.strip_prefix(own).unwrap_or(rest);
        }
        let scope = self.scopes[at].clone();
        let mut meaning = scope.here;
        let mut parts = rest
            .split(['.', '/'])
            .map(|part| part.trim_matches(['[', ']']))
            .filter(|part| !part.is_empty() && *part != "this")
            .peekable();
        if let Some(own) = parts.peek().and_then(|first| scope.own.get(*first)) {
            meaning = own.clone();
            parts.next();
        }
        for part in parts {
            meaning = self.within(meaning, part, name);
        }
        if let Meaning::Data(_, path) = &meaning {
            self.note(path);
        }
        meaning
    }

    pub(super) fn within(&mut self, meaning: Meaning<'s>, part: &str, name: &str) -> Meaning<'s> {
        let Meaning::Data(supply, mut path) = meaning else {
            return Meaning::Lost;
        };
        match &supply.kind {
            Kind::Map(names) => {
                let Some(found) = names.get(part) else {
                    self.unknown(names, part, name);
                    return Meaning::Lost;
                };
                if found.kind == Kind::Confidential {
                    let message = format!("\"{name}\" is confidential and never in a mail");
                    let help = "say that it lies behind the login, and put {{link}} in".to_owned();
                    self.report(Fault::Confidential, message, Some(help));
                    return Meaning::Lost;
                }
                path.push(part.to_owned());
                Meaning::Data(found, path)
            }
            Kind::List(item, ..) if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                path.push(ITEM.to_owned());
                Meaning::Data(item, path)
            }
            Kind::Nothing => Meaning::Lost,
            kind => {
                let message = format!(
                    "there is no \"{name}\": what it is a part of is {}",
                    kind.word()
                );
                self.report(Fault::Unknown, message, None);
                Meaning::Lost
            }
        }
    }

    fn unknown(&mut self, names: &BTreeMap<String, Supply>, part: &str, name: &str) {
        let known = names
            .iter()
            .filter(|(_, supply)| supply.kind != Kind::Confidential)
            .map(|(name, _)| name.as_str());
        let help = nearest(part, known.clone()).or_else(|| {
            let all: Vec<&str> = known.collect();
            (!all.is_empty()).then(|| format!("there is {}", all.join(", ")))
        });
        self.report(Fault::Unknown, format!("there is no \"{name}\""), help);
    }

    pub(super) fn note(&mut self, path: &[String]) -> &mut Used {
        let mut used = &mut self.used;
        for part in path {
            used = used.parts.entry(part.clone()).or_default();
        }
        used
    }
}
