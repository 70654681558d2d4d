//! Taking back what somebody led a candidate on by, with what would come of that read first.

use jiff::civil::DateTime;
use serde::Serialize;

use super::days::By;
use super::possible::not_taken;
use super::{Consequences, Desk, DeskError, Fired, Visitor, Wrong, story, words};
use crate::access::May;
use crate::engine::input::Input;
use crate::runner::context::Context;
use crate::runner::undo::LedOn;

/// What somebody led a candidate on by last, and what would come of taking it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoShown {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The title of the state it is in.
    pub from: String,
    /// And of the one it goes back to.
    pub back: String,
    /// When it was led on; local.
    pub at: DateTime,
    /// What would come of it.
    pub consequences: Consequences,
    /// How many events the case has: whoever takes it back names that.
    pub seq: i64,
}

impl Desk {
    /// Takes back what somebody led a case on by last: it stands where it stood. Only as long as nobody has done
    /// anything to it since it was looked at, if that is said (`expect`: how many events it had).
    pub async fn undo(&self, of: &str, expect: Option<i64>) -> Result<Fired, DeskError> {
        let command = By {
            expect,
            ..By::command()
        };
        self.undo_by(of, None, command).await
    }

    /// The same for one who has logged in, if it is still the case they looked at, and theirs to take back.
    pub async fn undo_as(&self, visitor: &Visitor, of: &str, seq: i64) -> Result<Fired, DeskError> {
        let by = By {
            actor: visitor.actor(),
            expect: Some(seq),
        };
        self.undo_by(of, Some(visitor), by).await
    }

    async fn undo_by(
        &self,
        of: &str,
        visitor: Option<&Visitor>,
        by: By,
    ) -> Result<Fired, DeskError> {
        // What is due by now has happened before anything is looked at.
        self.settle().await;
        let context = self.any(of).await?;
        if by.expect.is_some_and(|expect| expect != context.row.seq) {
            return Err(DeskError::MovedOn);
        }
        let led = self.led_on(visitor, &context).await?;
        let by = By {
            expect: Some(context.row.seq),
            ..by
        };
        self.act_by(&context, &Input::Undo(led.undo), &by).await
    }

    /// What would come of that.
    pub async fn if_undone(&self, of: &str) -> Result<Consequences, DeskError> {
        self.settle().await;
        let context = self.any(of).await?;
        let led = self.led_on(None, &context).await?;
        self.if_input(&context, Input::Undo(led.undo)).await
    }

    /// The same for one who has logged in, with what it is that would be taken back. Nothing is changed.
    pub async fn undo_shown(&self, visitor: &Visitor, of: &str) -> Result<UndoShown, DeskError> {
        let context = self.any(of).await?;
        let led = self.led_on(Some(visitor), &context).await?;
        let person: Vec<i64> = context.row.person_id.into_iter().collect();
        Ok(UndoShown {
            id: context.row.public_id.clone(),
            name: self.names(&person).await?.pop().unwrap_or_default(),
            from: title(&context, context.subject.state.as_ref()),
            back: title(&context, led.undo.before.state.as_ref()),
            at: story::local(&context, led.undo.at.as_microsecond()),
            seq: context.row.seq,
            consequences: self.if_input(&context, Input::Undo(led.undo)).await?,
        })
    }

    /// The title of the state that a case goes back to, when the one who asks can take back what led it on.
    pub(super) async fn way_back(
        &self,
        visitor: Option<&Visitor>,
        context: &Context,
    ) -> Result<Option<String>, DeskError> {
        let Some(visitor) = visitor else {
            return Ok(None);
        };
        match self.led_on(Some(visitor), context).await {
            Ok(led) => {
                let back = title(context, led.undo.before.state.as_ref());
                let can_be = self.as_if(context, &Input::Undo(led.undo)).is_ok();
                Ok(can_be.then_some(back))
            }
            Err(DeskError::Refused { .. } | DeskError::Wrong(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a case was led on by last. Who does not act for others takes back only what was done in their own role.
    async fn led_on(
        &self,
        visitor: Option<&Visitor>,
        context: &Context,
    ) -> Result<LedOn, DeskError> {
        let led = self.runner().led_on(context).await;
        let led = led.map_err(|error| not_taken(context, error))?;
        let is_theirs = visitor.is_none_or(|visitor| {
            let role = visitor.acts_as();
            visitor.may(May::Act) && (role.is_none() || led.role.as_deref() == role)
        });
        if is_theirs {
            return Ok(led);
        }
        let wrong =
            Wrong::new("Det blev gjort i en anden rolle end din, så du kan ikke fortryde det.");
        Err(wrong.help("Bed holdets tovholder om det.").into())
    }
}

fn title(context: &Context, state: Option<&crate::definition::model::Name>) -> String {
    let workflow = &context.version.workflow;
    state.map_or_else(String::new, |state| words::state_title(workflow, state))
}
