//! The server's side of an experiment, in a process of its own.
//!
//! A server that dies takes nothing else with it, its CPU time is its own, and the generator does
//! not wake its threads. It obeys its standard input and ends with it; what it says is lines on
//! standard output, for [`Guest`](super::guest::Guest) and for nobody else.

use std::io::{BufRead, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use scheduler_model::{RouteId, Scenario};
use serde::{Deserialize, Serialize};

use super::affinity::Cores;
use super::clock::{cpu_time, zero_of};
use super::site::LabSite;
use crate::options::Options;
use crate::serve::Server;
use crate::system::{descriptors, timers};

/// What the server is started with; the scenario follows on a line of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// Where to listen.
    pub(super) listen: SocketAddr,
    /// Where to record.
    pub(super) record: PathBuf,
    /// The cores to run on.
    pub(super) cores: Vec<usize>,
    /// How long a drain may take.
    pub(super) drain_ms: u64,
}

/// What the server says once it accepts.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Where its clock's zero is on the monotonic one, in ns.
    pub(super) zero: u64,
    /// CPU time of the process so far, in ns.
    pub(super) cpu: u64,
}

/// A line of the server's, after that it is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// Clients' ports, in the order in which their connections were opened.
    Clients(Vec<u16>),
    /// It is over; CPU time of the process, in ns.
    Over(u64),
    /// It cannot go on.
    Failed(String),
}

/// What the server can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// To drain.
    Drain,
    /// That the next request of this route panics.
    Panic(u16),
}

/// Serves one experiment. What goes wrong is told to who started it.
pub fn host() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&Line::Failed(format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn serve() -> anyhow::Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().context("standard input ended")?.context("standard input");
    let order: Order = serde_json::from_str(&line()?).context("the order")?;
    let (scenario, _) = Scenario::from_json("the scenario", &line()?)?;
    drop(lines);
    Cores::of_numbers(order.cores).bind();
    descriptors::raised();
    timers::end_sleeps_in_time();
    let site = LabSite::new(&scenario);
    let (told, clients) = channel();
    let options = Options {
        listen: order.listen,
        record: Some(order.record),
        clients: Some(told.clone()),
        drain: Duration::from_millis(order.drain_ms),
        ..Options::new(scenario)
    };
    let server = Server::start(options, Arc::new(site.clone()))?;
    let (handle, probe) = (server.handle(), server.probe());
    let teller = thread::Builder::new()
        .name("clients".to_owned())
        .spawn(move || tell_clients(&clients))
        .context("a thread cannot be started")?;
    say(&Ready { address: server.address(), zero: zero_of(|| probe.now()), cpu: cpu_time() });
    thread::Builder::new()
        .name("orders".to_owned())
        .spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                match serde_json::from_str(&line) {
                    Ok(Ask::Drain) => handle.drain(),
                    Ok(Ask::Panic(route)) => site.panic_once(RouteId(route)),
                    Err(_) => {}
                }
            }
            // Whoever started it is done, or gone.
            handle.drain();
        })
        .context("a thread cannot be started")?;
    server.wait()?;
    // The server's own ends of the channel live on with its handles.
    let _ = told.send(NO_CLIENT);
    if teller.join().is_err() {
        bail!("the clients could not be told");
    }
    say(&Line::Over(cpu_time()));
    Ok(())
}

/// Passes on whose connections were opened, now and then: each line wakes who reads it.
fn tell_clients(clients: &Receiver<SocketAddr>) {
    let mut ended = false;
    while !ended && let Ok(first) = clients.recv() {
        if first != NO_CLIENT {
            thread::sleep(TELL_EVERY);
        }
        let mut ports: Vec<_> =
            std::iter::once(first).chain(clients.try_iter()).map(|client| client.port()).collect();
        ended = ports.pop_if(|port| *port == NO_CLIENT.port()).is_some();
        say(&Line::Clients(ports));
    }
}

/// A line for who started this process; when it is gone, nobody misses it.
fn say(line: &impl Serialize) {
    if let Ok(mut text) = serde_json::to_string(line) {
        text.push('\n');
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

/// Stands for the end of all clients: nobody connects from port 0.
const NO_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// How often it is told whose connections were opened.
const TELL_EVERY: Duration = Duration::from_millis(50);
