//! Lists of candidates: looked at, taken in as they were seen, compared with who is known, and taken back.

use super::{House, example};

const LIST: &str = "examples/holstebro-kandidater.csv";

impl House {
    /// What a command says as JSON.
    fn json(&self, args: &[&str]) -> serde_json::Value {
        let came = self.run(&[args, &["--format", "json"]].concat());
        serde_json::from_str(&came.out).unwrap_or_else(|error| panic!("{error}: {came:?}"))
    }

    /// The counts of a list on a hold: new, known, skipped, wrong.
    fn counts(&self, file: &str, hold: &str, more: &[&str]) -> [i64; 4] {
        let args = [&["import", file, "--cohort", hold, "--dry-run"], more].concat();
        let counts = &self.json(&args)["counts"];
        ["new", "known", "skipped", "wrong"].map(|of| counts[of].as_i64().expect("a count"))
    }

    fn second_hold(&self) {
        let args = [
            "cohort",
            "create",
            "holstebro-introforloeb",
            "--title",
            "Hold 2",
            "--date",
            "start=2027-04-05",
        ];
        self.ok(&args);
    }
}

#[test]
fn a_list_is_shown_before_it_is_taken_in() {
    let house = House::with_hold();
    let rows = "Fulde navn;Mailadresse;Tlf. nr. dag;Født;Kommune;Jobkonsulent;Målgruppe;Bemærkning\r\n\
        Ny Person;ny@post.example;00 11;12-04-1987;Storådal;Eva Aagrenholt;Dagpengemodtager;x\r\n\
        anna  birkmose;ANNA.birkmose@post.example;;;;;;\r\n\
        Fejl;fejl;;31-02-1987;;Nogen Anden;;\r\n\
        Ny Person;ny@post.example;;;;;;\r\n";
    let file = house.file("k.csv", rows);
    let came = house.run(&["import", &file, "--cohort", "Hold 1", "--dry-run"]);
    assert_eq!(came.code, 1, "{came:?}");
    insta::assert_snapshot!("preview-columns", came.out);
    let said = [
        "import",
        &file,
        "--cohort",
        "Hold 1",
        "--column",
        "Tlf. nr. dag=telefon",
        "--leave-out",
        "Bemærkning",
    ];
    let came = house.run(&[&said[..], &["--dry-run"]].concat());
    assert_eq!(came.code, 1, "{came:?}");
    let json = house.json(&[&said[..], &["--dry-run"]].concat());
    let hash = json["hash"].as_str().expect("a hash").to_owned();
    insta::assert_snapshot!("preview-lines", came.out);
    for line in came.out.lines() {
        assert!(
            unicode_width::UnicodeWidthStr::width(line) <= 80 || line.contains("tovholder import"),
            "{line}"
        );
    }
    // Nothing of it while anything is wrong, unless the rest is asked for; and then exactly what was seen.
    house.table(&[(
        &said,
        1,
        &["linje 4, »Mailadresse«: »fejl« er ikke en e-mailadresse."],
    )]);
    let other = [
        &said[..],
        &["--hash", "0000000000000000", "--without-wrong"],
    ]
    .concat();
    house.table(&[(&other, 1, &["Listen er ikke længere, som da du så den."])]);
    let taken = [&said[..], &["--hash", &hash, "--without-wrong"]].concat();
    house.table(&[
        (
            &taken,
            0,
            &[
                "1 kandidat er taget ind på »Hold 1«",
                "2 linjer er sprunget over",
                "1 linje er udeladt",
                "tovholder import --undo 2",
            ],
        ),
        (&taken, 1, &["Listen er ikke længere, som da du så den."]),
        (&["cohort", "show", "Hold 1"], 0, &["Indstillet (17)"]),
        (&["import", "--list"], 0, &["Hold 1", "16", "1"]),
    ]);
}

