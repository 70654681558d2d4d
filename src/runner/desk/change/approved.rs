//! What somebody who has logged in has read beforehand, and approves: it is done if the same would still come of it.

use jiff::civil::Date;
use serde::Serialize;

use super::{Consequences, DaysAsked, MoveAsked, MoveDone};
use crate::runner::desk::days::By;
use crate::runner::desk::{DatesMoved, Desk, DeskError, Fired, Visitor, workflows};
use crate::store::SubjectKind;

/// The days of a hold or of a candidate that people give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DaysShown {
    /// The hold's or case's id.
    pub id: String,
    /// Its title, or the candidate's name.
    pub name: String,
    /// It is a hold.
    pub is_hold: bool,
    /// Dates of a hold.
    pub dates: Vec<DateHeld>,
    /// Pauses: first and last day.
    pub pauses: Vec<(Date, Date)>,
    /// It has ended: its days are what they were.
    pub is_over: bool,
}

/// A date of a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateHeld {
    /// Its key.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The weekday that it must be. Danish.
    pub weekday: Option<&'static str>,
    /// The day.
    pub day: Option<Date>,
}

impl Desk {
    /// The days that can be given to a hold, or a candidate.
    pub async fn days_shown(&self, of: &str) -> Result<DaysShown, DeskError> {
        let context = self.any(of).await?;
        let subject = &context.subject;
        let is_hold = context.row.kind == SubjectKind::Cohort;
        let asked = workflows::asked(&context.version.workflow).into_iter();
        let dates = asked.map(|date| DateHeld {
            day: subject.dates.get(date.name.as_str()).copied(),
            name: date.name,
            title: date.title,
            weekday: date.weekday,
        });
        let person: Vec<i64> = context.row.person_id.into_iter().collect();
        let name = match context.row.title.clone() {
            Some(title) if is_hold => title,
            _ => self.names(&person).await?.pop().unwrap_or_default(),
        };
        Ok(DaysShown {
            id: context.row.public_id.clone(),
            name,
            is_hold,
            dates: dates.filter(|_| is_hold).collect(),
            pauses: (subject.pauses.iter())
                .map(|(first, last)| (*first, *last))
                .collect(),
            is_over: subject.ended.is_some(),
        })
    }

    /// Lets a hold go on by another version, if that still brings what was read.
    pub async fn make_move_as(
        &self,
        visitor: &Visitor,
        of: &str,
        asked: &MoveAsked,
        hash: &str,
    ) -> Result<MoveDone, DeskError> {
        let hold = self.cohort(of).await?.row.public_id;
        let by = visitor.actor().from;
        Box::pin(self.make_move(&hold, asked, hash, &by)).await
    }

    /// Takes the newest move of a hold back, as long as nothing has followed from it.
    pub async fn undo_move_as(&self, visitor: &Visitor, of: &str) -> Result<MoveDone, DeskError> {
        let hold = self.cohort(of).await?.row.public_id;
        self.undo_move(&hold, &visitor.actor().from).await
    }

    /// Moves dates of a hold, if that still brings what was read.
    pub async fn move_dates_as(
        &self,
        visitor: &Visitor,
        of: &str,
        dates: &[(String, String)],
        hash: &str,
    ) -> Result<DatesMoved, DeskError> {
        let by = self.looking(visitor, of).await?;
        let read = Box::pin(self.move_dates(of, dates, true)).await?;
        if read.hash.as_deref() != Some(hash) {
            return Err(DeskError::MovedOn);
        }
        Box::pin(self.dates_moved(of, dates, false, &by)).await
    }

    /// A pause, one that is lifted, or a hold that is cancelled, if that still brings what was read.
    pub async fn do_days_as(
        &self,
        visitor: &Visitor,
        of: &str,
        days: DaysAsked,
        hash: &str,
    ) -> Result<Fired, DeskError> {
        let by = self.looking(visitor, of).await?;
        let Consequences { hash: now, .. } = Box::pin(self.if_days(of, days)).await?;
        if now != hash {
            return Err(DeskError::MovedOn);
        }
        let context = self.whose_days(of, days).await?;
        self.act_by(&context, &days.input(), &by).await
    }

    /// Who approves, and how many events there were before anything was compared: what is due by now has happened.
    pub(in crate::runner::desk) async fn looking(
        &self,
        visitor: &Visitor,
        of: &str,
    ) -> Result<By, DeskError> {
        self.settle().await;
        Ok(By {
            actor: visitor.actor(),
            expect: Some(self.any(of).await?.row.seq),
        })
    }
}
