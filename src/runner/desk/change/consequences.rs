//! What would come of something, before it is done: the same report for whatever happens to a hold or a case, and for
//! other holidays or another zone's data.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use super::BringsShown;
use crate::calendar::Tables;
use crate::engine::input::Input;
use crate::engine::pause::Pause;
use crate::engine::subject::Kind;
use crate::runner::change::{Change, Said};
use crate::runner::context::Context;
use crate::runner::desk::possible::not_taken;
use crate::runner::desk::{Desk, DeskError, Fire, Wrong};
use crate::runner::operator;

/// What would come of something that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consequences {
    /// The hold's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// To the hold and each of its cases.
    pub brings: BringsShown,
    /// What names this report: another one has another.
    pub hash: String,
}

/// Something that is done to the days of a hold or a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaysAsked {
    /// It stands still on these days, both included.
    Pause(Date, Date),
    /// The pause that begins on this day is lifted.
    Unpause(Date),
    /// The hold is cancelled.
    Cancel,
}

impl DaysAsked {
    pub(in crate::runner::desk) fn input(self) -> Input {
        match self {
            Self::Pause(first, last) => Input::Pause(Pause { first, last }),
            Self::Unpause(first) => Input::Unpause(first),
            Self::Cancel => Input::Cancel,
        }
    }
}

impl Desk {
    /// What would come of it if this had happened.
    pub async fn if_fired(&self, said: &Fire) -> Result<Consequences, DeskError> {
        let context = self.any(&said.of).await?;
        let (by, inputs) = self.prepared(said, &context).await?;
        let said = inputs.into_iter().map(|input| Said {
            of: context.row.id,
            input,
            by: by.clone(),
        });
        self.if_said(&context, said.collect()).await
    }

    /// What would come of other days.
    pub async fn if_days(&self, of: &str, days: DaysAsked) -> Result<Consequences, DeskError> {
        let context = self.whose_days(of, days).await?;
        self.if_input(&context, days.input()).await
    }

    /// What would come of one input from the operator.
    pub(in crate::runner::desk) async fn if_input(
        &self,
        context: &Context,
        input: Input,
    ) -> Result<Consequences, DeskError> {
        let said = Said {
            of: context.row.id,
            input,
            by: operator("cli"),
        };
        self.if_said(context, vec![said]).await
    }

    /// What would come of other holidays or zones, hold by hold: of one, or of all that run. Where nothing would,
    /// a hold is left out.
    pub async fn if_tables(
        &self,
        hold: Option<&str>,
        tables: Tables,
    ) -> Result<Vec<Consequences>, DeskError> {
        let holds = match hold {
            Some(of) => vec![self.cohort(of).await?.row.id],
            None => {
                let all = self.runner().store().cohorts().await?;
                all.into_iter().map(|hold| hold.id).collect()
            }
        };
        let change = Change::Tables(Arc::new(tables));
        let mut all = Vec::new();
        for id in holds {
            let hold = self.context(id).await?;
            if hold.subject.ended.is_some() {
                continue;
            }
            let brings = Box::pin(self.runner().would_bring(id, &change)).await?;
            if brings.subjects.iter().all(|of| of.is_unchanged()) {
                continue;
            }
            all.push(self.consequences(&hold, brings).await?);
        }
        Ok(all)
    }

    async fn if_said(&self, context: &Context, said: Vec<Said>) -> Result<Consequences, DeskError> {
        let hold = match context.subject.kind {
            Kind::Cohort => context.row.id,
            Kind::Case => context.row.cohort_id.ok_or_else(nothing_ahead)?,
            Kind::Workflow => return Err(nothing_ahead().into()),
        };
        let change = Change::Said(said);
        let brings = Box::pin(self.runner().would_bring(hold, &change)).await;
        let brings = brings.map_err(|error| not_taken(context, error))?;
        let hold = self.context(hold).await?;
        self.consequences(&hold, brings).await
    }

    async fn consequences(
        &self,
        hold: &Context,
        brings: crate::runner::change::Brings,
    ) -> Result<Consequences, DeskError> {
        Ok(Consequences {
            id: hold.row.public_id.clone(),
            title: hold.row.title.clone().unwrap_or_default(),
            hash: brings.hash()?,
            brings: self.shown_of(hold, brings).await?,
        })
    }
}

fn nothing_ahead() -> Wrong {
    Wrong::new("Det hører ikke til et hold, så det kan ikke ses forud.")
}
