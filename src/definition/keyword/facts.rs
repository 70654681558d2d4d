//! `facts`: what is recorded about a case or a hold, and of which kind.
//!
//! ```yaml
//! facts: {danish: {title: Dansk 9. kl., type: grade}, track: {title: Spor, one_of: {a: Ældre, b: Børn}}}
//! ```

use super::{Cx, Home};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes, WAS, words};
use crate::definition::model::{Fact, FactRef, Name};
use crate::definition::names::{Entry, Thing};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, choice, is_name, one_or_more, text, things, yes_no};
use crate::definition::symbols::Space;
use crate::definition::value::{FactKind, Value};
use crate::definition::yaml::{Node, short};

/// Characters of a text fact that says nothing else.
const TEXT_CHARS: u32 = 500;
/// A fact.
pub(crate) static KEYS: Keys = Keys::new(
    "a fact",
    "Something that is recorded about a case, or about a hold.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Dansk 9. klasse"),
        Key::new(
            "type",
            Takes::Words(&words(&TYPES)),
            "The kind of value.",
            "grade",
        )
        .rules(&[Rule::Without("one_of", None)]),
        Key::new(
            "one_of",
            Takes::Things(Names::New, &Takes::Text),
            "The values it can have, each with the title that people read.",
            "{dagpenge: Dagpengemodtager, jobparat: Jobparat}",
        )
        .rules(&[Rule::Without("type", None)]),
        Key::new(
            "max",
            Takes::Whole { least: 1, most: 100_000 },
            "How many characters a `text` can have; 500 when it is left out. Only with `type: text`.",
            "300",
        )
        .rules(&[Rule::With(&["type"], None)]),
        Key::new(
            "confidential",
            Takes::YesNo,
            "Whether it must never stand in a mail. A template that uses it is an error.",
            "yes",
        ),
        WAS,
    ],
)
.one_of(&["type", "one_of"]);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "facts",
    title: "Facts",
    doc: "Facts are recorded by tasks that `fills` them, by events that `needs` them, or by themselves. A \
          guard decides by them; a date fact is an anchor for time phrases. The words of a text are kept \
          apart from history, so that they can be erased. Grades are the 7-step scale, in order: -3, 00, \
          02, 4, 7, 10, 12; write them in quotes, because `02` alone is the number 2 to YAML.",
    example: "facts:\n  danish: {title: Dansk 9. kl., type: grade}\n  track: {title: Spor, one_of: {sundhed: Sundhed, paedagogik: Pædagogik}}",
    shapes: &[&KEYS],
    top: &[],
};
const TYPES: [(&str, &str, &str); 6] = [
    ("yes_no", "yes_no", "Yes or no."),
    ("whole_number", "whole_number", "A whole number."),
    (
        "decimal",
        "decimal",
        "A number with up to two decimals, as `7.5` or `7,5`.",
    ),
    (
        "date",
        "date",
        "A day, as `2026-02-02`. It is an anchor for time phrases.",
    ),
    (
        "text",
        "text",
        "Free text; a guard can only ask whether it is recorded.",
    ),
    (
        "grade",
        "grade",
        "A grade of the Danish 7-step scale, in quotes: `\"02\"`.",
    ),
];

/// Reads them.
pub(crate) fn read(sink: &Sink, node: Option<&Node>) -> Vec<Fact> {
    things(sink, node, "facts")
        .into_iter()
        .filter_map(|(name, key, value)| fact(sink, name, key, value))
        .collect()
}

/// The kind of a fact while names are collected; [`read`] reports what is wrong with it.
pub(crate) fn kind_quietly(value: &Node) -> Option<FactKind> {
    let quiet = Sink::new("", "");
    Shape::read(&quiet, &(0..0), value, &KEYS).and_then(|shape| kind(&quiet, &shape))
}

fn fact(sink: &Sink, name: &str, key: &Node, value: &Node) -> Option<Fact> {
    let shape = Shape::read(sink, &key.span, value, &KEYS)?;
    let title = shape.title(sink);
    let confidential = yes_no(sink, shape.get("confidential"), "confidential");
    Some(Fact {
        name: Name::from(name),
        was: shape.was(sink, |word| word == name),
        title,
        kind: kind(sink, &shape)?,
        confidential,
    })
}

fn kind(sink: &Sink, shape: &Shape) -> Option<FactKind> {
    let (one_of, typed) = (shape.get("one_of"), shape.get("type"));
    if let (Some(_), Some(node)) = (one_of, typed) {
        sink.error(
            "bad-value",
            &node.span,
            "a fact has \"type:\" or \"one_of:\", not both",
        );
    }
    if let Some(node) = one_of {
        return choices(sink, node);
    }
    let Some(node) = typed else {
        shape.missing(sink, "type");
        return None;
    };
    let word = choice(sink, node, "type", &TYPES)?;
    let max = shape.whole(sink, "max");
    if let (Some(span), false) = (shape.key_span("max"), word == "text") {
        sink.error(
            "bad-value",
            &span,
            "\"max:\" is the number of characters of a text",
        );
    }
    Some(match word {
        "yes_no" => FactKind::YesNo,
        "whole_number" => FactKind::WholeNumber,
        "decimal" => FactKind::Decimal,
        "date" => FactKind::Date,
        "grade" => FactKind::Grade,
        _ => FactKind::Text {
            max: max.unwrap_or(TEXT_CHARS),
        },
    })
}

