//! Tables for other programs: an Excel workbook, or CSV as Danish Excel opens it with a double click.
//!
//! A workbook is a few XML parts in a packet, written by hand: a crate that knows all of the format would be several
//! times the size of this program's own. What a person has typed stays text, whatever it begins with: a cell that begins
//! with `=` would be calculated by whoever opens the file (CSV injection, OWASP).

use std::io::{Cursor, Write as _};

use jiff::civil::{Date, date};
use unicode_width::UnicodeWidthStr;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, and figures that are names: telephone numbers, grades.
    Text(String),
    /// A number to count with.
    Number(f64),
    /// A day.
    Date(Date),
    /// Nothing.
    Empty,
}

/// A table with a line of titles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What the sheet is called.
    pub name: String,
    /// The first line.
    pub titles: Vec<String>,
    /// The others.
    pub rows: Vec<Vec<Cell>>,
}

/// Characters that a sheet's name can have, and those it cannot.
const NAME_MAX: usize = 31;
const NOT_IN_NAMES: &str = "[]:*?/\\";
/// Characters that a cell can have.
const CELL_CHARS_MAX: usize = 32_767;
/// Widths in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=60;

/// Styles of the workbook, by their place in `STYLES`.
const DATE: u32 = 1;
const TEXT: u32 = 2;
const GUARDED: u32 = 3;
const TITLE: u32 = 4;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const PART: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/// What a workbook is called where files have kinds (RFC 6838).
pub const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Number format 14 is the day as the reader's Excel writes days, 49 is text. `quotePrefix` keeps a text that
/// begins with `=` a text when somebody edits the cell.
const STYLES: &str = "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
    <font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>\
    <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
    <fill><patternFill patternType=\"gray125\"/></fill></fills>\
    <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
    <cellXfs count=\"5\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
    <xf numFmtId=\"14\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" quotePrefix=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/>\
    </cellXfs>";

/// A workbook with a sheet for each table: titles bold and frozen, columns as wide as what they say.
///
/// ```
/// use tovholder::runner::desk::{Sheet, xlsx};
/// let table = xlsx::Table {
///     name: "Kandidater".into(),
///     titles: vec!["Navn".into(), "E-mail".into()],
///     rows: vec![vec![xlsx::Cell::Text("=1+1".into()), xlsx::Cell::Text("bo@post.example".into())]],
/// };
/// let back = Sheet::read(&xlsx::workbook(&[table])).unwrap();
/// assert_eq!(back.rows[0].cells, ["=1+1", "bo@post.example"]);
/// ```
#[must_use]
pub fn workbook(tables: &[Table]) -> Vec<u8> {
    let names = names(tables);
    let mut packet = Packet::default();
    let sheets: Vec<(String, String)> = (1..=tables.len())
        .map(|no| (format!("worksheets/sheet{no}.xml"), format!("rId{no}")))
        .collect();
    let types: String = sheets
        .iter()
        .map(|(part, _)| {
            format!("<Override PartName=\"/xl/{part}\" ContentType=\"{PART}.worksheet+xml\"/>")
        })
        .collect();
    packet.add(
        "[Content_Types].xml",
        &format!(
            "<Types xmlns=\"{PACKAGE}/content-types\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Override PartName=\"/xl/workbook.xml\" ContentType=\"{PART}.sheet.main+xml\"/>\
             <Override PartName=\"/xl/styles.xml\" ContentType=\"{PART}.styles+xml\"/>{types}</Types>"
        ),
    );
    packet.links(
        "_rels/.rels",
        &[("xl/workbook.xml", "rId1", "officeDocument")],
    );
    let listed: String = names
        .iter()
        .zip(&sheets)
        .zip(1..)
        .map(|((name, (_, id)), no)| {
            format!(
                "<sheet name=\"{}\" sheetId=\"{no}\" r:id=\"{id}\"/>",
                escaped(name)
            )
        })
        .collect();
    packet.add(
        "xl/workbook.xml",
        &format!(
            "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{listed}</sheets></workbook>"
        ),
    );
    let mut links: Vec<(&str, &str, &str)> = sheets
        .iter()
        .map(|(part, id)| (part.as_str(), id.as_str(), "worksheet"))
        .collect();
    links.push(("styles.xml", "rIdStyles", "styles"));
    packet.links("xl/_rels/workbook.xml.rels", &links);
    packet.add(
        "xl/styles.xml",
        &format!("<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>"),
    );
    for (table, (part, _)) in tables.iter().zip(&sheets) {
        packet.add(&format!("xl/{part}"), &sheet(table));
    }
    packet.done()
}

