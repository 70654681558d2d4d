//! A name gets another, where it is declared and wherever it is used in the file.

use std::collections::BTreeMap;
use std::ops::Range as Bytes;

use super::document::Document;
use super::protocol::{Edit, Edits, Position, Renamable};
use crate::definition::symbols::Symbol;
use crate::definition::{self, Problem, Severity};

/// The name at a place, if it is one that the file declares.
#[must_use]
pub fn prepare(document: &Document, at: Position) -> Option<Renamable> {
    let (symbol, place) = symbol_at(document, at)?;
    Some(Renamable {
        range: document.lines.range(&document.text, &place),
        placeholder: symbol.name.clone(),
    })
}

/// The edits that give the name at a place another.
///
/// # Errors
/// Why that cannot be: nothing is declared here, or the file would have an error more with that
/// name (it is reserved, or something else has it).
pub fn rename(document: &Document, at: Position, name: &str) -> Result<Edits, String> {
    let (symbol, _) =
        symbol_at(document, at).ok_or("no name that this file declares stands here")?;
    let mut places: Vec<&Bytes<usize>> = symbol.places().collect();
    places.sort_by_key(|place| place.start);
    refuse_what_breaks(document, symbol, &places, name)?;
    let edit = |place: &Bytes<usize>| Edit {
        range: document.lines.range(&document.text, place),
        new_text: name.to_owned(),
    };
    let edits = places.into_iter().map(edit).collect();
    Ok(Edits {
        changes: BTreeMap::from([(document.uri.clone(), edits)]),
    })
}

fn symbol_at(document: &Document, at: Position) -> Option<(&Symbol, Bytes<usize>)> {
    let byte = document.lines.byte(&document.text, at);
    document.read.symbols.at(byte)
}

/// Tries the name: the reader itself says whether it can be one.
fn refuse_what_breaks(
    document: &Document,
    symbol: &Symbol,
    places: &[&Bytes<usize>],
    name: &str,
) -> Result<(), String> {
    let mut text = document.text.clone();
    for place in places.iter().rev() {
        text.replace_range((*place).clone(), name);
    }
    let after = definition::read(&document.uri, &text);
    let errors = |problems: &[Problem]| {
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        problems.iter().filter(is_error).count()
    };
    let told = |problem: &Problem| {
        !document
            .read
            .problems
            .iter()
            .any(|old| old.message == problem.message)
    };
    if errors(&after.problems) > errors(&document.read.problems) {
        let new = || after.problems.iter().filter(|problem| told(problem));
        // What is wrong with the name itself says more than what follows from it.
        let of_name = |problem: &&Problem| {
            let rules = ["bad-name", "reserved-name", "name-clash", "duplicate-key"];
            rules.contains(&problem.rule)
        };
        let first = new().find(of_name).or_else(|| new().next());
        return Err(first.map_or_else(
            || format!("the file would have an error with the name \"{name}\""),
            |problem| problem.message.clone(),
        ));
    }
    let as_before = |other: &&Symbol| other.space == symbol.space && other.name == name;
    let renamed = after.symbols.all.iter().find(as_before);
    let same = renamed.is_some_and(|renamed| {
        renamed.uses.len() == symbol.uses.len() && renamed.declared.len() == symbol.declared.len()
    });
    if name != symbol.name && !same {
        return Err(format!("\"{name}\" already means something else here"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = include_str!("../../tests/fixtures/workflows/base.yaml");

    fn renamed(words: &str, name: &str) -> Result<String, String> {
        let document = Document::open("file:///x.yaml".into(), 1, BASE.to_owned());
        let byte = BASE.find(words).expect("the words stand there");
        let at = document.lines.position(BASE, byte);
        let edits = rename(&document, at, name)?;
        let mut text = BASE.to_owned();
        for edit in edits.changes["file:///x.yaml"].iter().rev() {
            let start = document.lines.byte(BASE, edit.range.start);
            let end = document.lines.byte(BASE, edit.range.end);
            text.replace_range(start..end, &edit.new_text);
        }
        Ok(text)
    }

    #[test]
    fn a_name_changes_everywhere_and_nothing_else_does() {
        for (words, name, count) in [
            ("course.last_day", "kursus", 3),
            ("absence: {title", "away", 2),
            ("track: sundhed", "spor", 4),
            ("sundhed: Sundhed", "health", 2),
            ("consultant: {title", "adviser", 9),
            ("search: {title: Jobs", "looking", 2),
            ("to_a_job", "scenario_one", 1),
        ] {
            let text = renamed(words, name).unwrap_or_else(|why| panic!("{words}: {why}"));
            assert_eq!(definition::read("f", &text).problems, [], "{words}");
            assert_eq!(text.matches(name).count(), count, "{words}\n{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused_with_the_reason() {
        for (words, name, why) in [
            ("course: {", "Kursus", "cannot be a name"),
            ("course: {", "entered", "is a word of the language"),
            ("course: {", "accept", "is a state here and an event"),
            ("sundhed: Sundhed", "paedagogik", "stands twice"),
            ("start: {title", "begins", "needs the date"),
            ("Jobkonsulent", "x", "no name that this file declares"),
            (
                "candidate, consultant]",
                "x",
                "no name that this file declares",
            ),
        ] {
            let refused = renamed(words, name).expect_err(words);
            assert!(refused.contains(why), "{words} {name}: {refused}");
        }
    }

    #[test]
    fn only_a_declared_name_can_be_renamed() {
        let document = Document::open("file:///x.yaml".into(), 1, BASE.to_owned());
        let at = |words: &str| {
            let byte = BASE.find(words).expect("there");
            prepare(&document, document.lines.position(BASE, byte))
        };
        assert_eq!(
            at("course.last").map(|it| it.placeholder).as_deref(),
            Some("course")
        );
        assert_eq!(at("weekday: monday"), None);
    }
}
