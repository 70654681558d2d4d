//! The reference of the language as Markdown: a page per keyword, made of the tables of
//! [`keywords`](super::keywords), so that it says what the checker reads.

mod rules;
mod time;

use std::fmt::Write as _;

use super::keywords::{Key, Keys, PAGES, Page, TOP, Takes, Word};
use crate::calendar::capital;

/// Stands at the top of each page, where whoever edits it will see it.
const MADE: &str = "<!-- Made by `tovholder reference`: change the tables in src/definition/keyword/ instead. -->\n";
/// The page that is about no key.
const TIME: &str = "time";
/// The page of the checker.
const RULES: &str = "rules";

/// A page: the name of its file, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferencePage {
    /// Such as `tasks.md`.
    pub file: String,
    /// Markdown.
    pub text: String,
}

/// All pages of the reference, the index first.
///
/// ```
/// let pages = tovholder::definition::reference();
/// assert_eq!(pages[0].file, "README.md");
/// assert!(pages.iter().any(|page| page.text.contains("# Tasks")));
/// ```
#[must_use]
pub fn reference() -> Vec<ReferencePage> {
    let page = |name: &str, text: String| ReferencePage {
        file: format!("{name}.md"),
        text,
    };
    let keywords = PAGES.iter().map(|each| page(each.name, keyword(each)));
    let mut pages = vec![page("README", index())];
    pages.extend(keywords);
    pages.push(page(TIME, time::page(MADE)));
    pages.push(page(RULES, rules::page(MADE)));
    pages
}

fn index() -> String {
    let mut out = format!("{MADE}\n# The workflow language\n\n");
    out.push_str(
        "One page per keyword, with each key, what it takes, what it means and an example. The examples \
         are from [example.yaml](example.yaml), an invented workflow that has everything. \
         [Time phrases](time.md) and the [rules of the checker](rules.md) have pages of their own. The same tables make \
         `workflows/workflow.schema.json`, which editors read.\n\n| page | |\n|---|---|\n",
    );
    for page in PAGES {
        let _ = writeln!(
            out,
            "| [{}]({}.md) | {} |",
            page.name, page.name, page.title
        );
    }
    let _ = writeln!(out, "| [{TIME}]({TIME}.md) | Time phrases |");
    let _ = writeln!(out, "| [{RULES}]({RULES}.md) | Rules of the checker |\n");
    out.push_str("## All keys\n\n| key | in | |\n|---|---|---|\n");
    let mut all: Vec<(&Key, &Keys, &Page)> = Vec::new();
    for page in PAGES {
        for shape in page.shapes {
            all.extend(shape.keys.iter().map(|key| (key, *shape, page)));
        }
    }
    all.sort_by_key(|(key, shape, _)| (key.name, shape.what));
    for (key, shape, page) in all {
        let _ = writeln!(
            out,
            "| `{}` | [{}]({}.md) | {} |",
            key.name,
            shape.what,
            page.name,
            cell(key.doc)
        );
    }
    out
}

fn keyword(page: &Page) -> String {
    let mut out = format!(
        "{MADE}\n# {}\n\n{}\n\n```yaml\n{}\n```\n",
        page.title, page.doc, page.example
    );
    if !page.top.is_empty() {
        let keys: Vec<&Key> = page.top.iter().filter_map(|name| TOP.key(name)).collect();
        out.push_str("\nKeys of [the top of a file](workflow.md):\n\n");
        table(&mut out, &keys);
        meanings(&mut out, &keys);
    }
    for shape in page.shapes {
        let keys: Vec<&Key> = shape.keys.iter().collect();
        let _ = write!(
            out,
            "\n## {}\n\n{}{}\n\n",
            capital(shape.what),
            shape.doc,
            places(shape)
        );
        table(&mut out, &keys);
        if !shape.one_of.is_empty() {
            let names: Vec<String> = shape
                .one_of
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let _ = write!(
                out,
                "\nAt least one of {} must stand there.\n",
                names.join(", ")
            );
        }
        meanings(&mut out, &keys);
    }
    out.push_str(&rules::of(page));
    out.push_str("\n[All keywords](README.md)\n");
    out
}

fn table(out: &mut String, keys: &[&Key]) {
    out.push_str("| key | takes | meaning | for example |\n|---|---|---|---|\n");
    for key in keys {
        let required = if key.required { "**Required.** " } else { "" };
        let (takes, told) = (linked(&key.takes), cell(&key.told()));
        let _ = writeln!(
            out,
            "| `{}` | {takes} | {required}{told} | `{}` |",
            key.name,
            cell(key.example)
        );
    }
}

/// The closed words of the keys, each with its meaning.
fn meanings(out: &mut String, keys: &[&Key]) {
    for key in keys {
        if let Takes::Words(words) = key.takes {
            let _ = write!(out, "\n`{}` is one of:\n\n", key.name);
            for Word { word, doc } in words {
                let _ = writeln!(out, "- `{word}`: {doc}");
            }
        }
    }
}

/// What a key takes, with the page that tells of it.
fn linked(takes: &Takes) -> String {
    let told = cell(&takes.told());
    match page_of(*takes) {
        Some(page) => format!("[{told}]({page}.md)"),
        None => told,
    }
}

fn page_of(takes: Takes) -> Option<&'static str> {
    match takes {
        Takes::Point | Takes::Remind | Takes::Period | Takes::Length(_) => Some(TIME),
        Takes::OneOrMore(each) | Takes::Pair(each) | Takes::List(each) | Takes::Things(_, each) => {
            page_of(*each)
        }
        Takes::Either(one, other) => page_of(*one).or_else(|| page_of(*other)),
        Takes::Events(declared, _) => page_with(declared),
        other => page_with(other.shape()?),
    }
}

fn page_with(keys: &Keys) -> Option<&'static str> {
    let has = |page: &&&Page| page.shapes.iter().any(|shape| std::ptr::eq(*shape, keys));
    PAGES.iter().find(has).map(|page| page.name)
}

/// Where a map stands: under which keys of what.
fn places(shape: &Keys) -> String {
    let mut places: Vec<String> = Vec::new();
    for of in PAGES.iter().flat_map(|page| page.shapes) {
        let keys = of.keys.iter().filter(|key| holds(key.takes, shape));
        places.extend(keys.map(|key| format!("`{}` of {}", key.name, of.what)));
    }
    match places.split_last() {
        None => String::new(),
        Some((one, [])) => format!(" Stands under {one}."),
        Some((last, rest)) => format!(" Stands under {} and {last}.", rest.join(", ")),
    }
}

fn holds(takes: Takes, shape: &Keys) -> bool {
    match takes {
        Takes::Things(_, each) => holds(*each, shape),
        Takes::Either(one, other) => holds(*one, shape) || holds(*other, shape),
        Takes::Events(declared, built_in) => [declared, built_in]
            .iter()
            .any(|keys| std::ptr::eq(*keys, shape)),
        other => other.shape().is_some_and(|keys| std::ptr::eq(keys, shape)),
    }
}

/// A cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
