//! What the desk says, for whoever reads it on a page: an option of a command is what stands on the page instead.

use crate::runner::desk::{DeskError, Wrong};

/// The words for an option, by what is given with it: a column's title, and what it is.
type Words = fn(&str, &str) -> String;

/// Options that a page has a place for, each up to what is given with it.
const OPTIONS: [(&str, Words); 5] = [
    ("--column \"", |title, column| match column {
        "KOLONNE" => format!("vælg det ved »{title}«"),
        _ => format!("vælg »{column}« ved »{title}«"),
    }),
    ("--leave-out \"", |title, _| {
        format!("vælg »Udelad« ved »{title}«")
    }),
    ("--same ", |_, _| "vælg »Den samme« på linjen".to_owned()),
    ("--another ", |_, _| "vælg »En anden« på linjen".to_owned()),
    ("--sheet ", |_, _| "skriv arkets navn".to_owned()),
];

/// Fields of pages that an option stands for, as they are called there.
const TITLES: [(&str, &str); 12] = [
    ("absent", "Kom ikke"),
    ("as", "Rolle"),
    ("at", "Dag og tid"),
    ("days", "Dage"),
    ("name", "Navn"),
    ("organisation", "Jobcenter"),
    ("override-reason", "Begrundelse"),
    ("place", "Sted"),
    ("role", "Rolle"),
    ("scope", "Må"),
    ("start", "Første dag"),
    ("title", "Titel"),
];

/// What the field of an option is called on pages.
#[expect(clippy::unnecessary_wraps, reason = "as whoever has titles of their own answers")]
pub(super) fn titled(name: &str) -> Option<String> {
    let known = TITLES.iter().find(|(option, _)| *option == name);
    Some(known.map_or(name, |(_, title)| title).to_owned())
}

/// What is wrong, as it stands on a page that has no titles of its own.
pub(super) fn plain_one(wrong: &Wrong) -> String {
    of_wrong(wrong, &titled)
}

/// The same of all that is wrong.
pub(super) fn plain(error: &DeskError) -> String {
    of_error(error, &titled).join("\n")
}

/// What is wrong, with its place and what to do, in a page's words.
///
/// `title` names the field that an option stands for.
pub(super) fn of_wrong(wrong: &Wrong, title: &dyn Fn(&str) -> Option<String>) -> String {
    let column = wrong.column.as_ref().map(|column| {
        let plain = column.trim_start_matches("--");
        let name = plain.rsplit(' ').next().unwrap_or(plain);
        if column.starts_with("--") {
            title(name).unwrap_or_else(|| name.to_owned())
        } else {
            column.clone()
        }
    });
    let placed = Wrong {
        column,
        ..wrong.clone()
    };
    let help = wrong.help.as_deref().map(help).unwrap_or_default();
    format!("{}{} {help}", placed.place(), wrong.message)
        .trim_end()
        .to_owned()
}

/// The same of all that is wrong, one by one.
pub(super) fn of_error(error: &DeskError, title: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    match error {
        DeskError::Wrong(wrongs) => wrongs.iter().map(|wrong| of_wrong(wrong, title)).collect(),
        error => vec![error.to_string()],
    }
}

/// A note, without what is only for who types commands.
pub(super) fn of_note(note: &str) -> String {
    help(note)
}

/// Advice, without the sentences that are only for who types commands.
fn help(help: &str) -> String {
    let said = OPTIONS
        .iter()
        .fold(help.to_owned(), |help, (option, words)| {
            said(&help, option, *words)
        });
    let sentences = said.split_inclusive(". ");
    let kept: String = sentences
        .filter(|sentence| !sentence.contains("--") && !sentence.contains("tovholder "))
        .collect();
    kept.trim_end().to_owned()
}

/// An option with what is given with it, as words.
fn said(help: &str, option: &str, words: Words) -> String {
    let mut out = String::new();
    let mut rest = help;
    while let Some((before, after)) = rest.split_once(option) {
        let end = if option.ends_with('"') { '"' } else { '.' };
        let (given, after) = after.split_once(end).unwrap_or((after, ""));
        let (title, column) = given.rsplit_once('=').unwrap_or((given, ""));
        out.push_str(before);
        out.push_str(&words(title, column));
        // A full stop ended what was given, and ends the sentence still.
        if end == '.' {
            out.push('.');
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_of_a_command_is_left() {
        for (help, expect) in [
            ("Skriv fx --date start=2026-02-02.", ""),
            ("Nærmest ligger 2026-02-02.", "Nærmest ligger 2026-02-02."),
            (
                "Er det samme person, så sig det: --same 4. Er det en anden: --another 4.",
                "Er det samme person, så sig det: vælg »Den samme« på linjen. \
                 Er det en anden: vælg »En anden« på linjen.",
            ),
            (
                "Mente du »telefon«? Så sig det: --column \"Tlf=telefon\". Ellers udelad den: --leave-out \"Tlf\".",
                "Mente du »telefon«? Så sig det: vælg »telefon« ved »Tlf«. Ellers udelad den: vælg »Udelad« ved »Tlf«.",
            ),
            (
                "Udelad den: --leave-out \"Bo A\". Eller sig, hvad den er: --column \"Bo A=KOLONNE\".",
                "Udelad den: vælg »Udelad« ved »Bo A«. Eller sig, hvad den er: vælg det ved »Bo A«.",
            ),
            (
                "Sig, hvilket ark listen er: --sheet NAVN.",
                "Sig, hvilket ark listen er: skriv arkets navn.",
            ),
            (
                "Importér personen først: tovholder people import FIL.csv",
                "",
            ),
        ] {
            assert_eq!(super::help(help), expect);
        }
        let wrong = Wrong::new("Datoen mangler.").column("--date start");
        let title = |name: &str| (name == "start").then(|| "Første dag".to_owned());
        assert_eq!(of_wrong(&wrong, &title), "»Første dag«: Datoen mangler.");
        let wrong = Wrong::new("Er tom.").column("Navn").line(4);
        assert_eq!(of_wrong(&wrong, &title), "linje 4, »Navn«: Er tom.");
    }
}
