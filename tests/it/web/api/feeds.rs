//! Calendars at secret addresses: read by an independent reader, without names, and gone when they are revoked.

use std::io::Write as _;
use std::process::{Command, Stdio};

use tovholder::access::Role;
use tovholder::store::TokenKind;

use crate::support::browser::Browser;
use crate::support::python::python;
use crate::web::Stage;

/// Prints each event of a calendar on a line.
const READS: &str = "\
import sys, icalendar
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
for event in calendar.walk('VEVENT'):
    print(event['UID'] and event['DTSTAMP'] and event['SUMMARY'], event['DTSTART'].dt, sep=' | ')
";

fn events(calendar: &str) -> Vec<String> {
    let python = python("icalendar-6.3.1", &["icalendar==6.3.1"], "import icalendar");
    let reader = Command::new(python)
        .args(["-c", READS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut reader = reader.expect("it runs");
    let mut asked = reader.stdin.take().expect("it reads");
    asked.write_all(calendar.as_bytes()).expect("given");
    drop(asked);
    let read = reader.wait_with_output().expect("it ends");
    assert!(read.status.success(), "{calendar}");
    let lines = String::from_utf8(read.stdout).expect("text");
    lines.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_calendar_is_read_by_whoever_knows_its_address_until_it_is_revoked() {
    let stage = Stage::new().await;
    let login = stage.account(Role::JobConsultant).await;
    let made = stage
        .desk
        .new_calendar(&login, "Outlook", Some(&stage.hold))
        .await;
    let (line, secret) = made.expect("an address");
    let mut anybody = Browser::at(stage.at);
    let at = format!("/kalender/{}.ics", secret.text());
    let answered = anybody.get(&at).await;
    assert_eq!(answered.status, 200);
    assert_eq!(
        answered.header("content-type"),
        "text/calendar; charset=utf-8"
    );
    assert_eq!(events(&answered.body), ["Hold 1: Start | 2026-02-23"]);
    for name in &stage.names {
        let first = name.split(' ').next().expect("a name");
        assert!(!answered.body.contains(first), "{first}");
    }
    // What is fetched again is the same, so that nothing comes twice.
    assert_eq!(anybody.get(&at).await.body, answered.body);
    // Neither is a token an address, nor an address a token.
    let program = stage.program(Role::Reader, &["read"]).await;
    let nothing = [at.replace(".ics", ""), at.replace(&secret.text()[..9], "x")];
    for path in nothing
        .iter()
        .chain(&[format!("/kalender/{}.ics", program.token)])
    {
        assert_eq!(anybody.get(path).await.status, 404, "{path}");
    }
    let shown = format!("Bearer {}", secret.text());
    let me = super::asked(&stage, "GET", "/me", &[("Authorization", &shown)], "").await;
    assert_eq!(me.status, 401);
    let revoked = stage
        .desk
        .revoke_token(TokenKind::Calendar, &line.id, None)
        .await;
    assert!(revoked.expect("stored").is_some());
    assert_eq!(anybody.get(&at).await.status, 404);
}
