//! Every way a case can go, as the file declares it. Pictures draw these, scenarios are to cover
//! them, and the checks walk them.

use std::fmt;

use super::model::{Goal, State, StateId, Then, Trigger, Workflow};

/// A way from a state to another, one for each branch.
///
/// What a compound declares is one transition, although it is active in all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state that declares it; atomic or compound.
    pub from: StateId,
    /// What makes the case move.
    pub cause: Cause,
    /// Which branch of its `then`.
    pub branch: Branch,
    /// Where to.
    pub goal: Goal,
}

/// What makes a case move.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The state's `lasts` or `until` is over.
    Time,
    /// An event, declared or built in.
    Event(Trigger),
}

/// Which of the goals of a `then`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Branch {
    /// There is only one.
    Only,
    /// The branch of this number, from 0.
    If(usize),
    /// `{else: …}`.
    Else,
}

/// All transitions of a workflow, by state in the order of the file; a state's way by time is last.
///
/// ```
/// # let text = include_str!("../../workflows/holstebro-introforloeb.yaml");
/// use tovholder::definition::{machine, read};
/// let workflow = read("holstebro.yaml", text).workflow.unwrap();
/// let ways = machine::transitions(&workflow);
/// let school = workflow.state_ids["school"];
/// assert_eq!(ways.iter().filter(|way| way.from == school).count(), 1);
/// ```
#[must_use]
pub fn transitions(workflow: &Workflow) -> Vec<Transition> {
    let of_state = |(at, state): (usize, &State)| {
        let from = StateId(at);
        let by_event = state.scope.events.iter().flat_map(move |event| {
            ways(
                from,
                &Cause::Event(event.trigger.clone()),
                event.then.as_ref(),
            )
        });
        by_event
            .chain(ways(from, &Cause::Time, state.then.as_ref()))
            .collect::<Vec<_>>()
    };
    workflow
        .states
        .iter()
        .enumerate()
        .flat_map(of_state)
        .collect()
}

fn ways(from: StateId, cause: &Cause, then: Option<&Then>) -> Vec<Transition> {
    let way = |branch, goal: &Goal| Transition {
        from,
        cause: cause.clone(),
        branch,
        goal: goal.clone(),
    };
    match then {
        None => Vec::new(),
        Some(Then::To(goal)) => vec![way(Branch::Only, goal)],
        Some(Then::Branches {
            branches,
            otherwise,
        }) => {
            let guarded = branches.iter().enumerate();
            guarded
                .map(|(at, (_, goal))| way(Branch::If(at), goal))
                .chain([way(Branch::Else, otherwise)])
                .collect()
        }
    }
}

/// Where a case is that enters a state: its first child, down to an atomic one.
#[must_use]
pub fn entered(states: &[State], mut id: StateId) -> StateId {
    while let Some(first) = states[id.0].children.first() {
        id = *first;
    }
    id
}

impl fmt::Display for Trigger {
    /// As it is written in the file: `withdraw`, `cohort.info_meeting.held`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Thing(part) => {
                let side = if part.cohort { "cohort." } else { "" };
                write!(f, "{side}{}.{}", part.name, part.part.word())
            }
        }
    }
}
