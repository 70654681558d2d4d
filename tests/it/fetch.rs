//! A mailbox on a server, against a scripted IMAP server on real sockets: what is new is given out once, nothing
//! is marked or changed there, and what a crash leaves is found again.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tovholder::clock::Clock;
use tovholder::fetch::{FetchError, Inbox, Place};
use tovholder::message::Mailbox;
use tovholder::runner::{IntakeRound, Runner, Settings};
use tovholder::store::{ReceivedFilter, Sees, Store};

use crate::support::smtp::{CA_PEM, Certificate, acceptor};

/// What stands on the server.
#[derive(Debug, Default)]
struct Box_ {
    validity: u32,
    /// UID and message.
    mails: Vec<(u32, String)>,
    /// All that was asked, without tags.
    asked: Vec<String>,
    /// The connection is lost before this UID is given out, once.
    lose_at: Option<u32>,
}

type Shared = Arc<Mutex<Box_>>;

/// A server that knows one user, one password and one mailbox.
async fn server(mailbox: Shared) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, mailbox.clone()));
        }
    });
    format!("imap://retur:kode@127.0.0.1:{port}/INBOX")
}

/// The same behind TLS from the first byte; answers the port.
async fn secure_server(mailbox: Shared, certificate: Certificate) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let acceptor = acceptor(certificate);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever does not trust the certificate goes away.
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(serve(stream, mailbox.clone()));
            }
        }
    });
    port
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, mailbox: Shared) {
    let mut stream = BufReader::new(stream);
    let mut answer = "* OK ready\r\n".to_owned();
    loop {
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let (tag, command) = line.trim_end().split_once(' ').expect("a tag");
        let reply = reply(command, &mut mailbox.lock().expect("whole"));
        let Some(reply) = reply else { return };
        answer = format!("{reply}{}\r\n", reply_end(tag, command, &reply));
    }
}

fn reply_end(tag: &str, command: &str, reply: &str) -> String {
    let refused = command.starts_with("LOGIN") && !command.contains("\"kode\"");
    let word = if refused || reply == "BAD" {
        "NO wrong"
    } else {
        "OK done"
    };
    format!("{tag} {word}")
}

/// None where the connection is lost.
fn reply(command: &str, mailbox: &mut Box_) -> Option<String> {
    mailbox
        .asked
        .push(command.split("kode").next().unwrap_or_default().to_owned());
    let words: Vec<&str> = command.split(' ').collect();
    Some(match words[..] {
        ["EXAMINE", ..] => format!(
            "* {} EXISTS\r\n* OK [UIDVALIDITY {}] valid\r\n",
            mailbox.mails.len(),
            mailbox.validity
        ),
        ["UID", "SEARCH", "UID", range] => {
            let from: u32 = range.trim_end_matches(":*").parse().expect("a number");
            // As the protocol has it: `n:*` holds at least the last.
            let last = mailbox.mails.last().map(|(uid, _)| *uid);
            let found: Vec<String> = mailbox
                .mails
                .iter()
                .map(|(uid, _)| *uid)
                .filter(|uid| *uid >= from || Some(*uid) == last)
                .map(|uid| uid.to_string())
                .collect();
            format!("* SEARCH {}\r\n", found.join(" "))
        }
        ["UID", "FETCH", uid, ..] => {
            let uid: u32 = uid.parse().expect("a number");
            if mailbox.lose_at == Some(uid) {
                mailbox.lose_at = None;
                return None;
            }
            let found = mailbox.mails.iter().find(|(known, _)| *known == uid);
            found.map_or_else(String::new, |(uid, mail)| {
                format!(
                    "* 1 FETCH (UID {uid} BODY[]<0> {{{}}}\r\n{mail})\r\n",
                    mail.len()
                )
            })
        }
        ["LOGOUT"] => "* BYE\r\n".to_owned(),
        _ => String::new(),
    })
}

fn mail(id: u32) -> String {
    format!(
        "From: Anna <anna@post.example>\r\nSubject: Nr. {id}\r\nMessage-ID: <{id}@post.example>\r\n\r\nHej {id}\r\n"
    )
}

fn mailbox(validity: u32, uids: &[u32]) -> Shared {
    Arc::new(Mutex::new(Box_ {
        validity,
        mails: uids.iter().map(|uid| (*uid, mail(*uid))).collect(),
        ..Box_::default()
    }))
}

async fn runner() -> Runner {
    let store = Store::open_in_memory().await.expect("a store");
    let from = Mailbox::parse("", "post@college.example").expect("a mailbox");
    Runner::new(store, Clock::Real, Settings::new(from, "x"))
}

/// The subjects of what is kept, the oldest first.
async fn kept(runner: &Runner) -> Vec<String> {
    let filter = ReceivedFilter {
        limit: 99,
        ..ReceivedFilter::default()
    };
    let mut rows = runner
        .store()
        .received(Sees::All, &filter)
        .await
        .expect("read");
    rows.reverse();
    rows.into_iter()
        .filter_map(|row| row.subject_line)
        .collect()
}

fn round(new: usize, again: usize) -> IntakeRound {
    IntakeRound {
        busy: false,
        new,
        open: new,
        again,
    }
}

