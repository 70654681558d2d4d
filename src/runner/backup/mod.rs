//! Backups: made while the service writes, verified, and put back.
//!
//! A backup that has not been read is none: whoever makes one folds every history in it, as [`verify`] does before a
//! backup is put back.

mod checksum;
mod daily;
mod files;
mod restore;
mod verify;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Clock;
use crate::store::{Backup, StoreError};

pub(super) use daily::{BackedUp, back_up_daily};
pub use daily::{BackupStanding, Daily};
use files::{Turn, own_backups, own_name, part_of, replaced_name, sweep, sweep_folder};
pub use restore::{Restored, restore};
pub use verify::{Fault, Faulty, Verified, verify, verify_server};

/// How often it is looked how far a copy is.
const LOOKS: Duration = Duration::from_millis(200);

/// Where a backup goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Into this folder, under a name with the moment in it.
    Folder(PathBuf),
    /// Into this file, which is not there yet.
    File(PathBuf),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct BackupAsked {
    /// The database's file.
    pub database: PathBuf,
    /// Where it goes.
    pub to: To,
    /// Keep so many of the newest in the folder; otherwise all.
    pub keep: Option<usize>,
    /// Read it when it is written.
    pub verify: bool,
}

/// A backup that was made.
#[derive(Clone, Debug, Serialize)]
pub struct BackupMade {
    /// The file.
    pub file: PathBuf,
    /// The moment in its name, by the machine's clock.
    pub at: Timestamp,
    /// How large it is.
    pub bytes: u64,
    /// What was found in it.
    pub verified: Option<Verified>,
    /// Older ones that were removed.
    pub removed: Vec<PathBuf>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another one is being made.
    Waits,
    /// So many bytes of about so many are written.
    Copies(u64, u64),
    /// The pages are looked at.
    Looks,
    /// So many histories of so many are folded.
    Folds(i64, i64),
}

/// Who is told how far it is.
pub type Told<'a> = &'a mut (dyn FnMut(Step) + Send);

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no such database.
    #[error("there is no database {0}")]
    NoDatabase(PathBuf),
    /// There is no such folder.
    #[error("there is no folder {0}")]
    NoFolder(PathBuf),
    /// It would lie beside what it is a backup of.
    #[error("{0} is the folder of the database itself")]
    Beside(PathBuf),
    /// Something has that name already.
    #[error("{0} exists already")]
    Exists(PathBuf),
    /// A file or folder could not be used.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no backup that can be used.
    #[error("{path}: {why}")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unfit,
    },
    /// It can be read, and something in it is wrong.
    #[error("{path}: what is in it is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: Box<Verified>,
    },
    /// Another process serves the database that is to be replaced.
    #[error("{0} is being served")]
    Served(PathBuf),
    /// Somebody has the database open that is to be replaced.
    #[error("{0} is in use")]
    InUse(PathBuf),
    /// There is a database already, in which something has happened.
    #[error("{0} is there already")]
    Taken(PathBuf),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a file is no backup that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is none.
    #[error("there is no such file")]
    Missing,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
    /// It is something else.
    #[error("it is no database")]
    NoDatabase,
    /// It cannot be opened: its first pages are damaged.
    #[error("it is damaged")]
    Unreadable,
    /// It is a database of something else.
    #[error("it is a database of another program")]
    Foreign,
    /// A newer build has made its tables.
    #[error("a newer build has made its tables")]
    Newer,
    /// It is a database that somebody writes to.
    #[error("it is a database in use, and no backup")]
    InUse,
}

impl BackupError {
    /// The disk has no room left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Store(error) => error.is_full(),
            Self::File { error, .. } => error.kind() == std::io::ErrorKind::StorageFull,
            _ => false,
        }
    }
}

/// Makes a backup. It is written under another name, and has its own when it is whole and on the disk; one that is broken
/// off leaves nothing that looks like one, and is cleared away by the next.
pub async fn back_up(asked: &BackupAsked, told: Told<'_>) -> Result<BackupMade, BackupError> {
    let database = &asked.database;
    if !database.is_file() {
        return Err(BackupError::NoDatabase(database.clone()));
    }
    let at = Clock::Real.now();
    let file = file_for(asked, at)?;
    let _turn = Turn::take(database, told).await?;
    if let To::Folder(folder) = &asked.to {
        sweep_folder(folder, database);
    }
    let part = part_of(&file);
    let made = write(database, &part, asked.verify, told).await;
    let finished = made.and_then(|verified| {
        if file.exists() {
            return Err(BackupError::Exists(file.clone()));
        }
        checksum::write(&part, &file)?;
        files::rename(&part, &file)?;
        Ok(verified)
    });
    let verified = match finished {
        Ok(verified) => verified,
        Err(error) => {
            sweep(&part);
            return Err(error);
        }
    };
    Ok(BackupMade {
        at,
        bytes: files::size(&file),
        verified,
        removed: remove_old(asked, at)?,
        file,
    })
}

/// The file that it becomes, which may be written.
fn file_for(asked: &BackupAsked, at: Timestamp) -> Result<PathBuf, BackupError> {
    let file = match &asked.to {
        To::Folder(folder) => folder.join(own_name(&asked.database, at)),
        To::File(file) => file.clone(),
    };
    let folder = files::folder_of(&file);
    if !folder.is_dir() {
        return Err(BackupError::NoFolder(folder.to_owned()));
    }
    if files::same(folder, files::folder_of(&asked.database)) {
        return Err(BackupError::Beside(folder.to_owned()));
    }
    if file.exists() {
        return Err(BackupError::Exists(file));
    }
    Ok(file)
}

/// Writes it under a name of its own, tells how far it is, and reads it.
async fn write(
    database: &Path,
    part: &Path,
    is_read: bool,
    told: Told<'_>,
) -> Result<Option<Verified>, BackupError> {
    sweep(part);
    let all = files::size(database);
    let mut making = std::pin::pin!(Backup::make(database, part));
    loop {
        tokio::select! {
            made = &mut making => break made?,
            () = tokio::time::sleep(LOOKS) => told(Step::Copies(files::size(part), all)),
        }
    }
    if !is_read {
        return Ok(None);
    }
    let verified = verify(part, told).await.map_err(|error| match error {
        // It is the database of which that is true.
        BackupError::Unfit { why, .. } => BackupError::Unfit {
            path: database.to_owned(),
            why,
        },
        error => error,
    })?;
    if !verified.is_whole() {
        let (path, found) = (database.to_owned(), Box::new(verified));
        return Err(BackupError::Damaged { path, found });
    }
    Ok(Some(verified))
}

/// Removes what is older than those that are kept, of this database's own backups and nothing else.
fn remove_old(asked: &BackupAsked, at: Timestamp) -> Result<Vec<PathBuf>, BackupError> {
    let (Some(keep), To::Folder(folder)) = (asked.keep, &asked.to) else {
        return Ok(Vec::new());
    };
    let mut own = own_backups(folder, &asked.database)?;
    // One with a moment to come was made by a clock that was wrong: it must not push out the newest.
    own.retain(|(of, _)| *of <= at);
    own.sort();
    let surplus = own.len().saturating_sub(keep);
    let old: Vec<PathBuf> = own
        .into_iter()
        .take(surplus)
        .map(|(_, path)| path)
        .collect();
    for path in &old {
        files::remove(path)?;
        // Without its backup it says nothing; the next one clears it away.
        drop(files::remove(&checksum::beside(path)));
    }
    Ok(old)
}
