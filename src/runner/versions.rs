//! Published workflows, compiled once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::RunError;
use crate::calendar::Tables;
use crate::definition::{self, Problem, model::Workflow};
use crate::message::{TemplateSource, Templates};
use crate::store::{Store, VersionRow};

/// A workflow with its templates, as published.
#[derive(Debug)]
pub struct Version {
    /// Row id.
    pub id: i64,
    /// Checked.
    pub workflow: Workflow,
    /// Compiled.
    pub templates: Templates,
}

/// Versions by row id; a version never changes, so none is ever dropped.
#[derive(Debug, Default)]
pub struct Versions {
    known: Mutex<HashMap<i64, Arc<Version>>>,
    /// By which holidays and zones, if not this build's.
    tables: Option<Arc<Tables>>,
}

impl Versions {
    /// Known already, for a world that starts a process often.
    #[cfg(test)]
    pub(super) fn of(version: Arc<Version>) -> Self {
        Self {
            known: Mutex::new(HashMap::from([(version.id, version)])),
            tables: None,
        }
    }

    /// As they would be by other tables.
    pub(super) fn under(tables: Arc<Tables>) -> Self {
        Self {
            known: Mutex::default(),
            tables: Some(tables),
        }
    }

    /// A version, compiled at its first use.
    pub async fn get(&self, store: &Store, id: i64) -> Result<Arc<Version>, RunError> {
        if let Some(found) = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
        {
            return Ok(found.clone());
        }
        let row = store.version(id).await?.ok_or(RunError::NoVersion(id))?;
        let mut version = compile(&row)?;
        if let Some(tables) = &self.tables {
            let calendar = &mut version.workflow.calendar;
            *calendar = calendar.under(tables);
        }
        let version = Arc::new(version);
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, version.clone());
        Ok(version)
    }
}

fn compile(row: &VersionRow) -> Result<Version, RunError> {
    let read = definition::read(&format!("{}.yaml", row.workflow), &row.yaml);
    let workflow = called(read, &row.workflow)?;
    let source: TemplateSource = serde_json::from_str(&row.templates)?;
    let templates = Templates::compile(&source).map_err(|problems| {
        RunError::BadTemplates(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    Ok(Version {
        id: row.id,
        workflow,
        templates,
    })
}

/// The workflow of this name in a file: its own, or one of its variants.
fn called(read: definition::Read, id: &str) -> Result<Workflow, RunError> {
    let found = read.called(id).cloned();
    found.ok_or(RunError::BadWorkflow(read.problems))
}

/// Publishes a workflow of a file, by its name, with its templates: checked here, so that nothing
/// wrong is ever run. The same content is the same version.
pub async fn publish(
    store: &Store,
    file: &str,
    yaml: &str,
    id: &str,
    templates: &TemplateSource,
    now: jiff::Timestamp,
) -> Result<i64, RunError> {
    let read = definition::read(file, yaml);
    let workflow = called(read, id)?;
    Templates::compile(templates).map_err(|problems| {
        RunError::BadTemplates(
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let json = serde_json::to_string(templates)?;
    let mut hash = Sha256::new();
    hash.update(yaml.len().to_le_bytes());
    hash.update(yaml);
    hash.update(&json);
    let hash: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(store
        .publish(
            workflow.id.to_string(),
            yaml.to_owned(),
            json,
            hash,
            now.as_microsecond(),
        )
        .await?)
}

/// The problems of a workflow that could not be published, for a report.
#[must_use]
pub fn problems(error: &RunError) -> &[Problem] {
    match error {
        RunError::BadWorkflow(problems) => problems,
        _ => &[],
    }
}
