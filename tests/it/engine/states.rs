//! States beyond the table's rows: several ends, waiting, and clocks that go back.

use super::check;

pub const PROGRAMME: &str = "
cohort: {title: Hold, places: 2, dates: {start: {T, weekday: monday}}}
candidate:
  states:
    nominated: {T, until: cohort.start, then: next_cohort.nominated, events: {accept: {T, then: admitted}}}
    programme:
      title: X
      holds_place: true
      events: {withdraw: {T, then: stopped}, again: {T, then: school}, back: {T, then: internship}}
      messages:
        hello: {template: a, to: candidate, when: entered}
        half_way: {template: a, to: consultant, when: 1 week before school.last_day}
        after_school: {template: a, to: consultant, when: 2 workdays after school.last_day at 09:00}
        school_begun: {template: a, to: consultant, when: school.entered}
      states:
        admitted: {T, until: cohort.start, then: internship}
        internship:
          title: X
          lasts: 2 weeks
          then: school
          tasks: {visit: {T, by: coordinator, due: internship.last_day}}
          messages: {in_praktik: {template: a, to: candidate, when: entered}}
        school:
          title: X
          lasts: 3 weeks
          then: completed
          tasks: {talk: {T, by: consultant, due: school.last_day}}
          messages:
            begins: {template: a, to: candidate, when: school.first_day at 07:30}
            ends: {template: a, to: candidate, when: school.last_day at 12:00}
    completed: {T, final: success}
    stopped: {T, final: dropout}
";

#[test]
fn of_two_that_end_by_time_the_first_decides_and_on_one_day_the_outer() {
    let yaml = |outer: &str, inner: &str| {
        format!(
            "
cohort: {{title: Hold, dates: {{start: {{T}}}}}}
candidate:
  states:
    whole:
      title: X
      {outer}
      then: over
      states:
        part: {{T, {inner}, then: rest}}
        rest: {{T, events: {{go: {{T, then: over}}}}}}
    over: {{T, final: success}}
"
        )
    };
    for (outer, inner, script) in [
        (
            "lasts: 3 weeks",
            "lasts: 1 week",
            "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> part from 2026-02-02
  2026-02-09 00:00 -> rest from 2026-02-09, left on 2026-02-06
  2026-02-23 00:00 -> over from 2026-02-23, left on 2026-02-20
  2026-02-23 00:00 ended success
> 2026-06-01 00:00 tick
",
        ),
        (
            "lasts: 1 week",
            "lasts: 3 weeks",
            "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> part from 2026-02-02
  2026-02-09 00:00 -> over from 2026-02-09, left on 2026-02-06
  2026-02-09 00:00 ended success
> 2026-06-01 00:00 tick
",
        ),
        (
            "until: cohort.start",
            "lasts: 1 week",
            "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> part from 2026-02-02
  2026-02-09 00:00 -> over from 2026-02-09, left on 2026-02-06
  2026-02-09 00:00 ended success
> 2026-06-01 00:00 tick
",
        ),
        (
            "until: cohort.start",
            "until: 2026-02-12",
            "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> part from 2026-02-02
  2026-02-09 00:00 -> over from 2026-02-09, left on 2026-02-06
  2026-02-09 00:00 ended success
> 2026-06-01 00:00 tick
",
        ),
    ] {
        check(&yaml(outer, inner), "start 2026-02-09", script);
    }
}

#[test]
fn a_missing_fact_makes_a_timed_move_wait_visibly_and_the_next_state_counts_from_then() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}, facts: {open: {T, type: yes_no}}}
candidate:
  facts: {ready: {T, type: yes_no}, grade: {T, type: grade}, ends: {T, type: date}}
  states:
    a:
      title: X
      lasts: 1 week
      events: {withdraw: {T, then: stopped}}
      tasks: {judge: {T, by: consultant, due: a.last_day, fills: [ready]}}
      then:
        - {if: {ready: yes, cohort.open: yes}, then: b}
        - {if: {grade: {at_least: \"02\"}}, then: b}
        - {else: stopped}
    b: {T, lasts: 1 week, then: over}
    over: {T, final: success}
    stopped: {T, final: dropout}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> a from 2026-02-02
  2026-02-02 09:00 task judge
  2026-02-07 00:00 task judge overdue
  2026-02-09 00:00 wait then for ready, cohort.open
> 2026-02-11 10:00 set ready=yes
  2026-02-11 10:00 set ready
  2026-02-11 10:00 task judge done
  2026-02-11 10:00 wait then for cohort.open
> 2026-02-12 10:00 set cohort.open=no
  2026-02-12 10:00 hold set open
  2026-02-12 10:00 wait then for grade
> 2026-02-13 23:30 set grade=02
  2026-02-13 23:30 set grade
  2026-02-13 23:30 -> b from 2026-02-13, left on 2026-02-12
  2026-02-20 00:00 -> over from 2026-02-20, left on 2026-02-19
  2026-02-20 00:00 ended success
> 2026-06-01 00:00 tick
",
    );
    // An event wins over the move that its own facts set free.
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> a from 2026-02-02
  2026-02-02 09:00 task judge
> 2026-02-03 09:00 set cohort.open=yes
  2026-02-03 09:00 hold set open
  2026-02-07 00:00 task judge overdue
  2026-02-09 00:00 wait then for ready
> 2026-02-11 10:00 fire withdraw ready=yes
  2026-02-11 10:00 set ready
  2026-02-11 10:00 task judge done
  2026-02-11 10:00 event withdraw
  2026-02-11 10:00 -> stopped from 2026-02-11, left on 2026-02-11
  2026-02-11 10:00 ended dropout
",
    );
}

#[test]
fn an_input_never_meets_an_overdue_state() {
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
> 2026-02-17 10:00 done visit
  2026-02-17 10:00 refused: task 'visit' is not open
> 2026-02-17 10:00 done talk
  2026-02-02 00:00 -> internship from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 task visit
  2026-02-02 08:00 mail in_praktik to candidate
  2026-02-14 00:00 task visit overdue
  2026-02-16 00:00 task visit withdrawn
  2026-02-16 00:00 -> school from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 task talk
  2026-02-16 08:00 mail school_begun to consultant
  2026-02-16 08:00 mail begins to candidate
  2026-02-17 10:00 task talk done
> 2026-03-10 10:00 fire withdraw
  2026-03-10 10:00 refused: the case ended on 2026-03-09; nothing more can happen to it
",
    );
}

#[test]
fn a_clock_that_goes_back_repeats_nothing() {
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
  2026-02-02 00:00 -> internship from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 task visit
  2026-02-02 08:00 mail in_praktik to candidate
> 2026-02-02 09:00 done visit
  2026-02-02 09:00 task visit done
> 2026-01-30 09:00 tick
> 2026-01-30 09:00 fire again
  2026-02-02 09:00 event again
  2026-02-02 09:00 -> school from 2026-02-02, left on 2026-02-02
  2026-02-02 09:00 task talk
  2026-02-02 09:00 mail begins to candidate
  2026-02-02 09:00 mail school_begun to consultant
> 2026-02-02 10:00 tick
",
    );
}
