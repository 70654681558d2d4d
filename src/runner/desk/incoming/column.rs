//! What a list of candidates can hold, and what people call it.

use crate::definition::model::{CANDIDATE, JOBCENTRE, Name, Per, Workflow};

/// What a column of a list can hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// The whole name.
    Name,
    /// First names.
    First,
    /// Last names.
    Last,
    /// The mail address.
    Email,
    /// The telephone number.
    Phone,
    /// The day of birth.
    Born,
    /// Where the candidate belongs.
    Jobcentre,
    /// Who fills a role.
    Role(Name),
    /// A fact.
    Fact(Name),
}

/// A column that the workflow's list may have, with what people call it, in plain letters.
pub(super) struct Known {
    pub column: Column,
    /// As a person types it.
    pub key: String,
    /// What real lists call it besides.
    pub others: Vec<String>,
    /// What the workflow calls it.
    pub titles: Vec<String>,
}

impl Column {
    /// As a person types it.
    pub fn key(&self) -> String {
        match self {
            Self::Name => "navn".to_owned(),
            Self::First => "fornavn".to_owned(),
            Self::Last => "efternavn".to_owned(),
            Self::Email => "email".to_owned(),
            Self::Phone => "telefon".to_owned(),
            Self::Born => "foedselsdato".to_owned(),
            Self::Jobcentre => "jobcenter".to_owned(),
            Self::Role(role) => format!("rolle:{role}"),
            Self::Fact(fact) => format!("fakta:{fact}"),
        }
    }

    /// What real lists call it besides, in plain letters.
    fn others(&self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "fuldenavn",
                "fuldtnavn",
                "heltnavn",
                "kandidat",
                "kandidatnavn",
                "kandidatensnavn",
                "deltager",
                "deltagernavn",
                "deltagersnavn",
                "borger",
                "borgernavn",
                "borgersnavn",
                "forogefternavn",
                "fornavnogefternavn",
                "name",
                "fullname",
            ],
            Self::First => &["fornavne", "firstname", "givenname"],
            Self::Last => &["efternavne", "lastname", "surname"],
            Self::Email => &[
                "mail",
                "mailadresse",
                "emailadresse",
                "epost",
                "epostadresse",
                "mailadr",
                "emailadr",
                "privatmail",
                "privatemail",
                "emailaddress",
            ],
            Self::Phone => &[
                "tlf",
                "tlfnr",
                "tlfnummer",
                "telefonnr",
                "telefonnummer",
                "mobil",
                "mobilnr",
                "mobilnummer",
                "mobiltelefon",
                "mobiltlf",
                "phone",
                "mobile",
            ],
            Self::Born => &[
                "foedt",
                "foedselsdag",
                "foedselsdata",
                "foedtden",
                "fdato",
                "fdag",
                "birthdate",
                "dateofbirth",
            ],
            Self::Jobcentre => &[
                "jobcentre",
                "jobcenternavn",
                "kommune",
                "hjemkommune",
                "bopaelskommune",
                "henvisendekommune",
                "henvisendejobcenter",
                "organisation",
            ],
            Self::Role(_) | Self::Fact(_) => &[],
        }
    }
}

const BUILT_IN: [Column; 7] = [
    Column::Name,
    Column::First,
    Column::Last,
    Column::Email,
    Column::Phone,
    Column::Born,
    Column::Jobcentre,
];

/// Titles under which CPR numbers stand.
pub(super) const CPR: [&str; 6] = [
    "cpr",
    "cprnr",
    "cprnummer",
    "personnummer",
    "personnr",
    "cprno",
];

/// What a list for a workflow may have.
pub(super) fn known(workflow: &Workflow) -> Vec<Known> {
    let of = |column: Column, titles: Vec<String>| Known {
        key: column.key(),
        others: column.others().iter().map(ToString::to_string).collect(),
        column,
        titles,
    };
    let roles = workflow.roles.iter().filter(|role| {
        role.per == Per::Candidate && ![CANDIDATE, JOBCENTRE].contains(&&*role.name)
    });
    let facts = workflow.facts.iter();
    (BUILT_IN.into_iter().map(|column| of(column, Vec::new())))
        .chain(roles.map(|role| {
            let title = plain(&role.title);
            let mail = [
                "", "mail", "email", "smail", "semail", "ensmail", "ensemail",
            ];
            let titles = mail.map(|mail| format!("{title}{mail}")).to_vec();
            of(Column::Role(role.name.clone()), titles)
        }))
        .chain(facts.map(|fact| of(Column::Fact(fact.name.clone()), vec![plain(&fact.title)])))
        .collect()
}

/// A title in plain letters: small ones without signs and blanks, æøå as ae oe aa, and without what stands in
/// brackets: `Fødselsdato (dd-mm-åååå)` is `foedselsdato`.
pub(super) fn plain(title: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in title.chars().flat_map(char::to_lowercase) {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            'æ' | 'ä' => plain.push_str("ae"),
            'ø' | 'ö' => plain.push_str("oe"),
            'å' => plain.push_str("aa"),
            'é' | 'è' => plain.push('e'),
            ':' | '_' => plain.push(letter),
            letter if letter.is_alphanumeric() => plain.push(letter),
            _ => {}
        }
    }
    plain.trim_end_matches([':', '_']).to_owned()
}

/// The names of all columns that a list for a workflow may have.
pub(in crate::runner::desk) fn keys(workflow: &Workflow) -> Vec<String> {
    let parts = [Column::First, Column::Last];
    let known = known(workflow).into_iter();
    known
        .filter(|known| !parts.contains(&known.column))
        .map(|known| known.key)
        .collect()
}
