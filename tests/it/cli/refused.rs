//! What is missing, mistyped or not possible now: said with what to do, and nothing has changed.

use super::{ANNA, House};

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let house = House::empty();
    house.table(&[
        (
            &["cohort", "list"],
            1,
            &["ingen database FOLDER/t.db", "people import"],
        ),
        (&["agenda"], 1, &["ingen database"]),
        (
            &["import", "x.csv", "--cohort", "x"],
            1,
            &["ingen database"],
        ),
        (
            &["people", "import", "nothing.csv"],
            1,
            &["nothing.csv kan ikke læses"],
        ),
        (
            &["cohort", "create", "holstebro", "--title", "x"],
            1,
            &[
                "intet workflow »holstebro«",
                "Mente du »holstebro-introforloeb«?",
            ],
        ),
        (
            &[
                "cohort",
                "create",
                "x",
                "--title",
                "x",
                "--workflows",
                "none",
            ],
            1,
            &["none: cannot be read", "--workflows"],
        ),
        (
            &[
                "cohort",
                "create",
                "holstebro-introforloeb",
                "--title",
                "x",
                "--templates",
                "none",
            ],
            1,
            &["none: cannot be read"],
        ),
        (&[], 2, &["Usage"]),
        (&["cohrot", "list"], 2, &["cohort"]),
        (
            &["fire", "x", "y", "--at", "2027-03-11"],
            2,
            &["2027-03-11T13:00"],
        ),
        (&["fire", "x", "y", "--set", "a"], 2, &["NAME=VALUE"]),
        (&["outbox", "list", "--status", "gone"], 2, &["queued"]),
        (&["outbox", "release"], 2, &["--lot"]),
    ]);
    assert!(
        !house.path("t.db").exists(),
        "a question does not make a database"
    );
    house.file(
        "t.db",
        "this is no database, but a text that somebody saved here by mistake ".repeat(20),
    );
    house.table(&[(&["cohort", "list"], 1, &["FOLDER/t.db kan ikke åbnes"])]);
}

