//! Meetings: windows, booking, moving, calling off, recurring, and what nobody records.

use super::check;

pub fn with(meetings: &str) -> String {
    format!(
        "
overdue: {{to: coordinator, after: 2 workdays}}
cohort: {{title: Hold, dates: {{start: {{T}}}}}}
candidate:
  facts: {{from: {{T, type: date}}}}
  states:
    early: {{T, until: cohort.start, then: course}}
    course:
      title: X
      lasts: 6 weeks
      then: over
      events: {{pause: {{T, then: pause}}}}
      meetings:
{meetings}
    pause: {{T, lasts: 1 week, then: course}}
    over: {{T, final: success}}
"
    )
    .replace("pause: {T, then: pause}", "rest: {T, then: pause}")
}

pub const TALK: &str = "        talk:
          title: X
          with: [candidate, consultant]
          lasts: 45 minutes
          between: [3 weeks after course.first_day, course.last_day]
          book: {by: consultant, due: 5 workdays before, remind: [5 workdays before at 09:00]}
          remind: [2 workdays before at 09:00]";

#[test]
fn nobody_books_and_is_reminded_and_when_it_is_called_off_late_there_is_a_new_day() {
    check(
        &with(TALK),
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> early from 2026-01-26
  2026-02-02 00:00 -> course from 2026-02-02, left on 2026-01-30
  2026-02-09 09:00 mail talk booking to consultant
  2026-02-18 08:00 mail talk overdue to coordinator
> 2026-02-19 09:00 book talk 2026-03-02T10:00
  2026-02-19 09:00 meeting talk on 2026-03-02 10:00
  2026-02-19 09:00 mail talk invitation to candidate+consultant
  2026-02-26 09:00 mail talk reminder to candidate+consultant
> 2026-02-27 09:00 cancel talk
  2026-02-27 09:00 meeting talk cancelled
  2026-02-27 09:00 mail talk cancelled to candidate+consultant
  2026-02-27 09:00 mail talk booking to consultant
  2026-03-04 08:00 mail talk overdue to coordinator
  2026-03-16 00:00 -> over from 2026-03-16, left on 2026-03-13
  2026-03-16 00:00 ended success
> 2026-04-01 00:00 tick
",
    );
    // A latecomer's booking is due the next workday, not last month.
    check(
        &with(TALK),
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-02-26 10:00 open course
  2026-02-26 10:00 -> course from 2026-02-26
  2026-03-05 09:00 mail talk booking to consultant
> 2026-03-10 10:00 no_show talk
  2026-03-10 10:00 refused: meeting 'talk' is not booked
  2026-03-16 08:00 mail talk overdue to coordinator
  2026-04-09 00:00 -> over from 2026-04-09, left on 2026-04-08
  2026-04-09 00:00 ended success
> 2026-04-20 00:00 tick
",
    );
    check(
        &with(TALK),
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-02-26 10:00 open early
  2026-02-26 10:00 -> early from 2026-02-26
  2026-02-26 10:00 -> course from 2026-02-02, left on 2026-01-30
  2026-02-26 10:00 mail talk booking to consultant
  2026-03-03 08:00 mail talk overdue to coordinator
  2026-03-16 00:00 -> over from 2026-03-16, left on 2026-03-13
  2026-03-16 00:00 ended success
> 2026-04-20 00:00 tick
",
    );
}

