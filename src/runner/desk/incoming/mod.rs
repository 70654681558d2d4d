//! A list of candidates, before it is taken in, as it is taken in, and as it is taken back.
//!
//! 1. [`Desk::incoming`] looks: which column is what, who is new, who is known, who is there already, and what is
//!    wrong, each at its line and column with what to do. Nothing is stored.
//! 2. [`Desk::take_in`] does exactly that, all or nothing. Given the preview's hash it does nothing else than what
//!    was seen: if the list, the hold or the people have changed since, it says where.
//! 3. [`Desk::undo_import`] takes it back, for as long as nothing has come of it.

mod column;
mod columns;
mod decide;
mod kept;
mod nominate;
mod row;
mod same;
mod seen;
mod surroundings;
mod undo;

use serde::Serialize;

use self::column::Column;
pub(super) use self::column::keys;
use self::columns::Columns;
pub use self::columns::{Heading, How};
use self::decide::Decided;
pub use self::nominate::Nominee;
pub use self::undo::{ImportLine, Stays, Undone};
use super::{Desk, DeskError, Sheet, Wrong, xlsx};
use crate::definition::model::StateId;
use crate::engine::frame::initial;
use crate::engine::subject::Kind;
use crate::runner::context::Context;
use crate::runner::opening::List;
use crate::runner::{Candidate, RunError};
use crate::store::PersonChange;

/// What a person has said of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What columns are: the title, and a column's name such as `telefon`.
    pub columns: Vec<(String, String)>,
    /// Titles of columns that are left out.
    pub leave_out: Vec<String>,
    /// Lines with somebody who is known, although not all that is known agrees.
    pub same: Vec<u64>,
    /// Lines with somebody else than who is known.
    pub another: Vec<u64>,
}

/// A list as it would be taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incoming {
    /// The hold's id.
    pub cohort: String,
    /// Its title.
    pub title: String,
    /// The title of the state they begin in.
    pub begins_in: String,
    /// Of all that is here, short: [`Desk::take_in`] takes it, and then does this or nothing.
    pub hash: String,
    /// The same with a word for each row: who gives this back is told which rows have changed.
    pub seen: String,
    /// SHA-256 of the file, hex.
    pub file_hash: String,
    /// What each column is taken for.
    pub columns: Vec<Heading>,
    /// Every line of the list, in its order.
    pub rows: Vec<IncomingRow>,
    /// What is wrong with the list as a whole: nothing of it can be taken in.
    pub problems: Vec<Wrong>,
    /// What of the file was left out.
    pub notes: Vec<String>,
    /// How many lines of each kind.
    pub counts: Counts,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A candidate whom nobody knows yet.
    New,
    /// A candidate who was known before: the same person gets a new case.
    Known,
    /// Who is on the hold, or in the list, already.
    Skipped,
    /// Something is wrong with it, or a person has to say who it is.
    Wrong,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncomingRow {
    /// Its line in the file.
    pub line: u64,
    /// What becomes of it.
    pub what: What,
    /// The name, as far as there is one.
    pub name: String,
    /// What it says, by column: `email`, `fakta:track`.
    pub cells: Vec<(String, String)>,
    /// Why it is skipped, or from where the person is known, and what changes of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is wrong with it, each in its column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Wrong>,
}

/// How many lines of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New.
    pub new: usize,
    /// Known before.
    pub known: usize,
    /// Already there.
    pub skipped: usize,
    /// Wrong.
    pub wrong: usize,
}

/// What an import of candidates did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedCandidates {
    /// Its number: what it is taken back by.
    pub import: i64,
    /// The hold's id.
    pub cohort: String,
    /// Its title.
    pub title: String,
    /// The title of the state they begin in.
    pub begins_in: String,
    /// In the order of the file.
    pub candidates: Vec<Newcomer>,
    /// How many lines of each kind the list had.
    pub counts: Counts,
}

/// A candidate of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Newcomer {
    /// The line of the file.
    pub line: u64,
    /// In full.
    pub name: String,
    /// The case's id.
    pub id: String,
}

/// A list that was looked at, with what is to be stored.
struct Looked {
    hold: Context,
    newest_case: i64,
    incoming: Incoming,
    /// Those to be taken in, with their lines.
    decided: Vec<(u64, Decided)>,
}

impl Desk {
    /// What a list would bring to a hold. Nothing is stored.
    pub async fn incoming(
        &self,
        cohort: &str,
        sheet: &Sheet,
        asked: &Asked,
    ) -> Result<Incoming, DeskError> {
        Ok(self.look(cohort, sheet, asked).await?.incoming)
    }

    /// Takes a list onto a hold. `seen` is the hash of the preview that it has to agree with, if one was seen; with
    /// `without_wrong` the lines that something is wrong with are left, else nothing is taken in.
    pub async fn take_in(
        &self,
        cohort: &str,
        sheet: &Sheet,
        asked: &Asked,
        seen: Option<&str>,
        without_wrong: bool,
        by: &str,
    ) -> Result<ImportedCandidates, DeskError> {
        let looked = self.look(cohort, sheet, asked).await?;
        let incoming = &looked.incoming;
        if let Some(seen) = seen {
            seen::agrees(incoming, seen)?;
        }
        let mut wrongs = incoming.problems.clone();
        if !without_wrong {
            let rows = incoming.rows.iter();
            wrongs.extend(rows.flat_map(|row| row.problems.iter().cloned()));
        }
        if wrongs.is_empty() && looked.decided.is_empty() {
            wrongs.push(nobody(incoming));
        }
        if !wrongs.is_empty() {
            wrongs.sort();
            return Err(DeskError::Wrong(wrongs));
        }
        self.store_list(looked, by).await
    }

