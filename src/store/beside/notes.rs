//! Notes: never changed, but struck out, or corrected by another one.

use super::super::sealed::{self, Seal};
use super::super::sees::seen_case;
use super::super::sql::{Connection, sql};
use super::super::{Result, Sees, Store};
use super::{Added, Put, Withdrawal, settled};
use crate::seal::Keys;

const COUNTS: &str = "SELECT count(*), \
    CAST(COALESCE(sum(CASE WHEN account_id = $2 AND key = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) \
    FROM notes WHERE case_id = $1";
const STRIKE: &str = "UPDATE notes SET struck_at = $4, struck_by = $3 \
    WHERE id = $1 AND case_id = $2 AND struck_at IS NULL AND (account_id = $3 OR $5 = 0)";

/// A note to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteNew {
    /// Row id of the case.
    pub case_id: i64,
    /// Row id of the account of who writes.
    pub account_id: i64,
    /// What makes a form count once.
    pub key: String,
    /// µs UTC.
    pub at: i64,
    /// What is written.
    pub text: String,
    /// It is not for everybody who sees the case.
    pub is_confidential: bool,
    /// The note that it stands instead of.
    pub corrects: Option<i64>,
}

/// A note as people read it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct NoteRow {
    /// Row id.
    pub id: i64,
    /// Row id of the account of who wrote it.
    pub account_id: i64,
    /// Who wrote it.
    pub name: String,
    /// When, µs UTC.
    pub at: i64,
    /// What is written.
    pub text: String,
    /// 1: not for everybody who sees the case.
    pub confidential: i64,
    /// The note that it stands instead of.
    pub corrects: Option<i64>,
    /// When it was struck out, µs UTC.
    pub struck_at: Option<i64>,
    /// By whom.
    pub struck_by: Option<String>,
}

/// A note as it is kept.
#[derive(sqlx::FromRow)]
struct NoteKept {
    #[sqlx(flatten)]
    note: NoteRow,
    key: String,
    sealed_by: Option<String>,
}

impl NoteKept {
    fn opened(self, case: i64, keys: &Keys) -> Result<NoteRow> {
        let (mut note, by) = (self.note, self.sealed_by);
        let which = sealed::which(note.account_id, &self.key);
        let cell = sealed::note_of(case, &which);
        note.text = sealed::words(keys, by.as_deref(), cell, note.text)?;
        Ok(note)
    }
}

impl Store {
    /// The notes of a case, the newest first. `reader` is the account of somebody who reads of the confidential ones
    /// only those they wrote themselves; `None` reads all.
    pub async fn notes(&self, sees: Sees, case: i64, reader: Option<i64>) -> Result<Vec<NoteRow>> {
        let notes = sql(concat!(
            "SELECT n.id, n.account_id, p.name, n.at, n.text, n.confidential, n.corrects, n.struck_at, \
                    s.name AS struck_by, n.key, n.sealed_by \
             FROM notes AS n JOIN subject_keys AS k ON k.id = n.case_id \
             JOIN accounts AS a ON a.id = n.account_id JOIN people AS p ON p.id = a.person_id \
             LEFT JOIN accounts AS b ON b.id = n.struck_by LEFT JOIN people AS s ON s.id = b.person_id \
             WHERE n.case_id = $1 \
               AND (n.confidential = 0 OR CAST($2 AS BIGINT) IS NULL OR n.account_id = $2) AND ",
            seen_case!("k", "3", "4"),
            " ORDER BY n.id DESC"
        ));
        let notes = sees.bind_to(notes.bind(case).bind(reader));
        let notes: Vec<NoteKept> = notes.all(&mut *self.reader().await?).await?;
        (notes.into_iter())
            .map(|note| note.opened(case, &self.keys))
            .collect()
    }

    /// Keeps a note, unless there are so many already. What it corrects is struck out in the same moment; of others' only
    /// by who may.
    pub async fn add_note(&self, note: NoteNew, only_own: bool, most: i64) -> Result<Added> {
        self.write(move |connection| {
            Box::pin(async move {
                let seal = Seal::of(connection).await?;
                let put = Put {
                    case: note.case_id,
                    account: note.account_id,
                    key: &note.key,
                    most,
                    counts: COUNTS,
                };
                if let Some(settled) = settled(connection, put).await? {
                    return Ok(settled);
                }
                let struck = note.corrects.map(|id| Withdrawal {
                    case_id: note.case_id,
                    id,
                    account_id: note.account_id,
                    at: note.at,
                    only_own,
                });
                if let Some(struck) = struck
                    && !struck.carry_out(connection, STRIKE).await?
                {
                    return Ok(Added::Overtaken);
                }
                if note.is_confidential {
                    hide(connection, &note).await?;
                }
                insert(connection, note, &seal).await?;
                Ok(Added::Done)
            })
        })
        .await
    }

    /// Strikes out a note. False when it does not stand on that case any more, or is another's and only own ones are
    /// to be struck out.
    pub async fn strike_note(&self, struck: Withdrawal) -> Result<bool> {
        self.write(move |connection| Box::pin(struck.carry_out(connection, STRIKE)))
            .await
    }
}

/// What a confidential note stands instead of is confidential from here on, too, and what that stood instead of.
async fn hide(connection: &mut Connection, note: &NoteNew) -> Result<()> {
    sql(
        "UPDATE notes SET confidential = 1 WHERE id IN ( \
         WITH RECURSIVE was (id) AS (SELECT CAST($1 AS BIGINT) UNION \
             SELECT n.corrects FROM notes AS n JOIN was ON was.id = n.id WHERE n.corrects IS NOT NULL) \
         SELECT id FROM was)",
    )
    .bind(note.corrects)
    .run(connection)
    .await?;
    Ok(())
}

async fn insert(connection: &mut Connection, note: NoteNew, seal: &Seal) -> Result<()> {
    let which = sealed::which(note.account_id, &note.key);
    let text = seal.text(sealed::note_of(note.case_id, &which), note.text)?;
    sql(
        "INSERT INTO notes (case_id, account_id, key, at, text, confidential, corrects, sealed_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(note.case_id)
    .bind(note.account_id)
    .bind(note.key)
    .bind(note.at)
    .bind(text)
    .bind(note.is_confidential)
    .bind(note.corrects)
    .bind(seal.by())
    .run(connection)
    .await?;
    Ok(())
}
