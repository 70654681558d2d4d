//! What stands beside a case on its page: notes, files, and why a mail was not sent.

use tovholder::access::Role;
use tovholder::runner::desk::{DocumentAsked, Fire, NoteAsked};
use tovholder::store::{Act, KeptNews, PersonAct, Sees};

use super::Stage;
use crate::support::browser::{Answered, Browser};

const SCRIPT: &str = "<script>alert(1)</script> & »ham«";
const ESCAPED: &str = "&#60;script&#62;alert(1)&#60;/script&#62; &#38; »ham«";

/// Writes a note on a case.
async fn write(browser: &mut Browser, case: &str, said: &[(&str, &str)]) -> Answered {
    let answered = browser.post(&format!("/sager/{case}/noter"), said).await;
    assert_ne!(answered.status, 500, "{}", answered.body);
    answered
}

async fn page(browser: &mut Browser, case: &str) -> String {
    browser.get(&format!("/sager/{case}")).await.body
}

async fn put(browser: &mut Browser, case: &str, kind: &str, name: &str, bytes: &[u8]) -> Answered {
    let path = format!("/sager/{case}/filer");
    let fields = [("slags", kind)];
    browser.upload(&path, &fields, ("fil", name, bytes)).await
}

impl Stage {
    async fn notes(&self, at: usize) -> Vec<tovholder::store::NoteRow> {
        let notes = self.store.notes(Sees::All, self.cases[at].id, None).await;
        notes.expect("the notes")
    }

    async fn files(&self, at: usize) -> Vec<tovholder::store::DocumentRow> {
        let files = self.store.documents(Sees::All, self.cases[at].id).await;
        files.expect("the files")
    }
}

