//! What pictures say, in the workflow's own language.

mod english;

use jiff::civil::Date;

use crate::calendar::{
    Direction, Each, Length, MonthDay, Period, Shift, Which, time_da, weekday_da,
};
use crate::definition::machine::{Branch, Cause, Transition};
use crate::definition::model::{
    Anchor, Event, Goal, Guard, Outcome, Point, StateId, Stay, Then, Trigger, Workflow,
};
use crate::engine::why;

/// The date of the hold that everything is counted from.
pub(super) const START: &str = "start";

/// Speaks about one workflow.
#[derive(Clone, Copy)]
pub(crate) struct Words<'w> {
    workflow: &'w Workflow,
    danish: bool,
}

/// What stands at a way: what makes a case go, and the condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub cause: String,
    pub guard: Option<String>,
}

impl Label {
    /// On one line.
    pub fn text(&self) -> String {
        match &self.guard {
            Some(guard) => format!("{}, {guard}", self.cause),
            None => self.cause.clone(),
        }
    }
}

impl<'w> Words<'w> {
    pub fn new(workflow: &'w Workflow) -> Self {
        let danish = workflow.language != "en";
        Self { workflow, danish }
    }

    pub fn say(self, danish: &'static str, english: &'static str) -> &'static str {
        if self.danish { danish } else { english }
    }

    pub fn say_date(
        self,
        day: Date,
        danish: impl Fn(Date) -> String,
        english: impl Fn(Date) -> String,
    ) -> String {
        if self.danish {
            danish(day)
        } else {
            english(day)
        }
    }

    pub fn title(self, id: StateId) -> &'w str {
        &self.workflow.states[id.0].title
    }

    /// Where a case goes that leaves this hold for the next one.
    pub fn next(self, id: StateId) -> String {
        let cohort = self.workflow.cohort.title.to_lowercase();
        let next = self.say("Næste", "Next");
        format!("{next} {cohort}: {}", self.title(id))
    }

    pub fn outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Success => self.say("mål nået", "goal reached"),
            Outcome::Neutral => self.say("slut", "ended"),
            Outcome::Dropout => self.say("stoppet", "dropped out"),
        }
    }

    /// "3 opgaver", "1 møde", "2 mails": what a state holds.
    pub fn contents(self, id: StateId) -> String {
        let state = &self.workflow.states[id.0];
        let count = |n: usize, da: [&'static str; 2], en: [&'static str; 2]| {
            let at = usize::from(n != 1);
            (n > 0).then(|| format!("{n} {}", self.say(da[at], en[at])))
        };
        let scope = &state.scope;
        [
            count(scope.tasks.len(), ["opgave", "opgaver"], ["task", "tasks"]),
            count(
                scope.meetings.len(),
                ["møde", "møder"],
                ["meeting", "meetings"],
            ),
            count(scope.messages.len(), ["mail", "mails"], ["mail", "mails"]),
            state
                .holds_place
                .then(|| self.say("har en plads", "holds a place").to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
    }

    pub fn length(self, length: Length) -> String {
        if self.danish {
            length.da()
        } else {
            length.to_string()
        }
    }

    /// What stands at a way.
    pub fn way(self, way: &Transition) -> Label {
        let state = &self.workflow.states[way.from.0];
        match &way.cause {
            Cause::Time => Label {
                cause: self.time_up(&state.stay),
                guard: self.branch(state.then.as_ref(), way.branch, None),
            },
            Cause::Event(trigger) => {
                let event = state
                    .scope
                    .events
                    .iter()
                    .find(|event| event.trigger == *trigger);
                Label {
                    cause: event.map_or_else(|| trigger.to_string(), |event| self.event(event)),
                    guard: self.branch(
                        event.and_then(|event| event.then.as_ref()),
                        way.branch,
                        event,
                    ),
                }
            }
        }
    }

    fn time_up(self, stay: &Stay) -> String {
        match stay {
            Stay::Open => String::new(),
            Stay::Lasts(length) => {
                format!("{} {}", self.say("efter", "after"), self.length(*length))
            }
            Stay::Until(point) => self.point(point),
        }
    }

    /// An event's title; of a built-in one also what happened, unless the file gives it a title.
    fn event(self, event: &Event) -> String {
        let Trigger::Thing(thing) = &event.trigger else {
            return event.title.clone();
        };
        let built_in = self.anchor(&Anchor::Thing(thing.clone()));
        if built_in.starts_with(&event.title) {
            built_in
        } else {
            event.title.clone()
        }
    }

    /// The guard of an event and of a branch, as one condition.
    fn branch(self, then: Option<&Then>, branch: Branch, event: Option<&Event>) -> Option<String> {
        let may = event.and_then(|event| self.may(event));
        let branch = match (branch, then) {
            (Branch::If(at), Some(Then::Branches { branches, .. })) => {
                branches.get(at).map(|(guard, _)| self.condition(guard))
            }
            (Branch::Else, _) => Some(self.say("ellers", "otherwise").to_owned()),
            _ => None,
        };
        let both: Vec<String> = may.into_iter().chain(branch).collect();
        (!both.is_empty()).then(|| both.join("; "))
    }

    fn may(self, event: &Event) -> Option<String> {
        if event.guard.0.is_empty() {
            return None;
        }
        let condition = self.condition(&event.guard);
        let roles = event.may_override.iter().map(|role| {
            let found = self.workflow.roles.iter().find(|known| known.name == *role);
            found.map_or(&**role, |role| &*role.title)
        });
        let roles: Vec<&str> = roles.collect();
        if roles.is_empty() {
            return Some(condition);
        }
        let or = self.say("eller begrundet af", "or, with a reason, by");
        Some(format!("{condition}, {or} {}", roles.join(", ")))
    }

    fn condition(self, guard: &Guard) -> String {
        if self.danish {
            format!("hvis {}", why::guard_words(self.workflow, guard))
        } else {
            format!("if {}", english::guard(self.workflow, guard))
        }
    }

    /// What an anchor is called.
    pub fn anchor(self, anchor: &Anchor) -> String {
        if self.danish {
            why::anchor_words(self.workflow, anchor)
        } else {
            english::anchor(self.workflow, anchor)
        }
    }

    /// "den dag holdet begynder", "1 uge efter »Skolen, sidste dag«".
    pub fn point(self, point: &Point) -> String {
        let is_start = matches!(&point.anchor, Anchor::HoldDate(name) if **name == *START);
        let shift = point.shift.map(|shift| self.shift(shift));
        let after = point
            .shift
            .is_some_and(|shift| shift.direction == Direction::After);
        match (is_start, shift) {
            (true, None) => self
                .say("den dag holdet begynder", "the day the cohort begins")
                .to_owned(),
            (true, Some(shift)) => {
                let that = if after { self.say(", at", "") } else { "" };
                let begins = self.say("holdet begynder", "the cohort begins");
                format!("{shift}{that} {begins}")
            }
            (false, shift) => {
                let shift =
                    shift.unwrap_or_else(|| self.say("på dagen", "on the day of").to_owned());
                format!("{shift} {}", self.quoted(&self.anchor(&point.anchor)))
            }
        }
    }

    /// "holdet begynder", "1 uge efter, at holdet begynder", "»Skolen, sidste dag«": what follows "indtil".
    pub fn until(self, point: &Point) -> String {
        let words = self.point(point);
        let day = [
            self.say("den dag ", "the day "),
            self.say("på dagen ", "on the day of "),
        ];
        let cut = day.into_iter().find_map(|day| words.strip_prefix(day));
        cut.map_or(words.clone(), ToOwned::to_owned)
    }

    /// In the quotation marks of the language.
    pub fn quoted(self, text: &str) -> String {
        if self.danish {
            format!("»{text}«")
        } else {
            format!("“{text}”")
        }
    }

    fn shift(self, shift: Shift) -> String {
        if self.danish {
            shift.da()
        } else {
            shift.to_string()
        }
    }

    /// "hver onsdag kl. 8.30", "den første arbejdsdag i måneden".
    pub fn period(self, period: &Period) -> String {
        if !self.danish {
            return english::period(period);
        }
        let nth = |count: u32, unit: &str| match count {
            1 => format!("hver {unit}"),
            _ => format!("hver {count}. {unit}"),
        };
        let days = match period.each {
            Each::Weekday(weekday) => format!("hver {}", weekday_da(weekday)),
            Each::Workday => "hver arbejdsdag".to_owned(),
            Each::Weeks { count, on: None } => nth(count, "uge"),
            Each::Weeks {
                count,
                on: Some(weekday),
            } => format!("{} om {}en", nth(count, "uge"), weekday_da(weekday)),
            Each::Months(count) => nth(count, "måned"),
            Each::Years(1) => "hvert år".to_owned(),
            Each::Years(count) => format!("hvert {count}. år"),
            Each::OfMonth { which, day } => {
                let which = if which == Which::First {
                    "første"
                } else {
                    "sidste"
                };
                let day = match day {
                    MonthDay::Weekday(weekday) => weekday_da(weekday),
                    MonthDay::Workday => "arbejdsdag",
                };
                format!("den {which} {day} i måneden")
            }
        };
        period
            .at
            .map_or_else(|| days.clone(), |at| format!("{days} {}", time_da(at)))
    }

    /// "uge 3–5", counted from 1; of what comes before, "6–4 uger før".
    pub fn weeks(self, first_day: i32, end_day: i32) -> String {
        let (first, last) = (first_day.div_euclid(7), (end_day - 1).div_euclid(7));
        let range = |from: i32, to: i32| {
            if from == to {
                from.to_string()
            } else {
                format!("{from}–{to}")
            }
        };
        if last < 0 {
            let before = self.say("uger før", "weeks before");
            return format!("{} {before}", range(-first, -last));
        }
        let week = self.say("uge", "week");
        if first < 0 {
            let before = self.say("uger før", "weeks before");
            let to = self.say("til", "to");
            return format!("{} {before} {to} {week} {}", -first, last + 1);
        }
        format!("{week} {}", range(first + 1, last + 1))
    }
}

/// What a way leads to: a state of this hold, or one of the next hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Target {
    State(StateId),
    Next(StateId),
}

impl From<&Goal> for Target {
    fn from(goal: &Goal) -> Self {
        match goal {
            Goal::State(id) => Self::State(*id),
            Goal::NextCohort(id) => Self::Next(*id),
        }
    }
}
