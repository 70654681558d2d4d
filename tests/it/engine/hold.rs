//! Across subjects: the hold's things in a case, places, attendance, the next hold, guards, age.

use super::check;

const JRS: &str = "
cohort:
  title: Hold
  places: 1
  dates: {start: {T}}
  facts: {place: {T, type: yes_no}}
  tasks:
    decide: {T, by: coordinator, clears: [met]}
    offer: {T, by: coordinator, when: cohort.place_free, due: 1 workday after cohort.place_free, until: 1 week after cohort.start, optional: true}
  meetings:
    info: {T, with: [candidate, coordinator], about: [nominated], lasts: 2 hours, remind: [2 workdays before at 09:00]}
  messages:
    decided: {template: a, to: consultant, when: cohort.decide.done, about: [selected]}
candidate:
  facts: {screened: {T, type: yes_no}}
  states:
    nominated:
      title: X
      until: cohort.start
      then: next_cohort.nominated
      events:
        cohort.info.held: {then: met}
        cohort.info.no_show: {then: next_cohort.nominated}
        cohort.info.cancelled: {then: waiting}
      messages:
        not_there: {template: a, to: consultant, when: cohort.info.no_show}
        called_off: {template: a, to: consultant, when: cohort.info.cancelled}
    met:
      title: X
      until: cohort.start
      then: next_cohort.met
      tasks: {screen: {T, by: coordinator, due: 1 workday after cohort.info, fills: [screened]}}
      messages: {thanks: {template: a, to: candidate, when: cohort.info.held}}
      events:
        choose: {T, by: coordinator, needs: [screened], if: {age: {at_least: 25}}, override: coordinator, then: [{if: {cohort.free_places: {at_least: 1}}, then: selected}, {else: waiting}]}
        cohort.decide.done: {then: waiting}
    waiting:
      title: X
      until: 1 week after cohort.start
      then: next_cohort.met
      events: {offer_it: {T, then: selected}, cohort.decide.done: {}}
    selected: {T, holds_place: true, until: cohort.start, then: course, events: {give_back: {T, then: said_no}}}
    course: {T, holds_place: true, lasts: 1 week, then: over}
    over: {T, final: success}
    said_no: {T, final: neutral}
";

#[test]
fn an_attendance_list_gives_each_case_its_own_word() {
    check(
        JRS,
        "start 2026-03-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task decide
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> nominated from 2026-01-12
> 2026-01-12 09:00 b: open
  2026-01-12 09:00 b -> nominated from 2026-01-12
> 2026-01-12 09:00 c: open
  2026-01-12 09:00 c -> nominated from 2026-01-12
> 2026-01-13 09:00 book cohort.info 2026-01-20T13:00
  2026-01-13 09:00 hold meeting info on 2026-01-20 13:00
  2026-01-13 09:00 hold mail info invitation to candidate+coordinator
  2026-01-16 09:00 hold mail info reminder to candidate+coordinator
> 2026-01-20 15:00 held cohort.info a -b
  2026-01-20 15:00 hold meeting info held
  2026-01-20 15:00 a -> met from 2026-01-20, left on 2026-01-20
  2026-01-20 15:00 a task screen
  2026-01-20 15:00 a mail thanks to candidate
  2026-01-20 15:00 b wait event.cohort.info.no_show for cohort.next_cohort
  2026-01-20 15:00 b mail not_there to consultant
> 2026-01-21 09:00 late: open
  2026-01-21 09:00 late -> nominated from 2026-01-21
  2026-01-22 00:00 a task screen overdue
> 2026-01-22 09:00 book cohort.info 2026-01-27T13:00
  2026-01-22 09:00 hold meeting info#2 on 2026-01-27 13:00
  2026-01-22 09:00 hold mail info invitation to candidate+coordinator
  2026-01-23 09:00 hold mail info reminder to candidate+coordinator
> 2026-01-27 15:00 held cohort.info
  2026-01-27 15:00 hold meeting info#2 held
  2026-01-27 15:00 a mail thanks to candidate
  2026-01-27 15:00 b -> met from 2026-01-27, left on 2026-01-27
  2026-01-27 15:00 b task screen
  2026-01-27 15:00 b mail thanks to candidate
  2026-01-27 15:00 c -> met from 2026-01-27, left on 2026-01-27
  2026-01-27 15:00 c task screen
  2026-01-27 15:00 c mail thanks to candidate
  2026-01-27 15:00 late -> met from 2026-01-27, left on 2026-01-27
  2026-01-27 15:00 late task screen
  2026-01-27 15:00 late mail thanks to candidate
> 2026-01-28 10:00 next
  2026-01-29 00:00 b task screen overdue
  2026-01-29 00:00 c task screen overdue
  2026-01-29 00:00 late task screen overdue
  2026-03-02 00:00 a task screen withdrawn
  2026-03-02 00:00 a ended moved
  2026-03-02 00:00 a opens next: met with []
  2026-03-02 00:00 b task screen withdrawn
  2026-03-02 00:00 b ended moved
  2026-03-02 00:00 b opens next: met with []
  2026-03-02 00:00 c task screen withdrawn
  2026-03-02 00:00 c ended moved
  2026-03-02 00:00 c opens next: met with []
  2026-03-02 00:00 late task screen withdrawn
  2026-03-02 00:00 late ended moved
  2026-03-02 00:00 late opens next: met with []
  2026-03-02 00:00 hold task decide done
  2026-03-02 08:00 hold mail decided to consultant
> 2026-03-10 00:00 tick
",
    );
}

