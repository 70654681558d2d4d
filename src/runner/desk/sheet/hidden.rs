//! What of a sheet is hidden, and which formulas nobody has calculated: calamine does not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// What is to be known of a sheet beside its cells. Rows and columns count from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Rows that nobody sees.
    pub rows: BTreeSet<u32>,
    /// Columns that nobody sees, first and last.
    pub columns: Vec<(u32, u32)>,
    /// Rows with a formula that has no value.
    pub uncalculated: BTreeSet<u32>,
}

impl Hidden {
    /// Whether a column is hidden.
    pub fn column(&self, at: u32) -> bool {
        self.columns
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&at))
    }
}

/// Looks at the sheet of a name. What cannot be found is not hidden: the cells have been read all the same.
pub(super) fn of(bytes: &[u8], name: &str) -> Hidden {
    look(bytes, name).unwrap_or_default()
}

fn look(bytes: &[u8], name: &str) -> Option<Hidden> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let book = part(&mut zip, "xl/workbook.xml")?;
    let links = part(&mut zip, "xl/_rels/workbook.xml.rels")?;
    let sheets = attributes(&book, "sheet", ["name", "id"]);
    let id = sheets.into_iter().find(|[known, _]| known == name)?[1].clone();
    let targets = attributes(&links, "Relationship", ["Id", "Target"]);
    let target = targets.into_iter().find(|[known, _]| *known == id)?[1].clone();
    let path = match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("xl/{target}"),
    };
    Some(of_sheet(&part(&mut zip, &path)?))
}

/// A part as text. How much there may be of it was looked at before.
fn part(zip: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Option<String> {
    let mut text = String::new();
    zip.by_name(path).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Attributes of every element of a name, each by its own name without a prefix.
fn attributes<const N: usize>(xml: &str, element: &str, names: [&str; N]) -> Vec<[String; N]> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == element => {
                let of = values(&tag);
                found.push(names.map(|name| of.get(name).cloned().unwrap_or_default()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found
}

fn values(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
    let attributes = tag.attributes().flatten();
    attributes
        .map(|attribute| {
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_or_else(
                    |_| attribute.value.to_string(),
                    std::borrow::Cow::into_owned,
                );
            (attribute.key.local_name().as_ref().to_owned(), value)
        })
        .collect()
}

fn of_sheet(xml: &str) -> Hidden {
    let mut hidden = Hidden::default();
    let mut reader = Reader::from_str(xml);
    let (mut next_row, mut row) = (0, 0);
    let (mut has_formula, mut has_value) = (false, false);
    while let Ok(event) = reader.read_event() {
        let is_start = matches!(event, Event::Start(_));
        match &event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "col" => hidden.columns.extend(hidden_columns(&values(tag))),
                "row" => {
                    let of = values(tag);
                    let number = of.get("r").and_then(|number| number.parse::<u32>().ok());
                    row = number.map_or(next_row, |number| number.saturating_sub(1));
                    next_row = row.saturating_add(1);
                    if is_set(&of) {
                        hidden.rows.insert(row);
                    }
                }
                "c" => (has_formula, has_value) = (false, false),
                "f" => has_formula = true,
                "v" | "is" => has_value |= is_start,
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "c" && has_formula && !has_value => {
                hidden.uncalculated.insert(row);
            }
            Event::End(tag) if tag.local_name().as_ref() == "sheetData" => break,
            Event::Eof => break,
            _ => {}
        }
    }
    hidden
}

fn hidden_columns(of: &BTreeMap<String, String>) -> Option<(u32, u32)> {
    let number = |name: &str| of.get(name)?.parse::<u32>().ok()?.checked_sub(1);
    is_set(of).then(|| Some((number("min")?, number("max")?)))?
}

fn is_set(of: &BTreeMap<String, String>) -> bool {
    matches!(of.get("hidden").map(String::as_str), Some("1" | "true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_told() {
        let xml = r#"<x:worksheet><cols><col min="2" max="3" hidden="1"/><col min="5" max="5"/></cols><sheetData>
            <row r="1"><c r="A1"><v>1</v></c></row><row r="3" hidden="1"><c><v>1</v></c></row>
            <x:row hidden="true"/><row><c><f>A1</f></c><c><f>A1</f><v/></c></row>
            <row r="9"><c><f>A1</f><v>2</v></c></row></sheetData><row r="20" hidden="1"/></x:worksheet>"#;
        let hidden = of_sheet(xml);
        assert_eq!(hidden.rows, BTreeSet::from([2, 3]));
        assert_eq!(hidden.columns, [(1, 2)]);
        assert!(hidden.column(2) && !hidden.column(3));
        assert_eq!(hidden.uncalculated, BTreeSet::from([4]));
        for broken in [
            "",
            "<",
            "<row hidden='1'",
            "<sheetData><row r='x' hidden='1'>",
        ] {
            of_sheet(broken);
        }
        assert_eq!(of(b"PK\x03\x04", "Ark1"), Hidden::default());
    }
}
