//! Whom mail of a hold, or of a workflow, is for: its cases, where they stand when each has come as far as
//! time has.

use jiff::Timestamp;

use super::advance::Advance;
use super::context::Context;
use super::queue::{Lines, Turn};
use super::{RunError, Runner};
use crate::definition::model::{Name, Per};
use crate::engine::effect::Effect;
use crate::store::SubjectKind;

impl Runner {
    /// Whether a hold or a workflow would speak to people of its cases while one of these is due and can
    /// get on: it waits for that. Otherwise it would depend on the batch, or on which of several processes
    /// is quicker, whether somebody is spoken to who is on the way to where that is said, or has left.
    ///
    /// A case that itself waits for others, perhaps for this very hold, keeps it back no longer.
    pub(super) async fn speaks_too_soon(
        &self,
        context: &Context,
        said: &Advance,
        now: Timestamp,
    ) -> Result<bool, RunError> {
        if !speaks_to_cases(context, said) {
            return Ok(false);
        }
        let mut behind = 0;
        while let Some(id) = self
            .store()
            .due_member(
                context.cohort_id(),
                &context.row.workflow,
                behind,
                now.as_microsecond(),
            )
            .await?
        {
            if self.gets_on(id, now).await? {
                return Ok(true);
            }
            behind = id;
        }
        Ok(false)
    }

    /// Whether a case that is due can be advanced. One that cannot be read is not waited for.
    async fn gets_on(&self, case: i64, now: Timestamp) -> Result<bool, RunError> {
        let context = match self.context(case).await {
            Ok(context) => context,
            Err(RunError::Store(error)) => return Err(error.into()),
            Err(_) => return Ok(false),
        };
        match self.turn(&context, &mut Lines::default(), now).await {
            Ok(turn) => Ok(matches!(turn, Turn::Now(..))),
            Err(RunError::Store(error)) => Err(error.into()),
            Err(_) => Ok(false),
        }
    }
}

fn speaks_to_cases(context: &Context, said: &Advance) -> bool {
    let roles = &context.version.workflow.roles;
    let is_of_cases = |role: &Name| {
        let mut roles = roles.iter();
        roles.any(|known| known.name == *role && known.per == Per::Candidate)
    };
    context.row.kind != SubjectKind::Case
        && (said.effects.iter()).any(
            |effect| matches!(effect, Effect::Mail(intent) if intent.to.iter().any(is_of_cases)),
        )
}
