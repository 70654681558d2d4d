//! Who gets in by a token, and for how long.

use serde_json::json;
use tovholder::access::Role;
use tovholder::store::TokenKind;

use super::{ALL, asked, code};
use crate::web::Stage;

#[tokio::test]
async fn without_a_good_token_there_is_nothing() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &["read"]).await;
    assert_eq!(program.get("/me").await.status, 200);
    let good = format!("Bearer {}", program.token);
    for (shown, status) in [
        (good.as_str(), 200),
        (&good.to_lowercase(), 200),
        (&good[..good.len() - 1], 401),
        (&good.replace("tov_", ""), 401),
        ("Bearer", 401),
        ("Basic YTpi", 401),
        ("", 401),
    ] {
        let answered = asked(&stage, "GET", "/me", &[("Authorization", shown)], "").await;
        assert_eq!(answered.status, status, "{shown}");
        if status == 401 {
            assert_eq!(code(&answered), "unauthenticated");
            assert_eq!(
                answered.header("www-authenticate"),
                "Bearer realm=\"tovholder\""
            );
        }
    }
    // A session is not a token, nor is a token a session.
    let mut browser = stage.visitor(Role::Reader).await;
    assert_eq!(browser.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_token_ends_when_it_is_revoked_and_with_its_account() {
    let stage = Stage::new().await;
    let first = stage.program(Role::Coordinator, &["read"]).await;
    let second = stage.program(Role::Reader, &["read"]).await;
    let lines = stage
        .desk
        .tokens(TokenKind::Api, None)
        .await
        .expect("tokens");
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.used.is_none()));
    assert_eq!(first.get("/me").await.status, 200);
    let lines = stage
        .desk
        .tokens(TokenKind::Api, None)
        .await
        .expect("tokens");
    assert!(lines[0].used.is_some() && lines[1].used.is_none());
    let revoked = stage
        .desk
        .revoke_token(TokenKind::Api, &lines[0].id, None)
        .await;
    assert!(
        revoked
            .expect("stored")
            .is_some_and(|line| line.revoked.is_some())
    );
    assert_eq!(first.get("/me").await.status, 401);
    assert_eq!(second.get("/me").await.status, 200);
    stage
        .desk
        .close_account("reader@vest.example")
        .await
        .expect("closed");
    assert_eq!(second.get("/me").await.status, 401);
}

#[tokio::test]
async fn a_scope_lets_a_token_do_its_part_of_what_the_role_may() {
    let stage = Stage::new().await;
    let case = format!("/cases/{}", stage.cases[2].public_id);
    let mail = format!("/mails/{}/retry", stage.mail_of(&stage.cases[2]).await);
    let mut key = 0;
    for (scope, role, wanted) in [
        ("read", Role::Coordinator, [200, 403, 403, 403]),
        ("act", Role::Coordinator, [403, 200, 403, 403]),
        ("mail", Role::Coordinator, [403, 403, 409, 403]),
        ("manage", Role::Coordinator, [403, 403, 403, 422]),
        // Its role does not, whatever its token may.
        ("mail", Role::EducationConsultant, [403, 403, 403, 403]),
    ] {
        let program = stage.program(role, &[scope]).await;
        key += 1;
        let key = format!("key-{key}");
        let note = json!({"event": "facts", "set": {"note": "Ringer i morgen"}});
        let answers = [
            program.get(&case).await,
            program.post(&format!("{case}/acts"), &key, &note).await,
            program.post(&mail, &key, &json!({})).await,
            program
                .post(
                    "/holds",
                    &key,
                    &json!({"workflow": "x", "title": "x", "dates": {}}),
                )
                .await,
        ];
        let got = answers.each_ref().map(|answered| answered.status);
        assert_eq!(got, wanted, "{scope} of {role}: {}", answers[1].body);
    }
    assert_eq!(ALL.len(), 4);
}
