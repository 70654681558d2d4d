//! A workflow on one page: its title, the band of weeks, the chart of states, and what the signs mean.

use super::band::Band;
use super::chart::{Chart, Kind, MARGIN, sample};
use super::glyphs::{HEADING, SMALL, TITLE};
use super::svg::{Area, Page, Tag};
use super::words::Words;
use crate::definition::model::{Outcome, Workflow};

/// No picture is narrower.
const WIDTH_MIN: i32 = 760;

/// The picture of a workflow, as SVG: the same text for the same workflow.
#[must_use]
pub fn svg(workflow: &Workflow) -> String {
    let words = Words::new(workflow);
    let has_states = !workflow.states.is_empty();
    let band = Band::of(workflow);
    // The chart is laid out first, because the page is as wide as it and the band need.
    let chart = has_states.then(|| Chart::of(workflow, 0).right);
    let needed = band.as_ref().map(|band| band.needs() + 2 * MARGIN);
    let width = chart.into_iter().chain(needed).fold(WIDTH_MIN, i32::max);
    let mut page = Page::default();
    let mut y = head(&mut page, workflow, width);
    if let Some(band) = &band {
        let title = if has_states {
            words.say("Forløbet uge for uge", "The course, week by week")
        } else {
            words.say("Holdet uge for uge", "The cohort, week by week")
        };
        page.text(HEADING, "", (MARGIN, y + 15), title);
        y = band.draw(&mut page, words, MARGIN, width - MARGIN, y + 26) + 24;
    }
    if has_states {
        let title = words.say("Faser og veje", "Phases and ways");
        page.text(HEADING, "", (MARGIN, y + 15), title);
        let chart = Chart::of(workflow, y + 34);
        chart.draw(&mut page, workflow);
        y = chart.bottom + 24;
        y = legend(&mut page, words, &chart, y, width);
    }
    page.finish(
        (width, y + 8),
        &workflow.language,
        &workflow.title,
        &described(workflow, words, band.as_ref()),
    )
}

/// Title and source; gives the height below.
fn head(page: &mut Page, workflow: &Workflow, width: i32) -> i32 {
    let mut y = MARGIN - 4;
    for line in TITLE.wrap(&workflow.title, width - 2 * MARGIN) {
        y += TITLE.line();
        page.text(TITLE, "", (MARGIN, y - 4), &line);
    }
    for line in SMALL.wrap(
        workflow.source.as_deref().unwrap_or_default(),
        width - 2 * MARGIN,
    ) {
        y += SMALL.line();
        page.text(SMALL, "muted", (MARGIN, y - 4), &line);
    }
    y + 16
}

/// What the shapes mean, as far as the chart has them; gives the height below.
fn legend(page: &mut Page, words: Words<'_>, chart: &Chart, top: i32, width: i32) -> i32 {
    let all = [
        (
            Kind::Final(Outcome::Success),
            words.outcome(Outcome::Success),
        ),
        (
            Kind::Final(Outcome::Neutral),
            words.outcome(Outcome::Neutral),
        ),
        (
            Kind::Final(Outcome::Dropout),
            words.outcome(Outcome::Dropout),
        ),
        (
            Kind::Next,
            words.say("fortsætter på næste hold", "goes on with the next cohort"),
        ),
    ];
    let (mut x, mut y) = (MARGIN, top);
    let mut put = |page: &mut Page, text: &str, draw: &dyn Fn(&mut Page, i32, i32)| {
        let room = 40 + SMALL.width(text) + 22;
        if x + room > width && x > MARGIN {
            (x, y) = (MARGIN, y + 26);
        }
        draw(page, x, y);
        page.text(SMALL, "", (x + 40, y + 14), text);
        x += room;
    };
    put(
        page,
        words.say("her begynder man", "start"),
        &|page, x, y| {
            page.put(Tag::circle("tip", (x + 26, y + 10), 5));
        },
    );
    for (kind, text) in all {
        if chart.boxes.iter().any(|state| state.kind == kind) {
            put(page, text, &|page, x, y| {
                let area = Area {
                    x,
                    y,
                    width: 32,
                    height: 20,
                };
                sample(page, kind, area);
            });
        }
    }
    y + 30
}

/// The picture in words, for whoever cannot see it.
fn described(workflow: &Workflow, words: Words<'_>, band: Option<&Band>) -> String {
    let mut out = Vec::new();
    for row in band.iter().flat_map(|band| &band.rows) {
        out.push(format!("{}: {}.", row.title, row.words));
    }
    for state in &workflow.states {
        if let Some(outcome) = state.outcome {
            out.push(format!("{}: {}.", state.title, words.outcome(outcome)));
        }
    }
    out.join(" ")
}
