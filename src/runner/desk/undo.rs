//! Taking back what somebody led a candidate on by, with what would come of that read first.

use super::possible::not_taken;
use super::{Consequences, Desk, DeskError, Fired};
use crate::engine::input::Input;
use crate::runner::context::Context;

impl Desk {
    /// Takes back what somebody led a case on by last: it stands where it stood. Only as long as nobody has done
    /// anything to it since it was looked at, if that is said (`expect`: how many events it had).
    pub async fn undo(&self, of: &str, expect: Option<i64>) -> Result<Fired, DeskError> {
        // What is due by now has happened before anything is looked at.
        self.settle().await;
        let context = self.any(of).await?;
        if expect.is_some_and(|expect| expect != context.row.seq) {
            return Err(DeskError::MovedOn);
        }
        let undo = self.undo_input(&context).await?;
        self.act_if(&context, &undo, Some(context.row.seq)).await
    }

    /// What would come of that.
    pub async fn if_undone(&self, of: &str) -> Result<Consequences, DeskError> {
        self.settle().await;
        let context = self.any(of).await?;
        let undo = self.undo_input(&context).await?;
        self.if_input(&context, undo).await
    }

    async fn undo_input(&self, context: &Context) -> Result<Input, DeskError> {
        let undo = self.runner().undo_of(context).await;
        Ok(Input::Undo(
            undo.map_err(|error| not_taken(context, error))?,
        ))
    }
}
