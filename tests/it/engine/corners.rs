//! Corners: circles, rounds, things at one instant, and years that go by.

use jiff::SignedDuration;
use tovholder::definition::model::{
    Anchor, Goal, MessageTime, StatePart, Stay, Task, Then, Workflow,
};
use tovholder::engine::NewCase;

use super::play::{HOLD, Stage};
use super::{check, check_played, dates, workflow};

/// The checker refuses such files, so the circles are closed behind its back.
fn in_a_circle(mut workflow: Workflow) -> Workflow {
    let [a, b, c] = ["a", "b", "c"].map(|name| workflow.state_ids[name]);
    let last_day = |state| Anchor::State {
        state,
        part: StatePart::LastDay,
    };
    for (state, of) in [(a, b), (b, a), (c, c)] {
        if let Stay::Until(point) = &mut workflow.states[state.0].stay {
            point.anchor = last_day(of);
        }
    }
    let own = &mut workflow.states[a.0].scope;
    if let MessageTime::When { point, .. } = &mut own.messages[0].when {
        point.anchor = Anchor::State {
            state: b,
            part: StatePart::FirstDay,
        };
    }
    let due = |task: &mut Task, cohort: bool, name: &str| {
        let point = task.due.as_mut().expect("it has a due day");
        point.anchor = Anchor::TaskDue {
            cohort,
            name: name.into(),
        };
    };
    due(&mut own.tasks[0], false, "y");
    let hold = &mut workflow.cohort.scope.tasks;
    for (at, name) in ["two", "one", "self_made"].into_iter().enumerate() {
        due(&mut hold[at], true, name);
    }
    workflow
}

#[test]
fn points_that_refer_to_each_other_in_a_circle_find_nothing_and_come_to_rest() {
    let yaml = "
cohort:
  title: Hold
  dates: {start: {T}}
  tasks:
    one: {T, by: coordinator, due: 1 workday after cohort.start}
    two: {T, by: coordinator, due: 1 workday after cohort.start}
    self_made: {T, by: coordinator, due: 1 workday after cohort.start}
candidate:
  states:
    a:
      title: X
      until: 1 week after cohort.start
      then: b
      tasks:
        x: {T, by: consultant, due: 1 workday after entered, remind: [1 workday before]}
        y: {T, by: consultant, due: 1 workday before x.due}
      meetings:
        talk: {T, with: [candidate], lasts: 1 hour, between: [1 workday after x.due, a.last_day], book: {by: consultant, due: 1 workday before}}
      messages:
        late: {template: a, to: candidate, when: 1 workday after entered}
      events: {go: {T, then: b}}
    b: {T, until: 1 week before cohort.start, then: c, events: {go: {T, then: c}}}
    c: {T, until: cohort.start, then: over, events: {go: {T, then: over}}}
    over: {T, final: success}
";
    check_played(
        in_a_circle(workflow(yaml)),
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
  2026-02-02 09:00 hold task one
  2026-02-02 09:00 hold task self_made
  2026-02-02 09:00 hold task two
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> a from 2026-02-02
  2026-02-02 09:00 task x
  2026-02-02 09:00 task y
> 2026-02-02 09:00 plan 2027-02-01
> 2026-03-02 09:00 fire go
  2026-03-02 09:00 event go
  2026-03-02 09:00 task x withdrawn
  2026-03-02 09:00 task y withdrawn
  2026-03-02 09:00 -> b from 2026-03-02, left on 2026-03-02
  2026-03-02 09:00 -> c from 2026-02-23, left on 2026-02-20
> 2026-04-02 09:00 fire go
  2026-04-02 09:00 event go
  2026-04-02 09:00 -> over from 2026-04-02, left on 2026-04-01
  2026-04-02 09:00 ended success
> 2026-05-02 09:00 fire go
  2026-05-02 09:00 refused: the case ended on 2026-04-02; nothing more can happen to it
",
    );
}

