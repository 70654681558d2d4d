//! `tovholder simulate`: a hold's whole calendar before it happens. Nothing can be sent: a
//! simulation holds no channel.

mod calendar;
mod grouped;
mod mails;
mod picture;
mod scenarios;
mod told;

pub(super) use self::calendar::around;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::civil::Date;

use super::{Answer, Common, Failure, files, pair, people};
use crate::config::Texts;
use crate::definition;
use crate::definition::model::Workflow;
use crate::runner::cast::{Cast, Player};
use crate::runner::desk::{Files, Wrong, cast_of, hold_dates, players, read_date};
use crate::runner::simulate::{Report, Simulation};

/// More candidates than this are no hold.
const CANDIDATES_MAX: i64 = 2000;
/// As many come when nothing is said and the hold has no limit.
const CANDIDATES: usize = 16;

const EXAMPLES: &str = "\
People do what the plan expects of them: tasks are done on their due day with
sample facts, meetings are booked on the first workday of their window and
held, and where time alone leads no further the first event listed in a state
is raised. Every such assumption is listed.

--assume FILE says otherwise, in YAML, one line for each thing:
  # does not come
  - {candidate: 3, absent: info_meeting}
  # done, or booked, after the due day
  - {candidate: Bo Østergaard, late: outcome, by: 5 workdays}
  - {hold: true, late: practical, by: 3 workdays}
  # never done, never booked
  - {candidate: 4, never: career_conversation}
  # at a time of its own, with facts if need be
  - {candidate: 5, at: 2026-03-02 10:00, event: withdraw,
     set: {leave_reason: Flyttet}}
  - {candidate: 6, at: 2026-01-12 09:00, done: find_host}
  - {candidate: 7, at: 2026-03-02 09:00, book: career_conversation,
     on: 2026-03-12 13:00}
A candidate is a place in the list, from 1, or a name. Absence counts for a
meeting of the hold whenever it is held, and for the first meeting of a
candidate's own.

Examples:
  tovholder simulate workflows/holstebro-introforloeb.yaml --start 2026-02-02
  tovholder simulate holstebro-introforloeb --start 2.2.2026 --mails mails \\
      --candidates examples/holstebro-kandidater.csv
  tovholder simulate odense-for-forloeb --start 2026-02-02 \\
      --set gf_start=2026-03-16
  tovholder simulate holstebro-introforloeb --start 2026-02-02 --svg hold.svg
  tovholder simulate jrs-bliv-klar-til-sosu --scenario to_gf2

Exit code 0: all went as it should. 1: mail could not leave, or what a
scenario expects did not come true.";

/// A hold's whole calendar before it happens: every phase, task, meeting and mail with its reason.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Simulate {
    /// The workflow: its file or its id.
    workflow: String,
    /// The hold's first day, such as 2026-02-02.
    #[arg(long, value_name = "DATE")]
    start: Option<String>,
    /// Another date of the hold; may be repeated.
    #[arg(long = "set", visible_alias = "date", value_name = "NAME=DATE", value_parser = pair)]
    dates: Vec<(String, String)>,
    /// The candidates, in the format of `tovholder import`.
    #[arg(long, value_name = "CSV")]
    candidates: Option<PathBuf>,
    /// So many invented candidates; without it the hold is filled.
    #[arg(long, value_name = "NUMBER", conflicts_with = "candidates", value_parser = clap::value_parser!(u32).range(0..=CANDIDATES_MAX))]
    count: Option<u32>,
    /// Write every mail into this folder: the mail itself, its text and its HTML.
    #[arg(long, value_name = "FOLDER")]
    mails: Option<PathBuf>,
    /// Write the calendar as a picture into this file: weeks across, phases,
    /// meetings and mails.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// What people do instead of what the plan expects (see below).
    #[arg(long, value_name = "FILE")]
    assume: Option<PathBuf>,
    /// Stop after this day.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Look at a scenario of the file: its hold, its candidates, its steps and nothing else. All are
    /// played by `tovholder test`.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["start", "dates", "candidates", "count", "assume"])]
    scenario: Option<String>,
    #[command(flatten)]
    texts: Texts,
}

