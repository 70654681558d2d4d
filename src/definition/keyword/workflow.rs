//! The top of a file: identity, and all other keywords in their order.
//!
//! ```yaml
//! workflow: holstebro-introforloeb
//! title: "Introforløb for ledige"
//! source: "KL's casebank"
//! language: da
//! ```

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::{
    Cx, Home, Notes, calendar, cohort, message, overdue, retention, roles, scenarios, settings,
    state, targets, variants,
};
use crate::definition::model::{Name, Scope, StateId, Workflow};
use crate::definition::shape::{Shape, choice, text};
use crate::definition::yaml::{Kind, Node, short};
use crate::definition::{TemplateUse, early, graph, names, problem::Sink};

const KEYS: [&str; 18] = [
    "workflow",
    "title",
    "source",
    "language",
    "time_zone",
    "holidays",
    "closed",
    "hours",
    "overdue",
    "settings",
    "roles",
    "cohort",
    "candidate",
    "messages",
    "targets",
    "retention",
    "scenarios",
    "variants",
];
const LANGUAGES: [(&str, &str); 2] = [("da", "da"), ("en", "en")];

/// Reads a whole file, the file's own workflow first and then its variants; what is wrong goes to
/// the sink. Variants of a file with errors are not looked at: each would repeat them.
pub(crate) fn read(sink: &Sink, root: &Node) -> (Vec<Workflow>, Vec<TemplateUse>) {
    let (own, templates) = read_one(sink, root);
    let variants = match own {
        Some(_) if !sink.has_errors() => variants::read(sink, root),
        _ => Vec::new(),
    };
    (own.into_iter().chain(variants).collect(), templates)
}

/// Reads one workflow, without its variants.
pub(crate) fn read_one(sink: &Sink, root: &Node) -> (Option<Workflow>, Vec<TemplateUse>) {
    let start = match &root.kind {
        Kind::Map(entries) => entries.first().map_or(0..0, |(key, _)| key.span.clone()),
        _ => root.span.clone(),
    };
    let Some(top) = Shape::read(sink, &start, root, "a workflow", &KEYS) else {
        return (None, Vec::new());
    };
    let names = names::collect(sink, &top);
    let cx = Cx {
        sink,
        names,
        notes: RefCell::new(Notes::default()),
    };
    let workflow = workflow(&cx, &top);
    message_names(&cx, &top);
    (workflow, cx.notes.into_inner().templates)
}

fn workflow(cx: &Cx, top: &Shape) -> Option<Workflow> {
    let sink = cx.sink;
    let id = top
        .need(sink, "workflow")
        .and_then(|node| identity(sink, node));
    let title = top.title(sink);
    let source = top
        .get("source")
        .and_then(|node| text(sink, node, "source"))
        .map(str::to_owned);
    let language = top
        .need(sink, "language")
        .and_then(|node| choice(sink, node, "language", &LANGUAGES));
    let language = language.unwrap_or("da");
    let calendar = calendar::read(sink, top);
    let overdue = overdue::read(cx, top);
    let settings = settings::read(sink, top.get("settings"));
    let roles = roles::read(sink, top.get("roles"), language);
    let cohort = cohort::read(cx, top, language);
    let (candidate_title, facts, states) = state::read(cx, language);
    let messages = message::read(cx, top.get("messages"), Home::Workflow);
    let targets = targets::read(cx, top.get("targets"));
    let retention = retention::read(cx, top);
    let scenarios = scenarios::read(cx, top.get("scenarios"), &cohort.dates);
    graph::check(cx, &states);
    early::check(cx, &states);
    Some(Workflow {
        id: id?,
        title,
        source,
        language: language.to_owned(),
        calendar: calendar?,
        overdue,
        settings,
        roles,
        cohort,
        state_ids: ids(cx),
        states,
        facts,
        candidate_title,
        scope: Scope {
            messages,
            ..Scope::default()
        },
        targets,
        retention,
        scenarios,
    })
}

fn ids(cx: &Cx) -> HashMap<Name, StateId> {
    cx.names
        .states
        .iter()
        .enumerate()
        .map(|(id, state)| (Name::from(state.name), StateId(id)))
        .collect()
}

fn identity(sink: &Sink, node: &Node) -> Option<Name> {
    let word = text(sink, node, "the workflow's name")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !word.chars().all(plain)
        || !word.starts_with(|c: char| c.is_ascii_lowercase())
        || word.len() > 64
    {
        let message = format!("\"{}\" cannot be the name of a workflow", short(word));
        sink.error_help(
            "bad-name",
            &node.span,
            message,
            "small letters a-z, digits and -, such as my-workflow",
        );
        return None;
    }
    Some(Name::from(word))
}

/// Each message has a name of its own in the whole file, because its mails are counted by it.
fn message_names(cx: &Cx, top: &Shape) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut reported: HashSet<usize> = HashSet::new();
    let states = cx.names.states.iter().map(|state| state.value);
    let maps = top
        .get("cohort")
        .into_iter()
        .chain(states)
        .filter_map(|node| match &node.kind {
            Kind::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.text() == Some("messages"))
                .map(|(_, value)| value),
            _ => None,
        });
    for node in maps.chain(top.get("messages")) {
        let Kind::Map(entries) = &node.kind else {
            continue;
        };
        for (key, _) in entries {
            let Some(name) = key.text() else { continue };
            names::check_name(cx.sink, key, name, &[]);
            let (line, _) = cx.sink.place(&key.span);
            if let Some(first) = seen.get(name).filter(|_| reported.insert(key.span.start)) {
                let message = format!("\"{}\" is already a message in line {first}", short(name));
                cx.sink.error_help(
                    "name-clash",
                    &key.span,
                    message,
                    "one name means one thing: rename one of them",
                );
            }
            seen.entry(name).or_insert(line);
        }
    }
}
