//! What comes back, as it goes in a house: mail is sent, something comes into the Maildir, it is fetched, and
//! people see and settle what follows.

use std::fs;

use serde_json::Value as Json;

use super::mails::{mail_round, mail_round_returning_to};
use super::{ANNA, House, STAFF, example};
use crate::faults::service::{Service, until};

const FROM: &str = "post@storaadal.example";

/// A program's answer, ids and all.
fn json(house: &House, args: &[&str]) -> Json {
    let args = [args, &["--format", "json"]].concat();
    let output = house.command(&args).output().expect("the command runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The Message-ID of a mail.
fn message_id(house: &House, id: u32) -> String {
    let mail = json(house, &["outbox", "show", &id.to_string()]);
    let left = mail["message_id"].as_str().expect("an id");
    format!("<{left}@storaadal.example>")
}

fn deliver(house: &House, name: &str, text: &str) {
    house.file(&format!("retur/new/{name}"), text.replace('\n', "\r\n"));
}

fn fetch(house: &House) -> String {
    let inbox = format!("maildir:{}", house.path("retur").display());
    house.ok(&["intake", "--intake", &inbox, "--mail-from", FROM])
}

fn report(of: &str, to: &str, status: &str, words: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {FROM}\nSubject: Undelivered Mail Returned to Sender\n\
         Message-ID: <{status}.{}@mx.example>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {to}\nAction: failed\nStatus: {status}\n\
         Diagnostic-Code: smtp; {words}\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {of}\n\n--b--\n",
        of.trim_matches(['<', '>']).replace('@', ".")
    )
}

/// A house where Anna has been welcomed, as mail 1.
fn welcomed() -> House {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    assert_eq!(mail_round(&house, vec![]), 1);
    house
}

#[test]
fn an_address_that_does_not_exist_gets_no_more_mail_until_it_is_another() {
    let house = welcomed();
    let text = report(
        &message_id(&house, 1),
        ANNA,
        "5.1.1",
        "550 5.1.1 User unknown",
    );
    deliver(&house, "1", &text);
    assert!(fetch(&house).contains("Nye: 1, heraf venter 1"));
    assert!(house.path("retur/cur/1:2,S").is_file());
    // The same once more, as a server may deliver it, with other lines at its top.
    deliver(
        &house,
        "2",
        &format!("Received: from x by y; Mon, 4 Jan 2027 10:00:00 +0100\n{text}"),
    );
    assert!(fetch(&house).contains("Kendte i forvejen: 1"));
    house.table(&[
        (
            &["today"],
            0,
            &[
                "Kom retur: anna.birkmose@post.example: adressen findes ikke (5.1.1) · Anna Birkmose",
                "tovholder people address anna.birkmose@post.example NY_ADRESSE",
            ],
        ),
        (
            &["outbox", "show", "1"],
            0,
            &["Retur adressen findes ikke (5.1.1): 550 5.1.1 User unknown"],
        ),
        (&["received", "addresses"], 0, &[ANNA, "5.1.1"]),
        (&["received", "list", ANNA], 0, &["kom retur", "Anna Birkmose"]),
        (&["outbox", "again", "1"], 0, &[]),
    ]);
    mail_round(&house, vec![]);
    house.table(&[
        (
            &["outbox", "list", "--status", "held"],
            0,
            &["holdt tilbage"],
        ),
        (
            &["today"],
            0,
            &[
                "Holdt tilbage: mail 2",
                "adressen tager ikke imod mail",
                "tovholder outbox release 2",
            ],
        ),
        (
            &["people", "address", ANNA, "anna.ny@post.example"],
            0,
            &["er nu anna.ny@post.example"],
        ),
        (&["today"], 0, &["intet venter"]),
    ]);
    assert_eq!(mail_round(&house, vec![]), 1);
    house.table(&[(
        &["outbox", "show", "2"],
        0,
        &["sendt", "Til anna.ny@post.example"],
    )]);
}

#[test]
fn what_may_pass_holds_nothing_back_until_it_has_come_three_times() {
    let house = welcomed();
    for count in 1..=3 {
        let id = message_id(&house, count);
        let full = report(&id, ANNA, "5.2.2", "552 5.2.2 Mailbox full");
        deliver(&house, &count.to_string(), &full);
        fetch(&house);
        let waits = house.ok(&["today"]);
        let waits: Vec<&str> = waits.split_whitespace().collect();
        let waits = waits.join(" ");
        assert_eq!(
            waits.contains("postkassen er fuld"),
            count == 3,
            "{count}: {waits}"
        );
        if count < 3 {
            house.ok(&["outbox", "again", &count.to_string()]);
            assert_eq!(mail_round(&house, vec![]), 1, "it leaves as ever");
        }
    }
    house.table(&[
        (
            &["received", "addresses"],
            0,
            &["Alle adresser tager imod mail"],
        ),
        (&["received", "done", "3"], 0, &["Nr. 3 er klaret."]),
        (&["today"], 0, &["intet venter"]),
        (&["received", "done", "3"], 1, &["venter ikke på nogen"]),
    ]);
}

#[test]
fn a_report_about_another_address_marks_nobody() {
    let house = welcomed();
    let id = message_id(&house, 1);
    let text = report(
        &id,
        "en.anden@post.example",
        "5.1.1",
        "550 5.1.1 User unknown",
    );
    deliver(&house, "1", &text);
    deliver(
        &house,
        "2",
        &report("<0@elsewhere.example>", ANNA, "5.1.1", "550 5.1.1 unknown"),
    );
    assert!(fetch(&house).contains("Nye: 2, heraf venter 0"));
    house.table(&[(
        &["received", "addresses"],
        0,
        &["Alle adresser tager imod mail"],
    )]);
}

#[test]
fn what_people_write_is_filed_and_passed_on_without_what_is_secret() {
    let house = welcomed();
    let reply = |name: &str, text: &str| {
        let id = message_id(&house, 1);
        let mail = format!(
            "From: Anna <{ANNA}>\nTo: {FROM}\nSubject: Re: Velkommen\nMessage-ID: <{name}@post.example>\n\
             In-Reply-To: {id}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n> Kære Anna\n"
        );
        deliver(&house, name, &mail);
        assert!(fetch(&house).contains("venter 1 på nogen"));
        assert_eq!(mail_round(&house, vec![]), 1, "it is passed on");
    };
    reply("a", "Jeg kan ikke om mandagen.");
    reply("b", "Mit nummer er 010203-4567.");
    house.table(&[
        (
            &["outbox", "show", "2"],
            0,
            &[
                "Til moe.kvisthoej@uddannelsesteam-storaadal.example",
                "Svar fra anna.birkmose@post.example: Re: Velkommen",
                "Jeg kan ikke om mandagen.",
                "tovholder received done 1",
            ],
        ),
        (
            &["outbox", "show", "2", "--raw"],
            0,
            &["Reply-To: anna.birkmose@post.example"],
        ),
        (
            &["received", "show", "2"],
            0,
            &["Har skrevet", "Anna Birkmose", "Mit nummer er 010203-4567."],
        ),
        (
            &["today"],
            0,
            &["Svar: anna.birkmose@post.example: Re: Velkommen · Anna Birkmose"],
        ),
        (&["received", "done", "1"], 0, &["Nr. 1 er klaret."]),
    ]);
    let notice = house.ok(&["outbox", "show", "3", "--raw"]);
    assert!(!notice.contains("010203"), "{notice}");
    let notice = house.ok(&["outbox", "show", "3"]);
    assert!(notice.contains("tovholder received show 2"), "{notice}");
    assert!(!notice.contains("> Kære"), "{notice}");
}

/// Mail goes out with an address to return it to that has its id in it, and by that alone it is found again.
#[test]
fn an_address_of_its_own_finds_a_mail_that_the_report_does_not_name() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    let envelope = mail_round_returning_to(&house, "retur@storaadal.example");
    let id = message_id(&house, 1);
    let id = id
        .trim_matches(['<', '>'])
        .split('@')
        .next()
        .expect("an id");
    assert_eq!(envelope, format!("retur+{id}@storaadal.example"));
    let text = report("<0@elsewhere.example>", ANNA, "5.1.1", "550 5.1.1 unknown");
    deliver(
        &house,
        "1",
        &text.replace(&format!("To: {FROM}"), &format!("To: {envelope}")),
    );
    let inbox = format!("maildir:{}", house.path("retur").display());
    let args = ["intake", "--intake", &inbox, "--mail-from", FROM];
    house.ok(&[&args[..], &["--bounces", "retur@storaadal.example"]].concat());
    house.table(&[(&["received", "addresses"], 0, &[ANNA])]);
}

