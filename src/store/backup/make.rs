//! Making a backup.

use std::fs::{File, OpenOptions};
use std::path::Path;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use super::super::Result;
use super::super::sql::{Connection, To, sql};
use super::{Backup, connect, failed, settle, settle_names};
use crate::seal::Keys;

impl Backup {
    /// Copies the file of a database as it is at one moment into a new file that only its owner may read, and waits until
    /// that is on the disk. Nothing of the database is changed, and its tables need not be this build's.
    ///
    /// # Errors
    /// What is there of the new file is the caller's to remove.
    pub async fn make(database: &Path, to: &Path) -> Result<()> {
        Self::begin_file(to)?;
        // SQLite would understand some relative names otherwise.
        let into = std::path::absolute(to).map_err(|error| failed(to, error))?;
        let into = into.to_str().ok_or_else(|| {
            let error = std::io::Error::new(std::io::ErrorKind::InvalidFilename, "no UTF-8");
            failed(to, error)
        })?;
        let mut source = connect(SqliteConnectOptions::new().filename(database)).await?;
        sqlx::query("VACUUM INTO $1")
            .bind(into)
            .execute(&mut source)
            .await?;
        source.close().await?;
        Self::estrange(to).await
    }

    /// A file that begins empty and is its owner's alone.
    pub fn begin_file(path: &Path) -> Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map_err(|error| failed(path, error))
    }

    /// Gives a database that nobody has open a word that no `.served` knows: it is taken for a copy when it is served.
    pub async fn estrange(file: &Path) -> Result<()> {
        let word = uuid::Uuid::now_v7().to_string();
        // One file, without a log beside it.
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Memory);
        let mut connection = Connection::new(To::Sqlite(connect(options).await?), &Keys::default());
        sql("UPDATE cluster SET history = $1")
            .bind(word)
            .run(&mut connection)
            .await?;
        connection.close().await?;
        settle(file)?;
        settle_names(file)
    }
}
