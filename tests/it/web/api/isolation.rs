//! Every operation of the document, as every role, against what is another jobcentre's: it is not there.

use serde_json::{Value, json};
use tovholder::access::Role;

use super::{ALL, Program, asked};
use crate::support::browser::Answered;
use crate::web::Stage;

/// Ids of the same shapes that nothing has.
const NOTHING: (&str, &str) = ("0193a7c0-0000-7000-8000-000000000000", "999999");

/// An operation as the document has it.
struct Operation {
    method: String,
    path: String,
    roles: Vec<String>,
    said: Value,
}

fn operations() -> Vec<Operation> {
    let document = tovholder::web::openapi();
    let paths = document["paths"].as_object().expect("paths").clone();
    let all = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").clone();
        methods.into_iter().map(move |(method, said)| Operation {
            method: method.to_uppercase(),
            path: path.clone(),
            roles: serde_json::from_value(said["x-roles"].clone()).expect("roles"),
            said,
        })
    });
    all.collect()
}

impl Operation {
    /// What is sent: something that could be done, if it were allowed.
    fn body(&self) -> String {
        let body = &self.said["requestBody"];
        let schema = &body["content"]["application/json"]["schema"]["$ref"];
        let body = match schema.as_str() {
            None => json!({}),
            Some("#/components/schemas/Act") => {
                json!({"event": "choose", "set": {"track": "helper"}})
            }
            Some("#/components/schemas/HoldNew") => {
                json!({"workflow": "prove", "title": "Hold 9", "dates": {"start": "2026-03-02"}})
            }
            Some("#/components/schemas/Candidate") => {
                json!({"name": "Eva Nordby", "email": "eva@post.example"})
            }
            Some("#/components/schemas/HookNew") => {
                json!({"url": "https://fag.example/hook", "title": "Fag"})
            }
            Some("#/components/schemas/StopNew") => {
                json!({"workflow": "prove", "reason": "Prøve"})
            }
            Some(other) => panic!("say what is sent to {}: {other}", self.path),
        };
        body.to_string()
    }

    /// The path with ids in it: of a case, or of nothing.
    async fn filled(&self, stage: &Stage, case: Option<usize>) -> String {
        let (id, mail) = match case {
            Some(at) => {
                let case = &stage.cases[at];
                let mail = stage.mail_of(case).await.to_string();
                (case.public_id.clone(), mail)
            }
            None => (NOTHING.0.to_owned(), NOTHING.1.to_owned()),
        };
        let is_mail = self.path.starts_with("/mails");
        let path = self.path.replace("{id}", if is_mail { &mail } else { &id });
        assert!(
            !path.replace("{year}", "").contains('{'),
            "say what stands in {path}"
        );
        path.replace("{year}", "2026") + &self.query(Some(&id))
    }

