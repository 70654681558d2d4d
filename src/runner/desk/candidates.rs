//! Candidates from a list onto a hold: every bad cell is named, and then nothing is taken.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::sheet::{Columns, Row};
use super::{Desk, DeskError, Sheet, Wrong, cells, facts, people, words};
use crate::definition::model::{CANDIDATE, JOBCENTRE, Name, Per, Workflow};
use crate::engine::NewCase;
use crate::engine::input::Given;
use crate::engine::subject::Kind;
use crate::runner::Candidate;
use crate::runner::context::Context;
use crate::store::{NewPerson, OrganisationRow, PersonImport, PersonRef, PersonRow};

const COLUMNS: [&str; 5] = ["navn", "email", "telefon", "foedselsdato", "jobcenter"];

/// What an import of candidates did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedCandidates {
    /// The hold's id.
    pub cohort: String,
    /// Its title.
    pub title: String,
    /// The title of the state they begin in.
    pub begins_in: String,
    /// In the order of the file.
    pub candidates: Vec<Newcomer>,
    /// Nothing was stored.
    pub dry_run: bool,
}

/// A candidate of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Newcomer {
    /// The line of the file.
    pub line: u64,
    /// In full.
    pub name: String,
    /// The case's id; none in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What a list is checked against, with what has been found out so far.
struct Check<'c> {
    workflow: &'c Workflow,
    today: Date,
    on_hold: HashMap<String, String>,
    seen: HashMap<String, u64>,
    organisations: HashMap<String, Option<OrganisationRow>>,
    staff: HashMap<String, Option<PersonRow>>,
    wrongs: Vec<Wrong>,
}

impl Desk {
    /// Takes a list of candidates onto a hold, all or nothing.
    pub async fn import_candidates(
        &self,
        cohort: &str,
        sheet: &Sheet,
        dry_run: bool,
    ) -> Result<ImportedCandidates, DeskError> {
        let hold = self.cohort(cohort).await?;
        let workflow = &hold.version.workflow;
        if workflow.states.is_empty() {
            return Err(Wrong::new(format!("»{}« har ingen kandidater.", workflow.title)).into());
        }
        let mut check = self.check_against(&hold).await?;
        let known = columns_of(workflow);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let columns = sheet.columns(&known, &["navn", "email"], &mut check.wrongs);
        let mut candidates = Vec::with_capacity(sheet.rows.len());
        for row in &sheet.rows {
            candidates.extend(self.row(row, &columns, sheet, &mut check).await?);
        }
        if sheet.rows.is_empty() && check.wrongs.is_empty() {
            check.wrongs.push(
                Wrong::new("Listen har ingen kandidater.")
                    .help("Skriv én linje pr. kandidat under overskrifterne."),
            );
        }
        if !check.wrongs.is_empty() {
            check.wrongs.sort();
            return Err(DeskError::Wrong(check.wrongs));
        }
        let newcomers = self
            .open(&hold, &candidates, sheet, &columns, dry_run)
            .await?;
        let first =
            crate::engine::frame::initial(workflow, crate::definition::model::StateId::ROOT);
        Ok(ImportedCandidates {
            cohort: hold.row.public_id.clone(),
            title: hold.row.title.clone().unwrap_or_default(),
            begins_in: workflow.states[first.0].title.clone(),
            candidates: newcomers,
            dry_run,
        })
    }

    async fn open(
        &self,
        hold: &Context,
        candidates: &[Candidate],
        sheet: &Sheet,
        columns: &Columns,
        dry_run: bool,
    ) -> Result<Vec<Newcomer>, DeskError> {
        let mut ids = Vec::new();
        if !dry_run {
            let opened = self.runner().open_cases(hold.row.id, candidates).await;
            let opened = opened.map_err(|error| {
                super::possible::refused(&hold.version.workflow, Kind::Case, Vec::new(), error)
            })?;
            ids.extend(opened.into_iter().map(|opened| opened.public_id));
            self.refresh(candidates, sheet, columns).await?;
            self.settle().await;
        }
        let named = sheet.rows.iter().enumerate().map(|(at, row)| Newcomer {
            line: row.line,
            name: columns.text(row, "navn").to_owned(),
            id: ids.get(at).cloned(),
        });
        Ok(named.collect())
    }

