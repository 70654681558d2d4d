//! Stories that go where chance seldom leads: the acts that matter fall at the instants that matter.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::dice::Dice;
use super::floor::CANDIDATES;
use crate::engine::input::Input;

use super::story::{Deed, Story, fire, instant, ready, start_on};

/// µs.
const HOUR: i64 = 3_600_000_000;

impl Story {
    /// Candidates come while their hold is being moved to and fro.
    pub(super) fn of_enrolment(dice: &mut Dice) -> Self {
        let (mut story, start) = Self::bare(dice, true);
        for candidate in 0..2 + dice.below(CANDIDATES - 2) {
            let at = story.begins.as_microsecond() + dice.upto(8) * HOUR;
            story.push(at, Deed::Enrol(candidate, 0), false);
            // Sooner, so that whoever planned by the day before would come too late.
            let weeks = if dice.once_in(3) { 1 } else { -1 };
            story.push(at, start_on(0, start, weeks), false);
        }
        story.sorted()
    }

    /// The hold is moved in the very hours in which mail says when it begins.
    pub(super) fn of_sending(dice: &mut Dice) -> Self {
        let (mut story, start) = Self::bare(dice, true);
        story.all_enrol(dice);
        let monday = start.checked_sub(7.days()).unwrap_or(start);
        for _ in 0..4 + dice.below(4) {
            let hour = dice.pick(&[8, 8, 9]).unwrap_or(8);
            let at = instant(monday, hour).as_microsecond();
            story.push(at, start_on(0, start, dice.upto(3)), false);
        }
        story.sorted()
    }

    /// Nobody looks while much falls due.
    pub(super) fn of_sleep(dice: &mut Dice) -> Self {
        let (mut story, start) = Self::bare(dice, false);
        story.all_enrol(dice);
        let monday = start.checked_sub(7.days()).unwrap_or(start);
        let from = instant(monday, 0).as_microsecond() - (1 + dice.upto(9)) * HOUR;
        story
            .outages
            .push((from, from + (24 + dice.upto(48)) * HOUR));
        story.sorted()
    }

    /// All of them want one of the few places at the same moment, also those that are given back.
    pub(super) fn of_crowd(dice: &mut Dice) -> Self {
        let (mut story, start) = Self::bare(dice, true);
        story.all_enrol(dice);
        for days in 0..2 + dice.upto(3) {
            let day = start.checked_add(days.days()).unwrap_or(start);
            let at = instant(day, 10).as_microsecond();
            for candidate in 0..CANDIDATES {
                let event = dice.pick(&["enter", "enter", "leave"]).unwrap_or("enter");
                story.push(at, Deed::Case(candidate, fire(event)), false);
            }
        }
        story.sorted()
    }

    /// All places are given back at the very midnight at which others want one, for which some wait
    /// already, or the hold is cancelled while they do; sometimes nobody looks just then.
    pub(super) fn of_queue(dice: &mut Dice) -> Self {
        let (mut story, start) = Self::bare(dice, false);
        story.all_enrol(dice);
        let enter = start.checked_sub((4 + dice.upto(2)).days());
        let enter = enter.unwrap_or(start);
        let after = |days: i64, hour: i8| {
            let day = enter.checked_add(days.days()).unwrap_or(enter);
            instant(day, hour).as_microsecond()
        };
        for candidate in 0..CANDIDATES {
            let (day, event) = match candidate {
                0 | 1 => (0, "enter"),
                _ if dice.once_in(3) => (2, "line_up"),
                _ => (13, "line_up"),
            };
            let at = after(day, 11) + dice.upto(50) * 60_000_001 + 17_000_000;
            story.push(at, Deed::Case(candidate, fire(event)), false);
            // So that its time leads on.
            let known = Deed::Case(candidate, ready(dice.once_in(2)));
            story.push(at + 1_000_000, known, false);
        }
        if dice.once_in(3) {
            let at = after(3 + dice.upto(8), 12) + 17_000_001;
            story.push(at, Deed::Hold(0, Input::Cancel), false);
        }
        if dice.once_in(2) {
            let from = after(13, 20);
            story
                .outages
                .push((from, from + (8 + dice.upto(60)) * HOUR));
        }
        story.sorted()
    }

    fn bare(dice: &mut Dice, racing: bool) -> (Self, Date) {
        let start = dice.pick(&[date(2026, 3, 23), date(2026, 4, 20)]);
        let start = start.unwrap_or(date(2026, 3, 23));
        let begins = instant(start.checked_sub(9.days()).unwrap_or(start), 10);
        let story = Self {
            begins,
            holds: vec![start],
            acts: Vec::new(),
            outages: Vec::new(),
            racing,
            poisoned: None,
            recipient_max: 0,
        };
        (story, start)
    }

    fn all_enrol(&mut self, dice: &mut Dice) {
        for candidate in 0..3 + dice.below(CANDIDATES - 3) {
            let at = self.begins.as_microsecond() + HOUR * (1 + dice.upto(5)) + 77_000_001;
            self.push(at, Deed::Enrol(candidate, 0), false);
        }
    }

    fn sorted(mut self) -> Self {
        self.acts.sort_by_key(|act| act.at);
        self
    }
}
