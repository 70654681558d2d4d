//! The shipped JRS workflow on pages: nominated by job consultants, selected many at once with each mail read before it
//! goes, and answered by a link in a mail.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::DateTime;
use tokio::sync::watch;
use tovholder::access::Role;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::clock::Clock;
use tovholder::definition::model::Workflow;
use tovholder::definition::{self, Severity};
use tovholder::message::Mail;
use tovholder::runner::desk::{AccountAsked, CohortNew, Desk, Files, Fire, Sheet, part_of};
use tovholder::runner::rehearsal::Stage as Rehearsal;
use tovholder::runner::{Mailer, Runner};
use tovholder::store::Store;
use tovholder::web;

use super::super::support::browser::{Answered, Browser};
use super::super::support::stage::{settings, shipped, templates};
use super::PASSWORD;

const NAME: &str = "jrs-bliv-klar-til-sosu";
pub(super) const VIGGO: &str = "viggo@jrs.example";
pub(super) const SIGNE: &str = "signe@jrs.example";
pub(super) const ANJA: &str = "anja@nordby.example";
const BENT: &str = "bent@soenderskov.example";

/// The people of the workflow, by their organisations.
const PEOPLE: &str = "organisation;type;organisationsmail;navn;email;roller\n\
    JRS;kommune;post@jrs.example;Viggo Bo;viggo@jrs.example;jrs-bliv-klar-til-sosu:coordinator\n\
    JRS;kommune;post@jrs.example;Signe Holm;signe@jrs.example;jrs-bliv-klar-til-sosu:education_consultant\n\
    JRS;kommune;post@jrs.example;Birgit Juhl;birgit@jrs.example;jrs-bliv-klar-til-sosu:steering_group\n\
    SOSU-skolen;skole;kursus@sosu.example;Henny Krog;henny@sosu.example;jrs-bliv-klar-til-sosu:school\n\
    Jobcenter Nordby;jobcenter;post@nordby.example;Anja Lund;anja@nordby.example;jrs-bliv-klar-til-sosu:job_consultant\n\
    Jobcenter Sønderskov;jobcenter;post@soenderskov.example;Bent Aas;bent@soenderskov.example;jrs-bliv-klar-til-sosu:job_consultant\n";

/// A hold that begins on 26 April 2027, looked at from 11 January, and pages.
pub(super) struct Jrs {
    pub(super) desk: Desk,
    pub(super) hold: String,
    pub(super) base: String,
    at: std::net::SocketAddr,
    workflow: Arc<Workflow>,
    mailer: Mailer,
    channel: MemoryChannel,
    _stop: watch::Sender<bool>,
}

impl Jrs {
    pub(super) async fn new() -> Self {
        let yaml = shipped(NAME);
        let read = definition::read(&format!("{NAME}.yaml"), &yaml);
        let workflow = Arc::new(read.workflow.expect("the shipped workflow"));
        let begins = "2027-01-11T10:00".parse().expect("a moment");
        let clock = Clock::manual(workflow.calendar.instant(begins));
        let door = web::bind("127.0.0.1:0".parse().expect("an address")).await;
        let door = door.expect("a door");
        let at = door.local_addr().expect("an address");
        let base = format!("http://{at}");
        let mut settings = settings();
        settings.base_url = Some(base.clone());
        let store = Store::open_in_memory().await.expect("a store");
        let runner = Runner::new(store, clock, settings);
        let desk = Desk::new(runner.clone());
        let files = Files {
            name: format!("{NAME}.yaml"),
            id: NAME.into(),
            yaml,
            templates: templates(),
        };
        let version = desk.publish(&files).await.expect("it is published");
        let people = Sheet::read(PEOPLE.as_bytes()).expect("a list");
        let workflows = [(*workflow).clone()];
        let taken = desk.import_people(&people, &workflows, false).await;
        taken.expect("people");
        let new = CohortNew {
            title: "Hold 1".to_owned(),
            dates: vec![("start".to_owned(), "2027-04-26".to_owned())],
            ..CohortNew::default()
        };
        let hold = desk.create_cohort(version, &new).await.expect("a hold").id;
        let channel = MemoryChannel::new();
        let mailer = Mailer::new(runner.clone(), Channel::Memory(channel.clone()));
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(web::serve(door, runner, stopped));
        Self {
            desk,
            hold,
            base,
            at,
            workflow,
            mailer,
            channel,
            _stop: stop,
        }
    }

