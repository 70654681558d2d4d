//! Rows on the moment a point falls on.

use crate::engine::mail::with;
use crate::engine::{HEAD, check, tasks};

/// The opening of the hours; an event at once inside them; of a meeting, its start or its end.
#[test]
pub fn no_at() {
    no_at_means_the_opening_and_an_event_mails_at_once_inside_hours();
    at_after_minutes_or_hours_is_refused();
}

/// Back when it is before something, else forward; the reason is shown.
#[test]
pub fn closed() {
    a_point_on_a_closed_day_moves_back_before_something_and_forward_otherwise();
    the_reason_is_shown();
}

/// The anchor's day never counts; months clamp and count from the origin; weekdays.
#[test]
pub fn counting() {
    counting_leaves_the_anchors_day_out_and_clamps_months();
}

/// Once per recording; the same day is asked about; elsewhere the latest.
#[test]
pub fn many_events() {
    many_events_are_said_once_per_recording_and_elsewhere_the_latest_counts();
}

/// A task is due the next workday; of mail only the newest goes; a passed "before" is missed.
#[test]
pub fn point_already_past() {
    a_point_already_past_at_entry_goes_at_once_unless_it_is_before_what_has_passed();
    after_an_outage_the_newest_goes_and_one_word_records_the_rest();
    a_due_day_already_past_is_the_next_workday();
}

/// A time that does not exist moves forward; one that occurs twice is its first.
#[test]
pub fn dst() {
    the_two_nights_on_which_the_clocks_change();
}

fn no_at_means_the_opening_and_an_event_mails_at_once_inside_hours() {
    let yaml = with(
        "
        planned: {template: a, to: candidate, when: 2 workdays after entered}
        at_noon: {template: a, to: candidate, when: 2 workdays after entered at 12:00}
        elapsed: {template: a, to: candidate, when: 2 hours after absence}
        absent: {template: a, to: consultant, when: absence}
        gathered: {template: a, to: consultant, when: absence, gather: 1 hour}
        of_meeting: {template: a, to: candidate, when: 1 workday before talk}
        after_meeting: {template: a, to: candidate, when: 30 minutes after talk}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:30 open
  2026-02-02 09:30 -> course from 2026-02-02
  2026-02-02 09:30 task profile
> 2026-02-03 10:15 fire absence
  2026-02-03 10:15 event absence
  2026-02-03 10:15 mail absent to consultant
  2026-02-03 10:15 mail gathered to consultant, gathered until 2026-02-03 11:15
  2026-02-03 12:15 mail elapsed to candidate
  2026-02-04 08:00 mail planned to candidate
  2026-02-04 12:00 mail at_noon to candidate
> 2026-02-06 15:30 fire absence
  2026-02-06 15:30 event absence
  2026-02-06 15:30 mail absent to consultant
  2026-02-06 15:30 mail gathered to consultant, gathered until 2026-02-09 08:00
> 2026-02-07 11:00 fire absence
  2026-02-07 11:00 event absence
  2026-02-09 08:00 mail absent to consultant
  2026-02-09 08:00 mail gathered to consultant
> 2026-02-09 07:00 fire absence
  2026-02-09 07:00 event absence
  2026-02-09 08:00 mail absent to consultant
  2026-02-09 08:00 mail gathered to consultant
  2026-02-09 09:00 mail elapsed to candidate
> 2026-02-09 09:00 book talk 2026-02-12T14:00
  2026-02-09 09:00 meeting talk on 2026-02-12 14:00
  2026-02-09 09:00 mail talk invitation to candidate
  2026-02-11 08:00 mail of_meeting to candidate
  2026-02-12 15:30 mail after_meeting to candidate
> 2026-03-01 00:00 tick
",
    );
}

