//! The language server: what an editor asks about a workflow file, and the answers.
//!
//! Every answer is a function of a [`document::Document`] and a place in it, one file each:
//! `diagnostics`, `completion`, `hover` (with `explain`, which counts time phrases out for a sample
//! hold), `definition`, `rename`. `server` is the one loop that takes messages and sends answers;
//! `protocol` holds the few shapes of the wire that are spoken. Which templates there are is asked
//! of [`Outside`], so that nothing here opens a file. It keeps no clock: a hold in an explanation
//! is that of the file's first scenario, or starts on a documented day.

pub mod completion;
pub mod context;
pub mod definition;
pub mod diagnostics;
pub mod document;
mod explain;
pub mod hover;
pub mod position;
pub mod protocol;
pub mod rename;
mod sample;
pub mod server;

use std::path::{Path, PathBuf};

use crate::definition::{Problem, Read};

/// What surrounds the file in the editor.
pub trait Outside {
    /// The templates that a workflow of this language can name.
    fn templates(&self, workflow: &Path, language: &str) -> Vec<Template>;

    /// What is wrong between the file and its templates.
    fn problems(&self, workflow: &Path, text: &str, read: &Read) -> Vec<Problem>;
}

/// A template that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its folder's name.
    pub name: String,
    /// The file that people read first: its text.
    pub text: PathBuf,
    /// The subject as it is written, blanks to be filled included.
    pub subject: String,
}
