//! What a scenario or a file says instead of what would be assumed, and whether it came true.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Act, Assumed};
use crate::definition::model::{Name, Part};
use crate::engine::effect::Intent;
use crate::engine::input::Input;
use crate::runner::context::Context;
use crate::runner::{RunError, Runner};
use crate::store::{OutboxFilter, Status};

/// Something that a scenario or a file says instead of what would be assumed.
#[derive(Clone, Debug)]
pub struct Told {
    /// Whose, row id.
    pub subject: i64,
    /// When; `None`: when it would have been assumed.
    pub at: Option<Timestamp>,
    /// What.
    pub what: ToldWhat,
}

/// What is said.
#[derive(Clone, Debug)]
pub enum ToldWhat {
    /// This happens.
    Input(Input),
    /// A meeting was held, missed or called off.
    Met {
        /// Which.
        meeting: Name,
        /// What.
        part: Part,
    },
    /// This is expected by now.
    Expect {
        /// The atomic state.
        state: Option<Name>,
        /// How many mails of a template there have been about the case.
        mails: BTreeMap<String, u32>,
    },
    /// The candidate does not come: to the hold's meeting at all, to a meeting of their own the first time.
    Absent(Name),
    /// A task is done, or a meeting booked, so many workdays after its due day.
    Late(Name, u32),
    /// A task is never done, a meeting never booked.
    Never(Name),
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// When.
    pub at: Timestamp,
    /// Whose, row id.
    pub subject: i64,
    /// What was expected and what was found, in words.
    pub words: String,
}

impl Runner {
    /// Compares what a scenario expects with what is.
    pub(super) async fn expect(
        &self,
        act: &Act,
        index: usize,
        assumed: &mut Assumed,
    ) -> Result<(), RunError> {
        let Some(ToldWhat::Expect { state, mails }) =
            assumed.told.get(index).map(|told| told.what.clone())
        else {
            return Ok(());
        };
        let mut unmet = |words: String| {
            assumed.unmet.push(Unmet {
                at: act.at,
                subject: act.subject,
                words,
            });
        };
        let context = self.context(act.subject).await?;
        if let Some(state) = state
            && context.subject.state.as_ref() != Some(&state)
        {
            let found = context.subject.state.as_deref().unwrap_or("-").to_owned();
            unmet(format!("forventet tilstand {state}, fandt {found}"));
        }
        for (template, expected) in mails {
            let found = self.mails_of(&context, &template).await?;
            if found != expected {
                unmet(format!(
                    "forventet {expected} mails af {template}, fandt {found}"
                ));
            }
        }
        Ok(())
    }

    async fn mails_of(&self, context: &Context, template: &str) -> Result<u32, RunError> {
        let filter = OutboxFilter {
            status: Some(Status::Sent),
            cohort: context.row.cohort_id,
            subject: None,
            limit: 100_000,
        };
        let mut found = 0;
        for row in self.store().outbox(&filter).await? {
            let json = match row.group_key {
                Some(_) => self
                    .store()
                    .gather_items(row.id)
                    .await?
                    .first()
                    .map(|item| item.intent.clone()),
                None => Some(row.intent),
            };
            let intent: Option<Intent> = json.and_then(|json| serde_json::from_str(&json).ok());
            let used = intent.and_then(|intent| {
                let templates = &context.version.templates;
                intent
                    .templates
                    .into_iter()
                    .find(|name| templates.has(&context.version.workflow.language, name))
            });
            found += u32::from(used.as_deref() == Some(template));
        }
        Ok(found)
    }
}
