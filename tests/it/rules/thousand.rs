//! A workflow of as many states as one likes, in which everything is right: a long course in parts,
//! each with what states have.

use std::fmt::Write as _;

/// Compounds of ten states each; every state has a task, a meeting, a mail, an event and branches.
pub fn file(states: usize) -> String {
    let mut out = String::from(
        "workflow: thousand\ntitle: Tusind\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: 08:00-16:00\n\
         roles: {coordinator: {title: C, per: cohort}, consultant: {title: K, per: candidate}}\n\
         cohort: {places: 9, dates: {start: {title: Start}}}\n\
         candidate:\n  facts: {ready: {title: X, type: yes_no}, danish: {title: X, type: grade}}\n  states:\n\
         \x20   waiting: {title: X, until: cohort.start, then: s0}\n",
    );
    for at in 0..states {
        if at % 10 == 0 {
            let part = at / 10;
            let _ = writeln!(
                out,
                "    p{part}:\n      title: X\n      events: {{stop{part}: {{title: X, then: stopped}}}}\n      states:"
            );
        }
        let next = if at + 1 == states {
            "over".to_owned()
        } else {
            format!("s{}", at + 1)
        };
        let back = at - at % 10;
        let _ = write!(
            out,
            "        s{at}:\n          title: X\n          lasts: 2 weeks\n\
             \x20         tasks: {{t{at}: {{title: X, by: consultant, due: s{at}.last_day, fills: [ready, danish], remind: [1 workday before]}}}}\n\
             \x20         meetings: {{m{at}: {{title: X, with: [candidate, coordinator], lasts: 1 hour, between: [s{at}.first_day, s{at}.last_day]}}}}\n\
             \x20         messages: {{x{at}: {{template: a, to: candidate, when: 3 workdays before s{at}.last_day, if: {{ready: yes}}}}}}\n\
             \x20         events: {{e{at}: {{title: X, by: coordinator, needs: [ready], then: s{back}}}}}\n\
             \x20         then:\n\
             \x20           - {{if: {{danish: {{at_least: \"02\"}}, ready: yes}}, then: {next}}}\n\
             \x20           - {{else: s{back}}}\n"
        );
    }
    out.push_str("    over: {title: X, final: success}\n    stopped: {title: X, final: dropout}\n");
    out
}
