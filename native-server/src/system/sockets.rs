//! How the kernel tells of a socket, and what one has from its listener.

use std::io;

use mio::net::TcpStream;
use mio::{Interest, Poll, Token};

/// Whether a socket that is shared already can be watched: on Windows it has to be before.
pub(crate) const CAN_WATCH_LATER: bool = cfg!(unix);

/// Whether the kernel tells of more once a read brought less than there was room for. Windows does
/// so only after a read that found nothing.
pub(crate) const SHORT_READ_DRAINS: bool = cfg!(unix);

/// Whether a connection has `TCP_NODELAY` from its listener.
pub(crate) const NODELAY_IS_INHERITED: bool = cfg!(target_os = "linux");

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
