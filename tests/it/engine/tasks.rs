//! Tasks: opening, being done by facts, reopening, overdue, what follows from them.

use super::check;

pub fn with(tasks: &str, events: &str) -> String {
    format!(
        "
overdue: {{to: coordinator, after: 2 workdays}}
cohort: {{title: Hold, dates: {{start: {{T}}}}}}
candidate:
  facts: {{ready: {{T, type: yes_no}}, grade: {{T, type: grade}}}}
  states:
    course:
      title: X
      lasts: 10 weeks
      then: over
      events: {{{events}}}
      tasks:
{tasks}
    second: {{T, lasts: 1 week, then: course, events: {{stop: {{T, then: over}}}}}}
    over: {{T, final: success}}
"
    )
}

#[test]
fn a_task_is_done_when_its_facts_are_known_even_beforehand_and_not_when_one_is_missing() {
    let yaml = with(
        "        judge: {T, by: consultant, fills: [ready, grade]}
        find: {T, by: consultant, fills: [mentor]}",
        "judge.done: {then: second}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open ready=yes grade=7
  2026-02-02 10:00 set grade, ready
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task find
  2026-02-02 10:00 task judge
  2026-02-02 10:00 task judge done
  2026-02-02 10:00 task find withdrawn
  2026-02-02 10:00 -> second from 2026-02-02, left on 2026-02-02
> 2026-02-03 10:00 assign mentor=#7
  2026-02-03 10:00 mentor is [7]
",
    );
    check(&yaml, "start 2026-02-02", "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open ready=yes
  2026-02-02 10:00 set ready
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task find
  2026-02-02 10:00 task judge
> 2026-02-02 11:00 done judge
  2026-02-02 11:00 refused: needs facts that are not recorded: grade; give them with --set NAME=VALUE
> 2026-02-02 11:00 done find
  2026-02-02 11:00 refused: needs facts that are not recorded: mentor; give them with --set NAME=VALUE
> 2026-02-02 11:00 done find coordinator=#7
  2026-02-02 11:00 refused: there is no role 'coordinator' per candidate
> 2026-02-02 11:00 done find mentor=#7
  2026-02-02 11:00 mentor is [7]
  2026-02-02 11:00 task find done
> 2026-02-02 12:00 as coordinator done judge grade=4
  2026-02-02 12:00 refused: role 'coordinator' may not do this; it is for: consultant
> 2026-02-02 12:00 as consultant done judge grade=4
  2026-02-02 12:00 set grade
  2026-02-02 12:00 task judge done
  2026-02-02 12:00 -> second from 2026-02-02, left on 2026-02-02
> 2026-02-02 12:00 done judge grade=4
  2026-02-02 12:00 refused: task 'judge' is not open
");
}

#[test]
fn a_reopened_task_forgets_what_it_filled_and_is_due_anew() {
    let yaml = with(
        "        judge: {T, by: consultant, due: cohort.start, fills: [ready]}
        find: {T, by: consultant, fills: [mentor]}",
        "absence: {T, then: second}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-30 09:00 hold
> 2026-01-30 10:00 open
  2026-01-30 10:00 -> course from 2026-01-30
  2026-01-30 10:00 task find
  2026-01-30 10:00 task judge
> 2026-02-02 11:00 done judge ready=yes
  2026-02-02 11:00 set ready
  2026-02-02 11:00 task judge done
> 2026-02-02 11:00 done find mentor=#7
  2026-02-02 11:00 mentor is [7]
  2026-02-02 11:00 task find done
> 2026-02-05 11:00 reopen judge
  2026-02-05 11:00 unset ready
  2026-02-05 11:00 task judge#2 late
> 2026-02-05 11:00 reopen find
  2026-02-05 11:00 mentor is []
  2026-02-05 11:00 task find#2
> 2026-02-05 11:01 reopen find
  2026-02-05 11:01 refused: task 'find' is not open
> 2026-02-05 11:02 set grade=4
  2026-02-05 11:02 set grade
  2026-02-07 00:00 task judge#2 overdue
  2026-02-10 08:00 mail judge overdue to coordinator
> 2026-02-20 00:00 tick
",
    );
}

#[test]
fn a_loop_never_decides_on_a_stale_answer() {
    let yaml = with(
        "        judge: {T, by: consultant, due: 1 week after course.first_day, fills: [ready]}",
        "move: {T, then: second}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
> 2026-02-03 11:00 done judge ready=yes
  2026-02-03 11:00 set ready
  2026-02-03 11:00 task judge done
> 2026-02-04 11:00 fire move
  2026-02-04 11:00 event move
  2026-02-04 11:00 -> second from 2026-02-04, left on 2026-02-04
  2026-02-11 00:00 -> course from 2026-02-11, left on 2026-02-10
  2026-02-11 00:00 unset ready
  2026-02-11 00:00 task judge#2
> 2026-02-12 00:00 tick
",
    );
}

#[test]
fn skipping_is_for_what_is_optional_or_recurs() {
    let yaml = with(
        "        must: {T, by: consultant}
        may: {T, by: consultant, optional: true, due: 1 week after course.first_day}
        again: {T, by: consultant, every: 1 week}",
        "absence: {T, then: second}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task may
  2026-02-02 10:00 task must
  2026-02-09 08:00 task again
> 2026-02-10 11:00 skip must
  2026-02-10 11:00 refused: task 'must' must be done; it is neither optional nor recurring
> 2026-02-10 11:00 skip may
  2026-02-10 11:00 task may skipped
> 2026-02-10 11:00 skip again
  2026-02-10 11:00 task again skipped
> 2026-02-10 11:00 skip again
  2026-02-10 11:00 refused: task 'again' is not open
> 2026-02-12 00:00 tick
",
    );
}

#[test]
fn overdue_is_said_once_and_may_lead_on() {
    let yaml = with("        judge: {T, by: consultant, due: 1 week after course.first_day at 12:00, fills: [ready]}
        other: {T, by: consultant, due: 1 week after course.first_day, if: {ready: yes}}", "judge.overdue: {then: second}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
  2026-02-02 10:00 skip task.other
  2026-02-09 12:00 task judge overdue
  2026-02-09 12:00 task judge withdrawn
  2026-02-09 12:00 -> second from 2026-02-09, left on 2026-02-09
  2026-02-16 00:00 -> course from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 task judge#2
  2026-02-16 00:00 skip task.other
> 2026-02-20 00:00 tick
",
    );
}

#[test]
fn what_time_raises_waits_visibly_when_something_is_missing_and_nothing_gets_stuck() {
    // A branch over a fact that nobody has recorded, an event's own guard, a hold that is full, a hold that is not there.
    let branch = with(
        "        judge: {T, by: consultant, due: cohort.start}",
        "judge.overdue: {then: [{if: {ready: yes}, then: second}, {else: over}]}",
    );
    check(
        &branch,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
  2026-02-03 00:00 task judge overdue
  2026-02-03 00:00 wait event.judge.overdue for ready
  2026-02-04 08:00 mail judge overdue to coordinator
> 2026-02-04 09:00 set grade=4
  2026-02-04 09:00 set grade
> 2026-02-05 09:00 set ready=no
  2026-02-05 09:00 set ready
  2026-02-05 09:00 task judge withdrawn
  2026-02-05 09:00 -> over from 2026-02-05, left on 2026-02-05
  2026-02-05 09:00 ended success
",
    );
    let guard = with(
        "        judge: {T, by: consultant, due: cohort.start}",
        "judge.overdue: {if: {ready: yes}, then: second}",
    );
    check(
        &guard,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
  2026-02-03 00:00 task judge overdue
  2026-02-03 00:00 wait event.judge.overdue for ready
  2026-02-04 08:00 mail judge overdue to coordinator
> 2026-02-04 09:00 set ready=no
  2026-02-04 09:00 set ready
  2026-02-04 09:00 skip event.judge.overdue
> 2026-02-04 09:00 set ready=yes
  2026-02-04 09:00 set ready
",
    );
    let full = with(
        "        judge: {T, by: consultant, due: cohort.start}",
        "judge.overdue: {then: second}, move: {T, then: second}",
    )
    .replace("title: Hold,", "title: Hold, places: 1,")
    .replace("second: {T,", "second: {T, holds_place: true,");
    check(
        &full,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 first: open second
  2026-02-02 10:00 first -> second from 2026-02-02
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
  2026-02-03 00:00 task judge overdue
  2026-02-03 00:00 wait event.judge.overdue for cohort.free_places
  2026-02-04 08:00 mail judge overdue to coordinator
> 2026-02-04 10:00 fire move
  2026-02-04 10:00 refused: the hold is full: all 1 places are taken
> 2026-02-04 10:01 first: fire stop
  2026-02-04 10:01 first event stop
  2026-02-04 10:01 first -> over from 2026-02-04, left on 2026-02-04
  2026-02-04 10:01 first ended success
  2026-02-04 10:01 hold place free
  2026-02-04 10:01 task judge withdrawn
  2026-02-04 10:01 -> second from 2026-02-04, left on 2026-02-04
",
    );
    let next = with(
        "        judge: {T, by: consultant, due: cohort.start}",
        "judge.overdue: {then: next_cohort.course}, move: {T, then: next_cohort.course}, away: {T, then: second}",
    );
    check(
        &next,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
  2026-02-03 00:00 task judge overdue
  2026-02-03 00:00 wait event.judge.overdue for cohort.next_cohort
  2026-02-04 08:00 mail judge overdue to coordinator
> 2026-02-04 10:00 fire move
  2026-02-04 10:00 refused: there is no later hold to move to yet; create one and try again
> 2026-02-05 10:00 next
  2026-02-05 10:00 task judge withdrawn
  2026-02-05 10:00 ended moved
  2026-02-05 10:00 opens next: course with []
> 2026-03-01 10:00 tick
",
    );
}

#[test]
fn a_person_who_asks_is_told_what_is_missing() {
    let yaml = with(
        "        judge: {T, by: consultant}",
        "judge.done: {then: [{if: {ready: yes}, then: second}, {else: over}]}",
    );
    check(&yaml, "start 2026-02-02", "
> 2026-02-02 09:00 hold
> 2026-02-02 10:00 open
  2026-02-02 10:00 -> course from 2026-02-02
  2026-02-02 10:00 task judge
> 2026-02-04 09:00 done judge
  2026-02-04 09:00 refused: needs facts that are not recorded: ready; give them with --set NAME=VALUE
> 2026-02-04 09:00 done judge ready=yes
  2026-02-04 09:00 set ready
  2026-02-04 09:00 task judge done
  2026-02-04 09:00 -> second from 2026-02-04, left on 2026-02-04
");
}
