//! Pages: who gets in, what they may, and that nobody sees what is another jobcentre's.

mod api;
mod beside;
mod board;
mod browser;
mod change;
mod coming;
mod course;
mod entry;
mod health;
mod hooks;
mod import;
mod isolation;
mod jrs;
mod keys;
mod limits;
mod live;
#[cfg(feature = "oidc")]
mod oidc;
mod reads;
mod restart;
mod stops;
mod traces;
mod transfer;
mod workflow;
mod year;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::civil::date;
use tokio::sync::watch;
use tovholder::access::Role;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::clock::Clock;
use tovholder::message::TemplateSource;
use tovholder::runner::desk::{AccountAsked, Asked, CohortCreated, CohortNew, Desk, Sheet};
use tovholder::runner::{Mailer, Runner};
use tovholder::store::{
    DocumentNew, NewOrganisation, NoteNew, OutboxFilter, Sees, Store, SubjectRow,
};
use tovholder::web;

use super::support::browser::Browser;
use super::support::keys;
use super::support::stage::{cast, settings};

const WORKFLOW: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
overdue: {to: coordinator, after: 2 workdays}
roles:
  coordinator:     {title: Tovholder, per: cohort}
  job_consultant:  {title: Jobkonsulent, per: candidate}
  internship_host: {title: Praktikvært, per: candidate}
cohort:
  dates: {start: {title: Start, weekday: monday}}
candidate:
  facts:
    track: {title: Spor, one_of: {helper: Hjælper, assistant: Assistent}}
    note:  {title: Ønsker, type: text, max: 200}
  states:
    here:
      title: Her
      until: cohort.start
      then: out
      messages:
        hello: {template: hello, to: candidate, when: entered}
        soon:  {template: hello, to: candidate, when: 3 workdays after entered at 09:00}
      tasks:
        call: {title: Ring til kandidaten, by: job_consultant, due: 2 workdays after entered}
      events:
        choose: {title: Vælg spor, by: [job_consultant, coordinator], needs: [track], then: chosen}
        absence: {title: Fravær, by: [coordinator, job_consultant]}
        close:  {title: Luk sagen, by: coordinator, then: out}
    chosen: {title: Valgt, until: cohort.start, then: course}
    course: {title: Kursus, lasts: 2 weeks, then: out}
    out: {title: Ude, final: neutral}
";
const PASSWORD: &str = "tre blå cykler i regn";

const NAMES: [&str; 4] = [
    "Asta Øster",
    "Bo Østergaard",
    "Cæcilie Vestby",
    "Dan Vesterås",
];
const CANDIDATES: &str = "navn;email;jobcenter\n\
    Asta Øster;asta@post.example;Jobcenter Øst\nBo Østergaard;bo@post.example;Jobcenter Øst\n\
    Cæcilie Vestby;caecilie@post.example;Jobcenter Vest\nDan Vesterås;dan@post.example;Jobcenter Vest\n";

fn templates() -> TemplateSource {
    let mut files = BTreeMap::new();
    for (name, subject, text) in [
        ("hello", "Velkommen", "Hej {{candidate.name}}."),
        ("task-overdue", "Husk", "Der er noget at gøre."),
    ] {
        let html = format!("<p>{text}</p>");
        for (part, text) in [
            ("subject", subject),
            ("body.txt", text),
            ("body.html", &html),
        ] {
            files.insert(format!("da/{name}/{part}.hbs"), text.to_owned());
        }
    }
    TemplateSource { files }
}

/// A hold with two candidates of Jobcenter Øst and two of Jobcenter Vest, mail to each, and pages.
struct Stage {
    store: Store,
    desk: Desk,
    at: SocketAddr,
    hold: String,
    /// The hold's row id.
    row: i64,
    /// Of Øst first.
    cases: Vec<SubjectRow>,
    names: Vec<String>,
    stop: watch::Sender<bool>,
}

impl Stage {
    /// Another hold of the workflow as it is published by now, half a year later.
    async fn next_hold(&self) -> CohortCreated {
        let version = self.desk.version_to_follow("prove").await;
        let new = CohortNew {
            title: "Hold 2".into(),
            dates: vec![("start".into(), "2026-08-10".into())],
            ..CohortNew::default()
        };
        let made = self
            .desk
            .create_cohort(version.expect("a version"), &new)
            .await;
        made.expect("a hold")
    }

