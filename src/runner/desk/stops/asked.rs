//! What somebody means by what they want to stop, and why it is not taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::StopAsked;
use crate::definition::model::{Scope as Declared, Workflow};
use crate::runner::context::Context;
use crate::runner::desk::cells::refuse_cpr;
use crate::runner::desk::words::{did_you_mean, or_list};
use crate::runner::desk::{Desk, DeskError, Wrong};
use crate::runner::versions::Version;
use crate::store::Scope;

/// More than this nobody reads on every page.
const REASON_MAX: usize = 300;

impl Desk {
    /// What is meant, or everything that is wrong with how it was said.
    pub(super) async fn scope(&self, asked: &StopAsked) -> Result<Scope, DeskError> {
        let typed = |given: &Option<String>| {
            let given = given.as_deref().map(str::trim).unwrap_or_default();
            (!given.is_empty()).then(|| given.to_owned())
        };
        let hold = match typed(&asked.cohort) {
            Some(typed) => Some(self.cohort(&typed).await?),
            None => None,
        };
        let workflow = typed(&asked.workflow);
        if let (Some(hold), Some(workflow)) = (&hold, &workflow)
            && hold.row.workflow != *workflow
        {
            let wrong =
                Wrong::new(format!("Holdet følger ikke »{workflow}«.")).column("--workflow");
            let help = format!("Det følger »{}«; nævn kun holdet.", hold.row.workflow);
            return Err(wrong.help(help).into());
        }
        let workflows = self
            .workflows_meant(hold.as_ref(), workflow.as_deref())
            .await?;
        let declaration = match typed(&asked.message) {
            Some(typed) => Some(declared(&workflows, &typed)?),
            None => None,
        };
        Ok(Scope {
            // A hold has one workflow: said twice it would be another stop of the same.
            workflow: workflow.filter(|_| hold.is_none()),
            cohort_id: hold.map(|hold| hold.row.id),
            declaration,
        })
    }

    /// The hold's version, all versions of the workflow, or all there are.
    async fn workflows_meant(
        &self,
        hold: Option<&Context>,
        workflow: Option<&str>,
    ) -> Result<Vec<Arc<Version>>, DeskError> {
        if let Some(hold) = hold {
            return Ok(vec![hold.version.clone()]);
        }
        let heads = self.runner().store().version_heads().await?;
        let known: BTreeSet<&str> = heads.iter().map(|head| head.workflow.as_str()).collect();
        if let Some(workflow) = workflow.filter(|workflow| !known.contains(workflow)) {
            let wrong =
                Wrong::new(format!("Der er intet forløb »{workflow}«.")).column("--workflow");
            return Err(Wrong {
                help: did_you_mean(workflow, known),
                ..wrong
            }
            .into());
        }
        let mut versions = Vec::new();
        for head in heads
            .iter()
            .filter(|head| workflow.is_none_or(|one| head.workflow == one))
        {
            versions.push(self.runner().version(head.id).await?);
        }
        Ok(versions)
    }

    /// What mail may be stopped by name: `message.KEY` and so on, in the order of names.
    pub async fn stoppable(&self) -> Result<Vec<String>, DeskError> {
        let versions = self.workflows_meant(None, None).await?;
        let all: BTreeSet<String> = versions
            .iter()
            .flat_map(|one| names(&one.workflow))
            .collect();
        Ok(all.into_iter().collect())
    }
}

/// All that a workflow may send mail about.
fn names(workflow: &Workflow) -> BTreeSet<String> {
    let states = workflow.states.iter().map(|state| &state.scope);
    let scopes = states.chain([&workflow.cohort.scope, &workflow.scope]);
    let of = |scope: &Declared| {
        let messages = scope
            .messages
            .iter()
            .map(|one| format!("message.{}", one.name));
        let tasks = scope.tasks.iter().map(|one| format!("task.{}", one.name));
        let meetings = scope
            .meetings
            .iter()
            .map(|one| format!("meeting.{}", one.name));
        messages.chain(tasks).chain(meetings).collect::<Vec<_>>()
    };
    scopes.flat_map(of).collect()
}

/// The one that is meant by a key, or by `task.KEY`.
fn declared(versions: &[Arc<Version>], typed: &str) -> Result<String, Wrong> {
    let all: BTreeSet<String> = versions
        .iter()
        .flat_map(|one| names(&one.workflow))
        .collect();
    let is_meant = |name: &&String| {
        *name == typed || name.split_once('.').is_some_and(|(_, key)| key == typed)
    };
    let meant: Vec<&String> = all.iter().filter(is_meant).collect();
    match &meant[..] {
        [one] => Ok((*one).clone()),
        [] => {
            let keys = all.iter().filter_map(|name| Some(name.split_once('.')?.1));
            let wrong = Wrong::new(format!("Der er ingen mail »{typed}«.")).column("--message");
            Err(Wrong {
                help: did_you_mean(typed, keys.collect::<BTreeSet<_>>()),
                ..wrong
            })
        }
        several => {
            let several: Vec<&str> = several.iter().map(|one| one.as_str()).collect();
            let wrong = Wrong::new(format!("»{typed}« er navnet på flere.")).column("--message");
            Err(wrong.help(format!("Skriv {}.", or_list(&several))))
        }
    }
}

pub(super) fn checked(reason: &str) -> Result<String, Wrong> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        let wrong = Wrong::new("Hvorfor standses det?").column("--reason");
        return Err(wrong.help("Skriv det kort: det står på alle sider, så længe det varer."));
    }
    if reason.chars().count() > REASON_MAX {
        let wrong = Wrong::new(format!("Grunden skal være på højst {REASON_MAX} tegn."));
        return Err(wrong.column("--reason"));
    }
    if reason.chars().any(char::is_control) {
        return Err(Wrong::new("I grunden er der tegn, som ikke kan vises.").column("--reason"));
    }
    refuse_cpr(&reason).map_err(|wrong| wrong.column("--reason"))?;
    Ok(reason)
}
