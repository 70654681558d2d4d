//! What is sealed: nobody who has the database and not the key reads it; what was changed or moved does not open; and
//! from one key to the next nothing is lost, whoever writes meanwhile and whenever it is ended.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tovholder::seal::{Keys, fresh_key};
use tovholder::store::{
    Added, Copied, DocumentNew, ListRow, NoteNew, Outcome, SealedBy, Sees, Store, StoreError,
    Turning, Write,
};

use super::accounts::account;
use super::{MINUTE, NOW, hold_with, step, words};
use crate::support::postgres::shared;

/// What nobody is to read, where it is put, in the order of [`read`].
const SECRETS: [&str; 5] = [
    "Rygsmerter siden påske",
    "Noten om Zoës skilsmisse",
    "Zoës epikrise.pdf",
    "diagnose F32.1 i brødtekst",
    "liste med Zoës ydelse",
];

/// A database that can be opened by several, and looked into.
struct Home {
    folder: TempDir,
    server: Option<String>,
}

impl Home {
    fn file() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            server: None,
        }
    }

    fn both() -> [Self; 2] {
        let server = Some(shared().database());
        [
            Self::file(),
            Self {
                server,
                ..Self::file()
            },
        ]
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sealed.db")
    }

    async fn try_open(&self, keys: &str) -> Result<Store, StoreError> {
        let keys: Keys = if keys.is_empty() {
            Keys::default()
        } else {
            keys.parse().unwrap()
        };
        match &self.server {
            None => Store::open_with(self.path(), keys).await,
            Some(url) => Store::connect_with(url, keys).await,
        }
    }

    async fn open(&self, keys: &str) -> Store {
        self.try_open(keys).await.unwrap()
    }

    /// Changes it behind everybody's back.
    async fn change(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        let changed = match &self.server {
            None => {
                let mut raw = self.raw().await;
                sqlx::raw_sql(sql)
                    .execute(&mut raw)
                    .await
                    .unwrap()
                    .rows_affected()
            }
            Some(url) => {
                let mut raw = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(sql)
                    .execute(&mut raw)
                    .await
                    .unwrap()
                    .rows_affected()
            }
        };
        assert!(changed > 0);
    }

    async fn raw(&self) -> SqliteConnection {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path());
        options.connect().await.unwrap()
    }

    /// All that somebody has who has the database: the bytes of its files, or every row of every table.
    async fn bytes(&self) -> Vec<u8> {
        let Some(url) = &self.server else {
            let mut all = Vec::new();
            for entry in std::fs::read_dir(self.folder.path()).unwrap() {
                all.extend(std::fs::read(entry.unwrap().path()).unwrap());
            }
            return all;
        };
        let mut raw = PgConnection::connect(url).await.unwrap();
        let tables: Vec<(String,)> =
            sqlx::query_as("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                .fetch_all(&mut raw)
                .await
                .unwrap();
        let mut all = String::new();
        for (table,) in tables {
            let rows = AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} AS t"));
            let rows: Vec<(String,)> = sqlx::query_as(rows).fetch_all(&mut raw).await.unwrap();
            all.extend(rows.into_iter().map(|(row,)| row + "\n"));
        }
        all.into_bytes()
    }

    /// Which of the secrets somebody finds in it, also where PostgreSQL shows bytes as hex.
    async fn found(&self) -> Vec<&'static str> {
        let bytes = self.bytes().await;
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        let hex = |text: &str| {
            text.bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let found = SECRETS.into_iter();
        found
            .filter(|secret| holds(secret.as_bytes()) || holds(hex(secret).as_bytes()))
            .collect()
    }
}

/// A hold of two cases; the secrets stand on the first.
async fn fill(store: &Store) -> (i64, Vec<i64>, i64) {
    let (hold, cases) = hold_with(store, 2).await;
    let kim = account(store, "kim@kommune.example").await;
    let [reason, note, name, file, list] = SECRETS;
    say(store, cases[0], 1, reason).await.unwrap();
    let added = store
        .add_note(a_note(cases[0], kim, "a", note), true, 9)
        .await;
    assert_eq!(added.unwrap(), Added::Done);
    let document = DocumentNew {
        case_id: cases[0],
        account_id: kim,
        key: "f".into(),
        at: NOW,
        kind: "other".into(),
        name: name.into(),
        media: "application/pdf".into(),
        bytes: file.into(),
    };
    assert_eq!(store.add_document(document, 9).await.unwrap(), Added::Done);
    let list = ListRow {
        key: "l".into(),
        account_id: kim,
        cohort: "hold-1".into(),
        name: "liste.csv".into(),
        bytes: list.into(),
        ends_at: NOW + MINUTE,
    };
    store.keep_list(list, NOW).await.unwrap();
    (hold, cases, kim)
}

