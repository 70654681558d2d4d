//! What stands beside a case: notes that are never changed, files until they are removed, and neither once the person is
//! erased.

use tovholder::store::{
    Added, Committed, DocumentNew, NoteNew, NoteRow, Sees, Status, Store, Withdrawal, Write,
};

use super::accounts::account;
use super::{MINUTE, NOW, contract, hold_with, mail, queue, send, status, step};

contract! {
    a_note_is_struck_out_or_corrected_and_never_changed,
    a_confidential_note_is_read_by_who_wrote_it_and_who_reads_all,
    what_a_confidential_note_corrects_is_confidential_too,
    a_file_is_kept_until_it_is_removed,
    what_stands_beside_a_case_is_seen_with_it,
    nothing_is_left_beside_an_erased_case_or_comes_to_it,
    a_case_with_something_beside_it_is_not_taken_back,
    how_mail_about_a_case_stands_is_found_whoever_says_it,
}

const MOST: i64 = 4;

fn note(case_id: i64, account_id: i64, key: &str) -> NoteNew {
    NoteNew {
        case_id,
        account_id,
        key: key.into(),
        at: NOW,
        text: format!("Note {key} <b>"),
        is_confidential: false,
        corrects: None,
    }
}

fn file(case_id: i64, account_id: i64, key: &str) -> DocumentNew {
    DocumentNew {
        case_id,
        account_id,
        key: key.into(),
        at: NOW,
        kind: "cv".into(),
        name: "CV Søs.pdf".into(),
        media: "application/pdf".into(),
        bytes: vec![0, 255, b'x'],
    }
}

fn withdrawal(case_id: i64, id: i64, account_id: i64, only_own: bool) -> Withdrawal {
    Withdrawal {
        case_id,
        id,
        account_id,
        at: NOW + MINUTE,
        only_own,
    }
}

async fn notes(store: &Store, case: i64) -> Vec<NoteRow> {
    store.notes(Sees::All, case, None).await.unwrap()
}

async fn a_note_is_struck_out_or_corrected_and_never_changed(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let kim = account(&store, "kim@kommune.example").await;
    let bo = account(&store, "bo@kommune.example").await;
    let add = async |note: NoteNew, only_own| store.add_note(note, only_own, MOST).await.unwrap();
    assert_eq!(add(note(cases[0], kim, "a"), true).await, Added::Done);
    // A button counts once, and a key is of one person and one case.
    assert_eq!(add(note(cases[0], kim, "a"), true).await, Added::Done);
    assert_eq!(notes(&store, cases[0]).await.len(), 1);
    assert_eq!(add(note(cases[1], kim, "a"), true).await, Added::Done);
    assert_eq!(add(note(cases[0], bo, "a"), true).await, Added::Done);
    let of = notes(&store, cases[0]).await;
    let (theirs, own) = (of[0].id, of[1].id);
    assert_eq!((of[1].name.as_str(), of[1].at), ("Kim Holm", NOW));

    // Neither another's, nor a note of another case, nor one that there is not.
    let instead = |of: i64, key: &str| NoteNew {
        corrects: Some(of),
        ..note(cases[0], kim, key)
    };
    let elsewhere = notes(&store, cases[1]).await[0].id;
    for wrong in [theirs, elsewhere, 9_999] {
        assert_eq!(add(instead(wrong, "b"), true).await, Added::Overtaken);
        let asked = withdrawal(cases[0], wrong, kim, true);
        assert!(!store.strike_note(asked).await.unwrap(), "{wrong}");
    }
    assert_eq!(notes(&store, cases[0]).await, of, "and nothing has changed");
    assert_eq!(add(instead(own, "b"), true).await, Added::Done);
    assert_eq!(
        add(instead(own, "c"), true).await,
        Added::Overtaken,
        "it is struck out"
    );
    let now = notes(&store, cases[0]).await;
    assert_eq!((now.len(), now[0].corrects), (3, Some(own)));
    let old = now.iter().find(|row| row.id == own).unwrap();
    assert_eq!(old.text, "Note a <b>");
    assert_eq!(
        (old.struck_at, old.struck_by.as_deref()),
        (Some(NOW), Some("Kim Holm"))
    );
    // Who acts for others strikes out anybody's, once.
    for expect in [true, false] {
        let asked = withdrawal(cases[0], theirs, kim, false);
        assert_eq!(store.strike_note(asked).await.unwrap(), expect);
    }
    assert_eq!(add(note(cases[0], kim, "d"), true).await, Added::Done);
    assert_eq!(add(note(cases[0], kim, "e"), true).await, Added::Full);
    assert_eq!(
        add(note(cases[0], kim, "d"), true).await,
        Added::Done,
        "it is there"
    );
    assert_eq!(i64::try_from(notes(&store, cases[0]).await.len()), Ok(MOST));
}

