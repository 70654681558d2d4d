//! Rows on coming into a state, and out of it.

use crate::engine::check;
use crate::engine::states::PROGRAMME;

/// By time, by a person, and when the day is past already.
#[test]
pub fn entering() {
    entering_by_time_counts_from_the_planned_day_however_late_it_is_noticed();
    by_a_person_it_counts_from_that_day();
    a_latecomer_moves_on_at_once_and_ends_with_the_hold();
}

/// The actual moment; of a compound, from outside only.
#[test]
pub fn entered() {
    the_actual_moment_of_coming_from_outside();
    entered_of_a_compound_means_from_outside();
}

/// A new visit: tasks, meetings, mail start again.
#[test]
pub fn re_entry() {
    check(RE_ENTRY, "start 2026-02-02", RE_ENTRY_GOES);
}

/// Tasks withdrawn, meetings cancelled, future points dropped; what has happened is still said.
#[test]
pub fn leaving() {
    leaving_withdraws_tasks_calls_meetings_off_and_keeps_mail_of_what_happened();
}

fn entering_by_time_counts_from_the_planned_day_however_late_it_is_noticed() {
    check(
        PROGRAMME,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> nominated from 2026-01-12
> 2026-01-12 10:00 fire accept
  2026-01-12 10:00 event accept
  2026-01-12 10:00 -> admitted from 2026-01-12, left on 2026-01-12
  2026-01-12 10:00 mail hello to candidate
> 2026-01-20 10:00 sleep
> 2026-03-02 04:00 wake
  2026-02-02 00:00 -> internship from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 task visit
  2026-02-02 08:00 mail in_praktik to candidate
  2026-02-14 00:00 task visit overdue
  2026-02-16 00:00 task visit withdrawn
  2026-02-16 00:00 -> school from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 task talk
  2026-02-16 08:00 mail school_begun to consultant
  2026-02-16 08:00 mail begins to candidate
  2026-02-27 08:00 mail half_way to consultant
  2026-03-06 12:00 mail ends to candidate
  2026-03-07 00:00 task talk overdue
  2026-03-09 00:00 task talk withdrawn
  2026-03-09 00:00 -> completed from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 ended success
  2026-03-09 00:00 hold place free
> 2026-06-01 00:00 tick
",
    );
}

fn a_latecomer_moves_on_at_once_and_ends_with_the_hold() {
    check(
        PROGRAMME,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-02-01 10:00 open admitted
  2026-02-01 10:00 -> admitted from 2026-02-01
  2026-02-02 08:00 mail hello to candidate
  2026-02-02 00:00 -> internship from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 task visit
  2026-02-02 08:00 mail in_praktik to candidate
  2026-02-14 00:00 task visit overdue
  2026-02-16 00:00 task visit withdrawn
  2026-02-16 00:00 -> school from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 task talk
  2026-02-16 08:00 mail school_begun to consultant
  2026-02-16 08:00 mail begins to candidate
  2026-02-27 08:00 mail half_way to consultant
  2026-03-06 12:00 mail ends to candidate
  2026-03-07 00:00 task talk overdue
  2026-03-09 00:00 task talk withdrawn
  2026-03-09 00:00 -> completed from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 ended success
  2026-03-09 00:00 hold place free
> 2026-06-01 00:00 tick
",
    );
    check(
        PROGRAMME,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-02-19 10:00 open admitted
  2026-02-19 10:00 -> admitted from 2026-02-19
  2026-02-19 10:00 -> internship from 2026-02-02, left on 2026-01-30
  2026-02-19 10:00 missed message.in_praktik
  2026-02-19 10:00 task visit#0 missed
  2026-02-19 10:00 -> school from 2026-02-16, left on 2026-02-13
  2026-02-19 10:00 task talk
  2026-02-19 10:00 mail begins to candidate
  2026-02-19 10:00 mail hello to candidate
  2026-02-19 10:00 mail school_begun to consultant
  2026-02-27 08:00 mail half_way to consultant
  2026-03-06 12:00 mail ends to candidate
  2026-03-07 00:00 task talk overdue
  2026-03-09 00:00 task talk withdrawn
  2026-03-09 00:00 -> completed from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 ended success
  2026-03-09 00:00 hold place free
> 2026-06-01 00:00 tick
",
    );
}

