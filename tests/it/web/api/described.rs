//! The document: valid to a reader that is not ours, and true of every operation.

use std::process::Command;

use crate::support::python::python;

const PROBE: &str = "import openapi_spec_validator, schemathesis";

/// The interpreter of an environment that reads `OpenAPI`, and tries it out.
pub(super) fn reader() -> std::path::PathBuf {
    python(
        "openapi",
        &["openapi-spec-validator==0.9.0", "schemathesis==4.32.5"],
        PROBE,
    )
}

#[test]
fn the_document_is_valid() {
    let file = tempfile::NamedTempFile::with_suffix(".json").expect("a file");
    let document = tovholder::web::openapi();
    std::fs::write(file.path(), document.to_string()).expect("written");
    let read = Command::new(reader())
        .args(["-m", "openapi_spec_validator", "--errors", "all"])
        .arg(file.path())
        .output();
    let read = read.expect("it runs");
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(
        read.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&read.stderr)
    );
    // A document that is not valid is seen to be none.
    let mut broken = document;
    broken["paths"]["/cases/{id}"]["get"]["responses"] = serde_json::json!({"200": {}});
    std::fs::write(file.path(), broken.to_string()).expect("written");
    let read = Command::new(reader())
        .args(["-m", "openapi_spec_validator"])
        .arg(file.path())
        .output();
    assert!(!read.expect("it runs").status.success());
}

#[test]
fn every_operation_says_who_it_is_for_and_what_it_is() {
    let document = tovholder::web::openapi();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, said) in item.as_object().expect("methods") {
            let id = said["operationId"].as_str().expect("an id");
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(
                said["summary"]
                    .as_str()
                    .is_some_and(|words| words.len() > 8),
                "{id}"
            );
            assert!(said["security"][0]["token"].is_array(), "{id}");
            assert!(
                said["x-roles"]
                    .as_array()
                    .is_some_and(|roles| !roles.is_empty()),
                "{id}"
            );
            let is_keyed = said["parameters"].as_array().is_some_and(|all| {
                all.iter()
                    .any(|one| one["name"] == "Idempotency-Key" && one["required"] == true)
            });
            let often = &said["responses"]["429"]["$ref"];
            assert_eq!(often, "#/components/responses/TooOften", "{id}");
            assert_eq!(is_keyed, method == "post", "{id} {path}");
        }
    }
    assert_eq!(document["info"]["title"], "tovholder");
    assert!(document["info"]["contact"].is_null(), "nobody is named");
}
