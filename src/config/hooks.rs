//! Where other programs may be that are told what happens.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use crate::channel::{BadPost, Post, PostRules};

/// Hooks.
#[derive(Args, Clone, Debug, Default)]
pub struct Hooks {
    /// Addresses inside the own network, or of this machine, that hooks may reach all the same, such as
    /// 10.1.2.3,10.1.2.4; `TOVHOLDER_HOOKS_INSIDE`. Without it only those of the open net.
    #[arg(
        long,
        env = "TOVHOLDER_HOOKS_INSIDE",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        hide_env = true
    )]
    pub hooks_inside: Vec<IpAddr>,
    /// A file of certificates (PEM) that hooks trust beside the public ones; `TOVHOLDER_HOOKS_CA`.
    #[arg(long, env = "TOVHOLDER_HOOKS_CA", value_name = "FILE", hide_env = true)]
    pub hooks_ca: Option<PathBuf>,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum BadHooks {
    /// The certificates cannot be read.
    #[error(
        "{path}: {error}; --hooks-ca or TOVHOLDER_HOOKS_CA names a file of certificates in PEM"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// They are none.
    #[error("--hooks-ca or TOVHOLDER_HOOKS_CA: {0}")]
    Ca(#[from] BadPost),
}

impl Hooks {
    /// The rules, which can be gone by.
    pub fn rules(&self) -> Result<PostRules, BadHooks> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|error| BadHooks::File {
                path: path.clone(),
                error,
            })
        };
        let rules = PostRules {
            inside: self.hooks_inside.iter().map(IpAddr::to_canonical).collect(),
            ca_pem: self.hooks_ca.as_ref().map(read).transpose()?,
            ..PostRules::default()
        };
        Post::new(&rules)?;
        Ok(rules)
    }
}
