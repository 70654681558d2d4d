//! What recurs, beyond the table's row: the hold's rhythm, and tasks that nobody does.

use super::check;

pub fn state_with(extra: &str, messages: &str) -> String {
    format!(
        "
cohort: {{title: Hold, dates: {{start: {{T}}}}}}
candidate:
  states:
    early: {{T, until: cohort.start, then: course}}
    course:
      title: X
      lasts: 5 weeks
      then: over
{extra}
      messages:
{messages}
    over: {{T, final: success}}
"
    )
}

#[test]
fn a_latecomer_keeps_the_rhythm_of_the_hold() {
    let yaml = state_with(
        "",
        "        fortnight: {template: a, to: consultant, every: 2 weeks}",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-02-17 10:00 open early
  2026-02-17 10:00 -> early from 2026-02-17
  2026-02-17 10:00 -> course from 2026-02-02, left on 2026-01-30
  2026-03-02 08:00 mail fortnight to consultant
  2026-03-09 00:00 -> over from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 ended success
> 2026-05-01 00:00 tick
",
    );
}

#[test]
fn a_recurring_task_nobody_does_is_missed_when_the_next_one_opens() {
    let yaml = state_with(
        "      tasks:
        visit: {T, by: coordinator, every: 1 week, optional: true}
        report: {T, by: consultant, every: 1 week on wednesday, remind: [1 workday before]}",
        "        x: {template: a, to: consultant, when: entered}",
    )
    .replace(
        "cohort:",
        "overdue: {to: coordinator, after: 2 workdays}\ncohort:",
    )
    .replace(", remind: [1 workday before]", "");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> early from 2026-01-26
  2026-02-02 00:00 -> course from 2026-02-02, left on 2026-01-30
  2026-02-02 08:00 mail x to consultant
  2026-02-04 08:00 task report
  2026-02-09 08:00 task visit
  2026-02-11 00:00 task report overdue
  2026-02-11 08:00 task report#2
  2026-02-12 08:00 mail report overdue to coordinator
  2026-02-16 08:00 task visit missed
  2026-02-16 08:00 task visit#2
  2026-02-18 00:00 task report#2 overdue
  2026-02-18 08:00 task report missed
  2026-02-18 08:00 task report#3
  2026-02-19 08:00 mail report overdue to coordinator
> 2026-02-20 10:00 done visit
  2026-02-20 10:00 task visit#2 done
> 2026-02-20 10:05 skip report
  2026-02-20 10:05 task report#2 skipped
  2026-02-23 08:00 task visit#3
  2026-02-25 00:00 task report#3 overdue
  2026-02-25 08:00 task report#4
  2026-02-26 08:00 mail report overdue to coordinator
  2026-03-02 08:00 task visit#3 missed
  2026-03-02 08:00 task visit#4
  2026-03-04 00:00 task report#4 overdue
  2026-03-04 08:00 task report#3 missed
  2026-03-04 08:00 task report#5
  2026-03-05 08:00 mail report overdue to coordinator
  2026-03-07 00:00 task report#5 overdue
  2026-03-09 00:00 task visit#4 withdrawn
  2026-03-09 00:00 task report#4 withdrawn
  2026-03-09 00:00 task report#5 withdrawn
  2026-03-09 00:00 -> over from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 ended success
> 2026-05-01 00:00 tick
",
    );
}
