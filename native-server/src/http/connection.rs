//! One client's connection: a machine between the bytes read and the bytes to write.

use super::{
    HttpDate, Limits, Refusal, Request, Response, Version,
    buffer::Buffer,
    chunked::ChunkedDecoder,
    head::{Framing, Head, HeadScan},
    response::{Around, ConnectionField},
};

/// A server's side of an HTTP/1.1 connection.
///
/// Bytes are given with [`receive`](Self::receive), requests taken with [`poll`](Self::poll) one at a
/// time, each answered with [`respond`](Self::respond) before the next, and the bytes of the answers
/// are in [`output`](Self::output). Nothing here blocks, and no input makes it panic.
///
/// ```
/// use native_server::http::{Connection, HttpDate, Limits, Response, Status, Step};
///
/// let date = HttpDate::new(std::time::UNIX_EPOCH);
/// let mut connection = Connection::new(Limits::default());
/// connection.receive(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
/// while let Step::Request(request) = connection.poll(&date) {
///     let response = Response::new(Status::OK).with_body(request.path().into_owned());
///     connection.respond(&response, &date);
/// }
/// let n_written = connection.output().len();
/// connection.sent(n_written);
/// assert!(connection.is_idle() && !connection.closes_after_output());
/// ```
#[derive(Debug)]
pub struct Connection {
    limits: Limits,
    input: Buffer,
    output: Buffer,
    /// What a chunked body was decoded to; any other body is still in the input.
    body: Vec<u8>,
    state: State,
    requests_served: u64,
    /// Of the last answer.
    body_len: u64,
    blank_line_skipped: bool,
    is_draining: bool,
    input_ended: bool,
}

/// What [`Connection::poll`] found.
#[derive(Clone, Debug)]
pub enum Step<'a> {
    /// The last answer is in the output: write it, then close. What still comes in is forgotten.
    Closed,
    /// The input was refused just now, and the answer that says why is in the output; as `Closed`
    /// from here on.
    Failed(Refusal),
    /// No whole request is there. Write the output first: it may hold `100 Continue`.
    NeedMore,
    /// A request to answer; the same one again until it is answered.
    Request(Request<'a>),
    /// The answer's body is not complete: [`Connection::body_sent`].
    SendBody,
}

/// What a connection is in the middle of; deadlines differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// A request is there as a whole, or its answer's body is not complete.
    Answering,
    /// In the body of a request; [`Connection::body_received`] says how far.
    Body,
    /// Nothing more is read; the output may still have to be written.
    Closed,
    /// Something of a head has arrived, not all of it.
    Head,
    /// Nothing of a next request has arrived.
    Idle,
}

#[derive(Debug)]
enum State {
    /// A whole request is at the beginning of the input, and ends there at `end`.
    Answering {
        head: Head,
        end: usize,
    },
    Chunked(Head, ChunkedDecoder),
    Closed,
    Head(HeadScan),
    Length(Head, usize),
    Sending {
        owed: u64,
        stays: bool,
    },
}

