//! A list as people have it: CSV as Danish Excel saves it, rows pasted from Excel, or an `.xlsx` workbook.
//!
//! All of them become the same table of texts. A file that is none says what it is instead, and how to save it.
//! What a person sees in Excel is what is read:
//!
//! - of a workbook the one sheet that says anything; of several a person names one, hidden ones only by name
//! - what a number, a date or a yes and no *shows* ([`shown`]), and the value that a formula last came to
//! - no hidden rows and columns, which are told of; a cell that spans several rows counts for each of them
//! - columns and rows that say nothing are not there, nor is a heading above the titles

mod hidden;
mod kind;
mod shown;
mod text;
mod workbook;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Wrong, words};
use kind::Kind;
pub(super) use shown::is_error;

/// A table with titled columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The line of the titles, from 1.
    pub(super) line: u64,
    /// The titles as written; empty where there is none.
    pub titles: Vec<String>,
    /// The rows that say anything, in order.
    pub rows: Vec<Row>,
    /// What of the file was left out, for whoever wonders. Danish sentences.
    pub notes: Vec<String>,
    /// SHA-256 of the bytes it was read from, hex.
    pub hash: String,
    /// Lines that are no rows.
    pub(super) wrongs: Vec<Wrong>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, from 1: the row number that Excel shows.
    pub line: u64,
    /// One cell per title, trimmed.
    pub cells: Vec<String>,
}

/// More lines than a list of people can have: the largest course has hundreds.
const ROWS_MAX: usize = 20_000;
/// More columns than anybody reads.
const COLUMNS_MAX: usize = 200;
/// A heading above the titles is looked for in so many lines.
const HEADINGS_MAX: usize = 10;

fn too_long() -> Wrong {
    Wrong::new("Listen er for lang: højst 20.000 linjer kan tages ind på én gang.")
        .help("Er der tomme linjer med formater, så slet dem. Ellers del listen i flere.")
}

fn too_wide(line: u64) -> Wrong {
    Wrong::new("Listen er for bred: højst 200 kolonner kan læses.")
        .line(line)
        .help("Slet det, der står langt ude til højre.")
}

impl Sheet {
    /// More bytes are no list of people.
    pub const BYTES_MAX: usize = kind::BYTES_MAX;

    /// Reads a file or what was pasted, or says why it is no table.
    ///
    /// ```
    /// use tovholder::runner::desk::Sheet;
    /// let sheet = Sheet::read("\u{feff}navn;email\r\nSøs Å;soes@post.example\r\n".as_bytes()).unwrap();
    /// assert_eq!((sheet.rows[0].line, sheet.rows[0].cells[0].as_str()), (2, "Søs Å"));
    /// // As Excel puts it on the clipboard: tabs, and quotation marks around a cell with several lines.
    /// let pasted = Sheet::read("Navn\tE-mail\n\"Søs\nÅ\"\tsoes@post.example".as_bytes()).unwrap();
    /// assert_eq!(pasted.rows[0].cells, ["Søs\nÅ", "soes@post.example"]);
    /// ```
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Wrong>> {
        Self::read_named(bytes, None)
    }

    /// The same, of the sheet of a workbook with this name.
    pub fn read_named(bytes: &[u8], name: Option<&str>) -> Result<Self, Vec<Wrong>> {
        let one = |wrong: Wrong| vec![wrong];
        let hash = format!("{:x}", Sha256::digest(bytes));
        match kind::of(bytes).map_err(one)? {
            Kind::Workbook => {
                let read = workbook::read(bytes, name).map_err(one)?;
                let mut sheet = Self::of(read.lines, true, hash).map_err(one)?;
                sheet.notes = read.notes;
                sheet.wrongs.extend(read.wrongs);
                Ok(sheet)
            }
            Kind::Text => {
                let (lines, unclosed) = text::lines(bytes).map_err(one)?;
                let mut sheet = Self::of(lines, false, hash).map_err(one)?;
                sheet.wrongs.splice(0..0, unclosed);
                Ok(sheet)
            }
        }
    }

