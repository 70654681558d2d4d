//! Names and addresses for people who do not exist.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Cast, Player};
use crate::calendar::capital;

impl Cast {
    /// Sample candidates, so many. Nobody is called so.
    #[must_use]
    pub fn sample_players(count: usize, start: Date) -> Vec<Player> {
        let born = Some(start.saturating_sub(34.years()));
        (0..count)
            .map(|number| Player {
                born,
                ..sample_player(number)
            })
            .collect()
    }
}

const FIRST_NAMES: [&str; 24] = [
    "Amina", "Bo", "Cæcilie", "Dang Le", "Esben", "Fatima", "Gunhild", "Hassan", "Ida", "Jørgen",
    "Kamilla", "Leif", "Maryam", "Niels", "Oline", "Poul", "Rønne", "Signe", "Torben", "Ulla",
    "Vibeke", "Yusuf", "Ærø", "Åse",
];
const LAST_NAMES: [&str; 24] = [
    "Ågren",
    "Østergaard",
    "Holm",
    "Zacho",
    "Aaby",
    "Ærø",
    "Kjær",
    "Lund",
    "Brøndsholm",
    "Damkær",
    "Engholt",
    "Fuglevad",
    "Grønhøj",
    "Hedeby",
    "Iversholt",
    "Jernved",
    "Klithøj",
    "Lyngsøe",
    "Mosegren",
    "Nørrebæk",
    "Overgård",
    "Pilekær",
    "Ravnsø",
    "Skovdal",
];

/// The sample candidate of a place in the list, from 0.
pub(super) fn sample_player(number: usize) -> Player {
    let (index, round) = (number % FIRST_NAMES.len(), number / FIRST_NAMES.len());
    // Each round goes with other last names, so that two are called the same only after many.
    let last = LAST_NAMES[(index + round * 5) % LAST_NAMES.len()];
    Player {
        name: format!("{} {last}", FIRST_NAMES[index]),
        ..Player::default()
    }
}

/// `eva.aagrenholt@kommune.example` is probably Eva Aagrenholt.
pub(super) fn name_from(address: &str) -> String {
    let local = address.split('@').next().unwrap_or(address);
    let words = local
        .split(['.', '-', '_'])
        .filter(|word| !word.is_empty())
        .map(capital);
    words.collect::<Vec<_>>().join(" ")
}

/// A mail address's local part made of a name: `bo.oestergaard`.
pub(super) fn slug(name: &str) -> String {
    let plain = name
        .to_lowercase()
        .replace('æ', "ae")
        .replace('ø', "oe")
        .replace('å', "aa");
    let words = plain
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join(".");
    if slug.is_empty() {
        "uden.navn".to_owned()
    } else {
        slug
    }
}
