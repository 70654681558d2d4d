//! `tovholder demo`: the service on an empty database with two holds of invented people and a clock
//! that plays their weeks in about a minute. Mail lands as files.

mod stage;
mod summary;
mod view;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use self::view::View;
use super::live::Live;
use super::{Answer, Common, Failure, log, pace, serve as service};
use crate::calendar::{date_da, week_of};
use crate::channel::{Channel, FileChannel};
use crate::clock::Clock;
use crate::config::Place;
use crate::message::Mailbox;
use crate::runner::assumed::Assumed;
use crate::runner::cast::Cast;
use crate::runner::desk::Wrong;
use crate::runner::serve::{serve_with, set_clock};
use crate::runner::simulate::{Report, Simulation};
use crate::runner::{Mailer, Runner, Settings};
use crate::store::Store;

/// How often the view is drawn; real time.
const DRAW_EVERY: Duration = Duration::from_millis(100);
/// A demo that is not over so long after it should be has gone wrong; time of its clock.
const PATIENCE_DAYS: i64 = 400;

const EXAMPLES: &str = "\
Two holds of the shipped Holstebro workflow, with 12 and 10 invented
candidates, from the day the first hold is created until its last mail has
left. People do what the plan expects of them, but for a few: one is not
admitted, one is ill for a day, one stops, one says no to an agreement.

Everything the demo makes is in one folder: mails/ with an .eml file for each
mail, and tovholder.db, which the other commands read with --database.

Examples:
  tovholder demo
  tovholder demo --dir demo --speed 12h/s

Exit code 0: every mail left exactly once. 1: it did not, or was stopped.";

/// See the main job done: two holds, their weeks in about a minute, every mail as a file.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Demo {
    /// A folder that is new or empty; without it a fresh one among the temporary files.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// How fast the clock runs, such as 1d/s or 12h/s.
    #[arg(long, value_name = "SPEED", default_value = "1.6d/s", value_parser = pace::rate)]
    speed: f64,
}

/// A demo that is set up.
struct Set {
    runner: Runner,
    mailer: Mailer,
    assumed: Assumed,
    casts: Vec<Cast>,
    begins: Timestamp,
}

