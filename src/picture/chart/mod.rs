//! The chart of states: where every box, way and word stands. No drawing yet.
//!
//! States stand in one column in the order of the file, compounds as boxes round theirs. A way to
//! the state right below goes straight down. Every other way leaves to the right from a row of its
//! own, with its words on it, and joins the line of its goal: each goal has one vertical lane, so
//! what leads to the same end is seen to meet. Final states, and the next hold, stand at the far
//! right. Rows and lanes belong to one thing each, so no words can lie on a line, a box or other
//! words, whatever the workflow says.

mod column;
mod draw;
mod exits;
mod lanes;
mod plan;

use self::column::Column;
pub(super) use self::draw::sample;
use self::plan::Plan;
use super::glyphs::Face;
use super::svg::{Area, Spot};
use super::words::Target;
use crate::definition::model::{Outcome, StateId, Workflow};

/// Room between the chart and the edge of the picture.
pub(super) const MARGIN: i32 = 24;
/// From a box to the words of its ways.
const LEAD: i32 = 16;
/// Room before the first and after the last lane.
const CHANNEL: i32 = 12;

/// The chart.
#[derive(Debug)]
pub(super) struct Chart {
    pub boxes: Vec<StateBox>,
    pub ways: Vec<Wire>,
    /// Where the arrowheads are, each with what it belongs to.
    pub tips: Vec<Tip>,
    /// Where a case begins: dots with an arrow down to this height, the first one the workflow's.
    pub starts: Vec<(Spot, i32)>,
    pub right: i32,
    pub bottom: i32,
}

/// A state, or the next hold.
#[derive(Debug)]
pub(super) struct StateBox {
    pub what: Target,
    pub kind: Kind,
    pub area: Area,
    pub texts: Vec<Text>,
}

/// What kind of box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Atomic,
    Compound,
    Final(Outcome),
    Next,
}

/// A line of text at its place.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub at: Spot,
    pub face: Face,
    pub is_muted: bool,
    pub says: String,
}

/// A way from box to box.
#[derive(Debug)]
pub(super) struct Wire {
    /// Its place in the list of transitions.
    pub way: usize,
    pub from: StateId,
    pub to: Target,
    pub points: Vec<Spot>,
    pub label: Vec<Text>,
    /// The label on one line.
    pub words: String,
    pub kind: Kind,
}

/// An arrowhead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tip {
    pub at: Spot,
    pub towards: Towards,
    pub kind: Kind,
}

/// Where an arrow points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    Down,
    Left,
    Right,
}

impl Chart {
    /// Lays out the chart of a workflow that has states, from this height down.
    pub fn of(workflow: &Workflow, top: i32) -> Self {
        let plan = Plan::of(workflow);
        let column = Column::of(&plan, top);
        let ports: Vec<i32> = column.ports.values().map(|port| port.1).collect();
        let entries: Vec<i32> = column.entries.values().map(|entry| entry.1).collect();
        let foreign: Vec<i32> = ports.into_iter().chain(entries).collect();
        let mut ends = exits::place(&plan, &column, &foreign, top);
        let lanes = lanes::assign(&lanes::buses(&plan, &column, &ends));
        let count = lanes.values().map(|lane| lane + 1).max().unwrap_or(0);
        let first_lane = column.labels_right + CHANNEL;
        let lane_x = |target: &Target| first_lane + lanes.get(target).unwrap_or(&0) * lanes::WIDTH;
        let exits_x = first_lane + (count - 1).max(0) * lanes::WIDTH + LEAD + CHANNEL;
        exits::move_right(&mut ends, exits_x);
        let right = ends
            .iter()
            .map(|end| end.area.right())
            .fold(column.labels_right, i32::max)
            + MARGIN;
        let bottom = ends
            .iter()
            .map(|end| end.area.bottom())
            .fold(column.bottom, i32::max);
        let (ways, tips) = wires(&plan, &column, &ends, &lane_x);
        let mut boxes = column.boxes;
        boxes.extend(ends);
        Self {
            boxes,
            ways,
            tips,
            starts: column.starts,
            right,
            bottom,
        }
    }
}

/// The ways as lines, and an arrowhead for each goal.
fn wires(
    plan: &Plan<'_>,
    column: &Column,
    ends: &[StateBox],
    lane_x: &dyn Fn(&Target) -> i32,
) -> (Vec<Wire>, Vec<Tip>) {
    let mut tips: Vec<Tip> = Vec::new();
    let mut wires = Vec::new();
    for way in &plan.ways {
        let kind = plan.kind(way.to);
        let (points, tip) = match column.straight.get(&way.index) {
            Some((from, to)) => (vec![*from, *to], (*to, Towards::Down)),
            None => {
                let port = column.ports[&way.index];
                let lane = lane_x(&way.to);
                let (end, towards) = match ends.iter().find(|end| end.what == way.to) {
                    Some(end) => ((end.area.x, end.area.middle()), Towards::Right),
                    None => (column.entries[&way.to], Towards::Left),
                };
                let points = vec![port, (lane, port.1), (lane, end.1), end];
                (points, (end, towards))
            }
        };
        if tips.iter().all(|known| known.at != tip.0) {
            let (at, towards) = tip;
            tips.push(Tip { at, towards, kind });
        }
        wires.push(Wire {
            way: way.index,
            from: way.from,
            to: way.to,
            points,
            label: column.labels.get(&way.index).cloned().unwrap_or_default(),
            words: way.label.text(),
            kind,
        });
    }
    (wires, tips)
}
