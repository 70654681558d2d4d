//! What a mail can supply: the names its template may use, and of what kind each is.
//!
//! Whoever writes the data describes it with these; a checker compares templates with it and makes
//! samples from it, so that a template is tried long before a mail is due.

use std::collections::BTreeMap;

/// One name of a mail's data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Supply {
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be empty (null).
    pub blank: Blank,
}

/// Whether a name may be known and yet empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blank {
    /// It is always filled.
    Never,
    /// It may be empty, whatever the others are.
    Alone,
    /// It is empty exactly when the names beside it with the same word are: start and end of a meeting.
    With(&'static str),
}

/// What a name holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A text; one of these, or any where there are none.
    Text(Vec<String>),
    /// A whole number.
    Number,
    /// True or false; always this one where it is given.
    Flag(Option<bool>),
    /// A day, `2027-04-26`.
    Date,
    /// A local date and time, `2027-04-26T09:00`.
    Moment,
    /// Alike things: at least and at most so many.
    List(Box<Supply>, usize, usize),
    /// Names within.
    Map(BTreeMap<String, Supply>),
    /// Known, and always empty in this mail.
    Nothing,
    /// Known to the workflow, and never given to a mail.
    Confidential,
}

impl Supply {
    /// Always filled.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let blank = Blank::Never;
        Self { kind, blank }
    }

    /// A text that is always filled.
    #[must_use]
    pub fn text() -> Self {
        Self::new(Kind::Text(Vec::new()))
    }

    /// The same, which may be empty.
    #[must_use]
    pub fn or_empty(self) -> Self {
        let blank = Blank::Alone;
        Self { blank, ..self }
    }

    /// The same, which is empty together with others.
    #[must_use]
    pub fn or_empty_with(self, word: &'static str) -> Self {
        let blank = Blank::With(word);
        Self { blank, ..self }
    }

    /// A list of any length.
    #[must_use]
    pub fn list(of: Self, least: usize) -> Self {
        Self::new(Kind::List(Box::new(of), least, usize::MAX))
    }

    /// A name with names within.
    pub fn map<N: Into<String>>(names: impl IntoIterator<Item = (N, Self)>) -> Self {
        let names = names.into_iter();
        Self::new(Kind::Map(
            names.map(|(name, one)| (name.into(), one)).collect(),
        ))
    }

    /// The names within, if there are any.
    #[must_use]
    pub fn names(&self) -> Option<&BTreeMap<String, Self>> {
        match &self.kind {
            Kind::Map(names) => Some(names),
            _ => None,
        }
    }
}

impl Kind {
    /// What it is, in words.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number => "a number",
            Self::Flag(_) => "yes or no",
            Self::Date => "a date",
            Self::Moment => "a date and time",
            Self::List(..) => "a list",
            Self::Map(_) => "a value with parts",
            Self::Nothing => "always empty here",
            Self::Confidential => "confidential",
        }
    }
}
