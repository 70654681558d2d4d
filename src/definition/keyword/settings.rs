//! `settings`: named lengths, so that what the source does not say is a parameter.
//!
//! ```yaml
//! settings: {job_search: {title: Jobmatch efter kurset, length: 13 weeks, source: assumption}}
//! ```

use std::collections::HashMap;

use crate::calendar::Length;
use crate::definition::keyword::phrase;
use crate::definition::model::{Name, Setting};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, things};
use crate::definition::symbols::{self, Space};
use crate::definition::yaml::{Kind, Node};

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
    let shape = Shape::read(
        sink,
        &key.span,
        value,
        "a setting",
        &["title", "length", "source"],
    )?;
    let title = shape.title(sink);
    let length = shape
        .need(sink, "length")
        .and_then(|node| phrase::fixed_length(sink, node));
    let sources = [("assumption", true), ("seed", false)];
    let source = shape
        .need(sink, "source")
        .and_then(|node| choice(sink, node, "source", &sources));
    Some(Setting {
        name: Name::from(name),
        title,
        length: length?,
        assumption: source?,
    })
}