    /// Time goes on to a local moment: all that is due until then happens at its time, and mail leaves.
    pub(super) async fn until(&self, local: &str) {
        let local: DateTime = local.parse().expect("a moment");
        let until = self.workflow.calendar.instant(local);
        let runner = self.desk.runner();
        loop {
            let store = runner.store();
            let work = store.next_work_due().await.expect("what is due");
            let mail = store.next_mail_due().await.expect("mail that is due");
            let next = work.into_iter().chain(mail).min();
            let next = next.and_then(|at| jiff::Timestamp::from_microsecond(at).ok());
            let Some(next) = next.filter(|next| *next <= until) else {
                break;
            };
            runner.clock().move_to(next.max(runner.now()));
            runner.work(runner.now()).await.expect("it works");
            while self.mailer.run_once().await.expect("it mails").looked_at > 0 {}
        }
        runner.clock().move_to(until);
    }

    /// The texts of all mail to an address with a subject that begins so.
    pub(super) fn sent(&self, to: &str, subject: &str) -> Vec<String> {
        let sent = self.channel.sent();
        let found = sent.iter().filter(|mail: &&Mail| {
            mail.subject.starts_with(subject) && mail.recipients.iter().any(|one| one == to)
        });
        found
            .filter_map(|mail| part_of(&mail.bytes, "text/plain"))
            .collect()
    }

    /// Opens an account for somebody who is known, and answers the page on which the password is chosen.
    pub(super) async fn welcome(&self, email: &str, role: Role) -> String {
        let asked = AccountAsked {
            email: email.to_owned(),
            role: role.as_str().to_owned(),
            ..AccountAsked::default()
        };
        let (_, link) = self.desk.open_account(&asked).await.expect("an account");
        format!("/velkommen/{}", link.text())
    }

    async fn visitor(&self, email: &str, role: Role) -> Browser {
        let link = self.welcome(email, role).await;
        let secret = link.trim_start_matches("/velkommen/");
        let chosen = self.desk.choose_password(secret, PASSWORD).await;
        assert!(chosen.expect("it is stored"));
        let mut browser = Browser::at(self.at);
        let fields = [("login", email), ("password", PASSWORD)];
        assert_eq!(browser.post("/log-ind", &fields).await.status, 303);
        browser
    }

    async fn fire(&self, event: &str, at: Option<&str>, set: &[(&str, &str)]) {
        let fire = Fire {
            of: self.hold.clone(),
            event: event.to_owned(),
            at: at.map(|at| at.parse().expect("a moment")),
            set: (set.iter())
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            ..Fire::default()
        };
        self.desk.fire(&fire).await.expect("it is taken");
    }

    async fn state(&self, case: &str) -> String {
        self.desk
            .case_shown(case, None)
            .await
            .expect("the case")
            .state
    }
}

/// Nominates somebody on the page; answers the case's id.
async fn nominated(jrs: &Jrs, by: &mut Browser, name: &str, email: &str) -> String {
    let page = format!("/hold/{}/indstil", jrs.hold);
    assert_eq!(by.get(&page).await.status, 200);
    let fields = [("navn", name), ("email", email), ("foedt", "1990-02-14")];
    let answered = by.post(&page, &fields).await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    let to = answered.location().to_owned();
    to.strip_prefix("/sager/").expect("the case").to_owned()
}

