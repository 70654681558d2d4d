//! What somebody led a candidate on by is taken back.

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
