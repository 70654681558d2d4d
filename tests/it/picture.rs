//! Pictures: read back by another program, and held to what a picture must never do.

mod calendar;
mod seen;
mod wheel;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use tovholder::definition::machine;
use tovholder::definition::model::{Goal, StateId, Workflow};
use tovholder::definition::read;
use tovholder::picture::{dot, mermaid, svg};

use super::engine::chance;
use seen::{Element, Rect};

const SMALL: &str = r#"workflow: small
title: "Et lille forløb"
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {coordinator: {title: Tovholder, per: cohort}}
cohort: {dates: {start: {title: Første dag}}}
candidate:
  facts: {ready: {title: Klar, type: yes_no}}
  states:
    asked:
      title: Spurgt
      until: cohort.start
      then: next_cohort.asked
      events: {accept: {title: Siger ja, then: enrolled}}
    enrolled:
      title: På holdet
      events: {stop: {title: Stopper, then: stopped}}
      states:
        course:
          title: Kursus
          lasts: 2 weeks
          then: [{if: {ready: yes}, then: hired}, {else: course}]
    hired: {title: Ansat, final: success}
    stopped: {title: Stoppet, final: dropout}
"#;

/// Titles that a layout may stumble over.
const TITLES: [&str; 8] = [
    "X",
    "Indledende praktik",
    "Samtale om fremtidsmuligheder & \\\"andet\\\" <b>",
    "Donaudampfschifffahrtsgesellschaftskapitänsuniformknopf",
    "漢字",
    "Gennemført, men sagde nej til den aftale om uddannelse, som blev tilbudt dagen efter",
    "É\\u0001\\uFFFF]]> --> -- #;:{}",
    "i",
];

fn shipped() -> Vec<Workflow> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        root.join("workflows"),
        root.join("tests/fixtures/workflows"),
    ];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    let text = |path: &std::path::PathBuf| fs::read_to_string(path).expect("text");
    let workflows = |path| {
        let read = read("f.yaml", &text(path));
        read.workflow.into_iter().chain(read.variants)
    };
    let all: Vec<Workflow> = paths.iter().flat_map(workflows).collect();
    assert!(all.len() >= 4, "the shipped workflows are read");
    all
}

/// A hold without candidates: meetings and dates only.
fn hold_only() -> Workflow {
    let head = SMALL.split("cohort:").next().expect("a head");
    let cohort = "cohort:\n  title: Hold\n  dates: {start: {title: Begynder}, end: {title: Slutter}}\n  \
                  meetings: {net: {title: Netværksmøde, with: [coordinator], lasts: 3 hours, every: 6 months, until: cohort.end}}\n";
    read("f.yaml", &format!("{head}{cohort}"))
        .workflow
        .expect("a workflow")
}

/// Workflows by chance, with titles that make layouts stumble.
fn by_chance(count: u64) -> Vec<Workflow> {
    let with_titles = |seed: u64| {
        let (yaml, _) = chance::workflow(seed, 5)?;
        let mut titles = TITLES
            .iter()
            .cycle()
            .skip(usize::try_from(seed).unwrap_or(0) % 8);
        let mut parts = yaml.split("title: X");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push_str(&format!("title: \"{}\"", titles.next().unwrap_or(&"X")));
            text.push_str(part);
        }
        let read = read("f.yaml", &text);
        assert!(read.workflow.is_some(), "{:#?}", read.problems);
        read.workflow
    };
    let all: Vec<Workflow> = (0..count).filter_map(with_titles).collect();
    assert!(all.len() > 60, "chance gives workflows");
    all
}

