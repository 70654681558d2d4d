//! Allowances in a file.

use tovholder::definition::read;

/// A file with two warnings: praktik that is too long, and a fact nobody is asked for.
const FILE: &str = "\
workflow: example
title: Eksempel
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
cohort: {dates: {start: {title: Start}}}
candidate:
  facts: {ready: {title: 'Klar # tovholder: allow may-wait because x', type: yes_no}}
  states:
    waiting: {title: Venter, until: cohort.start, then: praktik}
    praktik:
      title: Virksomhedspraktik
      lasts: 6 weeks
      then:
        - {if: {ready: yes}, then: completed}
        - {else: stopped}
    completed: {title: Færdig, final: success}
    stopped: {title: Stoppet, final: dropout}
";

#[track_caller]
fn check(change: (&str, &str), expect: &[&str]) {
    assert!(FILE.contains(change.0), "{:?}", change.0);
    let text = FILE.replacen(change.0, change.1, 1);
    let problems = read("f", &text).problems;
    let shown: Vec<String> = problems
        .iter()
        .map(|p| {
            format!(
                "{}:{} {} {}",
                p.line,
                p.column,
                p.rule,
                &text[p.span.clone()]
            )
        })
        .collect();
    assert_eq!(shown, expect, "{}", change.1);
}

const LONG: &str = "14:14 praktik-too-long 6 weeks";

#[test]
fn a_reason_allows_a_warning_on_its_line_or_below() {
    check(("workflow", "workflow"), &[LONG, "15:7 may-wait then"]);
    check(
        (
            "6 weeks\n",
            "6 weeks  # tovholder: allow praktik-too-long because den forlænges\n",
        ),
        &["15:7 may-wait then"],
    );
    check(
        (
            "      lasts",
            "      # tovholder: allow praktik-too-long because den forlænges\n\n      # og det er i orden\n      lasts",
        ),
        &["18:7 may-wait then"],
    );
    // Above a state, all that is in it; two comments may stand over one thing.
    check(
        (
            "    praktik:\n",
            "    # tovholder: allow praktik-too-long because den forlænges\n    # tovholder: allow may-wait because vi ser det\n    praktik:\n",
        ),
        &[],
    );
    // Behind a line, only that line.
    check(
        (
            "    praktik:\n",
            "    praktik:  # tovholder: allow praktik-too-long because den forlænges\n",
        ),
        &[
            "12:15 unused-allow # tovholder: allow praktik-too-long because den forlænges",
            LONG,
            "15:7 may-wait then",
        ],
    );
}

#[test]
fn what_is_no_allowance_is_said() {
    let behind = |comment: &str, expect: &str| {
        let line = format!("6 weeks  # {comment}\n");
        check(("6 weeks\n", &line), &[LONG, expect, "15:7 may-wait then"]);
    };
    behind(
        "tovholder: allow praktik-too-long",
        "14:23 bad-allow # tovholder: allow praktik-too-long",
    );
    behind(
        "tovholder: allow praktik-too-long because",
        "14:23 bad-allow # tovholder: allow praktik-too-long because",
    );
    behind(
        "tovholder: allow praktik-to-long because x",
        "14:42 bad-allow praktik-to-long",
    );
    behind(
        "tovholder: allow no-exit because x",
        "14:42 bad-allow no-exit",
    );
    behind(
        "tovholder: alow may-wait because x",
        "14:23 bad-allow # tovholder: alow may-wait because x",
    );
    behind("tovholder: allow", "14:23 bad-allow # tovholder: allow");
    behind(
        "tovholder: allow role-too-late because x",
        "14:23 unused-allow # tovholder: allow role-too-late because x",
    );
}

#[test]
fn a_comment_is_only_what_is_one() {
    let both = [LONG, "15:7 may-wait then"];
    // Somebody's words, and what looks like a comment inside a text.
    check(
        ("6 weeks\n", "6 weeks  # tovholder: ring til skolen\n"),
        &both,
    );
    check(
        (
            "title: Virksomhedspraktik",
            "title: \"Virksomhedspraktik # tovholder: allow no-rule\"",
        ),
        &both,
    );
    check(
        (
            "title: Virksomhedspraktik",
            "title: 'Virksomhedspraktik, '' # tovholder: allow no-rule'",
        ),
        &both,
    );
    check(
        (
            "title: Virksomhedspraktik",
            "title: Virksomhedspraktik#tovholder:allow",
        ),
        &both,
    );
    check(
        (
            "title: Eksempel\n",
            "title: Eksempel\nsource: |\n  Et sted\n  # tovholder: allow no-rule\n",
        ),
        &["17:14 praktik-too-long 6 weeks", "18:7 may-wait then"],
    );
    // Of a file with errors nothing is called needless.
    check(
        (
            "lasts: 6 weeks\n",
            "lasts: 6 wekes  # tovholder: allow praktik-too-long because x\n",
        ),
        &["14:16 bad-phrase wekes"],
    );
}
