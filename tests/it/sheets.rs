//! Lists as other programs write them, and as they read ours.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use jiff::civil::date;
use proptest::prelude::*;
use tovholder::runner::desk::xlsx::{Cell, Table, csv, workbook};
use tovholder::runner::desk::{Sheet, Wrong};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::support::python::python;

/// Runs the checker that is written with openpyxl.
fn openpyxl(what: &str, file: &std::path::Path) -> String {
    let python = python("openpyxl", &["openpyxl==3.1.5"], "import openpyxl");
    let script: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "tests/it/support/sheet_check.py",
    ]
    .iter()
    .collect();
    let ran = Command::new(python)
        .arg(script)
        .arg(what)
        .arg(file)
        .output()
        .expect("python runs");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).expect("UTF-8")
}

fn said(wrongs: &[Wrong]) -> String {
    let one = |wrong: &Wrong| format!("{}{}", wrong.place(), wrong.message);
    wrongs.iter().map(one).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_workbook_of_another_program_is_read_as_people_see_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kandidater.xlsx");
    openpyxl("write", &file);
    let bytes = std::fs::read(&file).expect("it is there");
    let sheet = Sheet::read(&bytes).unwrap_or_else(|wrongs| panic!("{}", said(&wrongs)));
    assert_eq!(
        sheet.titles,
        [
            "Navn",
            "E-mail",
            "Tlf.",
            "Født",
            "Jobcenter",
            "Dansk",
            "Møder op"
        ]
    );
    let rows: Vec<(u64, String)> = (sheet.rows.iter())
        .map(|row| (row.line, row.cells.join("|")))
        .collect();
    let expect = [
        (
            4,
            "Søs Å|soes@post.example|12345678|12-04-1987|Jobcenter Øst|02|SAND",
        ),
        (
            5,
            "Bo Holm|bo@post.example|+45 00 12|30-08-1990|Jobcenter Øst|10|FALSK",
        ),
        // A formula that openpyxl wrote has no value until Excel has opened the file.
        (7, "|ida@post.example||12-04-1987|Jobcenter Vest||"),
    ];
    let expect: Vec<(u64, String)> = expect
        .map(|(line, cells)| (line, cells.to_owned()))
        .to_vec();
    assert_eq!(rows, expect);
    let notes = sheet.notes.join(" ");
    assert!(
        notes.contains("1 skjult række er ikke læst (linje 6)"),
        "{notes}"
    );
    assert!(notes.contains("»Note«"), "{notes}");

    let hidden = Sheet::read_named(&bytes, Some("lister")).expect("a hidden sheet, by name");
    assert_eq!(hidden.titles, ["Jobcenter Øst"]);
    let empty = Sheet::read_named(&bytes, Some("Tomt")).expect_err("nothing");
    assert!(said(&empty).contains("tom"), "{empty:?}");
    let none = Sheet::read_named(&bytes, Some("Kandidaterne")).expect_err("no such sheet");
    assert_eq!(none[0].help.as_deref(), Some("Mente du »Kandidater«?"));
}

#[test]
fn another_program_reads_our_workbook() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tal.xlsx");
    let text = |text: &str| Cell::Text(text.to_owned());
    let tables = [
        Table {
            name: "Kandidater".to_owned(),
            titles: vec![
                "Navn & <e-mail>".to_owned(),
                "Født".to_owned(),
                "Tal".to_owned(),
            ],
            rows: vec![
                vec![
                    text("=1+1"),
                    Cell::Date(date(1987, 4, 12)),
                    Cell::Number(2.5),
                ],
                vec![text("+45 00 12"), Cell::Empty, Cell::Number(-3.0)],
                vec![
                    text("_x0041_ \u{7}Æ\n\"ø\""),
                    text("02"),
                    Cell::Number(f64::NAN),
                ],
                vec![text("@bo"), Cell::Date(date(1890, 1, 2))],
            ],
        },
        Table {
            name: "kandidater".to_owned(),
            ..Table::default()
        },
    ];
    std::fs::write(&file, workbook(&tables)).expect("written");
    let read: serde_json::Value = serde_json::from_str(&openpyxl("read", &file)).expect("JSON");
    assert_eq!(read[0]["name"], "Kandidater");
    assert_eq!(read[1]["name"], "Ark2");
    assert_eq!(read[0]["freeze"], "A2");
    let cells = read[0]["cells"].as_array().expect("cells");
    let short: Vec<String> = cells
        .iter()
        .map(|cell| {
            format!(
                "{} {} {} {} {} {}",
                cell[0], cell[1], cell[2], cell[3], cell[4], cell[5]
            )
        })
        .collect();
    let expect = [
        r#""A1" "s" "Navn & <e-mail>" true "@" false"#,
        r#""B1" "s" "Født" true "@" false"#,
        r#""C1" "s" "Tal" true "@" false"#,
        r#""A2" "s" "=1+1" false "@" true"#,
        r#""B2" "d" "1987-04-12" false "mm-dd-yy" false"#,
        r#""C2" "n" 2.5 false "General" false"#,
        r#""A3" "s" "+45 00 12" false "@" true"#,
        r#""C3" "n" -3 false "General" false"#,
        // Excel and calamine take the shield off again; openpyxl does not.
        r#""A4" "s" "_x005F_x0041_ Æ\n\"ø\"" false "@" false"#,
        r#""B4" "s" "02" false "@" false"#,
        r#""A5" "s" "@bo" false "@" true"#,
        r#""B5" "s" "02-01-1890" false "@" false"#,
    ];
    assert_eq!(short, expect);
    let back = Sheet::read_named(&workbook(&tables), Some("Kandidater")).expect("our own");
    assert_eq!(back.rows[2].cells[0], "_x0041_ Æ\n\"ø\"");
    assert!(read[0]["widths"]["A"].as_f64().expect("a width") > 15.0);
}

