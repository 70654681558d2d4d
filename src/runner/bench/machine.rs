//! What the system tells of processes: memory and processor time. 0 where it does not tell.

use std::fs;

/// A tick of processor time as Linux counts it for others, in milliseconds.
const TICK_MS: f64 = 10.0;

/// Processor time of this process so far, in milliseconds, system and user.
pub(super) fn own_cpu_ms() -> f64 {
    cpu_ms("self").unwrap_or_default()
}

/// The same of other processes of this machine; none where one cannot be seen.
pub(super) fn cpu_ms_of(processes: &[i64]) -> Option<f64> {
    let each = processes.iter().map(|id| cpu_ms(&id.to_string()));
    each.sum::<Option<f64>>().filter(|_| !processes.is_empty())
}

fn cpu_ms(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before the bracket may hold blanks; the fields after it do not.
    let mut fields = stat.rsplit(") ").next()?.split(' ');
    let user: f64 = fields.nth(11)?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK_MS)
}

/// The most memory that this process has had, in MB.
pub(super) fn peak_mb() -> f64 {
    status_mb("VmHWM:")
}

/// The memory that this process has now, in MB.
pub(super) fn now_mb() -> f64 {
    status_mb("VmRSS:")
}

fn status_mb(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok());
    kb.map_or(0.0, |kb: f64| kb / 1024.0)
}
