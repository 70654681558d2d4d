//! What the long-running commands tell the operator, on stderr: one line for each thing that happens.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::Failure;

/// The variable that says how much is told.
const VARIABLE: &str = "TOVHOLDER_LOG";
/// The variable that says how it is written.
const FORMAT: &str = "TOVHOLDER_LOG_FORMAT";

/// Begins to tell: what `TOVHOLDER_LOG` says, such as `debug` or `tovholder=info,sqlx=warn`, or else
/// the level given. The time on a line is the machine's.
pub(super) fn begin(level: &str) -> Result<(), Failure> {
    let given = std::env::var(VARIABLE).unwrap_or_else(|_| level.to_owned());
    let filter = EnvFilter::try_new(&given).map_err(|error| {
        let message = format!("{VARIABLE}={given} kan ikke bruges: {error}.");
        Failure::new(message, "Skriv fx info, debug eller tovholder=debug.")
    })?;
    let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let told = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        // Whoever read them may have gone; the service goes on.
        .log_internal_errors(false);
    // Somebody who runs several commands in one process has begun already.
    drop(match format()? {
        Format::Lines => told.try_init(),
        Format::Json => told.json().flatten_event(true).try_init(),
    });
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
