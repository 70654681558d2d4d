//! Where the data is.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

/// The database.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// The database: a file (SQLite), or `postgres://USER:PASSWORD@HOST/NAME`; `DATABASE_URL`.
    // It may hold a password, so that help does not show what is set.
    #[arg(
        id = "database",
        long = "database",
        env = "DATABASE_URL",
        default_value = "tovholder.db",
        value_name = "FILE|URL",
        global = true,
        hide_env = true
    )]
    pub place: Place,
}

/// A file, or a server.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// One process serves it.
    Sqlite(PathBuf),
    /// Any number of processes serve it: the whole address. `?lease=SECONDS` says how long one may be
    /// silent before the others go on with what it had begun; 30 if nothing is said.
    Postgres(String),
    /// What was said names none. It is told when it is opened: the command line's own report would
    /// repeat it, with a password.
    Nowhere(BadPlace),
}

/// Why a text names no database. It never repeats the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    /// Nothing is named.
    #[error("it is empty; name a file, or postgres://USER:PASSWORD@HOST/NAME")]
    Empty,
    /// Another kind of database.
    #[error(
        "\"{0}:\" is not a database that can be used; name a file (SQLite), or postgres://USER:PASSWORD@HOST/NAME"
    )]
    Scheme(String),
    /// PostgreSQL, but no address.
    #[error(
        "it is not an address: {0}; it looks like postgres://USER:PASSWORD@HOST/NAME, with %40 for an @ in the password"
    )]
    Address(url::ParseError),
}

impl Place {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            Self::Postgres(_) | Self::Nowhere(_) => None,
        }
    }
}

impl FromStr for Place {
    type Err = Infallible;

    /// ```
    /// use tovholder::config::Place;
    /// for (text, file) in [
    ///     ("tovholder.db", Some("tovholder.db")),
    ///     ("sqlite:data/t.db", Some("data/t.db")),
    ///     ("sqlite:///var/t.db", Some("/var/t.db")),
    ///     ("postgres://sosu@db.example/sosu", None),
    /// ] {
    ///     let place: Place = text.parse().unwrap();
    ///     assert_eq!(place.file().and_then(|file| file.to_str()), file);
    /// }
    /// // What is meant for another database does not become the name of a file.
    /// for text in ["mysql://sosu@db.example/sosu", "postgres:/sosu", "postgres://[/sosu", ""] {
    ///     assert!(matches!(text.parse(), Ok(Place::Nowhere(_))));
    /// }
    /// ```
    fn from_str(text: &str) -> Result<Self, Infallible> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(match url::Url::parse(text) {
                Ok(_) => Self::Postgres(text.to_owned()),
                Err(error) => Self::Nowhere(BadPlace::Address(error)),
            });
        }
        let file = text.strip_prefix("sqlite:").unwrap_or(text);
        let file = file.strip_prefix("//").unwrap_or(file);
        Ok(match file.split_once(':') {
            _ if file.is_empty() => Self::Nowhere(BadPlace::Empty),
            // One letter is a drive.
            Some((scheme, rest)) if scheme.len() > 1 && rest.starts_with('/') => {
                Self::Nowhere(BadPlace::Scheme(scheme.to_owned()))
            }
            _ => Self::Sqlite(file.into()),
        })
    }
}

impl fmt::Display for Place {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => file.display().fmt(f),
            Self::Postgres(address) => match url::Url::parse(address) {
                Ok(url) => {
                    let host = url.host_str().unwrap_or("localhost");
                    write!(f, "postgres://{host}{}", url.path())
                }
                Err(_) => f.write_str("postgres://…"),
            },
            Self::Nowhere(_) => f.write_str("…"),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
