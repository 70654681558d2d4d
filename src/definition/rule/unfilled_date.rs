//! `unfilled-date`: a date fact that something hangs on, and that nobody is asked to record in time.

use super::Ground;
use super::outcome::written;
use super::sites::Sites;
use crate::definition::keyword::Home;
use crate::definition::model::{
    Anchor, FactRef, Fill, MeetingTime, MessageTime, Point, Recurrence, Scope, StateId, Stay,
};

/// Reports the first use of each such date.
pub(super) fn check(ground: &Ground, sites: &Sites) {
    let mut told: Vec<FactRef> = Vec::new();
    for (home, scope) in ground.scopes() {
        for (path, point) in points(ground, home, scope) {
            let Anchor::Fact(fact) = &point.anchor else {
                continue;
            };
            if told.contains(fact) || is_recorded(ground, sites, home, fact) {
                continue;
            }
            told.push(fact.clone());
            let message = format!(
                "no task and no event before this asks for the date \"{}\"",
                written(fact)
            );
            let help = format!(
                "until it is recorded nothing happens here: let a task say \"fills: [{}]\"",
                written(fact)
            );
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            ground.report("unfilled-date", &ground.span(home, &path), &message, &help);
        }
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

/// The points of a state or the hold at which something happens, with their paths.
fn points<'g>(
    ground: &Ground<'g, '_>,
    home: Home,
    scope: &'g Scope,
) -> Vec<(Vec<String>, &'g Point)> {
    let mut found: Vec<(Vec<String>, &Point)> = Vec::new();
    let mut add = |path: &[&str], point: &'g Point| {
        found.push((path.iter().map(|key| (*key).to_owned()).collect(), point));
    };
    if let Some(point) = until(ground, home) {
        add(&["until"], point);
    }
    for task in &scope.tasks {
        for (key, point) in [("when", &task.opens), ("due", &task.due)] {
            point
                .iter()
                .for_each(|point| add(&["tasks", &task.name, key], point));
        }
        from(task.every.as_ref()).for_each(|point| add(&["tasks", &task.name, "from"], point));
    }
    for meeting in &scope.meetings {
        match &meeting.when {
            MeetingTime::Between(first, last) => {
                add(&["meetings", &meeting.name, "between", "0"], first);
                add(&["meetings", &meeting.name, "between", "1"], last);
            }
            MeetingTime::Every(every) => {
                from(Some(every)).for_each(|point| add(&["meetings", &meeting.name, "from"], point))
            }
            MeetingTime::Free => {}
        }
    }
    for message in &scope.messages {
        match &message.when {
            MessageTime::When { point, .. } => add(&["messages", &message.name, "when"], point),
            MessageTime::Every(every) => {
                from(Some(every)).for_each(|point| add(&["messages", &message.name, "from"], point))
            }
        }
    }
    found
}

fn until<'g>(ground: &Ground<'g, '_>, home: Home) -> Option<&'g Point> {
    let Home::Case(StateId(at)) = home else {
        return None;
    };
    match &ground.states[at].stay {
        Stay::Until(point) => Some(point),
        Stay::Open | Stay::Lasts(_) => None,
    }
}

fn from(every: Option<&Recurrence>) -> impl Iterator<Item = &Point> {
    every.and_then(|every| every.from.as_ref()).into_iter()
}
