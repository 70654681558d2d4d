//! The commands as people type them: the built binary in a folder of its own.
//!
//! A database carries its own clock, so the clock of these tests stands still at a stated moment
//! (it advances by less than a second in a year).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tovholder::runner::serve::set_clock;
use tovholder::store::Store;
use unicode_width::UnicodeWidthStr;

const STAFF: &str = "examples/organisationer-og-medarbejdere.csv";
const ANNA: &str = "anna.birkmose@post.example";
/// Virtual seconds a second: still.
const STILL: f64 = 1e-8;

/// A folder with a database whose clock stands still, and the shipped workflows and templates.
struct House {
    folder: TempDir,
}

/// What a command came to.
#[derive(Debug)]
struct Came {
    code: i32,
    out: String,
    err: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn example(name: &str) -> String {
    root().join(name).display().to_string()
}

impl House {
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Its clock shows this moment, UTC.
    fn at(moment: &str) -> Self {
        let house = Self::empty();
        house.set_clock(moment);
        house
    }

    fn set_clock(&self, moment: &str) {
        let at = moment.parse().expect("a moment");
        let path = self.path("t.db");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let store = Store::open(&path).await.expect("a database");
            set_clock(&store, at, STILL).await.expect("a clock");
            store.close().await.expect("closed");
        });
    }

    /// The main job as far as a hold with candidates, on 4 January 2027 at 9 o'clock.
    fn with_hold() -> Self {
        let house = Self::at("2027-01-04T08:00:00Z");
        house.ok(&["people", "import", &example(STAFF)]);
        house.ok(&["cohort", "create", "holstebro-introforloeb", "--title", "Hold 1", "--date", "start=2027-02-01"]);
        house.ok(&["import", &example("examples/holstebro-kandidater.csv"), "--cohort", "Hold 1"]);
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, bytes).expect("written");
        path.display().to_string()
    }

    fn run(&self, args: &[&str]) -> Came {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tovholder"));
        command.args(args).current_dir(self.folder.path()).env_clear();
        command.env("TOVHOLDER_DATABASE", self.path("t.db"));
        command.env("TOVHOLDER_WORKFLOWS", root().join("workflows"));
        command.env("TOVHOLDER_TEMPLATES", root().join("email-templates"));
        let output = command.output().expect("the command runs");
        let text = |bytes: Vec<u8>| self.anonymous(&String::from_utf8(bytes).expect("UTF-8"));
        Came { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    fn ok(&self, args: &[&str]) -> String {
        let came = self.run(args);
        assert_eq!(came.code, 0, "{args:?}: {came:?}");
        assert_eq!(came.err, "", "{args:?}");
        came.out
    }

    /// Runs each command and looks for words in what it says.
    fn table(&self, rows: &[(&[&str], i32, &[&str])]) {
        for (args, code, words) in rows {
            let came = self.run(args);
            let said = format!("{}{}", came.out, came.err);
            assert_eq!(came.code, *code, "{args:?}: {said}");
            for word in *words {
                // Lines are broken at 80 columns, and it is the words that count.
                let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(flat.contains(word), "{args:?} should say {word:?}:\n{said}");
            }
        }
    }

    /// Ids and folders differ from run to run.
    fn anonymous(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let text = text.replace(&folder, "FOLDER").replace(&root().display().to_string(), "ROOT");
        let is_id = |word: &str| word.len() == 36 && word.chars().filter(|c| *c == '-').count() == 4;
        let mut out = String::new();
        for piece in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            out.push_str(&if is_id(word) { piece.replace(word, &"0".repeat(36)) } else { piece.to_owned() });
        }
        out
    }
}

