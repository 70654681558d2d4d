//! What a program has done: once, and only to what it has seen.

use serde_json::{Value, json};
use tovholder::access::Role;

use super::{ALL, asked, code, json};
use crate::web::Stage;

#[tokio::test]
async fn what_is_asked_for_twice_is_done_once() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &ALL).await;
    let case = format!("/cases/{}", stage.cases[0].public_id);
    let before = json(&program.get(&case).await)["past"]
        .as_array()
        .expect("a past")
        .len();
    let acts = format!("{case}/acts");
    let choose = json!({"event": "choose", "set": {"track": "helper"}});
    let first = program.post(&acts, "k1", &choose).await;
    let again = program.post(&acts, "k1", &choose).await;
    assert_eq!((first.status, again.status), (200, 200), "{}", first.body);
    let (first, again) = (json(&first), json(&again));
    assert_eq!(
        (&first["repeated"], &again["repeated"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&first["state"], &again["state"]),
        (&json!("chosen"), &json!("chosen"))
    );
    let past = json(&program.get(&case).await)["past"]
        .as_array()
        .expect("a past")
        .len();
    assert!(past > before);
    // The same key stands for nothing else.
    let other = json!({"event": "facts", "set": {"note": "Andet"}});
    assert_eq!(code(&program.post(&acts, "k1", &other).await), "key-reused");
    // What is not possible says what is, and the key is not used up by it.
    let refused = program.post(&acts, "k2", &choose).await;
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (409, "refused"),
        "{}",
        refused.body
    );
    assert_eq!(
        json(&program.get(&case).await)["past"]
            .as_array()
            .expect("a past")
            .len(),
        past
    );
}

#[tokio::test]
async fn what_has_moved_on_is_not_overwritten() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &ALL).await;
    let case = format!("/cases/{}", stage.cases[0].public_id);
    let tag = program.get(&case).await.header("etag").to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    let note = |words: &str| json!({"event": "facts", "set": {"note": words}}).to_string();
    let act = async |tag: &str, key: &str, words: &str| {
        let headers = [("If-Match", tag), ("Idempotency-Key", key)];
        let path = format!("{case}/acts");
        program.ask("POST", &path, &headers, &note(words)).await
    };
    let first = act(&tag, "a", "Den ene").await;
    assert_eq!(first.status, 200, "{}", first.body);
    let second = act(&tag, "b", "Den anden").await;
    assert_eq!((second.status, code(&second).as_str()), (412, "moved-on"));
    // Whoever lost the answer, and says the same again, hears that it was done.
    assert_eq!(act(&tag, "a", "Den ene").await.status, 200);
    let newer = first.header("etag");
    assert_ne!(newer, tag);
    for (tag, status) in [
        (format!("{tag}, {newer}"), 200),
        ("*".to_owned(), 200),
        ("nonsense".to_owned(), 412),
        ("\"\"".to_owned(), 412),
    ] {
        assert_eq!(
            act(&tag, &format!("key of {tag}"), &tag).await.status,
            status,
            "{tag}"
        );
    }
}

