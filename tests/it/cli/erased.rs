//! Somebody is erased, by a person's wish or by time, and nothing of them is left: not in any row, not in any byte of any
//! file of the installation, while the service runs. What they counted for stays, and every history still replays.

use std::fs;

use jiff::Timestamp;
use serde_json::Value as Json;
use tovholder::engine::event::Event;
use tovholder::engine::subject::Subject;
use tovholder::runner::serve::set_clock;
use tovholder::store::{AccountNew, DocumentNew, NoteNew, PersonImport, Sees, Store, SubjectRow};

use super::{House, STAFF, STILL, example};
use crate::faults::service::{Service, until};
use crate::support::{bytes, postgres};

const EMAIL: &str = "kvaksalia@mummelgaarden.example";
/// What is said of one candidate, in each place where words are kept, and of nobody else.
const WORDS: [&str; 11] = [
    "Kvaksalia",
    "Zornæbsen",
    "mummelgaarden",
    "0099887766",
    "1977-07-17",
    "sværdliljeduft",
    "krumspringende",
    "hvidtjørnesaft",
    "brombærranker",
    "gærdesmuttens",
    "0099112233",
];
/// What stays, since it is somebody else's.
const OTHERS: [&str; 2] = ["Anna Birkmose", "anna.birkmose@post.example"];

/// A candidate and a consultant are written to, a jobcentre is told of them, and what is over is anonymised.
const WORKFLOW: &str = "
workflow: bytes
title: Bytes
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles:
  coordinator: {title: Tovholder, per: cohort}
  job_consultant: {title: Jobkonsulent, per: candidate}
cohort:
  dates: {start: {title: Start}}
  messages: {status: {template: jobcentre-status, to: jobcentre, every: workday at 10:00, about: [here]}}
messages:
  monthly: {template: jobcentre-status, to: jobcentre, every: workday at 10:00, about: [here]}
candidate:
  title: Kandidat
  facts:
    why: {title: Hvorfor, type: text, confidential: yes}
    open: {title: Andet, type: text}
  states:
    here:
      title: Her
      messages: {hello: {template: stopped-notice, to: [candidate, job_consultant], when: entered}}
      events: {leave: {title: Går, needs: [why], then: out}}
    out: {title: Ude, final: neutral}
";

/// A house where much is known of her, and mail has been written into a folder.
struct Known {
    house: House,
    /// What is not the installation's own: lists, mailboxes, archives.
    outside: tempfile::TempDir,
    /// Her cases: one that is over, and one that is under way.
    cases: [SubjectRow; 2],
}

impl Known {
    async fn store(house: &House) -> Store {
        let store = match &house.server {
            None => Store::open(house.path("t.db")).await,
            Some(server) => Store::connect(server).await,
        };
        store.expect("a database")
    }

    async fn clock(house: &House, moment: &str) {
        let store = Self::store(house).await;
        let at = moment.parse().expect("a moment");
        set_clock(&store, at, STILL).await.expect("a clock");
        store.close().await.expect("closed");
    }

    async fn new(house: House) -> Self {
        Self::of(house, "1 month after ended").await
    }

