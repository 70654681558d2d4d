//! `cargo bench --bench check`: how long reading takes: all shipped workflows and templates as
//! `tovholder check` does it, process and all, and one file with a thousand states.

use std::process::Command;
use std::time::{Duration, Instant};

use tovholder::definition::read;

const ROUNDS: usize = 15;
/// What the issue asks for.
const SHIPPED_MAX: Duration = Duration::from_millis(100);
const THOUSAND_MAX: Duration = Duration::from_secs(1);

#[path = "../tests/it/rules/thousand.rs"]
mod thousand;

fn main() {
    let shipped = fastest(|| {
        let status = Command::new(env!("CARGO_BIN_EXE_tovholder"))
            .arg("check")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the command runs")
            .status;
        assert!(status.success(), "the shipped files are clean");
    });
    let text = thousand::file(1_000);
    let large = fastest(|| {
        let read = read("thousand.yaml", &text);
        assert!(read.workflow.is_some(), "{:?}", read.problems.first());
    });
    println!("{:<40}{:>10}{:>10}", "fastest of 15", "ms", "at most");
    for (what, took, most) in [
        ("tovholder check, all that is shipped", shipped, SHIPPED_MAX),
        ("a file with 1,000 states", large, THOUSAND_MAX),
    ] {
        println!(
            "{what:<40}{:>10.1}{:>10}",
            took.as_secs_f64() * 1_000.0,
            most.as_millis()
        );
    }
}

/// The fastest round is what it takes; the others are what else the machine does.
fn fastest(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap_or_default()
}
