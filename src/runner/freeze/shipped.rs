//! Which text a mail is written by: the workflow's, or one of our own for mail that no workflow declares. One
//! that was published before there was such mail has no text for it, and must not hold it back.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value as Json;

use super::{No, unreadable};
use crate::message::{Rendered, TemplateSource, Templates};
use crate::runner::context::Context;
use crate::runner::reason::Reason;

/// Mail in a language that we do not ship is written in this one.
const LANGUAGE: &str = "da";

macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../email-templates/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "partials/layout.html.hbs"
    "partials/layout.txt.hbs"
    "partials/mail.css"
    "da/partials/sent_by.hbs"
    "da/partials/signature.html.hbs"
    "da/partials/signature.txt.hbs"
    "da/partials/signature_plain.html.hbs"
    "da/partials/signature_plain.txt.hbs"
    "da/late-notice/subject.hbs"
    "da/late-notice/why.hbs"
    "da/late-notice/body.txt.hbs"
    "da/late-notice/body.html.hbs"
    "da/merged/subject.hbs"
    "da/merged/why.hbs"
    "da/merged/body.txt.hbs"
    "da/merged/body.html.hbs"
    "da/reply-forwarded/subject.hbs"
    "da/reply-forwarded/why.hbs"
    "da/reply-forwarded/body.txt.hbs"
    "da/reply-forwarded/body.html.hbs"
    "en/partials/sent_by.hbs"
    "en/partials/signature.html.hbs"
    "en/partials/signature.txt.hbs"
    "en/partials/signature_plain.html.hbs"
    "en/partials/signature_plain.txt.hbs"
    "en/late-notice/subject.hbs"
    "en/late-notice/why.hbs"
    "en/late-notice/body.txt.hbs"
    "en/late-notice/body.html.hbs"
    "en/merged/subject.hbs"
    "en/merged/why.hbs"
    "en/merged/body.txt.hbs"
    "en/merged/body.html.hbs"
    "en/reply-forwarded/subject.hbs"
    "en/reply-forwarded/why.hbs"
    "en/reply-forwarded/body.txt.hbs"
    "en/reply-forwarded/body.html.hbs"
];

/// Compiled when the first is needed; a test holds that it can be.
static SHIPPED: LazyLock<Option<Templates>> = LazyLock::new(|| {
    let files = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let files: BTreeMap<String, String> = files.collect();
    Templates::compile(&TemplateSource { files }).ok()
});

/// Renders a mail by the first of its templates that the workflow has, else by ours.
pub(super) fn render(context: &Context, named: &[String], data: &Json) -> Result<Rendered, No> {
    let language = &context.version.workflow.language;
    let templates = &context.version.templates;
    let mut tried = named.iter();
    if let Some(own) = tried.find(|name| templates.has(language, name)) {
        return templates.render(language, own, data).map_err(unreadable);
    }
    let last = named.last().map_or("", String::as_str);
    let Some((templates, language)) = shipped(language, last) else {
        return Err(No::Hold(Reason::NoTemplate.about(last)));
    };
    templates.render(language, last, data).map_err(unreadable)
}

/// Our own text of that name, and the language that it is in: the one asked for if we have it.
fn shipped(language: &str, name: &str) -> Option<(&'static Templates, &'static str)> {
    let templates = SHIPPED.as_ref()?;
    let known = ["da", "en"].into_iter().find(|known| *known == language);
    let language = known.unwrap_or(LANGUAGE);
    templates
        .has(language, name)
        .then_some((templates, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_workflow_declares_has_a_text_in_every_language() {
        for (language, name, found) in [
            ("da", "late-notice", Some("da")),
            ("en", "late-notice", Some("en")),
            ("da", "merged", Some("da")),
            ("en", "merged", Some("en")),
            ("da", "reply-forwarded", Some("da")),
            ("fo", "reply-forwarded", Some("da")),
            ("da", "meeting-invitation", None),
        ] {
            let is = shipped(language, name).map(|(_, language)| language);
            assert_eq!(is, found, "{language} {name}");
        }
    }
}
