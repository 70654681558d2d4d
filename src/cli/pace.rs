//! `--clock` and `--speed`: a clock of its own for the whole installation.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Failure;
use crate::runner::desk::{Wrong, read_moment};

/// The zone in which `--clock` is read; that of all shipped workflows.
pub(super) const ZONE: &str = "Europe/Copenhagen";
/// Faster than this no machine keeps up.
const RATE_MAX: f64 = 366.0 * 86_400.0;

/// A local moment as an instant.
pub(super) fn instant(text: &str) -> Result<Timestamp, Failure> {
    let local: DateTime = read_moment(text).map_err(|wrong| wrong.column("--clock"))?;
    let zoned = zone()?.to_zoned(local);
    let zoned = zoned
        .map_err(|error| Failure::new(format!("{text}: {error}"), "Skriv fx 2026-02-02T08:00."))?;
    Ok(zoned.timestamp())
}

/// An instant as people of the zone read it.
pub(super) fn local(at: Timestamp) -> Result<DateTime, Failure> {
    Ok(zone()?.to_datetime(at))
}

fn zone() -> Result<TimeZone, Failure> {
    TimeZone::get(ZONE)
        .map_err(|error| Failure::new(error.to_string(), "Tidszonerne mangler i programmet."))
}

/// Virtual seconds per second: `1d/s`, `90min/s`, `2.5h/s`, `60s/s`.
///
/// # Errors
/// In English, because clap says it.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let wrong = || format!("{text:?} is not a speed such as 1d/s, 6h/s, 90min/s or 60s/s");
    let per_second = text.trim().strip_suffix("/s").ok_or_else(wrong)?;
    let digits = per_second
        .find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))
        .ok_or_else(wrong)?;
    let (number, unit) = per_second.split_at(digits);
    let seconds = match unit.trim() {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return Err(wrong()),
    };
    let rate = number.parse::<f64>().map_err(|_| wrong())? * seconds;
    if rate.is_finite() && rate > 0.0 && rate <= RATE_MAX {
        Ok(rate)
    } else {
        Err(format!("{text:?} is not a speed between 0 and 366d/s"))
    }
}

/// "1 dag pr. sekund", "2,5 timer pr. sekund".
pub(super) fn words(rate: f64) -> String {
    let (number, one, many) = match rate {
        rate if rate >= 86_400.0 => (rate / 86_400.0, "dag", "dage"),
        rate if rate >= 3_600.0 => (rate / 3_600.0, "time", "timer"),
        rate if rate >= 60.0 => (rate / 60.0, "minut", "minutter"),
        rate => (rate, "sekund", "sekunder"),
    };
    let shown = format!("{number:.1}").replace('.', ",");
    let shown = shown.strip_suffix(",0").unwrap_or(&shown);
    let unit = if shown == "1" { one } else { many };
    format!("{shown} {unit} pr. sekund")
}

/// `--clock` without `--speed`, or the other way round.
pub(super) fn both(
    clock: Option<&str>,
    speed: Option<f64>,
) -> Result<Option<(Timestamp, f64)>, Failure> {
    match (clock, speed) {
        (None, None) => Ok(None),
        (Some(clock), speed) => Ok(Some((instant(clock)?, speed.unwrap_or(1.0)))),
        (None, Some(_)) => {
            let wrong = Wrong::new("Uret skal begynde et sted.").column("--speed");
            Err(wrong
                .help("Skriv fx --clock 2026-02-02T08:00 --speed 1d/s.")
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read_and_said() {
        for (text, expect) in [
            ("1d/s", "1 dag pr. sekund"),
            ("1.6d/s", "1,6 dage pr. sekund"),
            ("90min/s", "1,5 timer pr. sekund"),
            ("60s/s", "1 minut pr. sekund"),
            ("1s/s", "1 sekund pr. sekund"),
        ] {
            assert_eq!(rate(text).map(words).as_deref(), Ok(expect));
        }
        for text in [
            "", "1d", "d/s", "1x/s", "0d/s", "-1d/s", "1e9d/s", "1..2d/s", "400d/s",
        ] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_clock_is_local() {
        for (text, expect) in [
            ("2026-02-02T08:00", "2026-02-02T07:00:00Z"),
            ("2.7.2026 kl. 8.00", "2026-07-02T06:00:00Z"),
        ] {
            assert_eq!(instant(text).expect("a moment").to_string(), expect);
        }
        assert!(instant("2026-02-02").is_err());
    }
}
