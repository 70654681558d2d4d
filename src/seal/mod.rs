//! What is sealed: who has the database and not the key reads none of it.
//!
//! AES-256-GCM. Each value is sealed by itself under a nonce of chance, and bound to its [`Cell`], so that one that was
//! moved to another row, or changed by a bit, does not open. A sealed value is a byte that says how it is made (1), the
//! nonce, and what the cipher gives, its tag last. Which key it was stands beside it, by the key's id.
//!
//! This room knows no database, no file and no environment: it is given texts and bytes.

mod keys;

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom as _, SystemRandom};

pub use keys::{BadKeys, Keys, fresh_key};

/// How a sealed value is made.
const VERSION: u8 = 1;
/// What stands before the cipher's bytes.
const HEAD: usize = 1 + NONCE_LEN;

/// Where a value stands: it opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'c> {
    /// Table and column.
    pub column: &'static str,
    /// Whose row.
    pub row: i64,
    /// Which of theirs.
    pub name: &'c str,
}

/// Why a value does not open, or is not sealed. It says where, and never what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// The key is not one of those that were given.
    #[error("{cell} needs the key {key}, which this process was not given")]
    NoKey {
        /// Its id.
        key: String,
        /// Where.
        cell: String,
    },
    /// It was changed, or does not belong here.
    #[error("{cell} does not open: it is damaged, or was put there from elsewhere")]
    Broken {
        /// Where.
        cell: String,
    },
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.column, self.row, self.name)
    }
}

impl Cell<'_> {
    /// What a value is bound to. The name stands last, since it may hold anything.
    fn bond(&self) -> Vec<u8> {
        let Self { column, row, name } = self;
        format!("tovholder {VERSION}\n{column}\n{row}\n{name}").into_bytes()
    }

    fn broken(&self) -> Unopened {
        let cell = self.to_string();
        Unopened::Broken { cell }
    }
}

