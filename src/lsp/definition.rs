//! Where a name is declared, and where a template lies.

use super::document::Document;
use super::protocol::{Location, Position, Range};
use super::{Outside, Template};

/// The declarations of the name at a place: several for an event of several states. For the name of
/// a template, its text.
#[must_use]
pub fn definition(document: &Document, at: Position, outside: &dyn Outside) -> Vec<Location> {
    let byte = document.lines.byte(&document.text, at);
    if let Some((symbol, _)) = document.read.symbols.at(byte) {
        let location = |name| Location {
            uri: document.uri.clone(),
            range: document.lines.range(&document.text, name),
        };
        let declared = symbol.declared.iter();
        return declared.map(|place| location(&place.name)).collect();
    }
    let template = template_at(document, byte, outside);
    let uri = template.and_then(|template| url::Url::from_file_path(template.text).ok());
    let start = Position {
        line: 0,
        character: 0,
    };
    let range = Range { start, end: start };
    uri.map(|uri| Location {
        uri: uri.to_string(),
        range,
    })
    .into_iter()
    .collect()
}

/// The template that is named at a byte.
pub(super) fn template_at(
    document: &Document,
    byte: usize,
    outside: &dyn Outside,
) -> Option<Template> {
    let mut used = document.read.templates.iter();
    let used = used.find(|used| used.span.start <= byte && byte <= used.span.end)?;
    let templates = outside.templates(&document.path()?, document.language());
    templates
        .into_iter()
        .find(|template| template.name == used.name)
}
