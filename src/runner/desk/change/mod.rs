//! Versions of a workflow, what is different between two of them, and holds that go on by another one: what that brings
//! to each case is read first, and exactly that is done.

mod approved;
mod asked;
mod consequences;
mod moved;
mod shown;

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde::Serialize;

pub use self::approved::{DateHeld, DaysShown};
pub use self::asked::MoveNeeds;
use self::asked::{cannot, hash_of, needs, read};
pub use self::consequences::{Consequences, DaysAsked};
pub use self::moved::{MoveDone, MoveLine};
pub use self::shown::{BringsShown, Group, Verdict, Verdicts};
use super::{Desk, DeskError, Wrong};
use crate::changes::{Change as Changed, changed_texts, changes};
use crate::engine::subject::Kind;
use crate::message::TemplateSource;
use crate::runner::change::{Approved, Change, Move, Turned, seqs_of};
use crate::runner::context::Context;
use crate::store::VersionHead;

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionLine {
    /// The workflow's id.
    pub workflow: String,
    /// Its number among the workflow's versions, from 1; `WORKFLOW@NUMBER` names it.
    pub number: usize,
    /// When it was published; local.
    pub published: DateTime,
    /// SHA-256 of its text and its templates, hex.
    pub hash: String,
    /// Id and title of each hold that follows it, cancelled ones left out.
    pub holds: Vec<(String, String)>,
}

impl VersionLine {
    /// So much of its hash as names it to people.
    #[must_use]
    pub fn short_hash(&self) -> &str {
        self.hash.get(..8).unwrap_or(&self.hash)
    }
}

/// What is different between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The older.
    pub from: String,
    /// The newer.
    pub to: String,
    /// In the order of the file's parts, then the mails' texts. Danish.
    pub changes: Vec<Changed>,
}

/// What somebody wants a hold to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveAsked {
    /// A version: its number, `WORKFLOW@NUMBER`, or empty for the one that was published last.
    pub to: String,
    /// `OLD=NEW`: where the cases of a state go.
    pub states: Vec<(String, String)>,
    /// `NAME=DATE`: days of dates that the hold has not had.
    pub dates: Vec<(String, String)>,
}

/// What it would bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MovePlan {
    /// The hold's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The version that it follows.
    pub from: String,
    /// And would follow.
    pub to: String,
    /// What is different between them.
    pub changes: Vec<Changed>,
    /// To the hold and each of its cases.
    pub brings: BringsShown,
    /// What has to be said of it, and what there is to say.
    pub needs: MoveNeeds,
    /// It can be made as it is.
    pub can_be: bool,
    /// What names this plan: it is made only as long as it is the same.
    pub hash: String,
}

/// Fewer characters than this name more than one plan.
const HASH_CHARS_MIN: usize = 8;

/// A move as it was asked for, with what it would bring.
struct Looked {
    hold: Context,
    to: Move,
    plan: MovePlan,
    /// How many events each had.
    seqs: BTreeMap<i64, i64>,
}

impl Desk {
    /// All versions of a workflow, or of all of them, the one that was published last first.
    pub async fn versions(&self, workflow: Option<&str>) -> Result<Vec<VersionLine>, DeskError> {
        let store = self.runner().store();
        let heads = super::workflows::by_workflow(store.version_heads().await?);
        let holds = super::workflows::running(store.cohorts().await?);
        let mut lines = Vec::new();
        for (id, heads) in heads {
            if workflow.is_some_and(|wanted| wanted != id) {
                continue;
            }
            for (at, head) in heads.iter().enumerate() {
                let Some(row) = store.version(head.id).await? else {
                    continue;
                };
                let version = self.runner().version(head.id).await?;
                let calendar = &version.workflow.calendar;
                lines.push(VersionLine {
                    workflow: id.clone(),
                    number: heads.len() - at,
                    published: super::workflows::local(calendar, head.published_at),
                    hash: row.hash,
                    holds: holds.get(&head.id).cloned().unwrap_or_default(),
                });
            }
        }
        if let (true, Some(wanted)) = (lines.is_empty(), workflow) {
            let wrong = Wrong::new(format!("Der er ingen version af »{wanted}«."));
            return Err(wrong.help("Udgiv den med: tovholder publish FORLØB").into());
        }
        Ok(lines)
    }

