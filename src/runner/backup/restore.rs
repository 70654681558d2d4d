//! Putting a backup back: verified first, at once, and so that nothing which may have left leaves again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{BackupError, Told, Verified, files, part_of, replaced_name, sweep, verify};
use crate::clock::Clock;
use crate::runner::serve::clock_of;
use crate::store::{Backup, Replaced, Store, StoreError};

/// What was put back.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// The database.
    pub database: PathBuf,
    /// What was found in the backup.
    pub verified: Verified,
    /// The database that stood there before.
    pub replaced: Option<PathBuf>,
    /// The lot in which all mail waits that was unsent, if there is any.
    pub lot: Option<i64>,
    /// How much that is.
    pub held: u64,
    /// Mail leaves again when the service starts, but for what is held.
    pub mail_on: bool,
}

/// Puts a backup in the place of a database that nobody serves. One in which anything has happened is replaced only when
/// that is asked for, and goes on under another name.
///
/// A death at any moment leaves the old database or the new one; the new one is known for a copy by its next service, if
/// that has not been said by then.
pub async fn restore(
    file: &Path,
    database: &Path,
    replace: bool,
    told: Told<'_>,
) -> Result<Restored, BackupError> {
    if files::same(file, database) {
        return Err(BackupError::Exists(database.to_owned()));
    }
    let folder = files::folder_of(database);
    if !folder.is_dir() {
        return Err(BackupError::NoFolder(folder.to_owned()));
    }
    let _lock = Store::lock_for_serving(database).map_err(|error| {
        if error.is_already_served() {
            return BackupError::Served(database.to_owned());
        }
        error.into()
    })?;
    // What cannot be read may be all there is.
    if !replace && database.exists() && Backup::has_events(database).await != Some(false) {
        return Err(BackupError::Taken(database.to_owned()));
    }
    let part = part_of(database);
    sweep(&part);
    let put = stage_and_put(file, &part, database, told).await;
    sweep(&part);
    let (verified, replaced, aside) = put?;
    let (lot, held) = hold_unsent(database).await?;
    Ok(Restored {
        database: database.to_owned(),
        verified,
        replaced: replaced.was_there.then_some(aside),
        lot: (held > 0).then_some(lot),
        held,
        mail_on: !replaced.mail_was_off,
    })
}

/// What is verified is what is put: a copy beside the database.
async fn stage_and_put(
    file: &Path,
    part: &Path,
    database: &Path,
    told: Told<'_>,
) -> Result<(Verified, Replaced, PathBuf), BackupError> {
    // What is wrong with the file is said of the file, and before it is copied.
    let verified = verify(file, told).await?;
    if !verified.is_whole() {
        let (path, found) = (file.to_owned(), Box::new(verified));
        return Err(BackupError::Damaged { path, found });
    }
    copy(file, part)?;
    // Its tables are brought up to date while the old database still stands.
    let store = Store::open(part).await?;
    store.close().await?;
    Backup::estrange(part).await?;
    let aside = replaced_name(database, Clock::Real.now());
    let replaced = Backup::put(part, database, &aside).await.map_err(|error| {
        if error.is_in_use() {
            return BackupError::InUse(database.to_owned());
        }
        error.into()
    })?;
    Ok((verified, replaced, aside))
}

fn copy(file: &Path, part: &Path) -> Result<(), BackupError> {
    let failed = |path: &Path, error| BackupError::File {
        path: path.to_owned(),
        error,
    };
    let mut from = fs::File::open(file).map_err(|error| failed(file, error))?;
    let mut to = Backup::begin_file(part)?;
    std::io::copy(&mut from, &mut to).map_err(|error| failed(part, error))?;
    Ok(())
}

/// As the service would do before any mail leaves.
async fn hold_unsent(database: &Path) -> Result<(i64, u64), StoreError> {
    let store = Store::open(database).await?;
    let now = clock_of(&store).await.map_or(Clock::Real, |clock| clock);
    let lot = now.now().as_microsecond();
    let held = store.recognise(lot).await?;
    store.close().await?;
    Ok((lot, held))
}
