//! `variants`: workflows with the same states, tasks, meetings and messages, and other values: what
//! two initiatives share is written once. A variant has a name, holds and versions of its own.
//!
//! ```yaml
//! variants:
//!   favrskov-sosu-plus:
//!     title: SOSU-plus i Favrskov
//!     places: 8
//!     settings: {internship: 6 weeks}
//! ```
//!
//! `settings` gives lengths of the file other values, a length alone being an assumption; `choices`
//! replaces what a fact can be; `places` the hold's places. `source`, `targets` and `scenarios` tell
//! of the initiative, so a variant has its own or none.

use super::{scenarios, settings, targets, workflow};
use crate::definition::keywords::{Key, Keys, Names, Page, Takes, Units, words};
use crate::definition::model::Workflow;
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, things};
use crate::definition::symbols::Space;
use crate::definition::yaml::{Kind, Node, short};

/// A variant.
pub(crate) static KEYS: Keys = Keys::new(
    "a variant",
    "A workflow of its own, with the file's states and other values.",
    &[
        Key::needed(
            "title",
            Takes::Text,
            "What people read.",
            "SOSU-plus i Favrskov",
        ),
        Key::new(
            "source",
            Takes::Text,
            "Where this course is described.",
            "Favrskov Kommune",
        ),
        Key::new(
            "places",
            Takes::Whole {
                least: 1,
                most: 100_000,
            },
            "The places of its holds.",
            "8",
        ),
        Key::new(
            "settings",
            Takes::Things(
                Names::Setting,
                &Takes::Either(&Takes::Length(Units::Written), &Takes::Map(&SETTING)),
            ),
            "Other lengths for settings of the file; a length alone is an assumption.",
            "{internship: 6 weeks}",
        ),
        Key::new(
            "choices",
            Takes::Things(Names::CaseFact, &Takes::Things(Names::New, &Takes::Text)),
            "Other values for facts with `one_of`, each with its title.",
            "{target_group: {jobparat: Jobparat, dagpenge: Dagpengemodtager}}",
        ),
        Key::new(
            "targets",
            Takes::Things(Names::Free, &Takes::Map(&targets::KEYS)),
            "Its own targets; those of the file are not its.",
            "{hired: {title: Ansatte, reached: hired, at_least: 6}}",
        ),
        Key::new(
            "scenarios",
            Takes::Things(Names::Free, &Takes::Map(&scenarios::KEYS)),
            "Its own scenarios; those of the file are not its.",
            "{waits: {title: Venter, cohort: {start: 2027-02-01, end: 2027-06-30}, \
             steps: [{at: 2027-01-11 10:00, expect: {state: nominated}}]}}",
        ),
    ],
);
/// What a variant says of a setting, as a map: what it leaves out is the file's.
static SETTING: Keys = Keys::new(
    "a setting of a variant",
    "What differs from the setting of the file; what is left out is the file's.",
    &[
        Key::new("title", Takes::Text, "What people read.", "Praktik"),
        Key::new(
            "length",
            Takes::Length(Units::Written),
            "How long it is.",
            "6 weeks",
        ),
        Key::new(
            "source",
            Takes::Words(&words(&settings::SOURCES)),
            "Whether the described course says so.",
            "seed",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "variants",
    title: "Variants",
    doc: "What two initiatives share is written once. A variant has a name, holds and versions of its own, \
          and is published and simulated like any workflow. `source`, `targets` and `scenarios` tell of \
          the initiative, so that a variant has its own or none.",
    example: "variants:\n  favrskov-sosu-plus:\n    title: SOSU-plus i Favrskov\n    places: 8\n    settings: {internship: 6 weeks}",
    shapes: &[&KEYS, &SETTING],
    top: &[],
};
/// Each is read as a whole file.
const VARIANTS_MAX: usize = 20;
/// What tells of one initiative only.
const OWN: [&str; 4] = ["title", "source", "targets", "scenarios"];

/// Reads them: each is the whole file with the variant's values in the places of the file's own.
pub(crate) fn read(sink: &Sink, root: &Node) -> Vec<Workflow> {
    let mut variants = things(sink, child(root, "variants"), "variants");
    if let Some((_, key, _)) = variants.get(VARIANTS_MAX) {
        let message = format!("a file has at most {VARIANTS_MAX} variants");
        sink.error_help(
            "too-many",
            &key.span,
            message,
            "put the others in a file of their own",
        );
        variants.truncate(VARIANTS_MAX);
    }
    let own = child(root, "workflow").and_then(Node::text);
    let read = |(name, key, value): (&str, &Node, &Node)| {
        if own == Some(name) {
            let message = format!("\"{}\" is the name of the file's own workflow", short(name));
            sink.error_help("name-clash", &key.span, message, "give the variant another");
            return None;
        }
        let shape = Shape::read(sink, &key.span, value, &KEYS)?;
        shape.title(sink);
        shape.get("title")?;
        workflow::read_one(sink, &merged(sink, root, key, &shape)).0
    };
    variants.into_iter().filter_map(read).collect()
}

/// The file as the variant reads it. Each part keeps the place where it is written.
fn merged(sink: &Sink, root: &Node, name: &Node, variant: &Shape) -> Node {
    let mut whole = root.clone();
    remove(&mut whole, "variants");
    put(&mut whole, "workflow", name.clone());
    for key in OWN {
        remove(&mut whole, key);
        if let (Some(key), Some(value)) = (variant.key(key), variant.get(key)) {
            entries(&mut whole).extend([(key.clone(), value.clone())]);
        }
    }
    if let (Some(key), Some(places)) = (variant.key("places"), variant.get("places")) {
        match child_mut(&mut whole, "cohort") {
            Some(cohort) => put_new(cohort, key, places),
            None => sink.error(
                "unknown-name",
                &key.span,
                "there is no cohort to have places",
            ),
        }
    }
    for (name, key, value) in things(sink, variant.get("settings"), "settings") {
        match child_mut(&mut whole, "settings").and_then(|all| child_mut(all, name)) {
            Some(setting) => {
                sink.used(Space::Settings, name, &key.span);
                set(setting, value);
            }
            None => unknown(sink, key, name, "setting", &names(child(root, "settings"))),
        }
    }
    let facts = child(root, "candidate").and_then(|candidate| child(candidate, "facts"));
    for (name, key, value) in things(sink, variant.get("choices"), "choices") {
        let fact = child_mut(&mut whole, "candidate")
            .and_then(|candidate| child_mut(candidate, "facts"))
            .and_then(|facts| child_mut(facts, name));
        match fact {
            Some(fact) if child(fact, "one_of").is_some() => {
                sink.used(Space::Case, name, &key.span);
                put(fact, "one_of", value.clone());
            }
            Some(_) => {
                let message = format!("\"{}\" is no fact with choices (one_of)", short(name));
                sink.error("bad-value", &key.span, message);
            }
            None => unknown(sink, key, name, "fact", &names(facts)),
        }
    }
    whole
}

/// Gives a setting its length: alone, which is an assumption, or as a map with its source.
fn set(setting: &mut Node, value: &Node) {
    if let Kind::Map(given) = &value.kind {
        for (key, value) in given {
            put_new(setting, key, value);
        }
        return;
    }
    put(setting, "length", value.clone());
    let assumption = Kind::Scalar {
        text: "assumption".to_owned(),
        plain: true,
    };
    let span = value.span.clone();
    put(
        setting,
        "source",
        Node {
            span,
            kind: assumption,
        },
    );
}

fn unknown(sink: &Sink, key: &Node, name: &str, what: &str, known: &[&str]) {
    let message = format!("no {what} of the file is called \"{}\"", short(name));
    sink.error_name(
        "unknown-name",
        &key.span,
        name,
        message,
        known.iter().copied(),
    );
}

fn names(node: Option<&Node>) -> Vec<&str> {
    match node.map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries.iter().filter_map(|(key, _)| key.text()).collect(),
        _ => Vec::new(),
    }
}

fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let found = entries.iter().find(|(k, _)| k.text() == Some(key));
    found.map(|(_, value)| value)
}