    /// The versions of the workflow that a hold follows.
    pub async fn versions_for(&self, of: &str) -> Result<Vec<VersionLine>, DeskError> {
        let hold = self.cohort(of).await?;
        self.versions(Some(&hold.row.workflow)).await
    }

    /// One of them, by its row id.
    pub async fn version_line(&self, id: i64) -> Result<VersionLine, DeskError> {
        let row = self.runner().store().version(id).await?;
        let row = row.ok_or(crate::runner::RunError::NoVersion(id))?;
        let name = self.version_name(&row.workflow, id).await?;
        let all = self.versions(Some(&row.workflow)).await?;
        let is_it = |line: &VersionLine| format!("{}@{}", line.workflow, line.number) == name;
        let found = all.into_iter().find(is_it);
        Ok(found.ok_or(crate::runner::RunError::NoVersion(id))?)
    }

    /// What is different in the second of two versions, each named as `WORKFLOW@NUMBER`, or `WORKFLOW` for the last.
    pub async fn diff(&self, from: &str, to: &str) -> Result<Diff, DeskError> {
        let (from, to) = (
            self.version_named(from).await?,
            self.version_named(to).await?,
        );
        self.between(from, to).await
    }

    async fn between(
        &self,
        (from, from_name): (i64, String),
        (to, to_name): (i64, String),
    ) -> Result<Diff, DeskError> {
        let before = self.runner().version(from).await?;
        let after = self.runner().version(to).await?;
        let mut all = changes(&before.workflow, &after.workflow);
        let texts = [self.texts_of(from).await?, self.texts_of(to).await?];
        all.extend(changed_texts(&texts[0], &texts[1]));
        Ok(Diff {
            from: from_name,
            to: to_name,
            changes: all,
        })
    }

    async fn texts_of(&self, version: i64) -> Result<TemplateSource, DeskError> {
        let row = self.runner().store().version(version).await?;
        let source = row.map(|row| serde_json::from_str(&row.templates));
        Ok(source.transpose()?.unwrap_or_default())
    }

    /// A version by its name: the row id, and the name in full.
    async fn version_named(&self, typed: &str) -> Result<(i64, String), DeskError> {
        let (workflow, number) = match typed.split_once('@') {
            Some((workflow, number)) => (workflow, Some(number)),
            None => (typed, None),
        };
        self.version_of(workflow, number).await
    }

    async fn version_of(
        &self,
        workflow: &str,
        number: Option<&str>,
    ) -> Result<(i64, String), DeskError> {
        let heads = self.runner().store().version_heads().await?;
        let mut heads = super::workflows::by_workflow(heads);
        let heads: Vec<VersionHead> = heads.remove(workflow).unwrap_or_default();
        let number = match number {
            None => Some(heads.len()),
            Some(number) => number.parse().ok(),
        };
        let found = number.filter(|number| (1..=heads.len()).contains(number));
        let Some(number) = found else {
            let many = heads.len();
            let wrong = if many == 0 {
                Wrong::new(format!("Der er ingen version af »{workflow}«."))
                    .help("Udgiv den med: tovholder publish FORLØB")
            } else {
                Wrong::new(format!("»{workflow}« har version 1 til {many}."))
                    .help(format!("Skriv fx {workflow}@{many}."))
            };
            return Err(wrong.into());
        };
        let head = &heads[heads.len() - number];
        Ok((head.id, format!("{workflow}@{number}")))
    }

    /// What `WORKFLOW@NUMBER` a version is.
    async fn version_name(&self, workflow: &str, id: i64) -> Result<String, DeskError> {
        let heads = self.runner().store().version_heads().await?;
        let mut heads = super::workflows::by_workflow(heads);
        let heads = heads.remove(workflow).unwrap_or_default();
        let at = heads.iter().position(|head| head.id == id);
        let number = at.map_or(0, |at| heads.len() - at);
        Ok(format!("{workflow}@{number}"))
    }