    /// With a time after which cases are anonymised.
    async fn of(house: House, retention: &str) -> Self {
        let outside = tempfile::tempdir().expect("a folder");
        let into = outside.path().to_owned();
        let file = |name: &str, text: &str| {
            let path = into.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        Self::clock(&house, "2027-01-04T08:30:00Z").await;
        house.ok(&["people", "import", &example(STAFF)]);
        let workflow = format!("{WORKFLOW}retention: {{anonymise: {retention}}}\n");
        file("flows/bytes.yaml", &workflow);
        let flows = outside.path().join("flows").display().to_string();
        let list = |phone: &str, others: &str| {
            format!(
                "navn;email;telefon;foedselsdato;jobcenter;rolle:job_consultant;fakta:open\n\
                 Kvaksalia Zornæbsen;{EMAIL};{phone};1977-07-17;Jobcenter Storådal;\
                 eva.aagrenholt@jobcenter-storaadal.example;Duft: sværdliljeduft\n{others}"
            )
        };
        let anna = "Anna Birkmose;anna.birkmose@post.example;00 12 11 45;1987-04-12;Jobcenter Storådal;\
                    eva.aagrenholt@jobcenter-storaadal.example;\n";
        for (hold, phone, others, more) in [
            ("Et", "0099112233", anna, &[][..]),
            ("To", "0099887766", "", &["--same", "2"]),
        ] {
            let args = [
                "cohort",
                "create",
                "bytes",
                "--workflows",
                &flows,
                "--title",
                hold,
            ];
            house.ok(&[&args[..], &["--date", "start=2027-02-01"]].concat());
            let list = file(&format!("{hold}.csv"), &list(phone, others));
            house.ok(&[&["import", &list, "--cohort", hold], more].concat());
        }
        let store = Self::store(&house).await;
        let mut cases = Vec::new();
        for hold in store.cohorts().await.expect("holds") {
            let of = store.subjects_of(Sees::All, hold.id).await.expect("cases");
            cases.push(of.into_iter().next().expect("hers comes first"));
        }
        let known = Self {
            house,
            outside,
            cases: cases.try_into().expect("two holds"),
        };
        known.beside(&store).await;
        store.close().await.expect("closed");
        known.mailed(4).await;
        // A day later the jobcentre is told of both, by each hold and by the workflow.
        Self::clock(&known.house, "2027-01-05T09:15:00Z").await;
        known.mailed(7).await;
        known.written(&file);
        let case = &known.cases[0].public_id;
        known
            .house
            .ok(&["fire", case, "leave", "--set", "why=Så krumspringende"]);
        known.house.ok(&["suppressed", "add", "bytes", EMAIL]);
        known
    }

    /// A note and a file on the case that is over.
    async fn beside(&self, store: &Store) {
        let person = PersonImport {
            name: "Kim Holm".into(),
            email: Some("kim@kommune.example".into()),
            ..PersonImport::default()
        };
        let account = AccountNew {
            public_id: "0193a7c0-0000-7000-8000-000000000001".into(),
            person_id: store.upsert_person(person).await.expect("somebody"),
            login: "kim@kommune.example".into(),
            role: "coordinator".into(),
            at: 0,
        };
        let account_id = store.open_account(account).await.expect("an account");
        let note = NoteNew {
            case_id: self.cases[0].id,
            account_id,
            key: "n".into(),
            at: self.cases[0].last_at,
            text: "Drikker hvidtjørnesaft.".into(),
            is_confidential: true,
            corrects: None,
        };
        store.add_note(note, false, 9).await.expect("a note");
        let document = DocumentNew {
            case_id: self.cases[0].id,
            account_id,
            key: "d".into(),
            at: self.cases[0].last_at,
            kind: "cv".into(),
            name: "brombærranker.txt".into(),
            media: "text/plain".into(),
            // Longer than a page of the database.
            bytes: "Om brombærranker og andet. ".repeat(2_000).into_bytes(),
        };
        store.add_document(document, 9).await.expect("a file");
        let cases = [self.cases[0].id];
        store
            .log_access(account_id, &cases, "case", self.cases[0].last_at)
            .await
            .expect("logged");
    }

    /// The service runs until so many mails lie in the folder.
    async fn mailed(&self, mails: usize) {
        let mut service = self.serve(&[]);
        let folder = self.house.path("mails");
        let there = || fs::read_dir(&folder).map_or(0, Iterator::count);
        let came = until(async || there() >= mails).await;
        assert!(came, "{} of {mails}: {}", there(), service.log());
        service.must_run();
        let log = service.stop().await;
        assert_eq!(
            bytes::found_in_bytes("log", log.as_bytes(), &WORDS),
            [""; 0]
        );
    }

    fn serve(&self, more: &[&str]) -> Service {
        let args = [
            "serve",
            "--mail-from",
            "post@college.example",
            "--mail-dir",
            "mails",
        ];
        Service::of(self.house.command(&[&args[..], more].concat()))
    }

    /// She answers a mail.
    fn written(&self, file: &impl Fn(&str, &str) -> String) {
        let letter = format!(
            "From: {EMAIL}\r\nTo: post@college.example\r\nSubject: Om gærdesmuttens rede\r\n\
             Message-ID: <1@mummelgaarden.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nDer er gærdesmuttens unger.\r\n"
        );
        file("post/new/1", &letter);
        let inbox = format!("maildir:{}", self.outside.path().join("post").display());
        let told = self.house.ok(&[
            "intake",
            "--intake",
            &inbox,
            "--mail-from",
            "post@college.example",
        ]);
        assert!(told.contains("Nye: 1"), "{told}");
    }

    /// Where her words stand, in any way.
    async fn found(&self) -> Vec<String> {
        let mut found = bytes::found_in(self.house.folder.path(), &WORDS);
        if let Some(server) = &self.house.server {
            found.extend(bytes::found_in_bytes("rows", &rows(server).await, &WORDS));
        }
        found
    }

    /// Each of her words stands somewhere.
    async fn is_there(&self) {
        let found = self.found().await;
        for word in WORDS {
            let is_found = found.iter().any(|found| found.contains(word));
            assert!(is_found, "{word} stands nowhere: {found:#?}");
        }
    }

    /// Nothing of her is left, the others are there, all histories replay, and the counts are those of before.
    async fn is_gone(&self, counts: &Json) {
        assert_eq!(self.found().await, [""; 0]);
        let said = self.house.ok(&["cohort", "show", "Et"]);
        assert!(said.contains("Anna Birkmose"), "{said}");
        let store = Self::store(&self.house).await;
        let mut replayed = 0;
        for hold in store.cohorts().await.expect("holds") {
            let cases = store.subjects_of(Sees::All, hold.id).await.expect("cases");
            for row in cases.iter().chain([&hold]) {
                replays(&store, row).await;
                replayed += 1;
            }
        }
        assert_eq!(replayed, 5);
        let anna = store.people_called("Anna Birkmose").await.expect("people");
        let mails = store.mails_of_person(anna[0]).await.expect("mails");
        assert!(
            mails
                .iter()
                .any(|mail| mail.to_them == 1 && mail.frozen.is_some()),
            "hers stay"
        );
        store.close().await.expect("closed");
        assert_eq!(counts, &self.counts());
    }

    /// How many ever came where.
    fn counts(&self) -> Json {
        let came = self.house.run(&["numbers", "bytes", "--format", "json"]);
        let all: Json = serde_json::from_str(&came.out).expect("JSON");
        assert!(!all[0]["funnel"].is_null(), "{all}");
        all[0]["funnel"].clone()
    }
}

/// Every row of every table, as text; bytes are hexadecimal in it.
async fn rows(server: &str) -> Vec<u8> {
    let pool = sqlx::PgPool::connect(server).await.expect("the server");
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .expect("tables");
    assert!(tables.len() > 30, "{tables:?}");
    let mut all = Vec::new();
    for (table,) in tables {
        let text = format!("SELECT t::text FROM {table} AS t");
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .fetch_all(&pool)
            .await
            .expect("rows");
        all.extend(rows.into_iter().flat_map(|(row,)| row.into_bytes()));
    }
    pool.close().await;
    all
}

async fn replays(store: &Store, row: &SubjectRow) {
    let history = store.history(row.id).await.expect("a history");
    let events: Vec<(Timestamp, Event)> = (history.iter())
        .map(|event| {
            let at = Timestamp::from_microsecond(event.at).expect("an instant");
            (at, serde_json::from_str(&event.payload).expect("an event"))
        })
        .collect();
    let replayed = Subject::replay(events.iter().map(|(at, event)| (*at, event)));
    let stored: Subject = serde_json::from_str(&row.snapshot).expect("a snapshot");
    assert_eq!(replayed, Some(stored));
}

/// She is erased while the service runs.
async fn erased_by_a_person(house: House) {
    let known = Known::new(house).await;
    known.is_there().await;
    let counts = known.counts();
    let mut service = known.serve(&[]);
    service.begun().await;
    let house = &known.house;
    let flat = |args: &[&str], code: i32, words: &[&str]| house.table(&[(args, code, words)]);
    flat(
        &["person", "erase", EMAIL],
        1,
        &["Det bliver ikke gjort", "Forløbet på To er i gang."],
    );
    flat(
        &["person", "hold", EMAIL, "--reason", "Klagesag 26/123"],
        0,
        &["bevares af retlige grunde"],
    );
    let apply = [
        "person",
        "erase",
        EMAIL,
        "--running",
        "--apply",
        "--mail-dir",
        "mails",
    ];
    flat(
        &apply,
        1,
        &["bevares af retlige grunde siden 5.1.2027: Klagesag 26/123."],
    );
    flat(
        &["person", "hold", EMAIL, "--release"],
        0,
        &["bevares ikke længere"],
    );
    flat(
        &["person", "erase", EMAIL, "--running"],
        0,
        &["Intet er slettet endnu.", "1 notater", "1 filer"],
    );
    known.is_there().await;
    flat(&apply, 0, &["Slettet", "2 sager, heraf 1 i gang"]);
    service.must_run();
    let log = service.stop().await;
    assert_eq!(
        bytes::found_in_bytes("log", log.as_bytes(), &WORDS),
        [""; 0]
    );
    known.is_gone(&counts).await;
    flat(&["person", "show", EMAIL], 1, &["Der er ingen person"]);
    let id = known.cases[0].public_id.clone();
    flat(
        &["person", "show", &id],
        0,
        &["(slettet)", "anonymiseret", "slettet (kommandolinjen)"],
    );
    flat(
        &["person", "erase", &id, "--apply"],
        1,
        &["allerede slettet"],
    );
}

#[tokio::test]
async fn nobody_who_is_erased_is_left_in_any_byte() {
    erased_by_a_person(House::empty()).await;
}

#[tokio::test]
async fn nobody_who_is_erased_is_left_in_any_row_of_postgresql() {
    let mut house = House::empty();
    house.server = Some(postgres::shared().database());
    erased_by_a_person(house).await;
}

/// What is over goes by itself, a month later; what is kept for legal reasons when it is let go.
#[tokio::test]
async fn time_leaves_nobody_in_any_byte() {
    let known = Known::new(House::empty()).await;
    let house = &known.house;
    house.ok(&[
        "fire",
        &known.cases[1].public_id,
        "leave",
        "--set",
        "why=Så krumspringende",
    ]);
    house.ok(&["person", "hold", EMAIL, "--reason", "Klagesag 26/123"]);
    let counts = known.counts();
    Known::clock(house, "2027-02-15T23:30:00Z").await;
    let mut service = known.serve(&[]);
    service.begun().await;
    let said = || house.ok(&["why", &known.cases[0].public_id, "retention"]);
    // Lines are broken at 80 columns.
    let why = || said().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        why().contains("oplysningerne bevares af retlige grunde"),
        "{}",
        why()
    );
    assert!(
        known
            .found()
            .await
            .iter()
            .any(|found| found.contains("Kvaksalia"))
    );
    house.ok(&["person", "hold", EMAIL, "--release"]);
    let gone = until(async || why().contains("Sagen er anonymiseret.")).await;
    assert!(gone, "{}: {}", why(), service.log());
    // The file is written anew, and the files of mails go, at the service's next look around.
    let scrubbed = until(async || known.found().await.is_empty()).await;
    service.must_run();
    let log = service.stop().await;
    assert!(scrubbed, "{:#?}\n{log}", known.found().await);
    known.is_gone(&counts).await;
}

