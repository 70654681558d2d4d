//! What confidential words are sealed by.

use std::path::{Path, PathBuf};

use clap::Args;

use super::others_can_read;
use crate::seal::{BadKeys, Keys};

/// The variable that holds the keys themselves. It has no option: other users can read a command line.
const KEY: &str = "TOVHOLDER_KEY";

/// The keys.
#[derive(Args, Clone, Debug, Default)]
pub struct SealKeys {
    /// The keys that notes, files and text facts are sealed by: a file of `tovholder key new`, the newest first;
    /// `TOVHOLDER_KEY_FILE`, or the keys themselves in `TOVHOLDER_KEY`. Without them these stand in the database as they
    /// were written.
    #[arg(
        long,
        env = "TOVHOLDER_KEY_FILE",
        value_name = "FILE",
        global = true,
        hide_env = true,
        hide_short_help = true
    )]
    pub key_file: Option<PathBuf>,
}

/// Why there are no keys to be had. It says nothing of any key.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    /// They are given twice.
    #[error("the keys are given both by TOVHOLDER_KEY and by a file")]
    Both,
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Every user of the machine can.
    #[error("{0}: every user of this machine can read it")]
    Open(PathBuf),
    /// It holds something else.
    #[error("{from}: {error}")]
    Bad {
        /// The file, or the variable.
        from: String,
        /// What is wrong.
        error: BadKeys,
    },
}

impl SealKeys {
    /// The keys that were given; none when nothing was.
    pub fn keys(&self) -> Result<Keys, NoKeys> {
        // What is no text is no key either.
        let direct = std::env::var_os(KEY).map(|keys| keys.to_string_lossy().into_owned());
        match (direct, &self.key_file) {
            (None, None) => Ok(Keys::default()),
            (Some(_), Some(_)) => Err(NoKeys::Both),
            (Some(keys), None) => read(&keys, KEY),
            (None, Some(path)) => of_file(path),
        }
    }
}

fn of_file(path: &Path) -> Result<Keys, NoKeys> {
    let text = std::fs::read_to_string(path).map_err(|error| NoKeys::Unreadable {
        path: path.to_owned(),
        error,
    })?;
    if others_can_read(path) {
        return Err(NoKeys::Open(path.to_owned()));
    }
    read(&text, &path.display().to_string())
}

fn read(text: &str, from: &str) -> Result<Keys, NoKeys> {
    text.parse().map_err(|error| NoKeys::Bad {
        from: from.to_owned(),
        error,
    })
}
