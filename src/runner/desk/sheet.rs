//! A table as Danish Excel saves it: `;`, a byte order mark or Windows-1252, CRLF, quoted cells.
//!
//! A file that is not such a table says what it is instead, and how to save it.

use std::collections::BTreeMap;

use super::{Wrong, words};

/// A table with titled columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The line of the titles, from 1.
    pub(super) line: u64,
    /// The titles as written.
    pub titles: Vec<String>,
    /// The rows that say anything, in order.
    pub rows: Vec<Row>,
    /// Lines that are no rows.
    wrongs: Vec<Wrong>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// One cell per title, trimmed.
    pub cells: Vec<String>,
}

/// Bytes more than a list of people can have.
const BYTES_MAX: usize = 20_000_000;

impl Sheet {
    /// Reads a file, or says why it is no table.
    ///
    /// ```
    /// use tovholder::runner::desk::Sheet;
    /// let sheet = Sheet::read("\u{feff}navn;email\r\nSøs Å;soes@post.example\r\n".as_bytes()).unwrap();
    /// assert_eq!((sheet.rows[0].line, sheet.rows[0].cells[0].as_str()), (2, "Søs Å"));
    /// ```
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Wrong>> {
        let text = decode(bytes).map_err(|wrong| vec![wrong])?;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let starts: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let delimiter = delimiter(&text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut lines: Vec<Line> = Vec::new();
        for record in reader.records() {
            // The text is UTF-8 and every number of cells is allowed, so nothing is left to go wrong.
            let record = record
                .map_err(|error| vec![Wrong::new(format!("Filen kan ikke læses: {error}."))])?;
            lines.push(Line::of(&record, &starts, &text));
        }
        let unclosed = unclosed(&text, lines.last());
        let mut lines = lines.into_iter().filter(Line::says_anything);
        let Some(titles) = lines.next() else {
            return Err(vec![Wrong::new("Filen er tom.").help(
                "Den første linje er overskrifterne, derefter en linje pr. person.",
            )]);
        };
        let mut sheet = Self {
            line: titles.line,
            titles: without_empty_end(titles.cells),
            rows: Vec::new(),
            wrongs: unclosed.into_iter().collect(),
        };
        lines.for_each(|line| sheet.add(line));
        Ok(sheet)
    }

    fn add(&mut self, line: Line) {
        let Line { line, mut cells } = line;
        let titles = self.titles.len();
        if cells.len() > titles {
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

    /// The columns whose names begin with a prefix, by what follows it.
    pub fn beginning<'c>(&'c self, prefix: &'c str) -> impl Iterator<Item = &'c str> + 'c {
        self.at
            .keys()
            .filter_map(move |name| name.strip_prefix(prefix))
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

fn decode(bytes: &[u8]) -> Result<String, Wrong> {
    let save = "Gem den i Excel som »CSV UTF-8 (semikolonsepareret)«.";
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Wrong::new("Filen er en Excel-projektmappe og ikke en CSV-fil.").help(save));
    }
    if bytes.len() > BYTES_MAX {
        return Err(
            Wrong::new("Filen er for stor: en liste fylder højst 20 MB.").help("Del den i flere."),
        );
    }
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // What older Danish Excel calls "CSV".
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
        },
    };
    if text.contains('\0') {
        return Err(Wrong::new("Filen er ikke en tekstfil.").help(save));
    }
    if let Some(at) = ["Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…", "\u{fffd}"]
        .iter()
        .find_map(|broken| text.find(broken))
    {
        let line = text[..at].matches('\n').count() + 1;
        let wrong = Wrong::new("Bogstaverne æ, ø og å er gået i stykker.")
            .help(format!("Hent listen igen. {save}"));
        return Err(wrong.line(line as u64));
    }
    Ok(text)
}

/// The one of `;`, tab and `,` that the first line has most of; `;` when it has none.
fn delimiter(text: &str) -> u8 {
    let titles = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("sep="))
        .unwrap_or_default();
    let count = |mark: u8| titles.bytes().filter(|byte| *byte == mark).count();
    [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(b';')
}

fn without_empty_end(mut cells: Vec<String>) -> Vec<String> {
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells
}

/// A quotation mark that is never closed swallows the rest of the file into one cell.
fn unclosed(text: &str, last: Option<&Line>) -> Option<Wrong> {
    let last = last.filter(|_| text.matches('"').count() % 2 == 1)?;
    last.cells.iter().any(|cell| cell.contains('\n')).then(|| {
        let wrong =
            Wrong::new("Et anførselstegn (\") bliver ikke lukket, så resten af filen er én celle.");
        wrong
            .line(last.line)
            .help("Slet det, eller sæt et til efter ordene.")
    })
}

/// A line of the file as cells.
struct Line {
    line: u64,
    cells: Vec<String>,
}

impl Line {
    /// The reader counts blank lines to the record after them, so the line is found by its first letter.
    fn of(record: &csv::StringRecord, starts: &[usize], text: &str) -> Self {
        let byte = record.position().map_or(0, csv::Position::byte);
        let byte = usize::try_from(byte).unwrap_or(text.len()).min(text.len());
        let blank = text.as_bytes()[byte..]
            .iter()
            .take_while(|byte| **byte == b'\n')
            .count();
        let line = starts.partition_point(|start| *start <= byte + blank);
        let cells = record.iter().map(ToOwned::to_owned).collect();
        Self {
            line: line as u64,
            cells,
        }
    }

    /// Lines of nothing but separators end many files; `sep=;` is written for Excel alone.
    fn says_anything(&self) -> bool {
        let is_directive = self.line == 1
            && self
                .cells
                .first()
                .is_some_and(|cell| cell.starts_with("sep="));
        !is_directive && self.cells.iter().any(|cell| !cell.is_empty())
    }
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
        assert_eq!(columns.beginning("rolle:").collect::<Vec<_>>(), ["mentor"]);
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
