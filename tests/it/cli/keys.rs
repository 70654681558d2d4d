//! Keys as an operator meets them: made, put first, shown, changed; what is said when they are missing or wrong; and a
//! change of key that is killed again and again.

use std::fs;
use std::process::{Command, Stdio};

use tovholder::seal::{Keys, fresh_key};
use tovholder::store::{AccountNew, Added, NoteNew, Sees, Store};
use unicode_width::UnicodeWidthStr;

use super::mails::mail_round_with;
use super::{ANNA, House};
use crate::support::{KEY, keys};

/// A second key that everybody knows, and its id.
const NEXT: (&str, &str) = ("QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=", "3e19e58e");
const REASON: &str = "Rygsmerter siden påske";
const JONAS: &str = "jonas.oernefeldt@post.example";

/// Names with what they are set to.
type Variables<'v> = &'v [(&'v str, &'v str)];

impl House {
    /// A file of keys that only its owner reads.
    fn keys(&self, name: &str, text: &str) -> String {
        let file = self.file(name, text);
        mode(&file, 0o600);
        file
    }

    /// What a command says, with these variables besides, as text at 80 columns.
    fn says(&self, variables: Variables<'_>, args: &[&str]) -> (i32, String) {
        let mut command = self.command(args);
        let output = command
            .envs(variables.iter().copied())
            .output()
            .expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        let text = self.anonymous(&String::from_utf8(text).expect("UTF-8"));
        for line in text.lines() {
            assert!(line.width() <= 80 || line.contains("FOLDER"), "{line}");
        }
        for key in [KEY.0, NEXT.0] {
            assert!(!text.contains(&key[..9]), "a key is said: {text}");
        }
        (output.status.code().unwrap_or(-1), text)
    }

    async fn store(&self, keys: &str) -> Store {
        let keys: Keys = keys.parse().expect("keys");
        Store::open_with(self.path("t.db"), keys)
            .await
            .expect("a database")
    }
}

#[cfg(unix)]
fn mode(file: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("its mode");
}

