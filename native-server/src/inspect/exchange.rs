//! One request and its answer over a blocking socket, within fixed times.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant, SystemTime},
};

use super::outgoing::{Form, Stream};
use crate::http::{Connection, HttpDate, Limits, Phase, Refusal, Request, Response, Step};

/// What a request is answered with.
pub(super) enum Reply<'a> {
    /// All of it at once.
    Whole(Response),
    /// As it comes about.
    Streamed(Stream<'a>),
}

impl From<Response> for Reply<'_> {
    fn from(response: Response) -> Self {
        Self::Whole(response)
    }
}

/// Reads a request, answers it and closes: a kept connection would hold a thread for an idle client.
pub(super) fn serve<'a>(
    stream: &TcpStream,
    answer: impl Fn(&Request<'_>) -> Reply<'a>,
) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    // Each answer is written at once: nothing is gained by holding its last packet back.
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(LIMITS);
    connection.close_after_this();
    let streamed = read_and_answer(stream, &mut connection, answer)?;
    write_output(stream, &mut connection, Instant::now() + WRITE_TIME)?;
    if let Some((streamed, form)) = streamed {
        streamed.serve(stream, form)?;
    }
    stream.shutdown(Shutdown::Write)?;
    drain(stream, Instant::now() + DRAIN_TIME)
}

/// Goes on until the answer, be it a refusal, is in the output, or is to be streamed.
#[expect(clippy::disallowed_methods, reason = "an answer says when")]
fn read_and_answer<'a>(
    mut stream: &TcpStream,
    connection: &mut Connection,
    answer: impl Fn(&Request<'_>) -> Reply<'a>,
) -> io::Result<Option<(Stream<'a>, Form)>> {
    let deadline = Instant::now() + REQUEST_TIME;
    let mut bytes = [0; READ_SIZE];
    loop {
        let date = HttpDate::new(SystemTime::now());
        match connection.poll(&date) {
            Step::Closed | Step::Failed(_) => return Ok(None),
            Step::NeedMore => {}
            Step::Request(request) => {
                let form = Form::of(&request);
                match answer(&request) {
                    Reply::Whole(response) => connection.respond(&response, &date),
                    Reply::Streamed(stream) => return Ok(Some((stream, form))),
                }
                return Ok(None);
            }
            Step::SendBody => unreachable!("every body here is given as a whole"),
        }
        // It may hold `100 Continue`.
        write_output(stream, connection, deadline)?;
        let room = connection.room().min(bytes.len());
        stream.set_read_timeout(Some(left_until(deadline)))?;
        match stream.read(&mut bytes[..room]) {
            Ok(0) => connection.end_of_input(),
            Ok(n) => connection.receive(&bytes[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(&error) => {}
            Err(error) => return Err(error),
        }
        if Instant::now() >= deadline {
            match connection.phase() {
                // A browser opens connections ahead, and may ask on one when it gets a 408.
                Phase::Idle => connection.abort(),
                Phase::Body => connection.fail(Refusal::BodyTimeout, &date),
                _ => connection.fail(Refusal::HeadTimeout, &date),
            }
            return Ok(None);
        }
    }
}

fn write_output(
    mut stream: &TcpStream,
    connection: &mut Connection,
    deadline: Instant,
) -> io::Result<()> {
    while !connection.output().is_empty() {
        stream.set_write_timeout(Some(left_until(deadline)))?;
        match stream.write(connection.output()) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => connection.sent(n),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if Instant::now() >= deadline && !connection.output().is_empty() {
            return Err(ErrorKind::TimedOut.into());
        }
    }
    Ok(())
}

/// Reads on until the client has closed too: closing on unread input sends a reset, which can eat
/// the answer (RFC 9112 §9.6).
fn drain(mut stream: &TcpStream, deadline: Instant) -> io::Result<()> {
    let mut bytes = [0; READ_SIZE];
    while Instant::now() < deadline {
        stream.set_read_timeout(Some(left_until(deadline)))?;
        if stream.read(&mut bytes)? == 0 {
            break;
        }
    }
    Ok(())
}

/// A timeout for the socket, which takes no zero.
fn left_until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}

/// Unix says the former, Windows the latter.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Nobody has anything to post here.
const LIMITS: Limits =
    Limits { head_max: 16 << 10, fields_max: 100, target_max: 8 << 10, body_max: 4 << 10 };
const READ_SIZE: usize = 4 << 10;

/// For the whole request, never for each read: a byte a second must not hold a thread.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// For the whole answer; the page is about a megabyte.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// For the client to close after the answer.
const DRAIN_TIME: Duration = Duration::from_secs(1);
