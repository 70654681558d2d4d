//! `tovholder bench`: what this program does on this machine, beside the raw limit of the same
//! database in the same run.
//!
//! Every measurement is a process of its own, on a database of its own that is made for it and
//! removed: a file in a folder of its own, or a database on the server that `--database` names. What
//! is compared takes turns, and the median of the ratios is quoted.

mod child;
mod click;
mod due;
mod ground;
mod pages;
mod post;
mod sealed;
mod steps;
mod table;
mod told;
mod waiting;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::ground::Ground;
use self::table::Line;
use self::told::Told;
use super::{Answer, Common, Failure};

const EXAMPLES: &str = "\
On SQLite it measures in a folder of its own, below the one for temporary files
or below --dir. With --database postgres://… it measures on that server, in
databases of its own named tovholder_bench_…; the user must be allowed to make
databases. No other database is opened, and all is removed at the end.

Progress is told on stderr. Quote ratios: absolute figures change with whatever
else the machine does.

Examples:
  tovholder bench all
  tovholder bench due --cases 100000
  tovholder bench claim --waiting-max 10000000 --dir /var/tmp
  tovholder bench due --database postgres://localhost/postgres --nodes 2";

/// Measure this program on this machine, beside what its database can do at most.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Bench {
    #[command(subcommand)]
    part: Part,
    /// Measure in a folder below this one instead of below the one for temporary files.
    #[arg(long, value_name = "FOLDER", global = true)]
    dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Part {
    Due(due::Due),
    Click(click::Click),
    Claim(waiting::Claim),
    Idle(waiting::Idle),
    Digest(post::Digest),
    Mail(post::Mail),
    Steps(steps::Steps),
    Pages(pages::Pages),
    Sealed(sealed::Sealed),
    /// Everything, with small numbers, in one table.
    All(All),
    /// One measurement, for the process that this command starts: a task as JSON on stdin.
    #[command(hide = true)]
    Measure,
}

impl Bench {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        if matches!(self.part, Part::Measure) {
            return child::measure().await;
        }
        let ground = Ground::new(&common.database, self.dir.as_deref())?;
        let stopped = super::serve::stopped()?;
        let outcome = tokio::select! {
            outcome = self.part.measure(&ground) => outcome.map(Told::answer),
            () = told_to_stop(stopped) => Err(Failure::new("Stoppet.", "Det, der var lavet, er fjernet igen.")),
        };
        ground.clear().await;
        outcome
    }
}

async fn told_to_stop(mut stopped: tokio::sync::watch::Receiver<bool>) {
    // Without a sender nobody stops it.
    if stopped.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// How large the small numbers are.
#[derive(Args, Clone, Debug)]
struct All {
    /// So many cases, clicks and mails; ten times as many wait.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(8..=100_000))]
    size: u32,
}

impl All {
    fn parts(&self) -> [(&'static str, &'static str, Part); 7] {
        let size = self.size;
        let waiting = size * 10;
        [
            (
                "due",
                "Forfaldne på samme tid",
                Part::Due(due::Due::small(size)),
            ),
            (
                "click",
                "Klik",
                Part::Click(click::Click {
                    clicks: size.min(1000),
                }),
            ),
            (
                "claim",
                "Find det forfaldne",
                Part::Claim(waiting::Claim {
                    waiting_max: waiting.max(100),
                }),
            ),
            (
                "idle",
                "En tjeneste, der venter",
                Part::Idle(waiting::Idle {
                    waiting,
                    seconds: 5,
                }),
            ),
            (
                "digest",
                "Et statusbrev",
                Part::Digest(post::Digest { cases: size }),
            ),
            ("mail", "Mails", Part::Mail(post::Mail::small(size))),
            (
                "steps",
                "Forløb i tre trin",
                Part::Steps(steps::Steps {
                    cases: size,
                    timer: 1,
                    ahead: 3,
                    without_mail: false,
                }),
            ),
        ]
    }

    /// One table, a part under the other.
    async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        let (mut lines, mut json) = (Vec::new(), serde_json::Map::new());
        for (name, title, part) in self.parts() {
            let told = Box::pin(part.measure(ground)).await?;
            if !lines.is_empty() {
                lines.push(Line::heading(""));
            }
            lines.push(Line::heading(&title.to_uppercase()));
            lines.extend(told.lines);
            json.insert(name.to_owned(), told.json);
        }
        Ok(Told {
            title: format!("Målt på denne maskine · {}", ground.name()),
            lines,
            note: "Sammenlignet med: for forfaldne og klik de samme rækker uden motoren; for det, der venter, det samme med \
                   færrest; for mails handlebars alene og en afsender, der kun kender bytes. Forhold holder; absolutte tal \
                   skifter med, hvad maskinen ellers laver."
                .into(),
            json: json.into(),
        })
    }
}

impl Part {
    async fn measure(&self, ground: &Ground) -> Result<Told, Failure> {
        match self {
            Self::Due(due) => due.measure(ground).await,
            Self::Click(click) => click.measure(ground).await,
            Self::Claim(claim) => claim.measure(ground).await,
            Self::Idle(idle) => idle.measure(ground).await,
            Self::Digest(digest) => digest.measure(ground).await,
            Self::Mail(mail) => mail.measure(ground).await,
            Self::Steps(steps) => steps.measure(ground).await,
            Self::Pages(pages) => pages.measure(ground).await,
            Self::Sealed(sealed) => sealed.measure(ground).await,
            Self::All(all) => all.measure(ground).await,
            Self::Measure => Err(Failure::new(
                "`measure` måler ikke selv.",
                "Skriv fx: tovholder bench due",
            )),
        }
    }
}
