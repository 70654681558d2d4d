//! What is true after every step, whatever the workflow and whatever came in.

use jiff::SignedDuration;
use tovholder::engine::effect::Effect;
use tovholder::engine::event::Event;
use tovholder::engine::frame::{COHORT, Frame, View, WORKFLOW, path_to};
use tovholder::engine::input::{Actor, Input, Refusal};
use tovholder::engine::plan;
use tovholder::engine::subject::{Kind, Subject};
use tovholder::engine::{Step, step};

use super::play::Player;

/// The snapshot is the fold of its history, and neither loses anything on its way through JSON.
pub fn replays(before: Option<&Subject>, stepped: &Step) {
    let folded = match before {
        Some(before) => {
            let mut folded = before.clone();
            for (at, event) in &stepped.events {
                folded.apply(*at, event);
            }
            folded
        }
        None => Subject::replay(stepped.events.iter().map(|(at, event)| (*at, event)))
            .expect("it begins with Opened"),
    };
    assert_eq!(
        folded, stepped.subject,
        "the snapshot is not the fold of its history"
    );
    let json = serde_json::to_string(&stepped.subject).expect("a snapshot is JSON");
    let back: Subject = serde_json::from_str(&json).expect("a snapshot is read back");
    assert_eq!(
        back, stepped.subject,
        "a snapshot loses something as JSON: {json}"
    );
    for (_, event) in &stepped.events {
        let json = serde_json::to_string(event).expect("an event is JSON");
        let back: Event = serde_json::from_str(&json).expect("an event is read back");
        assert_eq!(&back, event, "an event loses something as JSON: {json}");
    }
    let instants: Vec<_> = stepped.events.iter().map(|(at, _)| *at).collect();
    assert!(instants.is_sorted(), "a history goes forward: {instants:?}");
}

/// Where the case is, what is marked, what is due, when mail may leave.
pub fn after_step(view: &View<'_>, stepped: &Step) {
    let subject = &stepped.subject;
    one_state(view, subject);
    marks_of_open_scopes(view, subject);
    let calendar = &view.workflow.calendar;
    for effect in &stepped.effects {
        if let Effect::Mail(intent) = effect {
            assert_eq!(
                calendar.open_at_or_after(intent.not_before),
                intent.not_before,
                "outside hours: {intent:?}"
            );
            if let Some(until) = intent.gather_until {
                assert_eq!(
                    calendar.open_at_or_after(until),
                    until,
                    "gathered until outside hours: {intent:?}"
                );
            }
        }
    }
    due(view, stepped);
}

/// A case is in exactly one atomic state, and the states it has entered and not left are those around it.
fn one_state(view: &View<'_>, subject: &Subject) {
    if subject.kind != Kind::Case {
        assert!(
            subject.state.is_none() && subject.visits.is_empty(),
            "only a case has states"
        );
        return;
    }
    if subject.is_taken_back() {
        assert!(
            subject.state.is_none() && subject.visits.is_empty() && subject.marks.is_empty(),
            "what was taken back has been nowhere"
        );
        return;
    }
    let workflow = view.workflow;
    let atomic = workflow.state_ids[subject.state.as_ref().expect("a case is in a state")];
    assert!(
        workflow.states[atomic.0].children.is_empty(),
        "{:?} is not atomic",
        subject.state
    );
    let mut path: Vec<&str> = path_to(workflow, atomic)
        .into_iter()
        .map(|id| &*workflow.states[id.0].name)
        .collect();
    let entered = subject
        .visits
        .iter()
        .filter(|(_, visit)| visit.left.is_none());
    let mut entered: Vec<&str> = entered.map(|(name, _)| &**name).collect();
    if subject
        .ended
        .as_ref()
        .is_some_and(|ended| ended.how.stands_nowhere())
    {
        // It goes on elsewhere, or not at all: nothing that was planned here is wanted any more.
        path.clear();
    }
    path.sort_unstable();
    entered.sort_unstable();
    assert_eq!(
        entered, path,
        "the states that are not left are those around the atomic one"
    );
    let is_final = workflow.states[atomic.0].outcome.is_some();
    assert!(
        !is_final || subject.ended.is_some(),
        "a final state ends the case"
    );
    let limit = workflow.states.len();
    assert!(subject.visits.len() <= limit, "more visits than states");
}

/// A scope that is left keeps no marks, and an open one at most a few for each declaration.
fn marks_of_open_scopes(view: &View<'_>, subject: &Subject) {
    let frame = Frame::new(view, subject);
    let open: Vec<_> = frame.open();
    for (scope, marks) in &subject.marks {
        let named = open.iter().find(|open| open.name == *scope);
        assert!(
            named.is_some(),
            "marks are kept of {scope}, which is not open"
        );
        let declared = named.map_or(0, |open| {
            let scope = open.scope;
            scope.tasks.len() + scope.meetings.len() + scope.messages.len() + scope.events.len()
        });
        let lots = 12 * (declared + 1);
        assert!(
            marks.len() <= lots,
            "{} marks of {scope} for {declared} declarations: {marks:?}",
            marks.len()
        );
    }
    if subject.kind != Kind::Case {
        assert!(
            subject
                .marks
                .keys()
                .all(|scope| &**scope == COHORT || &**scope == WORKFLOW),
            "{:?}",
            subject.marks
        );
    }
}

/// `next_due` is the first head, nothing happens before it, and at it something does.
fn due(view: &View<'_>, stepped: &Step) {
    let subject = &stepped.subject;
    let first = plan::first(&Frame::new(view, subject)).map(|planned| planned.at);
    assert_eq!(stepped.next_due, first, "next_due is not the first head");
    let clock = Actor {
        role: None,
        from: "clock".into(),
    };
    let Some(due) = first else { return };
    let just_before = due - SignedDuration::from_micros(1);
    if just_before >= subject.last_at {
        let early = step(view, subject, &Input::Tick, &clock, just_before)
            .expect("a tick is never refused");
        assert!(
            early.events.is_empty(),
            "something happens before it is due: {:?}",
            early.events
        );
    }
}

/// A refusal says what it is about.
pub fn refusal_names_something(refusal: &Refusal, input: &Input) {
    let words = refusal.to_string();
    assert!(
        !words.contains("\"\"") && words.len() > 20,
        "a refusal that names nothing: {words:?} of {input:?}"
    );
}

/// Replaying the whole history gives the subject.
pub fn whole_history(player: &Player) {
    // Long histories are folded now and then only: each step is checked on its own.
    if player.history.len().is_multiple_of(7) {
        let replayed = Subject::replay(player.history.iter().map(|(at, event)| (*at, event)));
        assert_eq!(replayed.as_ref(), Some(&player.subject));
    }
}
