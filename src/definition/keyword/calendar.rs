//! `time_zone, holidays, closed, hours`: which days and hours are work.
//!
//! ```yaml
//! time_zone: Europe/Copenhagen
//! holidays: DK                                   # statutory, by year and law
//! closed: [24 december, 31 december, 5 june]     # the organisation's own closing days
//! hours: 08:00-16:00
//! ```

use std::str::FromStr;

use super::phrase;
use crate::calendar::{Calendar, ClosingDay, Holidays, Hours, PhraseError};
use crate::definition::keywords::{Page, Word};
use crate::definition::problem::Sink;
use crate::definition::shape::{Shape, one_or_more, text};
use crate::definition::yaml::{Node, short};

/// The sets of holidays that the calendar knows.
pub(crate) const HOLIDAYS: [Word; 2] = [
    Word {
        word: "DK",
        doc: "Denmark's, with the law of each year: great prayer day is one until 2023.",
    },
    Word {
        word: "none",
        doc: "None: every Monday to Friday is a workday unless it is closed.",
    },
];
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "calendar",
    title: "Workdays and hours",
    doc: "A workday is Monday to Friday less public holidays less closing days. A point that falls on a \
          closed day or outside the hours moves: back if it is before something, else forward. \
          `tovholder calendar 2027 --workflow FILE` prints a year with the reason of each closed day.",
    example: "time_zone: Europe/Copenhagen\n\
              holidays: DK\n\
              closed: [24 december, 31 december, 5 june]\n\
              hours: 08:00-16:00",
    shapes: &[],
    top: &["time_zone", "holidays", "closed", "hours"],
};

/// Reads them; `None` when one is missing or faulty.
pub(crate) fn read(sink: &Sink, top: &Shape) -> Option<Calendar> {
    let holidays = top
        .need(sink, "holidays")
        .and_then(|node| parsed::<Holidays>(sink, node, "holidays"));
    let hours = top
        .need(sink, "hours")
        .and_then(|node| parsed::<Hours>(sink, node, "hours"));
    let nodes = top
        .get("closed")
        .map(|node| one_or_more(sink, node, "a closing day"))
        .unwrap_or_default();
    let closed = nodes
        .into_iter()
        .filter_map(|node| parsed::<ClosingDay>(sink, node, "a closing day"))
        .collect();
    let zone_node = top.need(sink, "time_zone")?;
    let zone = text(sink, zone_node, "time_zone")?;
    // A zone is tried even when hours are faulty, so that both are reported in one run.
    let fallback = || Hours::from_str("08:00-16:00").ok();
    let calendar = Calendar::new(
        zone,
        holidays.unwrap_or(Holidays::None),
        closed,
        hours.or_else(fallback)?,
    );
    match calendar {
        Ok(calendar) => Some(calendar).filter(|_| holidays.is_some() && hours.is_some()),
        Err(unknown) => {
            let message = format!("there is no time zone \"{}\"", short(zone));
            let near = unknown
                .did_you_mean
                .map(|name| format!("did you mean \"{name}\"?"));
            let help =
                near.unwrap_or_else(|| "write its IANA name, such as Europe/Copenhagen".to_owned());
            sink.error_help("unknown-name", &zone_node.span, message, help);
            None
        }
    }
}

fn parsed<T: FromStr<Err = PhraseError>>(sink: &Sink, node: &Node, what: &str) -> Option<T> {
    let words = text(sink, node, what)?;
    T::from_str(words)
        .map_err(|error| phrase::report(sink, node, error))
        .ok()
}