fn a_point_on_a_closed_day_moves_back_before_something_and_forward_otherwise() {
    let yaml = with(
        "
        eve: {template: a, to: candidate, when: 1 calendar day before cohort.start at 12:00}
        on_the_day: {template: a, to: candidate, when: cohort.start at 12:00}
        later_on: {template: a, to: candidate, when: 1 week after cohort.start at 12:00}
        early: {template: a, to: candidate, when: cohort.start at 06:00}
        before_hours: {template: a, to: candidate, when: 1 workday before cohort.start at 06:00}",
    );
    // Whit Monday 25 May; 5 June is the organisation's closing day.
    for start in ["2026-05-26", "2026-05-25", "2026-05-29"] {
        check(
            &yaml,
            &format!("start {start}"),
            match start {
                "2026-05-26" => {
                    "
> 2026-05-18 09:00 hold
> 2026-05-18 09:00 open
  2026-05-18 09:00 -> course from 2026-05-18
  2026-05-18 09:00 task profile
  2026-05-21 08:00 mail before_hours to candidate
  2026-05-22 12:00 mail eve to candidate
  2026-05-26 08:00 mail early to candidate
  2026-05-26 12:00 mail on_the_day to candidate
  2026-06-02 12:00 mail later_on to candidate
> 2026-07-01 00:00 tick
"
                }
                "2026-05-25" => {
                    "
> 2026-05-18 09:01 hold
> 2026-05-18 09:01 open
  2026-05-18 09:01 -> course from 2026-05-18
  2026-05-18 09:01 task profile
  2026-05-21 08:00 mail before_hours to candidate
  2026-05-22 12:00 mail eve to candidate
  2026-05-26 08:00 mail early to candidate
  2026-05-26 12:00 mail on_the_day to candidate
  2026-06-01 12:00 mail later_on to candidate
> 2026-07-01 00:00 tick
"
                }
                _ => {
                    "
> 2026-05-18 09:02 hold
> 2026-05-18 09:02 open
  2026-05-18 09:02 -> course from 2026-05-18
  2026-05-18 09:02 task profile
  2026-05-27 08:00 mail before_hours to candidate
  2026-05-28 12:00 mail eve to candidate
  2026-05-29 08:00 mail early to candidate
  2026-05-29 12:00 mail on_the_day to candidate
  2026-06-08 12:00 mail later_on to candidate
> 2026-07-01 00:00 tick
"
                }
            },
        );
    }
}

fn counting_leaves_the_anchors_day_out_and_clamps_months() {
    let yaml = with(
        "
        two_days: {template: a, to: candidate, when: 2 workdays after cohort.start}
        two_calendar: {template: a, to: candidate, when: 2 calendar days after cohort.start}
        by_month: {template: a, to: candidate, when: 1 month after cohort.start}
        next_monday: {template: a, to: candidate, when: monday after cohort.start}",
    );
    check(
        &yaml,
        "start 2027-03-24",
        "
> 2027-03-22 09:00 hold
> 2027-03-22 09:00 open
  2027-03-22 09:00 -> course from 2027-03-22
  2027-03-22 09:00 task profile
  2027-03-30 08:00 mail next_monday to candidate
  2027-03-30 08:00 mail two_calendar to candidate
  2027-03-31 08:00 mail two_days to candidate
  2027-04-26 08:00 mail by_month to candidate
> 2027-07-01 00:00 tick
",
    );
    check(
        &yaml,
        "start 2027-01-31",
        "
> 2027-01-04 09:00 hold
> 2027-01-04 09:00 open
  2027-01-04 09:00 -> course from 2027-01-04
  2027-01-04 09:00 task profile
  2027-02-01 08:00 mail next_monday to candidate
  2027-02-02 08:00 mail two_calendar to candidate
  2027-02-02 08:00 mail two_days to candidate
  2027-03-01 08:00 mail by_month to candidate
> 2027-07-01 00:00 tick
",
    );
    let before =
        with("        next_monday: {template: a, to: candidate, when: monday before cohort.start}");
    check(
        &before,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> course from 2026-01-12
  2026-01-12 09:00 task profile
  2026-01-26 08:00 mail next_monday to candidate
> 2026-07-01 00:00 tick
",
    );
}

