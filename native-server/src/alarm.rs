//! Wakes a poller within a time that is not counted in milliseconds, as `epoll`'s own is: a loop's
//! sleeps and an experiment's arrivals would be half a millisecond late on average.

use std::io;
use std::time::Duration;

use mio::{Events, Poll, Token};

/// A timer among what a poller waits for.
#[derive(Debug)]
pub(crate) struct Alarm {
    #[cfg(target_os = "linux")]
    timer: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Alarm {
    /// An alarm of this poller's. Its events mean nothing but that a wait is over.
    pub(crate) fn new(poll: &Poll, token: Token) -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        use std::os::fd::AsRawFd;

        use mio::Interest;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let mut source = mio::unix::SourceFd(&timer.as_raw_fd());
        poll.registry().register(&mut source, token, Interest::READABLE)?;
        Ok(Self { timer })
    }

    /// Waits for events for this long at most; with `None` for ever.
    pub(crate) fn poll(
        &self,
        poll: &mut Poll,
        events: &mut Events,
        within: Option<Duration>,
    ) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        if within.is_some_and(|within| within.is_zero()) {
            return poll.poll(events, Some(Duration::ZERO));
        }
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let value = within.map_or(zero, |within| Timespec {
            tv_sec: i64::try_from(within.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: within.subsec_nanos().into(),
        });
        // Setting it again also takes back the ringing of before.
        let setting = Itimerspec { it_interval: zero, it_value: value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &setting)?;
        poll.poll(events, None)
    }
}

#[cfg(not(target_os = "linux"))]
impl Alarm {
    /// Elsewhere the poller's own time-out has to do.
    #[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
    pub(crate) fn new(_: &Poll, _: Token) -> io::Result<Self> {
        Ok(Self {})
    }

    /// As on Linux.
    #[expect(clippy::unused_self, reason = "on Linux it has a timer")]
    pub(crate) fn poll(
        &self,
        poll: &mut Poll,
        events: &mut Events,
        within: Option<Duration>,
    ) -> io::Result<()> {
        poll.poll(events, within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_in_time_again_and_again() {
        let mut poll = Poll::new().unwrap();
        let alarm = Alarm::new(&poll, Token(0)).unwrap();
        let mut events = Events::with_capacity(4);
        for within in [Duration::from_micros(300), Duration::ZERO, Duration::from_micros(1)] {
            let began = std::time::Instant::now();
            alarm.poll(&mut poll, &mut events, Some(within)).unwrap();
            assert!(began.elapsed() >= within);
        }
    }
}
