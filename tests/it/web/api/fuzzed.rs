//! A fuzzer that goes by the document finds no fault of the service and no answer that is not described.
//!
//! `FUZZ_EXAMPLES=500 cargo test --test it web::api::fuzzed` tries longer.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use tovholder::access::Role;
use tovholder::channel::PostRules;
use tovholder::runner::desk::HookAsked;

use super::described::reader;
use super::{ALL, Program};
use crate::web::Stage;

/// Cases for each operation in a plain run of the tests.
const EXAMPLES: &str = "8";

/// Whether what is well-formed is also possible, the workflow says.
const FORMS: &str = "positive_data_acceptance";
/// And an id that is given stands in for those that are made up to be refused.
const FORMS_AND_IDS: &str = "positive_data_acceptance,negative_data_rejection";

/// Ids that are there: most of what a fuzzer makes up is not.
async fn known(stage: &Stage, folder: &Path) {
    let mail = stage.mail_of(&stage.cases[0]).await.to_string();
    let asked = HookAsked {
        url: "https://fag.example/hook".to_owned(),
        title: "Fagsystemet".to_owned(),
        ..HookAsked::default()
    };
    let rules = PostRules::default();
    let made = stage.desk.new_hook(&asked, &rules, "test").await;
    let hook = made.expect("a hook").0.id;
    let mut text = String::new();
    for (path, id) in [
        ("^/holds/[{]id[}]", json!(stage.hold)),
        ("^/cases/[{]id[}]", json!(stage.cases[0].public_id)),
        ("^/mails/[{]id[}]", json!(mail)),
        ("^/hooks/[{]id[}]", json!(hook)),
        ("^/workflows/[{]id[}]", json!("prove")),
    ] {
        text += &format!(
            "[[operations]]\ninclude-path-regex = \"{path}\"\nparameters = {{ \"path.id\" = {id} }}\n\n"
        );
    }
    std::fs::write(folder.join("schemathesis.toml"), text).expect("written");
}

async fn fuzz(program: &Program<'_>, folder: &Path, document: &str, only: &[&str]) -> Output {
    let python = reader();
    let mut command = Command::new(python);
    let examples = std::env::var("FUZZ_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    command
        .current_dir(folder)
        .args(["-m", "schemathesis.cli", "run", document, "--url"])
        .arg(format!("http://{}/api/v1", program.stage.at))
        .args(["-H", &format!("Authorization: Bearer {}", program.token)])
        .args([
            "--max-examples",
            &examples,
            "--seed",
            "1",
            "--warnings",
            "off",
        ])
        .args(only);
    let ran = tokio::task::spawn_blocking(move || command.output());
    ran.await.expect("it ends").expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_finds_no_fault_and_nothing_that_is_not_described() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for (role, without) in [
        (Role::JobConsultant, FORMS),
        // Who may most.
        (Role::Admin, FORMS_AND_IDS),
    ] {
        let program = stage.program(role, &ALL).await;
        if without == FORMS_AND_IDS {
            known(&stage, folder.path()).await;
        }
        let at = format!("http://{}/api/v1/openapi.json", stage.at);
        let ran = fuzz(&program, folder.path(), &at, &["--exclude-checks", without]).await;
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{role}: {said}");
        assert!(
            said.contains("Operations:       28 selected / 28 total"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fuzzer_would_find_what_is_not_described() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    known(&stage, folder.path()).await;
    let program = stage.program(Role::Coordinator, &ALL).await;
    let honest = tovholder::web::openapi();
    let mut wrong_type = honest.clone();
    wrong_type["components"]["schemas"]["Case"]["properties"]["name"]["type"] = json!("integer");
    let mut untold = honest.clone();
    let responses = untold["paths"]["/cases/{id}"]["get"]["responses"].as_object_mut();
    responses
        .expect("responses")
        .retain(|status, _| status != "200");
    for (document, finds) in [(honest, false), (wrong_type, true), (untold, true)] {
        let file = folder.path().join("document.json");
        std::fs::write(&file, document.to_string()).expect("written");
        let only = ["--include-operation-id", "showCase"];
        let ran = fuzz(&program, folder.path(), "document.json", &only).await;
        let said = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(!ran.status.success(), finds, "{said}");
    }
}
