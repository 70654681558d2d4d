//! Numbers: how many candidates came how far, what is aimed at, how courses ended; by hold and by
//! jobcentre. Each count carries the filter that lists whom it counts.
//!
//! They are counted in the database, from a row per case that says where it has ever been, so that no
//! case is read. What they mean is what the digest to a management means by them: both add up the
//! same [`Figures`].

mod filter;
mod list;
mod table;
mod tally;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

pub(super) use self::filter::Come;
pub use self::filter::{CountFilter, Counted};
pub use self::list::{CountedCase, CountedCases};
pub use self::table::{COUNTS, table_of_cases, table_of_numbers};
pub(super) use self::tally::Tally;
use super::{Desk, DeskError, Wrong};
use crate::definition::model::Workflow;
use crate::message::danish_key;
use crate::runner::data::{Figures, percent, steps};
use crate::runner::versions::Version;
use crate::runner::write::ERASED;
use crate::store::{CANCELLED, HoldRow, Sees};

/// What numbers are asked of.
#[derive(Clone, Debug, Default)]
pub struct NumbersAsked {
    /// One workflow, by its id.
    pub workflow: Option<String>,
    /// One hold: its id, the beginning of it, or its title.
    pub hold: Option<String>,
    /// Holds that begin on this day or later.
    pub from: Option<Date>,
    /// Holds that begin on this day or earlier.
    pub to: Option<Date>,
}

/// A count, and what lists whom it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Count {
    /// How many.
    pub count: u32,
    /// Who they are.
    pub filter: CountFilter,
}

/// The numbers of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Numbers {
    /// The workflow's id.
    pub workflow: String,
    /// Its title.
    pub title: String,
    /// How many holds are counted.
    pub holds: usize,
    /// All cases, also those that went on to another hold.
    pub cases: Count,
    /// How many ever came to each state on the way. Who went on to another hold is counted there.
    pub funnel: Vec<FunnelStep>,
    /// What is aimed at.
    pub targets: Vec<TargetCount>,
    /// How courses ended, and how many have not.
    pub outcomes: Vec<OutcomeCount>,
    /// By hold, in the order of their first days.
    pub by_hold: Vec<PartCount>,
    /// By jobcentre, in Danish order.
    pub by_jobcentre: Vec<PartCount>,
}

/// A step of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FunnelStep {
    /// The state's key.
    pub state: String,
    /// Its title.
    pub title: String,
    /// How many ever came there.
    #[serde(flatten)]
    pub count: Count,
    /// Of those who came to the first step, in whole percent; none when nobody did.
    pub share: Option<u32>,
}

/// What is aimed at, and how many reached it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TargetCount {
    /// Its title.
    pub title: String,
    /// How many reached it.
    #[serde(flatten)]
    pub count: Count,
    /// Of so many cases.
    pub of: u32,
    /// How many there should be.
    pub at_least: u32,
    /// How far that is, in whole percent.
    pub percent: u32,
    /// By when.
    pub deadline: Option<Date>,
}

/// A way in which courses ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OutcomeCount {
    /// What it is, Danish.
    pub title: String,
    /// How many.
    #[serde(flatten)]
    pub count: Count,
}

/// The numbers of one hold, or of one jobcentre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PartCount {
    /// The hold's id; empty for a jobcentre.
    pub id: String,
    /// The hold's title, or the jobcentre's name.
    pub title: String,
    /// The hold's first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// All cases.
    pub cases: Count,
    /// Under way.
    pub open: Count,
    /// Ended well.
    pub success: Count,
    /// Ended neither well nor badly.
    pub neutral: Count,
    /// Stopped on the way.
    pub dropout: Count,
    /// Went on to another hold.
    pub moved: Count,
}

