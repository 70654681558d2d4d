//! What becomes of each line: new, known, there already, or something that a person has to say.

use std::collections::BTreeMap;

use serde_json::json;

use super::column::Column;
use super::columns::Columns;
use super::row::{Draft, Reader};
use super::same::{Crowd, Likeness, Who};
use super::surroundings::{Known, Surroundings};
use super::{Asked, IncomingRow, What};
use crate::engine::NewCase;
use crate::runner::Candidate;
use crate::runner::desk::{Sheet, Wrong};
use crate::store::{NewPerson, PersonChange, PersonRef};

/// A line that is to be taken in.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    pub name: String,
    pub candidate: Candidate,
    /// What becomes of a person who is known.
    pub change: Option<PersonChange>,
    /// Of a person who is known: what is changed, each field as it was and as it is then, JSON.
    pub was: Option<String>,
}

/// What was found out about a line.
enum Verdict<'k> {
    New,
    Known(&'k Known, Likeness),
    Skipped(String),
    Asks(Wrong),
}

impl Surroundings<'_> {
    /// Every line of a list with what becomes of it, and those that are to be taken in.
    pub fn rows(
        &self,
        sheet: &Sheet,
        columns: &Columns,
        asked: &Asked,
        problems: &mut Vec<Wrong>,
    ) -> (Vec<IncomingRow>, Vec<(u64, Decided)>) {
        let reader = Reader {
            around: self,
            sheet,
            columns,
        };
        let mut complaints: BTreeMap<u64, Vec<Wrong>> = BTreeMap::new();
        for wrong in &sheet.wrongs {
            complaints
                .entry(wrong.line.unwrap_or_default())
                .or_default()
                .push(wrong.clone());
        }
        let mut earlier: Crowd<u64> = Crowd::default();
        let (mut rows, mut decided) = (Vec::new(), Vec::new());
        for row in &sheet.rows {
            let (draft, mut wrongs) = reader.draft(row);
            wrongs.extend(complaints.remove(&row.line).unwrap_or_default());
            let who = draft.who();
            let verdict = self.verdict(&draft, &who, &earlier, asked);
            if !matches!(verdict, Verdict::Skipped(_)) {
                earlier.add(who, row.line);
            }
            let mut incoming = IncomingRow {
                line: row.line,
                what: What::Wrong,
                name: reader.name(row),
                cells: reader.cells(row),
                note: None,
                problems: Vec::new(),
            };
            decided.extend(settle(
                &mut incoming,
                draft,
                verdict,
                wrongs,
                columns,
                sheet,
            ));
            rows.push(incoming);
        }
        rows.extend(complaints.into_iter().map(|(line, problems)| IncomingRow {
            line,
            what: What::Wrong,
            name: String::new(),
            cells: Vec::new(),
            note: None,
            problems,
        }));
        rows.sort_by_key(|row| row.line);
        problems.extend(lines_unknown(asked, &rows));
        (rows, decided)
    }

    fn verdict(
        &self,
        draft: &Draft,
        who: &Who,
        earlier: &Crowd<u64>,
        asked: &Asked,
    ) -> Verdict<'_> {
        if let Some(verdict) = in_list(draft, who, earlier, asked) {
            return verdict;
        }
        let alike = self.people.alike(who);
        let same = alike.iter().filter(|(_, how)| *how == Likeness::Same);
        let here = same.clone().find(|(known, _)| known.here.is_some());
        if let Some((known, _)) = here {
            let standing = known.here.as_deref().unwrap_or_default();
            return Verdict::Skipped(format!("er allerede på holdet ({standing})"));
        }
        if let Some((known, how)) = same.clone().next() {
            let is_said = asked.same.contains(&draft.line);
            if known.under_way.is_empty() || is_said {
                return Verdict::Known(known, *how);
            }
            return Verdict::Asks(under_way(draft.line, known));
        }
        let Some((known, how)) = alike
            .iter()
            .max_by_key(|(known, how)| (known.here.is_some(), *how != Likeness::OtherName))
        else {
            return Verdict::New;
        };
        doubtful(draft, known, *how, asked)
    }
}

