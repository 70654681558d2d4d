//! Workflows that are being written, and lists that are being looked at: nothing of them is in force yet.

use super::sealed::{self, Seal};
use super::sql::sql;
use super::{Result, Store};

/// The text of a workflow that is being written.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DraftRow {
    /// The workflow's key.
    pub workflow: String,
    /// The text; none when it was published or thrown away.
    pub yaml: Option<String>,
    /// Goes up with each change, and never down.
    pub seq: i64,
    /// When it was last changed, µs UTC.
    pub at: i64,
    /// The name of who changed it.
    pub name: String,
}

/// A text to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftNew {
    /// The workflow's key.
    pub workflow: String,
    /// The text; none is kept any longer.
    pub yaml: Option<String>,
    /// The number of what it was written from; 0 when there was none yet.
    pub seq: i64,
    /// Row id of the account of who writes.
    pub account_id: i64,
    /// µs UTC.
    pub at: i64,
}

/// A list that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ListRow {
    /// What it is found by.
    pub key: String,
    /// Row id of the account of who looks.
    pub account_id: i64,
    /// The hold's id.
    pub cohort: String,
    /// The file's name.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Until when it is kept, µs UTC.
    pub ends_at: i64,
}

/// A list as it is kept.
#[derive(sqlx::FromRow)]
struct ListKept {
    #[sqlx(flatten)]
    list: ListRow,
    sealed_by: Option<String>,
}

macro_rules! drafts {
    ($end:literal) => {
        concat!(
            "SELECT d.workflow, d.yaml, d.seq, d.at, p.name FROM drafts AS d \
             JOIN accounts AS a ON a.id = d.account_id JOIN people AS p ON p.id = a.person_id ",
            $end
        )
    };
}

impl Store {
    /// What is written of a workflow.
    pub async fn draft(&self, workflow: &str) -> Result<Option<DraftRow>> {
        sql(drafts!("WHERE d.workflow = $1"))
            .bind(workflow)
            .optional(&mut *self.reader().await?)
            .await
    }

    /// What is written of any workflow.
    pub async fn drafts(&self) -> Result<Vec<DraftRow>> {
        sql(drafts!("WHERE d.yaml IS NOT NULL ORDER BY d.workflow"))
            .all(&mut *self.reader().await?)
            .await
    }

    /// Keeps a text, or forgets it, and answers its number; none, and nothing is changed, when somebody else has changed
    /// it since.
    pub async fn keep_draft(&self, new: DraftNew) -> Result<Option<i64>> {
        self.write(move |connection| {
            Box::pin(async move {
                let kept: Vec<i64> = sql(
                    "INSERT INTO drafts (workflow, yaml, seq, account_id, at) VALUES ($1, $2, 1, $4, $5) \
                     ON CONFLICT (workflow) DO UPDATE SET yaml = excluded.yaml, seq = drafts.seq + 1, \
                         account_id = excluded.account_id, at = excluded.at \
                     WHERE drafts.seq = $3 RETURNING seq",
                )
                .bind(new.workflow)
                .bind(new.yaml)
                .bind(new.seq)
                .bind(new.account_id)
                .bind(new.at)
                .values(connection)
                .await?;
                Ok(kept.first().copied())
            })
        })
        .await
    }

    /// Keeps a list for whoever looks at it; what nobody looks at any longer by `now`, µs UTC, is forgotten.
    pub async fn keep_list(&self, list: ListRow, now: i64) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM lists WHERE ends_at <= $1")
                    .bind(now)
                    .run(&mut *connection)
                    .await?;
                let seal = Seal::of(connection).await?;
                let bytes = seal.bytes(sealed::list_of(list.account_id, &list.key), list.bytes)?;
                sql(
                    "INSERT INTO lists (key, account_id, cohort, name, bytes, ends_at, sealed_by) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(list.key)
                .bind(list.account_id)
                .bind(list.cohort)
                .bind(list.name)
                .bind(bytes)
                .bind(list.ends_at)
                .bind(seal.by())
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// A list that an account looks at, unless its time is up.
    pub async fn list(&self, key: &str, account: i64, now: i64) -> Result<Option<ListRow>> {
        let kept = sql("SELECT * FROM lists WHERE key = $1 AND account_id = $2 AND ends_at > $3")
            .bind(key)
            .bind(account)
            .bind(now)
            .optional(&mut *self.reader().await?)
            .await?;
        let Some(ListKept {
            mut list,
            sealed_by,
        }) = kept
        else {
            return Ok(None);
        };
        let cell = sealed::list_of(account, key);
        list.bytes = sealed::bytes(&self.keys, sealed_by.as_deref(), cell, list.bytes)?;
        Ok(Some(list))
    }

    /// Forgets a list that was taken in, or is not to be.
    pub async fn forget_list(&self, key: &str, account: i64) -> Result<()> {
        let key = key.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM lists WHERE key = $1 AND account_id = $2")
                    .bind(key)
                    .bind(account)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Forgets the lists whose time is up by `now`, µs UTC.
    pub async fn forget_lists(&self, now: i64) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM lists WHERE ends_at <= $1")
                    .bind(now)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
