//! Subjects and their histories as people ask for them.

use super::error::Cause;
use super::rows::{EventRow, SubjectRow, TextRow};
use super::sees::{Sees, seen_case};
use super::sql::sql;
use super::{Result, Store, sealed};
use crate::seal::Keys;

/// Words as they are kept.
#[derive(sqlx::FromRow)]
struct TextKept {
    #[sqlx(flatten)]
    text: TextRow,
    sealed_by: Option<String>,
}

impl TextKept {
    fn opened(self, keys: &Keys) -> Result<TextRow> {
        let (mut text, by) = (self.text, self.sealed_by);
        let cell = sealed::text_of(text.subject_id, &text.name);
        text.text = sealed::words(keys, by.as_deref(), cell, text.text)?;
        Ok(text)
    }
}

impl Store {
    /// The subject with this public id, or the only one whose public id begins so.
    ///
    /// # Errors
    /// [`is_ambiguous`](super::StoreError::is_ambiguous) when several begin so.
    /// Of cases only those that are seen.
    pub async fn subject_by_public_id(
        &self,
        sees: Sees,
        prefix: &str,
    ) -> Result<Option<SubjectRow>> {
        // '~' comes after every character of a UUID.
        let found = sql(concat!(
            "SELECT s.*, p.place FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id \
             LEFT JOIN places AS p ON p.case_id = s.id \
             WHERE k.public_id >= $1 AND k.public_id < $1 || '~' AND (s.kind <> 'case' OR ",
            seen_case!("k", "2", "3"),
            ") ORDER BY k.public_id LIMIT 2"
        ))
        .bind(prefix.to_ascii_lowercase());
        let mut rows: Vec<SubjectRow> = sees.bind_to(found).all(&mut *self.reader().await?).await?;
        if rows.len() > 1 && rows[0].public_id.len() > prefix.len() {
            let prefix = prefix.to_owned();
            return Err(Cause::Ambiguous { prefix }.into());
        }
        rows.truncate(1);
        Ok(rows.pop())
    }

    /// The cases of a hold that are seen, in the order in which they were created.
    pub async fn subjects_of(&self, sees: Sees, cohort: i64) -> Result<Vec<SubjectRow>> {
        let cases = sql(concat!(
            "SELECT s.*, p.place FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id \
             LEFT JOIN places AS p ON p.case_id = s.id WHERE k.cohort_id = $1 AND ",
            seen_case!("k", "2", "3"),
            " ORDER BY s.id"
        ))
        .bind(cohort);
        let rows = sees.bind_to(cases).all(&mut *self.reader().await?).await?;
        Ok(rows)
    }

    /// The row ids of at most so many cases that are seen, of a hold or of all, from behind one of them, in the order
    /// in which they were created.
    pub async fn case_ids(
        &self,
        sees: Sees,
        cohort: Option<i64>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        let all = sql(concat!(
            "SELECT s.id FROM subjects AS s WHERE s.kind = 'case' AND s.id > $1 AND ",
            seen_case!("s", "3", "4"),
            " ORDER BY s.id LIMIT CAST($2 AS BIGINT)"
        ));
        let of_one = sql(concat!(
            "SELECT k.id FROM subject_keys AS k WHERE k.cohort_id = $5 AND k.id > $1 AND ",
            seen_case!("k", "3", "4"),
            " ORDER BY k.id LIMIT CAST($2 AS BIGINT)"
        ));
        let list = if cohort.is_some() { of_one } else { all };
        let mut list = sees.bind_to(list.bind(after).bind(limit));
        if let Some(cohort) = cohort {
            list = list.bind(cohort);
        }
        list.values(&mut *self.reader().await?).await
    }

    /// All holds, by workflow and first day.
    pub async fn cohorts(&self) -> Result<Vec<SubjectRow>> {
        let rows = sql(
            "SELECT s.*, CAST(NULL AS BIGINT) AS place FROM subjects AS s \
             WHERE s.kind = 'cohort' ORDER BY s.workflow, s.starts_on, s.id",
        )
        .all(&mut *self.reader().await?)
        .await?;
        Ok(rows)
    }

    /// A subject's history from its beginning.
    pub async fn history(&self, subject: i64) -> Result<Vec<EventRow>> {
        let rows = sql("SELECT * FROM events WHERE subject_id = $1 ORDER BY seq")
            .bind(subject)
            .all(&mut *self.reader().await?)
            .await?;
        Ok(rows)
    }

    /// The first event of an input that has been taken already: a double click, or an answer lost.
    pub async fn input_outcome(&self, subject: i64, input_key: &str) -> Result<Option<EventRow>> {
        let row = sql("SELECT * FROM events WHERE subject_id = $1 AND input_key = $2")
            .bind(subject)
            .bind(input_key)
            .optional(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }

    /// The words of text facts of subjects, by subject and name; none once erased.
    pub async fn texts(&self, subjects: &[i64]) -> Result<Vec<TextRow>> {
        let rows: Vec<TextKept> = sql("SELECT t.* FROM json_each($1) AS j \
             JOIN texts AS t ON t.subject_id = CAST(j.atom AS BIGINT) ORDER BY t.subject_id, t.name")
        .bind(subjects)
        .all(&mut *self.reader().await?)
        .await?;
        rows.into_iter().map(|row| row.opened(&self.keys)).collect()
    }
}
