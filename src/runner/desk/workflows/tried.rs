//! A hold of a text that nobody follows yet, played to its end: day by day, with every mail.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use super::{Desk, DeskError, soon};
use crate::calendar::date_da;
use crate::definition;
use crate::runner::cast::Cast;
use crate::runner::desk::{Files, cast_of, hold_dates, part_of, publish};
use crate::runner::simulate::{EntryKind, HeldMail, Report, Simulation};

/// As many candidates at most: what there is to read is read by a person.
const CANDIDATES_MAX: usize = 8;

/// What would happen on a hold.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// The days on which anything happens.
    pub days: Vec<TriedDay>,
    /// How many mails leave.
    pub mails: usize,
    /// Mails that could not leave, and why.
    pub held: Vec<HeldMail>,
    /// What went wrong otherwise.
    pub wrong: Vec<String>,
}

/// A day of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedDay {
    /// The day.
    pub day: Date,
    /// The same in Danish words.
    pub words: String,
    /// What happens, each with how many it happens to.
    pub happens: Vec<(String, usize)>,
    /// What leaves.
    pub mails: Vec<TriedMail>,
}

/// A mail of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedMail {
    /// When; local.
    pub at: DateTime,
    /// The role that gets it.
    pub role: String,
    /// Where it goes.
    pub to: String,
    /// Its subject line.
    pub subject: String,
    /// Why it goes when it does.
    pub why: String,
    /// Its text.
    pub text: String,
}

impl Desk {
    /// Plays a hold of a text with so many invented candidates. Nothing is stored and nothing is sent.
    ///
    /// # Errors
    /// When the text has errors, or a date is missing or wrong.
    pub async fn try_workflow(
        &self,
        id: &str,
        yaml: &str,
        dates: &[(String, String)],
        candidates: usize,
    ) -> Result<Tried, DeskError> {
        let source = self.source(id).await?;
        let read = definition::read(&source.file, yaml);
        let Some(workflow) = read.called(id).cloned().map(Arc::new) else {
            let errors = read.problems.iter().filter(|one| one.is_error()).count();
            return Err(publish::unusable(&source.file, errors).into());
        };
        let dates = hold_dates(&workflow, dates)?;
        let start = dates.get("start").or(dates.values().next());
        let start = start.copied().unwrap_or_else(|| self.day_of_now(&workflow));
        let most = if workflow.states.is_empty() {
            0
        } else {
            CANDIDATES_MAX
        };
        let files = Files {
            name: source.file,
            id: workflow.id.clone(),
            yaml: yaml.to_owned(),
            templates: source.templates,
        };
        let mut cast = cast_of(&files, &workflow);
        (cast.dates, cast.players) = (dates, Cast::sample_players(candidates.min(most), start));
        let settings = self.runner().settings().clone();
        let mut simulation = Box::pin(Simulation::begin(&cast, settings)).await?;
        Box::pin(simulation.play(|_| {})).await?;
        Ok(told(&simulation.report().await?))
    }

    /// A first day for a hold of a workflow that is soon and fits: for whoever only wants to look.
    pub async fn soon(&self, id: &str) -> Result<Option<Date>, DeskError> {
        let workflow = self.current(id).await?;
        Ok(soon(&workflow, self.day_of_now(&workflow)))
    }

    fn day_of_now(&self, workflow: &definition::model::Workflow) -> Date {
        workflow.calendar.local(self.runner().now()).date()
    }
}

fn told(report: &Report) -> Tried {
    let mut days: BTreeMap<Date, TriedDay> = BTreeMap::new();
    let wrongs = [EntryKind::Unmet, EntryKind::Stuck];
    let mut wrong = Vec::new();
    for entry in &report.entries {
        if wrongs.contains(&entry.kind) {
            wrong.push(format!("{}: {}", entry.who, entry.what));
            continue;
        }
        let happens = &mut day_of(&mut days, entry.at.date()).happens;
        match happens.iter_mut().find(|(what, _)| *what == entry.what) {
            Some((_, count)) => *count += 1,
            None => happens.push((entry.what.clone(), 1)),
        }
    }
    wrong.extend((report.stuck.iter()).map(|stuck| format!("{}: {}", stuck.who, stuck.what)));
    for mail in &report.mails {
        let text = part_of(&mail.mail.bytes, "text/plain");
        day_of(&mut days, mail.at.date()).mails.push(TriedMail {
            at: mail.at,
            role: mail.role.clone(),
            to: mail.to.join(", "),
            subject: mail.subject.clone(),
            why: mail.why.clone(),
            text: text.unwrap_or_default(),
        });
    }
    Tried {
        days: days.into_values().collect(),
        mails: report.mails.len(),
        held: report.held.clone(),
        wrong,
    }
}

fn day_of(days: &mut BTreeMap<Date, TriedDay>, day: Date) -> &mut TriedDay {
    days.entry(day).or_insert_with(|| TriedDay {
        day,
        words: date_da(day),
        happens: Vec::new(),
        mails: Vec::new(),
    })
}