impl Connection {
    /// A connection on which nothing has happened; it allocates nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            input: Buffer::default(),
            output: Buffer::default(),
            body: Vec::new(),
            state: State::Head(HeadScan::default()),
            requests_served: 0,
            body_len: 0,
            blank_line_skipped: false,
            is_draining: false,
            input_ended: false,
        }
    }

    /// Takes in what was read from the socket: at most [`room`](Self::room) bytes keep the
    /// connection within its limits.
    pub fn receive(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Closed) {
            self.input.push(bytes);
        }
    }

    /// Notes that the client will send no more. What is complete is still answered.
    pub fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    /// Whether the client will send no more.
    pub fn has_ended(&self) -> bool {
        self.input_ended
    }

    /// Makes the next answer the last one, and say so: for a drain, or the last of the requests that
    /// a connection may make. An idle connection is the driver's to close.
    pub fn close_after_this(&mut self) {
        self.is_draining = true;
    }

    /// Goes as far as the input allows. A refusal is answered right here, with `date`.
    pub fn poll(&mut self, date: &HttpDate) -> Step<'_> {
        self.poll_with(|| *date)
    }

    /// As [`poll`](Self::poll); the date is asked for only when there is a refusal.
    pub fn poll_with(&mut self, date: impl FnOnce() -> HttpDate) -> Step<'_> {
        if let Err(refusal) = self.advance() {
            self.fail(refusal, &date());
            return Step::Failed(refusal);
        }
        match self.state {
            State::Answering { .. } => match self.request() {
                Some(request) => Step::Request(request),
                None => Step::NeedMore,
            },
            State::Closed => Step::Closed,
            State::Sending { .. } => Step::SendBody,
            State::Chunked(..) | State::Head(_) | State::Length(..) => Step::NeedMore,
        }
    }

    /// Answers the request that [`poll`](Self::poll) gave.
    ///
    /// # Panics
    ///
    /// When there is none: an answer too many would be taken for the next request's.
    pub fn respond(&mut self, response: &Response, date: &HttpDate) {
        let State::Answering { head, end } = &self.state else {
            panic!("an answer without a request")
        };
        let end = *end;
        let is_last = self.input_ended && self.input.unread().len() == end;
        let knows_chunks = head.line.version == Version::Http11;
        let has_end = knows_chunks || !response.body().is_chunked();
        let stays = head.keep_alive && !self.is_draining && !is_last && has_end;
        let connection = match (stays, head.line.version) {
            (false, _) => ConnectionField::Close,
            (true, Version::Http10) => ConnectionField::KeepAlive,
            (true, Version::Http11) => ConnectionField::Absent,
        };
        let is_head_request = head.line.is_head_request(self.input.unread());
        let around = Around { date, connection, is_head_request, knows_chunks };
        let owed = response.write(self.output.tail(), &around);
        self.body_len = response.body_len(is_head_request);
        self.requests_served += 1;
        self.input.consume(end);
        self.body = Vec::new();
        self.state = match owed {
            0 => after_answer(stays),
            owed => State::Sending { owed, stays },
        };
        self.forget_if_closed();
    }

    /// Notes that the next `n` bytes of a [`Body::File`](super::Body::File) have been written, after
    /// the output: nobody keeps a file's bytes for a client who does not take them.
    ///
    /// # Panics
    ///
    /// When it is more than [`body_owed`](Self::body_owed), or output comes first.
    pub fn body_sent(&mut self, n: usize) {
        let State::Sending { owed, stays } = self.state else {
            panic!("{n} bytes of a body that nobody waits for")
        };
        assert!(self.output().is_empty(), "a body is written after its head");
        let owed = owed.checked_sub(n as u64).expect("a body within its length");
        self.state = match owed {
            0 => after_answer(stays),
            owed => State::Sending { owed, stays },
        };
        self.forget_if_closed();
    }

    /// Answers instead of reading on, and closes: a deadline has passed, or there is no worker for
    /// the connection. In the middle of an answer's body it only closes, for no other answer could
    /// be told from that body.
    pub fn reject(&mut self, response: &Response, date: &HttpDate) {
        if !matches!(self.state, State::Closed | State::Sending { .. }) {
            let input = self.input.unread();
            let is_head_request =
                input.strip_prefix(b"\r\n").unwrap_or(input).starts_with(b"HEAD ");
            let connection = ConnectionField::Close;
            let around = Around { date, connection, is_head_request, knows_chunks: false };
            response.write(self.output.tail(), &around);
            self.body_len = response.body_len(is_head_request);
        }
        self.abort();
    }

    /// As [`reject`](Self::reject), with the answer that belongs to the refusal.
    pub fn fail(&mut self, refusal: Refusal, date: &HttpDate) {
        let status = refusal.status();
        let response = Response::new(status)
            .with_content_type("text/plain; charset=utf-8")
            .with_body(format!("{status}: {refusal}\n"));
        self.reject(&response, date);
    }

    /// Closes after what is in the output, complete or not: the client learns from the missing bytes
    /// that an answer failed (RFC 9112 §8).
    pub fn abort(&mut self) {
        self.state = State::Closed;
        self.forget_if_closed();
    }

    /// Notes that the first `n` bytes of the output have been written.
    ///
    /// # Panics
    ///
    /// When the output is shorter.
    pub fn sent(&mut self, n: usize) {
        self.output.consume(n);
    }

    /// What is to be written.
    pub fn output(&self) -> &[u8] {
        self.output.unread()
    }

    /// How many bytes the next read may bring. After the last answer they are forgotten: reading on
    /// for a moment keeps a reset from eating that answer.
    ///
    /// 0 while a request and enough of the following ones are there.
    pub fn room(&self) -> usize {
        let n_unread = self.input.unread().len();
        match self.state {
            // Only the body: what follows it is read when it has been answered.
            State::Length(head, length) => (head.len + length).saturating_sub(n_unread),
            State::Answering { end, .. } => {
                self.limits.input_max().saturating_sub(n_unread.saturating_sub(end))
            }
            State::Chunked(head, _) => {
                self.limits.input_max().saturating_sub(n_unread.saturating_sub(head.len))
            }
            _ => self.limits.input_max().saturating_sub(n_unread),
        }
    }

    /// The request that waits for its answer.
    pub fn request(&self) -> Option<Request<'_>> {
        let State::Answering { head, end } = &self.state else { return None };
        let bytes = self.input.unread();
        let body = match head.framing {
            Framing::Chunked => &self.body[..],
            Framing::Length(_) => &bytes[head.len..*end],
        };
        Some(Request::new(head, bytes, body))
    }

    /// What the connection is in the middle of, as of the last [`poll`](Self::poll).
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Answering { .. } | State::Sending { .. } => Phase::Answering,
            State::Chunked(..) | State::Length(..) => Phase::Body,
            State::Closed => Phase::Closed,
            State::Head(_) if self.input.unread().is_empty() => Phase::Idle,
            State::Head(_) => Phase::Head,
        }
    }

    /// Whether [`poll`](Self::poll) would find nothing but that it needs more: between two requests,
    /// with nothing of the next one here and more to come.
    pub fn is_waiting(&self) -> bool {
        self.is_idle() && !self.input_ended
    }

    /// Whether nothing of a next request has arrived; there may still be output.
    pub fn is_idle(&self) -> bool {
        self.phase() == Phase::Idle
    }

    /// Bytes of the current request's body that have arrived, decoded: 0 outside [`Phase::Body`].
    pub fn body_received(&self) -> usize {
        match self.state {
            State::Chunked(..) => self.body.len(),
            State::Length(head, length) => {
                self.input.unread().len().saturating_sub(head.len).min(length)
            }
            _ => 0,
        }
    }

    /// Bytes of the current answer's body that are still to be written from elsewhere.
    pub fn body_owed(&self) -> u64 {
        match self.state {
            State::Sending { owed, .. } => owed,
            _ => 0,
        }
    }

    /// Whether the connection is over once the output is written.
    pub fn closes_after_output(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Requests answered so far; refused input is none.
    pub fn requests_served(&self) -> u64 {
        self.requests_served
    }

    /// Bytes of the last answer's body, sent or not yet: 0 where none follows, as for HEAD.
    pub fn body_len(&self) -> u64 {
        self.body_len
    }

    /// Bytes of memory held in buffers.
    pub fn memory(&self) -> usize {
        self.input.capacity() + self.output.capacity() + self.body.capacity()
    }

    /// Moves from state to state until one needs more input or an answer.
    fn advance(&mut self) -> Result<(), Refusal> {
        if let State::Head(_) = self.state {
            self.advance_head()?;
        }
        self.advance_body()?;
        if self.input_ended {
            match self.phase() {
                Phase::Idle => self.abort(),
                Phase::Head | Phase::Body => return Err(Refusal::CutOff),
                Phase::Answering | Phase::Closed => {}
            }
        }
        Ok(())
    }

    fn advance_head(&mut self) -> Result<(), Refusal> {
        // RFC 9112 §2.2: some clients send an empty line too many after a body. One is enough.
        if !self.blank_line_skipped {
            match self.input.unread() {
                b"\r" => return Ok(()),
                [b'\r', b'\n', ..] => {
                    self.input.consume(2);
                    self.blank_line_skipped = true;
                }
                _ => {}
            }
        }
        let State::Head(scan) = &mut self.state else { return Ok(()) };
        let Some(head) = scan.poll(self.input.unread(), &self.limits)? else { return Ok(()) };
        self.blank_line_skipped = false;
        let has_body_bytes = self.input.unread().len() > head.len;
        if head.expects_continue && head.framing != Framing::Length(0) && !has_body_bytes {
            self.output.push(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        self.state = match head.framing {
            Framing::Chunked => State::Chunked(head, ChunkedDecoder::new()),
            Framing::Length(0) => State::Answering { head, end: head.len },
            Framing::Length(length) => State::Length(head, length),
        };
        Ok(())
    }

    fn advance_body(&mut self) -> Result<(), Refusal> {
        match &mut self.state {
            &mut State::Length(head, length) => {
                let end = head.len + length;
                if self.input.unread().len() >= end {
                    self.state = State::Answering { head, end };
                }
            }
            State::Chunked(head, decoder) => {
                let head = *head;
                let raw = &self.input.unread()[head.len..];
                let progress = decoder.decode(raw, &mut self.body, &self.limits)?;
                self.input.remove(head.len..head.len + progress.consumed);
                if progress.is_complete {
                    self.state = State::Answering { head, end: head.len };
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Gives memory back that nobody will read.
    fn forget_if_closed(&mut self) {
        if let State::Closed = self.state {
            self.input = Buffer::default();
            self.body = Vec::new();
        }
    }
}

fn after_answer(stays: bool) -> State {
    if stays { State::Head(HeadScan::default()) } else { State::Closed }
}