    /// A table of lines. Where cells stand in a grid a row is as wide as the table, whatever is filled in.
    fn of(mut lines: Vec<Line>, is_grid: bool, hash: String) -> Result<Self, Wrong> {
        if let Some(line) = lines.iter().find(|line| line.width() > COLUMNS_MAX) {
            return Err(too_wide(line.line));
        }
        lines.drain(..headings(&lines));
        let mut lines = lines.into_iter();
        let Some(titles) = lines.next() else {
            return Err(Wrong::new("Filen er tom.")
                .help("Den første linje er overskrifterne, derefter en linje pr. person."));
        };
        let mut sheet = Self {
            line: titles.line,
            titles: without_empty_end(titles.cells),
            rows: Vec::new(),
            notes: Vec::new(),
            hash,
            wrongs: Vec::new(),
        };
        let lines: Vec<Line> = lines.collect();
        if is_grid {
            let widest = lines.iter().map(Line::width).max();
            let width = widest.unwrap_or_default().max(sheet.titles.len());
            sheet.titles.resize(width, String::new());
        }
        for line in lines {
            sheet.add(line, is_grid);
        }
        sheet.without_empty_columns();
        Ok(sheet)
    }

    fn add(&mut self, line: Line, is_grid: bool) {
        let Line { line, mut cells } = line;
        let titles = self.titles.len();
        if cells.len() > titles || is_grid {
            cells = without_empty_end(cells);
            cells.resize(cells.len().max(titles), String::new());
        }
        if cells.len() == titles {
            self.rows.push(Row { line, cells });
            return;
        }
        let count = if cells.len() == 1 {
            "1 celle".to_owned()
        } else {
            format!("{} celler", cells.len())
        };
        let message = format!("Linjen har {count}, men der er {titles} overskrifter.");
        let help = "Står der et skilletegn inde i en celle, skal cellen stå i anførselstegn.";
        self.wrongs.push(Wrong::new(message).line(line).help(help));
    }

    fn without_empty_columns(&mut self) {
        let says = |at: usize| {
            !self.titles[at].is_empty() || self.rows.iter().any(|row| !row.cells[at].is_empty())
        };
        let kept: Vec<bool> = (0..self.titles.len()).map(says).collect();
        let keep = |cells: &mut Vec<String>| {
            let mut kept = kept.iter();
            cells.retain(|_| kept.next().copied().unwrap_or(true));
        };
        keep(&mut self.titles);
        self.rows.iter_mut().for_each(|row| keep(&mut row.cells));
    }

    /// Finds each column by its plain name, and complains about those that are unknown, missing or
    /// doubled. Lines that are no rows are complained about with them, so that nobody who takes a
    /// table in can pass over them.
    pub(super) fn columns(
        &self,
        known: &[&str],
        required: &[&str],
        wrongs: &mut Vec<Wrong>,
    ) -> Columns {
        wrongs.extend(self.wrongs.iter().cloned());
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        for (index, title) in self.titles.iter().enumerate() {
            let name = plain(title);
            if name.is_empty() {
                let message = format!("Kolonne {} har ingen overskrift.", index + 1);
                wrongs.push(
                    Wrong::new(message)
                        .line(self.line)
                        .help("Giv den en, eller slet kolonnen."),
                );
            } else if !known.contains(&name.as_str()) {
                let wrong = Wrong::new(format!("Kolonnen »{title}« kendes ikke.")).line(self.line);
                wrongs.push(Wrong {
                    help: words::did_you_mean(&name, known.iter().copied()),
                    ..wrong
                });
            } else if at.insert(name, index).is_some() {
                wrongs.push(
                    Wrong::new(format!("Kolonnen »{title}« er der to gange."))
                        .line(self.line)
                        .help("Slet den ene."),
                );
            }
        }
        for name in required.iter().filter(|name| !at.contains_key(**name)) {
            let has = self.titles.join("«, »");
            let wrong = Wrong::new(format!("Kolonnen »{name}« mangler.")).line(self.line);
            wrongs.push(wrong.help(format!("Filen har »{has}«.")));
        }
        Columns { at }
    }
}