/// Whether somebody earlier in the list is meant.
fn in_list<'k>(
    draft: &Draft,
    who: &Who,
    earlier: &Crowd<u64>,
    asked: &Asked,
) -> Option<Verdict<'k>> {
    let (line, how) = earlier.alike(who).into_iter().next()?;
    Some(match how {
        Likeness::Same => Verdict::Skipped(format!("står også på linje {line}")),
        Likeness::OtherName | Likeness::OtherBirth => {
            let wrong = Wrong::new(format!("»{}« står også på linje {line}.", draft.email));
            Verdict::Asks(wrong.help("Slet den ene linje, eller ret adressen."))
        }
        Likeness::OtherAddress if asked.another.contains(&draft.line) => return None,
        Likeness::OtherAddress => Verdict::Asks(
            Wrong::new(format!(
                "Samme navn og fødselsdato står på linje {line} med en anden e-mail."
            ))
            .help(format!(
                "Er det den samme, så slet den ene linje. Er det en anden, så sig det: --another {}.",
                draft.line
            )),
        ),
    })
}

fn under_way(line: u64, known: &Known) -> Wrong {
    let holds = known.under_way.join("« og »");
    let message = format!("{} er i gang på »{holds}«.", known.row.name);
    Wrong::new(message).help(format!(
        "Skal kandidaten også på dette hold, så sig det: --same {line}. Ellers slet linjen."
    ))
}

/// Somebody who may be meant, or may not: a person says which.
fn doubtful<'k>(draft: &Draft, known: &'k Known, how: Likeness, asked: &Asked) -> Verdict<'k> {
    let line = draft.line;
    let name = &known.row.name;
    let message = match (how, known.here.is_some()) {
        (Likeness::OtherName, true) => {
            let message = format!("»{}« er allerede på holdet: {name}.", draft.email);
            let wrong = Wrong::new(message).help("Slet linjen, eller ret adressen.");
            return Verdict::Asks(wrong);
        }
        (Likeness::OtherName, false) => format!("»{}« hører til {name}.", draft.email),
        (Likeness::OtherBirth, _) => format!("{name} kendes med en anden fødselsdato."),
        (Likeness::OtherAddress | Likeness::Same, _) => {
            format!("{name} med samme fødselsdato kendes med en anden e-mail.")
        }
    };
    if asked.another.contains(&line) {
        return Verdict::New;
    }
    if asked.same.contains(&line) {
        return match &known.here {
            Some(standing) => Verdict::Skipped(format!("er allerede på holdet ({standing})")),
            None => Verdict::Known(known, how),
        };
    }
    Verdict::Asks(Wrong::new(message).help(format!(
        "Er det samme person, så sig det: --same {line}. Er det en anden: --another {line}."
    )))
}

/// Writes what becomes of a line into it, and answers what is to be stored of it.
fn settle(
    row: &mut IncomingRow,
    draft: Draft,
    verdict: Verdict<'_>,
    wrongs: Vec<Wrong>,
    columns: &Columns,
    sheet: &Sheet,
) -> Option<(u64, Decided)> {
    let line = row.line;
    match verdict {
        // What is wrong with a line that nobody needs does not matter.
        Verdict::Skipped(why) => {
            row.what = What::Skipped;
            row.note = Some(why);
            return None;
        }
        Verdict::Asks(wrong) => {
            row.problems = wrongs;
            let at = columns.all().find(|(column, _)| **column == Column::Email);
            let title = at.and_then(|(_, at)| sheet.titles.get(at)).cloned();
            let title = title.unwrap_or_else(|| Column::Email.key());
            row.problems.push(wrong.line(line).column(title));
        }
        _ if !wrongs.is_empty() => row.problems = wrongs,
        Verdict::New => {
            row.what = What::New;
            return Some((line, draft.new_person()));
        }
        Verdict::Known(known, how) => {
            let (decided, changed) = draft.known_person(known, how);
            row.what = What::Known;
            row.note = Some(note(known, &changed));
            return Some((line, decided));
        }
    }
    row.problems.sort();
    row.problems.dedup();
    None
}