#[test]
fn what_happens_on_the_hold_is_heard_once_by_those_who_are_there() {
    check(
        JRS,
        "start 2026-03-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task decide
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> nominated from 2026-01-12
> 2026-01-12 09:00 b: open met
  2026-01-12 09:00 b -> met from 2026-01-12
  2026-01-12 09:00 b task screen
> 2026-01-13 09:00 book cohort.info 2026-01-20T13:00
  2026-01-13 09:00 hold meeting info on 2026-01-20 13:00
  2026-01-13 09:00 hold mail info invitation to candidate+coordinator
> 2026-01-14 09:00 cancel cohort.info
  2026-01-14 09:00 hold meeting info cancelled
  2026-01-14 09:00 hold mail info cancelled to candidate+coordinator
  2026-01-14 09:00 a mail called_off to consultant
  2026-01-14 09:00 a -> waiting from 2026-01-14, left on 2026-01-14
> 2026-01-15 09:00 late: open
  2026-01-15 09:00 late -> nominated from 2026-01-15
> 2026-01-15 10:00 done cohort.decide
  2026-01-15 10:00 refused: task 'decide' is done when nobody is left in met; 1 are left
> 2026-01-15 10:00 b: done screen screened=yes
  2026-01-15 10:00 b set screened
  2026-01-15 10:00 b task screen done
> 2026-01-15 10:01 b: fire choose !older
  2026-01-15 10:01 b event choose overridden
  2026-01-15 10:01 b -> selected from 2026-01-15, left on 2026-01-15
  2026-01-15 10:01 hold task decide done
  2026-01-15 10:01 hold mail decided to consultant
> 2026-01-16 09:00 tick
> 2026-02-01 00:00 tick
",
    );
    // Asleep while it happens: it counts from when it happened, and never twice.
    check(
        JRS,
        "start 2026-03-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task decide
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> nominated from 2026-01-12
> 2026-01-12 09:00 sleep
> 2026-01-13 09:00 book cohort.info 2026-01-20T13:00
  2026-01-13 09:00 hold meeting info on 2026-01-20 13:00
  2026-01-13 09:00 hold mail info invitation to candidate+coordinator
> 2026-01-14 09:00 cancel cohort.info
  2026-01-14 09:00 hold meeting info cancelled
  2026-01-14 09:00 hold mail info cancelled to candidate+coordinator
> 2026-01-16 09:00 wake
  2026-01-14 09:00 a mail called_off to consultant
  2026-01-14 09:00 a -> waiting from 2026-01-14, left on 2026-01-14
> 2026-01-16 09:01 tick
",
    );
}

