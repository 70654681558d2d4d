//! Rows on what recurs.

use crate::engine::check;
use crate::engine::every::state_with;

/// Origin, numbering, bounds, and calendar forms where there is no origin.
#[test]
pub fn every() {
    slots_count_from_the_first_day_and_until_is_included();
    a_moved_slot_shifts_no_other_and_slots_of_one_day_collapse();
    the_holds_own_recurrences_count_from_its_start();
    the_workflows_own_messages_follow_the_calendar();
}

fn slots_count_from_the_first_day_and_until_is_included() {
    let yaml = state_with("", "
        fortnight: {template: a, to: consultant, every: 2 weeks}
        fridays: {template: a, to: consultant, every: friday at 12:00, until: 2 weeks after course.first_day}
        by_month: {template: a, to: consultant, every: month}
        first_of: {template: a, to: consultant, every: first workday of the month at 09:00}
        second_friday: {template: a, to: consultant, every: 2 weeks on friday at 14:00}
        from_later: {template: a, to: consultant, every: 1 week, from: 1 week after course.first_day, until: course.last_day}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> early from 2026-01-26
  2026-02-02 00:00 -> course from 2026-02-02, left on 2026-01-30
  2026-02-02 09:00 mail first_of to consultant
  2026-02-06 12:00 mail fridays to consultant
  2026-02-06 14:00 mail second_friday to consultant
  2026-02-13 12:00 mail fridays to consultant
  2026-02-16 08:00 mail fortnight to consultant
  2026-02-16 08:00 mail from_later to consultant
  2026-02-20 14:00 mail second_friday to consultant
  2026-02-23 08:00 mail from_later to consultant
  2026-03-02 08:00 mail by_month to consultant
  2026-03-02 08:00 mail fortnight to consultant
  2026-03-02 08:00 mail from_later to consultant
  2026-03-02 09:00 mail first_of to consultant
  2026-03-06 14:00 mail second_friday to consultant
  2026-03-09 00:00 -> over from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 ended success
> 2026-05-01 00:00 tick
",
    );
}

fn a_moved_slot_shifts_no_other_and_slots_of_one_day_collapse() {
    // Christmas 2026: Thursday 24 to Monday 28 is open again on the 28th; 31 December and 1 January are closed.
    let yaml = state_with(
        "",
        "
        thursdays: {template: a, to: consultant, every: thursday at 12:00}
        fridays: {template: a, to: consultant, every: friday at 12:00}
        daily: {template: a, to: consultant, every: workday at 15:00}
        next_monday: {template: a, to: consultant, every: 1 week on monday at 12:00}",
    );
    check(
        &yaml,
        "start 2026-12-14",
        "
> 2026-12-11 09:00 hold
> 2026-12-11 09:00 open
  2026-12-11 09:00 -> early from 2026-12-11
  2026-12-14 00:00 -> course from 2026-12-14, left on 2026-12-11
  2026-12-14 12:00 mail next_monday to consultant
  2026-12-14 15:00 mail daily to consultant
  2026-12-15 15:00 mail daily to consultant
  2026-12-16 15:00 mail daily to consultant
  2026-12-17 12:00 mail thursdays to consultant
  2026-12-17 15:00 mail daily to consultant
  2026-12-18 12:00 mail fridays to consultant
  2026-12-18 15:00 mail daily to consultant
  2026-12-21 12:00 mail next_monday to consultant
  2026-12-21 15:00 mail daily to consultant
  2026-12-22 15:00 mail daily to consultant
  2026-12-23 15:00 mail daily to consultant
  2026-12-28 12:00 mail fridays to consultant
  2026-12-28 12:00 mail next_monday to consultant
  2026-12-28 12:00 mail thursdays to consultant
  2026-12-28 15:00 mail daily to consultant
  2026-12-29 15:00 mail daily to consultant
  2026-12-30 15:00 mail daily to consultant
  2027-01-04 12:00 mail fridays to consultant
  2027-01-04 12:00 mail next_monday to consultant
  2027-01-04 12:00 mail thursdays to consultant
  2027-01-04 15:00 mail daily to consultant
  2027-01-05 15:00 mail daily to consultant
  2027-01-06 15:00 mail daily to consultant
  2027-01-07 12:00 mail thursdays to consultant
  2027-01-07 15:00 mail daily to consultant
> 2027-01-08 00:00 tick
",
    );
    // Two Fridays of one closed stretch fall on one day: only the later goes.
    let closed = format!(
        "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: 08:00-16:00\n\
         closed: [21 december, 22 december, 23 december, 24 december, 28 december, 29 december, 30 december, 31 december]\n\
         roles: {{consultant: {{title: K, per: candidate}}}}\n{}",
        state_with(
            "",
            "        fridays: {template: a, to: consultant, every: friday at 12:00}
        on_mondays: {template: a, to: consultant, every: monday at 12:00}"
        )
        .replace("{T", "{title: X")
    );
    check(
        &closed,
        "start 2026-12-14",
        "
> 2026-12-11 09:00 hold
> 2026-12-11 09:00 open
  2026-12-11 09:00 -> early from 2026-12-11
  2026-12-14 00:00 -> course from 2026-12-14, left on 2026-12-11
  2026-12-14 12:00 mail on_mondays to consultant
  2026-12-18 12:00 mail fridays to consultant
  2027-01-04 12:00 coalesced 1 message.fridays
  2027-01-04 12:00 mail fridays to consultant
  2027-01-04 12:00 coalesced 2 message.on_mondays
  2027-01-04 12:00 mail on_mondays to consultant
  2027-01-08 12:00 mail fridays to consultant
  2027-01-11 12:00 mail on_mondays to consultant
  2027-01-15 12:00 mail fridays to consultant
  2027-01-18 00:00 -> over from 2027-01-18, left on 2027-01-15
  2027-01-18 00:00 ended success
> 2027-01-20 00:00 tick
",
    );
}

