//! What the long-running commands tell the operator, on stderr: one line for each thing that happens.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use super::Failure;
use crate::traces;

/// The variable that says how much is told.
const VARIABLE: &str = "TOVHOLDER_LOG";
/// The variable that says how it is written.
const FORMAT: &str = "TOVHOLDER_LOG_FORMAT";

/// What hears beside the log.
pub(super) type Other = Box<dyn Layer<Registry> + Send + Sync>;

/// Begins to tell: what `TOVHOLDER_LOG` says, such as `debug` or `tovholder=info,sqlx=warn`, or else
/// the level given. The time on a line is the machine's.
pub(super) fn begin(level: &str) -> Result<(), Failure> {
    begin_beside(level, None)
}

/// The same beside something else that hears.
pub(super) fn begin_beside(level: &str, other: Option<Other>) -> Result<(), Failure> {
    let given = std::env::var(VARIABLE).unwrap_or_else(|_| level.to_owned());
    let filter = EnvFilter::try_new(&given).map_err(|error| {
        let message = format!("{VARIABLE}={given} kan ikke bruges: {error}.");
        Failure::new(message, "Skriv fx info, debug eller tovholder=debug.")
    })?;
    // A span that leaves as a trace is no part of a line.
    let off = format!("{}=off", traces::TARGET);
    let filter = filter.add_directive(off.parse().expect("a directive"));
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let told = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(color)
        // Whoever read them may have gone; the service goes on.
        .log_internal_errors(false);
    // Somebody who runs several commands in one process has begun already.
    let told = match format()? {
        Format::Lines => told.boxed(),
        Format::Json => told.json().flatten_event(true).boxed(),
    };
    let heard = tracing_subscriber::registry().with(other);
    drop(heard.with(told.with_filter(filter)).try_init());
    Ok(())
}

/// Whether what is told is read by people; else nothing else may stand between the lines.
pub(super) fn is_for_people() -> bool {
    matches!(format(), Ok(Format::Lines))
}

/// How a line is written.
enum Format {
    /// For people.
    Lines,
    /// An object on each line, with what happened in `message`.
    Json,
}

fn format() -> Result<Format, Failure> {
    match std::env::var(FORMAT).unwrap_or_default().as_str() {
        "" | "text" => Ok(Format::Lines),
        "json" => Ok(Format::Json),
        other => Err(Failure::new(
            format!("{FORMAT}={other} kan ikke bruges."),
            "Skriv text eller json.",
        )),
    }
}