/// A table as CSV that Danish Excel opens with a double click: `;`, a byte order mark, CRLF, decimal commas, days as
/// they are written in Denmark; an apostrophe before what would be calculated, which our own reader takes off again.
#[must_use]
pub fn csv(table: &Table) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let titles = table.titles.iter().map(|title| guarded(title));
    // Into memory, where nothing can go wrong.
    let _ = writer.write_record(titles);
    for row in &table.rows {
        let _ = writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => guarded(text),
            Cell::Number(number) => number.to_string().replace('.', ","),
            Cell::Date(day) => day.strftime("%d-%m-%Y").to_string(),
            Cell::Empty => String::new(),
        }));
    }
    writer.into_inner().unwrap_or_default()
}

/// Whether a program that opens the table may take a text for something to calculate.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether a text has an apostrophe before it in CSV; one that looks as if it had one, too, so that reading it takes
/// off what was put there and no more.
pub(super) fn needs_guard(text: &str) -> bool {
    is_formula(text) || text.strip_prefix('\'').is_some_and(needs_guard)
}

fn guarded(text: &str) -> String {
    if needs_guard(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The parts of a workbook, packed.
struct Packet {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Default for Packet {
    fn default() -> Self {
        Self {
            zip: ZipWriter::new(Cursor::new(Vec::new())),
        }
    }
}

impl Packet {
    /// The same table gives the same bytes: a part has no date.
    fn add(&mut self, name: &str, xml: &str) {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let added = self.zip.start_file(name, options);
        debug_assert!(added.is_ok(), "{added:?}");
        let written = self.zip.write_all(HEAD.as_bytes());
        let written = written.and_then(|()| self.zip.write_all(xml.as_bytes()));
        debug_assert!(written.is_ok(), "{written:?}");
    }

    fn links(&mut self, name: &str, links: &[(&str, &str, &str)]) {
        let links: String = links
            .iter()
            .map(|(target, id, kind)| {
                format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
            })
            .collect();
        let xml =
            format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{links}</Relationships>");
        self.add(name, &xml);
    }

    fn done(self) -> Vec<u8> {
        self.zip
            .finish()
            .map(Cursor::into_inner)
            .unwrap_or_default()
    }
}

fn sheet(table: &Table) -> String {
    let mut rows = String::new();
    let titles: Vec<Cell> = table.titles.iter().cloned().map(Cell::Text).collect();
    rows += &row(1, &titles, Some(TITLE));
    for (no, cells) in (2..).zip(&table.rows) {
        rows += &row(no, cells, None);
    }
    let widths: String = widths(table)
        .iter()
        .zip(1..)
        .map(|(width, no)| {
            format!("<col min=\"{no}\" max=\"{no}\" width=\"{width}\" customWidth=\"1\"/>")
        })
        .collect();
    let widths = if widths.is_empty() {
        widths
    } else {
        format!("<cols>{widths}</cols>")
    };
    format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
         {widths}<sheetData>{rows}</sheetData></worksheet>"
    )
}

fn row(no: usize, cells: &[Cell], style: Option<u32>) -> String {
    let cells: String = cells
        .iter()
        .enumerate()
        .map(|(at, one)| cell(&format!("{}{no}", letters(at)), one, style))
        .collect();
    format!("<row r=\"{no}\">{cells}</row>")
}

fn cell(place: &str, cell: &Cell, style: Option<u32>) -> String {
    match cell {
        Cell::Text(text) if text.is_empty() => String::new(),
        Cell::Text(said) => text(place, said, style),
        Cell::Number(number) if number.is_finite() => {
            format!("<c r=\"{place}\"><v>{number}</v></c>")
        }
        Cell::Date(day) => match serial(*day) {
            Some(days) => format!("<c r=\"{place}\" s=\"{DATE}\"><v>{days}</v></c>"),
            // Excel knows no days before 1900.
            None => text(place, &day.strftime("%d-%m-%Y").to_string(), style),
        },
        Cell::Number(_) | Cell::Empty => String::new(),
    }
}

fn text(place: &str, text: &str, style: Option<u32>) -> String {
    let style = style.unwrap_or(if is_formula(text) { GUARDED } else { TEXT });
    let text: String = text.chars().take(CELL_CHARS_MAX).collect();
    format!(
        "<c r=\"{place}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        escaped(&shielded(&text))
    )
}

/// Days since the end of 1899 as Excel counts them: with a 29 February 1900, as Lotus did.
fn serial(day: Date) -> Option<i32> {
    let first = if day < date(1900, 3, 1) {
        date(1899, 12, 31)
    } else {
        date(1899, 12, 30)
    };
    let days = (day - first).get_days();
    (days > 0).then_some(days)
}

/// `A` to `Z`, `AA` and on.
fn letters(mut at: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(at % 26).unwrap_or_default()));
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// Excel reads `_x0041_` in a text as the letter of that number; a text that says so itself is shielded.
fn shielded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let named = from.as_bytes().get(2..7);
        let is_letter = named
            .is_some_and(|named| named[..4].iter().all(u8::is_ascii_hexdigit) && named[4] == b'_');
        out.push_str(if is_letter { "_x005F_x" } else { "_x" });
        rest = &from[2..];
    }
    out + rest
}

