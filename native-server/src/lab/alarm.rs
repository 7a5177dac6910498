//! Wakes a poller at an instant: `epoll` counts in milliseconds, and arrivals do not.

use std::io;

use mio::{Interest, Poll, Token};

use super::clock::monotonic;

/// A timer among what a poller waits for.
#[derive(Debug)]
pub(super) struct Alarm {
    #[cfg(target_os = "linux")]
    timer: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Alarm {
    /// An alarm of this poller's, set to nothing.
    pub(super) fn new(poll: &Poll, token: Token) -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        use std::os::fd::AsRawFd;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let mut source = mio::unix::SourceFd(&timer.as_raw_fd());
        poll.registry().register(&mut source, token, Interest::READABLE)?;
        Ok(Self { timer })
    }

    /// Waits for events until this instant of the monotonic clock, or for ever.
    pub(super) fn poll(
        &self,
        poll: &mut Poll,
        events: &mut mio::Events,
        until: Option<u64>,
    ) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        // An instant that has passed rings at once; zero would mean never.
        let value = until.map_or(zero, |until| {
            let until = i64::try_from(until.max(1)).unwrap_or(i64::MAX);
            Timespec { tv_sec: until / 1_000_000_000, tv_nsec: until % 1_000_000_000 }
        });
        let setting = Itimerspec { it_interval: zero, it_value: value };
        // Setting it again also takes back the ringing of before.
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &setting)?;
        let timeout = until.is_some_and(|until| until <= monotonic());
        poll.poll(events, timeout.then_some(std::time::Duration::ZERO))
    }
}

#[cfg(not(target_os = "linux"))]
impl Alarm {
    /// Elsewhere the poller's own time-out has to do, and the last of the wait is spun away.
    pub(super) fn new(_: &Poll, _: Token) -> io::Result<Self> {
        Ok(Self {})
    }

    /// As on Linux.
    pub(super) fn poll(
        &self,
        poll: &mut Poll,
        events: &mut mio::Events,
        until: Option<u64>,
    ) -> io::Result<()> {
        let left = until.map(|until| until.saturating_sub(monotonic()));
        let whole = left.map(|left| std::time::Duration::from_millis(left / 1_000_000));
        poll.poll(events, whole)
    }
}