#[test]
fn a_program_is_not_answered_and_its_words_are_not_kept() {
    let house = welcomed();
    let id = message_id(&house, 1);
    deliver(
        &house,
        "1",
        &format!(
            "From: Anna <{ANNA}>\nSubject: Automatisk svar: Velkommen\nIn-Reply-To: {id}\n\
             Auto-Submitted: auto-replied\n\nJeg er syg hele ugen.\n"
        ),
    );
    assert!(fetch(&house).contains("Nye: 1, heraf venter 0"));
    let all = json(&house, &["received", "show", "1"]);
    let text = all.to_string();
    assert!(
        text.contains("automatisk svar") && !text.contains("syg") && !text.contains('@'),
        "{text}"
    );
    assert_eq!(mail_round(&house, vec![]), 0);
    house.table(&[(&["today"], 0, &["intet venter"])]);
}

/// A hold with a meeting on 24 March that Alma is invited to; the number of her invitation.
fn invited() -> (House, u32) {
    let house = House::at("2027-01-04T08:00:00Z");
    house.ok(&["people", "import", &example(STAFF)]);
    let create = [
        "cohort",
        "create",
        "jrs-bliv-klar-til-sosu",
        "--title",
        "Forår",
    ];
    house.ok(&[&create[..], &["--date", "start=2027-04-26"]].concat());
    house.ok(&[
        "import",
        &example("examples/jrs-kandidater.csv"),
        "--cohort",
        "Forår",
    ]);
    let book = [
        "fire",
        "Forår",
        "info_meeting.booked",
        "--at",
        "2027-03-24T13:00",
    ];
    house.ok(&book);
    while mail_round(&house, vec![]) > 0 {}
    house.set_clock("2027-03-23T08:00:00Z");
    let mails = json(&house, &["outbox", "list", "--limit", "1000"]);
    let mails = mails.as_array().expect("a list");
    let alma = mails.iter().find(|mail| {
        let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
        text("to") == ALMA && text("occurrence").contains("meeting.info_meeting#1.invitation")
    });
    let id = alma.expect("an invitation")["id"]
        .as_u64()
        .expect("a number");
    (house, u32::try_from(id).expect("small"))
}