impl Simulate {
    pub async fn run(&self, _common: &Common) -> Result<Answer, Failure> {
        let files = files::to_publish(&self.texts, &self.workflow)?;
        let read = definition::read(&files.name, &files.yaml);
        let workflow = Arc::new(read.called(&files.id).cloned().ok_or_else(|| {
            let help = format!("Se dem med: tovholder check {}", files.name);
            Failure::new(format!("{} har fejl.", files.name), help)
        })?);
        let cast = match &self.scenario {
            Some(name) => scenarios::cast(&files, &workflow, name)?,
            None => self.cast(&files, &workflow)?,
        };
        let report = self.play(&cast).await?;
        let mut text = calendar::text(&report, self.scenario.as_deref());
        if let Some(folder) = &self.mails {
            text.push_str(&mails::write(folder, &report)?);
        }
        if let Some(path) = &self.svg {
            text.push_str(&picture::write(path, &workflow, &report)?);
        }
        Ok(Answer {
            has_problems: report.has_problems(),
            ..Answer::new(text, &report)
        })
    }

    async fn play(&self, cast: &Cast) -> Result<Report, Failure> {
        let until = self.until.as_ref().map(|text| read_date(text)).transpose();
        let until = until.map_err(|wrong| wrong.column("--until"))?;
        let mut simulation = Simulation::begin(cast, super::settings()).await?;
        if let Some(day) = until {
            simulation.stop_after(day);
        }
        simulation.play(|_| {}).await?;
        Ok(simulation.report().await?)
    }

    /// Who plays: a list, or invented people.
    fn cast(&self, files: &Files, workflow: &Arc<Workflow>) -> Result<Cast, Failure> {
        let dates = self.dates(workflow)?;
        let start = dates
            .get("start")
            .copied()
            .unwrap_or(Date::constant(2026, 2, 2));
        let players = self.players(workflow, start)?;
        let mut cast = cast_of(files, workflow);
        cast.said = self.told(workflow, &players)?;
        (cast.dates, cast.players) = (dates, players);
        Ok(cast)
    }

    fn dates(
        &self,
        workflow: &Workflow,
    ) -> Result<std::collections::BTreeMap<definition::model::Name, Date>, Failure> {
        let start = self
            .start
            .iter()
            .map(|start| ("start".to_owned(), start.clone()));
        let given: Vec<(String, String)> = start.chain(self.dates.iter().cloned()).collect();
        if self.start.is_none() && !given.iter().any(|(name, _)| name == "start") {
            let wrong = Wrong::new("Holdets første dag mangler.");
            return Err(wrong.help("Skriv fx --start 2026-02-02.").into());
        }
        Ok(hold_dates(workflow, &given)?)
    }

    fn players(&self, workflow: &Workflow, start: Date) -> Result<Vec<Player>, Failure> {
        if let Some(path) = &self.candidates {
            let sheet = people::sheet(path, None)?;
            return Ok(players(workflow, &sheet, start)?);
        }
        let places = workflow
            .cohort
            .places
            .map_or(CANDIDATES, |places| places as usize);
        let count = self
            .count
            .map_or(places.min(CANDIDATES), |count| count as usize);
        // A workflow without states has no candidates.
        let count = if workflow.states.is_empty() { 0 } else { count };
        Ok(Cast::sample_players(count, start))
    }

    fn told(
        &self,
        workflow: &Workflow,
        players: &[Player],
    ) -> Result<Vec<crate::runner::cast::Said>, Failure> {
        self.assume.as_ref().map_or_else(
            || Ok(Vec::new()),
            |path| told::read(path, workflow, players),
        )
    }
}
