//! Tables of small workflows, each with the rules it breaks and where.

mod points;
mod warnings;

use crate::definition::read;

const HEAD: &str = "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: 08:00-16:00\n\
    roles: {c: {title: C, per: cohort}, k: {title: K, per: candidate}, mentor: {title: M, per: candidate}}\n";

/// The rules that a file breaks, each with the words it points at, in order. `T` is a title, `; ` a
/// new line of states.
fn broken(facts: &str, states: &str) -> Vec<String> {
    let lines = states.replace("{T", "{title: X").replace("; ", "\n    ");
    let text = format!(
        "{HEAD}cohort: {{places: 9, dates: {{start: {{title: D}}, end: {{title: D}}}}, facts: {{open: {{title: X, type: yes_no}}}}}}\n\
         candidate:\n  facts: {{{}}}\n  states:\n    {lines}\n",
        facts.replace("{T", "{title: X")
    );
    let problems = read("f", &text).problems;
    let show = |p: &crate::definition::Problem| format!("{} {}", p.rule, &text[p.span.clone()]);
    let mut found: Vec<String> = problems.iter().map(show).collect();
    found.sort_unstable();
    found
}

#[track_caller]
fn check(facts: &str, cases: &[(&str, &[&str])]) {
    for (states, expect) in cases {
        let mut expect: Vec<&str> = expect.to_vec();
        expect.sort_unstable();
        assert_eq!(broken(facts, states), expect, "{states}");
    }
}

#[test]
fn ways_through_the_states() {
    check(
        "",
        &[
            (
                "a: {T, lasts: 1 week, then: b}; b: {T, final: success}",
                &[],
            ),
            (
                "a: {T}; b: {T, final: success}",
                &["no-exit a", "unreachable-state b"],
            ),
            ("a: {T, lasts: 1 week, then: a}", &["cannot-end a"]),
            // A stay with an end in sight is no trap: each round lasts.
            (
                "a: {T, lasts: 1 week, then: a, events: {x: {T, then: b}}}; b: {T, final: success}",
                &[],
            ),
            (
                "a: {T, events: {x: {T, then: b}}}; b: {T, events: {y: {T, then: a}}}",
                &["cannot-end a"],
            ),
            ("a: {T, until: cohort.start, then: next_cohort.a}", &[]),
            // What a compound declares leads out of all that is in it.
            (
                "p: {T, events: {x: {T, then: b}}, states: {a: {T}}}; b: {T, final: success}",
                &[],
            ),
            // The inner event hides the outer one, and leads nowhere.
            (
                "p: {T, events: {x: {T, then: b}}, states: {a: {T, events: {x: {T}}}}}; b: {T, final: success}",
                &["no-exit a", "unreachable-state b"],
            ),
            // Of a compound that is never reached, only itself is reported.
            (
                "a: {T, lasts: 1 week, then: b}; b: {T, final: success}; p: {T, events: {x: {T, then: b}}, states: {c: {T}}}",
                &["unreachable-state p"],
            ),
            (
                "p: {T, states: {a: {T, lasts: 1 week, then: b}, c: {T}}}; b: {T, final: success}",
                &["unreachable-state c", "no-exit c"],
            ),
            // A goal that cannot be read makes nothing unreachable.
            (
                "a: {T, lasts: 1 week, then: bb}; b: {T, final: success}",
                &["unknown-name bb"],
            ),
            // What happens to a task of another state is no way out.
            (
                "a: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k}}}; b: {T, events: {t.done: {then: c}}}; c: {T, final: success}",
                &[
                    "event-never-happens t.done",
                    "no-exit b",
                    "unreachable-state c",
                ],
            ),
            (
                "p: {T, events: {t.done: {then: c}}, states: {a: {T, tasks: {t: {T, by: k}}}}}; c: {T, final: success}",
                &[],
            ),
            (
                "a: {T, lasts: 1 week, then: c, tasks: {t: {T, by: k}}, events: {t.overdue: {then: c}}}; c: {T, final: success}",
                &["event-never-happens t.overdue"],
            ),
        ],
    );
}

#[test]
fn rounds_that_never_rest() {
    check(
        "ready: {T, type: yes_no}",
        &[
            (
                "a: {T, until: cohort.start, then: a, events: {x: {T, then: b}}}; b: {T, final: success}",
                &["restless-loop a"],
            ),
            // Each round lasts: the state's own entry moves its end on.
            (
                "a: {T, until: 1 week after entered, then: a, events: {x: {T, then: b}}}; b: {T, final: success}",
                &[],
            ),
            // A compound whose day is past leads back into itself.
            (
                "p: {T, until: cohort.start, then: a, events: {x: {T, then: b}}, states: {a: {T}, d: {T, lasts: 1 week, then: a}}}; b: {T, final: success}",
                &["restless-loop a", "unreachable-state d"],
            ),
            // A role that is held stays held: the task is done as it opens.
            (
                "a: {T, until: cohort.start, then: s}; s: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k, fills: [mentor]}}, events: {t.done: {then: a}}}; b: {T, final: success}",
                &["restless-loop a"],
            ),
            // A fixed day that is past turns it back, so that the length after it is past as well.
            (
                "a: {T, until: cohort.start, then: d}; d: {T, lasts: 1 week, then: s}; s: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k, fills: [mentor]}}, events: {t.done: {then: a}}}; b: {T, final: success}",
                &["restless-loop a"],
            ),
            // From the present, a length is not over.
            (
                "a: {T, lasts: 1 week, then: s}; s: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k, fills: [mentor]}}, events: {t.done: {then: a}}}; b: {T, final: success}",
                &[],
            ),
            // The fact is forgotten as the task opens again, so that somebody decides.
            (
                "a: {T, until: cohort.start, then: s}; s: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k, fills: [mentor, ready]}}, events: {t.done: {then: a}}}; b: {T, final: success}",
                &[],
            ),
            // No value leads round: who is ready goes out of one, who is not out of the other.
            (
                "a: {T, until: cohort.start, then: [{if: {ready: yes}, then: c}, {else: b}], tasks: {t: {T, by: k, due: 1 week before cohort.start, fills: [ready]}}}; \
             c: {T, until: cohort.start, then: [{if: {ready: no}, then: a}, {else: b}]}; b: {T, final: success}",
                &[],
            ),
        ],
    );
}

