//! What a file declares and where each name of it is used: for editors, which jump, rename and
//! complete by it.
//!
//! The readers of the keywords say so themselves, at the line where they resolve a name
//! (`sink.used(…)`), so that an editor and the checker cannot mean two different things. A file
//! with errors has the names and uses that could be read.

use std::collections::HashMap;
use std::ops::Range;

use super::model::{Point, Recurrence, Remind};
use super::names::Thing;
use super::problem::Sink;
use super::yaml::{Kind as NodeKind, Node};
use crate::calendar::Length;

/// What a declared name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A named length.
    Setting,
    /// Who takes part.
    Role,
    /// A date of the hold.
    Date,
    /// Something recorded.
    Fact,
    /// One of the values of a `one_of` fact.
    Choice,
    /// What someone has to do.
    Task,
    /// Who meets.
    Meeting,
    /// What may happen to a case.
    Event,
    /// Where a case can be.
    State,
    /// A mail that the author writes.
    Message,
    /// A count to reach.
    Target,
    /// A scenario.
    Scenario,
}

impl Kind {
    /// In the author's words: `a state`.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Setting => "a setting",
            Self::Role => "a role",
            Self::Date => "a date of the hold",
            Self::Fact => "a fact",
            Self::Choice => "a choice",
            Self::Task => "a task",
            Self::Meeting => "a meeting",
            Self::Event => "an event",
            Self::State => "a state",
            Self::Message => "a message",
            Self::Target => "a target",
            Self::Scenario => "a scenario",
        }
    }

    pub(super) fn of(thing: &Thing) -> Self {
        match thing {
            Thing::Date => Self::Date,
            Thing::Fact(_) => Self::Fact,
            Thing::Task => Self::Task,
            Thing::Meeting => Self::Meeting,
            Thing::Event => Self::Event,
            Thing::State(_) => Self::State,
        }
    }
}

/// A name means one thing in each of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Space {
    /// `settings.NAME`.
    Settings,
    /// Roles.
    Roles,
    /// `cohort.NAME`: the hold's dates, facts, tasks and meetings.
    Hold,
    /// The case's facts, tasks, meetings, events and states.
    Case,
    /// The choices of one fact.
    Choices {
        /// Whether it is a fact of the hold.
        cohort: bool,
        /// The fact's name.
        fact: String,
    },
    /// Messages.
    Messages,
    /// Targets.
    Targets,
    /// Scenarios.
    Scenarios,
}

impl Space {
    pub(super) fn side(cohort: bool) -> Self {
        if cohort { Self::Hold } else { Self::Case }
    }
}

/// Where a name is declared, in bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name itself.
    pub name: Range<usize>,
    /// All that belongs to it.
    pub whole: Range<usize>,
}

/// A declared name with all its uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What it is.
    pub kind: Kind,
    /// Among which names it is the only one.
    pub space: Space,
    /// Its name.
    pub name: String,
    /// What people read, where the file says it.
    pub title: Option<String>,
    /// Where it is declared: an event may be declared in several states, anything else once.
    pub declared: Vec<Place>,
    /// Where it is used: the name alone, in the order of the file.
    pub uses: Vec<Range<usize>>,
}

/// A time phrase as it was understood.
#[derive(Clone, Debug)]
pub enum Phrase {
    /// `when`, `due`, `from`, `until`, `between`, `anonymise`.
    Point(Point),
    /// `remind`, `book.due`.
    Remind(Remind),
    /// `every`.
    Every(Recurrence),
    /// `lasts`, `after`, `gather`.
    Length(Length),
}

/// The names and time phrases of a file.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// All that is declared, in the order of the file.
    pub all: Vec<Symbol>,
    /// The time phrases that could be read, in the order of the file.
    pub phrases: Vec<(Range<usize>, Phrase)>,
}

impl Symbols {
    /// The symbol whose name stands at a byte of the file, and that name's place.
    ///
    /// ```
    /// # let text = include_str!("../../workflows/holstebro-introforloeb.yaml");
    /// let symbols = tovholder::definition::read("holstebro.yaml", text).symbols;
    /// let at = text.find("school.last_day").unwrap();
    /// let (school, place) = symbols.at(at).unwrap();
    /// assert_eq!((school.name.as_str(), &text[place]), ("school", "school"));
    /// ```
    #[must_use]
    pub fn at(&self, byte: usize) -> Option<(&Symbol, Range<usize>)> {
        let touches = |place: &&Range<usize>| place.start <= byte && byte <= place.end;
        self.all.iter().find_map(|symbol| {
            let place = symbol.places().find(touches)?;
            Some((symbol, place.clone()))
        })
    }

    /// The time phrase at a byte of the file, and its place.
    #[must_use]
    pub fn phrase_at(&self, byte: usize) -> Option<(&Phrase, Range<usize>)> {
        let found = self
            .phrases
            .iter()
            .find(|(place, _)| place.start <= byte && byte <= place.end);
        found.map(|(place, phrase)| (phrase, place.clone()))
    }

