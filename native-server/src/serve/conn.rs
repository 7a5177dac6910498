//! A client's connection: a socket and the HTTP state of what came through it.
//!
//! Reading and writing stop where the socket would block; the deadlines that apply are computed
//! from what the connection is in the middle of.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use scheduler_model::{ConnectionId, SimTime, Span};
use socket2::SockRef;

use super::addresses::AddressPlace;
use super::answering::Planned;
use crate::http::{Body, Connection, HttpDate, Phase, Response};
use crate::options::Options;
use crate::system::sockets::SHORT_READ_DRAINS;

/// An open connection, in the hands of the poller, of a worker, or of the run queue.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) token: usize,
    /// Its number, from when the scheduler knows of it.
    pub(super) connection: ConnectionId,
    pub(super) stream: Arc<TcpStream>,
    pub(super) http: Connection,
    /// The client's address.
    pub(super) peer: SocketAddr,
    /// When its request, or what may be one, arrived.
    pub(super) arrived: SimTime,
    /// How long that waited for its worker.
    pub(super) waited: Span,
    /// The answer to its request, whose handler sleeps on a timer of a loop.
    pub(super) planned: Option<Planned>,
    /// Whether the kernel has said that the client will send no more.
    pub(super) ended: bool,
    /// Whether what was there has been read already, for the task that comes next.
    pub(super) is_read: bool,
    /// Whether there was no room for all that may have come: no edge will tell of the rest.
    is_full: bool,
    /// What the rest of an answer's body is read from.
    file: Option<Arc<File>>,
    /// When its phase began, for deadlines.
    since: Instant,
    phase: Phase,
    /// The answer that the client has not taken yet.
    unsent: Option<Unsent>,
    /// How slowly a client may take an answer that a thread waits with.
    pace: Option<Pace>,
    /// About how many bytes are written at once.
    turn: u64,
    /// Given back when the connection is closed.
    _place: Option<AddressPlace>,
}

/// How slowly a client may take an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long it may take nothing.
    stall: Duration,
    /// Bytes a second that it must take, all in all.
    rate: u64,
}

impl Pace {
    pub(super) fn new(options: &Options) -> Self {
        Self { stall: options.write_stall, rate: options.body_rate.max(1) }
    }
}

/// How an answer is taken that the socket did not take at once.
#[derive(Clone, Copy, Debug)]
struct Unsent {
    /// When the socket was full for the first time.
    since: Instant,
    /// When it took something, last.
    moved: Instant,
    /// Bytes it has taken since it was full.
    n_taken: u64,
}

/// What a read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Everything that was there, or that there was room for; more may come.
    Drained,
    /// The client will send no more.
    End,
    /// The connection is broken.
    Broken,
}

/// What became of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// All of it is written.
    All,
    /// The client takes no more for now; the kernel will tell when it does.
    Blocked,
    /// The connection is broken.
    Broken,
    /// There is more, and the client would take it: enough for one turn was written.
    Yielded,
}

impl Conn {
    pub(super) fn new(
        token: usize,
        (stream, peer): (TcpStream, SocketAddr),
        place: Option<AddressPlace>,
        options: &Options,
    ) -> Self {
        Self {
            token,
            connection: ConnectionId::from_index(0),
            stream: Arc::new(stream),
            http: Connection::new(options.limits),
            peer,
            arrived: SimTime::ZERO,
            waited: Span::ZERO,
            planned: None,
            ended: false,
            is_read: false,
            is_full: false,
            file: None,
            since: Instant::now(),
            phase: Phase::Idle,
            unsent: None,
            pace: None,
            turn: if options.model().is_loop() { TURN } else { u64::MAX },
            _place: place,
        }
    }

    /// Answers the request that is there.
    pub(super) fn respond(&mut self, response: &Response, date: &HttpDate) {
        self.http.respond(response, date);
        self.file = match response.body() {
            Body::File { file, .. } if self.http.body_owed() > 0 => Some(Arc::clone(file)),
            _ => None,
        };
    }