    async fn store_list(&self, looked: Looked, by: &str) -> Result<ImportedCandidates, DeskError> {
        let Looked {
            hold,
            newest_case,
            incoming,
            decided,
        } = looked;
        let list = List {
            cohort_id: hold.row.id,
            newest_case,
            by: by.to_owned(),
            file_hash: incoming.file_hash.clone(),
            people: changes(&decided),
            was: decided.iter().map(|(_, one)| one.was.clone()).collect(),
        };
        let candidates: Vec<Candidate> = decided
            .iter()
            .map(|(_, one)| one.candidate.clone())
            .collect();
        let taken = Box::pin(self.runner().open_list(&list, &candidates)).await;
        let (import, opened) = taken.map_err(|error| match error {
            RunError::Store(error) if error.is_overtaken() => {
                Wrong::new("Holdet har fået andre kandidater, mens listen blev taget ind.")
                    .help("Intet er gemt. Se listen igen.")
                    .into()
            }
            error => {
                super::possible::refused(&hold.version.workflow, Kind::Case, Vec::new(), error)
            }
        })?;
        self.settle().await;
        let newcomers = decided.into_iter().zip(opened);
        Ok(ImportedCandidates {
            import,
            cohort: incoming.cohort,
            title: incoming.title,
            begins_in: incoming.begins_in,
            candidates: newcomers
                .map(|((line, one), opened)| Newcomer {
                    line,
                    name: one.name,
                    id: opened.public_id,
                })
                .collect(),
            counts: incoming.counts,
        })
    }

    /// An empty list for a hold, with a title for every column that it may have.
    pub async fn empty_list(&self, cohort: &str) -> Result<xlsx::Table, DeskError> {
        let hold = self.cohort(cohort).await?;
        Ok(xlsx::Table {
            name: "Kandidater".to_owned(),
            titles: columns::titles(&hold.version.workflow),
            rows: Vec::new(),
        })
    }

    async fn look(&self, cohort: &str, sheet: &Sheet, asked: &Asked) -> Result<Looked, DeskError> {
        let hold = self.cohort(cohort).await?;
        let workflow = &hold.version.workflow;
        if workflow.states.is_empty() {
            return Err(Wrong::new(format!("»{}« har ingen kandidater.", workflow.title)).into());
        }
        // Before anybody is compared: who comes meanwhile makes the list one that was not looked at.
        let newest_case = self.runner().store().newest_case(hold.row.id).await?;
        let matched = columns::matched(&sheet.titles, workflow, &asked.columns, &asked.leave_out);
        let mut problems: Vec<Wrong> = (matched.wrongs.into_iter())
            .map(|wrong| match wrong.column {
                Some(_) => wrong,
                None => wrong.line(sheet.line),
            })
            .collect();
        let around = self.surroundings(&hold, sheet, &matched.columns).await?;
        let (rows, decided) = if can_be_read(&matched.columns) {
            around.rows(sheet, &matched.columns, asked, &mut problems)
        } else {
            (Vec::new(), Vec::new())
        };
        if sheet.rows.is_empty() && rows.is_empty() && problems.is_empty() {
            problems.push(
                Wrong::new("Listen har ingen kandidater.")
                    .help("Skriv én linje pr. kandidat under overskrifterne."),
            );
        }
        let first = initial(workflow, StateId::ROOT);
        let mut incoming = Incoming {
            cohort: hold.row.public_id.clone(),
            title: hold.row.title.clone().unwrap_or_default(),
            begins_in: workflow.states[first.0].title.clone(),
            hash: String::new(),
            seen: String::new(),
            file_hash: sheet.hash.clone(),
            columns: matched.headings,
            counts: counts(&rows),
            rows,
            problems,
            notes: sheet.notes.clone(),
        };
        seen::mark(&mut incoming, &decided);
        Ok(Looked {
            hold,
            newest_case,
            incoming,
            decided,
        })
    }
}

/// Rows are looked at when it is known where the name and the address stand: without, each would be wrong.
fn can_be_read(columns: &Columns) -> bool {
    let parts = columns.has(&Column::First) && columns.has(&Column::Last);
    columns.has(&Column::Email) && (columns.has(&Column::Name) || parts)
}

fn counts(rows: &[IncomingRow]) -> Counts {
    let of = |what: What| rows.iter().filter(|row| row.what == what).count();
    Counts {
        new: of(What::New),
        known: of(What::Known),
        skipped: of(What::Skipped),
        wrong: of(What::Wrong),
    }
}

fn nobody(incoming: &Incoming) -> Wrong {
    if incoming.counts.wrong > 0 {
        return Wrong::new("Der er ingen at tage ind: der er fejl på alle linjer.")
            .help("Ret dem, og prøv igen.");
    }
    Wrong::new(format!(
        "Der er ingen at tage ind: alle på listen er allerede på »{}«.",
        incoming.title
    ))
}

/// What becomes of people; of one who stands in several lines, the last.
fn changes(decided: &[(u64, Decided)]) -> Vec<PersonChange> {
    decided
        .iter()
        .filter_map(|(_, one)| one.change.clone())
        .collect()
}
