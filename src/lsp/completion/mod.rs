//! Proposals: what can be written at a place. The tables of the language say which keys a map has
//! and what each takes; the file says which names there are.

mod phrase;

use std::collections::HashSet;

use self::phrase::WEEKDAYS;
use super::Outside;
use super::context::{At, Context, context};
use super::document::Document;
use super::protocol::{Edit, Markdown, Position, Proposal};
use crate::calendar::weekday_en;
use crate::definition::keywords::{Key, Names, Takes, keys_at, takes_at};
use crate::definition::model::{CANDIDATE, JOBCENTRE};
use crate::definition::symbols::{Kind, Space, Symbol};
use crate::definition::value::{FactKind, GRADES};

/// The pictures beside a proposal, by the protocol's numbers.
const KEY: u8 = 10;
const NAME: u8 = 6;
const WORD: u8 = 14;
const FILE: u8 = 17;

/// A proposal before it is bound to a place.
#[derive(Clone)]
struct Offer {
    label: String,
    kind: u8,
    detail: Option<String>,
    doc: Option<String>,
    /// What is written; the label, if there is nothing else to say.
    text: Option<String>,
}

impl Offer {
    fn word(word: &str, doc: &str) -> Self {
        Self {
            label: word.to_owned(),
            kind: WORD,
            detail: None,
            doc: (!doc.is_empty()).then(|| doc.to_owned()),
            text: None,
        }
    }
}

/// What can be written at a place, the likeliest first.
#[must_use]
pub fn completion(document: &Document, at: Position, outside: &dyn Outside) -> Vec<Proposal> {
    let byte = document.lines.byte(&document.text, at);
    let context = context(&document.text, byte);
    let asked = Asked {
        document,
        context: &context,
        cursor: byte,
        outside,
    };
    let mut offers = match &context.at {
        At::Key => asked.keys(),
        At::Value { before } => asked.values(before),
        At::Nothing => Vec::new(),
    };
    let mut seen = HashSet::new();
    offers.retain(|offer| seen.insert(offer.label.clone()));
    // What stands behind the cursor stays: it may be the next word already.
    let range = document
        .lines
        .range(&document.text, &(context.word.start..byte));
    let proposal = |(number, offer): (usize, Offer)| Proposal {
        sort_text: format!("{number:04}"),
        text_edit: Edit {
            range,
            new_text: offer.text.unwrap_or_else(|| offer.label.clone()),
        },
        label: offer.label,
        kind: offer.kind,
        detail: offer.detail,
        documentation: offer.doc.map(Markdown::new),
    };
    offers.into_iter().enumerate().map(proposal).collect()
}

struct Asked<'a> {
    document: &'a Document,
    context: &'a Context,
    cursor: usize,
    outside: &'a dyn Outside,
}

