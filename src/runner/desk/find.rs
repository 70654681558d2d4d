//! Finding a hold or a case by what a person types: an id or its beginning, a hold's title, a
//! candidate's e-mail address, a workflow's id.

use super::known::is_whole;
use super::{Desk, DeskError, Wrong};
use crate::runner::context::Context;
use crate::store::{StoreError, SubjectKind, SubjectRow};

/// Fewer characters than this begin too many ids to mean one.
const ID_CHARS_MIN: usize = 4;

impl Desk {
    /// A hold, by id, beginning of an id, or title.
    pub(super) async fn cohort(&self, typed: &str) -> Result<Context, DeskError> {
        let found = self.find(typed).await?;
        match found.kind {
            SubjectKind::Cohort => self.context(found.id).await,
            SubjectKind::Case | SubjectKind::Workflow => {
                let wrong = Wrong::new(format!(
                    "»{typed}« er ikke et hold, men en kandidats forløb."
                ));
                Err(wrong.help("Se holdene med: tovholder cohort list").into())
            }
        }
    }

    /// A hold's id and title.
    pub async fn cohort_title(&self, typed: &str) -> Result<(String, String), DeskError> {
        let row = self.cohort(typed).await?.row;
        Ok((row.public_id, row.title.unwrap_or_default()))
    }

    /// A case or hold; for questions also a workflow.
    pub(super) async fn any(&self, typed: &str) -> Result<Context, DeskError> {
        let found = self.find(typed).await?;
        self.context(found.id).await
    }

    pub(super) async fn context(&self, id: i64) -> Result<Context, DeskError> {
        Ok(self.runner().context(id).await?)
    }

    /// The row of a case, a hold or a workflow.
    pub(super) async fn find(&self, typed: &str) -> Result<SubjectRow, DeskError> {
        let typed = typed.trim();
        if is_whole(typed)
            && let Some(found) = self.by_id(typed).await?
        {
            return Ok(found);
        }
        let mut found = if typed.contains('@') {
            self.cases_of(typed).await?
        } else {
            let by_id = self.by_id(typed).await?;
            let mut found = self.cohorts_titled(typed).await?;
            if found.is_empty() {
                found.extend(self.runner().store().workflow_subject(typed).await?);
            }
            if found.is_empty() {
                by_id.into_iter().collect()
            } else {
                found
            }
        };
        if found.len() > 1 {
            let ids: Vec<&str> = found.iter().map(|row| row.public_id.as_str()).collect();
            let wrong = Wrong::new(format!("»{typed}« passer på flere."));
            return Err(wrong
                .help(format!("Brug et af id'erne {}.", ids.join(", ")))
                .into());
        }
        found.pop().ok_or_else(|| {
            let wrong = Wrong::new(format!("Der er intet hold og ingen kandidat »{typed}«."));
            wrong
                .help("Se dem med: tovholder cohort list, tovholder cohort show HOLD")
                .into()
        })
    }

    async fn by_id(&self, typed: &str) -> Result<Option<SubjectRow>, DeskError> {
        let is_id = typed.len() >= ID_CHARS_MIN
            && typed
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if !is_id {
            return Ok(None);
        }
        let ambiguous = |error: StoreError| -> DeskError {
            if error.is_ambiguous() {
                let wrong = Wrong::new(format!("Flere id'er begynder med »{typed}«."));
                return wrong.help("Skriv mere af det.").into();
            }
            error.into()
        };
        self.runner()
            .store()
            .subject_by_public_id(self.sees, typed)
            .await
            .map_err(ambiguous)
    }

    async fn cohorts_titled(&self, typed: &str) -> Result<Vec<SubjectRow>, DeskError> {
        let typed = typed.to_lowercase();
        let mut rows = self.runner().store().cohorts().await?;
        rows.retain(|row| {
            row.title
                .as_ref()
                .is_some_and(|title| title.to_lowercase() == typed)
        });
        Ok(rows)
    }

    /// The cases of the candidate with an address: the open one, or failing that all.
    async fn cases_of(&self, email: &str) -> Result<Vec<SubjectRow>, DeskError> {
        let store = self.runner().store();
        let mut cases = Vec::new();
        for hold in store.cohorts().await? {
            let rows = store.subjects_of(self.sees, hold.id).await?;
            let ids: Vec<i64> = rows.iter().filter_map(|row| row.person_id).collect();
            let people = store.people(&ids).await?;
            let theirs = |row: &SubjectRow| {
                let person = row.person_id.and_then(|id| people.get(&id));
                person
                    .and_then(|person| person.email.as_ref())
                    .is_some_and(|known| known.eq_ignore_ascii_case(email))
            };
            cases.extend(rows.into_iter().filter(theirs));
        }
        let open: Vec<SubjectRow> = cases.iter().filter(|row| is_open(row)).cloned().collect();
        Ok(if open.is_empty() { cases } else { open })
    }
}

fn is_open(row: &SubjectRow) -> bool {
    let subject: Option<crate::engine::subject::Subject> = serde_json::from_str(&row.snapshot).ok();
    subject.is_some_and(|subject| subject.ended.is_none())
}
