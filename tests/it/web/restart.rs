//! The service itself, as systemd runs it: it is replaced while people ask and refuses nobody, it says how it is, and
//! its log tells of requests and of nobody.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ASKERS: usize = 6;
const RESTARTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

/// The service on a socket that is ours: a shell puts it where systemd does, and becomes the service.
fn serve(folder: &Path, socket: &TcpListener, log: &str) -> Child {
    let socket: OwnedFd = socket.try_clone().expect("the socket").into();
    let told = File::create(folder.join(log)).expect("a file");
    let handed = "exec 3<&0 0</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"";
    let mut shell = Command::new("bash");
    shell
        .args([
            "-c",
            handed,
            "bash",
            env!("CARGO_BIN_EXE_tovholder"),
            "serve",
        ])
        .args(["--mail-dir", "mails", "--mail-from", "post@college.example"])
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .env("TOVHOLDER_LOG", "debug")
        .env("TOVHOLDER_LOG_FORMAT", "json")
        .env("NOTIFY_SOCKET", folder.join("notify"))
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(told);
    shell.spawn().expect("bash runs")
}

fn stop(mut service: Child) {
    let told = Command::new("kill")
        .args(["-TERM", &service.id().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
    assert!(service.wait().expect("it ends").success(), "exit code 0");
}

/// Asks over a connection of its own; what came back, whole or not.
fn ask(at: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: tov.example\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What the service says to systemd next.
fn heard(notify: &UnixDatagram) -> String {
    let mut said = [0; 256];
    let length = notify.recv(&mut said).expect("it says something in time");
    String::from_utf8_lossy(&said[..length]).trim().to_owned()
}

#[test]
fn a_restart_under_load_refuses_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let notify = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
    notify.set_read_timeout(Some(PATIENCE)).expect("it waits");
    let socket = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let at = socket.local_addr().expect("an address");
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let wrong = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..ASKERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut wrong = Vec::new();
                    while !over.load(Ordering::SeqCst) {
                        match ask(at, "/log-ind") {
                            Ok(page)
                                if page.starts_with("HTTP/1.1 200")
                                    && page.ends_with("</html>") =>
                            {
                                answered.fetch_add(1, Ordering::SeqCst);
                            }
                            other => wrong.push(format!("{other:?}")),
                        }
                    }
                    wrong
                })
            })
            .collect();
        for round in 0..=RESTARTS {
            let service = serve(folder.path(), &socket, &format!("log{round}"));
            assert_eq!(heard(&notify), "READY=1");
            let before = answered.load(Ordering::SeqCst);
            let begun = Instant::now();
            while answered.load(Ordering::SeqCst) < before + 100 && begun.elapsed() < PATIENCE {
                std::thread::yield_now();
            }
            if round == RESTARTS {
                // The last one is stopped when nobody asks any more.
                over.store(true, Ordering::SeqCst);
                let wrong = askers
                    .into_iter()
                    .flat_map(|asker| asker.join().expect("it asks"));
                let wrong: Vec<String> = wrong.collect();
                stop(service);
                return wrong;
            }
            stop(service);
            assert_eq!(heard(&notify), "STOPPING=1");
        }
        unreachable!("the last round returns")
    });
    assert!(
        wrong.is_empty(),
        "{} refused: {:?}",
        wrong.len(),
        &wrong[..1]
    );
    let answered = answered.into_inner();
    assert!(answered >= 100 * (RESTARTS + 1), "{answered}");
    let mut told = 0;
    for round in 0..=RESTARTS {
        let log = fs::read_to_string(folder.path().join(format!("log{round}"))).expect("a log");
        told += log
            .lines()
            .filter(|line| line.contains(r#""route":"/log-ind""#))
            .count();
    }
    assert_eq!(told, answered, "each was answered once, by one of them");
}

#[test]
fn the_log_tells_of_each_request_and_of_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let notify = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
    notify.set_read_timeout(Some(PATIENCE)).expect("it waits");
    let socket = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let at = socket.local_addr().expect("an address");
    let service = serve(folder.path(), &socket, "log");
    assert_eq!(heard(&notify), "READY=1");
    let asked = [
        ("/velkommen/geheimnis4711", "/velkommen/{link}", 410),
        ("/afmeld/geheimnis4712", "/afmeld/{token}", 404),
        ("/sager/geheimnis4713?navn=geheimnis", "/sager/{id}", 303),
        ("/geheimnis4714", "none", 404),
        ("/log-ind?til=/geheimnis4715", "/log-ind", 200),
    ];
    let mut ids = BTreeSet::new();
    for (path, _, status) in asked {
        let answer = ask(at, path).expect("an answer");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {answer}"
        );
        let id = answer
            .lines()
            .find_map(|line| line.strip_prefix("x-request-id: "));
        ids.insert(id.expect("an id").to_owned());
    }
    stop(service);
    let log = fs::read_to_string(folder.path().join("log")).expect("a log");
    assert!(!log.contains("geheimnis"), "{log}");
    let lines = log.lines().map(|line| {
        serde_json::from_str::<serde_json::Value>(line)
            .unwrap_or_else(|_| panic!("not JSON: {line}"))
    });
    let told: Vec<_> = lines.filter(|line| line["message"] == "answered").collect();
    assert_eq!(told.len(), asked.len(), "{log}");
    for (line, (_, route, status)) in told.iter().zip(asked) {
        assert_eq!(
            (&line["route"], &line["status"]),
            (&route.into(), &status.into())
        );
        assert_eq!(line["method"], "GET");
        assert!(line["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{line}");
        let id = line["span"]["id"].as_str().expect("an id");
        assert!(ids.remove(id), "{id} is that of an answer");
    }
}