#[test]
fn guards_that_no_values_fulfil() {
    let facts = "ready: {T, type: yes_no}, group: {T, one_of: {p: P, q: Q}}, danish: {T, type: grade}, n: {T, type: whole_number}, when_done: {T, type: date}, word: {T, type: text}";
    let event = |guard: &str| {
        format!(
            "a: {{T, lasts: 1 week, then: b, events: {{x: {{T, if: {guard}, then: b}}}}}}; b: {{T, final: success}}"
        )
    };
    for guard in [
        "{ready: yes}",
        "{group: [p, q]}",
        "{danish: {at_least: \"02\", at_most: \"4\"}}",
        "{n: {at_least: 3, at_most: 3}}",
        "{n: {not: 0}}",
        "{when_done: {at_least: 2026-01-01}}",
        "{word: {recorded: yes}}",
        "{ready: {recorded: no}}",
        "{age: {at_least: 130}}",
        "{cohort.free_places: {at_least: 9}}",
        "{any: [{ready: yes}, {ready: no}], group: p}",
    ] {
        assert_eq!(
            broken(facts, &event(guard)),
            Vec::<String>::new(),
            "{guard}"
        );
    }
    for guard in [
        "{ready: yes, any: [{ready: no}]}",
        "{group: {not: [p, q]}}",
        "{danish: {at_least: \"4\"}, any: [{danish: {at_most: \"02\"}}]}",
        "{n: {at_least: 4}, any: [{n: {at_most: 3}}]}",
        "{when_done: {at_least: 2026-01-02}, any: [{when_done: 2026-01-01}]}",
        "{ready: {recorded: no}, any: [{ready: yes}]}",
        "{cohort.free_places: {at_least: 10}}",
    ] {
        assert_eq!(
            broken(facts, &event(guard)),
            [format!("guard-never-holds {guard}")]
        );
    }
}

#[test]
fn branches_that_no_case_takes() {
    let facts = "ready: {T, type: yes_no}, danish: {T, type: grade}";
    let case = |branches: &str| {
        format!(
            "a: {{T, lasts: 1 week, then: [{branches}], tasks: {{t: {{T, by: k, due: a.last_day, fills: [ready, danish]}}}}}}; b: {{T, final: success}}; c: {{T, lasts: 1 week, then: b}}"
        )
    };
    for (branches, expect) in [
        ("{if: {ready: yes}, then: b}, {else: c}", vec![]),
        // Not recorded is not "else": the case waits.
        (
            "{if: {ready: yes}, then: b}, {if: {ready: no}, then: c}, {else: b}",
            vec!["branch-never-taken b"],
        ),
        (
            "{if: {ready: {recorded: no}}, then: c}, {if: {ready: yes}, then: b}, {else: b}",
            vec![],
        ),
        (
            "{if: {danish: {at_least: \"02\"}}, then: c}, {if: {danish: \"7\"}, then: b}, {else: b}",
            vec!["branch-never-taken {danish: \"7\"}"],
        ),
        (
            "{if: {danish: {at_most: \"-3\"}}, then: c}, {if: {danish: \"00\"}, then: b}, {else: b}",
            vec![],
        ),
        (
            "{if: {ready: yes, any: [{ready: no}]}, then: c}, {else: b}",
            vec!["branch-never-taken {ready: yes, any: [{ready: no}]}"],
        ),
    ] {
        assert_eq!(broken(facts, &case(branches)), expect, "{branches}");
    }
    check(
        facts,
        &[
            // What an event needs is recorded, and what its guard asks has been answered.
            (
                "a: {T, events: {x: {T, needs: [ready], if: {ready: yes}, then: [{if: {ready: yes}, then: b}, {else: c}]}}}; b: {T, final: success}; c: {T, final: neutral}",
                &["branch-never-taken c"],
            ),
            // Somebody may pass the guard.
            (
                "a: {T, events: {x: {T, needs: [ready], if: {ready: yes}, override: c, then: [{if: {ready: yes}, then: b}, {else: d}]}}}; b: {T, final: success}; d: {T, final: neutral}",
                &[],
            ),
        ],
    );
}
