//! Calendar invitations: iTIP (RFC 5546) in iCalendar (RFC 5545), carried by mail (RFC 6047).
//!
//! Written by hand, since it is one component with a dozen lines and every calendar program has
//! an opinion about each: a fixed UID, a SEQUENCE that grows, one attendee, a VTIMEZONE.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::mailbox::Mailbox;

/// Whether the mail invites (or updates) or withdraws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A new invitation, or a change of one.
    Request,
    /// The meeting is off, or this person is no longer in it.
    Cancel,
}

impl Method {
    /// The word that stands in the MIME header and in the body; they must be alike.
    pub(super) fn word(self) -> &'static str {
        match self {
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
        }
    }
}

/// A meeting, as one attendee's calendar sees it.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Invite or withdraw.
    pub method: Method,
    /// The same for the meeting's whole life and for all who attend.
    pub uid: String,
    /// 0 at first, one more for each change; a calendar ignores what is older than it has.
    pub sequence: u32,
    /// One line: what the meeting is.
    pub summary: String,
    /// More about it; may have several lines.
    pub description: String,
    /// Where it is held, if that is known.
    pub location: Option<String>,
    /// When it starts.
    pub start: Timestamp,
    /// When it ends; not before it starts.
    pub end: Timestamp,
    /// The zone in which its time is said.
    pub zone: TimeZone,
    /// Who invites.
    pub organizer: Mailbox,
    /// Who is invited.
    pub attendee: Mailbox,
    /// When this version was made.
    pub stamp: Timestamp,
}

/// Octets in a line before it is folded, without its line break (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// Zones that keep Copenhagen's time since 1996, so that one VTIMEZONE describes them.
const CENTRAL_EUROPEAN: [&str; 6] = [
    "Europe/Copenhagen",
    "Europe/Berlin",
    "Europe/Stockholm",
    "Europe/Oslo",
    "Europe/Paris",
    "Europe/Amsterdam",
];

/// The rule of the European Union (directive 2000/84/EC): summer time from the last Sunday of
/// March to the last Sunday of October, changing at 01:00 UTC.
const CENTRAL_EUROPEAN_RULES: [&str; 14] = [
    "BEGIN:DAYLIGHT",
    "DTSTART:19960331T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "END:STANDARD",
];

impl Invitation {
    /// The `text/calendar` body: CRLF, folded, escaped.
    #[must_use]
    pub fn to_calendar(&self) -> String {
        let method = self.method.word();
        let mut calendar = Lines::default();
        calendar.line("BEGIN:VCALENDAR");
        calendar.line("PRODID:-//tovholder//tovholder//EN");
        calendar.line("VERSION:2.0");
        calendar.line("CALSCALE:GREGORIAN");
        calendar.line(&format!("METHOD:{method}"));
        let local_zone = self.local_zone();
        if let Some(zone) = local_zone {
            calendar.line("BEGIN:VTIMEZONE");
            calendar.line(&format!("TZID:{zone}"));
            for rule in CENTRAL_EUROPEAN_RULES {
                calendar.line(rule);
            }
            calendar.line("END:VTIMEZONE");
        }
        self.event(local_zone, &mut calendar);
        calendar.line("END:VCALENDAR");
        calendar.text
    }

