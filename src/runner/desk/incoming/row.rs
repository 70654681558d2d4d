//! One line as a candidate, or everything that is wrong with it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::column::Column;
use super::columns::Columns;
use super::surroundings::Surroundings;
use crate::definition::model::Name;
use crate::engine::input::Given;
use crate::message::cpr;
use crate::runner::desk::sheet::Row;
use crate::runner::desk::{Sheet, Wrong, cells, facts};

/// What a line says, read.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub line: u64,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub born: Option<Date>,
    pub organisation_id: Option<i64>,
    pub people: BTreeMap<Name, Vec<i64>>,
    pub facts: BTreeMap<Name, Given>,
}

/// Reads a line; what is wrong with it goes to `wrongs`, each in its column.
pub(super) struct Reader<'r> {
    pub around: &'r Surroundings<'r>,
    pub sheet: &'r Sheet,
    pub columns: &'r Columns,
}

impl Reader<'_> {
    /// A line, with all that is wrong with it; what cannot be read is as if it were not there.
    pub fn draft(&self, row: &Row) -> (Draft, Vec<Wrong>) {
        let mut wrongs = self.unfit(row);
        let (name, email) = (self.name(row), self.text(row, &Column::Email).to_owned());
        self.who(row, &name, &email, &mut wrongs);
        let mut take = Taking {
            line: row.line,
            wrongs: &mut wrongs,
        };
        let phone = take.one(
            &self.title(&Column::Phone),
            cells::read_phone(self.text(row, &Column::Phone)),
        );
        let born = self.text(row, &Column::Born);
        let born = (!born.is_empty()).then(|| {
            let read = cells::read_born(born, self.around.today);
            take.one(&self.title(&Column::Born), read)
        });
        let organisation = self.text(row, &Column::Jobcentre);
        let organisation_id = (!organisation.is_empty()).then(|| {
            let found = self.around.organisation(organisation);
            take.one(&self.title(&Column::Jobcentre), found)
        });
        let draft = Draft {
            line: row.line,
            phone: phone.flatten(),
            born: born.flatten(),
            organisation_id: organisation_id.flatten(),
            people: self.people(row, &mut take),
            facts: self.facts(row, &mut take),
            name,
            email,
        };
        (draft, wrongs)
    }

    /// What the columns that are used say, for whoever looks; a CPR number is not repeated.
    pub fn cells(&self, row: &Row) -> Vec<(String, String)> {
        let said = self.columns.all().filter_map(|(column, at)| {
            let cell = row.cells.get(at).filter(|cell| !cell.is_empty())?;
            let shown = if cpr(cell).is_some() {
                "(CPR-nummer)".to_owned()
            } else {
                cell.clone()
            };
            Some((column.key(), shown))
        });
        said.collect()
    }

    fn text<'t>(&self, row: &'t Row, column: &Column) -> &'t str {
        self.columns.text(&row.cells, column)
    }

    /// The title of a column as the list has it.
    fn title(&self, column: &Column) -> String {
        let mut all = self.columns.all();
        let at = all.find(|(known, _)| *known == column).map(|(_, at)| at);
        let title = at.and_then(|at| self.sheet.titles.get(at));
        title
            .filter(|title| !title.is_empty())
            .map_or_else(|| column.key(), Clone::clone)
    }

    pub fn name(&self, row: &Row) -> String {
        if self.columns.has(&Column::Name) {
            return self.text(row, &Column::Name).to_owned();
        }
        let parts = [Column::First, Column::Last].map(|part| self.text(row, &part).to_owned());
        parts.join(" ").trim().to_owned()
    }

    /// What may stand in no cell that is read: CPR numbers, and what a formula shows that failed.
    fn unfit(&self, row: &Row) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        for (column, at) in self.columns.all() {
            let Some(cell) = row.cells.get(at) else {
                continue;
            };
            let title = self.title(column);
            if let Err(wrong) = cells::refuse_unfit(cell) {
                wrongs.push(wrong.line(row.line).column(title));
            }
        }
        wrongs
    }

    fn who(&self, row: &Row, name: &str, email: &str, wrongs: &mut Vec<Wrong>) {
        let name_title = if self.columns.has(&Column::Name) {
            self.title(&Column::Name)
        } else {
            self.title(&Column::First)
        };
        let mail_title = self.title(&Column::Email);
        let mut wrong = |column: &str, message: &str, help: &str| {
            wrongs.push(Wrong::new(message).line(row.line).column(column).help(help));
        };
        if name.is_empty() {
            wrong(&name_title, "Navnet mangler.", "Skriv for- og efternavn.");
        }
        if email.is_empty() {
            wrong(
                &mail_title,
                "E-mailadressen mangler.",
                "Kandidaten får sine mails på den.",
            );
        } else if let Err(bad) = cells::read_mailbox(name, email) {
            let is_name = bad.column.as_deref() == Some("navn");
            let column = if is_name { name_title } else { mail_title };
            wrongs.push(bad.line(row.line).column(column));
        }
    }

    /// The people of the roles per candidate: one or more in each cell, by address or by name.
    fn people(&self, row: &Row, take: &mut Taking<'_>) -> BTreeMap<Name, Vec<i64>> {
        let mut people: BTreeMap<Name, Vec<i64>> = BTreeMap::new();
        for (column, _) in self.columns.all() {
            let Column::Role(role) = column else {
                continue;
            };
            let cell = self.text(row, column);
            for one in cell.split([',', ';', '\n']).map(str::trim) {
                if one.is_empty() {
                    continue;
                }
                let found = self.around.staff(role, one);
                if let Some(id) = take.one(&self.title(column), found) {
                    people.entry(role.clone()).or_default().push(id);
                }
            }
        }
        people
    }

    fn facts(&self, row: &Row, take: &mut Taking<'_>) -> BTreeMap<Name, Given> {
        let mut given = BTreeMap::new();
        for (column, _) in self.columns.all() {
            let Column::Fact(name) = column else {
                continue;
            };
            let text = self.text(row, column);
            let known = &self.around.workflow.facts;
            let Some(fact) = known.iter().find(|fact| fact.name == *name) else {
                continue;
            };
            if text.is_empty() {
                continue;
            }
            if let Some(read) = take.one(&self.title(column), facts::read(fact, text)) {
                given.insert(name.clone(), read);
            }
        }
        given
    }
}

/// Takes what can be read, and complains of the rest.
struct Taking<'w> {
    line: u64,
    wrongs: &'w mut Vec<Wrong>,
}

impl Taking<'_> {
    fn one<T>(&mut self, title: &str, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.wrongs.push(wrong.line(self.line).column(title)))
            .ok()
    }
}