async fn a_confidential_note_is_read_by_who_wrote_it_and_who_reads_all(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let kim = account(&store, "kim@kommune.example").await;
    let bo = account(&store, "bo@kommune.example").await;
    let pulse = async |reader| store.pulse_of_one(cases[0], reader).await.unwrap();
    for (key, by, is_confidential) in [("open", bo, false), ("kims", kim, true), ("bos", bo, true)]
    {
        let before = [pulse(None).await, pulse(Some(kim)).await];
        let new = NoteNew {
            is_confidential,
            ..note(cases[0], by, key)
        };
        store.add_note(new, true, MOST).await.unwrap();
        let after = [pulse(None).await, pulse(Some(kim)).await];
        // Who follows the page is not even told that there is something that they may not read.
        let told = [before[0] != after[0], before[1] != after[1]];
        assert_eq!(told, [true, key != "bos"], "{key}");
    }
    for (reader, expect) in [
        (None, &["bos", "kims", "open"][..]),
        (Some(kim), &["kims", "open"]),
        (Some(bo), &["bos", "open"]),
        (Some(0), &["open"]),
    ] {
        let read = store.notes(Sees::All, cases[0], reader).await.unwrap();
        let read: Vec<&str> = (read.iter())
            .map(|row| row.text.split(' ').nth(1).unwrap())
            .collect();
        assert_eq!(read, expect, "{reader:?}");
    }
}

async fn what_a_confidential_note_corrects_is_confidential_too(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let kim = account(&store, "kim@kommune.example").await;
    let mut corrects = None;
    for (key, is_confidential, open) in [("a", false, 1), ("b", false, 2), ("c", true, 0)] {
        let new = NoteNew {
            is_confidential,
            corrects,
            ..note(cases[0], kim, key)
        };
        assert_eq!(store.add_note(new, true, MOST).await.unwrap(), Added::Done);
        corrects = Some(notes(&store, cases[0]).await[0].id);
        let read = store.notes(Sees::All, cases[0], Some(0)).await.unwrap();
        assert_eq!(read.len(), open, "{key}");
    }
    let other = note(cases[0], kim, "other");
    store.add_note(other, true, MOST).await.unwrap();
    let read = store.notes(Sees::All, cases[0], Some(0)).await.unwrap();
    assert_eq!(read.len(), 1, "others are as they were");
}

async fn a_file_is_kept_until_it_is_removed(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let kim = account(&store, "kim@kommune.example").await;
    let bo = account(&store, "bo@kommune.example").await;
    let add = async |key: &str| {
        let new = file(cases[0], kim, key);
        store.add_document(new, 2).await.unwrap()
    };
    let there = async |case, id| store.document(Sees::All, case, id).await.unwrap();
    for (key, expect) in [
        ("a", Added::Done),
        ("a", Added::Done),
        ("b", Added::Done),
        ("c", Added::Full),
        ("b", Added::Done),
    ] {
        assert_eq!(add(key).await, expect, "{key}");
    }
    let rows = store.documents(Sees::All, cases[0]).await.unwrap();
    assert_eq!(rows.len(), 2);
    let (row, id) = (&rows[1], rows[1].id);
    assert_eq!(
        (row.name.as_deref(), row.size, row.given_by.as_str()),
        (Some("CV Søs.pdf"), 3, "Kim Holm")
    );
    let whole = there(cases[0], id).await.unwrap();
    assert_eq!(
        (whole.media.as_str(), whole.bytes),
        ("application/pdf", vec![0, 255, b'x'])
    );
    assert_eq!(there(cases[1], id).await, None, "it is the other case's");
    for (case, by, only_own, expect) in [
        (cases[0], bo, true, false),
        (cases[1], kim, false, false),
        (cases[0], bo, false, true),
        (cases[0], bo, false, false),
    ] {
        let asked = withdrawal(case, id, by, only_own);
        assert_eq!(store.remove_document(asked).await.unwrap(), expect, "{by}");
    }
    assert_eq!(there(cases[0], id).await, None);
    let row = store
        .documents(Sees::All, cases[0])
        .await
        .unwrap()
        .remove(1);
    assert_eq!((row.name, row.kind.as_str()), (None, "cv"));
    assert_eq!(row.given_by, "Kim Holm");
    assert_eq!(row.removed_at, Some(NOW + MINUTE));
    assert!(row.removed_by.is_some());
    assert_eq!(add("c").await, Added::Done, "there is room again");
}

async fn what_stands_beside_a_case_is_seen_with_it(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let kim = account(&store, "kim@kommune.example").await;
    store
        .add_note(note(cases[0], kim, "a"), true, MOST)
        .await
        .unwrap();
    store
        .add_document(file(cases[0], kim, "a"), MOST)
        .await
        .unwrap();
    let id = store.documents(Sees::All, cases[0]).await.unwrap()[0].id;
    for (sees, expect) in [
        (Sees::All, 1),
        (Sees::Organisation(999), 0),
        (Sees::Seats(999), 0),
        (Sees::Nobody, 0),
    ] {
        let notes = store.notes(sees, cases[0], None).await.unwrap();
        let files = store.documents(sees, cases[0]).await.unwrap();
        let file = store.document(sees, cases[0], id).await.unwrap();
        assert_eq!(
            [notes.len(), files.len(), usize::from(file.is_some())],
            [expect; 3],
            "{sees:?}"
        );
    }
}

