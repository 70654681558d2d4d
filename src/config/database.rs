//! Where the data is.

use std::path::PathBuf;

use clap::Args;

/// The database.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// The database file; `TOVHOLDER_DATABASE`.
    #[arg(
        id = "database",
        long = "database",
        env = "TOVHOLDER_DATABASE",
        default_value = "tovholder.db",
        value_name = "FILE",
        global = true,
        hide_env = true
    )]
    pub file: PathBuf,
}
