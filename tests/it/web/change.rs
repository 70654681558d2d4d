//! What a change would bring is read first, and exactly that is done: another version, other days, a step taken back.
//! When something else would come of it by now, nothing is done and that is told.

use tovholder::access::Role;
use tovholder::runner::desk::Fire;

use super::workflow::hidden;
use super::{Browser, NAMES, Stage, WORKFLOW};

const OF_OTHERS: &str = "er en anden";

impl Stage {
    /// Publishes another text of the workflow.
    async fn publish(&self, admin: &mut Browser, yaml: &str) {
        let seq = self.desk.workflow_text("prove").await.expect("a text").seq;
        let seq = seq.to_string();
        let fields = [("do", "publish"), ("yaml", yaml), ("seq", seq.as_str())];
        let answered = admin.post("/forloeb/prove/ret", &fields).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
    }

    /// Somebody else closes a candidate's case.
    async fn closes(&self, case: usize) {
        let close = Fire {
            of: self.cases[case].public_id.clone(),
            event: "close".into(),
            ..Fire::default()
        };
        self.desk.fire(&close).await.expect("it is closed");
    }

    /// The number of the version that the hold follows.
    async fn follows(&self) -> usize {
        let versions = self.desk.versions(Some("prove")).await.expect("versions");
        let is_ours = |holds: &[(String, String)]| holds.iter().any(|(id, _)| *id == self.hold);
        let ours = versions.iter().find(|version| is_ours(&version.holds));
        ours.expect("a version").number
    }
}

#[tokio::test]
async fn a_hold_goes_on_by_another_version_exactly_as_it_was_read() {
    let stage = Stage::new().await;
    let mut admin = stage.visitor(Role::Admin).await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let path = format!("/hold/{}/version", stage.hold);
    let page = kim.get(&path).await.body;
    assert!(page.contains("Der er ingen anden version"), "{page}");
    let later = WORKFLOW.replace(
        "soon:  {template: hello, to: candidate, when: 3",
        "soon:  {template: hello, to: candidate, when: 5",
    );
    stage.publish(&mut admin, &later).await;
    let board = kim.get(&format!("/hold/{}", stage.hold)).await.body;
    assert!(board.contains(&path), "{board}");

    // What is different, and what it brings to whom.
    let plan = kim.get(&format!("{path}?til=2")).await;
    assert_eq!(plan.status, 200);
    for says in [
        "prove@1 → prove@2",
        "5 arbejdsdage",
        "<strong>4</strong> mails på andre tidspunkter",
        "Velkommen",
        "5.2.2026 kl. 9.00",
        "9.2.2026 kl. 9.00",
        "Gør præcis det",
    ] {
        assert!(plan.body.contains(says), "{says}: {}", plan.body);
    }
    assert!(NAMES.iter().all(|name| plan.body.contains(name)));
    assert!(
        !plan.body.contains("name=\"fase."),
        "nothing has to be said"
    );
    let read = hidden(&plan.body, "plan").to_owned();
    assert_eq!(stage.follows().await, 1, "reading it changes nothing");

    // Something happens in between: the new plan is shown, and has another name.
    stage.closes(0).await;
    let told = kim.post(&path, &[("til", "2"), ("plan", &read)]).await;
    assert_eq!(told.status, 409);
    assert!(told.body.contains(OF_OTHERS), "{}", told.body);
    assert!(!told.body.contains("tovholder migrate"), "{}", told.body);
    let now = hidden(&told.body, "plan").to_owned();
    assert_ne!(now, read);
    assert_eq!(stage.follows().await, 1);
    let without = kim.post(&path, &[("til", "2")]).await;
    assert_eq!((without.status, stage.follows().await), (409, 1));

    let done = kim.post(&path, &[("til", "2"), ("plan", &now)]).await;
    assert_eq!((done.status, done.location()), (303, path.as_str()));
    assert_eq!(stage.follows().await, 2);
    let page = kim.get(&path).await.body;
    assert!(page.contains("Holdet følger nu prove@2"), "{page}");
    assert!(
        page.contains("Fortryd skiftet") && page.contains("Kim coordinator"),
        "{page}"
    );

    // Taken back, and made again; when something has followed it stays.
    let undo = format!("{path}/fortryd");
    kim.post(&undo, &[]).await;
    assert_eq!(stage.follows().await, 1);
    let page = kim.get(&path).await.body;
    assert!(
        page.contains("fortrudt") && !page.contains("Fortryd skiftet"),
        "{page}"
    );
    let plan = kim.get(&format!("{path}?til=2")).await.body;
    let again = [("til", "2"), ("plan", hidden(&plan, "plan"))];
    assert_eq!(kim.post(&path, &again).await.status, 303);
    stage.closes(1).await;
    kim.post(&undo, &[]).await;
    let page = kim.get(&path).await.body;
    assert!(
        page.contains("kan ikke fortrydes") && !page.contains("Fortryd skiftet"),
        "{page}"
    );
    assert_eq!(stage.follows().await, 2);
}

