//! A new hold before it is made: what its workflow asks for, and what it would get in the way of.

use std::sync::Arc;

use serde::Serialize;

use super::{Clash, hold};
use crate::access::hash_of;
use crate::definition::model::{Per, Role};
use crate::message::{TemplateSource, Templates};
use crate::runner::RunError;
use crate::runner::desk::cohort::{CohortNew, CohortRead};
use crate::runner::desk::deeds::{Deed, Field, of_fact};
use crate::runner::desk::workflows::asked;
use crate::runner::desk::{DateAsked, Desk, DeskError, Visitor};
use crate::runner::versions::Version;

/// What a workflow asks of a new hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CohortAsked {
    /// The workflow's id.
    pub workflow: String,
    /// Its title.
    pub title: String,
    /// The hold's dates.
    pub dates: Vec<DateAsked>,
    /// Roles per hold.
    pub roles: Vec<RoleAsked>,
    /// What may be known of the hold.
    pub facts: Vec<Field>,
}

/// A role of a new hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleAsked {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The addresses of those who are known to fill it, with commas between.
    pub known: String,
}

/// A hold as it would be made. Nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CohortProposed {
    /// What is allowed, but seldom meant. Danish.
    pub notes: Vec<String>,
    /// What it would get in the way of.
    pub clashes: Vec<Clash>,
    /// Short, of the clashes: whoever gives it back has seen them.
    pub seen: String,
}

impl CohortProposed {
    /// Notes and clashes as they would be seen.
    #[must_use]
    pub fn new(notes: Vec<String>, clashes: Vec<Clash>) -> Self {
        let words: Vec<&str> = clashes.iter().map(|clash| clash.words.as_str()).collect();
        let seen = hash_of(&words.join("\n"))[..16].to_owned();
        Self {
            notes,
            clashes,
            seen,
        }
    }
}

impl Desk {
    /// What a workflow asks of a new hold.
    ///
    /// # Errors
    /// When there is no such workflow.
    pub async fn cohort_asked(&self, workflow: &str) -> Result<CohortAsked, DeskError> {
        let version = self.follows(workflow).await?;
        let workflow = &version.workflow;
        let mut holders = self.imported(workflow, Per::Cohort).await?;
        let ids: Vec<i64> = holders.values().flatten().copied().collect();
        let people = self.runner().store().people(&ids).await?;
        let mut of_role = |role: &Role| {
            let ids = holders.remove(&role.name).unwrap_or_default();
            let emails = ids.iter().filter_map(|id| people.get(id)?.email.clone());
            RoleAsked {
                name: role.name.to_string(),
                title: role.title.clone(),
                known: emails.collect::<Vec<_>>().join(", "),
            }
        };
        let of_hold = workflow.roles.iter().filter(|role| role.per == Per::Cohort);
        let facts = workflow.cohort.facts.iter();
        Ok(CohortAsked {
            workflow: workflow.id.to_string(),
            title: workflow.title.clone(),
            dates: asked(workflow),
            roles: of_hold.map(&mut of_role).collect(),
            facts: facts.map(|fact| of_fact(fact, None, false)).collect(),
        })
    }

    /// A hold as it would be made of a workflow; nothing is stored.
    ///
    /// # Errors
    /// All that [`Desk::create_cohort`] would say.
    pub async fn propose_cohort(
        &self,
        workflow: &str,
        new: &CohortNew,
    ) -> Result<CohortProposed, DeskError> {
        let version = self.follows(workflow).await?;
        let read = self.read_new(&version.workflow, new).await?;
        let CohortRead { dates, people, set } = read;
        let mut notes = self.notes(&version.workflow, &dates, &people);
        let ahead = self.ahead(&version, new.title.trim(), dates, people, &set);
        let (late, clashes) = ahead.await?;
        notes.extend(late);
        Ok(CohortProposed::new(notes, clashes))
    }

    /// What moves the plan of a hold on that is not adopted yet: writing it, having it adopted.
    pub async fn adoption(&self, id: &str, visitor: &Visitor) -> Result<Vec<Deed>, DeskError> {
        let hold = self.cohort(id).await?;
        let mut deeds = visitor.deeds(&hold);
        deeds.retain(|deed| hold::is_adoption(&deed.event));
        Ok(deeds)
    }

    /// The version that a new hold would follow, also when it is only a file yet.
    async fn follows(&self, id: &str) -> Result<Arc<Version>, DeskError> {
        let store = self.runner().store();
        if let Some(latest) = store.latest_version(id).await? {
            return Ok(self.runner().version(latest.id).await?);
        }
        // It says nothing to anybody here, so that it needs no templates.
        let none = Templates::compile(&TemplateSource::default());
        Ok(Arc::new(Version {
            id: 0,
            workflow: (*self.current(id).await?).clone(),
            templates: none.map_err(|_| RunError::BadTemplates(String::new()))?,
        }))
    }
}
