//! Each table against the reader: examples are taken, what is required is missed, rules hold.
//!
//! All of it is tried on one file that has every map of the language in it. The tables are walked
//! along the file, so that a new key is tried without a word here.

use serde_json::{Map, Value as Json};

use super::{Key, Keys, PAGES, Rule, TOP, Takes};
use crate::definition::schema::example;
use crate::definition::{Problem, Severity, read};

const FILE: &str = include_str!("../../../docs/reference/example.yaml");

/// A map of the file: its table, and its place as a JSON pointer.
type Host = (&'static Keys, String);

fn file() -> Json {
    // The whole file is an example of a map.
    let indented: String = FILE.lines().map(|line| format!("  {line}\n")).collect();
    example(&format!("\n{indented}")).expect("the file")
}

fn errors(file: &Json) -> Vec<Problem> {
    let problems = read("example", &file.to_string()).problems.into_iter();
    problems
        .filter(|problem| problem.severity == Severity::Error)
        .collect()
}

fn shown(problems: &[Problem]) -> String {
    let lines = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.rule, problem.message));
    lines.collect::<Vec<_>>().join("; ")
}

/// All maps of the file, with their tables.
fn hosts(takes: Takes, value: &Json, place: &str, found: &mut Vec<Host>) {
    match value {
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                hosts(takes, item, &format!("{place}/{at}"), found);
            }
        }
        Json::Object(entries) => {
            found.extend(takes.shape().map(|keys| (keys, place.to_owned())));
            for (key, value) in entries {
                let below = takes
                    .below(key)
                    .unwrap_or_else(|| panic!("no {key} at {place}"));
                hosts(below, value, &format!("{place}/{key}"), found);
            }
        }
        _ => {}
    }
}

fn all_hosts() -> Vec<Host> {
    let mut found = Vec::new();
    hosts(Takes::Map(TOP), &file(), "", &mut found);
    found
}

fn map<'j>(file: &'j mut Json, place: &str) -> &'j mut Map<String, Json> {
    file.pointer_mut(place)
        .and_then(Json::as_object_mut)
        .expect("a map")
}

/// Puts a value in: what is there stays, where both are maps of named things.
fn put(host: &mut Map<String, Json>, key: &Key, value: Json) {
    let named = matches!(
        key.takes,
        Takes::Things(..) | Takes::Map(_) | Takes::Events(..)
    );
    match (host.get_mut(key.name), value) {
        (Some(Json::Object(there)), Json::Object(value)) if named => merge(there, value),
        (_, value) => {
            host.insert(key.name.to_owned(), value);
        }
    }
}

fn merge(there: &mut Map<String, Json>, value: Map<String, Json>) {
    for (key, value) in value {
        match (there.get_mut(&key), value) {
            (Some(Json::Object(there)), Json::Object(value)) => merge(there, value),
            (_, value) => {
                there.insert(key, value);
            }
        }
    }
}

/// The example of a key in a map, with what goes with it and without what does not.
fn with_example(host: &mut Map<String, Json>, keys: &Keys, key: &Key) {
    let excludes = |one: &Key, other: &str| {
        one.rules.iter().any(|rule| match rule {
            Rule::Without(name, _) => *name == other,
            Rule::Alone(allowed) => one.name != other && !allowed.contains(&other),
            Rule::With(..) => false,
        })
    };
    for other in keys.keys {
        if excludes(key, other.name) || excludes(other, key.name) {
            host.remove(other.name);
        }
    }
    put(
        host,
        key,
        example(key.example).unwrap_or_else(|| panic!("{}", key.example)),
    );
    for rule in key.rules {
        if let Rule::With(others, _) = rule
            && others.iter().all(|other| !host.contains_key(*other))
        {
            with_example(host, keys, keys.key(others[0]).expect("a key"));
        }
    }
    // What went with a key that is gone goes too.
    let stray = |one: &&Key, host: &Map<String, Json>| {
        let lonely = |rule: &Rule| matches!(rule, Rule::With(others, _) if others.iter().all(|other| !host.contains_key(*other)));
        one.name != key.name && host.contains_key(one.name) && one.rules.iter().any(lonely)
    };
    while let Some(gone) = keys.keys.iter().find(|one| stray(one, host)) {
        host.remove(gone.name);
    }
}

