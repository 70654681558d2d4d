//! The checksum beside a backup, as `sha256sum --check` reads it: SQLite does not see every bit that has changed.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::BackupError;
use super::files::with_ending;
use crate::store::Backup;

/// Read at once.
const CHUNK: usize = 1 << 16;

/// Where the checksum of a file stands.
pub(super) fn beside(file: &Path) -> PathBuf {
    with_ending(file, ".sha256")
}

/// Writes the checksum of what is in `part` for the file that it becomes.
pub(super) fn write(part: &Path, file: &Path) -> Result<(), BackupError> {
    let path = beside(file);
    let name = file.file_name().unwrap_or(file.as_os_str());
    // One that was left behind by a backup that never got its name.
    drop(fs::remove_file(&path));
    let written = of(part).and_then(|sum| {
        let mut to = Backup::begin_file(&path).map_err(io::Error::other)?;
        writeln!(to, "{sum}  {}", name.to_string_lossy())?;
        to.sync_all()
    });
    written.map_err(|error| BackupError::File { path, error })
}

/// Whether a file is as its checksum says; nothing when there is none.
pub(super) fn is_right(file: &Path) -> Result<Option<bool>, BackupError> {
    let path = beside(file);
    let said = match fs::read_to_string(&path) {
        Ok(said) => said,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BackupError::File { path, error }),
    };
    let is = of(file).map_err(|error| BackupError::File {
        path: file.to_owned(),
        error,
    })?;
    Ok(Some(said.split_whitespace().next() == Some(&is)))
}

fn of(file: &Path) -> io::Result<String> {
    let mut from = File::open(file)?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match from.read(&mut chunk)? {
            0 => break,
            read => hash.update(&chunk[..read]),
        }
    }
    let bytes = hash.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