#[test]
fn places_are_taken_given_back_and_waited_for() {
    check(
        JRS,
        "start 2026-03-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task decide
> 2026-01-12 09:00 born 1990-02-28
> 2026-01-12 09:00 a: open met screened=yes
  2026-01-12 09:00 a set screened
  2026-01-12 09:00 a -> met from 2026-01-12
  2026-01-12 09:00 a task screen
  2026-01-12 09:00 a task screen done
> 2026-01-12 09:00 b: open met screened=yes
  2026-01-12 09:00 b set screened
  2026-01-12 09:00 b -> met from 2026-01-12
  2026-01-12 09:00 b task screen
  2026-01-12 09:00 b task screen done
> 2026-01-15 10:00 a: fire choose
  2026-01-15 10:00 a event choose
  2026-01-15 10:00 a -> selected from 2026-01-15, left on 2026-01-15
> 2026-01-15 10:00 b: fire choose
  2026-01-15 10:00 b event choose
  2026-01-15 10:00 b -> waiting from 2026-01-15, left on 2026-01-15
  2026-01-15 10:00 hold task decide done
  2026-01-15 10:00 hold mail decided to consultant
> 2026-01-16 10:00 b: fire offer_it
  2026-01-16 10:00 refused: the hold is full: all 1 places are taken
> 2026-01-16 10:00 x: open selected
  2026-01-16 10:00 refused: the hold is full: all 1 places are taken
> 2026-02-20 10:00 a: fire give_back
  2026-02-20 10:00 a event give_back
  2026-02-20 10:00 a -> said_no from 2026-02-20, left on 2026-02-20
  2026-02-20 10:00 a ended neutral
  2026-02-20 10:00 hold place free
  2026-02-20 10:00 hold task offer
> 2026-02-20 11:00 b: fire offer_it
  2026-02-20 11:00 b event offer_it
  2026-02-20 11:00 b -> selected from 2026-02-20, left on 2026-02-20
  2026-03-02 00:00 b -> course from 2026-03-02, left on 2026-02-27
  2026-03-09 00:00 b -> over from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 b ended success
  2026-03-09 00:00 hold place free
  2026-03-09 00:00 hold task offer#2
> 2026-04-01 00:00 tick
",
    );
}

#[test]
fn age_is_counted_on_the_day_and_a_guard_may_be_passed_with_a_reason() {
    check(
        JRS,
        "start 2026-03-30",
        "
> 2026-02-27 08:00 hold
  2026-02-27 08:00 hold task decide
> 2026-02-27 08:00 a: open met screened=yes
  2026-02-27 08:00 a set screened
  2026-02-27 08:00 a -> met from 2026-02-27
  2026-02-27 08:00 a task screen
  2026-02-27 08:00 a task screen done
> 2026-02-27 09:00 a: as coordinator fire choose
  2026-02-27 09:00 refused: needs facts that are not recorded: age; give them with --set NAME=VALUE
> 2026-02-27 09:00 a: as coordinator fire choose !adult
  2026-02-27 09:00 a event choose overridden
  2026-02-27 09:00 a -> selected from 2026-02-27, left on 2026-02-27
  2026-02-27 09:00 hold task decide done
  2026-02-27 09:00 hold mail decided to consultant
> 2026-02-27 10:00 born 2001-02-28
> 2026-02-27 10:00 b: open met screened=yes
  2026-02-27 10:00 b set screened
  2026-02-27 10:00 b -> met from 2026-02-27
  2026-02-27 10:00 b task screen
  2026-02-27 10:00 b task screen done
> 2026-02-27 10:00 b: as coordinator fire choose
  2026-02-27 10:00 refused: the condition does not hold: alder mindst 25
> 2026-02-27 10:00 b: as consultant fire choose !adult
  2026-02-27 10:00 refused: role 'consultant' may not do this; it is for: coordinator
> 2026-02-27 10:00 b: fire nonsense
  2026-02-27 10:00 refused: event 'nonsense' is not declared in state 'met'; possible here: choose
> 2026-02-28 00:00 b: as coordinator fire choose
  2026-02-28 00:00 b event choose
  2026-02-28 00:00 b -> waiting from 2026-02-28, left on 2026-02-27
",
    );
}

#[test]
fn a_case_waits_for_a_later_hold_and_moves_on_with_its_facts() {
    check(
        JRS,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task decide
> 2026-01-12 09:00 a: open met screened=yes
  2026-01-12 09:00 a set screened
  2026-01-12 09:00 a -> met from 2026-01-12
  2026-01-12 09:00 a task screen
  2026-01-12 09:00 a task screen done
  2026-02-02 00:00 a wait then for cohort.next_cohort
> 2026-02-10 09:00 next
  2026-02-10 09:00 a ended moved
  2026-02-10 09:00 a opens next: met with [screened]
  2026-02-10 09:00 hold task decide done
  2026-02-10 09:00 hold mail decided to consultant
> 2026-02-11 09:00 a: fire choose
  2026-02-11 09:00 refused: the case ended on 2026-02-10; nothing more can happen to it
> 2026-12-01 09:00 tick
",
    );
}

