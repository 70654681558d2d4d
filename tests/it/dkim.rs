//! What is signed is checked by somebody else's reader (dkimpy), after it has been over the wire: it holds as it
//! arrives, and no longer when a word of it is changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use tovholder::channel::{
    BadKey, BadSigner, Channel, FileChannel, MemoryChannel, Signer, SmtpChannel, SmtpConfig,
};
use tovholder::message::{
    Invitation, Logo, Mail, MailParts, Mailbox, Method, Rendered, freeze, message_id,
};

use super::support::python::python;
use super::support::smtp::{At, Fault, Script, SmtpServer};

const RSA: &str = include_str!("support/dkim/rsa.pem");
const PKCS1: &str = include_str!("support/dkim/rsa-pkcs1.pem");
const ED25519: &str = include_str!("support/dkim/ed25519.pem");
const DOMAIN: &str = "college.example";

fn signer(pem: &str) -> Signer {
    Signer::new(pem, "tov2026", DOMAIN).expect("a key")
}

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox::parse(name, address).expect("a mailbox")
}

/// A mail with all that a mail of ours may have.
fn whole(id: usize, to: &str) -> Mail {
    let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x78\0\0\0\x28\x08\x06\0\0\0".to_vec();
    png.extend([7; 900]);
    let from = mailbox("SOSU-indgangen, Østby", "post@college.example");
    let to = mailbox("Søren Æble", to);
    let long = "Et ord efter det andet, uden at linjen nogen sinde holder op. ".repeat(40);
    let text = format!("Hej Søren\n\n.en linje med punktum\n..og to  \n\n{long}\n\n\n");
    let parts = MailParts {
        message_id: message_id(id, DOMAIN),
        date: at("2026-02-02T07:00:00Z"),
        zone: TimeZone::get("Europe/Copenhagen").expect("the zone"),
        from: from.clone(),
        reply_to: Some(mailbox("Vejleder", "vejleder@college.example")),
        to: vec![to.clone()],
        rendered: Rendered {
            subject: format!("Velkommen på forløbet  {}", "med et langt emne ".repeat(8)),
            html: format!("<p>{}</p>\n", text.replace('\n', "<br>\n")),
            text,
        },
        language: "da".to_owned(),
        logo: Some(Logo::read(png).expect("a picture")),
        thread: (1..30).map(|id| message_id(id, DOMAIN)).collect(),
        invitation: Some(Invitation {
            method: Method::Request,
            uid: format!("møde@{DOMAIN}"),
            sequence: 1,
            summary: "Samtale; om praktik".to_owned(),
            description: long,
            location: Some("Lokale 2".to_owned()),
            start: at("2026-03-17T08:00:00Z"),
            end: at("2026-03-17T09:00:00Z"),
            zone: TimeZone::get("Europe/Copenhagen").expect("the zone"),
            organizer: from,
            attendee: to,
            stamp: at("2026-02-02T07:00:00Z"),
        }),
        list_unsubscribe: Some("https://tov.college.example/afmeld/x".to_owned()),
    };
    freeze(&parts).expect("a mail")
}

fn raw(id: usize, text: &str) -> Mail {
    let message_id = message_id(id, DOMAIN);
    let bytes = format!("Message-ID: {message_id}\r\nFrom: post@college.example\r\n{text}");
    Mail {
        envelope_from: "post@college.example".to_owned(),
        recipients: vec!["bo@kommune.example".to_owned()],
        message_id,
        subject: String::new(),
        bytes: bytes.into_bytes(),
    }
}

