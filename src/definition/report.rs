//! Problems as people read them in a terminal: place, message, the line, a caret under the words.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::problem::{Problem, Severity};

const COLUMNS: usize = 80;

/// All problems as text of at most 80 columns (a single long word may be wider).
///
/// `sources` gives the text of a file by the name the problem has for it; without it the line is
/// left out. `color` adds ANSI colours.
///
/// ```
/// use tovholder::definition::{read, report};
/// let text = "workflow: x\ntitel: Y\n";
/// let read = read("x.yaml", text);
/// let shown = report(&read.problems, &|_| Some(text.to_owned()), false);
/// assert!(shown.contains("x.yaml:2:1: error"), "{shown}");
/// assert!(shown.contains("did you mean \"title\"?"));
/// ```
#[must_use]
pub fn report(
    problems: &[Problem],
    sources: &dyn Fn(&str) -> Option<String>,
    color: bool,
) -> String {
    let mut out = String::new();
    let mut source: Option<(&str, Option<String>)> = None;
    for problem in problems {
        if source
            .as_ref()
            .is_none_or(|(file, _)| *file != problem.file)
        {
            source = Some((&problem.file, sources(&problem.file)));
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let text = source.as_ref().and_then(|(_, text)| text.as_deref());
        one(&mut out, problem, text, &Paint { color });
    }
    out
}

fn one(out: &mut String, problem: &Problem, source: Option<&str>, paint: &Paint) {
    let (word, code) = match problem.severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning => ("warning", "1;33"),
    };
    let place = format!("{}:{}:{}:", problem.file, problem.line, problem.column);
    let head = format!("{place} {word}: {} [{}]", problem.message, problem.rule);
    let head = wrap(&visible(&head), 2);
    let colored = format!(
        "{} {}",
        paint.on("1", &visible(&place)),
        paint.on(code, word)
    );
    let _ = writeln!(
        out,
        "{}",
        head.replacen(&format!("{} {word}", visible(&place)), &colored, 1)
    );
    if let Some(line) = source.and_then(|text| text.lines().nth(problem.line - 1)) {
        source_line(out, problem, line, paint, code);
    }
    if let Some(help) = &problem.help {
        let help = wrap(&format!("  help: {}", visible(help)), 8);
        let _ = writeln!(
            out,
            "{}",
            help.replacen("help:", &paint.on("1;36", "help:"), 1)
        );
    }
}

/// The line and the carets; a long line is cut to a window around the words.
fn source_line(out: &mut String, problem: &Problem, line: &str, paint: &Paint, code: &str) {
    let gutter = format!("{:>5} | ", problem.line);
    let blank = format!("{:>5} | ", "");
    let from = problem.column - 1;
    let line_start: usize = line.chars().take(from).map(char::len_utf8).sum();
    let rest = line.get(line_start..).unwrap_or_default();
    let in_line = problem.span.len().min(rest.len());
    let words = rest
        .get(..rest.floor_char_boundary(in_line))
        .unwrap_or_default()
        .trim_end();
    let window = Window::of(line, from, words.chars().count(), COLUMNS - gutter.width());
    let carets = "^".repeat(window.width.max(1));
    let _ = writeln!(out, "{}{}", paint.on("2", &gutter), window.text);
    let _ = writeln!(
        out,
        "{}{}{}",
        paint.on("2", &blank),
        " ".repeat(window.indent),
        paint.on(code, &carets)
    );
}

/// The part of a line that fits, with columns of the screen rather than characters.
struct Window {
    text: String,
    indent: usize,
    width: usize,
}

impl Window {
    fn of(line: &str, from: usize, chars: usize, columns: usize) -> Self {
        let line: Vec<char> = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let widths: Vec<usize> = line.iter().map(|c| c.width().unwrap_or(0)).collect();
        let sum = |from: usize, to: usize| {
            widths[from.min(widths.len())..to.min(widths.len())]
                .iter()
                .sum::<usize>()
        };
        let (mut start, mut end) = (0, line.len());
        if sum(0, end) > columns {
            // A third of the window stands before the words, so that people see what they belong to.
            start = from.min(line.len());
            while start > 0 && sum(start - 1, from) <= columns / 3 {
                start -= 1;
            }
            while start > 0 && sum(start - 1, line.len()) < columns {
                start -= 1;
            }
            end = start;
            while end < line.len() && sum(start, end + 1) <= columns - 2 {
                end += 1;
            }
        }
        let (cut_start, cut_end) = (start > 0, end < line.len());
        let mut text: String = line[start..end].iter().collect();
        if cut_start {
            text.insert(0, '…');
        }
        if cut_end {
            text.push('…');
        }
        let indent = sum(start, from) + usize::from(cut_start);
        let width = sum(from, (from + chars).min(end));
        Self {
            text: text.trim_end().to_owned(),
            indent,
            width,
        }
    }
}

struct Paint {
    color: bool,
}

impl Paint {
    fn on(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A file's text must not steer the terminal.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Breaks at blanks; further lines are indented.
fn wrap(text: &str, indent: usize) -> String {
    let words = text.trim_start();
    let mut lines = vec![" ".repeat(text.len() - words.len())];
    for word in words.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.trim().is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() > COLUMNS {
            lines.push(" ".repeat(indent) + word);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: usize, column: usize, span: std::ops::Range<usize>) -> Problem {
        let (message, help) = (
            "no state is called \"skol\"".to_owned(),
            Some("did you mean \"skole\"?".to_owned()),
        );
        let (file, rule, severity) = ("f.yaml".to_owned(), "unknown-name", Severity::Error);
        Problem {
            file,
            line,
            column,
            span,
            rule,
            severity,
            message,
            help,
        }
    }

    #[test]
    fn the_caret_stands_under_the_words_also_after_wide_letters() {
        let text = "æøå: x\n漢字: skol\n";
        let shown = report(&[problem(2, 5, 18..22)], &|_| Some(text.into()), false);
        let expect = "f.yaml:2:5: error: no state is called \"skol\" [unknown-name]\n    2 | 漢字: skol\n      \
                      |       ^^^^\n  help: did you mean \"skole\"?\n";
        assert_eq!(shown, expect);
    }

    #[test]
    fn everything_fits_in_80_columns() {
        let long = format!(
            "{}: {{then: skol, title: {}}}",
            "a".repeat(100),
            "ø".repeat(200)
        );
        for column in [1, 50, 109, 150, 300] {
            let mut problem = problem(1, column, column - 1..column + 3);
            problem.message = "a word and another ".repeat(12);
            problem.help = Some("one and two and three ".repeat(9));
            let shown = report(&[problem], &|_| Some(long.clone()), false);
            assert!(shown.lines().all(|line| line.width() <= COLUMNS), "{shown}");
            assert!(shown.contains('^'));
        }
    }

    #[test]
    fn a_file_cannot_steer_the_terminal() {
        let mut problem = problem(1, 1, 0..1);
        problem.message = "\u{1b}[2J".into();
        let shown = report(&[problem.clone()], &|_| Some("\u{1b}[31mred".into()), false);
        assert!(!shown.contains('\u{1b}'));
        assert!(
            report(&[problem], &|_| None, true)
                .starts_with("\u{1b}[1mf.yaml:1:1:\u{1b}[0m \u{1b}[1;31merror")
        );
    }
}
