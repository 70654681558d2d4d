//! What the demo did, counted in its database, and whether every mail left exactly once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::cli::Failure;
use crate::cli::text::{Table, wrap};
use crate::definition::model::Part;
use crate::engine::effect::Intent;
use crate::engine::event::{Event, TaskFate};
use crate::runner::{RunError, Runner};
use crate::store::{OutboxFilter, OutboxRow, Sees, Status};

/// What was done.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    pub holds: usize,
    pub candidates: usize,
    pub transitions: usize,
    pub tasks_done: usize,
    pub meetings_held: usize,
    /// By status.
    pub mails: BTreeMap<&'static str, usize>,
    /// Sent mails by template.
    pub sent: BTreeMap<String, usize>,
    /// Whatever is not as it must be.
    pub problems: Vec<String>,
    /// Where the mails are.
    pub folder: String,
    /// Where the database is.
    pub database: String,
}

/// Counts.
pub(super) async fn of(
    runner: &Runner,
    folder: &Path,
    database: &Path,
) -> Result<Summary, Failure> {
    let mut summary = Summary {
        folder: folder.display().to_string(),
        database: database.display().to_string(),
        ..Summary::default()
    };
    let store = runner.store();
    for hold in store.cohorts().await? {
        let cases = store.subjects_of(Sees::All, hold.id).await?;
        summary.holds += 1;
        summary.candidates += cases.len();
        for subject in cases.iter().chain([&hold]) {
            for row in store.history(subject.id).await? {
                summary.count(&serde_json::from_str(&row.payload).map_err(RunError::from)?);
            }
        }
    }
    let all = OutboxFilter {
        before: None,
        status: None,
        cohort: None,
        subject: None,
        unseen: false,
        limit: i64::MAX,
    };
    let rows = store.outbox(Sees::All, &all).await?;
    for row in &rows {
        *summary.mails.entry(row.status.as_str()).or_default() += 1;
        if row.status == Status::Sent {
            *summary
                .sent
                .entry(template(runner, row).await?)
                .or_default() += 1;
        }
    }
    summary.verify(&rows, folder);
    Ok(summary)
}

/// The template a mail was made from.
async fn template(runner: &Runner, row: &OutboxRow) -> Result<String, Failure> {
    let json = match row.group_key {
        Some(_) => runner
            .store()
            .gather_items(row.id)
            .await?
            .into_iter()
            .next()
            .map(|item| item.intent),
        None => Some(row.intent.clone()),
    };
    let intent: Option<Intent> = json.and_then(|json| serde_json::from_str(&json).ok());
    let Some(subject) = runner.store().load(&[row.subject_id]).await?.subjects.pop() else {
        return Ok(String::new());
    };
    let version = runner.version(subject.version_id).await?;
    let language = &version.workflow.language;
    let names = intent.map(|intent| intent.templates).unwrap_or_default();
    Ok(names
        .into_iter()
        .find(|name| version.templates.has(language, name))
        .unwrap_or_default())
}

impl Summary {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Moved { entered, .. } if !entered.is_empty() => self.transitions += 1,
            Event::Task {
                what: TaskFate::Done,
                ..
            } => self.tasks_done += 1,
            Event::Met {
                part: Part::Held, ..
            } => self.meetings_held += 1,
            _ => {}
        }
    }

    /// Every mail that was planned left exactly once, or was not wanted any more.
    fn verify(&mut self, rows: &[OutboxRow], folder: &Path) {
        for row in rows
            .iter()
            .filter(|row| !matches!(row.status, Status::Sent | Status::Cancelled))
        {
            let reason = row
                .reason
                .as_deref()
                .or(row.answer.as_deref())
                .unwrap_or_default();
            self.problems.push(format!(
                "mail {} er {}: {reason}",
                row.id,
                row.status.as_str()
            ));
        }
        let sent: Vec<&OutboxRow> = rows
            .iter()
            .filter(|row| row.status == Status::Sent)
            .collect();
        let streams: BTreeSet<_> = sent
            .iter()
            .map(|row| (row.subject_id, &row.occurrence, &row.seat, row.revision))
            .collect();
        if streams.len() != sent.len() {
            self.problems.push(format!(
                "{} mails er sendt to gange",
                sent.len() - streams.len()
            ));
        }
        let again = sent.iter().filter(|row| row.attempt != 1).count();
        if again > 0 {
            self.problems
                .push(format!("{again} mails er forsøgt sendt mere end én gang"));
        }
        let is_mail =
            |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "eml");
        let files = std::fs::read_dir(folder).map_or(0, |entries| {
            entries
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .filter(is_mail)
                .count()
        });
        if files != sent.len() {
            self.problems.push(format!(
                "{} mails er sendt, men der ligger {files} i mappen",
                sent.len()
            ));
        }
    }

    /// For people. `took` says how long a time was played and how long it took.
    pub fn text(&self, took: &str) -> String {
        let mut table = Table::plain().right(1);
        let mut row = |title: &str, count: usize| table.row([title.to_owned(), count.to_string()]);
        row("Hold", self.holds);
        row("Kandidater", self.candidates);
        row("Skift af fase", self.transitions);
        row("Opgaver løst", self.tasks_done);
        row("Møder holdt", self.meetings_held);
        let mails = |status: Status| self.mails.get(status.as_str()).copied().unwrap_or(0);
        row("Mails sendt", mails(Status::Sent));
        self.sent
            .iter()
            .for_each(|(template, count)| row(&format!("  {template}"), *count));
        let mut out = format!("Demoen er slut. {took}\n\n{}\n", table.text(2));
        if self.problems.is_empty() {
            let cancelled = mails(Status::Cancelled);
            let rest = match cancelled {
                0 => String::new(),
                1 => " 1 mail blev ikke sendt, fordi den ikke længere var ønsket.".to_owned(),
                many => format!(" {many} mails blev ikke sendt, fordi de ikke længere var ønsket."),
            };
            let many = mails(Status::Sent);
            out.push_str(&wrap(
                "",
                &format!("Hver af de {many} mails gik præcis én gang.{rest}"),
            ));
        } else {
            out.push_str("Det gik ikke, som det skulle:\n");
            self.problems
                .iter()
                .for_each(|problem| out.push_str(&wrap("  ", problem)));
        }
        let _ = write!(
            out,
            "\nMails     {}\nDatabase  {}\n\n",
            self.folder, self.database
        );
        out.push_str("En .eml åbner i et mailprogram. Se videre med:\n");
        let _ = writeln!(out, "  export DATABASE_URL={}", self.database);
        out.push_str(
            "  tovholder cohort list\n  tovholder outbox list\n  tovholder outbox show 1\n",
        );
        out
    }
}
