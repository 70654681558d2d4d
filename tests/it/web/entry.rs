//! Getting in, and staying out.

use tovholder::access::{Role, Second, step_at};
use tovholder::clock::Clock;
use tovholder::runner::desk::AccountAsked;

use super::{Browser, PASSWORD, Stage};

#[tokio::test]
async fn a_link_gives_a_password_once_and_the_password_a_session() {
    let stage = Stage::new().await;
    let asked = AccountAsked {
        email: "Kim@Kommune.example".into(),
        role: "coordinator".into(),
        name: Some("Kim Vestergaard".into()),
        organisation: None,
    };
    let (line, link) = stage.desk.open_account(&asked).await.expect("an account");
    assert_eq!(
        (line.login.as_str(), line.stands.as_str()),
        ("kim@kommune.example", "ny")
    );
    let link = format!("/velkommen/{}", link.text());
    let mut browser = Browser::at(stage.at);
    // Opening it uses nothing up; what is wrong with a password is said, and the link stays good.
    for _ in 0..2 {
        assert_eq!(browser.get(&link).await.status, 200);
    }
    for (password, again, says) in [
        (PASSWORD, "tre blå cykler i sol", "ikke ens"),
        ("kort", "kort", "for kort"),
        ("Kim Vestergaard 2026", "Kim Vestergaard 2026", "dit navn"),
    ] {
        let answered = browser
            .post(&link, &[("password", password), ("again", again)])
            .await;
        assert_eq!(answered.status, 422, "{password}");
        assert!(
            answered.body.contains(says),
            "{password}: {}",
            answered.body
        );
    }
    let chosen = browser
        .post(&link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await;
    assert_eq!((chosen.status, chosen.location()), (303, "/log-ind"));
    assert_eq!(browser.get(&link).await.status, 410, "it is used up");

    // Nobody is told whether the address or the password was wrong.
    let mut words = Vec::new();
    for (login, password) in [
        ("kim@kommune.example", "forkert adgangskode"),
        ("nobody@kommune.example", PASSWORD),
    ] {
        let answered = stage.log_in(&mut browser, login, password, None).await;
        assert_eq!(answered.status, 422);
        words.push(answered.body.replace(login, "LOGIN"));
    }
    assert_eq!(words[0], words[1]);
    let answered = browser
        .post(
            "/log-ind",
            &[
                ("login", "KIM@kommune.example"),
                ("password", PASSWORD),
                ("til", "/hold"),
            ],
        )
        .await;
    assert_eq!((answered.status, answered.location()), (303, "/hold"));
    let cookie = answered
        .head
        .lines()
        .find(|line| line.starts_with("set-cookie: tovholder="));
    let cookie = cookie.expect("a session");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let page = browser.get("/hold").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Kim Vestergaard"));

    // Where to go on is ours, or the first page.
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let answered = browser
            .post(
                "/log-ind",
                &[
                    ("login", "kim@kommune.example"),
                    ("password", PASSWORD),
                    ("til", elsewhere),
                ],
            )
            .await;
        assert_eq!(answered.location(), "/", "{elsewhere}");
    }
    let stolen = browser.clone();
    assert_eq!(browser.post("/log-ud", &[]).await.location(), "/log-ind");
    assert_eq!(
        browser.get("/hold").await.location(),
        "/log-ind?til=%2Fhold"
    );
    assert_eq!(
        stolen.clone().get("/hold").await.status,
        303,
        "the session is over for all"
    );
}

#[tokio::test]
async fn a_job_consultant_belongs_somewhere_and_what_is_refused_leaves_nothing() {
    let stage = Stage::new().await;
    for organisation in [None, Some("Jobcenter Vset".to_owned())] {
        let asked = AccountAsked {
            email: "bo@vest.example".into(),
            role: "job_consultant".into(),
            name: Some("Bo Lund".into()),
            organisation,
        };
        assert!(stage.desk.open_account(&asked).await.is_err());
        let known = stage.store.person_by_email("bo@vest.example").await;
        assert_eq!(known.expect("asked"), None);
    }
}

