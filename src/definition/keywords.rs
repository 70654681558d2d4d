//! The words of the language as tables: which keys a map can have, what each takes, what it means.
//!
//! Each keyword declares its tables in its own file. They are read by the checker (a key that is
//! not in them is refused), printed as JSON Schema and as reference, and asked by editors, so that
//! no other list of keys exists.
//!
//! ```
//! use tovholder::definition::keywords;
//! let task = keywords::shape_at(&["candidate", "states", "course", "tasks", "assess"]).unwrap();
//! assert_eq!(task.what, "a task");
//! assert!(task.key("by").unwrap().required);
//! ```

mod told;

use super::keyword::{
    calendar, cohort, event, facts, guard, meeting, message, overdue, retention, roles, scenarios,
    settings, state, targets, task, then, variants, workflow,
};

/// A map whose keys are known.
#[derive(Debug)]
pub struct Keys {
    /// In the author's words, as reports say it: "a task".
    pub what: &'static str,
    /// What it is for, in a sentence or two.
    pub doc: &'static str,
    /// Its keys, in the order in which they are best written.
    pub keys: &'static [Key],
    /// Keys of which at least one must stand there; empty when there is no such choice.
    pub one_of: &'static [&'static str],
}

/// A key of a map.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What stands after it.
    pub takes: Takes,
    /// Whether the map cannot do without it.
    pub required: bool,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
    /// A value that it takes, in YAML; a test reads each of them.
    pub example: &'static str,
    /// What it goes with.
    pub rules: &'static [Rule],
    /// Whether it has no meaning in a state, where everything is about the one case.
    pub outside_states: bool,
}

/// What something was called before, in whatever has a name.
pub(crate) const WAS: Key = Key::new(
    "was",
    Takes::Name(Names::New),
    "What earlier versions call it, where that is another name: those who are under way by one of them keep what \
     they have under the new name.",
    "earlier_name",
);

/// What a key goes with. The text is the report; without one, the keyword reports it in its own way.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Only beside one of these.
    With(&'static [&'static str], Option<&'static str>),
    /// Never beside this one.
    Without(&'static str, Option<&'static str>),
    /// Beside nothing but these.
    Alone(&'static [&'static str]),
}

/// A word that the language knows, with its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it is written.
    pub word: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// What stands after a key.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// A text that people read.
    Text,
    /// Small letters, digits and hyphens: the name of a workflow.
    Slug,
    /// `yes` or `no`.
    YesNo,
    /// A whole number.
    Whole {
        /// The smallest that is taken.
        least: u32,
        /// The largest that is taken.
        most: u32,
    },
    /// One of a few words.
    Words(&'static [Word]),
    /// A weekday, as the time language spells it.
    Weekday,
    /// A date: `2026-02-02`.
    Date,
    /// A local date and time: `2026-02-02 09:00`.
    Moment,
    /// The IANA name of a time zone.
    Zone,
    /// Opening and closing: `08:00-16:00`.
    Hours,
    /// `24 december`, each year, or one date.
    ClosingDay,
    /// A value of a fact, of the fact's own kind.
    Value,
    /// A point in time: `3 workdays before cohort.start at 09:00`.
    Point,
    /// A shift from what it stands under: `3 workdays before at 09:00`.
    Remind,
    /// How often: `2 weeks on friday`.
    Period,
    /// A length of time: `2 weeks`.
    Length(Units),
    /// The name of something that the file declares.
    Name(Names),
    /// One, or a list of them.
    OneOrMore(&'static Takes),
    /// A list of two.
    Pair(&'static Takes),
    /// A list.
    List(&'static Takes),
    /// One or the other.
    Either(&'static Takes, &'static Takes),
    /// A map whose keys are known.
    Map(&'static Keys),
    /// A map of names of the author's choice or declared elsewhere, each with its value.
    Things(Names, &'static Takes),
    /// The events of a state: declared ones, and built-in ones such as `TASK.done`.
    Events(&'static Keys, &'static Keys),
    /// A guard: tests of which all must hold.
    Guard,
    /// What a guard asks of one fact: a value, a list of values, or a comparison.
    Compare,
    /// Where a case goes: a state, or branches.
    Then,
}

/// Which units a length can be counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// All of them.
    Any,
    /// Whole days and more.
    Days,
    /// Minutes and hours.
    Elapsed,
    /// All of them, but written out: no `settings.NAME`.
    Written,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// A name that is declared here: small letters, digits and `_`.
    New,
    /// A name that is declared here and that nothing else is mistaken for.
    Free,
    /// The name of a workflow that is declared here.
    NewWorkflow,
    /// A role.
    Role,
    /// A state.
    State,
    /// A state, also of the next hold: `next_cohort.STATE`.
    Goal,
    /// A fact of the case, or of the hold with `cohort.`.
    Fact,
    /// A fact of the case without a prefix.
    CaseFact,
    /// A fact, or a role that each candidate has.
    FactOrRole,
    /// A fact or a meeting.
    FactOrMeeting,
    /// A date of the hold, without `cohort.`.
    HoldDate,
    /// A date, fact or role of a scenario's hold, without `cohort.`.
    OfHold,
    /// A fact or role of a scenario's candidate, or `born`.
    OfCase,
    /// A candidate of a scenario, or `all` or `other`.
    Person,
    /// What a case can wait for, or `yes` or `no`.
    Awaited,
    /// A message.
    Message,
    /// A folder of the templates.
    Template,
    /// An event that people raise.
    Event,
    /// A task, of the hold with `cohort.`.
    Task,
    /// A meeting, of the hold with `cohort.`.
    Meeting,
    /// A setting.
    Setting,
}

/// A page of the reference: a keyword with the maps that belong to it.
#[derive(Debug)]
pub struct Page {
    /// The keyword, which is also the file's name.
    pub name: &'static str,
    /// What it is, as a heading.
    pub title: &'static str,
    /// How it works, in paragraphs.
    pub doc: &'static str,
    /// How it looks, in YAML.
    pub example: &'static str,
    /// The maps, the keyword's own first.
    pub shapes: &'static [&'static Keys],
    /// The keys at the top of a file that the page tells of, where it has no map of its own.
    pub top: &'static [&'static str],
}

/// The map that a file is.
pub static TOP: &Keys = &workflow::KEYS;

/// All pages, in the order in which a file is written.
pub static PAGES: [&Page; 18] = [
    &workflow::PAGE,
    &calendar::PAGE,
    &overdue::PAGE,
    &settings::PAGE,
    &roles::PAGE,
    &cohort::PAGE,
    &facts::PAGE,
    &state::PAGE,
    &event::PAGE,
    &guard::PAGE,
    &then::PAGE,
    &task::PAGE,
    &meeting::PAGE,
    &message::PAGE,
    &targets::PAGE,
    &retention::PAGE,
    &scenarios::PAGE,
    &variants::PAGE,
];

/// What stands at a path of keys from the top of a file. Items of lists are left out of the path,
/// and any name stands for a name of the author's.
///
/// ```
/// use tovholder::definition::keywords::{Takes, takes_at};
/// assert!(matches!(takes_at(&["cohort", "tasks", "decide", "due"]), Some(Takes::Point)));
/// assert!(matches!(takes_at(&["scenarios", "one", "steps", "at"]), Some(Takes::Moment)));
/// assert!(takes_at(&["cohort", "states"]).is_none());
/// ```
#[must_use]
pub fn takes_at(path: &[&str]) -> Option<Takes> {
    path.iter()
        .try_fold(Takes::Map(TOP), |takes, step| takes.below(step))
}

/// The map that stands at a path, if its keys are known; `takes_at` tells how a path is written.
#[must_use]
pub fn shape_at(path: &[&str]) -> Option<&'static Keys> {
    takes_at(path)?.shape()
}

/// The key that a path ends in.
#[must_use]
pub fn key_at(path: &[&str]) -> Option<&'static Key> {
    let (last, before) = path.split_last()?;
    shape_at(before)?.key(last)
}