    /// What the list adds about people who were known already: a telephone number, a day of birth.
    async fn refresh(
        &self,
        candidates: &[Candidate],
        sheet: &Sheet,
        columns: &Columns,
    ) -> Result<(), DeskError> {
        for (candidate, row) in candidates.iter().zip(&sheet.rows) {
            if !matches!(candidate.person, PersonRef::Id(_)) {
                continue;
            }
            let person = PersonImport {
                name: columns.text(row, "navn").to_owned(),
                email: Some(columns.text(row, "email").to_owned()),
                phone: cells::read_phone(columns.text(row, "telefon"))
                    .ok()
                    .flatten(),
                born: candidate.born.map(|born| born.to_string()),
                ..PersonImport::default()
            };
            self.runner().store().upsert_person(person).await?;
        }
        Ok(())
    }

    async fn check_against<'c>(&self, hold: &'c Context) -> Result<Check<'c>, DeskError> {
        let store = self.runner().store();
        let rows = store.subjects_of(self.sees, hold.row.id).await?;
        let ids: Vec<i64> = rows.iter().filter_map(|row| row.person_id).collect();
        let people = store.people(&ids).await?;
        let on_hold = people
            .into_values()
            .filter_map(|person| Some((person.email?.to_lowercase(), person.name)));
        let workflow = &hold.version.workflow;
        Ok(Check {
            workflow,
            today: workflow.calendar.local(self.runner().now()).date(),
            on_hold: on_hold.collect(),
            seen: HashMap::new(),
            organisations: HashMap::new(),
            staff: HashMap::new(),
            wrongs: Vec::new(),
        })
    }

    /// One line as a candidate; what is wrong with it goes to the complaints.
    async fn row(
        &self,
        row: &Row,
        columns: &Columns,
        sheet: &Sheet,
        check: &mut Check<'_>,
    ) -> Result<Option<Candidate>, DeskError> {
        let before = check.wrongs.len();
        check.wrongs.extend(people::cpr(row, sheet));
        let (name, email) = (columns.text(row, "navn"), columns.text(row, "email"));
        check.who(row.line, name, email);
        let phone = check
            .take(
                row.line,
                "telefon",
                cells::read_phone(columns.text(row, "telefon")),
            )
            .flatten();
        let born = columns.text(row, "foedselsdato");
        let born = if born.is_empty() {
            None
        } else {
            check.take(
                row.line,
                "foedselsdato",
                cells::read_born(born, check.today),
            )
        };
        let organisation_id = self
            .jobcentre(row.line, columns.text(row, "jobcenter"), check)
            .await?;
        let people = self.roles(row, columns, check).await?;
        let facts = check.facts(row, columns);
        if check.wrongs.len() > before {
            return Ok(None);
        }
        let new = NewPerson {
            name: name.to_owned(),
            email: Some(email.to_owned()),
            phone,
            born: born.map(|born| born.to_string()),
            organisation_id: None,
        };
        let person = self.known(&new).await?;
        Ok(Some(Candidate {
            person,
            born,
            organisation_id,
            case: NewCase {
                state: None,
                facts,
                people,
            },
        }))
    }

    /// The same person on an earlier hold is the same person: same address, same name, no other day of birth.
    async fn known(&self, new: &NewPerson) -> Result<PersonRef, DeskError> {
        let email = new.email.as_deref().unwrap_or_default();
        let known = self.runner().store().person_by_email(email).await?;
        let same = known.filter(|known| {
            let born = known.born.is_none() || new.born.is_none() || known.born == new.born;
            known.name == new.name && born && known.erased.is_none()
        });
        Ok(same.map_or_else(
            || PersonRef::New(new.clone()),
            |known| PersonRef::Id(known.id),
        ))
    }

    async fn jobcentre(
        &self,
        line: u64,
        name: &str,
        check: &mut Check<'_>,
    ) -> Result<Option<i64>, DeskError> {
        if name.is_empty() {
            return Ok(None);
        }
        if !check.organisations.contains_key(name) {
            let found = self.runner().store().organisation_by_name(name).await?;
            check.organisations.insert(name.to_owned(), found);
        }
        let id = check
            .organisations
            .get(name)
            .and_then(Option::as_ref)
            .map(|found| found.id);
        if id.is_none() {
            let wrong = Wrong::new(format!("Der er ingen organisation »{name}«."))
                .line(line)
                .column("jobcenter");
            let known = check
                .organisations
                .values()
                .flatten()
                .map(|found| found.name.as_str());
            let help = words::nearest(name, known).map_or_else(
                || "Importér den først: tovholder people import FIL.csv".to_owned(),
                |near| format!("Mente du »{near}«?"),
            );
            check.wrongs.push(wrong.help(help));
        }
        Ok(id)
    }

    /// The people of the roles per candidate: one address or more in each cell.
    async fn roles(
        &self,
        row: &Row,
        columns: &Columns,
        check: &mut Check<'_>,
    ) -> Result<BTreeMap<Name, Vec<i64>>, DeskError> {
        let mut people: BTreeMap<Name, Vec<i64>> = BTreeMap::new();
        for role in columns.beginning("rolle:") {
            let column = format!("rolle:{role}");
            for email in columns
                .text(row, &column)
                .split(',')
                .map(str::trim)
                .filter(|email| !email.is_empty())
            {
                let key = email.to_lowercase();
                if !check.staff.contains_key(&key) {
                    let found = self.runner().store().person_by_email(email).await?;
                    check.staff.insert(key.clone(), found);
                }
                match check.staff.get(&key).and_then(Option::as_ref) {
                    Some(person) => people.entry(role.into()).or_default().push(person.id),
                    None => {
                        let wrong =
                            Wrong::new(format!("Der er ingen medarbejder med adressen »{email}«."));
                        let help = "Ret den, eller importér personen først: tovholder people import FIL.csv";
                        check
                            .wrongs
                            .push(wrong.line(row.line).column(column.clone()).help(help));
                    }
                }
            }
        }
        Ok(people)
    }
}

