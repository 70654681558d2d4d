//! Workflows that are little but dates: recurring meetings and tasks of a hold without candidates, and
//! a date fact that is known from the start.

use super::{check, draft};

#[test]
fn meetings_of_a_hold_without_candidates_recur_until_it_ends() {
    check(
        &draft("horsens"),
        "start 2026-02-02, end 2027-09-01",
        "
> 2026-01-26 09:00 hold
  2026-01-26 09:00 hold meeting network_meeting on 2026-08-03 08:00
  2026-01-26 09:00 hold mail network_meeting invitation to guides+coordinator
  2026-01-26 09:00 hold meeting training on 2026-02-09 08:00
  2026-01-26 09:00 hold mail training invitation to guides
  2026-02-09 14:00 hold meeting training#2 on 2026-02-16 08:00
  2026-02-09 14:00 hold mail training invitation to guides
> 2026-02-10 09:00 held cohort.training
  2026-02-10 09:00 hold meeting training held
  2026-02-16 14:00 hold meeting training#3 on 2026-02-23 08:00
  2026-02-16 14:00 hold mail training invitation to guides
  2026-02-23 14:00 hold meeting training#2 lapsed
  2026-02-23 14:00 hold meeting training#4 on 2026-03-02 08:00
  2026-02-23 14:00 hold mail training invitation to guides
  2026-03-02 14:00 hold meeting training#3 lapsed
  2026-03-02 14:00 hold meeting training#5 on 2026-03-09 08:00
  2026-03-02 14:00 hold mail training invitation to guides
  2026-03-09 14:00 hold meeting training#4 lapsed
  2026-03-09 14:00 hold meeting training#6 on 2026-03-16 08:00
  2026-03-09 14:00 hold mail training invitation to guides
> 2026-03-12 09:00 move end=2026-10-01
  2026-03-12 09:00 hold dates end=2026-10-01
  2026-03-16 14:00 hold meeting training#5 lapsed
  2026-03-16 14:00 hold meeting training#7 on 2026-03-23 08:00
  2026-03-16 14:00 hold mail training invitation to guides
  2026-03-23 14:00 hold meeting training#6 lapsed
  2026-03-23 14:00 hold meeting training#8 on 2026-03-30 08:00
  2026-03-23 14:00 hold mail training invitation to guides
  2026-07-27 08:00 hold mail network_meeting reminder to guides+coordinator
> 2026-12-01 00:00 tick
",
    );
}

#[test]
fn meetings_that_somebody_books_are_asked_for_slot_by_slot() {
    check(
        &draft("soenderborg"),
        "start 2026-02-02, end 2026-11-02",
        "
> 2026-01-26 09:00 hold
  2026-04-08 08:00 hold mail follow_up overdue to coordinator
> 2026-04-10 09:00 book cohort.follow_up 2026-05-05T10:00
  2026-04-10 09:00 hold meeting follow_up on 2026-05-05 10:00
  2026-04-10 09:00 hold mail follow_up invitation to leaders+coordinator
> 2026-05-05 13:00 held cohort.follow_up
  2026-05-05 13:00 hold meeting follow_up held
  2026-07-07 08:00 hold mail follow_up overdue to coordinator
  2026-10-07 08:00 hold mail follow_up overdue to coordinator
> 2026-12-01 00:00 tick
",
    );
}

#[test]
fn a_date_fact_is_an_anchor_whenever_it_is_recorded() {
    check(
        &draft("frederikshavn"),
        "start 2026-02-02, gf2_end 2026-06-26",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 known: open main_ends=2026-12-18
  2026-01-26 09:00 known set main_ends
  2026-01-26 09:00 known -> enrolled from 2026-01-26
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> enrolled from 2026-01-26
  2026-02-02 00:00 known -> gf from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 known task end_date
  2026-02-02 00:00 known task end_date done
  2026-02-02 00:00 -> gf from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 task end_date
> 2026-06-10 10:00 done end_date main_ends=2026-11-20
  2026-06-10 10:00 set main_ends
  2026-06-10 10:00 task end_date done
  2026-06-26 00:00 known -> main from 2026-06-26, left on 2026-06-25
  2026-06-26 00:00 -> main from 2026-06-26, left on 2026-06-25
> 2026-07-01 10:00 book exit_talk 2026-10-08T10:00
  2026-07-01 10:00 refused: meeting 'exit_talk' cannot be booked now: 2026-10-08 lies outside its window, 2026-10-09 to 2026-11-20
> 2026-07-01 10:00 book exit_talk 2026-10-09T10:00
  2026-07-01 10:00 meeting exit_talk on 2026-10-09 10:00
  2026-07-01 10:00 mail exit_talk invitation to candidate+guide
> 2026-09-01 09:00 known: set main_ends=2027-01-29
  2026-09-01 09:00 known set main_ends
  2026-11-20 00:00 meeting exit_talk lapsed
  2026-11-20 00:00 -> completed from 2026-11-20, left on 2026-11-19
  2026-11-20 00:00 ended success
  2026-12-08 08:00 known mail exit_talk overdue to coordinator
  2027-01-29 00:00 known -> completed from 2027-01-29, left on 2027-01-28
  2027-01-29 00:00 known ended success
> 2027-03-01 00:00 tick
",
    );
}

#[test]
fn tasks_of_a_hold_recur_until_its_end() {
    let yaml = "
overdue: {to: coordinator, after: 2 workdays}
cohort:
  title: Hold
  dates: {start: {T}, end: {T}}
  tasks:
    accounts: {T, by: coordinator, every: month, until: cohort.end}
    visit: {T, by: coordinator, every: 2 weeks, until: 6 weeks after cohort.start, optional: true}
";
    check(
        yaml,
        "start 2026-02-02, end 2026-05-15",
        "
> 2026-01-26 09:00 hold
  2026-02-16 08:00 hold task visit
  2026-03-02 08:00 hold task accounts
  2026-03-02 08:00 hold task visit missed
  2026-03-02 08:00 hold task visit#2
> 2026-03-03 09:00 done cohort.accounts
  2026-03-03 09:00 hold task accounts done
> 2026-03-03 09:00 done cohort.visit
  2026-03-03 09:00 hold task visit#2 done
  2026-03-16 08:00 hold task visit#3
  2026-04-07 08:00 hold task accounts#2
  2026-05-02 00:00 hold task accounts#2 overdue
  2026-05-04 08:00 hold task accounts#3
  2026-05-05 08:00 hold mail accounts overdue to coordinator
  2026-05-16 00:00 hold task accounts#3 overdue
  2026-05-19 08:00 hold mail accounts overdue to coordinator
> 2026-08-01 00:00 tick
",
    );
}