/// States with many ways out, each to ends of its own and to all that come before and after it, in a
/// compound or not: the side of the chart is crowded.
fn crowded() -> Vec<Workflow> {
    let one = |seed: usize| {
        let mut text = SMALL.split("    asked:").next().expect("a head").to_owned();
        let (count, ends) = (2 + seed % 5, 1 + seed % 4);
        let title = |at: usize| TITLES[(at * 3 + seed) % TITLES.len()];
        let mut finals = String::new();
        for at in 0..count {
            text.push_str(&format!(
                "    s{at}:\n      title: \"{}\"\n      events:\n",
                title(at)
            ));
            for end in 0..ends {
                let (name, words) = (format!("f{at}_{end}"), title(at + end));
                text.push_str(&format!(
                    "        e{at}_{end}: {{title: \"{words}\", then: {name}}}\n"
                ));
                finals.push_str(&format!(
                    "    {name}: {{title: \"{words}\", final: neutral}}\n"
                ));
            }
            for to in 0..count {
                text.push_str(&format!(
                    "        g{at}_{to}: {{title: \"{}\", then: s{to}}}\n",
                    title(to)
                ));
            }
        }
        let read = read("f.yaml", &(text + &finals));
        assert!(read.workflow.is_some(), "{:#?}", read.problems);
        read.workflow
    };
    (0..40).filter_map(one).collect()
}

fn all_workflows() -> Vec<Workflow> {
    let small = read("f.yaml", SMALL).workflow.expect("a workflow");
    let mut all = shipped();
    all.extend([small, hold_only()]);
    all.extend(by_chance(80));
    all.extend(crowded());
    all
}

/// What is wrong with a picture, as sentences.
type Wrong = Vec<String>;

