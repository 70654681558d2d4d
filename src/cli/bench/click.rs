//! `tovholder bench click`: a person's word, one transaction each.

use clap::Args;
use serde_json::{Map, json};

use super::super::Failure;
use super::child;
use super::due::{COMPARED, count};
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::runner::bench::{Clicked, Play, Task};

/// People at a time: one, and a busy office.
const PEOPLE: [usize; 2] = [1, 8];

/// Clicks: a person's word moves one case, in a transaction of its own; one person, and eight.
///
/// The raw limit writes the same rows by hand, in as many transactions, as many at a time.
#[derive(Args, Clone, Debug)]
pub(super) struct Click {
    /// How many clicks.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(8..=1_000_000))]
    pub clicks: u32,
}

impl Click {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let staged = ground.staged(Play::Due, count(self.clicks)).await?;
        let ready = Task::Ready {
            database: staged.clone(),
        };
        child::run::<()>(&ready).await?;
        let (mut lines, mut json) = (Vec::new(), Map::new());
        for people in PEOPLE {
            progress(&format!("{people} ad gangen"));
            let (ours, hand) = (ground.copy(&staged).await?, ground.copy(&staged).await?);
            let click = Task::Click {
                database: ours.clone(),
                people,
            };
            let clicked: Clicked = child::run(&click).await?;
            let limit = Task::Limit {
                from: ours.clone(),
                into: hand.clone(),
                batch: 1,
                sessions: people,
            };
            let seconds: f64 = child::run(&limit).await?;
            let raw = f64::from(self.clicks) / seconds;
            let ratio = clicked.per_second / raw;
            let who = if people == 1 {
                "Én person".to_owned()
            } else {
                format!("{people} personer")
            };
            lines.push(Line::new(&who, clicked.per_second, "klik/s").beside(raw, ratio, "klik/s"));
            lines.push(Line::new(
                format!("{who}: halvdelen højst"),
                clicked.p50_ms,
                "ms",
            ));
            lines.push(Line::new(
                format!("{who}: 99 af 100 højst"),
                clicked.p99_ms,
                "ms",
            ));
            let mut one = json!(clicked);
            one["raw_per_second"] = json!(raw);
            one["ratio"] = json!(ratio);
            json.insert(format!("people_{people}"), one);
            ground.remove(&ours).await;
            ground.remove(&hand).await;
        }
        ground.remove(&staged).await;
        Ok(Told {
            title: format!("{} klik · {}", counted(self.clicks), ground.name()),
            lines,
            note: COMPARED.to_owned(),
            json: json.into(),
        })
    }
}
