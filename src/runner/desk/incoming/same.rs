//! Whether two lines, or a line and somebody who is known, are the same person.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is known of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Who {
    /// In full, as written.
    pub name: String,
    /// As written; empty when there is none.
    pub email: String,
    /// ISO.
    pub born: Option<String>,
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
pub(super) fn likeness(one: &Who, other: &Who) -> Option<Likeness> {
    let address = !one.email.is_empty() && same_address(&one.email, &other.email);
    let name = name_key(&one.name) == name_key(&other.name) && !one.name.trim().is_empty();
    let births = one.born.as_ref().zip(other.born.as_ref());
    match (address, name, births) {
        (true, true, Some((a, b))) if a != b => Some(Likeness::OtherBirth),
        (true, true, _) => Some(Likeness::Same),
        (true, false, _) => Some(Likeness::OtherName),
        (false, true, Some((a, b))) if a == b => Some(Likeness::OtherAddress),
        (false, ..) => None,
    }
}

/// Addresses differ in nothing but case.
fn same_address(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
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
        let who = |name: &str, email: &str, born: &str| Who {
            name: name.to_owned(),
            email: email.to_owned(),
            born: (!born.is_empty()).then(|| born.to_owned()),
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
        }
        assert_eq!(
            likeness(&who("", "", "1987-04-12"), &who("", "", "1987-04-12")),
            None
        );
    }
}
