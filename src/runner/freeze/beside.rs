//! What a digest tells besides where its cases are: what is new since the last one, and figures over all
//! cases for whoever reads of all.

use super::read::Read;
use super::template_of;
use crate::definition::model::{Message, MessageTime};
use crate::engine::effect::{About, Intent};
use crate::engine::subject::{Kind, Subject};
use crate::runner::context::Context;
use crate::runner::data::{Beside, Figures, Last, cases_told};
use crate::runner::seats::{is_concerned, is_of_cases};
use crate::runner::{RunError, Runner};
use crate::store::{DigestNew, MemberRow, OutboxRow};

/// What a digest tells besides, and the cases that it is about.
type Both = (Beside, Vec<(MemberRow, Subject)>);

impl Runner {
    /// What is told besides the cases, with the cases themselves, if the mail is a digest.
    pub(super) async fn beside(
        &self,
        row: &OutboxRow,
        context: &Context,
        intent: &Intent,
    ) -> Result<Option<Both>, RunError> {
        if context.subject.kind == Kind::Case || intent.about != About::Message {
            return Ok(None);
        }
        let mut beside = Beside::default();
        if comes_again(context, intent) {
            let last = self.store().last_digest(row).await?;
            beside.last = last.as_ref().map(Last::read).transpose()?;
            beside.comes_again = true;
        }
        let tells = |word| {
            let language = &context.version.workflow.language;
            let template = template_of(context, intent);
            template.is_some_and(|name| context.version.templates.mentions(language, name, word))
        };
        beside.tells_next = tells("next");
        let counts_all = !is_of_cases(context, &row.seat);
        let members = if counts_all && (tells("funnel") || tells("targets")) {
            self.count(context, intent, tells("targets"), &mut beside)
                .await?
        } else {
            self.members(context, &intent.cases_in).await?
        };
        Ok(Some((beside, members)))
    }

    /// Counts all cases of the hold or workflow, and of all holds when there are targets to tell of.
    /// Answers those that the mail is about.
    async fn count(
        &self,
        context: &Context,
        intent: &Intent,
        with_targets: bool,
        beside: &mut Beside,
    ) -> Result<Vec<(MemberRow, Subject)>, RunError> {
        let workflow = &context.version.workflow;
        let own = context.cohort_id();
        let reach = own.filter(|_| !with_targets || workflow.targets.is_empty());
        let everybody = self.members_of(reach, &workflow.id, &[]).await?;
        let mut figures = Figures::new(workflow);
        figures.of_targets(workflow, everybody.iter().map(|(_, case)| case));
        beside.counted = (everybody.iter())
            .map(|(row, _)| (row.id, row.seq))
            .collect();
        let mut members = everybody;
        members.retain(|(row, case)| {
            own.is_none_or(|own| row.cohort_id == own) && is_concerned(context, case)
        });
        figures.of_states(workflow, members.iter().map(|(_, case)| case));
        beside.figures = Some(figures);
        let is_in = |state: &str| intent.cases_in.iter().any(|name| **name == *state);
        members.retain(|(row, _)| row.state.as_deref().is_some_and(is_in));
        Ok(members)
    }
}

/// Whether a message is said again and again, so that each time begins with what is new.
fn comes_again(context: &Context, intent: &Intent) -> bool {
    let workflow = &context.version.workflow;
    let scope = match context.subject.kind {
        Kind::Workflow => &workflow.scope,
        _ => &workflow.cohort.scope,
    };
    let is_it = |message: &&Message| message.name == intent.name;
    (scope.messages.iter().find(is_it))
        .is_some_and(|message| matches!(message.when, MessageTime::Every(_)))
}

/// What the next digest is compared with.
pub(super) fn told(row: &OutboxRow, read: &Read) -> Option<DigestNew> {
    let beside = read.digests.get(&row.id)?;
    let members = read.members.get(&row.id)?;
    beside.comes_again.then(|| DigestNew {
        subject_id: row.subject_id,
        occurrence: row.occurrence.clone(),
        seat: row.seat.clone(),
        since: beside.last.as_ref().map(|last| last.id),
        cases: cases_told(members),
    })
}
