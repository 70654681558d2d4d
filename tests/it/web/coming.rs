//! Mail before it leaves: read, kept back, written anew, sent before its time.

use jiff::SignedDuration;
use tovholder::access::Role;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::message::Mail;
use tovholder::runner::Mailer;
use tovholder::runner::desk::{ComingAsked, ComingMail, Fire, Wanted, Wording, part_of};
use tovholder::store::{OutboxFilter, PersonImport, Sees, Status};

use super::{Browser, Stage};

impl Stage {
    /// What is to leave to a candidate.
    async fn coming_to(&self, case: usize) -> ComingMail {
        let all = self.desk.coming(&self.hold).await.expect("what is coming");
        let of = &self.cases[case].public_id;
        let found = all.into_iter().find(|mail| mail.of == *of);
        found.expect("a mail that is coming")
    }

    fn asked(&self, mail: &ComingMail) -> ComingAsked {
        ComingAsked {
            hold: self.hold.clone(),
            of: mail.of.clone(),
            occurrence: mail.line.occurrence.clone(),
            seat: mail.seat.clone(),
        }
    }

    /// A week passes; answers what has become of the mail to a candidate: where it stands, why, and its text.
    async fn a_week_later(&self, case: usize) -> (Status, Option<String>, String) {
        let runner = self.desk.runner();
        runner
            .clock()
            .move_to(runner.now() + SignedDuration::from_hours(24 * 7));
        runner.work(runner.now()).await.expect("it works");
        self.mail_leaves().await;
        let filter = OutboxFilter {
            subject: Some(self.cases[case].id),
            limit: 10,
            ..OutboxFilter::default()
        };
        let rows = self.store.outbox(Sees::All, &filter).await;
        let rows = rows.expect("the outbox");
        let row = rows.iter().find(|row| row.occurrence.contains("soon"));
        let row = row.expect("the mail");
        let row = self.store.outbox_row(Sees::All, row.id).await;
        let row = row.expect("asked").expect("the mail");
        let text = row.frozen.map(|bytes| {
            let mail: Mail = serde_json::from_slice(&bytes).expect("a mail");
            part_of(&mail.bytes, "text/plain").expect("a text")
        });
        (row.status, row.reason, text.unwrap_or_default())
    }

    async fn mail_leaves(&self) {
        let channel = Channel::Memory(MemoryChannel::new());
        let mailer = Mailer::new(self.desk.runner().clone(), channel);
        while mailer.run_once().await.expect("it mails").looked_at > 0 {}
    }
}

/// The address of a mail in the list of its hold.
fn link(body: &str, name: &str) -> String {
    let row = body.split("<tr>").find(|row| row.contains(name));
    let row = row.unwrap_or_else(|| panic!("{name} is not in {body}"));
    let from = row.split("href=\"").nth(1).expect("a link");
    let address = from.split('"').next().expect("its end");
    address.replace("&amp;", "&").replace("&#38;", "&")
}

#[tokio::test]
async fn each_reads_what_is_coming_about_their_own() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let first = coordinator.get("/udbakke/kommer").await;
    assert!(first.body.contains("Hold 1"), "{}", first.body);
    let page = format!("/udbakke/kommer/{}", stage.hold);
    let all = coordinator.get(&page).await.body;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let own = consultant.get(&page).await.body;
    for (at, name) in stage.names.iter().enumerate() {
        assert!(all.contains(name.as_str()), "{name}");
        assert_eq!(own.contains(name.as_str()), at >= 2, "{name}");
    }
    let one = link(&all, &stage.names[2]);
    for visitor in [&mut coordinator, &mut consultant] {
        let mail = visitor.get(&one).await;
        assert!(mail.body.contains("Hej Cæcilie"), "{}", mail.body);
    }
    let theirs = consultant.get(&link(&all, &stage.names[0])).await;
    assert_eq!(theirs.status, 404);
    // Who may read it may not steer it.
    let steered = consultant.post(&one, &[("act", "vent")]).await;
    assert_eq!(steered.status, 404);
}

#[tokio::test]
async fn what_is_kept_back_waits_and_what_is_let_go_leaves() {
    let stage = Stage::new().await;
    let mail = stage.coming_to(0).await;
    let asked = stage.asked(&mail);
    let held = stage.desk.wish(None, &asked, Wanted::Hold, mail.rev).await;
    let held = held.expect("it is kept back");
    assert!(held.is_held);
    // Somebody who has not seen that does not undo it.
    let blind = stage.desk.wish(None, &asked, Wanted::Go, mail.rev).await;
    let said = blind.expect_err("another was first").to_string();
    assert!(said.contains("En anden har ændret"), "{said}");
    let (status, reason, _) = stage.a_week_later(0).await;
    assert_eq!(
        (status, reason.as_deref()),
        (Status::Held, Some("held-by-hand"))
    );

    let stage = Stage::new().await;
    let mail = stage.coming_to(0).await;
    let asked = stage.asked(&mail);
    for wanted in [Wanted::Hold, Wanted::Go] {
        let rev = stage.coming_to(0).await.rev;
        let done = stage.desk.wish(None, &asked, wanted, rev).await;
        done.expect("it is wished");
    }
    let (status, _, text) = stage.a_week_later(0).await;
    assert_eq!((status, text), (Status::Sent, mail.text));
}

