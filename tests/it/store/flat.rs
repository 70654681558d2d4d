//! What the loops ask costs the same however many wait, and what is asked about a hold however many others there
//! are: counted in the database's own steps, with few
//! rows and with many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};
use tovholder::store::Store;

use super::{NOW, hold_with};
use crate::support::postgres::shared;

/// What the idle loops ask, and what claims a batch: name, text, parameters.
const ASKED: [(&str, &str, &[i64]); 7] = [
    (
        "next_hook_due",
        include_str!("../../../src/store/next_hook_due.sql"),
        &[],
    ),
    (
        "take_hooks",
        include_str!("../../../src/store/take_hooks.sql"),
        &[NOW, NOW],
    ),
    (
        "next_work_due",
        include_str!("../../../src/store/next_work_due.sql"),
        &[],
    ),
    (
        "next_mail_due",
        include_str!("../../../src/store/next_mail_due.sql"),
        &[],
    ),
    (
        "late_lots",
        include_str!("../../../src/store/late_lots.sql"),
        &[50],
    ),
    (
        "ready_priorities",
        include_str!("../../../src/store/ready_priorities.sql"),
        &[],
    ),
    (
        "closing",
        include_str!("../../../src/store/closing.sql"),
        &[NOW],
    ),
];
const ON_SQLITE: [(&str, &str, &[i64]); 3] = [
    (
        "due",
        include_str!("../../../src/store/due.sql"),
        &[NOW, 16, i64::MIN, i64::MIN],
    ),
    (
        "ready",
        include_str!("../../../src/store/ready.sql"),
        &[NOW, 8, 20],
    ),
    (
        "orphaned",
        "UPDATE outbox SET status = 'unknown' WHERE status = 'sending'",
        &[],
    ),
];
const ON_POSTGRES: [(&str, &str, &[i64]); 3] = [
    (
        "claim_due",
        include_str!("../../../src/store/claim_due.sql"),
        &[NOW, 16, i64::MIN, i64::MIN],
    ),
    (
        "claim_ready",
        include_str!("../../../src/store/claim_ready.sql"),
        &[NOW, 8, 20],
    ),
    (
        "orphaned",
        include_str!("../../../src/store/orphaned.sql"),
        &[NOW],
    ),
];

/// What is asked about one hold of a few cases: name, text, parameters. `HOLD` is its row id.
const OF_A_HOLD: [(&str, &str, &[i64]); 4] = [
    (
        "newest_news",
        include_str!("../../../src/store/newest_news.sql"),
        &[HOLD],
    ),
    (
        "placeless",
        include_str!("../../../src/store/placeless.sql"),
        &[HOLD],
    ),
    (
        "place_may_come",
        include_str!("../../../src/store/place_may_come.sql"),
        &[HOLD, 2, 0, NOW, NOW],
    ),
    (
        "due_member",
        include_str!("../../../src/store/due_member.sql"),
        &[HOLD, 0, NOW],
    ),
];
const HOLD: i64 = i64::MAX;

/// The same with the texts among the parameters written in, and the hold there is.
fn of_a_hold(hold: i64) -> Vec<(&'static str, String, Vec<i64>)> {
    let written = |(name, text, given): (&'static str, &str, &[i64])| {
        let of = if name == "placeless" {
            "'[\"school\", \"offered\"]'"
        } else {
            "$2"
        };
        let given = given
            .iter()
            .map(|value| if *value == HOLD { hold } else { *value });
        (name, text.replace("$2", of), given.collect())
    };
    OF_A_HOLD.into_iter().map(written).collect()
}

const FEW: i64 = 1_000;
const MANY: i64 = 40_000;