fn child_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Kind::Map(entries) = &mut node.kind else {
        return None;
    };
    let found = entries.iter_mut().find(|(k, _)| k.text() == Some(key));
    found.map(|(_, value)| value)
}

fn entries(node: &mut Node) -> &mut Vec<(Node, Node)> {
    if !matches!(node.kind, Kind::Map(_)) {
        node.kind = Kind::Map(Vec::new());
    }
    match &mut node.kind {
        Kind::Map(entries) => entries,
        _ => unreachable!("it was made a map"),
    }
}

fn remove(node: &mut Node, key: &str) {
    entries(node).retain(|(k, _)| k.text() != Some(key));
}

/// Replaces a value that stands there.
fn put(node: &mut Node, key: &str, value: Node) {
    if let Some(old) = child_mut(node, key) {
        *old = value;
    }
}

/// Replaces a value, or adds it.
fn put_new(node: &mut Node, key: &Node, value: &Node) {
    remove(node, key.text().unwrap_or_default());
    entries(node).push((key.clone(), value.clone()));
}

#[cfg(test)]
mod tests {
    use crate::definition::read;

    const FILE: &str = "\
workflow: base
title: Base
source: Et sted
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
settings: {stay: {title: Ophold, length: 2 weeks, source: seed}}
cohort: {places: 10, dates: {start: {title: Start}}}
candidate:
  facts: {group: {title: Gruppe, one_of: {a: A, b: B}}}
  states:
    one: {title: En, until: cohort.start, then: two}
    two: {title: To, lasts: settings.stay, then: end}
    end: {title: Slut, final: success}
targets: {done: {title: Færdige, reached: end, at_least: 5, deadline: 2027-12-31}}
variants:
";

