//! What systemd is told, and what it hands over; nothing where nobody supervises.

use std::net::TcpListener;
use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::sync::watch;

use crate::runner::Runner;

/// A work loop that has not got on for so long hangs.
const GETS_ON_WITHIN: Duration = Duration::from_mins(5);

/// The socket that systemd holds for the pages (`LISTEN_FDS`). It outlives this process, so that whoever comes while
/// it is replaced waits a moment and is not refused.
pub(super) fn socket() -> std::io::Result<Option<TcpListener>> {
    ListenFd::from_env().take_tcp_listener(0)
}

/// The service answers and works.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The service has been told to stop, and finishes what is under way.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says again and again that the service gets on, if systemd wants to hear that; it is silent when the work loop hangs,
/// so that it is started anew.
pub(super) async fn watchdog(runner: Runner, mut stop: watch::Receiver<bool>) {
    let Some(within) = sd_notify::watchdog_enabled() else {
        return;
    };
    while !*stop.borrow() {
        // A service that has not begun waits for its database, and says so itself.
        if runner.looked_ago().is_none_or(|ago| ago < GETS_ON_WITHIN) {
            tell(&[NotifyState::Watchdog]);
        }
        tokio::select! {
            () = tokio::time::sleep(within / 3) => {}
            _ = stop.changed() => {}
        }
    }
}

fn tell(state: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