#[test]
fn a_compound_that_leads_into_itself_begins_anew() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    whole:
      title: X
      lasts: 2 weeks
      then: second
      events: {again: {T, then: whole}, stop: {T, then: over}}
      tasks: {report: {T, by: consultant}}
      messages: {hello: {template: a, to: candidate, when: entered}, bye: {template: a, to: candidate, when: left}}
      states:
        opening: {T, lasts: 1 week, then: second, events: {go: {T, then: second}}}
        second: {T, events: {back: {T, then: opening}}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> opening from 2026-02-02
  2026-02-02 09:00 task report
  2026-02-02 09:00 mail hello to candidate
  2026-02-09 00:00 -> second from 2026-02-09, left on 2026-02-06
  2026-02-16 08:00 mail bye to candidate
  2026-02-16 00:00 task report withdrawn
  2026-02-16 00:00 -> second from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 task report#2
  2026-02-16 08:00 mail hello to candidate
> 2026-02-17 09:00 fire back
  2026-02-17 09:00 event back
  2026-02-17 09:00 -> opening from 2026-02-17, left on 2026-02-17
> 2026-02-18 09:00 fire again
  2026-02-18 09:00 event again
  2026-02-18 09:00 mail bye to candidate
  2026-02-18 09:00 task report#2 withdrawn
  2026-02-18 09:00 -> opening from 2026-02-18, left on 2026-02-18
  2026-02-18 09:00 task report#3
  2026-02-18 09:00 mail hello to candidate
  2026-02-25 00:00 -> second from 2026-02-25, left on 2026-02-24
  2026-03-04 08:00 mail bye to candidate
  2026-03-04 00:00 task report#3 withdrawn
  2026-03-04 00:00 -> second from 2026-03-04, left on 2026-03-03
  2026-03-04 00:00 task report#4
  2026-03-04 08:00 mail hello to candidate
> 2026-03-05 09:00 fire stop
  2026-03-05 09:00 event stop
  2026-03-05 09:00 mail bye to candidate
  2026-03-05 09:00 task report#4 withdrawn
  2026-03-05 09:00 -> over from 2026-03-05, left on 2026-03-05
  2026-03-05 09:00 ended success
",
    );
}

#[test]
fn a_round_with_a_fixed_day_goes_on_and_never_turns_time_back() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    a: {T, until: cohort.start, then: b}
    b: {T, lasts: 1 week, then: a, events: {stop: {T, then: over}}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> a from 2026-01-26
  2026-02-02 00:00 -> b from 2026-02-02, left on 2026-01-30
  2026-02-09 00:00 -> a from 2026-02-09, left on 2026-02-06
  2026-02-09 00:00 -> b from 2026-02-09, left on 2026-02-06
  2026-02-16 00:00 -> a from 2026-02-16, left on 2026-02-13
  2026-02-16 00:00 -> b from 2026-02-16, left on 2026-02-13
> 2026-02-18 09:00 tick
",
    );
    // Someone who comes a month late goes round until today.
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-02-26 09:00 open
  2026-02-26 09:00 -> a from 2026-02-26
  2026-02-26 09:00 -> b from 2026-02-02, left on 2026-01-30
  2026-02-26 09:00 -> a from 2026-02-09, left on 2026-02-06
  2026-02-26 09:00 -> b from 2026-02-09, left on 2026-02-06
  2026-02-26 09:00 -> a from 2026-02-16, left on 2026-02-13
  2026-02-26 09:00 -> b from 2026-02-16, left on 2026-02-13
  2026-02-26 09:00 -> a from 2026-02-23, left on 2026-02-20
  2026-02-26 09:00 -> b from 2026-02-23, left on 2026-02-20
> 2026-02-26 09:00 plan 2026-03-12
  2026-03-02 00:00 (X slutter: »until: cohort.start«, hvis forløbet går som planlagt
  2026-03-02 00:00 X slutter: »lasts: 1 week«
",
    );
    // However late, nobody is refused for it: rounds that go on in time are no restless loop.
    let mut stage = Stage::new(workflow(yaml), dates("start 2026-02-02"));
    stage.open_hold("2026-01-26T08:00:00Z".parse().expect("an instant"));
    let late = "2028-03-04T08:00:00Z".parse().expect("an instant");
    stage.now = late;
    let case = stage.open("", &NewCase::default(), late).expect("it opens");
    let visit = &stage.player(case).subject.visits["b"];
    assert!(visit.n > 100 && visit.left.is_none(), "{visit:?}");
}

