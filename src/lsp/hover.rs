//! What is shown over a place: the dates that a time phrase gives, what a name stands for, what a
//! key means.

use super::Outside;
use super::completion::{described, key_doc};
use super::context::context;
use super::definition::template_at;
use super::document::Document;
use super::explain::{self, Standing};
use super::protocol::{Hover, Markdown, Position};
use crate::definition::keywords::key_at;
use crate::definition::model::{CANDIDATE, StateId, Workflow};
use crate::definition::symbols::{Kind, Symbol};

/// What there is to say about a place; nothing about most.
#[must_use]
pub fn hover(document: &Document, at: Position, outside: &dyn Outside) -> Option<Hover> {
    let byte = document.lines.byte(&document.text, at);
    let symbols = &document.read.symbols;
    if let Some((phrase, place)) = symbols.phrase_at(byte) {
        let keys = context(&document.text, place.start).path;
        let standing = Standing {
            path: keys.iter().map(String::as_str).collect(),
            state: document
                .workflow()
                .and_then(|workflow| state_around(document, workflow, byte)),
        };
        let told = document
            .workflow()
            .and_then(|workflow| explain::explain(workflow, phrase, &standing));
        let words = &document.text[place.clone()];
        let told = told.unwrap_or_default();
        return Some(shown(document, &place, format!("`{words}`\n\n{told}")));
    }
    if let Some((symbol, place)) = symbols.at(byte) {
        return Some(shown(document, &place, about(document, symbol)));
    }
    if let Some(template) = template_at(document, byte, outside) {
        let word = context(&document.text, byte).word;
        let words = format!("The template `{}`: *{}*", template.name, template.subject);
        return Some(shown(document, &word, words));
    }
    key(document, byte)
}

fn shown(document: &Document, place: &std::ops::Range<usize>, words: String) -> Hover {
    Hover {
        contents: Markdown::new(words),
        range: document.lines.range(&document.text, place),
    }
}

/// The innermost state around a byte; the candidate is one too.
fn state_around(document: &Document, workflow: &Workflow, byte: usize) -> Option<StateId> {
    let around = document.read.symbols.around(byte);
    let state = around.iter().find(|symbol| symbol.kind == Kind::State);
    let found = state.and_then(|state| workflow.state_ids.get(state.name.as_str()));
    let path = context(&document.text, byte).path;
    let in_candidate = path.first().is_some_and(|first| first == CANDIDATE);
    found.copied().or(in_candidate.then_some(StateId::ROOT))
}

/// A name: what it is, in what it is declared, how often it is used, and the days of a state.
fn about(document: &Document, symbol: &Symbol) -> String {
    let place = symbol.declared.first().map_or(0, |place| place.name.start);
    let around = document.read.symbols.around(place);
    let inside = around.iter().find(|outer| outer.name != symbol.name);
    let inside = inside.map_or(String::new(), |outer| format!(" in `{}`", outer.name));
    let uses = match symbol.uses.len() {
        0 => "never used".to_owned(),
        1 => "used once".to_owned(),
        uses => format!("used {uses} times"),
    };
    let mut lines = vec![format!(
        "**{}**: {}{inside}, {uses}",
        symbol.name,
        described(symbol)
    )];
    if let (Kind::State, Some(workflow)) = (symbol.kind, document.workflow())
        && let Some(id) = workflow.state_ids.get(symbol.name.as_str())
    {
        lines.extend(explain::days(workflow, *id));
    }
    lines.join("\n\n")
}

