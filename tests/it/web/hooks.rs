//! Hooks, with a receiver on a real socket that fails in every way there is; what it gets is verified by a reader that
//! is not ours.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tovholder::access::Role;
use tovholder::channel::PostRules;
use tovholder::clock::Clock;
use tovholder::runner::desk::{Desk, HookAsked, HookLine};
use tovholder::runner::{Courier, Runner};

use super::Stage;
use crate::support::python::python;
use crate::support::smtp::{CA_PEM, Certificate, acceptor};
use crate::support::stage::settings;

/// What a receiver does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Hangs up before anything is said.
    HangsUp,
    /// Takes the message and hangs up.
    Dies,
    /// Takes the message and says nothing.
    Stalls,
    /// Answers with this status.
    Says(u16),
    /// Answers twice, and then talks on.
    SaysTwice,
    /// Answers with something that is no HTTP.
    Babbles,
    /// Sends on to another address of its own.
    SendsOn,
}

/// A message as it came: its head and its body.
type Got = (String, String);

/// Takes what comes, and does with each what it is told; with all that comes later, the last.
struct Receiver {
    at: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    async fn new(does: &[Does]) -> Self {
        Self::with(does, None).await
    }

    async fn with(does: &[Does], certificate: Option<Certificate>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a socket");
        let (at, got) = (listener.local_addr().expect("an address"), Arc::default());
        let (keep, does) = (Arc::clone(&got), does.to_vec());
        let tls = certificate.map(acceptor);
        tokio::spawn(async move {
            let mut does = does.into_iter();
            let mut last = Does::Says(200);
            loop {
                let (stream, _) = listener.accept().await.expect("somebody");
                last = does.next().unwrap_or(last);
                let (keep, tls) = (Arc::clone(&keep), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, last, &keep).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, last, &keep).await;
                            }
                        }
                    }
                });
            }
        });
        Self { at, got }
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().expect("whole").clone()
    }

    fn url(&self) -> String {
        format!("http://{}/hook?from=tov", self.at)
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    does: Does,
    keep: &Mutex<Vec<Got>>,
) {
    if does == Does::HangsUp {
        return;
    }
    let mut text = String::new();
    let (head, body) = loop {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.expect("it reads");
        assert!(read > 0, "it ended within a message: {text}");
        text += std::str::from_utf8(&bytes[..read]).expect("text");
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length: usize = header(head, "content-length").parse().expect("a length");
        if body.len() >= length {
            break (head.to_owned(), body.to_owned());
        }
    };
    keep.lock().expect("whole").push((head, body));
    let answer = match does {
        Does::HangsUp | Does::Dies => return,
        Does::Stalls => return std::future::pending().await,
        Does::Says(status) => format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n"),
        Does::SaysTwice => {
            let one = "HTTP/1.1 204 So\r\n\r\n";
            format!("{one}{}and more", one.replace("204", "500"))
        }
        Does::Babbles => "220 mail.example ESMTP\r\n".to_owned(),
        Does::SendsOn => {
            "HTTP/1.1 307 So\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n".to_owned()
        }
    };
    // Who has heard enough has hung up.
    drop(stream.write_all(answer.as_bytes()).await);
    drop(stream.flush().await);
}

fn header<'h>(head: &'h str, name: &str) -> &'h str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut named = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map_or("", |(_, value)| value)
}

/// Verifies messages, one JSON list of secret, headers and body on a line, by the reference implementation.
const VERIFIES: &str = "\
import json, sys
from standardwebhooks.webhooks import Webhook
class Anytime(Webhook):
    def _Webhook__verify_timestamp(self, header):
        from datetime import datetime, timezone
        return datetime.fromtimestamp(float(header), tz=timezone.utc)
for line in sys.stdin:
    secret, headers, body = json.loads(line)
    try:
        print('good' if Anytime(secret).verify(body, headers) is not None else 'nothing')
    except Exception as wrong:
        print('bad', type(wrong).__name__)
";

fn verified(messages: &[(&str, Got)]) -> Vec<String> {
    let python = python(
        "standardwebhooks-1.0.1",
        &["standardwebhooks==1.0.1"],
        "import standardwebhooks",
    );
    let reader = Command::new(python)
        .args(["-c", VERIFIES])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut reader = reader.expect("it runs");
    let mut asked = reader.stdin.take().expect("it reads");
    for (secret, (head, body)) in messages {
        let named = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        let headers: serde_json::Map<String, Value> = (named.into_iter())
            .map(|name| (name.to_owned(), json!(header(head, name))))
            .collect();
        writeln!(asked, "{}", json!([secret, headers, body])).expect("given");
    }
    drop(asked);
    let read = reader.wait_with_output().expect("it ends");
    let lines = String::from_utf8(read.stdout).expect("text");
    lines.lines().map(str::to_owned).collect()
}

