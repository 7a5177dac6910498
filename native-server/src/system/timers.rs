//! How exactly sleeps end: what a handler of `/sleep`, and an experiment's draws, are held to.

/// From now on the sleeps of this thread, and of those it will start, end when they are over. Linux
/// may have each wait 50 µs longer, to end several at once.
#[cfg(target_os = "linux")]
pub(crate) fn end_sleeps_in_time() {
    // Where it is forbidden sleeps are that much longer, and nothing else.
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
}

/// Elsewhere sleeps end as the system has it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_sleeps_in_time() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::current_timer_slack;

    use super::*;

    #[test]
    fn a_thread_hands_its_exact_sleeps_down() {
        let told = std::thread::spawn(|| {
            end_sleeps_in_time();
            let child = std::thread::spawn(|| current_timer_slack().unwrap());
            (current_timer_slack().unwrap(), child.join().unwrap())
        });
        assert_eq!(told.join().unwrap(), (1, 1), "in ns");
    }
}
