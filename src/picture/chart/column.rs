//! The column of states: boxes within boxes, each way out on a row of its own.

use std::collections::BTreeMap;

use super::plan::{Plan, Way};
use super::{LEAD, MARGIN, StateBox, Text};
use crate::definition::model::StateId;
use crate::picture::glyphs::{Face, NAME, SMALL};
use crate::picture::svg::{Area, Spot};
use crate::picture::words::Target;

/// The width of a state that has no others in it.
const WIDTH: i32 = 230;
/// How much wider a compound is on each side.
const PAD: i32 = 14;
/// From a state's left edge to the line that goes straight down.
const LINE: i32 = 26;
/// From a state's left edge to the dot in a compound, left of that line.
const DOT: i32 = 11;
/// Words at a way are no wider than this.
const LABEL_MAX: i32 = 226;
/// Room for an arrow.
const ARROW: i32 = 20;

/// Where everything in the column stands.
#[derive(Debug, Default)]
pub(super) struct Column {
    pub boxes: Vec<StateBox>,
    /// Where a way leaves to the side, by its index.
    pub ports: BTreeMap<usize, Spot>,
    /// Where ways from the side come in.
    pub entries: BTreeMap<Target, Spot>,
    /// The ends of ways that go straight down, by index.
    pub straight: BTreeMap<usize, (Spot, Spot)>,
    pub labels: BTreeMap<usize, Vec<Text>>,
    pub starts: Vec<(Spot, i32)>,
    pub labels_right: i32,
    pub bottom: i32,
    /// The left edge of a state that has no others in it.
    x: i32,
    labels_x: i32,
}

impl Column {
    pub fn of(plan: &Plan<'_>, top: i32) -> Self {
        let root = StateId::ROOT;
        let levels = plan.levels[root.0] - i32::from(!plan.root_is_boxed());
        let x = MARGIN + levels * PAD;
        let labels_x = x + WIDTH + levels * PAD + LEAD;
        let mut column = Self {
            x,
            labels_x,
            labels_right: labels_x,
            ..Self::default()
        };
        column.bottom = if plan.root_is_boxed() {
            column.begin(plan, root, top);
            column.state(plan, root, top + ARROW + 8)
        } else {
            if let Some(first) = plan.children(root).first() {
                column.begin(plan, *first, top);
            }
            column.children(plan, root, top + ARROW + 8)
        };
        column.go_straight(plan);
        column
    }

    /// The dot where a case begins, when the first state stands in the column.
    fn begin(&mut self, plan: &Plan<'_>, first: StateId, top: i32) {
        let listed = plan.workflow.states[StateId::ROOT.0].children.first();
        if first == StateId::ROOT || listed == Some(&first) {
            self.starts
                .push(((self.x + LINE, top + 5), top + ARROW + 8));
        }
    }

    /// Places a state and what is in it; gives its lower edge.
    fn state(&mut self, plan: &Plan<'_>, id: StateId, top: i32) -> i32 {
        let is_compound = !plan.workflow.states[id.0].children.is_empty();
        let at = self.boxes.len();
        let level = plan.levels[id.0];
        let (x, width) = (self.x - level * PAD, WIDTH + 2 * level * PAD);
        let text_x = if is_compound {
            self.x + LINE + 14
        } else {
            self.x + 14
        };
        let texts = title(plan, id, x + width - 12 - text_x);
        let text_height: i32 = texts.iter().map(|(face, ..)| face.line()).sum();
        let rows = self.rows(plan, id, x + width, top + 4);
        let head = (rows - top).max(text_height + 18).max(36);
        let free = if is_compound {
            9
        } else {
            (head - text_height) / 2
        };
        let texts = stacked(texts, (text_x, top + free));
        let area = Area {
            x,
            y: top,
            width,
            height: head,
        };
        let (what, kind) = (Target::State(id), plan.kind(Target::State(id)));
        self.boxes.push(StateBox {
            what,
            kind,
            area,
            texts,
        });
        if is_compound {
            let inside = top + head + 8;
            let bottom = self.children(plan, id, inside) + PAD;
            self.boxes[at].area.height = bottom - top;
            if plan.ways.iter().any(|way| way.to == what) {
                self.starts.push(((self.x + DOT, inside - 16), inside));
            }
            return bottom;
        }
        top + head
    }

