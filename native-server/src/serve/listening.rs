//! The sockets that a server listens at: one that was handed over, or new ones, one for each loop.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use mio::net::TcpListener;
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::options::Options;
use crate::system::ports;

/// The socket that a service manager has handed over (`LISTEN_FDS`), if there is one.
pub(super) fn inherited() -> anyhow::Result<Option<std::net::TcpListener>> {
    let taken = listenfd::ListenFd::from_env().take_tcp_listener(0);
    taken.context(
        "LISTEN_FDS: the first descriptor given is not what is allowed, a listening TCP socket",
    )
}

/// So many listening sockets at one address, among which the kernel shares connections out. All of
/// them are opened before the first is used: one that came later would take connections from the
/// queues of others. One that was inherited is shared by all loops, and whoever comes first accepts.
pub(super) fn listen(options: &Options, n_shards: usize) -> anyhow::Result<Vec<TcpListener>> {
    if let Some(inherited) = &options.inherited {
        let place = "the inherited socket";
        inherited.set_nonblocking(true).context(place)?;
        SockRef::from(&**inherited).set_tcp_nodelay(true).context(place)?;
        let clones = (0..n_shards).map(|_| inherited.try_clone().map(TcpListener::from_std));
        return clones.collect::<Result<_, _>>().context(place);
    }
    ensure!(
        n_shards == 1 || ports::CAN_BE_SHARED,
        "--model sharded with {n_shards} loops: on this system they cannot share a port; allowed are \
         --workers 1, and the models single, spawn, pool, fork-join and async"
    );
    let place = || format!("--listen {}", options.listen);
    // Linux holds one connection more than it is told to.
    let one_more = u32::from(cfg!(target_os = "linux"));
    let backlog = options.scenario.server.accept_backlog.get().saturating_sub(one_more);
    let bind = |address: SocketAddr, shares: bool| -> std::io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        ports::take_over(&socket)?;
        if shares {
            ports::share(&socket)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        Ok(socket)
    };
    let one = |address| -> std::io::Result<TcpListener> {
        let socket = bind(address, n_shards > 1)?;
        // On Linux a connection has it from its listener: a system call less for each.
        socket.set_tcp_nodelay(true)?;
        socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        Ok(TcpListener::from_std(socket.into()))
    };
    if n_shards > 1 {
        // The system would let another server share the port with this one, without a word.
        bind(options.listen, false).with_context(place)?;
    }
    let first = one(options.listen).with_context(place)?;
    let address = first.local_addr().with_context(place)?; // port 0 is resolved
    let others = (1..n_shards).map(|_| one(address));
    std::iter::once(Ok(first)).chain(others).collect::<std::io::Result<_>>().with_context(place)
}
