//! A list of candidates and a hold's dates for a simulation: read as an import reads them, but
//! with nobody behind them, so that roles are filled by addresses alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::sheet::{Columns, Row};
use super::{DeskError, Files, Sheet, Wrong, cells, cohort, facts, incoming, people};
use crate::definition::model::{Name, Workflow};
use crate::engine::input::Given;
use crate::message::Mailbox;
use crate::runner::cast::{Cast, HoldGiven, Player};

/// A cast without people and dates.
#[must_use]
pub fn cast_of(files: &Files, workflow: &Arc<Workflow>) -> Cast {
    Cast {
        file: files.name.clone(),
        yaml: files.yaml.clone(),
        templates: files.templates.clone(),
        workflow: workflow.clone(),
        title: format!("{} 1", workflow.cohort.title),
        dates: BTreeMap::new(),
        players: Vec::new(),
        said: Vec::new(),
        only_said: false,
        begins_at: None,
        given: HoldGiven::default(),
        next: None,
    }
}

/// All dates that a hold of the workflow must have, each on its weekday.
///
/// # Errors
/// Everything that is missing or wrong.
pub fn hold_dates(
    workflow: &Workflow,
    given: &[(String, String)],
) -> Result<BTreeMap<Name, Date>, DeskError> {
    let mut wrongs = Vec::new();
    let dates = cohort::read_dates(workflow, given, &mut wrongs);
    checked(dates, wrongs)
}

/// The candidates of a list, in its order. `today` is the latest day of birth there can be.
///
/// # Errors
/// Everything that is wrong in the list, with its line.
pub fn players(workflow: &Workflow, sheet: &Sheet, today: Date) -> Result<Vec<Player>, DeskError> {
    let mut wrongs = Vec::new();
    let known = incoming::keys(workflow);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let columns = sheet.columns(&known, &["navn"], &mut wrongs);
    let mut reader = Reader {
        workflow,
        today,
        columns,
        wrongs,
    };
    let players: Vec<Player> = sheet
        .rows
        .iter()
        .map(|row| reader.player(row, sheet))
        .collect();
    let mut wrongs = reader.wrongs;
    if players.is_empty() && wrongs.is_empty() {
        let wrong = Wrong::new("Listen har ingen kandidater.");
        wrongs.push(wrong.help("Skriv én linje pr. kandidat under overskrifterne."));
    }
    checked(players, wrongs)
}

fn checked<T>(read: T, mut wrongs: Vec<Wrong>) -> Result<T, DeskError> {
    if wrongs.is_empty() {
        return Ok(read);
    }
    wrongs.sort();
    Err(DeskError::Wrong(wrongs))
}

struct Reader<'r> {
    workflow: &'r Workflow,
    today: Date,
    columns: Columns,
    wrongs: Vec<Wrong>,
}