impl Desk {
    /// The numbers of each workflow that has holds, of those that were asked for, over the cases that
    /// whoever asks may see.
    ///
    /// # Errors
    /// When there is no such workflow or hold.
    pub async fn numbers(&self, asked: &NumbersAsked) -> Result<Vec<Numbers>, DeskError> {
        let hold = match &asked.hold {
            Some(typed) => Some(self.cohort(typed).await?.row),
            None => None,
        };
        let within = CountFilter {
            workflow: String::new(),
            hold: hold.as_ref().map(|row| row.public_id.clone()),
            from: asked.from,
            to: asked.to,
            jobcentre: None,
            what: Counted::All,
        };
        let of = hold
            .as_ref()
            .map(|row| &row.workflow)
            .or(asked.workflow.as_ref());
        let holds = self.runner().store().holds(of.map(String::as_str)).await?;
        if let (Some(typed), true) = (&asked.workflow, holds.is_empty()) {
            let wrong = Wrong::new(format!("Der er ingen hold, der følger »{typed}«."));
            return Err(wrong.help("Se holdene med: tovholder cohort list").into());
        }
        let mut by_workflow: Vec<(String, Vec<HoldRow>)> = Vec::new();
        for hold in holds.into_iter().filter(|hold| within.has(hold)) {
            match by_workflow
                .last_mut()
                .filter(|last| last.0 == hold.workflow)
            {
                Some((_, holds)) => holds.push(hold),
                None => by_workflow.push((hold.workflow.clone(), vec![hold])),
            }
        }
        let mut all = Vec::new();
        for (workflow, holds) in by_workflow {
            let within = CountFilter {
                workflow,
                ..within.clone()
            };
            all.push(self.numbers_of(&within, &holds).await?);
        }
        Ok(all)
    }

    async fn numbers_of(
        &self,
        within: &CountFilter,
        holds: &[HoldRow],
    ) -> Result<Numbers, DeskError> {
        let version = self.workflow_of(&within.workflow).await?;
        let workflow = &version.workflow;
        let sees = self.sees_counts();
        let mut all = Tally::new(workflow);
        let mut of_hold: HashMap<i64, Tally<'_>> = HashMap::new();
        let mut of_jobcentre: HashMap<i64, Tally<'_>> = HashMap::new();
        for (cancelled, ids) in by_cancelled(holds) {
            if ids.is_empty() {
                continue;
            }
            let store = self.runner().store();
            let (by_hold, by_organisation) = store.progress(sees, &ids).await?;
            for row in &by_hold {
                let tally = of_hold
                    .entry(row.of)
                    .or_insert_with(|| Tally::new(workflow));
                tally.add(row, cancelled);
                all.add(row, cancelled);
            }
            for row in &by_organisation {
                let tally = of_jobcentre
                    .entry(row.of)
                    .or_insert_with(|| Tally::new(workflow));
                tally.add(row, cancelled);
            }
        }
        let nothing = Tally::new(workflow);
        let by_hold = holds.iter().map(|hold| {
            let filter = CountFilter {
                hold: Some(hold.public_id.clone()),
                ..within.clone()
            };
            let tally = of_hold.get(&hold.id).unwrap_or(&nothing);
            let title = hold.title.clone().unwrap_or_default();
            part(
                (hold.public_id.clone(), title, hold.starts_on.clone()),
                tally,
                &filter,
            )
        });
        let by_jobcentre = self.jobcentres(&of_jobcentre, within).await?;
        Ok(Numbers {
            workflow: workflow.id.to_string(),
            title: workflow.title.clone(),
            holds: holds.len(),
            cases: counted(within, all.cases(), Counted::All),
            funnel: funnel(workflow, all.figures(), within),
            targets: targets(workflow, all.figures(), within),
            outcomes: outcomes(workflow, &all, within),
            by_hold: by_hold.collect(),
            by_jobcentre,
        })
    }

    /// Whose cases are counted: who reads figures and no cases reads those of all.
    pub(super) fn sees_counts(&self) -> Sees {
        match self.sees {
            Sees::Nobody => Sees::All,
            sees => sees,
        }
    }

    /// The workflow as it was published last.
    async fn workflow_of(&self, id: &str) -> Result<Arc<Version>, DeskError> {
        let latest = self.runner().store().latest_version(id).await?;
        let Some(latest) = latest else {
            let wrong = Wrong::new(format!("Der er intet forløb »{id}«."));
            return Err(wrong.help("Se holdene med: tovholder cohort list").into());
        };
        Ok(self.runner().version(latest.id).await?)
    }

