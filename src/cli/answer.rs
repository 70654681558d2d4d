//! What a command says, and how it fails: as text or as JSON, with an exit code.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::text::{Table, wrap};
use crate::config::{BadBackups, BadIntake, BadMail};
use crate::definition::Problem;
use crate::runner::RunError;
use crate::runner::desk::{DeskError, Possible, Wrong};
use crate::store::StoreError;

/// How a command speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What a command has to say.
#[derive(Debug, Default)]
pub struct Answer {
    /// For people, with its last line break.
    pub text: String,
    /// For programs.
    pub json: Json,
    /// Problems were found: exit code 1.
    pub has_problems: bool,
}

/// Why a command did not do what it was asked. Exit code 1, or 2 where it cannot be done by this command at all.
#[derive(Debug)]
pub struct Failure {
    text: String,
    json: Json,
    code: u8,
}

impl Answer {
    /// An answer with the same content for people and programs.
    pub fn new(text: impl Into<String>, json: &impl Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_default();
        Self {
            text: text.into(),
            json,
            has_problems: false,
        }
    }

    /// Nothing to say.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            json: json!({}),
            ..Self::default()
        }
    }
}

impl Failure {
    /// What is wrong and what to do about it.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::from(Wrong::new(message).help(help))
    }

    /// What is asked for is not done by this command, and what does it.
    #[must_use]
    pub fn usage(text: &str) -> Self {
        Self {
            code: 2,
            ..Self::of(text.to_owned(), &json!({"error": "usage", "message": text}))
        }
    }

    /// What an operator reads as it is.
    fn failed(error: &impl std::fmt::Display) -> Self {
        let text = error.to_string();
        Self::of(
            wrap("", &text),
            &json!({"error": "failed", "message": text}),
        )
    }

    /// What is wrong, as already put into text.
    #[must_use]
    pub fn of(text: String, json: &impl Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_default();
        Self {
            text,
            json,
            code: 1,
        }
    }
}

impl Failure {
    /// The problems of a file that a person wrote, as already put into text.
    #[must_use]
    pub fn of_problems(problems: &[Problem], text: String) -> Self {
        Self::of(text, &json!({"error": "problems", "problems": problems}))
    }
}

/// Prints what came of a command and gives the exit code.
pub(super) fn tell(outcome: Result<Answer, Failure>, format: Format) -> ExitCode {
    let (code, text, json, to_stderr) = match outcome {
        Ok(answer) => (
            u8::from(answer.has_problems),
            answer.text,
            answer.json,
            false,
        ),
        Err(failure) => (failure.code, failure.text, failure.json, true),
    };
    match format {
        Format::Text if to_stderr => print(&mut std::io::stderr().lock(), &text),
        Format::Text => print(&mut std::io::stdout().lock(), &text),
        Format::Json => {
            let pretty = serde_json::to_string_pretty(&json).unwrap_or_default();
            print(&mut std::io::stdout().lock(), &format!("{pretty}\n"));
        }
    }
    ExitCode::from(code)
}

/// A reader that has seen enough, such as `head`, is no failure of ours.
fn print(out: &mut impl std::io::Write, text: &str) {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(std::io::stderr(), "{error}");
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::from(DeskError::from(wrong))
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Wrong(wrongs) => Self::of(
                complaints(&wrongs),
                &json!({"error": "wrong", "problems": wrongs}),
            ),
            DeskError::Refused {
                typed,
                refusal,
                possible,
                ..
            } => Self::of(
                wrap("", &typed) + &possibilities("Muligt nu", &possible),
                &json!({"error": "refused", "message": typed, "refusal": refusal.to_string(), "possible": possible}),
            ),
            DeskError::MovedOn => Self::from(Wrong::new(error.to_string())),
            DeskError::Run(error) => Self::from(error),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::failed(&error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::from(RunError::from(error))
    }
}

impl From<BadBackups> for Failure {
    fn from(error: BadBackups) -> Self {
        Self::failed(&error)
    }
}

impl From<BadIntake> for Failure {
    fn from(error: BadIntake) -> Self {
        Self::failed(&error)
    }
}

impl From<BadMail> for Failure {
    fn from(error: BadMail) -> Self {
        Self::failed(&error)
    }
}

/// All that is wrong, each with its place and what to do.
fn complaints(wrongs: &[Wrong]) -> String {
    let mut out = String::new();
    if wrongs.iter().any(|wrong| wrong.line.is_some()) {
        let count = if wrongs.len() == 1 {
            "én fejl".to_owned()
        } else {
            format!("{} fejl", wrongs.len())
        };
        let _ = write!(out, "Intet er taget ind: listen har {count}.\n\n");
    }
    for wrong in wrongs {
        out.push_str(&wrap("", &format!("{}{}", wrong.place(), wrong.message)));
        if let Some(help) = &wrong.help {
            out.push_str(&wrap("    ", help));
        }
    }
    out
}

/// What can be typed, with what it is.
pub(super) fn possibilities(title: &str, possible: &[Possible]) -> String {
    if possible.is_empty() {
        return String::new();
    }
    let mut table = Table::plain().whole(0);
    for one in possible {
        table.row([one.event.clone(), one.title.clone()]);
    }
    format!("\n{title}:\n{}", table.text(2))
}
