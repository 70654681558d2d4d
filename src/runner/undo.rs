//! What a person led a case on by last, found in its history, as an input that takes it back.

use jiff::Timestamp;

use super::context::Context;
use super::write::actor_parts;
use super::{RunError, Runner};
use crate::engine::event::Event;
use crate::engine::input::Refusal;
use crate::engine::undo::{Undo, last_led_on};

/// What a person led a case on by last.
pub(super) struct LedOn {
    /// What takes it back.
    pub undo: Undo,
    /// The role in which it was done; none: by somebody who acts for others, or by a program.
    pub role: Option<String>,
}

impl Runner {
    /// What a person led a case on by last.
    ///
    /// # Errors
    /// A refusal when there is nothing that can be taken back.
    pub(super) async fn led_on(&self, context: &Context) -> Result<LedOn, RunError> {
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
        let first = usize::try_from(before.seq).ok();
        let first = first.and_then(|first| rows.get(first));
        Ok(LedOn {
            role: first.and_then(|row| actor_parts(&row.actor).1.map(ToOwned::to_owned)),
            undo: Undo {
                cause,
                at,
                before: Box::new(before),
                revision: u32::try_from(newest + 1).unwrap_or(u32::MAX),
            },
        })
    }
}
