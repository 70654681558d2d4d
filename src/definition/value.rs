//! Values of facts: their kinds, how they are read, compared and shown.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The Danish 7-step scale, in order: −3, 00, 02, 4, 7, 10, 12
/// (bekendtgørelse om karakterskala, 7-trinsskalaen, 2007).
pub const GRADES: [&str; 7] = ["-3", "00", "02", "4", "7", "10", "12"];

/// The type of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// One of these keys, each with a title, in the order of the file.
    OneOf(Vec<(String, String)>),
    /// Yes or no.
    YesNo,
    /// A whole number.
    WholeNumber,
    /// A number with decimals; kept exactly as written, with a point.
    Decimal,
    /// A day.
    Date,
    /// Free text, at most so many characters.
    Text {
        /// Characters at most.
        max: u32,
    },
    /// A grade on the 7-step scale.
    Grade,
}

/// A recorded value. Free text is not in it: what identifies people lives in rows that can be
/// erased, so history only says that a text was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A key of `one_of`.
    Choice(String),
    /// Yes or no.
    YesNo(bool),
    /// A whole number.
    Whole(i64),
    /// A decimal number, in hundredths.
    Decimal(i64),
    /// A day.
    Date(Date),
    /// A grade, by its place on the scale.
    Grade(u8),
    /// A text was written; the words are elsewhere.
    Written,
}

/// Why a text is not a value of a kind. Speaks to whoever typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not {wanted}")]
pub struct BadValue {
    /// What was given.
    pub given: String,
    /// What the kind takes, with the choices.
    pub wanted: String,
}

impl FactKind {
    /// Reads a value as people write it: `yes`, `02`, `7.5` or `7,5`, `2026-02-02`, a key of the choices.
    ///
    /// ```
    /// use tovholder::definition::value::{FactKind, Value};
    /// assert_eq!(FactKind::Grade.read("02"), Ok(Value::Grade(2)));
    /// assert!(FactKind::Grade.read("2").is_err());
    /// ```
    pub fn read(&self, text: &str) -> Result<Value, BadValue> {
        let text = text.trim();
        let value = match self {
            Self::OneOf(choices) => choices
                .iter()
                .any(|(key, _)| key == text)
                .then(|| Value::Choice(text.to_owned())),
            Self::YesNo => match text {
                "yes" | "ja" | "true" => Some(Value::YesNo(true)),
                "no" | "nej" | "false" => Some(Value::YesNo(false)),
                _ => None,
            },
            Self::WholeNumber => text.parse().ok().map(Value::Whole),
            Self::Decimal => hundredths(text).map(Value::Decimal),
            Self::Date => text.parse().ok().map(Value::Date),
            Self::Text { max } => (text.chars().count() <= *max as usize).then_some(Value::Written),
            Self::Grade => {
                let text = text.replace('\u{2212}', "-");
                GRADES
                    .iter()
                    .position(|grade| *grade == text)
                    .and_then(|at| u8::try_from(at).ok())
                    .map(Value::Grade)
            }
        };
        value.ok_or_else(|| BadValue {
            given: text.chars().take(80).collect(),
            wanted: self.wanted(),
        })
    }

