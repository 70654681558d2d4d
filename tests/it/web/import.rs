//! Lists on pages: looked at, taken in as they were seen, and taken back.

use tovholder::access::Role;
use tovholder::runner::desk::xlsx;

use super::Stage;
use super::workflow::hidden;
use crate::support::browser::{Answered, Browser};

const ROWS: &str = "Navn\tE-mail\tBemærkning\nEva Ny\teva@post.example\tringer\n\
    Asta Øster\tasta@post.example\t\nFejl\tfejl\t\n";

impl Stage {
    async fn candidates(&self) -> usize {
        let hold = self.store.cohorts().await.expect("holds").remove(0);
        let cases = self
            .store
            .subjects_of(tovholder::store::Sees::All, hold.id)
            .await;
        cases.expect("cases").len()
    }

    /// Gives a list, and answers where it is looked at.
    async fn give(&self, browser: &mut Browser, pasted: &str) -> String {
        let fields = [("hold", self.hold.as_str()), ("pasted", pasted)];
        let given = browser.upload("/import", &fields, ("file", "", b"")).await;
        assert_eq!(given.status, 303, "{}", given.body);
        given.location().to_owned()
    }
}

async fn say(browser: &mut Browser, at: &str, said: &[(&str, &str)]) -> Answered {
    let answered = browser.post(at, said).await;
    assert_ne!(answered.status, 500, "{}", answered.body);
    answered
}

#[tokio::test]
async fn a_pasted_list_is_taken_in_as_it_was_seen_and_taken_back() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let at = stage.give(&mut coordinator, ROWS).await;
    // A column that nobody knows has to be said; the words are the page's and no command's.
    let page = coordinator.get(&at).await.body;
    assert!(page.contains("vælg »Udelad« ved »Bemærkning«"), "{page}");
    assert!(
        !page.contains("--") || !page.contains("--leave-out"),
        "{page}"
    );
    assert!(!page.contains("value=\"take\""), "{page}");
    let out = ("column.Bemærkning", "-");
    let looked = say(&mut coordinator, &at, &[out]).await.body;
    for says in [
        "1 nye",
        "1 springes over",
        "1 med fejl",
        "er allerede på holdet",
    ] {
        assert!(looked.contains(says), "{says}: {looked}");
    }
    // Neither without having been seen nor with lines that are wrong.
    let seen = ("seen", hidden(&looked, "seen"));
    let take = ("do", "take");
    for said in [
        &[take, out][..],
        &[take, out, ("seen", "0000")],
        &[take, out, seen],
        &[take, seen],
    ] {
        assert_eq!(
            say(&mut coordinator, &at, said).await.status,
            422,
            "{said:?}"
        );
    }
    assert_eq!(stage.candidates().await, 4);
    let taken = say(
        &mut coordinator,
        &at,
        &[take, out, seen, ("without_wrong", "1")],
    )
    .await;
    assert_eq!(
        (taken.status, taken.location()),
        (303, &*format!("/hold/{}", stage.hold))
    );
    assert_eq!(stage.candidates().await, 5);
    assert_eq!(
        coordinator.get(&at).await.status,
        404,
        "the list is forgotten"
    );
    let page = coordinator.get("/import").await.body;
    assert!(
        page.contains("Kim coordinator"),
        "who took it in is told: {page}"
    );
    // The newest import is the one that is taken back.
    let number = hidden(&page, "import").to_owned();
    let back = say(&mut coordinator, "/import/tilbage", &[("import", &number)]).await;
    assert_eq!((back.status, back.location()), (303, "/import"));
    let page = coordinator.get("/import").await.body;
    assert!(page.contains("taget tilbage fra »Hold 1«"), "{page}");
    let again = say(&mut coordinator, "/import/tilbage", &[("import", &number)]).await;
    assert_eq!(again.status, 422);
}

#[tokio::test]
async fn a_list_is_for_who_gave_it_and_a_workbook_is_read() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let mut admin = stage.visitor(Role::Admin).await;
    let text = |words: &str| xlsx::Cell::Text(words.to_owned());
    let table = xlsx::Table {
        name: "Liste".to_owned(),
        titles: ["Navn", "E-mail", "CPR"].map(str::to_owned).to_vec(),
        rows: vec![vec![
            text("Eva Ny"),
            text("eva@post.example"),
            text("010190-1234"),
        ]],
    };
    let book = xlsx::workbook(std::slice::from_ref(&table));
    let fields = [("hold", stage.hold.as_str()), ("pasted", "")];
    let given = coordinator
        .upload("/import", &fields, ("file", "liste.xlsx", &book))
        .await;
    assert_eq!(given.status, 303, "{}", given.body);
    let at = given.location().to_owned();
    let page = coordinator.get(&at).await.body;
    assert!(
        page.contains("liste.xlsx") && !page.contains("010190"),
        "{page}"
    );
    let other = admin.get(&at).await;
    let nothing = admin.get("/import/0123456789abcdef0123456789abcdef").await;
    assert_eq!(
        (other.status, &other.body),
        (404, &nothing.body),
        "not even that it is there"
    );
    assert_eq!(admin.post(&at, &[("do", "take")]).await.status, 404);
    let dropped = say(&mut coordinator, &at, &[("do", "drop")]).await;
    assert_eq!(dropped.status, 303);
    assert_eq!(coordinator.get(&at).await.status, 404);
    // What is no list says why.
    for (bytes, says) in [
        (&b"%PDF-1.7"[..], "ikke en liste"),
        (b"  ", "Der er ingen liste"),
    ] {
        let given = coordinator
            .upload("/import", &fields, ("file", "x", bytes))
            .await;
        let page = match given.status {
            303 => coordinator.get(given.location()).await.body,
            _ => given.body,
        };
        assert!(page.contains(says), "{says}: {page}");
    }
    let empty = coordinator
        .get(&format!("/import/tom.xlsx?hold={}", stage.hold))
        .await;
    assert_eq!(empty.status, 200);
    assert_eq!(stage.candidates().await, 4);
}

#[tokio::test]
async fn who_sees_some_cases_is_told_of_their_imports_only() {
    let stage = Stage::new().await;
    let mut told = Vec::new();
    for role in [Role::Coordinator, Role::JobConsultant, Role::Reader] {
        let browser = stage.visitor(role).await;
        let visitor = stage.desk.visitor(browser.held("tovholder")).await;
        let visitor = visitor.expect("it is looked up").expect("somebody");
        let imports = stage
            .desk
            .of(&visitor)
            .imports(None)
            .await
            .expect("imports");
        told.push(imports.iter().map(|one| one.candidates).collect::<Vec<_>>());
    }
    assert_eq!(told, [vec![4], vec![2], vec![]]);
}