/// Rows that wait: holds of twenty cases each, due later, mail that may leave later, sent mail, items that close later, and a
/// large lot that waits for a person; places that are taken and news that was taken in; and a few of each that are due now. {rows} is a table `g(n)`.
const FILL: [&str; 11] = [
    "INSERT INTO subjects (id, public_id, kind, workflow, version_id, seq, plan_rev, last_at, snapshot) \
     SELECT 1000000 + n, 'hold-' || n, 'cohort', 'sosu', (SELECT id FROM workflow_versions), 1, 1, 0, '{}' \
     FROM {rows} WHERE n % 20 = 0",
    "INSERT INTO subjects (public_id, kind, workflow, cohort_id, version_id, seq, state, next_due_at, plan_rev, last_at, snapshot) \
     SELECT 'filled-' || n, 'case', 'sosu', 1000000 + 20 * ((n + 19) / 20), \
            (SELECT id FROM workflow_versions), 1, 'school', CASE WHEN n <= 20 THEN {now} - n ELSE {now} + 1 + n END, 1, 0, '{}' \
     FROM {rows}",
    "INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, status, priority, not_before, intent, created_at) \
     SELECT (SELECT min(id) FROM subjects), 'w' || n, 'a', 0, 'w' || n, 'queued', 10 * (1 + n % 4), \
            CASE WHEN n <= 40 THEN {now} - n ELSE {now} + n END, '{}', 0 FROM {rows}",
    "INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, status, priority, not_before, intent, created_at) \
     SELECT (SELECT min(id) FROM subjects), 's' || n, 'a', 0, 's' || n, 'sent', 20, {now} - n, '{}', 0 FROM {rows}",
    "INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, status, late_lot, priority, not_before, intent, created_at) \
     SELECT (SELECT min(id) FROM subjects), 'h' || n, 'a', 0, 'h' || n, 'held', 7, 20, {now} - n, '{}', 0 FROM {rows}",
    "INSERT INTO gather_items (group_key, subject_id, occurrence, seat, public_id, priority, intent, close_at) \
     SELECT 'g' || n, (SELECT min(id) FROM subjects), 'g' || n, 'a', 'g' || n, 20, '{}', CASE WHEN n <= 10 THEN {now} - n ELSE {now} + n END FROM {rows}",
    "INSERT INTO places (cohort_id, place, case_id) SELECT cohort_id, id, id FROM subjects WHERE public_id LIKE 'filled-%'",
    "INSERT INTO hooks (public_id, title, url, kinds, secret, made_by, created_at) \
     SELECT 'hook', 'Fag', 'https://fag.example/', ' case.moved ', {bytes}, 'test', 0",
    "INSERT INTO deliveries (hook_id, event, kind, subject_id, seq, at, not_before) \
     SELECT (SELECT id FROM hooks), 'e' || n, 'case.moved', (SELECT min(id) FROM subjects), n, 0, \
            CASE WHEN n <= 10 THEN {now} - n ELSE {now} + n END FROM {rows}",
    // Something is stopped, so that it is asked of each mail; of the holds without mail.
    "INSERT INTO stops (cohort_id, declaration, reason, began_at, began_by) \
     SELECT id, 'message.welcome', 'r', 0, 'cli' FROM subjects WHERE public_id = 'hold-20'",
    "INSERT INTO inbox (target, key, at, payload, done_seq) SELECT id, 'n' || id, 0, '{}', 1 FROM subjects WHERE public_id LIKE 'filled-%'",
];

fn fill(text: &str, rows: &str, bytes: &str) -> String {
    text.replace("{bytes}", bytes)
        .replace("{rows}", rows)
        .replace("{now}", &NOW.to_string())
}

/// How many steps of SQLite's machine a statement takes, to its last row.
async fn sqlite_steps(connection: &mut SqliteConnection, text: &str, given: &[i64]) -> u64 {
    let steps = Arc::new(AtomicU64::new(0));
    let count = steps.clone();
    connection
        .lock_handle()
        .await
        .unwrap()
        .set_progress_handler(1, move || {
            count.fetch_add(1, Ordering::Relaxed);
            true
        });
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text.to_owned()));
    for value in given {
        query = query.bind(*value);
    }
    let mut transaction = connection.begin().await.unwrap();
    query.fetch_all(&mut *transaction).await.unwrap();
    let counted = steps.load(Ordering::Relaxed);
    transaction.rollback().await.unwrap();
    connection
        .lock_handle()
        .await
        .unwrap()
        .remove_progress_handler();
    counted
}

async fn of_sqlite(rows: i64) -> Vec<(&'static str, u64)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flat.db");
    let store = Store::open(&path).await.unwrap();
    let (hold, _) = hold_with(&store, 3).await;
    store.close().await.unwrap();
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    let numbers = format!(
        "(WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {rows}) SELECT n FROM g) AS g"
    );
    for text in FILL {
        let filled = sqlx::query(sqlx::AssertSqlSafe(fill(text, &numbers, "x'00'")));
        filled.execute(&mut connection).await.unwrap();
    }
    let mut costs = Vec::new();
    for (name, text, given) in ASKED.into_iter().chain(ON_SQLITE) {
        costs.push((name, sqlite_steps(&mut connection, text, given).await));
    }
    for (name, text, given) in of_a_hold(hold) {
        costs.push((name, sqlite_steps(&mut connection, &text, &given).await));
    }
    costs
}

