//! What a file is, by its bytes and never by its name; and what to do with one that is no list.

use crate::runner::desk::Wrong;

/// What can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// CSV, or what was pasted.
    Text,
    /// `.xlsx` and `.xlsm`.
    Workbook,
}

/// Bytes more than a list of people can have.
pub(super) const BYTES_MAX: usize = 20_000_000;

/// How every other program's table becomes one that is read.
pub(super) const SAVE: &str = "Åbn den, vælg Gem som, og gem den som »Excel-projektmappe (.xlsx)« eller \
                               »CSV UTF-8 (semikolonsepareret)«.";

/// The kind of a file that can be read, or what it is instead.
pub(super) fn of(bytes: &[u8]) -> Result<Kind, Wrong> {
    if bytes.len() > BYTES_MAX {
        return Err(
            Wrong::new("Filen er for stor: en liste fylder højst 20 MB.").help("Del den i flere."),
        );
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return packed(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(compound(bytes));
    }
    for (begins, what) in OTHERS {
        if bytes.starts_with(begins) {
            return Err(Wrong::new(format!("Filen er {what} og ikke en liste.")).help(SAVE));
        }
    }
    Ok(Kind::Text)
}

/// What other files begin with.
const OTHERS: [(&[u8], &str); 6] = [
    (b"%PDF", "et PDF-dokument"),
    (b"{\\rtf", "et tekstdokument (RTF)"),
    (b"\x89PNG", "et billede"),
    (b"\xff\xd8\xff", "et billede"),
    (b"Rar!", "et pakket arkiv"),
    (b"7z\xbc\xaf", "et pakket arkiv"),
];

/// What a packed file is: known by the names in it, which stand unpacked in its directory.
fn packed(bytes: &[u8]) -> Result<Kind, Wrong> {
    let has = |name: &str| find(bytes, name.as_bytes());
    if has("xl/workbook.xml") {
        return Ok(Kind::Workbook);
    }
    let what = if has("xl/workbook.bin") {
        "Filen er en binær Excel-projektmappe (.xlsb)."
    } else if has("application/vnd.oasis.opendocument.spreadsheet") {
        "Filen er et regneark fra LibreOffice eller OpenOffice (.ods)."
    } else if has("word/document.xml") {
        return Err(Wrong::new("Filen er et Word-dokument og ikke en liste.")
            .help("Kopiér tabellen over i Excel, og gem den der."));
    } else if has("xl/") {
        "Filen er en Excel-projektmappe, der er gået i stykker."
    } else {
        return Err(Wrong::new(
            "Filen er pakket, og det er ikke en Excel-projektmappe (.xlsx), der kan læses.",
        )
        .help("Pak den ud, og tag listen i den. Er det en projektmappe, så åbn den i Excel, og gem den igen."));
    };
    Err(Wrong::new(what).help(SAVE))
}

/// What stands in the container of the older Office: names there are UTF-16.
fn compound(bytes: &[u8]) -> Wrong {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(bytes, &wide)
    };
    if has("EncryptedPackage") || has("EncryptionInfo") {
        return Wrong::new("Projektmappen er beskyttet med en adgangskode.").help(
            "Åbn den i Excel, fjern adgangskoden under Filer > Oplysninger > Beskyt projektmappe, og gem den igen.",
        );
    }
    let what = if has("Workbook") || has("Book") {
        "Filen er en ældre Excel-projektmappe (.xls)."
    } else {
        "Filen er fra et ældre Office-program og er ikke en liste, der kan læses."
    };
    Wrong::new(what).help(SAVE)
}

fn find(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        let wide = |text: &str| -> Vec<u8> {
            let names = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xd0, 0xcf, 0x11, 0xe0].into_iter().chain(names).collect()
        };
        let zip = |name: &str| [b"PK\x03\x04....", name.as_bytes()].concat();
        let table: [(Vec<u8>, Result<Kind, &str>); 13] = [
            (b"navn;email".to_vec(), Ok(Kind::Text)),
            (Vec::new(), Ok(Kind::Text)),
            (zip("xl/workbook.xml"), Ok(Kind::Workbook)),
            (zip("xl/workbook.bin"), Err("(.xlsb)")),
            (zip("xl/sharedStrings.xml"), Err("gået i stykker")),
            (
                zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
                Err("(.ods)"),
            ),
            (zip("word/document.xml"), Err("Word-dokument")),
            (zip("liste.csv"), Err("pakket")),
            (wide("EncryptedPackage"), Err("adgangskode")),
            (wide("Workbook"), Err("(.xls)")),
            (wide("WordDocument"), Err("ældre Office")),
            (b"%PDF-1.7".to_vec(), Err("PDF")),
            (vec![b'a'; BYTES_MAX + 1], Err("20 MB")),
        ];
        for (bytes, expect) in table {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
            match (of(&bytes), expect) {
                (Ok(kind), Ok(expected)) => assert_eq!(kind, expected, "{shown}"),
                (Err(wrong), Err(words)) => {
                    assert!(wrong.message.contains(words), "{shown}: {wrong:?}");
                    assert!(wrong.help.is_some(), "{wrong:?}");
                }
                (got, _) => panic!("{shown}: {got:?}"),
            }
        }
    }
}
