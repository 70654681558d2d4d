//! A Maildir: one file each, in `new/` until somebody has looked at it, in `cur/` afterwards.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{FetchError, Letter, OCTETS_MAX, Place};

/// The letters of a Maildir that were new when it was looked at.
#[derive(Debug)]
pub struct Letters {
    folder: PathBuf,
    files: VecDeque<PathBuf>,
}

impl Letters {
    pub(super) fn of(folder: &Path) -> Result<Self, FetchError> {
        let new = folder.join("new");
        let failed = |error| FetchError::File {
            path: new.clone(),
            error,
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(&new).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_hidden = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if !is_hidden && path.is_file() {
                files.push(path);
            }
        }
        // Names begin with the second of delivery.
        files.sort();
        Ok(Self {
            folder: folder.to_owned(),
            files: files.into(),
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<Letter>, FetchError> {
        while let Some(path) = self.files.pop_front() {
            let failed = |error| FetchError::File {
                path: path.clone(),
                error,
            };
            let file = match File::open(&path) {
                Ok(file) => file,
                // Another program has moved it in the meantime.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            let mut bytes = Vec::new();
            let most = u64::try_from(OCTETS_MAX).unwrap_or(u64::MAX);
            file.take(most).read_to_end(&mut bytes).map_err(failed)?;
            return Ok(Some(Letter {
                bytes,
                place: Place::default(),
                file: Some(path),
            }));
        }
        Ok(None)
    }

    pub(super) fn done(&self, file: &Path) -> Result<(), FetchError> {
        let failed = |error| FetchError::File {
            path: file.to_owned(),
            error,
        };
        let cur = self.folder.join("cur");
        fs::create_dir_all(&cur).map_err(failed)?;
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(":2,S");
        match fs::rename(file, cur.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
