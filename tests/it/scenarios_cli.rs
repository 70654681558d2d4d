//! `tovholder test`: scenarios are played, what differs is shown, and what is left out is counted.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr;

/// A small course with a compound, branches, a full hold and a next hold.
const COURSE: &str = "workflow: small-course
title: Et lille forløb
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
overdue: {to: coordinator, after: 2 workdays}
roles:
  coordinator: {title: Tovholder, per: cohort}
  job_consultant: {title: Jobkonsulent, per: candidate}
cohort:
  title: Hold
  places: 2
  dates: {start: {title: Første dag, weekday: monday}}
  tasks:
    plan: {title: Læg planen, by: coordinator, due: 1 week before cohort.start}
candidate:
  title: Kandidat
  facts: {ready: {title: Klar, type: yes_no}}
  states:
    waiting:
      title: Venter
      until: cohort.start
      then: next_cohort.waiting
      events:
        accept: {title: Optag, by: job_consultant, if: {age: {at_least: 18}}, then: pre_course}
    on_course:
      title: På forløbet
      holds_place: true
      lasts: 4 weeks
      then:
        - {if: {ready: yes}, then: passed}
        - {else: not_passed}
      events:
        stop: {title: Stopper, by: [job_consultant, coordinator], then: stopped}
      states:
        pre_course:
          title: Her
          messages:
            welcome: {template: assessment-other-path, to: candidate, when: entered}
    passed: {title: Klar, final: success}
    not_passed: {title: Ikke klar, final: neutral}
    stopped: {title: Stoppet, final: dropout}
scenarios:
";

/// Goes through everything.
const WHOLE: &str = "  whole:
    title: Alt, hvad der kan ske
    cohort: {start: 2026-03-02}
    next_cohort: {start: 2026-04-06}
    places_taken: 1
    candidates: {ida: {ready: yes}, bo: {ready: no, job_consultant: nobody}, eva: {born: 2010-01-01}}
    steps:
      - {at: 2026-02-02 09:00, who: eva, refused: accept, because: if}
      - {at: 2026-02-02 09:10, who: ida, event: accept, by: job_consultant}
      - {at: 2026-02-02 09:20, who: ida, expect: {state: pre_course, place: yes, free_places: 0, mails: {assessment-other-path: 1}}}
      - {at: 2026-02-02 09:30, who: bo, refused: accept, because: full}
      - {at: 2026-02-02 09:40, who: other, event: stop}
      - {at: 2026-02-02 09:50, who: bo, event: accept}
      - {at: 2026-03-02 08:00, who: eva, expect: {state: waiting, moved: yes}}
      - {at: 2026-03-02 08:00, who: ida, expect: {state: passed, moved: no, ended: yes}}
      - {at: 2026-03-02 08:00, who: bo, expect: {state: not_passed, open: cohort.plan}}
      - {at: 2026-03-02 08:00, expect: {open: next_cohort.plan, held: 0}}
";

struct Came {
    code: i32,
    out: String,
    err: String,
}