#[tokio::test]
async fn a_mail_leaves_with_the_words_that_were_written_for_what_was_read() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let list = format!("/udbakke/kommer/{}", stage.hold);
    let one = link(&coordinator.get(&list).await.body, &stage.names[0]);
    let mail = stage.coming_to(0).await;
    let form = |subject: &'static str, text: &'static str| {
        vec![
            ("af", mail.of.as_str()),
            ("hvad", mail.line.occurrence.as_str()),
            ("til", mail.seat.as_str()),
            ("rev", "0"),
            ("act", "ret"),
            ("emne", subject),
            ("tekst", text),
        ]
    };
    // What is refused is not lost.
    let refused = coordinator
        .post(&one, &form("", "Kære Asta. Ny tekst."))
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Kære Asta. Ny tekst."));
    let saved = coordinator
        .post(
            &one,
            &form("Vi ses", "Kære Asta\r\n\r\nVi ses på <mandag>."),
        )
        .await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let shown = stage.coming_to(0).await;
    assert!(shown.words == Wording::Edited && shown.line.about == "Vi ses");
    let (status, _, text) = stage.a_week_later(0).await;
    assert_eq!(
        (status, text.as_str()),
        (Status::Sent, "Kære Asta\n\nVi ses på <mandag>.\n")
    );
}

#[tokio::test]
async fn what_was_written_for_something_else_waits() {
    let stage = Stage::new().await;
    let mail = stage.coming_to(0).await;
    let words = Wanted::Words {
        subject: "Vi ses".into(),
        text: "Kære Asta".into(),
    };
    let asked = stage.asked(&mail);
    let saved = stage.desk.wish(None, &asked, words, 0).await;
    saved.expect("it is saved");
    let renamed = PersonImport {
        name: "Asta Marie Øster".into(),
        email: Some("asta@post.example".into()),
        ..PersonImport::default()
    };
    stage.store.upsert_person(renamed).await.expect("renamed");
    let shown = stage.coming_to(0).await;
    assert!(shown.words == Wording::Overtaken);
    assert!(shown.text.contains("Asta Marie"), "{}", shown.text);
    let (status, reason, _) = stage.a_week_later(0).await;
    assert_eq!(
        (status, reason.as_deref()),
        (Status::Held, Some("edited-before"))
    );
}

/// The hidden fields of the form by which a mail is sent now.
fn hidden(body: &str) -> Vec<(String, String)> {
    let mut forms = body.split("<form");
    let form = forms.find(|form| form.contains("name=\"says\""));
    let form = form.unwrap_or_else(|| panic!("no form: {body}"));
    let form = form.split("</form>").next().expect("its end");
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let pair = |input: &str| {
        let (name, rest) = input.split_once("\" value=\"").expect("a value");
        let value = rest.split('"').next().expect("its end");
        (name.to_owned(), value.replace("&#38;", "&"))
    };
    inputs.map(pair).collect()
}

impl Stage {
    /// The page on which a mail is seen as it would leave now, and what its button sends.
    async fn sent_now(
        &self,
        browser: &mut Browser,
        case: usize,
    ) -> (String, Vec<(String, String)>) {
        let list = format!("/udbakke/kommer/{}", self.hold);
        let one = link(&browser.get(&list).await.body, &self.names[case]);
        let mail = browser.get(&one).await.body;
        assert!(mail.contains("Send nu…"), "{mail}");
        let now = one.replace("/mail?", "/nu?");
        let page = browser.get(&now).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("Hej "), "{}", page.body);
        (now, hidden(&page.body))
    }

    /// What is said after a button was pressed.
    async fn pressed(
        &self,
        browser: &mut Browser,
        path: &str,
        fields: &[(String, String)],
    ) -> String {
        let fields: Vec<(&str, &str)> = (fields.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let path = path.split('?').next().expect("a path");
        let answered = browser.post(path, &fields).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        let page = browser
            .get(&answered.location().replace("&amp;", "&"))
            .await;
        let said = page.body.split("<p class=\"said").nth(1);
        let said = said.unwrap_or_else(|| panic!("nothing is said: {}", page.body));
        said.split("</p>").next().unwrap_or_default().to_owned()
    }

    /// The rows of the mail to a candidate: where they stand, and from when on they may leave, local.
    async fn soon_of(&self, case: usize) -> Vec<(Status, String)> {
        let filter = OutboxFilter {
            subject: Some(self.cases[case].id),
            limit: 10,
            ..OutboxFilter::default()
        };
        let rows = self.store.outbox(Sees::All, &filter).await;
        let rows = rows.expect("the outbox").into_iter();
        let soon = rows.filter(|row| row.occurrence.contains("soon"));
        soon.map(|row| {
            let at = jiff::Timestamp::from_microsecond(row.not_before).expect("an instant");
            let local = at.in_tz("Europe/Copenhagen").expect("a zone");
            (row.status, local.strftime("%d.%m %H:%M").to_string())
        })
        .collect()
    }
}

