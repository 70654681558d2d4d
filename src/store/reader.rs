//! Connections that read: of one statement, or of one moment.

use std::ops::{Deref, DerefMut};

use tokio::sync::OwnedMappedMutexGuard;

use super::sql::{Connection, To};
use super::writer::Shared;
use super::{Inner, Result, Store, closed};

impl Store {
    /// A connection to read with.
    pub(super) async fn reader(&self) -> Result<Reader> {
        #[cfg(test)]
        super::gate::pass(super::gate::Gate::Read).await?;
        match &*self.inner {
            Inner::Sqlite {
                readers: Some(pool),
                ..
            } => {
                let connection = pool.acquire().await.map_err(closed)?;
                Ok(Reader::Own(self.over(To::SqliteReader(connection))))
            }
            Inner::Sqlite { writer, .. } => Ok(Reader::Shared(writer.connection().await?)),
            Inner::Postgres { pool, .. } => {
                let connection = pool.acquire().await.map_err(closed)?;
                Ok(Reader::Own(self.over(To::Postgres(connection))))
            }
        }
    }

    /// A connection that sees one moment of the database for as long as it is held.
    pub(super) async fn moment(&self) -> Result<Reader> {
        #[cfg(test)]
        super::gate::pass(super::gate::Gate::Read).await?;
        match &*self.inner {
            Inner::Sqlite {
                readers: Some(pool),
                ..
            } => {
                let transaction = pool.begin().await.map_err(closed)?;
                Ok(Reader::Own(self.over(To::SqliteMoment(transaction))))
            }
            // Nobody else writes while the one connection is held.
            Inner::Sqlite { writer, .. } => Ok(Reader::Shared(writer.connection().await?)),
            Inner::Postgres { pool, .. } => {
                let moment = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let transaction = pool.begin_with(moment).await.map_err(closed)?;
                Ok(Reader::Own(self.over(To::Transaction(transaction))))
            }
        }
    }

    fn over(&self, to: To) -> Connection {
        Connection::new(to, &self.keys)
    }
}

/// A connection for one read.
pub(super) enum Reader {
    Own(Connection),
    Shared(OwnedMappedMutexGuard<Shared, Connection>),
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Shared(connection) => connection,
        }
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Shared(connection) => connection,
        }
    }
}