#[test]
fn what_is_wrong_with_a_key_is_told_before_anything_is_done() {
    let house = House::with_hold();
    let file = house.keys("key", KEY.0);
    let open = house.file("open", KEY.0);
    mode(&open, 0o644);
    let other = house.keys("other", NEXT.0);
    let list = ["cohort", "list"];
    assert_eq!(house.says(&[("TOVHOLDER_KEY_FILE", &file)], &list).0, 0);
    let junk = house.keys("junk", &format!("{}\nhemmelig-nok", KEY.0));
    let nothing = house.keys("nothing", "# intet\n");
    let absent = house.path("absent").display().to_string();
    let both = [("TOVHOLDER_KEY", KEY.0), ("TOVHOLDER_KEY_FILE", &*file)];
    let serve = [
        "serve",
        "--mail-from",
        "post@college.example",
        "--mail-dir",
        "mails",
    ];
    let rows: [(Variables<'_>, &[&str]); 11] = [
        (&[], &list),
        (&[], &serve),
        (&[], &["key", "show"]),
        (&[("TOVHOLDER_KEY", NEXT.0)], &list),
        (&[("TOVHOLDER_KEY_FILE", &other)], &serve),
        (&[("TOVHOLDER_KEY_FILE", &open)], &list),
        (&[("TOVHOLDER_KEY_FILE", &junk)], &list),
        (&[("TOVHOLDER_KEY_FILE", &nothing)], &list),
        (&[("TOVHOLDER_KEY_FILE", &absent)], &list),
        (&[("TOVHOLDER_KEY", "")], &list),
        (&both, &list),
    ];
    let mut told = String::new();
    for (variables, args) in rows {
        let (code, said) = house.says(variables, args);
        assert_eq!(code, 1, "{said}");
        assert!(!said.contains("hemmelig-nok"), "{said}");
        let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
        told.push_str(&format!(
            "{} $ tovholder {}\n{said}\n",
            names.join(" "),
            args[..2].join(" ")
        ));
    }
    insta::assert_snapshot!("keys-refused", told);
}

#[test]
fn a_key_is_made_used_and_changed_and_people_read_what_they_read_before() {
    let house = House::with_hold();
    let said = |args: &[&str]| {
        format!(
            "$ tovholder {}\n{}\n",
            args.join(" "),
            house.says(&[], args).1
        )
    };
    let fire = ["fire", ANNA, "facts", "--set"];
    let reason = format!("leave_reason={REASON}");
    let args = [&fire[..], &[&reason]].concat();
    let (code, text) = house.says(&[], &args);
    assert_eq!(code, 0, "{text}");
    assert!(
        house.bytes_hold(REASON),
        "so that what is not found is not there"
    );

    let file = house.keys("key", &format!("{}  # den gamle\n", KEY.0));
    let mut told = said(&["key", "show"]);
    let with = |file: &str, args: &[&str]| {
        let (code, text) = house.says(&[("TOVHOLDER_KEY_FILE", file)], args);
        format!("$ tovholder {} # {code}\n{text}\n", args.join(" "))
    };
    for args in [["key", "show"], ["key", "rotate"], ["key", "show"]] {
        told.push_str(&with(&file, &args));
    }
    assert!(!house.bytes_hold(REASON));
    fs::write(&file, format!("{}\n{}\n", NEXT.0, KEY.0)).expect("written");
    for args in [["key", "show"], ["key", "rotate"], ["key", "show"]] {
        told.push_str(&with(&file, &args));
    }
    fs::write(&file, NEXT.0).expect("written");
    told.push_str(&with(&file, &["key", "show"]));
    told.push_str(&said(&["key", "give-up", NEXT.1]));
    told.push_str(&with(&file, &["key", "give-up", NEXT.1]));
    told.push_str(&said(&["key", "give-up", KEY.1]));
    told.push_str(&said(&["key", "give-up", NEXT.1, "--apply"]));
    told.push_str(&said(&["key", "show"]));
    insta::assert_snapshot!("keys-changed", told);
}

fn id_of(key: &str) -> String {
    let keys: Keys = key.parse().expect("a key");
    keys.first().expect("an id").to_owned()
}

/// Somebody's case and the account of who writes about it.
async fn case_of(store: &Store) -> (i64, i64) {
    let person = store
        .person_by_email(ANNA)
        .await
        .expect("a person")
        .expect("Anna")
        .id;
    let cases = store
        .cases_of_people(Sees::All, &[person])
        .await
        .expect("cases");
    let account = AccountNew {
        public_id: "account".into(),
        person_id: person,
        login: ANNA.into(),
        role: "coordinator".into(),
        at: 0,
    };
    (
        cases[0].id,
        store.open_account(account).await.expect("an account"),
    )
}

async fn write_note(store: &Store, (case_id, account_id): (i64, i64), at: usize) {
    let note = NoteNew {
        case_id,
        account_id,
        key: at.to_string(),
        at: 0,
        text: format!("Note {at}"),
        is_confidential: false,
        corrects: None,
    };
    let added = store.add_note(note, true, i64::MAX).await;
    assert_eq!(added.expect("written"), Added::Done);
}

impl House {
    fn bytes_hold(&self, words: &str) -> bool {
        let files = fs::read_dir(self.folder.path()).expect("the folder");
        let mut files = files.map(|entry| entry.expect("an entry").path());
        files.any(|file| {
            let bytes = fs::read(file).unwrap_or_default();
            bytes
                .windows(words.len())
                .any(|part| part == words.as_bytes())
        })
    }
}

#[test]
fn a_mail_whose_case_does_not_open_waits_and_the_others_leave() {
    let house = House::with_hold();
    let variables = [("TOVHOLDER_KEY", KEY.0)];
    for args in [
        [
            "fire",
            ANNA,
            "facts",
            "--set",
            &format!("leave_reason={REASON}"),
        ],
        ["fire", ANNA, "accept", "--set", "wage_scheme=ingen"],
        ["fire", JONAS, "accept", "--set", "wage_scheme=ingen"],
    ] {
        let (code, said) = house.says(&variables, &args);
        assert_eq!(code, 0, "{said}");
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(house.path("t.db"));
        let raw = sqlx::ConnectOptions::connect(&options).await;
        let changed = sqlx::query("UPDATE texts SET text = 'A' || text")
            .execute(&mut raw.expect("a connection"))
            .await;
        assert_eq!(changed.expect("changed").rows_affected(), 1);
    });
    let mailed = mail_round_with(&house, Vec::new(), keys());
    assert_eq!((mailed.sent, mailed.waiting), (1, 1));
    let (_, said) = house.says(&variables, &["outbox", "show", "1"]);
    assert!(
        said.contains("Anna Birkmose") && said.contains("texts.text"),
        "{said}"
    );
}

