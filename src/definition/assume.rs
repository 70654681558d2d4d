//! A file of assumptions: what people do in a simulation instead of what the plan expects.
//!
//! ```yaml
//! - {candidate: 3, absent: info_meeting}
//! - {candidate: Bo Østergaard, late: outcome, by: 5 workdays}
//! - {candidate: 4, never: career_conversation}
//! - {candidate: 5, at: 2026-03-02 10:00, event: withdraw, set: {leave_reason: Flyttet}}
//! - {hold: true, late: practical, by: 3 workdays}
//! ```
//!
//! It is read as a workflow is: every problem in one run, with its place and a "did you mean".

mod keys;

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use self::keys::KEYS;
use super::Problem;
use super::keyword::{facts, scenarios};
use super::model::{Fact, FactRef, Meeting, Name, Scope, Task, Trigger, Workflow};
use super::problem::Sink;
use super::shape::{Shape, list, text, things, whole, yes_no};
use super::value::Value;
use super::yaml::{self, Node, short};

/// What one line can say; exactly one of them.
const DEEDS: [&str; 6] = ["absent", "late", "never", "event", "done", "book"];

/// One line of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Assume {
    /// The candidate's place in the list, from 0; `None`: the hold.
    pub candidate: Option<usize>,
    /// What happens instead.
    pub what: Instead,
}

/// What happens instead of what would be assumed.
#[derive(Clone, Debug, PartialEq)]
pub enum Instead {
    /// The candidate does not come to the meeting.
    Absent(Name),
    /// A task is done, or a meeting booked, so many workdays after its due day.
    Late(Name, u32),
    /// A task is never done, or a meeting never booked.
    Never(Name),
    /// An event is raised; local time.
    Event(DateTime, Name, Given),
    /// A task is done; local time.
    Done(DateTime, Name, Given),
    /// A meeting is booked; local times of the booking and of the meeting.
    Book(DateTime, Name, DateTime),
}

/// Facts with their values; a text brings its words.
pub type Given = BTreeMap<FactRef, (Value, Option<String>)>;

/// Reads a file of assumptions about a hold of a workflow and its candidates, given by name in
/// their order. `file` is only its name, for the problems.
///
/// # Errors
/// All problems of the file, in its order.
pub fn read(
    file: &str,
    source: &str,
    workflow: &Workflow,
    candidates: &[&str],
) -> Result<Vec<Assume>, Vec<Problem>> {
    let sink = Sink::new(file, source);
    if source
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        let help = "a line is such as: - {candidate: 3, absent: info_meeting}";
        sink.error_help("wrong-type", &(0..0), "the file says nothing", help);
        return Err(sink.into_problems());
    }
    let root = yaml::parse(&sink);
    let reader = Reader {
        sink: &sink,
        workflow,
        candidates,
    };
    let nodes = root
        .as_ref()
        .and_then(|root| list(&sink, root, "a file of assumptions"));
    let lines: Vec<Assume> = nodes
        .unwrap_or_default()
        .iter()
        .filter_map(|node| reader.line(node))
        .collect();
    if sink.has_errors() {
        Err(sink.into_problems())
    } else {
        Ok(lines)
    }
}

struct Reader<'r> {
    sink: &'r Sink<'r>,
    workflow: &'r Workflow,
    candidates: &'r [&'r str],
}