const ALMA: &str = "alma.vestersoe@post.example";

/// Answers as a calendar does, to the UID that stands in the invitation.
fn answer(house: &House, name: &str, invitation: u32, says: (&str, u32, &str)) -> String {
    let raw = json(house, &["outbox", "show", &invitation.to_string()]);
    let raw = raw["raw"]
        .as_str()
        .expect("sent")
        .replace("=\r\n", "")
        .replace("=3D", "=");
    let unfolded = raw.replace("\r\n ", "");
    let uid = unfolded
        .split("UID:")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let uid = uid.expect("a UID");
    let (part, sequence, stamp) = says;
    let text = format!(
        "From: Alma <{ALMA}>\nTo: {FROM}\nSubject: Svar\nMessage-ID: <{name}@post.example>\n\
         Content-Type: text/calendar; method=REPLY; charset=utf-8\n\n\
         BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:{uid}\nSEQUENCE:{sequence}\nDTSTAMP:{stamp}\n\
         ATTENDEE;PARTSTAT={part}:mailto:{ALMA}\nEND:VEVENT\nEND:VCALENDAR\n"
    );
    deliver(house, name, &text);
    fetch(house)
}

#[test]
fn answers_to_an_invitation_are_shown_and_the_newest_counts() {
    let (house, invitation) = invited();
    answer(&house, "a", invitation, ("ACCEPTED", 0, "20270105T080000Z"));
    house.table(&[(
        &["agenda", "Forår", "--days", "90"],
        0,
        &["Kandidat: kommer"],
    )]);
    assert!(!house.ok(&["today"]).contains("Afbud"));
    let said = answer(&house, "b", invitation, ("DECLINED", 0, "20270105T090000Z"));
    assert!(said.contains("venter 1"), "{said}");
    house.table(&[
        (
            &["agenda", "Forår", "--days", "90"],
            0,
            &["har meldt afbud"],
        ),
        (
            &["cohort", "show", "Forår"],
            0,
            &["Kandidat: har meldt afbud"],
        ),
        (
            &["today"],
            0,
            &["Afbud: alma.vestersoe@post.example har meldt afbud til mødet"],
        ),
    ]);
    house.table(&[
        (
            &["why", "Forår", "info_meeting"],
            0,
            &[
                "møde: ",
                "Møde booket: ",
                "Kandidat kommer til mødet: ",
                "Kandidat har meldt afbud til mødet: ",
                "Holdes 24.3.2027 kl. 13.00. Kandidat: har meldt afbud.",
                "Mails ",
            ],
        ),
        (
            &["why", "Forår", "møde"],
            1,
            &["Der er ingen mail »møde« her."],
        ),
    ]);
    // One that was under way for a long time.
    answer(&house, "c", invitation, ("ACCEPTED", 0, "20270105T083000Z"));
    house.table(&[
        (
            &["agenda", "Forår", "--days", "90"],
            0,
            &["har meldt afbud"],
        ),
        (&["received", "show", "3"], 0, &["der er et nyere svar"]),
    ]);
    house.ok(&[
        "fire",
        "Forår",
        "info_meeting.booked",
        "--at",
        "2027-03-25T13:00",
    ]);
    house.table(&[(
        &["agenda", "Forår", "--days", "90"],
        0,
        &["har meldt afbud (svarede på et tidligere tidspunkt)"],
    )]);
    answer(&house, "d", invitation, ("ACCEPTED", 1, "20270105T070000Z"));
    let agenda = house.ok(&["agenda", "Forår", "--days", "90"]);
    assert!(
        agenda.contains("Kandidat: kommer") && !agenda.contains("tidligere tidspunkt"),
        "{agenda}"
    );
}