/// What is read in a `pre` after some words, without its markup.
fn mail_after(page: &str, words: &str) -> String {
    let after = page
        .split_once(words)
        .unwrap_or_else(|| panic!("{words}: {page}"))
        .1;
    let text = after.split_once("<pre class=\"mail\">").expect("a mail").1;
    let text = text.split_once("</pre>").expect("its end").0;
    let plain = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#38;", "&"),
    ];
    plain.iter().fold(text.to_owned(), |text, (code, sign)| {
        text.replace(code, sign)
    })
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[tokio::test]
async fn a_job_consultant_nominates_for_the_own_jobcentre_and_hears_nothing_of_others() {
    let jrs = Jrs::new().await;
    let mut anja = jrs.visitor(ANJA, Role::JobConsultant).await;
    let mut bent = jrs.visitor(BENT, Role::JobConsultant).await;
    let page = format!("/hold/{}/indstil", jrs.hold);
    let ida = nominated(&jrs, &mut anja, "Ida Vest", "ida@post.example").await;
    let shown = jrs.desk.case_shown(&ida, None).await.expect("the case");
    assert_eq!(shown.organisation.as_deref(), Some("Jobcenter Nordby"));
    assert_eq!(shown.state, "Indstillet til informationsmøde");
    let consultant = ("Jobkonsulent".to_owned(), vec!["Anja Lund".to_owned()]);
    assert!(shown.people.contains(&consultant), "{:?}", shown.people);
    assert_eq!(bent.get(&format!("/sager/{ida}")).await.status, 404);

    // What is wrong is told, and nothing is stored; what was typed is there still.
    let table: [(&[(&str, &str)], &str); 5] = [
        (
            &[("navn", "Ida Vest"), ("email", "ida@post.example")],
            "er allerede på holdet",
        ),
        (
            &[("navn", "Bo Ny"), ("email", "ida@post.example")],
            "er allerede på holdet: Ida Vest",
        ),
        (&[("navn", "Bo Ny"), ("email", "bo")], "bo"),
        (
            &[("navn", ""), ("email", "bo@post.example")],
            "Navnet mangler",
        ),
        (
            &[
                ("navn", "Ida Vest"),
                ("email", "ny@post.example"),
                ("foedt", "1990-02-14"),
            ],
            "kendes med en anden e-mail",
        ),
    ];
    for (fields, said) in table {
        let answered = anja.post(&page, fields).await;
        assert_eq!(answered.status, 422, "{said}");
        assert!(answered.body.contains(said), "{said}: {}", answered.body);
        assert!(!answered.body.contains("--"), "no options of commands");
        assert!(
            answered
                .body
                .contains(&format!("value=\"{}\"", fields[1].1))
        );
    }
    // Who is meant is asked, and taken for an answer.
    let fields = [
        ("navn", "Ida Vest"),
        ("email", "ny@post.example"),
        ("foedt", "1990-02-14"),
        ("hvem", "another"),
    ];
    assert_eq!(anja.post(&page, &fields).await.status, 303);
    // Another jobcentre's candidate is not known, and so nothing is said of them.
    let theirs = nominated(&jrs, &mut bent, "Ida Vest", "ida@post.example").await;
    assert_ne!(theirs, ida);
    for (email, role) in [
        (VIGGO, Role::Coordinator),
        (SIGNE, Role::EducationConsultant),
    ] {
        let mut other = jrs.visitor(email, role).await;
        assert_eq!(other.get(&page).await.status, 403, "{role}");
    }
}

/// A hold with three candidates after the information meeting on 24 March, of which nobody has said how it went: two
/// of Anja's, one of Bent's.
async fn after_meeting() -> (Jrs, [String; 3]) {
    let jrs = Jrs::new().await;
    let mut anja = jrs.visitor(ANJA, Role::JobConsultant).await;
    let mut bent = jrs.visitor(BENT, Role::JobConsultant).await;
    let cases = [
        nominated(&jrs, &mut anja, "Ida Vest", "ida@post.example").await,
        nominated(&jrs, &mut anja, "Ole Ravn", "ole@post.example").await,
        nominated(&jrs, &mut bent, "Pia Skov", "pia@post.example").await,
    ];
    jrs.fire("info_meeting.booked", Some("2027-03-24T13:00"), &[])
        .await;
    jrs.until("2027-03-24T15:30").await;
    (jrs, cases)
}

/// The same when all of them have come.
async fn met() -> (Jrs, [String; 3]) {
    let (jrs, cases) = after_meeting().await;
    jrs.fire("info_meeting.held", None, &[]).await;
    (jrs, cases)
}

/// The value of a hidden field of a page.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let field = field.unwrap_or_else(|| panic!("{name}: {page}"));
    field.split('"').next().expect("its end")
}

