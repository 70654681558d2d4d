//! Databases in memory: for simulation, for tests, and for asking what would come of something.

use sqlx::sqlite::{SqliteConnectOptions, SqliteOwnedBuf};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::OnceCell;

use super::{Result, Store, migrate, writing};
use crate::seal::Keys;

/// An empty database with all its tables. Making them by every migration costs more than most of what is then played in
/// it, so it is done once, and copied.
static EMPTY: OnceCell<Vec<u8>> = OnceCell::const_new();

impl Store {
    /// Opens an empty database that lives as long as this value: for simulation and tests. The
    /// only difference to a file is that reads take turns with writes.
    pub async fn open_in_memory() -> Result<Self> {
        Self::in_memory(true, Keys::default()).await
    }

    /// The same with keys.
    pub async fn open_in_memory_with(keys: Keys) -> Result<Self> {
        Self::in_memory(true, keys).await?.unlocked().await
    }

    /// The same; rows may refer to what is not there when they are not bound.
    pub(super) async fn in_memory(bound: bool, keys: Keys) -> Result<Self> {
        let empty = EMPTY.get_or_try_init(made).await?;
        let mut connection = nothing(bound).await?;
        let copy = SqliteOwnedBuf::try_from(empty.as_slice())?;
        connection.deserialize(None, copy, false).await?;
        // What a database draws for itself when it is made, it does not share with another.
        sqlx::raw_sql(
            "UPDATE cluster SET incarnation = lower(hex(randomblob(16))), secret = lower(hex(randomblob(32)))",
        )
        .execute(&mut connection)
        .await?;
        Ok(Self::of(connection, None, None, keys))
    }
}

async fn nothing(bound: bool) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().in_memory(true);
    Ok(writing(options).foreign_keys(bound).connect().await?)
}

async fn made() -> Result<Vec<u8>> {
    let mut connection = nothing(true).await?;
    migrate(&mut connection).await?;
    let bytes = connection.serialize(None).await?.to_vec();
    Ok(bytes)
}