    /// What a byte of the file belongs to, innermost first.
    #[must_use]
    pub fn around(&self, byte: usize) -> Vec<&Symbol> {
        let size = |symbol: &&Symbol| {
            let wholes = symbol.declared.iter().map(|place| &place.whole);
            let around = wholes.filter(|whole| whole.start <= byte && byte <= whole.end);
            around.map(ExactSizeIterator::len).min()
        };
        let mut around: Vec<(usize, &Symbol)> = self
            .all
            .iter()
            .filter_map(|symbol| Some((size(&symbol)?, symbol)))
            .collect();
        around.sort_by_key(|(size, _)| *size);
        around.into_iter().map(|(_, symbol)| symbol).collect()
    }
}

impl Symbol {
    /// Everywhere the name stands: its declarations, then its uses.
    pub fn places(&self) -> impl Iterator<Item = &Range<usize>> {
        let declared = self.declared.iter().map(|place| &place.name);
        declared.chain(&self.uses)
    }
}

/// What the readers say while they read.
#[derive(Default)]
pub(super) struct Seen {
    declared: Vec<(Kind, Space, String, Option<String>, Place)>,
    used: Vec<(Space, String, Range<usize>)>,
    phrases: Vec<(Range<usize>, Phrase)>,
}

impl Seen {
    /// Joins uses with what they mean. Variants read the same lines again, so that much is said twice.
    pub fn into_symbols(mut self) -> Symbols {
        self.declared.sort_by_key(|(.., place)| place.name.start);
        self.used.sort_by_key(|(.., place)| place.start);
        self.phrases.sort_by_key(|(place, _)| place.start);
        self.phrases.dedup_by(|(a, _), (b, _)| a == b);
        let mut all: Vec<Symbol> = Vec::new();
        let mut known: HashMap<(Space, String), usize> = HashMap::new();
        for (kind, space, name, title, place) in self.declared {
            let at = *known
                .entry((space.clone(), name.clone()))
                .or_insert(all.len());
            if at == all.len() {
                all.push(Symbol {
                    kind,
                    space,
                    name,
                    title,
                    declared: Vec::new(),
                    uses: Vec::new(),
                });
            }
            let declared = &mut all[at].declared;
            if declared.last().is_none_or(|last| last.name != place.name) {
                declared.push(place);
            }
        }
        for (space, name, place) in self.used {
            // What is always there, such as the role `candidate`, is declared nowhere.
            let Some(at) = known.get(&(space, name)) else {
                continue;
            };
            let uses = &mut all[*at].uses;
            if uses.last() != Some(&place) {
                uses.push(place);
            }
        }
        Symbols {
            all,
            phrases: self.phrases,
        }
    }
}

impl Sink<'_> {
    /// A name is declared.
    pub(super) fn declared(&self, kind: Kind, space: Space, name: &str, key: &Node, value: &Node) {
        let title = match kind {
            Kind::Choice => value.text(),
            _ => child(value, "title").and_then(Node::text),
        };
        let place = Place {
            name: word_in(self.text, &key.span, name),
            whole: key.span.start..value.span.end.max(key.span.end),
        };
        let title = title.map(str::to_owned);
        let declared = (kind, space, name.to_owned(), title, place);
        self.seen.borrow_mut().declared.push(declared);
    }

    /// The choices of a fact are declared.
    pub(super) fn declared_choices(&self, cohort: bool, fact: &str, value: &Node) {
        let Some(NodeKind::Map(choices)) = child(value, "one_of").map(|node| &node.kind) else {
            return;
        };
        for (key, title) in choices {
            if let Some(name) = key.text() {
                self.declared(Kind::Choice, choices_of(cohort, fact), name, key, title);
            }
        }
    }

    /// A name is used: it stands within these bytes, perhaps with `cohort.` before it and a part
    /// behind it.
    pub(super) fn used(&self, space: Space, name: &str, within: &Range<usize>) {
        let used = (space, name.to_owned(), word_in(self.text, within, name));
        self.seen.borrow_mut().used.push(used);
    }

    /// Values of a fact are used: a value, a list of them, or a comparison with them.
    pub(super) fn used_choices(&self, cohort: bool, fact: &str, value: &Node) {
        match &value.kind {
            NodeKind::Scalar { text, .. } => {
                self.used(choices_of(cohort, fact), text, &value.span);
            }
            NodeKind::List(items) => {
                for item in items {
                    self.used_choices(cohort, fact, item);
                }
            }
            NodeKind::Map(entries) => {
                for (_, value) in entries {
                    self.used_choices(cohort, fact, value);
                }
            }
            NodeKind::Empty | NodeKind::Broken => {}
        }
    }

    /// A time phrase was read. A setting in it is used.
    pub(super) fn phrase(&self, node: &Node, phrase: Phrase) {
        let text = node.text().unwrap_or_default();
        if let Some((_, rest)) = text.split_once("settings.") {
            let end = rest.find(|c| !of_word(c)).unwrap_or(rest.len());
            self.used(Space::Settings, &rest[..end], &node.span);
        }
        self.seen
            .borrow_mut()
            .phrases
            .push((node.span.clone(), phrase));
    }
}