/// From where somebody is known, and what the list changes of them.
fn note(known: &Known, changed: &[&str]) -> String {
    let mut holds = known.under_way.iter().chain(&known.before);
    let from = match holds.next() {
        Some(hold) => format!("kendes fra »{hold}«"),
        None => "kendes i forvejen".to_owned(),
    };
    if changed.is_empty() {
        from
    } else {
        format!("{from}; ny {}", changed.join(", "))
    }
}

/// Lines that a person has said something of and that are not there.
fn lines_unknown(asked: &Asked, rows: &[IncomingRow]) -> Vec<Wrong> {
    let missing = |lines: &[u64], option: &str| -> Vec<Wrong> {
        lines
            .iter()
            .filter(|line| !rows.iter().any(|row| row.line == **line))
            .map(|line| Wrong::new(format!("Listen har ingen linje {line}.")).column(option))
            .collect()
    };
    let mut wrongs = missing(&asked.same, "--same");
    wrongs.extend(missing(&asked.another, "--another"));
    wrongs
}

impl Draft {
    fn who(&self) -> Who {
        let born = self.born.map(|born| born.to_string());
        Who::new(&self.name, &self.email, born)
    }

    fn candidate(&self, person: PersonRef, born: Option<jiff::civil::Date>) -> Candidate {
        Candidate {
            person,
            born,
            organisation_id: self.organisation_id,
            case: NewCase {
                state: None,
                facts: self.facts.clone(),
                people: self.people.clone(),
            },
        }
    }

    fn new_person(self) -> Decided {
        let person = PersonRef::New(NewPerson {
            name: self.name.clone(),
            email: Some(self.email.clone()),
            phone: self.phone.clone(),
            born: self.born.map(|born| born.to_string()),
            organisation_id: None,
        });
        Decided {
            candidate: self.candidate(person, self.born),
            name: self.name,
            change: None,
            was: None,
        }
    }

    /// Somebody who is known, with what the list says newer of them, in words too. A name that is only spelt
    /// otherwise stays as it was.
    fn known_person(self, known: &Known, how: Likeness) -> (Decided, Vec<&'static str>) {
        let row = &known.row;
        let mut change = PersonChange {
            id: row.id,
            name: row.name.clone(),
            email: row.email.clone(),
            phone: row.phone.clone(),
            born: row.born.clone(),
        };
        if how == Likeness::OtherName {
            change.name.clone_from(&self.name);
        }
        if how == Likeness::OtherAddress {
            change.email = Some(self.email.clone());
        }
        if self.phone.is_some() {
            change.phone.clone_from(&self.phone);
        }
        if let Some(born) = self.born {
            change.born = Some(born.to_string());
        }
        let mut was = serde_json::Map::new();
        let mut changed = Vec::new();
        let name = (Some(row.name.clone()), Some(change.name.clone()));
        for (field, words, (before, after)) in [
            ("name", "navn", name),
            ("email", "e-mail", (row.email.clone(), change.email.clone())),
            (
                "phone",
                "telefon",
                (row.phone.clone(), change.phone.clone()),
            ),
            (
                "born",
                "fødselsdato",
                (row.born.clone(), change.born.clone()),
            ),
        ] {
            if before != after {
                was.insert(field.to_owned(), json!([before, after]));
                changed.push(words);
            }
        }
        let born = change.born.as_ref().and_then(|born| born.parse().ok());
        let decided = Decided {
            candidate: self.candidate(PersonRef::Id(row.id), born),
            name: self.name,
            change: (!changed.is_empty()).then_some(change),
            was: Some(serde_json::Value::Object(was).to_string()),
        };
        (decided, changed)
    }
}
