//! The HTTP API: what a program may, what it is told, and that everything it asks for counts once.

mod acts;
mod described;
mod feeds;
mod fuzzed;
mod isolation;
mod tokens;

use serde_json::Value;
use tovholder::access::Role;
use tovholder::runner::desk::TokenAsked;

use super::Stage;
use crate::support::browser::{Answered, exchange};

/// All that a token may.
pub(super) const ALL: [&str; 4] = ["read", "act", "mail", "manage"];

/// A program, and the token that it shows.
pub(super) struct Program<'s> {
    stage: &'s Stage,
    token: String,
}

impl Stage {
    /// A program with an account of a role, and a token with these scopes.
    pub(super) async fn program(&self, role: Role, scopes: &[&str]) -> Program<'_> {
        let email = self.account(role).await;
        let asked = TokenAsked {
            email,
            title: "Fagsystemet".to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            days: 30,
        };
        let (_, token) = self.desk.new_token(&asked).await.expect("a token");
        Program { stage: self, token }
    }
}

impl Program<'_> {
    pub(super) async fn get(&self, path: &str) -> Answered {
        self.ask("GET", path, &[], "").await
    }

    /// Asks for something that a key makes count once.
    pub(super) async fn post(&self, path: &str, key: &str, body: &Value) -> Answered {
        let key = [("Idempotency-Key", key)];
        self.ask("POST", path, &key, &body.to_string()).await
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answered {
        let shown = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", shown.as_str())];
        all.extend(headers);
        asked(self.stage, method, path, &all, body).await
    }
}

/// Asks as whoever the headers say.
async fn asked(
    stage: &Stage,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answered {
    let mut request =
        format!("{method} /api/v1{path} HTTP/1.1\r\nHost: tov.example\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let is_said = headers.iter().any(|(name, _)| *name == "Content-Type");
        if !is_said {
            request += "Content-Type: application/json\r\n";
        }
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    exchange(stage.at, (request + "\r\n" + body).into_bytes()).await
}

/// The body of an answer.
pub(super) fn json(answered: &Answered) -> Value {
    serde_json::from_str(&answered.body).unwrap_or_else(|_| panic!("no JSON: {}", answered.body))
}

/// The code of a problem, which says itself what it is.
pub(super) fn code(answered: &Answered) -> String {
    let kind = answered.header("content-type");
    assert_eq!(kind, "application/problem+json", "{}", answered.body);
    let problem = json(answered);
    assert_eq!(problem["status"], answered.status);
    let code = problem["code"].as_str().expect("a code").to_owned();
    assert_eq!(problem["type"], format!("urn:tovholder:problem:{code}"));
    code
}
