//! Mail as people and their calendars get to see it: previews, and the story of one meeting.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use tovholder::channel::{Channel, FileChannel};
use tovholder::message::Mailbox;
use tovholder::runner::serve::clock_of;
use tovholder::runner::{Mailer, Runner, Settings};
use tovholder::store::Store;

use super::super::support::python::python;
use super::{ANNA, House, root};

#[test]
fn a_mail_is_looked_at_before_it_is_due() {
    let house = House::empty();
    let said = house.ok(&[
        "mail",
        "preview",
        "holstebro-introforloeb",
        "welcome",
        "--dir",
        "one",
    ]);
    assert!(
        said.replace('\n', " ")
            .contains("1 mail med opdigtede navne ligger i one."),
        "{said}"
    );
    assert!(said.contains("welcome: .html, .txt, .eml\n"), "{said}");
    let text = fs::read_to_string(house.path("one/welcome.txt")).expect("a text");
    assert!(
        text.contains("Du får denne mail, fordi")
            && text.contains("Mailen er sendt af SOSU-indgangen."),
        "{text}"
    );
    assert!(!house.path("one/index.html").exists());

    let said = house.ok(&["mail", "preview", "jrs-bliv-klar-til-sosu", "--dir", "all"]);
    assert!(
        said.contains("Se dem ved siden af hinanden: all/index.html"),
        "{said}"
    );
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
    let index = fs::read_to_string(house.path("all/index.html")).expect("an index");
    assert!(index.contains("src=\"network_mail.html\" width=\"360\""));
    let ics =
        fs::read_to_string(house.path("all/talk-invitation-candidate.ics")).expect("an invitation");
    assert!(
        ics.contains("METHOD:REQUEST") && !house.path("all/talk-reminder-candidate.ics").exists()
    );
}

#[test]
fn what_cannot_be_previewed_is_said_with_what_was_meant() {
    let house = House::empty();
    let svg = house.file("logo.svg", "<svg/>");
    let large = house.file(
        "stor.png",
        [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![1; 60_000]].concat(),
    );
    house.file("fil", "");
    house.table(&[
        (
            &["mail", "preview", "holstebro-introforloeb", "welcom"],
            1,
            &["sender ingen mail »welcom«", "Mente du »welcome«?"],
        ),
        (
            &["mail", "preview", "holstebro-introforlob"],
            1,
            &["intet workflow", "Mente du »holstebro-introforloeb«?"],
        ),
        (
            &["mail", "preview", "holstebro-introforloeb", "--logo", &svg],
            1,
            &["kan ikke være logo", "PNG, JPEG eller GIF"],
        ),
        (
            &[
                "mail",
                "preview",
                "holstebro-introforloeb",
                "--logo",
                &large,
            ],
            1,
            &["fylder 61 kB", "50 kB er det meste"],
        ),
        (
            &[
                "mail",
                "preview",
                "holstebro-introforloeb",
                "--logo",
                "væk.png",
            ],
            1,
            &["kan ikke læses som logo"],
        ),
        (
            &[
                "mail",
                "preview",
                "holstebro-introforloeb",
                "--dir",
                "fil/under",
            ],
            1,
            &["kan ikke skrives", "--dir"],
        ),
    ]);
}

#[test]
fn a_workflow_in_english_sends_english_mail() {
    let house = House::empty();
    let workflows = root()
        .join("tests/fixtures/mail/workflows")
        .display()
        .to_string();
    house.ok(&[
        "check",
        "--deny",
        "warnings",
        "--workflows",
        &workflows,
        &workflows,
    ]);
    let args = [
        "simulate",
        "care-taster",
        "--workflows",
        &workflows,
        "--start",
        "2027-03-01",
        "--count",
        "2",
        "--mails",
        "sent",
    ];
    house.ok(&args);
    let texts = eml(&house.path("sent"), "txt");
    let all: String = texts
        .iter()
        .map(|path| fs::read_to_string(path).expect("a text"))
        .collect();
    for words in [
        "You are invited to a meeting:",
        "You get this mail because you take part in the meeting.",
        "This mail was sent by",
        "March 2027",
    ] {
        assert!(all.contains(words), "{words}\n{all}");
    }
    assert!(!all.contains("denne mail"), "{all}");
}