#[test]
fn the_main_job_from_nothing() {
    let house = House::at("2027-01-04T08:00:00Z");
    let mut told = String::new();
    let commands: &[&[&str]] = &[
        &["people", "import", &example(STAFF), "--dry-run"],
        &["people", "import", &example(STAFF)],
        &["people", "import", &example(STAFF)],
        &["cohort", "create", "holstebro-introforloeb", "--title", "Hold 1", "--date", "start=2027-02-01"],
        &["cohort", "list"],
        &["import", &example("examples/holstebro-kandidater.csv"), "--cohort", "Hold 1", "--dry-run"],
        &["import", &example("examples/holstebro-kandidater.csv"), "--cohort", "Hold 1"],
        &["agenda", ANNA],
        &["fire", ANNA],
        &["fire", ANNA, "accept", "--set", "wage_scheme=voksenelev", "--as", "education_consultant"],
        &["fire", "Hold 1", "facts", "--set", "first_day_time=Kl. 8.00", "--set", "school_place=Skolevej 1"],
        &["why", ANNA, "welcome"],
        &["why", ANNA, "practical_info"],
        &["outbox", "list"],
        &["outbox", "show", "1"],
        &["cohort", "show", "Hold 1"],
    ];
    for args in commands {
        let shown: Vec<String> = args.iter().map(|arg| house.anonymous(arg)).collect();
        told.push_str(&format!("$ tovholder {}\n{}\n", shown.join(" "), house.ok(args)));
    }
    let wide: Vec<&str> = told.lines().filter(|line| !line.starts_with('$') && line.width() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new());
    insta::assert_snapshot!("the main job", told);
}

#[test]
fn every_answer_is_also_json() {
    let house = House::with_hold();
    let table: &[(&[&str], &str)] = &[
        (&["check"], "/errors"),
        (&["calendar", "2026"], "/weeks/52/week"),
        (&["cohort", "list"], "/0/title"),
        (&["cohort", "show", "Hold 1"], "/states/0/cases/15"),
        (&["agenda"], "/0/items/0/why"),
        (&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"], "/state/0"),
        (&["why", ANNA, "welcome"], "/mails/0/status"),
        (&["outbox", "list"], "/0/to"),
        (&["outbox", "show", "1"], "/message_id"),
        (&["fire", ANNA, "accept"], "/refusal"),
        (&["import", "nothing.csv", "--cohort", "Hold 1"], "/problems/0/message"),
    ];
    for (args, pointer) in table {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        let came = house.run(&args);
        let json: serde_json::Value = serde_json::from_str(&came.out).expect("JSON");
        assert!(json.pointer(pointer).is_some_and(|found| !found.is_null()), "{args:?} {pointer}: {}", came.out);
    }
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let house = House::empty();
    house.table(&[
        (&["cohort", "list"], 1, &["ingen database FOLDER/t.db", "people import"]),
        (&["agenda"], 1, &["ingen database"]),
        (&["import", "x.csv", "--cohort", "x"], 1, &["ingen database"]),
        (&["people", "import", "nothing.csv"], 1, &["nothing.csv kan ikke læses"]),
        (&["cohort", "create", "holstebro", "--title", "x"], 1, &["intet workflow »holstebro«", "Mente du »holstebro-introforloeb«?"]),
        (&["cohort", "create", "x", "--title", "x", "--workflows", "none"], 1, &["none: cannot be read", "--workflows"]),
        (&["cohort", "create", "holstebro-introforloeb", "--title", "x", "--templates", "none"], 1, &["none: cannot be read"]),
        (&[], 2, &["Usage"]),
        (&["cohrot", "list"], 2, &["cohort"]),
        (&["fire", "x", "y", "--at", "2027-03-11"], 2, &["2027-03-11T13:00"]),
        (&["fire", "x", "y", "--set", "a"], 2, &["NAME=VALUE"]),
        (&["outbox", "list", "--status", "gone"], 2, &["queued"]),
        (&["outbox", "release"], 2, &["--lot"]),
    ]);
    assert!(!house.path("t.db").exists(), "a question does not make a database");
    house.file("t.db", "this is no database, but a text that somebody saved here by mistake ".repeat(20));
    house.table(&[(&["cohort", "list"], 1, &["FOLDER/t.db kan ikke åbnes"])]);
}

#[test]
fn a_hold_needs_its_dates_and_its_people() {
    let house = House::at("2027-01-04T08:00:00Z");
    let create = |rest: &[&'static str]| -> Vec<&'static str> {
        ["cohort", "create", "odense-for-forloeb", "--title", "Hold 7"].iter().chain(rest).copied().collect()
    };
    let table: &[(&[&str], &[&str])] = &[
        (&[], &["Datoen »start« mangler: Første praktikdag.", "Datoen »gf_start« mangler"]),
        (
            &["--date", "start=2027-08-10", "--date", "gf_strat=2027-10-04"],
            &[
                "»--date start«: Det skal være en mandag, men 2027-08-10 er en tirsdag.",
                "Nærmest ligger 2027-08-09 og derefter 2027-08-16.",
                "Holdet har ingen dato »gf_strat«. Mente du »gf_start«?",
                "Datoen »gf_start« mangler",
            ],
        ),
        (&["--date", "start=9. august"], &["»9. august« er ikke en dato.", "2026-02-28"]),
        (
            &["--date", "start=9-8-2027", "--date", "gf_start=4.10.2027", "--role", "mentor=x@y.example", "--role", "coordinator=x@y.example", "--set", "plads=1"],
            &["Rollen »mentor« gives ikke pr. hold.", "ingen med adressen »x@y.example«", "ingen oplysning »plads« her"],
        ),
        (&["--date", "start=9-8-2027", "--date", "gf_start=4.10.2027", "--title", "Hold 120487-1234"], &["cannot be used multiple times"]),
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
        &["Første praktikdag mandag den 9. august 2027", "Ingen er Tovholder (coordinator)"],
    )]);
    house.table(&[(
        &["cohort", "create", "odense-for-forloeb", "--title", "Sent", "--date", "start=2026-08-10", "--date", "gf_start=2026-10-05"],
        0,
        &["start er mandag den 10. august 2026, som er passeret"],
    )]);
}