/// Mails whose bytes are awkward in one way or another.
fn mails() -> Vec<Mail> {
    let texts = [
        // 8bit, blanks at the ends of lines, dots, empty lines at the end.
        "To: bo@kommune.example\r\nSubject: prøve\r\nContent-Transfer-Encoding: 8bit\r\n\r\n.punktum  \r\n..to\t \tæ\r\n.\r\n\r\n \r\n\r\n",
        // No line break at the end; nothing but line breaks; no body at all; no header end.
        "Subject: x\r\n\r\nslut",
        "Subject: x\r\n\r\n\r\n\r\n",
        "Subject: x\r\n\r\n",
        "Subject: x\r\n",
        // Folds with tabs and many blanks, an empty header, two of a name.
        "Subject:\r\n\t foldet \t \r\n   to   gange \r\nX-Tom:\r\nTO: \t bo@kommune.example\r\nReferences: <a@b.example>\r\n\t<c@d.example>\r\nSender: a@b.example\r\nSender: c@d.example\r\n\r\nx\r\n",
    ];
    let mut mails = vec![
        whole(100, "soeren@kommune.example"),
        // SMTPUTF8: headers in UTF-8.
        whole(101, "søren@kommune.example"),
    ];
    let of_text = texts.iter().enumerate().map(|(id, text)| raw(id + 1, text));
    mails.extend(of_text);
    // A line of the greatest length, and a body of many.
    let line = "æ".repeat(499);
    let many = format!("Subject: x\r\n\r\n{}", format!("{line}\r\n").repeat(300));
    mails.push(raw(50, &many));
    mails
}

/// What dkimpy says of each of these, when DNS answers so.
fn checked(signer: &Signer, mails: &[Vec<u8>]) -> Vec<String> {
    let record = signer.record();
    checked_with(&json!({record.name: record.text}), mails)
}

fn checked_with(records: &serde_json::Value, mails: &[Vec<u8>]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let dns = folder.path().join("dns.json");
    fs::write(&dns, records.to_string()).expect("written");
    let files = mails.iter().enumerate().map(|(number, mail)| {
        let file = folder.path().join(format!("{number}.eml"));
        fs::write(&file, mail).expect("written");
        file
    });
    let python = python(
        "dkimpy-1.1.8",
        &["dkimpy==1.1.8", "dnspython==2.7.0", "PyNaCl==1.6.2"],
        "import dkim, nacl",
    );
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/dkim/verify.py"))
        .arg(&dns)
        .args(files)
        .output()
        .expect("the reader runs");
    let failed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{failed}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let said: Vec<String> = said.lines().map(ToOwned::to_owned).collect();
    assert_eq!(said.len(), mails.len());
    said
}

fn over_the_wire(server: &SmtpServer, signer: Signer) -> Channel {
    let config = SmtpConfig::from_url(&server.url(), "app.college.example").expect("an address");
    Channel::Smtp(SmtpChannel::new(config).expect("a channel")).signed_by(signer)
}

/// What arrives of these mails.
async fn arrived(signer: Signer, mails: &[Mail]) -> Vec<Vec<u8>> {
    let server = SmtpServer::start(Script::default()).await;
    let channel = over_the_wire(&server, signer);
    for mail in mails {
        channel.send(mail).await.expect("taken");
    }
    let accepted = server.wait_for(mails.len()).await;
    accepted.into_iter().map(|mail| mail.bytes).collect()
}

#[tokio::test]
async fn what_arrives_is_signed_whatever_the_key_and_the_mail() {
    let mails = mails();
    for pem in [RSA, PKCS1, ED25519] {
        let arrived = arrived(signer(pem), &mails).await;
        for (mail, arrived) in mails.iter().zip(&arrived) {
            // Below the signature it is what was frozen.
            let mut whole = mail.bytes.clone();
            if !whole.ends_with(b"\r\n") {
                whole.extend_from_slice(b"\r\n");
            }
            assert!(arrived.ends_with(&whole), "{}", mail.message_id);
            let lines = arrived.split(|byte| *byte == b'\n');
            assert!(lines.map(<[u8]>::len).max() <= Some(999));
        }
        let said = checked(&signer(pem), &arrived);
        for (mail, said) in mails.iter().zip(said) {
            assert_eq!(said, "good", "{}", String::from_utf8_lossy(&mail.bytes));
        }
    }
}

/// Where the header ends.
fn header_of(mail: &[u8]) -> usize {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n");
    end.expect("an end") + 2
}

