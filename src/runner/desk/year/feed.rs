//! Holds' dates and meetings as a calendar program fetches them. It has nobody's name: whoever knows the address reads
//! it.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Standing, YearHold, hold};
use crate::access::hash_of;
use crate::message::{FeedEvent, FeedTime, feed};
use crate::runner::desk::{Desk, DeskError};
use crate::store::TokenKind;

/// How far back a calendar goes, in days.
const BACK_DAYS: i32 = 60;
/// How far ahead it goes, in days.
const AHEAD_DAYS: i32 = 400;

impl Desk {
    /// The calendar at a secret address, as RFC 5545 writes it, if the address is good.
    pub async fn calendar(&self, secret: &str) -> Result<Option<String>, DeskError> {
        let Some((token, _)) = self.token(secret, TokenKind::Calendar).await? else {
            return Ok(None);
        };
        let mut standing = self.standing().await?;
        let mut title = "Hold".to_owned();
        if let Some(id) = token.hold_id {
            let only = self.context(id).await?.row;
            standing.retain(|one| one.id == only.public_id);
            title = only.title.unwrap_or(title);
        }
        let today = self.local_today(&standing);
        let (first, last) = (
            today.saturating_sub(BACK_DAYS.days()),
            today.saturating_add(AHEAD_DAYS.days()),
        );
        let mut events = Vec::new();
        for one in standing.iter().filter(|one| one.subject.ended.is_none()) {
            if let Some(hold) = hold::hold(one, today, last) {
                events.extend(events_of(one, &hold, (first, last)));
            }
        }
        Ok(Some(feed(&title, &events, self.runner().now())))
    }
}

fn events_of(one: &Standing, hold: &YearHold, (first, last): (Date, Date)) -> Vec<FeedEvent> {
    let calendar = &one.version.workflow.calendar;
    let is_in = |day: Date| first <= day && day <= last;
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut event = |title, kind: &str, when| {
        let count = seen.entry(title).or_default();
        *count += 1;
        let uid = hash_of(&format!("{kind} {} {title} {count}", hold.id));
        FeedEvent {
            uid: uid[..32].to_owned(),
            summary: format!("{}: {title}", hold.title),
            when,
        }
    };
    let mut events = Vec::new();
    for (title, day) in hold.dates.iter().filter(|(_, day)| is_in(*day)) {
        events.push(event(title.as_str(), "date", FeedTime::Day(*day)));
    }
    for meeting in hold.meetings.iter().filter(|meeting| is_in(meeting.day)) {
        let at = |time| calendar.instant(meeting.day.to_datetime(time));
        let when = FeedTime::Between(at(meeting.from), at(meeting.to));
        let mut met = event(meeting.title.as_str(), "meeting", when);
        if !meeting.is_booked {
            met.summary += " (forventet)";
        }
        events.push(met);
    }
    events
}
