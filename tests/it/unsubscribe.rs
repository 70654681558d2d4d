//! The link in an announcement: it asks when it is opened, takes when it is posted to, and after that no
//! more of them leave; everything else does.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use jiff::civil::date;
use tokio::sync::watch;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::clock::Clock;
use tovholder::message::{Mail, TemplateSource};
use tovholder::runner::{Mailer, Runner};
use tovholder::store::{OutboxFilter, Sees, Status, Store};
use tovholder::web;

use super::support::stage::{cast, settings};

const WORKFLOW: &str = r"
workflow: prove
title: Prøve <b>
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {network: {title: Netværket, per: workflow}}
cohort:
  dates: {start: {title: Start, weekday: monday}}
  messages:
    news: {template: news, to: network, every: friday at 12:00, from: 2 weeks before cohort.start, until: cohort.start, announcement: yes}
    task: {template: task, to: network, every: friday at 12:00, from: 2 weeks before cohort.start, until: cohort.start}
candidate:
  states:
    here: {title: Her, until: cohort.start, then: out}
    out: {title: Ude, final: neutral}
";

fn templates() -> TemplateSource {
    let mut files = BTreeMap::new();
    for (name, text) in [("news", "Nyt. {{unsubscribe}}"), ("task", "Gør det.")] {
        files.insert(format!("da/{name}/subject.hbs"), name.to_owned());
        files.insert(format!("da/{name}/body.txt.hbs"), text.to_owned());
        files.insert(format!("da/{name}/body.html.hbs"), format!("<p>{text}</p>"));
    }
    TemplateSource { files }
}

/// What the door answers: the status line with the headers, and the body.
async fn asked(at: SocketAddr, request: String) -> (String, String) {
    let answered = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(at).expect("the door is open");
        stream.write_all(request.as_bytes()).expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    });
    let answer = answered.await.expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_lowercase(), body.to_owned())
}

async fn get(at: SocketAddr, path: &str) -> (String, String) {
    asked(
        at,
        format!("GET {path} HTTP/1.1\r\nHost: tov.example\r\nConnection: close\r\n\r\n"),
    )
    .await
}

/// What a mail program posts (RFC 8058, 3.2).
async fn post(at: SocketAddr, path: &str) -> (String, String) {
    let body = "List-Unsubscribe=One-Click";
    let length = body.len();
    asked(
        at,
        format!(
            "POST {path} HTTP/1.1\r\nHost: tov.example\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
    .await
}

fn header(mail: &Mail, name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(&mail.bytes).replace("\r\n ", " ");
    let head = text.split("\r\n\r\n").next()?;
    let start = format!("{name}: ");
    let found = head.lines().find_map(|line| line.strip_prefix(&start));
    found.map(str::to_owned)
}

#[tokio::test]
async fn a_click_in_an_announcement_ends_them_and_nothing_else() {
    let mut cast = cast(
        "prove",
        WORKFLOW.to_owned(),
        templates(),
        &[("start", date(2026, 2, 2))],
        1,
    );
    cast.only_said = true;
    let at = |day, hour| {
        cast.workflow
            .calendar
            .instant(date(2026, 1, day).at(hour, 0, 0, 0))
    };
    cast.begins_at = Some(at(19, 10));
    let mut settings = settings();
    settings.base_url = Some("https://tov.example".to_owned());
    let store = Store::open_in_memory().await.expect("a store");
    let runner = Runner::new(store.clone(), Clock::manual(cast.begins()), settings);
    cast.set(&runner).await.expect("a stage");
    let channel = MemoryChannel::new();
    let mailer = Mailer::new(runner.clone(), Channel::Memory(channel.clone()));
    let until = async |day| {
        runner.clock().move_to(at(day, 12));
        runner.work(runner.now()).await.expect("it works");
        while mailer.run_once().await.expect("it mails").looked_at > 0 {}
    };
    until(23).await;
    let sent = channel.sent();
    let news: Vec<&Mail> = sent.iter().filter(|mail| mail.subject == "news").collect();
    assert_eq!(news.len(), 1);
    let post_header = header(news[0], "List-Unsubscribe-Post");
    assert_eq!(post_header.as_deref(), Some("List-Unsubscribe=One-Click"));
    let link = header(news[0], "List-Unsubscribe").expect("a link");
    let link = link.trim_matches(['<', '>']).to_owned();
    let path = link
        .strip_prefix("https://tov.example")
        .expect("ours")
        .to_owned();
    assert!(String::from_utf8_lossy(&news[0].bytes).contains("Nyt."));
    let task = sent
        .iter()
        .find(|mail| mail.subject == "task")
        .expect("sent");
    assert_eq!(
        header(task, "List-Unsubscribe"),
        None,
        "only of announcements"
    );

    let door = web::bind("127.0.0.1:0".parse().expect("an address"))
        .await
        .expect("a door");
    let at = door.local_addr().expect("an address");
    let (stop, stopped) = watch::channel(false);
    let pages = tokio::spawn(web::serve(door, runner.clone(), stopped));
    let address = &news[0].recipients[0];

    // Whoever only opens it changes nothing: scanners do.
    let (head, body) = get(at, &path).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    for said in [
        "content-security-policy: default-src 'none'",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(head.contains(said), "{said}: {head}");
    }
    assert!(
        body.contains("<form method=\"post\">") && body.contains(address),
        "{body}"
    );
    assert!(
        body.contains("Prøve &lt;b&gt;"),
        "what is said is escaped: {body}"
    );
    assert_eq!(store.suppressions().await.expect("them").len(), 0);
    // What is not ours is no secret either.
    let mut wrong = path.clone();
    wrong.pop();
    for path in [wrong.as_str(), "/afmeld/x", "/afmeld/"] {
        let (head, _) = get(at, path).await;
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
    }
    let (head, _) = post(at, &wrong).await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
    // Twice is as once.
    for _ in 0..2 {
        let (head, body) = post(at, &path).await;
        assert!(
            head.starts_with("http/1.1 200") && body.contains("Du er frameldt"),
            "{head}"
        );
    }
    let known = store.suppressions().await.expect("them");
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].address, address.to_lowercase());

    until(30).await;
    let all = OutboxFilter {
        limit: 100,
        ..OutboxFilter::default()
    };
    let mut rows = store.outbox(Sees::All, &all).await.expect("the outbox");
    rows.sort_by_key(|row| (row.occurrence.clone(), row.id));
    let stand: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.occurrence.split('@').next().unwrap_or_default(),
                row.status,
                row.reason.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        stand,
        [
            ("message.news", Status::Sent, None),
            ("message.news", Status::Cancelled, Some("unsubscribed")),
            ("message.task", Status::Sent, None),
            ("message.task", Status::Sent, None),
        ]
    );
    stop.send(true).expect("told");
    pages.await.expect("it ends");
}