#[test]
fn the_hold_hears_who_comes_and_who_is_left() {
    check(
        JRS,
        "start 2026-03-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task decide
> 2026-01-12 10:00 book cohort.info 2026-01-20T13:00
  2026-01-12 10:00 hold meeting info on 2026-01-20 13:00
  2026-01-12 10:00 hold mail info invitation to candidate+coordinator
> 2026-01-13 09:00 a: open
  2026-01-13 09:00 a -> nominated from 2026-01-13
  2026-01-13 09:00 hold mail info invitation to candidate+coordinator
> 2026-01-13 09:00 b: open
  2026-01-13 09:00 b -> nominated from 2026-01-13
  2026-01-13 09:00 hold mail info invitation to candidate+coordinator
  2026-01-16 09:00 hold mail info reminder to candidate+coordinator
> 2026-01-20 15:00 held cohort.info a b
  2026-01-20 15:00 hold meeting info held
  2026-01-20 15:00 a -> met from 2026-01-20, left on 2026-01-20
  2026-01-20 15:00 a task screen
  2026-01-20 15:00 a mail thanks to candidate
  2026-01-20 15:00 b -> met from 2026-01-20, left on 2026-01-20
  2026-01-20 15:00 b task screen
  2026-01-20 15:00 b mail thanks to candidate
> 2026-01-20 15:30 done cohort.decide
  2026-01-20 15:30 refused: task 'decide' is done when nobody is left in met; 2 are left
> 2026-01-21 10:00 done cohort.place
  2026-01-21 10:00 refused: task 'place' is not open
  2026-01-22 00:00 a task screen overdue
  2026-01-22 00:00 b task screen overdue
> 2026-02-10 10:00 set cohort.place=yes
  2026-02-10 10:00 hold set place
> 2026-02-28 00:00 tick
  2026-03-02 00:00 a wait then for cohort.next_cohort
  2026-03-02 00:00 b wait then for cohort.next_cohort
> 2026-03-05 00:00 next
  2026-03-05 00:00 a task screen withdrawn
  2026-03-05 00:00 a ended moved
  2026-03-05 00:00 a opens next: met with []
  2026-03-05 00:00 b task screen withdrawn
  2026-03-05 00:00 b ended moved
  2026-03-05 00:00 b opens next: met with []
  2026-03-05 00:00 hold task decide done
  2026-03-05 08:00 hold mail decided to consultant
",
    );
}

#[test]
fn a_place_that_changes_hands_within_one_step_was_never_free() {
    let yaml = "
cohort: {title: Hold, places: 1, dates: {start: {T}}}
candidate:
  states:
    nominated: {T, events: {accept: {T, then: a}}}
    a: {T, holds_place: true, until: cohort.start, then: b, events: {swap: {T, then: b}}}
    b: {T, until: cohort.start, then: c}
    c: {T, holds_place: true, lasts: 1 week, then: over}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> nominated from 2026-01-26
> 2026-01-26 10:00 fire accept
  2026-01-26 10:00 event accept
  2026-01-26 10:00 -> a from 2026-01-26, left on 2026-01-26
> 2026-01-26 11:00 other: open
  2026-01-26 11:00 other -> nominated from 2026-01-26
> 2026-01-26 11:00 other: fire accept
  2026-01-26 11:00 refused: the hold is full: all 1 places are taken
  2026-02-02 00:00 -> b from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 -> c from 2026-02-02, left on 2026-01-30
> 2026-02-03 11:00 other: fire accept
  2026-02-03 11:00 refused: the hold is full: all 1 places are taken
  2026-02-09 00:00 -> over from 2026-02-09, left on 2026-02-06
  2026-02-09 00:00 ended success
  2026-02-09 00:00 hold place free
> 2026-02-10 11:00 other: fire accept
  2026-02-10 11:00 other event accept
  2026-02-10 11:00 other -> a from 2026-02-10, left on 2026-02-10
  2026-02-10 11:00 other -> b from 2026-02-02, left on 2026-01-30
  2026-02-10 11:00 other -> c from 2026-02-02, left on 2026-01-30
  2026-02-10 11:00 other -> over from 2026-02-09, left on 2026-02-06
  2026-02-10 11:00 other ended success
> 2026-03-10 11:00 tick
",
    );
}