#[test]
fn re_entry_starts_meetings_again_whatever_was_left_unsaid() {
    check(
        &with(TALK),
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-02-02 09:00 open course
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-09 09:00 mail talk booking to consultant
> 2026-02-16 09:00 book talk 2026-02-25T10:00
  2026-02-16 09:00 meeting talk on 2026-02-25 10:00
  2026-02-16 09:00 mail talk invitation to candidate+consultant
  2026-02-23 09:00 mail talk reminder to candidate+consultant
> 2026-03-02 09:00 fire rest
  2026-03-02 09:00 event rest
  2026-03-02 09:00 meeting talk lapsed
  2026-03-02 09:00 -> pause from 2026-03-02, left on 2026-03-02
  2026-03-09 00:00 -> course from 2026-03-09, left on 2026-03-06
  2026-03-16 09:00 mail talk booking to consultant
  2026-03-25 08:00 mail talk overdue to coordinator
> 2026-03-30 09:00 book talk 2026-04-07T10:00
  2026-03-30 09:00 meeting talk#2 on 2026-04-07 10:00
  2026-03-30 09:00 mail talk invitation to candidate+consultant
  2026-03-31 09:00 mail talk reminder to candidate+consultant
> 2026-03-31 09:00 fire rest
  2026-03-31 09:00 event rest
  2026-03-31 09:00 meeting talk#2 cancelled
  2026-03-31 09:00 mail talk cancelled to candidate+consultant
  2026-03-31 09:00 -> pause from 2026-03-31, left on 2026-03-31
  2026-04-07 00:00 -> course from 2026-04-07, left on 2026-04-01
  2026-04-14 09:00 mail talk booking to consultant
  2026-04-23 08:00 mail talk overdue to coordinator
  2026-05-19 00:00 -> over from 2026-05-19, left on 2026-05-18
  2026-05-19 00:00 ended success
> 2026-06-01 00:00 tick
",
    );
}

#[test]
fn a_recurring_meeting_books_itself_one_at_a_time_and_lets_go_of_what_nobody_recorded() {
    let yaml = with(
        "        school_day: {T, with: [candidate], lasts: 6 hours, every: wednesday at 08:30, remind: [1 workday before at 12:00]}",
    );
    check(
        &yaml,
        "start 2026-03-02",
        "
> 2026-02-26 09:00 hold
> 2026-02-26 09:00 open
  2026-02-26 09:00 -> early from 2026-02-26
  2026-03-02 00:00 -> course from 2026-03-02, left on 2026-02-27
  2026-03-02 00:00 meeting school_day on 2026-03-04 08:30
  2026-03-02 08:00 mail school_day invitation to candidate
  2026-03-03 12:00 mail school_day reminder to candidate
  2026-03-04 14:30 meeting school_day#2 on 2026-03-11 08:30
  2026-03-04 14:30 mail school_day invitation to candidate
> 2026-03-05 09:00 held school_day
  2026-03-05 09:00 meeting school_day held
  2026-03-10 12:00 mail school_day reminder to candidate
  2026-03-11 14:30 meeting school_day#3 on 2026-03-18 08:30
  2026-03-11 14:30 mail school_day invitation to candidate
  2026-03-17 12:00 mail school_day reminder to candidate
  2026-03-18 14:30 meeting school_day#2 lapsed
  2026-03-18 14:30 meeting school_day#4 on 2026-03-25 08:30
  2026-03-18 14:30 mail school_day invitation to candidate
  2026-03-24 12:00 mail school_day reminder to candidate
> 2026-03-25 09:00 held school_day
  2026-03-25 09:00 meeting school_day#4 held
> 2026-03-25 09:05 cancel school_day
  2026-03-25 09:05 meeting school_day#3 cancelled
  2026-03-25 09:05 mail school_day cancelled to candidate
  2026-03-25 14:30 meeting school_day#5 on 2026-04-01 08:30
  2026-03-25 14:30 mail school_day invitation to candidate
  2026-03-31 12:00 mail school_day reminder to candidate
  2026-04-01 14:30 meeting school_day#6 on 2026-04-08 08:30
  2026-04-01 14:30 mail school_day invitation to candidate
  2026-04-07 12:00 mail school_day reminder to candidate
  2026-04-13 00:00 meeting school_day#5 lapsed
  2026-04-13 00:00 meeting school_day#6 lapsed
  2026-04-13 00:00 -> over from 2026-04-13, left on 2026-04-10
  2026-04-13 00:00 ended success
> 2026-05-01 00:00 tick
",
    );
    // After an outage the days that have passed are not arranged any more.
    check(
        &yaml,
        "start 2026-03-02",
        "
> 2026-02-26 09:00 hold
> 2026-02-26 09:00 open
  2026-02-26 09:00 -> early from 2026-02-26
  2026-03-02 00:00 -> course from 2026-03-02, left on 2026-02-27
  2026-03-02 00:00 meeting school_day on 2026-03-04 08:30
  2026-03-02 08:00 mail school_day invitation to candidate
  2026-03-03 12:00 mail school_day reminder to candidate
  2026-03-04 14:30 meeting school_day#2 on 2026-03-11 08:30
  2026-03-04 14:30 mail school_day invitation to candidate
> 2026-03-05 09:00 sleep
> 2026-03-19 09:00 wake
  2026-03-10 12:00 missed meeting.school_day#2.remind[1 workday before at 12:00]
  2026-03-11 14:30 missed meeting.school_day
  2026-03-18 14:30 meeting school_day lapsed
  2026-03-18 14:30 meeting school_day#3 on 2026-03-25 08:30
  2026-03-18 14:30 mail school_day invitation to candidate
  2026-03-24 12:00 mail school_day reminder to candidate
  2026-03-25 14:30 meeting school_day#2 lapsed
  2026-03-25 14:30 meeting school_day#4 on 2026-04-01 08:30
  2026-03-25 14:30 mail school_day invitation to candidate
> 2026-03-26 09:00 tick
",
    );
}

