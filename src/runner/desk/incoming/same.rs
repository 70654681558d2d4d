//! Whether two lines, or a line and somebody who is known, are the same person.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is known of somebody, as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Who {
    /// By [`name_key`].
    name: String,
    /// In small letters; empty when there is none.
    email: String,
    /// ISO.
    born: Option<String>,
}

impl Who {
    /// Somebody, as written.
    pub fn new(name: &str, email: &str, born: Option<String>) -> Self {
        Self {
            name: name_key(name),
            email: email.trim().to_lowercase(),
            born,
        }
    }
}

/// People who are to be compared with many others: who may be meant is looked up, and not everybody asked.
#[derive(Clone, Debug)]
pub(super) struct Crowd<T> {
    all: Vec<(Who, T)>,
    by_email: HashMap<String, Vec<usize>>,
    by_birth: HashMap<(String, String), Vec<usize>>,
}

impl<T> Default for Crowd<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            by_email: HashMap::new(),
            by_birth: HashMap::new(),
        }
    }
}

impl<T> Crowd<T> {
    /// One more.
    pub fn add(&mut self, who: Who, what: T) {
        let at = self.all.len();
        if !who.email.is_empty() {
            self.by_email.entry(who.email.clone()).or_default().push(at);
        }
        if let Some(born) = &who.born {
            let key = (who.name.clone(), born.clone());
            self.by_birth.entry(key).or_default().push(at);
        }
        self.all.push((who, what));
    }

    /// Those whom somebody may be, in the order in which they came.
    pub fn alike(&self, who: &Who) -> Vec<(&T, Likeness)> {
        let by_email = self.by_email.get(&who.email);
        let by_birth = who.born.as_ref().and_then(|born| {
            let key = (who.name.clone(), born.clone());
            self.by_birth.get(&key)
        });
        let found: BTreeSet<usize> = (by_email.into_iter())
            .chain(by_birth)
            .flatten()
            .copied()
            .collect();
        let alike = found.into_iter().filter_map(|at| {
            let (other, what) = &self.all[at];
            Some((what, likeness(who, other)?))
        });
        alike.collect()
    }
}

/// How alike two are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same person: address and name agree, and no day of birth speaks against it.
    Same,
    /// One address, two names.
    OtherName,
    /// One address and name, two days of birth.
    OtherBirth,
    /// One name and day of birth, two addresses or only one.
    OtherAddress,
}

/// How alike two are; none when nothing suggests that they are one.
fn likeness(one: &Who, other: &Who) -> Option<Likeness> {
    let address = !one.email.is_empty() && one.email == other.email;
    let name = !one.name.is_empty() && one.name == other.name;
    let births = one.born.as_ref().zip(other.born.as_ref());
    match (address, name, births) {
        (true, true, Some((a, b))) if a != b => Some(Likeness::OtherBirth),
        (true, true, _) => Some(Likeness::Same),
        (true, false, _) => Some(Likeness::OtherName),
        (false, true, Some((a, b))) if a == b => Some(Likeness::OtherAddress),
        (false, ..) => None,
    }
}

/// A name as it is compared: without case, accents, signs and double blanks; æ, ø and å as people write them who do
/// not have them (ae, oe, aa), also where they come apart into a letter and its ring.
pub(super) fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name.nfc().flat_map(char::to_lowercase) {
        match letter {
            'æ' | 'ä' => key.push_str("ae"),
            'ø' | 'ö' | 'œ' => key.push_str("oe"),
            'å' => key.push_str("aa"),
            'ü' => key.push('y'),
            'ß' => key.push_str("ss"),
            'ł' => key.push('l'),
            'đ' | 'ð' => key.push('d'),
            'þ' => key.push_str("th"),
            letter if letter.is_alphanumeric() => {
                key.extend(letter.nfkd().filter(|part| !is_combining_mark(*part)));
            }
            // What is between words: a blank of any kind, a hyphen. A dot or an apostrophe is nothing.
            letter if letter.is_whitespace() || is_dash(letter) => key.push(' '),
            _ => {}
        }
    }
    key.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_however_it_is_written() {
        let table: [(&str, &str, bool); 16] = [
            ("Søren Kjær", "søren  kjær", true),
            ("Søren Kjær", "Soeren Kjaer", true),
            ("Åse Aagaard", "Aase Ågaard", true),
            ("A\u{30a}se Bo", "Åse Bo", true),
            ("Andre\u{301} Bo", "André Bo", true),
            ("René Dupont", "Rene Dupont", true),
            ("Anne-Marie Juhl", "Anne Marie Juhl", true),
            ("Anne\u{2011}Marie\u{a0}Juhl", "anne marie juhl ", true),
            ("Hans P. Holm", "Hans P Holm", true),
            ("Müller", "Myller", true),
            ("Łukasz Żak", "Lukasz Zak", true),
            ("STRAẞE", "strasse", true),
            ("Søren Kjær", "Sören Kjär", true),
            ("Søren Kjær", "Søren Kær", false),
            ("Bo Holm", "Bo", false),
            ("Bo Holm", "Holm Bo", false),
        ];
        for (one, other, same) in table {
            assert_eq!(name_key(one) == name_key(other), same, "{one} {other}");
        }
    }

    #[test]
    fn two_are_the_same_when_nothing_speaks_against_it() {
        let who = |name: &str, email: &str, born: &str| {
            Who::new(name, email, (!born.is_empty()).then(|| born.to_owned()))
        };
        let anna = who("Anna Å", "anna@post.example", "1987-04-12");
        let table = [
            (
                who("anna aa", "ANNA@post.example", "1987-04-12"),
                Some(Likeness::Same),
            ),
            (who("Anna Å", "anna@post.example", ""), Some(Likeness::Same)),
            (
                who("Anna Å", "anna@post.example", "1987-04-13"),
                Some(Likeness::OtherBirth),
            ),
            (
                who("Anna Ny", "anna@post.example", "1987-04-12"),
                Some(Likeness::OtherName),
            ),
            (
                who("Anna Å", "a@post.example", "1987-04-12"),
                Some(Likeness::OtherAddress),
            ),
            (
                who("Anna Å", "", "1987-04-12"),
                Some(Likeness::OtherAddress),
            ),
            (who("Anna Å", "a@post.example", ""), None),
            (who("Bo", "a@post.example", "1987-04-12"), None),
        ];
        for (other, expect) in table {
            assert_eq!(likeness(&anna, &other), expect, "{other:?}");
            assert_eq!(likeness(&other, &anna), expect, "{other:?}");
            // A crowd finds whoever is alike, and nobody else.
            let mut crowd = Crowd::default();
            crowd.add(who("Nogen", "nogen@post.example", "1987-04-12"), 1);
            crowd.add(other, 2);
            let found: Vec<Likeness> = crowd.alike(&anna).into_iter().map(|(_, how)| how).collect();
            assert_eq!(found, expect.into_iter().collect::<Vec<_>>());
        }
        assert_eq!(
            likeness(&who("", "", "1987-04-12"), &who("", "", "1987-04-12")),
            None
        );
    }
}
