//! `if`: a guard. A map of which all must hold, typed by the facts it names.
//!
//! ```yaml
//! if: {danish: {at_least: "02"}, target_group: [dagpenge, jobparat], age: {at_most: 29}}
//! if: {any: [{offered: yes}, {offered: {recorded: no}}]}
//! ```

use super::{Cx, Home, facts};
use crate::definition::keywords::{Key, Keys, Page, Rule, Takes, words};
use crate::definition::model::{Compare, Guard, Test};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, list, map};
use crate::definition::value::{FactKind, Value};
use crate::definition::yaml::{Kind, Node};

/// What a guard knows besides facts.
pub(crate) static KEYS: Keys = Keys::new(
    "a guard",
    "A map of tests, of which all must hold. Besides the names of facts it knows these.",
    &[
        Key::new(
            "any",
            Takes::List(&Takes::Guard),
            "Guards of which at least one must hold.",
            "[{offered: yes}, {offered: {recorded: no}}]",
        ),
        Key::new(
            "age",
            Takes::Compare,
            "The candidate's age in whole years on the day the guard is tried.",
            "{at_least: 18, at_most: 29}",
        ),
        Key::new(
            "cohort.free_places",
            Takes::Compare,
            "How many of the hold's places are free.",
            "{at_least: 1}",
        ),
    ],
);
/// A comparison.
pub(crate) static OPERATORS: Keys = Keys::new(
    "a comparison",
    "What a guard asks of one fact, where a value or a list of values does not say it.",
    &[
        Key::new(
            "at_least",
            Takes::Value,
            "This value or one above it. Grades and dates have an order too.",
            "\"02\"",
        )
        .rules(&[Rule::Without("not", None), Rule::Without("recorded", None)]),
        Key::new(
            "at_most",
            Takes::Value,
            "This value or one below it.",
            "\"10\"",
        )
        .rules(&[Rule::Without("not", None), Rule::Without("recorded", None)]),
        Key::new(
            "not",
            Takes::OneOrMore(&Takes::Value),
            "Any recorded value but this, or but these.",
            "[\"-3\", \"00\"]",
        )
        .rules(&[Rule::Without("recorded", None)]),
        Key::new(
            "recorded",
            Takes::Words(&words(&RECORDED)),
            "Whether the fact is recorded at all.",
            "no",
        ),
    ],
)
.one_of(&["at_least", "at_most", "not", "recorded"]);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "if",
    title: "Guards",
    doc: "A guard is a map of tests, of which all must hold. A test is the name of a fact with a value, a \
          list of values, or a comparison. It is typed: a wrong name, kind or value is an error of the \
          file. A guard over a fact that is not recorded is *unknown*: an event is refused and names the \
          fact; a timed `then` waits, visibly, and `else` is not taken; a task or mail is skipped, and \
          that is recorded.",
    example: "if: {danish: {at_least: \"02\"}, target_group: [dagpenge, jobparat], age: {at_most: 29}}",
    shapes: &[&KEYS, &OPERATORS],
    top: &[],
};
const RECORDED: [(&str, bool, &str); 2] = [
    ("yes", true, "It is recorded, whatever its value."),
    ("no", false, "It is not recorded yet."),
];

/// Reads a guard; without one, everything holds.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Guard {
    node.map(|node| guard(cx, node, home)).unwrap_or_default()
}

fn guard(cx: &Cx, node: &Node, home: Home) -> Guard {
    let Some(entries) = map(cx.sink, node, "a guard") else {
        return Guard::default();
    };
    if entries.is_empty() {
        cx.sink.error(
            "bad-value",
            &node.span,
            "an empty guard always holds: leave \"if:\" out",
        );
    }
    Guard(
        entries
            .into_iter()
            .filter_map(|(key, value)| test(cx, key, value, home))
            .collect(),
    )
}

fn test(cx: &Cx, key: &Node, value: &Node, home: Home) -> Option<Test> {
    match key.text()? {
        "any" => any(cx, value, home),
        "age" => {
            if !matches!(home, Home::Case(_)) {
                cx.sink.error(
                    "guard-type",
                    &key.span,
                    "only a candidate has an age, and this belongs to many",
                );
            }
            counted(cx.sink, key, value, 0..=130).map(Test::Age)
        }
        "cohort.free_places" => {
            if home == Home::Workflow {
                cx.sink.error(
                    "guard-type",
                    &key.span,
                    "only a hold has places, and this belongs to all holds",
                );
            }
            needs_places(cx, key);
            counted(cx.sink, key, value, 0..=100_000).map(Test::FreePlaces)
        }
        _ => {
            let (fact, kind) = facts::named(cx, key, home)?;
            cx.sink.used_choices(fact.cohort, &fact.name, value);
            let compare = match kind {
                Some(kind) => compare(cx.sink, key, value, kind)?,
                None => return None,
            };
            Some(Test::Fact(fact, compare))
        }
    }
}

