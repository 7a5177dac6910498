//! How much of the computer other programs used meanwhile: what a measurement is worth.

use std::time::Instant;

/// A look at the computer's clocks of CPU time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    at: Instant,
    /// CPU time of all programs, and what the computer was kept from by others on its host, in ns.
    busy: Option<u64>,
}

impl Look {
    /// Now.
    pub(super) fn now() -> Self {
        Self { at: Instant::now(), busy: busy() }
    }

    /// The cores that others than `own` (CPU time in ns) kept busy since then, on average. `None`
    /// where the system does not tell.
    #[expect(clippy::cast_precision_loss, reason = "a figure for showing")]
    pub(super) fn others(self, own: u64) -> Option<f64> {
        let passed = self.at.elapsed().as_nanos().max(1) as f64;
        let all = busy()?.saturating_sub(self.busy?);
        Some(all.saturating_sub(own) as f64 / passed)
    }
}

/// From `/proc/stat`: everything but idle and waiting for disks, in ns.
fn busy() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user time already.
    let [user, nice, system, _, _, irq, softirq, steal, ..] = ticks[..] else { return None };
    // Linux counts in hundredths of a second for programs, whatever its own tick is.
    Some((user + nice + system + irq + softirq + steal) * 10_000_000)
}
