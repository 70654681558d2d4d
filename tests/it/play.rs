//! `simulate`, `demo` and `serve` as people type them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

const HOLSTEBRO: [&str; 4] = [
    "simulate",
    "holstebro-introforloeb",
    "--start",
    "2026-02-02",
];

/// What a command came to.
#[derive(Debug)]
struct Came {
    code: i32,
    out: String,
    err: String,
}

/// The command, in the checkout, with nothing of the caller's settings.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tovholder"));
    command
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("TERM", "dumb");
    command
}

fn run(args: &[&str]) -> Came {
    let output = command(args).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Came {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn ok(args: &[&str]) -> String {
    let came = run(args);
    assert_eq!(came.code, 0, "{args:?}\n{}{}", came.out, came.err);
    came.out
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("written");
    path.display().to_string()
}

fn fits(text: &str) {
    let wide: Vec<&str> = text.lines().filter(|line| line.width() > 80).collect();
    assert!(
        wide.is_empty(),
        "wider than 80 columns:\n{}",
        wide.join("\n")
    );
}

#[test]
fn a_hold_is_simulated_as_a_calendar() {
    insta::assert_snapshot!("simulate-holstebro", ok(&HOLSTEBRO));
}

#[test]
fn every_shipped_workflow_can_be_simulated_and_fits() {
    for args in [
        &[
            "simulate",
            "odense-for-forloeb",
            "--start",
            "2.2.2026",
            "--set",
            "gf_start=2026-03-16",
        ][..],
        &[
            "simulate",
            "workflows/jrs-bliv-klar-til-sosu.yaml",
            "--start",
            "2026-08-03",
            "--count",
            "5",
        ],
        &[
            "simulate",
            "holstebro-introforloeb",
            "--start",
            "2026-02-02",
            "--candidates",
            "examples/holstebro-kandidater.csv",
        ],
        &[
            "simulate",
            "holstebro-introforloeb",
            "--start",
            "2026-12-14",
            "--count",
            "1",
        ],
        &[
            "simulate",
            "holstebro-introforloeb",
            "--start",
            "2026-02-02",
            "--count",
            "0",
        ],
    ] {
        let text = ok(args);
        fits(&text);
        assert!(text.contains("\nI alt\n"), "{text}");
    }
}

#[test]
fn a_program_reads_the_same() {
    let json: Json =
        serde_json::from_str(&ok(&[&HOLSTEBRO[..], &["--format", "json"]].concat())).expect("JSON");
    let phases: Vec<(&str, &str)> = json["phases"]
        .as_array()
        .expect("phases")
        .iter()
        .map(|phase| {
            (
                phase["state"].as_str().unwrap_or_default(),
                phase["first"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    let expect = [
        ("nominated", "2026-01-05"),
        ("admitted", "2026-01-19"),
        ("internship_1", "2026-02-02"),
        ("school", "2026-02-16"),
        ("internship_2", "2026-03-09"),
        ("recruited", "2026-03-23"),
    ];
    assert_eq!(phases, expect);
    let mails = json["mails"].as_array().expect("mails");
    let welcomes = mails
        .iter()
        .filter(|mail| mail["template"] == "holstebro-welcome");
    assert_eq!(
        (
            json["candidates"].as_array().map(Vec::len),
            welcomes.count()
        ),
        (Some(16), 16)
    );
}

#[test]
fn one_scenario_can_be_looked_at() {
    let one = ok(&["simulate", "jrs-bliv-klar-til-sosu", "--scenario", "to_gf2"]);
    fits(&one);
    assert!(one.contains("Scenariet er opfyldt."));
}

#[test]
fn an_expectation_that_is_not_met_is_said() {
    let folder = folder();
    let yaml = fs::read_to_string("workflows/holstebro-introforloeb.yaml").expect("the workflow");
    let wrong = yaml.replace(
        "at: 2026-01-08 10:00, expect: {state: nominated}",
        "at: 2026-01-08 10:00, expect: {state: school, mails: {holstebro-welcome: 2}}",
    );
    let path = file(&folder, "wrong.yaml", &wrong);
    let came = run(&["simulate", &path, "--scenario", "to_an_agreement"]);
    assert_eq!(came.code, 1);
    for words in [
        "forventet tilstand school, fandt nominated",
        "forventet 2 mails af holstebro-welcome, fandt 0",
    ] {
        assert!(came.out.contains(words), "{}", came.out);
    }
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    let folder = folder();
    let bad_people = file(&folder, "bad.csv", "navn;email\n;x\n");
    let bad_lines = file(
        &folder,
        "bad.yaml",
        "- {candidate: 3, absnt: x}\n- {candidate: 99, never: outcome}\n",
    );
    let with = |more: &[&'static str]| -> Vec<String> {
        HOLSTEBRO
            .iter()
            .chain(more)
            .map(|arg| (*arg).to_owned())
            .collect()
    };
    let words =
        |args: &[&str]| -> Vec<String> { args.iter().map(|arg| (*arg).to_owned()).collect() };
    let table: [(Vec<String>, i32, &[&str]); 12] = [
        (
            words(&["simulate", "holstebro-introforloeb"]),
            1,
            &["første dag mangler", "--start 2026-02-02"],
        ),
        (
            words(&["simulate", "holstebro", "--start", "2026-02-02"]),
            1,
            &["Mente du »holstebro-introforloeb«?"],
        ),
        (
            words(&["simulate", "odense-for-forloeb", "--start", "2026-02-02"]),
            1,
            &["»gf_start« mangler", "Grundforløbet begynder"],
        ),
        (
            words(&[
                "simulate",
                "holstebro-introforloeb",
                "--start",
                "2026-02-04",
            ]),
            1,
            &["mandag", "2026-02-02 og derefter 2026-02-09"],
        ),
        (
            words(&[
                "simulate",
                "holstebro-introforloeb",
                "--start",
                "2026-02-30",
            ]),
            1,
            &["Den dag findes ikke"],
        ),
        (
            with(&["--set", "slut=2026-03-01"]),
            1,
            &["ingen dato »slut«"],
        ),
        (with(&["--until", "snart"]), 1, &["--until", "ikke en dato"]),
        (with(&["--candidates"]), 2, &["--candidates"]),
        (with(&["--candidates", "nothing.csv"]), 1, &["nothing.csv"]),
        (
            [with(&["--candidates"]), vec![bad_people]].concat(),
            1,
            &["linje 2", "Navnet mangler"],
        ),
        (
            [with(&["--assume"]), vec![bad_lines]].concat(),
            1,
            &[
                "bad.yaml:1:18",
                "did you mean \"absent\"?",
                "16, not \"99\"",
            ],
        ),
        (
            words(&[
                "simulate",
                "holstebro-introforloeb",
                "--scenario",
                "to_agreement",
            ]),
            1,
            &["Mente du »to_an_agreement«?"],
        ),
    ];
    for (args, code, expect) in table {
        let came = run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(came.code, code, "{args:?}\n{}", came.err);
        for words in expect {
            assert!(came.err.contains(words), "{args:?}: {words}\n{}", came.err);
        }
    }
}

/// Time leads to the good end of it; an event leads back. A date and an answer decide the rest.
const STAY: &str = "\
workflow: stay
title: Bliv
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {guide: {title: Vejleder, per: cohort}}
cohort:
  dates: {start: {title: Start, weekday: monday}}
candidate:
  facts: {ends: {title: Uddannelsen slutter, type: date}, suited: {title: Egnet, type: yes_no}, weekly: {title: Timer, type: whole_number}}
  states:
    waiting: {title: Venter, until: cohort.start, then: school}
    school:
      title: Skole
      tasks: {ask: {title: Spørg, by: guide, due: 3 workdays after school.first_day, fills: [ends]}}
      until: ends
      then: talk
    talk:
      title: Samtale
      tasks: {judge: {title: Vurdér, by: guide, due: 2 workdays after talk.first_day, fills: [suited]}}
      events:
        other: {title: Anden vej, by: guide, needs: [suited, weekly], if: {suited: no, any: [{weekly: {at_least: 20}}]}, then: support}
    support: {title: Støtte, lasts: 4 weeks, then: follow_up}
    follow_up:
      title: Opfølgning
      lasts: 4 weeks
      then: retained
      events: {again: {title: Støtte igen, by: guide, then: support}}
    retained: {title: Fastholdt, final: success}
";

#[test]
fn what_is_assumed_leads_on_and_comes_to_an_end() {
    let folder = folder();
    let path = file(&folder, "stay.yaml", STAY);
    let text = ok(&["simulate", &path, "--start", "2027-02-01", "--count", "1"]);
    let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for expect in [
        // A date that is recorded lies ahead: there is time at school.
        "Skole 1. februar–31. marts 2027",
        // The answer that the expected event asks for, and not yes for the sake of it.
        "»Anden vej« bliver valgt i »Samtale«",
        // Nobody is sent back from where time leads to success.
        "Opfølgning 3.–30. maj 2027",
        "Fastholdt (slut: mål nået)",
    ] {
        assert!(shown.contains(expect), "{expect}\n{text}");
    }
    assert!(!shown.contains("Støtte igen"), "{text}");
}

#[test]
fn what_is_assumed_can_be_said_otherwise() {
    let folder = folder();
    let lines = "\
- {candidate: 3, absent: career_conversation}
- {candidate: Bo Østergaard, late: outcome, by: 3 workdays}
- {candidate: 4, never: career_conversation}
- {candidate: 5, at: 2026-03-02 10:00, event: withdraw, set: {leave_reason: Flyttet}}
- {hold: true, late: practical, by: 3 workdays}
";
    let path = file(&folder, "otherwise.yaml", lines);
    let text = ok(&[&HOLSTEBRO[..], &["--count", "6", "--assume", &path]].concat());
    for expect in [
        "kandidaten kom ikke · Cæcilie Holm",
        "»Samtale om fremtidsmuligheder«: kandidaten kommer ikke · Cæcilie Holm",
        "accepteret: udført · Bo Østergaard",
        "Stoppet (slut: stoppet) · Esben Aaby",
        "3 × meeting-cancelled til",
        "task-overdue til Tovholder",
    ] {
        let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expect), "{expect}\n{text}");
    }
    fits(&text);
    assert!(text.contains("alle 6"), "{text}");
}

#[test]
fn what_cannot_be_done_as_told_is_a_problem() {
    let folder = folder();
    let line =
        "- {candidate: 1, at: 2026-01-06 10:00, event: withdraw, set: {leave_reason: Flyttet}}\n";
    let path = file(&folder, "early.yaml", line);
    let came = run(&[&HOLSTEBRO[..], &["--count", "1", "--assume", &path]].concat());
    assert_eq!(came.code, 1, "{}", came.out);
    assert!(
        came.out.contains("Det gik ikke som sagt på forhånd") && came.out.contains("afvist"),
        "{}",
        came.out
    );
}

#[test]
fn every_mail_becomes_files_to_look_at() {
    let folder = folder();
    let mails = folder.path().join("mails");
    let text = ok(&[
        &HOLSTEBRO[..],
        &["--count", "2", "--mails", &mails.display().to_string()],
    ]
    .concat());
    let named = |ending: &str| {
        let entries = fs::read_dir(&mails)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path());
        let mut found: Vec<_> = entries
            .filter(|path| path.extension().is_some_and(|known| known == ending))
            .collect();
        found.sort();
        found
    };
    let (eml, html) = (named("eml"), named("html"));
    assert!(
        text.contains(&format!("{} mails ligger i", eml.len())),
        "{text}"
    );
    assert_eq!(
        (eml.len(), named("txt").len()),
        (html.len(), html.len() + 1)
    );
    let welcome = eml
        .iter()
        .find(|path| {
            path.to_string_lossy()
                .contains("2026-01-19T1100-holstebro-welcome")
        })
        .expect("a welcome");
    let body = fs::read_to_string(welcome.with_extension("txt")).expect("its text");
    assert!(
        body.contains("Amina") && body.contains("2. februar 2026"),
        "{body}"
    );
    let index = fs::read_to_string(mails.join("index.txt")).expect("an index");
    assert_eq!(index.lines().count(), eml.len() * 3);
}

#[test]
fn a_simulation_stops_where_it_is_told() {
    let text = ok(&[&HOLSTEBRO[..], &["--until", "2026-02-16"]].concat());
    assert!(
        text.contains("Mandag den 16. februar 2026") && !text.contains("Fredag den 20. februar"),
        "{text}"
    );
}

#[test]
fn the_demo_plays_two_holds_to_their_end() {
    let folder = folder();
    let dir = folder.path().join("demo").display().to_string();
    let came = run(&["demo", "--dir", &dir, "--speed", "20d/s"]);
    assert_eq!(came.code, 0, "{}{}", came.out, came.err);
    assert!(came.out.contains("gik præcis én gang"), "{}", came.out);
    assert!(came.err.contains("Hold 2"), "{}", came.err);
    let again = run(&["demo", "--dir", &dir, "--speed", "20d/s"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("er ikke tom"), "{}", again.err);
}

#[test]
fn the_service_needs_a_way_out_for_mail() {
    let folder = folder();
    let database = folder.path().join("t.db").display().to_string();
    let from = ["--mail-from", "post@college.example"];
    let table: [(&[&str], i32, &[&str]); 7] = [
        (&[], 1, &["ingen vej ud", "--smtp", "--mail-dir"]),
        (&["--mail-dir", "x"], 1, &["TOVHOLDER_MAIL_FROM"]),
        (
            &["--smtp", "http://mail.example", from[0], from[1]],
            1,
            &["--smtp"],
        ),
        (
            &["--smtp", "smtp://mail.example?tls=maybe", from[0], from[1]],
            1,
            &["--smtp", "tls"],
        ),
        (
            &[
                "--smtp",
                "smtps://mail.example",
                from[0],
                from[1],
                "--speed",
                "1d/s",
            ],
            1,
            &["--clock"],
        ),
        (
            &[
                "--smtp",
                "smtps://mail.example",
                from[0],
                from[1],
                "--clock",
                "i går",
            ],
            1,
            &["--clock"],
        ),
        (
            &[
                "--smtp",
                "smtps://mail.example",
                from[0],
                from[1],
                "--clock",
                "2026-02-02T08:00",
                "--speed",
                "fast",
            ],
            2,
            &["1d/s"],
        ),
    ];
    for (args, code, expect) in table {
        let came = run(&[&["serve", "--database", &database][..], args].concat());
        assert_eq!(came.code, code, "{args:?}\n{}", came.err);
        for words in expect {
            assert!(came.err.contains(words), "{args:?}: {words}\n{}", came.err);
        }
    }
}

/// A service that has said that it runs.
struct Service {
    child: Child,
    said: Vec<String>,
}

impl Service {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let (database, mails) = (
            folder.join("t.db").display().to_string(),
            folder.join("mails").display().to_string(),
        );
        let args = [
            "serve",
            "--database",
            &database,
            "--mail-dir",
            &mails,
            "--mail-from",
            "post@college.example",
        ];
        let mut child = command(&[&args[..], more].concat())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
        let mut said = Vec::new();
        for line in lines.by_ref() {
            let line = line.expect("a line");
            said.push(line.clone());
            if line.contains("serving") {
                break;
            }
        }
        // What it says later is read, so that its words never block it.
        std::thread::spawn(move || lines.count());
        Self { child, said }
    }

    /// SIGTERM, and the exit code.
    fn stop(mut self) -> Option<i32> {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill");
        assert!(told.success());
        self.child.wait().expect("it ends").code()
    }
}

#[cfg(unix)]
#[test]
fn the_service_runs_alone_keeps_its_clock_and_stops_in_order() {
    let folder = folder();
    let service = Service::start(
        folder.path(),
        &["--clock", "2026-02-02T08:00", "--speed", "1s/s"],
    );
    let said = service.said.join("\n");
    assert!(
        said.contains("2.2.2026 kl. 8.00, 1 sekund pr. sekund") && said.contains("filer i"),
        "{said}"
    );
    let database = folder.path().join("t.db").display().to_string();
    let second = run(&[
        "serve",
        "--database",
        &database,
        "--smtp",
        "smtp://localhost",
        "--mail-from",
        "a@b.example",
    ]);
    assert_eq!(second.code, 1);
    assert!(
        second.err.contains("allerede en tjeneste"),
        "{}",
        second.err
    );
    assert_eq!(service.stop(), Some(0));
    let again = Service::start(folder.path(), &[]);
    assert!(
        again.said.join("\n").contains("sit eget: 2.2.2026"),
        "{:?}",
        again.said
    );
    assert_eq!(again.stop(), Some(0));
    let real = Service::start(folder.path(), &["--clock", "real"]);
    assert!(
        real.said.join("\n").contains("maskinens"),
        "{:?}",
        real.said
    );
    assert_eq!(real.stop(), Some(0));
}
