//! What is there for whoever asks: cases and holds by their whole ids, and lists of cases a page at a time.

use std::collections::HashMap;

use serde::Serialize;

use super::{Desk, DeskError, words};
use crate::engine::subject::Ending;
use crate::store::SubjectKind;

/// A case or hold that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Row id.
    pub row: i64,
    /// Its id.
    pub id: String,
    /// How many events it has.
    pub seq: i64,
    /// It is a candidate's case; else it is a hold.
    pub is_case: bool,
}

/// A candidate's case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The hold's id and title.
    pub hold: (String, String),
    /// The key and title of the state it is in; none when it went on to another hold.
    pub state: Option<(String, String)>,
    /// The jobcentre's name.
    pub organisation: Option<String>,
    /// It has ended.
    pub has_ended: bool,
}

impl Desk {
    /// The case or hold that has exactly this id, if it is there for whoever asks.
    pub async fn known(&self, id: &str) -> Result<Option<Known>, DeskError> {
        if !is_whole(id) {
            return Ok(None);
        }
        let found = self.runner().store();
        let found = found.subject_by_public_id(self.sees, id).await?;
        let found = found.filter(|row| row.kind != SubjectKind::Workflow);
        Ok(found.map(|row| Known {
            row: row.id,
            id: row.public_id,
            seq: row.seq,
            is_case: row.kind == SubjectKind::Case,
        }))
    }

    /// Whether there is a mail with this number, for whoever asks.
    pub async fn is_mail_there(&self, id: i64) -> Result<bool, DeskError> {
        let row = self.runner().store().outbox_row(self.sees, id).await?;
        Ok(row.is_some())
    }

    /// At most so many cases that are seen, of a hold or of all, from behind one of them, in the order in which they
    /// came; and whether there are more.
    pub async fn case_page(
        &self,
        hold: Option<&Known>,
        after: Option<&Known>,
        limit: usize,
    ) -> Result<(Vec<CaseLine>, bool), DeskError> {
        let store = self.runner().store();
        let after = after.map_or(0, |known| known.row);
        let ask = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let hold = hold.map(|known| known.row);
        let mut ids = store.case_ids(self.sees, hold, after, ask).await?;
        let is_more = ids.len() > limit;
        ids.truncate(limit);
        self.saw(&ids, "cases").await?;
        let holds = store.holds(None).await?;
        let holds: HashMap<i64, _> = holds.into_iter().map(|hold| (hold.id, hold)).collect();
        let contexts = self.runner().contexts(&ids).await?;
        let people: Vec<i64> = (contexts.iter())
            .filter_map(|context| context.row.person_id)
            .collect();
        let people = store.people(&people).await?;
        let lines = contexts.into_iter().map(|context| {
            let person = context.row.person_id.and_then(|id| people.get(&id));
            let hold = context.row.cohort_id.and_then(|id| holds.get(&id));
            let workflow = &context.version.workflow;
            let ended = context.subject.ended.as_ref();
            let state = (context.subject.state.as_ref())
                .filter(|_| ended.is_none_or(|ended| ended.how != Ending::Moved));
            CaseLine {
                name: (person.map(|person| person.name.clone()))
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| "(anonymiseret)".to_owned()),
                hold: hold.map_or_else(Default::default, |hold| {
                    (
                        hold.public_id.clone(),
                        hold.title.clone().unwrap_or_default(),
                    )
                }),
                state: state.map(|state| (state.to_string(), words::state_title(workflow, state))),
                organisation: person
                    .and_then(|person| person.organisation.as_ref())
                    .map(|organisation| organisation.name.clone()),
                has_ended: ended.is_some(),
                id: context.row.public_id,
            }
        });
        Ok((lines.collect(), is_more))
    }
}

/// Whether an id is written whole: no title or address is.
pub(super) fn is_whole(id: &str) -> bool {
    id.len() == 36 && uuid::Uuid::parse_str(id).is_ok()
}
