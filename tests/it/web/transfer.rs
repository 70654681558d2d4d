//! A candidate goes on at another hold.

use tovholder::access::Role;

use super::workflow::hidden;
use super::{NAMES, Stage};

#[tokio::test]
async fn a_candidate_goes_on_at_another_hold_as_it_was_read() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let [case, other] = [0, 1].map(|at| stage.cases[at].public_id.clone());
    let (page, path) = (format!("/sager/{case}"), format!("/sager/{case}/hold"));
    assert!(kim.get(&page).await.body.contains(&path));
    let alone = kim.get(&path).await.body;
    assert!(alone.contains("intet andet hold"), "{alone}");
    assert_eq!(
        kim.get(&format!("/sager/{}/hold", stage.hold)).await.status,
        404
    );

    let there = stage.next_hold().await.id;
    let asked = format!("{path}?til={there}&fase=");
    let read = kim.get(&asked).await;
    assert_eq!(read.status, 200, "{}", read.body);
    for says in [
        "Hold 1 → <strong>Hold 2</strong>",
        "Flyt til Hold 2",
        NAMES[0],
        "som nu: Her",
    ] {
        assert!(read.body.contains(says), "{says}: {}", read.body);
    }
    let hash = hidden(&read.body, "rapport").to_owned();

    // What cannot be is said, by looking and by doing, and nothing is done.
    for (to, state, says) in [
        (&stage.hold, "", "Kandidaten er på Hold 1"),
        (&there, "gone", "ingen fase"),
        (&there, "out", "ingen fase"),
    ] {
        let told = kim.get(&format!("{path}?til={to}&fase={state}")).await;
        assert_eq!(told.status, 422, "{to} {state}");
        assert!(told.body.contains(says), "{says}: {}", told.body);
        assert!(!told.body.contains("name=\"rapport\""), "{says}");
        let fields = [("til", to.as_str()), ("fase", state), ("rapport", &hash)];
        let told = kim.post(&path, &fields).await;
        assert_eq!(told.status, 422, "{to} {state}");
        assert_eq!(told.body.matches(says).count(), 1, "{says}: {}", told.body);
    }
    // Nor what was not read.
    let fields = [("til", there.as_str()), ("rapport", "0")];
    let told = kim.post(&path, &fields).await;
    assert_eq!(told.status, 409);
    assert!(told.body.contains("intet er gjort"), "{}", told.body);
    assert_eq!(hidden(&told.body, "rapport"), hash);

    let fields = [("til", there.as_str()), ("rapport", &hash)];
    let done = kim.post(&path, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_ne!(done.location(), page, "it is a case of its own");
    let goes_on = kim.get(done.location()).await.body;
    let said = format!("{} fortsætter på Hold 2: »Her«", NAMES[0]);
    assert!(
        goes_on.contains(&said) && goes_on.contains("Hold 2"),
        "{goes_on}"
    );
    let left = kim.get(&page).await.body;
    assert!(
        left.contains("flyttet til et andet hold") && !left.contains(&path),
        "{left}"
    );
    assert!(kim.get(&path).await.body.contains("Forløbet er slut"));
    let past = stage
        .desk
        .case_shown(&case, None)
        .await
        .expect("the case")
        .past;
    assert!(past[0].by.starts_with("Kim coordinator"), "{past:?}");

    // In another phase, and somebody else only.
    let (page, path) = (format!("/sager/{other}"), format!("/sager/{other}/hold"));
    let read = kim
        .get(&format!("{path}?til={there}&fase=chosen"))
        .await
        .body;
    let fields = [
        ("til", there.as_str()),
        ("fase", hidden(&read, "fase")),
        ("rapport", hidden(&read, "rapport")),
    ];
    let done = kim.post(&path, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_ne!(done.location(), page);
    let there = kim.get(done.location()).await.body;
    assert!(there.contains("»Valgt«"), "{there}");
    // What comes lies half a year ahead, and is said all the same.
    assert!(
        there.contains("10.8.2026") && !there.contains("Intet af sig selv"),
        "{there}"
    );
}
