//! Mail beyond the table's rows: what it waits for, and what is said although the case ends.

use super::check;

/// A hold and one state with the messages of a row.
pub fn with(messages: &str) -> String {
    format!(
        "
cohort: {{title: Hold, dates: {{start: {{T}}}}, facts: {{place: {{T, type: yes_no}}}}}}
candidate:
  facts: {{ends: {{T, type: date}}, ready: {{T, type: yes_no}}, own_place: {{T, type: yes_no}}}}
  states:
    course:
      title: X
      events: {{absence: {{T}}, withdraw: {{T, then: stopped}}}}
      tasks: {{profile: {{T, by: consultant}}}}
      meetings: {{talk: {{T, with: [candidate], lasts: 1 hour}}}}
      messages:
{messages}
    stopped: {{T, final: dropout}}
"
    )
}

#[test]
fn a_message_waits_for_what_it_needs_and_then_goes_inside_hours() {
    let yaml = with("
        info: {template: a, to: candidate, when: 3 workdays before cohort.start at 09:00, needs: [cohort.place, own_place]}
        talk_info: {template: a, to: candidate, when: cohort.start, needs: [talk]}
        guarded: {template: a, to: candidate, when: cohort.start, if: {ready: yes}}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> course from 2026-01-12
  2026-01-12 09:00 task profile
  2026-01-28 09:00 wait message.info for cohort.place, own_place
> 2026-01-28 10:00 set own_place=yes
  2026-01-28 10:00 set own_place
  2026-01-28 10:00 wait message.info for cohort.place
> 2026-01-28 20:30 set cohort.place=yes
  2026-01-28 20:30 hold set place
  2026-01-29 08:00 mail info to candidate
  2026-02-02 08:00 skip message.guarded
  2026-02-02 08:00 wait message.talk_info for talk
> 2026-02-04 10:00 book talk 2026-02-06T10:00
  2026-02-04 10:00 meeting talk on 2026-02-06 10:00
  2026-02-04 10:00 mail talk invitation to candidate
  2026-02-04 10:00 mail talk_info to candidate
> 2026-03-01 00:00 tick
",
    );
    // Too late to be of use.
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> course from 2026-01-12
  2026-01-12 09:00 task profile
  2026-01-28 09:00 wait message.info for cohort.place, own_place
> 2026-01-28 10:00 set own_place=yes
  2026-01-28 10:00 set own_place
  2026-01-28 10:00 wait message.info for cohort.place
  2026-02-02 08:00 skip message.guarded
  2026-02-02 08:00 wait message.talk_info for talk
> 2026-02-02 08:30 set cohort.place=yes
  2026-02-02 08:30 hold set place
  2026-02-02 08:30 missed message.info
> 2026-03-01 00:00 tick
",
    );
}

#[test]
fn what_has_happened_is_said_although_the_case_ends_with_it() {
    let yaml = "
cohort: {title: Hold, dates: {start: {T}, end: {T}}, tasks: {decide: {T, by: coordinator}}}
candidate:
  events: {withdraw: {T, then: stopped}}
  messages:
    congratulations: {template: a, to: candidate, when: over.entered}
    sorry: {template: a, to: candidate, when: 2 workdays after withdraw at 10:00}
    evaluation: {template: a, to: candidate, when: 1 month after ended}
    weekly: {template: a, to: consultant, every: friday}
    graduation: {template: a, to: candidate, when: 1 week before cohort.end}
    hold_decided: {template: a, to: candidate, when: cohort.decide.done}
  states:
    course:
      title: X
      lasts: 1 week
      then: over
      tasks: {profile: {T, by: consultant}}
      events: {profile.done: {then: over}}
      messages:
        well_done: {template: a, to: candidate, when: profile.done}
        course_left: {template: a, to: consultant, when: course.left}
        whole_week: {template: a, to: consultant, when: course.last_day at 12:00}
    over: {T, final: success}
    stopped: {T, final: dropout}
retention: {anonymise: 6 months after ended}
";
    check(
        yaml,
        "start 2026-02-02, end 2026-03-20",
        "
> 2026-02-02 09:00 hold
  2026-02-02 09:00 hold task decide
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-02 09:00 task profile
> 2026-02-04 10:00 done profile
  2026-02-04 10:00 task profile done
  2026-02-04 10:00 mail well_done to candidate
  2026-02-04 10:00 mail course_left to consultant
  2026-02-04 10:00 -> over from 2026-02-04, left on 2026-02-04
  2026-02-04 10:00 ended success
  2026-02-04 10:00 mail congratulations to candidate
> 2026-02-05 10:00 done cohort.decide
  2026-02-05 10:00 hold task decide done
  2026-02-05 10:00 mail hold_decided to candidate
  2026-03-04 08:00 mail evaluation to candidate
  2026-08-04 00:00 erased
> 2026-10-01 00:00 tick
",
    );
    check(
        yaml,
        "start 2026-02-02, end 2026-03-20",
        "
> 2026-02-02 09:00 hold
  2026-02-02 09:00 hold task decide
> 2026-02-02 09:00 open
  2026-02-02 09:00 -> course from 2026-02-02
  2026-02-02 09:00 task profile
> 2026-02-05 15:00 fire withdraw
  2026-02-05 15:00 event withdraw
  2026-02-05 15:00 mail course_left to consultant
  2026-02-05 15:00 task profile withdrawn
  2026-02-05 15:00 -> stopped from 2026-02-05, left on 2026-02-05
  2026-02-05 15:00 ended dropout
  2026-02-09 10:00 mail sorry to candidate
  2026-03-05 08:00 mail evaluation to candidate
  2026-08-05 00:00 erased
> 2026-10-01 00:00 tick
",
    );
}

