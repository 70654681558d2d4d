//! The time band: which phases lie in which week, as far as the file alone says it.
//!
//! Weeks are counted from the hold's start. What lasts until another day begins a stretch of its
//! own, because nobody knows how far away that day is: its weeks are counted from there.

mod draw;
mod meetings;

use std::collections::BTreeMap;

use super::route::{Routes, Step};
use super::words::{START, Words};
use crate::calendar::{By, Direction, Length, Shift, Unit};
use crate::definition::model::{Anchor, Name, Point, StateId, StatePart, Stay, Workflow};

/// From a state's last workday to the day after it: a week ends on a Friday.
const WEEKEND: i32 = 3;
/// Nothing is drawn further away than this.
const DAYS_MAX: i32 = 366 * 100;

/// The band.
#[derive(Debug)]
pub(super) struct Band {
    pub stretches: Vec<Stretch>,
    pub rows: Vec<Row>,
}

/// Weeks that are counted from one day.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    anchor: Anchor,
    /// What the day is called.
    pub title: String,
    /// How many days from there on are known.
    pub days: i32,
    /// How many days before it; whole weeks.
    pub before: i32,
}

/// A day: so many from the first day of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub stretch: usize,
    pub day: i32,
}

/// A phase, or a meeting's window.
#[derive(Debug)]
pub(super) struct Row {
    pub title: String,
    pub words: String,
    /// `None`: begins nobody knows when.
    pub from: Option<At>,
    /// The day after the last; `None`: nobody knows.
    pub to: Option<At>,
    pub kind: RowKind,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Phase,
    Meeting,
}

/// The days of a state on the main line: its first, and the one after its last.
type Days = (Option<At>, Option<At>);

/// What is known so far.
struct Walk<'w> {
    workflow: &'w Workflow,
    words: Words<'w>,
    stretches: Vec<Stretch>,
    days: BTreeMap<StateId, Days>,
    rows: Vec<Row>,
}

impl Band {
    /// The band of a workflow; `None` when nothing in it has a known day.
    pub fn of(workflow: &Workflow) -> Option<Self> {
        let dates = &workflow.cohort.dates;
        let first = dates.iter().find(|date| *date.name == *START);
        let first = first.or(dates.first())?;
        let mut walk = Walk {
            workflow,
            words: Words::new(workflow),
            stretches: Vec::new(),
            days: BTreeMap::new(),
            rows: Vec::new(),
        };
        walk.stretch(&Anchor::HoldDate(first.name.clone()));
        walk.phases();
        walk.meetings();
        let is_known = |row: &Row| row.from.is_some() || row.to.is_some();
        walk.rows.iter().any(is_known).then(|| walk.finish())
    }
}

