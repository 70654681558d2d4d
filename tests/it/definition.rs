//! Workflow files: the drafts read clean, and every rule has a mistake with its report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tovholder::definition::model::{Anchor, Goal, MeetingTime, StateId, Stay, Test, Then, Trigger};
use tovholder::definition::{Severity, read, report};
use unicode_width::UnicodeWidthStr;

const BASE: &str = include_str!("../fixtures/workflows/base.yaml");

/// Mistakes put into the base, by the rule that finds them: what is replaced, and with what.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "unknown-key",
        "title: Kursus\nsource",
        "titel: Kursus\nsource",
    ),
    ("unknown-key", "holds_place: true", "hold_place: true"),
    (
        "unknown-key",
        "{track: sundhed}\n    steps",
        "{track: sundhed}\n    stepz: []\n    steps",
    ),
    ("missing-key", "title: Informationsmøde\n      ", ""),
    ("missing-key", "time_zone: Europe/Copenhagen\n", ""),
    (
        "missing-key",
        "start: {title: Første dag, weekday: monday}",
        "begin: {title: Første dag}",
    ),
    (
        "missing-key",
        "- {else: stopped}",
        "- {if: {ready: no}, then: stopped}",
    ),
    ("missing-key", "when: absence, gather", "gather"),
    ("missing-key", ", if: {age: {at_least: 18}}", ""),
    (
        "wrong-type",
        "places: 16\n  dates: {start",
        "places: [16]\n  dates: {start",
    ),
    ("wrong-type", "roles:\n", "roles: none\nolder_roles:\n"),
    ("wrong-type", "      title: Mødt\n", "      title:\n"),
    (
        "not-built",
        "    hired: {title: Ansat,",
        "    hired: {was: employed, title: Ansat,",
    ),
    (
        "duplicate-key",
        "hours: 08:00-16:00\n",
        "hours: 08:00-16:00\nhours: 09:00-15:00\n",
    ),
    (
        "yaml-syntax",
        "overdue: {to: coordinator",
        "overdue: {to: coordinator: x",
    ),
    ("yaml-syntax", "  title: Hold\n", "\ttitle: Hold\n"),
    (
        "yaml-feature",
        "cohort:\n  title: Hold",
        "cohort: &hold\n  title: Hold",
    ),
    (
        "yaml-feature",
        "  title: Hold\n",
        "  <<: *defaults\n  title: Hold\n",
    ),
    (
        "too-large",
        "source: none",
        "source: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ),
    ("unknown-name", "then: enrolled}", "then: enroled}"),
    (
        "unknown-name",
        "to: consultant, when: absence",
        "to: consultent, when: absence",
    ),
    (
        "unknown-name",
        "lasts: settings.search",
        "lasts: settings.serch",
    ),
    (
        "unknown-name",
        "due: 5 workdays before cohort.start",
        "due: 5 workdays before start",
    ),
    (
        "unknown-name",
        "until: course.last_day",
        "until: course.due",
    ),
    ("unknown-name", "needs: [track]", "needs: [trak]"),
    (
        "unknown-name",
        "time_zone: Europe/Copenhagen",
        "time_zone: Europe/Kopenhagen",
    ),
    (
        "unknown-name",
        "when: cohort.info.held",
        "when: cohort.info.due",
    ),
    (
        "unknown-name",
        "withdraw: {title: Stopper, by: consultant, needs: [reason]",
        "scren.done: {title: Stopper",
    ),
    (
        "reserved-name",
        "absence: {title: Fravær",
        "monday: {title: Fravær",
    ),
    (
        "reserved-name",
        "leader: {title: Leder",
        "jobcentre: {title: Leder",
    ),
    (
        "bad-name",
        "absence: {title: Fravær",
        "Fravær: {title: Fravær",
    ),
    ("bad-name", "workflow: base", "workflow: My course"),
    ("bad-name", "template: status", "template: ../status"),
    (
        "name-clash",
        "ends: {title: Slutter, type: date}",
        "waiting: {title: Venter, type: date}",
    ),
    (
        "name-clash",
        "absence_notice: {template",
        "status: {template",
    ),
    (
        "name-clash",
        "leader: {title: Leder",
        "ready: {title: Leder",
    ),
    ("bad-phrase", "lasts: 5 weeks", "lasts: 5 wekes"),
    ("bad-phrase", "after: 2 workdays", "after: 2 days"),
    (
        "bad-phrase",
        "every: friday at 12:00",
        "every: friday kl. 12.00",
    ),
    ("bad-phrase", "hours: 08:00-16:00", "hours: 8-16"),
    (
        "bad-phrase",
        "closed: [24 december, 5 june]",
        "closed: [24 december, 5. juni]",
    ),
    ("bad-value", "danish: \"02\"}}", "danish: 02}}"),
    ("bad-value", "{at_least: \"02\"}", "{at_least: \"2\"}"),
    ("bad-value", "final: success", "final: sucess"),
    (
        "bad-value",
        "cohort: {start: 2026-02-02}",
        "cohort: {start: 2026-02-03}",
    ),
    (
        "bad-value",
        "candidate: {track: sundhed}",
        "candidate: {track: sundheds}",
    ),
    (
        "bad-value",
        "expect: {state: waiting",
        "expect: {state: enrolled",
    ),
    ("bad-value", "lasts: 20 minutes", "lasts: 2 workdays"),
    ("bad-value", "at: 2026-01-20 09:00", "at: 2026-01-20 9:00"),
    (
        "guard-type",
        "if: {ready: yes,",
        "if: {ready: {at_least: yes},",
    ),
    (
        "guard-type",
        "if: {age: {at_least: 18}}",
        "if: {age: adult}",
    ),
    (
        "guard-type",
        "if: {age: {at_least: 18}}",
        "if: {reason: syg}",
    ),
    (
        "guard-type",
        "if: {ready: yes,",
        "if: {track: {not: sundhed, recorded: yes},",
    ),
    (
        "unreachable-state",
        "by: consultant, if: {cohort.free_places: {at_most: 0}}, then: declined}",
        "by: consultant}",
    ),
    (
        "no-exit",
        "    hired: {title: Ansat, final: success}",
        "    hired: {title: Ansat}",
    ),
    (
        "lasts-without-then",
        "lasts: 5 weeks, then: search",
        "lasts: 5 weeks",
    ),
    (
        "then-without-lasts",
        "lasts: 5 weeks, then: search",
        "then: search",
    ),
    (
        "final-with-content",
        "final: dropout}",
        "final: dropout, holds_place: true}",
    ),
    (
        "timed-loop",
        "    hired: {title: Ansat, final: success}",
        "    hired: {title: Ansat, lasts: 1 month, then: hired}",
    ),
    (
        "timed-loop",
        "lasts: 5 weeks, then: search",
        "until: 2026-03-02, then: waiting",
    ),
    (
        "cannot-end",
        "    hired: {title: Ansat, final: success}",
        "    hired: {title: Ansat, events: {again: {title: Igen, then: hired}}}",
    ),
    (
        "unknown-anchor",
        "until: course.last_day",
        "until: search.left",
    ),
    (
        "unknown-anchor",
        "until: course.last_day",
        "until: met.last_day",
    ),
    (
        "unknown-anchor",
        "until: course.last_day",
        "until: cohort.end",
    ),
    ("unknown-anchor", "when: cohort.info.held", "when: entered"),
    (
        "unknown-anchor",
        "until: cohort.start, then",
        "until: ready, then",
    ),
    (
        "unknown-anchor",
        "until: cohort.start, then",
        "until: absence.first_day, then",
    ),
    (
        "unknown-anchor",
        "until: cohort.start, then",
        "until: met, then",
    ),
    (
        "unknown-anchor",
        "6 months after ended",
        "6 months after entered",
    ),
    (
        "every-without-origin",
        "every: friday at 12:00",
        "every: 2 weeks",
    ),
    ("needs-places", "  places: 16\n", ""),
    (
        "fills-role-not-per-candidate",
        "fills: [track, ready]",
        "fills: [track, coordinator]",
    ),
    (
        "message-without-recipient",
        "to: consultant, when: absence",
        "when: absence",
    ),
    (
        "message-without-recipient",
        "to: consultant, when: absence",
        "to: [], when: absence",
    ),
    ("digest-role", "to: jobcentre", "to: coordinator"),
    (
        "role-scope",
        "by: coordinator, every: 2 weeks",
        "by: consultant, every: 2 weeks",
    ),
];

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

