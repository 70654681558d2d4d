//! The layout around every body: as a tree, so that what is wrong is found where it was written, and
//! as one flat text, from which the mail is rendered.
//!
//! A partial costs a copy of all the mail's data each time it is reached, and style can only be
//! written into a whole document. So what is rendered is flat: partials without arguments are put
//! where they are named. It says the same as the tree does; the tree is asked where an error stands.

use handlebars::Template;
use handlebars::template::{Parameter, TemplateElement};

use super::check::partial_name;
use super::source::{CSS, Part, TemplateSource, WHY, why_key};
use super::style::Stylist;

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

impl TemplateSource {
    /// The texts that a template is rendered from: subject, text, and HTML with its style. For whoever
    /// measures rendering beside handlebars alone.
    #[must_use]
    pub fn final_texts(&self, language: &str, name: &str) -> [String; 3] {
        Part::ALL.map(|part| {
            let flat = flat(self, language, name, part);
            match self.files.get(CSS).filter(|_| part == Part::Html) {
                Some(css) => Stylist::new(css).styled(&flat).unwrap_or(flat),
                None => flat,
            }
        })
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::message::{RenderError, Templates};

    fn source(changed: &[(&str, Option<&str>)]) -> TemplateSource {
        let files = [
            (
                "partials/layout.html.hbs",
                "<!doctype html><html><head></head><body>{{> body}}<i>{{> why}}</i></body></html>",
            ),
            ("partials/layout.txt.hbs", "{{> body}}\n\n{{> why}}\n"),
            ("partials/mail.css", "p { margin: 0 }"),
            ("da/partials/bye.hbs", "Hilsen\n{{from}}\n"),
            ("da/t/subject.hbs", "Hej"),
            ("da/t/body.txt.hbs", "Hej {{name}}\n\n{{> bye}}"),
            ("da/t/body.html.hbs", "<p>Hej\n{{name}}</p>"),
            ("da/t/why.hbs", "Fordi {{name}}.\n"),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let mut source = TemplateSource {
            files: files.into(),
        };
        for (path, text) in changed {
            source.files.remove(*path);
            let text = text.map(|text| ((*path).to_owned(), text.to_owned()));
            source.files.extend(text);
        }
        source
    }

    #[test]
    fn body_and_reason_stand_in_the_layout() {
        let templates = Templates::compile(&source(&[])).expect("compiled");
        let data = json!({"name": "A & B", "from": "C"});
        let rendered = templates.render("da", "t", &data).expect("rendered");
        assert_eq!(rendered.text, "Hej A & B\n\nHilsen\nC\n\nFordi A & B.\n");
        let body =
            "<body><p style=\"margin: 0;\">Hej\nA &amp; B</p><i>Fordi A &amp; B.\n</i></body>";
        assert!(rendered.html.contains(body), "{}", rendered.html);
    }

    #[test]
    fn what_is_wrong_is_where_the_author_wrote_it() {
        let templates = Templates::compile(&source(&[])).expect("compiled");
        let error = templates
            .render("da", "t", &json!({"name": "A"}))
            .expect_err("no sender");
        assert!(
            error.to_string().starts_with("da/partials/bye.hbs:2:"),
            "{error}"
        );
        let changed = source(&[("da/t/body.html.hbs", Some("<p>Hej\n{{nane}}</p>"))]);
        let templates = Templates::compile(&changed).expect("compiled");
        let data = json!({"name": "A", "from": "C"});
        let error = templates.render("da", "t", &data).expect_err("a slip");
        let place = matches!(&error, RenderError::UnknownName { file, line: 2, .. } if file == "da/t/body.html.hbs");
        assert!(place, "{error}");
    }

    #[test]
    fn what_a_mail_needs_is_asked_for() {
        for (changed, expect) in [
            (
                ("da/t/why.hbs", None),
                "da/t/why.hbs:1:1 the template \"t\" lacks this file",
            ),
            (
                ("partials/layout.txt.hbs", Some("{{> body}}")),
                "partials/layout.txt.hbs:1:1 the layout has no {{> why}}",
            ),
            (
                ("partials/layout.txt.hbs", None),
                "partials/layout.txt.hbs:1:1 the other body has a layout",
            ),
            (
                (
                    "da/t/body.html.hbs",
                    Some("<table>\n{{#if name}}<p title='{{from}}'>x</p>{{/if}}</table>"),
                ),
                "da/t/body.html.hbs:2:",
            ),
            // Only a layout has a place for them.
            (
                ("da/t/body.txt.hbs", Some("{{> body}}")),
                "da/t/body.txt.hbs:1:1 there is no partial \"body\"",
            ),
        ] {
            let problems = Templates::compile(&source(&[changed])).expect_err(expect);
            let found = problems
                .iter()
                .any(|problem| problem.to_string().starts_with(expect));
            assert!(found, "{expect}: {problems:?}");
        }
    }

    /// What was published before there was a layout is the whole mail.
    #[test]
    fn a_version_without_a_layout_is_as_it_was() {
        let none: Vec<(&str, Option<&str>)> = [
            "partials/layout.html.hbs",
            "partials/layout.txt.hbs",
            "partials/mail.css",
            "da/t/why.hbs",
        ]
        .map(|path| (path, None))
        .to_vec();
        let stored = serde_json::to_string(&source(&none)).expect("JSON");
        let read: TemplateSource = serde_json::from_str(&stored).expect("read");
        let templates = Templates::compile(&read).expect("compiled");
        let rendered = templates.render("da", "t", &json!({"name": "A", "from": "C"}));
        assert_eq!(rendered.expect("rendered").html, "<p>Hej\nA</p>");
    }
}
