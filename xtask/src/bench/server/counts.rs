//! Instructions of a keep-alive request under callgrind, the kernel's not among them: what a busy
//! computer does not change.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::contestant::{Contestant, Running};
use super::{ACTIX, EPOLL, HYPER, ours};
use crate::bench::instructions::{self, Recorded};
use crate::bench::row::Row;
use crate::places::Places;

/// Counts for ours and for those it is compared with; `record` writes them down.
///
/// # Errors
///
/// When a server cannot be started under valgrind, or does not answer.
pub(super) fn measure(places: &Places, record: bool) -> Result<Vec<Row>> {
    let mut recorded = Recorded::read(places)?;
    let mut rows = Vec::new();
    let ours = [ours("async", 1), ours("sharded", 2), ours("pool", 1), ours("pool", 4)];
    for contestant in ours.into_iter().chain([HYPER, ACTIX, EPOLL]) {
        let once = count(places, contestant, N_ROUNDS)?;
        let twice = count(places, contestant, 2 * N_ROUNDS)?;
        let per_request = (twice - once) / f64::from(N_ROUNDS * N_CLIENTS);
        let name = format!("a keep-alive request, {contestant}");
        eprintln!("xtask: instructions of {name}: {per_request:.0}");
        rows.push(recorded.replace(&name, per_request));
    }
    if record {
        recorded.write(places)?;
    }
    Ok(rows)
}

/// Instructions of a server's life in which every client asks so many times.
fn count(places: &Places, contestant: Contestant, n_rounds: u32) -> Result<f64> {
    let program = contestant.program(places)?;
    let mut valgrind = places.command("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program.get_program()).args(program.get_args()).stderr(Stdio::piped());
    let server = Running::start(contestant, &mut valgrind)?;
    let clients: Result<Vec<_>, _> =
        (0..N_CLIENTS).map(|_| TcpStream::connect(&server.address)).collect();
    let mut clients = clients.with_context(|| format!("{contestant}"))?;
    for _ in 0..n_rounds {
        for client in &mut clients {
            client.write_all(REQUEST)?;
        }
        for client in &mut clients {
            read_answer(client).with_context(|| format!("{contestant}"))?;
        }
    }
    drop(clients);
    server.terminate(places)?;
    let said = server.into_errors()?;
    instructions::collected(&said)
        .with_context(|| format!("valgrind did not say what it counted: {said}"))
}

/// Reads one answer with a `Content-Length`.
fn read_answer(client: &mut TcpStream) -> Result<()> {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let n = client.read(&mut piece)?;
        ensure!(n > 0, "the connection ended");
        answer.extend_from_slice(&piece[..n]);
        if is_whole(&answer)? {
            return Ok(());
        }
    }
}

fn is_whole(answer: &[u8]) -> Result<bool> {
    let text = std::str::from_utf8(answer)?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Ok(false) };
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    });
    Ok(body.len() >= length.context("no Content-Length")?)
}

const N_CLIENTS: u32 = 64;
const N_ROUNDS: u32 = 40;
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:7878\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        assert!(!is_whole(head.as_bytes()).unwrap());
        assert!(is_whole(format!("{head}ab").as_bytes()).unwrap());
        assert!(is_whole(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n").is_err());
    }
}