/// Another process on the same store, which tells other programs, by a clock of its own.
struct Teller {
    courier: Courier,
    desk: Desk,
    clock: Clock,
    rules: PostRules,
}

impl Teller {
    fn new(stage: &Stage) -> Self {
        Self::by(
            stage,
            PostRules {
                inside: vec![Ipv4Addr::LOCALHOST.into()],
                ca_pem: Some(CA_PEM.to_owned()),
                answers_within: Duration::from_millis(300),
            },
        )
    }

    fn by(stage: &Stage, rules: PostRules) -> Self {
        let clock = Clock::manual(stage.desk.runner().now());
        let mut settings = settings();
        settings.hooks = rules.clone();
        settings.attempts_max = 3;
        let runner = Runner::new(stage.store.clone(), clock.clone(), settings);
        Self {
            courier: Courier::new(runner.clone()).expect("a courier"),
            desk: Desk::new(runner),
            clock,
            rules,
        }
    }

    async fn hook(&self, url: &str) -> (HookLine, String) {
        let asked = HookAsked {
            url: url.to_owned(),
            title: "Fagsystemet".to_owned(),
            events: vec!["case.event".to_owned(), "case.moved".to_owned()],
            id: None,
        };
        let made = self.desk.new_hook(&asked, &self.rules, "test").await;
        made.expect("a hook")
    }

    /// Tells what is due, and answers when to look again.
    async fn run(&self) -> Option<Timestamp> {
        self.courier.run(|| false).await.expect("it goes on")
    }

    async fn shown(&self, id: &str) -> HookLine {
        self.desk.hook(id).await.expect("stored").expect("there").0
    }
}

/// A candidate is moved on a page or by a program: an event, and a move.
async fn choose(stage: &Stage, case: usize) {
    let program = stage.program(Role::Coordinator, &super::api::ALL).await;
    let acts = format!("/cases/{}/acts", stage.cases[case].public_id);
    let body = json!({"event": "choose", "set": {"track": "helper", "note": "Hemmeligt ønske"}});
    let answered = program.post(&acts, &format!("choose {case}"), &body).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
}

#[tokio::test]
async fn what_happens_is_told_in_order_signed_and_without_a_word_about_anybody() {
    let stage = Stage::new().await;
    let (receiver, teller) = (Receiver::new(&[Does::Says(202)]).await, Teller::new(&stage));
    let (hook, secret) = teller.hook(&receiver.url()).await;
    assert_eq!(teller.run().await, None, "nothing has happened");
    choose(&stage, 0).await;
    assert_eq!(teller.run().await, None);
    let got = receiver.got();
    assert_eq!(got.len(), 2, "{got:?}");
    let bodies: Vec<Value> = (got.iter())
        .map(|(_, body)| serde_json::from_str(body).expect("JSON"))
        .collect();
    assert_eq!(
        bodies[0],
        json!({
            "type": "case.event",
            "timestamp": bodies[0]["timestamp"],
            "data": {"workflow": "prove", "hold": stage.hold, "case": stage.cases[0].public_id, "event": "choose"}
        })
    );
    assert_eq!(bodies[1]["type"], "case.moved");
    assert_eq!(bodies[1]["data"]["from"], json!(["here"]));
    assert_eq!(bodies[1]["data"]["to"], "chosen");
    let words = ["Asta", "Øster", "asta@", "Hemmeligt", "Jobcenter"];
    for (head, body) in &got {
        assert!(words.iter().all(|word| !body.contains(word)), "{body}");
        assert!(
            head.starts_with("POST /hook?from=tov HTTP/1.1\r\n"),
            "{head}"
        );
        assert_eq!(header(head, "host"), receiver.at.to_string());
        assert_eq!(header(head, "content-type"), "application/json");
        assert!(!header(head, "webhook-id").contains('.'));
    }
    // What is changed on the way, or signed by another, is not good.
    let (first, mut changed) = (got[0].clone(), got[0].clone());
    changed.1 = changed.1.replace("choose", "refuse");
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut later = got[0].clone();
    let at = header(&later.0, "webhook-timestamp").to_owned();
    later.0 = later.0.replace(&at, "1700000000");
    let messages = [
        (secret.as_str(), first.clone()),
        (&secret, got[1].clone()),
        (&secret, changed),
        (&secret, later),
        (other, first),
    ];
    let bad = "bad WebhookVerificationError";
    assert_eq!(verified(&messages), ["good", "good", bad, bad, bad]);
    let shown = teller.shown(&hook.id).await;
    assert_eq!((shown.waiting, shown.failed, shown.answer), (0, 0, None));
    assert!(shown.delivered.is_some());
}

