//! A line on standard error that costs nobody anything when there is nowhere to write it.
//!
//! `eprintln!` panics on a closed or full standard error, and a server does not end for that. Nor does it
//! wait for somebody to read it: that would be for ever where nobody does.

use std::fmt;

/// Writes `native-server: ` and the message, if that is possible now.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    // One write, so that lines of two threads do not mix.
    let line = format!("native-server: {message}\n");
    write(line.as_bytes());
}

/// Past the lock of [`std::io::stderr`], which a log may hold that nobody reads.
#[cfg(unix)]
fn write(line: &[u8]) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stderr = std::io::stderr();
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    if let Ok(1..) = poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&at_once)) {
        // There is nobody left to tell.
        let _ = rustix::io::write(&stderr, line);
    }
}

#[cfg(not(unix))]
fn write(line: &[u8]) {
    use std::io::Write;

    // There is nobody left to tell.
    let _ = std::io::stderr().write_all(line);
}