#[test]
fn every_picture_is_whole_and_nothing_lies_on_anything() {
    let workflows = all_workflows();
    let pictures: Vec<String> = workflows.iter().map(svg).collect();
    let mut wrong = Wrong::new();
    for (workflow, elements) in workflows.iter().zip(seen::all(&pictures)) {
        let mut found = frame(&elements);
        found.extend(texts_apart(&elements));
        if !workflow.states.is_empty() {
            found.extend(states(workflow, &elements));
            found.extend(ways(workflow, &elements));
            found.extend(labels(workflow, &elements));
        }
        wrong.extend(
            found
                .into_iter()
                .map(|what| format!("{}: {what}", workflow.title)),
        );
    }
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

/// It says what it is, and all of it is inside.
pub fn frame(elements: &[Element]) -> Wrong {
    let root = &elements[0];
    let mut wrong = Wrong::new();
    let (width, height) = (root.number("width"), root.number("height"));
    let view = format!("0 0 {width} {height}");
    if root.get("viewBox") != Some(&view) || root.get("role") != Some("img") {
        wrong.push(format!("the frame is {root:?}"));
    }
    for (name, id) in [("title", "title"), ("desc", "desc")] {
        let found = elements
            .iter()
            .find(|one| one.name == name && one.get("id") == Some(id));
        if found.is_none_or(|one| one.text.trim().is_empty()) {
            wrong.push(format!("there is no {name}"));
        }
    }
    let page = Rect {
        left: 0.0,
        top: 0.0,
        right: width,
        bottom: height,
    };
    for element in elements {
        let pieces = element.pieces().into_iter().chain(element.rect());
        if pieces.into_iter().any(|rect| !page.holds(rect)) {
            wrong.push(format!("outside: {element:?}"));
        }
    }
    wrong
}

/// No two lines of text meet.
pub fn texts_apart(elements: &[Element]) -> Wrong {
    let texts: Vec<(&Element, Rect)> = elements
        .iter()
        .filter(|one| one.name == "text")
        .filter_map(|one| Some((one, one.rect()?)))
        .collect();
    let mut wrong = Wrong::new();
    for (at, (one, rect)) in texts.iter().enumerate() {
        for (other, second) in &texts[at + 1..] {
            if rect.meets(*second) {
                wrong.push(format!("{:?} lies on {:?}", one.text, other.text));
            }
        }
    }
    wrong
}

fn boxes(elements: &[Element]) -> BTreeMap<&str, Rect> {
    let of = |one: &'_ Element| one.get("data-state").is_some();
    let found: Vec<&Element> = elements.iter().filter(|one| of(one)).collect();
    let boxes: BTreeMap<&str, Rect> = found
        .iter()
        .map(|one| {
            (
                one.get("data-state").expect("a name"),
                one.rect().expect("a place"),
            )
        })
        .collect();
    assert_eq!(boxes.len(), found.len(), "a state is there twice");
    boxes
}

fn is_inside(workflow: &Workflow, inner: StateId, outer: StateId) -> bool {
    let mut up = workflow.states[inner.0].parent;
    while let Some(id) = up {
        if id == outer {
            return true;
        }
        up = workflow.states[id.0].parent;
    }
    false
}

/// Every state is there once; boxes meet only when one state is in the other, the ends of the whole
/// course stand by themselves, and names stay in their boxes.
fn states(workflow: &Workflow, elements: &[Element]) -> Wrong {
    let boxes = boxes(elements);
    let mut wrong = Wrong::new();
    for state in &workflow.states[1..] {
        if !boxes.contains_key(&*state.name) {
            wrong.push(format!("{} is missing", state.name));
        }
    }
    let id = |name: &str| workflow.state_ids.get(name).copied();
    let nested = |inner: &str, outer: &str| match (id(inner), id(outer)) {
        (Some(inner), Some(outer)) => {
            let state = &workflow.states[inner.0];
            let at_the_side = state.outcome.is_some() && state.parent == Some(StateId::ROOT);
            is_inside(workflow, inner, outer) && !at_the_side
        }
        _ => false,
    };
    for (name, rect) in &boxes {
        for (other, second) in boxes.iter().filter(|(other, _)| *other != name) {
            let fits = if nested(name, other) {
                second.holds(*rect)
            } else {
                nested(other, name) || !rect.meets(*second)
            };
            if !fits {
                wrong.push(format!("{name} and {other}: {rect:?} {second:?}"));
            }
        }
    }
    for text in elements.iter().filter(|one| one.name == "text") {
        let Some(home) = text.get("data-in") else {
            continue;
        };
        let rect = text.rect().expect("a place");
        let within = boxes.iter().filter(|(name, _)| nested(name, home));
        let is_covered = within.into_iter().any(|(_, inner)| inner.meets(rect));
        if !boxes[home].holds(rect) || is_covered {
            wrong.push(format!("{:?} is not in {home}", text.text));
        }
    }
    wrong
}

/// Every way is there once, begins and ends at its boxes, crosses no box that is not a compound, and
/// shares no stretch with a way to another goal.
fn ways(workflow: &Workflow, elements: &[Element]) -> Wrong {
    let boxes = boxes(elements);
    let mut wrong = Wrong::new();
    let drawn: Vec<&Element> = elements
        .iter()
        .filter(|one| one.get("data-way").is_some())
        .collect();
    let declared = machine::transitions(workflow);
    let number = |one: &Element| -> usize {
        let text = one.get("data-way").expect("a number");
        text.parse().expect("a number")
    };
    let numbers: BTreeSet<usize> = drawn.iter().map(|one| number(one)).collect();
    if drawn.len() != declared.len() || numbers != (0..declared.len()).collect() {
        wrong.push(format!("{} of {} ways", drawn.len(), declared.len()));
        return wrong;
    }
    let name = |id: StateId| workflow.states[id.0].name.to_string();
    for one in &drawn {
        let way = &declared[number(one)];
        let to = match way.goal {
            Goal::State(id) => name(id),
            Goal::NextCohort(id) => format!("next.{}", name(id)),
        };
        let from = name(way.from);
        let points = one.points();
        let ends = boxes.get(&*from).zip(boxes.get(&*to));
        let is_right = ends.is_some_and(|(from, to)| {
            from.touches(points[0]) && to.touches(points[points.len() - 1])
        });
        if !is_right || one.get("data-from") != Some(&from) || one.get("data-to") != Some(&to) {
            wrong.push(format!("{from} to {to}: {points:?}, {ends:?}"));
        }
        for (state, rect) in &boxes {
            let id = workflow.state_ids.get(*state);
            let is_compound = id.is_some_and(|id| !workflow.states[id.0].children.is_empty());
            if !is_compound && one.pieces().into_iter().any(|piece| rect.meets(piece)) {
                wrong.push(format!("{from} to {to} crosses {state}"));
            }
        }
    }
    for (at, one) in drawn.iter().enumerate() {
        for other in &drawn[at + 1..] {
            if one.get("data-to") != other.get("data-to") && run_together(one, other) {
                wrong.push(format!("ways run together: {one:?} {other:?}"));
            }
        }
    }
    wrong
}

fn run_together(one: &Element, other: &Element) -> bool {
    let overlap = |a: (f64, f64), b: (f64, f64)| a.1.min(b.1) - a.0.max(b.0) > 0.01;
    let same = |a: f64, b: f64| (a - b).abs() < 0.01;
    // Nearer than this the eye takes two lines for one.
    let near = |a: f64, b: f64| (a - b).abs() < 3.0;
    one.pieces().iter().any(|a| {
        other.pieces().iter().any(|b| {
            let level = same(a.top, a.bottom) && same(b.top, b.bottom) && near(a.top, b.top);
            let upright = same(a.left, a.right) && same(b.left, b.right) && near(a.left, b.left);
            level && overlap((a.left, a.right), (b.left, b.right))
                || upright && overlap((a.top, a.bottom), (b.top, b.bottom))
        })
    })
}

/// Every way has its words; no words of a way or a box lie on a line, and none of a way on a box's
/// border.
fn labels(workflow: &Workflow, elements: &[Element]) -> Wrong {
    let boxes = boxes(elements);
    let mut wrong = Wrong::new();
    let ways: Vec<&Element> = elements
        .iter()
        .filter(|one| one.get("data-way").is_some())
        .collect();
    let texts = || elements.iter().filter(|one| one.name == "text");
    for way in &ways {
        let own = way.get("data-way");
        if !texts().any(|text| text.get("data-label") == own) {
            wrong.push(format!("no words at {way:?}"));
        }
    }
    let words = texts().filter(|one| one.get("data-label").or(one.get("data-in")).is_some());
    for text in words {
        let rect = text.rect().expect("a place");
        if ways
            .iter()
            .any(|way| way.pieces().into_iter().any(|piece| rect.meets(piece)))
        {
            wrong.push(format!("{:?} lies on a line", text.text));
        }
        if text.get("data-label").is_none() {
            continue;
        }
        for (name, place) in &boxes {
            let id = workflow.state_ids.get(*name);
            let is_compound = id.is_some_and(|id| !workflow.states[id.0].children.is_empty());
            if place.meets(rect) && !(is_compound && place.holds(rect)) {
                wrong.push(format!("{:?} lies on {name}", text.text));
            }
        }
    }
    wrong
}

/// Maps and sets of names have no say in how a picture looks.
#[test]
fn the_same_workflow_is_the_same_picture() {
    let (one, other) = (shipped(), shipped());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(svg(one), svg(other));
        assert_eq!((mermaid(one), dot(one)), (mermaid(other), dot(other)));
    }
}