#[test]
fn a_recurring_meeting_that_somebody_books_is_asked_for_slot_by_slot() {
    let yaml = with(
        "        talk: {T, with: [candidate], lasts: 20 minutes, every: 2 weeks, book: {by: consultant, due: 3 workdays before, remind: [2 workdays before at 09:00]}, remind: [1 workday before at 09:00]}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> early from 2026-01-26
  2026-02-02 00:00 -> course from 2026-02-02, left on 2026-01-30
  2026-02-09 09:00 mail talk booking to consultant
> 2026-02-09 10:00 book talk 2026-02-17T13:00
  2026-02-09 10:00 meeting talk on 2026-02-17 13:00
  2026-02-09 10:00 mail talk invitation to candidate
> 2026-02-10 10:00 book talk 2026-02-18T13:00
  2026-02-10 10:00 meeting talk on 2026-02-18 13:00 r1
  2026-02-10 10:00 mail talk moved to candidate
  2026-02-17 09:00 mail talk reminder to candidate
> 2026-02-18 14:00 held talk
  2026-02-18 14:00 meeting talk held
  2026-02-23 09:00 mail talk booking to consultant
> 2026-02-23 10:00 book talk 2026-03-02T13:00
  2026-02-23 10:00 meeting talk#2 on 2026-03-02 13:00
  2026-02-23 10:00 mail talk invitation to candidate
> 2026-02-24 10:00 cancel talk
  2026-02-24 10:00 meeting talk#2 cancelled
  2026-02-24 10:00 mail talk cancelled to candidate
  2026-02-27 08:00 mail talk overdue to coordinator
  2026-03-16 00:00 -> over from 2026-03-16, left on 2026-03-13
  2026-03-16 00:00 ended success
> 2026-04-01 00:00 tick
",
    );
}

#[test]
fn meetings_at_any_time_are_as_many_as_people_book() {
    let yaml = with("        talk: {T, with: [candidate], lasts: 1 hour}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> early from 2026-02-02
  2026-02-02 09:00 -> course from 2026-02-02, left on 2026-01-30
> 2026-02-03 09:00 book talk 2026-02-10T10:00
  2026-02-03 09:00 meeting talk on 2026-02-10 10:00
  2026-02-03 09:00 mail talk invitation to candidate
> 2026-02-03 09:00 book talk 2026-02-12T10:00
  2026-02-03 09:00 meeting talk#2 on 2026-02-12 10:00
  2026-02-03 09:00 mail talk invitation to candidate
> 2026-02-03 09:00 book talk 2026-02-01T10:00
  2026-02-03 09:00 refused: meeting 'talk' cannot be booked now: 2026-02-01T10:00:00 has passed
> 2026-02-11 09:00 cancel talk
  2026-02-11 09:00 meeting talk#2 cancelled
  2026-02-11 09:00 mail talk cancelled to candidate
> 2026-02-11 09:00 held talk
  2026-02-11 09:00 meeting talk held
> 2026-02-11 09:00 no_show talk
  2026-02-11 09:00 refused: meeting 'talk' is not booked
",
    );
}
