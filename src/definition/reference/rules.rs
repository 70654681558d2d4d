//! The rules of the checker: a page of all, and those of each keyword on its own page.

use std::fmt::Write as _;

use super::super::Severity;
use super::super::keywords::{PAGES, Page};
use super::super::rule::{RULES, Rule};
use super::cell;

pub(super) fn page(made: &str) -> String {
    let mut out = format!("{made}\n# Rules of the checker\n\n");
    out.push_str(
        "Every problem that `tovholder check` reports names its rule. An error keeps a file from being used; a \
         warning can be allowed in the file, with a reason. `tovholder check --rules` prints this list.\n\n\
         | rule | belongs to | what it finds | what to do |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            name(rule),
            belongs(rule),
            cell(rule.finds),
            cell(rule.act)
        );
    }
    out.push_str("\n[All keywords](README.md)\n");
    out
}

/// The rules that belong to a page's keyword; nothing when there are none.
pub(super) fn of(page: &Page) -> String {
    let rules: Vec<&Rule> = RULES
        .iter()
        .filter(|rule| page_of(rule).is_some_and(|of| std::ptr::eq(of, page)))
        .collect();
    let mut out = String::new();
    if !rules.is_empty() {
        out.push_str("\n## Rules\n\n| rule | what it finds | what to do |\n|---|---|---|\n");
    }
    for rule in rules {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            name(rule),
            cell(rule.finds),
            cell(rule.act)
        );
    }
    out
}

fn name(rule: &Rule) -> String {
    match rule.severity {
        Severity::Error => format!("`{}`", rule.name),
        Severity::Warning => format!("`{}` (warning)", rule.name),
    }
}

/// Where the rule belongs, with the page of its keyword.
fn belongs(rule: &Rule) -> String {
    let told = cell(rule.belongs);
    match page_of(rule) {
        Some(page) => format!("[{told}]({}.md)", page.name),
        None => told,
    }
}

/// A rule that belongs to a keyword names it in backticks.
fn page_of(rule: &Rule) -> Option<&'static Page> {
    let word = rule.belongs.strip_prefix('`')?.strip_suffix('`')?;
    let is_page = |page: &&&Page| page.name == word;
    let has_key = |page: &&&Page| {
        page.shapes
            .first()
            .is_some_and(|shape| shape.key(word).is_some())
    };
    let found = PAGES.iter().find(is_page);
    // The top of a file has keys that are pages of their own; the keyword's own page is meant.
    found
        .or_else(|| PAGES.iter().skip(1).find(has_key))
        .copied()
}
