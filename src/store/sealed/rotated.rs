//! From one key to the next while others read and write: what is new is sealed by the next from one moment on, and then
//! everything is sealed anew, a batch at a time. Whoever ends it in the middle begins it again, and finds done what is.
//!
//! Lists are not sealed anew: they are gone within the hour.

use super::super::sql::{Connection, Statement, either, sql};
use super::super::{Result, Store};
use super::{Seal, bytes, document_of, locked, note_of, text_of, use_first, words};
use crate::seal::Cell;

/// So many words are sealed anew in a transaction, which keeps others waiting for some milliseconds.
const WORDS_MAX: i64 = 200;
/// So many files: each may have some million bytes.
const FILES_MAX: i64 = 1;

/// Rows that nobody else changes until the end of the transaction.
macro_rules! ours {
    ($text:literal) => {
        either($text, concat!($text, " FOR UPDATE"))
    };
}

/// How much a key seals.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SealedBy {
    /// Its id; none for what stands in the clear.
    #[sqlx(rename = "sealed_by")]
    pub key: Option<String>,
    /// Words of text facts.
    pub texts: i64,
    /// Notes.
    pub notes: i64,
    /// Files.
    pub documents: i64,
    /// Lists that somebody looks at.
    pub lists: i64,
}

/// How far it has come.
#[derive(Clone, Debug, Default)]
pub struct Turning {
    table: Table,
    /// The last row that was looked at.
    after: (i64, String),
    /// How many values were sealed anew.
    pub sealed: u64,
    /// Those that do not open, in words, and stay as they are.
    pub broken: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Table {
    #[default]
    Texts,
    Notes,
    Documents,
    Done,
}

/// A value as it is kept.
#[derive(sqlx::FromRow)]
struct Kept {
    id: i64,
    #[sqlx(default)]
    case_id: i64,
    which: String,
    words: String,
    #[sqlx(default)]
    bytes: Vec<u8>,
    sealed_by: Option<String>,
}

impl Turning {
    /// Everything has been looked at.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.table == Table::Done
    }
}

impl Store {
    /// How much each key seals that is in use or was, and how much stands in the clear.
    pub async fn sealed_by(&self) -> Result<Vec<SealedBy>> {
        sql(include_str!("sealed_by.sql"))
            .all(&mut *self.reader().await?)
            .await
    }

    /// The id of the key that seals what is new; none when nothing is sealed.
    pub async fn seal_key(&self) -> Result<Option<String>> {
        sql("SELECT seal_key FROM cluster")
            .value(&mut *self.reader().await?)
            .await
    }

    /// What is new is sealed by the first of this store's keys from here on, by all processes; one that was not given it
    /// is refused to write. Nothing happens without keys.
    pub async fn turn_key(&self) -> Result<()> {
        self.write(|connection| {
            Box::pin(async move {
                locked(connection).await?;
                use_first(connection).await
            })
        })
        .await
    }

    /// Seals the next batch by the key that is in use.
    pub async fn seal_anew(&self, so_far: Turning) -> Result<Turning> {
        self.write(move |connection| Box::pin(batch(connection, so_far)))
            .await
    }

    /// Forgets the keys that seal nothing any more, and answers those that still do beside the one in use.
    pub async fn forget_keys(&self) -> Result<Vec<String>> {
        self.write(|connection| {
            Box::pin(async move {
                let in_use = locked(connection).await?;
                sql("DELETE FROM seal_keys WHERE id <> $1 \
                       AND NOT EXISTS (SELECT 1 FROM texts WHERE sealed_by = seal_keys.id) \
                       AND NOT EXISTS (SELECT 1 FROM notes WHERE sealed_by = seal_keys.id) \
                       AND NOT EXISTS (SELECT 1 FROM documents WHERE sealed_by = seal_keys.id) \
                       AND NOT EXISTS (SELECT 1 FROM lists WHERE sealed_by = seal_keys.id)")
                .bind(&in_use)
                .run(&mut *connection)
                .await?;
                sql("SELECT id FROM seal_keys WHERE id <> $1 ORDER BY id")
                    .bind(in_use)
                    .values(connection)
                    .await
            })
        })
        .await
    }

