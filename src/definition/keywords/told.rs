//! The tables in words, for hover texts, the schema and the reference.

use super::{Key, Names, Rule, Takes, Units};

impl Key {
    /// What the key means and what it goes with.
    ///
    /// ```
    /// let key = tovholder::definition::keywords::key_at(&["cohort", "tasks", "visit", "from"]);
    /// let told = "The first day of `every`; the first day of the state, if it is left out. \
    ///             Only beside `every`.";
    /// assert_eq!(key.unwrap().told(), told);
    /// ```
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = self.doc.to_owned();
        for rule in self.rules {
            told.push(' ');
            told.push_str(&rule.told());
        }
        if self.outside_states {
            told.push_str(" Not in a state, where everything is about the one case.");
        }
        told
    }
}

impl Rule {
    fn told(&self) -> String {
        match self {
            Self::With(others, _) => format!("Only beside {}.", listed(others, "or")),
            Self::Without(other, _) => format!("Not beside `{other}`."),
            Self::Alone([]) => "It stands alone.".to_owned(),
            Self::Alone(others) => format!("Beside it only {}.", listed(others, "and")),
        }
    }
}

fn listed(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

impl Takes {
    /// What stands after the key, in a few words: "a role, or a list of them".
    #[must_use]
    pub fn told(&self) -> String {
        let told = match self {
            Self::Text => "a text",
            Self::Slug => "a name of small letters, digits and `-`",
            Self::YesNo => "`yes` or `no`",
            Self::Whole { least, most } => return format!("a whole number from {least} to {most}"),
            Self::Words(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.word).collect();
                return listed(&words, "or");
            }
            Self::Weekday => "a weekday",
            Self::Date => "a date",
            Self::Moment => "a local date and time",
            Self::Zone => "the name of a time zone",
            Self::Hours => "opening and closing",
            Self::ClosingDay => "a day of each year, or a date",
            Self::Value => "a value of the fact",
            Self::Point => "a point in time",
            Self::Remind => "a shift in time",
            Self::Period => "a period",
            Self::Length(units) => units.told(),
            Self::Name(names) => names.told(),
            Self::OneOrMore(takes) => return format!("{}, or a list of them", takes.told()),
            Self::Pair(takes) => return format!("a list of two: {}, twice", takes.told()),
            Self::List(takes) => {
                return match takes.shape() {
                    Some(_) => "a list".to_owned(),
                    None => format!("a list: {}", takes.told()),
                };
            }
            Self::Either(one, other) => return format!("{}, or {}", one.told(), other.told()),
            Self::Map(keys) => return format!("a map: {}", keys.what),
            Self::Things(names, takes) => return things(*names, takes),
            Self::Events(..) => "a map: name to event",
            Self::Guard => "a guard",
            Self::Compare => "a value, a list of values, or a comparison",
            Self::Then => "a state, or branches",
        };
        told.to_owned()
    }
}

fn things(names: Names, takes: &Takes) -> String {
    let each = match takes {
        Takes::Map(keys) => keys.what.to_owned(),
        other => other.told(),
    };
    match names {
        Names::New | Names::Free | Names::NewWorkflow => format!("a map: name to {each}"),
        names => format!("a map: {} to {each}", names.told()),
    }
}

impl Units {
    fn told(self) -> &'static str {
        match self {
            Self::Any => "a length",
            Self::Days => "a length in whole days",
            Self::Elapsed => "a length in minutes or hours",
            Self::Written => "a length that is written out",
        }
    }
}

impl Names {
    /// What the name stands for: "a role".
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::New | Self::Free => "a name of your choice",
            Self::NewWorkflow => "a name of a workflow",
            Self::Role => "a role",
            Self::State => "a state",
            Self::Goal => "a state, also `next_cohort.STATE`",
            Self::Fact | Self::CaseFact => "a fact",
            Self::FactOrRole => "a fact or role",
            Self::FactOrMeeting => "a fact or meeting",
            Self::HoldDate => "a date of the hold",
            Self::OfHold => "a date, fact or role of the hold",
            Self::OfCase => "a fact or role, or `born`",
            Self::Person => "a candidate, `all` or `other`",
            Self::Awaited => "`yes`, `no`, or what it waits for",
            Self::Message => "a message",
            Self::Template => "a template",
            Self::Event => "an event",
            Self::Task => "a task",
            Self::Meeting => "a meeting",
            Self::Setting => "a setting",
        }
    }
}
