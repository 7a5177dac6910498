//! What systems do not have in common, one thing a file: how a program is asked to stop, how many
//! descriptors it may have, who may listen at a port, how the kernel tells of a socket, how exactly sleeps
//! end.
//!
//! What belongs to one thing elsewhere is beside that: the timer of a loop in [`alarm`](crate::alarm),
//! a thread's CPU time with `/spin`. What a system does not have is refused where it is asked for,
//! with what is allowed there.

pub(crate) mod descriptors;
pub(crate) mod ports;
pub(crate) mod sockets;
pub(crate) mod stop;
pub(crate) mod timers;
