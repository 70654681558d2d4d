//! Cases are anonymised by time or by a person, unless something keeps them.

use super::check;

const YAML: &str = "
cohort:
  title: Hold
  places: 1
  dates: {start: {T}}
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
    course: {T, holds_place: true, lasts: 1 week, then: over}
    over: {T, final: success}
";

/// The same workflow with a time after which cases are anonymised.
fn with(retention: &str) -> String {
    format!("{YAML}retention: {{{retention}}}\n")
}

#[test]
fn what_is_kept_for_legal_reasons_waits_and_goes_when_it_is_let_go() {
    check(
        &with("anonymise: 1 month after ended"),
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open course
  2026-01-12 09:00 a -> course from 2026-01-12
  2026-01-19 00:00 a -> over from 2026-01-19, left on 2026-01-16
  2026-01-19 00:00 a ended success
  2026-01-19 00:00 hold place free
> 2026-02-01 09:00 a: keep
> 2026-03-01 09:00 tick
> 2026-03-01 09:00 a: anonymise
  2026-03-01 09:00 refused: the case is kept: it is kept for legal reasons
> 2026-03-01 10:00 a: let_go
  2026-03-01 10:00 a erased
> 2026-04-01 09:00 tick
",
    );
}

#[test]
fn what_is_overdue_is_kept_too() {
    check(
        &with("anonymise: 1 month after ended"),
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open course
  2026-01-12 09:00 a -> course from 2026-01-12
  2026-01-19 00:00 a -> over from 2026-01-19, left on 2026-01-16
  2026-01-19 00:00 a ended success
  2026-01-19 00:00 hold place free
> 2026-02-01 09:00 sleep
> 2026-03-01 09:00 a: keep
> 2026-03-01 09:00 wake
",
    );
}

#[test]
fn a_journal_is_written_out_first_with_all_that_has_happened() {
    check(
        &with("anonymise: 1 month after ended, journal: first"),
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open course
  2026-01-12 09:00 a -> course from 2026-01-12
> 2026-01-13 09:00 a: journal
  2026-01-19 00:00 a -> over from 2026-01-19, left on 2026-01-16
  2026-01-19 00:00 a ended success
  2026-01-19 00:00 hold place free
> 2026-03-01 09:00 tick
> 2026-03-01 09:00 a: anonymise
  2026-03-01 09:00 refused: the case is kept: its journal is to be written out first
> 2026-03-01 10:00 a: journal
  2026-03-01 10:00 a erased
",
    );
}

#[test]
fn a_person_has_a_case_anonymised_before_its_time_and_under_way_it_ends_with_it() {
    check(
        &with("anonymise: 6 months after ended"),
        "start 2026-02-02",
        "
> 2026-01-12 09:00 hold
> 2026-01-12 09:00 a: open
  2026-01-12 09:00 a -> early from 2026-01-12
  2026-01-12 09:00 a task profile
> 2026-01-12 09:30 a: book talk 2026-01-20T10:00
  2026-01-12 09:30 a meeting talk on 2026-01-20 10:00
  2026-01-12 09:30 a mail talk invitation to candidate
> 2026-01-12 10:00 a: anonymise
  2026-01-12 10:00 refused: the case is under way
> 2026-01-12 10:00 a: anonymise running
  2026-01-12 10:00 a task profile withdrawn
  2026-01-12 10:00 a meeting talk cancelled
  2026-01-12 10:00 a mail talk cancelled to candidate
  2026-01-12 10:00 a ended erased
  2026-01-12 10:00 a erased
  2026-01-12 10:00 hold place free
> 2026-01-12 10:01 a: anonymise running
> 2026-01-12 10:02 b: open course
  2026-01-12 10:02 b -> course from 2026-01-12
  2026-01-19 00:00 b -> over from 2026-01-19, left on 2026-01-16
  2026-01-19 00:00 b ended success
  2026-01-19 00:00 hold place free
> 2026-01-20 09:00 b: anonymise
  2026-01-20 09:00 b erased
> 2026-08-01 09:00 tick
",
    );
}
