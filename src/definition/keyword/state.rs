//! `states`: where a case can be. Atomic, compound (has `states`) or final. What a compound
//! declares is active in all that is in it. `candidate:` is itself a compound state.
//!
//! ```yaml
//! states:
//!   accepted: {title: Optaget, until: cohort.start, then: course}
//!   course: {title: Kursus, lasts: 5 weeks, then: done}
//!   done: {title: Gennemført, final: neutral}
//! ```

use super::{Cx, Home, event, facts, guard, meeting, message, phrase, task, then};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes, Units, WAS, words};
use crate::definition::model::{CANDIDATE, Fact, Name, Outcome, Scope, State, StateId, Stay};
use crate::definition::shape::{Shape, choice, text, yes_no};
use crate::definition::yaml::{Kind, Node};

/// A state.
pub(crate) static KEYS: Keys = Keys::new(
    "a state",
    "Where a case can be: in exactly one state that has no states inside it.",
    &[
        Key::needed("title", Takes::Text, "What people read.", "Skoleforløb"),
        Key::new(
            "lasts",
            Takes::Length(Units::Days),
            "How long a case stays, in whole days, from its first day.",
            "3 weeks",
        )
        .rules(&[Rule::With(&["then"], None)]),
        Key::new(
            "until",
            Takes::Point,
            "The day as which begins the case moves on.",
            "cohort.start",
        )
        .rules(&[
            Rule::Without(
                "lasts",
                Some("a state \"lasts:\" a length or stays \"until:\" a day, not both"),
            ),
            Rule::With(&["then"], None),
        ]),
        Key::new(
            "then",
            Takes::Then,
            "Where the case goes when the time is over.",
            "completed",
        )
        .rules(&[Rule::With(&["lasts", "until"], None)]),
        Key::new(
            "holds_place",
            Takes::YesNo,
            "Whether a case in it takes one of the hold's places. Entry to a full hold is refused.",
            "yes",
        ),
        Key::new(
            "final",
            Takes::Words(&words(&OUTCOMES)),
            "The case ends here, and how.",
            "success",
        )
        .rules(&[Rule::Alone(&["title", "was"])]),
        Key::new(
            "events",
            Takes::Events(&event::KEYS, &event::KEYS_BUILT_IN),
            "What may happen while a case is in it.",
            "{stops: {title: Stopper, by: coordinator, then: withdrawn}}",
        ),
        Key::new(
            "tasks",
            Takes::Things(Names::New, &Takes::Map(&task::KEYS)),
            "What someone has to do for a case in it.",
            "{call: {title: Ring til kandidaten, by: job_consultant, due: 5 workdays after entered}}",
        ),
        Key::new(
            "meetings",
            Takes::Things(Names::New, &Takes::Map(&meeting::KEYS)),
            "Who meets while a case is in it.",
            "{chat: {title: Samtale, with: [candidate, job_consultant], lasts: 20 minutes}}",
        ),
        Key::new(
            "messages",
            Takes::Things(Names::New, &Takes::Map(&message::KEYS)),
            "Mails about a case in it.",
            "{hello: {template: welcome, to: candidate, when: entered}}",
        ),
        Key::new(
            "states",
            Takes::Things(Names::New, &Takes::Map(&KEYS)),
            "States inside it. What it declares itself is active in all of them, and is not restarted by \
             moving among them.",
            "{school: {title: Skole, lasts: 3 weeks, then: internship_1}}",
        ),
        WAS,
    ],
);
/// The candidate, itself a state that holds all others.
pub(crate) static KEYS_CANDIDATE: Keys = Keys::new(
    "the candidate",
    "The candidate's case. What it declares is active in every state; a case begins in the first one.",
    &[
        Key::new(
            "title",
            Takes::Text,
            "What a candidate is called; `Kandidat` when it is left out.",
            "Kandidat",
        ),
        Key::new(
            "facts",
            Takes::Things(Names::New, &Takes::Map(&facts::KEYS)),
            "What is recorded about a candidate.",
            "{driving_licence: {title: Kørekort, type: yes_no}, ready: {title: Klar, type: yes_no}}",
        ),
        Key::new(
            "events",
            Takes::Events(&event::KEYS, &event::KEYS_BUILT_IN),
            "What may happen in any state.",
            "{note: {title: Bemærkning, by: coordinator}}",
        ),
        Key::new(
            "tasks",
            Takes::Things(Names::New, &Takes::Map(&task::KEYS)),
            "What someone has to do for every case.",
            "{file: {title: Opret sagen, by: job_consultant, due: 2 workdays after entered}}",
        ),
        Key::new(
            "meetings",
            Takes::Things(Names::New, &Takes::Map(&meeting::KEYS)),
            "Who meets in any state.",
            "{visit: {title: Besøg, with: [candidate, mentor], lasts: 1 hour}}",
        ),
        Key::new(
            "messages",
            Takes::Things(Names::New, &Takes::Map(&message::KEYS)),
            "Mails about a case in any state.",
            "{received: {template: welcome, to: candidate, when: entered}}",
        ),
        Key::needed(
            "states",
            Takes::Things(Names::New, &Takes::Map(&KEYS)),
            "The states. A case begins in the first one.",
            "{nominated: {title: Indstillet, until: cohort.start, then: next_cohort.nominated}}",
        ),
    ],
);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "states",
    title: "States",
    doc: "A state is atomic, compound (it has `states`) or `final`. `lasts` counts from the first day, so that \
          `lasts: 2 weeks` from Monday 2 February ends with Friday 13 and moves on on Monday 16; `until: X` \
          ends as X's day begins. Entered by time, a state counts from the planned day, however late that \
          is noticed; entered by a person, from that day. Leaving a state withdraws its open tasks, cancels \
          its unheld meetings and drops its future mail; entering it again is a new visit. `STATE.first_day` \
          and `STATE.last_day` are its first and last workday, `STATE.entered` and `STATE.left` the moments.",
    example: "states:\n  accepted: {title: Optaget, until: cohort.start, then: course}\n  course: {title: Kursus, lasts: 5 weeks, then: done}\n  done: {title: Gennemført, final: neutral}",
    shapes: &[&KEYS, &KEYS_CANDIDATE],
    top: &[],
};
const OUTCOMES: [(&str, Outcome, &str); 3] = [
    (
        "success",
        Outcome::Success,
        "The candidate reached what the course is for.",
    ),
    (
        "neutral",
        Outcome::Neutral,
        "It ended otherwise, and nobody gave up.",
    ),
    (
        "dropout",
        Outcome::Dropout,
        "The candidate stopped on the way.",
    ),
];

