//! Collects every name of the file before anything is read, so that a name may be used above the
//! line that declares it. One name means one thing per side: the hold's (`cohort.x`) or the case's.

use std::collections::HashMap;
use std::ops::Range;

use super::keyword::{facts, roles, settings};
use super::model::{CANDIDATE, JOBCENTRE, Per, StateId};
use super::problem::Sink;
use super::shape::{Shape, is_name, things};
use super::symbols::{Kind, Space};
use super::value::FactKind;
use super::yaml::{Kind as NodeKind, Node, short};
use crate::calendar::{Length, RESERVED};

/// Words with a meaning of their own, besides those of the time phrases.
const TAKEN: [&str; 6] = [
    CANDIDATE,
    JOBCENTRE,
    "next_cohort",
    "age",
    "any",
    "free_places",
];
/// Some checks compare states with states; a course on paper has some twenty.
const STATES_MAX: usize = 2_000;
/// Names that every hold has.
const TAKEN_ON_HOLD: [&str; 2] = ["place_free", "cancelled"];

/// What a name stands for. A fact whose type is faulty has none, so that it is not reported twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Date,
    Fact(Option<FactKind>),
    Task,
    Meeting,
    Event,
    State(StateId),
}

impl Thing {
    /// In the author's words.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Date => "a date",
            Self::Fact(_) => "a fact",
            Self::Task => "a task",
            Self::Meeting => "a meeting",
            Self::Event => "an event",
            Self::State(_) => "a state",
        }
    }
}

/// A declared name.
pub(crate) struct Entry<'r> {
    pub thing: Thing,
    pub title: Option<&'r str>,
    span: Range<usize>,
}

/// The names of one side.
pub(crate) type Side<'r> = HashMap<&'r str, Entry<'r>>;

/// A state before it is read; its place in the list is its [`StateId`].
pub(crate) struct StateName<'r> {
    pub name: &'r str,
    pub key: Range<usize>,
    pub value: &'r Node,
    pub parent: Option<StateId>,
}

/// All names of a file.
#[derive(Default)]
pub(crate) struct Names<'r> {
    pub settings: HashMap<&'r str, Option<Length>>,
    pub roles: HashMap<&'r str, Option<Per>>,
    pub hold: Side<'r>,
    pub case: Side<'r>,
    pub states: Vec<StateName<'r>>,
    pub has_places: bool,
    /// `roles:` is no map, which is reported once and not for each role.
    pub roles_broken: bool,
}

impl<'r> Names<'r> {
    /// The names of one side.
    pub fn side(&self, cohort: bool) -> &Side<'r> {
        if cohort { &self.hold } else { &self.case }
    }

    /// The words of a side that stand for something wanted, for suggestions.
    pub fn words(
        &self,
        cohort: bool,
        wanted: impl Fn(&Thing) -> bool,
    ) -> impl Iterator<Item = &'r str> {
        self.side(cohort)
            .iter()
            .filter(move |(_, entry)| wanted(&entry.thing))
            .map(|(name, _)| *name)
    }
}

/// Collects them, and reports names that are no names, reserved, or taken.
pub(crate) fn collect<'r>(sink: &Sink, top: &Shape<'r>) -> Names<'r> {
    let mut names = Names {
        settings: settings::lengths(sink, top.get("settings")),
        roles: roles::kinds(top.get("roles")),
        roles_broken: top
            .get("roles")
            .is_some_and(|node| !matches!(node.kind, NodeKind::Map(_))),
        ..Names::default()
    };
    let word_roles = things(&Sink::new("", ""), top.get("roles"), "");
    for (name, key, _) in &word_roles {
        check_name(sink, key, name, &[]);
    }
    if let Some(cohort) = top.get("cohort") {
        hold(sink, cohort, &mut names);
    }
    if let Some(candidate) = top.get("candidate") {
        let (name, key) = (CANDIDATE, top.key_span(CANDIDATE).unwrap_or_default());
        names.states.push(StateName {
            name,
            key,
            value: candidate,
            parent: None,
        });
        declare_facts(sink, candidate, false, &mut names);
        state(sink, StateId::ROOT, candidate, &mut names);
    }
    for (name, key, _) in word_roles {
        role_or_fact(sink, name, key, &names);
    }
    names
}

/// `fills: [mentor]` may name a role or a fact, so that they cannot share a name.
fn role_or_fact(sink: &Sink, name: &str, key: &Node, names: &Names) {
    if let Some(Entry {
        thing: Thing::Fact(_),
        span,
        ..
    }) = names.case.get(name)
    {
        let (line, _) = sink.place(span);
        sink.error(
            "name-clash",
            &key.span,
            format!("\"{name}\" is a role here and a fact in line {line}"),
        );
    }
}

