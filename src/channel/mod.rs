//! How a frozen mail leaves the house: by SMTP, into files, or into memory for tests.
//!
//! A channel sends exactly the bytes it is given and says how far it got. It never decides
//! whether to try again: [`SendError`] tells the caller what is known, and that is all. A channel that
//! signs ([`Channel::signed_by`]) puts one header above them.
//!
//! [`Post`] tells other programs what happens, over HTTP.

mod base64;
mod file;
mod memory;
mod post;
mod sign;
mod smtp;

pub use file::FileChannel;
pub use memory::{MemoryAnswer, MemoryChannel};
pub use post::{BadPost, BadTarget, Letter, Post, PostRules, Posted, hook_secret};
pub use sign::{BadKey, BadSigner, DnsRecord, Signed, Signer};
pub use smtp::{BadSmtpConfig, Login, SmtpChannel, SmtpConfig, Tls};

use crate::message::Mail;

/// The ways out. An enum rather than a trait: there are few, and each is known here.
#[derive(Debug)]
pub enum Channel {
    /// To a mail server.
    Smtp(SmtpChannel),
    /// Into a directory, one `.eml` file for each mail.
    File(FileChannel),
    /// Into memory.
    Memory(MemoryChannel),
    /// Signed, and then as another of these sends it.
    Signed(Signed),
    /// To whom a simulated world says.
    #[cfg(test)]
    Wire(wire::Wire),
}

/// The mail was taken over by whoever is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What the server answered, for the mail's history: `250 2.0.0 queued as 4Xy`.
    pub server_answer: String,
}

/// Why there is no receipt, told by how far the exchange got.
///
/// The messages are for the operator, in English, and name the step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server refused this mail for good (5xx). Sending it again would give the same answer.
    #[error("refused for good: {message}")]
    Permanent {
        /// What was refused and how the server put it.
        message: String,
    },
    /// The mail is certainly not delivered; a later attempt may succeed.
    #[error("not sent, try again later: {message}")]
    Retry {
        /// What failed.
        message: String,
    },
    /// The end of the mail was on its way when the answer was lost. The mail may be delivered or
    /// not: sending it again may give it to someone twice, so a person decides.
    #[error("it is not known whether the mail was sent: {message}")]
    Unknown {
        /// What failed.
        message: String,
    },
}

impl Channel {
    /// The same channel, for mails that are signed as they leave.
    #[must_use]
    pub fn signed_by(self, signer: Signer) -> Channel {
        Channel::Signed(Signed::new(signer, self))
    }

    /// Sends one mail.
    pub async fn send(&self, mail: &Mail) -> Result<Receipt, SendError> {
        match self {
            Channel::Smtp(channel) => channel.send(mail).await,
            Channel::File(channel) => channel.send(mail).await,
            Channel::Memory(channel) => channel.send(mail),
            Channel::Signed(signed) => signed.send(mail).await,
            #[cfg(test)]
            Channel::Wire(wire) => wire.send(mail).await,
        }
    }

    /// Removes what it has kept of mails that are erased, by the id in their Message-ID. What was sent is out of reach.
    ///
    /// # Errors
    /// When a file cannot be removed; it may be tried again.
    pub async fn forget(&self, ids: &[String]) -> std::io::Result<()> {
        match self {
            Channel::File(channel) => channel.forget(ids).await,
            Channel::Signed(signed) => Box::pin(signed.by().forget(ids)).await,
            Channel::Smtp(_) | Channel::Memory(_) => Ok(()),
            #[cfg(test)]
            Channel::Wire(_) => Ok(()),
        }
    }

    /// How many mails may be sent at the same time. More wait for their turn.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Channel::Smtp(channel) => channel.width(),
            Channel::File(_) => 1,
            Channel::Memory(_) => 4,
            Channel::Signed(signed) => signed.by().width(),
            #[cfg(test)]
            Channel::Wire(_) => 3,
        }
    }

    /// How many mails it is given at a time. Those beyond its width wait inside it for so short a
    /// time that they may be marked as on their way: see [`SmtpChannel`] for the bound.
    #[must_use]
    pub fn appetite(&self) -> usize {
        match self {
            Channel::Smtp(channel) => channel.appetite(),
            Channel::File(_) => 4,
            Channel::Memory(_) => 16,
            Channel::Signed(signed) => signed.by().appetite(),
            #[cfg(test)]
            Channel::Wire(_) => 5,
        }
    }

    /// Whether the mailer now waits for answers and for nothing else, for a simulated world to know.
    #[cfg(test)]
    pub(crate) fn only_answers_are_awaited(&self, only: bool) {
        if let Channel::Wire(wire) = self {
            wire.only_answers_are_awaited(only);
        }
    }

    /// Says goodbye to the server. Mails sent afterwards get [`SendError::Retry`].
    pub async fn close(&self) {
        match self {
            Channel::Smtp(channel) => channel.close().await,
            Channel::Signed(signed) => signed.close().await,
            Channel::File(_) | Channel::Memory(_) => {}
            #[cfg(test)]
            Channel::Wire(_) => {}
        }
    }
}

#[cfg(test)]
pub(crate) mod wire;