/// Free places can only be counted where places are.
pub(crate) fn needs_places(cx: &Cx, key: &Node) {
    if !cx.names.has_places {
        let message = "the hold has no number of places";
        cx.sink.error_help(
            "needs-places",
            &key.span,
            message,
            "write \"places:\" under \"cohort:\"",
        );
    }
}

fn any(cx: &Cx, node: &Node, home: Home) -> Option<Test> {
    let items = list(cx.sink, node, "any")?;
    if items.is_empty() {
        cx.sink
            .error("bad-value", &node.span, "\"any\" of nothing never holds");
    }
    Some(Test::Any(
        items.iter().map(|item| guard(cx, item, home)).collect(),
    ))
}

/// A guard on a number that is always known: age, free places.
fn counted(
    sink: &Sink,
    key: &Node,
    value: &Node,
    bounds: std::ops::RangeInclusive<i64>,
) -> Option<Compare> {
    let compare = compare(sink, key, value, &FactKind::WholeNumber)?;
    let values: Vec<&Value> = match &compare {
        Compare::In(values) | Compare::Not(values) => values.iter().collect(),
        Compare::Within { least, most } => least.iter().chain(most).collect(),
        Compare::Recorded(_) => {
            sink.error(
                "guard-type",
                &value.span,
                "this is always known: \"recorded\" says nothing",
            );
            return None;
        }
    };
    if values
        .iter()
        .any(|value| !matches!(value, Value::Whole(n) if bounds.contains(n)))
    {
        let message = format!(
            "this can only be from {} to {}",
            bounds.start(),
            bounds.end()
        );
        sink.error("bad-value", &value.span, message);
    }
    Some(compare)
}

fn compare(sink: &Sink, key: &Node, node: &Node, kind: &FactKind) -> Option<Compare> {
    if matches!(kind, FactKind::Text { .. }) && !asks_recorded(node) {
        let message = "a text is not compared: a guard can only ask whether it is recorded";
        sink.error_help(
            "guard-type",
            &node.span,
            message,
            "write {recorded: yes} or {recorded: no}",
        );
        return None;
    }
    if matches!(node.kind, Kind::Map(_)) {
        return operators(sink, key, node, kind);
    }
    values(sink, node, kind).map(Compare::In)
}

fn asks_recorded(node: &Node) -> bool {
    matches!(&node.kind, Kind::Map(entries) if entries.iter().all(|(key, _)| key.text() == Some("recorded")))
}

/// One value or a list.
fn values(sink: &Sink, node: &Node, kind: &FactKind) -> Option<Vec<Value>> {
    let Kind::List(items) = &node.kind else {
        return guard_value(sink, node, kind).map(|value| vec![value]);
    };
    if items.is_empty() {
        sink.error("bad-value", &node.span, "an empty list never holds");
    }
    let values: Vec<Value> = items
        .iter()
        .filter_map(|item| guard_value(sink, item, kind))
        .collect();
    (values.len() == items.len()).then_some(values)
}

/// A value of another kind is a guard that never holds; a misspelt choice or grade is a bad value.
fn guard_value(sink: &Sink, node: &Node, kind: &FactKind) -> Option<Value> {
    let word = node
        .text()
        .filter(|_| !matches!(kind, FactKind::OneOf(_) | FactKind::Grade));
    if let Some(Err(bad)) = word.map(|word| kind.read(word)) {
        sink.error(
            "guard-type",
            &node.span,
            format!("\"{}\" is not {}", bad.given, bad.wanted),
        );
        return None;
    }
    facts::value(sink, node, kind)
}

fn operators(sink: &Sink, key: &Node, node: &Node, kind: &FactKind) -> Option<Compare> {
    let shape = Shape::read(sink, &key.span, node, &OPERATORS)?;
    let given: Vec<&str> = OPERATORS
        .names()
        .filter(|operator| shape.get(operator).is_some())
        .collect();
    match given.as_slice() {
        ["recorded"] => {
            let node = shape.get("recorded")?;
            choice(sink, node, "recorded", &RECORDED).map(Compare::Recorded)
        }
        ["not"] => values(sink, shape.get("not")?, kind).map(Compare::Not),
        ["at_least" | "at_most"] | ["at_least", "at_most"] => within(sink, node, &shape, kind),
        [] => {
            sink.error(
                "bad-value",
                &node.span,
                "a comparison needs at_least, at_most, not or recorded",
            );
            None
        }
        _ => {
            let message = format!("{} cannot stand together", given.join(" and "));
            sink.error_help(
                "guard-type",
                &node.span,
                message,
                "use \"any: [ … ]\" or two guards",
            );
            None
        }
    }
}