impl Walk<'_> {
    /// The stretch that is counted from an anchor.
    fn stretch(&mut self, anchor: &Anchor) -> usize {
        let known = self.stretches.iter().position(|one| one.anchor == *anchor);
        known.unwrap_or_else(|| {
            self.stretches.push(Stretch {
                anchor: anchor.clone(),
                title: self.words.anchor(anchor),
                days: 0,
                before: 0,
            });
            self.stretches.len() - 1
        })
    }

    fn phases(&mut self) {
        let routes = Routes::new(self.workflow);
        let line = routes.main_line();
        let mut now: Option<At> = None;
        for (at, step) in line.iter().enumerate() {
            let state = &self.workflow.states[step.state.0];
            if state.outcome.is_some() {
                break;
            }
            if now.is_none() && at > 0 && !self.is_before_start(&line[at..]) {
                now = Some(self.begins(step.state));
            }
            let to = match &state.stay {
                Stay::Lasts(length) => now.map(|now| later(now, days(*length))),
                Stay::Until(point) => Some(self.opens(point)),
                Stay::Open => None,
            };
            let mut words = self.phase_words(step, now, to);
            if routes.avoidable(step.state) {
                words.push_str(self.words.say(" · ikke for alle", " · not for all"));
            }
            self.rows.push(Row {
                title: state.title.clone(),
                words,
                from: now,
                to,
                kind: RowKind::Phase,
            });
            self.days.insert(step.state, (now, to));
            // When a person moves a case on, nobody knows the day beforehand.
            now = to.filter(|_| step.by_event.is_none());
        }
    }

    /// Whether the hold has still to start when a case comes to the first of these.
    fn is_before_start(&self, line: &[Step<'_>]) -> bool {
        let start = &self.stretches[0].anchor;
        line.iter().any(|step| {
            let stay = &self.workflow.states[step.state.0].stay;
            matches!(stay, Stay::Until(point) if point.anchor == *start)
        })
    }

    /// The day a person moves a case into a state begins a stretch of its own.
    fn begins(&mut self, state: StateId) -> At {
        let part = StatePart::FirstDay;
        let stretch = self.stretch(&Anchor::State { state, part });
        At { stretch, day: 0 }
    }

    fn phase_words(&self, step: &Step<'_>, from: Option<At>, to: Option<At>) -> String {
        let words = self.words;
        let event = step.by_event.map(|way| words.way(way).cause);
        let most = match event {
            Some(_) => words.say("højst ", "at most "),
            None => "",
        };
        match (&self.workflow.states[step.state.0].stay, from, to, event) {
            (Stay::Lasts(length), Some(from), Some(to), _) => {
                format!("{} ({most}{})", self.weeks(from, to), words.length(*length))
            }
            (Stay::Lasts(length), ..) => format!("{most}{}", words.length(*length)),
            (Stay::Until(point), _, _, None) => {
                format!("{} {}", words.say("indtil", "until"), words.until(point))
            }
            (Stay::Until(point), _, _, Some(event)) => {
                let (to, last) = (words.say("til", "to"), words.say("senest", "at the latest"));
                let event = words.quoted(&event);
                format!("{to} {event}, {last} {}", words.point(point))
            }
            (Stay::Open, _, _, event) => {
                let event = words.quoted(&event.unwrap_or_default());
                format!("{} {event}", words.say("til", "to"))
            }
        }
    }

    /// "uge 3–5"; of a later stretch also from when.
    fn weeks(&self, from: At, to: At) -> String {
        let weeks = self.words.weeks(from.day, to.day.max(from.day + 1));
        if from.stretch == 0 {
            return weeks;
        }
        let title = self.words.quoted(&self.stretches[from.stretch].title);
        if to.day <= 0 {
            return format!("{weeks} {title}");
        }
        format!("{weeks} {} {title}", self.words.say("fra", "from"))
    }

    /// A point of the file; one whose anchor has no known day opens a stretch.
    fn opens(&mut self, point: &Point) -> At {
        self.known(point, true).unwrap_or_else(|| {
            let stretch = self.stretch(&point.anchor);
            At {
                stretch,
                day: point.shift.map_or(0, shift),
            }
        })
    }

    /// A point of the file, when its anchor has a known day. As an end, a last day is included.
    fn known(&self, point: &Point, is_end: bool) -> Option<At> {
        let at = match &point.anchor {
            Anchor::State { state, part } => {
                let days = self.days.get(&self.atomic(*state, *part))?;
                match part {
                    StatePart::FirstDay | StatePart::Entered => days.0?,
                    StatePart::Left => days.1?,
                    StatePart::LastDay if is_end && point.shift.is_none() => days.1?,
                    StatePart::LastDay => later(days.1?, -WEEKEND),
                }
            }
            anchor => {
                let known = self.stretches.iter().position(|one| one.anchor == *anchor);
                At {
                    stretch: known?,
                    day: 0,
                }
            }
        };
        Some(later(at, point.shift.map_or(0, shift)))
    }

    /// Of a compound, the state on the main line that begins or ends it.
    fn atomic(&self, id: StateId, part: StatePart) -> StateId {
        let inside = |atomic: &StateId| {
            super::route::upwards(self.workflow, *atomic).any(|outer| outer == id)
        };
        let mut inner = self.days.keys().copied().filter(inside);
        match part {
            StatePart::FirstDay | StatePart::Entered => inner.next(),
            StatePart::LastDay | StatePart::Left => inner.next_back(),
        }
        .unwrap_or(id)
    }

    fn hold_date(&mut self, name: &Name) -> At {
        let stretch = self.stretch(&Anchor::HoldDate(name.clone()));
        At { stretch, day: 0 }
    }

    /// How far each stretch reaches.
    fn finish(mut self) -> Band {
        for row in &self.rows {
            for at in row.from.iter().chain(&row.to) {
                let stretch = &mut self.stretches[at.stretch];
                stretch.days = stretch.days.max(at.day);
                stretch.before = stretch.before.max(-at.day);
            }
            match (row.from, row.to) {
                (Some(from), None) => {
                    let stretch = &mut self.stretches[from.stretch];
                    stretch.days = stretch.days.max(from.day + 7);
                }
                // Something begins nobody knows when, before the start.
                (None, _) => self.stretches[0].before = self.stretches[0].before.max(28),
                _ => {}
            }
        }
        for stretch in &mut self.stretches {
            stretch.before = (stretch.before + 6) / 7 * 7;
        }
        Band {
            stretches: self.stretches,
            rows: self.rows,
        }
    }
}

