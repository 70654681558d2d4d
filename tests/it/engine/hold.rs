//! Across subjects: the hold's things in a case, places, attendance, the next hold, guards, age.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::date;
use tovholder::engine::frame::View;
use tovholder::engine::input::{Actor, Input};
use tovholder::engine::subject::{Ending, Subject};
use tovholder::engine::{NewCase, open_case, open_cohort, step};

use super::{check, dates, workflow};

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
  2026-03-09 00:00 hold task offer missed
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

/// One place, and a queue for it.
const QUEUE: &str = "
cohort: {title: Hold, places: 1, dates: {start: {T}}}
candidate:
  states:
    ready: {T, events: {enter: {T, then: inside}, line_up: {T, then: queue}}}
    queue:
      title: X
      lasts: 1 workday
      then: inside
      messages: {patience: {template: a, to: candidate, when: 2026-01-15 at 10:00}}
    inside:
      title: X
      holds_place: true
      lasts: 1 week
      then: over
      messages: {hello: {template: a, to: candidate, when: entered}}
    over: {T, final: success}
";

#[test]
fn who_waits_for_a_place_hears_first_that_the_hold_is_over() {
    // The place that is free is that of somebody who ended with the hold and was looked at before.
    check(
        QUEUE,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> ready from 2026-01-12
> 2026-01-12 09:00 b: open
  2026-01-12 09:00 b -> ready from 2026-01-12
> 2026-01-12 10:00 a: fire enter
  2026-01-12 10:00 a event enter
  2026-01-12 10:00 a -> inside from 2026-01-12, left on 2026-01-12
  2026-01-12 10:00 a mail hello to candidate
> 2026-01-12 10:00 b: fire line_up
  2026-01-12 10:00 b event line_up
  2026-01-12 10:00 b -> queue from 2026-01-12, left on 2026-01-12
  2026-01-13 00:00 b wait then for cohort.free_places
> 2026-01-14 17:00 cancel_hold
  2026-01-14 17:00 hold ended cancelled
  2026-01-14 17:00 a ended cancelled
  2026-01-14 17:00 b ended cancelled
> 2026-01-20 09:00 tick
",
    );
}

#[test]
fn a_hold_that_is_over_has_no_place_and_leads_nowhere_also_by_a_slower_clock() {
    // Who cancels has a clock that is ahead of that of who looks at the case: to the latter, what the
    // hold says has not come yet.
    let yaml = "
cohort: {title: Hold, places: 1, dates: {start: {T}}}
candidate:
  states:
    ready: {T, events: {one: {T, then: for_place}, other: {T, then: for_hold}}}
    for_place: {T, lasts: 1 workday, then: inside}
    for_hold: {T, lasts: 1 workday, then: next_cohort.for_place}
    inside: {T, holds_place: true, lasts: 1 week, then: over}
    over: {T, final: success}
";
    let workflow = workflow(yaml);
    let at = |hour: i8| {
        workflow
            .calendar
            .instant(date(2026, 1, 14).at(hour, 0, 0, 0))
    };
    let alone = View::of(&workflow);
    let opened = open_cohort(
        &alone,
        dates("start 2026-02-02"),
        BTreeMap::new(),
        &BTreeMap::new(),
        at(8),
    );
    let hold = opened.expect("a hold").subject;
    let clock = Actor {
        role: None,
        from: "test".into(),
    };
    let over = step(&alone, &hold, &Input::Cancel, &clock, at(17));
    let over = over.expect("it is cancelled").subject;
    for state in ["for_place", "for_hold"] {
        let beside = |cohort, free, next_cohort| View {
            cohort: Some(cohort),
            free_places: Some(free),
            next_cohort,
            ..View::of(&workflow)
        };
        let new = NewCase {
            state: Some(state.into()),
            ..NewCase::default()
        };
        let full = beside(&hold, 0, None);
        let case = open_case(&full, &new, at(8) - SignedDuration::from_hours(48));
        let case = case.expect("a case").subject;
        let tick = |view: &View<'_>, case: &Subject, now| {
            step(view, case, &Input::Tick, &clock, now).expect("a step")
        };
        let waits = tick(&full, &case, at(9)).subject;
        assert!(waits.marks[state].contains_key("then"), "{state}: it waits");
        let free = beside(&over, 1, Some(7));
        let before = tick(&free, &waits, at(17) - SignedDuration::from_millis(2));
        assert_eq!(
            (before.events, before.next_due),
            (vec![], Some(at(17))),
            "{state}"
        );
        let ended = tick(&free, &waits, at(17)).subject.ended;
        assert_eq!(
            ended.map(|ended| ended.how),
            Some(Ending::Cancelled),
            "{state}"
        );
    }
}

