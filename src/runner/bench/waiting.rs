//! Cases that only wait: what they cost a claim, and a service that has nothing to do.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::machine::{cpu_ms_of, now_mb, own_cpu_ms, peak_mb};
use super::percentile;
use super::stage::{runner, start};
use crate::channel::{Channel, MemoryChannel};
use crate::clock::{Clock, Stopwatch};
use crate::runner::{Mailer, RunError, serve};
use crate::store::{Copies, Scratch, Store};

/// Claims that are measured; the middle one is told.
const CLAIMS: usize = 101;
/// Cases in a claim.
const BATCH: i64 = 512;
/// The waiting become due so far apart, µs.
const APART: i64 = 1000;

/// What a claim costs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Claimed {
    /// Cases that wait.
    pub waiting: i64,
    /// To claim a batch of those that are due.
    pub claim_ms: f64,
    /// To find that nothing is due.
    pub empty_ms: f64,
    /// To find when something is.
    pub next_ms: f64,
    /// The whole database.
    pub bytes: i64,
}

/// Lets more cases wait, and claims beside them.
pub(super) async fn claim(
    database: &Scratch,
    more: i64,
    waiting: i64,
) -> Result<Claimed, RunError> {
    let store = database.open().await?;
    let of = store
        .cases_after(0, 1)
        .await?
        .first()
        .copied()
        .unwrap_or_default();
    let copies = Copies {
        of,
        count: more,
        apart: APART,
        history: false,
    };
    store.copy_case(copies).await?;
    store.settle_down().await?;
    let due = start()?.as_microsecond();
    let (mut claims, mut empty, mut next) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CLAIMS {
        let begun = Stopwatch::start();
        let claimed = store.load_due(due, BATCH).await?;
        claims.push(ms(begun));
        if claimed.is_empty() {
            return Err(RunError::Inconsistent("nothing was claimed".into()));
        }
        let begun = Stopwatch::start();
        store.load_due(due - 1, BATCH).await?;
        empty.push(ms(begun));
        let begun = Stopwatch::start();
        store.next_work_due().await?;
        next.push(ms(begun));
    }
    let bytes = store.bytes().await?;
    store.close().await?;
    let middle = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        percentile(&all, 50)
    };
    Ok(Claimed {
        waiting,
        claim_ms: middle(claims),
        empty_ms: middle(empty),
        next_ms: middle(next),
        bytes,
    })
}

fn ms(begun: Stopwatch) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

/// A service with nothing to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Idled {
    /// How long it took from its start until it had nothing to do.
    pub ready_seconds: f64,
    /// Memory while it waits, in MB.
    pub memory_mb: f64,
    /// The most it had, with its start.
    pub peak_mb: f64,
    /// Share of a core, in percent.
    pub core_percent: f64,
    /// The same of the database's server, where it can be told.
    pub server_core_percent: Option<f64>,
}

/// Serves a database in which everybody waits, for so many seconds after its start is done.
pub(super) async fn idle(database: &Scratch, seconds: u64) -> Result<Idled, RunError> {
    let store = database.open().await?;
    let clock = Clock::scaled_from_now(start()? - SignedDuration::from_hours(24), 1.0);
    let runner = runner(&store, clock)?;
    let mailer = Mailer::new(runner.clone(), Channel::Memory(MemoryChannel::new()));
    let (stop, stopped) = watch::channel(false);
    let begun = Stopwatch::start();
    let serving = runner.clone();
    let served = tokio::spawn(async move { serve::serve(&serving, &mailer, stopped).await });
    let ready_seconds = until_idle(&store, &served, begun).await?;
    let (cpu, server) = (own_cpu_ms(), server_cpu(&store).await?);
    let sampled = Stopwatch::start();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let percent = |used: f64| used / 10.0 / sampled.elapsed().as_secs_f64();
    let core_percent = percent(own_cpu_ms() - cpu);
    let memory_mb = now_mb();
    let server = server_cpu(&store).await?.zip(server);
    let idled = Idled {
        ready_seconds,
        memory_mb,
        peak_mb: peak_mb(),
        core_percent,
        server_core_percent: server.map(|(after, before)| percent(after - before)),
    };
    let _ = stop.send(true);
    served
        .await
        .map_err(|error| RunError::Inconsistent(error.to_string()))??;
    store.close().await?;
    Ok(idled)
}

async fn server_cpu(store: &Store) -> Result<Option<f64>, RunError> {
    Ok(cpu_ms_of(&store.server_processes().await?))
}

/// A start may look at every case anew; then nothing is due before tomorrow.
async fn until_idle<T>(
    store: &Store,
    served: &tokio::task::JoinHandle<T>,
    begun: Stopwatch,
) -> Result<f64, RunError> {
    const LOOK: Duration = Duration::from_millis(200);
    const LOOKS: u32 = 5;
    /// Looking itself costs a little.
    const BUSY_MS: f64 = 20.0;
    let tomorrow = start()?.as_microsecond();
    // Several looks in a row: a start that still reads has not yet begun to make anything due.
    let (mut quiet, mut cpu) = (0, own_cpu_ms());
    while quiet < LOOKS {
        if served.is_finished() {
            return Err(RunError::Inconsistent("the service ended".into()));
        }
        tokio::time::sleep(LOOK).await;
        let next = store.next_work_due().await?;
        let used = own_cpu_ms() - cpu;
        cpu += used;
        let is_quiet = used <= BUSY_MS && next.is_some_and(|next| next >= tomorrow);
        quiet = if is_quiet { quiet + 1 } else { 0 };
    }
    Ok(begun.elapsed().saturating_sub(LOOK * LOOKS).as_secs_f64())
}
