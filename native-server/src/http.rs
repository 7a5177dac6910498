//! HTTP/1.1, sans-IO: bytes in, requests and answers out.
//!
//! Every scheduling model of this server shares the [`Connection`] of this module: it is given the
//! bytes that a socket had, and gives back requests to answer and bytes to write. It owns no socket,
//! reads no clock, starts no thread, and waits for nothing, so that a test drives it one byte at a
//! time, and a worker leaves it as it is whenever a client is slow.
//!
//! ```text
//! socket --receive--> input --poll--> Request --(the site)--> Response --respond--> output --> socket
//!                       |                                                             ^
//!                       +------ poll: what cannot be a request is answered here ------+
//! ```
//!
//! What it accepts is what RFC 9112 allows and no more: where a lenient server would guess where a
//! message ends, this one answers 400 and closes. Each verdict depends on the bytes alone, never on
//! how they were cut into reads: it falls at one certain byte.
//!
//! Left out: HTTP/2, upgrades, compression, and deadlines, which belong to whoever has a clock;
//! [`Connection::phase`] says which one applies.

mod buffer;
mod chunked;
mod connection;
mod date;
mod fields;
mod grammar;
mod head;
mod limits;
mod lines;
mod refusal;
mod request;
mod request_line;
mod response;
mod status;
mod target;

pub use connection::{Connection, Phase, Step};
pub use date::HttpDate;
pub use fields::Fields;
pub use limits::Limits;
pub use refusal::Refusal;
pub use request::Request;
pub use request_line::Version;
pub use response::{Body, Response};
pub use status::Status;
pub use target::Target;