fn later(at: At, days: i32) -> At {
    let day = at.day.saturating_add(days).clamp(-DAYS_MAX, DAYS_MAX);
    At { day, ..at }
}

/// A length in days, near enough to be drawn: a month is 30 days and a half.
fn days(length: Length) -> i32 {
    let count = i32::try_from(length.count)
        .unwrap_or(DAYS_MAX)
        .min(DAYS_MAX);
    let days = match length.unit {
        Unit::Minutes | Unit::Hours => 0,
        Unit::CalendarDays => count,
        Unit::Weeks => count.saturating_mul(7),
        Unit::Months => count.saturating_mul(61) / 2,
        Unit::Years => count.saturating_mul(365),
        Unit::Workdays => count.saturating_mul(7) / 5,
    };
    days.clamp(0, DAYS_MAX)
}

fn shift(shift: Shift) -> i32 {
    let days = match shift.by {
        By::Length(length) => days(length),
        // To the nearest such weekday: half a week away on average.
        By::Weekday(_) => 4,
    };
    if shift.direction == Direction::Before {
        -days
    } else {
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(yaml: &str) -> Vec<String> {
        let workflow = crate::definition::read("f", yaml)
            .workflow
            .expect("a workflow");
        let band = Band::of(&workflow).expect("a band");
        let row = |row: &Row| format!("{}: {}", row.title, row.words);
        band.rows.iter().map(row).collect()
    }

    #[test]
    fn weeks_are_counted_from_the_start() {
        let holstebro = include_str!("../../../workflows/holstebro-introforloeb.yaml");
        assert_eq!(
            rows(holstebro),
            [
                "Indstillet: til »Optag på holdet«, senest den dag holdet begynder",
                "Optaget: indtil holdet begynder",
                "Indledende praktik: uge 1–2 (2 uger)",
                "Skoleforløb: uge 3–5 (3 uger)",
                "Afsluttende praktik: uge 6–7 (2 uger)",
                "Samtale om fremtidsmuligheder: uge 5–7",
            ]
        );
    }

    #[test]
    fn weeks_are_counted_anew_from_a_day_that_nobody_knows() {
        let odense = include_str!("../../../workflows/odense-for-forloeb.yaml");
        let rows = rows(odense);
        for expect in [
            "For-forløb: uge 1–4 (4 uger)",
            "Venter på grundforløb: indtil »Grundforløbet begynder«",
            "Grundforløb (ansat): uge 1–20 fra »Grundforløbet begynder« (20 uger)",
            "Skole- og refleksionsdag: hver onsdag kl. 8.30, uge 1–4",
        ] {
            assert!(rows.contains(&expect.to_owned()), "{rows:#?}");
        }
    }
}