/// The candidate: its title, its facts, and all states with the root first.
pub(crate) fn read(cx: &Cx, language: &str) -> (String, Vec<Fact>, Vec<State>) {
    let title = if language == "en" {
        "Candidate"
    } else {
        "Kandidat"
    }
    .to_owned();
    let Some(root) = cx.names.states.first() else {
        return (title, Vec::new(), Vec::new());
    };
    let Some(shape) = Shape::read(cx.sink, &root.key, root.value, &KEYS_CANDIDATE) else {
        return (title, Vec::new(), Vec::new());
    };
    let title = shape
        .get("title")
        .and_then(|node| text(cx.sink, node, "a title"))
        .map_or(title, str::to_owned);
    let facts = facts::read(cx.sink, shape.get("facts"));
    if shape.need(cx.sink, "states").is_some() {
        needs_children(cx, StateId::ROOT, &shape);
    }
    let mut states = vec![State {
        name: Name::from(CANDIDATE),
        was: None,
        title: title.clone(),
        parent: None,
        children: children(cx, StateId::ROOT),
        outcome: None,
        stay: Stay::Open,
        then: None,
        holds_place: false,
        scope: scope(cx, &shape, StateId::ROOT),
    }];
    states.extend((1..cx.names.states.len()).map(|id| state(cx, StateId(id))));
    (title, facts, states)
}

fn children(cx: &Cx, parent: StateId) -> Vec<StateId> {
    let of_parent = cx
        .names
        .states
        .iter()
        .enumerate()
        .filter(|(_, state)| state.parent == Some(parent));
    of_parent.map(|(id, _)| StateId(id)).collect()
}

fn scope(cx: &Cx, shape: &Shape, id: StateId) -> Scope {
    let home = Home::Case(id);
    Scope {
        events: event::read(cx, shape.get("events"), home),
        tasks: task::read(cx, shape.get("tasks"), home),
        meetings: meeting::read(cx, shape.get("meetings"), home),
        messages: message::read(cx, shape.get("messages"), home),
    }
}