#[test]
fn a_hold_needs_its_dates_and_its_people() {
    let house = House::at("2027-01-04T08:00:00Z");
    let create = |rest: &[&'static str]| -> Vec<&'static str> {
        [
            "cohort",
            "create",
            "odense-for-forloeb",
            "--title",
            "Hold 7",
        ]
        .iter()
        .chain(rest)
        .copied()
        .collect()
    };
    let table: &[(&[&str], &[&str])] = &[
        (
            &[],
            &[
                "Datoen »start« mangler: Første praktikdag.",
                "Datoen »gf_start« mangler",
            ],
        ),
        (
            &[
                "--date",
                "start=2027-08-10",
                "--date",
                "gf_strat=2027-10-04",
            ],
            &[
                "»--date start«: Det skal være en mandag, men 2027-08-10 er en tirsdag.",
                "Nærmest ligger 2027-08-09 og derefter 2027-08-16.",
                "Holdet har ingen dato »gf_strat«. Mente du »gf_start«?",
                "Datoen »gf_start« mangler",
            ],
        ),
        (
            &["--date", "start=9. august"],
            &["»9. august« er ikke en dato.", "2026-02-28"],
        ),
        (
            &[
                "--date",
                "start=9-8-2027",
                "--date",
                "gf_start=4.10.2027",
                "--role",
                "mentor=x@y.example",
                "--role",
                "coordinator=x@y.example",
                "--set",
                "plads=1",
            ],
            &[
                "Rollen »mentor« gives ikke pr. hold.",
                "ingen med adressen »x@y.example«",
                "ingen oplysning »plads« her",
            ],
        ),
        (
            &[
                "--date",
                "start=9-8-2027",
                "--date",
                "gf_start=4.10.2027",
                "--title",
                "Hold 120487-1234",
            ],
            &["cannot be used multiple times"],
        ),
    ];
    for (rest, words) in table {
        let code = if words[0].contains("multiple") { 2 } else { 1 };
        house.table(&[(&create(rest), code, words)]);
    }
    assert!(house.ok(&["cohort", "list"]).contains("ingen hold"));
    // Without imported people the hold is made, and says what its roles lack.
    house.table(&[(
        &create(&["--date", "start=9-8-2027", "--date", "gf_start=4.10.2027"]),
        0,
        &[
            "Første praktikdag mandag den 9. august 2027",
            "Ingen er Tovholder (coordinator)",
        ],
    )]);
    house.table(&[(
        &[
            "cohort",
            "create",
            "odense-for-forloeb",
            "--title",
            "Sent",
            "--date",
            "start=2026-08-10",
            "--date",
            "gf_start=2026-10-05",
        ],
        0,
        &["start er mandag den 10. august 2026, som er passeret"],
    )]);
}

#[test]
fn what_cannot_happen_is_refused_with_what_can() {
    let house = House::with_hold();
    house.table(&[
        (
            &["fire", ANNA, "acept"],
            1,
            &[
                "»acept« er ikke muligt i »Indstillet«.",
                "accept Optag på holdet",
            ],
        ),
        (
            &["fire", ANNA, "accept"],
            1,
            &["Lønordning under forløbet (--set wage_scheme=VÆRDI)"],
        ),
        (
            &[
                "fire",
                ANNA,
                "accept",
                "--as",
                "coordinator",
                "--set",
                "wage_scheme=ingen",
            ],
            1,
            &[
                "Rollen Tovholder (coordinator) må ikke",
                "Det må Uddannelseskonsulent",
            ],
        ),
        (
            &["fire", ANNA, "accept", "--as", "boss"],
            1,
            &["»--as«: Der er ingen rolle »boss«."],
        ),
        (
            &["fire", ANNA, "accept", "--set", "wage_scheme=løn"],
            1,
            &["»--set wage_scheme«: »løn« er ikke et af valgene."],
        ),
        (
            &["fire", ANNA, "facts", "--set", "cohort.bring=Sko"],
            1,
            &["oplysning om holdet", "facts --set bring="],
        ),
        (
            &[
                "fire",
                ANNA,
                "facts",
                "--set",
                "leave_reason=cpr 120487-1234",
            ],
            1,
            &["CPR-nummer"],
        ),
        (&["fire", ANNA, "facts"], 1, &["intet at notere"]),
        (
            &["fire", ANNA, "cohort.decide.done"],
            1,
            &["sker på holdet"],
        ),
        (
            &["fire", ANNA, "clarify_wage_scheme.dun"],
            1,
            &["Mente du »clarify_wage_scheme.done«?"],
        ),
        (
            &["fire", ANNA, "clarify_wage_scheme.skipped"],
            1,
            &["hverken frivillig eller tilbagevendende"],
        ),
        (
            &["fire", ANNA, "career_conversation.booked"],
            1,
            &["Hvornår er mødet?", "--at"],
        ),
        (
            &[
                "fire",
                ANNA,
                "career_conversation.booked",
                "--at",
                "2027-03-11 13.00",
            ],
            1,
            &["kan ikke bookes"],
        ),
        (
            &["fire", ANNA, "career_conversation.held"],
            1,
            &["er ikke booket"],
        ),
        (
            &[
                "fire",
                ANNA,
                "accept",
                "--at",
                "2027-03-11T13:00",
                "--absent",
                "x",
                "--set",
                "wage_scheme=ingen",
            ],
            1,
            &["»--at«", "»--absent«"],
        ),
        (
            &["fire", "Hold 1", "accept"],
            1,
            &["»accept« kendes ikke her."],
        ),
        (
            &["fire", "Hold 1", "decide.done"],
            1,
            &["der er 16 tilbage"],
        ),
        (
            &["fire", "ingen@post.example", "accept"],
            1,
            &["Der er intet hold og ingen kandidat"],
        ),
        (&["why", ANNA, "welcom"], 1, &["Mente du »welcome«?"]),
        (
            &["why", ANNA, "status"],
            1,
            &["Den hører til holdet", "why HOLD status"],
        ),
        (&["outbox", "show", "99"], 1, &["Der er ingen mail 99."]),
        (
            &["outbox", "release", "--lot", "1"],
            1,
            &["ingen mails tilbage i parti 1"],
        ),
        (&["outbox", "list", "--cohort", "Hold 2"], 1, &["»Hold 2«"]),
    ]);
    assert!(
        house.ok(&["fire", ANNA]).contains("accept"),
        "nothing has changed"
    );
}
