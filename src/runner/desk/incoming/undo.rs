//! Taking back what a list brought, for as long as nothing has come of it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::engine::subject::Kind;
use crate::runner::desk::words::{ending_words, event_words, here};
use crate::runner::desk::{Desk, DeskError, Wrong, day_and_time};
use crate::runner::taking_back;
use crate::store::{ImportCaseRow, ImportRow, PersonChange, PersonRow};

/// How many imports are listed.
const LISTED_MAX: i64 = 100;

/// An import that took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportLine {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The same, local.
    #[serde(skip)]
    pub local: DateTime,
    /// Who: a name, or from where.
    pub by: String,
    /// The hold's id.
    pub cohort: String,
    /// The hold's title.
    pub title: String,
    /// How many candidates it brought.
    pub candidates: usize,
    /// SHA-256 of the file, hex.
    pub file_hash: String,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<Timestamp>,
}

/// What came of taking back an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Its number.
    pub import: i64,
    /// The hold's title.
    pub title: String,
    /// Who was taken back.
    pub taken_back: Vec<String>,
    /// Who stays, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stay: Vec<Stays>,
}

/// A candidate who stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stays {
    /// In full.
    pub name: String,
    /// The case's id.
    pub id: String,
    /// Why. A Danish sentence.
    pub why: String,
}