#[test]
fn mermaid_and_dot_have_every_state_and_every_way_once() {
    for workflow in all_workflows().iter().filter(|one| !one.states.is_empty()) {
        let (mermaid, dot) = (mermaid(workflow), dot(workflow));
        let ways = machine::transitions(workflow).len();
        let lines =
            |text: &str, part: &str| text.lines().filter(|line| line.contains(part)).count();
        assert_eq!(lines(&mermaid, " : "), ways, "{mermaid}");
        // And the one from the beginning.
        let arrows = dot
            .lines()
            .filter(|line| outside_quotes(line).contains(" -> "));
        assert_eq!(arrows.count(), ways + 1, "{dot}");
        for state in &workflow.states[1..] {
            let name = &state.name;
            let declared = mermaid.lines().filter(|line| {
                line.ends_with(&format!("\" as s_{name}"))
                    || line.ends_with(&format!("\" as s_{name} {{"))
            });
            assert_eq!(declared.count(), 1, "{name}: {mermaid}");
            let declared = if state.children.is_empty() {
                format!("s_{name} [")
            } else {
                format!("subgraph cluster_{name} {{")
            };
            let declared = dot
                .lines()
                .filter(|line| line.trim_start().starts_with(&declared));
            assert_eq!(declared.count(), 1, "{name}: {dot}");
        }
        for (text, open, close) in [(&mermaid, '{', '}'), (&dot, '{', '}'), (&dot, '[', ']')] {
            let plain: String = text.lines().map(outside_quotes).collect();
            let count = |wanted: char| plain.chars().filter(|letter| *letter == wanted).count();
            assert_eq!(count(open), count(close), "{text}");
        }
    }
}

