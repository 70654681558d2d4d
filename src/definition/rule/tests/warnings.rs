//! What is only warned of.

use super::{broken, check};

#[test]
fn where_a_case_may_wait() {
    let facts = "ready: {T, type: yes_no}, danish: {T, type: grade}";
    let b = "b: {T, final: success}; c: {T, final: neutral}";
    let then = "then: [{if: {ready: yes}, then: b}, {else: c}]";
    check(
        facts,
        &[
            (
                &format!("a: {{T, lasts: 1 week, {then}}}; {b}"),
                &["may-wait then"],
            ),
            (
                &format!(
                    "a: {{T, lasts: 1 week, {then}, tasks: {{t: {{T, by: k, due: a.last_day, fills: [ready]}}}}}}; {b}"
                ),
                &[],
            ),
            // No day to do it by, or nobody has to.
            (
                &format!(
                    "a: {{T, lasts: 1 week, {then}, tasks: {{t: {{T, by: k, fills: [ready]}}}}}}; {b}"
                ),
                &["may-wait then"],
            ),
            (
                &format!(
                    "a: {{T, lasts: 1 week, {then}, tasks: {{t: {{T, by: k, due: a.last_day, fills: [ready], optional: true}}}}}}; {b}"
                ),
                &["may-wait then"],
            ),
            // Nobody comes here without it.
            (
                &format!(
                    "o: {{T, events: {{x: {{T, needs: [ready], then: a}}}}}}; a: {{T, lasts: 1 week, {then}}}; {b}"
                ),
                &[],
            ),
            (
                &format!(
                    "o: {{T, events: {{x: {{T, if: {{ready: {{recorded: yes}}}}, then: a}}}}}}; a: {{T, lasts: 1 week, {then}}}; {b}"
                ),
                &[],
            ),
            (
                &format!(
                    "o: {{T, events: {{x: {{T, needs: [ready], then: a}}, y: {{T, then: a}}}}}}; a: {{T, lasts: 1 week, {then}}}; {b}"
                ),
                &["may-wait then"],
            ),
            // A fact that cannot hold it up.
            (
                &format!(
                    "a: {{T, lasts: 1 week, then: [{{if: {{ready: {{recorded: no}}}}, then: c}}, {{if: {{ready: yes}}, then: b}}, {{else: c}}]}}; {b}"
                ),
                &[],
            ),
            // A person can be told what is missing; what happens cannot be asked again.
            (&format!("a: {{T, events: {{x: {{T, {then}}}}}}}; {b}"), &[]),
            (
                &format!(
                    "a: {{T, meetings: {{m: {{T, with: [candidate], lasts: 1 hour}}}}, events: {{m.held: {{{then}}}}}}}; {b}"
                ),
                &["may-wait then"],
            ),
            (
                &format!(
                    "a: {{T, tasks: {{t: {{T, by: k, fills: [ready]}}}}, events: {{t.done: {{{then}}}}}}}; {b}"
                ),
                &[],
            ),
            // Of the hold, no task asks.
            (
                &format!(
                    "a: {{T, lasts: 1 week, then: [{{if: {{cohort.open: yes}}, then: b}}, {{else: c}}]}}; {b}"
                ),
                &["may-wait then"],
            ),
        ],
    );
}

#[test]
fn roles_that_are_needed_before_they_are_filled() {
    let case = |first: &str, second: &str| {
        format!(
            "a: {{T, lasts: 2 weeks, then: b, {first}}}; b: {{T, lasts: 2 weeks, then: e, tasks: {{find: {{T, by: k, due: b.last_day, fills: [mentor]}}}}, {second}}}; e: {{T, final: success}}"
        )
    };
    let none = "events: {none: {T}}";
    for (first, second, expect) in [
        (none, "events: {other: {T}}", vec![]),
        (
            "events: {x: {T, by: mentor}}",
            "events: {other: {T}}",
            vec!["role-too-late mentor"],
        ),
        (
            "events: {x: {T, by: [mentor, k]}}",
            "events: {other: {T}}",
            vec![],
        ),
        (
            "messages: {m: {template: a, to: [candidate, mentor], when: entered}}",
            "events: {other: {T}}",
            vec!["role-too-late mentor"],
        ),
        (
            none,
            "messages: {m: {template: a, to: mentor, when: find.done}}",
            vec![],
        ),
        (
            none,
            "messages: {m: {template: a, to: mentor, when: entered}}",
            vec!["role-too-late mentor"],
        ),
        (
            "meetings: {m: {T, with: [candidate, mentor], lasts: 1 hour}}",
            "events: {other: {T}}",
            vec!["role-too-late mentor"],
        ),
        (
            none,
            "meetings: {m: {T, with: [candidate, mentor], lasts: 1 hour}}",
            vec![],
        ),
    ] {
        assert_eq!(broken("", &case(first, second)), expect, "{first} {second}");
    }
}

#[test]
fn what_the_law_allows() {
    let facts = "group: {T, one_of: {dagpenge: Dagpenge, aktivitetsparat: Andre}}, wage: {T, one_of: {vl: Voksenlærling, elev: Elev}}";
    let praktik = |title: &str, length: &str, way: &str| {
        format!(
            "a: {{title: X, events: {{x: {{title: X, needs: [group], {way}then: p}}}}}}; p: {{title: {title}, lasts: {length}, then: e}}; e: {{title: X, final: success}}"
        )
    };
    for (title, length, way, expect) in [
        ("Virksomhedspraktik", "4 weeks", "", vec![]),
        ("Virksomhedspraktik", "20 workdays", "", vec![]),
        (
            "Virksomhedspraktik",
            "5 weeks",
            "",
            vec!["praktik-too-long 5 weeks"],
        ),
        ("Kursus", "5 weeks", "", vec![]),
        ("Praktik (ansat)", "20 weeks", "", vec![]),
        (
            "Afsluttende praktik",
            "13 weeks",
            "if: {group: aktivitetsparat}, ",
            vec![],
        ),
        (
            "Afsluttende praktik",
            "13 weeks",
            "if: {group: [aktivitetsparat, dagpenge]}, ",
            vec!["praktik-too-long 13 weeks"],
        ),
        (
            "Afsluttende praktik",
            "14 weeks",
            "if: {group: aktivitetsparat}, ",
            vec!["praktik-too-long 14 weeks"],
        ),
    ] {
        assert_eq!(
            broken(facts, &praktik(title, length, way)),
            expect,
            "{title} {length} {way}"
        );
    }
    for (guard, found) in [
        ("{wage: vl, age: {at_least: 18}}", true),
        ("{wage: vl, age: {at_least: 25}}", false),
        ("{wage: elev, age: {at_least: 18}}", false),
        ("{wage: [vl, elev], age: {at_least: 24}}", true),
        (
            "{any: [{wage: elev}, {wage: vl, age: {at_least: 25}}]}",
            false,
        ),
    ] {
        let states = format!(
            "a: {{T, events: {{x: {{T, if: {guard}, then: e}}}}}}; e: {{T, final: success}}"
        );
        let expect: Vec<String> = found
            .then(|| format!("voksenlaerling-age {guard}"))
            .into_iter()
            .collect();
        assert_eq!(broken(facts, &states), expect, "{guard}");
    }
}