/// The value of a key, looked at without a word: the reader of the keyword reports what is wrong.
fn child<'r>(node: &'r Node, key: &str) -> Option<&'r Node> {
    let NodeKind::Map(entries) = &node.kind else {
        return None;
    };
    entries
        .iter()
        .find(|(k, _)| k.text() == Some(key))
        .map(|(_, value)| value)
}

/// The named things under a key, likewise.
fn children<'r>(node: &'r Node, key: &str) -> Vec<(&'r str, &'r Node, &'r Node)> {
    things(&Sink::new("", ""), child(node, key), "")
}

fn hold<'r>(sink: &Sink, cohort: &'r Node, names: &mut Names<'r>) {
    names.has_places = child(cohort, "places").is_some();
    declare_things(sink, cohort, "dates", &Thing::Date, true, names);
    declare_facts(sink, cohort, true, names);
    declare_things(sink, cohort, "tasks", &Thing::Task, true, names);
    declare_things(sink, cohort, "meetings", &Thing::Meeting, true, names);
}

/// A state's own names, then its states, so that parents stand before children.
fn state<'r>(sink: &Sink, id: StateId, node: &'r Node, names: &mut Names<'r>) {
    declare_things(sink, node, "events", &Thing::Event, false, names);
    declare_things(sink, node, "tasks", &Thing::Task, false, names);
    declare_things(sink, node, "meetings", &Thing::Meeting, false, names);
    for (name, key, value) in children(node, "states") {
        if names.states.len() > STATES_MAX {
            return sink.error(
                "too-large",
                &key.span,
                format!("more than {STATES_MAX} states are not a workflow"),
            );
        }
        let child_id = StateId(names.states.len());
        declare(sink, key, name, value, Thing::State(child_id), false, names);
        names.states.push(StateName {
            name,
            key: key.span.clone(),
            value,
            parent: Some(id),
        });
        state(sink, child_id, value, names);
    }
}

fn declare_facts<'r>(sink: &Sink, node: &'r Node, cohort: bool, names: &mut Names<'r>) {
    for (name, key, value) in children(node, "facts") {
        let kind = facts::kind_quietly(value);
        sink.declared_choices(cohort, name, value);
        declare(sink, key, name, value, Thing::Fact(kind), cohort, names);
    }
}

fn declare_things<'r>(
    sink: &Sink,
    node: &'r Node,
    key: &str,
    thing: &Thing,
    cohort: bool,
    names: &mut Names<'r>,
) {
    for (name, key, value) in children(node, key) {
        // `TASK.done` is built in: it names a thing that is declared elsewhere.
        if *thing == Thing::Event && name.contains('.') {
            continue;
        }
        declare(sink, key, name, value, thing.clone(), cohort, names);
    }
}

fn declare<'r>(
    sink: &Sink,
    key: &'r Node,
    name: &'r str,
    value: &'r Node,
    thing: Thing,
    cohort: bool,
    names: &mut Names<'r>,
) {
    sink.declared(Kind::of(&thing), Space::side(cohort), name, key, value);
    let date = thing == Thing::Date;
    let taken = TAKEN_ON_HOLD
        .iter()
        .filter(|_| cohort)
        .copied()
        .collect::<Vec<_>>();
    // `end` is a word of the language, and its meaning is a date that the hold declares.
    if !(date && name == "end") {
        check_name(sink, key, name, &taken);
    }
    let side = if cohort {
        &mut names.hold
    } else {
        &mut names.case
    };
    let title = child(value, "title").and_then(Node::text);
    match side.get(name) {
        None => {
            side.insert(
                name,
                Entry {
                    thing,
                    title,
                    span: key.span.clone(),
                },
            );
        }
        Some(first) if first.thing == Thing::Event && thing == Thing::Event => {}
        Some(first) => {
            let (line, _) = sink.place(&first.span);
            let (what, already) = (thing.what(), first.thing.what());
            let message = format!(
                "\"{}\" is {what} here and {already} in line {line}",
                short(name)
            );
            sink.error_help(
                "name-clash",
                &key.span,
                message,
                "one name means one thing: rename one of them",
            );
        }
    }
}

/// Reports a name that cannot be one.
pub(crate) fn check_name(sink: &Sink, key: &Node, name: &str, taken: &[&str]) {
    if !is_name(name) {
        let message = format!("\"{}\" cannot be a name", short(name));
        let help = "a name begins with a letter a-z; small letters, digits and _ follow";
        sink.error_help("bad-name", &key.span, message, help);
    } else if TAKEN.contains(&name) || taken.contains(&name) || RESERVED.contains(&name) {
        sink.error_help(
            "reserved-name",
            &key.span,
            format!("\"{name}\" is a word of the language"),
            "choose another",
        );
    }
}
