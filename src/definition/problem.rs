//! What is wrong in a file, where, and what to do about it.

use std::cell::RefCell;
use std::ops::Range;

use serde::Serialize;

use super::rule;
use super::symbols::Seen;

/// More problems than this in one file are counted, not shown: a file that is not a workflow at
/// all must not cost minutes of "did you mean".
const PROBLEMS_MAX: usize = 200;

/// Whether a file can be used in spite of the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file is not a workflow.
    Error,
    /// The file can be used, but look at this.
    Warning,
}

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as it was named by whoever asked.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The words it is about, in bytes of the file.
    pub span: Range<usize>,
    /// Kebab-case name of the rule: `unknown-name`.
    pub rule: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// Whether the file cannot be used because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Collects the problems of one file while it is read.
pub(crate) struct Sink<'t> {
    file: &'t str,
    /// The file's text.
    pub text: &'t str,
    line_starts: Vec<usize>,
    found: RefCell<Vec<Problem>>,
    left_off: RefCell<usize>,
    /// What is declared and used, for editors.
    pub(super) seen: RefCell<Seen>,
}

impl<'t> Sink<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            file,
            text,
            line_starts,
            found: RefCell::default(),
            left_off: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    /// An error at these bytes.
    pub fn error(&self, rule: &'static str, span: &Range<usize>, message: impl Into<String>) {
        self.add(rule, span, message.into(), None);
    }

    /// What a rule found, and what to do about it; the rule says whether it is an error.
    pub fn report(&self, rule: &'static str, span: &Range<usize>, message: &str, help: &str) {
        self.add(rule, span, message.to_owned(), Some(help.to_owned()));
    }

    /// An error at these bytes, and what to do about it.
    pub fn error_help(
        &self,
        rule: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(rule, span, message.into(), Some(help.into()));
    }

    /// A name that is not among the known ones: says so, with the nearest or all of them.
    pub fn error_name<'n>(
        &self,
        rule: &'static str,
        span: &Range<usize>,
        word: &str,
        message: impl Into<String>,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let help = if self.full() {
            None
        } else {
            help_for(word, known)
        };
        self.add(rule, span, message.into(), help);
    }

    /// Whether the file is hopeless, so that suggestions are not worth their time.
    fn full(&self) -> bool {
        self.found.borrow().len() >= PROBLEMS_MAX
    }

    fn add(&self, rule: &'static str, span: &Range<usize>, message: String, help: Option<String>) {
        if self.full() {
            *self.left_off.borrow_mut() += 1;
            return;
        }
        debug_assert!(
            rule::named(rule).is_some(),
            "{rule} is in the list of rules"
        );
        let severity = rule::named(rule).map_or(Severity::Error, |rule| rule.severity);
        let span = self.clamp(span);
        let (line, column) = self.place(&span);
        let problem = Problem {
            file: self.file.to_owned(),
            line,
            column,
            span,
            rule,
            severity,
            message,
            help,
        };
        let mut found = self.found.borrow_mut();
        if !found.contains(&problem) {
            found.push(problem);
        }
    }

    /// Keeps a span inside the text and on character boundaries, whatever a caller computed.
    fn clamp(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start);
        start..self.text.floor_char_boundary(span.end).max(start)
    }

    /// Line and column of a span's first byte, from 1.
    pub fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let start = self.text.floor_char_boundary(span.start);
        let line = self.line_starts.partition_point(|at| *at <= start).max(1);
        let before = self
            .text
            .get(self.line_starts[line - 1]..start)
            .unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// Whether an error was found so far.
    pub fn has_errors(&self) -> bool {
        self.found
            .borrow()
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// Whether a problem of a kind was found so far.
    pub fn any(&self, wanted: &dyn Fn(&Problem) -> bool) -> bool {
        self.found.borrow().iter().any(wanted)
    }

    /// Takes problems of a kind back.
    pub fn forget(&self, unwanted: &dyn Fn(&Problem) -> bool) {
        self.found.borrow_mut().retain(|problem| !unwanted(problem));
    }

    /// All of them, in the order of the file.
    pub fn into_problems(self) -> Vec<Problem> {
        let left_off = *self.left_off.borrow();
        if left_off > 0 {
            let last = self.found.borrow_mut().pop();
            let span = last.map_or(0..0, |problem| problem.span);
            let message = format!(
                "{} further problems of this file are not shown",
                left_off + 1
            );
            self.add("too-many", &span, message, None);
        }
        let mut found = self.found.into_inner();
        found.sort_by(|a, b| {
            (a.span.start, a.span.end, a.rule).cmp(&(b.span.start, b.span.end, b.rule))
        });
        found
    }
}