/// A packet of these parts.
fn packet(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("begun");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("packed").into_inner()
}

/// A workbook whose only sheet is this.
fn book_of(sheet: &[u8]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let links = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    packet(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn cells_of(data: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    book_of(
        format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>").as_bytes(),
    )
}

#[test]
fn a_workbook_that_is_made_to_break_the_reader_is_refused_at_once() {
    let cell = |place: &str| format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>x</t></is></c>");
    let far = cells_of(&format!(
        "<row r=\"1\">{}{}</row><row r=\"1048576\">{}{}</row>",
        cell("A1"),
        cell("B1"),
        cell("A1048576"),
        cell("XFD1048576")
    ));
    let long: String = (1..=20_002)
        .map(|no| format!("<row r=\"{no}\">{}</row>", cell(&format!("A{no}"))))
        .collect();
    // Formats far below the list are no lines.
    let formatted: String = (3..=40_000)
        .map(|no| format!("<row r=\"{no}\"><c r=\"A{no}\" s=\"0\"/></row>"))
        .collect();
    let formatted = format!(
        "<row r=\"1\">{}{}</row><row r=\"2\">{}</row>{formatted}",
        cell("A1"),
        cell("B1"),
        cell("A2")
    );
    let zeros = book_of(&vec![b' '; 150_000_000]);
    assert!(zeros.len() < 1_000_000);
    let table: [(Vec<u8>, &str); 6] = [
        (zeros, "for stor"),
        (far, "for bred"),
        (cells_of(&long), "for lang"),
        (cells_of(""), "tom"),
        (book_of(b"<worksheet><sheetData><row><c"), "gået i stykker"),
        (packet(&[("xl/workbook.xml", b"<workbook/>")]), ""),
    ];
    for (bytes, expect) in table {
        let begun = Instant::now();
        let wrongs = Sheet::read(&bytes).expect_err(expect);
        assert!(said(&wrongs).contains(expect), "{expect}: {wrongs:?}");
        assert!(wrongs[0].help.is_some(), "{wrongs:?}");
        assert!(begun.elapsed().as_secs() < 60, "{expect}");
    }
    let sheet = Sheet::read(&cells_of(&formatted)).expect("two lines");
    assert_eq!(sheet.rows.len(), 1);
}

#[test]
fn several_sheets_with_something_on_them_are_asked_about() {
    let table = |name: &str| Table {
        name: name.to_owned(),
        titles: vec!["Navn".to_owned(), "E-mail".to_owned()],
        rows: Vec::new(),
    };
    let bytes = workbook(&[table("Hold 1"), table("Hold 2")]);
    let wrongs = Sheet::read(&bytes).expect_err("which one?");
    assert_eq!(
        wrongs[0].message,
        "Der står noget på flere ark: »Hold 1«, »Hold 2«."
    );
    assert!(
        wrongs[0]
            .help
            .as_deref()
            .unwrap_or_default()
            .contains("--sheet")
    );
    assert!(Sheet::read_named(&bytes, Some("Hold 2")).is_ok());
}

fn a_table() -> impl Strategy<Value = Table> {
    // What a cell of a list may say; blanks around it are not read.
    let word = "[a-zæøåÆØÅ0-9=+@'\";,<&_.-][a-zæøå \n\t=+@'\";<&x_0-9-]{0,12}";
    let trimmed = word.prop_map(|text| text.trim().to_owned());
    let row = prop::collection::vec(trimmed, 3);
    prop::collection::vec(row, 1..6).prop_map(|rows| Table {
        name: "Liste".to_owned(),
        titles: ["Navn", "E-mail", "Note"].map(str::to_owned).to_vec(),
        rows: rows
            .into_iter()
            .map(|row| row.into_iter().map(Cell::Text).collect())
            .collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(table in a_table()) {
        let expect: Vec<Vec<String>> = table.rows.iter().map(|row| {
            row.iter().map(|cell| match cell {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            }).collect()
        }).collect();
        for bytes in [workbook(std::slice::from_ref(&table)), csv(&table)] {
            let sheet = Sheet::read(&bytes).expect("a table");
            let read: Vec<Vec<String>> = sheet.rows.into_iter().map(|row| row.cells).collect();
            prop_assert_eq!(&read, &expect);
        }
    }

    #[test]
    fn any_bytes_are_a_table_or_say_why_not(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        at in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let table = Table {
            name: "A".to_owned(),
            titles: vec!["Navn".to_owned(), "E-mail".to_owned()],
            rows: vec![vec![Cell::Date(date(1987, 4, 12)), Cell::Number(2.0)]],
        };
        let mut book = workbook(&[table]);
        for (at, value) in flips {
            let at = at.index(book.len());
            book[at] = value;
        }
        let cut = book[..at.index(book.len())].to_vec();
        let packed = packet(&[("xl/workbook.xml", &bytes), ("xl/worksheets/sheet1.xml", &bytes)]);
        let sheet = book_of(&bytes);
        for bytes in [bytes, book, cut, packed, sheet] {
            if let Err(wrongs) = Sheet::read(&bytes) {
                prop_assert!(!wrongs.is_empty() && !wrongs[0].message.is_empty());
            }
        }
    }
}
