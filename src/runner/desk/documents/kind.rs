//! What a file is, by its bytes and never by its name; and why one is not taken.

use std::io::Cursor;

use zip::ZipArchive;

use super::DocumentAsked;
use crate::runner::desk::Wrong;
use crate::runner::desk::cells::refuse_cpr;

const PDF: (&str, &str) = ("application/pdf", "pdf");
const DOCX: (&str, &str) = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "docx",
);
const ODT: (&str, &str) = ("application/vnd.oasis.opendocument.text", "odt");
const PNG: (&str, &str) = ("image/png", "png");
const JPEG: (&str, &str) = ("image/jpeg", "jpg");
const TEXT: (&str, &str) = ("text/plain; charset=utf-8", "txt");

/// What can be taken.
const SAVE: &str =
    "Gem den som PDF, Word (.docx), OpenDocument (.odt), billede (PNG eller JPEG) eller ren tekst.";

/// The kind of a file as HTTP names it, and what its name ends with.
pub(super) fn of(bytes: &[u8]) -> Result<(&'static str, &'static str), Wrong> {
    if bytes.is_empty() {
        return Err(Wrong::new("Filen er tom.").help("Vælg en anden."));
    }
    if bytes.len() > DocumentAsked::BYTES_MAX {
        return Err(too_large());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return packed(bytes);
    }
    for (begins, kind) in [
        (&b"%PDF-"[..], PDF),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"\xff\xd8\xff", JPEG),
    ] {
        if bytes.starts_with(begins) {
            return Ok(kind);
        }
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let wrong = Wrong::new("Filen er fra et ældre Office-program eller har en adgangskode.");
        return Err(wrong.help(SAVE));
    }
    text(bytes)
}

/// Why a file is not read on.
pub(super) fn too_large() -> Wrong {
    Wrong::new("Filen er for stor: den må højst fylde 5 MB.")
        .help("Gem den igen med mindre billeder, eller del den i to.")
}

/// A document that is a packet; it is known by what is in it, and nothing of it is unpacked.
fn packed(bytes: &[u8]) -> Result<(&'static str, &'static str), Wrong> {
    const MIMETYPE: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.text";
    let broken = || Wrong::new("Filen er pakket, og det er ikke et dokument.").help(SAVE);
    let packet = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    let names = || packet.file_names().flatten();
    let has = |end: &str| names().any(|name| name.ends_with(end));
    // What the format says of itself stands first and unpacked, behind a head of 30 bytes.
    let first = &bytes[30.min(bytes.len())..];
    // A template or a sheet has a longer name.
    let is_text = |rest: &[u8]| !rest.starts_with(b"-");
    if first.strip_prefix(MIMETYPE).is_some_and(is_text) && has("content.xml") {
        return Ok(ODT);
    }
    if !(has("word/document.xml") && has("[Content_Types].xml")) {
        return Err(broken());
    }
    if has("vbaProject.bin") {
        let wrong = Wrong::new("Dokumentet rummer makroer, og dem kan en fil på en sag ikke have.");
        return Err(wrong.help("Gem det som PDF eller som et almindeligt Word-dokument (.docx)."));
    }
    Ok(DOCX)
}

/// What can be read as it stands.
fn text(bytes: &[u8]) -> Result<(&'static str, &'static str), Wrong> {
    let is_text = |text: &&str| {
        !text
            .chars()
            .any(|c| c.is_control() && !"\t\n\r".contains(c))
    };
    let Some(text) = std::str::from_utf8(bytes).ok().filter(is_text) else {
        return Err(Wrong::new("Filen er ikke af en slags, der kan lægges på en sag.").help(SAVE));
    };
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(Wrong::new("Der står intet i filen.").help("Vælg en anden."));
    }
    refuse_cpr(text)?;
    Ok(TEXT)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn packet(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let plain = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, text) in parts {
            zip.start_file(*name, plain).expect("a part");
            zip.write_all(text.as_bytes()).expect("it is written");
        }
        zip.finish().expect("a packet").into_inner()
    }

    #[test]
    fn bytes_tell_what_a_file_is() {
        let odf = "application/vnd.oasis.opendocument.";
        let word = [("[Content_Types].xml", ""), ("word/document.xml", "")];
        let odt = format!("{odf}text");
        let template = format!("{odf}text-template");
        let sheet = format!("{odf}spreadsheet");
        let open = |kind: &str| packet(&[("mimetype", kind), ("content.xml", "")]);
        let table: [(Vec<u8>, Result<&str, &str>); 19] = [
            (b"%PDF-1.7 ...".to_vec(), Ok("pdf")),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), Ok("png")),
            (b"\xff\xd8\xff\xe0....".to_vec(), Ok("jpg")),
            (packet(&word), Ok("docx")),
            (open(&odt), Ok("odt")),
            ("Søs Ågren\r\nErfaring".into(), Ok("txt")),
            (b"<html><script>".to_vec(), Ok("txt")),
            (open(&template), Err("ikke et dokument")),
            (open(&sheet), Err("ikke et dokument")),
            (packet(&[("xl/workbook.xml", "")]), Err("ikke et dokument")),
            (
                packet(&[word[0], word[1], ("word/vbaProject.bin", "")]),
                Err("makroer"),
            ),
            (
                b"PK\x03\x04word/document.xml".to_vec(),
                Err("ikke et dokument"),
            ),
            (vec![0xd0, 0xcf, 0x11, 0xe0, 0], Err("ældre Office")),
            (b"MZ\x90\x00".to_vec(), Err("slags")),
            (b"S\xf8s".to_vec(), Err("slags")),
            (Vec::new(), Err("tom")),
            (b" \r\n".to_vec(), Err("intet")),
            (b"CPR 010190-1234".to_vec(), Err("CPR")),
            (vec![b'a'; DocumentAsked::BYTES_MAX + 1], Err("5 MB")),
        ];
        for (bytes, expect) in table {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
            match (of(&bytes), expect) {
                (Ok((_, ending)), Ok(expected)) => assert_eq!(ending, expected, "{shown}"),
                (Err(wrong), Err(words)) => {
                    assert!(wrong.message.contains(words), "{shown}: {wrong:?}");
                    assert!(wrong.help.is_some(), "{wrong:?}");
                }
                (got, _) => panic!("{shown}: {got:?}"),
            }
        }
        let largest = vec![b'a'; DocumentAsked::BYTES_MAX];
        assert!(of(&largest).is_ok(), "the last byte that fits");
    }
}