#[tokio::test]
async fn no_word_of_it_can_be_changed_and_nobody_can_say_another_sender() {
    for pem in [RSA, ED25519] {
        let mail = arrived(signer(pem), &[whole(1, "soeren@kommune.example")]).await;
        let mail = mail.into_iter().next().expect("a mail");
        let end = header_of(&mail);
        let header = String::from_utf8(mail[..end].to_vec()).expect("ASCII");
        let with = |header: &str, body: &[u8]| [header.as_bytes(), body].concat();
        let mut changed = Vec::new();
        for name in [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "References",
            "In-Reply-To",
            "Reply-To",
            "MIME-Version",
            "Content-Type",
            "Content-Language",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
        ] {
            let says = format!("\r\n{name}: ");
            assert_eq!(header.matches(&says).count(), 1, "{name} in\n{header}");
            let other = header.replace(&says, &format!("{says}x"));
            changed.push((name, with(&other, &mail[end..])));
            // Gone, and nothing in its place.
            let gone = header.replace(&says, "\r\nX-Andet: ");
            changed.push((name, with(&gone, &mail[end..])));
        }
        for name in [
            "From",
            "To",
            "Cc",
            "Subject",
            "Date",
            "Reply-To",
            "Content-Type",
        ] {
            for said_again in [
                format!("{name}: anden@ondt.example\r\n{header}"),
                format!("{header}{name}: anden@ondt.example\r\n"),
            ] {
                changed.push((name, with(&said_again, &mail[end..])));
            }
        }
        for at in [end + 2, mail.len() / 2, mail.len() - 4] {
            let mut other = mail.clone();
            other[at] ^= 1;
            changed.push(("body", other));
        }
        changed.push(("body", [&mail[..], b"mere\r\n"].concat()));
        let bytes: Vec<Vec<u8>> = changed.iter().map(|(_, mail)| mail.clone()).collect();
        for ((what, mail), said) in changed.iter().zip(checked(&signer(pem), &bytes)) {
            let mail = String::from_utf8_lossy(mail);
            assert_ne!(said, "good", "{what} in\n{mail}");
        }
        // What servers on the way do to a mail does no harm.
        let traced = with(&format!("Received: from a by b\r\n{header}"), &mail[end..]);
        let refolded = with(&header.replace("\r\n ", "\r\n\t  "), &mail[end..]);
        let ended = [&mail[..], b"\r\n\r\n"].concat();
        let said = checked(&signer(pem), &[traced, refolded, ended]);
        assert_eq!(said, ["good", "good", "good"]);
        // Another's key, or none in DNS.
        let name = signer(pem).record().name;
        let other = if pem == RSA { PKCS1 } else { ED25519 };
        let other = match pem {
            RSA => signer(other).record().text,
            _ => "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
        };
        for records in [json!({}), json!({name.clone(): other})] {
            let said = checked_with(&records, std::slice::from_ref(&mail));
            assert_ne!(said[0], "good", "{records}");
        }
    }
}

/// The promise of a mail that is tried again: it is the same mail.
#[tokio::test]
async fn an_attempt_is_like_the_one_before_and_a_new_key_signs_the_next() {
    let server = SmtpServer::start(Script::default().once(At::Dot, Fault::AcceptAndClose)).await;
    let mail = whole(1, "soeren@kommune.example");
    let before = over_the_wire(&server, signer(RSA));
    before.send(&mail).await.expect_err("the answer is lost");
    before.send(&mail).await.expect("taken");
    let after = Signer::new(PKCS1, "tov2027", DOMAIN).expect("a key");
    let record = after.record();
    over_the_wire(&server, after)
        .send(&mail)
        .await
        .expect("taken");
    let came: Vec<Vec<u8>> = server
        .wait_for(3)
        .await
        .into_iter()
        .map(|mail| mail.bytes)
        .collect();
    assert_eq!(came[0], came[1]);
    assert_ne!(came[1], came[2]);
    // The old record is gone: only what the new key has signed can be checked.
    let said = checked_with(&json!({record.name: record.text}), &came);
    assert_eq!((said[0] == "good", said[2].as_str()), (false, "good"));
}

