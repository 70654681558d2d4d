//! Taking back a case that a list brought by mistake, as long as nothing has come of it.
//!
//! A case cannot be removed: its history has to replay, and mail may have been decided of it. So it ends, as
//! [taken back](Ending::TakenBack): it counts nowhere, gives its place back, and what it was to say is not said. That
//! is no way out for a candidate who has been told anything, or of whom a person has noted anything: there the
//! workflow's own events are what happened.

use jiff::Timestamp;

use super::advance::{TRIES_MAX, advance, operator};
use super::context::Context;
use super::{RunError, Runner};
use crate::definition::model::Per;
use crate::engine::event::Event;
use crate::engine::input::Input;
use crate::engine::subject::Ending;
use crate::store::{Committed, EventRow, ImportCaseRow, ImportRow, ToldRow};

/// Who writes history without being a person who acts: the import itself, time, and news of the hold.
const NOBODY: [&str; 3] = ["import", "clock", "hold"];

/// Why a case stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stays {
    /// It was taken back before.
    Gone,
    /// It has ended.
    Ended(Ending),
    /// Somebody has done something.
    Acted {
        /// When.
        at: Timestamp,
        /// What happened.
        event: Box<Event>,
    },
    /// Somebody has written a note on it, or put a file to it.
    Noted,
    /// Mail has left, or may have.
    Told {
        /// The subject of the mail, as far as it is kept.
        subject: Option<String>,
    },
}

impl Runner {
    /// Why a case that came with an import cannot be taken back; none when it can.
    pub(super) async fn stays(
        &self,
        import: &ImportRow,
        case: &ImportCaseRow,
    ) -> Result<Option<Stays>, RunError> {
        let context = self.context(case.case_id).await?;
        self.stays_as_read(import, &context).await
    }

    async fn stays_as_read(
        &self,
        import: &ImportRow,
        context: &Context,
    ) -> Result<Option<Stays>, RunError> {
        if let Some(ended) = &context.subject.ended {
            return Ok(Some(match ended.how {
                Ending::TakenBack => Stays::Gone,
                how => Stays::Ended(how),
            }));
        }
        let history = self.store().history(context.row.id).await?;
        for row in &history {
            if let Some(event) = act(row)? {
                let at = Timestamp::from_microsecond(row.at).unwrap_or(Timestamp::UNIX_EPOCH);
                let event = Box::new(event);
                return Ok(Some(Stays::Acted { at, event }));
            }
        }
        if self.store().has_beside(context.row.id).await? {
            return Ok(Some(Stays::Noted));
        }
        let told = self.store().told_of_case(context.row.id, import.at).await?;
        let told = told.into_iter().find(|told| concerns(context, told));
        Ok(told.map(|told| Stays::Told {
            subject: told.subject_line,
        }))
    }

    /// Takes back a case, or says why it stays.
    pub(super) async fn take_back(
        &self,
        import: &ImportRow,
        case: &ImportCaseRow,
        by: &str,
    ) -> Result<Option<Stays>, RunError> {
        let input = Input::TakeBack {
            forget: case.came == 1,
        };
        let actor = operator(by);
        for _ in 0..TRIES_MAX {
            let now = self.now();
            // The history is read after the case: what is added in between makes the commit stale.
            let context = self.context(case.case_id).await?;
            if let Some(stays) = self.stays_as_read(import, &context).await? {
                return Ok(Some(stays));
            }
            let advance = advance(&context, Some((&input, &actor)), now)?;
            let write = self.write(&context, advance, None, now).await?;
            let committed = self
                .store()
                .commit(vec![write], now.as_microsecond())
                .await?;
            if committed.first() == Some(&Committed::Done) {
                self.notify();
                return Ok(None);
            }
        }
        Err(RunError::Contended(TRIES_MAX))
    }
}

/// What a person did, if this is it. Whether somebody came to the hold's meeting, a person has noted too.
fn act(row: &EventRow) -> Result<Option<Event>, RunError> {
    let event: Event = serde_json::from_str(&row.payload)?;
    let by_list = matches!(event, Event::Heard { count: 0, .. });
    let is_act = by_list || !NOBODY.contains(&row.actor.as_str());
    Ok(is_act.then_some(event))
}

/// Whether mail that has left was about this case. What its hold and workflow say to those who have to do with all
/// cases was.
fn concerns(context: &Context, told: &ToldRow) -> bool {
    if told.subject_id == context.row.id {
        return true;
    }
    let Some((role, of)) = told.seat.split_once(':') else {
        return true;
    };
    let Ok(of) = of.parse::<i64>() else {
        return true;
    };
    let roles = &context.version.workflow.roles;
    let per = roles.iter().find(|known| *known.name == *role);
    match role {
        crate::definition::model::CANDIDATE => of == context.row.id,
        crate::definition::model::JOBCENTRE => Some(of) == context.row.organisation_id,
        _ if per.is_some_and(|role| role.per == Per::Candidate) => {
            let theirs = context.subject.people.get(role);
            theirs.is_some_and(|people| people.contains(&of))
        }
        _ => true,
    }
}