#[test]
fn staff_that_cannot_be_taken_in_is_named_line_by_line() {
    let house = House::at("2027-01-04T08:00:00Z");
    let titles = "organisation;type;organisationsmail;navn;email;telefon;roller\r\n";
    let table: &[(&str, &[&str])] = &[
        (
            "X;jobcenter;post@x.example;Bo Å;bo@x.example;12;holstebro-introforloeb:coordinater\r\n\
             X;jobcenter;andet@x.example;Ida Ø;ida;12;holstebro:coordinator, tovholder\r\n\
             ;;;Eva;;;\r\n;skole;;;;;\r\n;;;;eva@x.example;;\r\n\
             Y;;;Bo B;bo@x.example;;candidate\r\nY;;;Per;per@x.example;120487-1234;\r\n",
            &[
                "listen har 10 fejl",
                "linje 2, »roller«: Der er ingen rolle »coordinater« i »holstebro-introforloeb«. Mente du »coordinator«?",
                "linje 3, »email«: »ida« er ikke en e-mailadresse.",
                "linje 3, »organisationsmail«: X har en anden adresse på linje 2: post@x.example.",
                "linje 3, »roller«: Der er intet workflow »holstebro«. Mente du »holstebro-introforloeb«?",
                "linje 3, »roller«: Der er ingen rolle »tovholder« i noget workflow.",
                "linje 4, »email«: E-mailadressen mangler.",
                "linje 5, »organisation«: Organisationens navn mangler.",
                "linje 6, »navn«: Navnet mangler.",
                "linje 7, »email«: Adressen hører til Bo Å på linje 2.",
                "linje 7, »roller«: Rollen »candidate« gives ikke til medarbejdere.",
                "linje 8, »telefon«: Her står noget, der ligner et CPR-nummer.",
            ],
        ),
    ];
    for (rows, words) in table {
        let file = house.file("staff.csv", format!("{titles}{rows}"));
        let words: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with("listen")).collect();
        house.table(&[(&["people", "import", &file], 1, &words)]);
    }
    // Nothing of it was taken: everyone in the right list is new.
    house.table(&[(&["people", "import", &example(STAFF)], 0, &["44 nye, 0 ændret"])]);
    let changed = house.file("one.csv", format!("{titles}X;skole;;Mø Kvisthøj;moe.kvisthoej@uddannelsesteam-storaadal.example;99;\r\nZ;skole;post@z.example;;;;\r\n"));
    house.table(&[(&["people", "import", &changed], 0, &["2 organisationer og 1 person er taget ind: 0 nye, 1 ændret"])]);
}

