//! What a decision about a mail was made from.

use std::collections::BTreeSet;

use super::read::Read;
use crate::mutant::{self, Mutant};
use crate::store::{Fence, OutboxRow};

/// What the mail is made from, so that the store can tell whether it still is so.
pub(super) fn fence(row: &OutboxRow, read: &Read) -> Fence {
    let mut fence = Fence {
        id: row.id,
        attempt: row.attempt,
        ..Fence::default()
    };
    let items = read
        .items
        .get(&row.id)
        .into_iter()
        .flatten()
        .map(|item| item.subject_id);
    let subjects: BTreeSet<i64> = std::iter::once(row.subject_id).chain(items).collect();
    for id in subjects {
        let Some(context) = read.contexts.get(&id) else {
            continue;
        };
        fence.seqs.push((id, context.row.seq));
        if let Some(hold) = &context.cohort {
            fence
                .broadcasts
                .push((hold.row.subject.id, hold.row.subject.broadcast));
        }
    }
    fence.seqs.extend(
        read.members
            .get(&row.id)
            .into_iter()
            .flatten()
            .map(|(member, _)| (member.id, member.seq)),
    );
    let counted = read.digests.get(&row.id).map(|beside| &beside.counted);
    fence.seqs.extend(counted.into_iter().flatten());
    if mutant::is(Mutant::RenderInStep) {
        fence.seqs.clear();
        fence.broadcasts.clear();
    }
    fence.broadcasts.sort_unstable();
    fence.broadcasts.dedup();
    fence
}
