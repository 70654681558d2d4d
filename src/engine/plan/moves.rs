//! How a case moves by itself: the ends of states, what it waited for, what it hears of its hold.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Ordinal, Planned, What, Why};
use crate::definition::model::{CANDIDATE, StateId, Stay, ThingPart, Trigger, Workflow};
use crate::engine::event::thing_part;
use crate::engine::frame::{Frame, Open};
use crate::engine::guard::{FREE_PLACES, of_hold};
use crate::engine::subject::Mark;

/// When the first state to end by time does; of two on one day, the outer. One that waits for a
/// fact stands in nobody's way.
pub fn deadline<'a>(frame: &Frame<'a>) -> Option<Planned<'a>> {
    deadlines(frame).into_iter().next()
}

/// The first deadline; where that is at no time of its own, the first that has one as well.
pub fn deadlines<'a>(frame: &Frame<'a>) -> Vec<Planned<'a>> {
    if frame.subject.ended.is_some() {
        return Vec::new();
    }
    let path = frame.path();
    let timed = path
        .into_iter()
        .filter(|id| frame.state(*id).then.is_some());
    let mut ends: Vec<(Timestamp, StateId, Date)> = timed
        .filter_map(|id| {
            let end = frame.own_end(id)?;
            let from = frame.calendar().start_of(end);
            Some((from.max(resumed_at(frame, id, THEN)?), id, end))
        })
        .collect();
    ends.sort_unstable();
    let mut out = Vec::new();
    for (at, id, end) in ends {
        let Some(visit) = frame.subject.visits.get(&frame.state(id).name) else {
            break;
        };
        let mut planned = timed_end(frame, id, visit.n, end, false);
        planned.at = at;
        let undated = is_undated(frame, &planned);
        if out.is_empty() || !undated {
            out.push(planned);
        }
        if !undated {
            break;
        }
    }
    out
}

/// Whether something waited for a place or a later hold, and goes on in the present: these say
/// nothing of when they came.
pub fn is_undated(frame: &Frame<'_>, planned: &Planned<'_>) -> bool {
    matches!(planned.what, What::Deadline(_) | What::Resume(..))
        && matches!(frame.subject.mark(&planned.scope, &planned.declaration),
            Some(Mark::Waiting { facts, .. }) if frame.known_since(facts).is_none())
}

/// From when on a decision that may have waited can be taken: `None` while what is missing is
/// unknown, the beginning of time when it does not wait.
fn resumed_at(frame: &Frame<'_>, id: StateId, declaration: &str) -> Option<Timestamp> {
    match frame.subject.mark(&frame.state(id).name, declaration) {
        Some(Mark::Waiting { facts, .. }) => frame
            .any_known(facts)
            .then(|| frame.known_since(facts).unwrap_or(frame.subject.last_at)),
        _ => Some(Timestamp::MIN),
    }
}

/// Whether a case wants nothing now but one of the hold's places: it waited, and would go on if one were
/// free. The frame is one in which there is.
#[must_use]
pub fn stands_in_line(frame: &Frame<'_>, now: Timestamp) -> bool {
    let for_place = |planned: &Planned<'_>| {
        matches!(frame.subject.mark(&planned.scope, &planned.declaration),
            Some(Mark::Waiting { facts, .. }) if facts.contains(&of_hold(FREE_PLACES)))
    };
    let mut on = deadlines(frame).into_iter().chain(resumed(frame));
    on.any(|planned| planned.at <= now && for_place(&planned))
}

pub fn expected_deadline<'a>(frame: &Frame<'a>, open: &Open<'a>) -> Option<Planned<'a>> {
    let id = open.state?;
    frame.state(id).then.as_ref()?;
    Some(timed_end(frame, id, open.visit, open.end?, true))
}