impl Reader<'_> {
    fn player(&mut self, row: &Row, sheet: &Sheet) -> Player {
        self.wrongs.extend(people::unfit(row, sheet));
        let cell = |name: &str| {
            Some(self.columns.text(row, name).to_owned()).filter(|text| !text.is_empty())
        };
        let (name, email) = (cell("navn").unwrap_or_default(), cell("email"));
        let (born, organisation) = (cell("foedselsdato"), cell("jobcenter"));
        if name.is_empty() {
            let wrong = Wrong::new("Navnet mangler.").line(row.line).column("navn");
            self.wrongs.push(wrong.help("Skriv for- og efternavn."));
        } else if let Some(email) = &email
            && let Err(bad) = cells::read_mailbox(&name, email)
        {
            self.wrongs.push(bad.line(row.line));
        }
        let born = born.and_then(|born| {
            let read = cells::read_born(&born, self.today);
            self.take(row.line, "foedselsdato", read)
        });
        Player {
            name,
            email,
            born,
            organisation,
            facts: self.facts(row),
            roles: self.roles(row),
            ..Player::default()
        }
    }

    fn take<T>(&mut self, line: u64, column: &str, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.wrongs.push(wrong.line(line).column(column)))
            .ok()
    }

    fn facts(&mut self, row: &Row) -> BTreeMap<Name, Given> {
        let mut given = BTreeMap::new();
        for fact in &self.workflow.facts {
            let column = format!("fakta:{}", fact.name);
            let text = self.columns.text(row, &column).to_owned();
            if !text.is_empty()
                && let Some(read) = self.take(row.line, &column, facts::read(fact, &text))
            {
                given.insert(fact.name.clone(), read);
            }
        }
        given
    }

    fn roles(&mut self, row: &Row) -> BTreeMap<Name, Vec<String>> {
        let mut roles: BTreeMap<Name, Vec<String>> = BTreeMap::new();
        for role in &self.workflow.roles {
            let column = format!("rolle:{}", role.name);
            let text = self.columns.text(row, &column).to_owned();
            for email in text
                .split(',')
                .map(str::trim)
                .filter(|email| !email.is_empty())
            {
                if Mailbox::parse("", email).is_err() {
                    let wrong = Wrong::new(format!("»{email}« er ikke en e-mailadresse."));
                    self.wrongs.push(
                        wrong
                            .line(row.line)
                            .column(column.clone())
                            .help("Den ser ud som navn@sted.dk."),
                    );
                } else {
                    roles
                        .entry(role.name.clone())
                        .or_default()
                        .push(email.to_owned());
                }
            }
        }
        roles
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn workflow() -> Workflow {
        let text = include_str!("../../../workflows/odense-for-forloeb.yaml");
        crate::definition::read("odense.yaml", text)
            .workflow
            .expect("a workflow")
    }

    #[test]
    fn dates_are_all_named_and_on_their_weekday() {
        let table = [
            (
                &[("start", "2026-02-02"), ("gf_start", "16.3.2026")][..],
                "",
            ),
            (&[("start", "2026-02-02")], "»gf_start« mangler"),
            (
                &[("start", "2026-02-03"), ("gf_start", "2026-03-16")],
                "Nærmest ligger 2026-02-02",
            ),
            (
                &[("start", "2026-02-02"), ("gf", "2026-03-16")],
                "Mente du »gf_start«?",
            ),
        ];
        for (given, expect) in table {
            let given: Vec<_> = given
                .iter()
                .map(|(name, day)| ((*name).to_owned(), (*day).to_owned()))
                .collect();
            let said = hold_dates(&workflow(), &given)
                .map_or_else(|wrong| wrong.to_string(), |_| String::new());
            assert!(
                said.contains(expect) && said.is_empty() == expect.is_empty(),
                "{said}"
            );
        }
    }

    #[test]
    fn players_are_read_and_bad_rows_named() {
        let text = "navn;email;foedselsdato;jobcenter;rolle:job_consultant;fakta:track\n\
            Søs Å;soes@post.example;2.3.1990;Jobcenter Nord;a@b.example, c@d.example;sundhed\n";
        let sheet = Sheet::read(text.as_bytes()).expect("a table");
        let players = players(&workflow(), &sheet, date(2026, 1, 1)).expect("players");
        assert_eq!(
            players[0].roles["job_consultant"],
            ["a@b.example", "c@d.example"]
        );
        assert_eq!(
            (players[0].born, players[0].facts.len()),
            (Some(date(1990, 3, 2)), 1)
        );
        let text = "navn;email;foedselsdato;rolle:job_consultant;fakta:track\n;x;31.2.1990;y;z\n";
        let sheet = Sheet::read(text.as_bytes()).expect("a table");
        let said = super::players(&workflow(), &sheet, date(2026, 1, 1))
            .expect_err("wrong")
            .to_string();
        for word in ["Navnet mangler", "Den dag findes ikke", "»y«", "»z«"] {
            assert!(said.contains(word), "{said}");
        }
    }
}
