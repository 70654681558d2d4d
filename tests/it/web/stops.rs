//! Mail is stopped and let go on pages and by programs, and it is said on every page.

use serde_json::json;
use tovholder::access::Role;
use tovholder::runner::desk::StopAsked;

use super::{Browser, Stage};

const AT: &str = "/udbakke/standset";

impl Stage {
    async fn stop(&self, asked: &StopAsked) -> i64 {
        let stopped = self
            .desk
            .stop_mail(asked, "Forkert dato i mailen", "cli")
            .await;
        stopped.expect("it is stopped").stop.id
    }
}

#[tokio::test]
async fn what_is_stopped_stands_on_every_page_of_whoever_reads_mail() {
    let stage = Stage::new().await;
    let pages = ["/hold", "/udbakke", "/aarshjul", "/tal", AT, "/mig"];
    let says = async |visitor: &mut Browser, expect: bool, what: &str| {
        for page in pages {
            let body = visitor.get(page).await.body;
            assert_eq!(
                body.contains("Forkert dato i mailen"),
                expect,
                "{what} {page}"
            );
        }
    };
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    says(&mut coordinator, false, "nothing is stopped").await;
    stage.stop(&StopAsked::default()).await;
    says(&mut coordinator, true, "all is stopped").await;
    let today = coordinator.get("/").await.body;
    assert!(
        today.contains("al mail") && today.contains("Standset"),
        "{today}"
    );
    for role in Role::ALL {
        let mut visitor = stage.visitor(role).await;
        let reads = role.may(tovholder::access::May::ReadMail);
        for page in ["/hold", "/aarshjul", "/tal"] {
            let body = visitor.get(page).await.body;
            assert_eq!(
                body.contains("Forkert dato i mailen"),
                reads,
                "{role} {page}"
            );
        }
    }
}

#[tokio::test]
async fn mail_is_stopped_and_let_go_by_whoever_steers_it() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    // The hold's page leads to the form with the hold in it.
    let hold = coordinator.get(&format!("/hold/{}", stage.hold)).await.body;
    let link = format!("{AT}?hold={}", stage.hold);
    assert!(hold.contains(&link), "{hold}");
    let form = coordinator.get(&link).await.body;
    assert!(
        form.contains(&format!("value=\"{}\" selected", stage.hold)),
        "{form}"
    );
    let theirs = consultant.get(AT).await.body;
    assert!(
        !theirs.contains("<form method=\"post\" class=\"wide\">"),
        "{theirs}"
    );

    let fields = [
        ("hold", stage.hold.as_str()),
        ("mail", "message.soon"),
        ("hvorfor", "Forkert dato"),
    ];
    assert_eq!(consultant.post(AT, &fields).await.status, 404);
    assert_eq!(stage.desk.stops().await.expect("stops"), []);
    // What was typed is not lost.
    let wrong = coordinator
        .post(AT, &[("hold", &stage.hold), ("hvorfor", "  ")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("Hvorfor standses det?"),
        "{}",
        wrong.body
    );
    assert!(
        wrong
            .body
            .contains(&format!("value=\"{}\" selected", stage.hold))
    );
    assert_eq!(coordinator.post(AT, &fields).await.location(), AT);
    let shown = coordinator.get(AT).await.body;
    assert!(shown.contains("mailen »soon« på »Hold 1«"), "{shown}");
    let stop = stage.desk.stops().await.expect("stops").remove(0);
    assert!(stop.by != "cli" && shown.contains(&stop.by), "{}", stop.by);

    // What is to come is shown as stopped.
    let coming = coordinator
        .get(&format!("/udbakke/kommer/{}", stage.hold))
        .await
        .body;
    assert!(coming.contains(">standset</span>"), "{coming}");

    let one = format!("{AT}/{}", stop.id);
    assert_eq!(consultant.get(&one).await.status, 403);
    assert_eq!(consultant.post(&one, &[]).await.status, 403);
    let plan = coordinator.get(&one).await.body;
    assert!(plan.contains("Sådan går det, hvis du gør det nu"), "{plan}");
    assert_eq!(
        stage.desk.stops().await.expect("stops").len(),
        1,
        "to look changes nothing"
    );
    assert_eq!(coordinator.post(&one, &[]).await.location(), AT);
    assert_eq!(stage.desk.stops().await.expect("stops"), []);
    assert_eq!(coordinator.get(&one).await.status, 404, "it has ended");
    let history = coordinator.get(AT).await.body;
    assert!(history.contains("Forkert dato"), "{history}");
}

#[tokio::test]
async fn programs_stop_mail_and_let_it_go() {
    let stage = Stage::new().await;
    let program = stage.program(Role::Coordinator, &super::api::ALL).await;
    let body = json!({"hold": stage.hold, "message": "soon", "reason": "Forkert dato"});
    let stopped = program.post("/stops", "stop", &body).await;
    assert_eq!(stopped.status, 200, "{}", stopped.body);
    let again = program.post("/stops", "stop", &body).await;
    assert!(stopped.body.contains("\"is_new\":true") && again.body.contains("\"is_new\":false"));
    let listed = program.get("/stops").await.body;
    assert!(listed.contains("\"message\":\"message.soon\""), "{listed}");
    let id = stage.desk.stops().await.expect("stops")[0].id;
    let plan = program.get(&format!("/stops/{id}")).await;
    assert!(plan.body.contains("\"is_done\":false"), "{}", plan.body);
    let ended = program
        .post(&format!("/stops/{id}/end"), "end", &json!({}))
        .await;
    assert!(ended.body.contains("\"is_done\":true"), "{}", ended.body);
    let again = program
        .post(&format!("/stops/{id}/end"), "end", &json!({}))
        .await;
    assert!(again.body.contains("\"repeated\":true"), "{}", again.body);
    let gone = program
        .post(&format!("/stops/{id}/end"), "other", &json!({}))
        .await;
    assert_eq!(gone.status, 404);
    let elsewhere = json!({"hold": "0193a7c0-0000-7000-8000-000000000000", "reason": "Prøve"});
    assert_eq!(program.post("/stops", "x", &elsewhere).await.status, 404);
}