#[tokio::test]
async fn a_note_is_written_corrected_and_struck_out_and_stays_in_the_story() {
    let stage = Stage::new().await;
    let case = &stage.cases[2].public_id;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let text = ("tekst", SCRIPT);
    let written = write(&mut consultant, case, &[text, ("key", "a")]).await;
    assert_eq!(
        (written.status, written.location()),
        (303, &*format!("/sager/{case}"))
    );
    write(&mut consultant, case, &[text, ("key", "a")]).await;
    assert_eq!(stage.notes(2).await.len(), 1, "a button counts once");
    let seen = page(&mut coordinator, case).await;
    assert!(
        seen.contains(ESCAPED) && !seen.contains("<script>alert"),
        "{seen}"
    );
    assert!(seen.contains("Kim job_consultant"), "who wrote it");

    let first = stage.notes(2).await[0].id.to_string();
    let instead = [
        ("tekst", "Ringer mandag."),
        ("retter", &first),
        ("key", "b"),
    ];
    assert_eq!(write(&mut consultant, case, &instead).await.status, 303);
    let seen = page(&mut coordinator, case).await;
    for part in [
        ESCAPED,
        "Ringer mandag.",
        "streget ud af Kim job_consultant",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    // Who acts for others strikes out anybody's; others only their own.
    let said = [("tekst", "Fra tovholderen"), ("key", "c")];
    assert_eq!(write(&mut coordinator, case, &said).await.status, 303);
    let notes = stage.notes(2).await;
    let (theirs, own) = (notes[0].id, notes[1].id);
    let strike = |id: i64| format!("/sager/{case}/noter/{id}");
    assert_eq!(consultant.post(&strike(theirs), &[]).await.status, 422);
    assert_eq!(coordinator.post(&strike(own), &[]).await.status, 303);
    assert_eq!(coordinator.post(&strike(own), &[]).await.status, 422);
    assert_eq!(coordinator.post(&strike(0), &[]).await.status, 422);
    let seen = page(&mut consultant, case).await;
    assert!(seen.contains("streget ud af Kim coordinator"), "{seen}");
    assert_eq!(stage.notes(2).await.len(), 3, "nothing is taken away");
    // Another's can neither be struck out by correcting it.
    let theirs = theirs.to_string();
    for retter in [theirs.as_str(), "0"] {
        let instead = [("tekst", "Nej"), ("retter", retter), ("key", "d")];
        assert_eq!(write(&mut consultant, case, &instead).await.status, 422);
    }
    let instead = [("tekst", "Nej"), ("retter", "x"), ("key", "d")];
    assert_eq!(write(&mut consultant, case, &instead).await.status, 404);
    assert_eq!(stage.notes(2).await.len(), 3);
}

#[tokio::test]
async fn a_note_that_is_not_taken_says_why_and_what_was_typed_is_there_still() {
    let stage = Stage::new().await;
    let case = &stage.cases[2].public_id;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let long = "å".repeat(NoteAsked::CHARS_MAX + 1);
    for (text, says) in [
        ("", "Der står intet i noten"),
        (" \r\n ", "Der står intet i noten"),
        (long.as_str(), "4001 tegn"),
        ("Hendes nummer er 010190-1234 & mere", "CPR-nummer"),
        ("a\u{1b}[31mb", "ikke kan vises"),
    ] {
        let answered = write(&mut consultant, case, &[("tekst", text)]).await;
        assert_eq!(answered.status, 422, "{says}");
        assert!(answered.body.contains(says), "{says}: {}", answered.body);
        let kept = text.trim().replace('&', "&#38;");
        assert!(answered.body.contains(&kept), "{says}");
        assert!(
            !answered.body.contains("data-live"),
            "it is no page to follow"
        );
    }
    let fits = "å".repeat(NoteAsked::CHARS_MAX);
    let answered = write(&mut consultant, case, &[("tekst", &fits)]).await;
    assert_eq!(answered.status, 303, "the last that fits");
    assert_eq!(stage.notes(2).await.len(), 1);
}

#[tokio::test]
async fn a_confidential_note_is_for_coordinators_and_who_wrote_it() {
    let stage = Stage::new().await;
    let case = &stage.cases[2].public_id;
    let secret = "Kun til de få";
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let said = [("tekst", secret), ("fortrolig", "1"), ("key", "a")];
    assert_eq!(write(&mut consultant, case, &said).await.status, 303);
    let said = [("tekst", "Til alle her"), ("key", "b")];
    assert_eq!(write(&mut consultant, case, &said).await.status, 303);
    let seat = Fire {
        of: case.clone(),
        event: "facts".into(),
        assign: vec![(
            "internship_host".into(),
            "internship_host@vest.example".into(),
        )],
        ..Fire::default()
    };
    let mut host = stage.visitor(Role::InternshipHost).await;
    stage.desk.fire(&seat).await.expect("it is taken");
    assert!(page(&mut consultant, case).await.contains(secret));
    for (role, reads) in [
        (Role::Admin, true),
        (Role::Coordinator, true),
        (Role::EducationConsultant, false),
    ] {
        let mut browser = stage.visitor(role).await;
        let seen = page(&mut browser, case).await;
        assert_eq!(seen.contains(secret), reads, "{role}");
        assert!(
            seen.contains("Til alle her") && seen.contains("Skriv en note"),
            "{role}"
        );
    }
    let seen = page(&mut host, case).await;
    assert!(
        seen.contains("Til alle her") && !seen.contains(secret),
        "{seen}"
    );
    assert!(!seen.contains("Skriv en note") && !seen.contains("Læg en fil"));
    assert!(
        !seen.contains("Hvorfor er den ikke sendt"),
        "a host reads no mail"
    );
}

#[tokio::test]
async fn a_file_is_put_to_a_case_fetched_as_a_file_and_removed() {
    let stage = Stage::new().await;
    let case = &stage.cases[2];
    let id = &case.public_id;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let name = "C:\\cv\\Søs <img src=x onerror=alert(1)>.PDF";
    let given = put(&mut consultant, id, "cv", name, b"%PDF-1.7 Cv").await;
    assert_eq!(given.status, 303, "{}", given.body);
    let seen = page(&mut coordinator, id).await;
    assert!(
        seen.contains("Søs img src=x onerror=alert(1).pdf</a>"),
        "{seen}"
    );
    assert!(seen.contains("CV · 1 kB · Kim job_consultant"), "{seen}");
    let file = stage.files(2).await[0].id;
    let path = format!("/sager/{id}/filer/{file}");
    let got = coordinator.get(&path).await;
    assert_eq!((got.status, got.body.as_str()), (200, "%PDF-1.7 Cv"));
    for (header, value) in [
        ("content-type", "application/pdf"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "no-store"),
        (
            "content-disposition",
            "attachment; filename=\"S_s img src_x onerror_alert_1_.pdf\"; \
             filename*=UTF-8''S%C3%B8s%20img%20src%3Dx%20onerror%3Dalert%281%29.pdf",
        ),
    ] {
        assert_eq!(got.header(header), value, "{header}");
    }
    let read = stage.store.access_of(case.id, 10).await.expect("the log");
    let what: Vec<&str> = read.iter().map(|seen| seen.what.as_str()).collect();
    assert_eq!(
        what,
        ["document", "case"],
        "that it was read is written down"
    );

    // Of one's own, or by who acts for others; then it is gone, and it stays who it was of.
    let mut education = stage.visitor(Role::EducationConsultant).await;
    let remove = format!("{path}/fjern");
    assert_eq!(education.post(&remove, &[]).await.status, 422);
    assert_eq!(coordinator.get(&path).await.status, 200);
    assert_eq!(consultant.post(&remove, &[]).await.status, 303);
    assert_eq!(consultant.post(&remove, &[]).await.status, 422);
    let nothing = format!("/sager/{id}/filer/999999");
    let (gone, never) = (
        coordinator.get(&path).await,
        coordinator.get(&nothing).await,
    );
    assert_eq!((gone.status, &gone.body), (404, &never.body));
    let seen = page(&mut coordinator, id).await;
    assert!(!seen.contains("onerror"), "its name is gone, too: {seen}");
    assert!(seen.contains("fjernet af Kim job_consultant"), "{seen}");
    // A file of one case is not there below another's address.
    put(&mut consultant, id, "profile", "profil.txt", b"Kan meget").await;
    let file = stage.files(2).await[0].id;
    let other = &stage.cases[3].public_id;
    let elsewhere = format!("/sager/{other}/filer/{file}");
    assert_eq!(coordinator.get(&elsewhere).await.status, 404);
    let removed = coordinator.post(&format!("{elsewhere}/fjern"), &[]).await;
    assert_eq!(removed.status, 422);
    assert!(stage.files(2).await[0].name.is_some());
}

#[tokio::test]
async fn a_file_that_is_not_taken_says_why_and_nothing_is_kept() {
    let stage = Stage::new().await;
    let id = &stage.cases[2].public_id;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let mut large = b"%PDF-1.7".to_vec();
    large.resize(DocumentAsked::BYTES_MAX + 1, b' ');
    let table: [(&str, &str, &[u8], &str); 8] = [
        ("cv", "cv.pdf", b"MZ\x90\x00\x03", "slags"),
        ("cv", "cv.pdf", b"GIF89a\x01\x00", "slags"),
        (
            "cv",
            "cv.docx",
            b"PK\x03\x04 word/document.xml",
            "ikke et dokument",
        ),
        ("cv", "cv.pdf", b"", "tom"),
        ("cv", "", b"", "ikke valgt en fil"),
        ("passport", "cv.pdf", b"%PDF-1.7", "Hvad er filen?"),
        ("cv", "010190-1234.pdf", b"%PDF-1.7", "CPR-nummer"),
        ("cv", "cv.pdf", &large, "højst fylde 5 MB"),
    ];
    for (kind, name, bytes, says) in table {
        let answered = put(&mut consultant, id, kind, name, bytes).await;
        assert_eq!(answered.status, 422, "{says}");
        assert!(answered.body.contains(says), "{says}: {}", answered.body);
    }
    let plain = consultant
        .post(&format!("/sager/{id}/filer"), &[("slags", "cv")])
        .await;
    assert_eq!(plain.status, 422, "a form without a file");
    assert!(stage.files(2).await.is_empty());
    large.pop();
    for at in 0..10 {
        let bytes = if at == 0 { &large[..] } else { b"%PDF-1.7" };
        let given = put(&mut consultant, id, "other", "bilag.pdf", bytes).await;
        assert_eq!(given.status, 303, "{at}");
    }
    let more = put(&mut consultant, id, "other", "bilag.pdf", b"%PDF-1.7").await;
    assert_eq!(more.status, 422);
    assert!(
        more.body.contains("Der er 10 filer på sagen"),
        "{}",
        more.body
    );
    assert_eq!(stage.files(2).await.len(), 10);
}

#[tokio::test]
async fn what_is_nominated_brings_its_profile_and_cv_or_is_not_nominated() {
    let stage = Stage::new().await;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let path = format!("/hold/{}/indstil", stage.hold);
    let fields = [("navn", "Ida Vest"), ("email", "ida@post.example")];
    let wrong = consultant
        .upload(&path, &fields, ("cv", "cv.pdf", b"MZ\x90\x00"))
        .await;
    assert_eq!(wrong.status, 422);
    for part in [
        "»CV«",
        "slags",
        "Filer skal vælges igen",
        "ida@post.example",
    ] {
        assert!(wrong.body.contains(part), "{part}: {}", wrong.body);
    }
    let all = async || {
        let cases = stage.store.subjects_of(Sees::All, stage.row).await;
        cases.expect("cases")
    };
    assert_eq!(all().await.len(), 4, "nobody is nominated without their CV");
    let done = consultant
        .upload(&path, &fields, ("cv", "cv.pdf", b"%PDF-1.7"))
        .await;
    assert_eq!(done.status, 303, "{}", done.body);
    let case = all().await.pop().expect("a case");
    let files = stage
        .store
        .documents(Sees::All, case.id)
        .await
        .expect("files");
    let files: Vec<_> = files
        .iter()
        .map(|file| (file.kind.as_str(), file.name.as_deref()))
        .collect();
    assert_eq!(files, [("cv", Some("cv.pdf"))]);
}

#[tokio::test]
async fn a_case_with_a_note_stays_when_its_list_is_taken_back() {
    let stage = Stage::new().await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let list = "Navn\tE-mail\nEva Ny\teva@post.example\n";
    let fields = [("hold", stage.hold.as_str()), ("pasted", list)];
    let given = coordinator
        .upload("/import", &fields, ("file", "", b""))
        .await;
    let at = given.location().to_owned();
    let looked = coordinator.get(&at).await.body;
    let seen = super::workflow::hidden(&looked, "seen");
    let taken = coordinator
        .post(&at, &[("do", "take"), ("seen", seen)])
        .await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let cases = stage.store.subjects_of(Sees::All, stage.row).await;
    let eva = cases.expect("cases").pop().expect("Eva");
    let said = [("tekst", "Ringer mandag."), ("key", "a")];
    write(&mut coordinator, &eva.public_id, &said).await;
    let import = coordinator.get("/import").await.body;
    let number = super::workflow::hidden(&import, "import").to_owned();
    let undo = [("import", number.as_str())];
    let refused = coordinator.post("/import/tilbage", &undo).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("en note eller en fil"),
        "{}",
        refused.body
    );
    let note = stage
        .store
        .notes(Sees::All, eva.id, None)
        .await
        .expect("notes")[0]
        .id;
    let strike = format!("/sager/{}/noter/{note}", eva.public_id);
    assert_eq!(coordinator.post(&strike, &[]).await.status, 303);
    assert_eq!(coordinator.post("/import/tilbage", &undo).await.status, 303);
    let left = stage
        .store
        .notes(Sees::All, eva.id, None)
        .await
        .expect("notes");
    assert_eq!(left, [], "what was struck out goes with the case");
    let late = write(&mut coordinator, &eva.public_id, &said).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("taget tilbage"), "{}", late.body);
}