#[test]
fn candidates_that_cannot_be_taken_in_are_named_line_by_line() {
    let house = House::with_hold();
    let titles = "navn;email;telefon;foedselsdato;jobcenter;rolle:job_consultant;fakta:target_group;fakta:offered";
    let rows = "\
;a@post.example;;;;;;\r\n\
Bo Ål;bo@post.example;;31-02-1987;Jobcenter Storaadal;eva@x.example;dagpange;måske\r\n\
Eva Ny;Bo@post.example;120487-1234;2031-01-01;;;;\r\n\
Anna;anna.birkmose@post.example;;;;;;\r\n\
Ida;;;;;;;\r\n\
Per;per;;;;;;\r\n\
Kort;kort@post.example\r\n";
    let file = house.file("k.csv", format!("\u{feff}{titles}\r\n{rows}"));
    let wrongs: &[&str] = &[
        "Intet er taget ind",
        "linje 2, »navn«: Navnet mangler.",
        "linje 3, »foedselsdato«: »31-02-1987« er ikke en dato. Den dag findes ikke.",
        "linje 3, »jobcenter«: Der er ingen organisation »Jobcenter Storaadal«.",
        "linje 3, »rolle:job_consultant«: Der er ingen medarbejder med adressen »eva@x.example«.",
        "linje 3, »fakta:target_group«: »dagpange« er ikke et af valgene. Mente du »dagpenge«?",
        "linje 3, »fakta:offered«: »måske« er ikke ja eller nej.",
        "linje 4, »email«: »Bo@post.example« står også på linje 3.",
        "linje 4, »foedselsdato«: »2031-01-01« kan ikke være en fødselsdato.",
        "linje 4, »telefon«: Her står noget, der ligner et CPR-nummer.",
        "linje 5, »email«: »anna.birkmose@post.example« er allerede på holdet: Anna Birkmose.",
        "linje 6, »email«: E-mailadressen mangler.",
        "linje 7, »email«: »per« er ikke en e-mailadresse.",
        "linje 8: Linjen har 2 celler, men der er 8 overskrifter.",
    ];
    house.table(&[(&["import", &file, "--cohort", "Hold 1"], 1, wrongs)]);
    let columns = house.file("c.csv", "nvan;email;adresse;rolle:mentor\nBo;bo@post.example;x;y\n");
    let wrongs: &[&str] = &[
        "linje 1: Kolonnen »nvan« kendes ikke. Mente du »navn«?",
        "Kolonnen »adresse« kendes ikke.",
        "Kolonnen »rolle:mentor« kendes ikke.",
        "Kolonnen »navn« mangler.",
    ];
    house.table(&[(&["import", &columns, "--cohort", "Hold 1"], 1, wrongs)]);
    let empty = house.file("e.csv", "navn;email\n");
    house.table(&[(&["import", &empty, "--cohort", "Hold 1"], 1, &["Listen har ingen kandidater."])]);
    house.table(&[(&["import", &empty, "--cohort", "Hold 9"], 1, &["intet hold og ingen kandidat »Hold 9«"])]);
    assert!(house.ok(&["cohort", "show", "Hold 1"]).contains("Indstillet (16)"), "nothing was taken");
}

#[test]
fn lists_are_read_as_excel_saves_them() {
    let house = House::with_hold();
    let lists: [(&str, Vec<u8>); 5] = [
        ("bom", "\u{feff}navn;email\r\nÅse Bom;aase@post.example\r\n".into()),
        ("1252", b"navn;email;telefon\r\n\xc6r\xf8 \xc5;aeroe@post.example;+45 00 11\r\n".to_vec()),
        ("comma", "navn,email\n\"Bo, den =1+1\",komma@post.example\n".into()),
        ("tab", "Navn\tE-mail\tFødselsdato\nTabu Ø\ttab@post.example\t12-04-1987\n".into()),
        ("sep", "sep=;\nnavn;email;fakta:target_group\n=SUM(A1);regn@post.example;Dagpengemodtager\n;;\n".into()),
    ];
    for (name, bytes) in lists {
        let file = house.file(name, bytes);
        house.table(&[(&["import", &file, "--cohort", "Hold 1"], 0, &["1 kandidat er taget ind på »Hold 1«"])]);
    }
    house.table(&[(&["cohort", "show", "Hold 1"], 0, &["Åse Bom", "Ærø Å", "Bo, den =1+1", "Tabu Ø", "=SUM(A1)", "Indstillet (21)"])]);
    let workbook = house.file("k.xlsx", b"PK\x03\x04");
    house.table(&[(&["import", &workbook, "--cohort", "Hold 1"], 1, &["Excel-projektmappe", "CSV UTF-8"])]);
}

