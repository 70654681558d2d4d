//! The log of who read about whom, as whoever keeps accounts looks at it.

use jiff::Timestamp;
use tovholder::access::Role;
use tovholder::clock::Clock;
use tovholder::runner::desk::ReadsAsked;
use tovholder::store::{READS_KEPT_DAYS, ReadsFilter, Sees, Session};

use super::{Browser, Stage};

/// As many lines as a page has.
const LINES: usize = 100;

fn lines(page: &str) -> usize {
    page.matches("<td class=\"when\">").count()
}

#[tokio::test]
async fn who_keeps_accounts_sees_who_has_read_about_whom() {
    let stage = Stage::new().await;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let (own, other) = (&stage.cases[2].public_id, &stage.cases[3].public_id);
    consultant.get(&format!("/sager/{own}")).await;
    let mut admin = stage.visitor(Role::Admin).await;
    let case = admin.get(&format!("/sager/{other}")).await;
    let link = format!("/laeselog?sag={other}");
    assert!(case.body.contains(&link), "{}", case.body);
    assert!(
        !consultant
            .get(&format!("/sager/{other}"))
            .await
            .body
            .contains("laeselog")
    );

    let all = admin.get("/laeselog").await;
    assert_eq!((all.status, lines(&all.body)), (200, 3), "{}", all.body);
    for part in [
        "Kim job_consultant",
        "Kim admin",
        &stage.names[2],
        &stage.names[3],
        ">sagen<",
    ] {
        assert!(all.body.contains(part), "{part}: {}", all.body);
    }
    // Newest first, and each filter leaves its own. Looking at the log is reading, too.
    let of_other = admin.get(&link).await;
    assert_eq!(lines(&of_other.body), 3, "{}", of_other.body);
    assert!(of_other.body.contains("læseloggen"));
    assert!(!of_other.body.contains(stage.names[2].as_str()));
    let path = "/laeselog?konto=job_consultant%40vest.example";
    let by_consultant = admin.get(path).await;
    assert_eq!(lines(&by_consultant.body), 2, "{}", by_consultant.body);
    let both = format!("{path}&sag={own}");
    assert_eq!(lines(&admin.get(&both).await.body), 1);
    for nobody in [
        "/laeselog?sag=there-is-none",
        "/laeselog?konto=nobody%40vest.example",
    ] {
        assert_eq!(admin.get(nobody).await.status, 404, "{nobody}");
    }
    assert_eq!(consultant.get("/laeselog").await.status, 403);
    assert_eq!(Browser::at(stage.at).get("/laeselog").await.status, 303);
}

#[tokio::test]
async fn it_is_paged_without_leaving_out_or_repeating_a_line() {
    let stage = Stage::new().await;
    stage.account(Role::Coordinator).await;
    let account = stage.store.account("coordinator@vest.example").await;
    let account = account.expect("asked").expect("there is one").id;
    let subject = stage.cases[0].id;
    let written = 2 * LINES + 1;
    for at in 0..written {
        let at = Clock::Real.now().as_microsecond() + i64::try_from(at).expect("small");
        stage
            .store
            .log_access(account, &[subject], "case", at)
            .await
            .expect("written");
    }
    let mut asked = ReadsAsked {
        of: Some(stage.cases[0].public_id.clone()),
        ..ReadsAsked::default()
    };
    let mut found = Vec::new();
    loop {
        let page = stage.desk.reads(&asked).await.expect("a page");
        assert!(page.lines.len() <= LINES);
        found.push(page.lines.len());
        asked.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(found, [LINES, LINES, 1]);
    let mut admin = stage.visitor(Role::Admin).await;
    let first = admin
        .get("/laeselog?konto=coordinator%40vest.example")
        .await
        .body;
    let (_, next) = first
        .split_once("<a href=\"/laeselog?konto=")
        .unwrap_or_else(|| panic!("a next page: {first}"));
    let next = next
        .split('"')
        .next()
        .expect("a link")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let second = admin.get(&format!("/laeselog?konto={next}")).await;
    assert_eq!((second.status, lines(&second.body)), (200, LINES));
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_when_somebody_logs_in() {
    let stage = Stage::new().await;
    stage.account(Role::Coordinator).await;
    let account = stage.store.account("coordinator@vest.example").await;
    let account = account.expect("asked").expect("there is one").id;
    let now = Timestamp::UNIX_EPOCH.as_microsecond() + READS_KEPT_DAYS * 86_400_000_000 + 10;
    for at in [8, 9, 10, 11] {
        stage
            .store
            .log_access(account, &[stage.cases[0].id], "case", at)
            .await
            .expect("written");
    }
    let session = Session {
        hash: "x".into(),
        is_welcome: false,
        account_id: account,
        at: now,
        ends_at: now + 1,
    };
    assert!(
        stage
            .store
            .begin_session(session, 0)
            .await
            .expect("it is stored")
    );
    let filter = ReadsFilter {
        limit: 10,
        ..ReadsFilter::default()
    };
    let left = stage
        .store
        .reads(Sees::All, &filter)
        .await
        .expect("the log");
    let left: Vec<i64> = left.into_iter().map(|row| row.at).collect();
    assert_eq!(left, [11, 10]);
    assert_eq!(
        stage
            .store
            .reads(Sees::Nobody, &filter)
            .await
            .expect("the log"),
        []
    );
}