#[tokio::test]
async fn whatever_a_receiver_does_it_is_told_again_until_it_has_it() {
    for (does, why) in [
        (Does::HangsUp, "no answer"),
        (Does::Dies, "no answer"),
        (Does::Stalls, "no answer in time"),
        (Does::Says(500), "status 500"),
        (Does::Says(404), "status 404"),
        (Does::Babbles, "no answer"),
        (Does::SendsOn, "status 307"),
    ] {
        let stage = Stage::new().await;
        let script = [does, does, Does::SaysTwice, Does::Says(200)];
        let (receiver, teller) = (Receiver::new(&script).await, Teller::new(&stage));
        let (hook, secret) = teller.hook(&receiver.url()).await;
        choose(&stage, 0).await;
        let again = teller.run().await.expect("it is tried again");
        let wait = again.duration_since(teller.clock.now());
        let (least, most) = (SignedDuration::from_secs(48), SignedDuration::from_secs(72));
        assert!(wait >= least && wait <= most, "{does:?}: {wait:?}");
        let shown = teller.shown(&hook.id).await;
        assert_eq!(shown.waiting, 2, "{does:?}");
        let said = shown.answer.expect("why");
        assert!(said.starts_with(why), "{does:?}: {said}");
        // Not before its time.
        let before = receiver.got().len();
        teller.run().await;
        assert_eq!(receiver.got().len(), before, "{does:?}");
        teller.clock.move_to(again + most);
        assert_eq!(teller.run().await, None, "{does:?}");
        let shown = teller.shown(&hook.id).await;
        assert_eq!((shown.waiting, shown.failed), (0, 0), "{does:?}");
        let got = receiver.got();
        let messages: Vec<_> = got
            .iter()
            .map(|got| (secret.as_str(), got.clone()))
            .collect();
        assert!(
            verified(&messages).iter().all(|word| word == "good"),
            "{does:?}"
        );
        let ids: Vec<_> = got
            .iter()
            .map(|(head, _)| header(head, "webhook-id"))
            .collect();
        let (first, second) = (ids[ids.len() - 2], ids[ids.len() - 1]);
        assert_ne!(first, second);
        if does != Does::HangsUp {
            // The receiver knows them by their ids, and nothing in them has changed.
            let (mut before, mut after) = (ids[..2].to_vec(), ids[2..].to_vec());
            before.sort_unstable();
            after.sort_unstable();
            assert_eq!(before, after, "{does:?}");
            for (at, id) in ids[..2].iter().enumerate() {
                let later = ids.iter().rposition(|known| known == id).expect("again");
                assert_eq!(got[at].1, got[later].1, "{does:?}");
                assert_ne!(
                    header(&got[at].0, "webhook-timestamp"),
                    header(&got[later].0, "webhook-timestamp")
                );
            }
        }
    }
}

#[tokio::test]
async fn it_is_given_up_in_the_end_seen_and_tried_again_when_somebody_says_so() {
    let stage = Stage::new().await;
    let script = [[Does::Says(503); 6].as_slice(), &[Does::Says(200)]].concat();
    let (receiver, teller) = (Receiver::new(&script).await, Teller::new(&stage));
    let (hook, _) = teller.hook(&receiver.url()).await;
    choose(&stage, 0).await;
    while let Some(again) = teller.run().await {
        teller.clock.move_to(again);
    }
    assert_eq!(receiver.got().len(), 6, "three attempts each");
    let shown = teller.shown(&hook.id).await;
    assert_eq!((shown.waiting, shown.failed), (0, 2));
    let waits = teller.desk.hooks_that_wait().await.expect("what waits");
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].about, "2 beskeder til Fagsystemet (status 503)");
    let mut admin = stage.visitor(Role::Admin).await;
    assert!(admin.get("/").await.body.contains(&waits[0].about));
    let mut coordinator = stage.visitor(Role::Coordinator).await;
    assert!(!coordinator.get("/").await.body.contains("Fagsystemet"));
    teller.desk.retry_hook(&hook.id).await.expect("stored");
    assert_eq!(teller.run().await, None);
    let shown = teller.shown(&hook.id).await;
    assert_eq!(
        (shown.waiting, shown.failed, receiver.got().len()),
        (0, 0, 8)
    );
    assert!(
        teller
            .desk
            .hooks_that_wait()
            .await
            .expect("none")
            .is_empty()
    );
}

