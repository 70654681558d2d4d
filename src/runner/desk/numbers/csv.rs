//! Numbers as a table for Excel: semicolons, UTF-8 with its mark, no cell that Excel takes for a formula.

use super::{CountedCase, Numbers, PartCount};

/// Without it Excel reads æ, ø and å as something else.
const MARK: char = '\u{feff}';

/// The numbers of workflows, a line for each hold and each jobcentre.
#[must_use]
pub fn csv_of_numbers(numbers: &[Numbers]) -> String {
    let mut rows = vec![titles(&[
        "Forløb",
        "Art",
        "Navn",
        "Start",
        "I alt",
        "Undervejs",
        "Mål nået",
        "Afsluttet",
        "Stoppet",
        "Flyttet",
    ])];
    for one in numbers {
        let of = |kind: &str, parts: &[PartCount]| {
            let row = |part: &PartCount| {
                let counts = [
                    &part.cases,
                    &part.open,
                    &part.success,
                    &part.neutral,
                    &part.dropout,
                    &part.moved,
                ];
                let words = [
                    one.title.clone(),
                    kind.to_owned(),
                    part.title.clone(),
                    part.start.clone().unwrap_or_default(),
                ];
                words
                    .into_iter()
                    .chain(counts.map(|count| count.count.to_string()))
                    .collect()
            };
            parts.iter().map(row).collect::<Vec<Vec<String>>>()
        };
        rows.extend(of("Hold", &one.by_hold));
        rows.extend(of("Jobcenter", &one.by_jobcentre));
    }
    table(&rows)
}

/// A list of candidates.
#[must_use]
pub fn csv_of_cases(cases: &[CountedCase]) -> String {
    let mut rows = vec![titles(&["Id", "Navn", "Hold", "Tilstand", "Jobcenter"])];
    rows.extend(cases.iter().map(|case| {
        let jobcentre = case.jobcentre.clone().unwrap_or_default();
        vec![
            case.id.clone(),
            case.name.clone(),
            case.hold_title.clone(),
            case.state.clone(),
            jobcentre,
        ]
    }));
    table(&rows)
}

fn titles(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}

fn table(rows: &[Vec<String>]) -> String {
    let mut out = String::from(MARK);
    for row in rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        out.push_str(&cells.join(";"));
        out.push_str("\r\n");
    }
    out
}

/// A cell that is text whatever it begins with.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([';', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_stays_one_cell() {
        for (text, expect) in [
            ("Bo", "Bo"),
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("@a;b", "\"'@a;b\""),
            ("a \"b\"\nc", "\"a \"\"b\"\"\nc\""),
        ] {
            assert_eq!(cell(text), expect);
        }
        assert_eq!(table(&[vec!["Å".into(), "ø".into()]]), "\u{feff}Å;ø\r\n");
    }
}
