//! Rows on the days of states.

use crate::engine::check;
use crate::engine::states::PROGRAMME;

/// Whole days; `lasts` from its first day; `until` ends as its day begins; a closed first day.
#[test]
pub fn state_bounds() {
    a_length_and_a_planned_last_day();
    until_ends_as_its_day_begins();
    a_closed_first_day_shifts_the_first_day_and_not_the_end();
}

/// Planned; the actual one once left; the latest on re-entry; unknown when never entered.
#[test]
pub fn last_day() {
    last_day_is_the_actual_one_once_the_state_is_left_and_the_latest_on_re_entry();
    a_state_never_entered_has_no_last_day();
}

/// Reached only by time after `until: cohort.X`.
#[test]
pub fn known_early() {
    days_known_early_are_the_holds_before_anyone_enters();
}

fn a_length_and_a_planned_last_day() {
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

fn until_ends_as_its_day_begins() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}, end: {T}}}
candidate:
  states:
    early: {T, until: cohort.start, then: course}
    course: {T, until: 1 workday after cohort.end, then: over, messages: {ends: {template: a, to: candidate, when: course.last_day at 12:00}}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-07, end 2026-03-27",
        "
> 2026-02-02 09:00 hold
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> early from 2026-02-02
  2026-02-07 00:00 -> course from 2026-02-07, left on 2026-02-06
  2026-03-27 12:00 mail ends to candidate
  2026-03-30 00:00 -> over from 2026-03-30, left on 2026-03-27
  2026-03-30 00:00 ended success
> 2026-05-01 00:00 tick
",
    );
}

#[test]
fn days_ahead_follow_the_branch_that_the_facts_decide() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  facts: {extra: {T, type: yes_no}}
  states:
    waiting: {T, until: cohort.start, then: whole}
    whole:
      title: X
      messages:
        soon: {template: a, to: candidate, when: 1 workday before subsidised.first_day}
        over: {template: a, to: candidate, when: 1 week before subsidised.last_day}
      states:
        one:
          title: X
          lasts: 4 weeks
          then:
            - {if: {extra: yes}, then: teaching}
            - {else: subsidised}
        teaching: {T, lasts: 6 weeks, then: subsidised}
        subsidised: {T, until: 8 weeks after one.last_day, then: finished}
    finished: {T, final: success}
";
    for script in [
        "
> 2026-02-02 09:00 plan 2026-12-01
  2026-03-02 00:00 X slutter: »lasts: 4 weeks«
> 2026-02-24 10:00 set extra=no
  2026-02-24 10:00 set extra
> 2026-02-24 10:00 plan 2026-12-01
  2026-02-27 08:00 Mail: soon: »1 workday before subsidised.first_day«
  2026-03-02 00:00 X slutter: »lasts: 4 weeks«
  2026-04-16 08:00 Mail: over: »1 week before subsidised.last_day«
  2026-04-24 00:00 (X slutter: »until: 8 weeks after one.last_day«, hvis forløbet går som planlagt
",
        "
> 2026-02-24 10:00 set extra=yes
  2026-02-24 10:00 set extra
> 2026-02-24 10:00 plan 2026-12-01
  2026-03-02 00:00 X slutter: »lasts: 4 weeks«
  2026-04-10 08:00 Mail: soon: »1 workday before subsidised.first_day«
  2026-04-13 00:00 (X slutter: »lasts: 6 weeks«, hvis forløbet går som planlagt
  2026-04-16 08:00 Mail: over: »1 week before subsidised.last_day«
  2026-04-24 00:00 (X slutter: »until: 8 weeks after one.last_day«, hvis forløbet går som planlagt
  2026-03-02 00:00 -> teaching from 2026-03-02, left on 2026-02-27
> 2026-03-03 10:00 plan 2026-12-01
  2026-04-10 08:00 Mail: soon: »1 workday before subsidised.first_day«
  2026-04-13 00:00 X slutter: »lasts: 6 weeks«
  2026-04-16 08:00 Mail: over: »1 week before subsidised.last_day«
  2026-04-24 00:00 (X slutter: »until: 8 weeks after one.last_day«, hvis forløbet går som planlagt
",
    ] {
        let begun = "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> waiting from 2026-01-12
  2026-02-02 00:00 -> one from 2026-02-02, left on 2026-01-30";
        check(yaml, "start 2026-02-02", &format!("{begun}{script}"));
    }
}

#[test]
fn a_state_that_is_come_to_again_has_the_days_of_the_visit_ahead() {
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
> 2026-02-20 10:00 plan 2026-12-01
  2026-02-24 09:00 Mail: after_school: »2 workdays after school.last_day at 09:00«
  2026-03-05 00:00 Frist: X: »internship.last_day«
  2026-03-06 00:00 X slutter: »lasts: 2 weeks«
  2026-03-06 00:00 Fristen er overskredet: X: »due: internship.last_day«
  2026-03-06 00:00 (Opgave åbner: X: ved indtræden i fasen, hvis forløbet går som planlagt
  2026-03-06 08:00 (Mail: begins: »school.first_day at 07:30«, flyttet fra fredag den 6. marts 2026 kl. 7.30, uden for tiden 8.00–16.00, hvis forløbet går som planlagt
  2026-03-26 00:00 (Frist: X: »school.last_day«, hvis forløbet går som planlagt
  2026-03-26 12:00 (Mail: ends: »school.last_day at 12:00«, hvis forløbet går som planlagt
  2026-03-27 00:00 (X slutter: »lasts: 3 weeks«, hvis forløbet går som planlagt
",
    );
}

#[test]
fn a_compound_is_known_early_from_where_it_is_entered_and_not_from_inside() {
    let yaml = "
cohort:
  title: Hold
  dates: {start: {T}, middle: {T}, end: {T}}
  messages:
    begins: {template: a, to: coordinator, when: 1 week before whole.first_day at 09:00}
    halfway: {template: a, to: coordinator, when: two.first_day at 09:00}
candidate:
  states:
    waiting: {T, until: cohort.start, then: whole}
    whole:
      title: X
      states:
        one: {T, until: cohort.middle, then: two}
        two: {T, until: cohort.end, then: over}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-03-02, middle 2026-03-16, end 2026-03-30",
        "
> 2026-02-02 09:00 hold
  2026-02-23 09:00 hold mail begins to coordinator
  2026-03-16 09:00 hold mail halfway to coordinator
> 2026-05-01 00:00 tick
",
    );
}
