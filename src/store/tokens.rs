//! What programs show instead of a password, and secret addresses; and what programs have asked to be done, by the keys
//! that make it count once.
//!
//! A token is found by its hash, so that nobody who reads the database can use one.

use super::accounts::{Account, open_account_of};
use super::sql::sql;
use super::{Result, Store};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Token {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`: what people name it by.
    pub public_id: String,
    /// Row id of whose it is.
    pub account_id: i64,
    /// The address they log in with.
    pub login: String,
    /// Row id of the hold that a calendar is about; none is all holds.
    pub hold_id: Option<i64>,
    /// What it is for, in the words of whoever made it.
    pub title: String,
    /// What it may, with commas.
    pub scopes: String,
    /// µs UTC.
    pub created_at: i64,
    /// µs UTC; none is never.
    pub ends_at: Option<i64>,
    /// When it was last written down that it is used, µs UTC.
    pub used_at: Option<i64>,
    /// µs UTC.
    pub revoked_at: Option<i64>,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The HTTP API.
    Api,
    /// A calendar's address.
    Calendar,
}

impl TokenKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Calendar => "calendar",
        }
    }
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNew {
    /// `UUIDv7`.
    pub public_id: String,
    /// Of what the program holds.
    pub hash: String,
    /// What it is for.
    pub kind: TokenKind,
    /// Row id of whose it is.
    pub account_id: i64,
    /// Row id of the hold that a calendar is about.
    pub hold_id: Option<i64>,
    /// In words.
    pub title: String,
    /// With commas.
    pub scopes: String,
    /// µs UTC.
    pub at: i64,
    /// µs UTC.
    pub ends_at: Option<i64>,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// It is asked for now, or was before, and nobody has heard that it was done.
    Open,
    /// It was done.
    Done,
    /// The key stands for something else.
    Another,
}

/// A token with the address of its account.
macro_rules! token_where {
    ($condition:literal) => {
        concat!(
            "SELECT t.id, t.public_id, t.account_id, a.login, t.hold_id, t.title, t.scopes, t.created_at, t.ends_at, \
             t.used_at, t.revoked_at FROM tokens AS t JOIN accounts AS a ON a.id = t.account_id ",
            $condition
        )
    };
}

impl Store {
    /// Makes a token.
    pub async fn new_token(&self, new: TokenNew) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql(
                    "INSERT INTO tokens (public_id, hash, kind, account_id, hold_id, title, scopes, created_at, ends_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(new.public_id)
                .bind(new.hash)
                .bind(new.kind.as_str())
                .bind(new.account_id)
                .bind(new.hold_id)
                .bind(new.title)
                .bind(new.scopes)
                .bind(new.at)
                .bind(new.ends_at)
                .run(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// The token with this hash and its account, if both are good.
    pub async fn token(
        &self,
        hash: &str,
        kind: TokenKind,
        now: i64,
    ) -> Result<Option<(Token, Account)>> {
        let reader = &mut *self.reader().await?;
        let found: Option<Token> = sql(token_where!(
            "WHERE t.hash = $1 AND t.kind = $2 AND t.revoked_at IS NULL AND (t.ends_at IS NULL OR t.ends_at > $3)"
        ))
        .bind(hash)
        .bind(kind.as_str())
        .bind(now)
        .optional(&mut *reader)
        .await?;
        let Some(token) = found else {
            return Ok(None);
        };
        let account = open_account_of(reader, token.account_id).await?;
        Ok(account.map(|account| (token, account)))
    }

    /// Tokens of a kind in the order in which they were made: of one account, or of all.
    pub async fn tokens(&self, kind: TokenKind, account: Option<i64>) -> Result<Vec<Token>> {
        let all = sql(token_where!("WHERE t.kind = $1 ORDER BY t.id"));
        let of_one = sql(token_where!(
            "WHERE t.kind = $1 AND t.account_id = $2 ORDER BY t.id"
        ));
        let tokens = match account {
            None => all.bind(kind.as_str()),
            Some(account) => of_one.bind(kind.as_str()).bind(account),
        };
        tokens.all(&mut *self.reader().await?).await
    }

    /// A token is used.
    pub async fn used_token(&self, id: i64, at: i64) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE tokens SET used_at = $2 WHERE id = $1")
                    .bind(id)
                    .bind(at)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// A token is good for nothing any more. False when it was so already.
    pub async fn revoke_token(&self, id: i64, at: i64) -> Result<bool> {
        self.write(move |connection| {
            Box::pin(async move {
                let revoked =
                    sql("UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                        .bind(id)
                        .bind(at)
                        .run(connection)
                        .await?;
                Ok(revoked > 0)
            })
        })
        .await
    }

    /// An account asks for something by a key; what it was is told by a hash. Keys from before `forget` (µs UTC) are
    /// forgotten.
    pub async fn begin_request(
        &self,
        account: i64,
        key: &str,
        request: &str,
        (at, forget): (i64, i64),
    ) -> Result<Request> {
        let (key, request) = (key.to_owned(), request.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sql("DELETE FROM requests WHERE at < $1")
                    .bind(forget)
                    .run(&mut *connection)
                    .await?;
                sql(
                    "INSERT INTO requests (account_id, key, request, at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (account_id, key) DO NOTHING",
                )
                .bind(account)
                .bind(&key)
                .bind(&request)
                .bind(at)
                .run(&mut *connection)
                .await?;
                let (known, done): (String, i64) =
                    sql("SELECT request, done FROM requests WHERE account_id = $1 AND key = $2")
                        .bind(account)
                        .bind(&key)
                        .one(connection)
                        .await?;
                Ok(match done {
                    _ if known != request => Request::Another,
                    0 => Request::Open,
                    _ => Request::Done,
                })
            })
        })
        .await
    }

    /// What an account has asked for by a key is done.
    pub async fn end_request(&self, account: i64, key: &str) -> Result<()> {
        let key = key.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                sql("UPDATE requests SET done = 1 WHERE account_id = $1 AND key = $2")
                    .bind(account)
                    .bind(key)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