fn a_note(case_id: i64, account_id: i64, key: &str, text: &str) -> NoteNew {
    NoteNew {
        case_id,
        account_id,
        key: key.into(),
        at: NOW,
        text: text.into(),
        is_confidential: true,
        corrects: None,
    }
}

/// A step of a case at `seq` that keeps words.
async fn say(store: &Store, case: i64, seq: i64, text: &str) -> Result<(), StoreError> {
    let write = step(case, seq);
    let outcome = Outcome {
        texts: vec![words("leave_reason", text)],
        ..write.outcome
    };
    store.commit(vec![Write { outcome, ..write }], NOW).await?;
    Ok(())
}

/// So many texts that they fill pages, which are then divided.
const MUCH: i64 = 600;

/// Keeps that many words of a case, in no order and of different lengths.
async fn say_much(store: &Store, case: i64) {
    let all: Vec<i64> = (0..MUCH).map(|at| at * 7 % MUCH).collect();
    for (seq, part) in (1..).zip(all.chunks(50)) {
        let texts = part.iter().map(|at| {
            let long = SECRETS[0].repeat(usize::try_from(at % 9).unwrap() + 1);
            words(&format!("reason-{at:04}"), &long)
        });
        let write = step(case, seq);
        let outcome = Outcome {
            texts: texts.collect(),
            ..write.outcome
        };
        let write = Write { outcome, ..write };
        store.commit(vec![write], NOW).await.unwrap();
    }
}

/// What people read.
async fn read(store: &Store, case: i64, account: i64) -> Result<[String; 5], StoreError> {
    let texts = store.texts(&[case]).await?;
    let notes = store.notes(Sees::All, case, None).await?;
    let documents = store.documents(Sees::All, case).await?;
    let file = store
        .document(Sees::All, case, documents[0].id)
        .await?
        .unwrap();
    let list = store.list("l", account, NOW).await?.unwrap();
    assert_eq!(documents[0].name.as_ref(), Some(&file.name));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ok([
        texts[0].text.clone(),
        notes[0].text.clone(),
        file.name,
        text(file.bytes),
        text(list.bytes),
    ])
}

async fn turn(store: &Store) -> Turning {
    store.turn_key().await.unwrap();
    let mut turning = Turning::default();
    while !turning.is_done() {
        turning = store.seal_anew(turning).await.unwrap();
    }
    turning
}

/// How much is sealed by what, but for lists.
async fn by(store: &Store) -> Vec<(Option<String>, [i64; 3])> {
    let by = store.sealed_by().await.unwrap().into_iter();
    by.map(
        |SealedBy {
             key,
             texts,
             notes,
             documents,
             ..
         }| (key, [texts, notes, documents]),
    )
    .filter(|(_, counts)| *counts != [0; 3])
    .collect()
}