#[test]
fn who_waits_for_a_place_takes_it_after_all_that_had_its_time_before() {
    // Nobody looks until the place has been given back: by then its other mail was due.
    check(
        QUEUE,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> ready from 2026-01-12
> 2026-01-12 09:00 b: open
  2026-01-12 09:00 b -> ready from 2026-01-12
> 2026-01-12 10:00 a: fire enter
  2026-01-12 10:00 a event enter
  2026-01-12 10:00 a -> inside from 2026-01-12, left on 2026-01-12
  2026-01-12 10:00 a mail hello to candidate
> 2026-01-12 10:00 b: fire line_up
  2026-01-12 10:00 b event line_up
  2026-01-12 10:00 b -> queue from 2026-01-12, left on 2026-01-12
  2026-01-13 00:00 b wait then for cohort.free_places
> 2026-01-14 17:00 sleep
> 2026-01-20 09:00 wake
  2026-01-19 00:00 a -> over from 2026-01-19, left on 2026-01-16
  2026-01-19 00:00 a ended success
  2026-01-20 09:00 hold place free
  2026-01-15 10:00 b mail patience to candidate
  2026-01-20 09:00 b -> inside from 2026-01-20, left on 2026-01-19
  2026-01-20 09:00 b mail hello to candidate
",
    );
}

