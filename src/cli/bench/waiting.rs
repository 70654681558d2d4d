//! `tovholder bench claim` and `idle`: what cases cost that only wait.

use clap::Args;
use serde_json::json;

use super::super::Failure;
use super::child;
use super::due::count;
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::runner::bench::{Claimed, Idled, Play, Task};

/// Cases that are due beside those that wait.
const DUE: usize = 1024;
/// The fewest that wait; each measurement has ten times as many as the one before.
const FIRST: u32 = 10_000;
/// A database grows beyond its rows while it is filled.
const SPARE: f64 = 1.5;

/// Claims: what it costs to find what is due beside ever more cases that wait.
#[derive(Args, Clone, Debug)]
pub(super) struct Claim {
    /// The most that wait; 10 million need some 20 GB.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub waiting_max: u32,
}

impl Claim {
    /// Ten thousand, and ten times as many until the most.
    fn levels(&self) -> Vec<u32> {
        let mut levels = vec![FIRST.min(self.waiting_max)];
        while let Some(next) = levels.last().and_then(|last| last.checked_mul(10))
            && next <= self.waiting_max
        {
            levels.push(next);
        }
        levels
    }

    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let database = ground.staged(Play::Waiting, DUE).await?;
        let mut claims: Vec<Claimed> = Vec::new();
        let mut there = 0;
        for waiting in self.levels() {
            if let Some(before) = claims.last() {
                enough_room(ground, before, waiting)?;
            }
            progress(&format!("{} venter", counted(waiting)));
            let task = Task::Claim {
                database: database.clone(),
                more: i64::from(waiting - there),
                waiting: i64::from(waiting),
            };
            claims.push(child::run(&task).await?);
            there = waiting;
        }
        ground.remove(&database).await;
        Ok(told(ground, &claims))
    }
}

fn told(ground: &Ground, claims: &[Claimed]) -> Told {
    let first = claims[0];
    let lines = claims.iter().map(|one| {
        let waiting = counted(u32::try_from(one.waiting).unwrap_or(u32::MAX));
        Line::new(
            format!("Tag 512, mens {waiting} venter"),
            one.claim_ms,
            "ms",
        )
        .beside(first.claim_ms, one.claim_ms / first.claim_ms, "ms")
    });
    let mut lines: Vec<Line> = lines.collect();
    if let Some(last) = claims.last() {
        lines.push(
            Line::new("Se, at intet er forfaldent (flest)", last.empty_ms, "ms").beside(
                first.empty_ms,
                last.empty_ms / first.empty_ms,
                "ms",
            ),
        );
        lines.push(
            Line::new("Se, hvornår noget er (flest)", last.next_ms, "ms").beside(
                first.next_ms,
                last.next_ms / first.next_ms,
                "ms",
            ),
        );
    }
    let ratio = |one: &Claimed| one.claim_ms / first.claim_ms;
    let levels: Vec<_> = claims
        .iter()
        .map(|one| {
            let mut level = json!(one);
            level["ratio"] = json!(ratio(one));
            level
        })
        .collect();
    Told {
        title: format!("At finde det, der er forfaldent · {}", ground.name()),
        lines,
        note: "Sammenlignet med det samme, når færrest venter.".into(),
        json: json!({"levels": levels}),
    }
}

/// Says how much disk the next measurement takes, and refuses it when there is not so much.
fn enough_room(ground: &Ground, before: &Claimed, waiting: u32) -> Result<(), Failure> {
    let each = whole(before.bytes) / whole(before.waiting);
    let needed = each * f64::from(waiting) * SPARE - whole(before.bytes);
    let gb = |bytes: f64| format!("{:.1} GB", bytes / 1e9).replace('.', ",");
    let Some(free) = ground.free_bytes() else {
        progress(&format!(
            "{} venter fylder ca. {} mere; hvor meget plads serveren har, vides ikke",
            counted(waiting),
            gb(needed)
        ));
        return Ok(());
    };
    progress(&format!(
        "{} venter fylder ca. {} mere; der er {} ledig",
        counted(waiting),
        gb(needed),
        gb(free)
    ));
    if needed < free {
        return Ok(());
    }
    let message = format!(
        "Der er ikke plads: {} skal bruges, og {} er ledig.",
        gb(needed),
        gb(free)
    );
    Err(Failure::new(
        message,
        "Angiv en anden mappe med --dir, eller færre med --waiting-max.",
    ))
}

/// Bytes, or cases, to calculate with.
fn whole(number: i64) -> f64 {
    number.to_string().parse().unwrap_or_default()
}

/// Idleness: what a service costs that has nothing to do but wait.
#[derive(Args, Clone, Debug)]
pub(super) struct Idle {
    /// Cases that wait.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub waiting: u32,
    /// For so long after its start.
    #[arg(long, default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
}

impl Idle {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let empty = self.one(ground, 1).await?;
        let full = self.one(ground, self.waiting).await?;
        let more = full.memory_mb - empty.memory_mb;
        let mut lines = vec![
            Line::new("Klar efter", full.ready_seconds, "s").beside(
                empty.ready_seconds,
                full.ready_seconds / empty.ready_seconds,
                "s",
            ),
            Line::new("Hukommelse", full.memory_mb, "MB").beside(
                empty.memory_mb,
                full.memory_mb / empty.memory_mb,
                "MB",
            ),
            Line::new("Hukommelse, mere end med én", more, "MB"),
            Line::new("Andel af en kerne", full.core_percent, "%"),
        ];
        if let Some(server) = full.server_core_percent {
            lines.push(Line::new("Andel af en kerne på serveren", server, "%"));
        }
        Ok(Told {
            title: format!(
                "En tjeneste, hvor {} sager venter · {}",
                counted(self.waiting),
                ground.name()
            ),
            lines,
            note: "Sammenlignet med en tjeneste, hvor én sag venter.".into(),
            json: json!({"waiting": self.waiting, "empty": empty, "full": full, "memory_over_empty_mb": more}),
        })
    }

    async fn one(&self, ground: &Ground, waiting: u32) -> Result<Idled, Failure> {
        let database = ground.staged(Play::Waiting, count(waiting)).await?;
        progress(&format!(
            "en tjeneste går i gang og venter {} s",
            self.seconds
        ));
        let task = Task::Idle {
            database: database.clone(),
            seconds: self.seconds.into(),
        };
        let idled = child::run(&task).await?;
        ground.remove(&database).await;
        Ok(idled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_ten_times_the_one_before() {
        for (waiting_max, levels) in [
            (500, &[500][..]),
            (10_000, &[10_000]),
            (99_999, &[10_000]),
            (1_000_000, &[10_000, 100_000, 1_000_000]),
        ] {
            assert_eq!(Claim { waiting_max }.levels(), levels);
        }
    }
}