    #[test]
    fn a_variant_is_the_file_with_its_own_values() {
        let text = format!(
            "{FILE}  other: {{title: Anden, places: 4, settings: {{stay: 3 weeks}}, choices: {{group: {{c: C}}}}}}\n"
        );
        let read = read("f", &text);
        assert_eq!(read.problems, [], "clean");
        let (base, other) = (read.called("base").unwrap(), read.called("other").unwrap());
        assert_eq!(
            (base.cohort.places, other.cohort.places),
            (Some(10), Some(4))
        );
        assert_eq!(other.title, "Anden");
        assert_eq!(other.settings[0].length.to_string(), "3 weeks");
        assert!(other.settings[0].assumption && !base.settings[0].assumption);
        assert_eq!(other.states.len(), base.states.len());
        // What tells of an initiative is not borrowed from another one.
        assert_eq!((other.source.as_ref(), other.targets.len()), (None, 0));
        assert_eq!(
            (base.source.as_deref(), base.targets.len()),
            (Some("Et sted"), 1)
        );
        assert!(format!("{:?}", other.facts[0].kind).contains("\"C\""));
    }

    #[test]
    fn what_a_variant_cannot_say_is_reported_where_it_says_it() {
        for (variant, expect) in [
            ("base: {title: X}", "18:3 name-clash base"),
            ("other: {}", "18:3 missing-key other"),
            (
                "other: {title: X, settings: {stey: 3 weeks}}",
                "18:32 unknown-name stey",
            ),
            (
                "other: {title: X, settings: {stay: 3 days}}",
                "18:38 bad-phrase 3 days",
            ),
            (
                "other: {title: X, choices: {grup: {c: C}}}",
                "18:31 unknown-name grup",
            ),
            ("other: {title: X, places: many}", "18:29 bad-value many"),
            ("other: {title: X, states: {}}", "18:21 unknown-key states"),
            ("OTHER: {title: X}", "18:3 bad-name OTHER"),
            ("other: 3", "18:10 wrong-type 3"),
        ] {
            let text = format!("{FILE}  {variant}\n");
            let read = read("f", &text);
            let shown: Vec<String> = read
                .problems
                .iter()
                .map(|p| {
                    format!(
                        "{}:{} {} {}",
                        p.line,
                        p.column,
                        p.rule,
                        &text[p.span.clone()]
                    )
                })
                .collect();
            assert_eq!(shown, [expect], "{variant}");
            assert!(read.workflow.is_none());
        }
    }
}
