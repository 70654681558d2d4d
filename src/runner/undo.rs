//! What a person led a case on by last, found in its history, as an input that takes it back.

use jiff::Timestamp;

use super::context::Context;
use super::{RunError, Runner};
use crate::engine::event::Event;
use crate::engine::input::Refusal;
use crate::engine::undo::{Undo, last_led_on};

impl Runner {
    /// What would take back what a person led a case on by last.
    ///
    /// # Errors
    /// A refusal when there is nothing that can be taken back.
    pub(super) async fn undo_of(&self, context: &Context) -> Result<Undo, RunError> {
        let rows = self.store().history(context.row.id).await?;
        let mut history = Vec::with_capacity(rows.len());
        for row in &rows {
            let at = Timestamp::from_microsecond(row.at)
                .map_err(|error| RunError::Inconsistent(error.to_string()))?;
            let event: Event = serde_json::from_str(&row.payload)?;
            history.push((at, event));
        }
        let (cause, at, before) =
            last_led_on(&history).map_err(|why| RunError::Refused(Refusal::NotUndone(why)))?;
        let newest = self.store().newest_revision(context.row.id).await?;
        Ok(Undo {
            cause,
            at,
            before: Box::new(before),
            revision: u32::try_from(newest + 1).unwrap_or(u32::MAX),
        })
    }
}
