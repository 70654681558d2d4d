//! Points in time: before, in and after the state they stand in.

use super::{broken, check};

/// A point in the state `b`, between `a` and `c`, in all places where one may stand.
#[test]
fn points_around_the_end_of_a_state() {
    let frame = |key: &str, phrase: &str| {
        let thing = match key {
            "due" => format!("tasks: {{t: {{T, by: k, due: {phrase}}}}}"),
            "opens" => format!("tasks: {{t: {{T, by: k, when: {phrase}}}}}"),
            "between" => format!(
                "meetings: {{m: {{T, with: [candidate], lasts: 1 hour, between: [{phrase}, cohort.end]}}}}"
            ),
            _ => format!("messages: {{x: {{template: a, to: candidate, when: {phrase}}}}}"),
        };
        format!(
            "o: {{T, events: {{drop: {{T, then: e}}}}, states: {{a: {{T, until: cohort.start, then: b, tasks: {{early: {{T, by: k, due: 1 week before cohort.start}}}}, events: {{sign: {{T, then: b}}}}}}, \
             b: {{T, lasts: 2 weeks, then: c, events: {{ill: {{T}}, stop: {{T, then: e}}}}, {thing}}}, \
             c: {{T, events: {{go: {{T, then: e}}}}, tasks: {{late: {{T, by: k, due: 1 week after c.first_day}}}}}}}}}}; e: {{T, final: success}}"
        )
    };
    for (key, phrase, rule) in [
        ("mail", "entered", ""),
        ("mail", "left", ""),
        ("mail", "b.last_day", ""),
        ("mail", "3 workdays before b.last_day", ""),
        ("mail", "1 workday after b.last_day", "lost-point"),
        ("mail", "1 week after left", "lost-point"),
        ("mail", "1 week after entered", ""),
        ("mail", "2 weeks after entered", "lost-point"),
        ("mail", "1 month after b.first_day", "lost-point"),
        ("mail", "1 week after cohort.start", ""),
        ("mail", "ended", "lost-point"),
        ("mail", "1 day before entered", "bad-phrase"),
        ("mail", "1 workday before entered", "never-known"),
        ("mail", "2 hours before ill", "never-known"),
        ("mail", "ill", ""),
        ("mail", "2 workdays after ill", ""),
        ("mail", "stop", ""),
        ("mail", "2 workdays after stop", "lost-point"),
        ("mail", "2 workdays after drop", "lost-point"),
        // It happens as the case comes here.
        ("mail", "sign", ""),
        ("mail", "a.left", ""),
        ("mail", "a.last_day", ""),
        ("mail", "a.entered", "lost-point"),
        ("mail", "go", "lost-point"),
        ("mail", "c.entered", "lost-point"),
        ("mail", "c.first_day", "lost-point"),
        ("mail", "1 week before c.first_day", ""),
        ("mail", "early.done", ""),
        ("mail", "late.done", "lost-point"),
        ("mail", "late.due", "lost-point"),
        ("mail", "2 weeks before late.due", ""),
        ("due", "b.last_day", ""),
        ("due", "3 workdays after b.last_day", "due-too-late"),
        ("due", "3 weeks after b.first_day", "due-too-late"),
        ("due", "2 workdays after a.entered", ""),
        ("due", "2 workdays after go", "due-too-late"),
        ("opens", "left", "lost-point"),
        ("opens", "stop", "lost-point"),
        ("opens", "1 week before b.last_day", ""),
        ("between", "c.first_day", "lost-point"),
        ("between", "b.first_day", ""),
    ] {
        let found = broken("", &frame(key, phrase));
        let expect: Vec<String> = if rule.is_empty() {
            vec![]
        } else {
            vec![format!("{rule} {phrase}")]
        };
        let same = found == expect || rule == "bad-phrase" && found.len() == 1;
        assert!(same, "{key}: {phrase}: {found:?}");
    }
}

#[test]
fn points_that_nobody_will_know() {
    check(
        "ends: {T, type: date}",
        &[
            // The last day of a state that ends when someone says so.
            (
                "a: {T, events: {x: {T, then: b}}, messages: {m: {template: a, to: candidate, when: 1 week before a.last_day}}}; b: {T, final: success}",
                &["never-known 1 week before a.last_day"],
            ),
            // Of a compound it is known when something in it leads out by time.
            (
                "p: {T, messages: {m: {template: a, to: candidate, when: 1 week before p.last_day}}, states: {a: {T, lasts: 3 weeks, then: b}}}; b: {T, final: success}",
                &[],
            ),
            (
                "a: {T, until: a.last_day, then: b}; b: {T, final: success}",
                &["never-known a.last_day"],
            ),
            (
                "a: {T, until: b.first_day, then: b}; b: {T, lasts: 1 week, then: c}; c: {T, final: success}",
                &["lost-point b.first_day"],
            ),
            // Two ways that never meet.
            (
                "a: {T, events: {x: {T, then: b}, y: {T, then: c}}}; b: {T, lasts: 1 week, then: e, messages: {m: {template: a, to: candidate, when: 1 week before c.first_day}}}; c: {T, lasts: 1 week, then: e}; e: {T, final: success}",
                &["never-known 1 week before c.first_day"],
            ),
            (
                "a: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k}}, messages: {m: {template: a, to: candidate, when: t.due}}}; b: {T, final: success}",
                &["never-known t.due"],
            ),
            (
                "a: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k, due: 1 workday after u.due}, u: {T, by: k, due: 1 workday before t.due}}}; b: {T, final: success}",
                &[
                    "never-known 1 workday after u.due",
                    "never-known 1 workday before t.due",
                ],
            ),
            (
                "a: {T, until: cohort.start, then: b, messages: {m: {template: a, to: candidate, when: cohort.start}}}; b: {T, final: success}",
                &["lost-point cohort.start"],
            ),
            (
                "a: {T, until: cohort.start, then: b, messages: {m: {template: a, to: candidate, when: 3 workdays before cohort.start}}}; b: {T, final: success}",
                &[],
            ),
            (
                "a: {T, until: ends, then: b}; b: {T, final: success}",
                &["unfilled-date ends"],
            ),
            (
                "a: {T, until: ends, then: b, tasks: {t: {T, by: k, fills: [ends]}}}; b: {T, final: success}",
                &[],
            ),
            // Asked for too late.
            (
                "a: {T, until: ends, then: c}; c: {T, lasts: 1 week, then: b, tasks: {t: {T, by: k, fills: [ends]}}}; b: {T, final: success}",
                &["unfilled-date ends"],
            ),
        ],
    );
}