#[test]
fn what_cannot_happen_is_refused_with_what_can() {
    let house = House::with_hold();
    house.table(&[
        (&["fire", ANNA, "acept"], 1, &["»acept« er ikke muligt i »Indstillet«.", "accept Optag på holdet"]),
        (&["fire", ANNA, "accept"], 1, &["Lønordning under forløbet (--set wage_scheme=VÆRDI)"]),
        (&["fire", ANNA, "accept", "--as", "coordinator", "--set", "wage_scheme=ingen"], 1, &["Rollen Tovholder (coordinator) må ikke", "Det må Uddannelseskonsulent"]),
        (&["fire", ANNA, "accept", "--as", "boss"], 1, &["»--as«: Der er ingen rolle »boss«."]),
        (&["fire", ANNA, "accept", "--set", "wage_scheme=løn"], 1, &["»--set wage_scheme«: »løn« er ikke et af valgene."]),
        (&["fire", ANNA, "facts", "--set", "cohort.bring=Sko"], 1, &["oplysning om holdet", "facts --set bring="]),
        (&["fire", ANNA, "facts", "--set", "leave_reason=cpr 120487-1234"], 1, &["CPR-nummer"]),
        (&["fire", ANNA, "facts"], 1, &["intet at notere"]),
        (&["fire", ANNA, "cohort.decide.done"], 1, &["sker på holdet"]),
        (&["fire", ANNA, "clarify_wage_scheme.dun"], 1, &["Mente du »clarify_wage_scheme.done«?"]),
        (&["fire", ANNA, "clarify_wage_scheme.skipped"], 1, &["hverken frivillig eller tilbagevendende"]),
        (&["fire", ANNA, "career_conversation.booked"], 1, &["Hvornår er mødet?", "--at"]),
        (&["fire", ANNA, "career_conversation.booked", "--at", "2027-03-11 13.00"], 1, &["kan ikke bookes"]),
        (&["fire", ANNA, "career_conversation.held"], 1, &["er ikke booket"]),
        (&["fire", ANNA, "accept", "--at", "2027-03-11T13:00", "--absent", "x", "--set", "wage_scheme=ingen"], 1, &["»--at«", "»--absent«"]),
        (&["fire", "Hold 1", "accept"], 1, &["»accept« kendes ikke her."]),
        (&["fire", "Hold 1", "decide.done"], 1, &["der er 16 tilbage"]),
        (&["fire", "ingen@post.example", "accept"], 1, &["Der er intet hold og ingen kandidat"]),
        (&["why", ANNA, "welcom"], 1, &["Mente du »welcome«?"]),
        (&["why", ANNA, "status"], 1, &["Den hører til holdet", "why HOLD status"]),
        (&["outbox", "show", "99"], 1, &["Der er ingen mail 99."]),
        (&["outbox", "release", "--lot", "1"], 1, &["ingen mails tilbage i parti 1"]),
        (&["outbox", "list", "--cohort", "Hold 2"], 1, &["»Hold 2«"]),
    ]);
    assert!(house.ok(&["fire", ANNA]).contains("accept"), "nothing has changed");
}

#[test]
fn the_same_key_is_taken_once() {
    let house = House::with_hold();
    let args = ["fire", ANNA, "accept", "--set", "wage_scheme=ingen", "--key", "k1"];
    house.table(&[(&args, 0, &["»Indstillet« → »Optaget«"]), (&args, 0, &["Det er noteret før", "Nu i »Optaget«"])]);
    assert_eq!(house.ok(&["outbox", "list"]).lines().count(), 2);
}

#[test]
fn a_meeting_of_the_hold_is_held_for_those_who_came() {
    let house = House::at("2027-02-18T09:00:00Z");
    house.ok(&["people", "import", &example(STAFF)]);
    house.ok(&["cohort", "create", "jrs-bliv-klar-til-sosu", "--title", "Forår", "--date", "start=2027-04-26"]);
    house.ok(&["cohort", "create", "jrs-bliv-klar-til-sosu", "--title", "Efterår", "--date", "start=2027-08-30"]);
    house.ok(&["import", &example("examples/jrs-kandidater.csv"), "--cohort", "Forår"]);
    house.table(&[
        (&["fire", "Forår", "info_meeting.booked", "--at", "2027-06-24T13:00"], 1, &["Det kan holdes fra 15.3.2027 til 5.4.2027"]),
        (&["fire", "Forår", "info_meeting.booked", "--at", "2027-03-24T13:00", "--place", "Salen"], 0, &["Møde booket: Informationsmøde, onsdag den 24. marts 2027 kl. 13.00, Salen"]),
        (&["why", "Forår", "network_mail"], 0, &["Herefter"]),
    ]);
    house.set_clock("2027-03-24T14:30:00Z");
    house.table(&[
        (&["fire", "Forår", "cohort.info_meeting.held", "--absent", ANNA], 1, &["»--absent«"]),
        (
            &["fire", "Forår", "info_meeting.held", "--absent", "alma.vestersoe@post.example"],
            0,
            &["Møde holdt: Informationsmøde", "Mødt til informationsmøde: 18"],
        ),
        (&["cohort", "show", "Efterår"], 0, &["Indstillet til informationsmøde (1)", "Alma Vestersø"]),
    ]);
}