#[test]
fn a_person_has_a_mail_sent_before_its_time_once_and_by_the_same_rules() {
    let yaml = with("
        plain: {template: a, to: candidate, when: 3 workdays after entered at 10:00}
        guarded: {template: a, to: candidate, when: 3 workdays after entered at 11:00, if: {ready: yes}}
        needy: {template: a, to: candidate, when: 2 weeks after entered at 10:00, needs: [own_place]}
        unknown: {template: a, to: candidate, when: 1 week before ends}
        weekly: {template: a, to: candidate, every: friday}
        gathered: {template: a, to: consultant, when: 1 week after entered, gather: 1 hour}
        told: {template: a, to: candidate, when: 1 workday after absence at 09:00}");
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> course from 2026-01-12
  2026-01-12 09:00 task profile
> 2026-01-12 20:00 early message.plain@course#1.1
  2026-01-13 08:00 mail plain to candidate, early
> 2026-01-12 20:00 early message.plain@course#1.1
  2026-01-12 20:00 refused: 'message.plain@course#1.1' cannot be sent before its time: it is decided already
> 2026-01-12 20:00 early message.guarded@course#1.1
  2026-01-12 20:00 refused: 'message.guarded@course#1.1' cannot be sent before its time: its condition does not hold now: X er ja
> 2026-01-12 20:00 set ready=yes
  2026-01-12 20:00 set ready
> 2026-01-12 20:01 early message.guarded@course#1.1
  2026-01-13 08:00 mail guarded to candidate, early
> 2026-01-13 10:00 early message.needy@course#1.1
  2026-01-13 10:00 refused: 'message.needy@course#1.1' cannot be sent before its time: it needs what is not known: X
> 2026-01-13 10:00 early message.unknown@course#1.1
  2026-01-13 10:00 refused: 'message.unknown@course#1.1' cannot be sent before its time: it is not planned
> 2026-01-13 10:00 early message.weekly@course#1.2026-01-16T00:00
  2026-01-13 10:00 refused: 'message.weekly@course#1.2026-01-16T00:00' cannot be sent before its time: it recurs, and says at its time what is new since the last one
> 2026-01-13 10:00 early message.gathered@course#1.1
  2026-01-13 10:00 refused: 'message.gathered@course#1.1' cannot be sent before its time: it is gathered with others at its time
> 2026-01-13 10:00 early task.profile#1.overdue@course#1.1
  2026-01-13 10:00 refused: 'task.profile#1.overdue@course#1.1' cannot be sent before its time: it follows from a task or a meeting
> 2026-01-13 10:00 early message.plain@course#2.1
  2026-01-13 10:00 refused: 'message.plain@course#2.1' cannot be sent before its time: it stands in 'course', where the case is not
> 2026-01-13 10:00 early message.plain@stopped#1.1
  2026-01-13 10:00 refused: 'message.plain@stopped#1.1' cannot be sent before its time: it stands in 'stopped', where the case is not
> 2026-01-13 10:00 early message.other@course#1.1
  2026-01-13 10:00 refused: 'message.other@course#1.1' cannot be sent before its time: it is not planned
> 2026-01-13 10:00 fire absence
  2026-01-13 10:00 event absence
> 2026-01-13 10:05 early message.told@course#1.1
  2026-01-13 10:05 mail told to candidate, early
> 2026-01-14 10:00 fire absence
  2026-01-14 10:00 event absence
  2026-01-15 09:00 mail told to candidate
> 2026-01-15 12:00 tick
",
    );
}

#[test]
fn what_a_date_is_measured_from_may_move_and_what_was_sent_before_its_time_stays_sent() {
    let yaml = with(
        "
        info: {template: a, to: candidate, when: 3 workdays before cohort.start at 09:00}",
    );
    // What a case's end brings with it may be sent before its time, too.
    let yaml = yaml.replace(
        "candidate:\n",
        "candidate:\n  messages: {late: {template: a, to: candidate, when: 1 month after ended}}\n",
    );
    check(
        &yaml,
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 open
  2026-01-12 09:00 -> course from 2026-01-12
  2026-01-12 09:00 task profile
> 2026-01-13 10:00 early message.info@course#1.1
  2026-01-13 10:00 mail info to candidate, early
> 2026-01-14 10:00 move start=2026-03-02
  2026-01-14 10:00 hold dates start=2026-03-02
> 2026-01-15 10:00 again message.info@course#1.1 1
  2026-01-15 10:00 again message.info r1
> 2026-01-15 11:00 early message.info@course#1.1
  2026-01-15 11:00 mail info r1 to candidate, early
> 2026-03-10 11:00 fire withdraw
  2026-03-10 11:00 event withdraw
  2026-03-10 11:00 task profile withdrawn
  2026-03-10 11:00 -> stopped from 2026-03-10, left on 2026-03-10
  2026-03-10 11:00 ended dropout
> 2026-03-11 11:00 early message.late@candidate#1.1
  2026-03-11 11:00 mail late to candidate, early
> 2026-06-10 11:00 tick
",
    );
}