fn choices_of(cohort: bool, fact: &str) -> Space {
    let fact = fact.to_owned();
    Space::Choices { cohort, fact }
}

fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let NodeKind::Map(entries) = &node.kind else {
        return None;
    };
    let found = entries.iter().find(|(k, _)| k.text() == Some(key));
    found.map(|(_, value)| value)
}

fn of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The place of a whole word within a part of the text; the part itself when it is not written out there.
fn word_in(text: &str, part: &Range<usize>, word: &str) -> Range<usize> {
    let written = text.get(part.clone()).unwrap_or_default();
    let whole = |at: &usize| {
        let before = written[..*at].chars().next_back();
        let after = written[at + word.len()..].chars().next();
        !before.is_some_and(of_word) && !after.is_some_and(of_word)
    };
    let mut found = written.match_indices(word).map(|(at, _)| at);
    match found.find(whole) {
        Some(at) if !word.is_empty() => part.start + at..part.start + at + word.len(),
        _ => part.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::read;

    const BASE: &str = include_str!("../../tests/fixtures/workflows/base.yaml");

    /// Each use as the line it stands in, from the word on.
    fn uses<'t>(text: &'t str, space: &Space, name: &str) -> Vec<&'t str> {
        let symbols = read("f", text).symbols;
        let symbol = symbols
            .all
            .iter()
            .find(|symbol| symbol.space == *space && symbol.name == name);
        let symbol = symbol.unwrap_or_else(|| panic!("{name} is declared"));
        let line = |place: &Range<usize>| {
            let rest = text[place.start..].lines().next().unwrap_or_default();
            &rest[..rest.floor_char_boundary(20)]
        };
        symbol.uses.iter().map(line).collect()
    }

    #[test]
    fn every_use_is_the_name_alone() {
        let choices = Space::Choices {
            cohort: false,
            fact: "track".into(),
        };
        let cases: [(Space, &str, &[&str]); 12] = [
            (Space::Settings, "search", &["search"]),
            (Space::Roles, "leader", &["leader, then: enroll"]),
            (
                Space::Hold,
                "start",
                &[
                    "start, 3 weeks befor",
                    "start]",
                    "start, fills: [track",
                    "start, then: course}",
                    "start: 2026-02-02}",
                ],
            ),
            (Space::Hold, "price", &["price, cohort.info],"]),
            (
                Space::Hold,
                "info",
                &["info.held, needs: [c", "info], about: [met]}"],
            ),
            (Space::Case, "course", &["course.last_day}", "course}"]),
            (Space::Case, "met", &["met]", "met]}", "met, enrolled]}"]),
            (
                Space::Case,
                "track",
                &[
                    "track, ready, danish",
                    "track], if: {age: {a",
                    "track: sundhed}",
                ],
            ),
            (Space::Case, "absence", &["absence, gather: 1 h"]),
            (
                Space::Case,
                "ready",
                &[
                    "ready, danish], remi",
                    "ready: yes, danish: ",
                    "ready: yes, danish: ",
                ],
            ),
            (Space::Case, "accept", &["accept}"]),
            (choices, "sundhed", &["sundhed}"]),
        ];
        for (space, name, expect) in cases {
            assert_eq!(uses(BASE, &space, name), expect, "{name}");
        }
    }

    #[test]
    fn a_name_of_two_kinds_is_two_symbols() {
        let symbols = read("f", BASE).symbols;
        let kinds = |name: &str| -> Vec<Kind> {
            let of_name = symbols.all.iter().filter(|symbol| symbol.name == name);
            of_name.map(|symbol| symbol.kind).collect()
        };
        assert_eq!(kinds("search"), [Kind::Setting, Kind::State]);
        assert_eq!(kinds("hired"), [Kind::State, Kind::Target]);
    }

    #[test]
    fn a_broken_file_keeps_what_could_be_read() {
        let text = BASE.replace("then: hired}", "then: hird}");
        let of_file = read("f", &text);
        assert!(of_file.workflow.is_none() && of_file.draft.is_some());
        assert_eq!(
            uses(&text, &Space::Case, "stopped"),
            ["stopped}", "stopped}"]
        );
    }

    #[test]
    fn an_event_of_two_states_is_one_name_and_its_surroundings_are_known() {
        let text = BASE.replace(
            "tasks:\n        screen:",
            "messages:\n        m: {template: x, to: consultant, when: withdraw}\n      tasks:\n        screen:",
        );
        let text = text.replace(
            "decline: {title: Afvis",
            "withdraw: {title: Trækker sig, by: consultant, then: stopped}\n        decline: {title: Afvis",
        );
        let symbols = read("f", &text).symbols;
        let withdraw = symbols.all.iter().find(|symbol| symbol.name == "withdraw");
        assert_eq!(withdraw.map(|symbol| symbol.declared.len()), Some(2));
        let inside = text.find("when: withdraw").expect("there");
        let around: Vec<&str> = symbols
            .around(inside)
            .iter()
            .map(|symbol| symbol.name.as_str())
            .collect();
        assert_eq!(around, ["m", "met"]);
    }
}
