//! A calendar that a calendar program fetches again and again (RFC 5545, RFC 7986).

use jiff::Timestamp;
use jiff::civil::Date;

use super::invitation::{Lines, escape, utc};

/// Something in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// The same whenever it is fetched, and no other's.
    pub uid: String,
    /// What it is.
    pub summary: String,
    /// When it is.
    pub when: FeedTime,
}

/// When something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedTime {
    /// A day.
    Day(Date),
    /// From an instant until another.
    Between(Timestamp, Timestamp),
}

/// A calendar of events; `stamp` is when it was made.
///
/// ```
/// use jiff::civil::date;
/// use tovholder::message::{FeedEvent, FeedTime, feed};
/// let event = FeedEvent {
///     uid: "1".to_owned(),
///     summary: "Hold 1: Start".to_owned(),
///     when: FeedTime::Day(date(2027, 2, 1)),
/// };
/// let calendar = feed("Hold 1", &[event], jiff::Timestamp::UNIX_EPOCH);
/// assert!(calendar.contains("DTSTART;VALUE=DATE:20270201\r\n"));
/// assert!(calendar.contains("SUMMARY:Hold 1: Start\r\n"));
/// ```
#[must_use]
pub fn feed(title: &str, events: &[FeedEvent], stamp: Timestamp) -> String {
    let mut calendar = Lines::default();
    calendar.line("BEGIN:VCALENDAR");
    calendar.line("PRODID:-//tovholder//tovholder//EN");
    calendar.line("VERSION:2.0");
    calendar.line("CALSCALE:GREGORIAN");
    // The second is what calendar programs read that are older than the first.
    for property in ["NAME", "X-WR-CALNAME"] {
        calendar.line(&format!("{property}:{}", escape(title)));
    }
    calendar.line("REFRESH-INTERVAL;VALUE=DURATION:PT6H");
    for event in events {
        calendar.line("BEGIN:VEVENT");
        calendar.line(&format!("UID:{}", escape(&event.uid)));
        calendar.line(&format!("DTSTAMP:{}", utc(stamp)));
        match event.when {
            FeedTime::Day(day) => {
                calendar.line(&format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d")));
                calendar.line("TRANSP:TRANSPARENT");
            }
            FeedTime::Between(start, end) => {
                calendar.line(&format!("DTSTART:{}", utc(start)));
                calendar.line(&format!("DTEND:{}", utc(end)));
            }
        }
        calendar.line(&format!("SUMMARY:{}", escape(&event.summary)));
        calendar.line("END:VEVENT");
    }
    calendar.line("END:VCALENDAR");
    calendar.text
}
