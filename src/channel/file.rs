//! Mail written into a directory, one `.eml` file each, which every mail program opens.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Receipt, SendError};
use crate::message::Mail;

/// Writes mails into a directory, whole or not at all.
#[derive(Debug, Clone)]
pub struct FileChannel {
    directory: PathBuf,
}

impl FileChannel {
    /// Files go into `directory`, which is made if it does not exist.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> FileChannel {
        FileChannel {
            directory: directory.into(),
        }
    }

    /// The file of a mail. It is named by its Message-ID, so a mail that is sent again overwrites
    /// itself instead of lying there twice.
    #[must_use]
    pub fn path_of(&self, mail: &Mail) -> PathBuf {
        let id = mail
            .message_id
            .trim_start_matches('<')
            .trim_end_matches('>');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_@".contains(c);
        // A dot may stand inside, never first: neither `..` nor a hidden file can come of it.
        let name: String = id
            .char_indices()
            .map(|(at, c)| {
                if is_plain(c) || (c == '.' && at > 0) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        self.directory.join(format!("{name}.eml"))
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<Receipt, SendError> {
        let (path, bytes) = (self.path_of(mail), mail.bytes.clone());
        let written = tokio::task::spawn_blocking(move || {
            write_whole(&path, &bytes)
                .map(|()| path)
                .map_err(|error| error.to_string())
        });
        let written = written.await.unwrap_or_else(|error| Err(error.to_string()));
        match written {
            Ok(path) => Ok(Receipt {
                server_answer: format!("written to {}", path.display()),
            }),
            // Never unknown: writing the same file again does no harm.
            Err(error) => Err(SendError::Retry {
                message: format!("writing into {}: {error}", self.directory.display()),
            }),
        }
    }
}

/// A reader sees the whole file or none, also after a power cut.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let unfinished = path.with_extension("eml.part");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(directory)?.sync_all()
}
