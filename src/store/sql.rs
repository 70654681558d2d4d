//! One statement for two databases: the same text where they agree, one for each where they do not.
//!
//! Parameters are written `$1`, which both understand. Rows come in as JSON and are read with
//! `json_each($1)`, which SQLite has built in and the migration for PostgreSQL defines with the
//! same columns: `key` (from 0), `value`, and `atom`, its text. What is taken out of `value` is cast
//! where it is no text. A test prepares every statement on both.

use std::collections::BTreeSet;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    Connection as _, FromRow, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction,
};

use super::{Result, json};
use crate::seal::Keys;

/// A connection to either, with the keys that what goes over it is sealed by.
#[derive(Debug)]
pub(super) struct Connection {
    to: To,
    keys: Keys,
}

/// What it is a connection to.
#[derive(Debug)]
pub(super) enum To {
    /// The one that writes.
    Sqlite(SqliteConnection),
    /// One of those that read.
    SqliteReader(PoolConnection<Sqlite>),
    /// One of those, in a transaction, so that it sees one moment.
    SqliteMoment(Transaction<'static, Sqlite>),
    /// Outside of a transaction.
    Postgres(PoolConnection<Postgres>),
    /// Inside one.
    Transaction(Transaction<'static, Postgres>),
}

/// Which database is behind it.
pub(super) enum Behind<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Connection {
    pub(super) fn new(to: To, keys: &Keys) -> Self {
        let keys = keys.clone();
        Self { to, keys }
    }

    /// The keys that this process has.
    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn behind(&mut self) -> Behind<'_> {
        match &mut self.to {
            To::Sqlite(connection) => Behind::Sqlite(connection),
            To::SqliteReader(connection) => Behind::Sqlite(connection),
            To::SqliteMoment(transaction) => Behind::Sqlite(transaction),
            To::Postgres(connection) => Behind::Postgres(connection),
            To::Transaction(transaction) => Behind::Postgres(transaction),
        }
    }

    /// Commits what was written in a transaction of PostgreSQL. SQLite's are the writer's affair.
    pub(super) async fn commit(self) -> Result<()> {
        if let To::Transaction(transaction) = self.to {
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Closes a connection that is not a pool's.
    pub(super) async fn close(self) -> Result<()> {
        if let To::Sqlite(connection) = self.to {
            connection.close().await?;
        }
        Ok(())
    }

    /// Whether other processes may write at the same moment as this one does.
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.to, To::Postgres(_) | To::Transaction(_))
    }
}

/// A row that can be read from either database.
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A parameter. Nothing is typed: PostgreSQL wants to know what kind of nothing.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    Whole(Option<i64>),
    Real(f64),
    Text(Option<String>),
    Bytes(Vec<u8>),
    /// Row ids, read with `json_each` like rows: JSON on SQLite, an array on PostgreSQL.
    Ids(Vec<i64>),
}

macro_rules! argument {
    ($($from:ty => $value:ident $to:expr;)*) => {
        $(impl From<$from> for Argument {
            fn from($value: $from) -> Self {
                $to
            }
        })*
    };
}

argument! {
    i64 => whole Self::Whole(Some(whole));
    Option<i64> => whole Self::Whole(whole);
    bool => yes Self::Whole(Some(i64::from(yes)));
    f64 => real Self::Real(real);
    String => text Self::Text(Some(text));
    &String => text Self::Text(Some(text.clone()));
    &str => text Self::Text(Some(text.to_owned()));
    Option<String> => text Self::Text(text);
    &Option<String> => text Self::Text(text.clone());
    Option<&str> => text Self::Text(text.map(str::to_owned));
    Vec<u8> => bytes Self::Bytes(bytes);
    &[i64] => ids Self::Ids(ids.to_vec());
    &Vec<i64> => ids Self::Ids(ids.clone());
    &BTreeSet<i64> => ids Self::Ids(ids.iter().copied().collect());
}

/// A statement with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
    arguments: Vec<Argument>,
}

/// A statement that both databases understand.
pub(super) fn sql(text: &'static str) -> Statement {
    either(text, text)
}

/// A statement that each says in its own words.
pub(super) fn either(sqlite: &'static str, postgres: &'static str) -> Statement {
    Statement {
        sqlite,
        postgres,
        arguments: Vec::new(),
    }
}

/// Binds the arguments and fetches from whichever database it is.
macro_rules! fetch {
    ($statement:ident, $connection:ident, $query:path, $fetch:ident $(, $then:ident)?) => {
        match $connection.behind() {
            Behind::Sqlite(connection) => {
                let mut query = $query($statement.sqlite);
                for argument in $statement.arguments {
                    query = match argument {
                        Argument::Whole(whole) => query.bind(whole),
                        Argument::Real(real) => query.bind(real),
                        Argument::Text(text) => query.bind(text),
                        Argument::Bytes(bytes) => query.bind(bytes),
                        Argument::Ids(ids) => query.bind(json(&ids)),
                    };
                }
                query.$fetch(connection).await?$(.$then())?
            }
            Behind::Postgres(connection) => {
                let mut query = $query($statement.postgres);
                for argument in $statement.arguments {
                    query = match argument {
                        Argument::Whole(whole) => query.bind(whole),
                        Argument::Real(real) => query.bind(real),
                        Argument::Text(text) => query.bind(text),
                        Argument::Bytes(bytes) => query.bind(bytes),
                        Argument::Ids(ids) => query.bind(ids),
                    };
                }
                query.$fetch(connection).await?$(.$then())?
            }
        }
    };
}

impl Statement {
    /// The next parameter.
    pub(super) fn bind(mut self, argument: impl Into<Argument>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// All rows.
    pub(super) async fn all<T: Row>(self, connection: &mut Connection) -> Result<Vec<T>> {
        Ok(fetch!(self, connection, sqlx::query_as, fetch_all))
    }

    /// The row that is there.
    pub(super) async fn one<T: Row>(self, connection: &mut Connection) -> Result<T> {
        Ok(fetch!(self, connection, sqlx::query_as, fetch_one))
    }

    /// The row, if it is there.
    pub(super) async fn optional<T: Row>(self, connection: &mut Connection) -> Result<Option<T>> {
        Ok(fetch!(self, connection, sqlx::query_as, fetch_optional))
    }

    /// The one column of all rows.
    pub(super) async fn values<T>(self, connection: &mut Connection) -> Result<Vec<T>>
    where
        (T,): Row,
    {
        let rows: Vec<(T,)> = self.all(connection).await?;
        Ok(rows.into_iter().map(|(value,)| value).collect())
    }

    /// The one column of the one row.
    pub(super) async fn value<T>(self, connection: &mut Connection) -> Result<T>
    where
        (T,): Row,
    {
        let (value,): (T,) = self.one(connection).await?;
        Ok(value)
    }

    /// The one column of the row, if it is there.
    pub(super) async fn optional_value<T>(self, connection: &mut Connection) -> Result<Option<T>>
    where
        (T,): Row,
    {
        let row: Option<(T,)> = self.optional(connection).await?;
        Ok(row.map(|(value,)| value))
    }

    /// Runs it, and answers how many rows it wrote.
    pub(super) async fn run(self, connection: &mut Connection) -> Result<u64> {
        Ok(fetch!(
            self,
            connection,
            sqlx::query,
            execute,
            rows_affected
        ))
    }
}