fn many_events_are_said_once_per_recording_and_elsewhere_the_latest_counts() {
    let yaml = with(
        "
        absent: {template: a, to: consultant, when: absence}
        follow_up: {template: a, to: consultant, when: 1 week after absence}
        profiled: {template: a, to: consultant, when: profile.done}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-02 09:00 task profile
> 2026-02-03 09:00 fire absence
  2026-02-03 09:00 event absence
  2026-02-03 09:00 mail absent to consultant
> 2026-02-03 09:00 fire absence
  2026-02-03 09:00 refused: 'absence' is recorded already for that day, at 2026-02-03T09:00:00; is this the same, or another one?
> 2026-02-03 09:00 fire absence +
  2026-02-03 09:00 event absence
  2026-02-03 09:00 mail absent to consultant
> 2026-02-05 09:00 fire absence
  2026-02-05 09:00 event absence
  2026-02-05 09:00 mail absent to consultant
> 2026-02-05 10:00 done profile
  2026-02-05 10:00 task profile done
  2026-02-05 10:00 mail profiled to consultant
> 2026-02-06 10:00 reopen profile
  2026-02-06 10:00 task profile#2
> 2026-02-06 11:00 done profile
  2026-02-06 11:00 task profile#2 done
  2026-02-06 11:00 mail profiled to consultant
  2026-02-12 08:00 mail follow_up to consultant
> 2026-03-01 00:00 tick
",
    );
}

fn a_point_already_past_at_entry_goes_at_once_unless_it_is_before_what_has_passed() {
    let yaml = with(
        "
        three_before: {template: a, to: candidate, when: 3 workdays before cohort.start at 09:00}
        week_before: {template: a, to: candidate, when: 1 week before cohort.start at 09:00}
        on_start: {template: a, to: candidate, when: cohort.start at 09:00}
        later_on: {template: a, to: candidate, when: 1 workday after cohort.start at 09:00}
        weekly: {template: a, to: consultant, every: friday at 12:00}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-05 09:00 hold
> 2026-01-29 20:00 open
  2026-01-29 20:00 -> course from 2026-01-29
  2026-01-29 20:00 task profile
  2026-01-30 08:00 mail three_before to candidate
  2026-01-30 08:00 mail week_before to candidate
  2026-01-30 12:00 mail weekly to consultant
  2026-02-02 09:00 mail on_start to candidate
  2026-02-03 09:00 mail later_on to candidate
  2026-02-06 12:00 mail weekly to consultant
> 2026-02-12 00:00 tick
",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-05 09:00 hold
> 2026-02-04 10:00 open
  2026-02-04 10:00 -> course from 2026-02-04
  2026-02-04 10:00 task profile
  2026-02-04 10:00 mail later_on to candidate
  2026-02-04 10:00 mail on_start to candidate
  2026-02-04 10:00 missed message.three_before
  2026-02-04 10:00 missed message.week_before
  2026-02-06 12:00 mail weekly to consultant
> 2026-02-12 00:00 tick
",
    );
}

fn after_an_outage_the_newest_goes_and_one_word_records_the_rest() {
    let yaml = with(
        "
        in_time: {template: a, to: candidate, when: 3 workdays before cohort.start at 09:00}
        later_on: {template: a, to: candidate, when: 1 workday after cohort.start at 09:00}
        weekly: {template: a, to: consultant, every: friday at 12:00, if: {ready: yes}}
        every_day: {template: a, to: consultant, every: workday at 09:00}
        later: {template: a, to: consultant, every: 2 weeks, needs: [own_place]}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:30 hold
> 2026-01-12 09:30 open
  2026-01-12 09:30 -> course from 2026-01-12
  2026-01-12 09:30 task profile
> 2026-01-12 10:00 set ready=yes
  2026-01-12 10:00 set ready
  2026-01-13 09:00 mail every_day to consultant
  2026-01-14 09:00 mail every_day to consultant
  2026-01-15 09:00 mail every_day to consultant
  2026-01-16 09:00 mail every_day to consultant
  2026-01-16 12:00 mail weekly to consultant
> 2026-01-16 13:00 sleep
> 2026-02-05 10:00 wake
  2026-01-19 09:00 coalesced 13 message.every_day
  2026-02-05 09:00 mail every_day to consultant
  2026-01-23 12:00 coalesced 1 message.weekly
  2026-01-30 12:00 mail weekly to consultant
  2026-01-26 08:00 skip message.later
  2026-01-28 09:00 missed message.in_time
  2026-02-03 09:00 mail later_on to candidate
  2026-02-06 09:00 mail every_day to consultant
  2026-02-06 12:00 mail weekly to consultant
> 2026-02-06 13:00 tick
",
    );
}

