//! `cargo bench`: cases due at one instant, drained, beside the raw limit of the same store.
//!
//! Each measurement is a process of its own, so that its peak memory is its own; ours and the raw
//! limit take turns, and the median of the ratios of three rounds is printed.

use std::path::Path;
use std::process::Command;

use tovholder::runner::bench::{Drained, drain, prepare, raw};

const BATCH: i64 = 512;
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        return child(&arguments[at + 1..]).await;
    }
    let columns = [
        "cases", "seconds", "cases/s", "p50 ms", "p99 ms", "raw/s", "ratio", "peak MB",
    ];
    println!("{}", columns.map(|column| format!("{column:>9}")).join(""));
    for cases in [1_000, 10_000, 30_000] {
        let mut rounds: Vec<(f64, Drained, f64)> = (0..ROUNDS).map(|_| round(cases)).collect();
        rounds.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
        let (ratio, drained, raw) = &rounds[ROUNDS / 2];
        let rate = |seconds: f64| f64::from(u32::try_from(cases).expect("few")) / seconds;
        println!(
            "{cases:>9}{:>9.2}{:>9.0}{:>9.0}{:>9.0}{:>9.0}{ratio:>9.2}{:>9.0}",
            drained.seconds,
            rate(drained.seconds),
            drained.lateness_p50_ms,
            drained.lateness_p99_ms,
            rate(*raw),
            drained.peak_mb
        );
    }
}

fn round(cases: usize) -> (f64, Drained, f64) {
    let folder = tempfile::tempdir().expect("a folder for the databases");
    let cases = cases.to_string();
    run(folder.path(), &["prepare", "ours.db", &cases]);
    run(folder.path(), &["prepare", "raw.db", &cases]);
    let drained: Drained = serde_json::from_str(&run(folder.path(), &["drain", "ours.db"]))
        .expect("a drain's figures");
    let raw: f64 = run(folder.path(), &["raw", "ours.db", "raw.db"])
        .trim()
        .parse()
        .expect("seconds");
    (raw / drained.seconds, drained, raw)
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .arg("--child")
        .arg(folder)
        .args(arguments)
        .output()
        .expect("a child");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

async fn child(arguments: &[String]) {
    let folder = Path::new(&arguments[0]);
    match arguments[1].as_str() {
        "prepare" => {
            let cases = arguments[3].parse().expect("a count");
            prepare(folder, &arguments[2], cases)
                .await
                .expect("cases to be opened");
        }
        "drain" => {
            let drained = drain(folder, &arguments[2], BATCH).await.expect("a drain");
            println!("{}", serde_json::to_string(&drained).expect("JSON"));
        }
        _ => println!(
            "{}",
            raw(folder, &arguments[2], &arguments[3], BATCH)
                .await
                .expect("rows by hand")
        ),
    }
}
