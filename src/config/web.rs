//! Where pages are answered.

use std::net::SocketAddr;

use clap::Args;

/// The pages.
#[derive(Args, Clone, Debug, Default)]
pub struct Web {
    /// Answer pages at this address, such as 127.0.0.1:8080, behind a web server that adds HTTPS;
    /// `TOVHOLDER_LISTEN`. Without it there are no pages.
    #[arg(
        long,
        env = "TOVHOLDER_LISTEN",
        value_name = "ADDRESS",
        hide_env = true
    )]
    pub listen: Option<SocketAddr>,
}
