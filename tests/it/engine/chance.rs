//! Small workflows by chance, from a seed: only those that the checker passes are played.

use std::fmt::Write as _;

use tovholder::definition::model::Workflow;
use tovholder::definition::read;

/// Numbers that follow from a seed (splitmix64), so that a failing case is found again.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn in_ten(&mut self, chances: usize) -> bool {
        self.below(10) < chances
    }
}

const LENGTHS: [&str; 5] = [
    "1 week",
    "2 weeks",
    "3 workdays",
    "1 calendar day",
    "1 month",
];
const SHIFTS: [&str; 8] = [
    "",
    "",
    "1 workday before ",
    "1 week before ",
    "2 workdays after ",
    "1 week after ",
    "friday after ",
    "3 hours after ",
];
const PERIODS: [&str; 7] = [
    "1 week",
    "2 weeks",
    "friday at 12:00",
    "workday at 09:00",
    "month",
    "first workday of the month",
    "2 weeks on wednesday at 08:30",
];
const GUARDS: [&str; 5] = [
    "{ready: yes}",
    "{cohort.open: yes}",
    "{age: {at_least: 25}}",
    "{any: [{ready: no}, {cohort.open: yes}]}",
    "{cohort.free_places: {at_least: 1}}",
];

/// A workflow of a few states with all kinds of things in them.
pub fn workflow(seed: u64, places: u32) -> Option<(String, Workflow)> {
    let mut chance = Chance::new(seed);
    for _ in 0..40 {
        let yaml = draw(&mut chance, places);
        if let Some(workflow) = read("chance.yaml", &yaml).workflow {
            return Some((yaml, workflow));
        }
    }
    None
}

struct Draw<'c> {
    chance: &'c mut Chance,
    names: Vec<String>,
    count: usize,
}

fn draw(chance: &mut Chance, places: u32) -> String {
    let mut yaml = String::from(
        "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\n\
         closed: [24 december, 31 december, 5 june]\nhours: 08:00-16:00\noverdue: {to: coordinator, after: 2 workdays}\n\
         roles: {coordinator: {title: C, per: cohort}, consultant: {title: K, per: candidate}, mentor: {title: M, per: candidate}}\n",
    );
    let states = 3 + chance.below(3);
    let names: Vec<String> = (0..states).map(|at| format!("s{at}")).collect();
    let mut draw = Draw {
        chance,
        names,
        count: 0,
    };
    draw.hold(&mut yaml, places);
    yaml.push_str(
        "candidate:\n  facts: {ready: {title: X, type: yes_no}, ends: {title: X, type: date}}\n",
    );
    yaml.push_str("  events:\n    leave: {title: X, then: stopped}\n    absence: {title: X}\n");
    draw.scope(&mut yaml, 2, "candidate");
    yaml.push_str("  states:\n");
    let compound = draw
        .chance
        .in_ten(5)
        .then(|| 1 + draw.chance.below(states - 2));
    for at in 0..states {
        let inside = compound.is_some_and(|from| at >= from);
        if compound == Some(at) {
            yaml.push_str("    whole:\n      title: X\n");
            draw.stay(&mut yaml, 6, "whole");
            draw.scope(&mut yaml, 6, "whole");
            yaml.push_str("      states:\n");
        }
        let indent = if inside { 8 } else { 4 };
        draw.state(&mut yaml, indent, at);
    }
    yaml.push_str(
        "    over: {title: X, final: success}\n    stopped: {title: X, final: dropout}\n",
    );
    yaml.push_str("retention: {anonymise: 2 months after ended}\n");
    yaml
}

