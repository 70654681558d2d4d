//! What comes back is read as what it is: every shape in `tests/fixtures/intake/`, whole, cut off anywhere,
//! and bytes that are no mail at all.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tovholder::intake::{Incoming, Kind, Ours, Says, read};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OURS: Ours<'static> = Ours {
    host: "college.example",
    from: "post@college.example",
    bounces: Some("retur@college.example"),
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/intake")
}

/// The lines of the table: name and what it is.
fn expected() -> Vec<(String, String)> {
    let table = fs::read_to_string(folder().join("expected.txt")).expect("a table");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, expect) = line.split_once(' ').expect("a name and what it is");
            (name.to_owned(), expect.trim().to_owned())
        })
        .collect()
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.eml"))).expect(name)
}

/// As the table says it.
fn told(mail: &Incoming) -> String {
    let refers = mail.refers_to.first().map(String::as_str);
    let ours = if refers == Some(ID) { "ours" } else { "-" };
    match &mail.kind {
        Kind::Bounce(all) => {
            let worst = all
                .iter()
                .max_by_key(|one| one.weight)
                .expect("at least one");
            let code = worst.status.as_deref().unwrap_or("-");
            let to = worst.recipient.as_deref().unwrap_or("-");
            format!("bounce {} {code} {to} {ours}", worst.weight.word())
        }
        Kind::Automatic(why) => format!("automatic {}", why.word()),
        Kind::Answer(answer) => {
            let says = match answer.says {
                Says::Accepted => "accepted",
                Says::Declined => "declined",
                Says::Tentative => "tentative",
            };
            let (sequence, attendee, uid) = (answer.sequence, &answer.attendee, &answer.uid);
            format!("answer {says} {sequence} {attendee} {uid}")
        }
        Kind::Own => "own".to_owned(),
        Kind::Human { text } => format!("human {ours} \"{}\"", text.replace('\n', "\\n")),
    }
}

#[test]
fn every_shape_is_read_as_what_it_is() {
    let table = expected();
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(name, expect)| {
            let told = told(&read(&fixture(name), &OURS));
            (told != *expect).then(|| format!("{name}\n  is   {expect}\n  read {told}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_table_and_the_files_are_the_same() {
    let table: BTreeSet<String> = expected().into_iter().map(|(name, _)| name).collect();
    let files = fs::read_dir(folder()).expect("a folder");
    let files: BTreeSet<String> = files
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter_map(|name| name.strip_suffix(".eml").map(ToOwned::to_owned))
        .collect();
    assert_eq!(table, files);
    assert!(table.len() >= 200, "{} shapes", table.len());
    let count = |what: &str| {
        let table = expected();
        table
            .iter()
            .filter(|(_, expect)| expect.starts_with(what))
            .count()
    };
    for (what, least) in [
        ("bounce hard", 40),
        ("bounce soft", 60),
        ("bounce delayed", 12),
        ("automatic", 60),
        ("human", 30),
        ("answer", 17),
    ] {
        assert!(count(what) >= least, "{what}: {}", count(what));
    }
}

/// Whether a complete report stands in it: of the RFC's form up to the part after its fields, or of one of the
/// two old forms with the mail that it is about. Told from the bytes alone, not by what reads them.
fn has_complete_report(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let fields = text
        .rfind("delivery-status\r\n")
        .or_else(|| text.rfind("delivery-status\n"));
    let by_rfc = fields.is_some_and(|at| {
        let after = &text[at..];
        let status = after
            .find("\nstatus: 5")
            .or_else(|| after.find("\nstatus:  5"));
        let action = after.contains("\naction: failed");
        let end = status.and_then(|at| after[at..].find("\n--"));
        action && end.is_some()
    });
    let is_old = (text.contains("this is the") && text.contains("--- below this line is a copy"))
        || (text.contains("created automatically by mail delivery software")
            && text.contains("this is a copy of the message"));
    by_rfc || (is_old && text.contains(ID))
}

/// Every place near the ends of lines, where something may be missing, and every 37th elsewhere.
fn cuts(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let near_end = |at: usize| {
        let around = at.saturating_sub(2)..(at + 3).min(bytes.len());
        bytes[around].contains(&b'\n')
    };
    (0..bytes.len()).filter(move |at| near_end(*at) || at % 37 == 0)
}

#[test]
fn a_mail_that_is_cut_off_never_says_more_than_stands_in_it() {
    for (name, _) in expected() {
        let bytes = fixture(&name);
        for cut in cuts(&bytes) {
            let cut = &bytes[..cut];
            let mail = read(cut, &OURS);
            assert!(
                !mail.kind.is_hard_bounce() || has_complete_report(cut),
                "{name} cut after {} octets is read as {mail:?}",
                cut.len()
            );
        }
    }
}

#[test]
fn what_is_not_whole_is_noticed_by_the_test_itself() {
    let whole = fixture("postfix-user-unknown");
    assert!(has_complete_report(&whole));
    let text = String::from_utf8(whole).expect("text");
    let cut = text.find("Diagnostic-Code").expect("a field");
    assert!(!has_complete_report(&text.as_bytes()[..cut]));
}

#[test]
fn no_headers_no_words_nothing_is_words_for_a_person() {
    for bytes in [
        &b""[..],
        b"\r\n",
        b"\r\n\r\n",
        b"From ",
        b"\0\xff\xfe",
        b"--\r\n--",
    ] {
        assert!(
            matches!(read(bytes, &OURS).kind, Kind::Human { .. }),
            "{bytes:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_give_an_answer_that_is_not_hard(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(!read(&bytes, &OURS).kind.is_hard_bounce());
    }

    /// Pieces of mails in any order, with bytes between: what mail programs and filters do to a mail, and worse.
    #[test]
    fn pieces_of_mails_in_any_order_give_an_answer(
        pieces in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..400), 1..12),
        noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let names = ["postfix-user-unknown", "qmail-no-mailbox", "exim-old-unknown", "answer-apple", "human-gmail-danish"];
        let mut bytes = Vec::new();
        for (name, start, length) in pieces {
            let mail = fixture(names[name.index(names.len())]);
            let start = start.index(mail.len());
            bytes.extend_from_slice(&mail[start..(start + length).min(mail.len())]);
            bytes.extend_from_slice(&noise);
        }
        let mail = read(&bytes, &OURS);
        prop_assert!(!mail.kind.is_hard_bounce() || has_complete_report(&bytes), "{mail:?}");
    }
}