/// A line without what stands in quotes, and without the style of a class or a beginning.
fn outside_quotes(line: &str) -> String {
    let mut out = String::new();
    let (mut is_quoted, mut is_escaped) = (false, false);
    for letter in line.chars() {
        match letter {
            '"' if !is_escaped => is_quoted = !is_quoted,
            other if !is_quoted => out.push(other),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    out.replace("[*]", "")
        .split(" : ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_small_workflow_looks_like_this() {
    let workflow = read("f.yaml", SMALL).workflow.expect("a workflow");
    insta::assert_snapshot!("small-svg", svg(&workflow));
    insta::assert_snapshot!("small-mermaid", mermaid(&workflow));
    insta::assert_snapshot!("small-dot", dot(&workflow));
}

#[test]
fn pictures_speak_the_workflows_language() {
    for (language, said) in [
        (
            "da",
            [
                "efter 2 uger",
                "hvis Klar er ja",
                "ellers",
                "den dag holdet begynder",
                "Næste hold: Spurgt",
                "mål nået",
            ],
        ),
        (
            "en",
            [
                "after 2 weeks",
                "if Klar is yes",
                "otherwise",
                "the day the cohort begins",
                "Next cohort: Spurgt",
                "goal reached",
            ],
        ),
    ] {
        let text = SMALL.replace("language: da", &format!("language: {language}"));
        let read = read("f.yaml", &text);
        let Some(workflow) = read.workflow else {
            panic!("{:#?}", read.problems);
        };
        let picture = svg(&workflow);
        for words in said {
            assert!(picture.contains(words), "{language}: {words}\n{picture}");
        }
    }
}

#[test]
fn the_command_draws_into_a_file_or_says_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("graph")
            .args(words)
            .output()
            .expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let id = "holstebro-introforloeb";
    for (ending, words, begins) in [
        ("svg", &[][..], "<svg "),
        ("mmd", &[], "stateDiagram-v2\n"),
        ("gv", &[], "digraph "),
        ("txt", &["--as", "mermaid"], "stateDiagram-v2\n"),
    ] {
        let path = folder.path().join(format!("a.{ending}"));
        let shown = path.display().to_string();
        let (code, out, err) = run(&[&[id, "--out", &shown], words].concat());
        assert_eq!(code, Some(0), "{err}");
        assert!(out.contains("er tegnet i"), "{out}");
        assert!(
            fs::read_to_string(path)
                .expect("a picture")
                .starts_with(begins)
        );
    }
    let (code, out, _) = run(&[id, "--as", "dot"]);
    assert!(code == Some(0) && out.starts_with("digraph \"holstebro-introforloeb\" {"));
    let (code, _, err) = run(&["holstebro-introforleb"]);
    assert!(
        code == Some(1) && err.contains("Mente du »holstebro-introforloeb«?"),
        "{err}"
    );
    let (code, _, err) = run(&[id, "--out", "/no/such/folder/a.svg"]);
    assert!(code == Some(1) && err.contains("--out"), "{err}");
}

#[test]
fn simulate_draws_its_calendar_into_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hold.svg");
    let shown = path.display().to_string();
    let words = [
        "simulate",
        "holstebro-introforloeb",
        "--start",
        "2026-02-02",
        "--count",
        "1",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .args(["--svg", &shown])
        .output()
        .expect("it runs");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && out.contains("Kalenderen er tegnet i"),
        "{out}"
    );
    assert!(
        fs::read_to_string(path)
            .expect("a picture")
            .starts_with("<svg ")
    );
}
