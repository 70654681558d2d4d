//! What stands beside a case: what people write about it, and files that belong to it. Neither is part of its history,
//! since nothing is decided by it; both go with the person.

mod documents;
mod notes;

use super::guarded;
use super::sql::{Connection, sql};
use super::{Result, Store};

pub use self::documents::{DocumentBytes, DocumentNew, DocumentRow};
pub use self::notes::{NoteNew, NoteRow};

/// What became of something that was to be put beside a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there, perhaps since before.
    Done,
    /// The case is erased or was taken back: nothing is put beside it any more.
    Closed,
    /// There are as many as there may be.
    Full,
    /// What it was to stand instead of does not stand any more, or is not theirs.
    Overtaken,
}

/// Somebody wants a note struck out, or a file removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Row id of the case.
    pub case_id: i64,
    /// Row id of the note or file.
    pub id: i64,
    /// Row id of the account of who wants it.
    pub account_id: i64,
    /// µs UTC.
    pub at: i64,
    /// They may do so only with what they have put there themselves.
    pub only_own: bool,
}

impl Withdrawal {
    /// Marks the row as withdrawn; false when it does not stand on that case any more, or is not theirs.
    async fn carry_out(self, connection: &mut Connection, mark: &'static str) -> Result<bool> {
        let done = sql(mark)
            .bind(self.id)
            .bind(self.case_id)
            .bind(self.account_id)
            .bind(self.at)
            .bind(self.only_own)
            .run(connection)
            .await?;
        Ok(done > 0)
    }
}

impl Store {
    /// Whether something stands beside a case that a person has put there.
    pub async fn has_beside(&self, case: i64) -> Result<bool> {
        Ok(!of_cases(&mut *self.reader().await?, &[case])
            .await?
            .is_empty())
    }
}

/// Those of some cases that something stands beside.
pub(super) async fn of_cases(connection: &mut Connection, cases: &[i64]) -> Result<Vec<i64>> {
    sql(include_str!("of_cases.sql"))
        .bind(cases)
        .values(connection)
        .await
}

/// All of what stands beside some cases, a JSON list, is gone.
pub(super) async fn erase(connection: &mut Connection, cases: &str) -> Result<()> {
    for text in [
        "DELETE FROM notes WHERE case_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
        "DELETE FROM documents WHERE case_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
    ] {
        sql(text).bind(cases).run(&mut *connection).await?;
    }
    Ok(())
}

/// What is put beside a case, and by whom; `counts` answers how many of it there are, and how many by that key.
struct Put<'p> {
    case: i64,
    account: i64,
    key: &'p str,
    most: i64,
    counts: &'static str,
}

/// Why something is not put beside a case any more: it is there, or it may not be. The case is ours from here on, so
/// that whoever erases it comes before or after.
async fn settled(connection: &mut Connection, put: Put<'_>) -> Result<Option<Added>> {
    guarded::case(connection, put.case).await?;
    if !is_open(connection, put.case).await? {
        return Ok(Some(Added::Closed));
    }
    let counts = sql(put.counts)
        .bind(put.case)
        .bind(put.account)
        .bind(put.key);
    let (all, same): (i64, i64) = counts.one(connection).await?;
    Ok(match () {
        () if same > 0 => Some(Added::Done),
        () if all >= put.most => Some(Added::Full),
        () => None,
    })
}

/// Whether a case is somebody's still. One that was taken back is in no state.
async fn is_open(connection: &mut Connection, case: i64) -> Result<bool> {
    let open: i64 = sql("SELECT count(*) FROM subjects \
         WHERE id = $1 AND kind = 'case' AND erased_at IS NULL AND state IS NOT NULL")
    .bind(case)
    .value(connection)
    .await?;
    Ok(open > 0)
}
