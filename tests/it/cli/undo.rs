//! What somebody led a candidate on by is taken back; and a candidate goes on at another hold.

use std::fmt::Write as _;

use super::versions::round;
use super::{ANNA, House};

const ACCEPT: [&str; 5] = ["fire", ANNA, "accept", "--set", "wage_scheme=ingen"];

#[test]
fn a_click_on_the_wrong_name_is_taken_back_and_nothing_is_said_twice() {
    let house = House::with_hold();
    let mut told = String::new();
    let mut tell = |args: &[&str]| {
        let came = house.run(args);
        let _ = writeln!(
            told,
            "$ tovholder {}\n{}{}",
            args.join(" "),
            came.out,
            came.err
        );
    };
    tell(&["undo", ANNA]);
    tell(&ACCEPT);
    tell(&["undo", ANNA, "--dry-run"]);
    tell(&["undo", ANNA]);
    assert_eq!(round(&house), 0, "what was not sent yet is not sent");
    tell(&["outbox", "list"]);
    tell(&ACCEPT);
    assert_eq!(round(&house), 1, "and when it was right, it is");
    tell(&["undo", ANNA]);
    tell(&ACCEPT);
    assert_eq!(round(&house), 0, "what reads the same is not said twice");
    tell(&["outbox", "list"]);
    tell(&["why", ANNA, "welcome"]);
    insta::assert_snapshot!("taken-back", told);
}

#[test]
fn a_candidate_goes_on_at_another_hold_with_what_is_known_of_them() {
    let house = House::with_hold();
    house.ok(&[
        "cohort",
        "create",
        "holstebro-introforloeb",
        "--title",
        "Hold 2",
        "--date",
        "start=2027-03-01",
    ]);
    house.ok(&ACCEPT);
    round(&house);
    let told = std::cell::RefCell::new(String::new());
    let tell = |args: &[&str]| {
        let came = house.run(args);
        let (out, err) = (without_ids(&came.out), without_ids(&came.err));
        let _ = writeln!(
            told.borrow_mut(),
            "$ tovholder {}\n{out}{err}",
            args.join(" ")
        );
    };
    for to in ["Hold 1", "Hold 3"] {
        tell(&["cohort", "transfer", ANNA, "--to", to]);
    }
    tell(&[
        "cohort", "transfer", ANNA, "--to", "Hold 2", "--state", "admited",
    ]);
    tell(&["cohort", "transfer", ANNA, "--to", "Hold 2"]);
    tell(&["cohort", "show", "Hold 1"]);
    tell(&["cohort", "show", "Hold 2"]);
    tell(&["cohort", "transfer", ANNA, "--to", "Hold 2"]);
    insta::assert_snapshot!("gone-on", told.into_inner());
}

/// Ids differ from run to run.
fn without_ids(told: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let line = |line: &str| {
        let id = line.split_whitespace().find(|word| is_id(word));
        id.map_or_else(|| line.to_owned(), |id| line.replace(id, "ID"))
    };
    told.lines().map(line).map(|line| line + "\n").collect()
}
