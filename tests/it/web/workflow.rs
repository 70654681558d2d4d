//! Workflows on pages: checked, kept, tried and published, and nobody writes over another.

use tovholder::access::Role;

use super::{PASSWORD, Stage, WORKFLOW};
use crate::support::browser::Browser;

const EDIT: &str = "/forloeb/prove/ret";

/// What a hidden field of a page holds.
pub(super) fn hidden<'p>(page: &'p str, name: &str) -> &'p str {
    let field = format!("name=\"{name}\" value=\"");
    let after = page
        .split_once(&field)
        .unwrap_or_else(|| panic!("{name}: {page}"))
        .1;
    after.split_once('"').expect("an end").0
}

async fn act(browser: &mut Browser, what: &str, yaml: &str, seq: &str) -> (u16, String) {
    let fields = [("do", what), ("yaml", yaml), ("seq", seq)];
    let answered = browser.post(EDIT, &fields).await;
    (answered.status, answered.body)
}

#[tokio::test]
async fn a_text_is_checked_as_it_is_written_and_published_only_without_errors() {
    let stage = Stage::new().await;
    let mut admin = stage.visitor(Role::Admin).await;
    for (text, marked, says) in [
        (WORKFLOW.to_owned(), None, "Ingen problemer"),
        (
            WORKFLOW.replace("until: cohort.start", "until: cohort.stat"),
            Some("data-line=\"22\""),
            "did you mean",
        ),
        (
            WORKFLOW.replace("template: hello", "template: helo"),
            Some("data-line=\"25\""),
            "there is no template",
        ),
        (
            WORKFLOW.replace("workflow: prove", "workflow: andet"),
            None,
            "hedder ikke længere »prove«",
        ),
    ] {
        let checked = admin.post("/forloeb/prove/tjek", &[("yaml", &text)]).await;
        assert_eq!(checked.status, 200, "{says}");
        let body = checked.body.replace("&#34;", "\"");
        assert!(body.contains(says), "{says}: {body}");
        let lines = body.matches("data-line").count();
        assert_eq!(lines > 0, marked.is_some(), "{says}: {body}");
        assert!(
            marked.is_none_or(|marked| body.contains(marked)),
            "{says}: {body}"
        );
        // What is wrong is not published, and stays in the editor.
        if says != "Ingen problemer" {
            let (status, page) = act(&mut admin, "publish", &text, "0").await;
            assert_eq!(status, 422, "{says}");
            let named = text.lines().nth(1).expect("a line");
            assert!(page.contains(named), "{says}: {page}");
        }
    }
    let shown = stage.desk.workflow("prove").await.expect("the workflow");
    assert_eq!(shown.versions.len(), 1, "nothing was published");
    assert_eq!(admin.get("/forloeb/intet/ret").await.status, 404);
}

#[tokio::test]
async fn a_new_version_is_for_new_holds() {
    let stage = Stage::new().await;
    let mut admin = stage.visitor(Role::Admin).await;
    let text = WORKFLOW.replace("title: Prøve", "title: Prøve igen");
    // A browser sends the ends of lines that forms have.
    let sent = text.replace('\n', "\r\n");
    let (status, _) = act(&mut admin, "publish", &sent, "0").await;
    assert_eq!(status, 303);
    let page = admin.get("/forloeb/prove").await.body;
    assert!(
        page.contains("Prøve igen") && page.contains("Udgivet"),
        "{page}"
    );
    let shown = stage.desk.workflow("prove").await.expect("the workflow");
    let holds: Vec<usize> = shown.versions.iter().map(|one| one.holds.len()).collect();
    assert_eq!(holds, [0, 1], "the hold follows its own version");
    assert_eq!(shown.draft, None, "nothing is being written any longer");
    let kept = stage.desk.workflow_text("prove").await.expect("a text");
    assert_eq!(kept.yaml, text);
    // The same again is nothing new.
    let (status, _) = act(&mut admin, "publish", &text, &kept.seq.to_string()).await;
    assert_eq!(status, 303);
    assert!(
        admin
            .get("/forloeb/prove")
            .await
            .body
            .contains("Teksten er den samme")
    );
    let made = stage.next_hold().await;
    assert_eq!(made.workflow, "Prøve igen");
    assert_eq!(admin.get("/forloeb/prove/billede.svg").await.status, 200);
}

#[tokio::test]
async fn two_who_write_at_once_do_not_lose_each_others_words() {
    let stage = Stage::new().await;
    let mut first = stage.visitor(Role::Admin).await;
    let mut second = Browser::at(stage.at);
    let login = "admin@vest.example";
    let answered = stage.log_in(&mut second, login, PASSWORD, None).await;
    assert_eq!(answered.status, 303);
    let seq = hidden(&second.get(EDIT).await.body, "seq").to_owned();
    let (mine, theirs) = (format!("{WORKFLOW}# min\n"), format!("{WORKFLOW}# deres\n"));
    assert_eq!(act(&mut first, "keep", &mine, &seq).await.0, 303);
    // Neither keeping nor publishing nor dropping goes over it, and both texts are there to be compared.
    for what in ["keep", "publish", "drop"] {
        let (status, page) = act(&mut second, what, &theirs, &seq).await;
        assert_eq!(status, 409, "{what}");
        assert!(
            page.contains("# min") && page.contains("# deres"),
            "{what}: {page}"
        );
        assert!(page.contains("har gemt en anden tekst"), "{what}: {page}");
    }
    let kept = stage.desk.workflow_text("prove").await.expect("a text");
    assert_eq!(kept.yaml, mine);
    // Who has seen it may.
    let now = kept.seq.to_string();
    assert_eq!(act(&mut second, "keep", &theirs, &now).await.0, 303);
    let kept = stage.desk.workflow_text("prove").await.expect("a text");
    assert_eq!(
        (kept.yaml.as_str(), kept.draft.is_some()),
        (theirs.as_str(), true)
    );
    // A number is used once, also when what it was of is gone.
    let now = kept.seq.to_string();
    assert_eq!(act(&mut first, "drop", "", &now).await.0, 303);
    assert_eq!(act(&mut second, "keep", &theirs, &now).await.0, 409);
    let kept = stage.desk.workflow_text("prove").await.expect("a text");
    assert_eq!((kept.yaml.as_str(), kept.draft), (WORKFLOW, None));
}

#[tokio::test]
async fn a_text_is_played_with_every_mail_and_nothing_leaves() {
    let stage = Stage::new().await;
    let mut admin = stage.visitor(Role::Admin).await;
    let before = stage.mail_of(&stage.cases[0]).await;
    let text = WORKFLOW.replace("title: Her", "title: Ny tilstand");
    let with = |start: &'static str| {
        let text = text.clone();
        [
            ("do", "try".to_owned()),
            ("yaml", text),
            ("seq", "0".to_owned()),
            ("candidates", "3".to_owned()),
            ("date.start", start.to_owned()),
        ]
    };
    let monday = with("2026-08-10");
    let monday: Vec<(&str, &str)> = monday
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let page = admin.post(EDIT, &monday).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Ny tilstand"), "{}", page.body);
    assert_eq!(
        page.body.matches("<pre class=\"mail\">Hej ").count(),
        3,
        "{}",
        page.body
    );
    let tuesday = with("2026-08-11");
    let tuesday: Vec<(&str, &str)> = tuesday
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let page = admin.post(EDIT, &tuesday).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("mandag"), "{}", page.body);
    assert_eq!(stage.mail_of(&stage.cases[0]).await, before);
    let holds = stage.store.cohorts().await.expect("holds");
    assert_eq!(holds.len(), 1, "nothing is stored");
}
