//! A person goes who has no case any more whose words stand: what is left of them elsewhere.

use super::super::error::Cause;
use super::super::kept::{Act, PersonAct, write_act};
use super::super::sql::{Connection, sql};
use super::super::{Result, Store, guarded};

/// A person is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonErase {
    /// Row id.
    pub person_id: i64,
    /// Who wants it, as stored.
    pub by: String,
    /// When, µs UTC.
    pub at: i64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// Nothing names them any more.
    Done,
    /// Their data are kept for legal reasons.
    Kept,
    /// A case of theirs still has its words.
    HasCases,
}

impl Store {
    /// Erases what names a person besides their cases, which are erased before: their row, their account, mail that went
    /// to them from elsewhere.
    pub async fn erase_person(&self, erase: PersonErase) -> Result<Erased> {
        let done = self
            .write(move |connection| Box::pin(async move { carry_out(connection, &erase).await }))
            .await;
        match done {
            Err(error) if error.is_overtaken() => Ok(Erased::HasCases),
            done => done,
        }
    }
}

async fn carry_out(connection: &mut Connection, erase: &PersonErase) -> Result<Erased> {
    let id = erase.person_id;
    guarded::person(connection, id).await?;
    let kept: Option<i64> = sql("SELECT kept FROM people WHERE id = $1")
        .bind(id)
        .value(&mut *connection)
        .await?;
    if kept.is_some() {
        return Ok(Erased::Kept);
    }
    let cases: i64 = sql(
        "SELECT count(*) FROM subject_keys AS k JOIN subjects AS s ON s.id = k.id \
         WHERE k.person_id = $1 AND s.erased_at IS NULL",
    )
    .bind(id)
    .value(&mut *connection)
    .await?;
    if cases > 0 {
        return Err(Cause::Overtaken.into());
    }
    let addresses: Vec<String> = sql(
        "SELECT lower(email) FROM people WHERE id = $1 AND email IS NOT NULL \
         UNION SELECT lower(address) FROM outbox WHERE person_id = $1 AND address IS NOT NULL \
         UNION SELECT login FROM accounts WHERE person_id = $1",
    )
    .bind(id)
    .values(&mut *connection)
    .await?;
    let mails: Vec<(String, i64)> = sql(include_str!("to_person.sql"))
        .bind(id)
        .bind(erase.at)
        .all(&mut *connection)
        .await?;
    super::to_shred(connection, mails).await?;
    for text in OF_STAFF {
        sql(text)
            .bind(id)
            .bind(erase.at)
            .run(&mut *connection)
            .await?;
    }
    super::people(connection, &[id], erase.at).await?;
    super::forget_addresses(connection, &addresses).await?;
    let act = PersonAct {
        person_id: id,
        subject_id: None,
        at: erase.at,
        act: Act::Erased,
        by: erase.by.clone(),
        reason: None,
    };
    write_act(connection, &act).await?;
    super::count(connection).await?;
    Ok(Erased::Done)
}

/// What somebody had who has worked here. The account's row stays, since histories name it.
const OF_STAFF: [&str; 4] = [
    "DELETE FROM staff_roles WHERE person_id = $1 AND $2 IS NOT NULL",
    "DELETE FROM sessions WHERE $2 IS NOT NULL AND account_id IN (SELECT id FROM accounts WHERE person_id = $1)",
    "UPDATE tokens SET title = '', revoked_at = COALESCE(revoked_at, $2) \
     WHERE account_id IN (SELECT id FROM accounts WHERE person_id = $1)",
    "UPDATE accounts SET login = 'erased ' || CAST(id AS TEXT), password = NULL, second = NULL, \
            closed_at = COALESCE(closed_at, $2) WHERE person_id = $1",
];