    /// What it would bring to let a hold go on by another version. Nothing is changed.
    pub async fn plan_move(&self, of: &str, asked: &MoveAsked) -> Result<MovePlan, DeskError> {
        Ok(Box::pin(self.look_at_move(of, asked)).await?.plan)
    }

    /// Lets a hold go on by another version, if that still brings what was read.
    pub async fn make_move(
        &self,
        of: &str,
        asked: &MoveAsked,
        hash: &str,
        by: &str,
    ) -> Result<MoveDone, DeskError> {
        // What is due by now has happened before anything is looked at.
        self.settle().await;
        let Looked {
            hold,
            to,
            plan,
            seqs,
        } = Box::pin(self.look_at_move(of, asked)).await?;
        let hash = hash.trim().to_lowercase();
        if hash.len() < HASH_CHARS_MIN || !plan.hash.starts_with(&hash) {
            let wrong = Wrong::new("Planen er en anden, end den du har læst: noget er sket siden.");
            return Err(wrong
                .help("Læs den igen, og gør så det, den siger nu.")
                .into());
        }
        if !plan.can_be {
            return Err(cannot(&plan).into());
        }
        let approved = Approved {
            plan: plan.hash.clone(),
            by: by.to_owned(),
            seqs,
        };
        let runner = self.runner();
        let done = Box::pin(runner.migrate_hold(hold.row.id, &to, &approved)).await?;
        match done {
            Turned::Done(cases) => {
                self.settle().await;
                Ok(MoveDone {
                    id: plan.id,
                    title: plan.title,
                    on: plan.to,
                    cases,
                })
            }
            Turned::Hindered(_) => Err(cannot(&plan).into()),
            Turned::Overtaken => Err(DeskError::MovedOn),
        }
    }

    /// A hold, or what a workflow says over all its holds, by the workflow's id.
    async fn what_moves(&self, of: &str) -> Result<Context, DeskError> {
        match self.runner().store().workflow_subject(of).await? {
            Some(row) => self.context(row.id).await,
            None => self.cohort(of).await,
        }
    }

    async fn look_at_move(&self, of: &str, asked: &MoveAsked) -> Result<Looked, DeskError> {
        let hold = self.what_moves(of).await?;
        let workflow = hold.row.workflow.clone();
        let number = match asked.to.trim() {
            "" => None,
            typed => Some(match typed.split_once('@') {
                Some((named, number)) if named == workflow => number,
                Some(_) => {
                    let wrong = Wrong::new(format!(
                        "Holdet følger »{workflow}« og kan kun skifte til en anden version af det."
                    ));
                    return Err(wrong.into());
                }
                None => typed,
            }),
        };
        let to = self.version_of(&workflow, number).await?;
        let from = self.version_name(&workflow, hold.row.version_id).await?;
        if to.0 == hold.row.version_id {
            let wrong = Wrong::new(format!("Det følger allerede {}.", to.1));
            return Err(wrong
                .help("Se versionerne med: tovholder versions; udgiv en ny med: tovholder publish")
                .into());
        }
        let version = self.runner().version(to.0).await?;
        let moving = read(&hold, &version.workflow, to.0, asked)?;
        let diff = self
            .between((hold.row.version_id, from), to.clone())
            .await?;
        let all = self.runner().hold_with_cases(hold.row.id).await?;
        let seqs = seqs_of(&all);
        let change = Change::Version(moving.clone());
        let brings = self.runner().would_bring(hold.row.id, &change).await?;
        let can_be = brings.hindered().next().is_none();
        let hash = hash_of(&diff, &moving, &brings)?;
        Ok(Looked {
            plan: MovePlan {
                id: hold.row.public_id.clone(),
                title: title_of(&hold),
                from: diff.from,
                to: diff.to,
                changes: diff.changes,
                brings: self.shown_of(&hold, brings).await?,
                needs: needs(&all, &version.workflow),
                can_be,
                hash,
            },
            hold,
            to: moving,
            seqs,
        })
    }
}

fn title_of(context: &Context) -> String {
    match context.subject.kind {
        Kind::Workflow => format!("{}, på tværs af hold", context.version.workflow.title),
        Kind::Cohort | Kind::Case => context.row.title.clone().unwrap_or_default(),
    }
}
