//! One candidate, nominated by whoever is of a jobcentre: a list of one line, for their own jobcentre and in their own
//! charge.

use sha2::{Digest as _, Sha256};

use super::{Asked, Newcomer, What};
use crate::runner::desk::sheet::Row;
use crate::runner::desk::{Desk, DeskError, Sheet, Visitor, Wrong};
use crate::store::Sees;

/// The line of the list.
const LINE: u64 = 2;

/// Somebody who is nominated, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nominee {
    /// In full.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The telephone number.
    pub phone: String,
    /// The day of birth.
    pub born: String,
    /// Whether somebody who is known is meant; nothing is said as long as nobody has asked.
    pub is_known: Option<bool>,
}

impl Desk {
    /// Opens a case on a hold for somebody of the jobcentre of one who has logged in.
    ///
    /// # Errors
    /// [`DeskError::Wrong`]: all that is wrong with what was typed, or that a person has to say who is meant. Nothing
    /// is told of candidates of other jobcentres.
    pub async fn nominate(
        &self,
        hold: &str,
        nominee: &Nominee,
        visitor: &Visitor,
    ) -> Result<Newcomer, DeskError> {
        let Sees::Organisation(organisation) = self.sees else {
            let wrong = Wrong::new("Kun et jobcenter kan indstille en kandidat.");
            return Err(wrong
                .help("Tovholderen importerer kandidater på holdet.")
                .into());
        };
        let asked = Asked {
            same: (nominee.is_known == Some(true))
                .then_some(LINE)
                .into_iter()
                .collect(),
            another: (nominee.is_known == Some(false))
                .then_some(LINE)
                .into_iter()
                .collect(),
            ..Asked::default()
        };
        let sheet = sheet_of(nominee, visitor);
        let mut looked = self.look(hold, &sheet, &asked).await?;
        let mut wrongs = looked.incoming.problems.clone();
        for row in &looked.incoming.rows {
            wrongs.extend(row.problems.iter().cloned());
            if let (What::Skipped, Some(note)) = (row.what, &row.note) {
                wrongs.push(Wrong::new(format!("{} {note}.", row.name)));
            }
        }
        if !wrongs.is_empty() {
            // There is one line only.
            for wrong in &mut wrongs {
                wrong.line = None;
            }
            return Err(DeskError::Wrong(wrongs));
        }
        for (_, decided) in &mut looked.decided {
            decided.candidate.organisation_id = Some(organisation);
        }
        let by = format!("account {}", visitor.id);
        let newcomer = self.store_list(looked, &by).await?.candidates.pop();
        newcomer.ok_or_else(|| Wrong::new("Der er ingen at indstille.").into())
    }
}

/// What was typed, as a list.
fn sheet_of(nominee: &Nominee, visitor: &Visitor) -> Sheet {
    let columns = [
        ("Navn".to_owned(), &nominee.name),
        ("Mailadresse".to_owned(), &nominee.email),
        ("Telefon".to_owned(), &nominee.phone),
        ("Fødselsdato".to_owned(), &nominee.born),
        (format!("rolle:{}", visitor.role), &visitor.login),
    ];
    let (titles, cells): (Vec<String>, Vec<String>) = columns
        .into_iter()
        .map(|(title, cell)| (title, cell.split_whitespace().collect::<Vec<_>>().join(" ")))
        .unzip();
    let hash = Sha256::digest(format!("{cells:?}"));
    Sheet {
        line: 1,
        titles,
        rows: vec![Row { line: LINE, cells }],
        notes: Vec::new(),
        hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        wrongs: Vec::new(),
    }
}
