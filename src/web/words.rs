//! What the desk says, for whoever reads it on a page: an option of a command is what stands on the page instead.

use crate::runner::desk::{DeskError, StopLine, Wrong};

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
const TITLES: [(&str, &str); 15] = [
    ("absent", "Kom ikke"),
    ("as", "Rolle"),
    ("at", "Dag og tid"),
    ("days", "Dage"),
    ("message", "Mail"),
    ("name", "Navn"),
    ("organisation", "Jobcenter"),
    ("override-reason", "Begrundelse"),
    ("place", "Sted"),
    ("reason", "Hvorfor"),
    ("role", "Rolle"),
    ("scope", "Må"),
    ("start", "Første dag"),
    ("title", "Titel"),
    ("workflow", "Forløb"),
];

/// What the field of an option is called on pages.
#[expect(
    clippy::unnecessary_wraps,
    reason = "as whoever has titles of their own answers"
)]
pub(super) fn titled(name: &str) -> Option<String> {
    let known = TITLES.iter().find(|(option, _)| *option == name);
    Some(known.map_or(name, |(_, title)| title).to_owned())
}

/// What a stop stops.
pub(super) fn stopped(stop: &StopLine, is_english: bool) -> String {
    if !is_english {
        return stop.what.clone();
    }
    let named = stop.message.as_deref().and_then(|one| one.split_once('.'));
    let what = match named {
        None => "all mail".to_owned(),
        Some(("message", key)) => format!("the mail »{key}«"),
        Some((kind, key)) => format!("mail about the {kind} »{key}«"),
    };
    match (&stop.hold_title, &stop.workflow) {
        (Some(hold), _) => format!("{what} of the cohort »{hold}«"),
        (None, Some(workflow)) => format!("{what} of the workflow {workflow}"),
        (None, None) => what,
    }
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
    use std::fs;
    use std::path::Path;

    use axum::http::{HeaderMap, header};

    use super::*;
    use crate::web::answer::Page;

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

    /// The files of a room, but for what is only for tests at their ends.
    fn sources(folder: &str) -> Vec<(String, String)> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|its| its == "rs") {
                    let text = fs::read_to_string(&path).expect("source");
                    let lines = text.lines();
                    let code = lines.take_while(|line| !line.starts_with("#[cfg(test)]"));
                    let code = code.filter(|line| !line.trim_start().starts_with("//"));
                    let code = code.collect::<Vec<_>>().join("\n");
                    found.push((path.display().to_string(), code));
                }
            }
        }
        found
    }

    /// The texts between quotes, each with what stands before it in its statement.
    fn texts(code: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let (mut from, mut rest) = (0, code);
        while let Some(at) = rest.find('"') {
            let begin = from + at + 1;
            let mut end = begin;
            let bytes = code.as_bytes();
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            let before = &code[..begin - 1];
            let statement = before.rfind([';', '}']).map_or(0, |at| at + 1);
            let text = code[begin..end.min(code.len())].replace("\\\"", "\"");
            found.push((before[statement..].to_owned(), text));
            from = (end + 1).min(code.len());
            rest = &code[from..];
        }
        found
    }

    fn is_for_commands(text: &str) -> bool {
        let next = |word: &str| {
            let mut after = text.split(word).skip(1);
            after.any(|after| after.starts_with(|next: char| next.is_ascii_lowercase()))
        };
        next("--") || next("tovholder ")
    }

    #[test]
    fn whatever_the_desk_says_of_commands_is_left_out_or_put_in_other_words() {
        let mut seen = 0;
        for (file, code) in sources("src/runner/desk") {
            // What is typed is said apart there, and *Today* has commands as they are, which its page does not show.
            let apart = ["refusal.rs", "today.rs"]
                .iter()
                .any(|one| file.ends_with(one));
            for (before, text) in texts(&code) {
                if apart || !is_for_commands(&text) {
                    continue;
                }
                seen += 1;
                let message = before.rfind("Wrong::new(");
                let later = before
                    .rfind(".help(")
                    .max(before.rfind(".column("))
                    .max(before.rfind("help"));
                assert!(
                    message.is_none() || later > message,
                    "{file}: a command in what is wrong, not in what to do: {text:?}"
                );
                let wrong = Wrong::new("Det går ikke.")
                    .help(text.clone())
                    .column(text.clone());
                let said = plain_one(&Wrong {
                    column: None,
                    ..wrong.clone()
                });
                assert!(
                    !is_for_commands(&said),
                    "{file}: {text:?} is said as {said:?}"
                );
                if text.starts_with("--") {
                    let said = plain_one(&Wrong {
                        help: None,
                        ..wrong
                    });
                    assert!(
                        !is_for_commands(&said),
                        "{file}: {text:?} is said as {said:?}"
                    );
                }
            }
        }
        assert!(seen > 40, "they are found: {seen}");
    }

    #[test]
    fn no_page_says_what_the_desk_says_as_it_is() {
        for (file, code) in sources("src/web/screens") {
            assert!(
                !code.contains("error.to_string()"),
                "{file}: say words::plain(&error)"
            );
        }
        let wrong = Wrong::new("Mail 3 er holdt tilbage; det kan ikke gøres med den.");
        let wrong = wrong
            .help("Lad den gå med: tovholder outbox release 3")
            .column("--at");
        let page = Page::nobody(&HeaderMap::new());
        let moved = [DeskError::Wrong(vec![wrong]), DeskError::MovedOn];
        for error in moved {
            let response = page.back("/udbakke", &Err::<(), _>(error), |()| String::new());
            let said = response.headers()[header::SET_COOKIE]
                .to_str()
                .expect("text");
            let said: String = url::form_urlencoded::parse(said.as_bytes())
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert!(
                said.contains("det kan ikke") || said.contains("en anden"),
                "{said}"
            );
            assert!(!is_for_commands(&said), "{said}");
        }
    }
}
