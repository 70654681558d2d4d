//! A mail as a line of a list: whom it goes to and what it is about, also before it says so itself.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::{MailLine, refused};
use crate::definition::model::{CANDIDATE, JOBCENTRE};
use crate::engine::effect::{About, Intent};
use crate::runner::context::Context;
use crate::runner::desk::{Desk, DeskError, words};
use crate::runner::reason::reason_words;
use crate::runner::seats;
use crate::store::{OutboxRow, Status};

impl Desk {
    pub(in crate::runner::desk) async fn lines(
        &self,
        rows: &[OutboxRow],
    ) -> Result<Vec<MailLine>, DeskError> {
        let known = self.known_for(rows).await?;
        let waiting = rows.iter().filter(|row| may_be_stopped(row));
        let waiting: Vec<i64> = waiting.map(|row| row.id).collect();
        let mut stopped = self.stopped_words(&waiting).await?;
        let line = |row: &OutboxRow| {
            let mut line = known.line(row)?;
            if let Some(words) = stopped.remove(&row.id) {
                (line.is_stopped, line.reason) = (true, Some(words));
            }
            Some(line)
        };
        Ok(rows.iter().filter_map(line).collect())
    }

    pub(super) async fn known_for(&self, rows: &[OutboxRow]) -> Result<Known, DeskError> {
        let store = self.runner().store();
        // A seat `candidate:CASE` names a case that is not the row's own subject.
        let named = rows.iter().filter_map(|row| match seats::parts(&row.seat) {
            (CANDIDATE, id) => id,
            _ => None,
        });
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.subject_id).chain(named).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let contexts: HashMap<i64, Context> = self
            .runner()
            .contexts(&ids)
            .await?
            .into_iter()
            .map(|context| (context.row.id, context))
            .collect();
        let (mut people, mut organisations) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            let Some(context) = contexts.get(&row.subject_id) else {
                continue;
            };
            people.extend(seats::holders(context, &context.subject, &row.seat));
            organisations.extend(seats::parts(&row.seat).1);
        }
        for context in contexts.values() {
            people.extend(context.row.person_id);
            organisations.extend(context.row.organisation_id);
        }
        let people: Vec<i64> = people.into_iter().collect();
        let organisations: Vec<i64> = organisations.into_iter().collect();
        let people = store
            .people(&people)
            .await?
            .into_iter()
            .map(|(id, person)| (id, person.name));
        let organisations = store
            .organisations(&organisations)
            .await?
            .into_iter()
            .map(|(id, one)| (id, one.name));
        Ok(Known {
            people: people.collect(),
            organisations: organisations.collect(),
            contexts,
        })
    }
}

/// What is needed to say whom a mail goes to.
pub(super) struct Known {
    pub(super) contexts: HashMap<i64, Context>,
    pub(super) people: HashMap<i64, String>,
    organisations: HashMap<i64, String>,
}

impl Known {
    pub(super) fn line(&self, row: &OutboxRow) -> Option<MailLine> {
        let context = self.contexts.get(&row.subject_id)?;
        let at = row.settled_at.unwrap_or(row.not_before);
        let at = Timestamp::from_microsecond(at).ok()?;
        Some(MailLine {
            id: row.id,
            message_id: row.public_id.clone(),
            status: row.status,
            reason: row.reason.as_deref().map(reason_words),
            refused: (row.answer.as_deref())
                .filter(|_| matches!(row.status, Status::Failed | Status::Retry))
                .and_then(refused::means),
            at,
            local: context.version.workflow.calendar.local(at),
            to: row
                .address
                .clone()
                .unwrap_or_else(|| self.seat(row, context)),
            about: row.subject_line.clone().unwrap_or_else(|| about(row)),
            occurrence: row.occurrence.clone(),
            lot: row.late_lot.filter(|_| row.status == Status::Held),
            attempts: row.attempt,
            merged_into: row.merged_into,
            is_stopped: false,
        })
    }

    fn seat(&self, row: &OutboxRow, context: &Context) -> String {
        let (role, id) = seats::parts(&row.seat);
        let person = |id: i64| {
            self.people
                .get(&id)
                .filter(|name| !name.is_empty())
                .cloned()
        };
        let names: Vec<String> = match (role, id) {
            (JOBCENTRE, id) => {
                let id = id.or(context.row.organisation_id);
                id.and_then(|id| self.organisations.get(&id))
                    .cloned()
                    .into_iter()
                    .collect()
            }
            (CANDIDATE, Some(case)) => {
                let case = self.contexts.get(&case).and_then(|case| case.row.person_id);
                case.and_then(person).into_iter().collect()
            }
            _ => seats::holders(context, &context.subject, &row.seat)
                .into_iter()
                .filter_map(person)
                .collect(),
        };
        if names.is_empty() && role == seats::OPERATOR {
            return "driften".to_owned();
        }
        if names.is_empty() {
            return format!(
                "(ingen er {})",
                words::role_words(&context.version.workflow, role)
            );
        }
        names.join(", ")
    }
}

/// Whether it would leave by itself if nothing stopped it.
fn may_be_stopped(row: &OutboxRow) -> bool {
    matches!(row.status, Status::Queued | Status::Retry)
}

/// What a mail is about before it has a subject: its template, and the thing it follows from.
fn about(row: &OutboxRow) -> String {
    let Ok(intent) = serde_json::from_str::<Intent>(&row.intent) else {
        // A bundle's intents are those of its items.
        let name = row.occurrence.split('@').next().unwrap_or_default();
        return format!("{} (samlet)", name.strip_prefix("message.").unwrap_or(name));
    };
    let template = intent.templates.last().map_or("", String::as_str);
    match intent.about {
        About::Message | About::LateLot { .. } => template.to_owned(),
        _ => format!("{template} ({})", intent.name),
    }
}
