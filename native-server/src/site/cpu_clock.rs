//! Burning CPU time.

use std::time::Duration;

/// Computes for this long, counted in CPU time of this thread where the system tells it: two
/// handlers that share a core take twice as long, as two computations would.
pub(crate) fn burn(cpu: Duration) {
    if cpu.is_zero() {
        return;
    }
    let clock = CpuClock::start();
    while clock.elapsed() < cpu {
        std::hint::spin_loop();
    }
}

/// CPU time of this thread.
#[cfg(unix)]
struct CpuClock(rustix::time::Timespec);

#[cfg(unix)]
impl CpuClock {
    fn start() -> Self {
        Self(rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime))
    }

    fn elapsed(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(now - self.0).unwrap_or_default()
    }
}

/// Elapsed time: Windows counts a thread's CPU time in clock ticks of 16 ms.
#[cfg(not(unix))]
struct CpuClock(std::time::Instant);

#[cfg(not(unix))]
impl CpuClock {
    fn start() -> Self {
        Self(std::time::Instant::now())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