fn entered_of_a_compound_means_from_outside() {
    check(
        PROGRAMME,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-02-03 09:00 open internship
  2026-02-03 09:00 -> internship from 2026-02-03
  2026-02-03 09:00 task visit
  2026-02-03 09:00 mail hello to candidate
  2026-02-03 09:00 mail in_praktik to candidate
> 2026-02-10 10:00 fire again
  2026-02-10 10:00 event again
  2026-02-10 10:00 task visit withdrawn
  2026-02-10 10:00 -> school from 2026-02-10, left on 2026-02-10
  2026-02-10 10:00 task talk
  2026-02-10 10:00 mail begins to candidate
  2026-02-10 10:00 mail school_begun to consultant
> 2026-02-11 10:00 fire withdraw
  2026-02-11 10:00 event withdraw
  2026-02-11 10:00 task talk withdrawn
  2026-02-11 10:00 -> stopped from 2026-02-11, left on 2026-02-11
  2026-02-11 10:00 ended dropout
  2026-02-11 10:00 hold place free
",
    );
}

fn leaving_withdraws_tasks_calls_meetings_off_and_keeps_mail_of_what_happened() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    course:
      title: X
      events: {absence: {T}, withdraw: {T, then: stopped}, pause: {T, then: waiting}}
      tasks: {profile: {T, by: consultant, due: 4 weeks after course.first_day, remind: [5 workdays before]}}
      meetings: {talk: {T, with: [candidate, mentor], lasts: 1 hour, remind: [1 workday before]}}
      messages:
        later: {template: a, to: candidate, when: 3 weeks after entered}
        weekly: {template: a, to: consultant, every: friday}
        absent: {template: a, to: consultant, when: absence}
        farewell: {template: a, to: candidate, when: left}
        withdrawn: {template: a, to: consultant, when: withdraw}
        morning_after: {template: a, to: mentor, when: left at 09:00}
    waiting: {T, lasts: 1 week, then: course, events: {withdraw: {T, then: stopped}}}
    stopped: {T, final: dropout}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-02 09:00 task profile
  2026-02-06 08:00 mail weekly to consultant
> 2026-02-09 10:00 book talk 2026-02-11T10:00
  2026-02-09 10:00 meeting talk on 2026-02-11 10:00
  2026-02-09 10:00 mail talk invitation to candidate+mentor
  2026-02-10 08:00 mail talk reminder to candidate+mentor
> 2026-02-10 10:00 book talk 2026-02-18T10:00
  2026-02-10 10:00 meeting talk#2 on 2026-02-18 10:00
  2026-02-10 10:00 mail talk invitation to candidate+mentor
> 2026-02-12 20:00 fire absence
  2026-02-12 20:00 event absence
  2026-02-13 08:00 mail absent to consultant
> 2026-02-12 20:10 fire pause
  2026-02-12 20:10 event pause
  2026-02-13 08:00 mail farewell to candidate
  2026-02-13 08:00 mail morning_after to mentor
  2026-02-12 20:10 task profile withdrawn
  2026-02-12 20:10 meeting talk lapsed
  2026-02-12 20:10 meeting talk#2 cancelled
  2026-02-13 08:00 mail talk cancelled to candidate+mentor
  2026-02-12 20:10 -> waiting from 2026-02-12, left on 2026-02-12
  2026-02-19 00:00 -> course from 2026-02-19, left on 2026-02-18
  2026-02-19 00:00 task profile#2
  2026-02-20 08:00 mail weekly to consultant
> 2026-02-20 10:00 fire withdraw
  2026-02-20 10:00 event withdraw
  2026-02-20 10:00 mail farewell to candidate
  2026-02-20 10:00 mail withdrawn to consultant
  2026-02-20 10:00 mail morning_after to mentor
  2026-02-20 10:00 task profile#2 withdrawn
  2026-02-20 10:00 -> stopped from 2026-02-20, left on 2026-02-20
  2026-02-20 10:00 ended dropout
> 2026-06-01 00:00 tick
",
    );
}

fn by_a_person_it_counts_from_that_day() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    early: {T, events: {begin: {T, then: course}}}
    course: {T, lasts: 1 week, then: over}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> early from 2026-02-02
> 2026-02-04 15:59 fire begin
  2026-02-04 15:59 event begin
  2026-02-04 15:59 -> course from 2026-02-04, left on 2026-02-04
  2026-02-11 00:00 -> over from 2026-02-11, left on 2026-02-10
  2026-02-11 00:00 ended success
> 2026-03-01 00:00 tick
",
    );
}

