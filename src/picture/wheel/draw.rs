//! The wheel itself: months, weeks, closed days, holds, clashes, today.

use std::f64::consts::TAU;

use jiff::ToSpan;
use jiff::civil::date;

use super::round::{HUB, Round, day_in, whole};
use super::strips::{Arc, Label, Strips};
use super::{FACE, legend, letter};
use crate::calendar::month_da;
use crate::picture::glyphs::{NAME, TITLE};
use crate::picture::svg::{Page, Tag};
use crate::runner::desk::{Year, YearStage};

/// Between the middles of two numbers or marks on a circle, in pixels.
const APART: f64 = 23.0;
/// Between the first number and the last, which stand side by side.
const BESIDE: f64 = 18.0;
/// Half of a diamond.
const DIAMOND: f64 = 11.0;

/// A wheel being drawn.
pub(super) struct Drawing<'y> {
    pub year: &'y Year,
    pub round: &'y Round,
}

impl Drawing<'_> {
    pub fn draw(&self, page: &mut Page, strips: &Strips<'_>) {
        self.closed(page);
        self.months(page);
        self.weeks(page);
        self.today(page);
        for arc in &strips.arcs {
            self.arc(page, arc);
        }
        self.clashes(page);
        let year = self.year.year.to_string();
        let (x, y) = (self.round.x, self.round.y);
        let left = whole(x) - TITLE.width(&year) / 2;
        page.text(TITLE, "", (left, whole(y) + 7), &year);
    }

    fn closed(&self, page: &mut Page) {
        for day in &self.year.closed {
            let at = day_in(self.year.year, day.date);
            let angles = (self.round.angle(at), self.round.angle(at + 1));
            let sector = self.round.sector((HUB, self.round.weeks()), angles);
            let title = format!("{}: {}", legend::days(day.date, day.date), day.title);
            page.put_titled(Tag::path("closed", sector), &title);
        }
    }

    fn months(&self, page: &mut Page) {
        let round = self.round;
        for edge in [HUB, round.weeks(), round.radius] {
            page.put(
                Tag::new("circle", "grid")
                    .with("cx", format!("{:.1}", round.x))
                    .with("cy", format!("{:.1}", round.y))
                    .with("r", format!("{edge:.1}")),
            );
        }
        for month in 1..=12 {
            let first = date(self.year.year, month, 1);
            let next = first.last_of_month().tomorrow().unwrap_or(first);
            let from = round.angle(day_in(self.year.year, first));
            let to = round.angle(day_in(self.year.year, next));
            let to = if to > from { to } else { TAU };
            page.put(Tag::path("grid", round.spoke(from, HUB, round.radius)));
            let name = &month_da(month)[..3];
            let middle = f64::midpoint(from, to);
            let (x, y) = round.point(middle, round.radius + 12.0);
            // To the right of the wheel words begin at it, to the left they end at it.
            let left = x + (middle.sin() - 1.0) / 2.0 * f64::from(NAME.width(name));
            let base = y + 5.0 - middle.cos() * 5.0;
            page.text(NAME, "", (whole(left), whole(base)), name);
        }
    }

    /// ISO weeks by number, each in the middle of its days in the year.
    fn weeks(&self, page: &mut Page) {
        let round = self.round;
        let middle = f64::midpoint(round.radius, round.weeks());
        let weeks = &self.year.weeks;
        let count = f64::from(u32::try_from(weeks.len()).unwrap_or(u32::MAX));
        let step = (APART * count / (TAU * middle)).ceil().max(1.0);
        let step = usize::try_from(whole(step)).unwrap_or(1);
        let mut first = None;
        for (at, week) in weeks.iter().enumerate() {
            let from = round.angle(day_in(self.year.year, week.first));
            if week.first.year() == self.year.year {
                page.put(Tag::path(
                    "grid",
                    round.spoke(from, round.weeks(), round.radius),
                ));
            }
            let to = round.angle(day_in(self.year.year, week.first.saturating_add(7.days())));
            let angle = f64::midpoint(from, to);
            // The last number may not run into the first.
            let room = TAU - angle + first.unwrap_or(TAU);
            if at % step != 0 || room * middle < BESIDE {
                continue;
            }
            first = first.or(Some(angle));
            let (x, y) = round.point(angle, middle);
            let number = week.number.to_string();
            let left = whole(x) - FACE.width(&number) / 2;
            page.text(FACE, "muted", (left, whole(y) + 4), &number);
        }
    }

    fn today(&self, page: &mut Page) {
        let Some(today) = self.year.today else {
            return;
        };
        let round = self.round;
        let angle = round.angle(day_in(self.year.year, today)) + TAU / 2.0 / round.days;
        let title = format!("i dag: {}", legend::days(today, today));
        let line = round.spoke(angle, HUB, round.weeks());
        page.put_titled(Tag::path("flag today", line), &title);
        let side = 5.0 / round.radius;
        let tip = [
            (angle, round.radius + 1.0),
            (angle - side, round.radius + 8.0),
            (angle + side, round.radius + 8.0),
        ];
        let corners = tip.map(|(angle, radius)| {
            let (x, y) = round.point(angle, radius);
            format!("{x:.1} {y:.1}")
        });
        page.put(Tag::path("now", format!("M{}Z", corners.join("L"))));
    }

    fn arc(&self, page: &mut Page, arc: &Arc<'_>) {
        let (inner, outer) = self.round.lane(arc.lane);
        let gap = 0.7 / outer;
        let from = self.round.angle(arc.days.0) + gap;
        let to = (self.round.angle(arc.days.1) - gap).max(from + gap);
        let is_draft = matches!(arc.hold.stage, YearStage::Draft | YearStage::Proposed);
        let class = match (is_draft, arc.phase.holds_place) {
            (true, _) => "draft",
            (false, true) => "phase",
            (false, false) => "later",
        };
        let title = format!(
            "{}, {}: {}",
            arc.hold.title,
            arc.phase.title,
            legend::days(arc.phase.first, arc.phase.last)
        );
        let tag = Tag::path(class, self.round.sector((inner, outer), (from, to)))
            .with("data-arc", &arc.mark)
            .with("data-lane", arc.lane)
            .with("data-days", format!("{} {}", arc.days.0, arc.days.1));
        page.put_titled(tag, &title);
        if let Some(label) = arc.label {
            let tone = if label.inside && class == "phase" {
                "on"
            } else {
                ""
            };
            self.label(page, arc, label, tone);
        }
    }

    /// A mark along its ring, never upside down.
    fn label(&self, page: &mut Page, arc: &Arc<'_>, label: Label, tone: &str) {
        let (inner, outer) = self.round.lane(arc.lane);
        let middle = f64::midpoint(
            self.round.angle(label.days.0),
            self.round.angle(label.days.1),
        );
        let (x, y) = self.round.point(middle, f64::midpoint(inner, outer));
        let degrees = middle.to_degrees();
        let upright = if (90.0..270.0).contains(&degrees) {
            degrees - 180.0
        } else {
            degrees
        };
        let left = -FACE.width(&arc.mark) / 2;
        page.text_tag(FACE, tone, (left, 4), &arc.mark, |tag| {
            tag.with(
                "transform",
                format!("translate({x:.1} {y:.1}) rotate({upright:.1})"),
            )
            .with("data-lane", arc.lane)
            .with("data-days", format!("{} {}", label.days.0, label.days.1))
        });
    }

    fn clashes(&self, page: &mut Page) {
        let round = self.round;
        let radius = round.marks();
        let wanted: Vec<f64> = (self.year.clashes.iter())
            .map(|clash| round.angle(day_in(self.year.year, clash.first)))
            .collect();
        for ((at, clash), angle) in self
            .year
            .clashes
            .iter()
            .enumerate()
            .zip(spread(&wanted, APART / radius))
        {
            let Some(letter) = letter(at) else {
                return;
            };
            let (x, y) = round.point(angle, radius);
            page.put_titled(Tag::path("clash", diamond(x, y)), &clash.words);
            let left = whole(x) - FACE.width(&letter) / 2;
            page.text(FACE, "", (left, whole(y) + 4), &letter);
        }
    }
}

