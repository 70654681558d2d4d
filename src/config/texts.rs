//! Where workflows and mail templates are.

use std::path::PathBuf;

use clap::Args;

/// The files that people write.
#[derive(Args, Clone, Debug)]
pub struct Texts {
    /// The folder of workflow files; `TOVHOLDER_WORKFLOWS`.
    #[arg(
        long,
        env = "TOVHOLDER_WORKFLOWS",
        default_value = "workflows",
        value_name = "FOLDER",
        hide_env = true
    )]
    pub workflows: PathBuf,
    /// The folder of mail templates; `TOVHOLDER_TEMPLATES`.
    #[arg(
        long,
        env = "TOVHOLDER_TEMPLATES",
        default_value = "email-templates",
        value_name = "FOLDER",
        hide_env = true
    )]
    pub templates: PathBuf,
}
