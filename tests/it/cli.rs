//! The commands as people type them: the built binary in a folder of its own.
//!
//! A database carries its own clock, so the clock of these tests stands still at a stated moment
//! (it advances by less than a second in a year).

mod back;
mod days;
mod erased;
mod files;
mod foresee;
mod imports;
mod keys;
mod lists;
mod mails;
mod postgres;
mod preview;
mod refused;
mod told;
mod undo;
mod versions;
mod without;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
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
    /// Its database, where it is not the file in the folder.
    server: Option<String>,
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
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            server: None,
        }
    }

    /// Its clock shows this moment, UTC.
    fn at(moment: &str) -> Self {
        let house = Self::empty();
        house.set_clock(moment);
        house
    }

    fn set_clock(&self, moment: &str) {
        let at = moment.parse().expect("a moment");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let store = match &self.server {
                None => Store::open(self.path("t.db")).await,
                Some(server) => Store::connect(server).await,
            };
            let store = store.expect("a database");
            set_clock(&store, at, STILL).await.expect("a clock");
            store.close().await.expect("closed");
        });
    }

    /// The main job as far as a hold with candidates, on 4 January 2027 at 9 o'clock.
    fn with_hold() -> Self {
        let house = Self::at("2027-01-04T08:00:00Z");
        house.ok(&["people", "import", &example(STAFF)]);
        house.ok(&[
            "cohort",
            "create",
            "holstebro-introforloeb",
            "--title",
            "Hold 1",
            "--date",
            "start=2027-02-01",
        ]);
        house.ok(&[
            "import",
            &example("examples/holstebro-kandidater.csv"),
            "--cohort",
            "Hold 1",
        ]);
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

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tovholder"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear();
        match &self.server {
            None => command.env("DATABASE_URL", self.path("t.db")),
            Some(server) => command.env("DATABASE_URL", server),
        };
        command.env("TOVHOLDER_WORKFLOWS", root().join("workflows"));
        command.env("TOVHOLDER_TEMPLATES", root().join("email-templates"));
        command
    }

    fn run(&self, args: &[&str]) -> Came {
        let output = self.command(args).output().expect("the command runs");
        let text = |bytes: Vec<u8>| self.anonymous(&String::from_utf8(bytes).expect("UTF-8"));
        Came {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
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
        let text = text
            .replace(&folder, "FOLDER")
            .replace(&root().display().to_string(), "ROOT");
        // The hash of a preview is also that of the hold's id.
        let text = match text.split_once("--hash ") {
            Some((before, after)) => {
                let rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
                let digits = after.len() - rest.len();
                format!("{before}--hash {}{rest}", "0".repeat(digits))
            }
            None => text,
        };
        let is_id =
            |word: &str| word.len() == 36 && word.chars().filter(|c| *c == '-').count() == 4;
        let mut out = String::new();
        for piece in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            out.push_str(&if is_id(word) {
                piece.replace(word, &"0".repeat(36))
            } else {
                piece.to_owned()
            });
        }
        out
    }
}

/// From an empty database to mail that waits: what each command says.
fn main_job(house: &House) -> String {
    let mut told = String::new();
    let commands: &[&[&str]] = &[
        &["people", "import", &example(STAFF), "--dry-run"],
        &["people", "import", &example(STAFF)],
        &["people", "import", &example(STAFF)],
        &[
            "cohort",
            "create",
            "holstebro-introforloeb",
            "--title",
            "Hold 1",
            "--date",
            "start=2027-02-01",
        ],
        &["cohort", "list"],
        &[
            "import",
            &example("examples/holstebro-kandidater.csv"),
            "--cohort",
            "Hold 1",
            "--dry-run",
        ],
        &[
            "import",
            &example("examples/holstebro-kandidater.csv"),
            "--cohort",
            "Hold 1",
        ],
        &["agenda", ANNA],
        &["fire", ANNA],
        &[
            "fire",
            ANNA,
            "accept",
            "--set",
            "wage_scheme=voksenelev",
            "--as",
            "education_consultant",
        ],
        &[
            "fire",
            "Hold 1",
            "facts",
            "--set",
            "first_day_time=Kl. 8.00",
            "--set",
            "school_place=Skolevej 1",
        ],
        &["why", ANNA, "welcome"],
        &["why", ANNA, "practical_info"],
        &["outbox", "list"],
        &["outbox", "show", "1"],
        &["cohort", "show", "Hold 1"],
    ];
    for args in commands {
        let shown: Vec<String> = args.iter().map(|arg| house.anonymous(arg)).collect();
        let _ = write!(
            told,
            "$ tovholder {}\n{}\n",
            shown.join(" "),
            house.ok(args)
        );
    }
    told
}

