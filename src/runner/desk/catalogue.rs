//! Workflows as published, for whoever makes holds and takes in candidates by a program.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::{Desk, DeskError};
use crate::calendar::weekday_da;
use crate::definition::model::{Fact, Outcome, Per, Workflow};
use crate::definition::value::{FactKind, GRADES};
use crate::runner::versions::Version;

/// A workflow in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CatalogueLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// What a program has to know of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CatalogueShown {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How many places a hold has; none: no limit.
    pub places: Option<u32>,
    /// The dates that a hold must have.
    pub dates: Vec<CatalogueDate>,
    /// What may be known of a hold.
    pub hold_facts: Vec<FactAsked>,
    /// What may be known of a candidate.
    pub facts: Vec<FactAsked>,
    /// The roles.
    pub roles: Vec<RoleShown>,
    /// The states that a case can be in.
    pub states: Vec<StateShown>,
}

/// A date that a hold must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CatalogueDate {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The weekday it must be; Danish.
    pub weekday: Option<&'static str>,
}

/// Something that may be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FactAsked {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it takes: `choice`, `yes_no`, `grade`, `whole_number`, `decimal`, `date` or `text`.
    pub takes: &'static str,
    /// What can be chosen.
    pub choices: Vec<String>,
    /// It never leaves by mail.
    pub confidential: bool,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RoleShown {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is held per: `candidate`, `hold` or `workflow`.
    pub per: &'static str,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StateShown {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How a case that comes to it ends: `success`, `neutral` or `dropout`; none: it goes on.
    pub outcome: Option<&'static str>,
}

impl Desk {
    /// The workflows that are published, by id.
    pub async fn catalogue(&self) -> Result<Vec<CatalogueLine>, DeskError> {
        let mut newest = BTreeMap::new();
        for row in self.runner().store().versions().await? {
            let key = (row.published_at, row.id);
            let known = newest.entry(row.workflow).or_insert(key);
            *known = key.max(*known);
        }
        let mut lines = Vec::new();
        for (id, (_, version)) in newest {
            let version = self.runner().version(version).await?;
            let title = version.workflow.title.clone();
            lines.push(CatalogueLine { id, title });
        }
        Ok(lines)
    }

    /// The newest version of a workflow, and its row id.
    pub async fn catalogued(&self, id: &str) -> Result<Option<(i64, CatalogueShown)>, DeskError> {
        let Some(row) = self.runner().store().latest_version(id).await? else {
            return Ok(None);
        };
        let version: Arc<Version> = self.runner().version(row.id).await?;
        Ok(Some((row.id, shown(id, &version.workflow))))
    }
}

fn shown(id: &str, workflow: &Workflow) -> CatalogueShown {
    let dates = workflow.cohort.dates.iter().map(|date| CatalogueDate {
        name: date.name.to_string(),
        title: date.title.clone(),
        weekday: date.weekday.map(weekday_da),
    });
    let roles = workflow.roles.iter().map(|role| RoleShown {
        name: role.name.to_string(),
        title: role.title.clone(),
        per: match role.per {
            Per::Candidate => "candidate",
            Per::Cohort => "hold",
            Per::Workflow => "workflow",
        },
    });
    // What has states in it is where a case is, too, but never only there.
    let states = (workflow.states.iter()).filter(|state| state.children.is_empty());
    let states = states.map(|state| StateShown {
        name: state.name.to_string(),
        title: state.title.clone(),
        outcome: state.outcome.map(|outcome| match outcome {
            Outcome::Success => "success",
            Outcome::Neutral => "neutral",
            Outcome::Dropout => "dropout",
        }),
    });
    CatalogueShown {
        id: id.to_owned(),
        title: workflow.title.clone(),
        places: workflow.cohort.places,
        dates: dates.collect(),
        hold_facts: workflow.cohort.facts.iter().map(asked).collect(),
        facts: workflow.facts.iter().map(asked).collect(),
        roles: roles.collect(),
        states: states.collect(),
    }
}

fn asked(fact: &Fact) -> FactAsked {
    let (takes, choices) = match &fact.kind {
        FactKind::OneOf(choices) => {
            let keys = choices.iter().map(|(key, _)| key.clone());
            ("choice", keys.collect())
        }
        FactKind::YesNo => ("yes_no", ["yes", "no"].map(str::to_owned).to_vec()),
        FactKind::Grade => ("grade", GRADES.map(str::to_owned).to_vec()),
        FactKind::WholeNumber => ("whole_number", Vec::new()),
        FactKind::Decimal => ("decimal", Vec::new()),
        FactKind::Date => ("date", Vec::new()),
        FactKind::Text { .. } => ("text", Vec::new()),
    };
    FactAsked {
        name: fact.name.to_string(),
        title: fact.title.clone(),
        takes,
        choices,
        confidential: fact.confidential,
    }
}