impl Asked<'_> {
    fn path(&self) -> Vec<&str> {
        self.context.path.iter().map(String::as_str).collect()
    }

    /// The keys of the map, and the names that can be keys in it.
    fn keys(&self) -> Vec<Offer> {
        let path = self.path();
        let is_new = |name: &str| !self.context.siblings.iter().any(|key| key == name);
        let mut offers: Vec<Offer> = keys_at(&path)
            .into_iter()
            .filter(|key| is_new(key.name))
            .map(key_offer)
            .collect();
        for takes in takes_at(&path).into_iter().flat_map(alternatives) {
            match takes {
                Takes::Things(names, _) => offers.extend(self.names(names)),
                Takes::Events(..) => offers.extend(self.built_in_events()),
                Takes::Guard => offers.extend(self.names(Names::Fact)),
                _ => {}
            }
        }
        offers.retain(|offer| is_new(&offer.label));
        if !self.document.text[self.cursor..].starts_with(':') {
            for offer in &mut offers {
                offer.text = Some(format!("{}: ", offer.label));
            }
        }
        offers
    }

    /// What the key takes.
    fn values(&self, before: &str) -> Vec<Offer> {
        let Some(takes) = takes_at(&self.path()) else {
            return Vec::new();
        };
        let alternatives = alternatives(takes).into_iter();
        alternatives
            .flat_map(|takes| self.value(takes, before))
            .collect()
    }

    fn value(&self, takes: Takes, before: &str) -> Vec<Offer> {
        let words = |words: &[&str]| words.iter().map(|word| Offer::word(word, "")).collect();
        match takes {
            Takes::YesNo => words(&["yes", "no"]),
            Takes::Words(known) => {
                let known = known.iter();
                known.map(|word| Offer::word(word.word, word.doc)).collect()
            }
            Takes::Weekday => words(&WEEKDAYS.map(weekday_en)),
            Takes::Zone => words(&["Europe/Copenhagen"]),
            Takes::Hours => words(&["08:00-16:00"]),
            Takes::Name(names) => self.names(names),
            Takes::Then => self.names(Names::Goal),
            Takes::Point | Takes::Remind | Takes::Period | Takes::Length(_) => {
                self.phrase(takes, before)
            }
            Takes::Value | Takes::Compare => self.choices(),
            _ => Vec::new(),
        }
    }

    /// The names of a kind, as they are written here.
    fn names(&self, names: Names) -> Vec<Offer> {
        let case = |kinds: &[Kind]| self.of(&Space::Case, kinds, "");
        let hold = |kinds: &[Kind]| self.of(&Space::Hold, kinds, "cohort.");
        let both = |kinds: &[Kind]| [case(kinds), hold(kinds)].concat();
        match names {
            // Names of the author's own, and names that only a scenario knows.
            Names::New | Names::Free | Names::NewWorkflow | Names::Person => Vec::new(),
            Names::Message => self.of(&Space::Messages, &[Kind::Message], ""),
            Names::Role => self.roles(),
            Names::State => case(&[Kind::State]),
            Names::Goal => {
                let later = self.of(&Space::Case, &[Kind::State], "next_cohort.");
                [case(&[Kind::State]), later].concat()
            }
            Names::Fact | Names::Awaited => both(&[Kind::Fact]),
            Names::OfHold => {
                let own = self.of(&Space::Hold, &[Kind::Date, Kind::Fact], "");
                [own, self.of(&Space::Roles, &[Kind::Role], "")].concat()
            }
            Names::OfCase => {
                let roles = self.of(&Space::Roles, &[Kind::Role], "");
                [case(&[Kind::Fact]), roles].concat()
            }
            Names::CaseFact => case(&[Kind::Fact]),
            Names::FactOrRole => {
                let roles = self.of(&Space::Roles, &[Kind::Role], "");
                [both(&[Kind::Fact]), roles].concat()
            }
            Names::FactOrMeeting => both(&[Kind::Fact, Kind::Meeting]),
            Names::HoldDate => self.of(&Space::Hold, &[Kind::Date], ""),
            Names::Template => self.templates(),
            Names::Event => case(&[Kind::Event]),
            Names::Task => both(&[Kind::Task]),
            Names::Meeting => both(&[Kind::Meeting]),
            Names::Setting => self.of(&Space::Settings, &[Kind::Setting], ""),
        }
    }

    fn symbols(&self) -> &[Symbol] {
        &self.document.known.symbols.all
    }

    fn of(&self, space: &Space, kinds: &[Kind], prefix: &str) -> Vec<Offer> {
        let symbols = self.symbols().iter();
        let wanted =
            symbols.filter(|symbol| symbol.space == *space && kinds.contains(&symbol.kind));
        let offer = |symbol: &Symbol| Offer {
            label: format!("{prefix}{}", symbol.name),
            kind: NAME,
            detail: Some(described(symbol)),
            doc: None,
            text: None,
        };
        wanted.map(offer).collect()
    }

    fn roles(&self) -> Vec<Offer> {
        let built_in = [
            (CANDIDATE, "The candidate; always there."),
            (JOBCENTRE, "The candidate's organisation; always there."),
        ];
        let mut offers = self.of(&Space::Roles, &[Kind::Role], "");
        offers.extend(built_in.map(|(name, doc)| Offer::word(name, doc)));
        offers
    }

    fn templates(&self) -> Vec<Offer> {
        let Some(path) = self.document.path() else {
            return Vec::new();
        };
        let templates = self.outside.templates(&path, self.document.language());
        let offer = |template: super::Template| Offer {
            label: template.name,
            kind: FILE,
            detail: Some(template.subject),
            doc: None,
            text: None,
        };
        templates.into_iter().map(offer).collect()
    }

    /// `TASK.done`, `cohort.MEETING.held` and the like.
    fn built_in_events(&self) -> Vec<Offer> {
        let mut offers = Vec::new();
        for symbol in self.symbols() {
            let prefix = if symbol.space == Space::Hold {
                "cohort."
            } else {
                ""
            };
            if symbol.kind == Kind::State {
                continue;
            }
            for part in parts(symbol.kind).iter().filter(|part| **part != "due") {
                offers.push(Offer {
                    label: format!("{prefix}{}.{part}", symbol.name),
                    kind: NAME,
                    detail: Some(described(symbol)),
                    doc: None,
                    text: None,
                });
            }
        }
        offers
    }

    /// The values of the fact that the path names.
    fn choices(&self) -> Vec<Offer> {
        let path = self.context.path.iter().rev();
        let named = |step: &String| {
            let (space, name) = match step.strip_prefix("cohort.") {
                Some(name) => (Space::Hold, name),
                None => (Space::Case, step.as_str()),
            };
            let mut symbols = self.symbols().iter();
            symbols.find(|symbol| {
                symbol.kind == Kind::Fact && symbol.space == space && symbol.name == name
            })
        };
        let Some(fact) = path.into_iter().find_map(named) else {
            return Vec::new();
        };
        let cohort = fact.space == Space::Hold;
        let space = Space::Choices {
            cohort,
            fact: fact.name.clone(),
        };
        let choices = self.of(&space, &[Kind::Choice], "");
        if !choices.is_empty() {
            return choices;
        }
        let quoted = |grade: &str| Offer::word(&format!("\"{grade}\""), "");
        match self.fact_kind(cohort, &fact.name) {
            Some(FactKind::YesNo) => ["yes", "no"].map(|word| Offer::word(word, "")).into(),
            Some(FactKind::Grade) => GRADES.map(quoted).into(),
            _ => Vec::new(),
        }
    }

    fn fact_kind(&self, cohort: bool, name: &str) -> Option<&FactKind> {
        let workflow = self.document.known.workflow.as_ref()?;
        let facts = if cohort {
            &workflow.cohort.facts
        } else {
            &workflow.facts
        };
        let fact = facts.iter().find(|fact| &*fact.name == name)?;
        Some(&fact.kind)
    }
}

