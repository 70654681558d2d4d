//! Words looked for in bytes, however they may be written there.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The ways in which words may stand in a file: as UTF-8 and as UTF-16, coded as mail codes them, in hexadecimal.
pub fn ways(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf8 = word.as_bytes().to_vec();
    let lower = word.to_lowercase().into_bytes();
    let utf16 = |of: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(of).collect();
    let mut ways = vec![
        ("as it is", utf8.clone()),
        ("in small letters", lower),
        ("in quoted-printable", quoted(word).into_bytes()),
        ("in hexadecimal", hex(&utf8).into_bytes()),
        ("as JSON writes what is not ASCII", json(word).into_bytes()),
        ("in UTF-16, little end first", utf16(u16::to_le_bytes)),
        ("in UTF-16, big end first", utf16(u16::to_be_bytes)),
    ];
    // Where a word begins in base64 depends on what is before it.
    for before in 0..3 {
        ways.push(("in base64", base64_inside(&utf8, before)));
    }
    ways
}

/// Where any of these words stands in a file of a folder, and how.
pub fn found_in(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(folder) {
        let name = path
            .strip_prefix(folder)
            .expect("below")
            .display()
            .to_string();
        // Names of files tell as well.
        let mut bytes = name.clone().into_bytes();
        bytes.push(0);
        match fs::read(&path) {
            Ok(read) => bytes.extend(read),
            // The service runs meanwhile: what is gone since the folder was listed holds nothing any more.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => panic!("{name}: {error}"),
        }
        found.extend(found_in_bytes(&name, &bytes, words));
    }
    found
}

/// The same of bytes that are called so.
pub fn found_in_bytes(name: &str, bytes: &[u8], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    // Lines of a mail end wherever they are full; in quoted-printable with a sign for it.
    let joined = without(&without(&without(bytes, b"=\r\n"), b"\r\n"), b"\n");
    for word in words {
        for (way, wanted) in ways(word) {
            if [bytes, &joined]
                .into_iter()
                .any(|bytes| has(bytes, &wanted))
            {
                found.push(format!("{name}: {word} {way}"));
            }
        }
    }
    found
}

fn without(bytes: &[u8], cut: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(cut) {
            at += cut.len();
        } else {
            kept.push(bytes[at]);
            at += 1;
        }
    }
    kept
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    let Some(first) = wanted.first() else {
        return false;
    };
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| byte == first) {
        if bytes[from + at..].starts_with(wanted) {
            return true;
        }
        from += at + 1;
    }
    false
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn quoted(word: &str) -> String {
    let one = |byte: &u8| {
        if byte.is_ascii() {
            char::from(*byte).to_string()
        } else {
            format!("={byte:02X}")
        }
    };
    word.as_bytes().iter().map(one).collect()
}

fn json(word: &str) -> String {
    let one = |c: char| {
        if c.is_ascii() {
            c.to_string()
        } else {
            format!("\\u{:04x}", u32::from(c))
        }
    };
    word.chars().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What base64 makes of bytes that have so many before them, less the letters that depend on what is around.
fn base64_inside(bytes: &[u8], before: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, before)
        .chain(bytes.iter().copied())
        .collect();
    let bit = |at: usize| {
        padded
            .get(at / 8)
            .map_or(0, |byte| byte >> (7 - at % 8) & 1)
    };
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let letter = |at: usize| (0..6).fold(0, |value, within| value << 1 | bit(at * 6 + within));
    (first..last)
        .map(|at| LETTERS[usize::from(letter(at))])
        .collect()
}

#[test]
fn words_are_found_however_they_are_written() {
    let words = ["Zornæbsen"];
    for (written, way) in [
        (&b"Fru Zorn\xc3\xa6bsen"[..], "as it is"),
        (b"U3Yga8OmcmUgWm9ybsOmYnNlbiE=", "in base64"),
        (b"IFpvcm7DpmJzZW4=", "in base64"),
        (b"Zorn=C3=A6b=\r\nsen", "in quoted-printable"),
        (b"Zorn=C3=A6bsen", "in quoted-printable"),
        (b"Z\0o\0r\0n\0\xe6\0b\0s\0e\0n\0", "in UTF-16"),
        (b"5a6f726ec3a66273656e", "in hexadecimal"),
    ] {
        let found = found_in_bytes("x", written, &words);
        assert!(
            found.iter().any(|found| found.contains(way)),
            "{way}: {found:?}"
        );
    }
    assert_eq!(found_in_bytes("x", b"Anna Birkmose", &words), [""; 0]);
}