    async fn new() -> Self {
        let starts = [("start", date(2026, 2, 23))];
        let mut cast = cast("prove", WORKFLOW.to_owned(), templates(), &starts, 0);
        cast.only_said = true;
        let begins = date(2026, 2, 2).at(10, 0, 0, 0);
        cast.begins_at = Some(cast.workflow.calendar.instant(begins));
        let store = Store::open_in_memory_with(keys()).await;
        let store = store.expect("a store");
        let runner = Runner::new(store.clone(), Clock::manual(cast.begins()), settings());
        cast.set(&runner).await.expect("a stage");
        let desk = Desk::new(runner.clone());
        for name in ["Jobcenter Øst", "Jobcenter Vest"] {
            let new = NewOrganisation {
                name: name.to_owned(),
                kind: "jobcenter".to_owned(),
                email: None,
            };
            store.upsert_organisation(new).await.expect("a jobcentre");
        }
        let sheet = Sheet::read(CANDIDATES.as_bytes()).expect("a list");
        desk.take_in("Hold 1", &sheet, &Asked::default(), None, false, "test")
            .await
            .expect("they come");
        runner.work(runner.now()).await.expect("it works");
        let mailer = Mailer::new(runner.clone(), Channel::Memory(MemoryChannel::new()));
        while mailer.run_once().await.expect("it mails").looked_at > 0 {}
        let door = web::bind("127.0.0.1:0".parse().expect("an address")).await;
        let door = door.expect("a door");
        let at = door.local_addr().expect("an address");
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(web::serve(door, runner.clone(), stopped));
        let hold = store.cohorts().await.expect("holds").remove(0);
        Self {
            cases: store.subjects_of(Sees::All, hold.id).await.expect("cases"),
            row: hold.id,
            hold: hold.public_id,
            desk,
            store,
            at,
            names: NAMES.map(str::to_owned).to_vec(),
            stop,
        }
    }

    /// Opens an account and has its password chosen; of Jobcenter Vest where it matters.
    async fn account(&self, role: Role) -> String {
        let login = format!("{role}@vest.example");
        let asked = AccountAsked {
            email: login.clone(),
            role: role.as_str().to_owned(),
            name: Some(format!("Kim {role}")),
            organisation: Some("Jobcenter Vest".to_owned()),
        };
        let (_, link) = self.desk.open_account(&asked).await.expect("an account");
        let chosen = self.desk.choose_password(&link.text(), PASSWORD).await;
        assert!(chosen.expect("it is stored"), "the link is good");
        login
    }

    /// Somebody with a role who has logged in.
    async fn visitor(&self, role: Role) -> Browser {
        let login = self.account(role).await;
        let mut browser = Browser::at(self.at);
        let answered = self.log_in(&mut browser, &login, PASSWORD, None).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        browser
    }

    async fn log_in(
        &self,
        browser: &mut Browser,
        login: &str,
        password: &str,
        code: Option<&str>,
    ) -> super::support::browser::Answered {
        let mut fields = vec![("login", login), ("password", password)];
        fields.extend(code.map(|code| ("code", code)));
        browser.post("/log-ind", &fields).await
    }

    /// A note and a file beside a case, which name the candidate; they are put there if they are not yet.
    async fn beside(&self, case: &SubjectRow) -> (i64, i64) {
        let store = &self.store;
        let files = store.documents(Sees::All, case.id).await.expect("files");
        if files.is_empty() {
            let login = self.account(Role::Admin).await;
            let account = store.account(&login).await.expect("asked");
            let account_id = account.expect("an account").id;
            let at = self.cases.iter().position(|one| one.id == case.id);
            let name = &self.names[at.expect("a case")];
            let note = NoteNew {
                case_id: case.id,
                account_id,
                key: "a".to_owned(),
                at: 0,
                text: format!("Om {name}"),
                is_confidential: false,
                corrects: None,
            };
            store.add_note(note, false, 9).await.expect("a note");
            let file = DocumentNew {
                case_id: case.id,
                account_id,
                key: "a".to_owned(),
                at: 0,
                kind: "cv".to_owned(),
                name: format!("{name}.txt"),
                media: "text/plain".to_owned(),
                bytes: name.clone().into_bytes(),
            };
            store.add_document(file, 9).await.expect("a file");
        }
        let notes = store.notes(Sees::All, case.id, None).await;
        let files = store.documents(Sees::All, case.id).await;
        (notes.expect("notes")[0].id, files.expect("files")[0].id)
    }

    /// The mail about a case.
    async fn mail_of(&self, case: &SubjectRow) -> i64 {
        let filter = OutboxFilter {
            subject: Some(case.id),
            limit: 10,
            ..OutboxFilter::default()
        };
        let mails = self.store.outbox(Sees::All, &filter).await;
        mails.expect("the outbox").first().expect("a mail").id
    }
}
