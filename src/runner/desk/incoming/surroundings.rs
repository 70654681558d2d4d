//! What a list is compared with: the hold, everybody who may be meant, the jobcentres and staff that it names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::column::Column;
use super::columns::Columns;
use super::same::{Crowd, Who, name_key};
use crate::definition::model::Workflow;
use crate::engine::subject::Subject;
use crate::runner::context::Context;
use crate::runner::desk::sheet::Row;
use crate::runner::desk::{Desk, DeskError, Sheet, Wrong, cells, words};
use crate::store::{CaseOfPerson, OrganisationRow, PersonRow, Sees};

/// What a list is read against.
pub(super) struct Surroundings<'s> {
    pub workflow: &'s Workflow,
    pub today: Date,
    /// Whoever one of the lines may mean, the one known longest first.
    pub people: Crowd<Known>,
    organisations: Vec<OrganisationRow>,
    /// By address in small letters.
    by_email: HashMap<String, i64>,
    /// Holders of the workflow's roles, by name as it is compared.
    by_name: HashMap<(String, String), BTreeSet<i64>>,
}

/// Somebody who is known.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub row: PersonRow,
    /// How they stand on this hold, if they are there.
    pub here: Option<String>,
    /// Titles of other holds where they are under way.
    pub under_way: Vec<String>,
    /// Titles of other holds where they have been.
    pub before: Vec<String>,
}

impl Desk {
    /// Reads all that a list is compared with, each kind at once.
    pub(super) async fn surroundings<'s>(
        &self,
        hold: &'s Context,
        sheet: &Sheet,
        columns: &Columns,
    ) -> Result<Surroundings<'s>, DeskError> {
        let workflow = &hold.version.workflow;
        let today = workflow.calendar.local(self.runner().now()).date();
        let column = |column: &Column| -> BTreeSet<&str> {
            let cells = sheet
                .rows
                .iter()
                .map(|row| columns.text(&row.cells, column));
            cells.filter(|cell| !cell.is_empty()).collect()
        };
        let born: BTreeSet<String> = column(&Column::Born)
            .into_iter()
            .filter_map(|cell| Some(cells::read_born(cell, today).ok()?.to_string()))
            .collect();
        let emails: Vec<&str> = column(&Column::Email).into_iter().collect();
        let born: Vec<&str> = born.iter().map(String::as_str).collect();
        let people = self.known_people(hold, &emails, &born).await?;
        let jobcentres = column(&Column::Jobcentre);
        let (by_email, by_name) = self.staff_of(workflow, &sheet.rows, columns).await?;
        Ok(Surroundings {
            workflow,
            today,
            people,
            organisations: self.organisations_named(&jobcentres).await?,
            by_email,
            by_name,
        })
    }

    async fn known_people(
        &self,
        hold: &Context,
        emails: &[&str],
        born: &[&str],
    ) -> Result<Crowd<Known>, DeskError> {
        let store = self.runner().store();
        let rows = store.known_people(self.sees, emails, born).await?;
        let ids: Vec<i64> = rows.keys().copied().collect();
        let cases = store.cases_of_people(self.sees, &ids).await?;
        let mut by_person: HashMap<i64, Vec<&CaseOfPerson>> = HashMap::new();
        for case in &cases {
            by_person.entry(case.person_id).or_default().push(case);
        }
        let mut rows: Vec<PersonRow> = rows.into_values().collect();
        rows.sort_by_key(|row| row.id);
        let mut people = Crowd::default();
        for row in rows {
            let email = row.email.as_deref().unwrap_or_default();
            let who = Who::new(&row.name, email, row.born.clone());
            let theirs = by_person.remove(&row.id).unwrap_or_default();
            people.add(who, known(row, &theirs, hold.row.id)?);
        }
        Ok(people)
    }

    /// The organisations that cells may mean: what they say, and what a jobcentre is called whose municipality they
    /// say.
    async fn organisations_named(
        &self,
        cells: &BTreeSet<&str>,
    ) -> Result<Vec<OrganisationRow>, DeskError> {
        let names: BTreeSet<String> = cells.iter().flat_map(|cell| names_of(cell)).collect();
        let mut found = Vec::new();
        for name in names {
            found.extend(self.runner().store().organisation_by_name(&name).await?);
        }
        Ok(found)
    }

    /// Staff by the addresses that the list names, and by the names of those who have the workflow's roles.
    async fn staff_of(
        &self,
        workflow: &Workflow,
        rows: &[Row],
        columns: &Columns,
    ) -> Result<
        (
            HashMap<String, i64>,
            HashMap<(String, String), BTreeSet<i64>>,
        ),
        DeskError,
    > {
        let store = self.runner().store();
        let (mut emails, mut has_names) = (BTreeSet::new(), false);
        for (column, at) in columns.all() {
            if !matches!(column, Column::Role(_)) {
                continue;
            }
            let cells = rows.iter().filter_map(|row| row.cells.get(at));
            for one in cells.flat_map(|cell| cell.split([',', ';', '\n'])) {
                let one = one.trim();
                if one.contains('@') {
                    emails.insert(one.to_lowercase());
                } else {
                    has_names |= !one.is_empty();
                }
            }
        }
        let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
        let mut by_email = HashMap::new();
        let mut found: Vec<PersonRow> = store
            .known_people(Sees::All, &emails, &[])
            .await?
            .into_values()
            .collect();
        // The first, if several share an address.
        found.sort_by_key(|person| std::cmp::Reverse(person.id));
        for person in found {
            let email = person.email.as_deref().unwrap_or_default().to_lowercase();
            by_email.insert(email, person.id);
        }
        let mut by_name: HashMap<(String, String), BTreeSet<i64>> = HashMap::new();
        if has_names {
            for (role, ids) in store.role_holders(&workflow.id).await? {
                for person in store.people(&ids).await?.into_values() {
                    let key = (role.clone(), name_key(&person.name));
                    by_name.entry(key).or_default().insert(person.id);
                }
            }
        }
        Ok((by_email, by_name))
    }
}