impl Desk {
    /// Imports, the newest first; those of one hold, if one is named.
    pub async fn imports(&self, cohort: Option<&str>) -> Result<Vec<ImportLine>, DeskError> {
        let store = self.runner().store();
        let cohort = match cohort {
            Some(typed) => Some(self.cohort(typed).await?.row.id),
            None => None,
        };
        let rows = store.imports(self.sees, cohort, LISTED_MAX).await?;
        let accounts = store.accounts().await?;
        let name = |by: &str| {
            let id = by.strip_prefix("account ")?;
            let account = accounts.iter().find(|account| account.public_id == id)?;
            Some(account.name.clone())
        };
        let line = |row: ImportRow| ImportLine {
            id: row.id,
            at: instant(row.at),
            local: here(instant(row.at)),
            cohort: row.cohort,
            title: row.title.unwrap_or_default(),
            candidates: usize::try_from(row.candidates).unwrap_or_default(),
            by: name(&row.made_by).unwrap_or(row.made_by),
            file_hash: row.file_hash,
            undone_at: row.undone_at.map(instant),
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Takes back an import: all of it, or with `the_rest` those whom it is possible for.
    ///
    /// # Errors
    /// For whom it is not possible, and why; then nothing is done.
    pub async fn undo_import(
        &self,
        id: i64,
        the_rest: bool,
        by: &str,
    ) -> Result<Undone, DeskError> {
        let store = self.runner().store();
        let Some(import) = store.import(self.sees, id).await? else {
            let wrong = Wrong::new(format!("Der er ingen import med nummer {id}."));
            return Err(wrong.help("Se dem med: tovholder import --list").into());
        };
        if import.undone_at.is_some() && !the_rest {
            return Err(Wrong::new("Importen er taget tilbage i forvejen.").into());
        }
        let hold = self.context(import.cohort_id).await?;
        let cases = store.import_cases(self.sees, id).await?;
        let people = self.people_of(&cases).await?;
        let stay = self.who_stays(&import, &cases, &people).await?;
        if !stay.is_empty() && !the_rest {
            return Err(DeskError::Wrong(refusals(
                &stay,
                stay.len() < cases.len(),
                id,
            )));
        }
        let mut done = Undone {
            import: id,
            title: hold.row.title.clone().unwrap_or_default(),
            taken_back: Vec::new(),
            stay: Vec::new(),
        };
        let mut restored = Vec::new();
        for case in &cases {
            match Box::pin(self.runner().take_back(&import, case, by)).await? {
                None => done.taken_back.push(name_of(case, &people)),
                Some(taking_back::Stays::Gone) => {}
                Some(why) => {
                    done.stay.push(self.stays(case, &people, why).await?);
                    continue;
                }
            }
            restored.extend(people.iter().find_map(|row| as_before(row, case)));
        }
        let now = self.runner().now().as_microsecond();
        store.undone(id, by.to_owned(), now, restored).await?;
        self.settle().await;
        Ok(done)
    }

    async fn people_of(&self, cases: &[ImportCaseRow]) -> Result<Vec<PersonRow>, DeskError> {
        let ids: Vec<i64> = cases.iter().map(|case| case.person_id).collect();
        let people = self.runner().store().people(&ids).await?;
        Ok(people.into_values().collect())
    }

    async fn who_stays(
        &self,
        import: &ImportRow,
        cases: &[ImportCaseRow],
        people: &[PersonRow],
    ) -> Result<Vec<Stays>, DeskError> {
        let mut stay = Vec::new();
        for case in cases {
            match self.runner().stays(import, case).await? {
                None | Some(taking_back::Stays::Gone) => {}
                Some(why) => stay.push(self.stays(case, people, why).await?),
            }
        }
        Ok(stay)
    }

    async fn stays(
        &self,
        case: &ImportCaseRow,
        people: &[PersonRow],
        why: taking_back::Stays,
    ) -> Result<Stays, DeskError> {
        let context = self.context(case.case_id).await?;
        let workflow = &context.version.workflow;
        let why = match why {
            taking_back::Stays::Gone => "Er taget tilbage i forvejen.".to_owned(),
            taking_back::Stays::Ended(how) => {
                format!("Forløbet er slut: {}.", ending_words(how))
            }
            taking_back::Stays::Acted { at, event } => {
                let nobody = |_: i64| "nogen".to_owned();
                let words = event_words(workflow, Kind::Case, &nobody, &event);
                let words = words.unwrap_or_else(|| "Noget er noteret".to_owned());
                format!(
                    "Noget er sket {}: {words}.",
                    day_and_time(&workflow.calendar, at)
                )
            }
            taking_back::Stays::Noted => {
                "Der er en note eller en fil på sagen. Streg noten ud, eller fjern filen, og prøv igen."
                    .to_owned()
            }
            taking_back::Stays::Told { subject } => match subject {
                Some(subject) => format!("Der er sendt en mail: »{subject}«."),
                None => "Der er sendt en mail, eller den er på vej.".to_owned(),
            },
        };
        Ok(Stays {
            name: name_of(case, people),
            id: context.row.public_id,
            why,
        })
    }
}

fn refusals(stay: &[Stays], others: bool, id: i64) -> Vec<Wrong> {
    let help = "Brug forløbets egne hændelser i stedet: tovholder fire KANDIDAT.";
    let mut wrongs: Vec<Wrong> = stay
        .iter()
        .map(|one| {
            Wrong::new(format!("{} kan ikke tages tilbage. {}", one.name, one.why)).help(help)
        })
        .collect();
    if others {
        let wrong = Wrong::new("De andre kan godt tages tilbage.");
        wrongs.push(wrong.help(format!(
            "Gør det med: tovholder import --undo {id} --the-rest"
        )));
    }
    wrongs
}

fn name_of(case: &ImportCaseRow, people: &[PersonRow]) -> String {
    let found = people.iter().find(|row| row.id == case.person_id);
    let name = found.map(|row| row.name.as_str()).unwrap_or_default();
    if name.is_empty() {
        "(anonymiseret)".to_owned()
    } else {
        name.to_owned()
    }
}

/// A person who was known, with what the list changed as it was; what somebody has changed since stays.
fn as_before(row: &PersonRow, case: &ImportCaseRow) -> Option<PersonChange> {
    if row.id != case.person_id {
        return None;
    }
    let was: Map<String, Json> = serde_json::from_str(case.was.as_deref()?).ok()?;
    let field = |name: &str, now: Option<&str>| -> Option<String> {
        let text = |at: usize| was.get(name)?.get(at)?.as_str();
        let is_as_set = was.contains_key(name) && text(1) == now;
        let text = if is_as_set { text(0) } else { now };
        text.map(ToOwned::to_owned)
    };
    let before = PersonChange {
        id: row.id,
        name: field("name", Some(&row.name)).unwrap_or_default(),
        email: field("email", row.email.as_deref()),
        phone: field("phone", row.phone.as_deref()),
        born: field("born", row.born.as_deref()),
    };
    (!was.is_empty()).then_some(before)
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}
