//! Who may log in, their sessions, and the log of who read what about whom.
//!
//! A session is found by the hash of what the browser holds, so that nobody who reads the database can use one.

use super::sql::sql;
use super::{Result, Store, reads};

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`; what a history says who did it.
    pub public_id: String,
    /// Row id of the person.
    pub person_id: i64,
    /// The address in small letters.
    pub login: String,
    /// What they may do, as stored.
    pub role: String,
    /// PHC string; `None` until one is chosen.
    pub password: Option<String>,
    /// The secret of the second factor; `None` without one.
    pub second: Option<Vec<u8>>,
    /// The number of the last step whose code was taken.
    pub used: i64,
    /// Wrong passwords and codes in a row.
    pub misses: i64,
    /// Nobody gets in before this instant, µs UTC.
    pub locked_until: i64,
    /// Closed since, µs UTC.
    pub closed_at: Option<i64>,
    /// The person's name.
    pub name: String,
    /// The person's organisation.
    pub organisation_id: Option<i64>,
}

/// An account to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountNew {
    /// `UUIDv7`.
    pub public_id: String,
    /// Row id of the person.
    pub person_id: i64,
    /// The address; kept in small letters.
    pub login: String,
    /// What they may do.
    pub role: String,
    /// µs UTC.
    pub at: i64,
}

/// The step of a code where none was asked for, since somebody has shown otherwise who they are.
pub const NO_CODE: i64 = -1;

/// A session, or a link by which a password is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Of what the browser holds.
    pub hash: String,
    /// It lets somebody choose a password, once, and nothing else.
    pub is_welcome: bool,
    /// Whose.
    pub account_id: i64,
    /// Begins, µs UTC.
    pub at: i64,
    /// Ends, µs UTC.
    pub ends_at: i64,
}

/// What was read about whom.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Seen {
    /// When, µs UTC.
    pub at: i64,
    /// Row id of who read.
    pub account_id: i64,
    /// Row id of the case or hold.
    pub subject_id: Option<i64>,
    /// Which page or list.
    pub what: String,
}

/// An account with the person's name and organisation.
macro_rules! account_where {
    ($condition:literal) => {
        concat!(
            "SELECT a.id, a.public_id, a.person_id, a.login, a.role, a.password, a.second, a.used, a.misses, \
             a.locked_until, a.closed_at, p.name, p.organisation_id \
             FROM accounts AS a JOIN people AS p ON p.id = a.person_id ",
            $condition
        )
    };
}

impl Store {
    /// Makes an account, or gives the one that the person has another role and opens it again. Answers its row id.
    pub async fn open_account(&self, new: AccountNew) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move {
                sql(
                    "INSERT INTO accounts (public_id, person_id, login, role, created_at) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (person_id) DO UPDATE \
                     SET role = excluded.role, login = excluded.login, closed_at = NULL RETURNING id",
                )
                .bind(new.public_id)
                .bind(new.person_id)
                .bind(new.login.to_lowercase())
                .bind(new.role)
                .bind(new.at)
                .value(connection)
                .await
            })
        })
        .await
    }

    /// The account of an address, whatever its case.
    pub async fn account(&self, login: &str) -> Result<Option<Account>> {
        sql(account_where!("WHERE a.login = $1"))
            .bind(login.trim().to_lowercase())
            .optional(&mut *self.reader().await?)
            .await
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        sql(account_where!("ORDER BY p.name, a.id"))
            .all(&mut *self.reader().await?)
            .await
    }

    /// Nobody gets in by this account any more, nor stays in. False when there is none that is open.
    pub async fn close_account(&self, id: i64, at: i64) -> Result<bool> {
        self.write(move |connection| {
            Box::pin(async move {
                let closed =
                    sql("UPDATE accounts SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL")
                        .bind(id)
                        .bind(at)
                        .run(&mut *connection)
                        .await?;
                end_sessions(connection, id).await?;
                Ok(closed > 0)
            })
        })
        .await
    }

    /// A wrong password or code: one more in a row, and nobody gets in before an instant, µs UTC.
    pub async fn missed(&self, account: i64, locked_until: i64) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE accounts SET misses = misses + 1, \
                     locked_until = CASE WHEN locked_until > $2 THEN locked_until ELSE $2 END WHERE id = $1")
                .bind(account)
                .bind(locked_until)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Somebody has shown who they are: their session begins, and misses are forgotten. `used` is the step of the
    /// code that was given, or [`NO_CODE`]; false, and no session, when that step or a later one was taken before. What has ended by
    /// then is forgotten.
    pub async fn begin_session(&self, session: Session, used: i64) -> Result<bool> {
        self.write(move |connection| {
            Box::pin(async move {
                let taken = sql("UPDATE accounts SET misses = 0, locked_until = 0, \
                     used = CASE WHEN $2 > used THEN $2 ELSE used END \
                     WHERE id = $1 AND closed_at IS NULL AND (second IS NULL OR used < $2 OR $2 < 0)")
                .bind(session.account_id)
                .bind(used)
                .run(&mut *connection)
                .await?;
                if taken == 0 {
                    return Ok(false);
                }
                // Sessions and links that have ended are of no use to anybody.
                sql("DELETE FROM sessions WHERE ends_at <= $1")
                    .bind(session.at)
                    .run(&mut *connection)
                    .await?;
                reads::forget_old(connection, session.at).await?;
                insert_session(connection, &session).await?;
                Ok(true)
            })
        })
        .await
    }

    /// A link by which somebody chooses a password; those that went out before no longer work.
    pub async fn welcome(&self, session: Session) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM sessions WHERE account_id = $1 AND kind = 'welcome'")
                    .bind(session.account_id)
                    .run(&mut *connection)
                    .await?;
                insert_session(connection, &session).await
            })
        })
        .await
    }

    /// Whose session this is, when it has not ended and the account is open, and when it was last written down that
    /// it goes on, µs UTC.
    pub async fn session(
        &self,
        hash: &str,
        is_welcome: bool,
        now: i64,
    ) -> Result<Option<(Account, i64)>> {
        let reader = &mut *self.reader().await?;
        let found: Option<(i64, i64)> = sql("SELECT account_id, seen_at FROM sessions \
             WHERE hash = $1 AND kind = $2 AND ends_at > $3")
        .bind(hash)
        .bind(kind(is_welcome))
        .bind(now)
        .optional(&mut *reader)
        .await?;
        let Some((account, seen_at)) = found else {
            return Ok(None);
        };
        let account = open_account_of(reader, account).await?;
        Ok(account.map(|account| (account, seen_at)))
    }

    /// A session goes on until an instant, µs UTC, since somebody used it, but no longer than so many µs in all.
    pub async fn extend_session(
        &self,
        hash: &str,
        now: i64,
        ends_at: i64,
        longest: i64,
    ) -> Result<()> {
        let hash = hash.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE sessions SET seen_at = $2, \
                     ends_at = CASE WHEN created_at + $4 < $3 THEN created_at + $4 ELSE $3 END \
                     WHERE hash = $1 AND ends_at > $2 AND kind = 'session'")
                .bind(hash)
                .bind(now)
                .bind(ends_at)
                .bind(longest)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a session.
    pub async fn end_session(&self, hash: &str) -> Result<()> {
        let hash = hash.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM sessions WHERE hash = $1")
                    .bind(hash)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// A password was chosen by a link, which thereby is used up, and every session of the account ends. False when
    /// the link is no longer good.
    pub async fn choose_password(&self, link: &str, password: &str, now: i64) -> Result<bool> {
        let (link, password) = (link.to_owned(), password.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let account: Option<i64> = sql("DELETE FROM sessions \
                     WHERE hash = $1 AND kind = 'welcome' AND ends_at > $2 RETURNING account_id")
                .bind(link)
                .bind(now)
                .optional_value(&mut *connection)
                .await?;
                let Some(account) = account else {
                    return Ok(false);
                };
                sql(
                    "UPDATE accounts SET password = $2, misses = 0, locked_until = 0 WHERE id = $1",
                )
                .bind(account)
                .bind(password)
                .run(&mut *connection)
                .await?;
                end_sessions(connection, account).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The second factor of an account from here on, or none.
    pub async fn set_second(&self, account: i64, second: Option<Vec<u8>>) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                let set = match second {
                    Some(secret) => sql("UPDATE accounts SET second = $2, used = 0 WHERE id = $1")
                        .bind(account)
                        .bind(secret),
                    None => sql("UPDATE accounts SET second = NULL, used = 0 WHERE id = $1")
                        .bind(account),
                };
                set.run(connection).await?;
                Ok(())
            })
        })
        .await
    }

    /// Somebody reads something about these cases or holds.
    pub async fn log_access(
        &self,
        account: i64,
        subjects: &[i64],
        what: &str,
        at: i64,
    ) -> Result<()> {
        let (what, subjects) = (what.to_owned(), subjects.to_vec());
        self.write(move |connection| {
            Box::pin(async move {
                sql("INSERT INTO access_log (at, account_id, subject_id, what) \
                     SELECT $2, $3, CAST(atom AS BIGINT), $4 FROM json_each($1)")
                .bind(&subjects)
                .bind(at)
                .bind(account)
                .bind(what)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Who has read about a case or hold, the newest first.
    pub async fn access_of(&self, subject: i64, limit: i64) -> Result<Vec<Seen>> {
        sql(
            "SELECT at, account_id, subject_id, what FROM access_log WHERE subject_id = $1 \
             ORDER BY id DESC LIMIT CAST($2 AS BIGINT)",
        )
        .bind(subject)
        .bind(limit)
        .all(&mut *self.reader().await?)
        .await
    }
}

/// The account with this row id, unless it is closed.
pub(super) async fn open_account_of(
    connection: &mut super::sql::Connection,
    id: i64,
) -> Result<Option<Account>> {
    sql(account_where!("WHERE a.id = $1 AND a.closed_at IS NULL"))
        .bind(id)
        .optional(connection)
        .await
}

fn kind(is_welcome: bool) -> &'static str {
    if is_welcome { "welcome" } else { "session" }
}

async fn insert_session(connection: &mut super::sql::Connection, session: &Session) -> Result<()> {
    sql(
        "INSERT INTO sessions (hash, kind, account_id, created_at, seen_at, ends_at) \
         VALUES ($1, $2, $3, $4, $4, $5)",
    )
    .bind(&session.hash)
    .bind(kind(session.is_welcome))
    .bind(session.account_id)
    .bind(session.at)
    .bind(session.ends_at)
    .run(connection)
    .await?;
    Ok(())
}

async fn end_sessions(connection: &mut super::sql::Connection, account: i64) -> Result<()> {
    sql("DELETE FROM sessions WHERE account_id = $1")
        .bind(account)
        .run(connection)
        .await?;
    Ok(())
}
