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
use crate::definition::keywords::{Key, Keys, Names, Page, Takes, words};
use crate::definition::model::{Name, Scope, StateId, Workflow};
use crate::definition::shape::{Shape, choice, text};
use crate::definition::symbols::{self, Space};
use crate::definition::yaml::{Kind, Node, short};
use crate::definition::{TemplateUse, names, problem::Sink, rule};

/// The top of a file.
pub(crate) static KEYS: Keys = Keys::new(
    "a workflow",
    "One file is one workflow: who takes part, what a hold has, and the states a candidate goes through.",
    &[
        Key::needed(
            "workflow",
            Takes::Slug,
            "The workflow's name, by which commands and stored cases know it. It stays the same for ever.",
            "holstebro-introforloeb",
        ),
        Key::needed(
            "title",
            Takes::Text,
            "What people read.",
            "Introforløb for ledige",
        ),
        Key::new(
            "source",
            Takes::Text,
            "Where the course is described, so that a reader can look it up.",
            "KL's casebank, Holstebro Kommune",
        ),
        Key::needed(
            "language",
            Takes::Words(&words(&LANGUAGES)),
            "The language of templates, dates and sorting.",
            "da",
        ),
        Key::needed(
            "time_zone",
            Takes::Zone,
            "The IANA name of the zone that all dates and clock times are local to.",
            "Europe/Copenhagen",
        ),
        Key::needed(
            "holidays",
            Takes::Words(&calendar::HOLIDAYS),
            "The public holidays on which nothing is due and no mail leaves, year by year as the law has them.",
            "DK",
        ),
        Key::new(
            "closed",
            Takes::OneOrMore(&Takes::ClosingDay),
            "The organisation's own closing days: of each year, or one date.",
            "[24 december, 31 december, 2026-05-15]",
        ),
        Key::needed(
            "hours",
            Takes::Hours,
            "Mail leaves on workdays inside these hours; a point without a clock time means their opening.",
            "08:00-16:00",
        ),
        Key::new(
            "overdue",
            Takes::Map(&overdue::KEYS),
            "The one rule for every overdue task: whom it goes to, and after how long.",
            "{to: coordinator, after: 2 workdays}",
        ),
        Key::new(
            "settings",
            Takes::Things(Names::Free, &Takes::Map(&settings::KEYS)),
            "Named lengths, so that what the source does not say is a parameter.",
            "{job_search: {title: Jobsøgning, length: 13 weeks, source: assumption}, \
             internship: {title: Praktik, length: 2 weeks, source: seed}}",
        ),
        Key::new(
            "roles",
            Takes::Things(Names::New, &Takes::Map(&roles::KEYS)),
            "Who takes part. `candidate`, and `jobcentre`, the candidate's organisation, are always there.",
            "{coordinator: {title: Tovholder, per: cohort}, job_consultant: {title: Jobkonsulent, per: candidate}, \
             mentor: {title: Mentor, per: candidate}, leader: {title: Leder, per: workflow}}",
        ),
        Key::needed(
            "cohort",
            Takes::Map(&cohort::KEYS),
            "The hold: its places, dates, facts, tasks, meetings and messages.",
            "{title: Hold, places: 16, dates: {start: {title: Første dag}}}",
        ),
        Key::new(
            "candidate",
            Takes::Map(&state::KEYS_CANDIDATE),
            "The candidate's case: its facts, and the states it goes through. A workflow about holds alone has none.",
            "{title: Kandidat, facts: {danish: {title: Dansk, type: grade}}, states: {nominated: {title: Indstillet}}}",
        ),
        Key::new(
            "messages",
            Takes::Things(Names::New, &Takes::Map(&message::KEYS)),
            "Mails over all holds, such as a yearly overview.",
            "{overview: {template: overview, to: leader, every: first workday of the month}}",
        ),
        Key::new(
            "targets",
            Takes::Things(Names::Free, &Takes::Map(&targets::KEYS)),
            "How many cases are to have reached a state, and by when.",
            "{hired: {title: Ansatte, reached: hired, at_least: 14, deadline: 2027-12-31}}",
        ),
        Key::new(
            "retention",
            Takes::Map(&retention::KEYS),
            "When a case is anonymised.",
            "{anonymise: 6 months after ended}",
        ),
        Key::new(
            "scenarios",
            Takes::Things(Names::Free, &Takes::Map(&scenarios::KEYS)),
            "Invented courses, step by step, with what is expected; `tovholder test` plays them.",
            "{waits: {title: Venter, cohort: {start: 2027-02-01, end: 2027-06-30}, steps: [{at: 2027-01-11 10:00, expect: {state: nominated}}]}}",
        ),
        Key::new(
            "variants",
            Takes::Things(Names::NewWorkflow, &Takes::Map(&variants::KEYS)),
            "Workflows with the same states, tasks, meetings and messages, and other values.",
            "{holstebro-unge: {title: For unge, places: 8, settings: {internship: 6 weeks}}}",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "workflow",
    title: "The top of a file",
    doc: "One YAML file in `workflows/` is one workflow. Keys are English; what people see, titles and \
          templates, is in the workflow's own language. Names that a file declares are made of small \
          letters, digits and `_`, and one name means one thing in the file.",
    example: "workflow: holstebro-introforloeb\n\
              title: \"Introforløb for ledige\"\n\
              source: \"KL's casebank\"\n\
              language: da\n\
              time_zone: Europe/Copenhagen\n\
              holidays: DK\n\
              hours: 08:00-16:00",
    shapes: &[&KEYS],
    top: &[],
};
const LANGUAGES: [(&str, &str, &str); 2] = [("da", "da", "Danish."), ("en", "en", "English.")];

/// Reads a whole file, the file's own workflow first and then its variants; what is wrong goes to
/// the sink, which takes what each variant repeats only once.
pub(crate) fn read(sink: &Sink, root: &Node) -> (Vec<Workflow>, Vec<TemplateUse>) {
    let (own, templates) = read_one(sink, root);
    let variants = variants::read(sink, root);
    (own.into_iter().chain(variants).collect(), templates)
}

/// Reads one workflow, without its variants.
pub(crate) fn read_one(sink: &Sink, root: &Node) -> (Option<Workflow>, Vec<TemplateUse>) {
    let start = match &root.kind {
        Kind::Map(entries) => entries.first().map_or(0..0, |(key, _)| key.span.clone()),
        _ => root.span.clone(),
    };
    let Some(top) = Shape::read(sink, &start, root, &KEYS) else {
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
    rule::check(&rule::Ground {
        cx,
        top,
        states: &states,
        facts: &facts,
        cohort: &cohort,
    });
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
        for (key, value) in entries {
            let Some(name) = key.text() else { continue };
            cx.sink
                .declared(symbols::Kind::Message, Space::Messages, name, key, value);
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
