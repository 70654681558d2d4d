//! The layout around every body: as a tree, so that what is wrong is found where it was written, and
//! as one flat text, from which the mail is rendered.
//!
//! A partial costs a copy of all the mail's data each time it is reached, and style can only be
//! written into a whole document. So what is rendered is flat: partials without arguments are put
//! where they are named. It says the same as the tree does; the tree is asked where an error stands.

use handlebars::Template;
use handlebars::template::{Parameter, TemplateElement};

use super::check::partial_name;
use super::source::{Part, TemplateSource, WHY, why_key};

/// The layout with a template's own body and reason in it.
pub(super) fn around(layout: &Template, template: &str, part: Part) -> Template {
    let mut whole = layout.clone();
    fill(&mut whole, template, part);
    whole
}

fn fill(whole: &mut Template, template: &str, part: Part) {
    for element in &mut whole.elements {
        match element {
            TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                match partial_name(tag) {
                    Some("body") => tag.name = Parameter::Name(part.body_key(template)),
                    Some("why") => tag.name = Parameter::Name(why_key(template)),
                    _ => {}
                }
                if let Some(block) = &mut tag.template {
                    fill(block, template, part);
                }
            }
            TemplateElement::HelperBlock(tag) => {
                for branch in [&mut tag.template, &mut tag.inverse].into_iter().flatten() {
                    fill(branch, template, part);
                }
            }
            _ => {}
        }
    }
}

/// A part of a template as one text: its layout, its body, and the partials of both.
pub(super) fn flat(source: &TemplateSource, language: &str, template: &str, part: Part) -> String {
    let own = |file: &str| {
        let path = format!("{language}/{template}/{file}");
        source.files.get(&path).map_or("", String::as_str)
    };
    let medium = if part == Part::Html { "html" } else { "txt" };
    let partial = |name: &str| {
        let made_for_it = source.partial(language, &format!("{name}.{medium}"));
        made_for_it.or_else(|| source.partial(language, name))
    };
    let Some(layout) = source.layout(part) else {
        return flattened(own(part.file()), &partial);
    };
    let within = |name: &str| match name {
        "body" => Some(own(part.file())),
        "why" => Some(own(WHY)),
        name => partial(name),
    };
    flattened(layout, &within)
}

/// The text of a partial by its name.
type Find<'f, 's> = dyn Fn(&str) -> Option<&'s str> + 'f;

/// Puts partials where they are named. One that stands alone in its line takes the line with it, as
/// handlebars does; one with arguments, or indented, is left to handlebars. There is no ring: that
/// has been looked at.
fn flattened(text: &str, find: &Find<'_, '_>) -> String {
    let mut flat = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let (before, tag) = rest.split_at(open);
        let end = tag_end(tag);
        let (tag, after) = tag.split_at(end);
        flat.push_str(before);
        rest = after;
        let found = plain_name(tag).and_then(find);
        let Some(partial) = found.filter(|_| !is_indented(&flat, after)) else {
            flat.push_str(tag);
            continue;
        };
        let alone = flat.is_empty() || flat.ends_with('\n');
        flat.push_str(&flattened(partial, find));
        if let (true, Some(next)) = (alone, rest.strip_prefix('\n')) {
            rest = next;
        }
    }
    flat.push_str(rest);
    flat
}

fn is_indented(before: &str, after: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    !line.is_empty() && line.trim().is_empty() && after.starts_with('\n')
}

/// `{{> name}}`, and nothing else.
fn plain_name(tag: &str) -> Option<&str> {
    let inside = tag.strip_prefix("{{>")?.strip_suffix("}}")?.trim();
    let is_plain = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    (!inside.is_empty() && inside.chars().all(is_plain)).then_some(inside)
}

/// Where a tag at the beginning of a text ends.
pub(super) fn tag_end(tag: &str) -> usize {
    let ending = if tag.starts_with("{{!--") {
        "--}}"
    } else if tag.starts_with("{{{") {
        "}}}"
    } else {
        "}}"
    };
    tag.find(ending)
        .map_or(tag.len(), |start| start + ending.len())
}
