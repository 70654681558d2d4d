//! A hold as a board: a column per state, a card per candidate.

use jiff::civil::Date;
use serde::Serialize;

use super::deeds::Deed;
use super::{CohortShown, Desk, DeskError, Visitor};
use crate::access::May;
use crate::engine::subject::{Ending, Subject};
use crate::message::danish_key;
use crate::runner::context::Context;
use crate::store::SubjectRow;

/// A hold as a board.
#[derive(Clone, Debug, Serialize)]
pub struct Board {
    /// How it stands.
    pub hold: CohortShown,
    /// The states, in the order of the workflow.
    pub columns: Vec<Column>,
    /// Its phases in words, for whoever does not see the picture of them.
    pub phases: String,
    /// What the one who asks can do with the hold itself.
    pub deeds: Vec<Deed>,
    /// It is not over: its days can be moved, and the version that it follows.
    pub goes_on: bool,
}

/// A state.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Column {
    /// Its key.
    pub state: String,
    /// Its title.
    pub title: String,
    /// The title of the state around it, if there is one.
    pub lane: Option<String>,
    /// A case ends in it.
    pub is_final: bool,
    /// Those who are in it: who waits for a place in the order in which they get one, the others by name.
    pub cards: Vec<Card>,
}

/// A candidate on a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Card {
    /// The case's id.
    pub id: String,
    /// How many events it has: a move names it, so that nobody overwrites what they have not seen.
    pub seq: i64,
    /// The candidate's name.
    pub name: String,
    /// The jobcentre.
    pub organisation: Option<String>,
    /// Since when they have been in the state.
    pub since: Option<Date>,
    /// Tasks that are open.
    pub tasks: usize,
    /// Of these, past their day.
    pub overdue: usize,
    /// Its number among those who wait for one of the hold's places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_as: Option<usize>,
}

impl Desk {
    /// A hold as a board, for one who has logged in; `None` is the operator.
    pub async fn board(&self, id: &str, visitor: Option<&Visitor>) -> Result<Board, DeskError> {
        let hold = self.cohort(id).await?;
        let cases = self.subjects_of(hold.row.id).await?;
        let seen: Vec<i64> = cases.iter().map(|(row, _)| row.id).collect();
        self.saw(&seen, "board").await?;
        let (phases, _) = self.phases_of(&hold.row.public_id).await?;
        let phases = phases.into_iter().flat_map(|hold| hold.phases);
        let phases: Vec<String> = phases
            .map(|phase| {
                let day = |day: Date| day.strftime("%-d.%-m.%Y").to_string();
                format!(
                    "{}: {} til {}",
                    phase.title,
                    day(phase.first),
                    day(phase.last)
                )
            })
            .collect();
        Ok(Board {
            phases: phases.join("; "),
            columns: self.columns(&hold, &cases).await?,
            deeds: visitor
                .filter(|visitor| visitor.may(May::RunHolds) || visitor.acts_as().is_some())
                .map_or_else(Vec::new, |visitor| visitor.deeds(&hold)),
            hold: self.shown(&hold, &cases).await?,
            goes_on: hold.subject.ended.is_none(),
        })
    }

    async fn columns(
        &self,
        hold: &Context,
        cases: &[(SubjectRow, Subject)],
    ) -> Result<Vec<Column>, DeskError> {
        let workflow = &hold.version.workflow;
        let waiting = self.waiting_list(hold).await?;
        let ids: Vec<i64> = cases.iter().filter_map(|(row, _)| row.person_id).collect();
        let people = self.runner().store().people(&ids).await?;
        let jobcentres = self.jobcentres_of(cases.iter().map(|(row, _)| row)).await?;
        let mut columns: Vec<Option<Column>> = Vec::new();
        for state in &workflow.states {
            let around = state.parent.map(|id| &workflow.states[id.0]);
            let lane = around.filter(|around| around.parent.is_some());
            columns.push(state.children.is_empty().then(|| Column {
                state: state.name.to_string(),
                title: state.title.clone(),
                lane: lane.map(|lane| lane.title.clone()),
                is_final: state.outcome.is_some(),
                cards: Vec::new(),
            }));
        }
        for (row, case) in cases {
            let is_elsewhere =
                (case.ended.as_ref()).is_some_and(|ended| ended.how == Ending::Moved);
            let at = case
                .state
                .as_ref()
                .and_then(|state| workflow.state_ids.get(state));
            let column = at.and_then(|id| columns.get_mut(id.0)?.as_mut());
            let Some(column) = column.filter(|_| !is_elsewhere) else {
                continue;
            };
            let person = row.person_id.and_then(|id| people.get(&id));
            let name = person.map(|person| person.name.clone());
            let open = case.tasks.values().flat_map(|log| &log.open);
            column.cards.push(Card {
                id: row.public_id.clone(),
                seq: row.seq,
                name: name
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| "(anonymiseret)".to_owned()),
                organisation: (row.organisation_id).and_then(|id| jobcentres.get(&id).cloned()),
                since: (case.state.as_ref())
                    .and_then(|state| case.visits.get(state))
                    .map(|visit| visit.day),
                tasks: open.clone().count(),
                overdue: open.filter(|task| task.overdue).count(),
                waits_as: waiting.get(&row.id).copied(),
            });
        }
        let mut columns: Vec<Column> = columns.into_iter().flatten().collect();
        for column in &mut columns {
            column.cards.sort_by_cached_key(|card| {
                let waits_as = card.waits_as.unwrap_or(usize::MAX);
                (waits_as, danish_key(&card.name))
            });
        }
        Ok(columns)
    }
}
