//! How mail that comes back is fetched: from a folder (Maildir) or a mailbox on a server (IMAP).
//!
//! A letter is given out, kept by whoever asked, and only then told to be [`done`](Opened::done). A process
//! that dies between finds it again; keeping it twice changes nothing. Nothing is ever deleted.

mod imap;
mod maildir;

use std::fmt;
use std::path::PathBuf;

use crate::fetch::imap::Session;
use crate::fetch::maildir::Letters;

pub use imap::{BadImap, Imap};

/// More of a letter is not fetched.
const OCTETS_MAX: usize = 10_000_000;

/// Where mail comes in.
#[derive(Clone, Debug)]
pub enum Inbox {
    /// A Maildir: `new/` holds what nobody has looked at.
    Maildir(PathBuf),
    /// A mailbox on a server.
    Imap(Box<Imap>),
}

/// How far a mailbox has been read: everything up to a number, of the numbers that the server gives out under
/// this validity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// IMAP's UIDVALIDITY; 0 for a Maildir.
    pub validity: i64,
    /// The highest UID that is kept.
    pub last_uid: i64,
}

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// As it came.
    pub bytes: Vec<u8>,
    /// How far the mailbox is read once it is kept.
    pub place: Place,
    /// Its file, in a Maildir.
    file: Option<PathBuf>,
}

/// A mailbox that is being read.
#[derive(Debug)]
pub enum Opened {
    /// A Maildir.
    Maildir(Letters),
    /// A server's.
    Imap(Box<Session>),
}

/// Why mail could not be fetched. It never repeats the address as given, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A folder or file.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The server could not be reached.
    #[error("{server} cannot be reached: {error}")]
    Connect {
        /// Host and port.
        server: String,
        /// Why.
        error: std::io::Error,
    },
    /// Who answers is not known to be the server. The password was not said.
    #[error("{server} is not trusted: {message}")]
    Trust {
        /// Host and port.
        server: String,
        /// Why, and what to do.
        message: String,
    },
    /// The server said no, or something that is no IMAP.
    #[error("{server}: {message}")]
    Server {
        /// Host and port.
        server: String,
        /// What it said.
        message: String,
    },
    /// The server said nothing.
    #[error("{server} has been silent for {seconds} seconds")]
    Silent {
        /// Host and port.
        server: String,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl Inbox {
    /// Reads `maildir:FOLDER` or `imaps://USER:PASSWORD@HOST/MAILBOX`; `ca_pem` are certificates to trust beside
    /// the public ones.
    ///
    /// ```
    /// use tovholder::fetch::Inbox;
    ///
    /// let inbox = Inbox::from_address("imaps://retur:hemmelig@mail.example/INBOX", None).unwrap();
    /// assert_eq!(inbox.to_string(), "imaps://retur@mail.example:993/INBOX");
    /// assert!(Inbox::from_address("imap://retur:hemmelig@mail.example/INBOX", None).is_err());
    /// ```
    pub fn from_address(address: &str, ca_pem: Option<&str>) -> Result<Self, BadImap> {
        match address.strip_prefix("maildir:") {
            Some("") => Err(BadImap::Folder),
            Some(folder) => Ok(Self::Maildir(PathBuf::from(folder))),
            None => Ok(Self::Imap(Box::new(Imap::from_url(address, ca_pem)?))),
        }
    }

    /// What it is called, without a password; the same for all processes.
    #[must_use]
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// Begins to read what is new.
    pub async fn open(&self, place: Place) -> Result<Opened, FetchError> {
        Ok(match self {
            Self::Maildir(folder) => Opened::Maildir(Letters::of(folder)?),
            Self::Imap(imap) => Opened::Imap(Box::new(imap.open(place).await?)),
        })
    }
}

impl fmt::Display for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Maildir(folder) => write!(f, "maildir:{}", folder.display()),
            Self::Imap(imap) => imap.fmt(f),
        }
    }
}

impl Opened {
    /// The next letter, the oldest first.
    pub async fn next(&mut self) -> Result<Option<Letter>, FetchError> {
        match self {
            Self::Maildir(letters) => letters.next(),
            Self::Imap(session) => session.next().await,
        }
    }

    /// The letter is kept: a Maildir moves it to `cur/`. On a server nothing changes, since how far it has been
    /// read is remembered here: what people mark or read there is theirs.
    pub fn done(&mut self, letter: &Letter) -> Result<(), FetchError> {
        match (self, &letter.file) {
            (Self::Maildir(letters), Some(file)) => letters.done(file),
            (Self::Maildir(_) | Self::Imap(_), _) => Ok(()),
        }
    }

    /// Says goodbye; what goes wrong there is nobody's trouble any more.
    pub async fn close(self) {
        if let Self::Imap(session) = self {
            session.close().await;
        }
    }
}
