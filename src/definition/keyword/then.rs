//! `then`: where a case goes: a state, or branches that end in `else`.
//!
//! ```yaml
//! then: school
//! then: next_cohort.nominated
//! then: [{if: {accepted: yes}, then: recruited}, {else: completed}]
//! ```

use super::{Cx, Home, guard, phrase};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes};
use crate::definition::model::{Goal, Then};
use crate::definition::shape::{Shape, text};
use crate::definition::yaml::{Kind, Node};

/// A branch.
pub(crate) static KEYS: Keys = Keys::new(
    "a branch",
    "Branches are tried in their order, and the first whose guard holds is taken.",
    &[
        Key::new(
            "if",
            Takes::Guard,
            "What must hold for this branch.",
            "{accepted: yes}",
        )
        .rules(&[Rule::With(&["then"], None)]),
        Key::new(
            "then",
            Takes::Name(Names::Goal),
            "Where the case then goes.",
            "hired",
        )
        .rules(&[Rule::With(&["if"], None)]),
        Key::new(
            "else",
            Takes::Name(Names::Goal),
            "Where the case goes when no branch is taken. It is the last one, alone.",
            "completed",
        )
        .rules(&[Rule::Alone(&[])]),
    ],
)
.one_of(&["if", "else"]);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "then",
    title: "Where a case goes",
    doc: "`then` names a state, or lists branches that end in `else`. A branch whose guard is unknown, \
          because a fact is not recorded yet, makes a timed `then` wait. `next_cohort.STATE` ends the case \
          as moved and opens it in that state of the earliest later hold, with its facts and people; when \
          there is none yet, it waits.",
    example: "then:\n  - {if: {accepted: yes}, then: hired}\n  - {else: completed}",
    shapes: &[&KEYS],
    top: &[],
};

/// Reads it. A goal that cannot be read is noted, so that nothing is called unreachable for it.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Option<Then> {
    let node = node?;
    let then = match &node.kind {
        Kind::List(items) => branches(cx, node, items, home),
        _ => goal(cx, node).map(Then::To),
    };
    if then.is_none() {
        cx.notes.borrow_mut().goal_broken = true;
    }
    then
}

fn goal(cx: &Cx, node: &Node) -> Option<Goal> {
    let word = text(cx.sink, node, "the goal")?;
    if let Some(name) = word.strip_prefix("next_cohort.") {
        return phrase::state(cx, node, name).map(Goal::NextCohort);
    }
    phrase::state(cx, node, word).map(Goal::State)
}

fn branches(cx: &Cx, node: &Node, items: &[Node], home: Home) -> Option<Then> {
    let Some((last, first)) = items.split_last() else {
        cx.sink
            .error("bad-value", &node.span, "\"then:\" has no branches");
        return None;
    };
    let read: Vec<_> = first.iter().map(|item| branch(cx, item, home)).collect();
    let otherwise = otherwise(cx, last, home);
    let branches = read.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Then::Branches {
        branches,
        otherwise: otherwise?,
    })
}

fn branch(cx: &Cx, node: &Node, home: Home) -> Option<(crate::definition::model::Guard, Goal)> {
    let shape = Shape::read(cx.sink, &node.span, node, &KEYS)?;
    if let Some(span) = shape.key_span("else") {
        cx.sink.error(
            "bad-value",
            &span,
            "\"else:\" is the last branch: those after it are never taken",
        );
        return None;
    }
    let guard = shape
        .need(cx.sink, "if")
        .map(|node| guard::read(cx, Some(node), home));
    let goal = shape.need(cx.sink, "then").and_then(|node| goal(cx, node));
    Some((guard?, goal?))
}

/// The last branch: without it, a case could be nowhere.
fn otherwise(cx: &Cx, node: &Node, home: Home) -> Option<Goal> {
    let shape = Shape::read(cx.sink, &node.span, node, &KEYS)?;
    if let Some(value) = shape.get("else") {
        if let Some(span) = shape.key_span("if").or_else(|| shape.key_span("then")) {
            cx.sink.error(
                "bad-value",
                &span,
                "the last branch is \"{else: STATE}\" alone",
            );
        }
        return goal(cx, value);
    }
    branch(cx, node, home);
    let message = "the branches end in \"{else: STATE}\": a case must go somewhere";
    cx.sink.error("missing-key", &node.span, message);
    None
}