/// A fixed day that is met for the first time may turn a newcomer's days back once; the rounds after
/// it are many and get on. What really goes round at one instant is refused, however it dresses.
#[test]
fn many_rounds_after_a_day_turned_back_are_no_restless_loop() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    early: {T, lasts: 1 calendar day, then: fixed}
    fixed: {T, until: cohort.start, then: rounds}
    rounds: {T, lasts: 1 calendar day, then: fixed, events: {stop: {T, then: over}}}
    over: {T, final: success}
";
    let mut stage = Stage::new(workflow(yaml), dates("start 2026-02-02"));
    stage.open_hold("2026-01-26T08:00:00Z".parse().expect("an instant"));
    stage.now = "2026-08-04T08:00:00Z".parse().expect("an instant");
    let case = stage
        .open("", &NewCase::default(), stage.now)
        .expect("it opens");
    stage.pass("2026-08-10T08:00:00Z".parse().expect("an instant"));
    let visit = &stage.player(case).subject.visits["rounds"];
    assert!(visit.n > 180 && visit.left.is_none(), "{visit:?}");
}

#[test]
fn what_goes_round_at_one_instant_is_refused_and_not_gone_round_for_ever() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  states:
    fixed: {T, until: cohort.start, then: search}
    search:
      title: X
      lasts: 1 week
      then: over
      tasks: {find: {T, by: consultant, fills: [mentor]}}
      events: {find.done: {then: over}}
    over: {T, final: success}
";
    // The checker refuses a file in which this leads back, so it is made to behind the checker's back.
    let mut workflow = workflow(yaml);
    let [fixed, search] = ["fixed", "search"].map(|name| workflow.state_ids[name]);
    workflow.states[search.0].scope.events[0].then = Some(Then::To(Goal::State(fixed)));
    check_played(
        workflow,
        "start 2026-02-02",
        "
> 2026-01-26 09:00 hold
> 2026-01-26 09:00 open
  2026-01-26 09:00 -> fixed from 2026-01-26
  2026-02-02 00:00 -> search from 2026-02-02, left on 2026-01-30
  2026-02-02 00:00 task find
> 2026-02-03 10:00 done find mentor=#7
  2026-02-03 10:00 refused: more than 64 steps follow from one another: the workflow does not come to rest
  2026-02-09 00:00 task find withdrawn
  2026-02-09 00:00 -> over from 2026-02-09, left on 2026-02-06
  2026-02-09 00:00 ended success
> 2026-02-20 10:00 tick
",
    );
}

#[test]
fn the_innermost_state_reacts_and_hides_the_outer_one_also_when_its_condition_fails() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}, tasks: {decide: {T, by: coordinator}, more: {T, by: coordinator}}}
candidate:
  facts: {ready: {T, type: yes_no}}
  states:
    whole:
      title: X
      tasks: {report: {T, by: consultant}}
      events: {report.done: {then: outer}, cohort.decide.done: {then: outer}, call: {T, then: outer}}
      states:
        inner:
          title: X
          tasks: {note: {T, by: consultant}}
          events:
            report.done: {if: {ready: yes}, then: other}
            cohort.decide.done: {then: other}
            note.done: {}
            call: {T}
        other: {T, events: {go: {T, then: inner}}}
    outer: {T, final: neutral}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
  2026-02-02 09:00 hold task decide
  2026-02-02 09:00 hold task more
> 2026-02-02 09:00 open ready=no
  2026-02-02 09:00 set ready
  2026-02-02 09:00 -> inner from 2026-02-02
  2026-02-02 09:00 task note
  2026-02-02 09:00 task report
> 2026-02-02 10:00 fire call
  2026-02-02 10:00 event call
