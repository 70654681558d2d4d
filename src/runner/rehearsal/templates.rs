//! What workflows and templates promise each other: a mail's template is there.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use crate::definition::model::{Meeting, Scope, Task, Workflow};
use crate::definition::{Problem, Read, Severity};
use crate::message::{TemplateProblem, TemplateSource};
use crate::runner::desk::nearest;

/// The language of a workflow whose own is not known for its errors.
const LANGUAGE: &str = "da";

/// A template's problem among the others.
pub(super) fn as_problem(
    rule: &'static str,
    file: &str,
    text: &str,
    problem: TemplateProblem,
) -> Problem {
    let start = offset(text, problem.line, problem.column);
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    Problem {
        file: file.to_owned(),
        line: problem.line,
        column: problem.column,
        span: start..start + width,
        rule,
        severity: Severity::Error,
        message: problem.message,
        help: problem.help,
    }
}

/// The byte at a line and column, both from 1; the end when the text is shorter.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n');
    let start: usize = lines
        .clone()
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let within = text[start.min(text.len())..]
        .chars()
        .take(column.saturating_sub(1))
        .map(char::len_utf8)
        .sum::<usize>();
    (start + within).min(text.len())
}

/// Templates that a workflow needs and that have no folder.
pub(super) fn missing(
    file: &str,
    text: &str,
    read: &Read,
    root: &Path,
    source: &TemplateSource,
) -> Vec<Problem> {
    let language = read
        .workflow
        .as_ref()
        .map_or(LANGUAGE, |workflow| workflow.language.as_str());
    let known = folders(source, language);
    let folder = |name: &str| root.join(language).join(name).display().to_string();
    let named = read
        .templates
        .iter()
        .filter(|used| !known.contains(used.name.as_str()))
        .map(|used| Problem {
            file: file.to_owned(),
            line: used.line,
            column: used.column,
            span: used.span.clone(),
            rule: "missing-template",
            severity: Severity::Error,
            message: format!("there is no template {:?}", used.name),
            help: Some(match nearest(&used.name, known.iter().copied()) {
                Some(near) => format!("did you mean {near:?}? Or write {}", folder(&used.name)),
                None => format!(
                    "write subject.hbs, body.txt.hbs, body.html.hbs and why.hbs in {}",
                    folder(&used.name)
                ),
            }),
        });
    let mut problems: Vec<Problem> = named.collect();
    for need in read.workflow.iter().flat_map(fixed) {
        let own = format!("{}-{}", need.thing.replace('_', "-"), need.word);
        let general = need.general();
        if known.contains(own.as_str()) || known.contains(general.as_str()) {
            continue;
        }
        let span = place_of(text, &need.thing);
        let (line, column) = line_and_column(text, span.start);
        problems.push(Problem {
            file: file.to_owned(),
            line,
            column,
            span,
            rule: "missing-template",
            severity: Severity::Error,
            message: format!(
                "{:?} sends a mail that has no template: {general:?}, or {own:?} of its own",
                need.thing
            ),
            help: Some(format!(
                "write subject.hbs, body.txt.hbs, body.html.hbs and why.hbs in {}",
                folder(&general)
            )),
        });
    }
    problems
}

/// The templates of a language, by folder.
fn folders<'s>(source: &'s TemplateSource, language: &str) -> BTreeSet<&'s str> {
    let inside = source
        .files
        .keys()
        .filter_map(|path| path.split_once('/'))
        .filter(|(of, _)| *of == language);
    inside
        .filter_map(|(_, rest)| rest.split_once('/'))
        .map(|(folder, _)| folder)
        .filter(|folder| *folder != "partials")
        .collect()
}

/// A mail that follows from a meeting or task and has a fixed name.
struct Needed {
    thing: String,
    word: &'static str,
    is_meeting: bool,
}

impl Needed {
    fn general(&self) -> String {
        if self.is_meeting {
            format!("meeting-{}", self.word)
        } else {
            self.word.to_owned()
        }
    }
}

fn fixed(workflow: &Workflow) -> Vec<Needed> {
    let scopes = workflow
        .states
        .iter()
        .map(|state| &state.scope)
        .chain([&workflow.cohort.scope]);
    let of_scope = |scope: &Scope| {
        let meetings = scope
            .meetings
            .iter()
            .flat_map(|meeting| of_meeting(meeting, workflow));
        let tasks = scope.tasks.iter().flat_map(|task| of_task(task, workflow));
        meetings.chain(tasks).collect::<Vec<_>>()
    };
    scopes.flat_map(of_scope).collect()
}

fn of_meeting(meeting: &Meeting, workflow: &Workflow) -> Vec<Needed> {
    let need = |word, is_meeting| Needed {
        thing: meeting.name.to_string(),
        word,
        is_meeting,
    };
    let mut needed: Vec<Needed> = ["invitation", "moved", "cancelled"]
        .map(|word| need(word, true))
        .into();
    if !meeting.remind.is_empty() {
        needed.push(need("reminder", true));
    }
    if let Some(book) = &meeting.book {
        if !book.remind.is_empty() {
            needed.push(need("booking-reminder", false));
        }
        if workflow.overdue.is_some() {
            needed.push(need("task-overdue", false));
        }
    }
    needed
}

fn of_task(task: &Task, workflow: &Workflow) -> Vec<Needed> {
    let need = |word| Needed {
        thing: task.name.to_string(),
        word,
        is_meeting: false,
    };
    let mut needed = Vec::new();
    if !task.remind.is_empty() {
        needed.push(need("task-reminder"));
    }
    if workflow.overdue.is_some() && task.due.is_some() {
        needed.push(need("task-overdue"));
    }
    needed
}

/// Where a thing is declared: its key at the start of a line, or after a brace.
pub(super) fn place_of(text: &str, key: &str) -> Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start();
        if code
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with(':'))
        {
            let at = start + (line.len() - code.len());
            return at..at + key.len();
        }
        start += line.len();
    }
    0..0
}

pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_after_wide_letters_and_at_the_end() {
        let text = "æøå: x\n  tåge: y\n";
        assert_eq!(place_of(text, "tåge"), 12..17);
        assert_eq!(line_and_column(text, 12), (2, 3));
        assert_eq!(offset(text, 1, 3), 4);
        assert_eq!(offset(text, 9, 9), text.len());
    }
}
