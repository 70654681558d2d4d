//! Who has read about whom, for whoever keeps accounts.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::received::ZONE;
use super::{Desk, DeskError, Wrong};
use crate::runner::serve::instant;
use crate::store::{ReadRow, ReadsFilter};

/// As many as anybody reads on a page.
const LINES_MAX: i64 = 100;

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadsAsked {
    /// Only about this case or hold, by its id.
    pub of: Option<String>,
    /// Only of the account of this address.
    pub by: Option<String>,
    /// Only lines before this one.
    pub before: Option<i64>,
}

/// A page of the log, the newest line first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reads {
    /// The lines.
    pub lines: Vec<ReadLine>,
    /// There are older ones, before this line.
    pub next: Option<i64>,
}

/// Somebody has read something about somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadLine {
    /// When, in Danish time.
    pub local: DateTime,
    /// Who read.
    pub reader: String,
    /// Their address.
    pub login: String,
    /// The id of the case or hold.
    pub of: Option<String>,
    /// It is a case.
    pub is_case: bool,
    /// The candidate's name or the hold's title.
    pub about: String,
    /// Where it stood, in Danish.
    pub page: String,
}

impl Desk {
    /// Who has read about whom. What is read here is written down as well.
    pub async fn reads(&self, asked: &ReadsAsked) -> Result<Reads, DeskError> {
        let store = self.runner().store();
        let subject = match &asked.of {
            None => None,
            Some(id) => {
                let found = store.subject_by_public_id(self.sees, id).await?;
                let found = found.ok_or_else(|| Wrong::new("Der er ingen sag eller hold her."))?;
                Some(found.id)
            }
        };
        let account = match &asked.by {
            None => None,
            Some(login) => {
                let found = store.account(login).await?;
                let found = found.ok_or_else(|| Wrong::new("Der er ingen konto her."))?;
                Some(found.id)
            }
        };
        let filter = ReadsFilter {
            subject,
            account,
            before: asked.before,
            limit: LINES_MAX + 1,
        };
        let mut rows = store.reads(self.sees, &filter).await?;
        let limit = usize::try_from(LINES_MAX).unwrap_or(usize::MAX);
        let is_last = rows.len() <= limit;
        rows.truncate(limit);
        let about: BTreeSet<i64> = rows.iter().filter_map(|row| row.subject_id).collect();
        self.saw(&Vec::from_iter(about), "reads").await?;
        let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
        Ok(Reads {
            next: rows.last().filter(|_| !is_last).map(|row| row.id),
            lines: rows.into_iter().map(|row| line(row, &zone)).collect(),
        })
    }
}

fn line(row: ReadRow, zone: &TimeZone) -> ReadLine {
    ReadLine {
        local: instant(row.at).to_zoned(zone.clone()).datetime(),
        reader: row.reader,
        login: row.login,
        of: row.public_id,
        is_case: row.is_case,
        about: row.about.unwrap_or_else(|| "navnet er slettet".to_owned()),
        page: page(&row.what).to_owned(),
    }
}

/// Where something was read; what a newer build has written is told as it is.
fn page(what: &str) -> &str {
    match what {
        "board" => "holdets tavle",
        "case" => "sagen",
        "document" => "en fil",
        "mail" => "en mail",
        "numbers" => "en liste fra tal",
        "outbox" => "udbakken",
        "report" => "en prøve af en ændring",
        "reads" => "læseloggen",
        "today" => "i dag",
        other => other,
    }
}
