//! What an installation decides: one struct per concern, each field with its environment variable.
//!
//! A command takes the concerns it needs with `#[command(flatten)]`, so that `--help` shows exactly
//! those. An option on the command line wins over the environment.

mod backups;
mod database;
mod dkim;
mod hooks;
mod intake;
mod key;
mod mail;
mod oidc;
mod texts;
mod web;

pub use backups::{Backups, BadBackups};
pub use database::{BadPlace, Database, Place};
pub use dkim::{BadDkim, Dkim};
pub use hooks::{BadHooks, Hooks};
pub use intake::{BadIntake, Intake};
pub use key::{NoKeys, SealKeys};
pub use mail::{BadMail, Mail};
pub use oidc::Oidc;
pub use texts::Texts;
pub use web::Web;

use std::path::Path;

/// Whether every user of this machine can read a file.
#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    // Whoever is in the file's group was put there.
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_key_that_everybody_can_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().expect("a file");
        for (mode, open) in [(0o600, false), (0o640, false), (0o644, true), (0o604, true)] {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), mode).expect("its mode");
            assert_eq!(others_can_read(file.path()), open);
        }
    }
}