#[test]
fn what_is_missing_or_wrong_is_said_and_no_password() {
    let house = House::with_hold();
    house.table(&[
        (&["intake", "--mail-from", FROM], 1, &["TOVHOLDER_INTAKE"]),
        (
            &[
                "intake",
                "--mail-from",
                FROM,
                "--intake",
                "imap://a:hemmelig@mail.example/INBOX",
            ],
            1,
            &["imap: without TLS goes only to this machine"],
        ),
        (
            &["intake", "--mail-from", FROM, "--intake", "maildir:nowhere"],
            1,
            &["Posten kan ikke hentes: nowhere/new"],
        ),
        (
            &["received", "show", "7"],
            1,
            &["ikke kommet noget med nr. 7"],
        ),
        (
            &["received", "works", ANNA],
            1,
            &["Der holdes ikke mail tilbage"],
        ),
        (
            &["people", "address", "x@y.example", "z@y.example"],
            1,
            &["Ingen har adressen"],
        ),
        (&["received", "list"], 0, &["Der er ikke kommet noget."]),
    ]);
    let came = house.run(&[
        "intake",
        "--mail-from",
        FROM,
        "--intake",
        "imap://a:hemmelig@127.0.0.1:1/INBOX",
    ]);
    assert_eq!(came.code, 1);
    assert!(!came.err.contains("hemmelig"), "{came:?}");
    fs::create_dir_all(house.path("tom/new")).expect("made");
    house.table(&[(
        &["intake", "--mail-from", FROM, "--intake", "maildir:tom"],
        0,
        &["Nye: 0"],
    )]);
}

/// As a mail server delivers into a Maildir that somebody reads: whole at once.
fn deliver_at_once(house: &House, name: &str, text: &str) {
    let written = house.file(&format!("retur/tmp/{name}"), text.replace('\n', "\r\n"));
    fs::rename(written, house.path(&format!("retur/new/{name}"))).expect("delivered");
}

/// The service fetches by itself, minute after minute: what comes while it runs is settled by nobody else.
#[tokio::test]
async fn the_service_takes_in_what_comes_while_it_runs() {
    // The house has runtimes of its own.
    let house = tokio::task::spawn_blocking(welcomed)
        .await
        .expect("a house");
    fs::create_dir_all(house.path("retur/new")).expect("a Maildir");
    deliver_at_once(
        &house,
        "1",
        "From: Bo <bo@post.example>\nSubject: Hej\nMessage-ID: <1@post.example>\n\nHej\n",
    );
    let (inbox, mails) = (house.path("retur"), house.path("mails"));
    let inbox = format!("maildir:{}", inbox.display());
    let mails = mails.display().to_string();
    let args = [
        "serve",
        "--intake",
        &inbox,
        "--mail-dir",
        &mails,
        "--mail-from",
        FROM,
    ];
    let mut service = Service::of(house.command(&args));
    service.begun().await;
    let taken = |name: &str| house.path(&format!("retur/cur/{name}:2,S")).is_file();
    assert!(until(async || taken("1")).await, "{}", service.log());
    // From here it is no longer the first round.
    let text = report(
        &message_id(&house, 1),
        ANNA,
        "5.1.1",
        "550 5.1.1 User unknown",
    );
    deliver_at_once(&house, "2", &text);
    let marked = until(async || {
        service.must_run();
        house.ok(&["received", "addresses"]).contains(ANNA)
    });
    assert!(marked.await, "{}", service.log());
    assert!(until(async || taken("2")).await, "{}", service.log());
    let log = service.stop().await;
    assert!(log.contains("mail has come in"), "{log}");
}
