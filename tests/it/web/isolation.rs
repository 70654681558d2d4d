//! Every address, as every role, against what is another jobcentre's: it is not there.

use tovholder::access::Role;
use tovholder::web::addresses;

use super::{Browser, Stage};

/// An id of the same shape that nothing has.
const NOTHING: &str = "0193a7c0-0000-7000-8000-000000000000";

/// What an address becomes with ids in it, and whether it names a case.
async fn filled(stage: &Stage, path: &str, case: Option<usize>) -> String {
    let (id, [mail, note, file]) = match case {
        Some(at) => {
            let case = &stage.cases[at];
            let (note, file) = stage.beside(case).await;
            (
                case.public_id.clone(),
                [stage.mail_of(case).await, note, file],
            )
        }
        None => (NOTHING.to_owned(), [999_999; 3]),
    };
    let mail = mail.to_string();
    let is_mail = path.starts_with("/udbakke/") && !path.starts_with("/udbakke/kommer");
    let id = if is_mail { mail } else { id };
    path.replace("{id}", &id)
        .replace("{act}", "igen")
        .replace("{note}", &note.to_string())
        .replace("{file}", &file.to_string())
        .replace("{link}", "x")
        .replace("{year}", "2026")
        .replace("{workflow}", "prove")
        .replace("{list}", "x")
        .replace("{moede}", "x")
}

#[tokio::test]
async fn every_address_is_open_to_whom_its_table_says_and_to_nobody_else() {
    let stage = Stage::new().await;
    let mut nobody = Browser::at(stage.at);
    for (path, roles) in addresses() {
        let path = filled(&stage, path, Some(2)).await;
        let answered = nobody.get(&path).await;
        match roles {
            // Some have a button and no page.
            None => assert!(
                [200, 404, 405, 410].contains(&answered.status),
                "{path}: {}",
                answered.status
            ),
            Some(_) => {
                assert_eq!(answered.status, 303, "{path}");
                assert!(answered.location().starts_with("/log-ind?til="), "{path}");
                let posted = nobody.post(&path, &[]).await;
                assert_eq!(posted.status, 401, "{path}");
            }
        }
    }
    for role in Role::ALL {
        let mut visitor = stage.visitor(role).await;
        for (path, roles) in addresses() {
            let Some(roles) = roles else { continue };
            let path = filled(&stage, path, Some(2)).await;
            for answered in [visitor.get(&path).await, visitor.post(&path, &[]).await] {
                let is_open = answered.status != 403;
                assert_eq!(
                    is_open,
                    roles.contains(&role),
                    "{role} {path}: {}",
                    answered.status
                );
                assert_ne!(answered.status, 500, "{role} {path}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_another_jobcentres_is_not_there() {
    let stage = Stage::new().await;
    let theirs = &stage.names[..2];
    let mut pages = 0;
    for role in [Role::JobConsultant, Role::InternshipHost, Role::Reader] {
        let visitor = stage.visitor(role).await;
        for (path, roles) in addresses() {
            if roles.is_none_or(|roles| !roles.contains(&role)) {
                continue;
            }
            let other = filled(&stage, path, Some(0)).await;
            let nothing = filled(&stage, path, None).await;
            let asks_for_one = path.contains("{id}");
            // Each with cookies of its own, so that what is said of one is not shown with the other.
            let (mut first, mut second) = (visitor.clone(), visitor.clone());
            for (method, answers) in [
                ("GET", [first.get(&other).await, second.get(&nothing).await]),
                (
                    "POST",
                    [
                        first.post(&other, &[]).await,
                        second.post(&nothing, &[]).await,
                    ],
                ),
            ] {
                let [other, nothing] = answers;
                for answered in [&other, &nothing] {
                    for name in theirs {
                        assert!(
                            !answered.body.contains(name.as_str()),
                            "{role} {method} {path}: {name}"
                        );
                    }
                }
                if asks_for_one {
                    pages += 1;
                    // Not even that there is something: the answer is the one for what has never been.
                    assert_eq!(other.status, nothing.status, "{role} {method} {path}");
                    assert_eq!(other.body, nothing.body, "{role} {method} {path}");
                }
            }
        }
    }
    assert!(pages >= 8, "addresses with ids were asked: {pages}");
    for case in &stage.cases[..2] {
        let shown = stage
            .desk
            .case_shown(&case.public_id, None)
            .await
            .expect("the case");
        assert_eq!(shown.state, "Her", "nothing was done with it");
        let struck = shown.notes.iter().filter(|note| note.struck.is_some());
        let removed = shown.documents.iter();
        let removed = removed.filter(|file| file.removed.is_some());
        assert_eq!((struck.count(), removed.count()), (0, 0));
    }
    let case = &stage.cases[0].public_id;
    let shown = stage.desk.case_shown(case, None).await.expect("the case");
    assert_eq!((shown.notes.len(), shown.documents.len()), (1, 1));
}

#[tokio::test]
async fn each_sees_what_is_theirs_and_it_is_written_down() {
    let stage = Stage::new().await;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let hold = consultant.get(&format!("/hold/{}", stage.hold)).await.body;
    for (at, name) in stage.names.iter().enumerate() {
        assert_eq!(hold.contains(name.as_str()), at >= 2, "{name}: {hold}");
    }
    let own = &stage.cases[2];
    let page = consultant.get(&format!("/sager/{}", own.public_id)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Velkommen") && page.body.contains("Ring til kandidaten"));
    let mail = stage.mail_of(own).await;
    assert!(
        consultant
            .get(&format!("/udbakke/{mail}"))
            .await
            .body
            .contains("Hej ")
    );
    let read = stage.store.access_of(own.id, 10).await.expect("the log");
    let what: Vec<&str> = read.iter().map(|seen| seen.what.as_str()).collect();
    assert_eq!(what, ["mail", "case", "board"]);

    // A praktikvært sees the one in whose case they have a seat.
    let mut host = stage.visitor(Role::InternshipHost).await;
    let path = format!("/sager/{}", own.public_id);
    assert_eq!(host.get(&path).await.status, 404);
    let said = tovholder::runner::desk::Fire {
        of: own.public_id.clone(),
        event: "facts".into(),
        assign: vec![(
            "internship_host".into(),
            "internship_host@vest.example".into(),
        )],
        ..Default::default()
    };
    stage.desk.fire(&said).await.expect("it is taken");
    assert_eq!(host.get(&path).await.status, 200);
    let other = format!("/sager/{}", stage.cases[3].public_id);
    assert_eq!(host.get(&other).await.status, 404);

    let mut reader = stage.visitor(Role::Reader).await;
    let page = reader.get(&format!("/hold/{}", stage.hold)).await.body;
    assert!(
        stage.names.iter().all(|name| !page.contains(name.as_str())),
        "{page}"
    );
}
