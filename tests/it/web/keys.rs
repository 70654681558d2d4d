//! One's own keys and calendars on a page: shown once, and nobody else's.

use tovholder::access::Role;
use tovholder::store::TokenKind;

use super::Stage;
use crate::support::browser::Browser;

const AT: &str = "/mig/noegler";

/// What stands between two words of a page.
fn between<'b>(body: &'b str, from: &str, to: &str) -> &'b str {
    let rest = body
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from}: {body}"))
        .1;
    rest.split_once(to).expect("an end").0
}

#[tokio::test]
async fn a_key_and_a_calendar_are_shown_once_work_and_are_revoked() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::JobConsultant).await;
    let asked = [
        ("act", "token"),
        ("title", "Mit regneark"),
        ("scope", "read"),
        ("scope", "act"),
        ("days", "30"),
    ];
    let made = kim.post(AT, &asked).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let token = between(&made.body, "<code>", "</code>").to_owned();
    assert!(token.starts_with("tov_"));
    let bearer = stage
        .desk
        .bearer(&token)
        .await
        .expect("stored")
        .expect("good");
    assert_eq!(bearer.scopes.len(), 2);
    let asked = [("act", "calendar"), ("title", "Outlook")];
    let made = kim.post(AT, &asked).await;
    let address = between(&made.body, "<code>", "</code>").to_owned();
    let mut anybody = Browser::at(stage.at);
    let path = &address[address.find("/kalender/").expect("a path")..];
    assert_eq!(anybody.get(path).await.status, 200);
    let page = kim.get(AT).await.body;
    assert!(page.contains("Mit regneark") && page.contains("Outlook"));
    assert!(!page.contains(&token) && !page.contains(path), "shown once");
    // Another's is not there, neither to be seen nor to be revoked.
    let lines = stage
        .desk
        .tokens(TokenKind::Api, None)
        .await
        .expect("tokens");
    let id = lines[0].id.as_str();
    let mut other = stage.visitor(Role::Admin).await;
    assert!(!other.get(AT).await.body.contains("Mit regneark"));
    let revoke = [("act", "revoke-token"), ("id", id)];
    assert_eq!(other.post(AT, &revoke).await.status, 404);
    assert_eq!(
        kim.post(AT, &[("act", "revoke-token"), ("id", &id[..8])])
            .await
            .status,
        404
    );
    assert!(stage.desk.bearer(&token).await.expect("stored").is_some());
    assert_eq!(kim.post(AT, &revoke).await.status, 303);
    assert!(stage.desk.bearer(&token).await.expect("stored").is_none());
    assert!(kim.get(AT).await.body.contains("tilbagekaldt"));
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_said_on_the_page() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Reader).await;
    for (fields, says) in [
        (
            vec![("title", "Ark"), ("days", "30")],
            "Nøglen må ingenting.",
        ),
        (
            vec![("title", ""), ("days", "30"), ("scope", "read")],
            "Det mangler",
        ),
        (
            vec![("title", "Ark"), ("days", "0"), ("scope", "read")],
            "fra 1 til 730",
        ),
        (
            vec![("title", "Ark"), ("days", "9"), ("scope", "everything")],
            "everything",
        ),
    ] {
        let mut asked = vec![("act", "token")];
        asked.extend(fields);
        let refused = kim.post(AT, &asked).await;
        assert!(refused.body.contains(says), "{says}: {}", refused.body);
        assert!(
            !refused.body.contains("--"),
            "no option of a command: {}",
            refused.body
        );
        assert!(!refused.body.contains("tov_"));
    }
}
