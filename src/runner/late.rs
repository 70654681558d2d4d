//! Late mail in lots: a small lot lets itself go, a large one waits for a person, and the operator is told of
//! it in one mail, whichever process sees it first.

use std::sync::atomic::Ordering;

use jiff::Timestamp;

use super::seats::OPERATOR;
use super::{RunError, Runner};
use crate::engine::effect::{About, Intent};
use crate::store::{OutboxNew, Status};

/// As urgent as what is about one case.
const PRIORITY: i64 = 20;

impl Runner {
    /// Lets small lots go, and tells of large ones; whether mail is queued by that.
    pub(super) async fn see_to_late_lots(&self, now: Timestamp) -> Result<bool, RunError> {
        let lot_max = self.settings().lot_max;
        let lots = self
            .store()
            .late_lots(now.as_microsecond(), lot_max)
            .await?;
        let mut is_queued = false;
        for lot in lots {
            is_queued |= if lot.is_small {
                self.store().release_lot(lot.lot).await? > 0
            } else {
                self.tell_of_late(lot.lot).await?
            };
        }
        Ok(is_queued)
    }

    async fn tell_of_late(&self, lot: i64) -> Result<bool, RunError> {
        if self.settings().operator.is_none() {
            // Without somebody to write to it is said in each process's log.
            if self.inner.lot_warned.fetch_max(lot, Ordering::SeqCst) < lot {
                warn_of_late(lot);
            }
            return Ok(false);
        }
        let now = self.now();
        let mail = late_notice(lot, now)?;
        let noticed = self
            .store()
            .notice_late(lot, mail, now.as_microsecond())
            .await?;
        if noticed {
            warn_of_late(lot);
        }
        Ok(noticed)
    }
}

fn warn_of_late(lot: i64) {
    tracing::warn!(
        lot,
        "so much mail is late that it waits for a person; see `tovholder outbox list --status held`"
    );
}

/// The mail that tells of a lot. It is never late itself: it belongs to no lot, and leaves when mail may.
fn late_notice(lot: i64, now: Timestamp) -> Result<OutboxNew, RunError> {
    let intent = Intent {
        occurrence: format!("notice.late@lot.{lot}"),
        revision: 0,
        decided: 0,
        name: format!("lot.{lot}").as_str().into(),
        about: About::LateLot { lot },
        templates: vec!["late-notice".into()],
        to: vec![OPERATOR.into()],
        cases_in: Vec::new(),
        at: now,
        again: false,
        early: false,
        not_before: now,
        useless_from: None,
        gather_until: None,
        scope: None,
        event: None,
        called_off: None,
        why: "der er for mange forsinkede mails til, at de går af sig selv".into(),
    };
    Ok(OutboxNew {
        occurrence: intent.occurrence.clone(),
        seat: OPERATOR.to_owned(),
        revision: 0,
        public_id: uuid::Uuid::now_v7().to_string(),
        method: None,
        status: Status::Queued,
        reason: None,
        priority: PRIORITY,
        not_before: now.as_microsecond(),
        late_lot: None,
        intent: serde_json::to_string(&intent)?,
    })
}
