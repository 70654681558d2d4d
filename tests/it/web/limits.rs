//! Whoever asks too often is told to wait, and nobody else is.

use std::net::SocketAddr;

use tokio::sync::watch;
use tovholder::access::Role;
use tovholder::web::{self, Options, Pages};

use super::{Browser, PASSWORD, Stage};

/// As the limits say: an address's log-ins and guesses at secret links at once, an account's pages at once.
const LOG_INS: usize = 60;
const GUESSES: usize = 30;
const PAGES: usize = 300;
/// Likewise all that an address asks for.
const ASKED: usize = 1_200;

/// Pages behind a proxy on this machine.
async fn behind_proxy(stage: &Stage) -> (SocketAddr, watch::Sender<bool>) {
    let options = Options::default().behind(vec!["127.0.0.1".parse().expect("an address")]);
    let pages = Pages::new(stage.desk.runner().clone(), options);
    let door = web::bind("127.0.0.1:0".parse().expect("an address")).await;
    let door = door.expect("a door");
    let at = door.local_addr().expect("an address");
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move { pages.serve(door, stopped).await });
    (at, stop)
}

fn from(at: SocketAddr, address: &str) -> Browser {
    Browser::saying(at, "X-Forwarded-For", address)
}

#[tokio::test]
async fn who_guesses_at_links_is_refused_and_who_has_one_is_not() {
    let stage = Stage::new().await;
    let (at, _stop) = behind_proxy(&stage).await;
    let mut guesser = from(at, "203.0.113.7");
    for guess in 0..GUESSES {
        let answered = guesser.get(&format!("/velkommen/{guess:064x}")).await;
        assert!(matches!(answered.status, 404 | 410), "{}", answered.status);
    }
    for path in ["/velkommen/00", "/afmeld/00"] {
        let answered = guesser.get(path).await;
        assert_eq!(answered.status, 429, "{path}");
        let wait: u64 = answered.header("retry-after").parse().expect("seconds");
        assert!((1..=11).contains(&wait), "{wait}");
        assert!(answered.body.contains("Vent ") && answered.body.contains(" sekunder"));
        assert!(!answered.header("content-security-policy").is_empty());
    }
    assert_eq!(
        guesser.get("/log-ind").await.status,
        200,
        "other pages are there"
    );
    // What the asker says before the proxy's word does not make them somebody else.
    let mut liar = from(at, "198.51.100.1, 203.0.113.7");
    assert_eq!(liar.get("/velkommen/00").await.status, 429);
    let asked = tovholder::runner::desk::AccountAsked {
        email: "ny@vest.example".into(),
        role: "coordinator".into(),
        name: Some("Ny Lund".into()),
        organisation: None,
    };
    let (_, link) = stage.desk.open_account(&asked).await.expect("an account");
    let mut other = from(at, "203.0.113.8");
    for _ in 0..2 * GUESSES {
        let path = format!("/velkommen/{}", link.text());
        assert_eq!(
            other.get(&path).await.status,
            200,
            "a good link costs nothing"
        );
    }
}

#[tokio::test]
async fn an_office_logs_in_and_a_flood_of_log_ins_waits() {
    let stage = Stage::new().await;
    let (at, _stop) = behind_proxy(&stage).await;
    let login = stage.account(Role::Coordinator).await;
    let mut office = from(at, "203.0.113.7");
    for _ in 0..3 {
        let answered = stage.log_in(&mut office, &login, PASSWORD, None).await;
        assert_eq!(answered.status, 303);
    }
    // Without a password nothing is reckoned, so that this takes no time in which the allowance fills up.
    let mut refused = 0;
    for _ in 0..LOG_INS + 20 {
        let answered = office.post_from_elsewhere("/log-ind", &[]).await;
        refused += usize::from(answered.status == 429);
    }
    assert!((1..=23).contains(&refused), "{refused}");
    let answered = stage.log_in(&mut office, &login, PASSWORD, None).await;
    assert_eq!(answered.status, 429);
    assert_eq!(
        office.get("/hold").await.status,
        200,
        "whoever is in works on"
    );
    let mut elsewhere = from(at, "203.0.113.8");
    let answered = stage.log_in(&mut elsewhere, &login, PASSWORD, None).await;
    assert_eq!(answered.status, 303, "from elsewhere the account is open");
}

#[tokio::test]
async fn an_account_is_counted_wherever_it_asks_from_and_this_machine_is_not() {
    let stage = Stage::new().await;
    let (at, _stop) = behind_proxy(&stage).await;
    let login = stage.account(Role::Coordinator).await;
    let mut browsers = ["203.0.113.7", "203.0.113.8"].map(|address| from(at, address));
    for browser in &mut browsers {
        stage.log_in(browser, &login, PASSWORD, None).await;
    }
    let mut answers = Vec::new();
    for turn in 0..4 * PAGES {
        let answered = browsers[turn % 2].get("/mig").await;
        answers.push(answered.status);
        if answered.status == 429 {
            break;
        }
    }
    assert_eq!(answers.pop(), Some(429), "after {}", answers.len());
    assert!(answers.len() >= PAGES && answers.iter().all(|status| *status == 200));
    // Without a proxy that was named, this machine may ask as often as it likes.
    let mut own = stage.visitor(Role::Reader).await;
    for _ in 0..PAGES + 100 {
        assert_eq!(own.get("/mig").await.status, 200);
    }
}

#[tokio::test]
async fn a_program_at_an_address_that_is_not_there_is_told_in_its_own_way_to_wait() {
    let stage = Stage::new().await;
    let (at, _stop) = behind_proxy(&stage).await;
    let mut program = from(at, "203.0.113.7");
    let mut refused = program.get("/api/v1/nothing/there").await;
    for _ in 0..3 * ASKED {
        if refused.status == 429 {
            break;
        }
        refused = program.get("/api/v1/nothing/there").await;
    }
    assert_eq!(refused.status, 429);
    let mut answers = vec![(refused, true)];
    for (path, is_program) in [("/api/v2/holds", true), ("/nothing/there", false)] {
        let mut refused = program.get(path).await;
        while refused.status != 429 {
            refused = program.get(path).await;
        }
        answers.push((refused, is_program));
    }
    for (refused, is_program) in answers {
        let kind = refused.header("content-type");
        assert_eq!(kind == "application/problem+json", is_program, "{kind}");
        assert!(!refused.header("retry-after").is_empty());
    }
}
