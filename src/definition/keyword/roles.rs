//! `roles`: who takes part, and whether each case, each hold or the workflow has its own.
//! `candidate` and `jobcentre` are always there.
//!
//! ```yaml
//! roles: {mentor: {title: Mentor, per: candidate}}
//! ```

use std::collections::HashMap;

use super::Cx;
use crate::definition::keywords::{Key, Keys, Page, Takes, WAS, words};
use crate::definition::model::{CANDIDATE, JOBCENTRE, Name, Per, Role};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, one_or_more, things};
use crate::definition::symbols::{self, Space};
use crate::definition::yaml::{Kind, Node, short};

/// A role.
pub(crate) static KEYS: Keys = Keys::new(
    "a role",
    "A role holds one or more people. Who they are is said for each hold and candidate, not in the file.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Mentor"),
        Key::needed(
            "per",
            Takes::Words(&words(&PER)),
            "Who has people of their own in the role.",
            "candidate",
        ),
        WAS,
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "roles",
    title: "Roles",
    doc: "Two roles are always there: `candidate`, and `jobcentre`, the candidate's organisation. People \
          are put into roles by `tovholder people import` and when a hold is made; a role per candidate \
          can also be found later, by a task that `fills` it.",
    example: "roles:\n  coordinator: {title: Tovholder, per: cohort}\n  mentor: {title: Mentor, per: candidate}",
    shapes: &[&KEYS],
    top: &[],
};
const PER: [(&str, Per, &str); 3] = [
    ("candidate", Per::Candidate, "Each candidate has their own."),
    ("cohort", Per::Cohort, "Each hold has its own."),
    ("workflow", Per::Workflow, "One for all holds."),
];

/// What each role is held per; `None` for one that is faulty, which [`read`] reports.
pub(crate) fn kinds(node: Option<&Node>) -> HashMap<&str, Option<Per>> {
    let per = |value: &Node| {
        let Kind::Map(entries) = &value.kind else {
            return None;
        };
        let (_, per) = entries.iter().find(|(key, _)| key.text() == Some("per"))?;
        PER.iter()
            .find(|(word, ..)| per.text() == Some(word))
            .map(|(_, per, _)| *per)
    };
    let declared = things(&Sink::new("", ""), node, "")
        .into_iter()
        .map(|(name, _, value)| (name, per(value)));
    let built_in = [CANDIDATE, JOBCENTRE].map(|name| (name, Some(Per::Candidate)));
    declared.chain(built_in).collect()
}

/// Reads them; the two built-in ones come first.
pub(crate) fn read(sink: &Sink, node: Option<&Node>, language: &str) -> Vec<Role> {
    let titles = if language == "en" {
        ["Candidate", "Jobcentre"]
    } else {
        ["Kandidat", "Jobcenter"]
    };
    let built_in = [CANDIDATE, JOBCENTRE].into_iter().zip(titles);
    let built_in = built_in.map(|(name, title)| Role {
        name: name.into(),
        was: None,
        title: title.into(),
        per: Per::Candidate,
    });
    let declared = things(sink, node, "roles").into_iter();
    built_in
        .chain(declared.filter_map(|(name, key, value)| role(sink, name, key, value)))
        .collect()
}

fn role(sink: &Sink, name: &str, key: &Node, value: &Node) -> Option<Role> {
    sink.declared(symbols::Kind::Role, Space::Roles, name, key, value);
    let shape = Shape::read(sink, &key.span, value, &KEYS)?;
    let title = shape.title(sink);
    let per = shape
        .need(sink, "per")
        .and_then(|node| choice(sink, node, "per", &PER));
    Some(Role {
        name: Name::from(name),
        was: shape.was(sink, |word| word == name),
        title,
        per: per?,
    })
}

/// The roles named by `by`, `with` or `to`, with their nodes; unknown ones are reported.
pub(crate) fn named<'n>(cx: &Cx, node: &'n Node) -> Vec<(&'n str, &'n Node)> {
    let known = |node: &'n Node| {
        let word = node.text()?;
        if !cx.names.roles.contains_key(word) {
            if cx.names.roles_broken {
                return None;
            }
            let message = format!("no role is called \"{}\"", short(word));
            cx.sink.error_name(
                "unknown-name",
                &node.span,
                word,
                message,
                cx.names.roles.keys().copied(),
            );
            return None;
        }
        cx.sink.used(Space::Roles, word, &node.span);
        Some((word, node))
    };
    one_or_more(cx.sink, node, "a role")
        .into_iter()
        .filter_map(known)
        .collect()
}

/// Those roles as names; none when the key is missing.
pub(crate) fn names(cx: &Cx, node: Option<&Node>) -> Vec<Name> {
    node.map(|node| named(cx, node))
        .unwrap_or_default()
        .into_iter()
        .map(|(word, _)| Name::from(word))
        .collect()
}

/// The roles of something that the hold itself does: each hold must know who that is.
pub(crate) fn of_the_hold(cx: &Cx, node: Option<&Node>) {
    for (word, node) in node.map(|node| named(cx, node)).unwrap_or_default() {
        if cx.names.roles.get(word) == Some(&Some(Per::Candidate)) {
            let message = format!(
                "\"{word}\" differs from candidate to candidate, but this belongs to the whole hold"
            );
            cx.sink.error_help(
                "role-scope",
                &node.span,
                message,
                "name a role that is per cohort or per workflow",
            );
        }
    }
}