    /// Places the states of a compound below each other; gives the lower edge of the last, its
    /// words included.
    fn children(&mut self, plan: &Plan<'_>, id: StateId, top: i32) -> i32 {
        let mut y = top;
        let mut bottom = top;
        for child in plan.children(id) {
            bottom = self.state(plan, child, y);
            y = bottom + ARROW;
            if let Some(way) = plan.straight.get(&child).map(|at| &plan.ways[*at]) {
                let x = self.x + LINE + 10;
                let texts = label(way, self.x + WIDTH - x);
                let height: i32 = texts.iter().map(|(face, ..)| face.line()).sum();
                self.labels
                    .insert(way.index, stacked(texts, (x, bottom + 5)));
                bottom += 5 + height;
                y = bottom + ARROW - 6;
            }
        }
        bottom
    }

    /// The rows at a state's right edge: what comes in, then each way out. Gives where they end.
    fn rows(&mut self, plan: &Plan<'_>, id: StateId, right: i32, top: i32) -> i32 {
        let mut y = top;
        if plan.from_the_side.contains(&Target::State(id)) {
            y += 10;
            self.entries.insert(Target::State(id), (right, y));
            y += 6;
        }
        for way in plan.to_the_side(id) {
            let texts = label(way, LABEL_MAX);
            let height: i32 = texts.iter().map(|(face, ..)| face.line()).sum();
            let placed = stacked(texts, (self.labels_x, y + 1));
            for text in &placed {
                let right = text.at.0 + text.face.width(&text.says);
                self.labels_right = self.labels_right.max(right);
            }
            self.labels.insert(way.index, placed);
            y += height + 3;
            self.ports.insert(way.index, (right, y));
            y += 6;
        }
        y
    }

    /// Ways to the state right below, once both have a place.
    fn go_straight(&mut self, plan: &Plan<'_>) {
        let x = self.x + LINE;
        let area = |what: Target| {
            let found = self.boxes.iter().find(|one| one.what == what);
            found.map(|one| one.area)
        };
        for (from, at) in &plan.straight {
            let way = &plan.ways[*at];
            if let (Some(from), Some(to)) = (area(Target::State(*from)), area(way.to)) {
                self.straight.insert(*at, ((x, from.bottom()), (x, to.y)));
            }
        }
    }
}

/// A state's name and what it holds.
fn title(plan: &Plan<'_>, id: StateId, width: i32) -> Vec<Words> {
    let name = NAME.wrap(plan.words.title(id), width).into_iter();
    let contents = SMALL.wrap(&plan.words.contents(id), width).into_iter();
    name.map(|text| (NAME, false, text))
        .chain(contents.map(|text| (SMALL, true, text)))
        .collect()
}

/// A line of text without a place: its face, whether it is muted, what it says.
pub(super) type Words = (Face, bool, String);

/// Puts lines below each other; the first one's upper edge is at `y`.
pub(super) fn stacked(texts: Vec<Words>, (x, mut y): Spot) -> Vec<Text> {
    let place = |(face, is_muted, text): Words| {
        y += face.line();
        Text {
            at: (x, y - 4),
            face,
            is_muted,
            says: text,
        }
    };
    texts.into_iter().map(place).collect()
}

/// The words at a way: what makes a case go, then the condition.
fn label(way: &Way, width: i32) -> Vec<Words> {
    let lines = |text: &str| SMALL.wrap(text, width).into_iter();
    let cause = lines(&way.label.cause).map(|text| (SMALL, false, text));
    let guard = lines(way.label.guard.as_deref().unwrap_or_default());
    cause.chain(guard.map(|text| (SMALL, true, text))).collect()
}
