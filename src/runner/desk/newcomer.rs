//! One candidate, as a program gives them: taken in as a list of one line, so that the same is looked at and it can be
//! taken back.

use super::{Asked, Desk, DeskError, Known, Sheet, Wrong};
use crate::runner::desk::sheet::Row;

/// A candidate to be taken in, as typed.
#[derive(Clone, Debug, Default)]
pub struct CandidateNew {
    /// In full.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Day of birth.
    pub born: Option<String>,
    /// The jobcentre's name.
    pub jobcentre: Option<String>,
    /// `track=helper`.
    pub facts: Vec<(String, String)>,
    /// `job_consultant=bo@jobcentre.example`.
    pub roles: Vec<(String, String)>,
    /// When somebody like that is known: it is the same person, or it is another one.
    pub is_same: Option<bool>,
}

impl Desk {
    /// Takes a candidate onto a hold, once for each `key`. Answers the case's id, and whether it was taken in before.
    pub async fn take_in_one(
        &self,
        hold: &Known,
        new: &CandidateNew,
        key: &str,
        by: &str,
    ) -> Result<(String, bool), DeskError> {
        if let Some(known) = self.taken_in_by(hold, key).await? {
            return Ok((known, true));
        }
        let sheet = new.to_sheet(key);
        let lines = vec![sheet.rows[0].line];
        let asked = match new.is_same {
            None => Asked::default(),
            Some(true) => Asked {
                same: lines,
                ..Asked::default()
            },
            Some(false) => Asked {
                another: lines,
                ..Asked::default()
            },
        };
        let taken = self
            .take_in(&hold.id, &sheet, &asked, None, false, by)
            .await;
        let taken = match taken {
            // The same request, sent twice at once: the other one has done it.
            Err(DeskError::Wrong(wrongs)) => match self.taken_in_by(hold, key).await? {
                Some(known) => return Ok((known, true)),
                None => return Err(DeskError::Wrong(without_lines(wrongs))),
            },
            taken => taken?,
        };
        let case = taken.candidates.into_iter().next();
        let case = case.ok_or_else(|| Wrong::new("Ingen blev taget ind."))?;
        Ok((case.id, false))
    }

    /// The case that was taken in by a key before, unless it was taken back.
    async fn taken_in_by(&self, hold: &Known, key: &str) -> Result<Option<String>, DeskError> {
        let store = self.runner().store();
        let Some(import) = store.import_by_hash(hold.row, key).await? else {
            return Ok(None);
        };
        let cases = store.import_cases(self.sees, import).await?;
        let ids: Vec<i64> = cases.iter().map(|case| case.case_id).collect();
        let contexts = self.runner().contexts(&ids).await?;
        let mut cases = contexts.into_iter();
        Ok(cases.next().map(|case| case.row.public_id))
    }
}

impl CandidateNew {
    /// The list that a person would have written.
    fn to_sheet(&self, key: &str) -> Sheet {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut columns = vec![
            ("navn".to_owned(), self.name.clone()),
            ("email".to_owned(), self.email.clone()),
            ("telefon".to_owned(), text(&self.phone)),
            ("foedselsdato".to_owned(), text(&self.born)),
            ("jobcenter".to_owned(), text(&self.jobcentre)),
        ];
        let named = |kind: &'static str| {
            move |(name, value): &(String, String)| (format!("{kind}:{name}"), value.clone())
        };
        columns.extend(self.facts.iter().map(named("fakta")));
        columns.extend(self.roles.iter().map(named("rolle")));
        let (titles, cells) = columns
            .into_iter()
            .map(|(title, cell)| (title, cell.trim().to_owned()))
            .unzip();
        Sheet {
            line: 1,
            titles,
            rows: vec![Row { line: 2, cells }],
            notes: Vec::new(),
            hash: key.to_owned(),
            wrongs: Vec::new(),
        }
    }
}

/// A program has given no lines.
fn without_lines(wrongs: Vec<Wrong>) -> Vec<Wrong> {
    let plain = |wrong| Wrong {
        line: None,
        ..wrong
    };
    wrongs.into_iter().map(plain).collect()
}
