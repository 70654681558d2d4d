//! What is kept sealed: the words of text facts, notes, files, and lists that somebody looks at.
//!
//! Which key seals what is new stands in the row that every step locks and reads (`cluster.seal_key`), and not in any
//! process: it is read in the transaction that writes, so that none seals by a key that was put out of use meanwhile, and
//! none writes in the clear once there is a key. A process that lacks it is refused that write.

mod rotated;

use super::error::Cause;
use super::sql::{Connection, either, sql};
use super::{Result, Store};
use crate::seal::{Cell, Keys};

pub use rotated::{SealedBy, Turning};

/// What each key has sealed once, to be known by.
const WORD: &str = "tovholder";

fn word_of(id: &str) -> Cell<'_> {
    Cell {
        column: "seal_keys.word",
        row: 0,
        name: id,
    }
}

/// The words of a text fact.
pub(super) fn text_of(subject: i64, fact: &str) -> Cell<'_> {
    Cell {
        column: "texts.text",
        row: subject,
        name: fact,
    }
}

/// A note. Its key is unique among those of a case and an account.
pub(super) fn note_of(case: i64, which: &str) -> Cell<'_> {
    Cell {
        column: "notes.text",
        row: case,
        name: which,
    }
}

/// The bytes of a file, and its name.
pub(super) fn document_of(case: i64, which: &str) -> [Cell<'_>; 2] {
    ["documents.bytes", "documents.name"].map(|column| Cell {
        column,
        row: case,
        name: which,
    })
}

/// A list that somebody looks at.
pub(super) fn list_of(account: i64, key: &str) -> Cell<'_> {
    Cell {
        column: "lists.bytes",
        row: account,
        name: key,
    }
}

/// Which of a case's notes or files it is: row ids are not known before the row is written.
pub(super) fn which(account: i64, key: &str) -> String {
    format!("{account}/{key}")
}

/// How what is written in a transaction is sealed.
pub(super) struct Seal {
    keys: Keys,
    by: Option<String>,
}

impl Seal {
    /// As it is in this transaction, and stays until its end.
    pub(super) async fn of(connection: &mut Connection) -> Result<Self> {
        let by = either(
            "SELECT seal_key FROM cluster",
            "SELECT seal_key FROM cluster FOR SHARE",
        );
        let by = by.value(&mut *connection).await?;
        let keys = connection.keys().clone();
        Ok(Self { keys, by })
    }

    /// The key's id, which stands beside what it has sealed.
    pub(super) fn by(&self) -> Option<&str> {
        self.by.as_deref()
    }

    pub(super) fn text(&self, cell: Cell<'_>, clear: String) -> Result<String> {
        Ok(match &self.by {
            Some(by) => self.keys.seal_text(by, cell, &clear)?,
            None => clear,
        })
    }

    pub(super) fn bytes(&self, cell: Cell<'_>, clear: Vec<u8>) -> Result<Vec<u8>> {
        Ok(match &self.by {
            Some(by) => self.keys.seal(by, cell, &clear)?,
            None => clear,
        })
    }
}

/// Words as they were written, whether they are sealed or not.
pub(super) fn words(keys: &Keys, by: Option<&str>, cell: Cell<'_>, kept: String) -> Result<String> {
    Ok(match by {
        Some(by) => keys.open_text(by, cell, &kept)?,
        None => kept,
    })
}

/// Bytes as they came, whether they are sealed or not.
pub(super) fn bytes(
    keys: &Keys,
    by: Option<&str>,
    cell: Cell<'_>,
    kept: Vec<u8>,
) -> Result<Vec<u8>> {
    Ok(match by {
        Some(by) => keys.open(by, cell, kept)?,
        None => kept,
    })
}

impl Store {
    /// This store, if it has every key that may have sealed something. What is new is sealed by its first from here on,
    /// unless another one is in use.
    pub(super) async fn unlocked(self) -> Result<Self> {
        let unlocked = match self.known_keys().await {
            Ok(None) if self.keys.first().is_some() => self.take_key_into_use().await,
            checked => checked.map(|_| ()),
        };
        match unlocked {
            Ok(()) => Ok(self),
            Err(error) => {
                self.close().await?;
                Err(error)
            }
        }
    }

    /// The key that is in use, when all are there that may have sealed something.
    async fn known_keys(&self) -> Result<Option<String>> {
        let mut moment = self.moment().await?;
        let all: Vec<(String, String)> = sql("SELECT id, word FROM seal_keys ORDER BY id")
            .all(&mut moment)
            .await?;
        let in_use = sql("SELECT seal_key FROM cluster")
            .value(&mut moment)
            .await?;
        drop(moment);
        let all = all.into_iter().filter(|(id, _)| !self.keys.is_lost(id));
        let all: Vec<(String, String)> = all.collect();
        let lacking = all.iter().map(|(id, _)| id).filter(|id| !self.keys.has(id));
        let lacking: Vec<String> = lacking.cloned().collect();
        if !lacking.is_empty() {
            let given = self.keys.ids().map(str::to_owned).collect();
            return Err(Cause::LacksKeys { lacking, given }.into());
        }
        for (id, word) in all {
            words(&self.keys, Some(&id), word_of(&id), word)?;
        }
        Ok(in_use)
    }

    /// The first key is the first of this database, too, unless another process was faster: then that one's is.
    async fn take_key_into_use(&self) -> Result<()> {
        self.write(|connection| {
            Box::pin(async move {
                let in_use: Option<String> = locked(connection).await?;
                match in_use {
                    None => use_first(connection).await,
                    Some(_) => Ok(()),
                }
            })
        })
        .await?;
        self.known_keys().await?;
        Ok(())
    }
}

/// The key in use, which nobody else changes or goes by until the end of the transaction.
async fn locked(connection: &mut Connection) -> Result<Option<String>> {
    either(
        "SELECT seal_key FROM cluster",
        "SELECT seal_key FROM cluster FOR UPDATE",
    )
    .value(connection)
    .await
}

/// What is new is sealed by the first key that this process has.
async fn use_first(connection: &mut Connection) -> Result<()> {
    let keys = connection.keys().clone();
    let Some(first) = keys.first() else {
        return Ok(());
    };
    let word = keys.seal_text(first, word_of(first), WORD)?;
    sql("INSERT INTO seal_keys (id, word) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(first)
        .bind(word)
        .run(&mut *connection)
        .await?;
    sql("UPDATE cluster SET seal_key = $1")
        .bind(first)
        .run(connection)
        .await?;
    Ok(())
}
