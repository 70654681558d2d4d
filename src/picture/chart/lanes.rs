//! One vertical lane for each goal that ways come to from the side, ordered so that few lines cross.

use std::collections::{BTreeMap, BTreeSet};

use super::StateBox;
use super::column::Column;
use super::plan::Plan;
use crate::picture::words::Target;

/// From one lane to the next.
pub(super) const WIDTH: i32 = 12;
/// Two goals may share a lane when so much lies between them.
const APART: i32 = 26;

/// All ways that lead to one goal from the side.
pub(super) struct Bus {
    pub target: Target,
    /// The heights at which ways come to the lane.
    ports: Vec<i32>,
    /// The height at which the lane is left.
    end: i32,
    /// Whether it is left to the right.
    is_exit: bool,
    from: i32,
    to: i32,
}

/// The goals, in the order of the file.
pub(super) fn buses(plan: &Plan<'_>, column: &Column, ends: &[StateBox]) -> Vec<Bus> {
    let targets: BTreeSet<Target> = plan.from_the_side.clone();
    let bus = |target: Target| {
        let ways = plan.ways.iter().filter(|way| way.to == target);
        let ports: Vec<i32> = ways
            .filter_map(|way| column.ports.get(&way.index).map(|port| port.1))
            .collect();
        let exit = ends.iter().find(|end| end.what == target);
        let entry = column.entries.get(&target).map(|entry| entry.1);
        let end = exit.map(|exit| exit.area.middle()).or(entry)?;
        Some(Bus {
            target,
            from: ports.iter().copied().fold(end, i32::min),
            to: ports.iter().copied().fold(end, i32::max),
            ports,
            end,
            is_exit: exit.is_some(),
        })
    };
    targets.into_iter().filter_map(bus).collect()
}

impl Bus {
    fn covers(&self, height: i32) -> bool {
        (self.from..=self.to).contains(&height)
    }

    fn meets(&self, other: &Self) -> bool {
        self.from <= other.to + APART && other.from <= self.to + APART
    }
}

/// How many lines cross when one goal's lane is left of another's.
fn crossings(left: &Bus, right: &Bus) -> usize {
    let ports = right
        .ports
        .iter()
        .filter(|port| left.covers(**port))
        .count();
    let out = usize::from(left.is_exit && right.covers(left.end));
    let back = usize::from(!right.is_exit && left.covers(right.end));
    ports + out + back
}

/// The lane of each goal, from 0 at the left.
pub(super) fn assign(buses: &[Bus]) -> BTreeMap<Target, i32> {
    let mut order: Vec<&Bus> = buses.iter().collect();
    // Neighbours change places as long as that uncrosses lines. Each change leaves fewer crossings,
    // so this ends.
    let mut is_better = true;
    while is_better {
        is_better = false;
        for at in 1..order.len() {
            let (left, right) = (order[at - 1], order[at]);
            if crossings(right, left) < crossings(left, right) {
                order.swap(at - 1, at);
                is_better = true;
            }
        }
    }
    let mut lanes: Vec<(&Bus, i32)> = Vec::new();
    for bus in order {
        let beside = lanes.iter().filter(|(other, _)| other.meets(bus));
        let lane = beside.map(|(_, lane)| lane + 1).max().unwrap_or(0);
        lanes.push((bus, lane));
    }
    lanes
        .iter()
        .map(|(bus, lane)| (bus.target, *lane))
        .collect()
}
