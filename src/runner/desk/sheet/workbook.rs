//! The sheet of a workbook that a person means, as lines of what its cells show.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Dimensions, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::hidden::{self, Hidden};
use super::kind::SAVE;
use super::shown::shown;
use super::{COLUMNS_MAX, Line, ROWS_MAX, too_long, too_wide};
use crate::runner::desk::Wrong;

/// What a workbook may come to when it is unpacked. A list of 20,000 people is a tenth of it.
const UNPACKED_MAX: u64 = 100_000_000;
/// Parts that a workbook may have; Excel's own have some dozens.
const PARTS_MAX: usize = 2_000;
/// At most so many hidden lines are named.
const NAMED_MAX: usize = 5;

/// A sheet that was read.
#[derive(Debug)]
pub(super) struct Found {
    pub lines: Vec<Line>,
    pub notes: Vec<String>,
    pub wrongs: Vec<Wrong>,
}

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// What the cells of a sheet show, by row and column from 0.
type Cells = BTreeMap<u32, BTreeMap<u32, String>>;

/// Reads the sheet that is meant.
pub(super) fn read(bytes: &[u8], name: Option<&str>) -> Result<Found, Wrong> {
    unpacks(bytes)?;
    // The reader is somebody else's, and files may be made to break it.
    catch_unwind(AssertUnwindSafe(|| read_sheet(bytes, name))).unwrap_or_else(|_| Err(broken()))
}

fn broken() -> Wrong {
    Wrong::new("Filen er en Excel-projektmappe, der er gået i stykker.").help(SAVE)
}

/// Unpacks everything once, into nothing: what a packed file says of its size need not be true.
fn unpacks(bytes: &[u8]) -> Result<(), Wrong> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let too_large = || {
        Wrong::new("Projektmappen er for stor: pakket ud fylder den mere end 100 MB.")
            .help("Kopiér listen over i en ny projektmappe, og gem den.")
    };
    if zip.len() > PARTS_MAX {
        return Err(too_large());
    }
    let mut left = UNPACKED_MAX;
    for at in 0..zip.len() {
        let part = zip.by_index(at).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_) => locked(),
            _ => broken(),
        })?;
        let took = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let took = took.map_err(|_| broken())?;
        left = left.checked_sub(took).ok_or_else(too_large)?;
    }
    Ok(())
}

fn locked() -> Wrong {
    Wrong::new("Filen er pakket med en adgangskode eller på en måde, der ikke kan læses.")
        .help(SAVE)
}

fn read_sheet(bytes: &[u8], name: Option<&str>) -> Result<Found, Wrong> {
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => locked(),
        _ => broken(),
    })?;
    let (name, cells) = meant(&mut book, name)?;
    let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
    let mut cells = cells;
    spread(&mut cells, &merged);
    let hidden = hidden::of(bytes, &name);
    Ok(visible(&cells, &hidden))
}

/// The sheet of a name; without one the only sheet that anybody sees and that says anything.
fn meant(book: &mut Book<'_>, name: Option<&str>) -> Result<(String, Cells), Wrong> {
    let sheets = book.sheets_metadata().iter();
    let sheets: Vec<(String, bool)> = sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    if let Some(name) = name {
        let plain = |name: &str| name.trim().to_lowercase();
        let found = sheets.iter().find(|(known, _)| plain(known) == plain(name));
        let Some((found, _)) = found else {
            let known = sheets.iter().map(|(known, _)| known.as_str());
            let wrong = Wrong::new(format!("Der er intet ark »{name}« i projektmappen."));
            return Err(Wrong {
                help: crate::runner::desk::words::did_you_mean(name, known),
                ..wrong
            });
        };
        return Ok((found.clone(), cells_of(book, found)?));
    }
    let mut filled = Vec::new();
    for (name, _) in sheets.into_iter().filter(|(_, is_visible)| *is_visible) {
        let cells = cells_of(book, &name)?;
        if !cells.is_empty() {
            filled.push((name, cells));
        }
    }
    if filled.len() > 1 {
        let names: Vec<String> = filled.iter().map(|(name, _)| format!("»{name}«")).collect();
        let wrong = Wrong::new(format!(
            "Der står noget på flere ark: {}.",
            names.join(", ")
        ));
        return Err(wrong.help("Sig, hvilket ark listen er: --sheet NAVN."));
    }
    let nothing = || {
        Wrong::new("Filen er tom.").help(
            "Er listen på et skjult ark, så vis det i Excel, eller sig hvilket: --sheet NAVN.",
        )
    };
    filled.pop().ok_or_else(nothing)
}

