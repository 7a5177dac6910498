//! How the kernel tells of a socket, and what one has from its listener.

use std::io;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Poll, Token};

/// Whether a socket that is shared already can be watched: on Windows it has to be before.
pub(crate) const CAN_WATCH_LATER: bool = cfg!(unix);

/// Whether the kernel tells of more once a read brought less than there was room for. Windows does
/// so only after a read that found nothing.
pub(crate) const SHORT_READ_DRAINS: bool = cfg!(unix);

/// Whether a connection has `TCP_NODELAY` from its listener.
pub(crate) const NODELAY_IS_INHERITED: bool = cfg!(target_os = "linux");

/// What there is after a connection has been accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct There {
    /// Somebody else waits to be accepted.
    pub(crate) others: bool,
    /// Its client has said something already, or left.
    pub(crate) said: bool,
}

/// Asks for both at once. It costs less than to try: for an `accept` in vain the kernel makes a socket
/// and throws it away.
#[cfg(unix)]
pub(crate) fn look(listener: &TcpListener, accepted: &TcpStream) -> There {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut both = [PollFd::new(listener, PollFlags::IN), PollFd::new(accepted, PollFlags::IN)];
    // What cannot be known is tried.
    let known = poll(&mut both, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok();
    let [others, said] = both.map(|one| !known || !one.revents().is_empty());
    There { others, said }
}

/// The kernel tells of others only after an `accept` in vain.
#[cfg(not(unix))]
pub(crate) fn look(_: &TcpListener, _: &TcpStream) -> There {
    There { others: true, said: true }
}

/// Has the kernel tell of every edge of this connection from now on, and of how it is now.
#[cfg(unix)]
pub(crate) fn watch(
    poll: &Poll,
    stream: &TcpStream,
    token: Token,
    interest: Interest,
) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let descriptor = stream.as_raw_fd();
    poll.registry().register(&mut mio::unix::SourceFd(&descriptor), token, interest)
}

/// The kernel watches it from the start: see [`CAN_WATCH_LATER`].
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn watch(_: &Poll, _: &TcpStream, _: Token, _: Interest) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::net::{Shutdown, TcpListener as StdListener, TcpStream as StdStream};

    use super::*;

    #[test]
    fn after_an_accept_it_is_known_who_waits_and_whether_the_client_has_spoken_or_left() {
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || StdStream::connect(address).unwrap();
        let (silent, mut speaks, leaves) = (connect(), connect(), connect());
        let listener = TcpListener::from_std(listener);
        // On loopback what was sent is there once it has been sent.
        speaks.write_all(b"G").unwrap();
        leaves.shutdown(Shutdown::Both).unwrap();
        let next = || {
            let (accepted, _) = listener.accept().unwrap();
            let There { others, said } = look(&listener, &accepted);
            (others, said)
        };
        assert_eq!([next(), next(), next()], [(true, false), (true, true), (false, true)]);
        drop(silent);
    }
}
