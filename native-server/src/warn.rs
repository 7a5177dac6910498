//! A line on standard error that costs nobody anything when there is nowhere to write it.
//!
//! `eprintln!` panics on a closed or full standard error, and a server does not end for that.

use std::fmt;
use std::io::Write;

/// Writes `native-server: ` and the message, if that is possible.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    // One write, so that lines of two threads do not mix.
    let line = format!("native-server: {message}\n");
    // There is nobody left to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
