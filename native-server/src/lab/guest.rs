//! The server of an experiment as whoever started it has it: a child process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use scheduler_model::Scenario;

use super::host::{Ask, Line, Order, Ready};

/// A running server.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) ready: Ready,
    process: Child,
    /// None once it was asked to end.
    orders: Option<ChildStdin>,
    reader: Option<JoinHandle<Heard>>,
    drain: Duration,
}

/// How a server ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The ports of its connections, in the order of its recording.
    pub(super) clients: Vec<u16>,
    /// CPU time that it used while it served.
    pub(super) cpu: Option<Duration>,
    /// What is wrong with how it ended.
    pub(super) fault: Option<String>,
}

/// What a server said.
#[derive(Debug, Default)]
struct Heard {
    clients: Vec<u16>,
    cpu: Option<u64>,
    failed: Option<String>,
}

impl Guest {
    /// Starts a server and waits until it accepts. `gone` is called when it ends, whyever.
    pub(super) fn start(
        order: &Order,
        scenario: &Scenario,
        gone: impl FnOnce() + Send + 'static,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own file")?;
        let mut process = Command::new(program)
            .arg(WORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server's process cannot be started")?;
        let mut orders = process.stdin.take().expect("it is piped");
        let out = process.stdout.take().expect("it is piped");
        let written = writeln!(orders, "{}", serde_json::to_string(order)?)
            .and_then(|()| writeln!(orders, "{}", scenario.to_json()));
        let (first, ready) = channel();
        let reader = thread::Builder::new()
            .name("guest".to_owned())
            .spawn(move || {
                let heard = hear(BufReader::new(out), |line| {
                    // Only the first is waited for.
                    let _ = first.send(line);
                });
                gone();
                heard
            })
            .context("a thread cannot be started")?;
        let ready = first_line(&ready).and_then(|ready| {
            written.context("the server took no order")?;
            Ok(ready)
        });
        match ready {
            Ok(ready) => Ok(Self {
                ready,
                process,
                orders: Some(orders),
                reader: Some(reader),
                drain: Duration::from_millis(order.drain_ms),
            }),
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                Err(error)
            }
        }
    }

    /// Asks it for something. One that is gone does nothing any more, and says so at its end.
    pub(super) fn ask(&mut self, ask: Ask) {
        if let Some(orders) = &mut self.orders
            && let Ok(line) = serde_json::to_string(&ask)
        {
            let _ = writeln!(orders, "{line}");
        }
    }

    /// Has it drain, and waits until it is gone.
    pub(super) fn end(mut self) -> Ended {
        self.orders = None;
        let until = Instant::now() + self.drain + SLACK;
        let status = loop {
            match self.process.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                _ => break None,
            }
        };
        if status.is_none() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        let heard = self.reader.take().map(JoinHandle::join);
        let heard = heard.and_then(Result::ok).unwrap_or_default();
        let cpu = heard.cpu.map(|cpu| Duration::from_nanos(cpu.saturating_sub(self.ready.cpu)));
        let fault = heard.failed.or_else(|| match status {
            None => Some("did not end in time, and was stopped".to_owned()),
            Some(status) if status.success() && cpu.is_some() => None,
            Some(status) => Some(how(status)),
        });
        Ended { clients: heard.clients, cpu, fault }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // One that was waited for is gone already.
        if self.reader.is_some() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// The line that says it is ready, or why it is not.
fn first_line(lines: &Receiver<String>) -> anyhow::Result<Ready> {
    let line = lines.recv().map_err(|_| anyhow!("the server ended before it accepted"))?;
    match serde_json::from_str(&line) {
        Ok(Line::Failed(why)) => bail!(why),
        _ => serde_json::from_str(&line).context("the server's first line"),
    }
}

/// Reads what a server says until it ends.
fn hear(out: impl BufRead, first: impl FnOnce(String)) -> Heard {
    let mut heard = Heard::default();
    let mut lines = out.lines().map_while(Result::ok);
    if let Some(line) = lines.next() {
        first(line);
    }
    for line in lines {
        match serde_json::from_str(&line) {
            Ok(Line::Clients(ports)) => heard.clients.extend(ports),
            Ok(Line::Over(cpu)) => heard.cpu = Some(cpu),
            Ok(Line::Failed(why)) => heard.failed = Some(why),
            Err(_) => {} // a line that was cut short with its writer
        }
    }
    heard
}

/// How a process ended that should have ended otherwise.
fn how(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was killed by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended".to_owned(),
    }
}

/// The command that the child process is started with.
const WORD: &str = "lab-server";
/// How long after its drain's deadline a server may still write its recording.
const SLACK: Duration = Duration::from_secs(5);
