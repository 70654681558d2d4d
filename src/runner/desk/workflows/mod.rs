//! Workflows as they are published, written and tried: what pages show of them, and how a new version comes to be.
//!
//! 1. [`Desk::workflow_text`] gives the text: what is being written, else what was published last, else the file.
//! 2. [`Desk::check_workflow`] says what is wrong with it, as `tovholder check` does, and [`Desk::try_workflow`] what would
//!    happen on a hold.
//! 3. [`Desk::keep_draft`] keeps it, and [`Desk::publish_draft`] makes it the version that new holds follow. Neither does
//!    anything when somebody else has changed the text since.

mod check;
mod tried;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

pub use self::check::Checked;
pub use self::tried::{Tried, TriedDay, TriedMail};
pub use self::write::{Kept, Published};
use super::{Desk, DeskError, VersionLine, Wrong};
use crate::calendar::Calendar;
use crate::definition;
use crate::definition::model::{State, Workflow};
use crate::message::TemplateSource;
use crate::runner::versions::Version;
use crate::store::{CANCELLED, DraftRow, SubjectRow, VersionHead};

/// A workflow in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkflowLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How many versions have been published.
    pub versions: usize,
    /// When the last one was; local.
    pub published: Option<DateTime>,
    /// How many holds follow any of them, cancelled ones left out.
    pub holds: usize,
    /// A text that has not been published is being written.
    pub is_drafted: bool,
}

/// A published workflow with its versions.
#[derive(Clone, Debug, Serialize)]
pub struct WorkflowShown {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The one that was published last first; none when it is only a file yet.
    pub versions: Vec<VersionLine>,
    /// Who writes at a text that has not been published, and since when; local.
    pub draft: Option<(String, DateTime)>,
    /// Its phases by title, in the order of the file, each with the one around it.
    pub phases: Vec<(Option<String>, String)>,
    /// The workflow that new holds follow.
    #[serde(skip)]
    pub workflow: Arc<Workflow>,
}

/// The text of a workflow to be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkflowText {
    /// The workflow's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The text.
    pub yaml: String,
    /// The number that a change of it is kept by.
    pub seq: i64,
    /// Who wrote it, and when, local; none when it is as published.
    pub draft: Option<(String, DateTime)>,
}

/// A date that a hold of a workflow must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateAsked {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The weekday that it must be. Danish.
    pub weekday: Option<&'static str>,
}

/// What is published, or would be, of a workflow.
pub(super) struct Source {
    /// The row id of the version that was published last.
    pub latest: Option<i64>,
    /// The file's name, for its problems.
    pub file: String,
    /// Its text.
    pub yaml: String,
    /// The templates as they are installed, else as they were published.
    pub templates: TemplateSource,
}

impl Desk {
    /// All workflows, by title: those that are published and those that are there to be.
    pub async fn workflows(&self) -> Result<Vec<WorkflowLine>, DeskError> {
        let store = self.runner().store();
        let heads = by_workflow(store.version_heads().await?);
        let drafts: BTreeSet<String> = (store.drafts().await?.into_iter())
            .map(|draft| draft.workflow)
            .collect();
        let holds = running(store.cohorts().await?);
        let mut lines = Vec::new();
        for (id, heads) in &heads {
            let version = self.runner().version(heads[0].id).await?;
            let of = |head: &VersionHead| holds.get(&head.id).map_or(0, Vec::len);
            lines.push(WorkflowLine {
                id: id.clone(),
                title: version.workflow.title.clone(),
                versions: heads.len(),
                published: Some(local(&version.workflow.calendar, heads[0].published_at)),
                holds: heads.iter().map(of).sum(),
                is_drafted: drafts.contains(id),
            });
        }
        let installed = &self.runner().settings().installed.workflows;
        let only = installed.iter().filter(|(id, _)| !heads.contains_key(*id));
        lines.extend(only.map(|(id, file)| WorkflowLine {
            id: id.clone(),
            title: file.title.clone(),
            versions: 0,
            published: None,
            holds: 0,
            is_drafted: drafts.contains(id),
        }));
        lines.sort_by_cached_key(|line| crate::message::danish_key(&line.title));
        Ok(lines)
    }

    /// A workflow with its versions.
    pub async fn workflow(&self, id: &str) -> Result<WorkflowShown, DeskError> {
        let store = self.runner().store();
        let heads = by_workflow(store.version_heads().await?);
        let workflow = self.current(id).await?;
        let versions = if heads.contains_key(id) {
            self.versions(Some(id)).await?
        } else {
            Vec::new()
        };
        let draft = store.draft(id).await?;
        Ok(WorkflowShown {
            id: id.to_owned(),
            title: workflow.title.clone(),
            versions,
            draft: draft.and_then(|draft| written(&workflow.calendar, &draft)),
            phases: phases(&workflow),
            workflow,
        })
    }

    /// The text of a workflow to be changed.
    pub async fn workflow_text(&self, id: &str) -> Result<WorkflowText, DeskError> {
        let source = self.source(id).await?;
        let workflow = self.current(id).await?;
        let draft = self.runner().store().draft(id).await?;
        let seq = draft.as_ref().map_or(0, |draft| draft.seq);
        let who = (draft.as_ref()).and_then(|draft| written(&workflow.calendar, draft));
        Ok(WorkflowText {
            id: id.to_owned(),
            title: workflow.title.clone(),
            yaml: draft.and_then(|draft| draft.yaml).unwrap_or(source.yaml),
            seq,
            draft: who,
        })
    }