/// The cells that show anything. A cell may say of itself that it stands in the last row there can be, so
/// nothing is made room for but what is there.
fn cells_of(book: &mut Book<'_>, name: &str) -> Result<Cells, Wrong> {
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| broken())?;
    let formats: Vec<Option<String>> = (reader.styles().iter())
        .map(|style| Some(style.number_format.as_ref()?.format_code.clone()))
        .collect();
    let mut cells = Cells::new();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|_| broken())? {
        let (row, column) = cell.get_position();
        let format = formats.get(style).and_then(Option::as_deref);
        let text = shown(cell.get_value(), format);
        let text = super::trimmed(&text);
        if text.is_empty() {
            continue;
        }
        if usize::try_from(column).is_ok_and(|column| column >= COLUMNS_MAX) {
            return Err(too_wide(u64::from(row) + 1));
        }
        cells
            .entry(row)
            .or_default()
            .insert(column, text.to_owned());
        if cells.len() > ROWS_MAX {
            return Err(too_long());
        }
    }
    Ok(cells)
}

/// A cell that spans several rows says the same for each of them that says anything else.
fn spread(cells: &mut Cells, merged: &[Dimensions]) {
    for region in merged {
        let ((first, column), (last, _)) = (region.start, region.end);
        let Some(text) = cells.get(&first).and_then(|row| row.get(&column)).cloned() else {
            continue;
        };
        if first >= last {
            continue;
        }
        for (_, row) in cells.range_mut(first + 1..=last) {
            row.entry(column).or_insert_with(|| text.clone());
        }
    }
}

/// Lines of what is not hidden, and what is to be said of the rest.
fn visible(cells: &Cells, hidden: &Hidden) -> Found {
    let mut lines = Vec::new();
    let (mut rows, mut columns) = (Vec::new(), BTreeMap::new());
    for (row, cells) in cells {
        let line = u64::from(*row) + 1;
        if hidden.rows.contains(row) {
            rows.push(line);
            continue;
        }
        let width = cells.keys().next_back().map_or(0, |last| last + 1);
        let mut texts = Vec::new();
        for column in 0..width {
            let text = cells.get(&column).map_or("", String::as_str);
            if !hidden.column(column) {
                texts.push(text);
            } else if !text.is_empty() {
                columns.entry(column).or_insert_with(|| text.to_owned());
            }
        }
        let line = Line::new(line, texts.into_iter());
        if line.says_anything() {
            lines.push(line);
        }
    }
    let seen = |row: &&u32| cells.contains_key(row) && !hidden.rows.contains(row);
    let uncalculated = hidden.uncalculated.iter().filter(seen);
    let wrongs = uncalculated.map(|row| {
        Wrong::new("Her er en formel, der ikke er regnet ud.")
            .line(u64::from(*row) + 1)
            .help("Åbn filen i Excel, og gem den igen.")
    });
    Found {
        wrongs: wrongs.collect(),
        notes: notes(&rows, &columns.into_values().collect::<Vec<_>>()),
        lines,
    }
}

fn notes(rows: &[u64], columns: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    if !rows.is_empty() {
        let named: Vec<String> = rows.iter().take(NAMED_MAX).map(u64::to_string).collect();
        let more = if rows.len() > NAMED_MAX { " …" } else { "" };
        let (are, lines) = match rows.len() {
            1 => ("1 skjult række er".to_owned(), "linje"),
            many => (format!("{many} skjulte rækker er"), "linje"),
        };
        notes.push(format!(
            "{are} ikke læst ({lines} {}{more}). Skal de med, så vis dem i Excel.",
            named.join(", ")
        ));
    }
    if !columns.is_empty() {
        notes.push(format!(
            "Skjulte kolonner er ikke læst: »{}«. Skal de med, så vis dem i Excel.",
            columns.join("«, »")
        ));
    }
    notes
}