fn a_due_day_already_past_is_the_next_workday() {
    let yaml = tasks::with("        judge: {T, by: consultant, due: 1 week before cohort.start, remind: [2 workdays before]}
        later: {T, by: consultant, when: cohort.start, due: 3 workdays before cohort.start}", "absence: {T, then: second}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-30 10:00 open
  2026-01-30 10:00 -> course from 2026-01-30
  2026-01-30 10:00 task judge late
  2026-01-30 10:00 mail judge reminder to consultant
  2026-02-02 08:00 task later late
  2026-02-03 00:00 task judge overdue
  2026-02-04 00:00 task later overdue
  2026-02-04 08:00 mail judge overdue to coordinator
  2026-02-05 08:00 mail later overdue to coordinator
> 2026-02-20 00:00 tick
",
    );
}

fn the_two_nights_on_which_the_clocks_change() {
    let yaml = "workflow: w
title: W
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 00:00-24:00
roles: {consultant: {title: K, per: candidate}}
cohort: {title: Hold, dates: {start: {title: X}}}
candidate:
  states:
    early: {title: X, until: cohort.start, then: a}
    nights:
      title: X
      events: {absence: {title: X}}
      tasks: {judge: {title: X, by: consultant, due: cohort.start at 02:30}}
      meetings: {talk: {title: X, with: [candidate], lasts: 1 hour, remind: [2 hours before]}}
      messages:
        nightly: {template: a, to: consultant, every: workday at 02:30}
        two_hours_later: {template: a, to: consultant, when: 2 hours after absence}
        absent: {template: a, to: consultant, when: absence}
        after_talk: {template: a, to: consultant, when: 30 minutes after talk}
      states:
        a: {title: X, lasts: 1 calendar day, then: b}
        b: {title: X, lasts: 1 calendar day, then: c}
        c: {title: X, lasts: 1 calendar day, then: over}
    over: {title: X, final: success}
";
    // Sunday 29 March 2026 has no 02:30, Sunday 25 October has two.
    check(
        yaml,
        "start 2026-03-27",
        "
> 2026-03-20 09:00 hold
> 2026-03-20 09:00 open
  2026-03-20 09:00 -> early from 2026-03-20
  2026-03-27 00:00 -> a from 2026-03-27, left on 2026-03-26
  2026-03-27 00:00 task judge
  2026-03-27 02:30 task judge overdue
  2026-03-27 02:30 mail nightly to consultant
> 2026-03-27 09:00 book talk 2026-03-29T02:30
  2026-03-27 09:00 meeting talk on 2026-03-29 03:30
  2026-03-27 09:00 mail talk invitation to candidate
  2026-03-27 09:00 missed meeting.talk#1.remind[2 hours before]
  2026-03-28 00:00 -> b from 2026-03-28, left on 2026-03-27
  2026-03-29 00:00 -> c from 2026-03-29, left on 2026-03-27
> 2026-03-29 01:30 fire absence
  2026-03-29 01:30 event absence
  2026-03-30 00:00 mail absent to consultant
  2026-03-30 00:00 task judge withdrawn
  2026-03-30 00:00 meeting talk lapsed
  2026-03-30 00:00 -> over from 2026-03-30, left on 2026-03-27
  2026-03-30 00:00 ended success
> 2026-03-31 00:00 tick
",
    );
    check(
        yaml,
        "start 2026-10-23",
        "
> 2026-10-20 09:00 hold
> 2026-10-20 09:00 open
  2026-10-20 09:00 -> early from 2026-10-20
  2026-10-23 00:00 -> a from 2026-10-23, left on 2026-10-22
  2026-10-23 00:00 task judge
  2026-10-23 02:30 task judge overdue
  2026-10-23 02:30 mail nightly to consultant
> 2026-10-23 09:00 book talk 2026-10-25T02:30
  2026-10-23 09:00 meeting talk on 2026-10-25 02:30
  2026-10-23 09:00 mail talk invitation to candidate
  2026-10-23 09:00 missed meeting.talk#1.remind[2 hours before]
  2026-10-24 00:00 -> b from 2026-10-24, left on 2026-10-23
  2026-10-25 00:00 -> c from 2026-10-25, left on 2026-10-23
> 2026-10-25 01:30 fire absence
  2026-10-25 01:30 event absence
  2026-10-26 00:00 mail absent to consultant
  2026-10-26 00:00 task judge withdrawn
  2026-10-26 00:00 meeting talk lapsed
  2026-10-26 00:00 -> over from 2026-10-26, left on 2026-10-23
  2026-10-26 00:00 ended success
> 2026-10-31 00:00 tick
",
    );
    check(
        yaml,
        "start 2026-03-28",
        "
> 2026-03-20 09:00 hold
> 2026-03-20 09:00 open
  2026-03-20 09:00 -> early from 2026-03-20
> 2026-03-27 09:00 sleep
> 2026-03-31 00:00 wake
  2026-03-28 00:00 -> a from 2026-03-28, left on 2026-03-27
  2026-03-28 00:00 task judge
  2026-03-29 00:00 -> b from 2026-03-29, left on 2026-03-27
  2026-03-30 00:00 -> c from 2026-03-30, left on 2026-03-27
  2026-03-30 02:30 task judge overdue
  2026-03-30 02:30 mail nightly to consultant
  2026-03-31 00:00 task judge withdrawn
  2026-03-31 00:00 -> over from 2026-03-31, left on 2026-03-30
  2026-03-31 00:00 ended success
",
    );
    check(
        yaml,
        "start 2026-10-24",
        "
> 2026-10-20 09:00 hold
> 2026-10-20 09:00 open
  2026-10-20 09:00 -> early from 2026-10-20
> 2026-10-23 09:00 sleep
> 2026-10-28 00:00 wake
  2026-10-24 00:00 -> a from 2026-10-24, left on 2026-10-23
  2026-10-24 00:00 task judge
  2026-10-25 00:00 -> b from 2026-10-25, left on 2026-10-23
  2026-10-26 00:00 -> c from 2026-10-26, left on 2026-10-23
  2026-10-26 02:30 task judge overdue
  2026-10-26 02:30 mail nightly to consultant
  2026-10-27 00:00 task judge withdrawn
  2026-10-27 00:00 -> over from 2026-10-27, left on 2026-10-26
  2026-10-27 00:00 ended success
",
    );
}

