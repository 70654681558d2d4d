//! A hold's days in the hands of people: dates moved, pauses, the hold cancelled, mail said again.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::mails::mail_round;
use super::{ANNA, House};

/// Plays commands and writes down what they say; those that are refused, with what they say then.
fn told(house: &House, commands: &[&[&str]]) -> String {
    let mut told = String::new();
    for args in commands {
        let came = house.run(args);
        let _ = writeln!(told, "$ tovholder {}", args.join(" "));
        let _ = writeln!(told, "{}{}", came.out, came.err);
    }
    let wide = |line: &&str| !line.starts_with('$') && line.width() > 80;
    assert_eq!(told.lines().find(wide), None);
    told
}

#[test]
fn a_hold_is_moved_and_what_was_sent_is_said_again() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    assert_eq!(mail_round(&house, Vec::new()), 1, "the welcome");
    let mut all = told(
        &house,
        &[
            &["cohort", "move", "Hold 1", "--date", "start=2027-02-09"],
            &["cohort", "move", "Hold 1", "--date", "begin=2027-02-08"],
            &[
                "cohort",
                "move",
                "Hold 1",
                "--date",
                "start=2027-02-08",
                "--dry-run",
            ],
            &["cohort", "move", "Hold 1", "--date", "start=2027-02-08"],
            &["cohort", "move", "Hold 1", "--date", "start=2027-02-08"],
            &["outbox", "again", "1"],
        ],
    );
    assert_eq!(mail_round(&house, Vec::new()), 1, "the welcome, again");
    all.push_str(&told(
        &house,
        &[
            &["outbox", "again", "1", "7"],
            &["outbox", "stop", "--reason", "Forkert dato"],
            &["outbox", "list", "--limit", "1"],
            &["outbox", "start"],
        ],
    ));
    insta::assert_snapshot!("hold-moved", all);
    let again = house.ok(&["outbox", "show", "2"]);
    assert!(again.contains("8. februar 2027"), "{again}");
}

#[test]
fn a_hold_stands_still_and_is_cancelled() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    let all = told(
        &house,
        &[
            &[
                "cohort",
                "pause",
                "Hold 1",
                "--from",
                "2027-02-08",
                "--to",
                "2027-02-12",
            ],
            &[
                "cohort",
                "pause",
                "Hold 1",
                "--from",
                "2027-02-10",
                "--to",
                "2027-02-19",
            ],
            &[
                "cohort",
                "pause",
                ANNA,
                "--from",
                "2027-02-22",
                "--to",
                "2027-02-26",
            ],
            &["cohort", "pause", ANNA, "--lift", "2027-02-22"],
            &["cohort", "pause", ANNA, "--lift", "2027-02-22"],
            &["cohort", "show", "Hold 1"],
            &["cohort", "cancel", "Hold 1"],
            &["cohort", "cancel", "Hold 1"],
            &["fire", ANNA, "cancel_place"],
            &["cohort", "list"],
        ],
    );
    insta::assert_snapshot!("hold-cancelled", all);
}

#[test]
fn who_waits_for_a_later_hold_goes_on_when_there_is_one() {
    let house = House::with_hold();
    house.set_clock("2027-02-02T08:00:00Z");
    let note: &[&str] = &["fire", "Hold 1", "facts", "--set", "first_day_time=Kl. 8"];
    house.ok(note);
    let agenda = house.ok(&["agenda", "Hold 1"]);
    assert!(agenda.contains("på: et senere hold"), "{agenda}");
    let create = |title: &str, start: &str| {
        let start = format!("start={start}");
        let workflow = "holstebro-introforloeb";
        house.ok(&[
            "cohort", "create", workflow, "--title", title, "--date", &start,
        ]);
    };
    create("Hold 2", "2027-02-15");
    let shown = house.ok(&["cohort", "show", "Hold 1"]);
    assert!(shown.contains("Flyttet til et andet hold (16)"), "{shown}");
    assert!(
        !shown.contains("decide.done"),
        "nobody is left to decide about: {shown}"
    );
    let there = house.ok(&["cohort", "show", "Hold 2"]);
    assert!(there.contains("Indstillet (16)"), "{there}");
}

#[test]
fn nobody_goes_on_to_a_cancelled_hold_and_a_moved_one_is_found() {
    let house = House::with_hold();
    let create = |title: &str, start: &str| {
        let start = format!("start={start}");
        let workflow = "holstebro-introforloeb";
        house.ok(&[
            "cohort", "create", workflow, "--title", title, "--date", &start,
        ]);
    };
    create("Aflyst", "2027-03-01");
    create("Tidligere", "2027-01-25");
    house.ok(&["cohort", "cancel", "Aflyst"]);
    house.set_clock("2027-02-02T08:00:00Z");
    house.ok(&["fire", "Hold 1", "facts", "--set", "first_day_time=Kl. 8"]);
    let waits = house.ok(&["agenda", "Hold 1"]);
    assert!(waits.contains("på: et senere hold"), "{waits}");
    house.ok(&["cohort", "move", "Tidligere", "--date", "start=2027-03-08"]);
    let there = house.ok(&["cohort", "show", "Tidligere"]);
    assert!(there.contains("Indstillet (16)"), "{there}");
    let refused = house.run(&["fire", "Aflyst", "decide.done"]);
    assert!(refused.err.contains("Holdet blev aflyst"), "{refused:?}");
}

#[test]
fn a_planned_mail_is_sent_before_its_time_once() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    assert_eq!(mail_round(&house, Vec::new()), 1, "the welcome");
    let now = &["outbox", "now", ANNA, "practical_info"][..];
    let all = told(
        &house,
        &[
            now,
            &[
                "fire",
                "Hold 1",
                "facts",
                "--set",
                "first_day_time=Kl. 8",
                "--set",
                "school_place=Skolen",
            ],
            now,
            now,
            &["why", ANNA, "practical_info"],
            &["outbox", "now", "Hold 1", "status"],
            &["outbox", "now", "1"],
            &["outbox", "now", "Anna"],
        ],
    );
    insta::assert_snapshot!("sent-early", house.anonymous(&all));
    assert_eq!(mail_round(&house, Vec::new()), 1, "and no other");
}
