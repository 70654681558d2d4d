//! LANGUAGE §3, the rows on states: their bounds, entering, re-entry, leaving.

use super::check;

const PROGRAMME: &str = "
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
fn state_bounds_and_a_planned_last_day() {
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

#[test]
fn last_day_is_the_actual_one_once_the_state_is_left_and_the_latest_on_re_entry() {
    check(
        PROGRAMME,
        "start 2026-02-02",
        "
> 2026-02-16 09:00 hold
> 2026-02-16 09:00 open school
  2026-02-16 09:00 -> school from 2026-02-16
  2026-02-16 09:00 task talk
  2026-02-16 09:00 mail begins to candidate
  2026-02-16 09:00 mail hello to candidate
  2026-02-16 09:00 mail school_begun to consultant
> 2026-02-20 10:00 fire back
  2026-02-20 10:00 event back
  2026-02-20 10:00 task talk withdrawn
  2026-02-20 10:00 -> internship from 2026-02-20, left on 2026-02-20
  2026-02-20 10:00 missed message.half_way
  2026-02-20 10:00 task visit
  2026-02-20 10:00 mail in_praktik to candidate
  2026-02-24 09:00 mail after_school to consultant
  2026-03-06 00:00 task visit withdrawn
  2026-03-06 00:00 -> school from 2026-03-06, left on 2026-03-05
  2026-03-06 00:00 task talk#2
  2026-03-06 08:00 mail school_begun to consultant
  2026-03-06 08:00 mail begins to candidate
> 2026-03-09 10:00 fire again
  2026-03-09 10:00 event again
  2026-03-09 10:00 task talk#2 withdrawn
  2026-03-09 10:00 -> school from 2026-03-09, left on 2026-03-09
  2026-03-09 10:00 task talk#3
  2026-03-09 10:00 mail begins to candidate
  2026-03-09 10:00 mail school_begun to consultant
> 2026-03-12 10:00 fire back
  2026-03-12 10:00 event back
  2026-03-12 10:00 task talk#3 withdrawn
  2026-03-12 10:00 -> internship from 2026-03-12, left on 2026-03-12
  2026-03-12 10:00 missed message.half_way
  2026-03-12 10:00 task visit#2
  2026-03-12 10:00 mail in_praktik to candidate
  2026-03-16 09:00 mail after_school to consultant
> 2026-03-18 10:00 fire withdraw
  2026-03-18 10:00 event withdraw
  2026-03-18 10:00 task visit#2 withdrawn
  2026-03-18 10:00 -> stopped from 2026-03-18, left on 2026-03-18
  2026-03-18 10:00 ended dropout
  2026-03-18 10:00 hold place free
> 2026-06-01 00:00 tick
",
    );
}

#[test]
fn a_closed_first_day_shifts_the_first_day_and_not_the_end() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    early: {T, until: cohort.start, then: course}
    course:
      title: X
      lasts: 1 week
      then: over
      messages:
        begins: {template: a, to: candidate, when: course.first_day}
        ends: {template: a, to: candidate, when: course.last_day}
    over: {T, final: success}
";
    // Good Friday 2026.
    check(
        yaml,
        "start 2026-04-03",
        "
> 2026-03-23 09:00 hold
> 2026-03-23 09:00 open
  2026-03-23 09:00 -> early from 2026-03-23
  2026-04-03 00:00 -> course from 2026-04-03, left on 2026-04-01
  2026-04-07 08:00 mail begins to candidate
  2026-04-09 08:00 mail ends to candidate
  2026-04-10 00:00 -> over from 2026-04-10, left on 2026-04-09
  2026-04-10 00:00 ended success
> 2026-04-20 00:00 tick
",
    );
}

#[test]
fn days_known_early_are_the_holds_before_anyone_enters() {
    let yaml = PROGRAMME.replace(", again: {T, then: school}, back: {T, then: internship}", "").replace("weekday: monday}}}", "weekday: monday}}, tasks: {prepare: {T, by: coordinator, due: 1 week before school.first_day}}, messages: {almost: {template: a, to: coordinator, when: 1 week before school.last_day at 09:00}}}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task prepare
  2026-02-10 00:00 hold task prepare overdue
  2026-02-27 09:00 hold mail almost to coordinator
> 2026-06-01 00:00 tick
",
    );
}

#[test]
fn a_state_never_entered_has_no_last_day() {
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
> 2026-02-05 10:00 fire withdraw
  2026-02-05 10:00 event withdraw
  2026-02-05 10:00 task visit withdrawn
  2026-02-05 10:00 -> stopped from 2026-02-05, left on 2026-02-05
  2026-02-05 10:00 ended dropout
  2026-02-05 10:00 hold place free
> 2026-06-01 00:00 tick
",
    );
}

#[test]
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

#[test]
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

#[test]
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

#[test]
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
