//! What leaves, and what happens when it cannot.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tovholder::runner::serve::set_clock;
use tovholder::store::Store;

use super::collector::{Collector, STALLS, Spoken, TAKES, spoken};
use super::{free, serve};
use crate::faults::service::{Service, tovholder, until};
use crate::support::browser::Browser;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A hold with its candidates in a database of this folder.
async fn seeded(folder: &Path) {
    let store = Store::open(folder.join("tovholder.db")).await;
    let store = store.expect("a database");
    let at = "2027-01-04T07:00:00Z".parse().expect("a moment");
    set_clock(&store, at, 1e-8).await.expect("a clock");
    store.close().await.expect("closed");
    let examples = |name: &str| root().join("examples").join(name).display().to_string();
    for arguments in [
        vec![
            "people",
            "import",
            &examples("organisationer-og-medarbejdere.csv"),
        ],
        vec![
            "cohort",
            "create",
            "holstebro-introforloeb",
            "--title",
            "Hold Søstjerne",
        ]
        .into_iter()
        .chain(["--date", "start=2027-02-01"])
        .collect(),
        vec![
            "import",
            &examples("holstebro-kandidater.csv"),
            "--cohort",
            "Hold Søstjerne",
        ],
    ] {
        let done = at_home(tovholder().args(&arguments), folder)
            .output()
            .expect("it runs");
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    }
}

/// With the shipped workflows and templates.
fn at_home<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    command
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .env("TOVHOLDER_WORKFLOWS", root().join("workflows"))
        .env("TOVHOLDER_TEMPLATES", root().join("email-templates"))
}

/// Everything that the lists of people say, and what is asked for below.
fn secrets() -> BTreeSet<String> {
    let lists = [
        "organisationer-og-medarbejdere.csv",
        "holstebro-kandidater.csv",
    ];
    let lists = lists.map(|list| fs::read_to_string(root().join("examples").join(list)));
    let cells = lists.into_iter().flat_map(|list| {
        let list = list.expect("a list");
        let rows = list.lines().skip(1);
        let cells = rows.flat_map(|row| row.split(';')).map(str::trim);
        cells.map(str::to_owned).collect::<Vec<_>>()
    });
    let mut secrets: BTreeSet<String> = cells.filter(|cell| cell.len() > 4).collect();
    secrets.extend(["geheimnis", "Søstjerne", "post@college.example"].map(str::to_owned));
    assert!(secrets.len() > 100 && secrets.contains("Anna Birkmose"));
    secrets
}

#[tokio::test]
async fn what_is_asked_worked_and_mailed_is_told_and_nobody_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    seeded(folder.path()).await;
    let (collector, pages) = (Collector::says(TAKES), free());
    let mut command = serve(folder.path(), pages, &collector.address());
    at_home(&mut command, folder.path())
        .args(["--clock", "2027-01-04T08:00", "--speed", "7d/s"])
        .env("OTEL_SERVICE_NAME", "hold-her")
        .env("TOVHOLDER_TRUSTED_PROXY", "127.0.0.1");
    let mut service = Service::of(command);
    service.begun().await;
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let mut proxy = Browser::saying(pages, "traceparent", &parent);
    let mut ids = Vec::new();
    for (path, status) in [
        ("/log-ind?til=/geheimnis", 200),
        ("/sager/geheimnis4711?navn=geheimnis", 303),
        ("/geheimnis4712", 404),
        ("/health/live", 200),
    ] {
        let answered = proxy.get(path).await;
        assert_eq!(answered.status, status, "{path}");
        ids.push(answered.header("x-request-id").to_owned());
    }
    let fields = [
        ("login", "geheimnis@geheimnis.example"),
        ("password", "geheimnis"),
    ];
    proxy.post("/log-ind", &fields).await;
    // Both have left when the first mails are there, or leave at the end.
    let mails = folder.path().join("mails");
    let letters = || {
        let found = fs::read_dir(&mails).into_iter().flatten().flatten();
        found
            .filter(|entry| entry.path().extension().is_some_and(|its| its == "eml"))
            .count()
    };
    assert!(until(async || letters() >= 10).await, "{}", service.log());
    let log = service.stop().await;
    let got = collector.got();
    let spans = spoken(&got);

    let requests: Vec<&Spoken> = spans
        .iter()
        .filter(|span| span.kind == "SPAN_KIND_SERVER")
        .collect();
    let told: Vec<Value> = requests
        .iter()
        .map(|span| {
            json!([
                span.name,
                span.has["http.request.method"],
                span.has["http.route"],
                span.has["http.response.status_code"]
            ])
        })
        .collect();
    let expect = [
        json!(["GET /log-ind", "GET", "/log-ind", 200]),
        json!(["GET /sager/{id}", "GET", "/sager/{id}", 303]),
        json!(["GET none", "GET", "none", 404]),
        json!(["POST /log-ind", "POST", "/log-ind", 422]),
    ];
    assert_eq!(told, expect, "no health among them");
    for (span, id) in requests.iter().zip(&ids[..3]) {
        assert_eq!(span.has["request.id"], json!(id));
    }
    for span in &requests {
        assert_eq!(
            (span.trace.as_str(), span.parent.as_str()),
            (TRACE, PARENT),
            "{span:?}"
        );
        assert_eq!(span.has.len(), 4, "{span:?}");
        assert_eq!(span.status, "STATUS_CODE_UNSET");
    }

    let sum = |name: &str, what: &str| -> i64 {
        let named = spans.iter().filter(|span| span.name == name);
        named
            .map(|span| span.has[what].as_i64().expect("a number"))
            .sum()
    };
    assert!(
        sum("work", "subjects.count") > 16,
        "each candidate was advanced"
    );
    // Whatever was queued has left at the end.
    assert_eq!(
        sum("mail", "mails.count"),
        i64::try_from(letters()).expect("few")
    );
    assert_eq!(sum("mail", "mails.sent"), sum("mail", "mails.count"));
    assert_eq!(
        sum("mail", "mails.failed") + sum("mail", "mails.unknown"),
        0
    );
    let parts: Vec<&Spoken> = spans
        .iter()
        .filter(|span| span.name == "transaction")
        .collect();
    assert!(!parts.is_empty());
    for part in parts {
        let whole = spans
            .iter()
            .find(|span| span.id == part.parent && span.trace == part.trace);
        assert!(
            whole.is_some_and(
                |whole| whole.name == "work" || requests.iter().any(|one| one.id == whole.id)
            ),
            "{part:?}"
        );
    }
    let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let known = [
        "GET /log-ind",
        "GET /sager/{id}",
        "GET none",
        "POST /log-ind",
        "mail",
        "transaction",
        "work",
    ];
    assert_eq!(names, known.into());
    for span in &spans {
        assert_eq!(
            (span.service.as_str(), span.events),
            ("hold-her", 0),
            "{span:?}"
        );
    }
    let bytes = got.concat();
    let holds = |word: &str| {
        bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };
    assert!(holds("/sager/{id}"), "it is looked for as it is written");
    let named: Vec<String> = secrets()
        .into_iter()
        .filter(|secret| holds(secret))
        .collect();
    assert!(named.is_empty(), "{named:?}");
    assert!(
        !log.contains("collector") && !log.contains("traces"),
        "{log}"
    );
}

