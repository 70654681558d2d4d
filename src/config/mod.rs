//! What an installation decides: one struct per concern, each field with its environment variable.
//!
//! A command takes the concerns it needs with `#[command(flatten)]`, so that `--help` shows exactly
//! those. An option on the command line wins over the environment.

mod backups;
mod database;
mod dkim;
mod hooks;
mod intake;
mod mail;
mod oidc;
mod texts;
mod web;

pub use backups::{Backups, BadBackups};
pub use database::{BadPlace, Database, Place};
pub use dkim::{BadDkim, Dkim};
pub use hooks::{BadHooks, Hooks};
pub use intake::{BadIntake, Intake};
pub use mail::{BadMail, Mail};
pub use oidc::Oidc;
pub use texts::Texts;
pub use web::Web;
