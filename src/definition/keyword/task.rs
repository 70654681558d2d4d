//! `tasks`: what someone has to do, by when, and what it records.
//!
//! ```yaml
//! tasks:
//!   assess: {title: Vurdér egnethed, by: job_consultant, due: pre_course.last_day, fills: [suited]}
//! ```

use super::{Cx, Home, facts, guard, phrase, roles};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes, WAS};
use crate::definition::model::{CANDIDATE, Fill, JOBCENTRE, Name, Per, Task};
use crate::definition::names::Thing;
use crate::definition::shape::{Shape, one_or_more, things, yes_no};
use crate::definition::symbols::Space;
use crate::definition::yaml::Node;

/// A task.
pub(crate) static KEYS: Keys = Keys::new(
    "a task",
    "What someone has to do, by when, and what it records.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Vurdér egnethed"),
        Key::needed(
            "by",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who does it. A task of the hold is done by a role per cohort or per workflow.",
            "coordinator",
        ),
        Key::new(
            "when",
            Takes::Point,
            "When it opens; when its state is entered, if it is left out.",
            "4 weeks before cohort.start",
        )
        .rules(&[Rule::Without(
            "every",
            Some("a task opens \"when:\" or \"every:\", not both"),
        )]),
        Key::new(
            "due",
            Takes::Point,
            "The day by which it is to be done.",
            "8 workdays before cohort.start",
        ),
        Key::new(
            "every",
            Takes::Period,
            "How often it opens anew.",
            "2 weeks on wednesday",
        ),
        Key::new(
            "from",
            Takes::Point,
            "The first day of `every`; the first day of the state, if it is left out.",
            "2 weeks before cohort.start",
        )
        .rules(&[Rule::With(
            &["every"],
            Some("\"from:\" is the first day of \"every:\", which is not here"),
        )]),
        Key::new(
            "until",
            Takes::Point,
            "The last day of `every`, or the day after which the task no longer opens.",
            "cohort.end",
        ),
        Key::new(
            "fills",
            Takes::OneOrMore(&Takes::Name(Names::FactOrRole)),
            "The facts that it records, and the roles per candidate that it finds someone for.",
            "cohort.school_place",
        ),
        Key::new(
            "clears",
            Takes::OneOrMore(&Takes::Name(Names::State)),
            "It is done when no case is left in these states: the selection.",
            "[nominated]",
        )
        .outside_states(),
        Key::new(
            "optional",
            Takes::YesNo,
            "Whether it can be skipped with a word.",
            "yes",
        ),
        Key::new(
            "if",
            Takes::Guard,
            "What must hold when it opens; otherwise it is skipped, and that is recorded.",
            "{cohort.school_place: {recorded: no}}",
        ),
        Key::new(
            "remind",
            Takes::OneOrMore(&Takes::Remind),
            "Mails to those who do it, measured from the due day.",
            "[2 workdays before at 09:00]",
        )
        .rules(&[Rule::With(
            &["due"],
            Some("\"remind:\" is measured from \"due:\", which is not here"),
        )]),
        WAS,
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "tasks",
    title: "Tasks",
    doc: "Opening a task sends no mail; `remind` and `overdue` do, one mail per person for all that is due \
          at the same moment, from the templates `task-reminder` and `task-overdue`, or from one with the \
          task's own name in front, such as `assess-reminder`. A recurring or optional task can be \
          skipped with a word. A task that is reopened makes the facts it fills unrecorded, so that a loop \
          never decides on a stale answer. Leaving the state withdraws the tasks that are open.",
    example: "tasks:\n  assess:\n    title: Vurdér egnethed\n    by: job_consultant\n    due: school.last_day\n    fills: [ready]\n    remind: [2 workdays before at 09:00]",
    shapes: &[&KEYS],
    top: &[],
};

/// Reads the tasks of a state or of the hold.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Task> {
    let tasks = things(cx.sink, node, "tasks").into_iter();
    tasks
        .filter_map(|(name, key, value)| task(cx, name, key, value, home))
        .collect()
}

fn task(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Task> {
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS)?;
    only_of_the_hold(cx, &shape, home);
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
        was: shape.was(cx.sink, |word| {
            let side = cx.names.side(home.is_hold());
            side.get(word)
                .is_some_and(|entry| entry.thing == Thing::Task)
        }),
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

/// Candidates are in states one by one, and the hold looks at all of them.
fn only_of_the_hold(cx: &Cx, shape: &Shape, home: Home) {
    if let (true, Some(span)) = (home != Home::Hold, shape.key_span("clears")) {
        cx.sink.error(
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
