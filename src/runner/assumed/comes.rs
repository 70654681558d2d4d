//! What is only known when an act comes: who is there when a hold meets.

use super::{Act, Assumed};
use crate::definition::model::{Name, Part};
use crate::engine::frame::{Frame, atomic_in};
use crate::engine::input::Input;
use crate::engine::subject::Kind;
use crate::runner::context::Context;
use crate::runner::data;

/// An act with what is only known when it comes: who is there when a hold meets.
pub(super) fn as_it_comes(act: &Act, context: &Context, assumed: &Assumed) -> (Input, String) {
    let Input::Met { meeting, part, .. } = &act.input else {
        return (act.input.clone(), act.words.clone());
    };
    let absent = assumed.told_absent(act);
    let attendance = attendance(context, meeting, *part, assumed, &absent);
    let of_hold = context.subject.kind == Kind::Cohort;
    // A hold's meeting is held when nobody comes, too: each candidate who was missing hears of it.
    let part = if of_hold && *part == Part::NoShow {
        Part::Held
    } else {
        *part
    };
    let absent = attendance.iter().filter(|(_, came)| !came).count();
    let words = if absent > 0 {
        format!("{}, {absent} kommer ikke", act.words)
    } else {
        act.words.clone()
    };
    (
        Input::Met {
            meeting: meeting.clone(),
            part,
            attendance,
        },
        words,
    )
}

/// Everybody a hold's meeting is about comes, unless something else is said.
fn attendance(
    context: &Context,
    meeting: &Name,
    part: Part,
    assumed: &Assumed,
    absent: &[i64],
) -> Vec<(i64, bool)> {
    if context.subject.kind != Kind::Cohort || part == Part::Cancelled {
        return Vec::new();
    }
    let view = context.view();
    let Some(defined) = data::meeting_named(&Frame::new(&view, &context.subject), meeting) else {
        return Vec::new();
    };
    let states = atomic_in(&context.version.workflow, &defined.about);
    let cases = assumed.seen.iter().filter(|(_, case)| {
        let here = case
            .state
            .as_ref()
            .is_some_and(|state| states.contains(state));
        case.cohort_id == Some(context.row.id) && case.ended.is_none() && here
    });
    cases
        .map(|(id, _)| {
            let is_absent = absent.contains(id) || assumed.is_absent(*id, meeting);
            (*id, part != Part::NoShow && !is_absent)
        })
        .collect()
}