    fn event(&self, local_zone: Option<&str>, calendar: &mut Lines) {
        calendar.line("BEGIN:VEVENT");
        calendar.line(&format!("UID:{}", escape(&self.uid)));
        calendar.line(&format!("SEQUENCE:{}", self.sequence));
        calendar.line(&format!("DTSTAMP:{}", utc(self.stamp)));
        calendar.line(&self.moment("DTSTART", self.start, local_zone));
        calendar.line(&self.moment("DTEND", self.end, local_zone));
        calendar.line(&format!("SUMMARY:{}", escape(&self.summary)));
        if !self.description.is_empty() {
            calendar.line(&format!("DESCRIPTION:{}", escape(&self.description)));
        }
        if let Some(location) = &self.location {
            calendar.line(&format!("LOCATION:{}", escape(location)));
        }
        let (organizer, attendee) = (&self.organizer, &self.attendee);
        calendar.line(&format!(
            "ORGANIZER{}:mailto:{}",
            name(organizer),
            organizer.address()
        ));
        let (status, asks) = match self.method {
            Method::Request => ("CONFIRMED", ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE"),
            Method::Cancel => ("CANCELLED", ""),
        };
        let role = format!("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT{asks}");
        calendar.line(&format!(
            "{role}{}:mailto:{}",
            name(attendee),
            attendee.address()
        ));
        calendar.line(&format!("STATUS:{status}"));
        calendar.line("TRANSP:OPAQUE");
        calendar.line("END:VEVENT");
    }

    /// The zone's name if the meeting can be told in local time; else UTC is used, which is always
    /// right and only less pleasant to read. The hour that comes twice in October cannot be told.
    fn local_zone(&self) -> Option<&str> {
        let name = self
            .zone
            .iana_name()
            .filter(|name| CENTRAL_EUROPEAN.contains(name))?;
        let is_plain = |at: Timestamp| {
            let local = at.to_zoned(self.zone.clone());
            !self
                .zone
                .to_ambiguous_timestamp(local.datetime())
                .is_ambiguous()
        };
        (is_plain(self.start) && is_plain(self.end)).then_some(name)
    }

    fn moment(&self, property: &str, at: Timestamp, local_zone: Option<&str>) -> String {
        match local_zone {
            Some(zone) => {
                let local: Zoned = at.to_zoned(self.zone.clone());
                format!("{property};TZID={zone}:{}", local.strftime("%Y%m%dT%H%M%S"))
            }
            None => format!("{property}:{}", utc(at)),
        }
    }
}

/// As RFC 5545 writes an instant.
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Escapes a TEXT value (RFC 5545, 3.3.11); control characters other than line breaks are dropped.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// The CN parameter. A quoted parameter can hold anything but quotes, and a [`Mailbox`] holds no
/// control characters.
fn name(mailbox: &Mailbox) -> String {
    mailbox.name().map_or_else(String::new, |name| {
        format!(";CN=\"{}\"", name.replace('"', "'"))
    })
}

/// Content lines: folded at 75 octets, never inside a character, each ending in CRLF.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) text: String,
}

