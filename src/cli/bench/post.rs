//! `tovholder bench mail` and `digest`: what mail costs to make and to hand over.

use clap::Args;
use serde_json::{Value as Json, json};

use super::super::Failure;
use super::child::{self, Background};
use super::due::count;
use super::ground::{Ground, progress};
use super::table::{Line, counted};
use super::told::Told;
use crate::runner::bench::{Delivered, Digested, Handed, Play, Ports, Rendered, Task};

/// Mail: rendered, handed over in the clear and in TLS, and its whole way from due to sent.
///
/// The server that discards it is a process of its own. Rendering stands beside handlebars alone, with
/// the same final texts and words; all else beside a sender of prepared bytes that writes each envelope and
/// each message at once, over as many connections. A program of somebody else may take its turn.
#[derive(Args, Clone, Debug)]
pub(super) struct Mail {
    /// How many mails.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub mails: u32,
    /// How often; the rounds with the median ratios are told.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub rounds: u32,
    /// A program that sends the same: it gets port, mails and connections as arguments and the message
    /// on its input, and says the seconds. `benches/peers/lettre` is one.
    #[arg(long, value_name = "PROGRAM")]
    pub peer: Option<String>,
}

impl Mail {
    /// A small one, for the survey of everything.
    pub fn small(mails: u32) -> Self {
        Self {
            mails,
            rounds: 1,
            peer: None,
        }
    }

    pub async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let rendered = self.render(ground).await?;
        let ports = Ports {
            plain: free_port()?,
            tls: free_port()?,
        };
        let _sink = Background::start(&Task::Sink { ports })?;
        progress("mails afleveres");
        let task = Task::HandOver {
            ports,
            mails: count(self.mails),
            rounds: count(self.rounds),
            peer: self.peer.clone(),
        };
        let handed: Vec<Handed> = child::run(&task).await?;
        let delivered = self.deliver(ground, ports.plain).await?;
        let plain = median(&handed, |round| (round.ours, round.raw));
        let tls = median(&handed, |round| (round.ours_tls, round.raw_tls));
        let peer = median(&handed, |round| {
            (round.ours, round.peer.unwrap_or_default())
        });
        let whole = median(&delivered, |round| (round.per_second, round.raw_per_second));
        let render = (
            rendered.templates_per_second,
            rendered.handlebars_per_second,
        );
        let peak_mb = delivered
            .iter()
            .map(|round| round.peak_mb)
            .fold(rendered.peak_mb, f64::max);
        let mut lines = vec![
            line("Skrevet efter skabelon", render),
            Line::new(
                "Afgjort og skrevet",
                rendered.rendered_per_second,
                "mails/s",
            ),
            line("Afleveret", plain),
            line("Afleveret i TLS", tls),
        ];
        if self.peer.is_some() {
            lines.push(line("Afleveret, ved siden af et andet program", peer));
        }
        lines.push(line("Fra forfald til sendt", whole));
        lines.push(Line::new("Hukommelse, højst", peak_mb, "MB"));
        let mut json = json!({
            "mails": delivered.first().map(|round| round.mails),
            "bytes": delivered.first().map(|round| round.bytes),
            "render": pair(render),
            "rendered_per_second": rendered.rendered_per_second,
            "handed": pair(plain),
            "handed_tls": pair(tls),
            "whole": pair(whole),
            "peak_mb": peak_mb,
            "rounds": {"handed": handed, "whole": delivered},
        });
        if self.peer.is_some() {
            json["peer"] = pair(peer);
        }
        Ok(Told {
            title: format!("{} mails · {}", counted(self.mails), ground.name()),
            lines,
            note: "Sammenlignet med handlebars alene, og ellers med en afsender, der kun kender bytes \
                   og skriver hver kuvert og hver mail på én gang. Af flere runder er det den med det \
                   midterste forhold."
                .into(),
            json,
        })
    }

    async fn render(&self, ground: &Ground) -> Result<Rendered, Failure> {
        let database = ground.staged(Play::Due, count(self.mails)).await?;
        progress("mails skrives");
        let task = Task::Render {
            database: database.clone(),
        };
        let rendered = child::run(&task).await?;
        ground.remove(&database).await;
        Ok(rendered)
    }

    /// Each round on a copy of what was staged.
    async fn deliver(&self, ground: &Ground, port: u16) -> Result<Vec<Delivered>, Failure> {
        let staged = ground.staged(Play::Letters, count(self.mails)).await?;
        let mut delivered = Vec::new();
        for round in 1..=self.rounds {
            progress(&format!(
                "fra forfald til sendt, runde {round} af {}",
                self.rounds
            ));
            let database = ground.copy(&staged).await?;
            let task = Task::Deliver {
                database: database.clone(),
                port,
            };
            delivered.push(child::run(&task).await?);
            ground.remove(&database).await;
        }
        ground.remove(&staged).await;
        Ok(delivered)
    }
}

/// Of the rounds' pairs, the one with the median ratio.
fn median<T>(rounds: &[T], of: impl Fn(&T) -> (f64, f64)) -> (f64, f64) {
    let mut pairs: Vec<(f64, f64)> = rounds.iter().map(of).collect();
    pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    pairs.get(pairs.len() / 2).copied().unwrap_or_default()
}

fn line(what: &str, (ours, other): (f64, f64)) -> Line {
    Line::new(what, ours, "mails/s").beside(other, ours / other, "mails/s")
}

fn pair((ours, other): (f64, f64)) -> Json {
    json!({"per_second": ours, "beside": other, "ratio": ours / other})
}

/// A port that nobody listens at.
pub(super) fn free_port() -> Result<u16, Failure> {
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
