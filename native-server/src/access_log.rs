//! The access log: a JSON line for each answer, written by a thread of its own.
//!
//! A worker hands a line over and never waits: when the writer does not keep up, or cannot write,
//! lines are dropped and counted. What a handler logs is its own affair.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use prometheus_client::metrics::counter::Counter;
use serde::Serialize;

use crate::warn::warn;

/// Where the access log is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// At the end of this file.
    File(PathBuf),
    /// To standard error.
    Stderr,
    /// To standard output.
    Stdout,
}

/// A line of the log; what is not known is null.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LogLine {
    /// Milliseconds since 1970, when the answer was made.
    pub unix_ms: u64,
    /// The request's number, as recordings and `/-/why/` know it.
    pub request: Option<u64>,
    /// The client's address.
    pub client: Option<SocketAddr>,
    /// The method, if a handler saw the request.
    pub method: Option<String>,
    /// The target as it came, if a handler saw the request.
    pub target: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the answer's body: 0 where HTTP has none, as for HEAD.
    pub body_bytes: u64,
    /// Waiting time: from the arrival to the start of service, or to the rejection.
    pub queue_us: Option<u64>,
    /// How long the handler ran.
    pub run_us: Option<u64>,
    /// The client's `X-Request-Id`.
    pub x_request_id: Option<String>,
    /// Why there was no handler: the reason of a rejection or a refusal.
    pub reason: Option<String>,
}

/// The way to the log's writer.
#[derive(Debug)]
pub struct AccessLog {
    to_writer: Option<SyncSender<LogLine>>,
    finished: Receiver<()>,
    dropped: Counter,
}

impl AccessLog {
    /// Opens the log and starts its writer; `dropped` counts the lines that are lost.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened for appending, or the thread not be started.
    pub fn open(target: &LogTarget, dropped: Counter) -> anyhow::Result<Self> {
        let out: Box<dyn Write + Send> = match target {
            LogTarget::Stderr => Box::new(io::stderr()),
            LogTarget::Stdout => Box::new(io::stdout()),
            LogTarget::File(path) => Box::new(open_file(path)?),
        };
        let (to_writer, lines) = sync_channel(LINES_MAX);
        let (finish, finished) = sync_channel(0);
        let lost = dropped.clone();
        thread::Builder::new()
            .name("access log".to_owned())
            .spawn(move || {
                write_all(&lines, out, &lost);
                drop(finish);
            })
            .context("--access-log: its thread cannot be started")?;
        Ok(Self { to_writer: Some(to_writer), finished, dropped })
    }

    /// Hands a line over, or drops it.
    pub fn push(&self, line: LogLine) {
        let taken = self.to_writer.as_ref().is_some_and(|writer| writer.try_send(line).is_ok());
        if !taken {
            self.dropped.inc();
        }
    }

    /// Lets the writer come to its end, for a moment: somebody who does not read what is written
    /// shall not hold up the end of the server.
    pub fn close(mut self) {
        self.to_writer = None;
        if self.finished.recv_timeout(CLOSE_MAX) == Err(RecvTimeoutError::Timeout) {
            warn(format_args!("the end of the access log could not be written"));
        }
    }
}

fn open_file(path: &Path) -> anyhow::Result<File> {
    let opened = File::options().create(true).append(true).open(path);
    opened.with_context(|| format!("--access-log {}", path.display()))
}

/// Writes until there will be no more lines; flushes whenever none waits.
fn write_all(lines: &Receiver<LogLine>, out: Box<dyn Write + Send>, dropped: &Counter) {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let mut unflushed = 0;
    let mut failed = false;
    while let Ok(first) = lines.recv() {
        let mut next = Some(first);
        let mut written = Ok(());
        while let Some(line) = next {
            unflushed += 1;
            written = written.and(write_line(&mut out, &line));
            next = lines.try_recv().ok().filter(|_| written.is_ok());
        }
        if let Err(error) = written.and_then(|()| out.flush()) {
            dropped.inc_by(unflushed);
            if !failed {
                warn(format_args!("the access log cannot be written: {error}; lines are dropped"));
            }
            failed = true;
            // What is in the buffer is lost, or half of a line would come before the next one.
            let (inner, _) = out.into_parts();
            out = BufWriter::with_capacity(BUFFER, inner);
        } else {
            failed = false;
        }
        unflushed = 0;
    }
}

fn write_line(out: &mut impl Write, line: &LogLine) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Lines that may wait for the writer: about a megabyte.
const LINES_MAX: usize = 4096;
/// What is written at once, at most.
const BUFFER: usize = 64 << 10;
/// How long the end of the log may take.
const CLOSE_MAX: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Takes nothing before it is let.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whoever_logs_does_not_wait_for_a_writer_that_is_stuck() {
        let (let_go, permits) = mpsc::channel();
        let (to_writer, lines) = sync_channel(8);
        let (finish, finished) = sync_channel(0);
        let dropped = Counter::default();
        let lost = dropped.clone();
        let writer = thread::spawn(move || {
            write_all(&lines, Box::new(Stuck(permits)), &lost);
            drop(finish);
        });
        let log = AccessLog { to_writer: Some(to_writer), finished, dropped: dropped.clone() };
        for _ in 0..100_000 {
            log.push(LogLine::default());
        }
        // The writer has some, and eight wait.
        assert!((1..100_000).contains(&dropped.get()), "{}", dropped.get());
        drop(let_go);
        log.close();
        writer.join().unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn lines_for_a_full_device_are_counted_one_by_one() {
        let dropped = Counter::default();
        let target = LogTarget::File("/dev/full".into());
        let log = AccessLog::open(&target, dropped.clone()).unwrap();
        for _ in 0..100 {
            log.push(LogLine::default());
        }
        log.close();
        assert_eq!(dropped.get(), 100);
    }
}
