//! The hours of a workday inside which mail leaves and tasks open.

use std::{fmt, str::FromStr};

use jiff::civil::Time;

use super::phrase::{PhraseError, parse_hhmm};

/// Local clock hours of every workday: open from `from`, closed again at `to` itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    /// The opening: the clock time of every point that names none.
    pub from: Time,
    /// The closing, exclusive. [`Time::MAX`] stands for 24:00.
    pub to: Time,
}

impl Hours {
    /// Whether a local clock time is inside.
    #[must_use]
    pub fn contains(self, time: Time) -> bool {
        self.from <= time && (time < self.to || self.to == Time::MAX)
    }

    /// The hours in Danish: "8.00–16.00".
    #[must_use]
    pub fn da(self) -> String {
        let (from, to) = (self.from, self.to);
        if to == Time::MAX {
            return format!("{}.{:02}–24.00", from.hour(), from.minute());
        }
        format!(
            "{}.{:02}–{}.{:02}",
            from.hour(),
            from.minute(),
            to.hour(),
            to.minute()
        )
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.from.strftime("%H:%M"))?;
        if self.to == Time::MAX {
            f.write_str("24:00")
        } else {
            write!(f, "{}", self.to.strftime("%H:%M"))
        }
    }
}

impl FromStr for Hours {
    type Err = PhraseError;

    /// Reads `08:00-16:00`; `24:00` may stand as the closing.
    fn from_str(text: &str) -> Result<Self, PhraseError> {
        let Some((from_text, to_text)) = text.split_once(['-', '–']) else {
            let error = PhraseError::whole(text, format!("`{text}` are no hours"));
            return Err(error.help("write them as `08:00-16:00`"));
        };
        let to_starts = text.len() - to_text.len();
        let from = parse_hhmm(from_text)?;
        let to = match to_text.trim() {
            "24:00" => Time::MAX,
            _ => parse_hhmm(to_text).map_err(|error| error.later_by(to_starts))?,
        };
        if from >= to {
            let error = PhraseError::whole(text, "the hours close before they open".to_owned());
            return Err(error.help("hours lie within one day, such as `08:00-16:00`"));
        }
        Ok(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn hours_open_at_the_first_minute_and_close_before_the_last() {
        let hours: Hours = "08:00-16:00".parse().unwrap();
        let table = [
            ((7, 59), false),
            ((8, 0), true),
            ((15, 59), true),
            ((16, 0), false),
        ];
        for ((hour, minute), inside) in table {
            assert_eq!(
                hours.contains(time(hour, minute, 0, 0)),
                inside,
                "{hour}:{minute}"
            );
        }
        let all_day: Hours = "00:00-24:00".parse().unwrap();
        assert!(all_day.contains(Time::MIN) && all_day.contains(Time::MAX));
    }

    #[test]
    fn hours_round_trip_and_are_refused_with_a_place() {
        for text in ["08:00-16:00", "00:00-24:00", "07:30-15:45"] {
            assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
        }
        let table = [
            ("8-16", 0..1),
            ("08:00-16", 6..8),
            ("16:00-08:00", 0..11),
            ("08:00", 0..5),
        ];
        for (text, span) in table {
            assert_eq!(text.parse::<Hours>().unwrap_err().span, span, "{text}");
        }
    }
}
