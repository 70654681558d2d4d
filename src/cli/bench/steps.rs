//! `tovholder bench steps`: workflows of three durable steps with two timers between them.

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use super::super::Failure;
use super::child;
use super::due::count;
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::clock::Clock;
use crate::runner::bench::{Drained, Play, Task};

/// What a timer is in the workflow: the shortest time that a state lasts, a day, in seconds.
const DAY: f64 = 86_400.0;

/// Three-step workflows: three durable steps, each with a mail in the outbox (--without-mail: with its
/// history alone), and two timers between.
///
/// The shortest time that a state lasts is a day; the clock runs so fast that a day takes as long as
/// --timer says. A machine that needs longer than that for one step of all workflows lets some take
/// two steps at once, which is told: then give it a longer timer.
#[derive(Args, Clone, Debug)]
pub(super) struct Steps {
    /// How many workflows, all begun at one instant.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub cases: u32,
    /// How long a timer takes.
    #[arg(long, default_value_t = 1, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub timer: u32,
    /// So many seconds ahead lies the instant when the work loop begins.
    #[arg(long, default_value_t = 3, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub ahead: u32,
    /// Nobody is written to: each case moves, and its history says so.
    #[arg(long)]
    pub without_mail: bool,
}

impl Steps {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let play = if self.without_mail {
            Play::MovesInSteps
        } else {
            Play::Steps
        };
        let database = ground.staged(play, count(self.cases)).await?;
        progress("tre trin med to ventetider");
        let task = Task::Due {
            database: database.clone(),
            play,
            cases: count(self.cases),
            rate: DAY / f64::from(self.timer),
            at: Clock::Real.now() + SignedDuration::from_secs(self.ahead.into()),
        };
        let drained: Drained = child::run(&task).await?;
        ground.remove(&database).await;
        let cases = f64::from(self.cases);
        let timers = 2.0 * f64::from(self.timer);
        let late = |percent| ended_late(&drained, count(self.cases), timers, percent);
        let (p50, p99) = (late(50), late(99));
        let steps: usize = drained.commits.iter().map(|(_, steps)| steps).sum();
        let cpu = drained.cpu_ms / cases;
        let server = drained.server_cpu_ms.map(|ms| ms / cases);
        let mut lines = vec![
            Line::new("Gennemført", drained.per_second(), "forløb/s"),
            Line::new(
                format!("I alt, heraf {} s ventetid", 2 * self.timer),
                drained.seconds(),
                "s",
            ),
            Line::new("Det første trin var forsinket", drained.first_ms(), "ms"),
            Line::new("Halvdelen sluttede højst for sent", p50, "ms"),
            Line::new("99 af 100 sluttede højst for sent", p99, "ms"),
            Line::whole("Trin før tiden", drained.early),
            Line::new("Processortid pr. forløb", cpu, "ms"),
        ];
        if let Some(server) = server {
            lines.push(Line::new(
                "Processortid på serveren pr. forløb",
                server,
                "ms",
            ));
        }
        lines.push(Line::new("Hukommelse, højst", drained.peak_mb, "MB"));
        let json = json!({
            "cases": drained.moved, "mails": drained.mails, "seconds": drained.seconds(),
            "per_second": drained.per_second(), "timers_seconds": timers, "steps": steps, "first_ms": drained.first_ms(),
            "p50_ms": p50, "p99_ms": p99, "early": drained.early, "cpu_ms_per_case": cpu,
            "server_cpu_ms_per_case": server, "peak_mb": drained.peak_mb, "database": ground.name(),
        });
        Ok(Told {
            title: format!(
                "{} forløb i tre trin · {}",
                counted(self.cases),
                ground.name()
            ),
            lines,
            note: self.note(steps),
            json,
        })
    }
}

impl Steps {
    fn note(&self, steps: usize) -> String {
        let clock = format!("Uret går så hurtigt, at et døgn tager {} s.", self.timer);
        if steps >= Play::Steps.steps() * count(self.cases) {
            return clock;
        }
        format!("{clock} Nogle forløb tog to trin på én gang: giv dem længere tid med --timer.")
    }
}

/// How late a workflow ended at a percentage of all: the last steps are what is left after two thirds.
fn ended_late(drained: &Drained, cases: usize, timers: f64, percent: usize) -> f64 {
    let mut before = 2 * cases + (cases * percent).div_ceil(100).max(1);
    for (late, advanced) in &drained.commits {
        if before <= *advanced {
            return late - timers * 1000.0;
        }
        before -= advanced;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_workflow_is_its_third_step() {
        let drained = Drained {
            commits: vec![(5.0, 10), (1006.0, 10), (2007.0, 5), (2009.0, 5)],
            ..Drained::default()
        };
        for (percent, late) in [(50, 7.0), (51, 9.0), (99, 9.0)] {
            assert!(
                (ended_late(&drained, 10, 2.0, percent) - late).abs() < 1e-9,
                "{percent}"
            );
        }
    }
}
