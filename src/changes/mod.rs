//! What is different between two versions of a workflow, in words that whoever answers for the course can read:
//! "Samtale om fremtiden: ligger nu 5 arbejdsdage før »Praktik, sidste dag« (før: 3 arbejdsdage før …)".
//!
//! Each version is described by itself, thing by thing (`describe.rs`), and the descriptions are compared; what has
//! another name is found by the newer version's `was:`. So whatever is described is compared, and nothing is compared that
//! could not be read.

mod describe;

use std::collections::BTreeMap;

use serde::Serialize;

use self::describe::{Described, describe};
use crate::definition::model::{Name, Workflow};
use crate::engine::renamed::{Renamed, Things};
use crate::message::TemplateSource;

/// Something that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is about: "Opgave »Vurdér egnethed«".
    pub of: String,
    /// How it differs.
    pub how: How,
}

/// How something differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum How {
    /// It was not there before.
    Added {
        /// What it is, line by line.
        now: Vec<String>,
    },
    /// It is there no more.
    Removed,
    /// It is called otherwise by the file; nobody who reads mail sees that.
    Renamed {
        /// Its earlier key.
        was: String,
    },
    /// It has something else.
    Differs {
        /// Of what: "Varer".
        what: String,
        /// What it has now; empty when it has none.
        now: String,
        /// What it had before; empty when it had none.
        before: String,
    },
}

/// What a thing is known by: what kind of thing, whose, and its key in the newer version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Kind,
    /// The hold's, not a case's.
    hold: bool,
    name: String,
}

/// The kinds of things that a file declares, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Workflow,
    Date,
    Role,
    Fact,
    State,
    Event,
    Task,
    Meeting,
    Message,
    Target,
}

/// What is different in the newer of two versions, in the order of the file's parts.
///
/// ```
/// # let text = include_str!("../../workflows/holstebro-introforloeb.yaml");
/// use tovholder::{changes::changes, definition::read};
/// let before = read("holstebro.yaml", text).workflow.unwrap();
/// let longer = text.replacen("3 weeks", "4 weeks", 1);
/// let after = read("holstebro.yaml", &longer).workflow.unwrap();
/// assert!(changes(&before, &before).is_empty());
/// let all = changes(&before, &after);
/// assert!(all.iter().any(|change| change.to_string().contains("4 uger")), "{all:?}");
/// ```
#[must_use]
pub fn changes(before: &Workflow, after: &Workflow) -> Vec<Change> {
    let renamed = Renamed::of(before, after);
    let mut then: BTreeMap<Key, (Option<String>, Described)> = BTreeMap::new();
    for (key, described) in describe(before) {
        let called = called(&renamed, &key);
        let was = (called != key.name).then(|| key.name.clone());
        let name = called;
        then.insert(Key { name, ..key }, (was, described));
    }
    let mut all = Vec::new();
    let now = describe(after);
    for (key, described) in &now {
        match then.remove(key) {
            Some((was, before)) => all.push((key.kind, between(was, &before, described))),
            None => all.push((key.kind, vec![described.added()])),
        }
    }
    let gone = then.into_iter().map(|(key, (_, described))| {
        let change = Change {
            of: described.title,
            how: How::Removed,
        };
        (key.kind, vec![change])
    });
    all.extend(gone);
    // What is gone stands with what is there of its kind.
    all.sort_by_key(|(kind, _)| *kind);
    all.into_iter().flat_map(|(_, changes)| changes).collect()
}

