//! The clocks of an experiment: the one that its processes have in common, and that of a process's
//! CPU time.

use rustix::time::{ClockId, clock_gettime};
use scheduler_model::SimTime;

/// Nanoseconds of the system's monotonic clock, which is the same in every process.
pub(super) fn monotonic() -> u64 {
    nanos(ClockId::Monotonic)
}

/// CPU time of this process, in ns.
pub(super) fn cpu_time() -> u64 {
    nanos(ClockId::ProcessCPUTime)
}

/// Where another clock has its zero on the monotonic one: of several looks at both the quickest.
pub(super) fn zero_of(other: impl Fn() -> SimTime) -> u64 {
    let look = || {
        let before = monotonic();
        let read = other().as_nanos();
        let after = monotonic();
        (after - before, (before + (after - before) / 2).saturating_sub(read))
    };
    (0..32).map(|_| look()).min().map_or(0, |(_, zero)| zero)
}

fn nanos(clock: ClockId) -> u64 {
    let now = clock_gettime(clock);
    let (seconds, nanos) = (u64::try_from(now.tv_sec), u64::try_from(now.tv_nsec));
    seconds.unwrap_or(0) * 1_000_000_000 + nanos.unwrap_or(0)
}