#[tokio::test]
async fn a_receiver_that_says_410_is_told_nothing_more_and_no_other_is_kept_back() {
    let stage = Stage::new().await;
    let teller = Teller::new(&stage);
    let gone = Receiver::new(&[Does::Says(410)]).await;
    let stalls = Receiver::new(&[Does::Stalls]).await;
    let fine = Receiver::new(&[Does::Says(200)]).await;
    let (gone_id, _) = teller.hook(&gone.url()).await;
    teller.hook(&stalls.url()).await;
    let (fine_id, _) = teller.hook(&fine.url()).await;
    choose(&stage, 0).await;
    teller.run().await;
    choose(&stage, 1).await;
    teller.run().await;
    assert_eq!(gone.got().len(), 1);
    let shown = teller.shown(&gone_id.id).await;
    assert_eq!(shown.revoked_why.as_deref(), Some("gone"));
    assert_eq!((shown.waiting, shown.failed), (0, 0));
    assert_eq!(fine.got().len(), 4);
    let revoked = teller.desk.revoke_hook(&fine_id.id).await.expect("stored");
    assert!(revoked.is_some_and(|hook| hook.revoked.is_some()));
    choose(&stage, 2).await;
    teller.run().await;
    assert_eq!(fine.got().len(), 4);
}

#[tokio::test]
async fn only_a_certificate_of_that_name_is_told() {
    for (certificate, told) in [
        (Certificate::Good, true),
        (Certificate::Elsewhere, false),
        (Certificate::Expired, false),
        (Certificate::SelfSigned, false),
    ] {
        let stage = Stage::new().await;
        let receiver = Receiver::with(&[Does::Says(200)], Some(certificate)).await;
        let teller = Teller::new(&stage);
        let url = format!("https://localhost:{}/", receiver.at.port());
        let (hook, _) = teller.hook(&url).await;
        choose(&stage, 0).await;
        teller.run().await;
        let shown = teller.shown(&hook.id).await;
        assert_eq!(shown.waiting == 0, told, "{:?}", shown.answer);
        assert_eq!(receiver.got().is_empty(), !told);
    }
}

/// The name was outside when the hook was made, or the rules were others.
#[tokio::test]
async fn what_lies_inside_is_not_reached_whatever_its_name_says() {
    let stage = Stage::new().await;
    let receiver = Receiver::new(&[Does::Says(200)]).await;
    let hook = Teller::new(&stage).hook(&receiver.url()).await.0;
    let teller = Teller::by(&stage, PostRules::default());
    choose(&stage, 0).await;
    assert!(teller.run().await.is_some(), "it is tried again");
    assert!(receiver.got().is_empty());
    let answer = teller.shown(&hook.id).await.answer;
    assert_eq!(
        answer.as_deref(),
        Some("127.0.0.1 is inside the own network")
    );
    let closed = Stage::new().await;
    let teller = Teller::new(&closed);
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a socket");
    let at = nobody.local_addr().expect("an address");
    drop(nobody);
    let hook = teller.hook(&format!("http://{at}/")).await.0;
    choose(&closed, 0).await;
    assert!(teller.run().await.is_some());
    assert_eq!(teller.shown(&hook.id).await.waiting, 2);
}

#[tokio::test]
async fn programs_keep_hooks_too() {
    let stage = Stage::new().await;
    let admin = stage.program(Role::Admin, &super::api::ALL).await;
    let new = json!({"url": "https://fag.example/hook", "title": "Fag", "events": ["case.moved"]});
    let made = admin.post("/hooks", "a", &new).await;
    let again = admin.post("/hooks", "a", &new).await;
    assert_eq!((made.status, again.status), (201, 201), "{}", made.body);
    let (made, again) = (super::api::json(&made), super::api::json(&again));
    assert_eq!(
        (&made["secret"], &made["hook"]),
        (&again["secret"], &again["hook"])
    );
    assert_eq!(
        (&made["repeated"], &again["repeated"]),
        (&json!(false), &json!(true))
    );
    let listed = admin.get("/hooks").await;
    assert!(!listed.body.contains("whsec_") && listed.body.contains("case.moved"));
    for (url, events) in [
        ("http://fag.example/", json!([])),
        ("https://10.0.0.1/", json!([])),
        ("http://127.0.0.1/", json!([])),
        ("https://fag.example/", json!(["case.eaten"])),
        ("", json!([])),
    ] {
        let bad = json!({"url": url, "title": "Fag", "events": events});
        let refused = admin.post("/hooks", &format!("bad {url}"), &bad).await;
        assert_eq!(super::api::code(&refused), "invalid", "{url}");
    }
    let id = made["hook"]["id"].as_str().expect("an id");
    let revoked = admin
        .post(&format!("/hooks/{id}/revoke"), "r", &json!({}))
        .await;
    assert_eq!(super::api::json(&revoked)["hook"]["revoked_why"], "asked");
    let beginning = admin
        .post(&format!("/hooks/{}/revoke", &id[..8]), "s", &json!({}))
        .await;
    assert_eq!(beginning.status, 404);
}