#[tokio::test]
async fn the_page_says_why_a_mail_was_not_sent_as_the_command_does() {
    let stage = Stage::new().await;
    let case = &stage.cases[2].public_id;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let shown = stage.desk.case_shown(case, None).await.expect("the case");
    let unsent: Vec<&str> = (shown.unsent.iter())
        .map(|mail| mail.explanation.message.as_str())
        .collect();
    assert_eq!(unsent, ["soon"], "the other has left");
    let explained = stage.desk.explain(case, "soon").await.expect("it is there");
    assert_eq!(shown.unsent[0].explanation, explained.explanation);
    let seen = page(&mut consultant, case).await;
    let (_, section) = seen
        .split_once("Hvorfor er den ikke sendt?")
        .expect("it is there");
    let next = &explained.explanation.next;
    assert!(
        section.contains("<summary>soon ") && section.contains(next),
        "{section}"
    );
    assert!(!section.contains("<summary>hello "), "{section}");
}

#[tokio::test]
async fn nothing_is_put_to_what_is_another_jobcentres() {
    let stage = Stage::new().await;
    let other = &stage.cases[0].public_id;
    let nothing = "0193a7c0-0000-7000-8000-000000000000";
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let mut answers = Vec::new();
    for case in [other.as_str(), nothing, stage.hold.as_str()] {
        let said = [("tekst", "Ringer mandag."), ("key", "a")];
        let note = write(&mut consultant, case, &said).await;
        let file = put(&mut consultant, case, "cv", "cv.pdf", b"%PDF-1.7").await;
        let wrong = put(&mut consultant, case, "cv", "cv.pdf", b"MZ").await;
        answers.push([note, file, wrong].map(|answered| (answered.status, answered.body)));
    }
    assert!(answers[0].iter().all(|(status, _)| *status == 404));
    assert_eq!(answers[0], answers[1], "not even that it is there");
    assert_eq!(answers[2], answers[1], "and a hold is no case");
    assert_eq!(
        (stage.notes(0).await.len(), stage.files(0).await.len()),
        (0, 0)
    );
}

#[tokio::test]
async fn whoever_sees_a_case_sees_that_it_is_kept_and_who_holds_all_threads_why() {
    let stage = Stage::new().await;
    let case = &stage.cases[2].public_id;
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    let kept = "af retlige grunde siden";
    assert!(!page(&mut coordinator, case).await.contains(kept));
    let act = PersonAct {
        person_id: stage.cases[2].person_id.expect("a candidate"),
        subject_id: None,
        at: stage.cases[2].last_at,
        act: Act::Kept,
        by: "cli".into(),
        reason: Some(SCRIPT.into()),
    };
    let news = KeptNews("\"kept\"".into());
    assert!(stage.store.keep_person(act, news).await.expect("kept"));
    let seen = page(&mut coordinator, case).await;
    assert!(seen.contains(kept) && seen.contains(ESCAPED), "{seen}");
    let seen = page(&mut consultant, case).await;
    assert!(seen.contains(kept) && !seen.contains("alert(1)"), "{seen}");
}