async fn nothing_is_left_beside_an_erased_case_or_comes_to_it(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let kim = account(&store, "kim@kommune.example").await;
    for case in &cases {
        for key in ["a", "b"] {
            let corrects = notes(&store, *case).await.first().map(|note| note.id);
            let new = NoteNew {
                corrects,
                ..note(*case, kim, key)
            };
            assert_eq!(store.add_note(new, true, MOST).await.unwrap(), Added::Done);
        }
        store
            .add_document(file(*case, kim, "a"), MOST)
            .await
            .unwrap();
    }
    let write = Write {
        erase_person: true,
        ..step(cases[0], 1)
    };
    let erased = store.commit(vec![write], NOW).await.unwrap();
    assert_eq!(erased, [Committed::Done]);
    let left = async |case| {
        let files = store.documents(Sees::All, case).await.unwrap();
        (notes(&store, case).await.len(), files.len())
    };
    assert_eq!(left(cases[0]).await, (0, 0));
    assert_eq!(left(cases[1]).await, (2, 1), "the other case's stay");
    let late = store.add_note(note(cases[0], kim, "late"), true, MOST);
    assert_eq!(late.await.unwrap(), Added::Closed);
    let late = store.add_document(file(cases[0], kim, "late"), MOST);
    assert_eq!(late.await.unwrap(), Added::Closed);
    // Nor to what is no case.
    let hold = store.cohorts().await.unwrap()[0].id;
    let to_hold = store.add_note(note(hold, kim, "hold"), true, MOST);
    assert_eq!(to_hold.await.unwrap(), Added::Closed);
}

async fn a_case_with_something_beside_it_is_not_taken_back(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let kim = account(&store, "kim@kommune.example").await;
    let take_back = async |case: i64| {
        let seq = store.load(&[case]).await.unwrap().subjects[0].seq;
        let write = Write {
            take_back: true,
            state: None,
            ..step(case, seq)
        };
        store.commit(vec![write], NOW + MINUTE).await.unwrap()[0]
    };
    store
        .add_note(note(cases[0], kim, "a"), true, MOST)
        .await
        .unwrap();
    store
        .add_document(file(cases[1], kim, "a"), MOST)
        .await
        .unwrap();
    for case in &cases {
        assert!(store.has_beside(*case).await.unwrap());
        assert_eq!(take_back(*case).await, Committed::Stale);
    }
    let id = notes(&store, cases[0]).await[0].id;
    let struck = store.strike_note(withdrawal(cases[0], id, kim, true));
    assert!(struck.await.unwrap());
    let id = store.documents(Sees::All, cases[1]).await.unwrap()[0].id;
    let removed = store.remove_document(withdrawal(cases[1], id, kim, true));
    assert!(removed.await.unwrap());
    for case in &cases {
        assert!(!store.has_beside(*case).await.unwrap());
        assert_eq!(take_back(*case).await, Committed::Done);
        // What was withdrawn goes, too, and nothing comes any more.
        assert_eq!(notes(&store, *case).await, []);
        assert_eq!(store.documents(Sees::All, *case).await.unwrap(), []);
        let late = store.add_note(note(*case, kim, "late"), true, MOST);
        assert_eq!(late.await.unwrap(), Added::Closed);
    }
}

async fn how_mail_about_a_case_stands_is_found_whoever_says_it(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let said = |public_id: &str, seat: &str| {
        let mut said = mail(public_id, &format!("message.{public_id}@x#1.1"), 0);
        seat.clone_into(&mut said.seat);
        vec![said]
    };
    queue(&store, cases[0], said("own", "candidate")).await;
    let alone = |case: i64| format!("candidate:{case}");
    queue(&store, hold, said("theirs", &alone(cases[0]))).await;
    queue(&store, hold, said("others", &alone(cases[1]))).await;
    queue(&store, hold, said("all", "coordinator")).await;
    assert!(send(&store, "theirs", b"words").await);
    let mut stand = store.mail_about(cases[0]).await.unwrap();
    stand.sort_by(|one, other| one.occurrence.cmp(&other.occurrence));
    let stand: Vec<_> = (stand.iter())
        .map(|mail| (mail.occurrence.as_str(), mail.status))
        .collect();
    assert_eq!(
        stand,
        [
            ("message.own@x#1.1", Status::Queued),
            ("message.theirs@x#1.1", Status::Sending),
        ]
    );
    assert_eq!(status(&store, "others").await, Status::Queued);
}