#[tokio::test]
async fn where_a_state_or_a_date_is_missing_the_plan_asks_for_it() {
    let stage = Stage::new().await;
    let mut admin = stage.visitor(Role::Admin).await;
    let other = WORKFLOW
        .replace(
            "    here:\n      title: Her",
            "    arrived:\n      title: Ankommet",
        )
        .replace(
            "{start: {title: Start, weekday: monday}}",
            "{start: {title: Start, weekday: monday}, visit: {title: Besøg}}",
        );
    stage.publish(&mut admin, &other).await;
    let path = format!("/hold/{}/version", stage.hold);
    let plan = admin.get(&format!("{path}?til=2")).await.body;
    for says in [
        "findes ikke mere",
        "name=\"fase.here\"",
        "name=\"dato.visit\"",
        "kan ikke følge med",
    ] {
        assert!(plan.contains(says), "{says}: {plan}");
    }
    assert!(!plan.contains("Gør præcis det"), "{plan}");
    // A case ends in no state that it is put into.
    assert!(
        plan.contains(">Ankommet</option>") && !plan.contains(">Ude</option>"),
        "{plan}"
    );
    let wrong = format!("{path}?til=2&fase.here=arrived&dato.visit=i+morgen");
    let wrong = admin.get(&wrong).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("i morgen") && wrong.body.contains("value=\"arrived\""),
        "{}",
        wrong.body
    );
    let said = "fase.here=arrived&dato.visit=2026-03-02";
    let plan = admin.get(&format!("{path}?til=2&{said}")).await.body;
    assert!(plan.contains("»Her« → »Ankommet«"), "{plan}");
    let fields = [
        ("til", "2"),
        ("fase.here", "arrived"),
        ("dato.visit", "2026-03-02"),
        ("plan", hidden(&plan, "plan")),
    ];
    let done = admin.post(&path, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(stage.state_of(0).await, "Ankommet");
    let none = admin.get(&format!("{path}?til=9")).await;
    assert_eq!(none.status, 422);
    assert!(none.body.contains("har version 1 til 2"), "{}", none.body);
}