/// A key of the language.
fn key(document: &Document, byte: usize) -> Option<Hover> {
    let context = context(&document.text, byte);
    let word = &document.text[context.word.clone()];
    let behind = document.text[context.word.end..].trim_start_matches('"');
    if word.is_empty() || !behind.starts_with(':') {
        return None;
    }
    let path = context.path.iter().map(String::as_str);
    let path: Vec<&str> = path.chain([word]).collect();
    let key = key_at(&path)?;
    Some(shown(document, &context.word, key_doc(key)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Template;
    use super::*;
    use crate::definition::{Problem, Read};

    const HOLSTEBRO: &str = include_str!("../../workflows/holstebro-introforloeb.yaml");
    const BASE: &str = include_str!("../../tests/fixtures/workflows/base.yaml");

    struct Nothing;

    impl Outside for Nothing {
        fn templates(&self, _: &Path, _: &str) -> Vec<Template> {
            Vec::new()
        }

        fn problems(&self, _: &Path, _: &str, _: &Read) -> Vec<Problem> {
            Vec::new()
        }
    }

    fn over(text: &str, words: &str) -> String {
        let document = Document::open("file:///x.yaml".into(), 1, text.to_owned());
        let byte = text.find(words).unwrap_or_else(|| panic!("{words}"));
        let at = document.lines.position(text, byte);
        hover(&document, at, &Nothing).map_or_else(String::new, |hover| hover.contents.value)
    }

    #[test]
    fn a_phrase_is_counted_out() {
        for (words, expect) in [
            (
                "5 workdays before cohort.start at",
                "**Monday 26 January 2026 at 09:00**",
            ),
            (
                "8 workdays before cohort.start",
                "**Wednesday 21 January 2026**",
            ),
            (
                "2 workdays before at 09:00]\n  messages",
                "**Monday 19 January 2026 at 09:00**",
            ),
            (
                "4 weeks before cohort.start",
                "**Monday 5 January 2026 at 08:00**",
            ),
            (
                "cohort.start                      #",
                "**Monday 2 February 2026** begins",
            ),
            (
                "1 week after internship_2.last_day",
                "**Friday 27 March 2026**",
            ),
            ("friday at 12:00", "- **Friday 23 January 2026 at 12:00**"),
            ("2 weeks, then: school", "From Monday 2 February 2026"),
            ("school.last_day, intern", "**Friday 6 March 2026**"),
            ("internship_2.last_day]", "**Friday 20 March 2026**"),
            (
                "absence, gather",
                "If `absence` happens on Monday 2 February 2026 at 10:00",
            ),
            ("entered}", "If a case enters `admitted`"),
            (
                "5 workdays before, remind",
                "Of the first day it can be held, Friday 6 March 2026",
            ),
            ("6 months after ended", "If a case ends on"),
            ("1 hour}", "1 hour by the clock"),
            (
                "2 workdays}",
                "From Monday 2 February 2026: **Wednesday 4 February 2026**",
            ),
        ] {
            let shown = over(HOLSTEBRO, words);
            assert!(shown.contains(expect), "{words}:\n{shown}");
            assert!(shown.contains("scenario `to_an_agreement`"), "{shown}");
        }
    }

    #[test]
    fn a_move_and_what_is_not_counted_are_said() {
        let easter = HOLSTEBRO.replace("{start: 2026-02-02}", "{start: 2026-04-13}");
        let shown = over(&easter, "8 workdays before cohort.start");
        assert!(shown.contains("**Friday 27 March 2026**"), "{shown}");
        assert!(
            shown.contains("Not counted: Thursday 2 April 2026, Maundy Thursday"),
            "{shown}"
        );
        let text = BASE.replace(
            "5 workdays before cohort.start",
            "8 calendar days before cohort.start",
        );
        let shown = over(&text, "8 calendar days");
        assert!(shown.contains("**Friday 23 January 2026**"), "{shown}");
        assert!(
            shown.contains("Moved from Sunday 25 January 2026"),
            "{shown}"
        );
    }

    #[test]
    fn a_file_without_scenarios_has_a_sample_and_one_with_errors_too() {
        let (text, _) = BASE.split_once("scenarios:").expect("scenarios");
        let text = text.replace("then: hired}", "then: hird}");
        let shown = over(&text, "5 workdays before cohort.start");
        assert!(shown.contains("**Monday 26 January 2026**"), "{shown}");
        assert!(shown.contains("2 February 2026 (a sample)"), "{shown}");
    }

    #[test]
    fn names_and_keys_are_told() {
        let school = over(HOLSTEBRO, "school:       {title: Skole");
        assert!(
            school.contains("Skoleforløb (a state) in `programme`, used "),
            "{school}"
        );
        assert!(
            school.contains("**Monday 16 February 2026** to **Friday 6 March 2026**"),
            "{school}"
        );
        let role = over(HOLSTEBRO, "job_consultant, when: decline");
        assert!(role.contains("Jobkonsulent (a role)"), "{role}");
        let key = over(HOLSTEBRO, "holds_place: true");
        assert!(key.contains("```yaml\nholds_place: "), "{key}");
        assert_eq!(over(HOLSTEBRO, "# én regel"), "");
    }
}
