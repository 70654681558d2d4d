//! What no mail may say, looked for in its words as they would leave. Templates are checked long before;
//! what people have written is known only now.

use std::borrow::Cow;

use crate::definition::model::Fact;
use crate::definition::value::FactKind;
use crate::engine::subject::Kind;
use crate::message::{Invitation, Rendered, cpr};
use crate::runner::context::Context;
use crate::runner::data::Known;
use crate::runner::reason::Reason;

/// A confidential text shorter than this is a word that mails use anyway ("ja", "ferie").
const TELLING_CHARS_MIN: usize = 6;

/// Why a mail must not leave, as the outbox keeps it; a person has to look.
pub(super) fn secret(
    rendered: &Rendered,
    invitation: Option<&Invitation>,
    context: &Context,
    known: &Known<'_>,
) -> Option<String> {
    let place = invitation.and_then(|invitation| invitation.location.as_deref());
    let parts = [
        ("emnet", rendered.subject.as_str()),
        ("teksten", &rendered.text),
        ("mødets sted", place.unwrap_or_default()),
        ("teksten", &rendered.html),
    ];
    let link = known.settings.base_url.as_deref();
    let of_cpr = parts
        .iter()
        .find(|(_, text)| cpr(&without_links(text, link)).is_some());
    if let Some((part, _)) = of_cpr {
        return Some(Reason::CprNumber.about(part));
    }
    let confidential = confidential(context, known);
    if confidential.is_empty() {
        return None;
    }
    let said: Vec<String> = (parts[..3].iter())
        .map(|(_, text)| text.to_lowercase())
        .collect();
    let told = confidential
        .into_iter()
        .find(|(_, written)| said.iter().any(|said| said.contains(written)));
    told.map(|(fact, _)| Reason::Confidential.about(&fact.title))
}

/// Whether a confidential text of the case or its hold stands in what somebody wrote.
pub(super) fn tells_confidential(text: &str, context: &Context, known: &Known<'_>) -> bool {
    let text = text.to_lowercase();
    let confidential = confidential(context, known);
    confidential
        .iter()
        .any(|(_, written)| text.contains(written))
}

/// Confidential texts of the case and its hold, in lower case.
fn confidential<'c>(context: &'c Context, known: &Known<'_>) -> Vec<(&'c Fact, String)> {
    let workflow = &context.version.workflow;
    let hold = context
        .row
        .cohort_id
        .filter(|_| context.subject.kind == Kind::Case);
    let own = match context.subject.kind {
        Kind::Case => &workflow.facts[..],
        Kind::Cohort => &workflow.cohort.facts,
        Kind::Workflow => &[],
    };
    let of = |facts: &'c [Fact], id: i64| {
        let texts = known.texts.get(&id);
        let secret = facts
            .iter()
            .filter(|fact| fact.confidential && matches!(fact.kind, FactKind::Text { .. }));
        secret.filter_map(move |fact| {
            let written = texts?.get(&*fact.name)?.trim().to_lowercase();
            (written.chars().count() >= TELLING_CHARS_MIN).then_some((fact, written))
        })
    };
    let of_hold = hold
        .into_iter()
        .flat_map(|id| of(&workflow.cohort.facts, id));
    of(own, context.row.id).chain(of_hold).collect()
}

/// The text without the links to our own pages, whose ids may look like anything.
fn without_links<'t>(text: &'t str, base: Option<&str>) -> Cow<'t, str> {
    let Some(base) = base.filter(|base| text.contains(*base)) else {
        return Cow::Borrowed(text);
    };
    let mut parts = text.split(base);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || "\"'<>)".contains(c));
        kept.push_str(end.map_or("", |end| &part[end..]));
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_our_own_pages_are_no_secrets() {
        let base = Some("https://tov.example");
        for (text, is_secret) in [
            ("Se https://tov.example/sager/aa010203-4567-7 her", false),
            (
                "<a href=\"https://tov.example/sager/010203-4567\">her</a>",
                false,
            ),
            ("https://tov.example/sager/1 010203-4567", true),
            ("https://other.example/010203-4567", true),
        ] {
            assert_eq!(
                cpr(&without_links(text, base)).is_some(),
                is_secret,
                "{text}"
            );
        }
    }
}
