//! Files that belong to a case: a profile, a CV, something else. They are kept as they came and given back as files,
//! never shown by us.

mod kind;
mod name;

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use serde::Serialize;

use super::notes::settled;
use super::story::local;
use super::{Desk, DeskError, Visitor, Wrong};
use crate::runner::context::Context;
use crate::store::{Added, DocumentNew, DocumentRow};

/// So many files may stand on a case.
const DOCUMENTS_MAX: i64 = 10;

/// What a file is to a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// What the candidate can and wants, as the jobcentre or the course has written it.
    Profile,
    /// The candidate's own.
    Cv,
    /// Anything else.
    #[default]
    Other,
}

/// A file that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentAsked {
    /// What it is to the case.
    pub kind: DocumentKind,
    /// As the browser names it.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What makes the form count once.
    pub key: String,
}

/// A file in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentShown {
    /// Its number.
    pub id: i64,
    /// What it is to the case.
    pub kind: DocumentKind,
    /// Its name; none once removed.
    pub name: Option<String>,
    /// How large it is, in kB.
    pub kilobytes: i64,
    /// When it was given, local.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// When it was removed, local, and by whom.
    pub removed: Option<(DateTime, String)>,
    /// Whoever asks may remove it.
    pub is_theirs: bool,
}

/// A file that is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentGiven {
    /// Its name, which fits on a disk and in a header's value once that is coded.
    pub name: String,
    /// What it is, as HTTP names it.
    pub media: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl DocumentKind {
    /// All, in the order in which they are chosen from.
    pub const ALL: [Self; 3] = [Self::Profile, Self::Cv, Self::Other];

    /// As stored, and sent by a form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Cv => "cv",
            Self::Other => "other",
        }
    }

    /// Danish.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Profile => "Profil",
            Self::Cv => "CV",
            Self::Other => "Andet",
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DocumentKind {
    type Err = Wrong;

    /// # Errors
    /// What to do.
    fn from_str(word: &str) -> Result<Self, Wrong> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| {
            Wrong::new("Hvad er filen?").help("Vælg, om den er en profil, et CV eller noget andet.")
        })
    }
}

impl DocumentAsked {
    /// A file may have so many bytes: a scanned CV of some pages has fewer.
    pub const BYTES_MAX: usize = 5_000_000;

    /// What browsers offer to choose from. It keeps nothing out: that is up to [`checked`](Self::checked).
    pub const ACCEPTED: &str = ".pdf,.docx,.odt,.png,.jpg,.jpeg,.txt";

    /// What the file is as HTTP names it, and its name as it is kept; or why it is not kept. By its bytes: its name says
    /// nothing.
    pub fn checked(&self) -> Result<(&'static str, String), Wrong> {
        let (media, ending) = kind::of(&self.bytes)?;
        Ok((media, name::clean(&self.name, self.kind.title(), ending)?))
    }
}

impl Desk {
    /// Puts a file to a case.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when there is no such case, or what is wrong with the file.
    pub async fn add_document(
        &self,
        visitor: &Visitor,
        case: &str,
        asked: DocumentAsked,
    ) -> Result<(), DeskError> {
        let case = self.one_case(case).await?;
        let (media, name) = asked.checked()?;
        let new = DocumentNew {
            case_id: case.id,
            account_id: visitor.account,
            key: asked.key,
            at: self.runner().now().as_microsecond(),
            kind: asked.kind.to_string(),
            name,
            media: media.to_owned(),
            bytes: asked.bytes,
        };
        match self
            .runner()
            .store()
            .add_document(new, DOCUMENTS_MAX)
            .await?
        {
            Added::Full => {
                let wrong = Wrong::new(format!("Der er {DOCUMENTS_MAX} filer på sagen."));
                Err(wrong.help("Fjern en, der ikke bruges mere.").into())
            }
            added => settled(added),
        }
    }

    /// A file of a case; that it was read is written down.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when there is no such file on that case.
    pub async fn document(&self, case: &str, id: i64) -> Result<DocumentGiven, DeskError> {
        let case = self.one_case(case).await?;
        let found = self
            .runner()
            .store()
            .document(self.sees, case.id, id)
            .await?;
        let found = found.ok_or_else(|| Wrong::new("Filen er her ikke."))?;
        self.saw(&[case.id], "document").await?;
        Ok(DocumentGiven {
            name: found.name,
            media: found.media,
            bytes: found.bytes,
        })
    }

    /// Removes a file: its bytes and name are gone, and who had given it stays.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when there is no such file on that case, or it is another's.
    pub async fn remove_document(
        &self,
        visitor: &Visitor,
        case: &str,
        id: i64,
    ) -> Result<(), DeskError> {
        let asked = self.withdrawal(visitor, case, id).await?;
        if !self.runner().store().remove_document(asked).await? {
            return settled(Added::Overtaken);
        }
        Ok(())
    }

    /// The files of a case, the newest first.
    pub(super) async fn documents_shown(
        &self,
        context: &Context,
        visitor: Option<&Visitor>,
    ) -> Result<Vec<DocumentShown>, DeskError> {
        let store = self.runner().store();
        let documents = store.documents(self.sees, context.row.id).await?;
        let shown = |row: DocumentRow| DocumentShown {
            id: row.id,
            kind: row.kind.parse().unwrap_or_default(),
            name: row.name,
            kilobytes: (row.size + 999) / 1_000,
            at: local(context, row.at),
            by: row.given_by,
            is_theirs: row.removed_at.is_none()
                && visitor.is_some_and(|visitor| visitor.may_withdraw(row.account_id)),
            removed: (row.removed_at)
                .map(|at| (local(context, at), row.removed_by.unwrap_or_default())),
        };
        Ok(documents.into_iter().map(shown).collect())
    }
}