impl Demo {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        log::begin("error")?;
        let folder = self.folder()?;
        let (mails, database) = (folder.join("mails"), folder.join("tovholder.db"));
        let _lock = service::lock(&database)?;
        let store = common.open_at(&Place::Sqlite(database.clone())).await?;
        let set = self.set(store, &mails).await?;
        let mut live = Live::begin();
        live.line(&format!(
            "tovholder demo, {}. Mails lægges i {}\n",
            pace::words(self.speed),
            mails.display()
        ));
        let view = View::of(&rehearse(&set.casts).await?);
        let ended = Box::pin(self.play(&set, &view, &mut live)).await?;
        let mut summary = summary::of(&set.runner, &mails, &database).await?;
        summary.problems.extend(ended.err());
        live.line("");
        let took = self.took(&set)?;
        Ok(Answer {
            has_problems: !summary.problems.is_empty(),
            ..Answer::new(summary.text(&took), &summary)
        })
    }

    /// A folder of its own, so that nothing of anybody's is touched.
    fn folder(&self) -> Result<PathBuf, Failure> {
        let fresh = || {
            // The random end of an id is enough to be alone, and short enough to be typed.
            let id = uuid::Uuid::now_v7().simple().to_string();
            std::env::temp_dir().join(format!("tovholder-demo-{}", &id[24..]))
        };
        let folder = self.dir.clone().unwrap_or_else(fresh);
        let shown = folder.display().to_string();
        let cannot = |error: std::io::Error| {
            Failure::new(
                format!("Mappen {shown} kan ikke laves: {error}."),
                "Angiv en anden med --dir.",
            )
        };
        std::fs::create_dir_all(&folder).map_err(cannot)?;
        let is_empty = std::fs::read_dir(&folder).map_err(cannot)?.next().is_none();
        if !is_empty {
            let wrong = Wrong::new(format!("Mappen {shown} er ikke tom.")).column("--dir");
            return Err(wrong
                .help("Demoen begynder forfra: angiv en ny eller tom mappe.")
                .into());
        }
        Ok(folder)
    }

    /// Opens the holds at the moment the first is created; then the clock starts.
    async fn set(&self, store: Store, mails: &Path) -> Result<Set, Failure> {
        let casts = stage::casts()?;
        let begins = casts
            .iter()
            .map(Cast::begins)
            .min()
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let before = Runner::new(store.clone(), Clock::manual(begins), settings()?);
        let mut assumed = Assumed::default();
        for cast in &casts {
            assumed.join(cast.set(&before).await?.assumed);
        }
        let clock = set_clock(&store, begins, self.speed).await?;
        let runner = Runner::new(store, clock, settings()?);
        let mailer = Mailer::new(runner.clone(), Channel::File(FileChannel::new(mails)));
        Ok(Set {
            runner,
            mailer,
            assumed,
            casts,
            begins,
        })
    }

    /// Serves until both holds are over; the word inside says what went wrong, if anything did.
    async fn play(
        &self,
        set: &Set,
        view: &View,
        live: &mut Live,
    ) -> Result<Result<(), String>, Failure> {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let interrupted = service::stopped()?;
        let serving = serve_with(
            &set.runner,
            &set.mailer,
            stopping,
            Some(set.assumed.clone()),
        );
        tokio::pin!(serving);
        let expected: Vec<usize> = set.casts.iter().map(|cast| cast.players.len()).collect();
        let workflow = &set.casts[0].workflow;
        let patience = set.begins + jiff::SignedDuration::from_hours(24 * PATIENCE_DAYS);
        let mut week = None;
        let ended = loop {
            let standing = watch::look(&set.runner, workflow, &expected).await?;
            if live.is_terminal() {
                live.draw(&view.text(&standing));
            } else if week.replace(week_of(standing.now.date()))
                != Some(week_of(standing.now.date()))
            {
                live.line(&View::line(&standing));
            }
            if let Some(fault) = standing.stuck {
                break Err(format!("noget kunne ikke køres: {fault}"));
            }
            if standing.is_over {
                break Ok(());
            }
            if *interrupted.borrow() {
                break Err("demoen blev stoppet".to_owned());
            }
            if set.runner.now() > patience {
                break Err("demoen kom ikke til ende".to_owned());
            }
            tokio::select! {
                served = &mut serving => { served?; break Err("tjenesten holdt op".to_owned()); }
                () = tokio::time::sleep(DRAW_EVERY) => {}
            }
        };
        if stop.send(true).is_ok() {
            serving.await?;
        }
        Ok(ended)
    }

    fn took(&self, set: &Set) -> Result<String, Failure> {
        let now = set.runner.now();
        let (first, last): (Date, Date) =
            (pace::local(set.begins)?.date(), pace::local(now)?.date());
        let seconds = now.duration_since(set.begins).as_secs_f64() / self.speed;
        Ok(format!(
            "Den spillede fra {}\ntil {} på {seconds:.0} sekunder.",
            date_da(first),
            date_da(last)
        ))
    }
}

/// Each hold beforehand in memory, to know its phases and how many mails there will be.
async fn rehearse(casts: &[Cast]) -> Result<Vec<Report>, Failure> {
    let mut reports = Vec::with_capacity(casts.len());
    for cast in casts {
        let mut simulation = Simulation::begin(cast, settings()?).await?;
        simulation.play(|_| {}).await?;
        reports.push(simulation.report().await?);
    }
    Ok(reports)
}

fn settings() -> Result<Settings, Failure> {
    let from = Mailbox::parse("Tovholder (demo)", "tovholder@demo.example");
    let from = from.map_err(|error| Failure::new(error.to_string(), "Byg programmet igen."))?;
    Ok(Settings::new(from, "Eksempel Kommune"))
}
