//! Where mail comes in, and where reports about ours are to go.

use std::path::PathBuf;

use clap::Args;

use crate::fetch::{BadImap, Inbox};
use crate::runner::Settings;

/// The way in.
#[derive(Args, Clone, Debug, Default)]
pub struct Intake {
    /// Where bounces and replies come in: maildir:FOLDER, or `imaps://user:password@mail.example/INBOX`;
    /// `TOVHOLDER_INTAKE`. It may hold a password, so prefer the variable: other users can read a command
    /// line.
    #[arg(
        long,
        env = "TOVHOLDER_INTAKE",
        value_name = "ADDRESS",
        hide_env = true
    )]
    pub intake: Option<String>,
    /// A file of certificates (PEM) to trust beside the public ones; `TOVHOLDER_INTAKE_CA`.
    #[arg(
        long,
        env = "TOVHOLDER_INTAKE_CA",
        value_name = "FILE",
        hide_env = true
    )]
    pub intake_ca: Option<PathBuf>,
    /// The address that mail which cannot be delivered is returned to, such as retur@college.example; each mail
    /// gets its own, retur+ID@college.example. `TOVHOLDER_BOUNCES`. Default: the sender's.
    #[arg(
        long,
        env = "TOVHOLDER_BOUNCES",
        value_name = "MAIL ADDRESS",
        hide_env = true
    )]
    pub bounces: Option<String>,
}

/// What is wrong with the way in.
#[derive(Debug, thiserror::Error)]
pub enum BadIntake {
    /// The address.
    #[error("--intake or TOVHOLDER_INTAKE: {0}")]
    Address(#[from] BadImap),
    /// The certificates cannot be read.
    #[error(
        "{path}: {error}; --intake-ca or TOVHOLDER_INTAKE_CA names a file of certificates in PEM"
    )]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Where reports go is no address.
    #[error(
        "--bounces or TOVHOLDER_BOUNCES: {0:?} is not a mail address such as retur@college.example, without a +"
    )]
    Bounces(String),
}

impl Intake {
    /// The mailbox, if there is one.
    pub fn inbox(&self) -> Result<Option<Inbox>, BadIntake> {
        let Some(address) = &self.intake else {
            return Ok(None);
        };
        let ca = match &self.intake_ca {
            None => None,
            Some(path) => Some(
                std::fs::read_to_string(path).map_err(|error| BadIntake::Ca {
                    path: path.clone(),
                    error,
                })?,
            ),
        };
        Ok(Some(Inbox::from_address(address, ca.as_deref())?))
    }

    /// Adds where reports go to the settings.
    pub fn apply(&self, settings: &mut Settings) -> Result<(), BadIntake> {
        if let Some(bounces) = &self.bounces {
            let is_address = crate::message::Mailbox::parse("", bounces).is_ok();
            if !is_address || bounces.contains('+') {
                return Err(BadIntake::Bounces(bounces.clone()));
            }
            settings.bounces = Some(bounces.to_lowercase());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_variable_and_without_the_password() {
        let of = |intake: &str, bounces: &str| Intake {
            intake: Some(intake.to_owned()),
            bounces: Some(bounces.to_owned()),
            ..Intake::default()
        };
        let error = of("imap://a:hemmelig@m.example", "")
            .inbox()
            .expect_err("plain");
        assert!(error.to_string().contains("TOVHOLDER_INTAKE"), "{error}");
        assert!(!error.to_string().contains("hemmelig"), "{error}");
        let from = "post@college.example".parse().expect("a mailbox");
        let mut settings = Settings::new(from, "x");
        for bad in ["retur", "retur+x@college.example"] {
            assert!(of("", bad).apply(&mut settings).is_err(), "{bad}");
        }
        of("", "Retur@college.example")
            .apply(&mut settings)
            .expect("good");
        assert_eq!(settings.bounces.as_deref(), Some("retur@college.example"));
    }
}