/// What of a thing can be a point in time.
fn parts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::State => &["first_day", "last_day", "entered", "left"],
        Kind::Task => &["due", "done", "overdue"],
        Kind::Meeting => &["held", "no_show", "cancelled"],
        _ => &[],
    }
}

/// The title of a name, and what it is.
pub(super) fn described(symbol: &Symbol) -> String {
    match &symbol.title {
        Some(title) => format!("{title} ({})", symbol.kind.what()),
        None => symbol.kind.what().to_owned(),
    }
}

fn key_offer(key: &'static Key) -> Offer {
    Offer {
        label: key.name.to_owned(),
        kind: KEY,
        detail: key.required.then(|| "needed".to_owned()),
        doc: Some(key_doc(key)),
        text: None,
    }
}

/// What a key means, with an example.
pub(super) fn key_doc(key: &Key) -> String {
    let example = if key.example.contains('\n') {
        format!("{}:\n{}", key.name, key.example)
    } else {
        format!("{}: {}", key.name, key.example)
    };
    format!("{}\n\n```yaml\n{example}\n```", key.doc)
}

/// The alternatives of what a key takes, and what the items of its list are.
fn alternatives(takes: Takes) -> Vec<Takes> {
    match takes {
        Takes::OneOrMore(inner) | Takes::Pair(inner) | Takes::List(inner) => alternatives(*inner),
        Takes::Either(one, other) => [alternatives(*one), alternatives(*other)].concat(),
        _ => vec![takes],
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::Template;
    use super::*;
    use crate::definition::{Problem, Read};

    const BASE: &str = include_str!("../../../tests/fixtures/workflows/base.yaml");

    struct One;

    impl Outside for One {
        fn templates(&self, workflow: &Path, language: &str) -> Vec<Template> {
            assert_eq!((workflow, language), (Path::new("/w/x.yaml"), "da"));
            vec![Template {
                name: "welcome".into(),
                text: PathBuf::from("/t/da/welcome/body.txt.hbs"),
                subject: "Velkommen".into(),
            }]
        }

        fn problems(&self, _: &Path, _: &str, _: &Read) -> Vec<Problem> {
            Vec::new()
        }
    }

    /// What is proposed when some words of the file are cut off and others written; the rest of
    /// the line is not there yet.
    fn proposed(words: &str, written: &str) -> Vec<Proposal> {
        let at = BASE.find(words).unwrap_or_else(|| panic!("{words}"));
        let end = BASE[at..].find('\n').map_or(BASE.len(), |end| at + end);
        let text = format!("{}{written}{}", &BASE[..at], &BASE[end..]);
        let mut document = Document::open("file:///w/x.yaml".into(), 1, BASE.to_owned());
        document.change(
            None,
            vec![super::super::protocol::Change { range: None, text }],
        );
        let cursor = document.lines.position(&document.text, at + written.len());
        completion(&document, cursor, &One)
    }

    #[test]
    fn what_fits_is_proposed_and_nothing_else_is() {
        for (words, written, has, has_not) in [
            (
                "holds_place: true",
                "h",
                &["holds_place", "lasts"][..],
                &["title", "events", "places"][..],
            ),
            (
                "by: consultant, due",
                "by: ",
                &["consultant", "leader", "candidate", "jobcentre"],
                &["met", "track"],
            ),
            (
                "fills: [track",
                "fills: [",
                &["track", "ready", "cohort.price", "consultant"],
                &["met", "info"],
            ),
            (
                "then: course}",
                "then: ",
                &["course", "next_cohort.met", "declined"],
                &["accept", "track"],
            ),
            (
                "- {if: {ready",
                "- {i",
                &["if", "then", "else"],
                &["title", "age"],
            ),
            (
                "ready: yes, danish",
                "r",
                &["ready", "danish", "any", "age", "cohort.free_places"],
                &["met", "title"],
            ),
            ("yes, danish", "", &["yes", "no"], &["track"]),
            ("\"02\"}}, then: hired", "", &["\"02\"", "\"12\""], &["yes"]),
            ("sundhed}\n", "s", &["sundhed", "paedagogik"], &["track"]),
            ("template: status", "template: w", &["welcome"], &["status"]),
            (
                "course.last_day}\n",
                "c",
                &[
                    "course.last_day",
                    "cohort.start",
                    "cohort.info",
                    "ends",
                    "settings.search",
                ],
                &["price", "course", "search.due"],
            ),
            (
                "workdays before cohort.start, fills",
                "",
                &["workdays", "weeks", "calendar days"],
                &["cohort.start"],
            ),
            (
                "before cohort.start, fills",
                "b",
                &["before", "after"],
                &["cohort.start"],
            ),
            (
                "friday at",
                "",
                &["friday", "workday", "month"],
                &["cohort.start"],
            ),
            (
                "1 workday before}",
                "2 workdays before ",
                &["at"],
                &["cohort.start"],
            ),
            (
                "settings.search",
                "s",
                &["settings.search"],
                &["cohort.start"],
            ),
            ("event: accept", "event: ", &["accept", "absence"], &["met"]),
            ("start: 2026", "", &["start"], &["course"]),
            ("reached: hired", "reached: ", &["hired"], &["track"]),
            (
                "withdraw: {title",
                "",
                &["talk.held", "screen.done", "cohort.info.no_show"],
                &["screen.due", "met.entered"],
            ),
            (
                "per: cohort",
                "per: ",
                &["candidate", "cohort", "workflow"],
                &["met"],
            ),
            ("weekday: monday", "weekday: m", &["monday"], &["1"]),
            ("title: Kursus", "title: ", &[], &["met"]),
            ("# A small", "# A ", &[], &["title"]),
        ] {
            let labels: Vec<String> = proposed(words, written)
                .into_iter()
                .map(|proposal| proposal.label)
                .collect();
            for wanted in has {
                assert!(
                    labels.iter().any(|label| label == wanted),
                    "{words}: {wanted} in {labels:?}"
                );
            }
            for unwanted in has_not {
                assert!(
                    labels.iter().all(|label| label != unwanted),
                    "{words}: {unwanted} in {labels:?}"
                );
            }
        }
    }

    #[test]
    fn a_key_comes_with_its_colon_and_its_meaning() {
        let proposals = proposed("holds_place: true", "h");
        let key = proposals
            .iter()
            .find(|proposal| proposal.label == "holds_place");
        let key = key.expect("it is proposed");
        assert_eq!(key.text_edit.new_text, "holds_place: ");
        assert!(
            key.documentation
                .as_ref()
                .is_some_and(|doc| doc.value.contains("places"))
        );
    }
}
