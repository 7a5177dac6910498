//! Who may listen at a port: several sockets of one process, and a server that was just restarted.

use std::io;

use socket2::Socket;

/// Whether the system shares connections out among several sockets that listen at one port, as
/// `sharded` needs it.
pub(crate) const CAN_BE_SHARED: bool = cfg!(unix);

/// Lets several sockets of this process listen at one address (`SO_REUSEPORT`).
#[cfg(unix)]
pub(crate) fn share(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

/// Not to be had here: see [`CAN_BE_SHARED`].
#[cfg(not(unix))]
pub(crate) fn share(_: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Lets a server listen although connections of the one before it have not quite ended.
#[cfg(unix)]
pub(crate) fn take_over(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Windows needs no leave for that; what has the name there lets anybody take the port away.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn take_over(_: &Socket) -> io::Result<()> {
    Ok(())
}