#[test]
fn a_new_key_stands_first_in_a_file_of_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::empty();
    let printed = house.ok(&["key", "new"]);
    let keys: Keys = printed.parse().expect("a file of one key");
    assert!(printed.contains(keys.first().expect("an id")), "{printed}");
    let file = house.path("keys").display().to_string();
    let ids = |text: &str| -> Vec<String> {
        let keys: Keys = text.parse().expect("keys");
        keys.ids().map(str::to_owned).collect()
    };
    let mut before = Vec::new();
    for made in 1..=3 {
        let said = house.ok(&["key", "new", "--to", &file]);
        let text = fs::read_to_string(&file).expect("the file");
        let now = ids(&text);
        assert_eq!(
            (now.len(), &now[1..]),
            (made, &before[..]),
            "the others stay, behind it"
        );
        assert!(
            said.contains(&now[0]) && !said.contains(&text[..9]),
            "{said}"
        );
        let mode = fs::metadata(&file).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        before = now;
    }
    let nowhere = house.path("nowhere/keys").display().to_string();
    let came = house.run(&["key", "new", "--to", &nowhere]);
    assert_eq!(came.code, 1, "{came:?}");
    assert!(came.err.contains("--to"), "{came:?}");
}

#[test]
fn a_change_of_key_is_killed_again_and_again_and_ends_with_the_new_key_alone() {
    let house = House::with_hold();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(killed_again_and_again(&house));
}

async fn killed_again_and_again(house: &House) {
    const NOTES: usize = 3_000;
    let [old, new] = [fresh_key(), fresh_key()];
    let store = house.store(&old).await;
    let case = case_of(&store).await;
    for at in 0..NOTES {
        write_note(&store, case, at).await;
    }
    store.close().await.expect("closed");
    let both = house.keys("key", &format!("{new}\n{old}\n"));
    let rotate = || {
        let mut command: Command = house.command(&["key", "rotate", "--key-file", &both]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("it runs")
    };
    let store = house.store(&format!("{new}\n{old}")).await;
    let id = id_of(&new);
    let turned = async || {
        let by = store.sealed_by().await.expect("counted");
        let by = by.iter().find(|by| by.key.as_ref() == Some(&id));
        by.map_or(0, |by| by.notes)
    };
    let mut written = NOTES;
    for _ in 0..6 {
        let before = turned().await;
        let mut one = rotate();
        // It dies as soon as it has done something.
        while turned().await == before {
            assert!(
                one.try_wait().expect("its state").is_none(),
                "it ends by itself"
            );
        }
        drop(one.kill());
        one.wait().expect("it has ended");
        write_note(&store, case, written).await;
        written += 1;
    }
    let left = i64::try_from(written).expect("a few") - turned().await;
    assert!(left > 0, "it was in the middle");
    assert!(rotate().wait().expect("it ends").success());
    store.close().await.expect("closed");
    let store = house.store(&new).await;
    let notes = store.notes(Sees::All, case.0, None).await.expect("notes");
    let texts: Vec<String> = notes.into_iter().rev().map(|note| note.text).collect();
    let expect: Vec<String> = (0..written).map(|at| format!("Note {at}")).collect();
    assert_eq!(texts, expect);
    store.close().await.expect("closed");
}