#[tokio::test]
async fn who_came_to_a_meeting_of_the_hold_is_ticked_off_and_each_is_told_for_themselves() {
    let (jrs, cases) = after_meeting().await;
    let [ida, ole, pia] = cases.each_ref().map(String::as_str);
    let mut viggo = jrs.visitor(VIGGO, Role::Coordinator).await;
    let path = format!("/hold/{}/moede/info_meeting", jrs.hold);
    for page in ["/".to_owned(), format!("/hold/{}", jrs.hold)] {
        let shown = viggo.get(&page).await.body;
        assert!(shown.contains(&path), "{page}: {shown}");
        assert!(!shown.contains("value=\"info_meeting.held\""), "{page}");
    }
    let list = viggo.get(&path).await.body;
    assert_eq!(list.matches("name=\"kom\"").count(), 3);
    assert_eq!(
        list.matches(" checked>").count(),
        3,
        "all are taken to have come"
    );
    let (seen, key) = (hidden(&list, "seen"), hidden(&list, "key"));
    let form = |seen: &str, listed: &[&str]| {
        let mut fields = vec![("seen".to_owned(), seen.to_owned())];
        fields.push(("key".to_owned(), key.to_owned()));
        fields.extend(
            listed
                .iter()
                .map(|id| ("ventet".to_owned(), (*id).to_owned())),
        );
        fields.extend([ida, pia].map(|id| ("kom".to_owned(), id.to_owned())));
        fields
    };
    // Of somebody who was not listed nobody has said anything, nor of a meeting that has been changed since.
    let table = [
        (form(seen, &[ida, pia]), "ændret af en anden", "Indstillet"),
        (
            form("1", &[ida, ole, pia]),
            "ændret af en anden",
            "Indstillet",
        ),
        (form(seen, &[ida, ole, pia]), "holdt", "Mødt"),
        (form(seen, &[ida, ole, pia]), "allerede gjort", "Mødt"),
    ];
    for (fields, said, state) in table {
        let fields: Vec<(&str, &str)> = (fields.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let answered = viggo.post(&path, &fields).await;
        assert_eq!(answered.status, 303, "{said}: {}", answered.body);
        let page = viggo.get(answered.location()).await.body;
        assert!(page.contains(said), "{said}: {page}");
        assert!(jrs.state(ida).await.starts_with(state), "{said}");
    }
    assert!(jrs.state(pia).await.starts_with("Mødt"));
    assert!(
        jrs.state(ole).await.starts_with("Indstillet"),
        "who did not come is not met"
    );
    let heard = jrs.desk.case_shown(ole, None).await.expect("the case").past;
    assert!(
        heard.iter().any(|one| one.what.contains("ikke mødt")),
        "{heard:?}"
    );
    // It is nobody's who is not offered it.
    let mut anja = jrs.visitor(ANJA, Role::JobConsultant).await;
    assert_eq!(anja.get(&path).await.status, 404);
}

/// The fields of the page as it is, with an answer for each of these.
fn answers<'a>(page: &'a str, given: &[(&'a str, &'a str)]) -> Vec<(String, &'a str)> {
    let mut fields = Vec::new();
    for hidden in page.split("name=\"set-").skip(1) {
        let (id, rest) = hidden.split_once('"').expect("an id");
        let value = rest.split("value=\"").nth(1).expect("a value");
        fields.push((
            format!("set-{id}"),
            value.split('"').next().expect("its end"),
        ));
    }
    for (case, event) in given {
        fields.push((format!("svar.{case}"), *event));
        if *event == "choose" {
            fields.push((format!("set.{case}.screened"), "yes"));
            fields.push((format!("set.{case}.danish"), "02"));
            fields.push((format!("set.{case}.maths"), "4"));
            fields.push((format!("set.{case}.needs_help"), "none"));
        }
    }
    fields
}

async fn send(
    browser: &mut Browser,
    page: &str,
    fields: &[(String, &str)],
    step: &str,
) -> Answered {
    let mut all: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    all.push(("trin", step));
    browser.post(page, &all).await
}

