//! The ends of a course at the far right, each as near to what leads to it as there is room.

use super::column::{Column, Words, stacked};
use super::plan::Plan;
use super::{Kind, StateBox};
use crate::picture::glyphs::{NAME, SMALL};
use crate::picture::svg::Area;
use crate::picture::words::Target;

/// The width of an end.
const WIDTH: i32 = 200;
/// From an end's left edge to its words; the sign of its kind stands before them.
const TEXT: i32 = 36;
/// Between two ends.
const GAP: i32 = 14;
/// Lines of different goals that run beside each other are at least so far apart.
const APART: i32 = 4;

/// Places the ends from this height down. Their `x` is not known yet: it depends on the lanes, and
/// those depend on the heights given here. `foreign` are the heights of all rows in the column.
pub(super) fn place(plan: &Plan<'_>, column: &Column, foreign: &[i32], top: i32) -> Vec<StateBox> {
    let mut ends: Vec<(i32, Target)> = plan
        .exits()
        .into_iter()
        .map(|target| (wish(plan, column, target, top), target))
        .collect();
    ends.sort_by_key(|(wish, _)| *wish);
    let mut y = top;
    let mut placed = Vec::new();
    for (wish, target) in ends {
        let own: Vec<i32> = heights(plan, column, target).collect();
        let texts = texts(plan, target);
        let height = texts.iter().map(|(face, ..)| face.line()).sum::<i32>() + 16;
        y = y.max(wish - height / 2);
        let is_near = |y: i32| {
            let middle = y + height / 2;
            let near = |row: &&i32| (**row - middle).abs() < APART && !own.contains(*row);
            foreign.iter().any(|row| near(&row))
        };
        while is_near(y) {
            y += 1;
        }
        let area = Area {
            x: 0,
            y,
            width: WIDTH,
            height,
        };
        placed.push(StateBox {
            what: target,
            kind: plan.kind(target),
            area,
            texts: stacked(texts, (TEXT, y + 8)),
        });
        y += height + GAP;
    }
    placed
}

/// Puts the ends where the lanes end.
pub(super) fn move_right(ends: &mut [StateBox], x: i32) {
    for end in ends {
        end.area.x += x;
        end.texts.iter_mut().for_each(|text| text.at.0 += x);
    }
}

fn heights(plan: &Plan<'_>, column: &Column, target: Target) -> impl Iterator<Item = i32> {
    let to = plan.ways.iter().filter(move |way| way.to == target);
    to.filter_map(|way| column.ports.get(&way.index).map(|port| port.1))
}

/// The middle of the rows that lead to an end.
fn wish(plan: &Plan<'_>, column: &Column, target: Target, top: i32) -> i32 {
    let (count, sum) = heights(plan, column, target)
        .fold((0, 0), |(count, sum), height| (count + 1, sum + height));
    if count == 0 { top } else { sum / count }
}

fn texts(plan: &Plan<'_>, target: Target) -> Vec<Words> {
    let width = WIDTH - TEXT - 10;
    let (title, under) = match (target, plan.kind(target)) {
        (Target::State(id), Kind::Final(outcome)) => (
            plan.words.title(id).to_owned(),
            plan.words.outcome(outcome).to_owned(),
        ),
        (Target::State(id) | Target::Next(id), _) => (plan.words.next(id), String::new()),
    };
    let name = NAME.wrap(&title, width).into_iter();
    let under = SMALL.wrap(&under, width).into_iter();
    name.map(|text| (NAME, false, text))
        .chain(under.map(|text| (SMALL, true, text)))
        .collect()
}