/// Markup as text, without what XML 1.0 cannot say.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_ascii_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

fn widths(table: &Table) -> Vec<usize> {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |cell: &Cell| match cell {
        Cell::Text(text) => text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0),
        Cell::Number(number) => number.to_string().len(),
        Cell::Date(_) => 10,
        Cell::Empty => 0,
    };
    (0..columns.max(table.titles.len()))
        .map(|at| {
            let title = table.titles.get(at).map_or(0, |title| title.width() + 2);
            let cells = table.rows.iter().filter_map(|row| row.get(at)).map(width);
            let widest = cells.max().unwrap_or(0).max(title) + 1;
            widest.clamp(*WIDTHS.start(), *WIDTHS.end())
        })
        .collect()
}

/// Names that Excel takes, each once.
fn names(tables: &[Table]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (table, no) in tables.iter().zip(1..) {
        let plain: String = table
            .name
            .chars()
            .filter(|c| !NOT_IN_NAMES.contains(*c) && !c.is_control())
            .take(NAME_MAX)
            .collect();
        let plain = plain.trim_matches(['\'', ' ']).to_owned();
        let is_taken = names
            .iter()
            .any(|known| known.to_lowercase() == plain.to_lowercase());
        names.push(if plain.is_empty() || is_taken {
            format!("Ark{no}")
        } else {
            plain
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_columns_are_numbered_as_excel_does() {
        for (day, expect) in [
            (date(1900, 1, 1), Some(1)),
            (date(1900, 2, 28), Some(59)),
            (date(1900, 3, 1), Some(61)),
            (date(1987, 4, 12), Some(31_879)),
            (date(2026, 2, 2), Some(46_055)),
            (date(1899, 12, 31), None),
        ] {
            assert_eq!(serial(day), expect, "{day}");
        }
        for (at, expect) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (702, "AAA")] {
            assert_eq!(letters(at), expect);
        }
    }

    #[test]
    fn sheets_have_names_that_excel_takes() {
        let named = |name: &str| Table {
            name: name.to_owned(),
            ..Table::default()
        };
        let tables = ["Tal", "tal", "a/b:c", "", "'x'", &"æ".repeat(40)].map(named);
        let long = "æ".repeat(31);
        assert_eq!(names(&tables), ["Tal", "Ark2", "abc", "Ark4", "x", &long]);
    }

    #[test]
    fn csv_is_as_danish_excel_wants_it() {
        let table = Table {
            name: String::new(),
            titles: vec!["Navn".into(), "Tal".into(), "Dag".into()],
            rows: vec![
                vec![
                    Cell::Text("=1+1; \"x\"".into()),
                    Cell::Number(-2.5),
                    Cell::Date(date(2026, 2, 2)),
                ],
                vec![Cell::Text("+45 1".into()), Cell::Empty, Cell::Empty],
            ],
        };
        let text = String::from_utf8(csv(&table)).expect("UTF-8");
        assert_eq!(
            text,
            "\u{feff}Navn;Tal;Dag\r\n\"'=1+1; \"\"x\"\"\";-2,5;02-02-2026\r\n'+45 1;;\r\n"
        );
    }
}