#[test]
fn a_cancelled_hold_ends_its_cases_and_says_so() {
    let yaml = "
overdue: {to: coordinator, after: 2 workdays}
cohort:
  title: Hold
  places: 2
  dates: {start: {T}}
  tasks: {prepare: {T, by: coordinator, due: 1 week before cohort.start}, offer: {T, by: coordinator, when: cohort.place_free}}
  meetings: {info: {T, with: [candidate], lasts: 1 hour}, school_day: {T, with: [candidate], lasts: 6 hours, every: 1 week}}
  messages:
    sorry: {template: a, to: candidate, when: cohort.cancelled}
    status: {template: a, to: jobcentre, every: friday at 12:00, from: 2 weeks before cohort.start}
    hosts: {template: a, to: coordinator, when: 1 week before cohort.start}
candidate:
  states:
    early:
      title: X
      holds_place: true
      until: cohort.start
      then: course
      tasks: {profile: {T, by: consultant}}
      meetings: {talk: {T, with: [candidate], lasts: 1 hour}}
      messages:
        practical: {template: a, to: candidate, when: 3 workdays before cohort.start}
        farewell: {template: a, to: candidate, when: left}
        told: {template: a, to: consultant, when: cohort.cancelled}
        day_after: {template: a, to: consultant, when: 1 workday after cohort.cancelled at 10:00}
    course: {T, holds_place: true, lasts: 1 week, then: over, events: {stop: {T, then: over}}}
    over: {T, final: success}
retention: {anonymise: 6 months after ended}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
  2026-01-12 09:00 hold task prepare
  2026-01-12 09:00 hold meeting school_day on 2026-02-09 08:00
  2026-01-12 09:00 hold mail school_day invitation to candidate
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> early from 2026-01-12
  2026-01-12 09:00 hold mail school_day invitation to candidate
  2026-01-12 09:00 a task profile
> 2026-01-12 09:00 done: open course
  2026-01-12 09:00 done -> course from 2026-01-12
  2026-01-12 09:00 hold mail school_day invitation to candidate
> 2026-01-12 09:01 done: fire stop
  2026-01-12 09:01 done event stop
  2026-01-12 09:01 done -> over from 2026-01-12, left on 2026-01-12
  2026-01-12 09:01 done ended success
  2026-01-12 09:01 hold place free
  2026-01-12 09:01 hold task offer
> 2026-01-12 10:00 a: book talk 2026-01-20T10:00
  2026-01-12 10:00 a meeting talk on 2026-01-20 10:00
  2026-01-12 10:00 a mail talk invitation to candidate
> 2026-01-12 10:00 book cohort.info 2026-01-22T10:00
  2026-01-12 10:00 hold meeting info on 2026-01-22 10:00
  2026-01-12 10:00 hold mail info invitation to candidate
> 2026-01-14 17:00 cancel_hold
  2026-01-14 17:00 hold task prepare withdrawn
  2026-01-14 17:00 hold task offer withdrawn
  2026-01-14 17:00 hold meeting info cancelled
  2026-01-15 08:00 hold mail info cancelled to candidate
  2026-01-14 17:00 hold meeting school_day cancelled
  2026-01-15 08:00 hold mail school_day cancelled to candidate
  2026-01-14 17:00 hold ended cancelled
  2026-01-15 08:00 hold mail sorry to candidate
  2026-01-14 17:00 a task profile withdrawn
  2026-01-14 17:00 a meeting talk cancelled
  2026-01-15 08:00 a mail talk cancelled to candidate
  2026-01-14 17:00 a ended cancelled
  2026-01-15 08:00 a mail told to consultant
> 2026-01-14 17:00 a: done profile
  2026-01-14 17:00 refused: the case ended on 2026-01-14; nothing more can happen to it
> 2026-01-14 17:00 cancel_hold
  2026-01-14 17:00 refused: the hold was cancelled on 2026-01-14; nothing more can happen to it
> 2026-01-14 17:00 done cohort.prepare
  2026-01-14 17:00 refused: the hold was cancelled on 2026-01-14; nothing more can happen to it
> 2026-01-14 17:00 late: open
  2026-01-14 17:00 refused: the hold was cancelled on 2026-01-14; nothing more can happen to it
  2026-01-15 10:00 a mail day_after to consultant
  2026-07-12 00:00 done erased
  2026-07-14 00:00 a erased
> 2026-09-01 00:00 tick
",
    );
}