impl Reader<'_> {
    fn line(&self, node: &Node) -> Option<Assume> {
        let shape = Shape::read(self.sink, &node.span, node, &KEYS)?;
        let of_hold = yes_no(self.sink, shape.get("hold"), "hold");
        let candidate = shape.get("candidate").map(|node| self.candidate(node));
        if candidate.is_some() == of_hold {
            let message = "an assumption is about a candidate or about the hold";
            self.sink.error_help(
                "bad-value",
                &node.span,
                message,
                "write one of \"candidate: 3\" and \"hold: true\"",
            );
            return None;
        }
        let what = self.deed(node, &shape, of_hold);
        let candidate = match candidate {
            Some(found) => Some(found?),
            None => None,
        };
        Some(Assume {
            candidate,
            what: what?,
        })
    }

    /// A number from 1, or a name.
    fn candidate(&self, node: &Node) -> Option<usize> {
        let word = text(self.sink, node, "a candidate")?;
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let many = u32::try_from(self.candidates.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            if many == 1 {
                self.sink
                    .error("bad-value", &node.span, "there are no candidates");
                return None;
            }
            return whole(self.sink, node, "a candidate", 1..many)
                .map(|number| number as usize - 1);
        }
        let lower = word.to_lowercase();
        let found = self
            .candidates
            .iter()
            .position(|name| name.to_lowercase() == lower);
        if found.is_none() {
            let message = format!("no candidate is called \"{}\"", short(word));
            self.sink.error_name(
                "unknown-name",
                &node.span,
                word,
                message,
                self.candidates.iter().copied(),
            );
        }
        found
    }

    fn deed(&self, node: &Node, shape: &Shape, of_hold: bool) -> Option<Instead> {
        let deeds: Vec<&str> = DEEDS
            .into_iter()
            .filter(|deed| shape.get(deed).is_some())
            .collect();
        let [deed] = deeds.as_slice() else {
            // A misspelt key has been reported, and is what is missing.
            let misspelt = things(self.sink, Some(node), "")
                .iter()
                .any(|(key, ..)| KEYS.key(key).is_none());
            if deeds.is_empty() && misspelt {
                return None;
            }
            let message = format!("an assumption says one thing: one of {}", DEEDS.join(", "));
            self.sink.error("bad-value", &node.span, message);
            return None;
        };
        self.stray(shape, deed);
        let value = shape.get(deed)?;
        let at = || {
            shape
                .need(self.sink, "at")
                .and_then(|node| scenarios::moment(self.sink, node))
        };
        match *deed {
            "absent" => self.absent(shape, value, of_hold).map(Instead::Absent),
            "late" => {
                let by = shape
                    .need(self.sink, "by")
                    .and_then(|node| self.workdays(node));
                let name = self.named(value, of_hold, "a task or a meeting that is booked", &WORK);
                Some(Instead::Late(name?, by?))
            }
            "never" => self
                .named(value, of_hold, "a task or a meeting that is booked", &WORK)
                .map(Instead::Never),
            "event" => {
                let (at, set) = (at(), self.set(shape, of_hold));
                Some(Instead::Event(at?, self.event(value, of_hold)?, set?))
            }
            "done" => {
                let (at, set) = (at(), self.set(shape, of_hold));
                Some(Instead::Done(
                    at?,
                    self.named(value, of_hold, "a task", &TASKS)?,
                    set?,
                ))
            }
            _ => {
                let on = shape
                    .need(self.sink, "on")
                    .and_then(|node| scenarios::moment(self.sink, node));
                let name = self.named(value, of_hold, "a meeting", &MEETINGS);
                Some(Instead::Book(at()?, name?, on?))
            }
        }
    }

    /// Keys that belong to another kind of line.
    fn stray(&self, shape: &Shape, deed: &str) {
        let needed = |key: &str| match key {
            "by" => deed == "late",
            "at" => matches!(deed, "event" | "done" | "book"),
            "on" => deed == "book",
            _ => matches!(deed, "event" | "done"),
        };
        for key in ["by", "at", "on", "set"] {
            if let (Some(span), false) = (shape.key_span(key), needed(key)) {
                self.sink.error(
                    "bad-value",
                    &span,
                    format!("\"{key}:\" does not belong to \"{deed}:\""),
                );
            }
        }
    }

    /// Absence is a candidate's, also from the hold's meeting.
    fn absent(&self, shape: &Shape, node: &Node, of_hold: bool) -> Option<Name> {
        if of_hold {
            let span = shape.key_span("absent").unwrap_or_default();
            self.sink.error_help(
                "bad-value",
                &span,
                "a hold cannot be absent",
                "write candidate: instead of hold:",
            );
            return None;
        }
        let word = text(self.sink, node, "a meeting")?;
        let all: Vec<&str> = [false, true]
            .iter()
            .flat_map(|hold| self.words(*hold, &MEETINGS))
            .collect();
        self.known(node, word, "a meeting", &all)
    }

    fn event(&self, node: &Node, of_hold: bool) -> Option<Name> {
        let word = text(self.sink, node, "an event")?;
        if of_hold {
            self.sink.error_help(
                "bad-value",
                &node.span,
                "a hold has no events",
                "write candidate: instead of hold:",
            );
            return None;
        }
        let events = self
            .workflow
            .states
            .iter()
            .flat_map(|state| &state.scope.events);
        let all: Vec<&str> = events
            .filter_map(|event| match &event.trigger {
                Trigger::Named(name) => Some(&**name),
                Trigger::Thing(_) => None,
            })
            .collect();
        self.known(node, word, "an event", &all)
    }

    fn named(&self, node: &Node, of_hold: bool, what: &str, kind: &Kind) -> Option<Name> {
        let word = text(self.sink, node, what)?;
        let (here, elsewhere) = (self.words(of_hold, kind), self.words(!of_hold, kind));
        if !here.contains(&word) && elsewhere.contains(&word) {
            let (message, help) = if of_hold {
                (
                    format!("\"{word}\" belongs to each candidate"),
                    "write candidate: instead of hold:",
                )
            } else {
                (
                    format!("\"{word}\" belongs to the hold"),
                    "write hold: true instead of candidate:",
                )
            };
            self.sink
                .error_help("unknown-name", &node.span, message, help);
            return None;
        }
        self.known(node, word, what, &here)
    }

    fn known(&self, node: &Node, word: &str, what: &str, all: &[&str]) -> Option<Name> {
        if all.contains(&word) {
            return Some(Name::from(word));
        }
        let message = format!("\"{}\" is not {what}", short(word));
        self.sink.error_name(
            "unknown-name",
            &node.span,
            word,
            message,
            all.iter().copied(),
        );
        None
    }

    fn words(&self, of_hold: bool, kind: &Kind) -> Vec<&str> {
        let states = self.workflow.states.iter().map(|state| &state.scope);
        let scopes: Vec<&Scope> = if of_hold {
            vec![&self.workflow.cohort.scope]
        } else {
            states.collect()
        };
        let mut words: Vec<&str> = Vec::new();
        for scope in scopes {
            words.extend(
                scope
                    .tasks
                    .iter()
                    .filter(|task| (kind.task)(task))
                    .map(|task| &*task.name),
            );
            words.extend(
                scope
                    .meetings
                    .iter()
                    .filter(|meeting| (kind.meeting)(meeting))
                    .map(|meeting| &*meeting.name),
            );
        }
        words
    }

    /// "5 workdays".
    fn workdays(&self, node: &Node) -> Option<u32> {
        let word = text(self.sink, node, "a delay")?;
        let count = word
            .strip_suffix("workdays")
            .or_else(|| word.strip_suffix("workday"));
        let count = count
            .and_then(|count| count.trim().parse::<u32>().ok())
            .filter(|count| (1..=1000).contains(count));
        if count.is_none() {
            let message = format!("\"{}\" is not a number of workdays", short(word));
            self.sink
                .error_help("bad-value", &node.span, message, "write it as 5 workdays");
        }
        count
    }

    /// Facts with their values, of the case or of the hold.
    fn set(&self, shape: &Shape, of_hold: bool) -> Option<Given> {
        let defined: &[Fact] = if of_hold {
            &self.workflow.cohort.facts
        } else {
            &self.workflow.facts
        };
        let mut given = Given::new();
        let mut whole = true;
        for (word, key, value) in things(self.sink, shape.get("set"), "facts with their values") {
            let name = word
                .strip_prefix("cohort.")
                .filter(|_| of_hold)
                .unwrap_or(word);
            let Some(fact) = defined.iter().find(|fact| &*fact.name == name) else {
                let message = format!("no fact here is called \"{}\"", short(word));
                let all = defined.iter().map(|fact| &*fact.name);
                self.sink
                    .error_name("unknown-name", &key.span, name, message, all);
                whole = false;
                continue;
            };
            let Some(read) = facts::value(self.sink, value, &fact.kind) else {
                whole = false;
                continue;
            };
            let words =
                (read == Value::Written).then(|| value.text().unwrap_or_default().to_owned());
            given.insert(
                FactRef {
                    cohort: of_hold,
                    name: fact.name.clone(),
                },
                (read, words),
            );
        }
        whole.then_some(given)
    }
}