#[tokio::test]
async fn the_days_of_a_hold_are_changed_as_they_were_read() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let path = format!("/hold/{}/dage", stage.hold);
    // What is asked for, what the page says of it, and what the hold says when it is done.
    for (asked, says, done) in [
        (
            vec![("hvad", "datoer"), ("dato.start", "2026-03-02")],
            "23.2.2026 → <strong>2.3.2026",
            "Datoerne er flyttet",
        ),
        (
            vec![
                ("hvad", "pause"),
                ("fra", "2026-03-09"),
                ("til", "2026-03-15"),
            ],
            "Hold pause",
            "Pause fra",
        ),
        (
            vec![("hvad", "ophaev"), ("fra", "2026-03-09")],
            "Ophæv pausen",
            "er ophævet",
        ),
        (vec![("hvad", "aflys")], "mails bortfalder", "aflyst"),
    ] {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&asked);
        let read = kim.get(&format!("{path}?{}", query.finish())).await;
        assert_eq!(read.status, 200, "{asked:?}: {}", read.body);
        assert!(read.body.contains(says), "{says}: {}", read.body);
        assert!(
            NAMES.iter().any(|name| read.body.contains(name)),
            "{asked:?}"
        );
        let hash = hidden(&read.body, "rapport").to_owned();
        // What was not read is not done.
        let mut fields = asked.clone();
        fields.push(("rapport", "0"));
        let told = kim.post(&path, &fields).await;
        assert_eq!(told.status, 409, "{asked:?}");
        assert!(told.body.contains("intet er gjort"), "{}", told.body);
        assert_eq!(hidden(&told.body, "rapport"), hash, "nothing was done");
        fields.pop();
        fields.push(("rapport", hash.as_str()));
        let answered = kim.post(&path, &fields).await;
        assert_eq!(answered.status, 303, "{asked:?}: {}", answered.body);
        let page = kim.get(answered.location()).await.body;
        assert!(page.contains(done), "{done}: {page}");
    }
    assert_eq!(
        stage.state_of(0).await,
        "Her",
        "a case ends where it stands"
    );
    let page = kim.get(&path).await.body;
    assert!(page.contains("Det er slut"), "{page}");
    let board = kim.get(&format!("/hold/{}", stage.hold)).await.body;
    assert!(!board.contains(&path), "{board}");
}

#[tokio::test]
async fn days_that_cannot_be_are_refused_and_what_has_happened_since_is_told() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let path = format!("/hold/{}/dage", stage.hold);
    for (query, says) in [
        (
            "hvad=pause&fra=2026-03-15&til=2026-03-09",
            "kan ikke slutte",
        ),
        ("hvad=pause&fra=snart&til=2026-03-09", "ikke en dato"),
        ("hvad=ophaev&fra=2026-03-09", "Ingen pause begynder"),
        ("hvad=datoer&dato.start=2026-03-03", "Nærmest ligger"),
    ] {
        let told = kim.get(&format!("{path}?{query}")).await;
        assert_eq!(told.status, 422, "{query}");
        assert!(told.body.contains(says), "{says}: {}", told.body);
        assert!(!told.body.contains("name=\"rapport\""), "{query}");
    }
    let read = kim
        .get(&format!("{path}?hvad=datoer&dato.start=2026-03-02"))
        .await;
    stage.closes(0).await;
    let fields = [
        ("hvad", "datoer"),
        ("dato.start", "2026-03-02"),
        ("rapport", hidden(&read.body, "rapport")),
    ];
    let told = kim.post(&path, &fields).await;
    assert_eq!(told.status, 409);
    assert_ne!(hidden(&told.body, "rapport"), fields[2].1);
    let days = stage.desk.days_shown(&stage.hold).await.expect("days");
    let start = days.dates[0].day.expect("a day").to_string();
    assert_eq!(start, "2026-02-23");
    // A candidate's leave stands at an address of its own.
    let own = format!("/sager/{}/dage", stage.cases[1].public_id);
    assert_eq!(
        kim.get(&format!("/hold/{}/dage", stage.cases[1].public_id))
            .await
            .status,
        404
    );
    let pause = [
        ("hvad", "pause"),
        ("fra", "2026-03-09"),
        ("til", "2026-03-15"),
    ];
    let query = "hvad=pause&fra=2026-03-09&til=2026-03-15";
    let read = kim.get(&format!("{own}?{query}")).await.body;
    assert!(!read.contains("aflys"), "{read}");
    let [what, first, last] = pause;
    let fields = [what, first, last, ("rapport", hidden(&read, "rapport"))];
    let done = kim.post(&own, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let days = stage.desk.days_shown(&stage.cases[1].public_id).await;
    assert_eq!(days.expect("days").pauses.len(), 1);
}

