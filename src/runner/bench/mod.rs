//! Measuring, for `tovholder bench`: what each part does to a database of its own.
//!
//! A [`Task`] is what one process measures: it is read from another process, run here, and answered
//! with JSON, so that peak memory and processor time are of nothing else. Absolute times say little
//! on a shared machine; what is compared is measured in turns, and the ratio is quoted.

mod due;
mod limit;
mod machine;
mod stage;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

pub use self::due::Drained;
pub use self::stage::Play;
use super::RunError;
use crate::store::Scratch;

/// What one process measures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Fills an empty database with cases that are all due at one instant; answers how many bytes it has.
    Stage {
        /// Where.
        database: Scratch,
        /// What the cases go through.
        play: Play,
        /// How many.
        cases: usize,
    },
    /// Lets the work loop run over an instant that lies ahead, as [`Drained`].
    Due {
        /// What was staged.
        database: Scratch,
        /// How many cases there are.
        cases: usize,
        /// The real instant at which they are due.
        at: Timestamp,
    },
    /// Writes by hand what another database was given; seconds of writing alone.
    Limit {
        /// Where the engine has written.
        from: Scratch,
        /// A copy of what that was before.
        into: Scratch,
        /// Cases in a transaction.
        batch: usize,
        /// Transactions at a time; one where there is one writer.
        sessions: usize,
    },
}

impl Task {
    /// Does it.
    pub async fn run(self) -> Result<Json, RunError> {
        Ok(match self {
            Self::Stage {
                database,
                play,
                cases,
            } => json!(stage::fill(&database, play, cases).await?),
            Self::Due {
                database,
                cases,
                at,
            } => json!(due::drain(&database, cases, at).await?),
            Self::Limit {
                from,
                into,
                batch,
                sessions,
            } => json!(limit::write(&from, &into, batch, sessions).await?),
        })
    }
}

/// A count as a number to calculate with.
fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