impl Draw<'_> {
    fn name(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}{}", self.count)
    }

    fn hold(&mut self, yaml: &mut String, places: u32) {
        let _ = write!(yaml, "cohort:\n  title: Hold\n  places: {places}\n");
        yaml.push_str("  dates: {start: {title: X}, end: {title: X}}\n");
        yaml.push_str("  facts: {open: {title: X, type: yes_no}}\n");
        let every = self.chance.one(&PERIODS);
        let _ = writeln!(
            yaml,
            "  tasks:\n    prepare: {{title: X, by: coordinator, due: 1 week before cohort.start}}\n    \
             visit: {{title: X, by: coordinator, every: {every}, until: cohort.end, optional: {}}}",
            self.chance.in_ten(5)
        );
        let when = self.chance.one(&[
            "remind: [1 workday before]",
            "between: [2 weeks before cohort.start, cohort.start], book: {by: coordinator, due: 1 week before, remind: [2 workdays before]}",
        ]);
        // Nothing is measured from the meeting that books itself: after an outage it is not arranged.
        let _ = writeln!(
            yaml,
            "  meetings:\n    gathering: {{title: X, with: [candidate, coordinator], lasts: 2 hours, {when}}}\n    \
             school_day: {{title: X, with: [candidate], lasts: 6 hours, every: {}, until: cohort.end}}",
            self.chance.one(&PERIODS)
        );
        let _ = writeln!(
            yaml,
            "  messages:\n    gone: {{template: a, to: candidate, when: cohort.cancelled}}\n    \
             soon: {{template: a, to: coordinator, when: 1 week before cohort.start at 09:00}}\n    \
             digest: {{template: a, to: jobcentre, every: {}, until: cohort.end}}",
            self.chance.one(&PERIODS)
        );
    }

    fn goal(&mut self) -> String {
        let at = self.chance.below(self.names.len() + 2);
        match self.names.get(at) {
            Some(name) if self.chance.in_ten(1) => format!("next_cohort.{name}"),
            Some(name) => name.clone(),
            None => "over".into(),
        }
    }

    fn then(&mut self) -> String {
        if self.chance.in_ten(6) {
            return self.goal();
        }
        let guard = self.chance.one(&GUARDS);
        format!(
            "[{{if: {guard}, then: {}}}, {{else: {}}}]",
            self.goal(),
            self.goal()
        )
    }

    fn stay(&mut self, yaml: &mut String, indent: usize, own: &str) {
        let pad = " ".repeat(indent);
        // A compound whose day is past must not lead into itself: that never rests.
        let then = if own == "whole" {
            "over".into()
        } else {
            self.then()
        };
        match self.chance.below(4) {
            0 => {
                let day = self.chance.one(&[
                    "cohort.start",
                    "ends",
                    "1 week after cohort.start",
                    "cohort.end",
                ]);
                let _ = writeln!(yaml, "{pad}until: {day}\n{pad}then: {then}");
            }
            1 | 2 if own != "whole" => {
                let length = self.chance.one(&LENGTHS);
                let _ = writeln!(yaml, "{pad}lasts: {length}\n{pad}then: {then}");
            }
            _ => {}
        }
    }

    fn state(&mut self, yaml: &mut String, indent: usize, at: usize) {
        let pad = " ".repeat(indent);
        let own = format!("s{at}");
        let _ = writeln!(yaml, "{pad}{own}:\n{pad}  title: X");
        self.stay(yaml, indent + 2, &own);
        if self.chance.in_ten(3) {
            let _ = writeln!(yaml, "{pad}  holds_place: true");
        }
        let next = self
            .names
            .get(at + 1)
            .cloned()
            .unwrap_or_else(|| "over".into());
        let _ = writeln!(
            yaml,
            "{pad}  events:\n{pad}    go{at}: {{title: X, then: {next}}}"
        );
        if self.chance.in_ten(4) {
            let guard = self.chance.one(&GUARDS);
            let then = self.then();
            let _ = writeln!(
                yaml,
                "{pad}    may{at}: {{title: X, if: {guard}, then: {then}}}"
            );
        }
        for thing in [
            "cohort.prepare.done",
            "cohort.gathering.held",
            "cohort.gathering.no_show",
        ] {
            if self.chance.in_ten(2) {
                let then = self.then();
                let _ = writeln!(yaml, "{pad}    {thing}: {{then: {then}}}");
            }
        }
        let task = format!("t{at}");
        for part in ["done", "overdue"] {
            if self.chance.in_ten(3) {
                let then = self.then();
                let _ = writeln!(yaml, "{pad}    {task}.{part}: {{then: {then}}}");
            }
        }
        let fills = if self.chance.in_ten(5) {
            ", fills: [ready]"
        } else {
            ""
        };
        let due = self.point(&own);
        let _ = writeln!(
            yaml,
            "{pad}  tasks:\n{pad}    {task}: {{title: X, by: consultant, due: {due}{fills}, remind: [2 workdays before]}}"
        );
        if self.chance.in_ten(4) {
            let name = self.name("r");
            let (every, optional) = (self.chance.one(&PERIODS), self.chance.in_ten(5));
            let _ = writeln!(
                yaml,
                "{pad}    {name}: {{title: X, by: consultant, every: {every}, optional: {optional}}}"
            );
        }
        self.scope(yaml, indent + 2, &own);
    }

    /// A point that the checker may pass: nothing is before what only happens, and no due day is
    /// measured from itself.
    fn point(&mut self, own: &str) -> String {
        let mut anchors = vec![
            "cohort.start",
            "ends",
            "entered",
            "absence",
            "cohort.end",
            "cohort.gathering",
        ];
        let days = [format!("{own}.first_day"), format!("{own}.last_day")];
        if own != "candidate" {
            anchors.extend(days.iter().map(String::as_str));
            anchors.extend(["s1.last_day", "s2.entered"]);
        }
        if own != "s0" {
            anchors.push("t0.due");
        }
        let anchor = self.chance.one(&anchors);
        let happens = anchor == "absence" || anchor.ends_with("entered");
        let shift = match self.chance.one(&SHIFTS) {
            shift if happens && shift.ends_with("before ") => "",
            shift => shift,
        };
        let at = if self.chance.in_ten(3) && !shift.contains("hours") {
            " at 10:30"
        } else {
            ""
        };
        format!("{shift}{anchor}{at}")
    }

    /// Meetings and messages; a compound has them too.
    fn scope(&mut self, yaml: &mut String, indent: usize, own: &str) {
        let pad = " ".repeat(indent);
        if self.chance.in_ten(5) {
            let name = self.name("m");
            let when = match self.chance.below(3) {
                0 => format!("every: {}", self.chance.one(&PERIODS)),
                1 => format!(
                    "between: [{}, {}], book: {{by: consultant, due: 3 workdays before, remind: [1 workday before at 09:00]}}",
                    self.point(own),
                    self.point(own)
                ),
                _ => "every: 2 weeks, book: {by: consultant, due: 3 workdays before, remind: [1 workday before]}".into(),
            };
            let _ = writeln!(
                yaml,
                "{pad}meetings:\n{pad}  {name}: {{title: X, with: [candidate], lasts: 1 hour, {when}, remind: [1 workday before]}}"
            );
        }
        let _ = writeln!(yaml, "{pad}messages:");
        for _ in 0..=self.chance.below(3) {
            let name = self.name("x");
            let when = match self.chance.below(5) {
                0 => format!("every: {}", self.chance.one(&PERIODS)),
                1 => format!(
                    "when: {}",
                    self.chance.one(&[
                        "entered",
                        "left",
                        "absence",
                        "cohort.prepare.done",
                        "cohort.cancelled",
                        "cohort.place_free",
                        "t0.done"
                    ])
                ),
                2 => format!("when: {}, needs: [ready]", self.point(own)),
                3 => format!(
                    "when: {}, if: {}",
                    self.point(own),
                    self.chance.one(&GUARDS)
                ),
                _ => format!("when: {}", self.point(own)),
            };
            let _ = writeln!(
                yaml,
                "{pad}  {name}: {{template: a, to: candidate, {when}}}"
            );
        }
    }
}
