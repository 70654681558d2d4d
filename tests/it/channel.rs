//! The channel room against a real server: every fault, and what is then known about the mail.

use std::time::{Duration, Instant};

use tovholder::channel::{
    Channel, FileChannel, Login, MemoryAnswer, MemoryChannel, SendError, SmtpChannel, SmtpConfig,
    Tls,
};
use tovholder::message::Mail;

use crate::support::smtp::{At, CA_PEM, Certificate, Fault, Script, Security, SmtpServer};

/// How long a server that will not answer is waited for.
const SHORT: Duration = Duration::from_millis(200);

fn mail(number: usize) -> Mail {
    let message_id = format!("<{number}@tovholder.example>");
    let text = format!(
        "Message-ID: {message_id}\r\nSubject: prøve\r\n\r\n.en linje med punktum\r\n..to\r\nslut\r\n"
    );
    Mail {
        envelope_from: "tov@college.example".to_owned(),
        recipients: vec!["bo@kommune.example".to_owned()],
        message_id,
        subject: "prøve".to_owned(),
        bytes: text.into_bytes(),
    }
}

fn config(server: &SmtpServer) -> SmtpConfig {
    let mut config = SmtpConfig::from_url(&server.url(), "app.college.example").unwrap();
    config.deadline = Duration::from_secs(5);
    config.answer_deadline = Duration::from_secs(5);
    config
}

/// A channel that gives up soon, for servers that will not answer.
fn hasty(server: &SmtpServer) -> Channel {
    let config = SmtpConfig {
        deadline: SHORT,
        answer_deadline: SHORT,
        ..config(server)
    };
    channel(config)
}

fn channel(config: SmtpConfig) -> Channel {
    Channel::Smtp(SmtpChannel::new(config).unwrap())
}

/// The kind of answer, for tables.
fn kind(result: &Result<tovholder::channel::Receipt, SendError>) -> &'static str {
    match result {
        Ok(_) => "sent",
        Err(SendError::Permanent { .. }) => "permanent",
        Err(SendError::Retry { .. }) => "retry",
        Err(SendError::Unknown { .. }) => "unknown",
    }
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte() {
    let server = SmtpServer::start(Script::default()).await;
    let channel = channel(config(&server));
    let mut mail = mail(1);
    mail.recipients.push("anna@kommune.example".to_owned());
    let receipt = channel.send(&mail).await.unwrap();
    assert_eq!(receipt.server_answer, "250 2.0.0 queued as T1");
    let accepted = server.wait_for(1).await;
    assert_eq!(accepted[0].bytes, mail.bytes);
    assert_eq!(accepted[0].from, "tov@college.example");
    assert_eq!(
        accepted[0].to,
        ["bo@kommune.example", "anna@kommune.example"]
    );
    assert_eq!(accepted[0].message_id, "<1@tovholder.example>");
    assert_eq!(accepted[0].parameters, "BODY=8BITMIME");
    channel.close().await;
    assert_eq!(
        server.commands().first().map(String::as_str),
        Some("EHLO app.college.example")
    );
    assert_eq!(server.commands().last().map(String::as_str), Some("QUIT"));
    assert_eq!(
        kind(&channel.send(&mail).await),
        "retry",
        "a closed channel sends nothing"
    );
}

/// Where, what, whether the mail was accepted after all, the answer, and a word that it says.
type Row = (At, Fault, usize, &'static str, &'static str);

