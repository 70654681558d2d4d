//! Which column of a list is what: a title is matched with a column, or it is said why it is not.
//!
//! Nothing is guessed. A title that may mean two things, two that may mean the same, and one that is only nearly a
//! name that is known: a person says what it is.

use std::collections::BTreeMap;

use serde::Serialize;

use super::column::{CPR, Column, Known, known, plain};
use crate::definition::model::{Name, Workflow};
use crate::runner::desk::{Wrong, words};

/// How it is known what a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It has the column's own name.
    Exact,
    /// It has another name that people use for it.
    OtherName,
    /// It has the title that the workflow gives a role or a fact.
    Title,
    /// A person has said so.
    Told,
    /// A person leaves it out.
    LeftOut,
    /// Its name is nearly one that is known; a person has to say so.
    Near,
    /// It may be several things; a person has to say which.
    Several,
    /// Nothing is known of it.
    Unknown,
}

/// A column of the list, and what it is taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// The title as written; `Kolonne 3` where there is none.
    pub title: String,
    /// The column's name, `navn` or `fakta:track`; of one that is near, the name that may be meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// How that is known.
    pub how: How,
}

/// Where each column stands in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    at: BTreeMap<Column, usize>,
}

/// What came of matching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Matched {
    /// Every column of the list, in its order.
    pub headings: Vec<Heading>,
    /// Those that are used.
    pub columns: Columns,
    /// What is wrong, without lines.
    pub wrongs: Vec<Wrong>,
}

impl Columns {
    /// The text in a column; empty when the list has no such column.
    pub fn text<'r>(&self, cells: &'r [String], column: &Column) -> &'r str {
        let cell = self.at.get(column).and_then(|at| cells.get(*at));
        cell.map_or("", String::as_str)
    }

    /// Whether the list has it.
    pub fn has(&self, column: &Column) -> bool {
        self.at.contains_key(column)
    }

    /// What the list has, and where.
    pub fn all(&self) -> impl Iterator<Item = (&Column, usize)> {
        self.at.iter().map(|(column, at)| (column, *at))
    }
}

/// Matches titles with what a list for the workflow may have. `told` is what a person has said of titles, `left_out`
/// which they leave out.
pub(super) fn matched(
    titles: &[String],
    workflow: &Workflow,
    told: &[(String, String)],
    left_out: &[String],
) -> Matched {
    let known = known(workflow);
    let mut matched = Matched::default();
    let mut said = said(titles, &known, told, left_out, &mut matched.wrongs);
    let mut claims: BTreeMap<Column, Vec<usize>> = BTreeMap::new();
    for (at, title) in titles.iter().enumerate() {
        let (how, column) = match said.remove(&at) {
            Some(Some(column)) => (How::Told, Some(column.clone())),
            Some(None) => (How::LeftOut, None),
            None => alone(title, &known, &mut matched.wrongs, at),
        };
        if let Some(column) = &column
            && !matches!(how, How::Near)
        {
            claims.entry(column.clone()).or_default().push(at);
        }
        matched.headings.push(Heading {
            title: shown(title, at),
            column: column.map(|column| column.key()),
            how,
        });
    }
    for (column, at) in claims {
        if let [first, others @ ..] = at.as_slice() {
            if !others.is_empty() {
                matched.wrongs.push(doubled(&column, titles, &at));
            }
            matched.columns.at.insert(column, *first);
        }
    }
    whole(&mut matched);
    matched
}

fn shown(title: &str, at: usize) -> String {
    if title.is_empty() {
        format!("Kolonne {}", at + 1)
    } else {
        title.to_owned()
    }
}

