//! Workflows as published.

use super::rows::{SubjectRow, VersionHead, VersionRow};
use super::sql::sql;
use super::{Result, Store};

impl Store {
    /// Publishes a workflow and answers the version's row id; the same hash again is the same
    /// version, whatever else has been published between.
    pub async fn publish(
        &self,
        workflow: String,
        yaml: String,
        templates: String,
        hash: String,
        now: i64,
    ) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move {
                let id = sql(
                    "INSERT INTO workflow_versions (workflow, yaml, templates, hash, published_at) \
                     VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (workflow, hash) DO UPDATE SET hash = excluded.hash \
                     RETURNING id",
                )
                .bind(workflow)
                .bind(yaml)
                .bind(templates)
                .bind(hash)
                .bind(now)
                .value(connection)
                .await?;
                Ok(id)
            })
        })
        .await
    }

    /// One version.
    pub async fn version(&self, id: i64) -> Result<Option<VersionRow>> {
        let row = sql("SELECT * FROM workflow_versions WHERE id = $1")
            .bind(id)
            .optional(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }

    /// The version of a workflow that was published last.
    pub async fn latest_version(&self, workflow: &str) -> Result<Option<VersionRow>> {
        let row = sql("SELECT * FROM workflow_versions WHERE workflow = $1 \
             ORDER BY published_at DESC, id DESC LIMIT 1")
        .bind(workflow)
        .optional(&mut *self.reader().await?)
        .await?;
        Ok(row)
    }

    /// All versions, in the order in which they were first published.
    pub async fn versions(&self) -> Result<Vec<VersionRow>> {
        let rows = sql("SELECT * FROM workflow_versions ORDER BY id")
            .all(&mut *self.reader().await?)
            .await?;
        Ok(rows)
    }

    /// All versions without their texts, by workflow, the one that was published last first.
    pub async fn version_heads(&self) -> Result<Vec<VersionHead>> {
        sql("SELECT id, workflow, published_at FROM workflow_versions \
             ORDER BY workflow, published_at DESC, id DESC")
        .all(&mut *self.reader().await?)
        .await
    }

    /// The workflow's own subject, which sends what is of no hold.
    pub async fn workflow_subject(&self, workflow: &str) -> Result<Option<SubjectRow>> {
        let row = sql(
            "SELECT s.*, CAST(NULL AS BIGINT) AS place FROM subjects AS s \
             WHERE s.kind = 'workflow' AND s.workflow = $1",
        )
        .bind(workflow)
        .optional(&mut *self.reader().await?)
        .await?;
        Ok(row)
    }
}