impl Lines {
    pub(super) fn line(&mut self, content: &str) {
        let mut octets = 0;
        for c in content.chars() {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(c);
            octets += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(start: &str, end: &str, zone: &str) -> Invitation {
        Invitation {
            method: Method::Request,
            uid: "meeting-7@tovholder.example".to_owned(),
            sequence: 2,
            summary: "Samtale; Bo & Søn, afslutning".to_owned(),
            description: "Første linje\r\nAnden linje \\ slut".to_owned(),
            location: Some("Østergade 1, lokale 2".to_owned()),
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            zone: TimeZone::get(zone).unwrap(),
            organizer: Mailbox::parse("Tovholder \"T\"", "tov@college.example").unwrap(),
            attendee: Mailbox::parse("Bo Ærø", "bo@kommune.example").unwrap(),
            stamp: "2027-03-01T08:00:00Z".parse().unwrap(),
        }
    }

    fn unfolded(calendar: &str) -> Vec<String> {
        calendar
            .replace("\r\n ", "")
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_request_says_when_and_who() {
        let calendar = meeting(
            "2027-03-24T08:00:00Z",
            "2027-03-24T09:30:00Z",
            "Europe/Copenhagen",
        )
        .to_calendar();
        let lines = unfolded(&calendar);
        for expect in [
            "METHOD:REQUEST",
            "TZID:Europe/Copenhagen",
            "UID:meeting-7@tovholder.example",
            "SEQUENCE:2",
            "DTSTAMP:20270301T080000Z",
            "DTSTART;TZID=Europe/Copenhagen:20270324T090000",
            "DTEND;TZID=Europe/Copenhagen:20270324T103000",
            "SUMMARY:Samtale\\; Bo & Søn\\, afslutning",
            "DESCRIPTION:Første linje\\nAnden linje \\\\ slut",
            "LOCATION:Østergade 1\\, lokale 2",
            "ORGANIZER;CN=\"Tovholder 'T'\":mailto:tov@college.example",
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;\
             CN=\"Bo Ærø\":mailto:bo@kommune.example",
            "STATUS:CONFIRMED",
        ] {
            assert!(
                lines.iter().any(|line| line == expect),
                "{expect} not in\n{lines:#?}"
            );
        }
    }

    #[test]
    fn every_line_is_folded_and_ends_in_crlf() {
        let mut long = meeting(
            "2027-03-24T08:00:00Z",
            "2027-03-24T09:00:00Z",
            "Europe/Oslo",
        );
        long.description = "æøå€ ".repeat(100);
        let calendar = long.to_calendar();
        assert!(!calendar.replace("\r\n", "").contains(['\r', '\n']));
        for line in calendar.split("\r\n") {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
        }
        let description = format!("DESCRIPTION:{}", long.description);
        assert!(unfolded(&calendar).contains(&description));
    }

    #[test]
    fn local_time_is_used_only_where_it_is_certain() {
        let table = [
            // Summer time.
            (
                "2027-07-01T07:00:00Z",
                "Europe/Copenhagen",
                "DTSTART;TZID=Europe/Copenhagen:20270701T090000",
            ),
            // 02:30 comes twice on 31 October 2027; both are told in UTC.
            (
                "2027-10-31T00:30:00Z",
                "Europe/Copenhagen",
                "DTSTART:20271031T003000Z",
            ),
            (
                "2027-10-31T01:30:00Z",
                "Europe/Copenhagen",
                "DTSTART:20271031T013000Z",
            ),
            (
                "2027-10-31T02:30:00Z",
                "Europe/Copenhagen",
                "DTSTART;TZID=Europe/Copenhagen:20271031T033000",
            ),
            // A zone whose rules are not written here.
            (
                "2027-07-01T07:00:00Z",
                "Atlantic/Faroe",
                "DTSTART:20270701T070000Z",
            ),
        ];
        for (start, zone, expect) in table {
            let calendar = meeting(start, start, zone).to_calendar();
            assert!(
                unfolded(&calendar).contains(&expect.to_owned()),
                "{start} {zone}\n{calendar}"
            );
            assert_eq!(
                calendar.contains("VTIMEZONE"),
                expect.contains("TZID"),
                "{start} {zone}"
            );
        }
    }

    #[test]
    fn a_name_cannot_add_a_line() {
        let mut bad = meeting(
            "2027-03-24T08:00:00Z",
            "2027-03-24T09:00:00Z",
            "Europe/Oslo",
        );
        bad.summary = "Samtale\r\nATTENDEE:mailto:x@y.example".to_owned();
        bad.uid = "u\nATTENDEE:mailto:x@y.example".to_owned();
        let attendees = unfolded(&bad.to_calendar())
            .iter()
            .filter(|line| line.starts_with("ATTENDEE"))
            .count();
        assert_eq!(attendees, 1);
    }

    /// The VTIMEZONE is read back as a rule and compared with the time-zone data, over years.
    #[test]
    fn the_written_rules_are_those_of_the_zones() {
        for name in CENTRAL_EUROPEAN {
            let zone = TimeZone::get(name).unwrap();
            for year in 1996..2060_i16 {
                for (month, hours) in [(3, 1), (10, 2)] {
                    let last_sunday = jiff::civil::date(year, month, 1)
                        .last_of_month()
                        .tomorrow()
                        .unwrap()
                        .nth_weekday(-1, jiff::civil::Weekday::Sunday)
                        .unwrap();
                    // Both changes come at 01:00 UTC: 02:00 local in March, 03:00 in October.
                    let change = last_sunday.at(1, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
                    let next = zone
                        .following(change.timestamp() - jiff::SignedDuration::from_secs(1))
                        .next()
                        .unwrap();
                    assert_eq!(
                        next.timestamp(),
                        change.timestamp(),
                        "{name} {year}-{month}"
                    );
                    let before = jiff::tz::offset(hours);
                    assert_eq!(
                        zone.to_offset(change.timestamp() - jiff::SignedDuration::from_secs(1)),
                        before,
                    );
                }
            }
        }
    }
}