/// The same of their mails' texts.
#[must_use]
pub fn changed_texts(before: &TemplateSource, after: &TemplateSource) -> Vec<Change> {
    let described = |source: &TemplateSource| {
        let mut all: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (path, text) in &source.files {
            let (folder, part) = path.rsplit_once('/').unwrap_or(("", path));
            let part = (part.to_owned(), text.clone());
            all.entry(folder.to_owned()).or_default().push(part);
        }
        all
    };
    let (then, now) = (described(before), described(after));
    let folders: std::collections::BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let change = |folder: &String| {
        let (then, now) = (then.get(folder), now.get(folder));
        let how = match (then, now) {
            (None, Some(_)) => How::Added { now: Vec::new() },
            (Some(_), None) => How::Removed,
            (Some(then), Some(now)) if then != now => How::Differs {
                what: "Tekst".to_owned(),
                now: parts(now, then),
                before: String::new(),
            },
            _ => return None,
        };
        let of = format!("Skabelon »{folder}«");
        Some(Change { of, how })
    };
    folders.into_iter().filter_map(change).collect()
}

/// Which of the parts of a template are others.
fn parts(now: &[(String, String)], then: &[(String, String)]) -> String {
    let differs = |part: &&(String, String)| !then.contains(part);
    let gone = |part: &&(String, String)| now.iter().all(|(name, _)| *name != part.0);
    let others = now.iter().filter(differs).chain(then.iter().filter(gone));
    let names: Vec<&str> = others.map(|(name, _)| part_words(name)).collect();
    names.join(", ")
}

fn part_words(file: &str) -> &str {
    match file {
        "subject.hbs" => "emnet",
        "body.txt.hbs" => "teksten",
        "body.html.hbs" => "teksten med layout",
        "why.hbs" => "hvorfor den sendes",
        other => other,
    }
}

fn called(renamed: &Renamed, key: &Key) -> String {
    let things: &Things = if key.hold {
        &renamed.hold
    } else {
        &renamed.case
    };
    let names = match key.kind {
        Kind::State => &renamed.states,
        Kind::Role => &renamed.roles,
        Kind::Fact => &things.facts,
        Kind::Task => &things.tasks,
        Kind::Meeting => &things.meetings,
        Kind::Message => &things.messages,
        Kind::Workflow | Kind::Date | Kind::Event | Kind::Target => {
            return key.name.clone();
        }
    };
    let name: Name = key.name.as_str().into();
    names.get(&name).unwrap_or(&name).to_string()
}

fn between(was: Option<String>, before: &Described, now: &Described) -> Vec<Change> {
    let of = || now.title.clone();
    let renamed = was.map(|was| Change {
        of: of(),
        how: How::Renamed { was },
    });
    let titled = (before.title != now.title).then(|| How::Differs {
        what: "Hedder".to_owned(),
        now: now.title.clone(),
        before: before.title.clone(),
    });
    let mut whats: Vec<&str> = now.has.iter().map(|(what, _)| *what).collect();
    let more = before.has.iter().map(|(what, _)| *what);
    for what in more {
        if !whats.contains(&what) {
            whats.push(what);
        }
    }
    let differs = whats.into_iter().filter_map(|what| {
        let (now, before) = (now.of(what), before.of(what));
        (now != before).then(|| How::Differs {
            what: what.to_owned(),
            now,
            before,
        })
    });
    let hows = titled.into_iter().chain(differs);
    let changes = hows.map(|how| Change { of: of(), how });
    renamed.into_iter().chain(changes).collect()
}

impl std::fmt::Display for Change {
    /// A line of a report. Danish.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = &self.of;
        match &self.how {
            How::Added { now } if now.is_empty() => write!(f, "{of}: ny"),
            How::Added { now } => write!(f, "{of}: ny ({})", now.join("; ")),
            How::Removed => write!(f, "{of}: findes ikke længere"),
            How::Renamed { was } => write!(f, "{of}: hed »{was}« i filen"),
            How::Differs { what, now, before } => match (now.is_empty(), before.is_empty()) {
                (false, false) => write!(f, "{of}: {} nu {now} (før: {before})", lower(what)),
                (false, true) => write!(f, "{of}: {} nu {now}", lower(what)),
                (true, _) => write!(f, "{of}: {} ikke længere {before}", lower(what)),
            },
        }
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}
