//! `messages`: the only mail that an author writes: which template, to whom, when.
//!
//! ```yaml
//! messages:
//!   absence_notice: {template: absence-notice, to: job_consultant, when: absence, gather: 1 hour}
//!   status: {template: jobcentre-status, to: jobcentre, every: friday at 12:00, about: [course]}
//! ```

use super::{Cx, Home, facts, guard, phrase, roles};
use crate::definition::TemplateUse;
use crate::definition::model::{Message, MessageTime, Name, Need, Per};
use crate::definition::names::{Entry, Thing};
use crate::definition::shape::{Shape, one_or_more, text, things};
use crate::definition::yaml::{Node, short};

const KEYS: [&str; 10] = [
    "template", "to", "when", "every", "from", "until", "if", "needs", "about", "gather",
];

/// Reads the messages of a state, of the hold, or of the workflow.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Message> {
    let messages = things(cx.sink, node, "messages").into_iter();
    messages
        .filter_map(|(name, key, value)| message(cx, name, key, value, home))
        .collect()
}

fn message(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Message> {
    let shape = Shape::read(cx.sink, &key.span, value, "a message", &KEYS)?;
    together(cx, &shape, home);
    cx.notes.borrow_mut().messages.push(Name::from(name));
    let template = shape
        .need(cx.sink, "template")
        .and_then(|node| template(cx, node));
    let to = recipients(cx, &shape, home);
    let when = when(cx, &shape, home);
    let message = Message {
        name: Name::from(name),
        template: template.unwrap_or_default(),
        to,
        guard: guard::read(cx, shape.get("if"), home),
        needs: needs(cx, shape.get("needs"), home),
        about: phrase::states(cx, shape.get("about")),
        gather: shape
            .get("gather")
            .and_then(|node| phrase::elapsed(cx, node, "gather")),
        when: when?,
    };
    Some(message)
}

/// Keys that only make sense with, or without, another.
fn together(cx: &Cx, shape: &Shape, home: Home) {
    let sink = cx.sink;
    match (shape.key_span("when"), shape.key_span("every")) {
        (None, None) => shape.missing(sink, "when:\" or \"every"),
        (Some(_), Some(span)) => sink.error(
            "bad-value",
            &span,
            "a message is sent \"when:\" or \"every:\", not both",
        ),
        _ => {}
    }
    if let (None, Some(span)) = (shape.get("every"), shape.key_span("from")) {
        sink.error(
            "missing-key",
            &span,
            "\"from:\" is the first day of \"every:\", which is not here",
        );
    }
    if let (None, Some(span)) = (shape.get("when"), shape.key_span("gather")) {
        sink.error(
            "missing-key",
            &span,
            "\"gather:\" gathers what happens \"when:\", which is not here",
        );
    }
    if let (Home::Case(_), Some(span)) = (home, shape.key_span("about")) {
        sink.error(
            "bad-value",
            &span,
            "a message in a state is about its own case: leave \"about:\" out",
        );
    }
}

/// A folder under `email-templates/LANGUAGE/`; whether it is there is for the caller to see.
fn template(cx: &Cx, node: &Node) -> Option<String> {
    let word = text(cx.sink, node, "a template")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !word.starts_with(|c: char| c.is_ascii_lowercase())
        || !word.chars().all(plain)
        || word.len() > 64
    {
        let message = format!("\"{}\" cannot be a template", short(word));
        let help = "a template is named by its folder: small letters a-z, digits and -";
        cx.sink.error_help("bad-name", &node.span, message, help);
        return None;
    }
    let (line, column) = cx.sink.place(&node.span);
    let used = TemplateUse {
        name: word.to_owned(),
        span: node.span.clone(),
        line,
        column,
    };
    cx.notes.borrow_mut().templates.push(used);
    Some(word.to_owned())
}

fn recipients(cx: &Cx, shape: &Shape, home: Home) -> Vec<Name> {
    let Some(node) = shape.get("to") else {
        shape.missing_as(cx.sink, "message-without-recipient", "to");
        return Vec::new();
    };
    if matches!(&node.kind, crate::definition::yaml::Kind::List(items) if items.is_empty()) {
        cx.sink.error(
            "message-without-recipient",
            &node.span,
            "a message to nobody is never sent",
        );
    }
    for (word, node) in roles::named(cx, node) {
        if home == Home::Workflow && cx.names.roles.get(word) == Some(&Some(Per::Cohort)) {
            let message =
                format!("each hold has its own \"{word}\", and this message is over all holds");
            let help = "put it under \"cohort:\", or name a role per candidate or per workflow";
            cx.sink.error_help("digest-role", &node.span, message, help);
        }
    }
    roles::names(cx, Some(node))
}

/// `None` when what stands there is faulty.
fn when(cx: &Cx, shape: &Shape, home: Home) -> Option<MessageTime> {
    if shape.get("every").is_some() {
        return phrase::recurrence(cx, shape, home).map(MessageTime::Every);
    }
    let point = shape
        .get("when")
        .and_then(|node| phrase::point(cx, node, home));
    let until = shape
        .get("until")
        .and_then(|node| phrase::point(cx, node, home));
    Some(MessageTime::When {
        point: point?,
        until,
    })
}

/// Facts that must be recorded and meetings that must be booked.
fn needs(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Need> {
    let nodes = node
        .map(|node| one_or_more(cx.sink, node, "a fact or meeting"))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| need(cx, node, home))
        .collect()
}

fn need(cx: &Cx, node: &Node, home: Home) -> Option<Need> {
    let word = node.text()?;
    let (cohort, name) = word
        .strip_prefix("cohort.")
        .map_or((false, word), |name| (true, name));
    let in_scope = matches!(home, Home::Case(_)) || (home == Home::Hold && cohort);
    if let (
        Some(Entry {
            thing: Thing::Meeting,
            ..
        }),
        true,
    ) = (cx.names.side(cohort).get(name), in_scope)
    {
        return Some(Need::Meeting {
            cohort,
            name: Name::from(name),
        });
    }
    facts::named(cx, node, home).map(|(fact, _)| Need::Fact(fact))
}
