//! `tasks`: what someone has to do, by when, and what it records.
//!
//! ```yaml
//! tasks:
//!   assess: {title: Vurdér egnethed, by: job_consultant, due: pre_course.last_day, fills: [suited]}
//! ```

use super::{Cx, Home, facts, guard, phrase, roles};
use crate::definition::model::{CANDIDATE, Fill, JOBCENTRE, Name, Per, Task};
use crate::definition::shape::{Shape, one_or_more, things, yes_no};
use crate::definition::symbols::Space;
use crate::definition::yaml::Node;

const KEYS: [&str; 12] = [
    "title", "by", "when", "due", "every", "from", "until", "fills", "clears", "optional", "if",
    "remind",
];

/// Reads the tasks of a state or of the hold.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Task> {
    let tasks = things(cx.sink, node, "tasks").into_iter();
    tasks
        .filter_map(|(name, key, value)| task(cx, name, key, value, home))
        .collect()
}

fn task(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Task> {
    let shape = Shape::read(cx.sink, &key.span, value, "a task", &KEYS)?;
    together(cx, &shape, home);
    if home == Home::Hold {
        roles::of_the_hold(cx, shape.get("by"));
    }
    let recurs = shape.get("every").is_some();
    let every = phrase::recurrence(cx, &shape, home);
    let until = shape
        .get("until")
        .filter(|_| !recurs)
        .and_then(|node| phrase::point(cx, node, home));
    Some(Task {
        name: Name::from(name),
        title: shape.title(cx.sink),
        by: roles::names(cx, shape.need(cx.sink, "by")),
        opens: shape
            .get("when")
            .and_then(|node| phrase::point(cx, node, home)),
        due: shape
            .get("due")
            .and_then(|node| phrase::point(cx, node, home)),
        every,
        until,
        guard: guard::read(cx, shape.get("if"), home),
        fills: fills(cx, shape.get("fills"), home),
        clears: phrase::states(cx, shape.get("clears")),
        optional: yes_no(cx.sink, shape.get("optional"), "optional"),
        remind: phrase::reminders(cx, shape.get("remind")),
    })
}

/// Keys that only make sense with, or without, another.
fn together(cx: &Cx, shape: &Shape, home: Home) {
    let sink = cx.sink;
    if let (Some(_), Some(span)) = (shape.get("every"), shape.key_span("when")) {
        sink.error(
            "bad-value",
            &span,
            "a task opens \"when:\" or \"every:\", not both",
        );
    }
    if let (None, Some(span)) = (shape.get("every"), shape.key_span("from")) {
        sink.error(
            "missing-key",
            &span,
            "\"from:\" is the first day of \"every:\", which is not here",
        );
    }
    if let (None, Some(span)) = (shape.get("due"), shape.key_span("remind")) {
        sink.error(
            "missing-key",
            &span,
            "\"remind:\" is measured from \"due:\", which is not here",
        );
    }
    if let (true, Some(span)) = (home != Home::Hold, shape.key_span("clears")) {
        sink.error(
            "bad-value",
            &span,
            "\"clears:\" empties states of candidates: only a task of the hold can",
        );
    }
}

/// Facts, and roles that each candidate has: whoever is found later.
fn fills(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Fill> {
    let nodes = node
        .map(|node| one_or_more(cx.sink, node, "a fact or role"))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| fill(cx, node, home))
        .collect()
}

fn fill(cx: &Cx, node: &Node, home: Home) -> Option<Fill> {
    let word = node.text()?;
    let Some(per) = cx.names.roles.get(word) else {
        let per_candidate = |(_, per): &(&&str, &Option<Per>)| **per == Some(Per::Candidate);
        let roles = cx.names.roles.iter().filter(per_candidate);
        let roles: Vec<&str> = roles
            .map(|(name, _)| *name)
            .filter(|name| ![CANDIDATE, JOBCENTRE].contains(name))
            .collect();
        let other = if home == Home::Hold {
            ("fact", &[][..])
        } else {
            ("fact or role", &*roles)
        };
        return facts::named_or(cx, node, home, other).map(|(fact, _)| Fill::Fact(fact));
    };
    let built_in = word == CANDIDATE || word == JOBCENTRE;
    if built_in || matches!(per, Some(Per::Cohort | Per::Workflow)) || home == Home::Hold {
        let message = format!("\"{word}\" is not a role that a task about one candidate can fill");
        let help = "a task in a state fills facts, and roles that are \"per: candidate\"";
        cx.sink
            .error_help("fills-role-not-per-candidate", &node.span, message, help);
        return None;
    }
    cx.sink.used(Space::Roles, word, &node.span);
    Some(Fill::Role(Name::from(word)))
}