#[tokio::test]
async fn whoever_guesses_has_to_wait_and_a_closed_account_is_out_at_once() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let login = "coordinator@vest.example";
    let mut guesser = Browser::at(stage.at);
    for _ in 0..4 {
        let answered = stage
            .log_in(&mut guesser, login, "forkert adgangskode", None)
            .await;
        assert!(answered.body.contains("er forkert"), "{}", answered.body);
    }
    for password in ["forkert adgangskode", PASSWORD] {
        let answered = stage.log_in(&mut guesser, login, password, None).await;
        assert_eq!(answered.status, 422);
        assert!(answered.body.contains("Vent 1 minut"), "{}", answered.body);
    }
    assert_eq!(kim.get("/").await.status, 200, "who is in stays in");
    stage.desk.close_account(login).await.expect("it is closed");
    assert_eq!(kim.get("/").await.status, 303);
    assert!(stage.desk.close_account(login).await.is_err());
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_each_code_is_good_once() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Admin).await;
    let page = kim.get("/mig").await.body;
    let key = page
        .split("name=\"secret\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let key = key.expect("a key").to_owned();
    let second = Second::typed_as(&key).expect("a key");
    let code = |steps: i64| {
        let at = step_at(Clock::Real.now()) + steps;
        (0..1_000_000)
            .map(|code| format!("{code:06}"))
            .find(|code| {
                second.takes(
                    code,
                    jiff::Timestamp::from_second(at * 30).expect("an instant"),
                    at - 1,
                ) == Some(at)
            })
            .expect("one of them is it")
    };
    let wrong = kim
        .post("/mig", &[("secret", &key), ("code", "000000")])
        .await;
    assert!(wrong.body.contains("Koden passer ikke"), "{}", wrong.body);
    let now = code(0);
    assert_eq!(
        kim.post("/mig", &[("secret", &key), ("code", &now)])
            .await
            .status,
        303
    );

    let login = "admin@vest.example";
    let mut anew = Browser::at(stage.at);
    let asked = stage.log_in(&mut anew, login, PASSWORD, None).await;
    assert!(asked.body.contains("Kode fra telefonen"), "{}", asked.body);
    assert_eq!(anew.get("/hold").await.status, 303, "nobody is in by half");
    let code = code(0);
    assert_eq!(
        stage
            .log_in(&mut anew, login, PASSWORD, Some(&code))
            .await
            .status,
        303
    );
    assert_eq!(anew.get("/hold").await.status, 200);
    let again = stage
        .log_in(&mut Browser::at(stage.at), login, PASSWORD, Some(&code))
        .await;
    assert_eq!(
        again.status, 422,
        "a code that was read over a shoulder is no good"
    );
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let case = &stage.cases[0].public_id;
    let path = format!("/handling/{case}");
    let fields = [("event", "close"), ("back", "/")];
    assert_eq!(kim.post_from_elsewhere(&path, &fields).await.status, 403);
    let known = stage.desk.case_shown(case, None).await.expect("the case");
    assert_eq!(known.state, "Her", "and nothing has happened");
    assert_eq!(kim.post(&path, &fields).await.status, 303);
    let known = stage.desk.case_shown(case, None).await.expect("the case");
    assert_eq!(known.state, "Ude");
    assert!(
        known.past.iter().any(|past| past.by == "Kim coordinator"),
        "{:?}",
        known.past
    );
}

#[tokio::test]
async fn what_is_done_is_done_once_however_often_the_button_is_pressed() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::JobConsultant).await;
    let case = &stage.cases[2].public_id;
    let page = kim.get(&format!("/sager/{case}")).await.body;
    assert!(
        page.contains("Vælg spor") && !page.contains("Luk sagen"),
        "{page}"
    );
    let path = format!("/handling/{case}");
    let fields = [
        ("event", "choose"),
        ("set.track", "helper"),
        ("key", "k1"),
        ("back", "/hold"),
    ];
    for expect in ["Hjælper", "allerede"] {
        assert_eq!(kim.post(&path, &fields).await.location(), "/hold");
        let page = kim.get("/hold").await.body;
        assert!(page.contains(expect), "{expect}: {page}");
    }
    // Nor is what the engine would take from anybody, but a page does not offer: facts, and the hold's own.
    let forged = [
        ("event", "facts"),
        ("set.track", "assistant"),
        ("back", "/hold"),
    ];
    kim.post(&path, &forged).await;
    assert!(kim.get("/hold").await.body.contains("class=\"said wrong\""));
    // What their role may not is refused in words, whatever a page shows.
    kim.post(&path, &[("event", "close"), ("back", "/hold")])
        .await;
    assert!(kim.get("/hold").await.body.contains("class=\"said wrong\""));
}
