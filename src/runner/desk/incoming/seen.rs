//! What was seen is what is done: a preview as a hash, and what has changed since.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::decide::Decided;
use super::{Incoming, IncomingRow, What};
use crate::runner::desk::{DeskError, Wrong};

/// Hex digits of the whole, so many that nobody meets the same twice.
const HASH_DIGITS: usize = 16;
/// Of a row, to tell which one has changed.
const ROW_DIGITS: usize = 4;

/// Writes the hash into a preview: of all that a person sees, and of whom each row was taken for.
pub(super) fn mark(incoming: &mut Incoming, decided: &[(u64, Decided)]) {
    let decided: BTreeMap<u64, &Decided> = decided.iter().map(|(line, one)| (*line, one)).collect();
    let words: Vec<String> = incoming
        .rows
        .iter()
        .map(|row| word(row, decided.get(&row.line).copied()))
        .collect();
    let mut all = Sha256::new();
    let whole = (
        &incoming.cohort,
        &incoming.file_hash,
        &incoming.columns,
        &incoming.problems,
    );
    all.update(serde_json::to_vec(&whole).unwrap_or_default());
    for (row, one) in incoming
        .rows
        .iter()
        .map(|row| (row, decided.get(&row.line)))
    {
        all.update(bytes(row, one.copied()));
    }
    incoming.hash = hex(&all.finalize(), HASH_DIGITS);
    incoming.seen = format!("{}.{}", incoming.hash, words.join(","));
}

/// Whether a preview is the one that was seen, given by its short hash or with a word for each row.
pub(super) fn agrees(incoming: &Incoming, seen: &str) -> Result<(), DeskError> {
    let (hash, words) = seen.trim().split_once('.').unwrap_or((seen.trim(), ""));
    if hash == incoming.hash {
        return Ok(());
    }
    let wrong = Wrong::new("Listen er ikke længere, som da du så den.")
        .help("Intet er taget ind. Se den igen, og tag den så ind.");
    let mut wrongs = vec![wrong];
    wrongs.extend(changed(incoming, words));
    Err(DeskError::Wrong(wrongs))
}

/// Line by line what is otherwise than it was seen.
fn changed(incoming: &Incoming, words: &str) -> Vec<Wrong> {
    let (_, now) = incoming.seen.split_once('.').unwrap_or_default();
    let (before, now) = (by_line(words), by_line(now));
    if before.is_empty() {
        return Vec::new();
    }
    let row_of = |line: u64| incoming.rows.iter().find(|row| row.line == line);
    let gone = before
        .iter()
        .filter(|(line, _)| !now.contains_key(line))
        .map(|(line, _)| Wrong::new("Linjen er her ikke længere.").line(*line));
    let others = now.iter().filter_map(|(line, word)| {
        let row = row_of(*line)?;
        let words = words_of(row);
        match before.get(line) {
            None => Some(Wrong::new(format!("Linjen er kommet til: {words}.")).line(*line)),
            Some(known) if known != word => {
                let was = was(known);
                Some(Wrong::new(format!("Linjen var {was} og er nu {words}.")).line(*line))
            }
            Some(_) => None,
        }
    });
    gone.chain(others).collect()
}

fn words_of(row: &IncomingRow) -> String {
    let what = what_words(row.what);
    match &row.note {
        Some(note) => format!("{what} ({note})"),
        None => what.to_owned(),
    }
}

pub(super) fn what_words(what: What) -> &'static str {
    match what {
        What::New => "ny",
        What::Known => "kendt",
        What::Skipped => "sprunget over",
        What::Wrong => "forkert",
    }
}

const LETTERS: [(What, char); 4] = [
    (What::New, 'n'),
    (What::Known, 'k'),
    (What::Skipped, 's'),
    (What::Wrong, 'w'),
];

/// What a row was, by the first letter of its word.
fn was(word: &str) -> &'static str {
    let found = LETTERS.iter().find(|(_, letter)| word.starts_with(*letter));
    found.map_or("noget andet", |(what, _)| what_words(*what))
}

/// `12n9c1a`: the line, a letter for what becomes of it, and some digits for all the rest.
fn word(row: &IncomingRow, one: Option<&Decided>) -> String {
    let letter = LETTERS.iter().find(|(what, _)| *what == row.what);
    let letter = letter.map_or('w', |(_, letter)| *letter);
    let digest = hex(&Sha256::digest(bytes(row, one)), ROW_DIGITS);
    format!("{}{letter}{digest}", row.line)
}

fn by_line(words: &str) -> BTreeMap<u64, &str> {
    let words = words.split(',').filter_map(|word| {
        let at = word.find(|c: char| !c.is_ascii_digit())?;
        Some((word[..at].parse().ok()?, &word[at..]))
    });
    words.collect()
}

/// A row with what is to be stored of it.
fn bytes(row: &IncomingRow, one: Option<&Decided>) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(row).unwrap_or_default();
    bytes.extend(format!("{one:?}").into_bytes());
    bytes
}

fn hex(digest: &[u8], digits: usize) -> String {
    let all: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    all[..digits.min(all.len())].to_owned()
}
