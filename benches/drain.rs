//! `cargo bench`: cases due at one instant, drained, beside the raw limit of the same store.

use tovholder::runner::bench::drain;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder for the databases");
    println!("{:>8} {:>9} {:>12} {:>9} {:>9} {:>12} {:>6} {:>8}", "cases", "seconds", "cases/s", "p50 ms", "p99 ms", "raw/s", "ratio", "peak MB");
    for cases in [1_000, 10_000, 20_000] {
        let drained = drain(folder.path(), cases, 512).await.expect("a drain");
        println!(
            "{:>8} {:>9.2} {:>12.0} {:>9.0} {:>9.0} {:>12.0} {:>6.2} {:>8.0}",
            drained.cases,
            drained.seconds,
            drained.per_second,
            drained.lateness_p50_ms,
            drained.lateness_p99_ms,
            drained.raw_per_second,
            drained.ratio,
            drained.peak_mb
        );
    }
}
