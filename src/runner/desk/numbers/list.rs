//! Whom a count counts: in Danish order, a page at a time.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::by_cancelled;
use super::filter::{Come, CountFilter};
use crate::message::danish_key;
use crate::runner::desk::{Desk, DeskError, Wrong, words};
use crate::store::{HoldRow, ProgressCase};

/// A page is no longer than this.
const PAGE_MAX: usize = 500;

/// A page of the candidates that a count counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountedCases {
    /// How many there are on all pages.
    pub count: usize,
    /// Those of this page.
    pub cases: Vec<CountedCase>,
    /// Where the next page begins; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A candidate in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CountedCase {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The hold's id.
    pub hold: String,
    /// The hold's title.
    pub hold_title: String,
    /// Where the case is, Danish.
    pub state: String,
    /// The jobcentre's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobcentre: Option<String>,
}

/// The order of a list: who is not anonymised first, then by name, then as they came.
type Place = (bool, Vec<u32>, i64);

fn place(name: &str, id: i64) -> Place {
    (name.is_empty(), danish_key(name), id)
}

impl Desk {
    /// The candidates that a count counts, as far as whoever asks may see them, from behind `after`, which
    /// is the `next` of the page before.
    ///
    /// # Errors
    /// When there is no such workflow, or `after` is none of ours.
    pub async fn candidates_of(
        &self,
        filter: &CountFilter,
        (after, limit): (Option<&str>, usize),
    ) -> Result<CountedCases, DeskError> {
        let version = self.workflow_of(&filter.workflow).await?;
        let workflow = &version.workflow;
        let store = self.runner().store();
        let mut holds = store.holds(Some(&filter.workflow)).await?;
        holds.retain(|hold| filter.has(hold));
        let wanted = (filter.jobcentre, filter.what.state());
        let mut placed: Vec<Place> = Vec::new();
        for (called_off, some) in by_cancelled(&holds) {
            let found = store.progress_cases(self.sees, &some, wanted).await?;
            let counted = |case: &&ProgressCase| {
                let come = Come {
                    came: &case.came,
                    moved: case.moved != 0,
                    cancelled: called_off,
                };
                filter.what.counts(workflow, &come)
            };
            placed.extend(
                found
                    .iter()
                    .filter(counted)
                    .map(|case| place(&case.name, case.id)),
            );
        }
        placed.sort();
        let count = placed.len();
        let from = match after {
            None => 0,
            Some(after) => self.behind(&placed, after).await?,
        };
        let page: Vec<i64> = (placed.iter().skip(from))
            .take(limit.clamp(1, PAGE_MAX))
            .map(|(.., id)| *id)
            .collect();
        self.saw(&page, "numbers").await?;
        let is_last = from + page.len() >= count;
        Ok(CountedCases {
            count,
            next: page.last().filter(|_| !is_last).map(ToString::to_string),
            cases: self.lines_of(&page, &holds, workflow).await?,
        })
    }

    /// Where the page behind a case begins. It may be one that is not counted any more: an address carries
    /// no name, so that its place is looked up.
    async fn behind(&self, placed: &[Place], after: &str) -> Result<usize, DeskError> {
        let ids: Vec<i64> = after.parse().into_iter().collect();
        let known = self.runner().store().case_lines(self.sees, &ids).await?;
        let Some(last) = known.first() else {
            let wrong = Wrong::new("Den side findes ikke.");
            return Err(wrong.help("Begynd forfra med den første side.").into());
        };
        let last = place(&last.name, last.id);
        Ok(placed.partition_point(|one| *one <= last))
    }

    /// Cases as a list shows them, in this order of their row ids.
    async fn lines_of(
        &self,
        ids: &[i64],
        holds: &[HoldRow],
        workflow: &crate::definition::model::Workflow,
    ) -> Result<Vec<CountedCase>, DeskError> {
        let store = self.runner().store();
        let rows = store.case_lines(self.sees, ids).await?;
        let organisations: HashSet<i64> =
            rows.iter().filter_map(|row| row.organisation_id).collect();
        let organisations: Vec<i64> = organisations.into_iter().collect();
        let organisations = store.organisations(&organisations).await?;
        let rows: HashMap<i64, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        let line = |id: &i64| {
            let row = rows.get(id)?;
            let hold = holds.iter().find(|hold| hold.id == row.cohort_id)?;
            let state = row.state.as_deref();
            Some(CountedCase {
                id: row.public_id.clone(),
                name: Some(row.name.as_str())
                    .filter(|name| !name.is_empty())
                    .unwrap_or("(anonymiseret)")
                    .to_owned(),
                hold: hold.public_id.clone(),
                hold_title: hold.title.clone().unwrap_or_default(),
                state: state.map_or_else(
                    || "Flyttet til et andet hold".to_owned(),
                    |state| words::state_title(workflow, state),
                ),
                jobcentre: (row.organisation_id)
                    .and_then(|id| organisations.get(&id))
                    .map(|one| one.name.clone()),
            })
        };
        Ok(ids.iter().filter_map(line).collect())
    }
}
