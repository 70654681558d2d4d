//! Pauses: days on which a hold or one candidate stands still, given by people and not by the file.
//!
//! A pause lengthens the `lasts` it falls in, the slots inside it are skipped, and an `until` stays
//! (LANGUAGE §3, `pause`). A case stands still with its hold, and on days of its own.

use jiff::ToSpan;
use jiff::civil::Date;

use super::frame::Frame;
use super::subject::Kind;
use crate::calendar::{Direction, Length, Unit};

/// The days of a pause, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pause {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
}

impl Frame<'_> {
    /// The pauses that concern the subject, in order; what overlaps is one.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        self.paused.get_or_init(|| {
            let of_hold = self.hold().filter(|_| self.subject.kind == Kind::Case);
            let all = of_hold.into_iter().chain([self.subject]);
            let days = all.flat_map(|subject| &subject.pauses);
            let all = days.map(|(first, last)| Pause {
                first: *first,
                last: *last,
            });
            joined(all.collect())
        })
    }

    /// Whether a day lies in a pause.
    #[must_use]
    pub fn is_paused(&self, day: Date) -> bool {
        let mut pauses = self.pauses().iter();
        pauses.any(|pause| pause.first <= day && day <= pause.last)
    }

    /// The day as which something that lasts so long ends, begun on a day. It is longer by the days
    /// of the pauses in it, counted as the length counts: workdays for workdays, else every day. An
    /// end that a pause puts on a closed day is the next workday, so that what follows loses no day.
    #[must_use]
    pub fn lasting(&self, begun: Date, length: Length) -> Date {
        let plain = self.calendar().add(begun, length, Direction::After);
        let mut end = plain;
        // A pause that is only reached because of another one lengthens it again; there are few.
        for _ in 0..=self.pauses().len() {
            let lost = self.lost(begun, end, length.unit);
            let longer = match length.unit {
                Unit::Workdays => {
                    let count = length.count.saturating_add(lost);
                    let length = Length { count, ..length };
                    self.calendar().add(begun, length, Direction::After)
                }
                _ if lost == 0 => plain,
                _ => {
                    let later = plain.saturating_add(i64::from(lost).days());
                    self.calendar().workday_on_or_after(later)
                }
            };
            if longer == end {
                break;
            }
            end = longer;
        }
        end
    }

    /// How many of the days from `begun` up to `end` are paused.
    fn lost(&self, begun: Date, end: Date, unit: Unit) -> u32 {
        let counts = |day: &Date| unit != Unit::Workdays || self.calendar().is_workday(*day);
        let within = |pause: &Pause| {
            let first = pause.first.max(begun);
            let days = first.series(1.day());
            let days = days.take_while(|day| *day <= pause.last && *day < end);
            days.filter(counts).count()
        };
        let lost: usize = self.pauses().iter().map(within).sum();
        u32::try_from(lost).unwrap_or(u32::MAX)
    }
}

/// Pauses in order, those that touch or overlap as one.
fn joined(mut pauses: Vec<Pause>) -> Vec<Pause> {
    pauses.sort_unstable();
    let mut joined: Vec<Pause> = Vec::with_capacity(pauses.len());
    for pause in pauses {
        match joined.last_mut() {
            Some(before) if pause.first <= before.last => before.last = before.last.max(pause.last),
            Some(_) | None => joined.push(pause),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_overlaps_is_one_pause() {
        let pause = |first: i8, last: i8| Pause {
            first: date(2026, 2, first),
            last: date(2026, 2, last),
        };
        let table = [
            (vec![], vec![]),
            (vec![(9, 13)], vec![(9, 13)]),
            (vec![(16, 17), (9, 13)], vec![(9, 13), (16, 17)]),
            (vec![(9, 13), (11, 12)], vec![(9, 13)]),
            (vec![(9, 13), (13, 20), (18, 19)], vec![(9, 20)]),
        ];
        for (given, expect) in table {
            let all = |days: &[(i8, i8)]| days.iter().map(|(a, b)| pause(*a, *b)).collect();
            assert_eq!(joined(all(&given)), all(&expect) as Vec<Pause>, "{given:?}");
        }
    }
}
