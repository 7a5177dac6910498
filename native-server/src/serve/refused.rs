//! What it means that the system has refused to accept.

use std::io::{Error, ErrorKind};

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Ask again: a signal came, or that one connection was lost on its way.
    AskAgain,
    /// Rest before asking again: there are no descriptors, no buffers, or something else that is not
    /// mended by asking.
    Rest,
    /// Wait until the kernel says that somebody is there.
    Wait,
}

impl Refused {
    /// Errors of a connection that nobody has yet come out of `accept` on Linux (accept(2)).
    pub(super) fn by(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::WouldBlock => Self::Wait,
            ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::Interrupted
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable => Self::AskAgain,
            _ => Self::Rest,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn each_error_of_accept_is_asked_again_after_waited_out_or_rested_on() {
        let by = |errno: Errno| Refused::by(&Error::from_raw_os_error(errno.raw_os_error()));
        for errno in [Errno::INTR, Errno::CONNABORTED, Errno::NETDOWN, Errno::HOSTUNREACH] {
            assert_eq!(by(errno), Refused::AskAgain, "{errno:?}");
        }
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::PERM] {
            assert_eq!(by(errno), Refused::Rest, "{errno:?}");
        }
        assert_eq!(by(Errno::AGAIN), Refused::Wait);
    }
}
