//! What somebody led a candidate on by is taken back; and a candidate goes on at another hold.

use super::versions::round;
use super::{ANNA, House};

const ACCEPT: [&str; 5] = ["fire", ANNA, "accept", "--set", "wage_scheme=ingen"];

#[test]
fn a_click_on_the_wrong_name_is_taken_back_and_nothing_is_said_twice() {
    let house = House::with_hold();
    let mut told = house.told();
    told.tell(&["undo", ANNA]);
    told.tell(&ACCEPT);
    told.tell(&["undo", ANNA, "--dry-run"]);
    told.tell(&["undo", ANNA]);
    assert_eq!(round(&house), 0, "what was not sent yet is not sent");
    told.tell(&["outbox", "list"]);
    told.tell(&ACCEPT);
    assert_eq!(round(&house), 1, "and when it was right, it is");
    told.tell(&["undo", ANNA]);
    told.tell(&ACCEPT);
    assert_eq!(round(&house), 0, "what reads the same is not said twice");
    told.tell(&["outbox", "list"]);
    told.tell(&["why", ANNA, "welcome"]);
    insta::assert_snapshot!("taken-back", told.text);
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
    let mut told = house.told();
    for to in ["Hold 1", "Hold 3"] {
        told.tell(&["cohort", "transfer", ANNA, "--to", to]);
    }
    told.tell(&[
        "cohort", "transfer", ANNA, "--to", "Hold 2", "--state", "admited",
    ]);
    told.tell(&["cohort", "transfer", ANNA, "--to", "Hold 2", "--dry-run"]);
    told.tell(&["cohort", "transfer", ANNA, "--to", "Hold 2"]);
    told.tell(&["cohort", "show", "Hold 1"]);
    told.tell(&["cohort", "show", "Hold 2"]);
    told.tell(&["cohort", "transfer", ANNA, "--to", "Hold 2"]);
    insta::assert_snapshot!("gone-on", told.text);
}