    /// What the kind takes, in words.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self {
            Self::OneOf(choices) => {
                let keys: Vec<&str> = choices.iter().map(|(key, _)| key.as_str()).collect();
                format!("one of {}", keys.join(", "))
            }
            Self::YesNo => "yes or no".into(),
            Self::WholeNumber => "a whole number".into(),
            Self::Decimal => "a number with at most two decimals".into(),
            Self::Date => "a date such as 2026-02-02".into(),
            Self::Text { max } => format!("a text of at most {max} characters"),
            Self::Grade => format!("a grade: one of {}", GRADES.join(", ")),
        }
    }

    /// What people read for a value: the choice's title, "ja", a Danish number.
    #[must_use]
    pub fn show(&self, value: &Value) -> String {
        match (self, value) {
            (Self::OneOf(choices), Value::Choice(key)) => choices
                .iter()
                .find(|(k, _)| k == key)
                .map_or_else(|| key.clone(), |(_, title)| title.clone()),
            (_, Value::Choice(key)) => key.clone(),
            (_, Value::YesNo(yes)) => if *yes { "ja" } else { "nej" }.to_owned(),
            (_, Value::Whole(n)) => n.to_string(),
            (_, Value::Decimal(n)) => {
                let sign = if *n < 0 { "-" } else { "" };
                format!(
                    "{sign}{},{:02}",
                    thousands(n.unsigned_abs() / 100),
                    n.unsigned_abs() % 100
                )
            }
            (_, Value::Date(date)) => date.to_string(),
            (_, Value::Grade(at)) => GRADES
                .get(usize::from(*at))
                .copied()
                .unwrap_or_default()
                .to_owned(),
            (_, Value::Written) => String::new(),
        }
    }

    /// Whether a value is of this kind.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::OneOf(_), Value::Choice(_))
                | (Self::YesNo, Value::YesNo(_))
                | (Self::WholeNumber, Value::Whole(_))
                | (Self::Decimal, Value::Decimal(_))
                | (Self::Date, Value::Date(_))
                | (Self::Text { .. }, Value::Written)
                | (Self::Grade, Value::Grade(_))
        )
    }
}

impl Value {
    /// The order used by `at_least` and `at_most`; `None` between kinds that have none.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) | (Self::Decimal(a), Self::Decimal(b)) => {
                Some(a.cmp(b))
            }
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Grade(a), Self::Grade(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// Groups digits as Danes do: 1.250.000.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let head = digits.len() % 3;
    let groups = digits.as_bytes()[head..]
        .chunks(3)
        .map(String::from_utf8_lossy);
    let first = (head > 0).then(|| digits[..head].into());
    first
        .into_iter()
        .chain(groups)
        .collect::<Vec<_>>()
        .join(".")
}

/// Reads "1250", "7.5" or "7,50" as hundredths, so that money is never a float.
fn hundredths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || part.len() > 2 || !(part.is_empty() || plain(part)) {
        return None;
    }
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)?
        .checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_people_write_them() {
        let choice = FactKind::OneOf(vec![("a".into(), "Første".into())]);
        for (kind, text, expect) in [
            (&choice, "a", Some(Value::Choice("a".into()))),
            (&choice, "b", None),
            (&FactKind::YesNo, "ja", Some(Value::YesNo(true))),
            (&FactKind::YesNo, "maybe", None),
            (&FactKind::WholeNumber, "-3", Some(Value::Whole(-3))),
            (&FactKind::Decimal, "1250,5", Some(Value::Decimal(125_050))),
            (&FactKind::Decimal, "1.234", None),
            (&FactKind::Decimal, "99999999999999999999", None),
            (&FactKind::Date, "2026-02-30", None),
            (&FactKind::Grade, "02", Some(Value::Grade(2))),
            (&FactKind::Grade, "\u{2212}3", Some(Value::Grade(0))),
            (&FactKind::Grade, "2", None),
            (&FactKind::Text { max: 3 }, "æøå", Some(Value::Written)),
            (&FactKind::Text { max: 3 }, "æøåx", None),
        ] {
            assert_eq!(kind.read(text).ok(), expect, "{kind:?} {text}");
        }
    }

    #[test]
    fn decimals_are_shown_as_danes_write_them() {
        for (text, shown) in [
            ("5400", "5.400,00"),
            ("-7.5", "-7,50"),
            ("1234567.89", "1.234.567,89"),
            ("0", "0,00"),
        ] {
            let value = FactKind::Decimal.read(text).expect("a decimal");
            assert_eq!(FactKind::Decimal.show(&value), shown);
        }
    }

    #[test]
    fn grades_are_ordered_by_the_scale_not_by_their_letters() {
        let order: Vec<_> = GRADES
            .iter()
            .map(|g| FactKind::Grade.read(g).expect("on the scale"))
            .collect();
        assert!(
            order
                .windows(2)
                .all(|w| w[0].compare(&w[1]) == Some(Ordering::Less))
        );
    }
}