#[test]
fn mail_is_steered_by_hand_where_that_makes_sense() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    house.table(&[
        (&["outbox", "list", "--status", "queued"], 0, &["i kø", "Anna Birkmose", "holstebro-welcome"]),
        (&["outbox", "list", "--status", "sent"], 0, &["Ingen mails."]),
        (&["outbox", "show", "1", "--raw"], 0, &["Teksten skrives først, når mailen sendes."]),
        (&["outbox", "retry", "1"], 1, &["Mail 1 er i kø", "sendes af sig selv"]),
        (&["outbox", "release", "1"], 1, &["Mail 1 er i kø"]),
    ]);
}

#[test]
fn check_finds_what_is_wrong_between_workflows_and_templates() {
    let house = House::empty();
    let base = include_str!("../fixtures/workflows/base.yaml");
    let workflow = house.file("w/base.yaml", base.replace("lasts: 5 weeks", "lasts: 5 wekes"));
    let bad = house.file("w/latin.yaml", b"workflow: x\ntitle: \xc6r\xf8\n");
    let came = house.run(&["check", &workflow, &bad, "gone.yaml"]);
    assert_eq!(came.code, 1);
    for word in ["FOLDER/w/base.yaml:", "lasts: 5 wekes", "^^^^", "FOLDER/w/latin.yaml:2:1: error: this is not UTF-8 text", "gone.yaml:1:1: error: cannot be read", "Checked 1 workflow"] {
        assert!(came.out.contains(word), "{word}:\n{}", came.out);
    }
    // A folder of templates of its own, in which nearly everything is missing or broken.
    let part = |house: &House, name: &str, text: &str| house.file(&format!("t/da/{name}"), text);
    part(&house, "odd/subject.hbs", "Hej {{name");
    part(&house, "odd/body.txt.hbs", "{{nothing}}");
    let good = house.file("w/base.yaml", base);
    let came = house.run(&["check", &good, "t", "--templates", "t"]);
    assert_eq!(came.code, 1, "{}", came.out);
    for word in ["there is no template \"status\"", "[missing-template]", "meeting-invitation", "t/da/odd/subject.hbs:1:", "t/da/odd/body.html.hbs", "[template]"] {
        assert!(came.out.contains(word), "{word}:\n{}", came.out);
    }
    house.table(&[
        (&["check"], 0, &["Checked 3 workflows", "no problems"]),
        (&["check", &example("email-templates/da/network-mail")], 0, &["Checked 0 workflows and 1 template: no problems."]),
    ]);
}

#[test]
fn check_knows_which_names_a_mail_has() {
    let house = House::empty();
    copy(&root().join("email-templates"), &house.path("t"));
    house.file("t/da/holstebro-welcome/subject.hbs", "Velkommen {{candidate.first_name}}, {{items}}\n");
    let workflow = example("workflows/holstebro-introforloeb.yaml");
    house.table(&[(
        &["check", &workflow, "--templates", "t"],
        1,
        &["the template \"holstebro-welcome\" uses \"items\", which the mail \"welcome\" does not have", "Checked 1 workflow"],
    )]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn a_year_is_listed_with_its_laws_and_weeks() {
    let house = House::empty();
    let workflow = example("workflows/jrs-bliv-klar-til-sosu.yaml");
    house.table(&[
        (&["calendar", "2023"], 0, &["Store Bededag", "lov nr. 214 af 06/03/2023", "[2]"]),
        (&["calendar", "2026"], 0, &["Helligdage 2026", "53 28.12.2026"]),
        (&["calendar", "2027", "--workflow", &workflow], 0, &["Lukkedage: Bliv klar til SOSU", "Lørdag 5. juni"]),
        (&["calendar", "2027", "--language", "en"], 0, &["Public holidays 2027", "Good Friday", "Closing days of your own"]),
        (&["calendar", "1899"], 2, &["1900..=2200"]),
        (&["calendar", "next"], 2, &["invalid"]),
        (&["calendar", "2027", "--workflow", "gone.yaml"], 1, &["gone.yaml"]),
    ]);
    for year in ["1900", "2026", "2200"] {
        let shown = house.ok(&["calendar", year, "--workflow", &workflow]);
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
    }
}