fn the_actual_moment_of_coming_from_outside() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    early: {T, until: cohort.start, then: course}
    course:
      title: X
      events: {swap: {T, then: second}, halt: {T, then: away}}
      messages:
        hello: {template: a, to: candidate, when: entered}
        soon: {template: a, to: consultant, when: 3 hours after course.entered}
      states:
        one: {T, messages: {one_word: {template: a, to: candidate, when: entered}}}
        second: {T, messages: {second_word: {template: a, to: candidate, when: entered}}}
    away: {T, events: {resume: {T, then: course}, stop: {T, then: over}}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-02-04 10:20 open
  2026-02-04 10:20 -> early from 2026-02-04
  2026-02-04 10:20 -> one from 2026-02-02, left on 2026-01-30
  2026-02-04 10:20 mail hello to candidate
  2026-02-04 10:20 mail one_word to candidate
  2026-02-04 13:20 mail soon to consultant
> 2026-02-05 09:00 fire swap
  2026-02-05 09:00 event swap
  2026-02-05 09:00 -> second from 2026-02-05, left on 2026-02-05
  2026-02-05 09:00 mail second_word to candidate
> 2026-02-06 09:00 fire halt
  2026-02-06 09:00 event halt
  2026-02-06 09:00 -> away from 2026-02-06, left on 2026-02-06
> 2026-02-09 11:30 fire resume
  2026-02-09 11:30 event resume
  2026-02-09 11:30 -> one from 2026-02-09, left on 2026-02-09
  2026-02-09 11:30 mail hello to candidate
  2026-02-09 11:30 mail one_word to candidate
  2026-02-09 14:30 mail soon to consultant
> 2026-02-10 00:00 tick
",
    );
}

const RE_ENTRY: &str = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  facts: {ready: {T, type: yes_no}}
  states:
    course:
      title: X
      events: {halt: {T, then: away}}
      tasks: {profile: {T, by: consultant, due: 1 week after course.first_day, fills: [ready]}}
      meetings:
        talk: {T, with: [candidate], lasts: 1 hour, between: [course.first_day, 4 weeks after course.first_day], book: {by: consultant, due: 1 workday before, remind: [1 workday before]}}
      messages:
        hello: {template: a, to: candidate, when: entered}
        later: {template: a, to: candidate, when: 3 workdays after entered}
        weekly: {template: a, to: consultant, every: friday}
    away: {T, lasts: 1 week, then: course, events: {stop: {T, then: over}}}
    over: {T, final: success}
";

const RE_ENTRY_GOES: &str = "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-02 09:00 task profile
  2026-02-02 09:00 mail hello to candidate
  2026-02-02 09:00 mail talk booking to consultant
> 2026-02-03 09:00 done profile ready=yes
  2026-02-03 09:00 set ready
  2026-02-03 09:00 task profile done
> 2026-02-03 10:00 book talk 2026-02-04T10:00
  2026-02-03 10:00 meeting talk on 2026-02-04 10:00
  2026-02-03 10:00 mail talk invitation to candidate
> 2026-02-04 11:00 held talk
  2026-02-04 11:00 meeting talk held
  2026-02-05 08:00 mail later to candidate
  2026-02-06 08:00 mail weekly to consultant
> 2026-02-09 10:00 fire halt
  2026-02-09 10:00 event halt
  2026-02-09 10:00 -> away from 2026-02-09, left on 2026-02-09
  2026-02-16 00:00 -> course from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 unset ready
  2026-02-16 00:00 task profile#2
  2026-02-16 08:00 mail hello to candidate
  2026-02-16 08:00 mail talk booking to consultant
  2026-02-19 08:00 mail later to candidate
  2026-02-20 08:00 mail weekly to consultant
> 2026-02-20 10:00 book talk 2026-02-24T10:00
  2026-02-20 10:00 meeting talk#2 on 2026-02-24 10:00
  2026-02-20 10:00 mail talk invitation to candidate
  2026-02-24 00:00 task profile#2 overdue
> 2026-02-24 11:00 held talk
  2026-02-24 11:00 meeting talk#2 held
> 2026-02-25 10:00 fire halt
  2026-02-25 10:00 event halt
  2026-02-25 10:00 task profile#2 withdrawn
  2026-02-25 10:00 -> away from 2026-02-25, left on 2026-02-25
> 2026-02-26 10:00 fire stop
  2026-02-26 10:00 event stop
  2026-02-26 10:00 -> over from 2026-02-26, left on 2026-02-26
  2026-02-26 10:00 ended success
> 2026-04-01 00:00 tick
";