fn the_holds_own_recurrences_count_from_its_start() {
    let yaml = "
cohort:
  title: Hold
  dates: {start: {T}, end: {T}}
  tasks: {visit: {T, by: coordinator, every: 2 weeks, optional: true, until: 6 weeks after cohort.start}}
  messages:
    status: {template: a, to: jobcentre, every: friday at 12:00, from: 1 week before cohort.start}
candidate:
  states:
    course: {T, events: {stop: {T, then: over}}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02, end 2026-03-10",
        "
> 2026-01-05 09:00 hold
  2026-01-30 12:00 hold mail status to jobcentre
  2026-02-06 12:00 hold mail status to jobcentre
  2026-02-13 12:00 hold mail status to jobcentre
  2026-02-16 08:00 hold task visit
  2026-02-20 12:00 hold mail status to jobcentre
  2026-02-27 12:00 hold mail status to jobcentre
  2026-03-02 08:00 hold task visit missed
  2026-03-02 08:00 hold task visit#2
  2026-03-06 12:00 hold mail status to jobcentre
  2026-03-16 08:00 hold task visit#2 missed
  2026-03-16 08:00 hold task visit#3
> 2026-05-01 00:00 tick
",
    );
}

fn the_workflows_own_messages_follow_the_calendar() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    course: {T, events: {stop: {T, then: over}}}
    over: {T, final: success}
messages:
  monthly: {template: a, to: jobcentre, every: first workday of the month at 09:00}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-12-15 09:00 workflow
  2027-01-04 09:00 hold mail monthly to jobcentre
  2027-02-01 09:00 hold mail monthly to jobcentre
> 2027-03-01 08:00 sleep
> 2027-05-04 08:00 wake
  2027-03-01 09:00 hold coalesced 2 message.monthly
  2027-05-03 09:00 hold mail monthly to jobcentre
  2027-06-01 09:00 hold mail monthly to jobcentre
> 2027-07-01 00:00 tick
",
    );
    // Years asleep, and still only the newest goes.
    check(
        &yaml.replace("first workday of the month", "workday"),
        "start 2026-02-02",
        "
> 2026-12-15 09:00 workflow
  2026-12-15 09:00 hold mail monthly to jobcentre
> 2026-12-15 10:00 sleep
> 2030-01-04 08:00 wake
  2026-12-16 09:00 hold coalesced 766 message.monthly
  2030-01-03 09:00 hold mail monthly to jobcentre
",
    );
}
