//! What machines ask about the service: whether it lives, whether it is ready, and figures.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use tokio::sync::watch;
use tovholder::access::Role;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::runner::{Mailer, serve};
use tovholder::web::{self, Options, Pages};

use super::{Browser, Stage};
use crate::faults::service::until;
use crate::support::python::python;

/// Pages with figures beside them.
async fn open(stage: &Stage, stop: &watch::Sender<bool>) -> (SocketAddr, SocketAddr) {
    let pages = Pages::new(stage.desk.runner().clone(), Options::default());
    let any = "127.0.0.1:0".parse().expect("an address");
    let doors = [web::bind(any).await, web::bind(any).await].map(|door| door.expect("a door"));
    let at = doors
        .each_ref()
        .map(|door| door.local_addr().expect("an address"));
    let [door, figures] = doors;
    let (beside, stopped) = (pages.clone(), stop.subscribe());
    tokio::spawn(async move { pages.serve(door, stopped).await });
    let stopped = stop.subscribe();
    tokio::spawn(async move { beside.serve_metrics(figures, stopped).await });
    (at[0], at[1])
}

#[tokio::test]
async fn it_is_ready_when_each_part_is_and_says_which_is_not() {
    let stage = Stage::new().await;
    let (stop, stopped) = watch::channel(false);
    let (at, _) = open(&stage, &stop).await;
    let mut machine = Browser::at(at);
    let live = machine.get("/health/live").await;
    assert_eq!((live.status, live.body.as_str()), (200, r#"{"live":true}"#));
    let ready = machine.get("/health/ready").await;
    assert_eq!(ready.status, 503, "nobody works yet");
    assert_eq!(
        ready.body,
        r#"{"ready":false,"parts":{"database":"ok","tables":"ok","work":"starting","mail":"ok"}}"#
    );
    let runner = stage.desk.runner().clone();
    let mailer = Mailer::new(runner.clone(), Channel::Memory(MemoryChannel::new()));
    tokio::spawn(async move { serve::serve(&runner, &mailer, stopped).await });
    let is_ready = until(async || machine.get("/health/ready").await.status == 200).await;
    assert!(is_ready, "{}", machine.get("/health/ready").await.body);
    let all = tovholder::store::Scope::default();
    let stopped = stage.store.stop(all, "Prøve", "cli", 0).await;
    stopped.expect("it is stored");
    let mut said = String::new();
    let is_off = until(async || {
        let answered = machine.get("/health/ready").await;
        said = answered.body;
        answered.status == 503
    });
    assert!(is_off.await);
    assert!(said.contains(r#""work":"ok","mail":"off""#), "{said}");
    stop.send(true).expect("somebody listens");
}

#[tokio::test]
async fn figures_count_what_was_asked_by_route_and_name_nobody() {
    let stage = Stage::new().await;
    let (stop, _stopped) = watch::channel(false);
    let (at, figures) = open(&stage, &stop).await;
    let login = stage.account(Role::JobConsultant).await;
    let mut kim = Browser::at(at);
    stage.log_in(&mut kim, &login, super::PASSWORD, None).await;
    let own = &stage.cases[2].public_id;
    for _ in 0..3 {
        assert_eq!(kim.get(&format!("/sager/{own}")).await.status, 200);
    }
    assert_eq!(kim.get("/sager/there-is-none").await.status, 404);
    assert_eq!(kim.get("/no/such/page").await.status, 404);
    assert_eq!(kim.get("/metrics").await.status, 404, "not among the pages");

    let part = tovholder::store::Scope {
        workflow: Some("prove".to_owned()),
        ..Default::default()
    };
    let stopped = stage.store.stop(part, "Kim er syg", "cli", 0).await;
    stopped.expect("it is stored");
    let told = Browser::at(figures).get("/metrics").await;
    assert_eq!(told.status, 200);
    assert!(
        told.header("content-type")
            .starts_with("application/openmetrics-text")
    );
    for secret in [own.as_str(), login.as_str(), "there-is-none", "such", "Kim"] {
        assert!(!told.body.contains(secret), "{secret}: {}", told.body);
    }
    let read = read(&told.body);
    let mut wanted = vec![
        (
            "http_requests_total{method=GET,route=/sager/{id},status=200}",
            3.0,
        ),
        (
            "http_requests_total{method=GET,route=/sager/{id},status=404}",
            1.0,
        ),
        ("http_requests_total{method=GET,route=none,status=404}", 2.0),
        (
            "http_requests_total{method=POST,route=/log-ind,status=303}",
            1.0,
        ),
        (
            "http_request_duration_seconds_count{method=GET,route=/sager/{id}}",
            4.0,
        ),
        ("http_requests_in_flight{}", 0.0),
        ("mails_total{result=sent}", 4.0),
        ("mails_total{result=unknown}", 0.0),
        ("mails_waiting{status=queued}", 0.0),
        ("mails_waiting{status=held}", 0.0),
        ("subjects_stuck{}", 0.0),
        ("stops{}", 1.0),
        ("mails_stopped{}", 0.0),
        ("work_loop_lag_seconds{}", -1.0),
        ("part_ready{part=database}", 1.0),
        ("part_ready{part=work}", 0.0),
    ];
    let version = format!("build_info{{version={}}}", env!("CARGO_PKG_VERSION"));
    wanted.push((&version, 1.0));
    for (name, expect) in wanted {
        let line = format!("tovholder_{name} ");
        let value = read.lines().find_map(|read| read.strip_prefix(&line));
        let value: Option<f64> = value.and_then(|value| value.parse().ok());
        assert_eq!(value, Some(expect), "{name}\n{read}");
    }
    assert!(read.contains("tovholder_due_lag_seconds{} "), "{read}");
}

/// Figures as Prometheus' own reader for Python understands them: `name{label=value,…} value` a line.
fn read(text: &str) -> String {
    const READ: &str = "\
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    for one in family.samples:
        labels = ','.join(f'{k}={v}' for k, v in sorted(one.labels.items()) if k != 'le')
        print(one.name + '{' + labels + '} ' + str(float(one.value)))
";
    let python = python(
        "prometheus",
        &["prometheus-client==0.23.1"],
        "import prometheus_client.openmetrics.parser",
    );
    let mut reader = Command::new(python)
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = reader.stdin.take().expect("its input");
    std::io::Write::write_all(&mut stdin, text.as_bytes()).expect("it reads");
    drop(stdin);
    let done = reader.wait_with_output().expect("it ends");
    assert!(done.status.success(), "not understood:\n{text}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}
