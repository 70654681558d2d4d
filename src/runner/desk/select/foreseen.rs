//! What would come of answers that somebody is about to give: they are given to a copy of the hold, which is played on
//! to the end of the next workday, beside one to which nothing is done. Then the same answers are given in earnest.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Chosen, answers, called, cleared, state_of};
use crate::access::May;
use crate::runner::Coming;
use crate::runner::ahead::Play;
use crate::runner::context::Context;
use crate::runner::desk::{ComingMail, Desk, DeskError, Fire, Visitor, Wrong};
use crate::store::{Copied, Sees};

/// What would come of answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foreseen {
    /// The hold: id and title.
    pub hold: (String, String),
    /// Candidate by candidate, in the order in which they are answered.
    pub answers: Vec<Foretold>,
    /// Mail that leaves because of it until the end of the next workday, as it will read.
    pub mails: Vec<ComingMail>,
    /// That day.
    pub until: Date,
    /// A task of the hold that waits for more answers: its title, and how many are missing.
    pub waits: Option<(String, usize)>,
}

/// What comes, or came, of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foretold {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The answer.
    pub what: String,
    /// The title of the state the case is in afterwards.
    pub state: String,
    /// Why it cannot be given; nothing when it can.
    pub wrongs: Vec<Wrong>,
}

/// Whom an answer is about, what it is called, and what is known of what it asks for.
struct About {
    name: String,
    what: String,
    known: Vec<(String, String)>,
}

impl Desk {
    /// What would come of answers. Nothing is changed, and nothing is sent.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when nobody has been answered, or somebody who is not seen.
    pub async fn foresee(
        &self,
        hold: &str,
        chosen: &[Chosen],
        visitor: &Visitor,
    ) -> Result<Foreseen, DeskError> {
        let hold = self.cohort(hold).await?;
        let about = self.answered(&hold, chosen, visitor).await?;
        let calendar = &hold.version.workflow.calendar;
        let today = calendar.local(self.runner().now()).date();
        let until = calendar.workday_after(today, 1);
        let end = calendar.start_of(calendar.workday_after(until, 1));
        let what = Copied::Hold(hold.row.id);
        let (with, without) = (
            self.runner().play(what).await?,
            self.runner().play(what).await?,
        );
        let answers = self.copied(&with).give(chosen, &about, visitor).await?;
        let coming = with.until(end).await?;
        let known: HashSet<(i64, String, String)> =
            without.until(end).await?.iter().map(key_of).collect();
        let new: Vec<Coming> = (coming.into_iter())
            .filter(|one| !known.contains(&key_of(one)))
            .collect();
        let waits = self.copied(&with).waits(&hold).await?;
        with.end().await?;
        without.end().await?;
        Ok(Foreseen {
            hold: (
                hold.row.public_id.clone(),
                hold.row.title.clone().unwrap_or_default(),
            ),
            answers,
            mails: self.read_by(visitor, &hold, new).await?,
            until,
            waits,
        })
    }

    /// Gives the answers, each once and to the case as it was seen; whom it cannot be given to is named, and the
    /// others are answered all the same.
    pub async fn answer_all(
        &self,
        hold: &str,
        chosen: &[Chosen],
        visitor: &Visitor,
    ) -> Result<Vec<Foretold>, DeskError> {
        let hold = self.cohort(hold).await?;
        let about = self.answered(&hold, chosen, visitor).await?;
        self.give(chosen, &about, visitor).await
    }

    /// Whom each answer is about, by case; all have to be seen, and on the hold.
    async fn answered(
        &self,
        hold: &Context,
        chosen: &[Chosen],
        visitor: &Visitor,
    ) -> Result<HashMap<String, About>, DeskError> {
        if chosen.is_empty() {
            let wrong = Wrong::new("Du har ikke valgt noget for nogen.");
            return Err(wrong.help("Vælg et svar ved mindst én kandidat.").into());
        }
        let mut all = HashMap::new();
        for one in chosen {
            let case = self.any(&one.of).await?;
            if case.row.cohort_id != Some(hold.row.id) {
                return Err(Wrong::new("En af kandidaterne er ikke på holdet.").into());
            }
            let person: Vec<i64> = case.row.person_id.into_iter().collect();
            let answers = answers(&case, visitor);
            let answer = answers.iter().find(|answer| answer.event == one.event);
            let about = About {
                name: self.names(&person).await?.pop().unwrap_or_default(),
                what: answer.map_or_else(|| one.event.clone(), called),
                known: (answers.iter().flat_map(|answer| &answer.fields))
                    .map(|field| (field.name.clone(), field.known.clone()))
                    .collect(),
            };
            all.insert(one.of.clone(), about);
        }
        Ok(all)
    }

