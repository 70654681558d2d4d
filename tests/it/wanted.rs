//! Mail whose time has come: what is still wanted leaves, what is not does not, and what cannot is held.

use std::fs;
use std::process::Command;

/// A hold whose people meet each Monday, and whenever they like.
const WEEKLY: &str = "workflow: weekly
title: Hver mandag
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
overdue: {to: coordinator, after: 2 workdays}
roles:
  coordinator: {title: Tovholder, per: cohort}
  leaders: {title: Leder, per: cohort}
cohort:
  dates: {start: {title: Start}, end: {title: Slut}}
  tasks:
    theme: {title: Tema, by: coordinator, when: 1 week before cohort.talk, due: 2 workdays before cohort.talk, optional: true}
  meetings:
    talk: {title: Møde, with: [leaders], lasts: 1 hour, every: monday at 09:00, until: cohort.end, book: {by: coordinator, due: 2 weeks before, remind: [1 workday before at 09:00]}}
    free: {title: Frit, with: [leaders], lasts: 1 hour}
scenarios:
  it:
    title: Det
    cohort: {start: 2027-02-01, end: 2027-02-15";

/// Plays a scenario and says what came of it.
fn play(workflow: &str, steps: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("w.yaml");
    fs::write(&path, format!("{workflow}{steps}")).expect("written");
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/email-templates");
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(["test", &path.to_string_lossy(), "--templates", templates])
        .env_clear()
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_booking_is_missed_on_its_own_slot_whatever_else_is_booked() {
    // Monday the 8th and the 15th are reminded of and overdue, although the 1st is booked.
    let steps = "}
    steps:
      - {at: 2027-01-11 10:00, book: cohort.talk, on: 2027-02-01 09:00}
      - {at: 2027-01-29 12:00, expect: {mails: {booking-reminder: 2, task-overdue: 1}}}
      - {at: 2027-01-29 13:00, book: cohort.talk, on: 2027-02-15 09:00}
      - {at: 2027-02-05 12:00, expect: {mails: {booking-reminder: 2, task-overdue: 1}}}
";
    play(WEEKLY, steps);
}

#[test]
fn mail_to_a_role_of_the_hold_that_nobody_has_is_held() {
    let steps = ", leaders: nobody}
    steps:
      - {at: 2027-01-11 10:00, book: cohort.free, on: 2027-02-03 09:00}
      - {at: 2027-01-12 12:00, expect: {mails: {meeting-invitation: 0}, held: 1}}
";
    play(WEEKLY, steps);
}

#[test]
fn what_was_never_said_is_not_withdrawn() {
    // A Saturday: both are over before the first mail may leave.
    let steps = "}
    steps:
      - {at: 2027-01-09 10:00, book: cohort.free, on: 2027-02-03 09:00}
      - {at: 2027-01-09 11:00, cancelled: cohort.free}
      - {at: 2027-01-12 12:00, expect: {mails: {meeting-invitation: 0, meeting-cancelled: 0}}}
      - {at: 2027-01-12 13:00, book: cohort.free, on: 2027-02-03 09:00}
      - {at: 2027-01-12 14:00, cancelled: cohort.free}
      - {at: 2027-01-12 15:00, expect: {mails: {meeting-invitation: 1, meeting-cancelled: 1}}}
";
    play(WEEKLY, steps);
}

#[test]
fn a_recommendation_that_nobody_followed_ends_when_the_next_one_comes() {
    let steps = "}
    steps:
      - {at: 2027-01-11 10:00, book: cohort.talk, on: 2027-02-01 09:00}
      - {at: 2027-02-01 10:30, held: cohort.talk}
      - {at: 2027-02-01 11:00, book: cohort.talk, on: 2027-02-08 09:00}
      - {at: 2027-02-08 10:30, held: cohort.talk}
      - {at: 2027-02-08 11:00, done: cohort.theme}
      - {at: 2027-02-08 12:00, expect: {not_open: cohort.theme}}
";
    play(WEEKLY, steps);
}

const STATUS: &str = "workflow: status
title: Status
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {coordinator: {title: Tovholder, per: cohort}}
cohort: {dates: {start: {title: Start}}}
candidate:
  states:
    a: {title: A, until: cohort.start, then: b, events: {stop: {title: Stopper, by: coordinator, then: c}}}
    b: {title: B, final: success}
    c: {title: C, final: dropout}
messages:
  status: {template: jobcentre-status, to: jobcentre, every: first workday of the month at 09:00, about: [a, b, c]}
retention: {anonymise: 1 week after ended}
scenarios:
  it:
    title: Det
    cohort: {start: 2027-03-08}
    candidates: {ida: {}, bo: {}}
    steps:
";

#[test]
fn a_digest_goes_on_as_long_as_there_is_somebody_to_tell_of() {
    let steps = "      - {at: 2027-01-18 10:00, who: ida, event: stop}
      - {at: 2027-02-01 12:00, expect: {mails: {jobcentre-status: 1}}}
      - {at: 2027-04-01 12:00, expect: {mails: {jobcentre-status: 2}}}
";
    play(STATUS, steps);
}
