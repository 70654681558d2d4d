//! Organisations and staff from a list: who there is, and who does what.

use std::collections::BTreeMap;

use serde::Serialize;

use super::sheet::{Columns, Row};
use super::{Desk, DeskError, Sheet, Wrong, cells, words};
use crate::definition::model::{CANDIDATE, JOBCENTRE, Workflow};
use crate::store::{NewOrganisation, PersonImport};

const COLUMNS: [&str; 7] = [
    "organisation",
    "type",
    "organisationsmail",
    "navn",
    "email",
    "telefon",
    "roller",
];

/// What an import of staff did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportedPeople {
    /// Organisations in the list.
    pub organisations: usize,
    /// People in the list.
    pub people: usize,
    /// People not known before.
    pub created: usize,
    /// People known before, now different.
    pub updated: usize,
    /// People known before, as they were.
    pub unchanged: usize,
    /// Nothing was stored.
    pub dry_run: bool,
}

/// What the list says, checked.
#[derive(Default)]
struct Read {
    organisations: BTreeMap<String, (u64, NewOrganisation)>,
    people: Vec<PersonImport>,
    /// Line and name by address, lower case.
    seen: BTreeMap<String, (u64, String)>,
    wrongs: Vec<Wrong>,
}

impl Desk {
    /// Takes in a list of organisations and staff, all or nothing. `workflows` are those whose
    /// roles may be given.
    pub async fn import_people(
        &self,
        sheet: &Sheet,
        workflows: &[Workflow],
        dry_run: bool,
    ) -> Result<ImportedPeople, DeskError> {
        let mut read = Read::default();
        let columns = sheet.columns(&COLUMNS, &["organisation"], &mut read.wrongs);
        for row in &sheet.rows {
            read.row(row, &columns, sheet, workflows);
        }
        if !read.wrongs.is_empty() {
            read.wrongs.sort();
            return Err(DeskError::Wrong(read.wrongs));
        }
        let mut done = ImportedPeople {
            organisations: read.organisations.len(),
            people: read.seen.len(),
            dry_run,
            ..ImportedPeople::default()
        };
        if dry_run {
            return Ok(done);
        }
        let store = self.runner().store();
        for (_, organisation) in read.organisations.into_values() {
            store.upsert_organisation(organisation).await?;
        }
        let count = store.import_people(read.people).await?;
        (done.created, done.updated, done.unchanged) =
            (count.created, count.updated, count.unchanged);
        for workflow in workflows {
            self.assign_workflow_roles(workflow).await?;
        }
        self.runner().notify();
        Ok(done)
    }
}

impl Read {
    fn row(&mut self, row: &Row, columns: &Columns, sheet: &Sheet, workflows: &[Workflow]) {
        self.wrongs.extend(unfit(row, sheet));
        let organisation = self.organisation(row, columns);
        let (name, email) = (columns.text(row, "navn"), columns.text(row, "email"));
        let wrong = |column: &str, message: &str, help: &str| {
            Wrong::new(message).line(row.line).column(column).help(help)
        };
        let roles = self.roles(columns.text(row, "roller"), row.line, workflows);
        if name.is_empty() {
            if !(email.is_empty() && columns.text(row, "telefon").is_empty() && roles.is_empty()) {
                self.wrongs.push(wrong(
                    "navn",
                    "Navnet mangler.",
                    "Skriv for- og efternavn, eller lad hele personen stå tom.",
                ));
            } else if organisation.is_none() {
                self.wrongs.push(wrong(
                    "organisation",
                    "Linjen har hverken organisation eller person.",
                    "Udfyld den, eller slet den.",
                ));
            }
            return;
        }
        if email.is_empty() {
            self.wrongs.push(wrong(
                "email",
                "E-mailadressen mangler.",
                "Personen kendes på den, og mails går dertil.",
            ));
            return;
        }
        if let Err(bad) = cells::read_mailbox(name, email) {
            self.wrongs.push(bad.line(row.line));
            return;
        }
        let phone = cells::read_phone(columns.text(row, "telefon")).unwrap_or_else(|bad| {
            self.wrongs.push(bad.line(row.line).column("telefon"));
            None
        });
        let first = self
            .seen
            .entry(email.to_lowercase())
            .or_insert_with(|| (row.line, name.to_owned()));
        if first.1 != name {
            let message = format!("Adressen hører til {} på linje {}.", first.1, first.0);
            self.wrongs.push(wrong(
                "email",
                &message,
                "To personer kan ikke have samme adresse.",
            ));
        }
        let (name, email) = (name.to_owned(), Some(email.to_owned()));
        self.people.push(PersonImport {
            name,
            email,
            phone,
            born: None,
            organisation,
            roles,
        });
    }

