//! Samples as a mail might read: invented people, places and days for whoever looks at a template.

use jiff::civil::{Date, date};

/// Invented people, by who they are in a mail; a list takes the first ones.
const CANDIDATES: [&str; 3] = ["Anna Birkmose", "Bilal Haddad", "Cecilie Damgren"];
const PEOPLE: [&str; 3] = ["Karen Holmgård", "Jens Aagren", "Mette Lundsø"];
const CHANGES: [&str; 3] = [
    "ny på listen",
    "fra Kursus til Praktik",
    "fravær 2 gange siden sidst",
];
const PLACE: &str = "Lokale 2, Skolevej 1";
/// Mails within another.
const SUBJECTS: [&str; 3] = [
    "Husk: Book en samtale",
    "Fravær den 24. marts 2027",
    "Velkommen til Hold 3",
];
const TEXTS: [&str; 3] = [
    "Hej Karen\n\nHusk at booke en samtale med Anna Birkmose.\n\nVenlig hilsen\nMette Lundsø",
    "Hej Karen\n\nBilal Haddad var ikke mødt i dag.\n\nVenlig hilsen\nMette Lundsø",
    "Hej Karen\n\nHoldet begynder onsdag den 24. marts 2027.\n\nVenlig hilsen\nMette Lundsø",
];

/// What might stand where a text stands; what nobody can guess is named in brackets.
pub(super) fn text(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let last = parts.last().copied().unwrap_or_default();
    let number = parts.iter().rev().find_map(|part| part.parse().ok());
    let number: usize = number.unwrap_or(0);
    let whose = parts.first().copied().unwrap_or_default();
    let is_candidate = [
        "candidate",
        "cases",
        "items",
        "by_state",
        "cohorts",
        "changes",
    ]
    .contains(&whose);
    let people = if is_candidate { CANDIDATES } else { PEOPLE };
    let at = match whose {
        "contact" => 2,
        "people" | "recipient" if number == 0 => 0,
        _ => number,
    };
    let name = people[at % people.len()];
    let first = name.split(' ').next().unwrap_or(name);
    match last {
        "title" if parts.contains(&"cohort") || whose == "cohorts" => {
            format!("Hold {}", number + 3)
        }
        "title" if whose == "contact" => "Tovholder".to_owned(),
        "what" if whose == "changes" => CHANGES[number % CHANGES.len()].to_owned(),
        "subject" if whose == "items" => SUBJECTS[number % SUBJECTS.len()].to_owned(),
        "text" if whose == "items" => TEXTS[number % TEXTS.len()].to_owned(),
        "language" if whose == "items" => "da".to_owned(),
        "what" => "Samtale om forløbet".to_owned(),
        "name" => name.to_owned(),
        "first_name" => first.to_owned(),
        "organisation" => "Jobcenter Nordby".to_owned(),
        "email" => format!("{}@eksempel.example", first.to_lowercase()),
        "phone" => "12 34 56 78".to_owned(),
        "place" => PLACE.to_owned(),
        "id" => "0193".to_owned(),
        _ if parts.contains(&"participants") => {
            [CANDIDATES[0], PEOPLE[0], PEOPLE[1]][number % 3].to_owned()
        }
        _ if parts.contains(&"by") => {
            ["Tovholder", "Jobkonsulent", "Praktikvejleder"][number % 3].to_owned()
        }
        other => format!("[{other}]"),
    }
}

/// How often something may be; in a funnel less from step to step.
pub(super) fn number(path: &str) -> u32 {
    let last = path.rsplit('.').next().unwrap_or_default();
    let part = 100 - 35 * place(path).min(2);
    match last {
        "minutes" => 60,
        "at_least" => 14,
        "percent" => 21,
        "of" => 20,
        "share" | "width" => part,
        "rest" => 100 - part,
        "count" if path.starts_with("funnel") => part / 5,
        _ => 3,
    }
}

/// Which of so many texts: the one in its place; of bars the one that is as long as its number.
pub(super) fn choice(path: &str, texts: usize) -> usize {
    if let Some(row) = path.strip_suffix(".bar") {
        return (number(&format!("{row}.width")) as usize * texts / 100).max(1) - 1;
    }
    if path.starts_with("funnel") || path.contains(".states.") {
        return (place(path) as usize).min(texts.saturating_sub(1));
    }
    0
}

/// The place in the list that a part stands in.
fn place(path: &str) -> u32 {
    let mut parts = path.rsplit('.');
    parts.find_map(|part| part.parse().ok()).unwrap_or(0)
}

/// A Monday in the spring of 2027, or the Friday some weeks after it.
pub(super) fn day(path: &str) -> String {
    let day = match path.rsplit('.').next().unwrap_or_default() {
        "last_day" | "last" => date(2027, 4, 23),
        "due" => date(2027, 3, 12),
        "since" | "date" => date(2027, 2, 22),
        _ => date(2027, 3, 15),
    };
    Date::to_string(&day)
}

/// Nine in the morning of a Wednesday; what ends does so an hour later.
pub(super) fn moment(path: &str) -> String {
    let hour = if path.ends_with("end") { 10 } else { 9 };
    date(2027, 3, 17)
        .at(hour, 0, 0, 0)
        .strftime("%Y-%m-%dT%H:%M")
        .to_string()
}
