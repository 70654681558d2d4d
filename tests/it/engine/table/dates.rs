//! Rows on windows, and on dates and days that people change.

use crate::engine::check;
use crate::engine::mail::with as mail_with;
use crate::engine::meetings::{TALK, with};

/// Both days; an unknown start; an empty window; a booked meeting is flagged and never cancelled.
#[test]
pub fn between() {
    a_window_is_booked_in_on_both_its_days_and_followed();
    a_window_whose_start_is_unknown_cannot_be_booked_in();
    a_meeting_left_outside_is_flagged_and_stays();
}

/// Unsent mail follows, invitations update, and what was sent is said again when a person asks.
#[test]
pub fn date_moved() {
    check(MOVED, "start 2026-02-02, end 2026-02-27", MOVED_GOES);
    unsent_mail_follows_a_date_that_moves_and_what_was_missed_may_be_in_time_again();
}

/// On a hold and on a case: it lengthens `lasts`, skips slots, and leaves `until` alone.
#[test]
pub fn pause() {
    check(PAUSED, "start 2026-02-02, end 2026-03-20", PAUSED_GOES);
}

fn a_window_is_booked_in_on_both_its_days_and_followed() {
    check(&with(TALK), "start 2026-02-02", "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> early from 2026-01-26
> 2026-01-27 09:00 book talk 2026-02-23T10:00
  2026-01-27 09:00 refused: meeting 'talk' cannot be booked now: it is not declared in state 'early'
  2026-02-02 00:00 -> course from 2026-02-02, left on 2026-01-30
> 2026-02-03 09:00 book talk 2026-02-20T10:00
  2026-02-03 09:00 refused: meeting 'talk' cannot be booked now: 2026-02-20 lies outside its window, 2026-02-23 to 2026-03-13
> 2026-02-03 09:00 book talk 2026-03-14T10:00
  2026-02-03 09:00 refused: meeting 'talk' cannot be booked now: 2026-03-14 lies outside its window, 2026-02-23 to 2026-03-13
> 2026-02-03 09:00 as mentor book talk 2026-02-23T10:00
  2026-02-03 09:00 refused: role 'mentor' may not do this; it is for: consultant
> 2026-02-03 09:00 book talk 2026-02-23T10:00
  2026-02-03 09:00 meeting talk on 2026-02-23 10:00
  2026-02-03 09:00 mail talk invitation to candidate+consultant
> 2026-02-04 09:00 book talk 2026-03-13T15:00
  2026-02-04 09:00 meeting talk on 2026-03-13 15:00 r1
  2026-02-04 09:00 mail talk moved to candidate+consultant
> 2026-02-10 17:00 cancel talk
  2026-02-10 17:00 meeting talk cancelled
  2026-02-11 08:00 mail talk cancelled to candidate+consultant
  2026-02-11 08:00 mail talk booking to consultant
> 2026-02-12 09:00 book talk 2026-02-25T10:00
  2026-02-12 09:00 meeting talk#2 on 2026-02-25 10:00
  2026-02-12 09:00 mail talk invitation to candidate+consultant
  2026-02-23 09:00 mail talk reminder to candidate+consultant
> 2026-02-25 11:00 held talk
  2026-02-25 11:00 meeting talk#2 held
> 2026-02-25 11:00 held talk
  2026-02-25 11:00 refused: meeting 'talk' is not booked
  2026-03-16 00:00 -> over from 2026-03-16, left on 2026-03-13
  2026-03-16 00:00 ended success
> 2026-04-01 00:00 tick
");
}

fn a_window_whose_start_is_unknown_cannot_be_booked_in() {
    let yaml = with(
        "        talk: {T, with: [candidate], lasts: 1 hour, between: [from, 1 week after from], book: {by: consultant, due: 2 workdays before, remind: [1 workday before]}}",
    );
    check(&yaml, "start 2026-02-02", "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> early from 2026-02-02
  2026-02-02 09:00 -> course from 2026-02-02, left on 2026-01-30
> 2026-02-03 09:00 book talk 2026-02-20T10:00
  2026-02-03 09:00 refused: meeting 'talk' cannot be booked now: its window is not known yet: it begins 'from' and ends '1 week after from'
> 2026-02-04 09:00 set from=2026-02-20
  2026-02-04 09:00 set from
> 2026-02-05 09:00 set from=2026-02-24
  2026-02-05 09:00 set from
  2026-02-19 08:00 mail talk booking to consultant
  2026-02-24 08:00 mail talk overdue to coordinator
> 2026-02-26 09:00 book talk 2026-02-27T10:00
  2026-02-26 09:00 meeting talk on 2026-02-27 10:00
  2026-02-26 09:00 mail talk invitation to candidate
> 2026-02-26 10:00 set from=2026-03-10
  2026-02-26 10:00 set from
> 2026-02-28 10:00 held talk
  2026-02-28 10:00 meeting talk held
  2026-03-16 00:00 -> over from 2026-03-16, left on 2026-03-13
  2026-03-16 00:00 ended success
> 2026-03-20 09:00 tick
");
    let empty = with(
        "        talk: {T, with: [candidate], lasts: 1 hour, between: [course.last_day, course.first_day]}",
    );
    check(&empty, "start 2026-02-02", "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> early from 2026-02-02
  2026-02-02 09:00 -> course from 2026-02-02, left on 2026-01-30
> 2026-02-03 09:00 book talk 2026-02-20T10:00
  2026-02-03 09:00 refused: meeting 'talk' cannot be booked now: its window is empty: 2026-03-13 to 2026-02-02
");
}

fn unsent_mail_follows_a_date_that_moves_and_what_was_missed_may_be_in_time_again() {
    let yaml = mail_with(
        "
        before_end: {template: a, to: candidate, when: 1 week before ends at 09:00}
        after_end: {template: a, to: candidate, when: 1 workday after ends at 09:00}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-02 09:00 task profile
> 2026-02-03 09:00 set ends=2026-03-02
  2026-02-03 09:00 set ends
> 2026-02-10 09:00 set ends=2026-03-09
  2026-02-10 09:00 set ends
> 2026-02-20 09:00 set ends=2025-03-09
  2026-02-20 09:00 set ends
  2026-02-20 09:00 mail after_end to candidate
  2026-02-20 09:00 missed message.before_end
> 2026-02-20 09:05 set ends=2026-03-16
  2026-02-20 09:05 set ends
  2026-03-09 09:00 mail before_end to candidate
> 2026-03-12 09:00 set ends=2026-04-15
  2026-03-12 09:00 set ends
> 2026-05-01 00:00 tick
",
    );
}

fn a_meeting_left_outside_is_flagged_and_stays() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  facts: {ends: {T, type: date}}
  states:
    course:
      title: X
      events: {stop: {T, then: over}}
      meetings: {talk: {T, with: [candidate], lasts: 1 hour, between: [1 week before ends, ends], remind: [1 workday before at 09:00]}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open ends=2026-02-27
  2026-02-02 09:00 set ends
  2026-02-02 09:00 -> course from 2026-02-02
> 2026-02-03 09:00 book talk 2026-02-24T10:00
  2026-02-03 09:00 meeting talk on 2026-02-24 10:00
  2026-02-03 09:00 mail talk invitation to candidate
> 2026-02-03 09:00 misplaced
> 2026-02-04 09:00 set ends=2026-03-13
  2026-02-04 09:00 set ends
> 2026-02-04 09:00 misplaced
  2026-02-24 10:00 misplaced talk: outside 2026-03-06 to 2026-03-13
  2026-02-23 09:00 mail talk reminder to candidate
> 2026-02-25 09:00 misplaced
> 2026-02-25 09:01 held talk
  2026-02-25 09:01 meeting talk held
> 2026-02-25 09:02 misplaced
",
    );
}

const MOVED: &str = "
overdue: {to: coordinator, after: 2 workdays}
cohort:
  title: Hold
  dates: {start: {title: X, weekday: monday}, end: {T}}
  tasks: {prepare: {T, by: coordinator, due: 1 week before cohort.start}}
  meetings:
    school_day: {T, with: [candidate], lasts: 6 hours, every: 1 week, until: cohort.end}
    info: {T, with: [candidate], lasts: 1 hour, between: [1 week before cohort.start, cohort.start]}
  messages: {hosts: {template: a, to: coordinator, when: 2 weeks before cohort.start at 10:00}}
candidate:
  states:
    early:
      title: X
      until: cohort.start
      then: course
      messages:
        welcome: {template: a, to: candidate, when: entered}
        practical: {template: a, to: candidate, when: 3 workdays before cohort.start at 09:00}
    course: {T, lasts: 2 weeks, then: over, messages: {begun: {template: a, to: consultant, when: course.first_day}}}
    over: {T, final: success}
";

const MOVED_GOES: &str = "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task prepare
  2026-01-12 09:00 hold meeting school_day on 2026-02-09 08:00
  2026-01-12 09:00 hold mail school_day invitation to candidate
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> early from 2026-01-12
  2026-01-12 09:00 hold mail school_day invitation to candidate
  2026-01-12 09:00 mail welcome to candidate
> 2026-01-15 09:00 book cohort.info 2026-01-30T10:00
  2026-01-15 09:00 hold meeting info on 2026-01-30 10:00
  2026-01-15 09:00 hold mail info invitation to candidate
> 2026-01-15 09:00 misplaced cohort
  2026-01-19 10:00 hold mail hosts to coordinator
  2026-01-27 00:00 hold task prepare overdue
  2026-01-28 08:00 hold mail prepare overdue to coordinator
  2026-01-28 09:00 mail practical to candidate
> 2026-01-28 10:00 move start=2026-02-17
  2026-01-28 10:00 refused: start must be a monday, and 2026-02-17 is none
> 2026-01-28 10:00 move begin=2026-02-16
  2026-01-28 10:00 refused: the hold has no date 'begin'
> 2026-01-28 10:00 move start=2026-02-16
  2026-01-28 10:00 hold dates start=2026-02-16
  2026-01-28 10:00 hold meeting school_day on 2026-02-23 08:00 r1
  2026-01-28 10:00 hold mail school_day moved to candidate
> 2026-01-28 10:00 misplaced cohort
  2026-01-30 10:00 misplaced info: outside 2026-02-09 to 2026-02-16
> 2026-01-28 10:01 again message.practical@early#1.1 1
  2026-01-28 10:01 again message.practical r1
> 2026-01-28 10:02 again message.welcome@early#1.1 1
  2026-01-28 10:02 again message.welcome r1
  2026-01-28 10:02 mail welcome r1 to candidate
> 2026-01-28 10:03 again message.welcome@early#1.1 1
  2026-01-28 10:03 refused: 'message.welcome@early#1.1' cannot be said again: only the latest of it can be, and only once it was decided
> 2026-01-28 10:04 again cohort message.hosts@cohort#1.1 1
  2026-01-28 10:04 hold again message.hosts r1
> 2026-01-28 10:05 move start=2026-02-16
  2026-02-02 10:00 hold mail hosts r1 to coordinator
> 2026-02-03 09:00 move start=2026-02-09 end=2026-02-20
  2026-02-03 09:00 hold dates end=2026-02-20 start=2026-02-09
  2026-02-03 09:00 hold meeting school_day on 2026-02-16 08:00 r2
  2026-02-03 09:00 hold mail school_day moved to candidate
  2026-02-04 09:00 mail practical r1 to candidate
  2026-02-09 00:00 -> course from 2026-02-09, left on 2026-02-06
  2026-02-09 08:00 hold mail school_day invitation to candidate
  2026-02-09 08:00 mail begun to consultant
  2026-02-23 00:00 -> over from 2026-02-23, left on 2026-02-20
  2026-02-23 00:00 ended success
> 2026-04-01 00:00 tick
";

const PAUSED: &str = "
cohort: {title: Hold, dates: {start: {T}, end: {T}}, messages: {digest: {template: a, to: jobcentre, every: friday at 12:00, until: cohort.end}}}
candidate:
  states:
    early: {T, until: cohort.start, then: one}
    one:
      title: X
      lasts: 2 weeks
      then: two
      tasks: {profile: {T, by: consultant, due: one.last_day}}
      meetings:
        school_day: {T, with: [candidate], lasts: 6 hours, every: wednesday at 08:30}
        talk: {T, with: [candidate], lasts: 1 hour}
    two: {T, lasts: 5 workdays, then: three}
    three: {T, until: cohort.end, then: over}
    over: {T, final: success}
";

const PAUSED_GOES: &str = "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 a: open
  2026-01-26 09:00 a -> early from 2026-01-26
> 2026-01-26 09:00 b: open
  2026-01-26 09:00 b -> early from 2026-01-26
  2026-02-02 00:00 a -> one from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 a task profile
  2026-02-02 00:00 a meeting school_day on 2026-02-04 08:30
  2026-02-02 08:00 a mail school_day invitation to candidate
  2026-02-02 00:00 b -> one from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 b task profile
  2026-02-02 00:00 b meeting school_day on 2026-02-04 08:30
  2026-02-02 08:00 b mail school_day invitation to candidate
  2026-02-04 14:30 a meeting school_day#2 on 2026-02-11 08:30
  2026-02-04 14:30 a mail school_day invitation to candidate
  2026-02-04 14:30 b meeting school_day#2 on 2026-02-11 08:30
  2026-02-04 14:30 b mail school_day invitation to candidate
> 2026-02-04 15:00 a: book talk 2026-02-12T10:00
  2026-02-04 15:00 a meeting talk on 2026-02-12 10:00
  2026-02-04 15:00 a mail talk invitation to candidate
> 2026-02-05 09:00 pause cohort 2026-02-09 2026-02-13
  2026-02-05 09:00 hold paused 2026-02-09 to 2026-02-13
  2026-02-05 09:00 a meeting school_day#2 cancelled
  2026-02-05 09:00 a mail school_day cancelled to candidate
  2026-02-05 09:00 b meeting school_day#2 cancelled
  2026-02-05 09:00 b mail school_day cancelled to candidate
> 2026-02-05 09:00 a: misplaced
  2026-02-12 10:00 misplaced talk: in a pause
> 2026-02-05 09:01 pause cohort 2026-02-12 2026-02-16
  2026-02-05 09:01 refused: there is a pause from 2026-02-09 to 2026-02-13 already
> 2026-02-05 09:02 pause cohort 2026-03-20 2026-03-16
  2026-02-05 09:02 refused: a pause cannot end on 2026-03-16, before its first day, 2026-03-20
> 2026-02-05 09:03 b: pause 2026-02-13 2026-02-24
  2026-02-05 09:03 b paused 2026-02-13 to 2026-02-24
  2026-02-06 12:00 hold mail digest to jobcentre
  2026-02-11 14:30 a meeting school_day#3 on 2026-02-18 08:30
  2026-02-11 14:30 a mail school_day invitation to candidate
  2026-02-11 14:30 b meeting school_day#3 on 2026-02-25 08:30
  2026-02-11 14:30 b mail school_day invitation to candidate
> 2026-02-18 09:00 b: unpause 2026-02-13
  2026-02-18 09:00 b paused 2026-02-13 to 2026-02-17
  2026-02-18 09:00 b meeting school_day#3 cancelled
  2026-02-18 09:00 b mail school_day cancelled to candidate
> 2026-02-18 09:01 b: unpause 2026-02-13
> 2026-02-18 09:02 b: unpause 2026-02-14
  2026-02-18 09:02 refused: no pause begins on 2026-02-14
> 2026-02-18 09:03 pause cohort 2026-03-16 2026-03-25
  2026-02-18 09:03 hold paused 2026-03-16 to 2026-03-25
  2026-02-20 12:00 hold mail digest to jobcentre
  2026-02-21 00:00 a task profile overdue
  2026-02-23 00:00 a task profile withdrawn
  2026-02-23 00:00 a meeting school_day lapsed
  2026-02-23 00:00 a meeting school_day#3 lapsed
  2026-02-23 00:00 a meeting talk lapsed
  2026-02-23 00:00 a -> two from 2026-02-23, left on 2026-02-20
  2026-02-25 00:00 b task profile withdrawn
  2026-02-25 00:00 b meeting school_day lapsed
  2026-02-25 00:00 b -> two from 2026-02-25, left on 2026-02-24
  2026-02-27 12:00 hold mail digest to jobcentre
  2026-03-02 00:00 a -> three from 2026-03-02, left on 2026-02-27
  2026-03-04 00:00 b -> three from 2026-03-04, left on 2026-03-03
  2026-03-06 12:00 hold mail digest to jobcentre
  2026-03-13 12:00 hold mail digest to jobcentre
  2026-03-20 00:00 a -> over from 2026-03-20, left on 2026-03-19
  2026-03-20 00:00 a ended success
  2026-03-20 00:00 b -> over from 2026-03-20, left on 2026-03-19
  2026-03-20 00:00 b ended success
> 2026-05-01 00:00 tick
";
