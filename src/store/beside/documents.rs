//! Files that belong to a case. Of one that is removed only who and when is left.

use super::super::sees::seen_case;
use super::super::sql::sql;
use super::super::{Result, Sees, Store};
use super::{Added, Put, Withdrawal, settled};

const COUNTS: &str = "SELECT CAST(COALESCE(sum(CASE WHEN removed_at IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(sum(CASE WHEN account_id = $2 AND key = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) \
    FROM documents WHERE case_id = $1";
const REMOVE: &str = "UPDATE documents SET bytes = NULL, name = NULL, removed_at = $4, removed_by = $3 \
    WHERE id = $1 AND case_id = $2 AND removed_at IS NULL AND (account_id = $3 OR $5 = 0)";

/// A file to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentNew {
    /// Row id of the case.
    pub case_id: i64,
    /// Row id of the account of who gives it.
    pub account_id: i64,
    /// What makes a form count once.
    pub key: String,
    /// µs UTC.
    pub at: i64,
    /// `profile`, `cv` or `other`.
    pub kind: String,
    /// The file's name.
    pub name: String,
    /// What its bytes are, as HTTP names it.
    pub media: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A file in a list, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DocumentRow {
    /// Row id.
    pub id: i64,
    /// `profile`, `cv` or `other`.
    pub kind: String,
    /// The file's name; none once removed.
    pub name: Option<String>,
    /// How many bytes it has, or had.
    pub size: i64,
    /// When it was given, µs UTC.
    pub at: i64,
    /// Row id of the account of who gave it.
    pub account_id: i64,
    /// Who gave it.
    pub given_by: String,
    /// When it was removed, µs UTC.
    pub removed_at: Option<i64>,
    /// By whom.
    pub removed_by: Option<String>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DocumentBytes {
    /// Its name.
    pub name: String,
    /// What its bytes are, as HTTP names it.
    pub media: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Store {
    /// The files of a case, the newest first, also those that were removed.
    pub async fn documents(&self, sees: Sees, case: i64) -> Result<Vec<DocumentRow>> {
        let documents = sql(concat!(
            "SELECT d.id, d.kind, d.name, d.size, d.at, d.account_id, p.name AS given_by, d.removed_at, \
                    r.name AS removed_by \
             FROM documents AS d JOIN subject_keys AS k ON k.id = d.case_id \
             JOIN accounts AS a ON a.id = d.account_id JOIN people AS p ON p.id = a.person_id \
             LEFT JOIN accounts AS b ON b.id = d.removed_by LEFT JOIN people AS r ON r.id = b.person_id \
             WHERE d.case_id = $1 AND ",
            seen_case!("k", "2", "3"),
            " ORDER BY d.id DESC"
        ));
        let documents = sees.bind_to(documents.bind(case));
        documents.all(&mut *self.reader().await?).await
    }

    /// A file of a case, unless it was removed.
    pub async fn document(
        &self,
        sees: Sees,
        case: i64,
        document: i64,
    ) -> Result<Option<DocumentBytes>> {
        let found = sql(concat!(
            "SELECT d.name, d.media, d.bytes FROM documents AS d JOIN subject_keys AS k ON k.id = d.case_id \
             WHERE d.id = $1 AND d.case_id = $2 AND d.removed_at IS NULL AND ",
            seen_case!("k", "3", "4")
        ));
        let found = sees.bind_to(found.bind(document).bind(case));
        found.optional(&mut *self.reader().await?).await
    }

    /// Keeps a file, unless there are so many already that are not removed.
    pub async fn add_document(&self, new: DocumentNew, most: i64) -> Result<Added> {
        self.write(move |connection| {
            Box::pin(async move {
                let put = Put {
                    case: new.case_id,
                    account: new.account_id,
                    key: &new.key,
                    most,
                    counts: COUNTS,
                };
                if let Some(settled) = settled(connection, put).await? {
                    return Ok(settled);
                }
                sql(
                    "INSERT INTO documents (case_id, account_id, key, at, kind, name, media, size, bytes) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(new.case_id)
                .bind(new.account_id)
                .bind(new.key)
                .bind(new.at)
                .bind(new.kind)
                .bind(new.name)
                .bind(new.media)
                .bind(i64::try_from(new.bytes.len()).unwrap_or(i64::MAX))
                .bind(new.bytes)
                .run(connection)
                .await?;
                Ok(Added::Done)
            })
        })
        .await
    }

    /// Removes a file. False when it does not stand on that case any more, or is another's and only own ones are to be
    /// removed.
    pub async fn remove_document(&self, removed: Withdrawal) -> Result<bool> {
        self.write(move |connection| Box::pin(removed.carry_out(connection, REMOVE)))
            .await
    }
}
