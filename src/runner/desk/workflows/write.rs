//! Keeping a text, and publishing it.

use serde::Serialize;

use super::check::checked;
use super::{Desk, DeskError, WorkflowText};
use crate::runner::desk::{Files, Visitor, Wrong, publish};
use crate::store::DraftNew;

/// What became of a text that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// It is kept, under this number.
    Now(i64),
    /// Somebody else has changed it since; this is how it stands.
    Overtaken(Box<WorkflowText>),
}

/// What became of a text that was to be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Published {
    /// New holds follow it.
    New,
    /// It says what the last version said.
    AsBefore,
    /// Somebody else has changed it since; this is how it stands.
    Overtaken(Box<WorkflowText>),
}

impl Desk {
    /// Keeps the text of a workflow that somebody writes; `seq` is the number of what it was written from.
    ///
    /// # Errors
    /// When there is no such workflow.
    pub async fn keep_draft(
        &self,
        visitor: &Visitor,
        id: &str,
        yaml: &str,
        seq: i64,
    ) -> Result<Kept, DeskError> {
        self.source(id).await?;
        self.change(visitor, id, Some(yaml), seq).await
    }

    /// Throws away what is being written: the text is as it was published.
    ///
    /// # Errors
    /// When there is no such workflow.
    pub async fn drop_draft(
        &self,
        visitor: &Visitor,
        id: &str,
        seq: i64,
    ) -> Result<Kept, DeskError> {
        self.source(id).await?;
        self.change(visitor, id, None, seq).await
    }

    /// Publishes a text: it is the version that new holds follow from here on. Those there are follow theirs.
    ///
    /// # Errors
    /// When the checker finds an error in it, or in its mails; then nothing is done.
    pub async fn publish_draft(
        &self,
        visitor: &Visitor,
        id: &str,
        yaml: &str,
        seq: i64,
    ) -> Result<Published, DeskError> {
        let source = self.source(id).await?;
        let (latest, templates) = (source.latest, source.templates.clone());
        let checked = checked(source, id, yaml).await?;
        if let Some(note) = checked.note {
            return Err(Wrong::new(note).into());
        }
        if checked.errors > 0 {
            return Err(publish::unusable(&checked.file, checked.errors)
                .help("Ret dem, og udgiv så igen. Intet er udgivet.")
                .into());
        }
        // Kept first, so that of two who publish at once the second is told of the first.
        let seq = match self.change(visitor, id, Some(yaml), seq).await? {
            Kept::Now(seq) => seq,
            Kept::Overtaken(text) => return Ok(Published::Overtaken(text)),
        };
        let version = self
            .publish(&Files {
                name: checked.file,
                id: id.into(),
                yaml: yaml.to_owned(),
                templates,
            })
            .await?;
        // Whoever has gone on writing meanwhile keeps that.
        self.change(visitor, id, None, seq).await?;
        Ok(if latest == Some(version) {
            Published::AsBefore
        } else {
            Published::New
        })
    }

    async fn change(
        &self,
        visitor: &Visitor,
        id: &str,
        yaml: Option<&str>,
        seq: i64,
    ) -> Result<Kept, DeskError> {
        let kept = self.runner().store().keep_draft(DraftNew {
            workflow: id.to_owned(),
            yaml: yaml.map(ToOwned::to_owned),
            seq,
            account_id: visitor.account,
            at: self.runner().now().as_microsecond(),
        });
        Ok(match kept.await? {
            Some(seq) => Kept::Now(seq),
            None => Kept::Overtaken(Box::new(self.workflow_text(id).await?)),
        })
    }
}
