//! A stop ends: what waited is let go by the rules for late mail, and is told of before.
//!
//! The engine knows nothing of stops: mail is decided and queued as ever, and the store lets none leave that is stopped.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::freeze::Fate;
use super::reason::Reason;
use super::{RunError, Runner};
use crate::store::{Cancel, Late, OutboxRow};

/// So many mails are looked at together.
const PAGE: i64 = 200;

/// What becomes of what waited when a stop ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LettingGo {
    /// Leaves, at the pace at which mail does.
    pub leaves: usize,
    /// Is held as late.
    pub late: usize,
    /// What is held as late is little enough to be let go by itself.
    pub is_small: bool,
    /// Falls away, by why; as the outbox keeps it.
    pub dropped: BTreeMap<String, usize>,
    /// Will wait for a person, by why; likewise.
    pub held: BTreeMap<String, usize>,
    /// Goes on waiting, since something else stops it too.
    pub still: usize,
}

impl Runner {
    /// What letting go would come to now. Nothing is done.
    pub async fn letting_go(&self, stop: i64) -> Result<LettingGo, RunError> {
        let (going, _) = self.look_at_kept_back(stop, self.now()).await?;
        Ok(going)
    }

    /// Ends a stop; none when it has ended before.
    pub async fn let_go(&self, stop: i64, by: &str) -> Result<Option<LettingGo>, RunError> {
        let now = self.now();
        let (mut going, dropped) = self.look_at_kept_back(stop, now).await?;
        let late = Late {
            before: self.late_before(now),
            lot: now.as_microsecond(),
        };
        let gone = self
            .store()
            .let_go(stop, dropped, late, by, now.as_microsecond())
            .await?;
        self.notify();
        Ok(gone.map(|gone| {
            going.late = usize::try_from(gone.held).unwrap_or(usize::MAX);
            going
        }))
    }

    async fn look_at_kept_back(
        &self,
        stop: i64,
        now: Timestamp,
    ) -> Result<(LettingGo, Vec<Cancel>), RunError> {
        let rows = self.kept_back_by(stop, now).await?;
        let all = self.store().stopped_by(now.as_microsecond()).await?;
        let all = usize::try_from(all.get(&stop).copied().unwrap_or_default()).unwrap_or_default();
        let mut going = LettingGo {
            still: all.saturating_sub(rows.len()),
            ..LettingGo::default()
        };
        let mut cancels = self.overtaken(&rows).await?;
        let older: BTreeSet<i64> = cancels.iter().map(|cancel| cancel.fence.id).collect();
        let rows: Vec<OutboxRow> = (rows.into_iter())
            .filter(|row| !older.contains(&row.id))
            .collect();
        let before = self.late_before(now);
        for page in rows.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            for (row, fate) in page.iter().zip(self.fates(page, now).await?) {
                match fate {
                    Fate::Dropped(cancel) => cancels.push(cancel),
                    _ if is_late(row, before) => going.late += 1,
                    Fate::Held(reason) => *going.held.entry(reason).or_default() += 1,
                    Fate::Leaves => going.leaves += 1,
                }
            }
        }
        for cancel in &cancels {
            *going.dropped.entry(cancel.reason.clone()).or_default() += 1;
        }
        going.is_small =
            i64::try_from(going.late).is_ok_and(|late| late <= self.settings().lot_max);
        Ok((going, cancels))
    }

    async fn kept_back_by(&self, stop: i64, now: Timestamp) -> Result<Vec<OutboxRow>, RunError> {
        let mut all: Vec<OutboxRow> = Vec::new();
        loop {
            let after = all.last().map_or(0, |row| row.id);
            let now = now.as_microsecond();
            let page = self.store().kept_back_by(stop, now, after, PAGE).await?;
            let is_last = i64::try_from(page.len()).is_ok_and(|rows| rows < PAGE);
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// What was to leave before then is late at `now`, µs UTC.
    fn late_before(&self, now: Timestamp) -> i64 {
        (now - self.late_after()).as_microsecond()
    }
}

/// As the store decides it when a stop ends.
fn is_late(row: &OutboxRow, before: i64) -> bool {
    row.not_before < before && row.reason.as_deref() != Some(&Reason::Asked.stored())
}