    async fn jobcentres(
        &self,
        tallies: &HashMap<i64, Tally<'_>>,
        within: &CountFilter,
    ) -> Result<Vec<PartCount>, DeskError> {
        let ids: Vec<i64> = tallies.keys().copied().collect();
        let known = self.runner().store().organisations(&ids).await?;
        let mut parts: Vec<PartCount> = (tallies.iter())
            .map(|(id, tally)| {
                let filter = CountFilter {
                    jobcentre: Some(*id),
                    ..within.clone()
                };
                let name = known
                    .get(id)
                    .map_or("(uden jobcenter)", |one| one.name.as_str());
                part((String::new(), name.to_owned(), None), tally, &filter)
            })
            .collect();
        parts.sort_by_cached_key(|part| {
            (
                part.cases.filter.jobcentre == Some(0),
                danish_key(&part.title),
            )
        });
        Ok(parts)
    }
}

/// The row ids of holds that go on, and of those that were called off.
fn by_cancelled(holds: &[HoldRow]) -> [(bool, Vec<i64>); 2] {
    let is_off = |hold: &&HoldRow| hold.state.as_deref() == Some(CANCELLED);
    let (off, on): (Vec<&HoldRow>, Vec<&HoldRow>) = holds.iter().partition(is_off);
    let ids = |holds: Vec<&HoldRow>| holds.into_iter().map(|hold| hold.id).collect();
    [(false, ids(on)), (true, ids(off))]
}

fn counted(within: &CountFilter, count: u32, what: Counted) -> Count {
    Count {
        count,
        filter: CountFilter {
            what,
            ..within.clone()
        },
    }
}

fn part(
    (id, title, start): (String, String, Option<String>),
    tally: &Tally<'_>,
    within: &CountFilter,
) -> PartCount {
    let of = |what: Counted| counted(within, tally.count(&what), what);
    PartCount {
        id,
        title,
        start,
        cases: of(Counted::All),
        open: of(Counted::Open),
        success: of(Counted::Success),
        neutral: of(Counted::Neutral),
        dropout: of(Counted::Dropout),
        moved: of(Counted::Moved),
    }
}

fn funnel(workflow: &Workflow, figures: &Figures, within: &CountFilter) -> Vec<FunnelStep> {
    let steps = steps(workflow, &[]);
    let first = steps.first().map_or(0, |id| figures.came(*id));
    let step = |id: &crate::definition::model::StateId| {
        let state = &workflow.states[id.0];
        let count = figures.came(*id);
        FunnelStep {
            state: state.name.to_string(),
            title: state.title.clone(),
            count: counted(within, count, Counted::Came(state.name.to_string())),
            share: (first > 0).then(|| percent(count, first)),
        }
    };
    steps.iter().map(step).collect()
}

fn targets(workflow: &Workflow, figures: &Figures, within: &CountFilter) -> Vec<TargetCount> {
    let targets = workflow.targets.iter().zip(figures.reached());
    let target = targets.map(|(target, reached)| {
        let state = workflow.states[target.reached.0].name.to_string();
        TargetCount {
            title: target.title.clone(),
            count: counted(within, *reached, Counted::Reached(state)),
            of: figures.of(),
            at_least: target.at_least,
            percent: percent(*reached, target.at_least),
            deadline: target.deadline,
        }
    });
    target.collect()
}

fn outcomes(workflow: &Workflow, all: &Tally<'_>, within: &CountFilter) -> Vec<OutcomeCount> {
    let finals = workflow
        .states
        .iter()
        .filter(|state| state.outcome.is_some());
    let finals = finals.map(|state| (state.title.clone(), Counted::Came(state.name.to_string())));
    let others = [
        ("Undervejs", Counted::Open),
        ("Flyttet til et andet hold", Counted::Moved),
        ("Holdet blev aflyst", Counted::Cancelled),
    ];
    let others = others
        .into_iter()
        .map(|(title, what)| (title.to_owned(), what));
    // Few installations have any.
    let erased = Counted::Came(ERASED.to_owned());
    let erased = (all.count(&erased) > 0).then(|| ("Slettet undervejs".to_owned(), erased));
    let all = finals
        .chain(others)
        .chain(erased)
        .map(|(title, what)| OutcomeCount {
            title,
            count: counted(within, all.count(&what), what),
        });
    all.collect()
}
