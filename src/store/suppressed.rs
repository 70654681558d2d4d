//! Who wants no more announcements, and the secret that signs their links.

use std::collections::HashSet;

use serde::Serialize;

use super::sql::sql;
use super::{Result, Store, guarded, json};

/// An address to which no announcements of a workflow go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Suppression {
    /// The workflow's name.
    pub workflow: String,
    /// In small letters.
    pub address: String,
    /// Since when, µs UTC.
    pub since: i64,
}

impl Store {
    /// The secret that signs links in mail: of this database, and the same for all processes on it.
    pub async fn secret(&self) -> Result<String> {
        sql("SELECT secret FROM cluster")
            .value(&mut *self.reader().await?)
            .await
    }

    /// Lets no more announcements of a workflow go to an address, from `since` (µs UTC). False when it
    /// was so before.
    pub async fn suppress(&self, workflow: &str, address: &str, since: i64) -> Result<bool> {
        let (workflow, address) = (workflow.to_owned(), address.to_lowercase());
        self.write(move |connection| {
            Box::pin(async move {
                guarded::unsubscribing(connection).await?;
                let new = sql(
                    "INSERT INTO suppressions (workflow, address, since) VALUES ($1, $2, $3) \
                     ON CONFLICT (workflow, address) DO NOTHING",
                )
                .bind(workflow)
                .bind(address)
                .bind(since)
                .run(connection)
                .await?;
                Ok(new > 0)
            })
        })
        .await
    }

    /// Lets announcements go to an address again; of one workflow, or of all. Answers of how many.
    pub async fn unsuppress(&self, workflow: Option<&str>, address: &str) -> Result<u64> {
        let workflow = workflow.map(ToOwned::to_owned);
        let address = address.to_lowercase();
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM suppressions \
                     WHERE address = $2 AND workflow = coalesce($1, workflow)")
                .bind(workflow)
                .bind(address)
                .run(connection)
                .await
            })
        })
        .await
    }

    /// All of them, by address.
    pub async fn suppressions(&self) -> Result<Vec<Suppression>> {
        sql("SELECT workflow, address, since FROM suppressions ORDER BY address, workflow")
            .all(&mut *self.reader().await?)
            .await
    }

    /// Which of these pairs of a workflow and an address in small letters want no announcements.
    pub async fn suppressed(
        &self,
        asked: &HashSet<(String, String)>,
    ) -> Result<HashSet<(String, String)>> {
        if asked.is_empty() {
            return Ok(HashSet::new());
        }
        let found: Vec<(String, String)> =
            sql("SELECT s.workflow, s.address FROM json_each($1) AS j \
             JOIN suppressions AS s ON s.workflow = j.value ->> 0 AND s.address = j.value ->> 1")
            .bind(json(&asked.iter().collect::<Vec<_>>()))
            .all(&mut *self.reader().await?)
            .await?;
        Ok(found.into_iter().collect())
    }
}
