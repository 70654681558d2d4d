//! Keys: read from a text, known by their ids, and never said.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use sha2::{Digest as _, Sha256};

use super::{Cell, Unopened};
use crate::access::Secret;

/// Bytes of a key.
const LONG: usize = 32;
/// Bytes of a key's hash that are its id: enough to tell an installation's keys apart.
const ID_BYTES: usize = 4;

/// The keys that a process was given: the first seals what is new, any opens. Clones share them.
///
/// They are read from a text with a key on each line; what follows a `#` is a remark.
///
/// ```
/// use tovholder::seal::{Keys, fresh_key};
/// let keys: Keys = format!("# til 2027\n{}\n{} # den gamle\n", fresh_key(), fresh_key()).parse()?;
/// assert_eq!(keys.ids().count(), 2);
/// assert!("hemmelig".parse::<Keys>().is_err() && "# intet".parse::<Keys>().is_err());
/// # Ok::<(), tovholder::seal::BadKeys>(())
/// ```
#[derive(Clone, Default)]
pub struct Keys(Arc<[Key]>);

#[derive(Clone)]
struct Key {
    id: String,
    /// None when it is lost.
    key: Option<LessSafeKey>,
}

/// Why a text is no keys. It never repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// There is nothing but remarks.
    #[error("there is no key in it")]
    None,
    /// A word is none.
    #[error(
        "word {0} of it is no key: a key is 44 characters of base64, as `tovholder key new` makes it"
    )]
    NotOne(usize),
}

/// A new key as text, from the operating system.
#[must_use]
pub fn fresh_key() -> String {
    BASE64_STANDARD.encode(Secret::fresh().bytes())
}

impl Keys {
    /// The ids of the keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let held = self.0.iter().filter(|key| key.key.is_some());
        held.map(|key| key.id.as_str())
    }

    /// The id of the key that seals; none when there are no keys.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.ids().next()
    }

    /// Whether a key is among them.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.ids().any(|its| its == id)
    }

    /// These, and a key that is lost for ever: nobody waits for it any more.
    #[must_use]
    pub fn without(&self, lost: &str) -> Self {
        let lost = Key {
            id: lost.to_owned(),
            key: None,
        };
        Self(self.0.iter().cloned().chain([lost]).collect())
    }

    /// Whether a key is known to be lost.
    #[must_use]
    pub fn is_lost(&self, id: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|key| key.id == id && key.key.is_none())
    }

    pub(super) fn key(&self, id: &str, cell: Cell<'_>) -> Result<&LessSafeKey, Unopened> {
        let found = self.0.iter().find(|key| key.id == id);
        let found = found.and_then(|key| key.key.as_ref());
        found.ok_or_else(|| Unopened::NoKey {
            key: id.to_owned(),
            cell: cell.to_string(),
        })
    }
}

/// Nobody reads a key in a log.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl FromStr for Keys {
    type Err = BadKeys;

    fn from_str(text: &str) -> Result<Self, BadKeys> {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default());
        let words = lines.flat_map(|line| line.split([' ', '\t', ',']));
        let words = words.filter(|word| !word.is_empty());
        let keys: Vec<Key> = (words.enumerate())
            .map(|(at, word)| Key::read(word).ok_or(BadKeys::NotOne(at + 1)))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(BadKeys::None);
        }
        Ok(Self(keys.into()))
    }
}

impl Key {
    fn read(word: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(word).ok()?;
        let bytes: [u8; LONG] = bytes.try_into().ok()?;
        let hash = Sha256::new()
            .chain_update(b"tovholder key\n")
            .chain_update(bytes);
        let id = hash.finalize()[..ID_BYTES]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?);
        Some(Self { id, key: Some(key) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_keys_or_says_which_word_is_none() {
        let [a, b] = [fresh_key(), fresh_key()];
        let table: [(String, Result<usize, BadKeys>); 9] = [
            (a.clone(), Ok(1)),
            (format!("{a}\n"), Ok(1)),
            (format!("# id\n\n{a}  # den nye\r\n{b}"), Ok(2)),
            (format!("{a},{b}"), Ok(2)),
            (String::new(), Err(BadKeys::None)),
            ("# kun ord\n".into(), Err(BadKeys::None)),
            (format!("{a}\nhemmelig"), Err(BadKeys::NotOne(2))),
            (a[..43].into(), Err(BadKeys::NotOne(1))),
            (BASE64_STANDARD.encode([7; 31]), Err(BadKeys::NotOne(1))),
        ];
        for (text, expect) in table {
            let read = text.parse::<Keys>().map(|keys| keys.ids().count());
            assert_eq!(read, expect, "{text}");
        }
        let keys: Keys = format!("{a}\n{b}").parse().expect("keys");
        let alone: Keys = b.parse().expect("a key");
        assert_eq!(keys.ids().nth(1), alone.first());
        assert!(keys.has(alone.first().expect("an id")) && keys.first() != alone.first());
    }

    #[test]
    fn no_key_is_ever_said() {
        let text = fresh_key();
        let keys: Keys = text.parse().expect("a key");
        let cell = Cell {
            column: "notes.text",
            row: 1,
            name: "a",
        };
        let short = format!("{} {text}x", &text[..40]);
        let said = [
            format!("{keys:?}"),
            format!(
                "{:?} {}",
                keys.open("00000000", cell, Vec::new()),
                keys.first().expect("an id")
            ),
            format!("{0:?} {0}", short.parse::<Keys>().expect_err("no key")),
        ];
        for said in said {
            assert!(!said.contains(&text[..8]), "{said}");
        }
    }
}