/// What a title alone is taken for; what is wrong with that goes to the complaints.
fn alone(
    title: &str,
    known: &[Known],
    wrongs: &mut Vec<Wrong>,
    at: usize,
) -> (How, Option<Column>) {
    let plain = plain(title);
    if plain.is_empty() {
        let message = format!("Kolonne {} har ingen overskrift.", at + 1);
        wrongs.push(Wrong::new(message).help(format!(
            "Giv den en, slet den, eller udelad den: --leave-out \"Kolonne {}\".",
            at + 1
        )));
        return (How::Unknown, None);
    }
    let named = |of: &dyn Fn(&Known) -> bool| -> Vec<&Known> {
        known.iter().filter(|known| of(known)).collect()
    };
    let exact = named(&|known| plain == self::plain(&known.key));
    let others = named(&|known| known.others.contains(&plain));
    let titled = named(&|known| known.titles.contains(&plain));
    let may_be: Vec<&Known> = if exact.is_empty() {
        others.iter().chain(&titled).copied().collect()
    } else {
        exact.clone()
    };
    match may_be.as_slice() {
        [one] => {
            let how = match (exact.is_empty(), others.is_empty()) {
                (false, _) => How::Exact,
                (true, false) => How::OtherName,
                (true, true) => How::Title,
            };
            (how, Some(one.column.clone()))
        }
        [] => {
            let near = near(&plain, known);
            wrongs.push(unknown(title, &plain, near));
            match near {
                Some(near) => (How::Near, Some(near.column.clone())),
                None => (How::Unknown, None),
            }
        }
        several => {
            let keys: Vec<&str> = several.iter().map(|known| known.key.as_str()).collect();
            let message = format!("Kolonnen »{title}« kan være {}.", words::or_list(&keys));
            let help = format!("Sig hvilken: --column \"{title}={}\".", keys[0]);
            wrongs.push(Wrong::new(message).help(help));
            (How::Several, None)
        }
    }
}

fn near<'k>(plain: &str, known: &'k [Known]) -> Option<&'k Known> {
    let names = |of: &'k Known| {
        let all = of.others.iter().chain(&of.titles).chain([&of.key]);
        all.map(String::as_str).collect::<Vec<_>>()
    };
    let all: Vec<&str> = known.iter().flat_map(names).collect();
    let nearest = words::nearest(plain, all)?;
    known.iter().find(|of| names(of).contains(&nearest))
}

fn unknown(title: &str, plain: &str, near: Option<&Known>) -> Wrong {
    let leave = format!("--leave-out \"{title}\"");
    if CPR.contains(&plain) {
        return Wrong::new(format!(
            "Kolonnen »{title}« rummer CPR-numre, og de har ingen plads her."
        ))
        .help(format!("Slet den i filen, eller udelad den: {leave}."));
    }
    let help = match near {
        Some(known) => format!(
            "Mente du »{}«? Så sig det: --column \"{title}={}\". Ellers udelad den: {leave}.",
            known.key, known.key
        ),
        None => {
            format!("Udelad den: {leave}. Eller sig, hvad den er: --column \"{title}=KOLONNE\".")
        }
    };
    Wrong::new(format!("Kolonnen »{title}« kendes ikke.")).help(help)
}

fn doubled(column: &Column, titles: &[String], at: &[usize]) -> Wrong {
    let names: Vec<String> = at.iter().map(|at| shown(&titles[*at], *at)).collect();
    if names.iter().all(|name| *name == names[0]) {
        let wrong = Wrong::new(format!("Kolonnen »{}« er der flere gange.", names[0]));
        return wrong.help("Slet dem, der ikke skal bruges, eller giv dem hver sin overskrift.");
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("»{name}«")).collect();
    let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
    let message = format!("Både {} er {}.", quoted.join(" og "), column.key());
    Wrong::new(message).help(format!(
        "Udelad dem, der ikke skal bruges: --leave-out \"{}\".",
        names[names.len() - 1]
    ))
}

/// A list needs a name and an address, and says the name in one way.
fn whole(matched: &mut Matched) {
    let columns = &matched.columns;
    let title = |column: &Column| {
        let at = columns.at.get(column);
        at.map_or_else(String::new, |at| matched.headings[*at].title.clone())
    };
    let parts: Vec<Column> = [Column::First, Column::Last]
        .into_iter()
        .filter(|part| columns.has(part))
        .collect();
    let mut wrongs = Vec::new();
    let missing = |column: &Column| {
        let has: Vec<&str> = matched
            .headings
            .iter()
            .map(|of| of.title.as_str())
            .collect();
        Wrong::new(format!("Kolonnen »{}« mangler.", column.key()))
            .help(format!("Filen har »{}«.", has.join("«, »")))
    };
    match (columns.has(&Column::Name), parts.as_slice()) {
        (true, []) | (false, [_, _]) => {}
        (true, [part, ..]) => {
            let (name, part) = (title(&Column::Name), title(part));
            let wrong = Wrong::new(format!(
                "Både »{name}« og »{part}« siger, hvad folk hedder."
            ));
            wrongs.push(wrong.help(format!(
                "Er »{name}« kun fornavnet, så sig det: --column \"{name}=fornavn\". Ellers udelad »{part}«: \
                 --leave-out \"{part}\"."
            )));
        }
        (false, [Column::First]) => wrongs.push(missing(&Column::Last)),
        (false, [_]) => wrongs.push(missing(&Column::First)),
        (false, _) => wrongs.push(missing(&Column::Name)),
    }
    if !columns.has(&Column::Email) {
        wrongs.push(missing(&Column::Email));
    }
    matched.wrongs.extend(wrongs);
}