/// The files in a folder, by name.
fn eml(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|is| is == ending))
        .filter(|path| !path.ends_with("index.txt"))
        .collect();
    files.sort();
    files
}

/// The house's runner does what is due, then its mailer writes what may leave into the folder.
fn send(house: &House, folder: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(house.path("t.db")).await.expect("a database");
        let clock = clock_of(&store).await.expect("its clock");
        let from = Mailbox::parse("Storådal", "post@storaadal.example").expect("a mailbox");
        let runner = Runner::new(store.clone(), clock, Settings::new(from, "Storådal"));
        runner.work(runner.now()).await.expect("worked");
        let channel = Channel::File(FileChannel::new(house.path(folder)));
        let mailer = Mailer::new(runner, channel);
        while mailer.run_once().await.expect("a round").looked_at > 0 {}
        store.close().await.expect("closed");
    });
}

fn header(file: &Path, name: &str) -> String {
    let mail = fs::read_to_string(file)
        .expect("a mail")
        .replace("\r\n ", " ");
    let found = mail
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    found.unwrap_or_default().trim().to_owned()
}

/// Booked, moved twice, called off: what a calendar makes of it is one entry that is cancelled.
#[test]
fn a_calendar_ends_with_one_entry_that_is_cancelled() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    house.set_clock("2027-03-08T09:00:00Z");
    send(&house, "before");
    let talk = |what: &[&str]| {
        house.ok(&[&["fire", ANNA], what].concat());
    };
    let steps: [&[&str]; 4] = [
        &[
            "career_conversation.booked",
            "--at",
            "2027-03-16T13:00",
            "--place",
            "Lokale 2",
        ],
        &[
            "career_conversation.booked",
            "--at",
            "2027-03-17T13:00",
            "--place",
            "Lokale 2",
        ],
        &[
            "career_conversation.booked",
            "--at",
            "2027-03-17T13:00",
            "--place",
            "Lokale 4",
        ],
        &["career_conversation.cancelled"],
    ];
    let mut came = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        house.set_clock(&format!("2027-03-08T{:02}:00:00Z", 10 + number));
        talk(step);
        let folder = format!("step-{number}");
        send(&house, &folder);
        let mails = eml(&house.path(&folder), "eml");
        let mut annas = mails.into_iter().filter(|mail| {
            header(mail, "To").contains(ANNA)
                && fs::read_to_string(mail).is_ok_and(|text| text.contains("text/calendar"))
        });
        came.push(
            annas
                .next()
                .unwrap_or_else(|| panic!("no mail after {step:?}")),
        );
        assert_eq!(annas.next(), None, "one mail after {step:?}");
    }
    // One thread: the same root, and each mail its own id.
    let roots: Vec<String> = came
        .iter()
        .map(|mail| {
            header(mail, "References")
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    assert!(
        roots[0].starts_with("<thread.") && roots.iter().all(|root| *root == roots[0]),
        "{roots:?}"
    );

    let python = python("icalendar-6.3.1", &["icalendar==6.3.1"], "import icalendar");
    // A calendar gets the same whatever order the mails come in, and when one comes twice.
    let backwards: Vec<PathBuf> = [0, 2, 1, 3, 1, 3]
        .map(|at: usize| came[at].clone())
        .to_vec();
    for order in [came.clone(), backwards] {
        let output = Command::new(&python)
            .arg(root().join("tests/it/mails/itip.py"))
            .args(&order)
            .output()
            .expect("the calendar runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let entries: Vec<Json> = serde_json::from_slice(&output.stdout).expect(&said);
        assert_eq!(entries.len(), 1, "{entries:?}");
        let entry = &entries[0];
        assert_eq!(
            (&entry["status"], &entry["sequence"]),
            (&"CANCELLED".into(), &3.into()),
            "{entry}"
        );
        assert_eq!(entry["start"], "2027-03-17T13:00:00+01:00");
        assert_eq!(entry["place"], "Lokale 4");
    }
}