fn known(row: PersonRow, cases: &[&CaseOfPerson], hold: i64) -> Result<Known, DeskError> {
    let mut known = Known {
        row,
        here: None,
        under_way: Vec::new(),
        before: Vec::new(),
    };
    for case in cases {
        let subject: Subject = serde_json::from_str(&case.snapshot)?;
        if subject.is_taken_back() {
            continue;
        }
        let title = case.title.clone().unwrap_or_default();
        match &subject.ended {
            ended if case.cohort_id == hold => {
                let standing = ended.as_ref().map(|ended| words::ending_words(ended.how));
                known.here = Some(standing.unwrap_or("i gang").to_owned());
            }
            None => known.under_way.push(title),
            Some(_) => known.before.push(title),
        }
    }
    Ok(known)
}

/// What an organisation may be called that a cell names: "Holstebro", "Holstebro Kommune", "Jobcenter Holstebro".
fn names_of(cell: &str) -> [String; 4] {
    let place = cell
        .trim_end_matches(" Kommune")
        .trim_end_matches(" kommune");
    [
        cell.to_owned(),
        format!("Jobcenter {place}"),
        format!("Jobcentret {place}"),
        format!("{place} Kommune"),
    ]
}

impl Surroundings<'_> {
    /// The organisation that a cell means: the one it names, else the only one it may mean.
    pub fn organisation(&self, cell: &str) -> Result<i64, Wrong> {
        let named = |name: &str| {
            let mut all = self.organisations.iter();
            all.find(|known| known.name == name)
        };
        if let Some(exact) = named(cell) {
            return Ok(exact.id);
        }
        let mut may_be: BTreeMap<i64, &str> = BTreeMap::new();
        for name in names_of(cell) {
            may_be.extend(named(&name).map(|known| (known.id, known.name.as_str())));
        }
        let wrong = Wrong::new(format!("Der er ingen organisation »{cell}«."));
        match may_be.iter().collect::<Vec<_>>().as_slice() {
            [(id, _)] => Ok(**id),
            [] => {
                let known = self.organisations.iter().map(|known| known.name.as_str());
                let help = words::nearest(cell, known).map_or_else(
                    || "Importér den først: tovholder people import FIL".to_owned(),
                    |near| format!("Mente du »{near}«?"),
                );
                Err(wrong.help(help))
            }
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|(_, name)| format!("»{name}«"))
                    .collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let wrong = Wrong::new(format!("»{cell}« kan være {}.", words::or_list(&names)));
                Err(wrong.help("Skriv hele navnet."))
            }
        }
    }

    /// The person that a cell names for a role: by address anybody, by name whoever has the role.
    pub fn staff(&self, role: &str, cell: &str) -> Result<i64, Wrong> {
        let help = "Ret den, eller importér personen først: tovholder people import FIL";
        if cell.contains('@') {
            let found = self.by_email.get(&cell.to_lowercase()).copied();
            return found.ok_or_else(|| {
                Wrong::new(format!("Der er ingen medarbejder med adressen »{cell}«.")).help(help)
            });
        }
        let title = words::role_words(self.workflow, role);
        let found = self.by_name.get(&(role.to_owned(), name_key(cell)));
        match found.map(|ids| ids.iter().copied().collect::<Vec<_>>()).as_deref() {
            Some([one]) => Ok(*one),
            None | Some([]) => {
                Err(Wrong::new(format!("Ingen med rollen {title} hedder »{cell}«."))
                    .help("Skriv e-mailadressen, eller importér personen med rollen først: tovholder people import FIL"))
            }
            Some(_) => Err(Wrong::new(format!("Flere med rollen {title} hedder »{cell}«."))
                .help("Skriv e-mailadressen.")),
        }
    }
}
