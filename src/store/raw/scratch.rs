//! A database that a benchmark makes for itself and removes: a file, or a database on a server.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use url::Url;

use super::super::error::Cause;
use super::super::{Result, Store};
use crate::seal::{Keys, fresh_key};

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scratch {
    /// A file.
    File(PathBuf),
    /// A database on a server, which is reached through another database there.
    Server {
        /// The address of the other one.
        through: String,
        /// Its own name.
        name: String,
    },
}

impl Scratch {
    /// Makes the empty database; a file makes itself when it is opened.
    pub async fn make(&self) -> Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Server { through, name } => {
                order(
                    through,
                    format!("CREATE DATABASE {name} TEMPLATE template0"),
                )
                .await
            }
        }
    }

    /// Makes it as a copy of another one that nobody has open.
    pub async fn make_like(&self, other: &Self) -> Result<()> {
        match (self, other) {
            (Self::File(to), Self::File(from)) => {
                std::fs::copy(from, to).map_err(|error| Cause::File {
                    path: to.clone(),
                    error,
                })?;
                Ok(())
            }
            (Self::Server { through, name }, Self::Server { name: other, .. }) => {
                order(through, format!("CREATE DATABASE {name} TEMPLATE {other}")).await
            }
            _ => Err(Cause::Closed.into()),
        }
    }

    /// Opens it, with its tables.
    pub async fn open(&self) -> Result<Store> {
        self.open_with(Keys::default()).await
    }

    /// The same with a key that nobody else has: what it seals is read by nobody again once it is closed.
    pub async fn open_sealed(&self) -> Result<Store> {
        self.open_with(fresh_key().parse().unwrap_or_default())
            .await
    }

    async fn open_with(&self, keys: Keys) -> Result<Store> {
        match self {
            Self::File(path) => Store::open_with(path, keys).await,
            Self::Server { through, name } => {
                Store::connect_with(&address(through, name)?, keys).await
            }
        }
    }

    /// Removes it, whoever still has it open.
    pub async fn remove(&self) -> Result<()> {
        match self {
            Self::File(path) => {
                for ending in ["", "-wal", "-shm"] {
                    let mut path = path.clone().into_os_string();
                    path.push(ending);
                    // What is not there is gone.
                    drop(std::fs::remove_file(path));
                }
                Ok(())
            }
            Self::Server { through, name } => {
                order(
                    through,
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                )
                .await
            }
        }
    }

    /// Whether it is on a server.
    #[must_use]
    pub fn is_on_server(&self) -> bool {
        matches!(self, Self::Server { .. })
    }
}

/// The same server, another database.
fn address(through: &str, name: &str) -> Result<String> {
    let mut url = Url::parse(through).map_err(|error| sqlx::Error::Configuration(error.into()))?;
    url.set_path(name);
    Ok(url.into())
}

/// Orders what no transaction can do. The names in it are made by this program.
async fn order(through: &str, text: String) -> Result<()> {
    let options: PgConnectOptions = through.parse()?;
    let mut connection = options.disable_statement_logging().connect().await?;
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_is_another() {
        for (through, expect) in [
            (
                "postgres://bo:a%40b@db.example/sosu",
                "postgres://bo:a%40b@db.example/new",
            ),
            (
                "postgres://bo@%2Ftmp%2Fpg/t0?sslmode=disable",
                "postgres://bo@%2Ftmp%2Fpg/new?sslmode=disable",
            ),
        ] {
            assert_eq!(address(through, "new").ok().as_deref(), Some(expect));
        }
    }
}
