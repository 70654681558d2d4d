//! What a person sees in a cell of a workbook, in Danish Excel.

use calamine::{CellErrorType, DataRef, ExcelDateTime};

/// Digits that Excel shows at most, and that a number holds.
const DIGITS_MAX: usize = 15;

/// The text that a cell shows; `format` is its number format, as the file writes it.
pub(super) fn shown(value: &DataRef<'_>, format: Option<&str>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "SAND" } else { "FALSK" }.to_owned(),
        DataRef::Int(whole) => number(&whole.to_string(), format),
        DataRef::Float(number_of) => number(&decimal(*number_of), format),
        DataRef::DateTime(at) => moment(*at),
        DataRef::DateTimeIso(at) => iso(at),
        DataRef::Error(error) => error_words(error).to_owned(),
    }
}

/// Whether a cell shows that its formula has failed.
pub(in crate::runner::desk) fn is_error(cell: &str) -> bool {
    ERRORS.iter().any(|(_, words)| *words == cell)
}

/// What Danish Excel shows, as it also stands in a CSV file that it saves.
const ERRORS: [(CellErrorType, &str); 8] = [
    (CellErrorType::Div0, "#DIVISION/0!"),
    (CellErrorType::NA, "#I/T"),
    (CellErrorType::Name, "#NAVN?"),
    (CellErrorType::Null, "#NUL!"),
    (CellErrorType::Num, "#NUM!"),
    (CellErrorType::Ref, "#REFERENCE!"),
    (CellErrorType::Value, "#VÆRDI!"),
    (CellErrorType::GettingData, "#HENTER_DATA"),
];

fn error_words(error: &CellErrorType) -> &'static str {
    let found = ERRORS.iter().find(|(known, _)| known == error);
    found.map_or("#VÆRDI!", |(_, words)| words)
}

/// A telephone number that was typed as a number is its digits, and never 1,2E+07.
fn decimal(number: f64) -> String {
    // 0.1 + 0.2 shows as 0,3: what is beyond fifteen digits is an error of the arithmetic.
    let rounded: f64 = format!("{number:.*e}", DIGITS_MAX - 1)
        .parse()
        .unwrap_or(number);
    rounded.to_string()
}

/// A number with the leading zeros, groups and words of its format: `00 00 00 00`, `0%`.
fn number(plain: &str, format: Option<&str>) -> String {
    let format = format.and_then(|format| format.split(';').next());
    match format {
        Some(format) if format.ends_with('%') => percent(plain),
        Some(format) => masked(plain, format).unwrap_or_else(|| plain.replace('.', ",")),
        None => plain.replace('.', ","),
    }
}

fn percent(plain: &str) -> String {
    let hundred = plain.parse::<f64>().unwrap_or_default() * 100.0;
    format!("{}%", decimal(hundred).replace('.', ","))
}

/// A whole number written into the zeros of a format. Formats with anything but zeros, blanks and words are not
/// for numbers that name something, and show as the number itself.
fn masked(digits: &str, format: &str) -> Option<String> {
    let parts = parts(format)?;
    let places = parts.iter().filter(|part| part.is_none()).count();
    if places < 2 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{digits:0>places$}");
    let mut left = digits.chars();
    let mut out = String::new();
    let mut extra = digits.chars().count() - places;
    for part in parts {
        let Some(word) = part else {
            // What has more digits than places has them before the first.
            out.extend(left.by_ref().take(1 + std::mem::take(&mut extra)));
            continue;
        };
        out.push(word);
    }
    Some(out)
}

/// The places and letters of a format; a place is none.
fn parts(format: &str) -> Option<Vec<Option<char>>> {
    let mut parts = Vec::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '0' => parts.push(None),
            '\\' => parts.push(Some(letters.next()?)),
            '"' => parts.extend(letters.by_ref().take_while(|c| *c != '"').map(Some)),
            ' ' | '-' | '+' | '(' | ')' | '/' => parts.push(Some(letter)),
            _ => return None,
        }
    }
    Some(parts)
}

/// `12-04-1987`, `12-04-1987 13:00`, `13:00`, whatever the format of the date is.
fn moment(at: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    if at.is_duration() {
        return decimal(at.as_f64()).replace('.', ",");
    }
    let minute_on =
        u16::from(hour) * 60 + u16::from(minute) + u16::from(second >= 30 || milli > 999);
    let time = format!("{:02}:{:02}", minute_on / 60, minute_on % 60);
    let date = format!("{day:02}-{month:02}-{year:04}");
    if at.as_f64() < 1.0 {
        time
    } else if minute_on == 0 {
        date
    } else {
        format!("{date} {time}")
    }
}

fn iso(at: &str) -> String {
    at.strip_suffix("T00:00:00").unwrap_or(at).to_owned()
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn a_cell_is_read_as_it_is_seen() {
        let date = |days: f64| {
            DataRef::DateTime(ExcelDateTime::new(days, ExcelDateTimeType::DateTime, false))
        };
        let table: [(DataRef, Option<&str>, &str); 24] = [
            (DataRef::Empty, None, ""),
            (DataRef::SharedString("=1+1"), None, "=1+1"),
            (DataRef::Float(12_345_678.0), None, "12345678"),
            (
                DataRef::Float(4_512_345_678.0),
                Some("General"),
                "4512345678",
            ),
            (DataRef::Float(1.5e21), None, "1500000000000000000000"),
            (DataRef::Float(0.1 + 0.2), None, "0,3"),
            (DataRef::Float(-3.0), None, "-3"),
            (DataRef::Float(8.5), Some("0.00"), "8,5"),
            (DataRef::Float(2.0), Some("00"), "02"),
            (DataRef::Float(10.0), Some("00"), "10"),
            (
                DataRef::Float(121_145.0),
                Some("00\\ 00\\ 00\\ 00"),
                "00 12 11 45",
            ),
            (
                DataRef::Float(12_345_678.0),
                Some("\"+45\" 00 00 00 00"),
                "+45 12 34 56 78",
            ),
            (
                DataRef::Float(4_512_345_678.0),
                Some("00 00 00 00"),
                "4512 34 56 78",
            ),
            (DataRef::Float(1_234.0), Some("#,##0"), "1234"),
            (DataRef::Float(0.25), Some("0%"), "25%"),
            (DataRef::Int(7), Some("000;-000"), "007"),
            (DataRef::Bool(true), None, "SAND"),
            (DataRef::Bool(false), None, "FALSK"),
            (date(31_879.0), Some("mm-dd-yy"), "12-04-1987"),
            (date(46_055.5), None, "02-02-2026 12:00"),
            (date(0.375), None, "09:00"),
            (date(59.0), None, "28-02-1900"),
            (
                DataRef::DateTimeIso("2026-02-02T00:00:00".into()),
                None,
                "2026-02-02",
            ),
            (DataRef::Error(CellErrorType::NA), None, "#I/T"),
        ];
        for (value, format, expect) in table {
            assert_eq!(shown(&value, format), expect, "{value:?} {format:?}");
        }
    }

    #[test]
    fn a_formula_that_failed_is_known_by_its_words() {
        assert!(is_error("#I/T") && is_error("#VÆRDI!"));
        assert!(!is_error("# 4") && !is_error(""));
    }
}
