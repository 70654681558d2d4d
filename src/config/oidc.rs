//! Somebody else's login.

use clap::Args;

/// Logging in by another account (OIDC).
#[derive(Args, Clone, Debug, Default)]
pub struct Oidc {
    /// People may log in by the accounts of this OIDC provider, named by its issuer, beside
    /// passwords; `TOVHOLDER_OIDC_ISSUER`. Only in a build with the feature `oidc`.
    #[arg(
        long,
        env = "TOVHOLDER_OIDC_ISSUER",
        value_name = "ADDRESS",
        hide_env = true
    )]
    pub oidc_issuer: Option<String>,
    /// What it calls us; `TOVHOLDER_OIDC_CLIENT_ID`.
    #[arg(
        long,
        env = "TOVHOLDER_OIDC_CLIENT_ID",
        value_name = "ID",
        hide_env = true
    )]
    pub oidc_client_id: Option<String>,
    /// By which it knows us; `TOVHOLDER_OIDC_CLIENT_SECRET`. Prefer the variable, since other users can
    /// read a command line.
    #[arg(
        long,
        env = "TOVHOLDER_OIDC_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env = true,
        hide_env_values = true
    )]
    pub oidc_client_secret: Option<String>,
    /// What people call it; `TOVHOLDER_OIDC_NAME`. Its host's name if nothing is said.
    #[arg(
        long,
        env = "TOVHOLDER_OIDC_NAME",
        value_name = "NAME",
        hide_env = true
    )]
    pub oidc_name: Option<String>,
}
