//! How the demo stands: read from the database while it is served.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::cli::Failure;
use crate::definition::model::Workflow;
use crate::engine::subject::Subject;
use crate::runner::Runner;
use crate::store::{OutboxFilter, OutboxRow, Sees, Status};

/// Mails shown at a time.
const MAILS: i64 = 4;
/// A hold with nothing due for so long after its last candidate's end is over.
const QUIET_DAYS: i64 = 30;

/// The demo at a moment.
#[derive(Debug)]
pub(super) struct Standing {
    /// Local.
    pub now: DateTime,
    pub holds: Vec<HoldStanding>,
    pub mails: BTreeMap<Status, i64>,
    /// The newest, with their local times.
    pub last: Vec<(DateTime, OutboxRow)>,
    /// What could not be advanced.
    pub stuck: Option<String>,
    /// Everybody has ended and every mail is settled.
    pub is_over: bool,
}

/// A hold at a moment.
#[derive(Debug)]
pub(super) struct HoldStanding {
    pub title: String,
    /// Titles of states with the number of candidates in them, in the order of the workflow.
    pub states: Vec<(String, usize)>,
}

/// Looks. `expected` is the number of candidates who come, per hold.
pub(super) async fn look(
    runner: &Runner,
    workflow: &Workflow,
    expected: &[usize],
) -> Result<Standing, Failure> {
    let store = runner.store();
    let now = runner.now();
    let mut is_over = true;
    let mut holds = Vec::new();
    for (hold, expected) in store.cohorts().await?.into_iter().zip(expected) {
        let cases = store.subjects_of(Sees::All, hold.id).await?;
        let mut counts = vec![0; workflow.states.len()];
        let mut ended = Vec::new();
        for case in &cases {
            let subject: Subject =
                serde_json::from_str(&case.snapshot).map_err(crate::runner::RunError::from)?;
            if let Some(id) = subject
                .state
                .as_ref()
                .and_then(|state| workflow.state_ids.get(state))
            {
                counts[id.0] += 1;
            }
            ended.extend(subject.ended.map(|ended| ended.at));
        }
        let last_end = ended.iter().max().copied().unwrap_or(now);
        let quiet = jiff::SignedDuration::from_hours(24 * QUIET_DAYS);
        let has_more = hold
            .next_due_at
            .is_some_and(|due| due <= (last_end + quiet).as_microsecond());
        is_over &= cases.len() >= *expected && ended.len() == cases.len() && !has_more;
        let titled = workflow
            .states
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0);
        let states = titled
            .map(|(state, count)| (state.title.clone(), count))
            .collect();
        holds.push(HoldStanding {
            title: hold.title.unwrap_or_default(),
            states,
        });
    }
    let mails: BTreeMap<Status, i64> = store.outbox_counts().await?.into_iter().collect();
    let under_way = [Status::Queued, Status::Retry, Status::Sending];
    is_over &= under_way
        .iter()
        .all(|status| mails.get(status).is_none_or(|count| *count == 0));
    is_over &= store
        .next_work_due()
        .await?
        .is_none_or(|due| due > now.as_microsecond());
    let filter = OutboxFilter {
        before: None,
        status: Some(Status::Sent),
        cohort: None,
        subject: None,
        unseen: false,
        limit: MAILS,
    };
    let local = |micros: i64| {
        workflow
            .calendar
            .local(Timestamp::from_microsecond(micros).unwrap_or(now))
    };
    let last = store.outbox(Sees::All, &filter).await?;
    Ok(Standing {
        now: workflow.calendar.local(now),
        holds,
        mails,
        last: last
            .into_iter()
            .rev()
            .map(|row| (local(row.not_before), row))
            .collect(),
        stuck: store.faulty(1).await?.pop().and_then(|row| row.fault_text),
        is_over,
    })
}
