//! The house rules that a machine can hold: who may import whom, where the clock and the outside
//! are, how large a room may grow.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<(String, String)> {
    files(folder, "rs")
}

/// The files of a folder whose names end so, with what is in them.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|its| its == ending) {
                let name = path
                    .strip_prefix(root())
                    .expect("below")
                    .to_string_lossy()
                    .into_owned();
                found.push((name, fs::read_to_string(&path).expect("source")));
            }
        }
    }
    assert!(!found.is_empty(), "there is source in {folder}");
    found.sort();
    found
}

/// What a file says to the compiler, without comments and the tests at its end.
fn code(source: &str) -> String {
    let lines = source
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The rooms, and which rooms each may import. What is absent here is forbidden.
const ROOMS: &[(&str, &[&str])] = &[
    ("calendar", &[]),
    ("definition", &["calendar"]),
    ("engine", &["calendar", "definition"]),
    ("message", &[]),
    ("intake", &[]),
    ("lsp", &["calendar", "definition", "engine"]),
    ("seal", &["access"]),
    ("store", &["traces", "seal"]),
    ("channel", &["message", "clock"]),
    ("fetch", &[]),
    ("clock", &[]),
    ("ask", &[]),
    ("traces", &["ask"]),
    (
        "runner",
        &[
            "calendar",
            "definition",
            "engine",
            "intake",
            "message",
            "store",
            "channel",
            "fetch",
            "clock",
            "access",
            "changes",
            "traces",
        ],
    ),
    // Of pictures only their words.
    (
        "changes",
        &["calendar", "definition", "engine", "message", "picture"],
    ),
    // Of the runner only what a simulation reports.
    ("picture", &["calendar", "definition", "engine", "runner"]),
    ("config", &["message", "channel", "fetch", "runner", "seal"]),
    ("access", &[]),
    ("oidc", &["ask", "clock"]),
    // Of the store only where mail stands.
    (
        "web",
        &[
            "access", "clock", "oidc", "picture", "runner", "store", "traces",
        ],
    ),
    (
        "cli",
        &[
            "calendar",
            "definition",
            "engine",
            "message",
            "lsp",
            "store",
            "channel",
            "fetch",
            "clock",
            "runner",
            "picture",
            "config",
            "web",
            "access",
            "oidc",
            "traces",
            "seal",
        ],
    ),
];

#[test]
fn rooms_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for (file, source) in sources("src") {
        let room = file
            .trim_start_matches("src/")
            .split(['/', '.'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            assert!(
                matches!(room.as_str(), "lib" | "main" | "mutant"),
                "{file} is in no room"
            );
            continue;
        };
        for part in code(&source).split("crate::").skip(1) {
            let named = part
                .split([':', ';', ' ', '{', '('])
                .next()
                .unwrap_or_default();
            let known = ROOMS.iter().any(|(name, _)| *name == named);
            if known && named != room && !may.contains(&named) {
                wrong.push(format!("{file} imports {named}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_rooms_touch_nothing_outside() {
    let forbidden = [
        "async ",
        ".await",
        "tokio",
        "sqlx",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "SystemTime::now",
        "Instant::",
        "Timestamp::now",
        "Zoned::now",
        "TimeZone::system",
        "println!",
        "eprintln!",
    ];
    let mut wrong = Vec::new();
    for room in [
        "calendar",
        "definition",
        "engine",
        "intake",
        "message",
        "changes",
        "picture",
    ] {
        for (file, source) in sources(&format!("src/{room}")) {
            wrong.extend(
                forbidden
                    .iter()
                    .filter(|word| code(&source).contains(*word))
                    .map(|word| format!("{file}: {word}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_clock_tells_the_time() {
    let forbidden = [
        "SystemTime::now(",
        "Instant::now(",
        "Timestamp::now(",
        "Zoned::now(",
        "TimeZone::system(",
    ];
    let mut wrong = Vec::new();
    for (file, source) in sources("src") {
        if file != "src/clock.rs" {
            wrong.extend(
                forbidden
                    .iter()
                    .filter(|word| code(&source).contains(*word))
                    .map(|word| format!("{file}: {word}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_stays_in_the_store_and_sending_in_the_channel() {
    let mut wrong = Vec::new();
    for (file, source) in sources("src") {
        let code = code(&source);
        if !file.starts_with("src/store") && code.contains("sqlx::") {
            wrong.push(format!("{file} uses sqlx"));
        }
        if !file.starts_with("src/message") && code.contains("lettre::") {
            wrong.push(format!("{file} uses lettre"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_undone_and_no_exception_is_without_a_reason() {
    let forbidden = ["todo!(", "unimplemented!(", "FIXME", "dbg!("];
    let mut wrong = Vec::new();
    for (file, source) in sources("src").into_iter().chain(
        sources("tests")
            .into_iter()
            .filter(|(file, _)| !file.ends_with("tidy.rs")),
    ) {
        wrong.extend(
            forbidden
                .iter()
                .filter(|word| source.contains(*word))
                .map(|word| format!("{file}: {word}")),
        );
        let exceptions = source
            .lines()
            .filter(|line| line.contains("#[allow(") || line.contains("#![allow("));
        wrong.extend(
            exceptions
                .filter(|line| !line.contains("reason"))
                .map(|line| format!("{file}: {line}")),
        );
        if source.contains("#[ignore") {
            wrong.push(format!("{file}: an ignored test"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_stay_small_enough_to_read() {
    const LINES_MAX: usize = 450;
    let large: Vec<String> = sources("src")
        .into_iter()
        .filter_map(|(file, source)| {
            let lines = source
                .lines()
                .take_while(|line| !line.starts_with("#[cfg(test)]"))
                .count();
            (lines > LINES_MAX).then(|| format!("{file}: {lines} lines"))
        })
        .collect();
    assert!(large.is_empty(), "is it one idea?\n{}", large.join("\n"));
}

/// SQLite plans by the value of a bare parameter after LIMIT, and compiles the statement anew each time
/// one is bound, which takes ten times as long as to run it. What only PostgreSQL hears may be bare.
#[test]
fn no_limit_is_a_bare_parameter() {
    let statements = files("src/store", "sql").into_iter();
    let bare: Vec<String> = statements
        .chain(sources("src/store"))
        .filter(|(_, text)| !text.contains("pg_try_advisory_lock("))
        .flat_map(|(file, text)| {
            let limits = text.split("LIMIT $").skip(1);
            let bare = limits.filter(|rest| !rest[1..].starts_with(" + 1"));
            vec![file; bare.count()]
        })
        .collect();
    assert!(bare.is_empty(), "write LIMIT CAST($1 AS BIGINT): {bare:?}");
}

#[test]
fn every_migration_has_a_number_of_its_own() {
    for folder in ["migrations/sqlite", "migrations/postgres"] {
        let numbers: Vec<String> = files(folder, "sql")
            .into_iter()
            .filter_map(|(path, _)| Some(path.rsplit('/').next()?.split('_').next()?.to_owned()))
            .collect();
        let counted: Vec<String> = (1..=numbers.len()).map(|at| format!("{at:04}")).collect();
        assert_eq!(
            numbers, counted,
            "{folder}: two changes were made side by side"
        );
    }
}
