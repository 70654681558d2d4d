//! Backups of a database file: made while it is in use, read without a change to them, and put back.
//!
//! A backup is one file that holds one moment. It holds a word of its own in the place of the one by which a
//! database is known ([`Store::recognise`](super::Store::recognise)), so that whoever puts it back, by `tovholder restore`
//! or by hand, has all unsent mail held, however soon after it was made.
//!
//! # Why `VACUUM INTO`
//!
//! It reads one moment beside the one writer, who waits for nothing but the disk, and it writes no free pages, so that what
//! was erased stands nowhere in the file. SQLite's backup API begins anew at every write of another process, so that a few
//! pages at a time it never ends; all at once it takes as long and brings the free pages along. And it is not to be
//! reached without unsafe code. ARCHITECTURE, "Measured", has the figures.

mod make;
mod put;
mod read;

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

use super::error::Cause;
use super::sql::Connection;
use super::{BUSY_TIMEOUT, Result, StoreError};

pub use put::Replaced;
pub use read::{History, Holds, Tables};

/// A backup that is being read; for PostgreSQL a database, at one moment.
#[derive(Debug)]
pub struct Backup {
    connection: Connection,
}

/// A connection of its own, which brings no tables up to date.
async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection> {
    Ok(options
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
        .connect()
        .await?)
}

/// A name beside a file's: with an ending of SQLite's or ours.
pub(super) fn ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What a file or folder could not do.
fn failed(path: &Path, error: std::io::Error) -> StoreError {
    Cause::File {
        path: path.to_owned(),
        error,
    }
    .into()
}

/// A file's bytes are on the disk.
fn settle(file: &Path) -> Result<()> {
    std::fs::File::open(file)
        .and_then(|file| file.sync_all())
        .map_err(|error| failed(file, error))
}

/// The names in a file's folder are on the disk. Where folders cannot be opened, names are there by themselves.
fn settle_names(file: &Path) -> Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) { settle(folder) } else { Ok(()) }
}