#[test]
fn the_drafts_read_without_a_problem() {
    for path in fixtures("drafts") {
        let (report, _) = reported(&path.to_string_lossy(), &fs::read_to_string(&path).unwrap());
        assert_eq!(report, "");
    }
    assert_eq!(reported("base.yaml", BASE).0, "");
}

#[test]
fn every_mistake_is_reported_where_it_is() {
    let mut reports: BTreeMap<&str, String> = BTreeMap::new();
    let mut missed = String::new();
    for (rule, right, wrong) in MISTAKES {
        assert_eq!(
            BASE.matches(right).count(),
            1,
            "{right:?} stands once in the base"
        );
        let (report, rules) = reported("base.yaml", &BASE.replace(right, wrong));
        if !rules.contains(rule) {
            writeln!(missed, "{wrong:?} breaks {rule}, found {rules:?}\n{report}").unwrap();
        }
        assert!(report.lines().all(|line| line.width() <= 80), "{report}");
        let all = reports.entry(rule).or_default();
        writeln!(
            all,
            "# {}\n{report}",
            wrong.trim().lines().next().unwrap_or_default()
        )
        .unwrap();
    }
    assert!(missed.is_empty(), "{missed}");
    for (rule, report) in reports {
        insta::assert_snapshot!(rule, report);
    }
}

/// The rules are the words after `error(`, `error_help(` and the like in the checker's source.
#[test]
fn every_rule_has_a_mistake() {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/definition")];
    let mut rules: BTreeSet<String> = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for call in ["error(", "error_help(", "error_name(", "missing_as("] {
            let arguments = source
                .match_indices(call)
                .filter_map(|(at, _)| source[at + call.len()..].split('"').nth(1));
            let rule = |word: &&str| {
                word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && word.contains('-')
            };
            rules.extend(arguments.filter(rule).map(str::to_owned));
        }
    }
    let tried: BTreeSet<String> = MISTAKES
        .iter()
        .map(|(rule, ..)| (*rule).to_owned())
        .collect();
    assert!(rules.len() > 25, "{rules:?}");
    assert_eq!(
        rules.difference(&tried).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
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
