//! What is wrong with a phrase, where in it, and what was probably meant.

use std::ops::Range;

/// A phrase that is not of the time language. The reader of the file adds its own place to `span`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PhraseError {
    /// The words at fault, in bytes of the phrase.
    pub span: Range<usize>,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl PhraseError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    /// An error that is about all of a text.
    pub(crate) fn whole(text: &str, message: impl Into<String>) -> Self {
        Self::new(0..text.len(), message)
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    pub(crate) fn did_you_mean(self, phrase: &str) -> Self {
        self.help(format!("did you mean \"{phrase}\"?"))
    }

    /// A suggestion where there is one.
    pub(crate) fn perhaps(self, phrase: Option<impl AsRef<str>>) -> Self {
        match phrase {
            Some(phrase) => self.did_you_mean(phrase.as_ref()),
            None => self,
        }
    }

    /// The same error in a text that has more bytes in front.
    pub(crate) fn later_by(self, bytes: usize) -> Self {
        Self {
            span: self.span.start + bytes..self.span.end + bytes,
            ..self
        }
    }
}