#[tokio::test]
async fn a_stranger_does_not_say_what_a_request_is_a_part_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let (collector, pages) = (Collector::says(TAKES), free());
    let command = serve(folder.path(), pages, &collector.address());
    let mut service = Service::of(command);
    service.begun().await;
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let mut stranger = Browser::saying(pages, "traceparent", &parent);
    assert_eq!(stranger.get("/log-ind").await.status, 200);
    service.stop().await;
    let spans = spoken(&collector.got());
    let request = spans.iter().find(|span| span.name == "GET /log-ind");
    let request = request.expect("it is told");
    assert_eq!(
        (request.service.as_str(), request.parent.as_str()),
        ("tovholder", "")
    );
    assert_ne!(request.trace, TRACE);
}

/// How many lines the log has about the collector, that it is away and that it is back.
fn told(log: &str) -> (usize, usize) {
    let away = log.matches("the collector takes no traces").count();
    (
        away,
        log.matches("the collector takes traces again").count(),
    )
}

#[tokio::test]
async fn a_collector_that_fails_is_told_of_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (collector, pages) = (Collector::says(503), free());
    let mut command = serve(folder.path(), pages, &collector.address());
    command.env("OTEL_BSP_SCHEDULE_DELAY", "20");
    let mut service = Service::of(command);
    service.begun().await;
    let mut browser = Browser::at(pages);
    for (status, batches) in [(503, 3), (TAKES, 6), (503, 9)] {
        collector.says.store(status, Ordering::SeqCst);
        let sent = until(async || {
            browser.get("/log-ind").await;
            collector.got().len() >= batches
        });
        assert!(sent.await, "{}", service.log());
    }
    let away = until(async || told(&service.log()) == (2, 1)).await;
    assert!(away, "{}", service.log());
    let log = service.stop().await;
    assert_eq!(told(&log), (2, 1), "{log}");
}

#[tokio::test]
async fn a_collector_that_is_away_keeps_nobody_waiting() {
    let silent = Collector::says(STALLS);
    let nobody = format!("http://{}", free());
    for collector in [silent.address(), nobody] {
        let folder = tempfile::tempdir().expect("a folder");
        let pages = free();
        let mut command = serve(folder.path(), pages, &collector);
        // More spans than have room.
        command
            .env("OTEL_BSP_SCHEDULE_DELAY", "20")
            .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
            .env("OTEL_BSP_MAX_QUEUE_SIZE", "8");
        let mut service = Service::of(command);
        service.begun().await;
        let mut browser = Browser::at(pages);
        for _ in 0..50 {
            let asked = Instant::now();
            assert_eq!(browser.get("/log-ind").await.status, 200);
            assert!(asked.elapsed() < Duration::from_secs(5), "{collector}");
        }
        let ends = Instant::now();
        let log = service.stop().await;
        // Three seconds for the collector; the rest is for a machine that does much else.
        assert!(
            ends.elapsed() < Duration::from_secs(9),
            "{collector}: {log}"
        );
        assert!(told(&log).0 <= 1, "{log}");
    }
}

#[test]
fn an_address_that_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for address in [
        "opsamler:4318",
        "opsamler",
        "grpc://127.0.0.1:4317",
        "http://",
    ] {
        let done = serve(folder.path(), free(), address)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{address}: {said}");
        assert!(
            said.contains("OTEL_EXPORTER_OTLP_ENDPOINT kan ikke bruges"),
            "{said}"
        );
    }
}
