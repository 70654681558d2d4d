//! Notes: what people write about a candidate beside what the workflow asks for. Nothing is decided by them.
//!
//! Who sees the case reads them, but for those that are only for who holds all the threads, and for who wrote them. A
//! note is never changed: its author, or who acts for others, strikes it out or writes another instead, and it stands
//! with who did so and when.

use jiff::civil::DateTime;
use serde::Serialize;

use super::cells::refuse_cpr;
use super::story::local;
use super::{Desk, DeskError, Visitor, Wrong};
use crate::access::May;
use crate::runner::context::Context;
use crate::store::{Added, NoteNew, NoteRow, SubjectKind, SubjectRow, Withdrawal};

/// More than anybody reads about one candidate.
const NOTES_MAX: i64 = 500;

/// A note to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteAsked {
    /// What is to be remembered.
    pub text: String,
    /// It is only for who holds all the threads.
    pub is_confidential: bool,
    /// The note that it stands instead of.
    pub corrects: Option<i64>,
    /// What makes the form count once.
    pub key: String,
}

/// A note as it stands in the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoteShown {
    /// Its number.
    pub id: i64,
    /// When, local.
    pub at: DateTime,
    /// What is written.
    pub text: String,
    /// Who wrote it.
    pub by: String,
    /// It is only for who holds all the threads, and for who wrote it.
    pub is_confidential: bool,
    /// It stands instead of another one.
    pub corrects: bool,
    /// When it was struck out, local, and by whom.
    pub struck: Option<(DateTime, String)>,
    /// Whoever asks may strike it out or correct it.
    pub is_theirs: bool,
}

impl NoteAsked {
    /// More than a page is no note.
    pub const CHARS_MAX: usize = 4_000;

    /// The text as it is kept, or why it is not.
    ///
    /// ```
    /// use tovholder::runner::desk::NoteAsked;
    /// let note = |text: &str| NoteAsked { text: text.into(), ..Default::default() }.checked();
    /// assert_eq!(note(" Ringer mandag.\r\nHar bil. ").unwrap(), "Ringer mandag.\nHar bil.");
    /// assert!(note(" \n").is_err() && note("010190-1234").is_err() && note(&"a".repeat(4_001)).is_err());
    /// ```
    pub fn checked(&self) -> Result<String, Wrong> {
        let text = self.text.replace("\r\n", "\n");
        let text = text.trim();
        if text.is_empty() {
            return Err(Wrong::new("Der står intet i noten.").help("Skriv den, og prøv igen."));
        }
        let chars = text.chars().count();
        if chars > Self::CHARS_MAX {
            return Err(Wrong::new(format!(
                "Noten er for lang: den er på {chars} tegn, og der er plads til {}.",
                Self::CHARS_MAX
            ))
            .help("Kort den, eller læg teksten på sagen som en fil."));
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
        {
            return Err(Wrong::new("I noten er der tegn, som ikke kan vises.")
                .help("Skriv den igen uden dem."));
        }
        refuse_cpr(text)?;
        Ok(text.to_owned())
    }
}

impl Desk {
    /// Writes a note on a case, perhaps instead of another one.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when there is no such case, or what is wrong with the note.
    pub async fn write_note(
        &self,
        visitor: &Visitor,
        case: &str,
        asked: &NoteAsked,
    ) -> Result<(), DeskError> {
        let case = self.one_case(case).await?;
        let note = NoteNew {
            case_id: case.id,
            account_id: visitor.account,
            key: asked.key.clone(),
            at: self.runner().now().as_microsecond(),
            text: asked.checked()?,
            is_confidential: asked.is_confidential,
            corrects: asked.corrects,
        };
        let store = self.runner().store();
        let added = store.add_note(note, visitor.only_own(), NOTES_MAX).await?;
        match added {
            Added::Full => {
                let wrong = Wrong::new(format!("Der er {NOTES_MAX} noter på sagen."));
                Err(wrong
                    .help("Skriv det, der skal huskes, i en fil, og læg den på sagen.")
                    .into())
            }
            added => settled(added),
        }
    }

    /// Strikes out a note.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when there is no such note on that case, or it is another's.
    pub async fn strike_note(
        &self,
        visitor: &Visitor,
        case: &str,
        note: i64,
    ) -> Result<(), DeskError> {
        let asked = self.withdrawal(visitor, case, note).await?;
        if !self.runner().store().strike_note(asked).await? {
            return settled(Added::Overtaken);
        }
        Ok(())
    }

    /// The notes of a case that whoever asks may read, the newest first.
    pub(super) async fn notes_shown(
        &self,
        context: &Context,
        visitor: Option<&Visitor>,
    ) -> Result<Vec<NoteShown>, DeskError> {
        let store = self.runner().store();
        let notes = store.notes(self.sees, context.row.id, self.note_reader());
        let shown = |note: NoteRow| NoteShown {
            id: note.id,
            at: local(context, note.at),
            is_confidential: note.confidential != 0,
            corrects: note.corrects.is_some(),
            is_theirs: note.struck_at.is_none()
                && visitor.is_some_and(|visitor| visitor.may_withdraw(note.account_id)),
            struck: (note.struck_at)
                .map(|at| (local(context, at), note.struck_by.unwrap_or_default())),
            text: note.text,
            by: note.name,
        };
        Ok(notes.await?.into_iter().map(shown).collect())
    }

    /// The account of somebody who reads of the confidential notes only their own; `None` reads all.
    pub(super) fn note_reader(&self) -> Option<i64> {
        // Row ids begin at 1: who has no account has written nothing.
        (!self.is_confided).then(|| self.reader.unwrap_or_default())
    }

    /// A case by its id, and nothing else that an id may be of.
    pub(super) async fn one_case(&self, id: &str) -> Result<SubjectRow, DeskError> {
        let found = self.find(id).await?;
        if found.kind != SubjectKind::Case {
            return Err(Wrong::new("Der er ingen kandidat her.").into());
        }
        Ok(found)
    }

    /// Somebody wants something withdrawn that stands beside a case.
    pub(super) async fn withdrawal(
        &self,
        visitor: &Visitor,
        case: &str,
        id: i64,
    ) -> Result<Withdrawal, DeskError> {
        Ok(Withdrawal {
            case_id: self.one_case(case).await?.id,
            id,
            account_id: visitor.account,
            at: self.runner().now().as_microsecond(),
            only_own: visitor.only_own(),
        })
    }
}

impl Visitor {
    /// They may withdraw only what they have put beside a case themselves.
    pub(super) fn only_own(&self) -> bool {
        !self.may(May::ActForOthers)
    }

    /// Whether they may withdraw what an account has put beside a case.
    pub(super) fn may_withdraw(&self, account: i64) -> bool {
        self.may(May::AddToCases) && (account == self.account || !self.only_own())
    }
}

/// What became of something that was put beside a case, as far as it is the same for whatever it is.
pub(super) fn settled(added: Added) -> Result<(), DeskError> {
    let wrong = match added {
        Added::Done => return Ok(()),
        Added::Full => Wrong::new("Der er ikke plads til mere på sagen."),
        Added::Closed => {
            Wrong::new("Sagen er anonymiseret eller taget tilbage, og intet kan lægges på den.")
        }
        Added::Overtaken => Wrong::new("Det er allerede trukket tilbage, eller det er en andens.")
            .help("Se sagen igen."),
    };
    Err(wrong.into())
}
