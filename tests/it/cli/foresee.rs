//! What would come of something, read before it is done: pauses, a moved meeting, a closing day, a coming law.

use super::versions::{BO, edited, round, two_holds};
use super::{ANNA, House};

/// The calendar's own closing days, and one more: a Friday on which status mails leave.
const CLOSED: (&str, &str) = ("closed: [", "closed: [2027-03-19, ");

/// A zone's data (RFC 9636) without summer time.
fn zone_without_summer(house: &House) -> String {
    let mut block = b"TZif2".to_vec();
    block.extend([0; 15]);
    // How many: UT and standard indicators, leap seconds, transitions, types, characters.
    for count in [0_u32, 0, 0, 0, 1, 4] {
        block.extend(count.to_be_bytes());
    }
    block.extend(3600_i32.to_be_bytes());
    block.extend([0, 0]);
    block.extend(b"CET\0");
    let mut bytes = block.repeat(2);
    bytes.extend(b"\nCET-1\n");
    house.file("Copenhagen", bytes)
}

#[test]
fn what_would_come_of_it_is_read_first_and_nothing_is_done() {
    let house = two_holds();
    house.set_clock("2027-03-08T09:00:00Z");
    round(&house);
    let talk = "career_conversation.booked";
    house.ok(&[
        "cohort",
        "pause",
        "Hold 1",
        "--from",
        "2027-03-22",
        "--to",
        "2027-04-02",
    ]);
    round(&house);
    let mut told = house.told();
    let agenda = told.tell(&["agenda", ANNA]);
    told.tell(&[
        "cohort",
        "pause",
        ANNA,
        "--from",
        "2027-03-15",
        "--to",
        "2027-03-19",
        "--dry-run",
    ]);
    told.tell(&[
        "cohort",
        "pause",
        "Hold 2",
        "--from",
        "2027-03-15",
        "--to",
        "2027-03-19",
        "--dry-run",
    ]);
    told.tell(&[
        "cohort",
        "pause",
        "Hold 1",
        "--lift",
        "2027-03-22",
        "--dry-run",
    ]);
    told.tell(&["fire", ANNA, talk, "--at", "2027-03-11T13:00", "--dry-run"]);
    told.tell(&[
        "foresee",
        "--holiday",
        "2027-03-12",
        "--workday",
        "2027-05-17",
    ]);
    told.tell(&["cohort", "cancel", "Hold 2", "--dry-run"]);
    assert_eq!(told.tell(&["agenda", ANNA]), agenda, "nothing is done");
    insta::assert_snapshot!("foreseen", told.text);
}

#[test]
fn a_booked_meeting_is_moved_with_what_follows_read_first() {
    let house = two_holds();
    house.set_clock("2027-03-16T09:00:00Z");
    round(&house);
    let talk = "career_conversation.booked";
    house.ok(&[
        "fire",
        ANNA,
        talk,
        "--at",
        "2027-03-18T13:00",
        "--place",
        "Lokale 2",
    ]);
    house.ok(&["fire", BO, talk, "--at", "2027-04-07T13:00"]);
    round(&house);
    let mut told = house.told();
    told.tell(&["fire", ANNA, talk, "--at", "2027-03-19T10:00", "--dry-run"]);
    told.tell(&[
        "cohort",
        "pause",
        ANNA,
        "--from",
        "2027-03-17",
        "--to",
        "2027-03-18",
        "--dry-run",
    ]);
    told.tell(&["fire", ANNA, talk, "--at", "2027-03-19T10:00"]);
    // Booked by the clock on the wall, after summer time was to begin.
    let zone = format!("Europe/Copenhagen={}", zone_without_summer(&house));
    let shown = "foresee Hold 2 --zone Europe/Copenhagen=FILE";
    told.tell_as(&["foresee", "Hold 2", "--zone", &zone], shown);
    let file = edited(&house, &[CLOSED]);
    house.ok(&["publish", &file]);
    told.tell(&["migrate", "Hold 2"]);
    let told = told.text;
    let code = told
        .find("--apply ")
        .map(|at| told[at + 8..at + 20].to_owned());
    let told = told.replace(&code.expect("a code"), "CODE");
    insta::assert_snapshot!("meeting-moved", told);
}

#[test]
fn what_cannot_be_foreseen_is_refused_with_what_to_do() {
    let house = House::with_hold();
    let odd = house.file("odd", "no zone");
    let odd = format!("Europe/Copenhagen={odd}");
    for (args, words) in [
        (&["foresee"][..], "--holiday"),
        (&["foresee", "--holiday", "4. juni"], "write a day such as"),
        (&["foresee", "--zone", &odd], "RFC 9636"),
        (
            &["foresee", "--zone", "Europe/Copenhagen=none"],
            "kan ikke læses",
        ),
        (&["foresee", "Hold 9", "--holiday", "2027-06-04"], "Hold 9"),
        (&["fire", ANNA, "--dry-run"], "EVENT"),
        (
            &[
                "cohort",
                "pause",
                "Hold 1",
                "--from",
                "2027-03-19",
                "--to",
                "2027-03-15",
                "--dry-run",
            ],
            "",
        ),
    ] {
        let came = house.run(args);
        assert_ne!(came.code, 0, "{args:?}: {}", came.out);
        let flat = came.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{args:?}: {}", came.err);
    }
}