/// How many pages PostgreSQL looks at for a statement, as it is planned when its parameters are not
/// known.
async fn postgres_pages(connection: &mut PgConnection, text: &str, given: &[i64]) -> u64 {
    let types = vec!["bigint"; given.len()].join(", ");
    let values: Vec<String> = given.iter().map(ToString::to_string).collect();
    let (declared, values) = match given {
        [] => (String::new(), String::new()),
        _ => (format!("({types})"), format!("({})", values.join(", "))),
    };
    let run = async |connection: &mut PgConnection, text: String| {
        let query = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        query.fetch_all(connection).await.unwrap()
    };
    run(connection, format!("PREPARE asked {declared} AS {text}")).await;
    let explained = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked {values}");
    let mut pages = 0;
    // The first time also reads the catalogue.
    for _ in 0..2 {
        run(connection, "BEGIN".to_owned()).await;
        let row = run(connection, explained.clone()).await.remove(0);
        run(connection, "ROLLBACK".to_owned()).await;
        run(connection, "SELECT pg_advisory_unlock_all()".to_owned()).await;
        let plan: serde_json::Value = sqlx::Row::get::<serde_json::Value, _>(&row, 0);
        let plan = &plan[0]["Plan"];
        let count = |key: &str| plan[key].as_u64().unwrap();
        pages = count("Shared Hit Blocks") + count("Shared Read Blocks");
    }
    run(connection, "DEALLOCATE asked".to_owned()).await;
    pages
}

async fn of_postgres(rows: i64) -> Vec<(&'static str, u64)> {
    let url = shared().database();
    let store = Store::connect(&url).await.unwrap();
    let (hold, _) = hold_with(&store, 3).await;
    store.close().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let numbers = format!("generate_series(1, {rows}) AS g (n)");
    for text in FILL {
        let filled = sqlx::query(sqlx::AssertSqlSafe(fill(text, &numbers, r"'\x00'")));
        filled.execute(&mut connection).await.unwrap();
    }
    for text in ["VACUUM ANALYZE", "SET plan_cache_mode = force_generic_plan"] {
        sqlx::query(text).execute(&mut connection).await.unwrap();
    }
    let mut costs = Vec::new();
    for (name, text, given) in ASKED.into_iter().chain(ON_POSTGRES) {
        costs.push((name, postgres_pages(&mut connection, text, given).await));
    }
    for (name, text, given) in of_a_hold(hold) {
        costs.push((name, postgres_pages(&mut connection, &text, &given).await));
    }
    costs
}

/// Twice as much is a deeper tree; forty times as much is every row.
fn is_flat(few: &[(&str, u64)], many: &[(&str, u64)], grain: u64) {
    println!("with {FEW}: {few:?}\nwith {MANY}: {many:?}");
    for ((name, few), (_, many)) in few.iter().zip(many) {
        assert!(
            *many <= 2 * few + grain,
            "{name} costs {few} with {FEW} rows and {many} with {MANY}"
        );
    }
}

#[tokio::test]
async fn what_the_loops_ask_does_not_grow_in_a_file() {
    is_flat(&of_sqlite(FEW).await, &of_sqlite(MANY).await, 50);
}

#[tokio::test]
async fn what_the_loops_ask_does_not_grow_on_a_server() {
    is_flat(&of_postgres(FEW).await, &of_postgres(MANY).await, 20);
}

/// Read as a whole: lists that people ask for, all that is stored about somebody (asked for by a command, once in a
/// while), a database that was put back, and the simulated world.
const WHOLE: [&str; 4] = [
    "hold_unsent.sql",
    "mails_of_person.sql",
    "outbox.sql",
    "peek.sql",
];

#[tokio::test]
async fn no_statement_reads_a_table_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flat.db");
    Store::open(&path).await.unwrap().close().await.unwrap();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut connection = options.connect().await.unwrap();
    let mut looked_at = 0;
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    for entry in std::fs::read_dir(source).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if file.extension().is_none_or(|of| of != "sql") || WHOLE.contains(&&*name) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        // What only PostgreSQL understands is not asked here.
        let plan = sqlx::query_as::<_, (i64, i64, i64, String)>(plan);
        let Ok(plan) = plan.fetch_all(&mut connection).await else {
            continue;
        };
        looked_at += 1;
        for (.., step) in plan {
            let scanned = step
                .strip_prefix("SCAN ")
                .filter(|rest| !rest.contains(' '));
            let is_table = scanned.is_some_and(|name| LARGE.contains(&table_of(&text, name)));
            assert!(!is_table, "{name}: {step}");
        }
    }
    assert!(looked_at > 30, "{looked_at}");
}

/// Tables that grow with what is done.
const LARGE: [&str; 10] = [
    "deliveries",
    "outbox",
    "subjects",
    "events",
    "people",
    "texts",
    "gather_items",
    "received",
    "imports",
    "import_cases",
];

/// The table that a name in a statement stands for.
fn table_of<'t>(text: &'t str, name: &'t str) -> &'t str {
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = words
        .windows(3)
        .find(|of| of[1] == "AS" && of[2].trim_end_matches(')') == name);
    named.map_or(name, |of| of[0])
}