#[tokio::test]
async fn what_is_sent_before_its_time_is_what_was_read_and_leaves_once() {
    for (hours, leaves) in [(0, "02.02 10:00"), (10, "03.02 08:00")] {
        let stage = Stage::new().await;
        let runner = stage.desk.runner();
        runner
            .clock()
            .move_to(runner.now() + SignedDuration::from_hours(hours));
        let mut coordinator = stage.visitor(Role::Coordinator).await;
        let read = stage.coming_to(0).await;
        let (now, fields) = stage.sent_now(&mut coordinator, 0).await;
        let said = stage.pressed(&mut coordinator, &now, &fields).await;
        assert!(
            said.contains("sendes før tid") && said.contains("i kø"),
            "{said}"
        );
        let expect = [(Status::Queued, leaves.to_owned())];
        assert_eq!(stage.soon_of(0).await, expect, "inside the hours");
        // Whoever presses twice sends nothing twice.
        let said = stage.pressed(&mut coordinator, &now, &fields).await;
        assert!(said.contains("ændret af en anden"), "{said}");
        // By day again.
        let day = runner.now() + SignedDuration::from_hours(24 - hours);
        runner.clock().move_to(day);
        let (status, _, text) = stage.a_week_later(0).await;
        assert_eq!((status, text), (Status::Sent, read.text));
        assert_eq!(stage.soon_of(0).await.len(), 1, "and not again at its time");
        let story = stage.desk.case_shown(&stage.cases[0].public_id, None).await;
        let past = story.expect("the case").past;
        let early = past.iter().find(|one| one.what.contains("før tid"));
        let early = early.expect("history tells of it");
        assert!(
            early.what.contains("planlagt til 5.2.2026 kl. 9.00"),
            "{early:?}"
        );
        assert!(early.by.contains("Kim coordinator"), "{early:?}");
    }
}

#[tokio::test]
async fn what_is_not_any_more_what_was_read_does_not_leave() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let moved: [(&str, &str); 3] = [
        ("facts", "something was recorded of the case"),
        ("name", "it would say something else"),
        ("held", "somebody keeps it back"),
    ];
    for (case, (what, why)) in moved.into_iter().enumerate() {
        let (now, fields) = stage.sent_now(&mut coordinator, case).await;
        match what {
            "facts" => {
                let fire = Fire {
                    of: stage.cases[case].public_id.clone(),
                    event: "facts".into(),
                    set: vec![("track".into(), "helper".into())],
                    ..Fire::default()
                };
                stage.desk.fire(&fire).await.expect("it is recorded");
            }
            "name" => {
                let renamed = PersonImport {
                    name: "Bo Marius Østergaard".into(),
                    email: Some("bo@post.example".into()),
                    ..PersonImport::default()
                };
                stage.store.upsert_person(renamed).await.expect("renamed");
            }
            _ => {
                let mail = stage.coming_to(case).await;
                let asked = stage.asked(&mail);
                let held = stage.desk.wish(None, &asked, Wanted::Hold, mail.rev).await;
                held.expect("it is kept back");
            }
        }
        let said = stage.pressed(&mut coordinator, &now, &fields).await;
        let expect = if what == "held" {
            "holdes tilbage"
        } else {
            "ændret af en anden"
        };
        assert!(said.contains(expect), "{why}: {said}");
        assert_eq!(stage.soon_of(case).await, [], "{why}");
    }
    // Who may read it may not send it.
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let list = consultant
        .get(&format!("/udbakke/kommer/{}", stage.hold))
        .await;
    let one = link(&list.body, &stage.names[3]).replace("/mail?", "/nu?");
    assert_eq!(consultant.get(&one).await.status, 403);
    assert_eq!(consultant.post(&one, &[]).await.status, 403);
    assert_eq!(stage.soon_of(3).await, []);
}

#[tokio::test]
async fn a_mail_that_is_queued_leaves_by_the_same_button() {
    let stage = Stage::new().await;
    let runner = stage.desk.runner();
    // Its time has come, and the mailer has not looked yet.
    let until = SignedDuration::from_hours(24 * 3 - 1);
    runner.clock().move_to(runner.now() + until);
    runner.work(runner.now()).await.expect("it works");
    let filter = OutboxFilter {
        status: Some(Status::Queued),
        limit: 10,
        ..OutboxFilter::default()
    };
    let queued = stage.store.outbox(Sees::All, &filter).await;
    let queued = queued.expect("the outbox");
    assert!(queued.iter().any(|row| row.occurrence.contains("soon")));
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let (now, fields) = stage.sent_now(&mut coordinator, 0).await;
    let said = stage.pressed(&mut coordinator, &now, &fields).await;
    assert!(said.contains("sendes før tid"), "{said}");
    stage.mail_leaves().await;
    assert!(matches!(stage.soon_of(0).await[..], [(Status::Sent, _)]));
}
