//! A server that takes part: how it is started, where it listens, what it has cost.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};

use crate::bench::peers;
use crate::places::Places;

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contestant {
    pub(super) kind: Kind,
    pub(super) n_threads: u32,
    /// Whether its threads end while it is measured: what they had of the processor is then only in
    /// the sum of the process, which the kernel tells in hundredths of a second.
    pub(super) threads_pass: bool,
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ours, under this model.
    Ours(&'static str),
    /// Somebody else's.
    Peer {
        /// What people call it.
        name: &'static str,
        /// The program.
        program: &'static str,
    },
}

/// Which cores the server and the load have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cores {
    /// All of them, as the system likes it.
    Both,
    /// One each.
    One,
}

impl Cores {
    /// The command that runs `program` on the server's core.
    pub(super) fn server(self, places: &Places, program: &Command) -> Command {
        self.pinned(places, "0", program)
    }

    /// The command that runs `program` on the load's core.
    pub(super) fn load(self, places: &Places, program: &Command) -> Command {
        self.pinned(places, "1", program)
    }

    fn pinned(self, places: &Places, core: &str, program: &Command) -> Command {
        let mut command = match self {
            Self::Both => places.command(program.get_program()),
            Self::One => {
                let mut command = places.command("taskset");
                command.args(["--cpu-list", core]).arg(program.get_program());
                command
            }
        };
        command.args(program.get_args());
        command
    }
}

impl Contestant {
    pub(super) const fn peer(name: &'static str, program: &'static str, n_threads: u32) -> Self {
        Self { kind: Kind::Peer { name, program }, n_threads, threads_pass: false }
    }

    pub(super) const fn with_passing_threads(self) -> Self {
        Self { threads_pass: true, ..self }
    }

    /// The program with its arguments; nobody observes what it does.
    pub(super) fn program(self, places: &Places) -> Result<Command> {
        self.program_inspected(places, "off")
    }

    /// As [`Contestant::program`]; ours is inspected at this address.
    pub(super) fn program_inspected(self, places: &Places, inspect: &str) -> Result<Command> {
        match self.kind {
            Kind::Ours(model) => {
                let mut program = peers::program(places, "server-ours")?;
                program.args(["--listen", "127.0.0.1:0", "--inspect", inspect, "--model", model]);
                program.args(["--workers", &self.n_threads.to_string()]);
                // Nobody is turned away: an answer that says so would be another one.
                program.args(["--queue", "1024", "--requests-per-connection", "1000000000"]);
                Ok(program)
            }
            Kind::Peer { program, .. } => {
                let mut program = peers::program(places, program)?;
                program.arg(self.n_threads.to_string());
                Ok(program)
            }
        }
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it does not start, or does not say where it listens.
    pub(super) fn start(self, places: &Places, cores: Cores) -> Result<Running> {
        Running::start(self, &mut cores.server(places, &self.program(places)?))
    }
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Ours(model @ ("pool" | "sharded")) => write!(f, "{model} {}", self.n_threads),
            Kind::Ours(model) => f.write_str(model),
            Kind::Peer { name, .. } => f.write_str(name),
        }
    }
}

/// A server that listens; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) contestant: Contestant,
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
    /// What it says after its address.
    said: BufReader<ChildStdout>,
}

impl Running {
    /// Runs the command, which is the contestant's or a tool that runs it.
    pub(super) fn start(contestant: Contestant, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {contestant}"))?;
        let stdout = child.stdout.take().expect("standard output was asked for as a pipe");
        let said = BufReader::new(stdout);
        let mut running = Self { contestant, child, address: String::new(), said };
        running.address = running.next_address("listening on http://")?;
        Ok(running)
    }

    /// The address in the next line that it says, which begins like this.
    pub(super) fn next_address(&mut self, beginning: &str) -> Result<String> {
        let (contestant, mut said) = (self.contestant, String::new());
        self.said.read_line(&mut said).with_context(|| format!("{contestant}: no address"))?;
        let address = said.trim().strip_prefix(beginning).map(str::to_owned);
        address.with_context(|| format!("{contestant} said {said:?}, not where it listens"))
    }

    /// What it has had of the processor until now, in nanoseconds.
    pub(super) fn cpu_ns(&self) -> Result<f64> {
        let folder = format!("/proc/{}", self.child.id());
        if self.contestant.threads_pass {
            let stat = fs::read_to_string(format!("{folder}/stat"))?;
            return ticks(&stat).map(|ticks| ticks * TICK_NS).context("/proc/PID/stat");
        }
        self.cpu_ns_of(|_| true)
    }

    /// The same, of the threads with such a name.
    pub(super) fn cpu_ns_of(&self, is_counted: impl Fn(&str) -> bool) -> Result<f64> {
        let mut total = 0.0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let task = task?.path();
            let read = |file| fs::read_to_string(task.join(file)).unwrap_or_default(); // it may have ended
            if is_counted(read("comm").trim()) {
                let text = read("schedstat");
                total += text.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0.0);
            }
        }
        Ok(total)
    }

    /// Memory of its that is resident, in KiB.
    pub(super) fn resident_kib(&self) -> Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kib.context("/proc/PID/status has no VmRSS")
    }

    /// Asks it to end as a service manager would.
    pub(super) fn terminate(&self, places: &Places) -> Result<()> {
        crate::steps::run(places.command("kill").arg(self.child.id().to_string()))
    }

    /// What it writes to standard error, when that was asked for as a pipe, until its end.
    pub(super) fn into_errors(mut self) -> Result<String> {
        let mut said = String::new();
        if let Some(mut errors) = self.child.stderr.take() {
            std::io::Read::read_to_string(&mut errors, &mut said)?;
        }
        self.child.wait()?;
        Ok(said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `utime` and `stime` of `/proc/PID/stat`; the name before them may have spaces in it.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(|field| field.parse::<f64>().ok());
    Some(times.next()?? + times.next()??)
}

/// What the kernel counts in for user programs, on every Linux.
const TICK_NS: f64 = 1e7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_a_name_with_spaces() {
        let stat = "12 (a (b) c) S 1 1 1 0 -1 4194560 111 0 0 0 250 50 0 0 20 0 1 0 5";
        assert_eq!(ticks(stat), Some(300.0));
    }
}
