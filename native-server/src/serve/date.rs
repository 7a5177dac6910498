//! The `Date` of answers: formatted once a second by each thread, and asked for at every request.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use crate::http::HttpDate;

/// The date of this second.
pub(super) fn this_second() -> HttpDate {
    let second = unix_second();
    let (cached_second, cached) = CACHED.get();
    if cached_second == second
        && let Some(date) = cached
    {
        return date;
    }
    let date = HttpDate::new(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
    CACHED.set((second, Some(date)));
    date
}

/// Whole seconds since 1970, from the clock that the kernel moves on at each of its ticks: reading
/// the exact one costs several times as much.
#[cfg(target_os = "linux")]
fn unix_second() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    u64::try_from(now.tv_sec).unwrap_or(0)
}

/// Whole seconds since 1970.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "an answer says when")]
fn unix_second() -> u64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_1970.unwrap_or_default().as_secs()
}

thread_local! {
    static CACHED: Cell<(u64, Option<HttpDate>)> = const { Cell::new((0, None)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it is compared with")]
    fn it_is_the_systems_date_of_this_second() {
        let (before, date, after) = (SystemTime::now(), this_second(), SystemTime::now());
        // The kernel's ticks may be some milliseconds behind.
        let before = before - Duration::from_millis(20);
        let around = [before, after].map(HttpDate::new);
        assert!(around.contains(&date), "{date} is not between {around:?}");
        assert_eq!(this_second(), date);
    }
}