#[tokio::test]
async fn many_are_selected_at_once_and_each_mail_reads_as_it_was_shown() {
    let (jrs, cases) = met().await;
    let [ida, ole, pia] = cases.each_ref().map(String::as_str);
    let mut signe = jrs.visitor(SIGNE, Role::EducationConsultant).await;
    let page = format!("/hold/{}/udvaelgelse", jrs.hold);
    let shown = signe.get(&page).await.body;
    // Easter lies between the meeting and the deadline.
    for said in [
        "<strong>2</strong>",
        "hverdage tilbage",
        "Udvælg kandidater",
        "31.3.2027",
        "Optag ikke",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    // One who says nothing is told so, and one who is not decided on holds the mail back.
    assert_eq!(signe.post(&page, &[]).await.status, 422);
    let some = answers(&shown, &[(ida, "choose")]);
    let looked = send(&mut signe, &page, &some, "").await.body;
    assert!(looked.contains("Der går ingen mail af det"), "{looked}");
    assert!(looked.contains("2 mangler"), "{looked}");

    let all = answers(
        &shown,
        &[(ida, "choose"), (ole, "decline"), (pia, "choose")],
    );
    let looked = send(&mut signe, &page, &all, "").await;
    assert_eq!(looked.status, 200);
    let looked = looked.body;
    for said in [
        "Der går 2 mails af det",
        "Ikke optaget",
        "Udvalgt",
        "Til Anja Lund",
        "Til Bent Aas",
    ] {
        assert!(looked.contains(said), "{said}: {looked}");
    }
    assert_eq!(
        jrs.state(ida).await,
        "Mødt til informationsmøde",
        "to look changes nothing"
    );
    jrs.until("2027-03-24T15:50").await;
    assert!(
        jrs.sent(ANJA, "")
            .iter()
            .all(|text| !looked.contains(text.as_str()))
    );

    let done = send(&mut signe, &page, &all, "udfoer").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let said = signe.get(&page).await.body;
    assert!(said.contains("3 kandidater har fået svar"), "{said}");
    assert_eq!(jrs.state(ida).await, "Udvalgt");
    assert_eq!(jrs.state(ole).await, "Ikke optaget");
    jrs.until("2027-03-31T12:00").await;
    for (to, name, subject) in [
        (ANJA, "Anja Lund", "Ole Ravn"),
        (BENT, "Bent Aas", "Pia Skov"),
    ] {
        let foreseen = mail_after(&looked, &format!("Til {name}"));
        assert!(foreseen.contains(subject), "{foreseen}");
        let sent = jrs.sent(to, "");
        let same = |text: &&String| words(text) == words(&foreseen);
        assert_eq!(sent.iter().filter(same).count(), 1, "{foreseen}\n{sent:#?}");
    }
    // The same form once more does nothing more.
    let before = jrs
        .desk
        .case_shown(ida, None)
        .await
        .expect("the case")
        .past
        .len();
    assert_eq!(send(&mut signe, &page, &all, "udfoer").await.status, 303);
    let after = jrs
        .desk
        .case_shown(ida, None)
        .await
        .expect("the case")
        .past
        .len();
    assert_eq!(before, after);
}

#[tokio::test]
async fn who_has_moved_on_is_named_and_the_others_are_answered() {
    let (jrs, cases) = met().await;
    let [ida, ole, pia] = cases.each_ref().map(String::as_str);
    let mut signe = jrs.visitor(SIGNE, Role::EducationConsultant).await;
    let page = format!("/hold/{}/udvaelgelse", jrs.hold);
    let shown = signe.get(&page).await.body;
    let all = answers(
        &shown,
        &[(ida, "choose"), (ole, "decline"), (pia, "choose")],
    );
    // Meanwhile Ole does not want to.
    let mut anja = jrs.visitor(ANJA, Role::JobConsultant).await;
    let own = anja.get(&page).await.body;
    assert!(
        own.contains("Ole Ravn") && !own.contains("Pia Skov"),
        "{own}"
    );
    assert!(
        own.contains("Ønsker ikke at deltage") && !own.contains("Optag ikke"),
        "{own}"
    );
    let no = answers(&own, &[(ole, "say_no")]);
    assert_eq!(send(&mut anja, &page, &no, "udfoer").await.status, 303);
    // What a role is not offered it cannot do, whatever a form says; nor what is another jobcentre's.
    let not = answers(&own, &[(ida, "choose")]);
    send(&mut anja, &page, &not, "udfoer").await;
    assert_eq!(jrs.state(ida).await, "Mødt til informationsmøde");
    let theirs = answers(&own, &[(pia, "say_no")]);
    for step in ["", "udfoer"] {
        send(&mut anja, &page, &theirs, step).await;
    }
    assert_eq!(jrs.state(pia).await, "Mødt til informationsmøde");

    send(&mut signe, &page, &all, "udfoer").await;
    let said = signe.get(&page).await.body;
    assert!(said.contains("2 kandidater har fået svar"), "{said}");
    assert!(
        said.contains("Ole Ravn: Det er ændret af en anden"),
        "{said}"
    );
    assert_eq!(jrs.state(ida).await, "Udvalgt");
    assert_eq!(jrs.state(ole).await, "Meldte fra før start");
    assert_eq!(jrs.state(pia).await, "Udvalgt");
}

#[tokio::test]
async fn a_link_in_a_mail_answers_once_and_only_when_its_button_is_pressed() {
    let (jrs, cases) = met().await;
    let [ida, ole, pia] = cases.each_ref().map(String::as_str);
    let mut signe = jrs.visitor(SIGNE, Role::EducationConsultant).await;
    let page = format!("/hold/{}/udvaelgelse", jrs.hold);
    let shown = signe.get(&page).await.body;
    let all = answers(&shown, &[(ida, "choose"), (ole, "choose"), (pia, "choose")]);
    assert_eq!(send(&mut signe, &page, &all, "udfoer").await.status, 303);
    jrs.fire("facts", None, &[("place", "SOSU-skolen, Skolevej 1")])
        .await;
    jrs.until("2027-04-21T10:00").await;
    let mail = jrs.sent("ida@post.example", "Du begynder").remove(0);
    let link = |mail: &str| {
        let mut words = mail.split_whitespace();
        let link = words
            .find_map(|word| word.strip_prefix(&jrs.base))
            .expect("a link");
        assert!(link.starts_with("/svar/"), "{link}");
        link.to_owned()
    };
    let path = link(&mail);
    let mut anybody = Browser::at(jrs.at);
    // To fetch it changes nothing, however often: scanners do.
    for _ in 0..2 {
        let asked = anybody.get(&path).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        assert!(asked.body.contains("Hej Ida.") && asked.body.contains("Melder fra før start"));
        assert!(
            !asked.body.contains("Vest") && !asked.body.contains("Nordby"),
            "{}",
            asked.body
        );
    }
    assert_eq!(jrs.state(ida).await, "Udvalgt");
    // What is not ours, or is ours for something else, is nothing.
    let mut other = path.clone();
    other.pop();
    let elsewhere = path.replace("/svar/", "/afmeld/");
    for wrong in [
        other,
        path.replace("give_back", "choose"),
        elsewhere,
        "/svar/x".to_owned(),
    ] {
        assert_eq!(anybody.get(&wrong).await.status, 404, "{wrong}");
        assert_eq!(anybody.post(&wrong, &[]).await.status, 404, "{wrong}");
    }
    assert_eq!(anybody.post_from_elsewhere(&path, &[]).await.status, 403);
    assert_eq!(jrs.state(ida).await, "Udvalgt");
    for _ in 0..2 {
        let done = anybody.post(&path, &[]).await;
        assert_eq!(done.status, 200);
        assert!(done.body.contains("Tak, det er noteret"), "{}", done.body);
        assert!(!done.body.contains("<form"));
    }
    assert_eq!(jrs.state(ida).await, "Meldte fra før start");
    let past = jrs.desk.case_shown(ida, None).await.expect("the case").past;
    let fired = past
        .iter()
        .filter(|one| one.what.contains("Melder fra"))
        .count();
    assert_eq!(fired, 1, "{past:#?}");

    // A case that has gone on is not answered any more, nor is a link whose day has passed.
    let ole = link(&jrs.sent("ole@post.example", "Du begynder").remove(0));
    let pia = link(&jrs.sent("pia@post.example", "Du begynder").remove(0));
    jrs.until("2027-04-26T10:00").await;
    let late = anybody.post(&ole, &[]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("gået videre"), "{}", late.body);
    jrs.until("2027-05-22T10:00").await;
    assert_eq!(anybody.post(&pia, &[]).await.status, 410);
    assert_eq!(
        anybody.get(&path).await.status,
        200,
        "what was answered is told still"
    );
}

#[test]
fn a_link_for_what_its_reader_is_never_offered_is_a_problem_where_it_stands() {
    let yaml = shipped(NAME);
    let read = definition::read(&format!("{NAME}.yaml"), &yaml);
    let name = "da/jrs-course-start/body.txt.hbs";
    let problems = |event: &str| {
        let mut source = templates();
        let text = source.files.get_mut(name).expect("the template");
        *text = text.replace("{{answers.give_back}}", &format!("{{{{answers.{event}}}}}"));
        let is_it = |line: &str| line.contains(&format!("{{{{answers.{event}}}}}"));
        let line = text.lines().position(is_it).expect("the line") + 1;
        let mut stage = Rehearsal::new(Path::new("email-templates"), source);
        let heard = stage.try_all(&read).into_iter();
        let found = heard
            .map(|heard| heard.problem)
            .filter(|one| one.severity == Severity::Error);
        (line, found.collect::<Vec<_>>())
    };
    assert_eq!(problems("give_back").1.len(), 0);
    // The education consultant's, and nobody's.
    for event in ["choose", "giv_back"] {
        let (line, found) = problems(event);
        let told = (found.iter())
            .any(|one| one.line == line && one.file.ends_with(name) && one.message.contains(event));
        assert!(told, "{event}: {found:#?}");
    }
}
