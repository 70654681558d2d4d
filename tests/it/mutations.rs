//! Broken files: whatever is done to a workflow, reading it ends soon, without a panic, and with
//! either a workflow or a problem inside the file.

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tovholder::definition::{Severity, read, report};

const MUTATIONS: usize = 10_000;
const READ_MAX: Duration = Duration::from_secs(2);

/// A small generator (`SplitMix64`), so that a failure can be had again by its number.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }
}

/// Every workflow that is shipped, and every fixture.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![
        root.join("workflows"),
        root.join("tests/fixtures/workflows"),
    ];
    let mut sources = Vec::new();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            sources.push((
                path.to_string_lossy().into_owned(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    sources.sort();
    sources
}

fn boundary(random: &mut Random, text: &str) -> usize {
    text.floor_char_boundary(random.below(text.len() + 1))
}

/// A word of the file: letters, digits and `_`.
fn word(random: &mut Random, text: &str) -> Range<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let from = boundary(random, text);
    let start = text[from..]
        .find(is_word)
        .map_or(text.len(), |at| from + at);
    let end = text[start..]
        .find(|c| !is_word(c))
        .map_or(text.len(), |at| start + at);
    start..end
}

fn line(random: &mut Random, text: &str) -> Range<usize> {
    let at = boundary(random, text);
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |found| at + found + 1);
    start..end
}

/// What stands after a key's colon, up to the end of its line or a comma.
fn value(random: &mut Random, text: &str) -> Range<usize> {
    let from = boundary(random, text);
    let start = text[from..]
        .find(": ")
        .map_or(text.len(), |at| from + at + 2);
    let end = text[start..]
        .find(['\n', ',', '}', ']'])
        .map_or(text.len(), |at| start + at);
    start..end
}

const VALUES: &[&str] = &[
    "",
    "~",
    "[]",
    "{}",
    "[a, b]",
    "{a: b}",
    "02",
    "\"02\"",
    "-1",
    "99999999999999999999",
    "0",
    "yes",
    "1e9",
    "æøå",
    "|\n  text\n",
    "*alias",
    "&anchor x",
    "!tag x",
    "<<",
    "2 days",
    "2 weeks before cohort.start",
    "entered",
    "\"",
    "'",
    "settings.x",
    "cohort.",
    ".",
    "a.b.c.d",
    "2026-02-30",
    "next_cohort.x",
    "5 weeks after course.last_day",
    "\u{202e}",
    "\u{0}",
    "? x",
    "- - - x",
    "%",
    "@",
    "\t",
    "0 weeks",
    "4294967295 years",
    "any",
    "candidate",
];

fn mutate(random: &mut Random, text: &mut String) {
    let kind = random.below(16);
    match kind {
        0 => text.replace_range(line(random, text), ""),
        1 => {
            let line = line(random, text);
            let doubled = text[line.clone()].to_owned();
            text.insert_str(line.start, &doubled);
        }
        2 => text.replace_range(word(random, text), ""),
        3 => {
            let other = word(random, text);
            let other = text[other].to_owned();
            text.replace_range(word(random, text), &other);
        }
        4 => {
            let word = word(random, text);
            let at = text.floor_char_boundary(word.start + random.below(word.len() + 1));
            text.insert(at, 'x');
        }
        5 | 6 => text.replace_range(value(random, text), random.pick(VALUES)),
        7 => {
            let (a, b) = (line(random, text), line(random, text));
            let moved = text[a].to_owned();
            text.insert_str(b.start, &moved);
        }
        8 => text.truncate(boundary(random, text)),
        9 => {
            let at = boundary(random, text);
            let c = char::from_u32(u32::try_from(random.below(0x250)).unwrap()).unwrap_or('?');
            text.insert(at, c);
        }
        10 => {
            let at = boundary(random, text);
            if let Some(c) = text[at..].chars().next() {
                text.replace_range(at..at + c.len_utf8(), "");
            }
        }
        11 => {
            let line = line(random, text);
            text.insert_str(line.start, &" ".repeat(random.below(6)));
        }
        12 => {
            let line = line(random, text);
            let cut = text[line.clone()]
                .chars()
                .take_while(|c| *c == ' ')
                .count()
                .min(2);
            text.replace_range(line.start..line.start + cut, "");
        }
        13 => text.insert_str(boundary(random, text), random.pick(VALUES)),
        14 => {
            let deep = random
                .pick(&["[", "{a: ", "- ", "? ", "{? "])
                .repeat(random.below(3_000));
            text.insert_str(boundary(random, text), &deep);
        }
        _ => {
            let bomb = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c]\n";
            let at = line(random, text).start;
            text.insert_str(at, bomb);
        }
    }
}