#[tokio::test]
async fn whoever_asks_is_given_all_that_there_is_and_nothing_about_others() {
    let known = Known::new(House::empty()).await;
    let house = &known.house;
    let out = known.outside.path().join("indsigt.zip");
    let to = out.display().to_string();
    house.table(&[
        (
            &["person", "export", EMAIL, "--out", &to],
            0,
            &["Alt om Kvaksalia Zornæbsen"],
        ),
        (
            &["person", "show", EMAIL],
            0,
            &[
                "udleveret efter anmodning om indsigt (kommandolinjen)",
                "Ude",
            ],
        ),
        (
            &["person", "export", "Nobody"],
            1,
            &["Der er ingen person »Nobody«."],
        ),
    ]);
    let files = unpacked(&fs::read(&out).expect("the archive"));
    let all: Vec<u8> = files
        .iter()
        .flat_map(|(name, bytes)| [name.as_bytes(), bytes].concat())
        .collect();
    let found = bytes::found_in_bytes("zip", &all, &WORDS);
    for word in WORDS {
        assert!(
            found.iter().any(|found| found.contains(word)),
            "{word} is not in it: {found:#?}"
        );
    }
    assert_eq!(
        bytes::found_in_bytes("zip", &all, &OTHERS),
        [""; 0],
        "another candidate"
    );
    let page = &files
        .iter()
        .find(|(name, _)| name == "index.html")
        .expect("a page")
        .1;
    let page = String::from_utf8_lossy(page);
    for words in [
        "hvidtjørnesaft",
        "gærdesmuttens unger",
        "[tovholder]",
        "sagen",
        "Så krumspringende",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(
        !page.contains("Kim Holm") && !page.contains("Eva"),
        "colleagues are masked: {page}"
    );
    let mails = files
        .iter()
        .filter(|(name, _)| name.starts_with("mails/"))
        .count();
    assert_eq!(
        mails,
        4,
        "to her and to her consultant, twice: {:?}",
        names(&files)
    );
    assert!(
        files
            .iter()
            .any(|(name, _)| name == "filer/1-brombærranker.txt"),
        "{:?}",
        names(&files)
    );
    insta::assert_snapshot!("archive", names(&files).join("\n"));
    // The same with colleagues' names, for whoever decides that they are to be told.
    house.ok(&["person", "export", EMAIL, "--out", &to, "--with-staff"]);
    let files = unpacked(&fs::read(&out).expect("the archive"));
    let page = &files
        .iter()
        .find(|(name, _)| name == "index.html")
        .expect("a page")
        .1;
    assert!(String::from_utf8_lossy(page).contains("Kim Holm"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&out).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "for its owner alone");
    }
}