    async fn give(
        &self,
        chosen: &[Chosen],
        about: &HashMap<String, About>,
        visitor: &Visitor,
    ) -> Result<Vec<Foretold>, DeskError> {
        let mut given = Vec::with_capacity(chosen.len());
        for one in chosen {
            let Some(about) = about.get(&one.of) else {
                continue;
            };
            // What was known already and was left as it stood has not been said now.
            let set = one.set.iter().filter(|said| !about.known.contains(said));
            let fire = Fire {
                of: one.of.clone(),
                event: one.event.clone(),
                set: set.cloned().collect(),
                role: visitor.acts_as().map(ToOwned::to_owned),
                from: Some(format!("account {}", visitor.id)),
                key: Some(one.key()),
                expect: Some(one.seq),
                ..Fire::default()
            };
            let wrongs = match self.fire_as(visitor, &fire).await {
                Ok(_) => Vec::new(),
                Err(error) => error.complaints()?,
            };
            given.push(Foretold {
                id: one.of.clone(),
                name: about.name.clone(),
                what: about.what.clone(),
                state: state_of(&self.any(&one.of).await?),
                wrongs,
            });
        }
        Ok(given)
    }

    /// The desk of a copy, which nobody reads at.
    pub(in crate::runner::desk) fn copied(&self, play: &Play) -> Self {
        Self {
            runner: play.runner().clone(),
            sees: self.sees,
            reader: None,
            is_confided: false,
        }
    }

    /// The hold's task that still wants answers.
    async fn waits(&self, hold: &Context) -> Result<Option<(String, usize)>, DeskError> {
        let wanted = cleared(&self.context(hold.row.id).await?);
        let cases = self.subjects_of(hold.row.id).await?;
        let left = |state: &str| {
            let there = cases.iter().filter(|(_, case)| {
                case.ended.is_none() && case.state.as_ref().is_some_and(|at| **at == *state)
            });
            there.count()
        };
        let mut left = wanted.iter().map(|(state, task)| (&task.0, left(state)));
        Ok(left
            .find(|(_, left)| *left > 0)
            .map(|(title, left)| (title.clone(), left)))
    }

    /// Of what would leave, what one who has logged in may read.
    async fn read_by(
        &self,
        visitor: &Visitor,
        hold: &Context,
        mut coming: Vec<Coming>,
    ) -> Result<Vec<ComingMail>, DeskError> {
        let cases = self.runner().store().subjects_of(self.sees, hold.row.id);
        let mut seen: HashSet<i64> = cases.await?.iter().map(|row| row.id).collect();
        if self.sees == Sees::All {
            seen.insert(hold.row.id);
        }
        coming.retain(|one| visitor.may(May::ReadMail) && seen.contains(&one.row.subject_id));
        let read: Vec<i64> = coming.iter().map(|one| one.row.subject_id).collect();
        self.saw(&read, "outbox").await?;
        self.coming_mails(hold, coming).await
    }
}

impl Chosen {
    /// The same answer to the same case as it was seen is given once.
    fn key(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!(
            "{:?}",
            (&self.of, &self.event, &self.set, self.seq)
        ));
        let hex = hash
            .finalize()
            .iter()
            .take(16)
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("select-{hex}")
    }
}

/// Which mail it is, in a copy as in another.
fn key_of(coming: &Coming) -> (i64, String, String) {
    let row = &coming.row;
    (row.subject_id, row.occurrence.clone(), row.seat.clone())
}