#[tokio::test]
async fn a_step_is_taken_back_by_whom_it_is_theirs() {
    let stage = Stage::new().await;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let case = stage.cases[2].public_id.clone();
    let (page, path) = (format!("/sager/{case}"), format!("/sager/{case}/fortryd"));
    // Nobody has led anybody on.
    assert!(!kim.get(&page).await.body.contains(&path));
    assert_eq!(kim.get(&path).await.location(), page);
    assert!(kim.get(&page).await.body.contains("intet at fortryde"));

    // What a coordinator has done is not a job consultant's to take back.
    stage.closes(2).await;
    assert!(!consultant.get(&page).await.body.contains(&path));
    let seq = stage.seq_of(2).await.to_string();
    assert_eq!(consultant.post(&path, &[("seen", &seq)]).await.status, 303);
    assert!(consultant.get(&page).await.body.contains("anden rolle"));
    assert_eq!(stage.state_of(2).await, "Ude");
    assert!(kim.get(&page).await.body.contains(&path));
    let read = kim.get(&path).await.body;
    assert!(
        read.contains("»Ude« → <strong>»Her«") && read.contains("mails kommer til"),
        "{read}"
    );
    let read_seq = hidden(&read, "seen").to_owned();
    let told = kim.post(&path, &[("seen", "1")]).await;
    assert_eq!(told.status, 409);
    assert!(told.body.contains("intet er gjort"), "{}", told.body);
    let done = kim.post(&path, &[("seen", &read_seq)]).await;
    assert_eq!(done.status, 303);
    assert!(
        kim.get(&page)
            .await
            .body
            .contains("Fortrudt: tilbage i »Her«")
    );
    assert_eq!(stage.state_of(2).await, "Her");

    // Their own they can, and nobody else's candidates are named on the way.
    let chosen = [
        ("event", "choose"),
        ("set.track", "helper"),
        ("back", &page),
    ];
    consultant.post(&format!("/handling/{case}"), &chosen).await;
    assert_eq!(stage.state_of(2).await, "Valgt");
    let read = consultant.get(&path).await.body;
    assert!(
        read.contains("»Valgt« → <strong>»Her«") && read.contains(NAMES[2]),
        "{read}"
    );
    assert!(NAMES[..2].iter().all(|name| !read.contains(name)), "{read}");
    let seq = hidden(&read, "seen").to_owned();
    consultant.post(&path, &[("seen", &seq)]).await;
    assert_eq!(stage.state_of(2).await, "Her");
    let past = stage
        .desk
        .case_shown(&case, None)
        .await
        .expect("the case")
        .past;
    assert!(past[0].by.starts_with("Kim job_consultant"), "{past:?}");
    let seen = stage
        .store
        .access_of(stage.cases[2].id, 30)
        .await
        .expect("the log");
    assert!(
        seen.iter().any(|one| one.what == "report"),
        "it is written down who read"
    );
}

#[tokio::test]
async fn two_versions_are_compared_in_words() {
    let stage = Stage::new().await;
    let mut admin = stage.visitor(Role::Admin).await;
    let page = admin.get("/forloeb/prove").await.body;
    assert!(!page.contains("Vis forskellen"), "there is one version");
    stage
        .publish(
            &mut admin,
            &WORKFLOW.replace("lasts: 2 weeks", "lasts: 3 weeks"),
        )
        .await;
    let versions = stage.desk.versions(Some("prove")).await.expect("versions");
    let page = admin.get("/forloeb/prove").await.body;
    for version in &versions {
        assert!(page.contains(&version.hash[..8]), "{page}");
    }
    assert!(
        page.contains("Vis forskellen") && page.contains("Hold 1"),
        "{page}"
    );
    let diff = "/forloeb/prove/forskel";
    for (query, says) in [
        ("fra=1&til=2", "nu 3 uger (før: 2 uger)"),
        ("fra=2&til=1", "nu 2 uger (før: 3 uger)"),
        ("fra=2&til=2", "De siger det samme"),
    ] {
        let told = admin.get(&format!("{diff}?{query}")).await;
        assert_eq!(told.status, 200, "{query}");
        assert!(told.body.contains(says), "{says}: {}", told.body);
    }
    assert_eq!(admin.get(&format!("{diff}?fra=1&til=9")).await.status, 404);
}
