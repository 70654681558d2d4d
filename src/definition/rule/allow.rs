//! `# tovholder: allow RULE because …`: the author has seen a warning and says why it is right here.
//!
//! Behind a line it is about that line; on a line of its own it is about what stands below it, a whole
//! state if that is what begins there. Only warnings can be allowed.

use std::ops::Range;

use crate::definition::problem::{Problem, Severity, Sink, nearest};
use crate::definition::yaml::{Kind, Node, short};

const WHO: &str = "tovholder:";
const HOW: &str = "write: # tovholder: allow RULE because REASON";

/// An allowance in the file.
struct Allow<'t> {
    rule: &'static str,
    /// The comment.
    span: Range<usize>,
    /// What it is about.
    about: Range<usize>,
    word: &'t str,
}

/// Takes away the warnings that the file allows, and reports allowances that are none. Of a file with
/// errors warnings are not complete, so that none is called needless.
pub(crate) fn apply(sink: &Sink, root: &Node) {
    let allows = read(sink, root);
    let complete = !sink.has_errors();
    let covers = |allow: &Allow, problem: &Problem| {
        problem.severity == Severity::Warning
            && problem.rule == allow.rule
            && allow.about.contains(&problem.span.start)
    };
    for allow in &allows {
        let needed = sink.any(&|problem| covers(allow, problem));
        if complete && !needed {
            let message = format!("\"{}\" finds nothing here", allow.word);
            sink.report(
                "unused-allow",
                &allow.span,
                &message,
                "leave the allowance out",
            );
        }
    }
    sink.forget(&|problem| allows.iter().any(|allow| covers(allow, problem)));
}

fn read<'t>(sink: &Sink<'t>, root: &Node) -> Vec<Allow<'t>> {
    let mut words = Vec::new();
    collect_words(root, &mut words);
    words.sort_by_key(|span| span.start);
    let comments = comments(sink.text, &words);
    comments
        .into_iter()
        .filter_map(|span| allow(sink, root, span))
        .collect()
}

/// The places of all scalars, in which `#` is a character like any other.
fn collect_words(node: &Node, words: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Scalar { .. } => words.push(node.span.clone()),
        Kind::List(items) => items.iter().for_each(|item| collect_words(item, words)),
        Kind::Map(entries) => entries.iter().for_each(|(key, value)| {
            collect_words(key, words);
            collect_words(value, words);
        }),
        Kind::Empty | Kind::Broken => {}
    }
}

/// The comments of a file: from a `#` that stands alone to the end of its line.
fn comments(text: &str, words: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('#').map(|at| from + at) {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let alone = text[..at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace);
        let before = words.partition_point(|word| word.start <= at);
        let within = words[..before].last().filter(|word| word.contains(&at));
        from = match within {
            Some(word) => word.end.max(at + 1),
            None if alone => {
                found.push(at..end);
                end
            }
            None => at + 1,
        };
    }
    found
}

fn allow<'t>(sink: &Sink<'t>, root: &Node, comment: Range<usize>) -> Option<Allow<'t>> {
    let line = sink.text[comment.clone()].trim_end();
    let span = comment.start..comment.start + line.len();
    let said = line
        .trim_start_matches('#')
        .trim_start()
        .strip_prefix(WHO)?;
    let mut words = said.split_whitespace();
    let verb = words.next().unwrap_or_default();
    if verb != "allow" {
        // Somebody may have something to say to a tovholder; a slip of the pen is told.
        if nearest(verb, &["allow"]).is_some() {
            sink.report(
                "bad-allow",
                &span,
                &format!("\"{}\" is not \"allow\"", short(verb)),
                HOW,
            );
        }
        return None;
    }
    let rule = words.next().unwrap_or_default();
    let because = words.next();
    let reason = words.next();
    let at = sink.text[span.clone()]
        .rfind(rule)
        .filter(|_| !rule.is_empty());
    let at = at.map_or(span.clone(), |_| place_of(sink.text, &span, rule));
    let known = known_rule(sink, &at, rule)?;
    if because != Some("because") || reason.is_none() {
        let message = format!("why is \"{}\" right here?", short(rule));
        sink.report("bad-allow", &span, &message, HOW);
        return None;
    }
    let about = about(sink.text, root, &span);
    Some(Allow {
        rule: known,
        span,
        about,
        word: rule,
    })
}

/// Where the rule's name stands in the comment.
fn place_of(text: &str, comment: &Range<usize>, rule: &str) -> Range<usize> {
    let verb = text[comment.clone()].find("allow").unwrap_or_default() + comment.start;
    let from = verb + "allow".len();
    let at = text[from..comment.end]
        .find(rule)
        .map_or(from, |at| from + at);
    at..at + rule.len()
}

fn known_rule(sink: &Sink, span: &Range<usize>, word: &str) -> Option<&'static str> {
    let warnings = || {
        super::RULES
            .iter()
            .filter(|rule| rule.severity == Severity::Warning)
    };
    match super::named(word) {
        Some(rule) if rule.severity == Severity::Warning => return Some(rule.name),
        Some(rule) => {
            let message = format!("\"{}\" is an error: it cannot be allowed", rule.name);
            sink.report("bad-allow", span, &message, "only warnings can be");
        }
        None => {
            let message = format!("no rule is called \"{}\"", short(word));
            let names = warnings().map(|rule| rule.name);
            sink.error_name("bad-allow", span, word, message, names);
        }
    }
    None
}

/// What a comment is about: its line, or what begins on the first line below that is not a comment.
fn about(text: &str, root: &Node, comment: &Range<usize>) -> Range<usize> {
    let start = text[..comment.start].rfind('\n').map_or(0, |at| at + 1);
    if !text[start..comment.start].trim().is_empty() {
        return start..comment.end;
    }
    let mut from = comment.end;
    for line in text[comment.end..].split_inclusive('\n') {
        let code = line.trim();
        if !code.is_empty() && !code.starts_with('#') {
            let line = from..from + line.len();
            return begins_in(root, &line).unwrap_or(line);
        }
        from += line.len();
    }
    from..from
}

/// The outermost entry or item that begins on a line.
fn begins_in(node: &Node, line: &Range<usize>) -> Option<Range<usize>> {
    let inside = |start: usize, node: &Node| {
        let whole = start..node.span.end;
        if line.contains(&start) {
            return Some(whole);
        }
        (whole.start < line.end && line.start < whole.end)
            .then(|| begins_in(node, line))
            .flatten()
    };
    match &node.kind {
        Kind::Map(entries) => entries
            .iter()
            .find_map(|(key, value)| inside(key.span.start, value)),
        Kind::List(items) => items.iter().find_map(|item| inside(item.span.start, item)),
        Kind::Scalar { .. } | Kind::Empty | Kind::Broken => None,
    }
}