#[tokio::test]
async fn every_way_out_is_signed_and_as_wide_as_it_was() {
    let mail = whole(1, "soeren@kommune.example");
    let folder = tempfile::tempdir().expect("a folder");
    let files = FileChannel::new(folder.path());
    let path = files.path_of(&mail);
    let channel = Channel::File(files).signed_by(signer(RSA));
    channel.send(&mail).await.expect("written");
    let memory = MemoryChannel::new();
    let other = Channel::Memory(memory.clone()).signed_by(signer(RSA));
    other.send(&mail).await.expect("kept");
    let written = fs::read(path).expect("a file");
    assert_eq!(
        checked(&signer(RSA), std::slice::from_ref(&written)),
        ["good"]
    );
    assert_eq!(memory.sent()[0].bytes, written);
    let plain = Channel::Memory(MemoryChannel::new());
    assert_eq!(
        (other.width(), other.appetite()),
        (plain.width(), plain.appetite())
    );
    assert!(!format!("{other:?}").contains("PRIVATE"));
}

#[test]
fn what_is_no_key_is_refused_by_name() {
    let broken = RSA.replace("MII", "MIJ");
    for (pem, expect) in [
        ("", BadKey::NotPem),
        ("hej", BadKey::NotPem),
        (include_str!("support/dkim/public.pem"), BadKey::NotPem),
        (
            include_str!("support/dkim/encrypted.pem"),
            BadKey::Encrypted,
        ),
        (include_str!("support/dkim/p256.pem"), BadKey::OtherKind),
        (
            include_str!("support/dkim/p256-sec1.pem"),
            BadKey::OtherKind,
        ),
        (include_str!("support/dkim/rsa-1024.pem"), BadKey::Size),
        (broken.as_str(), BadKey::Damaged),
    ] {
        let error = Signer::new(pem, "tov2026", DOMAIN).expect_err("no key");
        assert_eq!(error, BadSigner::Key(expect), "{pem}");
    }
    for selector in ["", "tov 2026", "-a", "a..b", "æ", "a;b", "a\r\nb"] {
        let error = Signer::new(RSA, selector, DOMAIN).expect_err("no selector");
        assert_eq!(error, BadSigner::Selector(selector.to_owned()));
    }
    for domain in [
        "",
        "example",
        "a_b.example",
        "rød.example",
        "college.example.",
    ] {
        let error = Signer::new(RSA, "tov2026", domain).expect_err("no domain");
        assert_eq!(error, BadSigner::Domain(domain.to_owned()));
    }
}

fn tovholder(args: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (told, wrong) = (text(output.stdout), text(output.stderr));
    (output.status.success(), told, wrong)
}

/// The record that the program prints is the one by which its mail is checked.
#[tokio::test]
async fn the_program_tells_what_dns_must_say() {
    let key = "tests/it/support/dkim/rsa.pem";
    let from = "Indgangen <post@college.example>";
    let mut args = vec!["mail", "dkim-record", "--mail-from", from];
    let (done, _, wrong) = tovholder(&args);
    assert!(!done && wrong.contains("--dkim-key"), "{wrong}");
    args.extend(["--dkim-key", key, "--dkim-selector", "tov2026"]);
    let (done, told, wrong) = tovholder(&args);
    assert!(done, "{wrong}");
    // The zone file's strings, joined as DNS joins them.
    let (before, rest) = told.split_once(" IN TXT (\n").expect("a record");
    let name = before.rsplit('\n').next().expect("a name");
    let (strings, _) = rest.split_once("\n)").expect("its end");
    let text: String = strings
        .lines()
        .map(|line| line.trim().trim_matches('"'))
        .collect();
    assert!(told.contains(&format!("\n{text}\n")), "as one value too");
    assert!(strings.lines().all(|line| line.len() < 80));
    let name = name.trim_end_matches('.');
    let mail = arrived(signer(RSA), &[whole(1, "bo@kommune.example")]).await;
    assert_eq!(checked_with(&json!({name: text}), &mail), ["good"]);
    args.extend(["--format", "json"]);
    let (_, told, _) = tovholder(&args);
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["name"], &told["value"]),
        (&json!(name), &json!(text))
    );
}