/// Reads a text and says what is wrong with how that went.
fn complaint(text: &str) -> Option<String> {
    let started = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| {
        let read = read("mutant.yaml", text);
        let shown = report(&read.problems, &|_| Some(text.to_owned()), false);
        (read, shown)
    }));
    let Ok((read, shown)) = done else {
        return Some("panicked".into());
    };
    if started.elapsed() > READ_MAX {
        return Some(format!("took {:?}", started.elapsed()));
    }
    let errors = read
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    if read.workflow.is_some() != (errors == 0) {
        return Some(format!(
            "{errors} errors, and a workflow: {}",
            read.workflow.is_some()
        ));
    }
    let lines = text.split('\n').count();
    for problem in &read.problems {
        let inside = problem.span.start <= problem.span.end
            && text.get(problem.span.clone()).is_some()
            && (1..=lines).contains(&problem.line)
            && problem.column >= 1
            && problem.column <= text.split('\n').nth(problem.line - 1)?.chars().count() + 1;
        if !inside {
            return Some(format!("a place outside the file: {problem:?}"));
        }
    }
    (shown.is_empty() != read.problems.is_empty()).then(|| "a report without problems".into())
}

#[test]
fn ten_thousand_broken_files_end_in_a_workflow_or_a_place() {
    let sources = sources();
    assert!(sources.len() >= 4, "{} files to break", sources.len());
    let (mut workflows, mut problems) = (0, 0);
    for number in 0..MUTATIONS {
        let mut random = Random(number as u64);
        let (name, source) = &sources[number % sources.len()];
        let mut text = source.clone();
        for _ in 0..=random.below(3) {
            mutate(&mut random, &mut text);
        }
        if let Some(complaint) = complaint(&text) {
            panic!(
                "mutation {number} of {name}: {complaint}\n{}",
                text.chars().take(20_000).collect::<String>()
            );
        }
        if read("mutant.yaml", &text).workflow.is_some() {
            workflows += 1;
        } else {
            problems += 1;
        }
    }
    // Otherwise the mutations would be too harmless, or too wild to reach beyond the YAML reader.
    assert!(
        workflows > MUTATIONS / 50 && problems > MUTATIONS / 2,
        "{workflows} workflows, {problems} refused"
    );
}

const HEAD: &str = "workflow: w
title: W
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
";

/// One line for each number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

/// A chain of states, each of which leads to the next by time, or all to the first.
fn chain(count: usize, to_next: bool, tasks: usize) -> String {
    let task = |n: usize| format!("    t{n}: {{title: T, by: x, due: s400.last_day}}\n");
    let state = |n: usize| {
        let goal = if to_next { n + 1 } else { 0 };
        format!("    s{n}: {{title: S, lasts: 1 week, then: s{goal}}}\n")
    };
    let hold = format!(
        "cohort:\n  dates: {{start: {{title: D}}}}\n  tasks:\n{}",
        lines(tasks, task)
    );
    format!("{HEAD}{hold}candidate:\n  states:\n{}", lines(count, state))
}

#[test]
fn what_is_huge_in_one_way_ends_soon() {
    let many = |key: &str, value: &str, count: usize| {
        let things = lines(count, |n| format!("  k{n}: {value}\n"));
        format!("{HEAD}{key}:\n{things}")
    };
    let roles = many("roles", "{title: R, per: cohort}", 6_000);
    for text in [
        chain(450, true, 1),
        chain(450, false, 5_000),
        chain(450, true, 5_000),
        chain(20_000, true, 1),
        many("roles", "{title: R, per: nobody}", 8_000),
        roles + &many("messages", "{template: t, to: kx, when: kx}", 2_000).replace(HEAD, ""),
        many("settings", "{title: R, length: x, source: y}", 6_000),
        many("unknown", "1", 20_000),
        format!("{HEAD}{}", "title: again\n".repeat(20_000)),
        format!("{HEAD}closed: [{}]\n", "x,".repeat(20_000)),
        format!("{HEAD}source: {}\n", "x".repeat(1_000_000)),
        format!(
            "{HEAD}retention: {{anonymise: {}}}\n",
            "6 months after ".repeat(50_000)
        ),
    ] {
        assert_eq!(
            complaint(&text),
            None,
            "{}",
            text.chars().take(400).collect::<String>()
        );
    }
}