#[tokio::test]
async fn each_letter_is_kept_once_and_nothing_is_changed_on_the_server() {
    let there = mailbox(1, &[3, 5]);
    let inbox = Inbox::from_address(&server(there.clone()).await, None).expect("an address");
    let runner = runner().await;
    assert_eq!(
        runner.intake_round(&inbox).await.expect("read"),
        round(2, 0)
    );
    assert_eq!(
        runner.intake_round(&inbox).await.expect("read"),
        round(0, 0)
    );
    there.lock().expect("whole").mails.push((9, mail(9)));
    assert_eq!(
        runner.intake_round(&inbox).await.expect("read"),
        round(1, 0)
    );
    assert_eq!(kept(&runner).await, ["Nr. 3", "Nr. 5", "Nr. 9"]);
    let asked = there.lock().expect("whole").asked.join("\n");
    for word in ["STORE", "EXPUNGE", "SELECT", "COPY", "MOVE", "BODY[]"] {
        assert!(!asked.contains(word), "{word} in\n{asked}");
    }
}

#[tokio::test]
async fn what_a_lost_connection_leaves_is_found_in_the_next_round() {
    let there = mailbox(1, &[1, 2, 3]);
    there.lock().expect("whole").lose_at = Some(2);
    let inbox = Inbox::from_address(&server(there).await, None).expect("an address");
    let runner = runner().await;
    assert!(runner.intake_round(&inbox).await.is_err());
    assert_eq!(kept(&runner).await, ["Nr. 1"]);
    assert_eq!(
        runner.intake_round(&inbox).await.expect("read"),
        round(2, 0)
    );
    assert_eq!(kept(&runner).await, ["Nr. 1", "Nr. 2", "Nr. 3"]);
}

#[tokio::test]
async fn a_mailbox_with_new_numbers_is_read_again_and_nothing_is_kept_twice() {
    let there = mailbox(1, &[7, 8]);
    let inbox = Inbox::from_address(&server(there.clone()).await, None).expect("an address");
    let runner = runner().await;
    runner.intake_round(&inbox).await.expect("read");
    {
        let mut there = there.lock().expect("whole");
        there.validity = 2;
        there.mails = vec![(1, mail(7)), (2, mail(8)), (3, mail(9))];
    }
    assert_eq!(
        runner.intake_round(&inbox).await.expect("read"),
        round(1, 2)
    );
    assert_eq!(kept(&runner).await, ["Nr. 7", "Nr. 8", "Nr. 9"]);
}

#[tokio::test]
async fn a_wrong_password_is_said_and_not_told() {
    let address = server(mailbox(1, &[]))
        .await
        .replace(":kode@", ":hemmelig@");
    let inbox = Inbox::from_address(&address, None).expect("an address");
    let error = inbox.open(Place::default()).await.expect_err("refused");
    assert!(matches!(error, FetchError::Server { .. }), "{error}");
    assert!(!format!("{error} {error:?} {inbox:?}").contains("hemmelig"));
}

#[tokio::test]
async fn a_mailbox_is_read_through_tls() {
    let there = mailbox(1, &[3, 5]);
    let port = secure_server(there.clone(), Certificate::Good).await;
    let address = format!("imaps://retur:kode@localhost:{port}/INBOX");
    let inbox = Inbox::from_address(&address, Some(CA_PEM)).expect("an address");
    let runner = runner().await;
    assert_eq!(
        runner.intake_round(&inbox).await.expect("read"),
        round(2, 0)
    );
    there.lock().expect("whole").mails.push((9, mail(9)));
    for new in [1, 0] {
        assert_eq!(
            runner.intake_round(&inbox).await.expect("read"),
            round(new, 0)
        );
    }
    assert_eq!(kept(&runner).await, ["Nr. 3", "Nr. 5", "Nr. 9"]);
}

/// The password is said to nobody but the server that the address names; what is wrong is said, and what to do.
#[tokio::test]
async fn no_server_but_the_one_that_is_named_gets_the_password() {
    use Certificate::{Elsewhere, Expired, Good, SelfSigned};
    let table = [
        (Good, None, "localhost", "TOVHOLDER_INTAKE_CA"),
        (SelfSigned, Some(CA_PEM), "localhost", "TOVHOLDER_INTAKE_CA"),
        (Expired, Some(CA_PEM), "localhost", "must renew it"),
        (Elsewhere, Some(CA_PEM), "localhost", "with another name"),
        // The right authority, and a name that the certificate does not carry.
        (
            Good,
            Some(CA_PEM),
            "[::ffff:127.0.0.1]",
            "with another name",
        ),
    ];
    for (certificate, ca, host, expect) in table {
        let there = mailbox(1, &[1]);
        let port = secure_server(there.clone(), certificate).await;
        let address = format!("imaps://retur:kode@{host}:{port}/INBOX");
        let inbox = Inbox::from_address(&address, ca).expect("an address");
        let runner = runner().await;
        let error = runner.intake_round(&inbox).await.expect_err(expect);
        let error = error.to_string();
        let row = format!("{certificate:?} {host}: {error}");
        assert!(
            error.contains("is not trusted") && error.contains(expect),
            "{row}"
        );
        assert!(!error.contains("kode"), "{row}");
        assert_eq!(there.lock().expect("whole").asked, [""; 0], "{row}");
        assert_eq!(kept(&runner).await, [""; 0], "{row}");
    }
}

/// Somebody who speaks in the clear where TLS is meant hears no password.
#[tokio::test]
async fn a_server_without_tls_is_told_nothing() {
    let there = mailbox(1, &[1]);
    let address = server(there.clone()).await.replace("imap:", "imaps:");
    let inbox = Inbox::from_address(&address, Some(CA_PEM)).expect("an address");
    let error = inbox.open(Place::default()).await.expect_err("no TLS");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    let asked = there.lock().expect("whole").asked.join(" ");
    assert!(!asked.contains("LOGIN"), "{asked}");
}
