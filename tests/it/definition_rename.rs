//! A slip in any one name of any shipped workflow is found where the name is used, with the right
//! name as the suggestion.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tovholder::definition::symbols::{Kind, Symbol, Symbols};
use tovholder::definition::{Problem, read};

/// The shipped workflows by file name.
fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
    let files = fs::read_dir(folder).expect("the folder of workflows");
    let mut shipped: Vec<(String, String)> = files
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a workflow");
            (name.into_owned(), text)
        })
        .collect();
    shipped.sort();
    assert!(shipped.len() >= 3, "{shipped:?}");
    shipped
}

/// Small slips of a name that are no other name of the file.
fn slips(name: &str, symbols: &Symbols) -> Vec<String> {
    let mut slips = vec![format!("{name}x")];
    let letters: Vec<char> = name.chars().collect();
    if letters.len() > 3 {
        slips.push(format!("{}q{}", letters[0], &name[2..]));
        let middle = letters.len() / 2;
        let without = letters.iter().enumerate().filter(|(at, _)| *at != middle);
        slips.push(without.map(|(_, letter)| *letter).collect());
        let mut swapped = letters.clone();
        swapped.swap(middle - 1, middle);
        slips.push(swapped.into_iter().collect());
    }
    let is_new = |slip: &String| {
        let plain = slip
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        plain && slip != name && symbols.all.iter().all(|symbol| symbol.name != *slip)
    };
    slips.retain(is_new);
    slips
}

/// The text with the name changed where it is declared, and where its uses stand then.
fn declared_as(text: &str, symbol: &Symbol, slip: &str) -> (String, Vec<usize>) {
    let mut renamed = String::new();
    let mut from = 0;
    let mut shifts = Vec::new();
    for place in &symbol.declared {
        renamed.push_str(&text[from..place.name.start]);
        renamed.push_str(slip);
        from = place.name.end;
        shifts.push(place.name.end);
    }
    renamed.push_str(&text[from..]);
    let moved = |at: usize| {
        let before = shifts.iter().filter(|shift| **shift <= at).count();
        at + before * slip.len() - before * symbol.name.len()
    };
    let uses = symbol.uses.iter().map(|place| moved(place.start)).collect();
    (renamed, uses)
}

/// What is wrong with the report of a slip; nothing when each use is an error that suggests it.
fn wrong(text: &str, symbol: &Symbol, slip: &str) -> Option<String> {
    let (renamed, uses) = declared_as(text, symbol, slip);
    let problems = read("f.yaml", &renamed).problems;
    let meant = format!("did you mean \"{slip}\"?");
    let with_cohort = format!("did you mean \"cohort.{slip}\"?");
    let suggests = |problem: &&Problem| {
        let help = problem.help.as_deref().unwrap_or_default();
        help == meant || help == with_cohort
    };
    for at in uses {
        let here: Vec<&Problem> = problems
            .iter()
            .filter(|problem| problem.span.start <= at && at < problem.span.end)
            .collect();
        if !here.iter().any(suggests) {
            let line = renamed[..at].matches('\n').count() + 1;
            let shown: Vec<String> = here
                .iter()
                .map(|problem| format!("{} ({:?})", problem.message, problem.help))
                .collect();
            return Some(format!(
                "{} {}, declared as {slip}: line {line}: {shown:?}",
                symbol.kind.what(),
                symbol.name
            ));
        }
    }
    None
}

#[test]
fn a_slip_in_any_name_is_found_where_it_is_used() {
    let mut failures = Vec::new();
    let mut seen: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut unused: BTreeMap<Kind, usize> = BTreeMap::new();
    for (file, text) in shipped() {
        let of_file = read(&file, &text);
        assert!(of_file.workflow.is_some(), "{file}: {:?}", of_file.problems);
        for symbol in &of_file.symbols.all {
            *seen.entry(symbol.kind).or_default() += 1;
            if symbol.uses.is_empty() {
                *unused.entry(symbol.kind).or_default() += 1;
            }
            // The slips take turns, so that each name is tried once and each slip on many.
            let slips = slips(&symbol.name, &of_file.symbols);
            let slip = &slips[seen.values().sum::<usize>() % slips.len()];
            failures.extend(wrong(&text, symbol, slip).map(|why| format!("{file}: {why}")));
        }
    }
    assert!(
        failures.is_empty(),
        "{} slips:\n{}",
        failures.len(),
        failures.join("\n")
    );
    // A name that nothing can refer to has no place of use; all other kinds have been tried.
    for kind in [Kind::Message, Kind::Target, Kind::Scenario] {
        assert_eq!(seen.get(&kind), unused.get(&kind), "{}", kind.what());
    }
    for kind in [
        Kind::Setting,
        Kind::Role,
        Kind::Date,
        Kind::Fact,
        Kind::Choice,
        Kind::Task,
        Kind::Meeting,
        Kind::Event,
        Kind::State,
    ] {
        let used = seen.get(&kind).copied().unwrap_or_default()
            - unused.get(&kind).copied().unwrap_or_default();
        assert!(used > 0, "no use of {}", kind.what());
    }
}