#[test]
fn what_has_changed_since_it_was_seen_is_told_line_by_line() {
    let house = House::with_hold();
    let list = |born: &str| {
        format!("navn;email;foedselsdato\nBo Å;bo@post.example;{born}\nIda Ø;ida@post.example;\n")
    };
    let file = house.file("k.csv", list("1987-04-12"));
    let seen = house.json(&["import", &file, "--cohort", "Hold 1", "--dry-run"]);
    let seen = seen["seen"].as_str().expect("what was seen").to_owned();
    house.file("k.csv", list("1987-04-13"));
    let other = house.file("o.csv", "navn;email\nIda Ø;ida@post.example\n");
    house.ok(&["import", &other, "--cohort", "Hold 1"]);
    house.table(&[(
        &["import", &file, "--cohort", "Hold 1", "--hash", &seen],
        1,
        &[
            "Listen er ikke længere, som da du så den.",
            "linje 2: Linjen var ny og er nu ny.",
            "linje 3: Linjen var ny og er nu sprunget over (er allerede på holdet (i gang)).",
        ],
    )]);
}

#[test]
fn whoever_is_known_is_found_and_asked_about() {
    let house = House::with_hold();
    house.second_hold();
    let file = example(LIST);
    // All sixteen are under way on another hold: a person has to say that they shall be here, too.
    assert_eq!(house.counts(&file, "Hold 2", &[]), [0, 0, 0, 16]);
    assert_eq!(house.counts(&file, "Hold 1", &[]), [0, 0, 16, 0]);
    let titles = "navn;email;foedselsdato;telefon\n";
    let table: [(&str, &[&str], [i64; 4], &str); 12] = [
        ("Ny;ny@post.example;;", &[], [1, 0, 0, 0], ""),
        (
            "Anna Birkmose;anna.birkmose@post.example;;",
            &[],
            [0, 0, 0, 1],
            "er i gang på »Hold 1«",
        ),
        (
            "Anna Birkmose;anna.birkmose@post.example;;99",
            &["--same", "2"],
            [0, 1, 0, 0],
            "kendes fra »Hold 1«; ny telefon",
        ),
        (
            "Anna Birkmose;anna.birkmose@post.example;1987-04-13;",
            &[],
            [0, 0, 0, 1],
            "kendes med en anden fødselsdato",
        ),
        (
            "Anna Ny;anna.birkmose@post.example;;",
            &[],
            [0, 0, 0, 1],
            "hører til Anna Birkmose",
        ),
        (
            "Anna Ny;anna.birkmose@post.example;;",
            &["--same", "2"],
            [0, 1, 0, 0],
            "ny navn",
        ),
        (
            "Anna Ny;anna.birkmose@post.example;;",
            &["--another", "2"],
            [1, 0, 0, 0],
            "",
        ),
        (
            "ANNA birkmose;anna@ny.example;12-04-1987;",
            &[],
            [0, 0, 0, 1],
            "kendes med en anden e-mail",
        ),
        (
            "Aagot Svanelund;aagot@ny.example;3.11.1979;",
            &["--same", "2"],
            [0, 1, 0, 0],
            "ny e-mail",
        ),
        (
            "Anna Birkmose;anna@ny.example;12-04-1987;",
            &["--another", "2"],
            [1, 0, 0, 0],
            "",
        ),
        ("Anna Birkmose;anna@ny.example;;", &[], [1, 0, 0, 0], ""),
        (
            "Ny;ny@post.example;;",
            &["--same", "9"],
            [1, 0, 0, 0],
            "Listen har ingen linje 9.",
        ),
    ];
    for (row, more, expect, words) in table {
        let file = house.file("k.csv", format!("{titles}{row}\n"));
        assert_eq!(
            house.counts(&file, "Hold 2", more),
            expect,
            "{row} {more:?}"
        );
        let args = [&["import", &file, "--cohort", "Hold 2", "--dry-run"], more].concat();
        let said = house
            .run(&args)
            .out
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(said.contains(words), "{row} {more:?}: {said}");
    }
    let twice = house.file(
        "t.csv",
        format!("{titles}Bo Å;bo@post.example;1990-01-02;\nBo Aa;BO@post.example;;\nBo Å;andet@post.example;2.1.1990;\n"),
    );
    assert_eq!(house.counts(&twice, "Hold 2", &[]), [1, 0, 1, 1]);
    assert_eq!(
        house.counts(&twice, "Hold 2", &["--another", "4"]),
        [2, 0, 1, 0]
    );
}

