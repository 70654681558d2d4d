//! Workflow files: the drafts read clean, and a file becomes the model it says. What is wrong in a file
//! is tried in `rules/`.

use std::fs;
use std::path::{Path, PathBuf};

use tovholder::definition::model::{Anchor, Goal, MeetingTime, StateId, Stay, Test, Then, Trigger};
use tovholder::definition::{Problem, Severity, read, report};

const BASE: &str = include_str!("../fixtures/workflows/base.yaml");

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/workflows")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// The report of a text, and the rules in it.
fn reported(name: &str, text: &str) -> (String, Vec<&'static str>) {
    let read = read(name, text);
    let errors = read
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    assert_eq!(
        read.workflow.is_some(),
        errors == 0,
        "a workflow exactly when there is no error"
    );
    let rules = read.problems.iter().map(|problem| problem.rule).collect();
    (
        report(&read.problems, &|_| Some(text.to_owned()), false),
        rules,
    )
}

/// What the drafts of the design get to hear; no error.
#[test]
fn the_drafts_read_without_an_error() {
    let mut told: Vec<String> = Vec::new();
    for path in fixtures("drafts") {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = read(&name, &text);
        assert!(read.workflow.is_some(), "{name}: {:?}", read.problems);
        let line =
            |p: &Problem| format!("{}:{} {} {}", p.file, p.line, p.rule, &text[p.span.clone()]);
        told.extend(read.problems.iter().map(line));
    }
    // The state ends as that day begins, so that the task is withdrawn the day before it is due.
    assert_eq!(told, ["frederikshavn.yaml:28 due-too-late cohort.gf2_end"]);
    assert_eq!(reported("base.yaml", BASE).0, "");
}

#[test]
fn all_mistakes_of_a_file_are_reported_in_one_run() {
    let text = BASE
        .replace("then: enrolled}", "then: enroled}")
        .replace("after: 2 workdays", "after: 2 days")
        .replace("titel: x", "")
        .replace("final: success", "final: sucess")
        .replace("to: jobcentre", "to: jobcenter")
        .replace("due: 2 weeks before", "due: 2 weeks befor");
    let (_, rules) = reported("base.yaml", &text);
    assert_eq!(
        rules,
        [
            "bad-phrase",
            "bad-phrase",
            "unknown-name",
            "bad-value",
            "unknown-name"
        ]
    );
}

#[test]
fn a_file_becomes_the_model_it_says() {
    let read = read("base.yaml", BASE);
    let workflow = read.workflow.unwrap();
    let names: Vec<&str> = workflow.states.iter().map(|state| &*state.name).collect();
    let expect = [
        "candidate",
        "met",
        "enrolled",
        "waiting",
        "course",
        "search",
        "hired",
        "stopped",
        "declined",
    ];
    assert_eq!(names, expect);
    assert_eq!(workflow.states[0].children.len(), 5);
    assert_eq!(workflow.states[3].parent, Some(StateId(2)));
    let roles: Vec<&str> = workflow.roles.iter().map(|role| &*role.name).collect();
    assert_eq!(
        roles,
        [
            "candidate",
            "jobcentre",
            "coordinator",
            "consultant",
            "leader"
        ]
    );
    assert!(
        matches!(workflow.states[5].stay, Stay::Lasts(length) if length.to_string() == "13 weeks")
    );
    let Some(Then::Branches {
        branches,
        otherwise,
    }) = &workflow.states[5].then
    else {
        panic!("branches")
    };
    assert_eq!(*otherwise, Goal::State(StateId(7)));
    assert!(matches!(
        branches[0].0.0[..],
        [Test::Fact(..), Test::Fact(..)]
    ));
    let info = &workflow.cohort.scope.meetings[0];
    assert!(
        matches!(&info.when, MeetingTime::Between(first, _) if first.anchor == Anchor::HoldDate("start".into()))
    );
    assert_eq!(
        info.book.as_ref().unwrap().remind[0].text,
        "2 workdays before"
    );
    assert_eq!(workflow.scenarios[0].steps.len(), 3);
    let templates: Vec<(&str, usize)> = read
        .templates
        .iter()
        .map(|used| (&*used.name, used.line))
        .collect();
    assert_eq!(
        templates,
        [
            ("selection-reply", 35),
            ("absence-notice", 59),
            ("status", 75)
        ]
    );
}

#[test]
fn a_built_in_event_takes_the_title_of_its_thing() {
    let path = fixtures("drafts")
        .into_iter()
        .find(|path| path.ends_with("jrs.yaml"))
        .unwrap();
    let jrs = read("jrs.yaml", &fs::read_to_string(path).unwrap())
        .workflow
        .unwrap();
    let event = &jrs.states[jrs.state_ids["nominated"].0].scope.events[1];
    assert!(
        matches!(&event.trigger, Trigger::Thing(thing) if thing.cohort && &*thing.name == "info_meeting")
    );
    assert_eq!(event.title, "Informationsmøde");
    assert_eq!(
        event.then.as_ref().map(|then| format!("{then:?}")),
        Some("To(NextCohort(StateId(1)))".into())
    );
}
