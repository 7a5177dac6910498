//! The load: wrk for a while on one server, and what it says it saw.

use std::process::{Command, Stdio};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};

use super::contestant::{Cores, Running};
use crate::places::Places;

/// What is asked, and by how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) path: &'static str,
    pub(super) n_connections: u32,
    /// Whether every request asks for its connection to be closed.
    pub(super) closes: bool,
    pub(super) seconds: u32,
}

/// What a load came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) n_requests: f64,
    pub(super) per_second: f64,
    /// 99th percentile of the sojourn time, in ms.
    pub(super) p99_ms: f64,
}

impl Load {
    pub(super) const KEEP_ALIVE: Self =
        Self { path: "/", n_connections: 64, closes: false, seconds: 1 };
    pub(super) const CLOSING: Self = Self { closes: true, ..Self::KEEP_ALIVE };

    /// Loads a server.
    ///
    /// # Errors
    ///
    /// When wrk cannot be run, or saw answers other than 200 or broken connections.
    pub(super) fn run(&self, places: &Places, cores: Cores, server: &Running) -> Result<Seen> {
        let output = self.command(places, cores, server).output().context("cannot start wrk")?;
        let said = String::from_utf8_lossy(&output.stdout);
        Seen::parse(&said).with_context(|| format!("{}: {said}", server.contestant))
    }

    /// As [`Load::run`], beside something else.
    pub(super) fn start(
        &self,
        places: &Places,
        cores: Cores,
        server: &Running,
    ) -> Result<std::process::Child> {
        let mut command = self.command(places, cores, server);
        command.stdout(Stdio::null()).spawn().context("cannot start wrk")
    }

    fn command(&self, places: &Places, cores: Cores, server: &Running) -> Command {
        let mut wrk = places.command("wrk");
        wrk.args(["--latency", "-t1", &format!("-c{}", self.n_connections)]);
        wrk.arg(format!("-d{}s", self.seconds));
        if self.closes {
            wrk.args(["-H", "Connection: close"]);
        }
        wrk.arg(format!("http://{}{}", server.address, self.path));
        cores.load(places, &wrk)
    }
}

impl Seen {
    fn parse(said: &str) -> Result<Self> {
        let bad = said.lines().find(|line| {
            line.contains("Non-2xx")
                || line.contains("Socket errors")
                    && !line.contains("connect 0, read 0, write 0, timeout")
        });
        ensure!(bad.is_none(), "not every request was answered with 200");
        let after = |label: &str| said.lines().find_map(|line| line.trim().strip_prefix(label));
        let n_requests =
            said.lines().find_map(|line| number(line.trim().split_once(" requests in")?.0));
        Ok(Self {
            n_requests: n_requests.context("no number of requests")?,
            per_second: after("Requests/sec:").and_then(number).context("no rate")?,
            p99_ms: after("99%").and_then(millis).context("no 99th percentile")?,
        })
    }
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

/// `1.23ms` and its kin, in milliseconds.
fn millis(text: &str) -> Option<f64> {
    let text = text.trim();
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    units.into_iter().find_map(|(unit, ms)| Some(number::<f64>(text.strip_suffix(unit)?)? * ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
Running 1s test @ http://127.0.0.1:7878/
  1 threads and 64 connections
  Latency Distribution
     50%  620.00us
     99%    1.25ms
  82345 requests in 1.00s, 20.65MB read
Requests/sec:  82001.55
Transfer/sec:     20.57MB
";

    #[test]
    fn what_wrk_says_is_read() {
        let seen = Seen::parse(SAID).unwrap();
        assert_eq!(seen, Seen { n_requests: 82345.0, per_second: 82001.55, p99_ms: 1.25 });
    }

    #[test]
    fn answers_that_say_no_are_no_measurement() {
        assert!(Seen::parse(&format!("{SAID}  Non-2xx or 3xx responses: 3\n")).is_err());
        let broken = "  Socket errors: connect 0, read 7, write 0, timeout 0\n";
        assert!(Seen::parse(&format!("{SAID}{broken}")).is_err());
    }

    #[test]
    fn times_are_read_in_every_unit() {
        assert_eq!(millis(" 250.00us"), Some(0.25));
        assert_eq!(millis("2.00s"), Some(2000.0));
        assert_eq!(millis("2"), None);
    }
}
