//! The chart as SVG.

use std::fmt::Write as _;

use super::{Chart, Kind, StateBox, Text, Tip, Towards, Wire};
use crate::definition::model::{Outcome, Workflow};
use crate::picture::svg::{Area, Page, Spot, Tag};
use crate::picture::words::Target;

/// How round the corners of lines are.
const ROUND: i32 = 7;

impl Chart {
    /// Draws boxes below, then lines, then signs and words.
    pub fn draw(&self, page: &mut Page, workflow: &Workflow) {
        for state in &self.boxes {
            page.put(shape(state, workflow));
        }
        for wire in &self.ways {
            page.put_titled(line(wire, workflow), &wire.words);
        }
        for (dot, bottom) in &self.starts {
            page.put(Tag::path(
                "wire",
                format!("M{} {}V{}", dot.0, dot.1, bottom - 6),
            ));
            page.put(Tag::circle("tip", *dot, 5));
            page.put(tip((dot.0, *bottom), Towards::Down, "tip"));
        }
        for Tip { at, towards, kind } in &self.tips {
            page.put(tip(*at, *towards, &format!("tip {}", class(*kind))));
        }
        for state in &self.boxes {
            sign(page, state.kind, (state.area.x + 18, state.area.middle()));
            let name = key(state.what, workflow);
            for text in &state.texts {
                write(page, text, "data-in", &name);
            }
        }
        for wire in &self.ways {
            for text in &wire.label {
                write(page, text, "data-label", &wire.way.to_string());
            }
        }
    }
}

/// How a box is named in the picture: a state's key, or `next.` and the key.
fn key(what: Target, workflow: &Workflow) -> String {
    match what {
        Target::State(id) => workflow.states[id.0].name.to_string(),
        Target::Next(id) => format!("next.{}", workflow.states[id.0].name),
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Atomic => "atomic",
        Kind::Compound => "compound",
        Kind::Final(Outcome::Success) => "success",
        Kind::Final(Outcome::Neutral) => "neutral",
        Kind::Final(Outcome::Dropout) => "dropout",
        Kind::Next => "next",
    }
}

fn shape(state: &StateBox, workflow: &Workflow) -> Tag {
    let radius = match state.kind {
        Kind::Atomic | Kind::Compound => 6,
        Kind::Final(_) => state.area.height / 2,
        Kind::Next => 0,
    };
    Tag::rounded(class(state.kind), state.area, radius)
        .with("data-state", key(state.what, workflow))
}

fn line(wire: &Wire, workflow: &Workflow) -> Tag {
    let class = match wire.kind {
        Kind::Atomic | Kind::Compound => "wire".to_owned(),
        kind => format!("wire {}", class(kind)),
    };
    let points: Vec<String> = wire
        .points
        .iter()
        .map(|(x, y)| format!("{x},{y}"))
        .collect();
    Tag::path(&class, rounded(&wire.points))
        .with("data-way", wire.way)
        .with("data-from", &workflow.states[wire.from.0].name)
        .with("data-to", key(wire.to, workflow))
        .with("data-points", points.join(" "))
}

/// A line with round corners, ending where the arrowhead begins.
fn rounded(points: &[Spot]) -> String {
    let mut points = points.to_vec();
    points.dedup();
    if let [.., before, last] = points.as_mut_slice() {
        let towards = ((last.0 - before.0).signum(), (last.1 - before.1).signum());
        *last = (last.0 - 6 * towards.0, last.1 - 6 * towards.1);
    }
    let mut drawn = String::new();
    for (at, point) in points.iter().enumerate() {
        let (before, after) = (at.checked_sub(1).map(|at| points[at]), points.get(at + 1));
        let (x, y) = *point;
        match (before, after) {
            (None, _) => {
                let _ = write!(drawn, "M{x} {y}");
            }
            (Some(_), None) => {
                let _ = write!(drawn, "L{x} {y}");
            }
            (Some(before), Some(after)) => {
                let (from, to) = (near(*point, before), near(*point, *after));
                let _ = write!(drawn, "L{} {}Q{x} {y} {} {}", from.0, from.1, to.0, to.1);
            }
        }
    }
    drawn
}

/// The point where a corner begins to be round, seen from the corner towards its neighbour.
fn near(corner: Spot, neighbour: Spot) -> Spot {
    let (dx, dy) = (neighbour.0 - corner.0, neighbour.1 - corner.1);
    let round = ROUND.min(dx.abs().max(dy.abs()) / 2);
    (
        corner.0 + dx.signum() * round,
        corner.1 + dy.signum() * round,
    )
}

fn tip((x, y): Spot, towards: Towards, class: &str) -> Tag {
    let drawn = match towards {
        Towards::Down => format!("M{x} {y}l-5 -9h10z"),
        Towards::Left => format!("M{x} {y}l9 -5v10z"),
        Towards::Right => format!("M{x} {y}l-9 -5v10z"),
    };
    Tag::path(class, drawn)
}

/// A tick, a bar, a cross or an arrow, so that the kind is not told by colour alone.
pub(super) fn sign(page: &mut Page, kind: Kind, (x, y): Spot) {
    let drawn = match kind {
        Kind::Atomic | Kind::Compound => return,
        Kind::Final(Outcome::Success) => format!("M{} {y}l4 5l8 -10", x - 6),
        Kind::Final(Outcome::Neutral) => format!("M{} {y}h10", x - 5),
        Kind::Final(Outcome::Dropout) => {
            format!("M{} {}l10 10m0 -10l-10 10", x - 5, y - 5)
        }
        Kind::Next => format!("M{} {y}h12m-5 -5l5 5l-5 5", x - 6),
    };
    page.put(Tag::path(&format!("sign {}", class(kind)), drawn));
}

fn write(page: &mut Page, text: &Text, attribute: &str, value: &str) {
    let tone = if text.is_muted { "muted" } else { "" };
    page.text_tag(text.face, tone, text.at, &text.says, |tag| {
        tag.with(attribute, value)
    });
}

/// A small box of a kind, for the legend.
pub(in crate::picture) fn sample(page: &mut Page, kind: Kind, area: Area) {
    page.put(Tag::rounded(
        class(kind),
        area,
        if kind == Kind::Next { 0 } else { 10 },
    ));
    sign(page, kind, (area.x + area.width / 2, area.middle()));
}