/// Which declarations a word may name.
struct Kind {
    task: fn(&Task) -> bool,
    meeting: fn(&Meeting) -> bool,
}

const TASKS: Kind = Kind {
    task: |_| true,
    meeting: |_| false,
};
const MEETINGS: Kind = Kind {
    task: |_| false,
    meeting: |_| true,
};
const WORK: Kind = Kind {
    task: |_| true,
    meeting: |meeting| meeting.book.is_some(),
};

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const PEOPLE: [&str; 2] = ["Amina Ågren", "Bo Østergaard"];

    fn workflow() -> Workflow {
        let text = include_str!("../../workflows/holstebro-introforloeb.yaml");
        crate::definition::read("holstebro.yaml", text)
            .workflow
            .expect("a workflow")
    }

    #[test]
    fn lines_are_read() {
        let given = |fact: &str, value: Value, words: Option<&str>| {
            let fact = FactRef {
                cohort: false,
                name: fact.into(),
            };
            Given::from([(fact, (value, words.map(ToOwned::to_owned)))])
        };
        let at = date(2026, 3, 2).at(10, 0, 0, 0);
        let table = [
            (
                "candidate: 2, late: outcome, by: 1 workday",
                Some(1),
                Instead::Late("outcome".into(), 1),
            ),
            (
                "candidate: bo østergaard, never: career_conversation",
                Some(1),
                Instead::Never("career_conversation".into()),
            ),
            (
                "candidate: 1, absent: career_conversation",
                Some(0),
                Instead::Absent("career_conversation".into()),
            ),
            (
                "hold: true, late: practical, by: 3 workdays",
                None,
                Instead::Late("practical".into(), 3),
            ),
            (
                "candidate: 1, at: 2026-03-02 10:00, event: withdraw, set: {leave_reason: Flyttet}",
                Some(0),
                Instead::Event(
                    at,
                    "withdraw".into(),
                    given("leave_reason", Value::Written, Some("Flyttet")),
                ),
            ),
            (
                "candidate: 1, at: 2026-03-02 10:00, done: clarify_wage_scheme, set: {wage_scheme: ingen}",
                Some(0),
                Instead::Done(
                    at,
                    "clarify_wage_scheme".into(),
                    given("wage_scheme", Value::Choice("ingen".into()), None),
                ),
            ),
            (
                "candidate: 1, at: 2026-03-02 10:00, book: career_conversation, on: 2026-03-12 13:00",
                Some(0),
                Instead::Book(
                    at,
                    "career_conversation".into(),
                    date(2026, 3, 12).at(13, 0, 0, 0),
                ),
            ),
        ];
        let workflow = workflow();
        for (line, candidate, what) in table {
            let read = read("a.yaml", &format!("- {{{line}}}\n"), &workflow, &PEOPLE).expect(line);
            assert_eq!(read, vec![Assume { candidate, what }], "{line}");
        }
    }

    #[test]
    fn every_mistake_has_its_place_and_a_word_of_help() {
        let table = [
            ("", "the file says nothing; a line is such as"),
            ("candidate: 1", "a file of assumptions is a list"),
            (
                "- {candidate: 3, never: outcome}",
                "1:15 a candidate is a whole number from 1 to 2",
            ),
            (
                "- {candidate: Bo, never: outcome}",
                "1:15 no candidate is called \"Bo\"",
            ),
            (
                "- {candidate: Bo Østergard, never: outcome}",
                "did you mean \"Bo Østergaard\"?",
            ),
            (
                "- {never: outcome}",
                "1:3 an assumption is about a candidate or about the hold",
            ),
            (
                "- {candidate: 1, hold: true, never: outcome}",
                "1:3 an assumption is about",
            ),
            (
                "- {candidate: 1, never: outcom}",
                "1:25 \"outcom\" is not a task or a meeting that is booked; did you mean \"outcome\"?",
            ),
            (
                "- {candidate: 1, late: practical, by: 1 workday}",
                "\"practical\" belongs to the hold; write hold: true",
            ),
            (
                "- {hold: true, never: outcome}",
                "\"outcome\" belongs to each candidate; write candidate:",
            ),
            (
                "- {candidate: 1, late: outcome}",
                "an assumption needs \"by:\"",
            ),
            (
                "- {candidate: 1, late: outcome, by: 2 days}",
                "\"2 days\" is not a number of workdays; write it as 5 workdays",
            ),
            (
                "- {candidate: 1, late: outcome, never: outcome}",
                "an assumption says one thing",
            ),
            (
                "- {candidate: 1, never: outcome, by: 2 workdays}",
                "1:34 \"by:\" does not belong to \"never:\"",
            ),
            (
                "- {candidate: 1, event: withdraw}",
                "an assumption needs \"at:\"",
            ),
            (
                "- {candidate: 1, at: 2026-3-2, event: withdraw}",
                "write it as 2026-02-02 09:00",
            ),
            (
                "- {candidate: 1, at: 2026-03-02 09:00, event: withdrow}",
                "did you mean \"withdraw\"?",
            ),
            (
                "- {candidate: 1, at: 2026-03-02 09:00, event: withdraw, set: {reason: x}}",
                "no fact here is called \"reason\"",
            ),
            (
                "- {candidate: 1, abset: career_conversation}",
                "did you mean \"absent\"?",
            ),
            (
                "- {hold: true, absent: career_conversation}",
                "a hold cannot be absent",
            ),
            (
                "- {hold: true, at: 2026-03-02 09:00, event: withdraw}",
                "a hold has no events",
            ),
        ];
        let workflow = workflow();
        for (text, expect) in table {
            let problems = read("a.yaml", text, &workflow, &PEOPLE).expect_err(text);
            let shown = problems.iter().map(|problem| {
                let help = problem
                    .help
                    .as_ref()
                    .map_or(String::new(), |help| format!("; {help}"));
                format!(
                    "{}:{} {}{help}",
                    problem.line, problem.column, problem.message
                )
            });
            let shown = shown.collect::<Vec<_>>().join("\n");
            assert!(shown.contains(expect), "{text}\n{shown}");
        }
    }
}
