//! One `serve` per database file.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::backup::ending;
use super::error::Cause;
use super::{Result, Store};

/// Held by the one process that serves a database file, and let go when dropped or killed.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl Store {
    /// Takes the right to serve this database file, with a lock on the file `<path>.lock` beside
    /// it. Other processes may still read and write, each in short transactions.
    ///
    /// # Errors
    /// [`is_already_served`](super::StoreError::is_already_served) when another process has it.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// use tovholder::store::Store;
    ///
    /// let path = folder.path().join("tovholder.db");
    /// let lock = Store::lock_for_serving(&path)?;
    /// assert!(Store::lock_for_serving(&path).is_err_and(|error| error.is_already_served()));
    /// drop(lock);
    /// assert!(Store::lock_for_serving(&path).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lock_for_serving(path: impl AsRef<Path>) -> Result<ServeLock> {
        let path = ending(path.as_ref(), ".lock");
        let failed = |error| Cause::File {
            path: path.clone(),
            error,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(ServeLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Cause::AlreadyServed { path }.into()),
            Err(TryLockError::Error(error)) => Err(failed(error).into()),
        }
    }
}
