//! Traces for an operator's collector: the program itself, with a collector of ours that keeps what it gets, which is
//! read by OpenTelemetry's own types for Python.

#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
mod sent;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use crate::faults::service::tovholder;

/// The service, with pages, and the standard's variables.
fn serve(folder: &Path, pages: SocketAddr, collector: &str) -> Command {
    let mut command = tovholder();
    command
        .args(["serve", "--mail-dir", "mails"])
        .args(["--mail-from", "post@college.example"])
        .args(["--listen", &pages.to_string()])
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=4711");
    command
}

/// An address that is free for now.
fn free() -> SocketAddr {
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    door.local_addr().expect("an address")
}

#[cfg(not(feature = "otel"))]
#[tokio::test]
async fn a_build_without_them_says_so_and_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let command = serve(folder.path(), free(), "http://127.0.0.1:9");
    let log = crate::faults::service::Service::of(command).stop().await;
    assert_eq!(
        log.matches("OTEL_EXPORTER_OTLP_ENDPOINT").count(),
        1,
        "{log}"
    );
    assert!(log.contains("--features otel"), "{log}");
}
