//! `unfilled-date`: a date fact that something hangs on, and that nobody is asked to record in time.

use super::Ground;
use super::outcome::written;
use super::points;
use super::sites::Sites;
use crate::definition::keyword::Home;
use crate::definition::model::{Anchor, FactRef, Fill, Scope};

/// Reports the first use of each such date.
pub(super) fn check(ground: &Ground, sites: &Sites) {
    let mut told: Vec<&FactRef> = Vec::new();
    for point in points::all(ground) {
        let Anchor::Fact(fact) = &point.point.anchor else {
            continue;
        };
        if told.contains(&fact) || is_recorded(ground, sites, point.home, fact) {
            continue;
        }
        told.push(fact);
        let fact = written(fact);
        let message = format!("no task and no event before this asks for the date \"{fact}\"");
        let help = format!(
            "until it is recorded nothing happens here: let a task say \"fills: [{fact}]\""
        );
        ground.report("unfilled-date", &point.span(ground), &message, &help);
    }
}

/// Whether a task fills a date, or an event needs it, here or before.
fn is_recorded(ground: &Ground, sites: &Sites, home: Home, fact: &FactRef) -> bool {
    ground.scopes().any(|(asker, scope)| {
        let in_time = match (asker, home) {
            (Home::Case(asker), Home::Case(id)) => {
                ground.overlap(asker, id) || sites.before(asker, id)
            }
            _ => true,
        };
        in_time && asks(scope, fact)
    })
}

fn asks(scope: &Scope, fact: &FactRef) -> bool {
    let fills = |fill: &Fill| matches!(fill, Fill::Fact(filled) if filled == fact);
    scope.tasks.iter().any(|task| task.fills.iter().any(fills))
        || scope.events.iter().any(|event| event.needs.contains(fact))
}
