//! Mail written into a directory, one `.eml` file each, which every mail program opens.

use std::collections::BTreeSet;
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

    /// Removes the files of mails, by the id in their Message-ID; one that is not there is gone already. The folder is
    /// read once, by names.
    pub(super) async fn forget(&self, ids: &[String]) -> io::Result<()> {
        let (directory, ids) = (self.directory.clone(), BTreeSet::from_iter(ids.to_vec()));
        let removed = tokio::task::spawn_blocking(move || remove(&directory, &ids));
        removed
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
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

fn remove(directory: &Path, ids: &BTreeSet<String>) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_one = name
            .to_str()
            .and_then(id_of)
            .is_some_and(|id| ids.contains(id));
        if is_one {
            fs::remove_file(entry.path())?;
        }
    }
    File::open(directory)?.sync_all()
}

/// The id in the name of a mail's file, whose host and attempt do not matter; also of one that is not finished.
fn id_of(name: &str) -> Option<&str> {
    let (id, _) = name.split_once('@')?;
    // What was put together from several mails has the attempt in front.
    Some(id.rsplit_once('_').map_or(id, |(_, id)| id))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mail_is_forgotten_by_its_id_whatever_its_host_and_attempt() {
        let folder = tempfile::tempdir().expect("a folder");
        let channel = FileChannel::new(folder.path());
        let (gone, stays) = (
            "0193a7c0-1111-7aaa-8aaa-aaaaaaaaaaaa",
            "0193a7c0-2222-7aaa-8aaa-aaaaaaaaaaaa",
        );
        let names = [
            format!("{gone}@college.example.eml"),
            format!("{gone}@before.example.eml"),
            format!("2_{gone}@college.example.eml"),
            format!("{gone}@college.example.eml.part"),
            format!("{stays}@college.example.eml"),
            format!("1_{stays}@college.example.eml"),
            "noter.txt".to_owned(),
        ];
        for name in &names {
            fs::write(folder.path().join(name), "x").expect("a file");
        }
        channel.forget(&[gone.to_owned()]).await.expect("they go");
        let mut left: Vec<String> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("a name")
            })
            .collect();
        left.sort();
        let mut expect = names[4..].to_vec();
        expect.sort();
        assert_eq!(left, expect);
        let nowhere = FileChannel::new(folder.path().join("none"));
        nowhere
            .forget(&[gone.to_owned()])
            .await
            .expect("nothing is there");
    }
}