#[test]
fn an_import_is_taken_back_as_if_it_had_not_been() {
    let house = House::with_hold();
    house.second_hold();
    let titles = "navn;email;foedselsdato;telefon;rolle:job_consultant\n";
    let consultant = "eva.aagrenholt@jobcenter-storaadal.example";
    let rows = format!(
        "Ny Person;ny@post.example;1990-01-02;11;{consultant}\nAnna Gift;anna.birkmose@post.example;;99;\n"
    );
    let file = house.file("k.csv", format!("{titles}{rows}"));
    let before = [
        house.ok(&["cohort", "show", "Hold 2"]),
        house.ok(&["cohort", "list"]),
        house.ok(&["cohort", "show", "Hold 1"]),
        house.ok(&["agenda", "Hold 2"]),
        house.ok(&["numbers", "--hold", "Hold 2"]),
    ];
    house.table(&[
        (
            &["import", &file, "--cohort", "Hold 2", "--same", "3"],
            0,
            &["2 kandidater er taget ind", "--undo 2"],
        ),
        (
            &["cohort", "show", "Hold 2"],
            0,
            &["Indstillet (2)", "Anna Gift", "Ny Person"],
        ),
        (&["cohort", "show", "Hold 1"], 0, &["Anna Gift"]),
        (
            &["numbers", "--hold", "Hold 2", "--show", "all"],
            0,
            &["Anna Gift", "Ny Person"],
        ),
        (
            &["import", "--undo", "2"],
            0,
            &["2 kandidater er taget tilbage fra »Hold 2«"],
        ),
        (&["import", "--undo", "2"], 1, &["taget tilbage i forvejen"]),
        (
            &["import", "--undo", "7"],
            1,
            &["ingen import med nummer 7"],
        ),
        (
            &["import", "--list", "--cohort", "Hold 2"],
            0,
            &["taget tilbage"],
        ),
    ]);
    let after = [
        house.ok(&["cohort", "show", "Hold 2"]),
        house.ok(&["cohort", "list"]),
        house.ok(&["cohort", "show", "Hold 1"]),
        house.ok(&["agenda", "Hold 2"]),
        house.ok(&["numbers", "--hold", "Hold 2"]),
    ];
    assert_eq!(before, after);
    // Nothing is left of who came with it, and the list can be taken in anew.
    house.table(&[(
        &["why", "ny@post.example", "welcome"],
        1,
        &["ingen kandidat »ny@post.example«"],
    )]);
    assert_eq!(
        house.counts(&file, "Hold 2", &["--same", "3"]),
        [1, 1, 0, 0]
    );
}

#[test]
fn what_somebody_has_acted_on_is_not_taken_back() {
    let house = House::with_hold();
    house.ok(&[
        "fire",
        super::ANNA,
        "facts",
        "--set",
        "target_group=jobparat",
    ]);
    house.table(&[
        (
            &["import", "--undo", "1"],
            1,
            &[
                "Anna Birkmose kan ikke tages tilbage. Noget er sket mandag den 4. januar 2027",
                "De andre kan godt tages tilbage.",
                "--the-rest",
            ],
        ),
        (&["cohort", "show", "Hold 1"], 0, &["Indstillet (16)"]),
        (
            &["import", "--undo", "1", "--the-rest"],
            0,
            &[
                "15 kandidater er taget tilbage",
                "Anna Birkmose bliver. Noget er sket",
            ],
        ),
        (
            &["cohort", "show", "Hold 1"],
            0,
            &["Indstillet (1)", "Anna Birkmose"],
        ),
    ]);
}

#[test]
fn a_workbook_is_taken_in_and_an_empty_one_is_made() {
    let house = House::with_hold();
    let file = house.path("liste.xlsx").display().to_string();
    house.table(&[
        (
            &["import", "--template", &file, "--cohort", "Hold 1"],
            0,
            &["kun navn og e-mail skal udfyldes"],
        ),
        (
            &["import", &file, "--cohort", "Hold 1"],
            1,
            &["Listen har ingen kandidater."],
        ),
    ]);
    let titled = house.json(&["import", &file, "--cohort", "Hold 1", "--dry-run"]);
    let hows = titled["columns"].as_array().expect("columns").iter();
    let hows: std::collections::BTreeSet<&str> = hows.filter_map(|of| of["how"].as_str()).collect();
    assert!(hows.is_subset(&["exact", "title"].into()), "{hows:?}");
}
