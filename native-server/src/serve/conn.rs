//! A client's connection: a socket and the HTTP state of what came through it.
//!
//! Reading and writing stop where the socket would block; the deadlines that apply are computed
//! from what the connection is in the middle of.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use scheduler_model::ConnectionId;
use socket2::SockRef;

use crate::http::{Connection, Phase};
use crate::options::Options;

/// An open connection, in the hands of the poller, of a worker, or of the run queue.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) token: usize,
    pub(super) connection: ConnectionId,
    pub(super) stream: Arc<TcpStream>,
    pub(super) http: Connection,
    /// When its phase began, for deadlines.
    since: Instant,
    phase: Phase,
}

/// What a read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Everything that was there; more may come.
    Drained,
    /// The client will send no more.
    End,
    /// The connection is broken.
    Broken,
}

impl Conn {
    pub(super) fn new(
        token: usize,
        connection: ConnectionId,
        stream: TcpStream,
        options: &Options,
    ) -> Self {
        Self {
            token,
            connection,
            stream: Arc::new(stream),
            http: Connection::new(options.limits),
            since: Instant::now(),
            phase: Phase::Idle,
        }
    }

    /// Reads what is there, without waiting.
    pub(super) fn fill(&mut self, scratch: &mut [u8]) -> Found {
        loop {
            let room = self.http.room().min(scratch.len());
            if room == 0 {
                return Found::Drained;
            }
            match (&*self.stream).read(&mut scratch[..room]) {
                Ok(0) => {
                    self.http.end_of_input();
                    return Found::End;
                }
                Ok(n) => {
                    self.http.receive(&scratch[..n]);
                    if n < room {
                        return Found::Drained; // an edge will tell when there is more
                    }
                    if self.http.phase() == Phase::Closed {
                        return Found::Drained;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Found::Drained,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Found::Broken,
            }
        }
    }

    /// Writes what the socket takes, without waiting; false when the connection is broken.
    pub(super) fn flush(&mut self) -> bool {
        while !self.http.output().is_empty() {
            match (&*self.stream).write(self.http.output()) {
                Ok(0) => return false,
                Ok(n) => self.http.sent(n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// Reads what is there and forgets it.
    pub(super) fn discard(&mut self, scratch: &mut [u8]) -> Found {
        loop {
            match (&*self.stream).read(scratch) {
                Ok(0) => return Found::End,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Found::Drained,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Found::Broken,
            }
        }
    }

    /// Reads once, waiting until `deadline` at most.
    pub(super) fn wait_and_fill(
        &mut self,
        scratch: &mut [u8],
        deadline: Instant,
    ) -> io::Result<Found> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        SockRef::from(&*self.stream).set_read_timeout(Some(left))?;
        let room = self.http.room().min(scratch.len());
        match (&*self.stream).read(&mut scratch[..room]) {
            Ok(0) if room > 0 => {
                self.http.end_of_input();
                Ok(Found::End)
            }
            Ok(n) => {
                self.http.receive(&scratch[..n]);
                Ok(Found::Drained)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Err(ErrorKind::TimedOut.into()),
                ErrorKind::Interrupted => Ok(Found::Drained),
                _ => Ok(Found::Broken),
            },
        }
    }

    /// Makes reads and writes wait, for a thread that has nothing else to do.
    pub(super) fn set_blocking(&self, write_stall: Duration) -> io::Result<()> {
        let socket = SockRef::from(&*self.stream);
        socket.set_nonblocking(false)?;
        socket.set_write_timeout(Some(write_stall))
    }

    /// Whether a parked client has left: nothing of a request is here, and nothing will come.
    pub(super) fn has_ended(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        self.http.is_idle() && matches!(SockRef::from(&*self.stream).peek(&mut byte), Ok(0))
    }

    /// Says that nothing more will be sent, if all of it has been.
    pub(super) fn half_close_if_written(&self) {
        if self.http.output().is_empty() {
            self.half_close();
        }
    }

    /// Whether nothing is left to do for the client but to close: all is written, and nothing that
    /// it sent lies unread for a reset to be made of.
    pub(super) fn is_finished(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        let socket = SockRef::from(&*self.stream);
        let unread = socket.set_nonblocking(true).and_then(|()| socket.peek(&mut byte));
        self.http.output().is_empty() && !matches!(unread, Ok(1..))
    }

    /// Says that nothing more will be sent.
    pub(super) fn half_close(&self) {
        // A socket that is gone needs no half-close.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Notes a change of phase; its deadline counts from here.
    pub(super) fn note_phase(&mut self) {
        let phase = self.http.phase();
        if phase != self.phase || phase == Phase::Idle {
            self.phase = phase;
            self.since = Instant::now();
        }
    }

    /// When the connection has taken too long with what it is in the middle of.
    pub(super) fn deadline(&self, options: &Options) -> Instant {
        if !self.http.output().is_empty() {
            return self.since + options.write_stall;
        }
        match self.phase {
            Phase::Head if self.http.requests_served() == 0 => self.since + options.head,
            Phase::Head => self.since + options.head,
            Phase::Body => {
                let earned = self.http.body_received() as u64 / options.body_rate.max(1);
                self.since + Duration::from_secs(5 + earned)
            }
            Phase::Idle | Phase::Answering | Phase::Closed => self.since + options.idle,
        }
    }
}
