//! `tovholder bench mail` and `digest`: what mail costs to make and to hand over.

use clap::Args;
use serde_json::json;

use super::super::Failure;
use super::child::{self, Background};
use super::due::count;
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::runner::bench::{Digested, Play, Posted, Task};

/// Mail: rendered, and handed over to a server in a process of its own that discards it.
///
/// Rendering stands beside handlebars alone, with the same final texts and words; handing over beside a
/// sender that knows nothing but bytes, over as many connections.
#[derive(Args, Clone, Debug)]
pub(super) struct Mail {
    /// How many mails.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub mails: u32,
}

impl Mail {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let database = ground.staged(Play::Due, count(self.mails)).await?;
        let port = free_port()?;
        let _sink = Background::start(&Task::Sink { port })?;
        progress("mails laves og afleveres");
        let task = Task::Post {
            database: database.clone(),
            port,
        };
        let posted: Posted = child::run(&task).await?;
        ground.remove(&database).await;
        let rendered = posted.rendered_per_second;
        let (ours, alone) = (posted.templates_per_second, posted.handlebars_per_second);
        let (sent, raw) = (posted.sent_per_second, posted.raw_per_second);
        let lines = vec![
            Line::new("Skrevet efter skabelon", ours, "mails/s").beside(
                alone,
                ours / alone,
                "mails/s",
            ),
            Line::new("Afgjort og skrevet", rendered, "mails/s"),
            Line::new("Afleveret", sent, "mails/s").beside(raw, sent / raw, "mails/s"),
            Line::new("Hukommelse, højst", posted.peak_mb, "MB"),
        ];
        let mut json = json!(posted);
        json["render_ratio"] = json!(ours / alone);
        json["send_ratio"] = json!(sent / raw);
        Ok(Told {
            title: format!("{} mails · {}", counted(self.mails), ground.name()),
            lines,
            note: "Sammenlignet med handlebars alene, og med en afsender, der kun kender bytes."
                .into(),
            json,
        })
    }
}

/// A port that nobody listens at.
fn free_port() -> Result<u16, Failure> {
    let bound =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = bound.map_err(|error| {
        Failure::new(
            format!("Der er ingen ledig port: {error}."),
            "Prøv igen om lidt.",
        )
    })?;
    Ok(address.port())
}

/// One digest over a hold: decided, written with every case in it, frozen.
#[derive(Args, Clone, Debug)]
pub(super) struct Digest {
    /// How many cases the hold has.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub cases: u32,
}

impl Digest {
    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let database = ground.staged(Play::Digest, count(self.cases)).await?;
        progress("et statusbrev laves");
        let task = Task::Digest {
            database: database.clone(),
        };
        let digested: Digested = child::run(&task).await?;
        ground.remove(&database).await;
        let kb = f64::from(u32::try_from(digested.bytes).unwrap_or(u32::MAX)) / 1024.0;
        let lines = vec![
            Line::new("Afgjort", digested.decide_ms, "ms"),
            Line::new("Skrevet", digested.render_ms, "ms"),
            Line::new("Mailens størrelse", kb, "kB"),
            Line::new("Hukommelse, højst", digested.peak_mb, "MB"),
        ];
        Ok(Told {
            title: format!(
                "Et statusbrev om {} sager · {}",
                counted(self.cases),
                ground.name()
            ),
            lines,
            note: String::new(),
            json: json!(digested),
        })
    }
}