fn the_reason_is_shown() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    course:
      title: X
      events: {stop: {T, then: over}}
      messages:
        eve: {template: a, to: candidate, when: 1 calendar day before cohort.start at 12:00}
        later_on: {template: a, to: candidate, when: 1 week after cohort.start at 12:00}
        early: {template: a, to: candidate, when: cohort.start at 06:00}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-05-29",
        "
> 2026-05-18 09:00 hold
> 2026-05-18 09:00 open
  2026-05-18 09:00 -> course from 2026-05-18
> 2026-05-18 09:00 plan 2026-07-01
  2026-05-28 12:00 Mail: eve: »1 calendar day before cohort.start at 12:00«
  2026-05-29 08:00 Mail: early: »cohort.start at 06:00«, flyttet fra fredag den 29. maj 2026 kl. 6.00, uden for tiden 8.00–16.00
  2026-06-08 12:00 Mail: later_on: »1 week after cohort.start at 12:00«, flyttet fra fredag den 5. juni 2026, som er lukkedag (5. juni)
",
    );
}

fn at_after_minutes_or_hours_is_refused() {
    for phrase in [
        "2 hours after absence at 12:00",
        "30 minutes after absence at 12:00",
    ] {
        let message = "        x: {template: a, to: candidate, when: PHRASE}";
        let yaml = with(&message.replace("PHRASE", phrase));
        let text = format!("{HEAD}{}", yaml.replace("{T", "{title: X"));
        let read = tovholder::definition::read("w.yaml", &text);
        assert!(read.workflow.is_none(), "{phrase} is taken");
        let said: Vec<&str> = read
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(said, ["minutes and hours already give the clock time"]);
    }
}