#[tokio::test]
async fn each_fault_is_told_by_how_far_the_exchange_got() {
    use At::{Content, Data, Dot, Ehlo, Greeting, Mail, Rcpt};
    use Fault::{
        AcceptAndClose, AcceptAndStall, AndMore, Answer, AnswerAndClose, Close, Drip, Endless,
        Stall,
    };
    let table: &[Row] = &[
        (
            Greeting,
            AnswerAndClose("421 4.3.2 closing"),
            0,
            "retry",
            "the greeting",
        ),
        (
            Greeting,
            AnswerAndClose("554 no service"),
            0,
            "retry",
            "the greeting",
        ),
        (
            Greeting,
            Close,
            0,
            "retry",
            "the greeting: the server closed",
        ),
        (Greeting, Stall, 0, "retry", "no answer within 0.2 s"),
        (Greeting, Drip, 0, "retry", "no answer within 0.2 s"),
        (Ehlo, Answer("502 not here"), 0, "retry", "502"),
        (Ehlo, Stall, 0, "retry", "EHLO: no answer within 0.2 s"),
        (
            Ehlo,
            Endless,
            0,
            "retry",
            "EHLO: the server's answer does not end",
        ),
        (Mail, Answer("450 4.2.0 later"), 0, "retry", "MAIL FROM"),
        (
            Mail,
            Answer("550 5.7.1 you? never"),
            0,
            "permanent",
            "5.7.1 you? never",
        ),
        (Mail, AnswerAndClose("421 4.3.2 closing"), 0, "retry", "421"),
        (
            Mail,
            Close,
            0,
            "retry",
            "MAIL FROM: the server closed the connection",
        ),
        (Mail, Stall, 0, "retry", "MAIL FROM: no answer within 0.2 s"),
        (Mail, Drip, 0, "retry", "MAIL FROM: no answer within 0.2 s"),
        (
            Mail,
            Answer("354 what"),
            0,
            "retry",
            "unexpected answer 354",
        ),
        (Mail, Answer("gibberish"), 0, "retry", "MAIL FROM"),
        (
            Rcpt,
            Answer("451 4.7.1 greylisted"),
            0,
            "retry",
            "RCPT TO <bo@kommune.example>",
        ),
        (
            Rcpt,
            Answer("550 5.1.1 no such user"),
            0,
            "permanent",
            "RCPT TO <bo@kommune.example>",
        ),
        (Rcpt, Close, 0, "retry", "RCPT TO"),
        (Rcpt, Stall, 0, "retry", "RCPT TO"),
        (
            Rcpt,
            Answer("550-5.1.1 no such user\r\n550-5.1.1\r\n550 5.1.1 ask elsewhere"),
            0,
            "permanent",
            "550 5.1.1 no such user ask elsewhere",
        ),
        (
            Rcpt,
            Answer("550-5.1.1 one code\r\n250 2.1.5 and another"),
            0,
            "retry",
            "is no answer",
        ),
        (Rcpt, AnswerAndClose("421 4.3.2 closing"), 0, "retry", "421"),
        (Data, Answer("451 4.3.0 later"), 0, "retry", "DATA"),
        (
            Data,
            Answer("554 5.5.1 no valid recipients"),
            0,
            "permanent",
            "DATA",
        ),
        (Data, Close, 0, "retry", "DATA"),
        (Data, Stall, 0, "retry", "DATA"),
        (
            Data,
            Answer("250 2.0.0 what"),
            0,
            "retry",
            "unexpected answer 250",
        ),
        // It would be taken for the answer to the message.
        (
            Data,
            AndMore("250 2.0.0 queued"),
            0,
            "retry",
            "more than it was asked",
        ),
        (Dot, Answer("452 4.3.1 disk full"), 0, "retry", "452"),
        (
            Dot,
            Answer("554 5.6.0 looks like spam"),
            0,
            "permanent",
            "looks like spam",
        ),
        (Dot, AnswerAndClose("421 4.3.2 closing"), 0, "retry", "421"),
        (Dot, Close, 0, "unknown", "the server closed the connection"),
        (
            Dot,
            AcceptAndClose,
            1,
            "unknown",
            "the server closed the connection",
        ),
        (
            Dot,
            Stall,
            0,
            "unknown",
            "the message: no answer within 0.2 s",
        ),
        (Dot, AcceptAndStall, 1, "unknown", "no answer within 0.2 s"),
        (Dot, Drip, 1, "unknown", "no answer within 0.2 s"),
        (Dot, Endless, 0, "unknown", "does not end"),
        (
            Dot,
            Answer("354 what"),
            0,
            "unknown",
            "unexpected answer 354",
        ),
        (Dot, Answer("gibberish"), 0, "unknown", "the message"),
        // The message fits into the network's buffers, so its dot is sent before the close shows.
        (Content, Close, 0, "unknown", "the message"),
    ];
    // With all of the envelope in one write, and command by command.
    let ways = [&["8BITMIME", "PIPELINING"][..], &["8BITMIME"]];
    let rows = table.iter().flat_map(|row| ways.map(|way| (row, way)));
    for ((at, fault, accepted, expect, word), way) in rows {
        let script = Script::default().extensions(way).once(*at, *fault);
        let server = SmtpServer::start(script).await;
        let channel = hasty(&server);
        let result = channel.send(&mail(1)).await;
        let row = format!("{at:?} {fault:?} {way:?}: {result:?}");
        assert_eq!(kind(&result), *expect, "{row}");
        assert!(
            result.unwrap_err().to_string().contains(word),
            "{row} does not say {word:?}"
        );
        assert_eq!(server.accepted().len(), *accepted, "{row}");
        // Whatever happened, the channel is in order afterwards.
        assert_eq!(kind(&channel.send(&mail(2)).await), "sent", "after {row}");
        assert_eq!(server.arrivals("<2@tovholder.example>"), 1);
    }
}