/// What a person has said of the columns, by their place; none is to leave it out.
fn said(
    titles: &[String],
    known: &[Known],
    told: &[(String, String)],
    left_out: &[String],
    wrongs: &mut Vec<Wrong>,
) -> BTreeMap<usize, Option<Column>> {
    let mut said = BTreeMap::new();
    let told = told
        .iter()
        .map(|(title, key)| (title, Some(key), "--column"));
    let left_out = left_out.iter().map(|title| (title, None, "--leave-out"));
    for (title, key, option) in told.chain(left_out) {
        let at: Vec<usize> = places(titles, title);
        if at.is_empty() {
            let shown: Vec<String> = titles
                .iter()
                .enumerate()
                .map(|(at, t)| shown(t, at))
                .collect();
            let wrong = Wrong::new(format!("Listen har ingen kolonne »{title}«.")).column(option);
            wrongs.push(Wrong {
                help: words::did_you_mean(title, shown.iter().map(String::as_str)),
                ..wrong
            });
            continue;
        }
        let column = match key {
            None => None,
            Some(key) => {
                let Some(found) = known.iter().find(|known| plain(&known.key) == plain(key)) else {
                    let keys = known.iter().map(|known| known.key.as_str());
                    let wrong = Wrong::new(format!("»{key}« er ikke noget, en liste kan rumme."));
                    wrongs.push(Wrong {
                        help: words::did_you_mean(key, keys),
                        ..wrong.column(option)
                    });
                    continue;
                };
                Some(found.column.clone())
            }
        };
        for at in at {
            said.insert(at, column.clone());
        }
    }
    said
}

/// The columns of a title: as it is written, or failing that in plain letters.
fn places(titles: &[String], title: &str) -> Vec<usize> {
    let find = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let shown = titles
            .iter()
            .enumerate()
            .map(|(at, title)| (at, shown(title, at)));
        shown
            .filter(|(_, title)| same(title))
            .map(|(at, _)| at)
            .collect()
    };
    let written = find(&|known| known == title);
    if written.is_empty() {
        find(&|known| plain(known) == plain(title))
    } else {
        written
    }
}

/// A title for every column that a list for a workflow may have: what people call it, where that is clear.
pub(super) fn titles(workflow: &Workflow) -> Vec<String> {
    let role = |name: &Name| {
        let mut all = workflow.roles.iter();
        all.find(|role| role.name == *name).map(|role| &role.title)
    };
    let fact = |name: &Name| {
        let mut all = workflow.facts.iter();
        all.find(|fact| fact.name == *name).map(|fact| &fact.title)
    };
    let known = known(workflow);
    let whole = known
        .iter()
        .filter(|known| ![Column::First, Column::Last].contains(&known.column));
    let titled = whole.map(|of| {
        let title = match &of.column {
            Column::Name => "Navn".to_owned(),
            Column::First | Column::Last => of.key.clone(),
            Column::Email => "E-mail".to_owned(),
            Column::Phone => "Telefon".to_owned(),
            Column::Born => "Fødselsdato".to_owned(),
            Column::Jobcentre => "Jobcenter".to_owned(),
            Column::Role(name) => role(name).cloned().unwrap_or_default(),
            Column::Fact(name) => fact(name).cloned().unwrap_or_default(),
        };
        let (_, read) = alone(&title, &known, &mut Vec::new(), 0);
        let is_clear = read.as_ref() == Some(&of.column);
        if is_clear { title } else { of.key.clone() }
    });
    titled.collect()
}

#[cfg(test)]
mod tests {
    use super::super::column::keys;
    use super::*;

