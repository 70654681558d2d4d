//! `tovholder bench due`: cases that are due at one instant.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::super::Failure;
use super::child;
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::clock::Clock;
use crate::runner::bench::{Drained, Play, Task};
use crate::store::Scratch;

/// Cases in a transaction of the raw limit: as many as the engine takes.
const BATCH: usize = 512;
/// The raw limit may write two at a time where the database lets it: more were not faster on two cores.
const SESSIONS: usize = 2;
/// What stands beside the figures.
pub(super) const COMPARED: &str =
    "Sammenlignet med de samme rækker, skrevet i hånden i den samme database uden motoren.";
/// A round whose raw limit is off the one before by more than this is repeated.
const DRIFT_MAX: f64 = 0.25;

/// Cases due at one instant: how fast they are through, how late the first and the last are.
///
/// The service's own work loop waits for an instant that lies ahead; then each case moves to its next
/// state, with its history and one mail in the outbox (--without-mail: with its history alone). The raw
/// limit writes the very same rows by hand, without the engine, in transactions of the same size.
#[derive(Args, Clone, Debug)]
pub(super) struct Due {
    /// How many cases.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    cases: u32,
    /// How often; the round with the median ratio is told.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// How many processes serve the database; more than one needs a server.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=8))]
    nodes: u32,
    /// So many seconds ahead lies the instant when the work loop begins.
    #[arg(long, default_value_t = 3, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    ahead: u32,
    /// Nobody is written to: each case moves, and its history says so.
    #[arg(long)]
    without_mail: bool,
}

/// What one round came to.
#[derive(Clone, Debug, Serialize)]
struct Round {
    cases: usize,
    mails: usize,
    seconds: f64,
    per_second: f64,
    first_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
    early: usize,
    cpu_ms_per_case: f64,
    server_cpu_ms_per_case: Option<f64>,
    peak_mb: f64,
    raw_per_second: f64,
    ratio: f64,
}

impl Due {
    /// A small one, for the survey of everything.
    pub fn small(cases: u32) -> Self {
        Self {
            cases,
            rounds: 1,
            nodes: 1,
            ahead: 3,
            without_mail: false,
        }
    }

    fn play(&self) -> Play {
        if self.without_mail {
            Play::Moves
        } else {
            Play::Due
        }
    }

    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        if self.nodes > 1 && !ground.is_server() {
            return Err(Failure::new(
                "Flere processer kan kun dele en PostgreSQL-database.",
                "Angiv --database postgres://…, eller lad være med --nodes.",
            ));
        }
        let staged = ground.staged(self.play(), count(self.cases)).await?;
        let mut rounds: Vec<Round> = Vec::new();
        let mut repeated = 0;
        while rounds.len() < count(self.rounds) {
            progress(&format!("runde {} af {}", rounds.len() + 1, self.rounds));
            let round = self.round(ground, &staged).await?;
            let drifted = rounds
                .last()
                .is_some_and(|before| drift(before, &round) > DRIFT_MAX);
            // A machine that never is quiet is not waited for.
            if drifted && repeated < count(self.rounds) {
                progress("den rå grænse har flyttet sig mere end 25 %; runden måles igen");
                repeated += 1;
                // The older of the two may be the odd one: the next is compared with the newer.
                rounds.pop();
            }
            rounds.push(round);
        }
        ground.remove(&staged).await;
        rounds.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let median = rounds[rounds.len() / 2].clone();
        let mut json = json!(median);
        json["database"] = json!(ground.name());
        json["nodes"] = json!(self.nodes);
        json["repeated"] = json!(repeated);
        json["rounds"] = json!(rounds);
        let title = format!(
            "{} sager, der forfalder på samme tid · {}",
            counted(self.cases),
            ground.name()
        );
        let mut note = COMPARED.to_owned();
        if self.rounds > 1 {
            note.push_str(&format!(
                " Af {} runder er det den med det midterste forhold.",
                self.rounds
            ));
        }
        if repeated > 0 {
            note.push_str(&format!(
                " {repeated} gange svingede det, der sammenlignes med, mere end 25 % fra runden før; det er målt igen."
            ));
        }
        Ok(Told {
            title,
            lines: median.lines(),
            note,
            json,
        })
    }

    /// Ours, then the raw limit, each on a copy of what was staged.
    async fn round(&self, ground: &Ground, staged: &Scratch) -> Result<Round, Failure> {
        let ours = ground.copy(staged).await?;
        let drained = self.drain(&ours).await?;
        let hand = ground.copy(staged).await?;
        let limit = Task::Limit {
            from: ours.clone(),
            into: hand.clone(),
            batch: BATCH,
            sessions: if ground.is_server() { SESSIONS } else { 1 },
        };
        let seconds: f64 = child::run(&limit).await?;
        ground.remove(&ours).await;
        ground.remove(&hand).await;
        Ok(self.figures(&drained, seconds))
    }

    async fn drain(&self, database: &Scratch) -> Result<Drained, Failure> {
        let at: Timestamp = Clock::Real.now() + SignedDuration::from_secs(i64::from(self.ahead));
        let task = Task::Due {
            database: database.clone(),
            play: self.play(),
            cases: count(self.cases),
            at,
            rate: 1.0,
        };
        let mut nodes = tokio::task::JoinSet::new();
        for _ in 0..self.nodes {
            let task = task.clone();
            nodes.spawn(async move { child::run::<Drained>(&task).await });
        }
        let drained: Result<Vec<Drained>, Failure> = nodes.join_all().await.into_iter().collect();
        Ok(Drained::together(drained?))
    }

    fn figures(&self, drained: &Drained, raw_seconds: f64) -> Round {
        let cases = f64::from(self.cases);
        let per_second = drained.per_second();
        let raw_per_second = cases / raw_seconds;
        Round {
            cases: drained.moved,
            mails: drained.mails,
            seconds: drained.seconds(),
            per_second,
            first_ms: drained.first_ms(),
            p50_ms: drained.late_ms(50),
            p99_ms: drained.late_ms(99),
            early: drained.early,
            cpu_ms_per_case: drained.cpu_ms / cases,
            server_cpu_ms_per_case: drained.server_cpu_ms.map(|ms| ms / cases),
            peak_mb: drained.peak_mb,
            raw_per_second,
            ratio: per_second / raw_per_second,
        }
    }
}

/// How far a round's raw limit is from that of the one before.
fn drift(before: &Round, round: &Round) -> f64 {
    (round.raw_per_second / before.raw_per_second - 1.0).abs()
}

/// As many as were asked for.
pub(super) fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Round {
    fn lines(&self) -> Vec<Line> {
        let mut lines = vec![
            Line::new("Gennemført", self.per_second, "sager/s").beside(
                self.raw_per_second,
                self.ratio,
                "sager/s",
            ),
            Line::new("Den første var forsinket", self.first_ms, "ms"),
            Line::new("Halvdelen var forsinket højst", self.p50_ms, "ms"),
            Line::new("99 af 100 var forsinket højst", self.p99_ms, "ms"),
            Line::whole("Sager før tiden", self.early),
            Line::new("Processortid pr. sag", self.cpu_ms_per_case, "ms"),
        ];
        if let Some(server) = self.server_cpu_ms_per_case {
            lines.push(Line::new("Processortid på serveren pr. sag", server, "ms"));
        }
        lines.push(Line::new("Hukommelse, højst", self.peak_mb, "MB"));
        lines
    }
}