/// A state; what is faulty in it is left out, so that the list keeps its order.
fn state(cx: &Cx, id: StateId) -> State {
    let declared = &cx.names.states[id.0];
    let mut state = State {
        name: Name::from(declared.name),
        was: None,
        title: String::new(),
        parent: declared.parent,
        children: children(cx, id),
        outcome: None,
        stay: Stay::Open,
        then: None,
        holds_place: false,
        scope: Scope::default(),
    };
    let Some(shape) = Shape::read(cx.sink, &declared.key, declared.value, &KEYS) else {
        cx.notes.borrow_mut().goal_broken = true;
        return state;
    };
    state.title = shape.title(cx.sink);
    state.was = shape.was(cx.sink, |word| {
        cx.names.states.iter().any(|state| state.name == word)
    });
    // A misspelt outcome is an outcome all the same: the state is not called stuck for it.
    let outcome = |node| choice(cx.sink, node, "final", &OUTCOMES).unwrap_or(Outcome::Neutral);
    state.outcome = shape.get("final").map(outcome);
    state.stay = stay(cx, &shape, id);
    state.then = then::read(cx, shape.get("then"), Home::Case(id));
    state.holds_place = yes_no(cx.sink, shape.get("holds_place"), "holds_place");
    if let (true, Some(key)) = (state.holds_place, shape.key("holds_place")) {
        guard::needs_places(cx, key);
    }
    state.scope = scope(cx, &shape, id);
    if shape.get("final").is_some() {
        empty_if_final(cx, &shape);
    } else {
        pairs(cx, &shape);
    }
    needs_children(cx, id, &shape);
    state
}

fn stay(cx: &Cx, shape: &Shape, id: StateId) -> Stay {
    let lasts = shape
        .get("lasts")
        .and_then(|node| days(cx, node))
        .map(Stay::Lasts);
    let until = || {
        shape
            .get("until")
            .and_then(|node| phrase::point(cx, node, Home::Case(id)))
            .map(Stay::Until)
    };
    let stay = lasts.or_else(until);
    if stay.is_none() && (shape.get("lasts").is_some() || shape.get("until").is_some()) {
        cx.notes.borrow_mut().stay_broken = true;
    }
    stay.unwrap_or(Stay::Open)
}

/// A state begins and ends with a day.
fn days(cx: &Cx, node: &Node) -> Option<crate::calendar::Length> {
    let length = phrase::length(cx, node)?;
    if length.unit.is_elapsed() {
        cx.sink.error(
            "bad-value",
            &node.span,
            format!("a state lasts whole days, not \"{length}\""),
        );
        return None;
    }
    Some(length)
}

/// A way out by time has a time and a goal.
fn pairs(cx: &Cx, shape: &Shape) {
    let timed = shape.key_span("lasts").or_else(|| shape.key_span("until"));
    match (timed, shape.key_span("then")) {
        (Some(span), None) => {
            cx.notes.borrow_mut().goal_broken = true;
            cx.sink.error_help(
                "lasts-without-then",
                &span,
                "and after that?",
                "write \"then: STATE\"",
            );
        }
        (None, Some(span)) => {
            cx.notes.borrow_mut().stay_broken = true;
            let help = "write \"lasts:\" or \"until:\"; for a way out by people, put \"then:\" in an event";
            cx.sink.error_help(
                "then-without-lasts",
                &span,
                "when does the case move on?",
                help,
            );
        }
        _ => {}
    }
}

fn empty_if_final(cx: &Cx, shape: &Shape) {
    for key in KEYS.names().filter(|key| !["title", "final"].contains(key)) {
        if let Some(span) = shape.key_span(key) {
            let message = format!("a final state ends the case: it cannot have \"{key}:\"");
            cx.sink.error("final-with-content", &span, message);
        }
    }
}

/// A compound without states, and a list where names are wanted, leave a case nowhere to be.
fn needs_children(cx: &Cx, id: StateId, shape: &Shape) {
    let Some(node) = shape.get("states") else {
        return;
    };
    match &node.kind {
        Kind::Map(_) if children(cx, id).is_empty() => {
            cx.sink
                .error("bad-value", &node.span, "\"states:\" has no states");
        }
        Kind::Map(_) => {}
        _ => {
            cx.notes.borrow_mut().goal_broken = true;
            crate::definition::shape::wrong_type(
                cx.sink,
                node,
                "states is a map of keys and values",
            );
        }
    }
}
