//! Cases that would be anonymised by now if their journal had been written out.

use jiff::Timestamp;

use super::super::{Desk, DeskError, Waits};
use super::local_of;
use crate::engine::frame::Frame;
use crate::engine::plan::{Keeps, anonymised_at, keeps};

/// As many as are read to tell how many there are.
const READ_MAX: i64 = 200;

impl Desk {
    /// Says how many cases wait for their journal, and which command writes it out; nothing where no workflow demands
    /// one.
    pub(in crate::runner::desk) async fn journals_that_wait(
        &self,
    ) -> Result<Vec<Waits>, DeskError> {
        let store = self.runner().store();
        let mut demanding = Vec::new();
        for head in store.version_heads().await? {
            // One that this build cannot read is told of where it is used.
            let Ok(version) = self.runner().version(head.id).await else {
                continue;
            };
            let retention = version.workflow.retention.as_ref();
            if retention.is_some_and(|retention| retention.journal_first) {
                demanding.push(head.id);
            }
        }
        if demanding.is_empty() {
            return Ok(Vec::new());
        }
        let cases = store.unjournaled(&demanding, READ_MAX).await?;
        let contexts = self.runner().contexts(&cases).await?;
        let now = self.runner().now();
        let mut due: Vec<(Timestamp, String)> = Vec::new();
        for context in &contexts {
            let view = context.view();
            let frame = Frame::new(&view, &context.subject);
            let at = anonymised_at(&frame).filter(|at| *at <= now);
            if let (Some(at), Some(Keeps::Journal)) = (at, keeps(&frame)) {
                due.push((at, context.row.public_id.clone()));
            }
        }
        let Some((at, first)) = due.iter().min().cloned() else {
            return Ok(Vec::new());
        };
        let count = match due.len() {
            1 => "1 sag skulle være anonymiseret".to_owned(),
            many => format!("{many} sager skulle være anonymiseret"),
        };
        Ok(vec![Waits {
            at,
            local: local_of(at),
            what: "Journal mangler".to_owned(),
            about: format!("{count}, men venter på, at journalen gemmes"),
            settle: vec![format!("tovholder journal {first} --out MAPPE")],
        }])
    }
}
