//! Where pages are answered.

use std::net::{IpAddr, SocketAddr};

use clap::Args;

/// The pages.
#[derive(Args, Clone, Debug, Default)]
pub struct Web {
    /// Answer pages at this address, such as 127.0.0.1:8080, behind a web server that adds HTTPS;
    /// `TOVHOLDER_LISTEN`. Without it there are no pages, unless systemd hands over a socket.
    #[arg(
        long,
        env = "TOVHOLDER_LISTEN",
        value_name = "ADDRESS",
        hide_env = true
    )]
    pub listen: Option<SocketAddr>,
    /// Answer with figures for Prometheus at this address, such as 127.0.0.1:9464, below /metrics;
    /// `TOVHOLDER_METRICS_LISTEN`. Nobody has to log in there: let no others reach it.
    #[arg(
        long,
        env = "TOVHOLDER_METRICS_LISTEN",
        value_name = "ADDRESS",
        hide_env = true
    )]
    pub metrics_listen: Option<SocketAddr>,
    /// The web server in front, by its addresses, which is believed when it says in X-Forwarded-For who
    /// asks; `TOVHOLDER_TRUSTED_PROXY`.
    #[arg(
        long,
        env = "TOVHOLDER_TRUSTED_PROXY",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        hide_env = true
    )]
    pub trusted_proxy: Vec<IpAddr>,
}
