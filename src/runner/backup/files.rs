//! Names and files: a backup's own name says of which database it is and of when.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::{BackupError, Step, Told};

/// How often it is asked whether another backup is done.
const ASKS: Duration = Duration::from_millis(100);
/// How a moment is written: without colons, which some disks refuse, and so that names stand in the order of time.
const MOMENT: &str = "%Y-%m-%dT%H%M%S";

/// The right to make a backup of a database; one is made at a time, so that what lies half-written is nobody's.
pub(super) struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits until it is free.
    pub(super) async fn take(database: &Path, told: Told<'_>) -> Result<Self, BackupError> {
        let path = with_ending(database, ".backup.lock");
        let failed = |error| BackupError::File {
            path: path.clone(),
            error,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _lock: file }),
                Err(TryLockError::WouldBlock) => told(Step::Waits),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            tokio::time::sleep(ASKS).await;
        }
    }
}

/// What a backup of this database of that moment is called, such as `tovholder-2027-02-01T020000.123Z.db`.
pub(super) fn own_name(database: &Path, at: Timestamp) -> String {
    format!("{}-{}.db", stem(database), moment(at))
}

/// What a database is called that was replaced at that moment. It is no backup's name.
pub(super) fn replaced_name(database: &Path, at: Timestamp) -> PathBuf {
    database.with_file_name(format!("{}-replaced-{}.db", stem(database), moment(at)))
}

/// The moment in a backup's own name; nothing when that is another file's.
fn own_moment(database: &Path, name: &str) -> Option<Timestamp> {
    let rest = name.strip_prefix(&stem(database))?.strip_prefix('-')?;
    let rest = rest.strip_suffix("Z.db")?;
    let (day, time) = rest.split_once('T')?;
    let (hour, rest) = time.split_at_checked(2)?;
    let (minute, second) = rest.split_at_checked(2)?;
    let at: Timestamp = format!("{day}T{hour}:{minute}:{second}Z").parse().ok()?;
    (own_name(database, at) == name).then_some(at)
}

fn moment(at: Timestamp) -> String {
    let milliseconds = at.as_millisecond().rem_euclid(1000);
    format!("{}.{milliseconds:03}Z", at.strftime(MOMENT))
}

fn stem(database: &Path) -> String {
    let stem = database.file_stem().unwrap_or(database.as_os_str());
    stem.to_string_lossy().into_owned()
}

/// The backups of this database in a folder, with their moments.
pub(super) fn own_backups(
    folder: &Path,
    database: &Path,
) -> Result<Vec<(Timestamp, PathBuf)>, BackupError> {
    let failed = |error| BackupError::File {
        path: folder.to_owned(),
        error,
    };
    let mut own = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let at = name.to_str().and_then(|name| own_moment(database, name));
        // What only points to a file elsewhere is not ours.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if let Some(at) = at.filter(|_| is_file) {
            own.push((at, entry.path()));
        }
    }
    Ok(own)
}

/// What is being written for a file: nothing else is called so.
pub(super) fn part_of(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or(file.as_os_str());
    file.with_file_name(format!(".{}.tovholder-part", name.to_string_lossy()))
}

/// Clears away what is left of a part, with what SQLite had beside it.
pub(super) fn sweep(part: &Path) {
    for ending in ["", "-journal", "-wal", "-shm", ".lock", ".served"] {
        // What is not there is gone.
        drop(fs::remove_file(with_ending(part, ending)));
    }
}

/// Clears away what broken-off backups of a database have left in a folder: parts, and checksums of what never got its
/// name. Only who has the turn may.
pub(super) fn sweep_folder(folder: &Path, database: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_left = name.to_str().is_some_and(|name| {
            let part = name
                .strip_prefix('.')
                .and_then(|name| name.split_once(".tovholder-part"));
            let alone = (name.strip_suffix(".sha256")).filter(|of| !folder.join(of).exists());
            let of = part.map(|(of, _)| of).or(alone);
            of.is_some_and(|of| own_moment(database, of).is_some())
        });
        if is_left {
            drop(fs::remove_file(entry.path()));
        }
    }
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    let renamed = fs::rename(from, to).and_then(|()| {
        // The name is on the disk.
        if cfg!(unix) {
            File::open(folder_of(to))?.sync_all()?;
        }
        Ok(())
    });
    renamed.map_err(|error| BackupError::File {
        path: to.to_owned(),
        error,
    })
}

pub(super) fn remove(path: &Path) -> Result<(), BackupError> {
    fs::remove_file(path).map_err(|error| BackupError::File {
        path: path.to_owned(),
        error,
    })
}

/// How large a file is; 0 when it is not there.
pub(super) fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |file| file.len())
}

/// The folder that a file lies in.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Whether two names are of the same folder or file.
pub(super) fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

pub(super) fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_name_says_of_what_and_when_and_nothing_else_is_one() {
        let database = Path::new("data/sosu.db");
        let at: Timestamp = "2027-02-01T02:00:00.007Z".parse().expect("a moment");
        let name = own_name(database, at);
        assert_eq!(name, "sosu-2027-02-01T020000.007Z.db");
        assert_eq!(own_moment(database, &name), Some(at));
        for other in [
            "sosu.db",
            "sosu-2027-02-01T020000.007Z.db.bak",
            "sosu-2027-02-01T020000Z.db",
            "sosu-2027-02-01T020000.0070Z.db",
            "sosu-2027-02-30T020000.007Z.db",
            "sosu-replaced-2027-02-01T020000.007Z.db",
            "sosu-2-2027-02-01T020000.007Z.db",
            "tovholder-2027-02-01T020000.007Z.db",
            ".sosu-2027-02-01T020000.007Z.db.tovholder-part",
        ] {
            assert_eq!(own_moment(database, other), None, "{other}");
        }
        let replaced = replaced_name(database, at);
        assert_eq!(
            replaced,
            Path::new("data/sosu-replaced-2027-02-01T020000.007Z.db")
        );
    }
}