    /// A key is lost: what it has sealed is gone, and notes and files have other words instead.
    pub async fn give_up(&self, key: &str, instead: &'static str) -> Result<()> {
        let key = key.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                locked(connection).await?;
                for text in [
                    "DELETE FROM texts WHERE sealed_by = $1",
                    "DELETE FROM lists WHERE sealed_by = $1",
                    "UPDATE cluster SET seal_key = NULL WHERE seal_key = $1",
                    "DELETE FROM seal_keys WHERE id = $1",
                ] {
                    sql(text).bind(&key).run(&mut *connection).await?;
                }
                sql("UPDATE notes SET text = $2, sealed_by = NULL WHERE sealed_by = $1")
                    .bind(&key)
                    .bind(instead)
                    .run(&mut *connection)
                    .await?;
                sql("UPDATE documents SET name = $2, media = 'text/plain; charset=utf-8', size = 0, bytes = $3, \
                            sealed_by = NULL WHERE sealed_by = $1")
                .bind(&key)
                .bind(format!("{instead}.txt"))
                .bind(Vec::new())
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

async fn batch(connection: &mut Connection, mut turning: Turning) -> Result<Turning> {
    let seal = Seal::of(connection).await?;
    let Some(by) = seal.by() else {
        turning.table = Table::Done;
        return Ok(turning);
    };
    let rows: Vec<Kept> = match turning.next(by) {
        Some(next) => next.all(&mut *connection).await?,
        None => return Ok(turning),
    };
    let Some(last) = rows.last() else {
        turning.after = Default::default();
        turning.table = match turning.table {
            Table::Texts => Table::Notes,
            Table::Notes => Table::Documents,
            Table::Documents | Table::Done => Table::Done,
        };
        return Ok(turning);
    };
    turning.after = (last.id, last.which.clone());
    for row in rows {
        match anew(connection, &seal, turning.table, row).await {
            Ok(()) => turning.sealed += 1,
            Err(error) if error.is_broken_seal() => turning.broken.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(turning)
}

impl Turning {
    /// The next rows, which are ours until the end of the transaction; none when there are no more tables.
    fn next(&self, by: &str) -> Option<Statement> {
        let (id, which) = &self.after;
        Some(match self.table {
            Table::Texts => ours!(
                "SELECT subject_id AS id, name AS which, text AS words, sealed_by FROM texts \
                 WHERE (subject_id > $1 OR (subject_id = $1 AND name > $4)) \
                   AND (sealed_by IS NULL OR sealed_by <> $2) \
                 ORDER BY subject_id, name LIMIT CAST($3 AS BIGINT)"
            )
            .bind(*id)
            .bind(by)
            .bind(WORDS_MAX)
            .bind(which),
            Table::Notes => ours!(
                "SELECT id, case_id, CAST(account_id AS TEXT) || '/' || key AS which, text AS words, sealed_by \
                 FROM notes WHERE id > $1 AND (sealed_by IS NULL OR sealed_by <> $2) \
                 ORDER BY id LIMIT CAST($3 AS BIGINT)"
            )
            .bind(*id)
            .bind(by)
            .bind(WORDS_MAX),
            Table::Documents => ours!(
                "SELECT id, case_id, CAST(account_id AS TEXT) || '/' || key AS which, name AS words, bytes, sealed_by \
                 FROM documents \
                 WHERE id > $1 AND removed_at IS NULL AND (sealed_by IS NULL OR sealed_by <> $2) \
                 ORDER BY id LIMIT CAST($3 AS BIGINT)"
            )
            .bind(*id)
            .bind(by)
            .bind(FILES_MAX),
            Table::Done => return None,
        })
    }
}

/// Seals a value anew.
async fn anew(connection: &mut Connection, seal: &Seal, table: Table, row: Kept) -> Result<()> {
    let (keys, by) = (connection.keys().clone(), row.sealed_by.as_deref());
    let turned = |cell: Cell<'_>, kept: String| seal.text(cell, words(&keys, by, cell, kept)?);
    let statement = match table {
        Table::Texts => {
            sql("UPDATE texts SET text = $2, sealed_by = $3 WHERE subject_id = $1 AND name = $4")
                .bind(row.id)
                .bind(turned(text_of(row.id, &row.which), row.words)?)
                .bind(seal.by())
                .bind(&row.which)
        }
        Table::Notes => sql("UPDATE notes SET text = $2, sealed_by = $3 WHERE id = $1")
            .bind(row.id)
            .bind(turned(note_of(row.case_id, &row.which), row.words)?)
            .bind(seal.by()),
        Table::Documents | Table::Done => {
            let [of_bytes, of_name] = document_of(row.case_id, &row.which);
            let file = bytes(&keys, by, of_bytes, row.bytes)?;
            sql("UPDATE documents SET name = $2, sealed_by = $3, bytes = $4 WHERE id = $1")
                .bind(row.id)
                .bind(turned(of_name, row.words)?)
                .bind(seal.by())
                .bind(seal.bytes(of_bytes, file)?)
        }
    };
    statement.run(connection).await?;
    Ok(())
}