fn id(key: &str) -> String {
    let keys: Keys = key.parse().unwrap();
    keys.first().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_database_and_not_the_key_reads_nothing() {
    for home in Home::both() {
        let key = fresh_key();
        let store = home.open(&key).await;
        let (hold, cases, kim) = fill(&store).await;
        assert_eq!(read(&store, cases[0], kim).await.unwrap(), SECRETS);
        let copy = store.copied(Copied::Hold(hold)).await.unwrap();
        assert_eq!(
            copy.texts(&[cases[0]]).await.unwrap()[0].text,
            SECRETS[0],
            "played ahead"
        );
        assert_eq!(home.found().await, [""; 0]);
        store.close().await.unwrap();
        assert_eq!(home.found().await, [""; 0]);
        assert!(
            home.try_open("")
                .await
                .is_err_and(|error| error.lacks_keys())
        );
        // Whoever only puts it in order needs no key, and reads nothing.
        if home.server.is_none() {
            let without = Store::open(home.path()).await.unwrap();
            let texts = without.texts(&cases).await;
            assert!(texts.is_err_and(|error| error.lacks_keys()));
            without.close().await.unwrap();
        }
        let store = home.open(&key).await;
        assert_eq!(read(&store, cases[0], kim).await.unwrap(), SECRETS);
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_without_a_key_and_by_another_is_sealed_anew() {
    let [first, second] = [fresh_key(), fresh_key()];
    for home in Home::both() {
        let store = home.open("").await;
        let (_, cases, kim) = fill(&store).await;
        say_much(&store, cases[1]).await;
        let all = [1 + MUCH, 1, 1];
        assert_eq!(by(&store).await, [(None, all)]);
        store.close().await.unwrap();
        assert_eq!(
            home.found().await,
            SECRETS,
            "so that what is not found is not there"
        );

        let store = home.open(&first).await;
        assert_eq!(read(&store, cases[0], kim).await.unwrap(), SECRETS);
        let turned = turn(&store).await;
        assert_eq!(
            (turned.sealed, turned.broken),
            (MUCH as u64 + 3, Vec::new())
        );
        assert_eq!(by(&store).await, [(Some(id(&first)), all)]);
        // The list is gone within the hour.
        store.forget_lists(NOW + MINUTE).await.unwrap();
        assert!(store.write_anew().await.unwrap());
        assert_eq!(home.found().await, [""; 0]);
        store.close().await.unwrap();

        let store = home.open(&format!("{second}\n{first}")).await;
        let turned = turn(&store).await;
        assert_eq!(
            (turned.sealed, turned.broken),
            (MUCH as u64 + 3, Vec::new())
        );
        assert_eq!(turn(&store).await.sealed, 0, "what is done is done");
        assert_eq!(store.forget_keys().await.unwrap(), [""; 0]);
        store.close().await.unwrap();

        let only = home.try_open(&first).await.expect_err("the old key alone");
        assert_eq!(
            only.lacking_keys(),
            Some((&[id(&second)][..], &[id(&first)][..]))
        );
        let store = home.open(&second).await;
        assert_eq!(store.texts(&[cases[0]]).await.unwrap()[0].text, SECRETS[0]);
        assert_eq!(
            store.notes(Sees::All, cases[0], None).await.unwrap()[0].text,
            SECRETS[1]
        );
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_moved_or_changed_does_not_open_and_the_rest_does() {
    let key = fresh_key();
    for home in Home::both() {
        let store = home.open(&key).await;
        let (_, cases, kim) = fill(&store).await;
        say(&store, cases[1], 1, "Ferie").await.unwrap();
        let other = store
            .add_note(a_note(cases[1], kim, "a", "Har bil"), true, 9)
            .await;
        assert_eq!(other.unwrap(), Added::Done);
        let broken = |error: StoreError| error.is_broken_seal() && !error.lacks_keys();

        let of = |case: i64| format!("(SELECT text FROM texts WHERE subject_id = {case})");
        home.change(&format!(
            "UPDATE texts SET text = {} WHERE subject_id = {}",
            of(cases[1]),
            cases[0]
        ))
        .await;
        assert!(
            store.texts(&cases).await.is_err_and(broken),
            "another case's"
        );
        assert_eq!(store.texts(&cases[1..]).await.unwrap()[0].text, "Ferie");

        home.change(&format!(
            "UPDATE notes SET text = 'A' || text WHERE case_id = {}",
            cases[0]
        ))
        .await;
        assert!(
            store
                .notes(Sees::All, cases[0], None)
                .await
                .is_err_and(broken),
            "changed"
        );
        assert_eq!(
            store.notes(Sees::All, cases[1], None).await.unwrap()[0].text,
            "Har bil"
        );

        let documents = store.documents(Sees::All, cases[0]).await.unwrap();
        let backwards = if home.server.is_some() {
            "'\\x01'::bytea || bytes"
        } else {
            "CAST(x'01' || bytes AS BLOB)"
        };
        home.change(&format!("UPDATE documents SET bytes = {backwards}"))
            .await;
        let file = store.document(Sees::All, cases[0], documents[0].id).await;
        assert!(file.is_err_and(broken), "longer by a byte");
        home.change("UPDATE documents SET sealed_by = '00000000'")
            .await;
        let file = store.documents(Sees::All, cases[0]).await;
        assert!(
            file.is_err_and(|error| error.lacks_keys()),
            "by a key that there is not"
        );
        home.change(&format!("UPDATE documents SET sealed_by = '{}'", id(&key)))
            .await;

        // Whoever seals anew leaves what is damaged, says where it is, and that the old key is still asked for.
        let next = home.open(&format!("{}\n{key}", fresh_key())).await;
        let turned = turn(&next).await;
        assert_eq!(turned.sealed, 2, "{turned:?}");
        assert_eq!(turned.broken.len(), 3, "{turned:?}");
        assert_eq!(next.forget_keys().await.unwrap(), [id(&key)]);
        for store in [store, next] {
            store.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lacks_the_key_in_use_is_refused_to_write_and_reads_what_it_can() {
    let [first, second] = [fresh_key(), fresh_key()];
    for home in Home::both() {
        let lacks = |error: StoreError| error.lacks_keys();
        let without = home.open("").await;
        let (_, cases, kim) = fill(&without).await;
        let old = home.open(&first).await;
        // Not in the clear, once there is a key.
        assert!(
            say(&without, cases[0], 2, "Klartekst")
                .await
                .is_err_and(lacks)
        );
        say(&old, cases[0], 2, SECRETS[0]).await.unwrap();

        let new = home.open(&format!("{second} {first}")).await;
        say(&new, cases[1], 1, "Før skiftet").await.unwrap();
        assert_eq!(
            old.texts(&cases).await.unwrap().len(),
            2,
            "the key in use goes before the first"
        );
        turn(&new).await;
        let refused = [
            say(&old, cases[0], 3, "Gammel").await,
            old.add_note(a_note(cases[0], kim, "b", "Gammel"), true, 9)
                .await
                .map(|_| ()),
            old.texts(&cases).await.map(|_| ()),
        ];
        for refused in refused {
            assert!(refused.is_err_and(lacks));
        }
        // What has no words goes on.
        old.commit(vec![step(cases[0], 3)], NOW).await.unwrap();
        assert_eq!(new.texts(&cases[1..]).await.unwrap()[0].text, "Før skiftet");
        for store in [without, old, new] {
            store.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_from_key_to_key_while_others_write_and_whenever_it_is_ended() {
    for home in Home::both() {
        let mut keys = vec![fresh_key()];
        let store = home.open(&keys[0]).await;
        let (_, cases) = hold_with(&store, 450).await;
        let kim = account(&store, "kim@kommune.example").await;
        for (at, case) in cases.iter().enumerate() {
            say(&store, *case, 1, &format!("Grund {at}")).await.unwrap();
            let note = a_note(*case, kim, "a", &format!("Note {at}"));
            store.add_note(note, true, 9).await.unwrap();
        }
        store.close().await.unwrap();
        let mut seq = 2;
        for round in 0..3 {
            keys.insert(0, fresh_key());
            let turner = home.open(&keys.join("\n")).await;
            let writer = home.open(&keys.join("\n")).await;
            let turned = async {
                turner.turn_key().await.unwrap();
                let mut turning = Turning::default();
                // Ended after some batches, it begins anew.
                for _ in 0..=round {
                    turning = turner.seal_anew(turning).await.unwrap();
                }
                let mut turning = Turning::default();
                while !turning.is_done() {
                    turning = turner.seal_anew(turning).await.unwrap();
                }
            };
            let written = async {
                for (at, case) in cases.iter().enumerate().rev().step_by(9) {
                    say(&writer, *case, seq, &format!("Ny {seq} {at}"))
                        .await
                        .unwrap();
                }
            };
            tokio::join!(turned, written);
            assert_eq!(turner.forget_keys().await.unwrap(), [""; 0]);
            assert_eq!(by(&turner).await, [(Some(id(&keys[0])), [450, 450, 0])]);
            seq += 1;
            turner.close().await.unwrap();
            writer.close().await.unwrap();
        }
        let store = home.open(&keys[0]).await;
        let texts = store.texts(&cases).await.unwrap();
        let said = |at: usize| {
            if (449 - at).is_multiple_of(9) {
                format!("Ny {} {at}", seq - 1)
            } else {
                format!("Grund {at}")
            }
        };
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(text.text, said(at));
        }
        assert_eq!(texts.len(), 450);
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_told_when_it_is_opened() {
    let key = fresh_key();
    for home in Home::both() {
        home.open(&key).await.close().await.unwrap();
        let open = async |keys: &str| home.try_open(keys).await.err();
        let lacking = |error: Option<StoreError>| {
            error.and_then(|error| error.lacking_keys().map(|(lacking, _)| lacking.to_vec()))
        };
        assert_eq!(lacking(open("").await), Some(vec![id(&key)]));
        assert_eq!(lacking(open(&fresh_key()).await), Some(vec![id(&key)]));
        assert!(open(&format!("{} {key}", fresh_key())).await.is_none());
        // What each key is known by does not open: whatever has happened, nothing is written.
        home.change("UPDATE seal_keys SET word = 'AQ'").await;
        assert!(open(&key).await.is_some_and(|error| error.is_broken_seal()));
    }
}
