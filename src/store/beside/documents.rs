//! Files that belong to a case. Of one that is removed only who and when is left.

use super::super::sealed::{self, Seal};
use super::super::sees::seen_case;
use super::super::sql::sql;
use super::super::{Result, Sees, Store};
use super::{Added, Put, Withdrawal, settled};
use crate::seal::Keys;

const COUNTS: &str = "SELECT CAST(COALESCE(sum(CASE WHEN removed_at IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(sum(CASE WHEN account_id = $2 AND key = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) \
    FROM documents WHERE case_id = $1";
const REMOVE: &str = "UPDATE documents SET bytes = NULL, name = NULL, sealed_by = NULL, removed_at = $4, removed_by = $3 \
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

/// A file in a list as it is kept.
#[derive(sqlx::FromRow)]
struct DocumentKept {
    #[sqlx(flatten)]
    document: DocumentRow,
    key: String,
    sealed_by: Option<String>,
}

impl DocumentKept {
    fn opened(self, case: i64, keys: &Keys) -> Result<DocumentRow> {
        let (mut document, by) = (self.document, self.sealed_by);
        let which = sealed::which(document.account_id, &self.key);
        let [_, of_name] = sealed::document_of(case, &which);
        document.name = (document.name)
            .map(|name| sealed::words(keys, by.as_deref(), of_name, name))
            .transpose()?;
        Ok(document)
    }
}

/// A file as it is kept.
#[derive(sqlx::FromRow)]
struct BytesKept {
    #[sqlx(flatten)]
    document: DocumentBytes,
    account_id: i64,
    key: String,
    sealed_by: Option<String>,
}

impl BytesKept {
    fn opened(self, case: i64, keys: &Keys) -> Result<DocumentBytes> {
        let (mut document, by) = (self.document, self.sealed_by);
        let which = sealed::which(self.account_id, &self.key);
        let [of_bytes, of_name] = sealed::document_of(case, &which);
        document.bytes = sealed::bytes(keys, by.as_deref(), of_bytes, document.bytes)?;
        document.name = sealed::words(keys, by.as_deref(), of_name, document.name)?;
        Ok(document)
    }
}

impl Store {
    /// The files of a case, the newest first, also those that were removed.
    pub async fn documents(&self, sees: Sees, case: i64) -> Result<Vec<DocumentRow>> {
        let documents = sql(concat!(
            "SELECT d.id, d.kind, d.name, d.size, d.at, d.account_id, p.name AS given_by, d.removed_at, \
                    r.name AS removed_by, d.key, d.sealed_by \
             FROM documents AS d JOIN subject_keys AS k ON k.id = d.case_id \
             JOIN accounts AS a ON a.id = d.account_id JOIN people AS p ON p.id = a.person_id \
             LEFT JOIN accounts AS b ON b.id = d.removed_by LEFT JOIN people AS r ON r.id = b.person_id \
             WHERE d.case_id = $1 AND ",
            seen_case!("k", "2", "3"),
            " ORDER BY d.id DESC"
        ));
        let documents = sees.bind_to(documents.bind(case));
        let documents: Vec<DocumentKept> = documents.all(&mut *self.reader().await?).await?;
        (documents.into_iter())
            .map(|document| document.opened(case, &self.keys))
            .collect()
    }

    /// A file of a case, unless it was removed.
    pub async fn document(
        &self,
        sees: Sees,
        case: i64,
        document: i64,
    ) -> Result<Option<DocumentBytes>> {
        let found = sql(concat!(
            "SELECT d.name, d.media, d.bytes, d.account_id, d.key, d.sealed_by FROM documents AS d JOIN subject_keys AS k ON k.id = d.case_id \
             WHERE d.id = $1 AND d.case_id = $2 AND d.removed_at IS NULL AND ",
            seen_case!("k", "3", "4")
        ));
        let found = sees.bind_to(found.bind(document).bind(case));
        let found: Option<BytesKept> = found.optional(&mut *self.reader().await?).await?;
        found
            .map(|found| found.opened(case, &self.keys))
            .transpose()
    }

    /// Keeps a file, unless there are so many already that are not removed.
    pub async fn add_document(&self, new: DocumentNew, most: i64) -> Result<Added> {
        self.write(move |connection| {
            Box::pin(async move {
                let seal = Seal::of(connection).await?;
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
                let size = i64::try_from(new.bytes.len()).unwrap_or(i64::MAX);
                let which = sealed::which(new.account_id, &new.key);
                let [of_bytes, of_name] = sealed::document_of(new.case_id, &which);
                sql(
                    "INSERT INTO documents (case_id, account_id, key, at, kind, name, media, size, bytes, sealed_by) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(new.case_id)
                .bind(new.account_id)
                .bind(new.key)
                .bind(new.at)
                .bind(new.kind)
                .bind(seal.text(of_name, new.name)?)
                .bind(new.media)
                .bind(size)
                .bind(seal.bytes(of_bytes, new.bytes)?)
                .bind(seal.by())
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