    /// A workflow with roles and facts, and titles that are in each other's way.
    fn workflow() -> Workflow {
        let yaml = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/workflows/jrs-bliv-klar-til-sosu.yaml"
        ));
        let read = crate::definition::read("jrs.yaml", &yaml.expect("a shipped workflow"));
        read.workflow.expect("a workflow without errors")
    }

    fn of(titles: &[&str], told: &[(&str, &str)], left_out: &[&str]) -> (Vec<String>, Vec<String>) {
        let titles: Vec<String> = titles.iter().map(ToString::to_string).collect();
        let told: Vec<(String, String)> = (told.iter())
            .map(|(title, key)| ((*title).to_owned(), (*key).to_owned()))
            .collect();
        let left_out: Vec<String> = left_out.iter().map(ToString::to_string).collect();
        let matched = matched(&titles, &workflow(), &told, &left_out);
        let headings = matched.headings.iter().map(|heading| {
            let column = heading.column.as_deref().unwrap_or("-");
            format!("{column} {:?}", heading.how)
        });
        let wrongs = matched.wrongs.iter().map(|wrong| wrong.message.clone());
        (headings.collect(), wrongs.collect())
    }

    #[test]
    fn titles_of_real_lists_are_known() {
        let table = [
            ("navn", "navn Exact"),
            ("NAVN:", "navn Exact"),
            ("Fulde navn", "navn OtherName"),
            ("Borgers navn", "navn OtherName"),
            ("E-mail", "email Exact"),
            ("e-mail *", "email Exact"),
            ("Mailadresse", "email OtherName"),
            ("E-mail-adresse", "email OtherName"),
            ("Tlf.", "telefon OtherName"),
            ("Tlf. nr.", "telefon OtherName"),
            ("Mobil", "telefon OtherName"),
            ("Født", "foedselsdato OtherName"),
            ("Fødselsdato (dd-mm-åååå)", "foedselsdato Exact"),
            ("Fødselsdag", "foedselsdato OtherName"),
            ("Jobcenter", "jobcenter Exact"),
            ("Kommune", "jobcenter OtherName"),
            ("Jobkonsulent", "rolle:job_consultant Title"),
            ("rolle:job_consultant", "rolle:job_consultant Exact"),
            ("Emial", "email Near"),
            ("Bemærkning", "- Unknown"),
            ("CPR-nr.", "- Unknown"),
            ("", "- Unknown"),
        ];
        for (title, expect) in table {
            let (headings, wrongs) = of(&[title], &[], &[]);
            assert_eq!(headings, [expect], "{title}");
            // A list of one column also lacks others.
            let own = wrongs.iter().filter(|wrong| !wrong.contains("mangler"));
            let is_known = !expect.ends_with("Near") && !expect.ends_with("Unknown");
            assert_eq!(own.count() == 0, is_known, "{title}: {wrongs:?}");
        }
    }

    /// Titles, what is told of them, what is left out, and the complaints.
    type Case<'c> = (
        &'c [&'c str],
        &'c [(&'c str, &'c str)],
        &'c [&'c str],
        &'c [&'c str],
    );

    #[test]
    fn nothing_is_guessed_between_two() {
        let table: [Case; 11] = [
            (&["Navn", "Mail"], &[], &[], &[]),
            (&["Fornavn", "Efternavn", "Mail"], &[], &[], &[]),
            (
                &["Fornavn", "Mail"],
                &[],
                &[],
                &["Kolonnen »efternavn« mangler."],
            ),
            (
                &["Navn", "Efternavn", "Mail"],
                &[],
                &[],
                &["Både »Navn« og »Efternavn« siger, hvad folk hedder."],
            ),
            (
                &["Navn", "Efternavn", "Mail"],
                &[("Navn", "fornavn")],
                &[],
                &[],
            ),
            (
                &["Navn", "Mail", "Tlf.", "Mobil"],
                &[],
                &[],
                &["Både »Tlf.« og »Mobil« er telefon."],
            ),
            (&["Navn", "Mail", "Tlf.", "Mobil"], &[], &["tlf"], &[]),
            (
                &["Navn", "Mail", "Mail"],
                &[],
                &[],
                &["Kolonnen »Mail« er der flere gange."],
            ),
            (
                &["Hvem", "Mail", ""],
                &[("hvem", "navn")],
                &["Kolonne 3"],
                &[],
            ),
            (
                &["Navn", "Mail"],
                &[("Nvan", "navn"), ("Navn", "nvan")],
                &["Andet"],
                &[
                    "Listen har ingen kolonne »Nvan«.",
                    "»nvan« er ikke noget, en liste kan rumme.",
                    "Listen har ingen kolonne »Andet«.",
                ],
            ),
            (&["Navn", "CPR", "Mail"], &[], &["CPR"], &[]),
        ];
        for (titles, told, left_out, expect) in table {
            assert_eq!(of(titles, told, left_out).1, expect, "{titles:?}");
        }
    }

    #[test]
    fn an_empty_list_has_titles_that_are_known_again() {
        let workflow = workflow();
        let titles = titles(&workflow);
        let matched = matched(&titles, &workflow, &[], &[]);
        assert_eq!(matched.wrongs, []);
        let columns: Vec<String> = (matched.headings.iter())
            .filter_map(|heading| heading.column.clone())
            .collect();
        assert_eq!(columns, keys(&workflow));
    }
}