    /// Reads what is there and finds room, without waiting.
    pub(super) fn fill(&mut self, scratch: &mut [u8]) -> Found {
        self.is_full = false;
        loop {
            let room = self.http.room().min(scratch.len());
            if room == 0 {
                self.is_full = true;
                return Found::Drained;
            }
            match (&*self.stream).read(&mut scratch[..room]) {
                Ok(0) => {
                    self.http.end_of_input();
                    return Found::End;
                }
                Ok(n) => {
                    self.http.receive(&scratch[..n]);
                    if n < room && !self.ended && SHORT_READ_DRAINS {
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

    /// Writes what the socket takes, without waiting, and at most about `enough` bytes.
    ///
    /// A file that became shorter ends the connection: the client learns from the missing bytes that
    /// the answer is not whole (RFC 9112 §8).
    pub(super) fn send(&mut self, enough: u64) -> Sent {
        let mut n_written = 0;
        loop {
            let has_output = !self.http.output().is_empty();
            let written = match &self.file {
                _ if has_output => (&*self.stream).write(self.http.output()),
                Some(_) if n_written >= enough => {
                    self.note_unsent(n_written);
                    return Sent::Yielded;
                }
                Some(file) if self.pace.is_some() => {
                    write_piece_of_one(file, &self.stream, self.http.body_owed())
                }
                Some(file) => PIECE_OF_MANY.with_borrow_mut(|piece| {
                    piece.resize(PIECE, 0);
                    write_piece(file, &self.stream, self.http.body_owed(), piece)
                }),
                None => {
                    self.unsent = None;
                    return Sent::All;
                }
            };
            match written {
                Ok(n) if n > 0 => {
                    n_written += n as u64;
                    if has_output {
                        self.http.sent(n);
                    } else {
                        self.http.body_sent(n);
                    }
                    if self.http.body_owed() == 0 {
                        self.file = None;
                    }
                    if let Some(pace) = self.pace
                        && self.is_sending()
                    {
                        self.note_unsent(n as u64);
                        if self.unsent_deadline(pace) <= Some(Instant::now()) {
                            return Sent::Blocked;
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let until = self.pace.map(|pace| Instant::now() + pace.stall);
                    match until.map(|until| self.wait(PollFlags::OUT, until)) {
                        Some(Ok(true)) => {}
                        Some(Err(_)) => return Sent::Broken,
                        Some(Ok(false)) | None => {
                            self.note_unsent(n_written);
                            return Sent::Blocked;
                        }
                    }
                }
                Ok(_) | Err(_) => {
                    if self.file.take().is_some() {
                        self.http.abort();
                    }
                    return Sent::Broken;
                }
            }
        }
    }

    /// As [`Conn::send`], whatever it takes; under a loop for one turn. False when the connection is
    /// broken.
    pub(super) fn flush(&mut self) -> bool {
        self.send(self.turn) != Sent::Broken
    }

    /// How long its request waited for its worker, in µs.
    pub(super) fn waited_us(&self) -> u64 {
        self.waited.as_nanos() / 1000
    }

    /// Whether a part of an answer is still to be written.
    pub(super) fn is_sending(&self) -> bool {
        self.file.is_some() || !self.http.output().is_empty()
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
        if deadline <= Instant::now() {
            return Err(ErrorKind::TimedOut.into());
        }
        let room = self.http.room().min(scratch.len());
        loop {
            // Most clients have sent everything by now.
            match (&*self.stream).read(&mut scratch[..room]) {
                Ok(0) if room > 0 => {
                    self.http.end_of_input();
                    return Ok(Found::End);
                }
                Ok(n) => {
                    self.http.receive(&scratch[..n]);
                    return Ok(Found::Drained);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !self.wait(PollFlags::IN, deadline)? {
                        return Err(ErrorKind::TimedOut.into());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(Found::Broken),
            }
        }
    }

    /// Waits until the socket can be read or written, as `flags` say; false when it cannot in time.
    fn wait(&self, flags: PollFlags, until: Instant) -> io::Result<bool> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&*self.stream, flags)], Some(&left)) {
                Ok(n_ready) => return Ok(n_ready > 0),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// From now on a thread that has nothing else to do waits for the client, where it has to.
    pub(super) fn wait_for_client(&mut self, pace: Pace) {
        self.pace = Some(pace);
    }

    /// From now on nobody waits for the client: it is the poller's.
    pub(super) fn wait_no_longer(&mut self) {
        self.pace = None;
    }

    /// Whether a thread waited for the client, who did not take its answer in time.
    pub(super) fn has_stalled(&self) -> bool {
        self.pace.is_some() && self.is_sending()
    }

    /// Whether a parked client has left: nothing of a request is here, and nothing will come.
    pub(super) fn has_ended(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        self.http.is_idle() && matches!(SockRef::from(&*self.stream).peek(&mut byte), Ok(0))
    }

    /// Looks at how a request begins that nobody has read, before it is answered all the same: an answer to
    /// HEAD has no body (RFC 9110 §9.3.2).
    pub(super) fn look_at_method(&mut self) {
        let mut beginning = [0; b"\r\nHEAD ".len()];
        if self.http.is_idle()
            && let Ok(n) = self.stream.peek(&mut beginning)
        {
            self.http.receive(&beginning[..n]);
        }
    }

    /// Whether there is something, be it the end, that the last read left for want of room.
    pub(super) fn has_rest(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        self.is_full && SockRef::from(&*self.stream).peek(&mut byte).is_ok()
    }

    /// Whether something that the client sent has not been read.
    pub(super) fn has_input(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        matches!(SockRef::from(&*self.stream).peek(&mut byte), Ok(1..))
    }

    /// Whether nothing is left to do for the client but to close: all is written, and nothing that
    /// it sent lies unread for a reset to be made of.
    pub(super) fn is_finished(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit(); 1];
        let socket = SockRef::from(&*self.stream);
        !self.is_sending() && !matches!(socket.peek(&mut byte), Ok(1..))
    }

    /// Says that nothing more will be sent.
    pub(super) fn half_close(&self) {
        // A socket that is gone needs no half-close.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Notes a change of phase at `now`; its deadline counts from there.
    pub(super) fn note_phase(&mut self, now: impl FnOnce() -> Instant) {
        let phase = self.http.phase();
        if phase != self.phase || phase == Phase::Idle {
            self.phase = phase;
            self.since = now();
        }
    }

    /// When the connection has taken too long with what it is in the middle of.
    pub(super) fn deadline(&self, options: &Options) -> Instant {
        if let Some(deadline) = self.unsent_deadline(Pace::new(options)) {
            return deadline;
        }
        match self.phase {
            Phase::Head => self.since + options.head,
            Phase::Body => {
                let earned = self.http.body_received() as u64 / options.body_rate.max(1);
                self.since + BODY_FIRST + Duration::from_secs(earned)
            }
            Phase::Idle | Phase::Answering | Phase::Closed => self.since + options.idle,
        }
    }

    /// When an answer must have been taken; none if it has been.
    fn unsent_deadline(&self, pace: Pace) -> Option<Instant> {
        let Unsent { since, moved, n_taken } = self.unsent?;
        // A client that takes a byte now and then does not stall; it is too slow all the same.
        let earned = Duration::from_secs(n_taken / pace.rate);
        Some((moved + pace.stall).min(since + pace.stall + earned))
    }

    fn note_unsent(&mut self, n_taken: u64) {
        let now = Instant::now();
        let unsent = self.unsent.get_or_insert(Unsent { since: now, moved: now, n_taken: 0 });
        if n_taken > 0 {
            unsent.moved = now;
            unsent.n_taken += n_taken;
        }
    }
}

/// Writes the next piece of a file of which `owed` bytes are still to be sent; 0 at its end. What the
/// socket does not take stays in the file: a slow client costs no memory.
fn write_piece(
    mut file: &File,
    mut stream: &TcpStream,
    owed: u64,
    piece: &mut [u8],
) -> io::Result<usize> {
    let n_max = usize::try_from(owed).unwrap_or(usize::MAX).min(piece.len());
    let n_read = file.read(&mut piece[..n_max])?;
    let written = stream.write(&piece[..n_read]);
    let n_left = n_read - written.as_ref().map_or(0, |&n| n);
    if n_left > 0 {
        let back = i64::try_from(n_left).expect("a piece is small");
        file.seek(SeekFrom::Current(-back))?;
    }
    written
}

/// The same, by a thread that waits for its client. A function of its own: what lies on the stack of one
/// that every answer goes through is a page fault for each of its pages, sent or not.
#[inline(never)]
fn write_piece_of_one(file: &File, stream: &TcpStream, owed: u64) -> io::Result<usize> {
    write_piece(file, stream, owed, &mut [0; PIECE_OF_ONE])
}

thread_local! {
    /// What a thread with many clients reads their files into. It keeps it: memory that is given back after
    /// each turn is sixteen page faults in the next.
    static PIECE_OF_MANY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes of one client's file that are sent before others have their turn.
pub(super) const TURN: u64 = 256 << 10;
/// How long a body may bring nothing at first.
pub(super) const BODY_FIRST: Duration = Duration::from_secs(5);
/// What is read of a file at once.
const PIECE: usize = 64 << 10;
/// The same, by a thread that waits for its client with it in hand. It lies on the stack, which goes back to
/// the system with the thread: of 400 on the heap 25 MB were still resident when their clients had left.
const PIECE_OF_ONE: usize = 16 << 10;