    /// The dates that a hold of a workflow must have: as a text says when it can be read, else as published.
    pub async fn dates_asked(&self, id: &str, yaml: &str) -> Result<Vec<DateAsked>, DeskError> {
        let read = definition::read(id, yaml);
        let asked = match read.called(id) {
            Some(workflow) => asked(workflow),
            None => asked(&*self.current(id).await?),
        };
        Ok(asked)
    }

    /// The version that new holds follow; a workflow that is only a file is published as it is.
    pub async fn version_to_follow(&self, id: &str) -> Result<i64, DeskError> {
        let source = self.source(id).await?;
        match source.latest {
            Some(latest) => Ok(latest),
            None => {
                self.publish(&super::Files {
                    name: source.file,
                    id: id.into(),
                    yaml: source.yaml,
                    templates: source.templates,
                })
                .await
            }
        }
    }

    /// The workflow that new holds follow.
    pub(super) async fn current(&self, id: &str) -> Result<Arc<Workflow>, DeskError> {
        let source = self.source(id).await?;
        if let Some(latest) = source.latest {
            let version: Arc<Version> = self.runner().version(latest).await?;
            return Ok(Arc::new(version.workflow.clone()));
        }
        let read = definition::read(&source.file, &source.yaml);
        let workflow = read.called(id).cloned();
        workflow.map(Arc::new).ok_or_else(|| nothing(id))
    }

    /// What is published, or would be.
    ///
    /// # Errors
    /// When there is no such workflow.
    async fn source(&self, id: &str) -> Result<Source, DeskError> {
        let installed = &self.runner().settings().installed;
        let file = installed.workflows.get(id);
        let latest = self.runner().store().latest_version(id).await?;
        let templates = match &latest {
            Some(latest) if installed.templates.files.is_empty() => {
                serde_json::from_str(&latest.templates)?
            }
            _ => installed.templates.clone(),
        };
        let (latest, yaml) = match (latest, file) {
            (Some(latest), _) => (Some(latest.id), latest.yaml),
            (None, Some(file)) => (None, file.yaml.clone()),
            (None, None) => return Err(nothing(id)),
        };
        Ok(Source {
            latest,
            file: file.map_or_else(|| format!("{id}.yaml"), |file| file.name.clone()),
            yaml,
            templates,
        })
    }
}

fn nothing(id: &str) -> DeskError {
    Wrong::new(format!("Der er intet forløb »{id}«.")).into()
}

pub(super) fn by_workflow(heads: Vec<VersionHead>) -> BTreeMap<String, Vec<VersionHead>> {
    let mut by: BTreeMap<String, Vec<VersionHead>> = BTreeMap::new();
    for head in heads {
        by.entry(head.workflow.clone()).or_default().push(head);
    }
    by
}

/// The holds of each version that are not cancelled: id and title.
pub(super) fn running(holds: Vec<SubjectRow>) -> BTreeMap<i64, Vec<(String, String)>> {
    let mut by: BTreeMap<i64, Vec<(String, String)>> = BTreeMap::new();
    let runs = |hold: &SubjectRow| hold.state.as_deref() != Some(CANCELLED);
    for hold in holds.into_iter().filter(runs) {
        let named = (hold.public_id, hold.title.unwrap_or_default());
        by.entry(hold.version_id).or_default().push(named);
    }
    by
}

fn written(calendar: &Calendar, draft: &DraftRow) -> Option<(String, DateTime)> {
    let there = draft.yaml.is_some();
    there.then(|| (draft.name.clone(), local(calendar, draft.at)))
}

pub(super) fn local(calendar: &Calendar, at: i64) -> DateTime {
    calendar.local(Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn phases(workflow: &Workflow) -> Vec<(Option<String>, String)> {
    let atomic = workflow
        .states
        .iter()
        .filter(|state| state.children.is_empty());
    let phase = |state: &State| {
        let around = state.parent.map(|id| &workflow.states[id.0]);
        let around = around.filter(|around| around.parent.is_some());
        (
            around.map(|around| around.title.clone()),
            state.title.clone(),
        )
    };
    atomic.map(phase).collect()
}

pub(super) fn asked(workflow: &Workflow) -> Vec<DateAsked> {
    let dates = workflow.cohort.dates.iter();
    dates
        .map(|date| DateAsked {
            name: date.name.to_string(),
            title: date.title.clone(),
            weekday: date.weekday.map(crate::calendar::weekday_da),
        })
        .collect()
}

/// The first day of a workflow's hold that is soon, and open: for whoever only wants to look.
pub(super) fn soon(workflow: &Workflow, today: Date) -> Option<Date> {
    use jiff::ToSpan as _;
    let start = workflow
        .cohort
        .dates
        .iter()
        .find(|date| *date.name == *"start")?;
    let mut days = (28..90).map(|days| today.saturating_add(days.days()));
    days.find(|day| {
        let fits = start.weekday.is_none_or(|weekday| weekday == day.weekday());
        fits && workflow.calendar.is_workday(*day)
    })
}
