//! `tovholder bench pages`: how soon a page is there, while the service works and sends.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::super::Failure;
use super::child::{self, Background};
use super::due::count;
use super::ground::{Ground, progress};
use super::post::free_port;
use super::table::{Line, counted};
use super::told::Told;
use crate::clock::Stopwatch;
use crate::runner::bench::{PagesStage, Ports, Task, percentile};
use crate::store::Scratch;
use crate::web;

/// A service that does not answer within so long has failed.
const BEGUN_WITHIN: Duration = Duration::from_secs(30);
/// What the service's clock shows when it begins, a day before the first hold, and how fast it runs: four holds
/// a day begin, so that cases move and mail leaves all the while.
const CLOCK: &str = "2026-02-01T12:00";
const SPEED: &str = "1d/s";
/// Pages whose parts an address names otherwise than by `{id}`.
const KNOWN: [(&str, &str); 2] = [("{year}", "2026"), ("{workflow}", "sider")];

/// Pages: how soon each screen is there, with many cases and holds, while the service works and sends mail.
///
/// The service is a process of its own, and so is the mail server. Each screen is opened as an
/// administrator opens it, who sees everything, over a connection of its own.
#[derive(Args, Clone, Debug)]
pub(super) struct Pages {
    /// How many cases.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub cases: u32,
    /// On how many holds.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub holds: u32,
    /// How often each screen is opened.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: u32,
}

/// What opening a screen came to.
#[derive(Clone, Debug, Default)]
struct Opened {
    ms: Vec<f64>,
    bytes: usize,
}

/// A service under way, for as long as this value lives.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Pages {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let database = ground.empty().await?;
        let Scratch::File(file) = &database else {
            return Err(Failure::new("Sider måles på SQLite.", "Udelad --database."));
        };
        progress(&format!(
            "laver {} sager på {} hold",
            counted(self.cases),
            counted(self.holds)
        ));
        let task = Task::StagePages {
            database: database.clone(),
            holds: count(self.holds),
            cases: count(self.cases),
        };
        let stage: PagesStage = child::run(&task).await?;
        let ports = Ports {
            plain: free_port()?,
            tls: free_port()?,
        };
        let _sink = Background::start(&Task::Sink { ports })?;
        let at = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let _service = serve(file, at, ports.plain)?;
        let rounds = count(self.rounds);
        let opened = tokio::task::spawn_blocking(move || browse(at, &stage, rounds))
            .await
            .map_err(|error| lost(&error.to_string()))?
            .map_err(|error| lost(&error.to_string()))?;
        Ok(self.told(ground, opened))
    }

    fn told(&self, ground: &Ground, opened: BTreeMap<String, Opened>) -> Told {
        let (mut lines, mut json) = (Vec::new(), serde_json::Map::new());
        let mut worst = (0.0, 0);
        for (path, mut one) in opened {
            one.ms.sort_by(f64::total_cmp);
            let (p50, p95) = (percentile(&one.ms, 50), percentile(&one.ms, 95));
            worst = (f64::max(worst.0, p95), worst.1.max(one.bytes));
            let kb = f64::from(u32::try_from(one.bytes).unwrap_or(u32::MAX)) / 1000.0;
            lines.push(Line::new(format!("{path} ({kb:.0} kB)"), p95, "ms"));
            json.insert(
                path,
                json!({"p50_ms": p50, "p95_ms": p95, "bytes": one.bytes}),
            );
        }
        Told {
            title: format!(
                "{} sager på {} hold · {}",
                counted(self.cases),
                counted(self.holds),
                ground.name()
            ),
            lines,
            note: "Så længe varer det højst 95 af 100 gange, til hele siden er der, mens tjenesten arbejder og sender."
                .into(),
            json: json!({"pages": json, "worst_p95_ms": worst.0, "largest_bytes": worst.1}),
        }
    }
}

fn serve(file: &std::path::Path, at: SocketAddr, smtp: u16) -> Result<Service, Failure> {
    let program = std::env::current_exe().map_err(|error| lost(&error.to_string()))?;
    let child = Command::new(program)
        .arg("serve")
        .arg("--database")
        .arg(file)
        .args([
            "--listen",
            &at.to_string(),
            "--clock",
            CLOCK,
            "--speed",
            SPEED,
        ])
        .args(["--smtp", &format!("smtp://127.0.0.1:{smtp}?tls=none")])
        .args(["--mail-from", "Bench <bench@eksempel.example>"])
        .env("TOVHOLDER_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| lost(&error.to_string()))?;
    Ok(Service(child))
}

/// Logs in and opens every screen, one after the other, so many times.
fn browse(
    at: SocketAddr,
    stage: &PagesStage,
    rounds: usize,
) -> std::io::Result<BTreeMap<String, Opened>> {
    let begun = Stopwatch::start();
    while TcpStream::connect(at).is_err() {
        if begun.elapsed() > BEGUN_WITHIN {
            return Err(std::io::Error::other("the service does not answer"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let cookie = log_in(at, stage)?;
    let mut paths: Vec<(String, String)> = Vec::new();
    for (path, roles) in web::addresses() {
        let Some(full) = roles.and_then(|_| full_path(path, stage)) else {
            continue;
        };
        // What only takes forms has no page, and what only a query makes a page is not there without it.
        if status(&ask(at, &format!("GET {full}"), &cookie, "")?) == 200 {
            paths.push((path.to_owned(), full));
        }
    }
    let mut opened: BTreeMap<String, Opened> = BTreeMap::new();
    for _ in 0..rounds {
        for (path, full) in &paths {
            let begun = Stopwatch::start();
            let answer = ask(at, &format!("GET {full}"), &cookie, "")?;
            if status(&answer) != 200 {
                return Err(std::io::Error::other(format!("{full}: {}", head(&answer))));
            }
            let one = opened.entry(path.clone()).or_default();
            one.ms.push(begun.elapsed().as_secs_f64() * 1000.0);
            one.bytes = one.bytes.max(answer.len());
        }
    }
    Ok(opened)
}

/// An address with what it asks for; none where that is a secret or an act.
fn full_path(path: &str, stage: &PagesStage) -> Option<String> {
    let id = match path.split('/').nth(1)? {
        "hold" => &stage.hold,
        "sager" => &stage.case,
        "udbakke" => "1",
        _ => "",
    };
    let mut full = path.replace("{id}", id);
    for (part, known) in KNOWN {
        full = full.replace(part, known);
    }
    (!full.contains(['{', '}'])).then_some(full)
}

fn log_in(at: SocketAddr, stage: &PagesStage) -> std::io::Result<String> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("login", &stage.login);
    form.append_pair("password", &stage.password);
    let answer = ask(at, "POST /log-ind", "", &form.finish())?;
    let cookie = head(&answer).lines().find_map(|line| {
        let set = line.strip_prefix("set-cookie: ")?;
        Some(set.split(';').next()?.to_owned())
    });
    cookie.ok_or_else(|| std::io::Error::other(format!("no log-in: {}", head(&answer))))
}

/// Asks over a connection of its own, and answers all that came.
fn ask(at: SocketAddr, what: &str, cookie: &str, form: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(BEGUN_WITHIN))?;
    let request = format!(
        "{what} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn head(answer: &[u8]) -> String {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    String::from_utf8_lossy(&answer[..end.unwrap_or(answer.len())]).into_owned()
}

fn status(answer: &[u8]) -> u16 {
    let head = head(answer);
    head.split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or_default()
}

fn lost(why: &str) -> Failure {
    Failure::new(format!("Siderne kan ikke måles: {why}"), "Prøv igen.")
}
