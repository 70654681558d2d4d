//! What is simulated is what is served: the same hold, played by the service with a scaled clock
//! against an independent SMTP server in a process of its own, gives the same mails at the same
//! local times.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::civil::{DateTime, date};
use tokio::sync::watch;
use tovholder::channel::{Channel, SmtpChannel, SmtpConfig};
use tovholder::clock::Clock;
use tovholder::runner::serve::serve_with;
use tovholder::runner::simulate::Simulation;
use tovholder::runner::{Mailer, Runner};
use tovholder::store::Store;

use super::support::python::python;
use super::support::stage::{cast, settings, shipped, templates};

/// Virtual days a second. A slower clock lets a busy machine keep up.
const DAYS_PER_SECOND: f64 = 1.0;
/// The last instant compared: after the last status mail, long before retention.
const UNTIL: DateTime = date(2026, 3, 29).at(12, 0, 0, 0);

/// A mail as both sides know it: recipients, subject, text.
type Said = (Vec<String>, String, String);

/// aiosmtpd in an environment of its own.
fn aiosmtpd() -> PathBuf {
    python("aiosmtpd-1.4.6", &["aiosmtpd==1.4.6"], "import aiosmtpd")
}

/// The server's process; it ends with the test.
struct Sink {
    child: Child,
    port: u16,
    file: PathBuf,
}

impl Sink {
    fn start(folder: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let file = folder.join("accepted.jsonl");
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/aiosmtpd_sink.py");
        let mut child = Command::new(aiosmtpd())
            .arg(script)
            .arg(&file)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("aiosmtpd starts");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut ready)
            .expect("a line");
        assert_eq!(ready.trim(), "ready");
        Self { child, port, file }
    }

    fn accepted(&self) -> Vec<(DateTime, Said, String)> {
        let lines = fs::read_to_string(&self.file).expect("what was accepted");
        let mail = |line: &str| {
            let json: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let text = |key: &str| json[key].as_str().expect(key).to_owned();
            let to = json["to"]
                .as_array()
                .expect("to")
                .iter()
                .map(|to| to.as_str().expect("to").to_owned())
                .collect();
            let at: DateTime = text("date")[..19].parse().expect("a local time");
            (
                at,
                (to, text("subject"), plain(&text("text"))),
                text("message_id"),
            )
        };
        lines.lines().map(mail).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two readers may end lines differently.
fn plain(text: &str) -> String {
    text.lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
        .trim_end()
        .to_owned()
}

fn text_of(bytes: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default()
        .parse(bytes)
        .expect("a mail");
    plain(&mail.body_text(0).expect("a text part"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_sends_what_the_simulation_showed() {
    let folder = tempfile::tempdir().expect("a folder");
    let sink = Sink::start(folder.path());
    let cast = cast(
        "holstebro-introforloeb",
        shipped("holstebro-introforloeb"),
        templates(),
        &[("start", date(2026, 2, 2))],
        5,
    );

    let mut simulation = Simulation::begin(&cast, settings()).await.expect("a stage");
    simulation.play(|_| {}).await.expect("it plays");
    let report = simulation.report().await.expect("a report");
    assert!(report.held.is_empty(), "{:?}", report.held);

    // The stage is set with a clock that stands still, so that both begin at the same moment.
    let store = Store::open(folder.path().join("served.db"))
        .await
        .expect("a database");
    let still = Runner::new(store.clone(), Clock::manual(cast.begins()), settings());
    let stage = cast.set(&still).await.expect("the same stage");
    let clock = Clock::scaled_from_now(cast.begins(), DAYS_PER_SECOND * 86_400.0);
    let runner = Runner::new(store, clock, settings());
    let url = format!("smtp://127.0.0.1:{}", sink.port);
    let smtp = SmtpConfig::from_url(&url, "tovholder.kommune.example").expect("an address");
    let mailer = Mailer::new(
        runner.clone(),
        Channel::Smtp(SmtpChannel::new(smtp).expect("a channel")),
    );
    let (stop, stopped) = watch::channel(false);
    let until = cast.workflow.calendar.instant(UNTIL);
    let ending = async {
        runner.clock().sleep_until(until).await;
        stop.send(true).expect("the service listens");
    };
    let (served, ()) = tokio::join!(
        serve_with(&runner, &mailer, stopped, Some(stage.assumed)),
        ending
    );
    served.expect("it serves");

    let mut simulated: Vec<(DateTime, Said)> = Vec::new();
    for mail in report.mails.iter().filter(|mail| mail.at < UNTIL) {
        simulated.push((
            mail.at,
            (
                mail.to.clone(),
                mail.subject.clone(),
                text_of(&mail.mail.bytes),
            ),
        ));
    }
    let accepted = sink.accepted();
    let mut sent: Vec<(DateTime, Said)> = accepted
        .iter()
        .map(|(at, said, _)| (*at, said.clone()))
        .collect();
    simulated.sort();
    sent.sort();
    assert!(
        simulated.len() > 40,
        "the simulation shows the whole course: {}",
        simulated.len()
    );
    assert_eq!(sent.len(), simulated.len(), "as many mails");
    for (sent, simulated) in sent.iter().zip(&simulated) {
        assert_eq!(sent, simulated);
    }
    let mut arrivals: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, id) in &accepted {
        *arrivals.entry(id).or_default() += 1;
    }
    assert!(
        arrivals.values().all(|count| *count == 1),
        "each mail once: {arrivals:?}"
    );
}
