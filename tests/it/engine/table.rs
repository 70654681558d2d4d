//! LANGUAGE §3's table, row by row: each row has a test of its name, which plays small workflows
//! through and holds every sentence of the row to what happens.

mod dates;
mod days;
mod moving;
mod points;
mod slots;

/// The rows as the language's page names them, and the test of each.
const ROWS: [(&str, fn()); 17] = [
    ("state bounds", days::state_bounds),
    ("last_day", days::last_day),
    ("known early", days::known_early),
    ("entering", moving::entering),
    ("entered", moving::entered),
    ("re-entry", moving::re_entry),
    ("leaving", moving::leaving),
    ("no at", points::no_at),
    ("closed", points::closed),
    ("counting", points::counting),
    ("every", slots::every),
    ("many events", points::many_events),
    ("between", dates::between),
    ("point already past", points::point_already_past),
    ("date moved", dates::date_moved),
    ("pause", dates::pause),
    ("DST", points::dst),
];

/// Each row's function is a test by itself, named after the row, and stands here once.
#[test]
fn every_row_has_its_test() {
    let sources = [
        include_str!("table/dates.rs"),
        include_str!("table/days.rs"),
        include_str!("table/moving.rs"),
        include_str!("table/points.rs"),
        include_str!("table/slots.rs"),
    ];
    let names = sources
        .iter()
        .flat_map(|source| source.split("#[test]\npub fn ").skip(1));
    let mut tests: Vec<&str> = names.filter_map(|rest| rest.split('(').next()).collect();
    let rows = ROWS.iter();
    let mut rows: Vec<String> = rows
        .map(|(row, _)| row.to_lowercase().replace([' ', '-'], "_"))
        .collect();
    tests.sort_unstable();
    rows.sort_unstable();
    assert_eq!(tests, rows);
}
