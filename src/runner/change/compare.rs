//! The same hold, played without a change and with it.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{Leaves, Seen, Standing};
use super::{Brings, DayMoved, MailMoved, Of};
use crate::definition::model::Name;
use crate::engine::renamed::Renamed;

/// What is otherwise after the change.
pub(super) fn compare(before: &Seen, after: &Seen) -> Brings {
    let rows: BTreeSet<i64> = before
        .subjects
        .keys()
        .chain(after.subjects.keys())
        .copied()
        .collect();
    let mut subjects: Vec<Of> = rows
        .into_iter()
        .filter_map(|row| of(row, before, after))
        .collect();
    subjects.sort_by_key(|of| (!of.is_case, of.row));
    Brings { subjects }
}

fn of(row: i64, before: &Seen, after: &Seen) -> Option<Of> {
    let then = before.subjects.get(&row);
    let now = after.subjects.get(&row).or(then)?;
    let none = Vec::new();
    let leaves = |seen: &Seen| seen.leaves.get(&row).unwrap_or(&none).clone();
    let is_hindered = now.hindered.is_some();
    let state = then
        .filter(|then| then.state != now.state)
        .map(|then| (then.state.clone(), now.state.clone()));
    Some(Of {
        id: now.id.clone(),
        row,
        begun: now.begun.clone(),
        is_case: now.is_case,
        hindered: now.hindered.clone(),
        state: state.filter(|_| !is_hindered),
        days: if is_hindered {
            Vec::new()
        } else {
            days(then.map_or(&[][..], |then| &then.days), &now.days)
        },
        mails: if is_hindered {
            Vec::new()
        } else {
            mails(leaves(before), leaves(after), now)
        },
        impossible: {
            let known = then.map_or(&[][..], |then| &then.impossible);
            let new = now.impossible.iter().filter(|one| !known.contains(one));
            new.filter(|_| !is_hindered).cloned().collect()
        },
    })
}

/// Days by what falls on them; several of one thing in their order.
fn days(before: &[(String, String)], after: &[(String, String)]) -> Vec<DayMoved> {
    let mut pairs: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
    for (side, all) in [before, after].into_iter().enumerate() {
        for (what, day) in all {
            let found = pairs.iter().position(|(known, ..)| known == what);
            let at = found.unwrap_or_else(|| {
                pairs.push((what, Vec::new(), Vec::new()));
                pairs.len() - 1
            });
            let days = if side == 0 {
                &mut pairs[at].1
            } else {
                &mut pairs[at].2
            };
            days.push(day);
        }
    }
    let mut moved = Vec::new();
    for (what, mut then, mut now) in pairs {
        // What stays is not told.
        then.retain(|day| match now.iter().position(|other| other == day) {
            Some(at) => {
                now.remove(at);
                false
            }
            None => true,
        });
        for at in 0..then.len().max(now.len()) {
            moved.push(DayMoved {
                what: what.to_owned(),
                before: then.get(at).map(|day| (*day).to_owned()),
                after: now.get(at).map(|day| (*day).to_owned()),
            });
        }
    }
    moved
}

/// Mails by what says them and to whom: those that stay are not told, those that move are told together.
fn mails(before: Vec<Leaves>, after: Vec<Leaves>, standing: &Standing) -> Vec<MailMoved> {
    let mut pairs: BTreeMap<(String, String), (Vec<Leaves>, Vec<Leaves>)> = BTreeMap::new();
    for mail in before {
        let occurrence = standing.called.occurrence(standing.kind, &mail.occurrence);
        let key = (stem(&occurrence).to_owned(), seat_of(&mail, standing));
        pairs.entry(key).or_default().0.push(mail);
    }
    for mail in after {
        let key = (stem(&mail.occurrence).to_owned(), mail.seat.clone());
        pairs.entry(key).or_default().1.push(mail);
    }
    let mut moved = Vec::new();
    for ((stem, _), (mut then, mut now)) in pairs {
        then.retain(|mail| {
            let same = |other: &Leaves| other.at == mail.at && other.words == mail.words;
            match now.iter().position(same) {
                Some(at) => {
                    now.remove(at);
                    false
                }
                None => true,
            }
        });
        let is_new = then.len() < now.len();
        for at in 0..then.len().max(now.len()) {
            let (then, now) = (then.get(at), now.get(at));
            let Some(shown) = now.or(then) else { continue };
            let reads_otherwise =
                matches!((then, now), (Some(then), Some(now)) if then.words != now.words);
            let repeats = is_new && then.is_none() && says_again(&stem, shown, standing);
            moved.push(MailMoved {
                occurrence: shown.occurrence.clone(),
                seat: shown.seat.clone(),
                to: String::new(),
                subject: shown.subject.clone(),
                before: then.map(|mail| mail.at),
                after: now.map(|mail| mail.at),
                reads_otherwise,
                repeats,
                calendar: shown.calendar,
            });
        }
    }
    moved.sort_by(|a, b| {
        let key = |mail: &MailMoved| {
            (
                mail.after.or(mail.before),
                mail.occurrence.clone(),
                mail.seat.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    moved
}

/// What is said once in a scope has been said there before, to the same.
fn says_again(stem: &str, mail: &Leaves, standing: &Standing) -> bool {
    let mut said = standing.said.iter();
    said.any(|(occurrence, seat)| {
        let called = standing.called.occurrence(standing.kind, occurrence);
        *seat == mail.seat && self::stem(&called) == stem
    }) && is_once(&mail.occurrence)
}

/// A message that does not recur; invitations and reminders are said anew by what they are about, and what recurs by its
/// slot, which is no number.
fn is_once(occurrence: &str) -> bool {
    let ordinal = occurrence.rsplit('.').next().unwrap_or_default();
    occurrence.starts_with("message.") && ordinal.parse::<u64>().is_ok()
}

/// `declaration@scope#visit`, whichever time it is.
fn stem(occurrence: &str) -> &str {
    let Some(at) = occurrence.find('#') else {
        return occurrence;
    };
    let end = occurrence[at..]
        .find('.')
        .map_or(occurrence.len(), |dot| at + dot);
    match occurrence.find('@') {
        Some(scope) if scope < at => &occurrence[..end],
        // `task.NAME#2.overdue@scope#1.1`: the number before the scope belongs to it.
        _ => occurrence
            .rsplit_once('.')
            .map_or(occurrence, |(stem, _)| stem),
    }
}

fn seat_of(mail: &Leaves, standing: &Standing) -> String {
    let (role, rest) = mail
        .seat
        .split_at(mail.seat.find(':').unwrap_or(mail.seat.len()));
    let role: Name = role.into();
    let called: &Renamed = &standing.called;
    let role = called.roles.get(&role).unwrap_or(&role);
    format!("{role}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_recurs_is_not_said_twice_by_its_next_slot() {
        for (occurrence, once, stem) in [
            ("message.hello@school#2.1", true, "message.hello@school#2"),
            (
                "message.status@cohort#1.2027-02-12T12:00",
                false,
                "message.status@cohort#1",
            ),
            (
                "task.call#2.overdue_mail@school#1.1",
                false,
                "task.call#2.overdue_mail@school#1",
            ),
            (
                "meeting.talk.book.overdue@school#1.1",
                false,
                "meeting.talk.book.overdue@school#1",
            ),
        ] {
            assert_eq!(
                (is_once(occurrence), super::stem(occurrence)),
                (once, stem),
                "{occurrence}"
            );
        }
    }
}
