//! What was put off for the same recipients leaves as one mail: each as it would have read by itself, in order
//! of priority and time.
//!
//! Each mail has been decided and looked through by itself before; one that is not wanted any more is not
//! among them. An announcement, from which its reader can unsubscribe, is never merged.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::ration::waits_for_others;
use super::read::Read;
use super::recipients::recipients;
use super::{Leaving, No, Prepared, frozen, intent_of, shipped};
use crate::message::{MailParts, message_id};
use crate::runner::data;
use crate::runner::seats::parts;
use crate::runner::{RunError, Runner};
use crate::store::{Freeze, OutboxRow};

/// The text that stands around the others.
const TEMPLATE: &str = "merged";
/// More than this nobody reads in one mail; the rest waits.
const MERGED_MAX: usize = 50;

impl Runner {
    /// The rows, and what waits with any of them for the same recipients: it leaves together, whoever has
    /// taken up which.
    pub(in crate::runner) async fn with_gathered(
        &self,
        rows: Vec<OutboxRow>,
    ) -> Result<Vec<OutboxRow>, RunError> {
        let waiting = rows.iter().filter(|row| waits_for_others(row));
        let to: BTreeSet<String> = waiting.filter_map(|row| row.address.clone()).collect();
        if to.is_empty() {
            return Ok(rows);
        }
        let known: BTreeSet<i64> = rows.iter().map(|row| row.id).collect();
        let mut all = rows;
        let others = self.store().gathered_for(&to).await?;
        all.extend(others.into_iter().filter(|row| !known.contains(&row.id)));
        Ok(all)
    }

    /// Puts those together that wait for each other.
    pub(super) fn merge(&self, rows: &[OutboxRow], read: &Read, prepared: &mut [Prepared]) {
        let mut together: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (row, prepared)) in rows.iter().zip(&*prepared).enumerate() {
            let Prepared::Send(leaving) = prepared else {
                continue;
            };
            if waits_for_others(row) && leaving.parts.list_unsubscribe.is_none() {
                let of = together.entry(leaving.recipients.clone()).or_default();
                of.push(at);
            }
        }
        for (to, mut group) in together {
            group.sort_by_key(|at| order(&rows[*at], read));
            let group = each_once(&group, rows, prepared);
            if group.len() < 2 {
                continue;
            }
            let merged = self.merged(&to, &group, rows, read, prepared);
            match merged {
                Ok(merged) => {
                    for at in &group {
                        prepared[*at] = Prepared::Merged;
                    }
                    prepared[group[0]] = Prepared::Send(Box::new(merged));
                }
                // Each then leaves as itself, when there is room for it.
                Err(No::Cancel(_)) => {}
                Err(No::Hold(reason)) => {
                    let mail = &rows[group[0]].public_id;
                    tracing::warn!(mail, reason, "mails to one recipient cannot be merged");
                }
            }
        }
    }

    fn merged(
        &self,
        to: &str,
        group: &[usize],
        rows: &[OutboxRow],
        read: &Read,
        prepared: &[Prepared],
    ) -> Result<Leaving, No> {
        let all: Vec<&Leaving> = (group.iter())
            .filter_map(|at| match &prepared[*at] {
                Prepared::Send(leaving) => Some(&**leaving),
                _ => None,
            })
            .collect();
        let (row, first) = (&rows[group[0]], all[0]);
        let parts = self.merged_parts(row, &all, read)?;
        let (mail, bytes) = frozen(self.settings(), row, &parts)?;
        let part = |leaving: &Leaving| Freeze {
            frozen: Vec::new(),
            // As it is looked for when what has been taken apart is put together again.
            address: to.to_owned(),
            ration: None,
            ..leaving.freeze.clone()
        };
        let is_counted = all.iter().any(|leaving| leaving.freeze.ration.is_none());
        let goes_at_once = (all
            .iter()
            .filter_map(|leaving| leaving.freeze.ration.as_ref()))
        .any(|ration| ration.until.is_none());
        let mut ration = first.freeze.ration.clone().filter(|_| !is_counted);
        if let Some(ration) = &mut ration
            && goes_at_once
        {
            ration.until = None;
        }
        let freeze = Freeze {
            frozen: bytes,
            ration,
            merged: all.iter().skip(1).map(|leaving| part(leaving)).collect(),
            ..part(first)
        };
        Ok(Leaving {
            freeze,
            mail,
            parts,
            recipients: to.to_owned(),
        })
    }

    /// In the thread of the first, under an id that no other mail has: what is taken apart and put together
    /// anew may read otherwise.
    fn merged_parts(
        &self,
        row: &OutboxRow,
        all: &[&Leaving],
        read: &Read,
    ) -> Result<MailParts, No> {
        let first = &all[0].parts;
        let no_context = || No::Hold(crate::runner::reason::Reason::Gone.stored());
        let context = read.contexts.get(&row.subject_id).ok_or_else(no_context)?;
        let (_, _, recipient) = recipients(row, context, read)?;
        let known = self.known(read);
        let mut data = data::base(context, &context.subject, &recipient, &known, true);
        let items = all.iter().map(|leaving| {
            let MailParts { rendered, .. } = &leaving.parts;
            json!({
                "subject": rendered.subject,
                "text": rendered.text.trim(),
                "language": leaving.parts.language,
            })
        });
        data.insert("items".into(), items.collect());
        let data = Json::Object(data);
        let workflow = &context.version.workflow;
        let role = parts(&row.seat).0;
        debug_assert_eq!(
            data::misfit_of_merged(workflow, context.subject.kind, role, &data),
            None,
            "the names of a merged mail are as templates are checked against",
        );
        let rendered = shipped::render(context, &[TEMPLATE.to_owned()], &data)?;
        let is_same = |leaving: &&Leaving| leaving.parts.reply_to == first.reply_to;
        let id = format!("{}+{}", row.attempt + 1, row.public_id);
        Ok(MailParts {
            message_id: message_id(id, &self.settings().mail_host),
            // Answers to mails of several people come to us.
            reply_to: first.reply_to.clone().filter(|_| all.iter().all(is_same)),
            rendered,
            invitation: None,
            ..first.clone()
        })
    }
}

/// What is urgent first, then what was planned first.
fn order(row: &OutboxRow, read: &Read) -> (i64, Timestamp, i64) {
    let at = intent_of(row, read).map_or(Timestamp::MAX, |intent| intent.at);
    (row.priority, at, row.id)
}

/// Without what the store lets leave one after the other only: the same thing said in two seats, and two
/// digests that each say what is new since the last.
fn each_once(group: &[usize], rows: &[OutboxRow], prepared: &[Prepared]) -> Vec<usize> {
    let (mut said, mut digests) = (BTreeSet::new(), BTreeSet::new());
    let mut once = Vec::new();
    for at in group {
        let row = &rows[*at];
        let is_digest =
            matches!(&prepared[*at], Prepared::Send(leaving) if leaving.freeze.digest.is_some());
        let declaration = row.occurrence.split('@').next().unwrap_or_default();
        let is_new = said.insert((row.subject_id, &row.occurrence))
            && (!is_digest || digests.insert((row.subject_id, declaration, &row.seat)));
        if is_new && once.len() < MERGED_MAX {
            once.push(*at);
        }
    }
    once
}
