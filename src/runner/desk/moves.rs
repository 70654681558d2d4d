//! A card moved on a board: the event that leads to the state it was put on, and why there is none.

use super::{Desk, DeskError, Fire, Fired, Visitor, Wrong, words};
use crate::definition::model::{Event, Goal, StateId, Then, Trigger, Workflow};
use crate::engine::frame::{Frame, initial};
use crate::runner::context::Context;
use crate::store::SubjectKind;

/// Where somebody wants a card.
#[derive(Clone, Debug, Default)]
pub struct CardMove {
    /// The case's id.
    pub of: String,
    /// The state's key.
    pub to: String,
    /// How many events the case had when the board was read.
    pub expect: Option<i64>,
    /// The same key twice is one move.
    pub key: Option<String>,
}

impl Desk {
    /// Moves a candidate to a state, by the event that leads there.
    pub async fn move_card(&self, visitor: &Visitor, asked: &CardMove) -> Result<Fired, DeskError> {
        let context = self.any(&asked.of).await?;
        let workflow = &context.version.workflow;
        let to = workflow.state_ids.get(asked.to.as_str()).copied();
        let (SubjectKind::Case, Some(to)) = (context.row.kind, to) else {
            return Err(Wrong::new("Kortet kan ikke flyttes dertil.").into());
        };
        let event = leading(&context, to)?;
        let missing: Vec<&str> = (event.needs.iter())
            .filter(|fact| !fact.cohort && !context.subject.facts.contains_key(&fact.name))
            .filter_map(|fact| {
                let known = workflow.facts.iter().find(|known| known.name == fact.name);
                known.map(|known| known.title.as_str())
            })
            .collect();
        if !missing.is_empty() {
            let wrong = Wrong::new(format!(
                "»{}« kræver først: {}.",
                event.title,
                missing.join(", ")
            ));
            return Err(wrong.help("Åbn kandidaten, og udfyld det der.").into());
        }
        let Trigger::Named(name) = &event.trigger else {
            return Err(Wrong::new("Kortet kan ikke flyttes dertil.").into());
        };
        let fire = Fire {
            of: asked.of.clone(),
            event: name.to_string(),
            role: visitor.acts_as().map(ToOwned::to_owned),
            from: Some(format!("account {}", visitor.id)),
            expect: asked.expect,
            key: asked.key.clone(),
            ..Fire::default()
        };
        self.fire_as(visitor, &fire).await
    }
}

/// The event by which a case goes from where it is to a state.
fn leading(context: &Context, to: StateId) -> Result<&Event, DeskError> {
    let workflow = &context.version.workflow;
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let here = frame.atomic();
    let open = frame.open().into_iter().rev();
    let scopes: Vec<_> = open.filter_map(|open| open.state).collect();
    let title = |id: StateId| words::state_title(workflow, &workflow.states[id.0].name);
    if here == Some(to) {
        return Err(Wrong::new(format!("Kandidaten er allerede i »{}«.", title(to))).into());
    }
    let named = || {
        let events = scopes
            .iter()
            .flat_map(|id| &workflow.states[id.0].scope.events);
        events.filter(|event| matches!(event.trigger, Trigger::Named(_)))
    };
    let ended = context.subject.ended.is_some();
    if let Some(event) = named().find(|event| !ended && leads_to(workflow, event, to)) {
        return Ok(event);
    }
    let from = here.map_or_else(|| "her".to_owned(), |here| format!("»{}«", title(here)));
    let wrong = Wrong::new(format!(
        "Der er ingen vej fra {from} til »{}« med et enkelt skridt.",
        title(to)
    ));
    let steps: Vec<String> = named()
        .filter(|event| !ended && event.then.is_some())
        .map(|event| format!("»{}«", event.title))
        .collect();
    Err(match steps.is_empty() {
        true => wrong.help("Herfra går kandidaten videre af sig selv, når tiden er inde."),
        false => wrong.help(format!("Herfra kan du: {}.", steps.join(", "))),
    }
    .into())
}

/// Whether an event may lead to an atomic state.
fn leads_to(workflow: &Workflow, event: &Event, to: StateId) -> bool {
    let reaches = |goal: &Goal| match goal {
        Goal::State(id) => initial(workflow, *id) == to,
        Goal::NextCohort(_) => false,
    };
    match &event.then {
        None => false,
        Some(Then::To(goal)) => reaches(goal),
        Some(Then::Branches {
            branches,
            otherwise,
        }) => branches.iter().any(|(_, goal)| reaches(goal)) || reaches(otherwise),
    }
}