> 2026-02-02 10:00 done report
  2026-02-02 10:00 task report done
> 2026-02-02 11:00 done cohort.decide
  2026-02-02 11:00 hold task decide done
  2026-02-02 11:00 task note withdrawn
  2026-02-02 11:00 -> other from 2026-02-02, left on 2026-02-02
> 2026-02-02 12:00 reopen report
  2026-02-02 12:00 task report#2
> 2026-02-02 12:00 done report
  2026-02-02 12:00 task report#2 done
  2026-02-02 12:00 -> outer from 2026-02-02, left on 2026-02-02
  2026-02-02 12:00 ended neutral
",
    );
}

#[test]
fn what_happened_on_the_hold_before_a_case_or_its_state_is_somebody_elses_news() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}, tasks: {decide: {T, by: coordinator}}}
candidate:
  states:
    a:
      title: X
      events: {go: {T, then: b}, cohort.decide.done: {then: b}}
      messages: {told: {template: a, to: candidate, when: cohort.decide.done}}
    b:
      title: X
      events: {go: {T, then: a}, cohort.decide.done: {then: over}}
      tasks: {follow_up: {T, by: consultant, when: cohort.decide.done, due: 2 workdays after cohort.decide.done}}
      messages: {told_b: {template: a, to: candidate, when: cohort.decide.done}, next_day: {template: a, to: candidate, when: 1 workday after cohort.decide.done}}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 hold
  2026-02-02 09:00 hold task decide
> 2026-02-02 09:00 early: open
  2026-02-02 09:00 early -> a from 2026-02-02
> 2026-02-02 10:00 done cohort.decide
  2026-02-02 10:00 hold task decide done
  2026-02-02 10:00 early mail told to candidate
  2026-02-02 10:00 early -> b from 2026-02-02, left on 2026-02-02
  2026-02-02 10:00 early task follow_up
  2026-02-02 10:00 early mail told_b to candidate
  2026-02-03 08:00 early mail next_day to candidate
> 2026-02-03 10:00 late: open
  2026-02-03 10:00 late -> a from 2026-02-03
> 2026-02-03 11:00 late: fire go
  2026-02-03 11:00 late event go
  2026-02-03 11:00 late -> b from 2026-02-03, left on 2026-02-03
> 2026-02-04 10:00 reopen cohort.decide
  2026-02-04 10:00 hold task decide#2
> 2026-02-04 10:00 done cohort.decide
  2026-02-04 10:00 hold task decide#2 done
  2026-02-04 10:00 early mail told_b to candidate
  2026-02-04 10:00 early task follow_up withdrawn
  2026-02-04 10:00 early -> over from 2026-02-04, left on 2026-02-04
  2026-02-04 10:00 early ended success
  2026-02-04 10:00 late mail told_b to candidate
  2026-02-04 10:00 late -> over from 2026-02-04, left on 2026-02-04
  2026-02-04 10:00 late ended success
> 2026-02-10 00:00 tick
",
    );
}

#[test]
fn several_things_that_follow_from_one_act() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}}}
candidate:
  facts: {ready: {T, type: yes_no}, other: {T, type: yes_no}}
  states:
    a:
      title: X
      tasks: {one: {T, by: consultant, fills: [ready]}, two: {T, by: consultant, fills: [ready, other]}, three: {T, by: consultant, fills: [other]}}
      events: {one.done: {then: b}, two.done: {then: c}, three.done: {then: c}}
      messages: {said_one: {template: a, to: candidate, when: one.done}, said_two: {template: a, to: candidate, when: two.done}}
    b: {T, tasks: {four: {T, by: consultant, fills: [ready]}}, events: {four.done: {then: c}}}
    c: {T, lasts: 1 week, then: over}
    over: {T, final: success}
";
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> a from 2026-02-02
  2026-02-02 09:00 task one
  2026-02-02 09:00 task three
  2026-02-02 09:00 task two
