//! `tovholder bench sealed`: what it costs that words are sealed.

use clap::Args;
use serde_json::json;

use super::super::Failure;
use super::child;
use super::due::count;
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::runner::bench::{Play, SealedRead, Task};

/// Words of text facts, sealed and in the clear, read in turns.
#[derive(Args, Clone, Debug)]
pub(super) struct Sealed {
    /// How many.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(8..=1_000_000))]
    pub texts: u32,
    /// How often they are read each way; the median of the ratios is told.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rounds: u32,
}

impl Sealed {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let clear = ground.staged(Play::Waiting, count(self.texts)).await?;
        let sealed = ground.copy(&clear).await?;
        progress("læser");
        let task = Task::ReadSealed {
            databases: [clear.clone(), sealed.clone()],
            rounds: count(self.rounds),
        };
        let read: SealedRead = child::run(&task).await?;
        ground.remove(&clear).await;
        ground.remove(&sealed).await;
        Ok(Told {
            title: format!("{} tekster · {}", counted(self.texts), ground.name()),
            lines: vec![
                Line::new("Læst", read.per_second, "tekster/s").beside(
                    read.clear_per_second,
                    read.ratio,
                    "tekster/s",
                ),
                Line::new("Forseglet på ny", read.sealed_per_second, "/s"),
            ],
            note: "Sammenlignet med de samme tekster uden nøgle, læst skiftevis.".to_owned(),
            json: json!(read),
        })
    }
}