fn choices(sink: &Sink, node: &Node) -> Option<FactKind> {
    let mut choices = Vec::new();
    for (name, key, value) in things(sink, Some(node), "one_of") {
        if !is_name(name) {
            sink.error(
                "bad-name",
                &key.span,
                format!("\"{}\" cannot be the key of a choice", short(name)),
            );
        }
        if let Some(title) = text(sink, value, "the title of a choice") {
            choices.push((name.to_owned(), title.to_owned()));
        }
    }
    if choices.is_empty() {
        sink.error(
            "bad-value",
            &node.span,
            "a choice needs at least one key with its title",
        );
    }
    (!choices.is_empty()).then_some(FactKind::OneOf(choices))
}

/// A fact named in a guard, in `needs` or in `fills`, with its kind; unknown ones are reported.
pub(crate) fn named<'c>(
    cx: &'c Cx,
    node: &Node,
    home: Home,
) -> Option<(FactRef, Option<&'c FactKind>)> {
    named_or(cx, node, home, ("fact", &[]))
}

/// The same where something else may be named too: what it is called, and those that there are.
pub(crate) fn named_or<'c>(
    cx: &'c Cx,
    node: &Node,
    home: Home,
    other: (&str, &[&str]),
) -> Option<(FactRef, Option<&'c FactKind>)> {
    let word = text(cx.sink, node, "a fact")?;
    let (cohort, name) = word
        .strip_prefix("cohort.")
        .map_or((false, word), |name| (true, name));
    let Some(Entry {
        thing: Thing::Fact(kind),
        ..
    }) = cx.names.side(cohort).get(name)
    else {
        unknown(cx, node, cohort, name, other);
        return None;
    };
    let out_of_scope = match home {
        Home::Case(_) => false,
        Home::Hold => !cohort,
        Home::Workflow => true,
    };
    if out_of_scope {
        let message =
            format!("\"{word}\" is not known here: this belongs to more than one case or hold");
        cx.sink.error("unknown-name", &node.span, message);
        return None;
    }
    cx.sink.used(Space::side(cohort), name, &node.span);
    let name = Name::from(name);
    Some((FactRef { cohort, name }, kind.as_ref()))
}

fn unknown(cx: &Cx, node: &Node, cohort: bool, name: &str, (what, others): (&str, &[&str])) {
    let of_hold = if cohort { " of the hold" } else { "" };
    let message = match cx.names.side(cohort).get(name) {
        Some(entry) => format!("\"{name}\" is {}, not a {what}", entry.thing.what()),
        None => format!("no {what}{of_hold} is called \"{}\"", short(name)),
    };
    let is_fact = |thing: &Thing| matches!(thing, Thing::Fact(_));
    if let Some(Entry {
        thing: Thing::Fact(_),
        ..
    }) = cx.names.side(!cohort).get(name)
    {
        let other = if cohort {
            name.to_owned()
        } else {
            format!("cohort.{name}")
        };
        return cx.sink.error_help(
            "unknown-name",
            &node.span,
            message,
            format!("did you mean \"{other}\"?"),
        );
    }
    cx.sink.error_name(
        "unknown-name",
        &node.span,
        name,
        message,
        cx.names
            .words(cohort, is_fact)
            .chain(others.iter().copied()),
    );
}

/// The facts named by `needs` of an event.
pub(crate) fn needs(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<FactRef> {
    let nodes = node
        .map(|node| one_or_more(cx.sink, node, "a fact"))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| named(cx, node, home))
        .map(|(fact, _)| fact)
        .collect()
}

/// A value of a kind; says what the kind takes when it is none.
pub(crate) fn value(sink: &Sink, node: &Node, kind: &FactKind) -> Option<Value> {
    let word = text(sink, node, "a value")?;
    let plain = matches!(
        node.kind,
        crate::definition::yaml::Kind::Scalar { plain: true, .. }
    );
    if *kind == FactKind::Grade && plain {
        let quoted = if word == "2" || word == "0" {
            format!("0{word}")
        } else {
            word.to_owned()
        };
        let message = format!(
            "a grade is written in quotes: plain {} is a number",
            short(word)
        );
        sink.error_help(
            "unquoted-grade",
            &node.span,
            message,
            format!("write \"{}\" in quotes", short(&quoted)),
        );
        return None;
    }
    let read = kind.read(word);
    if let Err(bad) = &read {
        let message = format!("\"{}\" is not {}", short(word), bad.wanted);
        match kind {
            FactKind::OneOf(choices) => {
                let message = format!("\"{}\" is not one of the choices", short(word));
                let keys = choices.iter().map(|(key, _)| key.as_str());
                sink.error_name("bad-value", &node.span, word, message, keys);
            }
            _ => sink.error("bad-value", &node.span, message),
        }
    }
    read.ok()
}
