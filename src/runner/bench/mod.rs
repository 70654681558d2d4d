//! Measuring, for `tovholder bench`: what each part does to a database of its own.
//!
//! A [`Task`] is what one process measures: it is read from another process, run here, and answered
//! with JSON, so that peak memory and processor time are of nothing else. Absolute times say little
//! on a shared machine; what is compared is measured in turns, and the ratio is quoted.

mod click;
mod due;
mod hand;
mod limit;
mod machine;
mod pages;
mod post;
mod rendering;
mod sealed;
mod sink;
mod stage;
mod waiting;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

pub use self::click::Clicked;
pub use self::due::Drained;
pub use self::hand::Handed;
pub use self::pages::PagesStage;
pub use self::post::{Delivered, Digested, Rendered};
pub use self::sealed::SealedRead;
pub use self::stage::Play;
pub use self::waiting::{Claimed, Idled};
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
    /// Fills an empty database with holds, cases and an account, for pages, as [`PagesStage`].
    StagePages {
        /// Where.
        database: Scratch,
        /// How many holds.
        holds: usize,
        /// How many cases, on all of them.
        cases: usize,
    },
    /// Lets the work loop run over an instant that lies ahead, as [`Drained`].
    Due {
        /// What was staged.
        database: Scratch,
        /// What the cases go through.
        play: Play,
        /// How many cases there are.
        cases: usize,
        /// The real instant at which they are due.
        at: Timestamp,
        /// Virtual seconds a second.
        rate: f64,
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
    /// Moves what was staged to where a person is asked.
    Ready {
        /// Where.
        database: Scratch,
    },
    /// So many people answer for all cases, as [`Clicked`].
    Click {
        /// Where.
        database: Scratch,
        /// How many at a time.
        people: usize,
    },
    /// Lets more cases wait and claims beside them, as [`Claimed`].
    Claim {
        /// What was staged.
        database: Scratch,
        /// So many more.
        more: i64,
        /// So many in all.
        waiting: i64,
    },
    /// Serves cases that wait, as [`Idled`].
    Idle {
        /// What was staged.
        database: Scratch,
        /// For so long.
        seconds: u64,
    },
    /// One digest over a hold, as [`Digested`].
    Digest {
        /// What was staged.
        database: Scratch,
    },
    /// Renders mail, as [`Rendered`].
    Render {
        /// What was staged.
        database: Scratch,
    },
    /// Hands mail over in several ways, as a list of [`Handed`].
    HandOver {
        /// Where the server listens.
        ports: Ports,
        /// How many each way.
        mails: usize,
        /// How often.
        rounds: usize,
        /// A program that sends the same.
        peer: Option<String>,
    },
    /// Lets cases become due and sends what follows, as [`Delivered`].
    Deliver {
        /// What was staged.
        database: Scratch,
        /// Where the server listens, in the clear.
        port: u16,
    },
    /// Reads words that are sealed and the same in the clear, as [`SealedRead`].
    ReadSealed {
        /// Two that were staged alike: one in the clear, one sealed.
        databases: [Scratch; 2],
        /// How often.
        rounds: usize,
    },
    /// A mail server that discards everything, until its process is ended.
    Sink {
        /// Where it listens.
        ports: Ports,
    },
}

/// Where a mail server listens.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ports {
    /// In the clear.
    pub plain: u16,
    /// In TLS from the first byte.
    pub tls: u16,
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
            Self::StagePages {
                database,
                holds,
                cases,
            } => json!(pages::fill(&database, holds, cases).await?),
            Self::Due {
                database,
                play,
                cases,
                at,
                rate,
            } => json!(due::drain(&database, play, cases, at, rate).await?),
            Self::Limit {
                from,
                into,
                batch,
                sessions,
            } => json!(limit::write(&from, &into, batch, sessions).await?),
            Self::Ready { database } => json!(click::ready(&database).await?),
            Self::Click { database, people } => json!(click::click(&database, people).await?),
            Self::Claim {
                database,
                more,
                waiting,
            } => json!(waiting::claim(&database, more, waiting).await?),
            Self::Idle { database, seconds } => json!(waiting::idle(&database, seconds).await?),
            Self::Digest { database } => json!(post::digest(&database).await?),
            Self::Render { database } => json!(post::rendered(&database).await?),
            Self::HandOver {
                ports,
                mails,
                rounds,
                peer,
            } => json!(hand::hand_over(ports, mails, rounds, peer).await?),
            Self::Deliver { database, port } => json!(post::deliver(&database, port).await?),
            Self::ReadSealed { databases, rounds } => {
                json!(sealed::read(databases.each_ref(), rounds).await?)
            }
            Self::Sink { ports } => json!(sink::sink(ports).await?),
        })
    }
}

/// A count as a number to calculate with.
fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Of figures in order, the one at a percentage.
#[must_use]
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}