#[test]
fn the_file_is_clean_and_has_every_map() {
    let read = read("example", FILE);
    assert!(read.workflow.is_some(), "{}", shown(&read.problems));
    assert_eq!(shown(&errors(&file())), "", "as JSON too");
    let hosts = all_hosts();
    for shape in PAGES.iter().flat_map(|page| page.shapes) {
        assert!(
            hosts.iter().any(|(keys, _)| std::ptr::eq(*keys, *shape)),
            "{}",
            shape.what
        );
    }
    for (keys, place) in hosts {
        let on_a_page = PAGES
            .iter()
            .any(|page| page.shapes.iter().any(|shape| std::ptr::eq(*shape, keys)));
        assert!(on_a_page, "{} at {place} is on no page", keys.what);
    }
}

#[test]
fn every_example_of_a_key_is_taken() {
    let hosts = all_hosts();
    for shape in PAGES.iter().flat_map(|page| page.shapes) {
        for key in shape.keys {
            let of_shape = hosts.iter().filter(|(keys, _)| std::ptr::eq(*keys, *shape));
            let tries = of_shape.map(|(keys, place)| {
                let mut file = file();
                with_example(map(&mut file, place), keys, key);
                format!("{place}: {}", shown(&errors(&file)))
            });
            let tries: Vec<String> = tries.collect();
            let is_clean = tries.iter().any(|tried| tried.ends_with(": "));
            assert!(
                is_clean,
                "{} of {}: {}\n{}",
                key.name,
                shape.what,
                key.example,
                tries.join("\n")
            );
        }
    }
}

#[test]
fn what_the_table_requires_is_missed_and_nothing_else() {
    for (keys, place) in all_hosts() {
        for key in keys.keys {
            let mut file = file();
            if map(&mut file, &place).remove(key.name).is_none() {
                continue;
            }
            let says_so = errors(&file).iter().any(|problem| {
                problem
                    .message
                    .ends_with(&format!("needs \"{}:\"", key.name))
            });
            // Whom a step is about must be said where there are several candidates.
            if key.name == "who" {
                continue;
            }
            let lonely = |rule: &Rule| matches!(rule, Rule::With(..));
            let goes_with = keys.one_of.contains(&key.name) || key.rules.iter().any(lonely);
            assert!(
                says_so == key.required || goes_with,
                "{} at {place}: {}",
                key.name,
                shown(&errors(&file))
            );
        }
        let mut file = file();
        let host = map(&mut file, &place);
        host.retain(|key, _| !keys.one_of.contains(&key.as_str()));
        assert!(
            keys.one_of.is_empty() || !errors(&file).is_empty(),
            "none of {:?} at {place}",
            keys.one_of
        );
    }
}

#[test]
fn every_rule_of_a_table_is_the_readers_too() {
    let hosts = all_hosts();
    for shape in PAGES.iter().flat_map(|page| page.shapes) {
        for key in shape.keys {
            for rule in key.rules {
                let (_, place) = hosts
                    .iter()
                    .find(|(keys, _)| std::ptr::eq(*keys, *shape))
                    .expect("a place");
                let mut file = file();
                let host = map(&mut file, place);
                with_example(host, shape, key);
                break_rule(host, shape, rule);
                assert!(
                    !errors(&file).is_empty(),
                    "{} at {place}: {rule:?}",
                    key.name
                );
            }
        }
    }
}

fn break_rule(host: &mut Map<String, Json>, shape: &Keys, rule: &Rule) {
    let insert = |host: &mut Map<String, Json>, name: &str| {
        let key = shape.key(name).expect("a key");
        host.insert(name.to_owned(), example(key.example).expect("an example"));
    };
    match rule {
        Rule::With(others, _) => others.iter().for_each(|other| {
            host.remove(*other);
        }),
        Rule::Without(other, _) => insert(host, other),
        Rule::Alone(allowed) => {
            let other = shape
                .names()
                .find(|name| !allowed.contains(name) && !host.contains_key(*name));
            insert(host, other.expect("another key"));
        }
    }
}

#[test]
fn every_page_has_an_example_that_is_yaml_and_says_what_it_is_for() {
    for page in PAGES {
        let indented: String = page
            .example
            .lines()
            .map(|line| format!("  {line}\n"))
            .collect();
        assert!(
            matches!(example(&format!("\n{indented}")), Some(Json::Object(_))),
            "{}",
            page.name
        );
        let all = page.shapes.iter().flat_map(|shape| shape.keys);
        for key in all {
            assert!(
                key.doc.ends_with('.') && key.doc.len() > 10,
                "{}: {}",
                page.name,
                key.name
            );
        }
    }
}
