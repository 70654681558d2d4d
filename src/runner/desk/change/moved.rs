//! Moves of a hold that were made, and the newest of them taken back.

use jiff::civil::DateTime;
use serde::Serialize;

use super::title_of;
use crate::runner::change::Migrated;
use crate::runner::desk::story::source_words;
use crate::runner::desk::workflows::local;
use crate::runner::desk::{Desk, DeskError, Wrong};

/// What came of a move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MoveDone {
    /// The hold's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The version that it follows now.
    pub on: String,
    /// How many cases went along.
    pub cases: usize,
}

/// A move that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MoveLine {
    /// When; local.
    pub at: DateTime,
    /// From which version.
    pub from: String,
    /// To which.
    pub to: String,
    /// Who approved it.
    pub by: String,
    /// The plan that was read.
    pub plan: String,
    /// When it was undone, local, and by whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone: Option<(DateTime, String)>,
    /// It can be taken back still.
    pub can_be_undone: bool,
}

impl Desk {
    /// Takes the newest move of a hold back, as long as nothing has followed from it.
    pub async fn undo_move(&self, of: &str, by: &str) -> Result<MoveDone, DeskError> {
        let hold = self.what_moves(of).await?;
        let title = title_of(&hold);
        match self.runner().unmigrate_hold(hold.row.id, by).await? {
            Migrated::Undone(version) => {
                self.settle().await;
                let on = self.version_name(&hold.row.workflow, version).await?;
                let cases = self.runner().hold_with_cases(hold.row.id).await?;
                let back = cases
                    .iter()
                    .filter(|case| case.row.version_id == version && case.row.id != hold.row.id);
                Ok(MoveDone {
                    id: hold.row.public_id.clone(),
                    title,
                    on,
                    cases: back.count(),
                })
            }
            Migrated::None => {
                let wrong = Wrong::new(format!("»{title}« er ikke skiftet til en anden version."));
                Err(wrong.into())
            }
            Migrated::Followed(_) => {
                let wrong = Wrong::new(
                    "Der er sket noget siden skiftet, så det kan ikke fortrydes: en mail, en opgave eller en hændelse.",
                );
                Err(wrong
                    .help("Skift i stedet holdet til den tidligere version; så ses først, hvad det fører til.")
                    .into())
            }
        }
    }

    /// The moves of a hold, the newest first.
    pub async fn moves_of_hold(&self, of: &str) -> Result<Vec<MoveLine>, DeskError> {
        let hold = self.what_moves(of).await?;
        let calendar = &hold.version.workflow.calendar;
        let names = self.account_names().await?;
        let mut lines: Vec<MoveLine> = Vec::new();
        for row in self.runner().moves_of(hold.row.id).await? {
            let workflow = &hold.row.workflow;
            let undone = row.undone_at.zip(row.undone_by);
            lines.push(MoveLine {
                at: local(calendar, row.at),
                from: self.version_name(workflow, row.from_version).await?,
                to: self.version_name(workflow, row.to_version).await?,
                by: source_words(&names, &row.made_by).to_owned(),
                plan: row.plan,
                undone: undone.map(|(at, by)| {
                    let by = source_words(&names, &by).to_owned();
                    (local(calendar, at), by)
                }),
                can_be_undone: false,
            });
        }
        // Only the newest that stands can be taken back.
        if let Some(newest) = lines.iter_mut().find(|line| line.undone.is_none()) {
            newest.can_be_undone = self.runner().can_unmigrate(hold.row.id).await?;
        }
        Ok(lines)
    }
}
