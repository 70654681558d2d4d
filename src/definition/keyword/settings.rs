//! `settings`: named lengths, so that what the source does not say is a parameter.
//!
//! ```yaml
//! settings: {job_search: {title: Jobmatch efter kurset, length: 13 weeks, source: assumption}}
//! ```

use std::collections::HashMap;

use crate::calendar::Length;
use crate::definition::keyword::phrase;
use crate::definition::keywords::{Key, Keys, Page, Takes, Units, words};
use crate::definition::model::{Name, Setting};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, things};
use crate::definition::symbols::{self, Space};
use crate::definition::yaml::{Kind, Node};

/// A setting.
pub(crate) static KEYS: Keys = Keys::new(
    "a setting",
    "A named length, used as `settings.NAME` wherever a length stands.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Jobsøgning"),
        Key::needed(
            "length",
            Takes::Length(Units::Written),
            "How long it is.",
            "13 weeks",
        ),
        Key::needed(
            "source",
            Takes::Words(&words(&SOURCES)),
            "Whether the described course says so.",
            "assumption",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "settings",
    title: "Settings",
    doc: "What a source does not say is a parameter with a name, a title and the word `assumption`, so that \
          it can be found and changed in one place. A variant can give it another length.",
    example: "settings:\n  job_search: {title: Jobmatch efter kurset, length: 13 weeks, source: assumption}",
    shapes: &[&KEYS],
    top: &[],
};
/// Where a length comes from; whether it is an assumption.
pub(crate) const SOURCES: [(&str, bool, &str); 2] = [
    ("assumption", true, "It is ours, and can be changed."),
    ("seed", false, "The described course says so."),
];

/// The lengths by name; `None` for one that is faulty, which [`read`] reports.
pub(crate) fn lengths<'r>(sink: &Sink, node: Option<&'r Node>) -> HashMap<&'r str, Option<Length>> {
    let quiet = Sink::new("", sink.text);
    let length = |value: &Node| {
        let Kind::Map(entries) = &value.kind else {
            return None;
        };
        let (_, length) = entries
            .iter()
            .find(|(key, _)| key.text() == Some("length"))?;
        phrase::fixed_length(&quiet, length)
    };
    things(&quiet, node, "")
        .into_iter()
        .map(|(name, _, value)| (name, length(value)))
        .collect()
}

/// Reads them.
pub(crate) fn read(sink: &Sink, node: Option<&Node>) -> Vec<Setting> {
    let settings = things(sink, node, "settings").into_iter();
    settings
        .filter_map(|(name, key, value)| setting(sink, name, key, value))
        .collect()
}

fn setting(sink: &Sink, name: &str, key: &Node, value: &Node) -> Option<Setting> {
    sink.declared(symbols::Kind::Setting, Space::Settings, name, key, value);
    let shape = Shape::read(sink, &key.span, value, &KEYS)?;
    let title = shape.title(sink);
    let length = shape
        .need(sink, "length")
        .and_then(|node| phrase::fixed_length(sink, node));
    let source = shape
        .need(sink, "source")
        .and_then(|node| choice(sink, node, "source", &SOURCES));
    Some(Setting {
        name: Name::from(name),
        title,
        length: length?,
        assumption: source?,
    })
}