    /// What narrows a list: its required parameters, and a cursor to begin behind an id.
    fn query(&self, id: Option<&str>) -> String {
        let parameters = self.said["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut query: Vec<String> = Vec::new();
        for parameter in parameters.iter().filter(|one| one["in"] == "query") {
            match parameter["name"].as_str().expect("a name") {
                "workflow" => query.push("workflow=prove".to_owned()),
                "what" => query.push("what=all".to_owned()),
                "cursor" if self.path.contains("cases") => {
                    let Some(id) = id else { continue };
                    let hex: String = id.bytes().map(|byte| format!("{byte:02x}")).collect();
                    query.push(format!("cursor={hex}"));
                }
                name => assert_ne!(parameter["required"], true, "say what {name} is"),
            }
        }
        format!("?{}", query.join("&"))
    }

    async fn ask(&self, program: &Program<'_>, path: &str, key: &str) -> Answered {
        let key = [("Idempotency-Key", key)];
        let body = if self.method == "GET" {
            String::new()
        } else {
            self.body()
        };
        program.ask(&self.method, path, &key, &body).await
    }
}

#[tokio::test]
async fn every_operation_is_open_to_whom_the_document_says_and_to_nobody_else() {
    let stage = Stage::new().await;
    let all = operations();
    assert!(all.len() >= 28, "{}", all.len());
    for operation in &all {
        let path = operation.filled(&stage, None).await;
        let answered = asked(&stage, &operation.method, &path, &[], "").await;
        assert_eq!(answered.status, 401, "{path}");
    }
    for role in Role::ALL {
        let program = stage.program(role, &ALL).await;
        let none = stage.program(role, &["mail"]).await;
        for (at, operation) in all.iter().enumerate() {
            let path = operation.filled(&stage, None).await;
            let answered = operation
                .ask(&program, &path, &format!("{role} {at}"))
                .await;
            let is_open = operation.roles.iter().any(|word| word == role.as_str());
            assert_eq!(
                answered.status != 403,
                is_open,
                "{role} {path}: {}",
                answered.body
            );
            assert!(answered.status < 500, "{role} {path}: {}", answered.body);
            // Whatever the role may, the token must have its scope.
            let scopes = &operation.said["security"][0]["token"];
            if *scopes != json!(["mail"]) {
                let answered = operation.ask(&none, &path, &format!("{role} {at}")).await;
                assert_eq!(answered.status, 403, "{role} {path} with another scope");
            }
        }
    }
}

#[tokio::test]
async fn what_is_another_jobcentres_is_not_there() {
    let stage = Stage::new().await;
    let mut theirs = stage.names[..2].to_vec();
    theirs.extend(["asta@post", "bo@post"].map(str::to_owned));
    theirs.extend(stage.cases[..2].iter().map(|case| case.public_id.clone()));
    let mut compared = 0;
    for role in [Role::JobConsultant, Role::InternshipHost, Role::Reader] {
        let program = stage.program(role, &ALL).await;
        for (at, operation) in operations().iter().enumerate() {
            if !operation.roles.iter().any(|word| word == role.as_str()) {
                continue;
            }
            let paths = [
                operation.filled(&stage, Some(0)).await,
                operation.filled(&stage, None).await,
            ];
            let other = operation
                .ask(&program, &paths[0], &format!("{role} {at} a"))
                .await;
            let nothing = operation
                .ask(&program, &paths[1], &format!("{role} {at} b"))
                .await;
            let plain = operation
                .path
                .replace("{year}", "2026")
                .replace("{id}", &stage.hold);
            let plain = plain + &operation.query(None);
            let whole = operation
                .ask(&program, &plain, &format!("{role} {at} c"))
                .await;
            for (answered, path) in [(&other, &paths[0]), (&nothing, &paths[1]), (&whole, &plain)] {
                // A reader sees the figures of every jobcentre, and nobody's name.
                let figures = (role != Role::Reader).then(|| "Jobcenter Øst".to_owned());
                for word in theirs.iter().chain(&figures) {
                    assert!(
                        !answered.body.contains(word),
                        "{role} {path}: {word}\n{}",
                        answered.body
                    );
                }
            }
            if paths[0] != paths[1] {
                compared += 1;
                // Not even that there is something: the answer is the one for what has never been.
                let path = &operation.path;
                assert_eq!(other.status, nothing.status, "{role} {path}");
                assert_eq!(other.body, nothing.body, "{role} {path}");
                assert_eq!(other.header("etag"), "", "{role} {path}");
            }
        }
    }
    assert!(compared >= 15, "operations with ids were asked: {compared}");
    for case in &stage.cases[..2] {
        let shown = stage
            .desk
            .case_shown(&case.public_id, None)
            .await
            .expect("the case");
        assert_eq!(shown.state, "Her", "nothing was done with it");
    }
    // And what is theirs is there, and it is written down that it was read.
    let program = stage.program(Role::JobConsultant, &ALL).await;
    let own = &stage.cases[2];
    let shown = program.get(&format!("/cases/{}", own.public_id)).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains(&stage.names[2]) && shown.body.contains("Velkommen"));
    let read = stage.store.access_of(own.id, 20).await.expect("the log");
    let what: Vec<&str> = read.iter().map(|seen| seen.what.as_str()).collect();
    assert_eq!(what[0], "case");
    for list in ["cases", "outbox", "today", "numbers", "board"] {
        assert!(what.contains(&list), "{list} of {what:?}");
    }
}

#[tokio::test]
async fn who_may_not_act_for_others_cannot_find_out_who_is_known() {
    let stage = Stage::new().await;
    let program = stage.program(Role::JobConsultant, &ALL).await;
    let acts = format!("/cases/{}/acts", stage.cases[2].public_id);
    let mut answers = Vec::new();
    for (at, email) in ["asta@post.example", "nobody@post.example"]
        .into_iter()
        .enumerate()
    {
        let body = json!({"event": "facts", "assign": {"internship_host": [email]}});
        let answered = program.post(&acts, &format!("k{at}"), &body).await;
        assert_eq!(answered.status, 403, "{}", answered.body);
        answers.push(answered.body);
    }
    assert_eq!(answers[0], answers[1]);
    // What their role is offered they can do.
    let call = program
        .post(&acts, "call", &json!({"event": "call.done"}))
        .await;
    assert_eq!(call.status, 200, "{}", call.body);
    let close = program
        .post(&acts, "close", &json!({"event": "close"}))
        .await;
    assert_eq!(close.status, 422, "{}", close.body);
}
