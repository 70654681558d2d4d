//! Further faces of rules: mistakes put one at a time into a file in which everything is right.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tovholder::definition::{read, report};
use unicode_width::UnicodeWidthStr;

const BASE: &str = include_str!("../../fixtures/workflows/base.yaml");

/// Mistakes by the rule that finds them: what is replaced, and with what.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "unknown-key",
        "title: Kursus\nsource",
        "titel: Kursus\nsource",
    ),
    ("unknown-key", "holds_place: true", "hold_place: true"),
    (
        "unknown-key",
        "{track: sundhed}\n    steps",
        "{track: sundhed}\n    stepz: []\n    steps",
    ),
    ("missing-key", "title: Informationsmøde\n      ", ""),
    ("missing-key", "time_zone: Europe/Copenhagen\n", ""),
    (
        "missing-key",
        "start: {title: Første dag, weekday: monday}",
        "begin: {title: Første dag}",
    ),
    (
        "missing-key",
        "- {else: stopped}",
        "- {if: {ready: no}, then: stopped}",
    ),
    ("missing-key", "when: absence, gather", "gather"),
    ("missing-key", ", if: {age: {at_least: 18}}", ""),
    (
        "wrong-type",
        "places: 16\n  dates: {start",
        "places: [16]\n  dates: {start",
    ),
    ("wrong-type", "roles:\n", "roles: none\nolder_roles:\n"),
    ("wrong-type", "      title: Mødt\n", "      title:\n"),
    (
        "yaml-syntax",
        "overdue: {to: coordinator",
        "overdue: {to: coordinator: x",
    ),
    ("yaml-syntax", "  title: Hold\n", "\ttitle: Hold\n"),
    (
        "yaml-feature",
        "cohort:\n  title: Hold",
        "cohort: &hold\n  title: Hold",
    ),
    (
        "yaml-feature",
        "  title: Hold\n",
        "  <<: *defaults\n  title: Hold\n",
    ),
    ("unknown-name", "then: enrolled}", "then: enroled}"),
    (
        "unknown-name",
        "to: consultant, when: absence",
        "to: consultent, when: absence",
    ),
    (
        "unknown-name",
        "lasts: settings.search",
        "lasts: settings.serch",
    ),
    (
        "unknown-name",
        "due: 5 workdays before cohort.start",
        "due: 5 workdays before start",
    ),
    (
        "unknown-name",
        "until: course.last_day",
        "until: course.due",
    ),
    ("unknown-name", "needs: [track]", "needs: [trak]"),
    (
        "unknown-name",
        "time_zone: Europe/Copenhagen",
        "time_zone: Europe/Kopenhagen",
    ),
    (
        "unknown-name",
        "when: cohort.info.held",
        "when: cohort.info.due",
    ),
    (
        "unknown-name",
        "withdraw: {title: Stopper, by: consultant, needs: [reason]",
        "scren.done: {title: Stopper",
    ),
    (
        "reserved-name",
        "absence: {title: Fravær",
        "monday: {title: Fravær",
    ),
    (
        "reserved-name",
        "leader: {title: Leder",
        "jobcentre: {title: Leder",
    ),
    (
        "bad-name",
        "absence: {title: Fravær",
        "Fravær: {title: Fravær",
    ),
    ("bad-name", "workflow: base", "workflow: My course"),
    ("bad-name", "template: status", "template: ../status"),
    (
        "name-clash",
        "ends: {title: Slutter, type: date}",
        "waiting: {title: Venter, type: date}",
    ),
    (
        "name-clash",
        "absence_notice: {template",
        "status: {template",
    ),
    (
        "name-clash",
        "leader: {title: Leder",
        "ready: {title: Leder",
    ),
    ("bad-phrase", "lasts: 5 weeks", "lasts: 5 wekes"),
    ("bad-phrase", "after: 2 workdays", "after: 2 days"),
    (
        "bad-phrase",
        "every: friday at 12:00",
        "every: friday kl. 12.00",
    ),
    ("bad-phrase", "hours: 08:00-16:00", "hours: 8-16"),
    (
        "bad-phrase",
        "closed: [24 december, 5 june]",
        "closed: [24 december, 5. juni]",
    ),
    ("bad-value", "{at_least: \"02\"}", "{at_least: \"2\"}"),
    ("bad-value", "final: success", "final: sucess"),
    (
        "bad-value",
        "cohort: {start: 2026-02-02}",
        "cohort: {start: 2026-02-03}",
    ),
    (
        "bad-value",
        "candidate: {track: sundhed}",
        "candidate: {track: sundheds}",
    ),
    (
        "bad-value",
        "expect: {state: waiting",
        "expect: {state: enrolled",
    ),
    ("bad-value", "lasts: 20 minutes", "lasts: 2 workdays"),
    ("bad-value", "at: 2026-01-20 09:00", "at: 2026-01-20 9:00"),
    (
        "guard-type",
        "if: {ready: yes,",
        "if: {ready: {at_least: yes},",
    ),
    (
        "guard-type",
        "if: {age: {at_least: 18}}",
        "if: {age: adult}",
    ),
    (
        "guard-type",
        "if: {age: {at_least: 18}}",
        "if: {reason: syg}",
    ),
    (
        "guard-type",
        "if: {ready: yes,",
        "if: {track: {not: sundhed, recorded: yes},",
    ),
    (
        "cannot-end",
        "    hired: {title: Ansat, final: success}",
        "    hired: {title: Ansat, lasts: 1 month, then: hired}",
    ),
    (
        "restless-loop",
        "lasts: 5 weeks, then: search",
        "until: 2026-03-02, then: waiting",
    ),
    (
        "cannot-end",
        "    hired: {title: Ansat, final: success}",
        "    hired: {title: Ansat, events: {again: {title: Igen, then: hired}}}",
    ),
    (
        "unknown-anchor",
        "until: course.last_day",
        "until: search.left",
    ),
    (
        "unknown-anchor",
        "until: course.last_day",
        "until: met.last_day",
    ),
    (
        "unknown-anchor",
        "until: course.last_day",
        "until: cohort.end",
    ),
    ("unknown-anchor", "when: cohort.info.held", "when: entered"),
    (
        "unknown-anchor",
        "until: cohort.start, then",
        "until: ready, then",
    ),
    (
        "unknown-anchor",
        "until: cohort.start, then",
        "until: absence.first_day, then",
    ),
    (
        "unknown-anchor",
        "until: cohort.start, then",
        "until: met, then",
    ),
    (
        "unknown-anchor",
        "6 months after ended",
        "6 months after entered",
    ),
    ("needs-places", "  places: 16\n", ""),
    (
        "message-without-recipient",
        "to: consultant, when: absence",
        "when: absence",
    ),
    (
        "message-without-recipient",
        "to: consultant, when: absence",
        "to: [], when: absence",
    ),
];

#[test]
fn every_mistake_is_reported_where_it_is() {
    let mut reports: BTreeMap<&str, String> = BTreeMap::new();
    let mut missed = String::new();
    for (rule, right, wrong) in MISTAKES {
        assert_eq!(
            BASE.matches(right).count(),
            1,
            "{right:?} stands once in the base"
        );
        let text = BASE.replace(right, wrong);
        let problems = read("base.yaml", &text).problems;
        let report = report(&problems, &|_| Some(text.clone()), false);
        if !problems.iter().any(|problem| problem.rule == *rule) {
            writeln!(missed, "{wrong:?} does not break {rule}\n{report}").unwrap();
        }
        assert!(report.lines().all(|line| line.width() <= 80), "{report}");
        let all = reports.entry(rule).or_default();
        writeln!(
            all,
            "# {}\n{report}",
            wrong.trim().lines().next().unwrap_or_default()
        )
        .unwrap();
    }
    assert!(missed.is_empty(), "{missed}");
    for (rule, report) in reports {
        insta::assert_snapshot!(rule, report);
    }
}
