//! New holds and the plan's steps on pages.

use tovholder::access::Role;
use tovholder::runner::desk::{CohortNew, Files, Fire};

use super::Stage;
use super::workflow::hidden;
use crate::support::stage::{shipped, templates};

#[tokio::test]
async fn a_new_hold_is_as_an_old_one_was_and_its_clashes_are_seen_first() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let like = format!("/aarshjul/nyt?som={}&start=2026-08-10", stage.hold);
    let page = coordinator.get(&like).await;
    assert_eq!(page.status, 200);
    for says in [
        "value=\"Hold 2\"",
        "value=\"2026-08-10\"",
        "Ingen sammenstød",
    ] {
        assert!(page.body.contains(says), "{says}: {}", page.body);
    }
    let seen = hidden(&page.body, "seen").to_owned();
    // Easter Monday is closed: that is a clash which nobody has seen yet.
    let mut fields = [
        ("do", "create"),
        ("forloeb", "prove"),
        ("title", "Hold 2"),
        ("date.start", "2026-04-06"),
        ("seen", seen.as_str()),
    ];
    let answered = coordinator.post("/aarshjul/nyt", &fields).await;
    assert_eq!(answered.status, 422);
    assert!(
        answered.body.contains("sammenstød, som du ikke har set"),
        "{}",
        answered.body
    );
    assert!(answered.body.contains("2. påskedag"), "{}", answered.body);
    assert_eq!(stage.store.cohorts().await.expect("holds").len(), 1);
    let seen = hidden(&answered.body, "seen").to_owned();
    fields[4].1 = &seen;
    let answered = coordinator.post("/aarshjul/nyt", &fields).await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    let page = coordinator.get(answered.location()).await.body;
    assert!(
        page.contains("Hold 2") && page.contains("6.4.2026"),
        "{page}"
    );
    assert_eq!(stage.store.cohorts().await.expect("holds").len(), 2);
}

#[tokio::test]
async fn a_hold_of_a_workflow_says_what_is_wrong_where_it_stands() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let page = coordinator.get("/aarshjul/nyt?forloeb=prove").await;
    assert!(page.body.contains("name=\"date.start\""), "{}", page.body);
    for (title, start, role, says) in [
        ("", "2026-08-10", "", "»Titel«: Holdets titel mangler."),
        ("Ny", "2026-08-11", "", "»Start«: Det skal være en mandag"),
        (
            "Ny",
            "2026-08-10",
            "ingen@vest.example",
            "»Tovholder«: Der er ingen med adressen",
        ),
    ] {
        let fields = [
            ("do", "create"),
            ("forloeb", "prove"),
            ("title", title),
            ("date.start", start),
            ("role.coordinator", role),
        ];
        let answered = coordinator.post("/aarshjul/nyt", &fields).await;
        assert_eq!(answered.status, 422, "{says}");
        assert!(answered.body.contains(says), "{says}: {}", answered.body);
        assert!(
            !answered.body.contains("tovholder people"),
            "{}",
            answered.body
        );
    }
    assert_eq!(stage.store.cohorts().await.expect("holds").len(), 1);
    assert_eq!(
        coordinator.get("/aarshjul/nyt?forloeb=intet").await.status,
        404
    );
    let like = coordinator
        .get("/aarshjul/nyt?som=intet&start=2026-08-10")
        .await;
    assert_eq!(like.status, 422);
}

#[tokio::test]
async fn a_plan_goes_from_draft_to_adopted_on_the_page() {
    let stage = Stage::new().await;
    let name = "jrs-bliv-klar-til-sosu";
    let files = Files {
        name: format!("{name}.yaml"),
        id: name.into(),
        yaml: shipped(name),
        templates: templates(),
    };
    let version = stage.desk.publish(&files).await.expect("a version");
    let new = CohortNew {
        title: "JRS 1".into(),
        dates: vec![("start".into(), "2026-08-10".into())],
        ..CohortNew::default()
    };
    let hold = stage
        .desk
        .create_cohort(version, &new)
        .await
        .expect("a hold")
        .id;
    let mapped = Fire {
        of: hold.clone(),
        event: "map_need.done".into(),
        set: vec![("profile".into(), "16 jobparate".into())],
        ..Fire::default()
    };
    stage.desk.fire(&mapped).await.expect("it is taken");
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let mut reader = stage.visitor(Role::Reader).await;
    for (at, event) in [
        ("udkast", "draft_wheel.done"),
        ("til vedtagelse", "adopt_wheel.done"),
        ("vedtaget", ""),
    ] {
        let current = format!("<li aria-current=\"step\">{at}</li>");
        let page = coordinator.get("/aarshjul/2026").await.body;
        assert!(page.contains(&current), "{at}: {page}");
        let read = reader.get("/aarshjul/2026").await.body;
        assert!(
            read.contains(&current) && !read.contains("<form method=\"post\" action=\"/handling"),
            "{read}"
        );
        if event.is_empty() {
            assert!(!page.contains("_wheel.done"), "{page}");
            continue;
        }
        assert!(page.contains(&format!("value=\"{event}\"")), "{at}: {page}");
        let fields = [("event", event), ("back", "/aarshjul/2026"), ("key", event)];
        let done = coordinator
            .post(&format!("/handling/{hold}"), &fields)
            .await;
        assert_eq!((done.status, done.location()), (303, "/aarshjul/2026"));
    }
}