#[tokio::test]
async fn a_message_whose_dot_was_never_written_is_certainly_not_sent() {
    // Larger than the network's buffers, so that writing it cannot end while nobody reads.
    let mut large = mail(1);
    large.bytes.extend("linje\r\n".repeat(4_000_000).bytes());
    for fault in [Fault::Stall, Fault::Close] {
        let server = SmtpServer::start(Script::default().once(At::Content, fault)).await;
        let result = hasty(&server).send(&large).await;
        assert_eq!(kind(&result), "retry", "{fault:?}: {result:?}");
        assert_eq!(server.accepted(), []);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_reason_to_retry() {
    let address = SmtpServer::refusing_addr().await;
    let nowhere = SmtpConfig::from_url(&format!("smtp://{address}"), "app.example").unwrap();
    let result = channel(nowhere).send(&mail(1)).await;
    assert_eq!(kind(&result), "retry", "{result:?}");
    assert!(result.unwrap_err().to_string().contains("connecting"));
    let busy = Script::default().always(At::Greeting, Fault::AnswerAndClose("421 4.3.2 busy"));
    let server = SmtpServer::start(busy).await;
    let channel = channel(config(&server));
    for number in 1..=3 {
        assert_eq!(kind(&channel.send(&mail(number)).await), "retry");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn answers_come_in_pieces_as_they_like() {
    let moments = [
        At::Greeting,
        At::Ehlo,
        At::Mail,
        At::Rcpt,
        At::Data,
        At::Dot,
        At::Rset,
    ];
    let mut script = Script::default();
    for at in moments {
        script = script.always(at, Fault::Split);
    }
    let server = SmtpServer::start(script).await;
    let channel = channel(config(&server));
    for number in 1..=3 {
        assert_eq!(kind(&channel.send(&mail(number)).await), "sent");
    }
    assert_eq!((server.accepted().len(), server.connections()), (3, 1));
}

/// RFC 2920: MAIL, RCPT and DATA came together, RCPT is refused, and yet DATA is answered with 354.
#[tokio::test]
async fn who_asks_for_a_mail_that_was_refused_gets_neither_mail_nor_dot() {
    let refusals = [
        (At::Mail, "550 5.7.1 not you", "permanent"),
        (At::Rcpt, "550 5.1.1 no such user", "permanent"),
        (At::Rcpt, "451 4.7.1 greylisted", "retry"),
    ];
    for (at, answer, expect) in refusals {
        let script = Script::default().eager().once(at, Fault::Answer(answer));
        let server = SmtpServer::start(script).await;
        let channel = channel(config(&server));
        let result = channel.send(&mail(1)).await;
        assert_eq!(kind(&result), expect, "{answer}");
        assert!(result.unwrap_err().to_string().contains(answer));
        assert_eq!(kind(&channel.send(&mail(2)).await), "sent", "{answer}");
        let accepted = server.accepted();
        let ids: Vec<&str> = accepted
            .iter()
            .map(|mail| mail.message_id.as_str())
            .collect();
        assert_eq!(ids, ["<2@tovholder.example>"], "{answer}");
        assert_eq!((server.whole(), server.connections()), (1, 2), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_taken_for_no_other() {
    // Unasked lines behind the answer to a mail: the next mail is refused, and its answer must be its own.
    let script = Script::default().once(At::Dot, Fault::AndMore("250 2.0.0 and the next one, too"));
    let server = SmtpServer::start(script).await;
    let channel = channel(config(&server));
    assert_eq!(kind(&channel.send(&mail(1)).await), "sent");
    server.set_script(Script::default().always(At::Rcpt, Fault::Answer("550 5.1.1 nobody")));
    assert_eq!(kind(&channel.send(&mail(2)).await), "permanent");
    assert_eq!((server.accepted().len(), server.connections()), (1, 2));
}

#[tokio::test]
async fn who_breaks_off_in_the_middle_and_says_why_is_heard() {
    let mut large = mail(1);
    large.bytes.extend("linje\r\n".repeat(2_000_000).bytes());
    let table = [
        ("552 5.3.4 too large for me", "permanent", "5.3.4"),
        ("452 4.3.1 disk full", "retry", "4.3.1"),
        ("421 4.3.2 closing", "retry", "the message"),
    ];
    for (answer, expect, word) in table {
        let script = Script::default().once(At::Content, Fault::BreakOff(1000, answer));
        let server = SmtpServer::start(script).await;
        let result = channel(config(&server)).send(&large).await;
        // What is closed with unread bytes is reset, and the answer may be lost with it.
        let lost =
            matches!(&result, Err(SendError::Retry { message }) if message.contains("closed"));
        assert!(lost || kind(&result) == expect, "{answer}: {result:?}");
        let told = result.unwrap_err().to_string();
        assert!(lost || told.contains(word), "{answer}: {told}");
        assert_eq!(server.accepted(), []);
    }
}

#[tokio::test]
async fn a_mail_larger_than_the_server_takes_is_not_begun() {
    let server = SmtpServer::start(Script::default().extensions(&["8BITMIME", "SIZE 50"])).await;
    let result = channel(config(&server)).send(&mail(1)).await;
    assert_eq!(kind(&result), "permanent", "{result:?}");
    assert!(result.unwrap_err().to_string().contains("5.3.4"));
    let server = SmtpServer::start(Script::default().extensions(&["8BITMIME", "SIZE 5000"])).await;
    let channel = channel(config(&server));
    assert_eq!(kind(&channel.send(&mail(1)).await), "sent");
    let size = format!("BODY=8BITMIME SIZE={}", mail(1).bytes.len());
    assert_eq!(server.accepted()[0].parameters, size);
}

#[tokio::test]
async fn what_could_hide_a_second_mail_is_not_sent() {
    let server = SmtpServer::start(Script::default()).await;
    for end in ["\n.\n", "\r.\r", "\n.\r\nMAIL FROM:<x@y.example>\r\n"] {
        let mut hiding = mail(1);
        hiding.bytes.extend(end.bytes());
        let result = channel(config(&server)).send(&hiding).await;
        assert_eq!(kind(&result), "permanent", "{end:?}");
    }
    let mut hiding = mail(1);
    hiding.recipients = vec!["bo@kommune.example>\r\nRSET\r\nMAIL FROM:<x@y.example".to_owned()];
    assert_eq!(
        kind(&channel(config(&server)).send(&hiding).await),
        "permanent"
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn one_refused_recipient_stops_the_mail_for_all() {
    let script = Script::default().once(At::Rcpt, Fault::Answer("550 5.1.1 no such user"));
    let server = SmtpServer::start(script).await;
    let channel = channel(config(&server));
    let mut two = mail(1);
    two.recipients.push("anna@kommune.example".to_owned());
    assert_eq!(kind(&channel.send(&two).await), "permanent");
    assert_eq!(kind(&channel.send(&mail(2)).await), "sent");
    assert_eq!(server.accepted().len(), 1);
    assert_eq!(
        server.connections(),
        1,
        "a refusal is reset, not a reason to hang up"
    );
    assert!(server.commands().contains(&"RSET".to_owned()));
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_no_mail() {
    let faults = [
        Fault::AnswerAndClose("421 4.4.2 idle too long"),
        Fault::AnswerAndClose("221 2.0.0 goodbye"),
        Fault::Close,
        // As behind a firewall that forgot the connection: nothing ever comes back.
        Fault::Stall,
    ];
    for fault in faults {
        let server = SmtpServer::start(Script::default().once(At::Idle, fault)).await;
        let channel = hasty(&server);
        for number in 1..=3 {
            let result = channel.send(&mail(number)).await;
            assert_eq!(
                kind(&result),
                "sent",
                "{fault:?}, mail {number}: {result:?}"
            );
        }
        let connections: Vec<_> = server
            .accepted()
            .iter()
            .map(|mail| mail.connection)
            .collect();
        assert_eq!(connections, [1, 2, 2], "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_on_a_used_connection_is_not_sent_again() {
    let server = SmtpServer::start(Script::default()).await;
    let channel = channel(config(&server));
    assert_eq!(kind(&channel.send(&mail(1)).await), "sent");
    server.set_script(Script::default().once(At::Dot, Fault::AcceptAndClose));
    assert_eq!(kind(&channel.send(&mail(2)).await), "unknown");
    assert_eq!(server.arrivals("<2@tovholder.example>"), 1);
}

#[tokio::test]
async fn connections_are_shared_and_bounded() {
    let server = SmtpServer::start(Script::default()).await;
    let channel = channel(SmtpConfig {
        connections: 3,
        ..config(&server)
    });
    assert_eq!(channel.width(), 3);
    let mails: Vec<Mail> = (0..60).map(mail).collect();
    let channel = &channel;
    let mut sends = Vec::new();
    for mail in &mails {
        sends.push(async move { channel.send(mail).await });
    }
    for result in join_all(sends).await {
        assert_eq!(kind(&result), "sent");
    }
    assert_eq!(server.accepted().len(), 60);
    assert!(
        (1..=3).contains(&server.connections()),
        "{}",
        server.connections()
    );
}

/// Runs all at once on this task.
async fn join_all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

/// With Nagle's algorithm on, each mail waits 40 ms for a delayed acknowledgement.
#[tokio::test]
async fn mails_do_not_wait_for_acknowledgements() {
    for security in [Security::Plain, Security::StartTls, Security::Implicit] {
        let server = SmtpServer::start(Script::default().security(security)).await;
        let channel = channel(secured(&server, security));
        channel.send(&mail(0)).await.unwrap();
        let start = Instant::now();
        for number in 1..=100 {
            channel.send(&mail(number)).await.unwrap();
        }
        let each = start.elapsed() / 100;
        assert!(
            each < Duration::from_millis(15),
            "{security:?}: {each:?} for each mail"
        );
        assert_eq!(server.connections(), 1);
    }
}

fn secured(server: &SmtpServer, security: Security) -> SmtpConfig {
    let tls = match security {
        Security::Plain => Tls::Plain,
        Security::Implicit => Tls::Implicit,
        _ => Tls::Required,
    };
    SmtpConfig {
        tls,
        ca_pem: Some(CA_PEM.to_owned()),
        ..config(server)
    }
}

#[tokio::test]
async fn tls_is_used_and_the_server_is_known_by_its_certificate() {
    for security in [Security::StartTls, Security::Implicit] {
        let server = SmtpServer::start(Script::default().security(security)).await;
        let trusting = secured(&server, security);
        let untrusting = SmtpConfig {
            ca_pem: None,
            ..trusting.clone()
        };
        let elsewhere = SmtpConfig {
            host: "::ffff:127.0.0.1".to_owned(),
            ..trusting.clone()
        };
        for (config, expect) in [
            (trusting, "sent"),
            (untrusting, "retry"),
            (elsewhere, "retry"),
        ] {
            let host = config.host.clone();
            let result = channel(config).send(&mail(1)).await;
            assert_eq!(kind(&result), expect, "{security:?} {host}: {result:?}");
            if let Err(error) = result {
                assert!(error.to_string().contains("certificate"), "{error}");
            }
        }
        assert_eq!(server.accepted().len(), 1);
    }
}

#[tokio::test]
async fn mail_never_goes_out_unencrypted_by_itself() {
    let server = SmtpServer::start(Script::default()).await;
    let result = channel(secured(&server, Security::StartTls))
        .send(&mail(1))
        .await;
    assert_eq!(kind(&result), "retry");
    assert!(result.unwrap_err().to_string().contains("?tls=none"));
    assert!(
        !server
            .commands()
            .iter()
            .any(|command| command.starts_with("MAIL"))
    );
    let bad = SmtpConfig {
        ca_pem: Some("no".to_owned()),
        ..secured(&server, Security::StartTls)
    };
    assert!(
        SmtpChannel::new(bad)
            .unwrap_err()
            .to_string()
            .contains("PEM")
    );
}

/// What each way of TLS does with each server; nobody sends in the clear to whom it was not allowed.
#[tokio::test]
async fn no_certificate_but_the_right_one_is_taken() {
    use Certificate::{Elsewhere, Expired, Good, SelfSigned};
    let ways = [
        (Tls::Required, Security::StartTls),
        (Tls::Opportunistic, Security::StartTls),
        (Tls::Implicit, Security::Implicit),
    ];
    for (tls, security) in ways {
        for (certificate, expect, word) in [
            (Good, "sent", ""),
            (Elsewhere, "retry", "not valid for name"),
            (Expired, "retry", "expired"),
            (SelfSigned, "retry", "UnknownIssuer"),
        ] {
            let script = Script::default()
                .security(security)
                .certificate(certificate);
            let server = SmtpServer::start(script).await;
            let config = SmtpConfig {
                tls,
                ..secured(&server, security)
            };
            let result = channel(config).send(&mail(1)).await;
            let row = format!("{tls:?} {certificate:?}: {result:?}");
            assert_eq!(kind(&result), expect, "{row}");
            if let Err(error) = result {
                let told = error.to_string();
                assert!(
                    told.contains("TLS handshake") && told.contains(word),
                    "{row}"
                );
                assert!(
                    server
                        .commands()
                        .iter()
                        .all(|said| !said.starts_with("MAIL")),
                    "{row}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_with_starttls_never_ends_in_the_clear_unless_it_may() {
    let table = [
        // STARTTLS was stripped: only who takes what there is sends.
        (
            Tls::Required,
            Security::Plain,
            "retry",
            "offers no STARTTLS",
        ),
        (Tls::Opportunistic, Security::Plain, "sent", ""),
        (Tls::Required, Security::Refused, "retry", "454"),
        (Tls::Opportunistic, Security::Refused, "retry", "454"),
        (
            Tls::Required,
            Security::Broken,
            "retry",
            "the TLS handshake",
        ),
        (
            Tls::Opportunistic,
            Security::Broken,
            "retry",
            "the TLS handshake",
        ),
        (
            Tls::Required,
            Security::Injected,
            "retry",
            "in the clear before TLS",
        ),
        (
            Tls::Opportunistic,
            Security::Injected,
            "retry",
            "in the clear before TLS",
        ),
        // This server speaks no TLS from the first byte.
        (Tls::Implicit, Security::Plain, "retry", "the TLS handshake"),
        (Tls::NoneOnLoopback, Security::StartTls, "sent", ""),
        (Tls::Plain, Security::StartTls, "sent", ""),
    ];
    for (tls, security, expect, word) in table {
        let server = SmtpServer::start(Script::default().security(security)).await;
        let config = SmtpConfig {
            tls,
            ..secured(&server, security)
        };
        let result = channel(config).send(&mail(1)).await;
        let row = format!("{tls:?} {security:?}: {result:?}");
        assert_eq!(kind(&result), expect, "{row}");
        if let Err(error) = result {
            assert!(error.to_string().contains(word), "{row}");
            assert!(
                server
                    .commands()
                    .iter()
                    .all(|said| !said.starts_with("MAIL")),
                "{row}"
            );
        }
    }
}

#[tokio::test]
async fn a_login_in_two_steps_is_known_too_and_none_goes_in_the_clear() {
    let script = Script::default()
        .login("YW5uYQ== aGVtbWVsaWd0")
        .security(Security::StartTls);
    let server = SmtpServer::start(script).await;
    for (password, expect) in [("hemmeligt", "sent"), ("forkert", "retry")] {
        let config = SmtpConfig {
            login: Some(Login::new("anna", password)),
            ..secured(&server, Security::StartTls)
        };
        let result = channel(config).send(&mail(1)).await;
        assert_eq!(kind(&result), expect, "{result:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_harms_no_mail() {
    let script = Script::default()
        .login("AGFubmEAaGVtbWVsaWd0")
        .security(Security::StartTls);
    let server = SmtpServer::start(script).await;
    for (password, expect) in [("hemmeligt", "sent"), ("forkert", "retry")] {
        let login = Some(Login::new("anna", password));
        let config = SmtpConfig {
            login,
            ..secured(&server, Security::StartTls)
        };
        let result = channel(config).send(&mail(1)).await;
        assert_eq!(kind(&result), expect, "{result:?}");
    }
    let says_password = |command: &String| command.contains("AUTH PLAIN AGFubmEAaGVtbWVsaWd0");
    assert!(server.commands().iter().any(says_password));
}

#[tokio::test]
async fn danish_addresses_need_a_server_that_takes_them() {
    let mut danish = mail(1);
    danish.recipients = vec!["søren@kommune.example".to_owned()];
    for (extensions, expect) in [
        (&["8BITMIME", "SMTPUTF8"][..], "sent"),
        (&["8BITMIME"], "permanent"),
    ] {
        let server = SmtpServer::start(Script::default().extensions(extensions)).await;
        let result = channel(config(&server)).send(&danish).await;
        assert_eq!(kind(&result), expect, "{result:?}");
    }
    danish.recipients = vec!["ikke en adresse".to_owned()];
    let server = SmtpServer::start(Script::default()).await;
    assert_eq!(
        kind(&channel(config(&server)).send(&danish).await),
        "permanent"
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn files_are_whole_and_overwrite_themselves() {
    let directory = tempfile::tempdir().unwrap();
    let mails = directory.path().join("mails");
    let files = FileChannel::new(&mails);
    let mut odd = mail(2);
    odd.message_id = "<../../etc/passwd>".to_owned();
    let paths = [files.path_of(&mail(1)), files.path_of(&odd)];
    assert_eq!(paths[0], mails.join("1@tovholder.example.eml"));
    assert_eq!(paths[1].parent(), Some(mails.as_path()));
    let channel = Channel::File(files);
    for mail in [mail(1), mail(1), odd] {
        channel.send(&mail).await.unwrap();
    }
    assert_eq!(std::fs::read_dir(&mails).unwrap().count(), 2);
    assert_eq!(std::fs::read(&paths[0]).unwrap(), mail(1).bytes);

    let in_the_way = Channel::File(FileChannel::new(&paths[0]));
    assert_eq!(kind(&in_the_way.send(&mail(1)).await), "retry");
}

#[tokio::test]
async fn memory_answers_as_it_is_told() {
    let memory = MemoryChannel::new();
    let channel = Channel::Memory(memory.clone());
    let refuse = SendError::Permanent {
        message: "no".to_owned(),
    };
    memory.answer_next([
        MemoryAnswer::Accept,
        MemoryAnswer::Refuse(refuse),
        MemoryAnswer::LoseAnswer,
    ]);
    for (number, expect) in [(1, "sent"), (2, "permanent"), (3, "unknown"), (4, "sent")] {
        assert_eq!(kind(&channel.send(&mail(number)).await), expect, "{number}");
    }
    assert_eq!(memory.sent(), [mail(1), mail(3), mail(4)]);
}