#[tokio::test]
async fn holds_and_candidates_are_made_once() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &ALL).await;
    let hold = json!({"workflow": "prove", "title": "Hold 2", "dates": {"start": "2026-03-02"}});
    let made = program.post("/holds", "h", &hold).await;
    let again = program.post("/holds", "h", &hold).await;
    assert_eq!((made.status, again.status), (201, 201), "{}", made.body);
    assert_eq!(json(&made)["id"], json(&again)["id"]);
    assert_eq!(json(&again)["repeated"], true);
    let at = made
        .location()
        .strip_prefix("/api/v1")
        .expect("its place")
        .to_owned();
    assert_eq!(json(&program.get(&at).await)["title"], "Hold 2");
    assert_eq!(
        json(&program.get("/holds").await)["items"]
            .as_array()
            .expect("holds")
            .len(),
        2
    );

    let candidate = json!({
        "name": "Eva Nordby", "email": "eva@post.example", "jobcentre": "Jobcenter Vest",
        "facts": {"track": "helper"},
    });
    let path = format!("{at}/cases");
    let (one, other) = tokio::join!(
        program.post(&path, "c", &candidate),
        program.post(&path, "c", &candidate)
    );
    assert_eq!(
        (one.status, other.status),
        (201, 201),
        "{} {}",
        one.body,
        other.body
    );
    assert_eq!(json(&one)["id"], json(&other)["id"]);
    let list = json(
        &program
            .get(&format!(
                "/cases?hold={}",
                json(&made)["id"].as_str().expect("an id")
            ))
            .await,
    );
    assert_eq!(list["items"][0]["name"], "Eva Nordby");
    assert_eq!(list["items"].as_array().expect("cases").len(), 1);

    // All that is wrong is told, each in its field.
    let wrong =
        json!({"workflow": "prove", "title": "", "dates": {"start": "2026-03-03", "slut": "x"}});
    let wrong = program.post("/holds", "w", &wrong).await;
    assert_eq!((wrong.status, code(&wrong).as_str()), (422, "invalid"));
    let problems = json(&wrong)["problems"].clone();
    let fields: Vec<&str> = (problems.as_array().expect("problems").iter())
        .filter_map(|problem| problem["column"].as_str())
        .collect();
    assert_eq!(fields, ["title", "dates.slut", "dates.start"], "{problems}");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_name() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &ALL).await;
    let acts = format!("/cases/{}/acts", stage.cases[0].public_id);
    let (key, plain) = (("Idempotency-Key", "k"), ("Content-Type", "text/plain"));
    let large = format!("{{\"event\": \"{}\"}}", "x".repeat(300_000));
    for (method, path, headers, body, status, word) in [
        ("POST", acts.as_str(), &[][..], "{}", 400, "bad-request"),
        ("POST", &acts, &[key], "{", 400, "bad-request"),
        ("POST", &acts, &[key, plain], "{}", 415, "wrong-media-type"),
        ("POST", &acts, &[key], "{}", 422, "invalid"),
        (
            "POST",
            &acts,
            &[key],
            r#"{"event": "choose", "sæt": {}}"#,
            422,
            "invalid",
        ),
        (
            "POST",
            &acts,
            &[key],
            r#"{"event": "a\u0000b"}"#,
            422,
            "invalid",
        ),
        (
            "POST",
            &acts,
            &[key],
            r#"{"event": "facts", "at": "i morgen"}"#,
            422,
            "invalid",
        ),
        ("POST", &acts, &[key], &large, 413, "too-large"),
        ("PUT", &acts, &[key], "{}", 405, "method-not-allowed"),
        ("GET", "/nowhere", &[], "", 404, "not-found"),
        ("GET", "/cases?limit=0", &[], "", 400, "bad-request"),
        ("GET", "/cases?limit=x", &[], "", 400, "bad-request"),
        ("GET", "/cases?page=2", &[], "", 400, "bad-request"),
        ("GET", "/cases?cursor=zz", &[], "", 400, "bad-request"),
        (
            "GET",
            "/mails/9223372036854775808",
            &[],
            "",
            404,
            "not-found",
        ),
        ("GET", "/years/1999", &[], "", 404, "not-found"),
        ("GET", "/workflows/%00", &[], "", 404, "not-found"),
        ("GET", "/cases/%ff", &[], "", 404, "not-found"),
        (
            "GET",
            "/numbers/cases?workflow=prove&what=been:x",
            &[],
            "",
            422,
            "invalid",
        ),
    ] {
        let answered = program.ask(method, path, headers, body).await;
        assert_eq!(
            (answered.status, code(&answered).as_str()),
            (status, word),
            "{method} {path} {}",
            answered.body
        );
    }
    // A page of another site gets nothing, but a program that says where it comes from does.
    let from = [
        ("Origin", "https://elsewhere.example"),
        ("Idempotency-Key", "another"),
    ];
    let body = json!({"event": "facts", "set": {"note": "Hej"}}).to_string();
    assert_eq!(program.ask("POST", &acts, &from, &body).await.status, 200);
    assert_eq!(asked(&stage, "POST", &acts, &from, &body).await.status, 401);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &ALL).await;
    for (list, wanted) in [
        ("/cases?limit=", 4),
        ("/mails?limit=", 4),
        ("/holds?limit=", 1),
        ("/numbers/cases?workflow=prove&what=all&limit=", 4),
    ] {
        for limit in [1, 2, 3, 200] {
            let (mut seen, mut next) = (Vec::new(), String::new());
            loop {
                let page = json(&program.get(&format!("{list}{limit}{next}")).await);
                let items = page["items"]
                    .as_array()
                    .unwrap_or_else(|| panic!("{list}: {page}"));
                assert!(items.len() <= limit);
                seen.extend(items.iter().map(|item| item["id"].to_string()));
                match &page["next"] {
                    Value::String(cursor) => next = format!("&cursor={cursor}"),
                    _ => break,
                }
            }
            let mut once = seen.clone();
            once.sort();
            once.dedup();
            assert_eq!((seen.len(), once.len()), (wanted, wanted), "{list}{limit}");
        }
    }
}
