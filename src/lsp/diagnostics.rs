//! What is wrong, as the editor underlines it.

use super::document::Document;
use super::protocol::{Diagnostic, Published};
use crate::definition::{Problem, Severity};

/// The problems of a file and those between it and its templates.
#[must_use]
pub fn published(document: &Document, more: Vec<Problem>) -> Published {
    let mut problems = document.read.problems.clone();
    problems.extend(more);
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    problems.dedup();
    let diagnostics = problems.iter().map(|problem| diagnostic(document, problem));
    Published {
        uri: document.uri.clone(),
        version: document.version,
        diagnostics: diagnostics.collect(),
    }
}

fn diagnostic(document: &Document, problem: &Problem) -> Diagnostic {
    let message = match &problem.help {
        Some(help) => format!("{}\nhelp: {help}", problem.message),
        None => problem.message.clone(),
    };
    Diagnostic {
        range: document.lines.range(&document.text, &problem.span),
        severity: match problem.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
        },
        code: problem.rule,
        source: "tovholder",
        message,
    }
}
