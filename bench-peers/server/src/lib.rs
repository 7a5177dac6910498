//! What the measured servers have in common: the page, its bytes, and how they say where they are.
//!
//! A server takes the number of its threads as its only argument, listens on a free port of
//! 127.0.0.1, prints `listening on http://ADDRESS`, and serves until it is killed.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::Context;

/// The page that every server answers with.
pub const PAGE: &str = include_str!("../../../native-server/src/site/pages/hello.html");

/// What the page is.
pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// Says where a server listens, once it does.
///
/// # Errors
///
/// When nobody takes it.
pub fn announce(address: impl Display) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on http://{address}")?;
    out.flush()
}

/// The number of threads asked for; 1 where none is given.
///
/// # Errors
///
/// When it is no number.
pub fn n_threads() -> anyhow::Result<usize> {
    let given = std::env::args().nth(1);
    given.map_or(Ok(1), |given| given.parse().with_context(|| format!("{given:?} threads")))
}

/// The whole answer, for servers that have it ready: as long as one with today's date.
#[must_use]
pub fn answer(closes: bool) -> Vec<u8> {
    let length = PAGE.len();
    let connection = if closes { "Connection: close\r\n" } else { "" };
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nContent-Type: {CONTENT_TYPE}\r\n\
         Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n{connection}\r\n{PAGE}"
    )
    .into_bytes()
}

/// The book's handler: it reads the first line, gives the answer, and closes. The book reads its page
/// from a file each time; here it is at hand, as it is for everybody else.
///
/// # Errors
///
/// When the client has left.
pub fn handle_connection(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    let reader = BufReader::new(&stream);
    if let Some(line) = reader.lines().next() {
        line?;
        stream.write_all(answer)?;
    }
    Ok(())
}