fn within(sink: &Sink, node: &Node, shape: &Shape, kind: &FactKind) -> Option<Compare> {
    if matches!(kind, FactKind::OneOf(_) | FactKind::YesNo) {
        let message = "this fact has no order, so that nothing is at least or at most";
        sink.error_help(
            "guard-type",
            &node.span,
            message,
            "name the values: a value or a list of them",
        );
        return None;
    }
    let bound = |key: &str| shape.get(key).map(|node| guard_value(sink, node, kind));
    let (least, most) = (bound("at_least"), bound("at_most"));
    if least == Some(None) || most == Some(None) {
        return None;
    }
    let (least, most) = (least.flatten(), most.flatten());
    let order = least
        .as_ref()
        .zip(most.as_ref())
        .and_then(|(low, high)| low.compare(high));
    if order == Some(std::cmp::Ordering::Greater) {
        sink.error(
            "bad-value",
            &node.span,
            "at_least is above at_most: this never holds",
        );
    }
    Some(Compare::Within { least, most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::model::{Event, FactRef};
    use crate::definition::read;

    const BASE: &str = include_str!("../../../tests/fixtures/workflows/base.yaml");

    fn of_accept(guard: &str) -> (Option<Event>, Vec<String>) {
        let read = read(
            "f",
            &BASE.replace(
                "if: {age: {at_least: 18}}, override",
                &format!("if: {guard}, override"),
            ),
        );
        let event = read
            .workflow
            .map(|workflow| workflow.states[1].scope.events[0].clone());
        (
            event,
            read.problems
                .iter()
                .map(|problem| format!("{}: {}", problem.rule, problem.message))
                .collect(),
        )
    }

    #[test]
    fn guards_become_tests() {
        let fact = |name: &str, compare| {
            Test::Fact(
                FactRef {
                    cohort: false,
                    name: name.into(),
                },
                compare,
            )
        };
        let choice = |key: &str| Value::Choice(key.into());
        let ready = || fact("ready", Compare::In(vec![Value::YesNo(true)]));
        let within = |least, most| Compare::Within { least, most };
        let price = FactRef {
            cohort: true,
            name: "price".into(),
        };
        for (guard, expect) in [
            ("{ready: yes}", vec![ready()]),
            (
                "{track: sundhed}",
                vec![fact("track", Compare::In(vec![choice("sundhed")]))],
            ),
            (
                "{track: {not: [sundhed]}}",
                vec![fact("track", Compare::Not(vec![choice("sundhed")]))],
            ),
            (
                "{danish: {at_least: \"02\"}}",
                vec![fact("danish", within(Some(Value::Grade(2)), None))],
            ),
            (
                "{reason: {recorded: no}}",
                vec![fact("reason", Compare::Recorded(false))],
            ),
            (
                "{age: {at_least: 18, at_most: 29}}",
                vec![Test::Age(within(
                    Some(Value::Whole(18)),
                    Some(Value::Whole(29)),
                ))],
            ),
            (
                "{cohort.free_places: {not: 0}}",
                vec![Test::FreePlaces(Compare::Not(vec![Value::Whole(0)]))],
            ),
            (
                "{cohort.price: {at_most: 7.5}}",
                vec![Test::Fact(price, within(None, Some(Value::Decimal(750))))],
            ),
            (
                "{any: [{ready: yes}], ready: yes}",
                vec![Test::Any(vec![Guard(vec![ready()])]), ready()],
            ),
        ] {
            let (event, problems) = of_accept(guard);
            assert_eq!(
                event.map(|event| event.guard),
                Some(Guard(expect)),
                "{guard} {problems:?}"
            );
        }
    }

    #[test]
    fn guards_that_cannot_be_meant_are_refused() {
        for (guard, rule) in [
            ("{}", "bad-value: an empty guard"),
            ("{any: []}", "bad-value: \"any\" of nothing"),
            ("{track: []}", "bad-value: an empty list"),
            ("{track: {}}", "bad-value: a comparison needs"),
            ("{ready: maybe}", "guard-type: \"maybe\" is not yes or no"),
            ("{age: {recorded: yes}}", "guard-type: this is always known"),
            ("{age: {at_least: 200}}", "bad-value: this can only be"),
            (
                "{age: {at_least: 30, at_most: 20}}",
                "bad-value: at_least is above",
            ),
            (
                "{danish: {at_least: 4}}",
                "unquoted-grade: a grade is written in quotes",
            ),
            (
                "{danish: {above: \"02\"}}",
                "unknown-key: a comparison has no key",
            ),
            ("{price: 7}", "unknown-name: no fact is called \"price\""),
            ("{met: yes}", "unknown-name: \"met\" is a state, not a fact"),
            ("[ready]", "wrong-type: a guard is a map"),
        ] {
            let (_, problems) = of_accept(guard);
            assert!(
                problems.iter().any(|problem| problem.starts_with(rule)),
                "{guard} {problems:?}"
            );
        }
    }
}