/// The keys that can be written in the map at a path: in a state, those that have a meaning there.
#[must_use]
pub fn keys_at(path: &[&str]) -> Vec<&'static Key> {
    let in_state = path.first() == Some(&"candidate");
    shape_at(path)
        .map(|shape| shape.written(in_state).collect())
        .unwrap_or_default()
}

impl Keys {
    pub(crate) const fn new(what: &'static str, doc: &'static str, keys: &'static [Key]) -> Self {
        Self {
            what,
            doc,
            keys,
            one_of: &[],
        }
    }

    /// Says of which keys at least one must stand there.
    pub(crate) const fn one_of(mut self, keys: &'static [&'static str]) -> Self {
        self.one_of = keys;
        self
    }

    /// A key by its name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The keys that can be written, in a state or elsewhere.
    pub fn written(&self, in_state: bool) -> impl Iterator<Item = &'static Key> + use<> {
        let keys = self.keys.iter();
        keys.filter(move |key| !(in_state && key.outside_states))
    }

    /// The names of all keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().map(|key| key.name)
    }
}

impl Key {
    /// A key that can be left out.
    pub(crate) const fn new(
        name: &'static str,
        takes: Takes,
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            takes,
            required: false,
            doc,
            example,
            rules: &[],
            outside_states: false,
        }
    }

    /// A key that must stand there.
    pub(crate) const fn needed(
        name: &'static str,
        takes: Takes,
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        let mut key = Self::new(name, takes, doc, example);
        key.required = true;
        key
    }

    /// Says what the key goes with.
    pub(crate) const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// Says that the key has no meaning in a state.
    pub(crate) const fn outside_states(mut self) -> Self {
        self.outside_states = true;
        self
    }
}

impl Takes {
    /// What stands below a key or name of it.
    fn below(self, step: &str) -> Option<Self> {
        match self {
            Self::Things(_, takes) => Some(*takes),
            Self::Events(declared, built_in) => Some(Self::Map(if step.contains('.') {
                built_in
            } else {
                declared
            })),
            Self::Guard => Some(guard::KEYS.key(step).map_or(Self::Compare, |key| key.takes)),
            Self::OneOrMore(takes) | Self::Pair(takes) | Self::List(takes) => takes.below(step),
            Self::Either(one, other) => one.below(step).or_else(|| other.below(step)),
            _ => self.shape()?.key(step).map(|key| key.takes),
        }
    }

    /// The map that it is, that its items are, or that it can be.
    #[must_use]
    pub fn shape(self) -> Option<&'static Keys> {
        match self {
            Self::Map(keys) => Some(keys),
            Self::Guard => Some(&guard::KEYS),
            Self::Compare => Some(&guard::OPERATORS),
            Self::Then => Some(&then::KEYS),
            Self::OneOrMore(takes) | Self::Pair(takes) | Self::List(takes) => takes.shape(),
            Self::Either(one, other) => one.shape().or_else(|| other.shape()),
            _ => None,
        }
    }
}

/// The words of a list of choices, without what they stand for in the program.
pub(crate) const fn words<T, const N: usize>(
    choices: &[(&'static str, T, &'static str); N],
) -> [Word; N] {
    let mut words = [Word { word: "", doc: "" }; N];
    let mut at = 0;
    while at < N {
        words[at] = Word {
            word: choices[at].0,
            doc: choices[at].2,
        };
        at += 1;
    }
    words
}

#[cfg(test)]
mod tests;