impl Keys {
    /// Seals a value that is to stand in that cell.
    ///
    /// ```
    /// use tovholder::seal::{Cell, Keys, fresh_key};
    /// let keys: Keys = fresh_key().parse()?;
    /// let (key, cell) = (keys.first().unwrap(), Cell { column: "notes.text", row: 7, name: "a" });
    /// let sealed = keys.seal(key, cell, b"Har bil")?;
    /// assert_eq!(keys.open(key, cell, sealed.clone())?, b"Har bil");
    /// assert!(keys.open(key, Cell { row: 8, ..cell }, sealed).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    pub fn seal(&self, by: &str, cell: Cell<'_>, clear: &[u8]) -> Result<Vec<u8>, Unopened> {
        let key = self.key(by, cell)?;
        let mut nonce = [0; NONCE_LEN];
        (SystemRandom::new().fill(&mut nonce)).expect("the operating system gives randomness");
        let mut sealed = Vec::with_capacity(HEAD + clear.len() + key.algorithm().tag_len());
        sealed.push(VERSION);
        sealed.extend(nonce);
        sealed.extend(clear);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag =
            key.seal_in_place_separate_tag(nonce, Aad::from(cell.bond()), &mut sealed[HEAD..]);
        // Only what is longer than 64 GB cannot be sealed.
        sealed.extend(tag.map_err(|_| cell.broken())?.as_ref());
        Ok(sealed)
    }

    /// Opens what stands in a cell.
    pub fn open(&self, by: &str, cell: Cell<'_>, mut sealed: Vec<u8>) -> Result<Vec<u8>, Unopened> {
        let key = self.key(by, cell)?;
        let Some((&VERSION, nonce)) = sealed.get(..HEAD).and_then(<[u8]>::split_first) else {
            return Err(cell.broken());
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| cell.broken())?;
        let opened = key.open_within(nonce, Aad::from(cell.bond()), &mut sealed, HEAD..);
        let long = opened.map_err(|_| cell.broken())?.len();
        sealed.truncate(long);
        Ok(sealed)
    }

    /// Seals words, for a column of text.
    pub fn seal_text(&self, by: &str, cell: Cell<'_>, clear: &str) -> Result<String, Unopened> {
        let sealed = self.seal(by, cell, clear.as_bytes())?;
        Ok(BASE64_STANDARD.encode(sealed))
    }

    /// Opens words.
    pub fn open_text(&self, by: &str, cell: Cell<'_>, sealed: &str) -> Result<String, Unopened> {
        // Which key is missing is said first, whatever stands there.
        self.key(by, cell)?;
        let bytes = BASE64_STANDARD.decode(sealed).map_err(|_| cell.broken())?;
        String::from_utf8(self.open(by, cell, bytes)?).map_err(|_| cell.broken())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CELL: Cell<'static> = Cell {
        column: "texts.text",
        row: 7,
        name: "leave_reason",
    };

    fn keys(how_many: usize) -> Keys {
        let all: Vec<String> = (0..how_many).map(|_| fresh_key()).collect();
        all.join("\n").parse().expect("keys")
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_looks_like_nothing(words in ".{0,300}", at in 0..3_usize) {
            let keys = keys(3);
            let by = keys.ids().nth(at).expect("an id").to_owned();
            let sealed = keys.seal_text(&by, CELL, &words).expect("sealed");
            prop_assert_eq!(keys.open_text(&by, CELL, &sealed).expect("opened"), words.clone());
            let again = keys.seal_text(&by, CELL, &words).expect("sealed");
            prop_assert_ne!(&sealed, &again, "the same words never look the same");
            let bytes = keys.seal(&by, CELL, words.as_bytes()).expect("sealed");
            prop_assert_eq!(keys.open(&by, CELL, bytes).expect("opened"), words.into_bytes());
        }

        #[test]
        fn no_bit_can_be_changed_and_none_left_out(words in ".{0,60}", at: prop::sample::Index, bit in 0..8_u8) {
            let keys = keys(1);
            let by = keys.first().expect("a key");
            let sealed = keys.seal(by, CELL, words.as_bytes()).expect("sealed");
            let mut changed = sealed.clone();
            changed[at.index(sealed.len())] ^= 1 << bit;
            prop_assert_eq!(keys.open(by, CELL, changed), Err(CELL.broken()));
            let short = sealed[..at.index(sealed.len())].to_vec();
            prop_assert_eq!(keys.open(by, CELL, short), Err(CELL.broken()));
        }

        #[test]
        fn any_bytes_are_refused(bytes: Vec<u8>, text in ".{0,80}") {
            let keys = keys(1);
            let by = keys.first().expect("a key");
            prop_assert_eq!(keys.open(by, CELL, bytes), Err(CELL.broken()));
            prop_assert_eq!(keys.open_text(by, CELL, &text), Err(CELL.broken()));
        }
    }

    #[test]
    fn it_opens_in_its_own_cell_with_its_own_key_and_nowhere_else() {
        let keys = keys(2);
        let [first, second] = [0, 1].map(|at| keys.ids().nth(at).expect("an id").to_owned());
        let sealed = keys.seal(&first, CELL, b"Angst").expect("sealed");
        let elsewhere = [
            Cell {
                column: "notes.text",
                ..CELL
            },
            Cell { row: 8, ..CELL },
            Cell {
                name: "leave_reaso",
                ..CELL
            },
            // What is before the name cannot be said by a name.
            Cell {
                row: 70,
                name: "\nleave_reason",
                ..CELL
            },
        ];
        for cell in elsewhere {
            let opened = keys.open(&first, cell, sealed.clone());
            assert_eq!(opened, Err(cell.broken()), "{cell}");
        }
        assert_eq!(keys.open(&second, CELL, sealed.clone()), Err(CELL.broken()));
        let others: Keys = fresh_key().parse().expect("a key");
        let error = others.open(&first, CELL, sealed).expect_err("another key");
        assert!(
            matches!(&error, Unopened::NoKey { key, .. } if *key == first),
            "{error}"
        );
        assert!(others.seal(&first, CELL, b"").is_err(), "nor is it sealed");
    }

    /// Sealed by Python's `cryptography`.
    #[test]
    fn what_another_program_has_sealed_opens_today_and_in_years() {
        let keys: Keys = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
            .parse()
            .expect("a key");
        assert_eq!(keys.first(), Some("6c3a9709"));
        let sealed = "AWRlZmdoaWprbG1ubxpiuRUUjCTqWxBzyLymz5g24mhzqwAw1MC03SozRH1HbtCsAnZLlqnm+Q==";
        let opened = keys.open_text("6c3a9709", CELL, sealed);
        assert_eq!(opened.as_deref(), Ok("Rygsmerter, fået ny læge"));
    }
}