/// Where each column is.
pub(super) struct Columns {
    at: BTreeMap<String, usize>,
}

impl Columns {
    /// The text in a column; empty when the file has no such column.
    pub fn text<'r>(&self, row: &'r Row, name: &str) -> &'r str {
        self.at
            .get(name)
            .and_then(|index| row.cells.get(*index))
            .map_or("", String::as_str)
    }
}

/// `Fødselsdato` is `foedselsdato`, `E-mail` is `email`: titles are typed by people.
fn plain(title: &str) -> String {
    let lower = title.trim().to_lowercase();
    let plain = lower
        .replace('æ', "ae")
        .replace('ø', "oe")
        .replace('å', "aa");
    match plain.as_str() {
        "e-mail" | "mail" => "email".to_owned(),
        "tlf" | "tlf." => "telefon".to_owned(),
        _ => plain,
    }
}

/// How many lines above the titles are a heading: one cell alone, where a line of several follows.
fn headings(lines: &[Line]) -> usize {
    let filled = |line: &Line| line.cells.iter().filter(|cell| !cell.is_empty()).count();
    let several = lines
        .iter()
        .take(HEADINGS_MAX)
        .position(|line| filled(line) > 1);
    several.unwrap_or_default()
}

/// A line of the file as cells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    line: u64,
    cells: Vec<String>,
}

impl Line {
    /// Without what cannot be seen at the ends of cells.
    fn new<'a>(line: u64, cells: impl Iterator<Item = &'a str>) -> Self {
        let cells = cells.map(|cell| trimmed(cell).to_owned()).collect();
        Self { line, cells }
    }

    /// How many cells it has up to the last that says anything.
    fn width(&self) -> usize {
        let last = self.cells.iter().rposition(|cell| !cell.is_empty());
        last.map_or(0, |last| last + 1)
    }

    /// Lines of nothing but separators end many files.
    fn says_anything(&self) -> bool {
        self.width() > 0
    }
}

fn without_empty_end(mut cells: Vec<String>) -> Vec<String> {
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells
}