fn test(folder: &Path, args: &[&str]) -> Came {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("email-templates");
    let workflows = if folder.join("workflows").exists() {
        "workflows"
    } else {
        "."
    };
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .arg("test")
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("TERM", "dumb")
        .env("TOVHOLDER_TEMPLATES", templates)
        .env("TOVHOLDER_WORKFLOWS", workflows)
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Came {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// The small course with these scenarios.
fn of_course(scenarios: &str, args: &[&str]) -> Came {
    played(&format!("{COURSE}{scenarios}"), args)
}

fn played(text: &str, args: &[&str]) -> Came {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("small-course.yaml"), text).expect("written");
    test(folder.path(), &[&["small-course.yaml"], args].concat())
}

fn fits(text: &str) {
    let wide: Vec<&str> = text.lines().filter(|line| line.width() > 80).collect();
    assert!(wide.is_empty(), "wider than 80:\n{}", wide.join("\n"));
}

#[test]
fn the_shipped_scenarios_are_met_and_go_through_everything() {
    let came = test(
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &["--min-coverage", "100"],
    );
    assert_eq!(came.code, 0, "{}{}", came.out, came.err);
    assert!(!came.out.contains("ingen scenarier"), "{}", came.out);
    fits(&came.out);
}

#[test]
fn several_candidates_a_full_hold_and_the_next_one() {
    let came = of_course(WHOLE, &["--min-coverage", "100"]);
    assert_eq!(came.code, 0, "{}{}", came.out, came.err);
    insta::assert_snapshot!("test-met", came.out);
}

#[test]
fn a_step_that_went_otherwise_is_shown_with_what_happened_around_it() {
    let wrong = WHOLE.replace(
        "who: ida, expect: {state: passed, moved: no",
        "who: ida, expect: {state: not_passed, moved: yes",
    );
    let came = of_course(&wrong, &[]);
    fits(&came.out);
    assert_eq!(came.code, 1, "{}", came.out);
    insta::assert_snapshot!("test-unmet", came.out);
}

/// Each expectation has a way not to be met; without one it would prove nothing.
#[test]
fn every_expectation_can_fail() {
    for (right, wrong, words) in [
        (
            "state: pre_course",
            "state: waiting",
            "forventet tilstand waiting\n    fandt     pre_course",
        ),
        (
            "place: yes",
            "place: no",
            "forventet ingen plads\n    fandt     en plads",
        ),
        (
            "free_places: 0",
            "free_places: 1",
            "forventet 1 ledige pladser\n    fandt     0 ledige",
        ),
        (
            "mails: {assessment-other-path: 1}",
            "mails: {assessment-other-path: 2}",
            "forventet 2 mails af assessment-other-path",
        ),
        (
            "mails: {assessment-other-path: 1}",
            "missed: welcome",
            "forventet at welcome var for sent ude",
        ),
        (
            "state: waiting, moved: yes",
            "state: waiting, moved: no",
            "forventet ikke fortsat på næste hold",
        ),
        (
            "state: waiting, moved: yes",
            "waits: yes",
            "forventet at kandidaten venter",
        ),
        (
            "state: waiting, moved: yes",
            "waits: next_cohort",
            "forventet at kandidaten venter på",
        ),
        (
            "moved: no, ended: yes",
            "ended: no",
            "forventet at forløbet er i gang",
        ),
        (
            "moved: no, ended: yes",
            "ended: cancelled",
            "da holdet blev aflyst",
        ),
        (
            " open: cohort.plan",
            " not_open: cohort.plan",
            "forventet ingen åben opgave: plan",
        ),
        (
            "{open: next_cohort.plan",
            "{not_open: next_cohort.plan",
            "forventet ingen åben opgave: plan",
        ),
        (
            "held: 0",
            "held: 2",
            "forventet 2 mails, der ikke kunne sendes",
        ),
        (
            "to: candidate",
            "to: [candidate, job_consultant]",
            "mail til Jobkonsulent om Bo Østergaard kunne ikke sendes",
        ),
        (
            "because: full",
            "because: needs",
            "forventet afvisning (because: needs)\n    fandt     afvist:",
        ),
        (
            "who: ida, event: accept, by: job_consultant",
            "who: ida, event: accept, by: coordinator",
            "fandt     afvist: Rollen",
        ),
        (
            "who: bo, event: accept",
            "who: bo, refused: accept",
            "forventet afvisning\n    fandt     at det blev gjort",
        ),
    ] {
        let (course, whole) = (COURSE.matches(right).count(), WHOLE.matches(right).count());
        assert_eq!(course + whole, 1, "{right}");
        let text = format!("{COURSE}{WHOLE}").replace(right, wrong);
        let came = played(&text, &[]);
        assert_eq!(came.code, 1, "{wrong}\n{}{}", came.out, came.err);
        assert!(came.out.contains(words), "{wrong}\n{}", came.out);
    }
}

#[test]
fn what_is_left_out_is_counted_and_named() {
    let few = "  few:
    title: Kun begyndelsen
    cohort: {start: 2026-03-02}
    steps:
      - {at: 2026-02-02 09:00, event: accept}
      - {at: 2026-02-02 12:00, expect: {state: pre_course}}
";
    let came = of_course(few, &[]);
    assert_eq!(came.code, 0, "{}", came.out);
    insta::assert_snapshot!("test-few", came.out);
    for (percent, code) in [("20", 0), ("21", 1), ("100", 1)] {
        let came = of_course(few, &["--min-coverage", percent]);
        assert_eq!(came.code, code, "{percent} {}", came.out);
        assert_eq!(came.out.contains("FOR LIDT"), code == 1);
    }
    let json = of_course(few, &["--format", "json"]).out;
    let json: Json = serde_json::from_str(&json).expect("JSON");
    let coverage = &json[0]["coverage"];
    assert_eq!(coverage["transitions"]["covered"], 1);
    assert_eq!(coverage["transitions"]["declared"], 5);
    assert_eq!(coverage["missing"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_variants_scenarios_count_for_the_file() {
    let few = "  few:
    title: Kun begyndelsen
    cohort: {start: 2026-03-02}
    steps:
      - {at: 2026-02-02 09:00, event: accept}
variants:
  small-course-of-two-weeks:
    title: Et endnu mindre forløb
    places: 1
    scenarios:
";
    let whole = WHOLE
        .replace("    places_taken: 1\n", "")
        .replace('\n', "\n    ");
    let indented = format!("    {}", whole.trim_end());
    // With one place nobody else can take one.
    let indented = indented
        .replace("who: other, event: stop", "who: ida, event: stop")
        .replace(
            "who: ida, expect: {state: passed, moved: no",
            "who: ida, expect: {state: stopped, moved: no",
        );
    let came = of_course(&format!("{few}{indented}\n"), &[]);
    assert_eq!(came.code, 0, "{}{}", came.out, came.err);
    assert!(came.out.contains("Et endnu mindre forløb"), "{}", came.out);
    assert!(
        came.out.contains("overgange 4/5, mails 1/1"),
        "{}",
        came.out
    );
}

#[test]
fn what_cannot_be_played_is_named_with_what_to_do() {
    let with_error = WHOLE.replace("event: accept, by", "event: acept, by");
    for (scenarios, args, words) in [
        (WHOLE, &["--scenario", "hole"][..], "Mente du »whole«?"),
        (
            WHOLE,
            &["no-such-workflow"],
            "intet workflow »no-such-workflow«",
        ),
        (
            WHOLE,
            &["--scenario", "whole", "--min-coverage", "5"],
            "cannot be used with",
        ),
        (&with_error, &[], "did you mean \"accept\"?"),
    ] {
        let came = of_course(scenarios, args);
        assert_ne!(came.code, 0, "{args:?} {}", came.out);
        assert!(came.err.contains(words), "{args:?} {}", came.err);
    }
    let came = of_course(WHOLE, &["--scenario", "whole"]);
    assert_eq!(came.code, 0, "{}", came.out);
    assert!(!came.out.contains("overgange"), "only one: {}", came.out);
}
