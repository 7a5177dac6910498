//! One client of an experiment: a connection for one request, and what became of it.
//!
//! Every request has a connection of its own which closes with the answer, as in the simulation;
//! a client of a closed load opens another one when it asks again.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use scheduler_model::{Question, Scenario};
use socket2::SockRef;

use super::demand::{FIELD, Written};

/// A connection with a question on it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) stream: TcpStream,
    /// The client's own port.
    pub(super) port: Option<u16>,
    /// Whether the server's kernel has taken the connection.
    pub(super) connected: bool,
    unsent: Vec<u8>,
    received: Vec<u8>,
}

/// What a look at a connection found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is no whole answer yet.
    Nothing,
    /// A whole answer, with this status.
    Answer(u16),
    /// The connection ended without one.
    Broken,
}

impl Client {
    /// Begins to connect, and to ask.
    ///
    /// # Errors
    ///
    /// When the system has no socket for it.
    pub(super) fn connect(
        server: SocketAddr,
        scenario: &Scenario,
        question: &Question,
    ) -> io::Result<Self> {
        let stream = TcpStream::connect(server)?;
        let port = stream.local_addr().ok().map(|address| address.port());
        // A question is one write; waiting gains nothing.
        let _ = stream.set_nodelay(true);
        let path = scenario.path(question.route).unwrap_or("/");
        let demand = Written(question.demand);
        let unsent = format!(
            "GET {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n{FIELD}: {demand}\r\n\r\n"
        );
        let unsent = unsent.into_bytes();
        Ok(Self { stream, port, connected: false, unsent, received: Vec::new() })
    }

    /// Goes on as far as the connection allows.
    pub(super) fn go_on(&mut self, scratch: &mut [u8]) -> Found {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(n) => {
                    self.connected = true;
                    self.unsent.drain(..n);
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::NotConnected => return Found::Nothing,
                    ErrorKind::Interrupted => {}
                    _ => break, // it may have been answered all the same
                },
            }
        }
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return self.answer().map_or(Found::Broken, Found::Answer),
                Ok(n) => {
                    self.received.extend_from_slice(&scratch[..n]);
                    if let Some(status) = self.answer() {
                        return Found::Answer(status);
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Found::Nothing,
                    ErrorKind::Interrupted => {}
                    _ => return self.answer().map_or(Found::Broken, Found::Answer),
                },
            }
        }
    }

    /// Leaves at once: the server is told with a reset, as by a program that was ended.
    pub(super) fn leave(self) {
        // Without it the server would take the client for one that has said all it had to say.
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    /// The status of the answer, once head and body are here.
    fn answer(&self) -> Option<u16> {
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut head = httparse::Response::new(&mut fields);
        let Ok(httparse::Status::Complete(length)) = head.parse(&self.received) else {
            return None;
        };
        let named = |name: &str| {
            let found = head.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(found.value).ok()?.trim().parse::<usize>().ok()
        };
        let body = named("Content-Length").unwrap_or(0);
        (self.received.len() >= length + body).then_some(head.code?)
    }
}