impl Check<'_> {
    fn take<T>(&mut self, line: u64, column: &str, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.wrongs.push(wrong.line(line).column(column)))
            .ok()
    }

    fn who(&mut self, line: u64, name: &str, email: &str) {
        let mut wrong = |column: &str, message: String, help: &str| {
            self.wrongs
                .push(Wrong::new(message).line(line).column(column).help(help));
        };
        if name.is_empty() {
            wrong("navn", "Navnet mangler.".into(), "Skriv for- og efternavn.");
        }
        if email.is_empty() {
            wrong(
                "email",
                "E-mailadressen mangler.".into(),
                "Kandidaten får sine mails på den.",
            );
            return;
        }
        if let Err(bad) = cells::read_mailbox(name, email) {
            self.wrongs.push(bad.line(line));
            return;
        }
        let key = email.to_lowercase();
        if let Some(known) = self.on_hold.get(&key) {
            let message = format!("»{email}« er allerede på holdet: {known}.");
            wrong("email", message, "Slet linjen, eller ret adressen.");
        }
        if let Some(first) = self.seen.get(&key) {
            wrong(
                "email",
                format!("»{email}« står også på linje {first}."),
                "Slet den ene linje, eller ret adressen.",
            );
        } else {
            self.seen.insert(key, line);
        }
    }

    fn facts(&mut self, row: &Row, columns: &Columns) -> BTreeMap<Name, Given> {
        let mut given = BTreeMap::new();
        let workflow = self.workflow;
        for name in columns.beginning("fakta:") {
            let column = format!("fakta:{name}");
            let text = columns.text(row, &column);
            let Some(fact) = workflow
                .facts
                .iter()
                .find(|fact| *fact.name == *name)
                .filter(|_| !text.is_empty())
            else {
                continue;
            };
            if let Some(read) = self.take(row.line, &column, facts::read(fact, text)) {
                given.insert(fact.name.clone(), read);
            }
        }
        given
    }
}

/// The titles a list for this workflow may have.
pub(super) fn columns_of(workflow: &Workflow) -> Vec<String> {
    let built_in = [CANDIDATE, JOBCENTRE];
    let roles = workflow
        .roles
        .iter()
        .filter(|role| role.per == Per::Candidate && !built_in.contains(&&*role.name));
    let mut columns: Vec<String> = COLUMNS.map(ToOwned::to_owned).to_vec();
    columns.extend(roles.map(|role| format!("rolle:{}", role.name)));
    columns.extend(
        workflow
            .facts
            .iter()
            .map(|fact| format!("fakta:{}", fact.name)),
    );
    columns
}
