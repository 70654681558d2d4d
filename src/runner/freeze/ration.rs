//! How much mail its recipients get on a day, and what is left out of that count.
//!
//! Of the so many mails of a day the last is for what was put off: it leaves when the day is about to end, as
//! one mail (`merged.rs`). What comes after that waits for the next opening.

use jiff::{SignedDuration, Timestamp};

use super::read::Read;
use super::{asked, intent_of, said_again};
use crate::calendar::Calendar;
use crate::engine::effect::{About, Intent};
use crate::message::Mailbox;
use crate::store::{GATHERED_DAY, OutboxRow, Ration, Status};

/// So long before mail may leave no more on a day, what was put off leaves.
const LAST: SignedDuration = SignedDuration::from_mins(30);

/// Whether a mail waits for others to the same recipients. One that was attempted leaves as it is.
pub(super) fn waits_for_others(row: &OutboxRow) -> bool {
    is_put_off(row) && row.status == Status::Queued && row.frozen.is_none()
}

fn is_put_off(row: &OutboxRow) -> bool {
    row.reason.as_deref() == Some(GATHERED_DAY)
}

/// How a mail counts that would leave at a moment; none when it does not.
pub(super) fn ration(
    row: &OutboxRow,
    read: &Read,
    to: &[Mailbox],
    most: i64,
    (calendar, moment): (&Calendar, Timestamp),
) -> Option<Ration> {
    let day = calendar.local(moment).date();
    if most <= 0 || is_counted(row, &day.to_string()) || is_free(row, read) {
        return None;
    }
    let (room, until) = if is_put_off(row) {
        let tomorrow = day.tomorrow().unwrap_or(day);
        let opening = calendar.open_at_or_after(calendar.start_of(tomorrow));
        (most, opening)
    } else {
        let hours = calendar.hours();
        let last = calendar.instant(day.to_datetime(hours.to)) - LAST;
        let last = last.max(calendar.instant(day.to_datetime(hours.from)));
        (most - 1, last.max(moment))
    };
    Some(Ration {
        addresses: addresses(to),
        day: day.to_string(),
        room,
        until: (!is_useless(row, read, until)).then_some(until.as_microsecond()),
    })
}

/// Whether it was counted on that day, when it was attempted before.
fn is_counted(row: &OutboxRow, day: &str) -> bool {
    row.counted_on.as_deref() == Some(day)
}

/// In small letters, each once and in order.
pub(super) fn addresses(to: &[Mailbox]) -> Vec<String> {
    let mut all: Vec<String> = to.iter().map(|to| to.address().to_lowercase()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What is for a calendar, is passed on, is said to whoever runs the installation, or was asked for.
fn is_free(row: &OutboxRow, read: &Read) -> bool {
    let intent = intent_of(row, read);
    let is_early = intent.as_ref().is_some_and(|intent| intent.early);
    let about = intent.map(|intent| intent.about);
    let is_passed_on = matches!(about, None | Some(About::Reply | About::LateLot { .. }));
    row.method.is_some() || is_passed_on || is_early || asked(row) || said_again(row)
}

/// Whether any of what it says would be of no use then.
fn is_useless(row: &OutboxRow, read: &Read, then: Timestamp) -> bool {
    let is_useless = |json: &str| {
        let intent: Option<Intent> = serde_json::from_str(json).ok();
        intent
            .and_then(|intent| intent.useless_from)
            .is_some_and(|from| from <= then)
    };
    match read.items.get(&row.id) {
        Some(items) => items.iter().any(|item| is_useless(&item.intent)),
        None => is_useless(&row.intent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_the_same_however_they_are_written() {
        let mailbox = |address: &str| Mailbox::parse("", address).expect("an address");
        let to = ["B@x.example", "a@x.example", "b@X.example"].map(mailbox);
        assert_eq!(addresses(&to), ["a@x.example", "b@x.example"]);
    }
}
