//! Workflow files and templates into published versions, and a workflow's own people.

use std::collections::BTreeMap;

use super::{Desk, DeskError, Wrong};
use crate::definition::model::{Name, Per, Workflow};
use crate::engine::input::Input;
use crate::engine::subject::Subject;
use crate::message::TemplateSource;
use crate::runner::advance::operator;
use crate::runner::{People, versions};

/// A workflow file and the templates it may use, as read from disk.
#[derive(Clone, Debug)]
pub struct Files {
    /// The file's name, for its problems.
    pub name: String,
    /// The workflow that is meant: the file's own, or one of its variants.
    pub id: Name,
    /// Its text.
    pub yaml: String,
    /// All templates.
    pub templates: TemplateSource,
}

/// A file that nothing can follow.
#[must_use]
pub fn unusable(file: &str, errors: usize) -> Wrong {
    Wrong::new(format!("{file} har {errors} fejl og kan ikke bruges."))
}

impl Desk {
    /// Publishes what the files say; the same content is the same version. Answers its row id.
    pub async fn publish(&self, files: &Files) -> Result<i64, DeskError> {
        let runner = self.runner();
        Ok(versions::publish(
            runner.store(),
            &files.name,
            &files.yaml,
            &files.id,
            &files.templates,
            runner.now(),
        )
        .await?)
    }

    /// Opens the workflow's own subject when there is none, and gives it the imported people.
    pub(super) async fn open_workflow(
        &self,
        version: i64,
        workflow: &Workflow,
    ) -> Result<(), DeskError> {
        if self
            .runner()
            .store()
            .workflow_subject(&workflow.id)
            .await?
            .is_some()
        {
            return self.assign_workflow_roles(workflow).await;
        }
        let people = self.imported(workflow, Per::Workflow).await?;
        self.runner().open_workflow(version, people).await?;
        Ok(())
    }

    /// Gives a workflow's own subject, where there is one, the people that were imported for its roles.
    pub(super) async fn assign_workflow_roles(&self, workflow: &Workflow) -> Result<(), DeskError> {
        let Some(row) = self.runner().store().workflow_subject(&workflow.id).await? else {
            return Ok(());
        };
        let subject: Subject = serde_json::from_str(&row.snapshot)?;
        for (role, people) in self.imported(workflow, Per::Workflow).await? {
            if subject.people.get(&role) != Some(&people) {
                let input = Input::Assign { role, people };
                self.runner()
                    .input(row.id, &input, &operator("people import"), None)
                    .await?;
            }
        }
        Ok(())
    }

    /// The people that were imported for a workflow's roles per hold, or per workflow.
    pub(super) async fn imported(
        &self,
        workflow: &Workflow,
        per: Per,
    ) -> Result<People, DeskError> {
        let mut holders = self.runner().store().role_holders(&workflow.id).await?;
        let roles = workflow.roles.iter().filter(|role| role.per == per);
        let held: BTreeMap<Name, Vec<i64>> = roles
            .filter_map(|role| Some((role.name.clone(), holders.remove(&*role.name)?)))
            .collect();
        Ok(held)
    }
}
