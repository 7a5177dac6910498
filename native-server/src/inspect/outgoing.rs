//! An answer whose length is not known when it begins, written as it comes about.

use std::{
    io::{self, Write},
    net::TcpStream,
    time::{Duration, SystemTime},
};

use socket2::SockRef;

use super::seats::Seat;
use crate::http::{HttpDate, Request, Version};

/// What an answer of this kind is, and who writes its body.
pub(super) struct Stream<'a> {
    pub(super) content_type: &'static str,
    /// An error is the client's, and nobody is told.
    pub(super) write: Writer<'a>,
    /// Taken until the last byte is written.
    pub(super) seat: Seat<'a>,
}

type Writer<'a> = Box<dyn FnOnce(&mut Outgoing<'_>) -> io::Result<()> + 'a>;

/// The way to a client; a write that stands still for long fails.
pub(super) struct Outgoing<'a> {
    stream: &'a TcpStream,
    /// Chunked (RFC 9112 §7.1); otherwise the body ends with the connection.
    chunked: bool,
}

/// What of a request the answer's form depends on.
#[derive(Clone, Copy)]
pub(super) struct Form {
    chunked: bool,
    head_only: bool,
}

impl Form {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let chunked = request.version() == Version::Http11;
        Self { chunked, head_only: request.method() == "HEAD" }
    }
}

impl Stream<'_> {
    /// Writes the whole answer.
    #[expect(clippy::disallowed_methods, reason = "an answer says when")]
    pub(super) fn serve(self, mut stream: &TcpStream, form: Form) -> io::Result<()> {
        stream.set_write_timeout(Some(STALL_TIME))?;
        // What a slow client has not taken lies here, and no more than that.
        SockRef::from(stream).set_send_buffer_size(BUFFER)?;
        let date = HttpDate::new(SystemTime::now());
        let framing = if form.chunked { "Transfer-Encoding: chunked\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\n{framing}Connection: close\r\n\r\n",
            self.content_type
        );
        stream.write_all(head.as_bytes())?;
        if form.head_only {
            return Ok(());
        }
        let mut outgoing = Outgoing { stream, chunked: form.chunked };
        (self.write)(&mut outgoing)?;
        if form.chunked {
            stream.write_all(b"0\r\n\r\n")?;
        }
        drop(self.seat);
        Ok(())
    }
}

impl Outgoing<'_> {
    /// Waits so long, or until the client leaves; whether it is still there. What it says meanwhile
    /// is nothing that anybody asked for.
    pub(super) fn wait(&mut self, time: Duration) -> io::Result<bool> {
        use io::{ErrorKind, Read};
        self.stream.set_read_timeout(Some(time))?;
        match self.stream.read(&mut [0; 256]) {
            Ok(0) => Ok(false),
            Ok(_) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock => Ok(true),
                _ => Err(error),
            },
        }
    }
}

impl Write for Outgoing<'_> {
    /// Writes all of it, as one chunk.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        if self.chunked {
            self.stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
        }
        self.stream.write_all(bytes)?;
        if self.chunked {
            self.stream.write_all(b"\r\n")?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the kernel holds for a client, in bytes; it takes twice that.
const BUFFER: usize = 64 << 10;
/// A client that takes nothing for so long is cut.
const STALL_TIME: Duration = Duration::from_secs(10);
