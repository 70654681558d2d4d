//! `tovholder bench`: what this program does on this machine, beside the raw limit of the same
//! database in the same run.
//!
//! Every measurement is a process of its own, on a database of its own that is made for it and
//! removed: a file in a folder of its own, or a database on the server that `--database` names. What
//! is compared takes turns, and the median of the ratios is quoted.

mod child;
mod due;
mod ground;
mod table;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::ground::Ground;
use super::{Answer, Common, Failure};

const EXAMPLES: &str = "\
On SQLite it measures in a folder of its own, below the one for temporary files
or below --dir. With --database postgres://… it measures on that server, in
databases of its own named tovholder_bench_…; the user must be allowed to make
databases. No other database is opened, and all is removed at the end.

Progress is told on stderr. Quote ratios: absolute figures change with whatever
else the machine does.

Examples:
  tovholder bench due --cases 100000
  tovholder bench due --database postgres://localhost/postgres --nodes 2";

/// Measure this program on this machine, beside what its database can do at most.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Bench {
    #[command(subcommand)]
    part: Part,
    /// Measure in a folder below this one instead of below the one for temporary files (SQLite).
    #[arg(long, value_name = "FOLDER", global = true)]
    dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Part {
    Due(due::Due),
    /// One measurement, for the process that this command starts: a task as JSON on stdin.
    #[command(hide = true)]
    Measure,
}

impl Bench {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        if matches!(self.part, Part::Measure) {
            return child::measure().await;
        }
        let ground = Ground::new(&common.database, self.dir.as_deref())?;
        let stopped = super::serve::stopped()?;
        let outcome = tokio::select! {
            outcome = self.part.run(&ground) => outcome,
            () = told_to_stop(stopped) => Err(Failure::new("Stoppet.", "Det, der var lavet, er fjernet igen.")),
        };
        ground.clear().await;
        outcome
    }
}

async fn told_to_stop(mut stopped: tokio::sync::watch::Receiver<bool>) {
    // Without a sender nobody stops it.
    if stopped.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Part {
    async fn run(&self, ground: &Ground) -> Result<Answer, Failure> {
        match self {
            Self::Due(due) => due.run(ground).await,
            Self::Measure => child::measure().await,
        }
    }
}