> 2026-02-02 10:00 set ready=yes other=yes
  2026-02-02 10:00 set other, ready
  2026-02-02 10:00 task one done
  2026-02-02 10:00 mail said_one to candidate
  2026-02-02 10:00 task two withdrawn
  2026-02-02 10:00 task three withdrawn
  2026-02-02 10:00 -> b from 2026-02-02, left on 2026-02-02
  2026-02-02 10:00 task four
  2026-02-02 10:00 task four done
  2026-02-02 10:00 -> c from 2026-02-02, left on 2026-02-02
",
    );
    check(
        yaml,
        "start 2026-02-02",
        "
> 2026-02-02 09:00 open ready=yes other=no
  2026-02-02 09:00 set other, ready
  2026-02-02 09:00 -> a from 2026-02-02
  2026-02-02 09:00 task one
  2026-02-02 09:00 task one done
  2026-02-02 09:00 mail said_one to candidate
  2026-02-02 09:00 -> b from 2026-02-02, left on 2026-02-02
  2026-02-02 09:00 task four
  2026-02-02 09:00 task four done
  2026-02-02 09:00 -> c from 2026-02-02, left on 2026-02-02
",
    );
}

/// A recurrence of every kind, a round of states and nobody who does anything: after three years a
/// case and a hold are no larger than after one.
#[test]
fn nothing_grows_for_ever() {
    let yaml = "
overdue: {to: coordinator, after: 2 workdays}
cohort:
  title: Hold
  dates: {start: {T}}
  tasks: {visit: {T, by: coordinator, every: 1 week, optional: true}, report: {T, by: coordinator, every: 2 weeks, remind: [1 workday before]}}
  meetings:
    school_day: {T, with: [candidate], lasts: 6 hours, every: wednesday at 08:30, remind: [1 workday before]}
    board: {T, with: [coordinator], lasts: 1 hour, every: month, book: {by: coordinator, due: 3 workdays before, remind: [1 workday before]}}
  messages: {digest: {template: a, to: jobcentre, every: friday at 12:00}, daily: {template: a, to: coordinator, every: workday}}
candidate:
  events: {absence: {T}, stop: {T, then: over}}
  tasks: {weekly: {T, by: consultant, every: 1 week}}
  meetings: {talk: {T, with: [candidate], lasts: 1 hour, every: 2 weeks}}
  messages: {absent: {template: a, to: consultant, when: absence}}
  states:
    a: {T, lasts: 3 weeks, then: b, tasks: {x: {T, by: consultant, due: a.last_day, remind: [1 workday before]}}, meetings: {m: {T, with: [candidate], lasts: 1 hour, every: 1 week}}}
    b: {T, lasts: 2 weeks, then: a, messages: {hi: {template: a, to: candidate, when: entered}, fortnight: {template: a, to: candidate, every: monday}}}
    over: {T, final: success}
"
    .replace(", remind: [1 workday before]}, meetings: {m", "}, meetings: {m")
    .replace("every: 2 weeks, remind: [1 workday before]}}", "every: 2 weeks}}");
    let mut stage = Stage::new(workflow(&yaml), dates("start 2026-02-02"));
    let now = "2026-02-02T08:00:00Z".parse().expect("an instant");
    stage.open_hold(now);
    let case = stage.open("", &NewCase::default(), now).expect("it opens");
    let size = |stage: &Stage, id: i64| {
        serde_json::to_string(&stage.player(id).subject)
            .expect("JSON")
            .len()
    };
    let mut largest = Vec::new();
    for _ in 0..3 {
        let mut in_year = (0, 0);
        for _ in 0..12 {
            let until = stage.now + SignedDuration::from_hours(24 * 30 + 7);
            stage.pass(until);
            in_year = (
                in_year.0.max(size(&stage, HOLD)),
                in_year.1.max(size(&stage, case)),
            );
        }
        largest.push(in_year);
    }
    let (first, third) = (largest[0], largest[2]);
    let digits = 60;
    assert!(
        third.0 <= first.0 + digits && third.1 <= first.1 + digits,
        "{largest:?}"
    );
    assert!(first.0 < 4_000 && first.1 < 4_000, "{largest:?}");
}