#[test]
fn the_main_job_from_nothing() {
    let house = House::at("2027-01-04T08:00:00Z");
    let told = main_job(&house);
    let wide: Vec<&str> = told
        .lines()
        .filter(|line| !line.starts_with('$') && line.width() > 80)
        .collect();
    assert_eq!(wide, Vec::<&str>::new());
    insta::assert_snapshot!("main-job", told);
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
        (
            &["fire", ANNA, "accept", "--set", "wage_scheme=ingen"],
            "/state/0",
        ),
        (&["why", ANNA, "welcome"], "/mails/0/status"),
        (&["outbox", "list"], "/0/to"),
        (&["outbox", "show", "1"], "/message_id"),
        (&["fire", ANNA, "accept"], "/refusal"),
        (
            &["import", "nothing.csv", "--cohort", "Hold 1"],
            "/problems/0/message",
        ),
    ];
    for (args, pointer) in table {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        let came = house.run(&args);
        let json: serde_json::Value = serde_json::from_str(&came.out).expect("JSON");
        assert!(
            json.pointer(pointer).is_some_and(|found| !found.is_null()),
            "{args:?} {pointer}: {}",
            came.out
        );
    }
}

#[test]
fn the_same_key_is_taken_once() {
    let house = House::with_hold();
    let args = [
        "fire",
        ANNA,
        "accept",
        "--set",
        "wage_scheme=ingen",
        "--key",
        "k1",
    ];
    house.table(&[
        (&args, 0, &["»Indstillet« → »Optaget«"]),
        (&args, 0, &["Det er noteret før", "Nu i »Optaget«"]),
    ]);
    assert_eq!(house.ok(&["outbox", "list"]).lines().count(), 2);
}

#[test]
fn a_meeting_of_the_hold_is_held_for_those_who_came() {
    let house = House::at("2027-02-18T09:00:00Z");
    house.ok(&["people", "import", &example(STAFF)]);
    house.ok(&[
        "cohort",
        "create",
        "jrs-bliv-klar-til-sosu",
        "--title",
        "Forår",
        "--date",
        "start=2027-04-26",
    ]);
    house.ok(&[
        "cohort",
        "create",
        "jrs-bliv-klar-til-sosu",
        "--title",
        "Efterår",
        "--date",
        "start=2027-08-30",
    ]);
    house.ok(&[
        "import",
        &example("examples/jrs-kandidater.csv"),
        "--cohort",
        "Forår",
    ]);
    house.table(&[
        (
            &[
                "fire",
                "Forår",
                "info_meeting.booked",
                "--at",
                "2027-06-24T13:00",
            ],
            1,
            &["Det kan holdes fra 15.3.2027 til 5.4.2027"],
        ),
        (
            &[
                "fire",
                "Forår",
                "info_meeting.booked",
                "--at",
                "2027-03-24T13:00",
                "--place",
                "Salen",
            ],
            0,
            &["Møde booket: Informationsmøde, onsdag den 24. marts 2027 kl. 13.00, Salen"],
        ),
        (&["why", "Forår", "network_mail"], 0, &["Herefter"]),
    ]);
    house.set_clock("2027-03-24T14:30:00Z");
    house.table(&[
        (
            &[
                "fire",
                "Forår",
                "cohort.info_meeting.held",
                "--absent",
                ANNA,
            ],
            1,
            &["»--absent«"],
        ),
        (
            &[
                "fire",
                "Forår",
                "info_meeting.held",
                "--absent",
                "alma.vestersoe@post.example",
            ],
            0,
            &[
                "Møde holdt: Informationsmøde",
                "Mødt til informationsmøde: 18",
            ],
        ),
        (
            &["cohort", "show", "Efterår"],
            0,
            &["Indstillet til informationsmøde (1)", "Alma Vestersø"],
        ),
    ]);
}
