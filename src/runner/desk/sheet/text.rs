//! Tables that are text: CSV as Danish Excel saves it, and what Excel puts on the clipboard.

use super::kind::SAVE;
use super::{Line, ROWS_MAX, too_long};
use crate::runner::desk::Wrong;
use crate::runner::desk::xlsx::needs_guard;

/// The lines of a text, and what is wrong with it as a whole.
pub(super) fn lines(bytes: &[u8]) -> Result<(Vec<Line>, Option<Wrong>), Wrong> {
    let text = decode(bytes)?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut lines: Vec<Line> = Vec::new();
    for record in reader.records() {
        // The text is UTF-8 and every number of cells is allowed, so nothing is left to go wrong.
        let record =
            record.map_err(|error| Wrong::new(format!("Filen kan ikke læses: {error}.")))?;
        let line = line_of(&record, &starts, &text);
        if line.says_anything() && !is_directive(&line) {
            lines.push(line);
        }
        if lines.len() > ROWS_MAX {
            return Err(too_long());
        }
    }
    let unclosed = unclosed(&text, lines.last());
    Ok((lines, unclosed))
}

fn decode(bytes: &[u8]) -> Result<String, Wrong> {
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0.into_owned(),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // What older Danish Excel calls "CSV".
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
        },
    };
    if text.contains('\0') {
        return Err(Wrong::new("Filen er ikke en tekstfil.").help(SAVE));
    }
    if let Some(at) = ["Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…", "\u{fffd}"]
        .iter()
        .find_map(|broken| text.find(broken))
    {
        let line = text[..at].matches('\n').count() + 1;
        let wrong = Wrong::new("Bogstaverne æ, ø og å er gået i stykker.")
            .help(format!("Hent listen igen. {SAVE}"));
        return Err(wrong.line(line as u64));
    }
    Ok(text)
}

/// The one of `;`, tab and `,` that the titles have most of outside of quotation marks, where a title may be broken
/// over several lines; `;` when they have none.
fn delimiter(text: &str) -> u8 {
    let text = text.strip_prefix("sep=").map_or(text, |rest| {
        rest.split_once('\n').map_or("", |(_, rest)| rest)
    });
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\n', ' ']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            byte => {
                for (mark, count) in &mut counts {
                    *count += usize::from(*mark == byte);
                }
            }
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(b';', |(mark, _)| mark)
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

/// The reader counts blank lines to the record after them, so the line is found by its first letter.
fn line_of(record: &csv::StringRecord, starts: &[usize], text: &str) -> Line {
    let byte = record.position().map_or(0, csv::Position::byte);
    let byte = usize::try_from(byte).unwrap_or(text.len()).min(text.len());
    let blank = text.as_bytes()[byte..]
        .iter()
        .take_while(|byte| **byte == b'\n')
        .count();
    let line = starts.partition_point(|start| *start <= byte + blank);
    Line::new(line as u64, record.iter().map(unguarded))
}

/// Without the apostrophe that keeps a text from being calculated: in CSV it is written out.
fn unguarded(cell: &str) -> &str {
    let text = cell.strip_prefix('\'').filter(|text| needs_guard(text));
    text.unwrap_or(cell)
}

/// `sep=;` is written for Excel alone.
fn is_directive(line: &Line) -> bool {
    line.line == 1
        && line
            .cells
            .first()
            .is_some_and(|cell| cell.starts_with("sep="))
}