/// A workflow whose journals come first.
#[tokio::test]
async fn nobody_is_anonymised_before_their_journal_is_written_out() {
    let known = Known::of(House::empty(), "1 month after ended, journal: first").await;
    let house = &known.house;
    let case = &known.cases[0].public_id;
    Known::clock(house, "2027-02-15T23:30:00Z").await;
    let out = known.outside.path().join("journaler");
    let to = out.display().to_string();
    let mut service = known.serve(&[]);
    service.begun().await;
    house.table(&[
        (&["why", case, "retention"], 0, &["anonymiseres ikke 5.2.2027 kl. 0.00: journalen skal gemmes først"]),
        (&["today"], 0, &["Journal mangler: 1 sag skulle være anonymiseret, men venter på, at journalen gemmes"]),
        (&["person", "erase", EMAIL, "--running"], 1, &["Journalen for forløbet på Et er ikke gemt", "tovholder journal"]),
        (&["journal", "Et", "--out", &to], 0, &["2 journaler er gemt", "kvaksalia-zornæbsen-"]),
    ]);
    assert!(!house.ok(&["today"]).contains("Journal mangler"));
    let gone = until(async || {
        house
            .ok(&["why", case, "retention"])
            .contains("Sagen er anonymiseret.")
    })
    .await;
    assert!(gone, "{}", service.log());
    service.must_run();
    service.stop().await;
    let words = bytes::found_in(&out, &WORDS);
    for word in [
        "Kvaksalia",
        "hvidtjørnesaft",
        "brombærranker",
        "gærdesmuttens",
        "krumspringende",
    ] {
        assert!(
            words.iter().any(|found| found.contains(word)),
            "{word}: {words:#?}"
        );
    }
    let folders: Vec<_> = fs::read_dir(&out).expect("a folder").collect();
    assert_eq!(folders.len(), 2, "a folder for each case");
}

fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).expect("a file");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).expect("its bytes");
        files.push((file.name().expect("UTF-8").into_owned(), bytes));
    }
    files
}

/// Names of files, without ids.
fn names(files: &[(String, Vec<u8>)]) -> Vec<String> {
    let named = files
        .iter()
        .map(|(name, _)| match name.strip_prefix("mails/") {
            Some(_) => "mails/ID.eml".to_owned(),
            None => name.clone(),
        });
    named.collect()
}
