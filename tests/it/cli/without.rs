//! Holds that no candidates come to: what is said of them is of the people who are there.

use super::{House, STAFF, example};

/// A hold of leaders, whose head stands once for all holds.
const CREATE: [&str; 9] = [
    "cohort",
    "create",
    "soenderborg-faglig-ledelse",
    "--title",
    "Vest",
    "--date",
    "start=2026-03-02",
    "--date",
    "end=2027-12-31",
];

#[test]
fn of_a_hold_without_candidates_none_are_asked_for() {
    let house = House::at("2026-01-05T08:00:00Z");
    house.ok(&["people", "import", &example(STAFF)]);
    let created = house.ok(&CREATE);
    let shown = house.ok(&["cohort", "show", "Vest"]);
    let listed = house.ok(&["cohort", "list"]);
    for (text, word) in [
        (&created, "kandidater"),
        (&created, "import"),
        (&shown, "Pladser"),
        (&shown, "kandidater"),
        (&listed, "0/0"),
    ] {
        assert!(!text.contains(word), "{word}\n{text}");
    }
    // The role of the workflow stands with those of the hold.
    assert!(shown.contains("Chef for hjemme- og sygeplejen"), "{shown}");
    // Meetings that nobody booked in their time are no plan any more.
    house.set_clock("2027-01-04T08:00:00Z");
    let shown = house.ok(&["cohort", "show", "Vest"]);
    let (_, next) = shown.split_once("Det næste").expect("something comes");
    assert!(!next.contains("Møde kan holdes fra"), "{shown}");
    let agenda = house.ok(&["agenda", "Vest", "--days", "60"]);
    assert!(
        agenda.contains("2. marts 2027") && !agenda.contains("2. december 2026"),
        "{agenda}"
    );
}
