//! `tovholder bench`, each part with tiny numbers on both databases: what it says is whole and sane, and
//! nothing of it is left behind.

use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::support::postgres::shared;

/// Runs a part, and answers its JSON.
fn bench(folder: &TempDir, database: &str, args: &[&str]) -> Json {
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .current_dir(folder.path())
        .env("DATABASE_URL", database)
        .args(["bench", "--format", "json", "--dir", "."])
        .args(args)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {text}{told}");
    serde_json::from_str(&text).expect("JSON")
}

/// The parts on SQLite and on PostgreSQL, with a look at what is left.
fn on_both(args: &[&str], look: impl Fn(&Json)) {
    for database in ["none.db", &shared().database()] {
        let folder = TempDir::new().expect("a folder");
        look(&bench(&folder, database, args));
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .expect("a folder")
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

fn number(json: &Json, name: &str) -> f64 {
    let found = json[name].as_f64();
    found.unwrap_or_else(|| panic!("{name} is no number in {json}"))
}

/// Each is there and above zero.
fn above_zero(json: &Json, names: &[&str]) {
    for name in names {
        assert!(number(json, name) > 0.0, "{name} in {json}");
    }
}

#[test]
fn due_counts_every_case_and_none_is_early() {
    on_both(
        &["due", "--cases", "700", "--rounds", "1", "--ahead", "8"],
        |json| {
            assert_eq!(
                (json["cases"].as_u64(), json["mails"].as_u64()),
                (Some(700), Some(700))
            );
            assert_eq!(json["early"], 0);
            above_zero(
                json,
                &[
                    "seconds",
                    "per_second",
                    "first_ms",
                    "p50_ms",
                    "p99_ms",
                    "peak_mb",
                    "raw_per_second",
                    "ratio",
                ],
            );
            assert!(number(json, "cpu_ms_per_case") >= 0.0);
            let [first, p50, p99] = ["first_ms", "p50_ms", "p99_ms"].map(|name| number(json, name));
            assert!(
                first <= p50 && p50 <= p99 && p99 <= number(json, "seconds") * 1000.0 + 1e-6,
                "{json}"
            );
            let ratio = number(json, "per_second") / number(json, "raw_per_second");
            assert!((ratio - number(json, "ratio")).abs() < 1e-9, "{json}");
            assert_eq!(json["rounds"].as_array().map(Vec::len), Some(1));
        },
    );
}

#[test]
fn who_writes_to_nobody_moves_as_well() {
    let args = [
        "due",
        "--cases",
        "700",
        "--rounds",
        "1",
        "--ahead",
        "8",
        "--without-mail",
    ];
    on_both(&args, |json| {
        let counted = ["cases", "mails", "early"].map(|name| json[name].as_u64());
        assert_eq!(counted, [Some(700), Some(0), Some(0)]);
        above_zero(json, &["per_second", "raw_per_second", "ratio"]);
    });
    on_both(
        &["steps", "--cases", "30", "--ahead", "8", "--without-mail"],
        |json| {
            let counted = ["cases", "mails", "steps", "early"].map(|name| json[name].as_u64());
            assert_eq!(counted, [Some(30), Some(0), Some(90), Some(0)]);
        },
    );
}

#[test]
fn two_nodes_do_each_case_once() {
    let folder = TempDir::new().expect("a folder");
    let args = [
        "due", "--cases", "1500", "--rounds", "1", "--nodes", "2", "--ahead", "8",
    ];
    let json = bench(&folder, &shared().database(), &args);
    assert_eq!(
        (json["cases"].as_u64(), json["mails"].as_u64()),
        (Some(1500), Some(1500))
    );
    assert_eq!((&json["early"], &json["nodes"]), (&0.into(), &2.into()));
}

#[test]
fn clicks_are_measured_alone_and_together() {
    on_both(&["click", "--clicks", "24"], |json| {
        for people in ["people_1", "people_8"] {
            let one = &json[people];
            assert_eq!(one["clicks"], 24);
            above_zero(
                one,
                &["per_second", "p50_ms", "p99_ms", "raw_per_second", "ratio"],
            );
        }
    });
}

#[test]
fn a_claim_is_measured_beside_those_that_wait() {
    on_both(&["claim", "--waiting-max", "2000"], |json| {
        let level = &json["levels"][0];
        assert_eq!(level["waiting"], 2000);
        above_zero(
            level,
            &["claim_ms", "empty_ms", "next_ms", "bytes", "ratio"],
        );
    });
}

#[test]
fn an_idle_service_is_measured_when_it_has_nothing_to_do() {
    on_both(&["idle", "--waiting", "300", "--seconds", "1"], |json| {
        assert_eq!(json["waiting"], 300);
        for one in ["empty", "full"] {
            above_zero(&json[one], &["ready_seconds", "memory_mb", "peak_mb"]);
            assert!(number(&json[one], "core_percent") >= 0.0);
        }
    });
}

#[test]
fn a_digest_holds_every_case() {
    let sizes = std::cell::RefCell::new(Vec::new());
    for cases in ["40", "400"] {
        on_both(&["digest", "--cases", cases], |json| {
            above_zero(json, &["decide_ms", "render_ms", "peak_mb"]);
            sizes.borrow_mut().push(number(json, "bytes"));
        });
    }
    // The same on both databases, and with each case a line more.
    let sizes = sizes.into_inner();
    assert!(
        (sizes[0] - sizes[1]).abs() < 1.0 && (sizes[2] - sizes[3]).abs() < 1.0,
        "{sizes:?}"
    );
    assert!(sizes[2] > 5.0 * sizes[0], "{sizes:?}");
}

#[test]
fn every_mail_is_handed_over() {
    on_both(&["mail", "--mails", "30", "--rounds", "1"], |json| {
        assert_eq!(json["mails"], 30);
        assert!(
            (3_500.0..5_000.0).contains(&number(json, "bytes")),
            "{json}"
        );
        for part in ["render", "handed", "handed_tls", "whole"] {
            above_zero(&json[part], &["per_second", "beside", "ratio"]);
        }
    });
}

#[test]
fn what_is_sealed_reads_as_what_is_not() {
    on_both(&["sealed", "--texts", "50", "--rounds", "2"], |json| {
        assert_eq!(json["texts"], 50);
        let rates = [
            "per_second",
            "clear_per_second",
            "ratio",
            "sealed_per_second",
        ];
        above_zero(json, &rates);
    });
}

#[test]
fn workflows_of_three_steps_take_their_two_timers() {
    on_both(
        &["steps", "--cases", "60", "--timer", "2", "--ahead", "8"],
        |json| {
            assert_eq!(
                (json["cases"].as_u64(), json["mails"].as_u64()),
                (Some(60), Some(180))
            );
            assert_eq!((&json["early"], &json["steps"]), (&0.into(), &180.into()));
            assert!(number(json, "seconds") >= 2.0 * 2.0, "{json}");
            above_zero(json, &["per_second", "first_ms", "p50_ms", "p99_ms"]);
        },
    );
}

#[test]
fn what_people_see_fits_their_terminal() {
    let folder = TempDir::new().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(["bench", "digest", "--cases", "20", "--dir"])
        .arg(folder.path())
        .env_remove("DATABASE_URL")
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("Et statusbrev om 20 sager · SQLite"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn several_processes_need_a_server() {
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(["bench", "due", "--nodes", "2"])
        .env_remove("DATABASE_URL")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("PostgreSQL"));
}