/// A diamond round a point.
pub(super) fn diamond(x: f64, y: f64) -> String {
    let d = DIAMOND;
    format!("M{x:.1} {:.1}l{d} {d}l-{d} {d}l-{d} -{d}Z", y - d)
}

/// Angles in order, moved as little as need be to stand so far apart; as many as there is room for.
fn spread(wanted: &[f64], apart: f64) -> Vec<f64> {
    let mut placed: Vec<f64> = Vec::with_capacity(wanted.len());
    for angle in wanted {
        let after = placed.last().map_or(apart / 2.0, |last| last + apart);
        placed.push(angle.max(after));
    }
    let mut end = TAU - apart / 2.0;
    for angle in placed.iter_mut().rev() {
        *angle = angle.min(end);
        end = *angle - apart;
    }
    placed.retain(|angle| *angle >= 0.0);
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_apart_and_none_leaves_the_circle() {
        let table: [&[f64]; 5] = [
            &[],
            &[0.0],
            &[0.0, 0.0, 0.0],
            &[6.2, 6.25, 6.27],
            &[1.0, 1.01, 3.0, 6.27],
        ];
        for wanted in table {
            let placed = spread(wanted, 0.2);
            assert_eq!(placed.len(), wanted.len());
            assert!(
                placed.windows(2).all(|two| two[1] - two[0] >= 0.2 - 1e-9),
                "{placed:?}"
            );
            assert!(
                placed.iter().all(|angle| (0.0..TAU).contains(angle)),
                "{placed:?}"
            );
        }
    }
}