/// What happened while something was missing to go on from it, and that is known now.
pub fn resumed<'a>(frame: &Frame<'a>) -> Vec<Planned<'a>> {
    if frame.subject.ended.is_some() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for id in frame.path() {
        let state = frame.state(id);
        let Some(visit) = frame.subject.visits.get(&state.name) else {
            continue;
        };
        for event in &state.scope.events {
            let Trigger::Thing(thing) = &event.trigger else {
                continue;
            };
            let declaration = reaction(thing);
            let waits = matches!(
                frame.subject.mark(&state.name, &declaration),
                Some(Mark::Waiting { .. })
            );
            let Some(at) = resumed_at(frame, id, &declaration).filter(|_| waits) else {
                continue;
            };
            out.push(Planned {
                scope: state.name.clone(),
                visit: visit.n,
                declaration,
                ordinal: Ordinal::Count(1),
                at,
                what: What::Resume(id, event),
                why: Why::default(),
                ahead: false,
            });
        }
    }
    out
}

/// The declaration name of what a state does when something happens to a task or meeting.
#[must_use]
pub fn reaction(thing: &ThingPart) -> String {
    let cohort = if thing.cohort { "cohort." } else { "" };
    format!("event.{cohort}{}", thing_part(&thing.name, thing.part))
}

/// What happened on the hold that some state reacts to, and the case has not heard of.
pub fn heard<'a>(frame: &Frame<'a>) -> Vec<Planned<'a>> {
    if !frame.subject.is_open_case() {
        return Vec::new();
    }
    let mut out: Vec<Planned<'a>> = Vec::new();
    for thing in hold_triggers(frame.workflow()) {
        let Some(happened) = frame.happened_to_all(thing) else {
            continue;
        };
        let key = thing_part(&thing.name, thing.part);
        let known = frame.subject.heard.get(&*key);
        let declaration = reaction(thing);
        let new = known.is_none_or(|known| known.count < happened.count);
        if new && out.iter().all(|other| other.declaration != declaration) {
            out.push(Planned {
                scope: CANDIDATE.into(),
                visit: 1,
                declaration,
                ordinal: Ordinal::Count(happened.count.into()),
                at: happened.at,
                what: What::Hears(thing),
                why: Why::default(),
                ahead: false,
            });
        }
    }
    out
}

/// That the hold was cancelled, as long as the case has not ended with it.
pub fn hold_ends<'a>(frame: &Frame<'a>) -> Option<Planned<'a>> {
    let ended = frame.hold()?.ended.as_ref()?;
    frame.subject.is_open_case().then(|| Planned {
        scope: CANDIDATE.into(),
        visit: 1,
        declaration: "cohort.cancelled".into(),
        ordinal: Ordinal::Count(1),
        at: ended.at,
        what: What::HoldEnds,
        why: Why::default(),
        ahead: false,
    })
}

/// The tasks and meetings of the hold that some state reacts to.
pub fn hold_triggers(workflow: &Workflow) -> impl Iterator<Item = &ThingPart> {
    let events = workflow.states.iter().flat_map(|state| &state.scope.events);
    events.filter_map(|event| match &event.trigger {
        Trigger::Thing(thing) if thing.cohort => Some(thing),
        Trigger::Thing(_) | Trigger::Named(_) => None,
    })
}

/// The declaration name of a state's `then`.
pub const THEN: &str = "then";

fn timed_end<'a>(
    frame: &Frame<'a>,
    id: StateId,
    visit: u32,
    end: Date,
    ahead: bool,
) -> Planned<'a> {
    let state = frame.state(id);
    let phrase = match &state.stay {
        Stay::Open => String::new(),
        Stay::Lasts(length) => format!("lasts: {length}"),
        Stay::Until(point) => format!("until: {}", point.text),
    };
    Planned {
        scope: state.name.clone(),
        visit,
        declaration: THEN.into(),
        ordinal: Ordinal::Count(1),
        at: frame.calendar().start_of(end),
        what: What::Deadline(id),
        why: Why {
            phrase,
            nominal: None,
            moved: None,
        },
        ahead,
    }
}