#[test]
fn a_place_that_becomes_free_is_told_and_goes_to_who_has_waited() {
    let yaml = "
cohort:
  title: Hold
  places: 1
  dates: {start: {T}}
  messages: {offer: {template: a, to: coordinator, when: cohort.place_free}}
candidate:
  states:
    wanted: {T, events: {choose: {T, then: [{if: {cohort.free_places: {at_least: 1}}, then: selected}, {else: waiting}]}}}
    waiting: {T, until: 1 week before cohort.start, then: selected, events: {give_up: {T, then: next_cohort.wanted}}, messages: {place: {template: a, to: consultant, when: cohort.place_free}}}
    selected: {T, holds_place: true, until: cohort.start, then: course, events: {give_back: {T, then: over}}}
    course: {T, holds_place: true, lasts: 1 week, then: over}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-03-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> wanted from 2026-01-12
> 2026-01-12 09:00 b: open
  2026-01-12 09:00 b -> wanted from 2026-01-12
> 2026-01-12 09:00 c: open
  2026-01-12 09:00 c -> wanted from 2026-01-12
> 2026-01-12 09:00 d: open
  2026-01-12 09:00 d -> wanted from 2026-01-12
> 2026-01-13 09:00 a: fire choose
  2026-01-13 09:00 a event choose
  2026-01-13 09:00 a -> selected from 2026-01-13, left on 2026-01-13
> 2026-01-13 09:00 b: fire choose
  2026-01-13 09:00 b event choose
  2026-01-13 09:00 b -> waiting from 2026-01-13, left on 2026-01-13
> 2026-01-13 09:01 c: fire choose
  2026-01-13 09:01 c event choose
  2026-01-13 09:01 c -> waiting from 2026-01-13, left on 2026-01-13
> 2026-01-13 09:02 d: fire choose
  2026-01-13 09:02 d event choose
  2026-01-13 09:02 d -> waiting from 2026-01-13, left on 2026-01-13
  2026-02-23 00:00 b wait then for cohort.free_places
  2026-02-23 00:00 c wait then for cohort.free_places
  2026-02-23 00:00 d wait then for cohort.free_places
> 2026-02-24 09:00 d: fire give_up
  2026-02-24 09:00 refused: there is no later hold to move to yet; create one and try again
> 2026-02-24 09:00 next
> 2026-02-24 09:00 d: fire give_up
  2026-02-24 09:00 d event give_up
  2026-02-24 09:00 d ended moved
  2026-02-24 09:00 d opens next: wanted with []
> 2026-02-25 09:00 a: fire give_back
  2026-02-25 09:00 a event give_back
  2026-02-25 09:00 a -> over from 2026-02-25, left on 2026-02-25
  2026-02-25 09:00 a ended success
  2026-02-25 09:00 hold place free
  2026-02-25 09:00 hold mail offer to coordinator
  2026-02-25 09:00 b -> selected from 2026-02-25, left on 2026-02-24
  2026-02-25 09:00 c mail place to consultant
> 2026-02-26 09:00 b: fire give_back
  2026-02-26 09:00 b event give_back
  2026-02-26 09:00 b -> over from 2026-02-26, left on 2026-02-26
  2026-02-26 09:00 b ended success
  2026-02-26 09:00 hold place free
  2026-02-26 09:00 hold mail offer to coordinator
  2026-02-26 09:00 c -> selected from 2026-02-26, left on 2026-02-25
  2026-03-02 00:00 c -> course from 2026-03-02, left on 2026-02-27
  2026-03-09 00:00 c -> over from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 c ended success
  2026-03-09 00:00 hold place free
  2026-03-09 08:00 hold mail offer to coordinator
> 2026-04-01 00:00 tick
",
    );
}

#[test]
fn a_case_that_was_a_mistake_is_taken_back_and_gives_its_place() {
    let yaml = "
cohort:
  title: Hold
  places: 1
  dates: {start: {T}}
  tasks: {offer: {T, by: coordinator, when: cohort.place_free}}
candidate:
  states:
    early:
      title: X
      holds_place: true
      until: cohort.start
      then: course
      tasks: {profile: {T, by: consultant}}
      messages:
        practical: {template: a, to: candidate, when: 3 workdays before cohort.start}
        farewell: {template: a, to: candidate, when: left}
    course: {T, holds_place: true, lasts: 1 week, then: over}
    over: {T, final: success}
retention: {anonymise: 6 months after ended}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> early from 2026-01-12
  2026-01-12 09:00 a task profile
> 2026-01-12 09:01 b: open
  2026-01-12 09:01 refused: the hold is full: all 1 places are taken
> 2026-01-12 10:00 a: take_back forget
  2026-01-12 10:00 a task profile withdrawn
  2026-01-12 10:00 a ended takenback
  2026-01-12 10:00 a erased
  2026-01-12 10:00 hold place free
  2026-01-12 10:00 hold task offer
> 2026-01-12 10:01 a: done profile
  2026-01-12 10:01 refused: the case ended on 2026-01-12; nothing more can happen to it
> 2026-01-12 10:02 b: open
  2026-01-12 10:02 b -> early from 2026-01-12
  2026-01-12 10:02 b task profile
> 2026-01-12 10:03 b: take_back
  2026-01-12 10:03 b task profile withdrawn
  2026-01-12 10:03 b ended takenback
  2026-01-12 10:03 hold place free
  2026-01-12 10:03 hold task offer#2
> 2026-02-09 09:00 tick
  2026-07-12 00:00 b erased
> 2026-07-13 09:00 tick
",
    );
}
