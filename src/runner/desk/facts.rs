//! Facts as people give them: `--set track=sundhed`, a cell under `fakta:track`.

use std::collections::BTreeMap;

use super::{Wrong, cells, words};
use crate::definition::model::{Fact, FactRef, Workflow};
use crate::definition::value::{FactKind, GRADES, Value};
use crate::engine::input::Given;

/// Reads what was given for a fact; a choice may also be given by its title.
pub(super) fn read(fact: &Fact, text: &str) -> Result<Given, Wrong> {
    cells::refuse_cpr(text)?;
    let text = text.trim();
    let wrong = || {
        Wrong::new(format!(
            "»{}« er ikke {}.",
            shortened(text),
            wanted(&fact.kind)
        ))
    };
    let value = match &fact.kind {
        FactKind::Date => Value::Date(cells::read_date(text)?),
        FactKind::OneOf(choices) => {
            let titled = choices.iter().find(|(_, title)| title.to_lowercase() == text.to_lowercase());
            fact.kind.read(titled.map_or(text, |(key, _)| key)).map_err(|_| {
                let keys = choices.iter().map(|(key, _)| key.as_str());
                Wrong { help: words::did_you_mean(text, keys), ..wrong() }
            })?
        }
        FactKind::Grade => fact.kind.read(text).map_err(|_| {
            let help = match text {
                "0" | "2" => "Excel har måske fjernet et nul: formatér kolonnen som tekst, og skriv 00 eller 02.".to_owned(),
                _ => format!("Skriv {}.", words::or_list(&GRADES)),
            };
            wrong().help(help)
        })?,
        // What Danish Excel shows of a cell with a yes or a no, and what people type.
        FactKind::YesNo => {
            let small = text.to_lowercase();
            let plain = match small.as_str() {
                "sand" => "ja",
                "falsk" => "nej",
                other => other,
            };
            fact.kind.read(plain).map_err(|_| wrong())?
        }
        kind => kind.read(text).map_err(|_| wrong())?,
    };
    let written = (value == Value::Written).then(|| text.to_owned());
    Ok(Given {
        value,
        text: written,
    })
}

/// What a kind takes, in Danish.
fn wanted(kind: &FactKind) -> String {
    match kind {
        FactKind::OneOf(_) => "et af valgene".to_owned(),
        FactKind::YesNo => "ja eller nej".to_owned(),
        FactKind::WholeNumber => "et helt tal".to_owned(),
        FactKind::Decimal => "et tal med højst to decimaler".to_owned(),
        FactKind::Date => "en dato".to_owned(),
        FactKind::Text { max } => format!("en tekst på højst {max} tegn"),
        FactKind::Grade => "en karakter på 7-trinsskalaen".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let short: String = text
        .chars()
        .take(CHARS_MAX)
        .filter(|c| !c.is_control())
        .collect();
    if text.chars().count() > CHARS_MAX {
        format!("{short}…")
    } else {
        short
    }
}

/// Facts given as `NAME=VALUE`, of the case or of the hold; all complaints at once.
pub(super) fn given(
    workflow: &Workflow,
    of_hold: bool,
    set: &[(String, String)],
    wrongs: &mut Vec<Wrong>,
) -> BTreeMap<FactRef, Given> {
    let defined = if of_hold {
        &workflow.cohort.facts
    } else {
        &workflow.facts
    };
    let mut given = BTreeMap::new();
    for (name, text) in set {
        let option = format!("--set {name}");
        let plain = name.strip_prefix("cohort.");
        if let (Some(plain), false) = (plain, of_hold) {
            let help =
                format!("Notér den på holdet: tovholder fire HOLD facts --set {plain}=VÆRDI");
            wrongs.push(
                Wrong::new("Det er en oplysning om holdet og ikke om kandidaten.")
                    .column(option)
                    .help(help),
            );
            continue;
        }
        let name = plain.unwrap_or(name);
        let Some(fact) = defined.iter().find(|fact| *fact.name == *name) else {
            let known = defined.iter().map(|fact| &*fact.name);
            let wrong = Wrong::new(format!("Der er ingen oplysning »{name}« her.")).column(option);
            wrongs.push(Wrong {
                help: words::did_you_mean(name, known),
                ..wrong
            });
            continue;
        };
        match read(fact, text) {
            Ok(value) => {
                given.insert(
                    FactRef {
                        cohort: of_hold,
                        name: fact.name.clone(),
                    },
                    value,
                );
            }
            Err(wrong) => wrongs.push(wrong.column(option)),
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: FactKind) -> Fact {
        Fact {
            was: None,
            name: "x".into(),
            title: "X".into(),
            kind,
            confidential: false,
        }
    }

    #[test]
    fn facts_are_read_by_key_by_title_and_in_danish() {
        let choice = fact(FactKind::OneOf(vec![
            ("a".into(), "Første".into()),
            ("b".into(), "Ånden".into()),
        ]));
        let table = [
            (&choice, "a", Ok(Value::Choice("a".into()))),
            (&choice, "ånden", Ok(Value::Choice("b".into()))),
            (&choice, "tredje", Err("Her kendes a eller b.")),
            (&fact(FactKind::YesNo), "ja", Ok(Value::YesNo(true))),
            (&fact(FactKind::YesNo), "Nej", Ok(Value::YesNo(false))),
            (&fact(FactKind::YesNo), "SAND", Ok(Value::YesNo(true))),
            (
                &fact(FactKind::Date),
                "1.2.2026",
                Ok(Value::Date(jiff::civil::date(2026, 2, 1))),
            ),
            (
                &fact(FactKind::Grade),
                "2",
                Err("Excel har måske fjernet et nul"),
            ),
            (
                &fact(FactKind::Text { max: 40 }),
                "cpr 120487-1234",
                Err("CPR-numre"),
            ),
            (
                &fact(FactKind::Text { max: 40 }),
                "=1+1",
                Ok(Value::Written),
            ),
        ];
        for (fact, text, expect) in table {
            match (read(fact, text), expect) {
                (Ok(given), Ok(value)) => assert_eq!(given.value, value, "{text}"),
                (Err(wrong), Err(help)) => {
                    assert!(wrong.help.unwrap_or_default().contains(help), "{text}");
                }
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }
}
