//! Which hold stands in which ring: the first from the outside in which it has room, with its mark.

use super::round::{Round, day_in};
use super::{FACE, mark};
use crate::runner::desk::{YearHold, YearPhase};

/// Between two holds in a ring, in days.
const GAP: i32 = 3;
/// Room beside the letters of a mark, in pixels.
const BESIDE: f64 = 5.0;

/// Phases of holds in their rings.
#[derive(Debug)]
pub(super) struct Strips<'y> {
    pub arcs: Vec<Arc<'y>>,
}

/// A phase in its ring.
#[derive(Debug)]
pub(super) struct Arc<'y> {
    pub hold: &'y YearHold,
    pub phase: &'y YearPhase,
    pub lane: usize,
    /// Days of the year, counted from 0: the first, and the one after the last.
    pub days: (i32, i32),
    /// What it is called.
    pub mark: String,
    /// Where that stands, as days: within the arc or beside it; `None` where there is no room.
    pub label: Option<Label>,
}

/// Where a mark stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub days: (i32, i32),
    /// Within the arc, in the colour that is read there.
    pub inside: bool,
}

/// Phases of one hold that follow each other.
struct Strip<'y> {
    hold: &'y YearHold,
    phases: Vec<(&'y YearPhase, (i32, i32), String)>,
}

impl<'y> Strips<'y> {
    /// All phases, in as few rings as hold them, and the wheel that has so many rings.
    pub fn placed(
        shown: &[(usize, &'y YearHold)],
        year: i16,
        round: impl Fn(usize) -> Round,
    ) -> (Self, Round) {
        let strips: Vec<Strip<'y>> = shown
            .iter()
            .flat_map(|(number, hold)| strips_of(*number, hold, year))
            .collect();
        let mut lanes = 1;
        loop {
            let wheel = round(lanes);
            if let Some(arcs) = placed_in(&strips, &wheel, lanes) {
                return (Self { arcs }, wheel);
            }
            lanes += 1;
        }
    }
}

/// The phases of a hold that have days in the year; those that overlap go into another strip.
fn strips_of<'y>(number: usize, hold: &'y YearHold, year: i16) -> Vec<Strip<'y>> {
    let mut strips: Vec<Strip<'y>> = Vec::new();
    for (at, phase) in hold.phases.iter().enumerate() {
        if phase.last.year() < year || phase.first.year() > year {
            continue;
        }
        let end = phase.last.tomorrow().unwrap_or(phase.last);
        let days = (day_in(year, phase.first), day_in(year, end));
        let mark = mark(number, at, hold.phases.len());
        let ends = |strip: &Strip<'_>| strip.phases.last().is_some_and(|last| last.1.1 <= days.0);
        match strips.iter_mut().find(|strip| ends(strip)) {
            Some(strip) => strip.phases.push((phase, days, mark)),
            None => strips.push(Strip {
                hold,
                phases: vec![(phase, days, mark)],
            }),
        }
    }
    strips
}

/// Puts strips into rings; `None` when there are too few rings.
fn placed_in<'y>(strips: &[Strip<'y>], wheel: &Round, lanes: usize) -> Option<Vec<Arc<'y>>> {
    let mut taken: Vec<Vec<(i32, i32)>> = vec![Vec::new(); lanes];
    let mut arcs = Vec::new();
    for strip in strips {
        let lane = (0..lanes).find_map(|lane| {
            let labels = labels(strip, wheel, lane);
            let wants = reach(strip, &labels);
            let is_free = |other: &(i32, i32)| wants.1 + GAP <= other.0 || other.1 + GAP <= wants.0;
            taken[lane]
                .iter()
                .all(is_free)
                .then_some((lane, labels, wants))
        });
        let (lane, labels, wants) = lane?;
        taken[lane].push(wants);
        let phases = strip.phases.iter().zip(labels);
        arcs.extend(phases.map(|((phase, days, mark), label)| Arc {
            hold: strip.hold,
            phase,
            lane,
            days: *days,
            mark: mark.clone(),
            label,
        }));
    }
    Some(arcs)
}

/// From its first day to its last, with the marks beside it.
fn reach(strip: &Strip<'_>, labels: &[Option<Label>]) -> (i32, i32) {
    let arcs = strip.phases.iter().map(|(_, days, _)| *days);
    let all = arcs.chain(labels.iter().flatten().map(|label| label.days));
    all.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or_default()
}

/// Where the marks of a strip stand in a ring. A strip none of whose phases has room for its mark has
/// the first one's behind its end, or before its beginning when the year ends there.
fn labels(strip: &Strip<'_>, wheel: &Round, lane: usize) -> Vec<Option<Label>> {
    let (inner, _) = wheel.lane(lane);
    let needs = |mark: &str| wheel.days_for(f64::from(FACE.width(mark)) + BESIDE, inner);
    let mut labels: Vec<Option<Label>> = (strip.phases.iter())
        .map(|(_, days, mark)| {
            (needs(mark) <= days.1 - days.0).then_some(Label {
                days: *days,
                inside: true,
            })
        })
        .collect();
    if labels.iter().all(Option::is_none)
        && let (Some(first), Some(last)) = (strip.phases.first(), strip.phases.last())
    {
        let room = needs(&first.2);
        let days_of_year = wheel.days_for(std::f64::consts::TAU, 1.0);
        let (starts, ends) = (first.1.0, last.1.1);
        let days = if ends + room <= days_of_year {
            (ends, ends + room)
        } else {
            (starts - room, starts)
        };
        labels[0] = (days.0 >= 0).then_some(Label {
            days,
            inside: false,
        });
    }
    labels
}