    fn organisation(&mut self, row: &Row, columns: &Columns) -> Option<NewOrganisation> {
        let (name, kind) = (columns.text(row, "organisation"), columns.text(row, "type"));
        let email = columns.text(row, "organisationsmail");
        if name.is_empty() {
            if !(kind.is_empty() && email.is_empty()) {
                let wrong = Wrong::new("Organisationens navn mangler.")
                    .line(row.line)
                    .column("organisation");
                self.wrongs
                    .push(wrong.help("Skriv det, eller lad type og organisationsmail stå tomme."));
            }
            return None;
        }
        if !email.is_empty()
            && let Err(bad) = cells::read_mailbox(name, email)
        {
            self.wrongs
                .push(bad.line(row.line).column("organisationsmail"));
            return None;
        }
        let email = (!email.is_empty()).then(|| email.to_owned());
        let new = NewOrganisation {
            name: name.to_owned(),
            kind: kind.to_owned(),
            email,
        };
        let (line, first) = self
            .organisations
            .entry(name.to_owned())
            .or_insert_with(|| (row.line, new.clone()));
        if let (Some(before), Some(now)) = (&first.email, &new.email)
            && !before.eq_ignore_ascii_case(now)
        {
            let message = format!("{name} har en anden adresse på linje {line}: {before}.");
            let wrong = Wrong::new(message)
                .line(row.line)
                .column("organisationsmail");
            self.wrongs
                .push(wrong.help("En organisation har én adresse."));
        }
        first.email = first.email.take().or(new.email.clone());
        Some(new)
    }

    /// `workflow:role` or `role`, separated by commas.
    fn roles(&mut self, cell: &str, line: u64, workflows: &[Workflow]) -> Vec<(String, String)> {
        let mut roles = Vec::new();
        for given in cell
            .split(',')
            .map(str::trim)
            .filter(|given| !given.is_empty())
        {
            let (workflow, role) = given
                .split_once(':')
                .map_or(("", given), |(workflow, role)| {
                    (workflow.trim(), role.trim())
                });
            match role_known(workflow, role, workflows) {
                Ok(()) => roles.push((workflow.to_owned(), role.to_owned())),
                Err(wrong) => self.wrongs.push(wrong.line(line).column("roller")),
            }
        }
        roles
    }
}

fn role_known(workflow: &str, role: &str, workflows: &[Workflow]) -> Result<(), Wrong> {
    if [CANDIDATE, JOBCENTRE].contains(&role) {
        return Err(
            Wrong::new(format!("Rollen »{role}« gives ikke til medarbejdere."))
                .help("Den følger af kandidaten selv."),
        );
    }
    if workflows.is_empty() {
        let help = "Angiv mappen med --workflows eller TOVHOLDER_WORKFLOWS.";
        return Err(
            Wrong::new("Rollen kan ikke kontrolleres: der er ingen workflow-filer.").help(help),
        );
    }
    let of: Vec<&Workflow> = workflows
        .iter()
        .filter(|known| workflow.is_empty() || *known.id == *workflow)
        .collect();
    if of.is_empty() {
        let wrong = Wrong::new(format!("Der er intet workflow »{workflow}«."));
        return Err(Wrong {
            help: words::did_you_mean(workflow, workflows.iter().map(|known| &*known.id)),
            ..wrong
        });
    }
    let roles: std::collections::BTreeSet<&str> = of
        .iter()
        .flat_map(|known| known.roles.iter().map(|role| &*role.name))
        .collect();
    if roles.contains(role) {
        return Ok(());
    }
    let place = if workflow.is_empty() {
        "noget workflow".to_owned()
    } else {
        format!("»{workflow}«")
    };
    let staff = roles
        .into_iter()
        .filter(|known| ![CANDIDATE, JOBCENTRE].contains(known));
    let wrong = Wrong::new(format!("Der er ingen rolle »{role}« i {place}."));
    Err(Wrong {
        help: words::did_you_mean(role, staff),
        ..wrong
    })
}

/// What may stand in no cell: a CPR number, and what a formula shows that failed.
pub(super) fn unfit(row: &Row, sheet: &Sheet) -> Vec<Wrong> {
    let cells = row.cells.iter().zip(&sheet.titles);
    let bad = cells.filter_map(|(cell, title)| {
        Some(
            cells::refuse_unfit(cell)
                .err()?
                .line(row.line)
                .column(title),
        )
    });
    bad.collect()
}