/// `did you mean "school"?`, or the known names when there are few, or nothing.
fn help_for<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    const LISTED_MAX: usize = 16;
    const COMPARED_MAX: usize = 1_000;
    let mut known: Vec<&str> = known.into_iter().take(COMPARED_MAX).collect();
    known.sort_unstable();
    known.dedup();
    if let Some(name) = nearest(word, &known) {
        return Some(format!("did you mean \"{name}\"?"));
    }
    match known.len() {
        0 => None,
        1..=LISTED_MAX => Some(format!("known here: {}", known.join(", "))),
        _ => None,
    }
}

/// The known name nearest to a misspelt one: at most one slip in three letters, or failing that
/// one that sounds alike: `skol` for `school`.
pub(crate) fn nearest<'n>(word: &str, known: &[&'n str]) -> Option<&'n str> {
    const WORD_BYTES_MAX: usize = 64;
    const ALIKE_MIN: f64 = 0.77;
    let word = word.trim().to_lowercase().replace(['-', ' '], "_");
    if word.is_empty() || word.len() > WORD_BYTES_MAX {
        return None;
    }
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let short: Vec<&str> = known
        .iter()
        .copied()
        .filter(|name| name.len() <= WORD_BYTES_MAX)
        .collect();
    // Of two names as many slips away, the one with the same digits is meant ("phase_2x" is
    // "phase_2", not "phase_1"), or else the one that sounds more alike.
    let by_slips = short
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &plain(name)), *name))
        .min_by(|a, b| {
            let counted = |name: &str| digits(name) != digits(&word);
            let unlike = |name: &str| -strsim::jaro_winkler(&word, &plain(name));
            a.0.cmp(&b.0)
                .then(counted(a.1).cmp(&counted(b.1)))
                .then_with(|| unlike(a.1).total_cmp(&unlike(b.1)))
                .then(a.1.cmp(b.1))
        });
    let near =
        |slips: usize, name: &str| slips * 3 <= name.chars().count().max(word.chars().count());
    if let Some((_, name)) = by_slips.filter(|(slips, name)| near(*slips, name)) {
        return Some(name);
    }
    let alike = short
        .iter()
        .map(|name| (strsim::jaro_winkler(&word, &plain(name)), *name));
    let (likeness, name) = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= ALIKE_MIN).then_some(name)
}

fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_a_slip_away_or_nothing() {
        for (word, known, expect) in [
            ("skol", &["school", "schedule"][..], Some("school")),
            ("schol", &["school", "schedule"], Some("school")),
            ("by-whom", &["by_whom"], Some("by_whom")),
            ("Title", &["title"], Some("title")),
            ("titel", &["title", "then"], Some("title")),
            ("phase_2", &["phase_1", "phase_2x"], Some("phase_2x")),
            ("phase_1", &["phase_2", "phsae_1"], Some("phsae_1")),
            ("xyz", &["title"], None),
            ("no", &["by", "to"], None),
            ("", &["title"], None),
        ] {
            assert_eq!(nearest(word, known), expect, "{word}");
        }
    }

    #[test]
    fn places_are_counted_in_characters_and_never_leave_the_text() {
        let sink = Sink::new("f", "æø: x\ny: å");
        for (span, expect) in [
            (0..1, (1, 1)),
            (4..5, (1, 3)),
            (8..9, (2, 1)),
            (11..13, (2, 4)),
            (99..120, (2, 5)),
        ] {
            assert_eq!(sink.place(&span), expect, "{span:?}");
        }
        sink.error("bad-value", &(1..3), "in the middle of a character");
        sink.error("bad-value", &(50..90), "past the end");
        assert!(sink.into_problems().iter().all(|p| p.span.end <= 13));
    }

    #[test]
    fn a_hopeless_file_is_counted_not_listed() {
        let text = "x".repeat(1_000);
        let sink = Sink::new("f", &text);
        for at in 0..1_000 {
            sink.error_name("unknown-name", &(at..at), "a", format!("no. {at}"), ["b"]);
        }
        let problems = sink.into_problems();
        assert_eq!(problems.len(), PROBLEMS_MAX);
        assert_eq!(
            problems[PROBLEMS_MAX - 1].message,
            "801 further problems of this file are not shown"
        );
    }
}