/// Without blanks of any kind around it: lists are copied from web pages, where many are not seen at all.
fn trimmed(cell: &str) -> &str {
    let unseen = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
            )
    };
    cell.trim_matches(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line and cells of each row.
    type Rows = Vec<(u64, String)>;

    fn cells(bytes: &[u8]) -> Rows {
        let sheet = Sheet::read(bytes).expect("a table");
        sheet
            .rows
            .into_iter()
            .map(|row| (row.line, row.cells.join("|")))
            .collect()
    }

    #[test]
    fn tables_are_read_however_they_were_saved() {
        let one = |line, text: &str| vec![(line, text.to_owned())];
        let table: [(&[u8], Rows); 10] = [
            (
                "navn;email\nÆrø;a@b.example\n".as_bytes(),
                one(2, "Ærø|a@b.example"),
            ),
            (
                "\u{feff}navn;email\r\nÆrø;a@b.example\r\n".as_bytes(),
                one(2, "Ærø|a@b.example"),
            ),
            (
                b"navn;email\r\n\xc6r\xf8;a@b.example",
                one(2, "Ærø|a@b.example"),
            ),
            (b"navn,email\nBo,a@b.example", one(2, "Bo|a@b.example")),
            (b"navn\temail\nBo\ta@b.example", one(2, "Bo|a@b.example")),
            (
                b"sep=;\nnavn;email\nBo;a@b.example",
                one(3, "Bo|a@b.example"),
            ),
            (
                b"navn;email\n\n;\nBo;a@b.example\n;;\n",
                one(4, "Bo|a@b.example"),
            ),
            (
                b"navn;email;;\nBo;a@b.example;;\n",
                one(2, "Bo|a@b.example"),
            ),
            (
                b"navn;email\n\"Bo; den \"\"lille\"\"\";a@b.example",
                one(2, "Bo; den \"lille\"|a@b.example"),
            ),
            (b"\xff\xfen\0;\0m\0\n\0B\0;\0x\0", one(2, "B|x")),
        ];
        for (bytes, expect) in table {
            assert_eq!(cells(bytes), expect, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_cell_that_excel_would_calculate_is_text() {
        for cell in ["=1+1", "+45 00 11", "-", "@bo"] {
            let text = format!("navn;email\n{cell};x\n");
            assert_eq!(cells(text.as_bytes()), vec![(2, format!("{cell}|x"))]);
        }
    }

    #[test]
    fn what_is_no_table_says_what_it_is() {
        let table: [(&[u8], &str); 5] = [
            (b"", "tom"),
            (b"\n;;\n", "tom"),
            (b"PK\x03\x04rest", "projektmappe"),
            (b"a\0b", "tekstfil"),
            (
                "navn;email\nBirgitte \u{c3}\u{b8};x\n".as_bytes(),
                "gået i stykker",
            ),
        ];
        for (bytes, expect) in table {
            let wrongs = Sheet::read(bytes).expect_err(expect);
            assert!(wrongs[0].message.contains(expect), "{wrongs:?}");
            assert!(wrongs[0].help.is_some());
        }
    }

    #[test]
    fn lines_that_are_no_rows_are_reported_beside_those_that_are() {
        let table = [
            (
                "navn;email\r\n\r\n\"Bo;x\r\nEva;y\r\nIda;z",
                "linje 3: Et anførselstegn",
            ),
            (
                "navn;email\r\nEva;y\r\nBo\r\n",
                "linje 3: Linjen har 1 celle, men der er 2",
            ),
            (
                "navn;email\n\n\nEva;y;z\n",
                "linje 4: Linjen har 3 celler, men der er 2",
            ),
        ];
        for (text, expect) in table {
            let sheet = Sheet::read(text.as_bytes()).expect("a table");
            let said = format!("{}{}", sheet.wrongs[0].place(), sheet.wrongs[0].message);
            assert!(said.starts_with(expect), "{said}");
        }
    }

    #[test]
    fn columns_are_found_by_what_people_call_them() {
        let sheet = Sheet::read(
            "Navn;E-mail;Fødselsdato;rolle:mentor\nBo;b@c.example;1987-01-02;\n".as_bytes(),
        )
        .expect("a table");
        let mut wrongs = Vec::new();
        let columns = sheet.columns(
            &["navn", "email", "foedselsdato", "rolle:mentor"],
            &["navn"],
            &mut wrongs,
        );
        assert_eq!(wrongs, []);
        assert_eq!(columns.text(&sheet.rows[0], "foedselsdato"), "1987-01-02");
        assert_eq!(columns.text(&sheet.rows[0], "telefon"), "");
    }

    #[test]
    fn every_column_that_is_wrong_is_named_at_once() {
        let sheet = Sheet::read(b"nvan;email;email;;adresse\nx;x;x;x;x\n").expect("a table");
        let mut wrongs = Vec::new();
        sheet.columns(&["navn", "email"], &["navn", "email"], &mut wrongs);
        let all: Vec<String> = wrongs.iter().map(|wrong| wrong.message.clone()).collect();
        let expect = [
            "Kolonnen »nvan« kendes ikke.",
            "Kolonnen »email« er der to gange.",
            "Kolonne 4 har ingen overskrift.",
            "Kolonnen »adresse« kendes ikke.",
            "Kolonnen »navn« mangler.",
        ];
        assert_eq!(all, expect);
        assert_eq!(wrongs[0].help.as_deref(), Some("Mente du »navn«?"));
    }
}
