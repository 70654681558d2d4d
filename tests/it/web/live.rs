//! Pages that show by themselves what has changed.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tovholder::access::Role;
use tovholder::runner::desk::Fire;

use super::{Browser, Stage};

/// Longer than it takes to look again.
const SOON: Duration = Duration::from_secs(20);

/// A page that follows something.
struct Follower(Lines<BufReader<TcpStream>>);

impl Follower {
    async fn of(stage: &Stage, browser: &Browser, what: &str) -> Self {
        let mut stream = TcpStream::connect(stage.at).await.expect("a door");
        let request = format!(
            "GET /nyt?om={what} HTTP/1.1\r\nHost: tov.example\r\nCookie: tovholder={}\r\n\r\n",
            browser.held("tovholder")
        );
        stream.write_all(request.as_bytes()).await.expect("asked");
        Self(BufReader::new(stream).lines())
    }

    /// The next word; none when it is over.
    async fn word(&mut self) -> Option<String> {
        let next = async {
            while let Ok(Some(line)) = self.0.next_line().await {
                if let Some(word) = line.strip_prefix("data: ") {
                    return Some(word.to_owned());
                }
            }
            None
        };
        let word = tokio::time::timeout(SOON, next).await;
        word.expect("there is a word, or an end")
    }
}

#[tokio::test]
async fn a_page_hears_of_what_happens_to_what_it_shows_and_of_nothing_else() {
    let stage = Stage::new().await;
    let kim = stage.visitor(Role::Coordinator).await;
    let mut board = Follower::of(&stage, &kim, &format!("hold.{}", stage.hold)).await;
    let own = &stage.cases[0].public_id;
    let mut case = Follower::of(&stage, &kim, &format!("sag.{own}")).await;
    let (hold_before, case_before) = (board.word().await, case.word().await);
    let absence = |of: &str| Fire {
        of: of.to_owned(),
        event: "absence".to_owned(),
        ..Fire::default()
    };
    // It happens to another case: the board hears of it first.
    let other = &stage.cases[1].public_id;
    stage.desk.fire(&absence(other)).await.expect("recorded");
    assert_ne!(board.word().await, hold_before);
    stage.desk.fire(&absence(own)).await.expect("recorded");
    let after = case.word().await;
    assert_ne!(after, case_before);
    // Only the second was heard of by the case: the word is the one that it has now.
    let mut again = Follower::of(&stage, &kim, &format!("sag.{own}")).await;
    assert_eq!(again.word().await, after);
}

#[tokio::test]
async fn what_is_another_jobcentres_cannot_be_followed_and_does_not_show_in_what_can() {
    let stage = Stage::new().await;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let theirs = consultant
        .get(&format!("/nyt?om=sag.{}", stage.cases[0].public_id))
        .await;
    let nothing = consultant
        .get("/nyt?om=sag.0193a7c0-0000-7000-8000-000000000000")
        .await;
    assert_eq!((theirs.status, &theirs.body), (404, &nothing.body));
    assert_eq!(consultant.get("/nyt?om=alt").await.status, 404);
    assert_eq!(Browser::at(stage.at).get("/nyt?om=dag").await.status, 303);

    let board = format!("hold.{}", stage.hold);
    let before = Follower::of(&stage, &consultant, &board).await.word().await;
    let fire = Fire {
        of: stage.cases[0].public_id.clone(),
        event: "absence".to_owned(),
        ..Fire::default()
    };
    stage.desk.fire(&fire).await.expect("recorded");
    let after = Follower::of(&stage, &consultant, &board).await.word().await;
    assert_eq!(
        before, after,
        "it does not show that something happened to a case of others"
    );
}

#[tokio::test]
async fn a_service_that_stops_does_not_wait_for_those_who_follow() {
    let stage = Stage::new().await;
    let kim = stage.visitor(Role::Coordinator).await;
    let mut today = Follower::of(&stage, &kim, "dag").await;
    assert!(today.word().await.is_some());
    stage.stop.send(true).expect("it listens");
    assert_eq!(today.word().await, None);
}
