//! A server whose run is judged at its end, whatever else its test is about.
//!
//! It is recorded, and the recording must be a path of the model. What the metrics say must be what
//! the recording says, and what [`Client`](super::Client)s were answered must be what the metrics
//! say, status by status as far as a status tells.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use native_server::options::Options;
use native_server::serve;
use native_server::site::Site;
use scheduler_model::{Scheduler, Stats, replay};

use super::{counted, place, read_trace};

/// As [`serve::Server`], and judged when it has been waited for or is dropped.
pub(crate) struct Server {
    running: Option<serve::Server>,
    path: PathBuf,
    /// Whether the recording is nobody else's.
    own: bool,
    /// Why clients may have seen less than happened.
    unread: Option<&'static str>,
}

impl Server {
    pub(crate) fn start(options: Options, site: Arc<dyn Site>) -> anyhow::Result<Self> {
        let schedulers = Scheduler::all(&options.scenario.server);
        let own = options.record.is_none();
        let number = N_STARTED.fetch_add(1, Ordering::Relaxed);
        let path = options
            .record
            .clone()
            .unwrap_or_else(|| place(&format!("{}-{number}", env!("CARGO_CRATE_NAME"))));
        let options = Options { record: Some(path.clone()), ..options };
        let server = serve::Server::start_with(options, site, schedulers)?;
        // Another one may have had this port.
        seen().remove(&server.address());
        Ok(Self { running: Some(server), path, own, unread: None })
    }

    /// For a test in which not every answer is read by a `Client`; `why` says who does not.
    pub(crate) fn with_answers_unread(mut self, why: &'static str) -> Self {
        self.unread = Some(why);
        self
    }

    /// Waits until a drain is over, and judges the run.
    pub(crate) fn wait(mut self) -> anyhow::Result<()> {
        let server = self.running.take().expect("it is waited for once");
        let (probe, address) = (server.probe(), server.address());
        server.wait()?;
        self.judge(&probe.metrics().expect("it was observed to its end"), address);
        Ok(())
    }

    fn judge(&self, metrics: &str, address: SocketAddr) {
        let trace = read_trace(&self.path);
        let verdict = replay(&trace);
        assert!(verdict.conforms && verdict.complete, "{}: {verdict:?}", self.path.display());
        let report = Stats::of(&trace).unwrap();
        let ended = |outcome| {
            counted(metrics, &format!("native_server_requests_total{{outcome=\"{outcome}\"}}"))
        };
        let outcomes = ["answered", "failed", "rejected", "lost"].map(ended);
        assert_eq!(outcomes, [report.answered, report.failed, report.rejected, report.lost]);
        let by_reason = sum(metrics, "native_server_rejections_total{");
        assert_eq!(by_reason, report.rejected, "{metrics}");
        assert_eq!(counted(metrics, "native_server_requests_in_system"), report.in_system);
        assert_eq!(counted(metrics, "native_server_run_queue_depth"), 0);
        let seen = seen().remove(&address).unwrap_or_default();
        let of = |status: u16| seen.get(&status).copied().unwrap_or(0);
        let refused = sum(metrics, "native_server_requests_refused_total{");
        let [answered, failed, rejected, _] = outcomes;
        let told = answered + failed + rejected + refused;
        let got: u64 = seen.values().sum();
        let why = self.unread.unwrap_or_default();
        assert!(
            got <= told && of(500) <= failed && of(503) <= rejected,
            "{why}: {seen:?}\n{metrics}"
        );
        if self.unread.is_none() {
            assert_eq!((got, of(500), of(503)), (told, failed, rejected), "{seen:?}\n{metrics}");
        }
        if self.own {
            fs::remove_file(&self.path).unwrap();
        }
    }
}

impl Deref for Server {
    type Target = serve::Server;

    fn deref(&self) -> &serve::Server {
        self.running.as_ref().expect("it has not been waited for")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(server) = self.running.take().filter(|_| !std::thread::panicking()) else {
            return;
        };
        let (probe, address) = (server.probe(), server.address());
        server.handle().drain();
        server.wait().unwrap();
        self.judge(&probe.metrics().expect("it was observed to its end"), address);
    }
}

/// A client was answered.
pub(super) fn note(address: SocketAddr, status: u16) {
    *seen().entry(address).or_default().entry(status).or_default() += 1;
}

static N_STARTED: AtomicU64 = AtomicU64::new(0);

/// The sum over a family.
fn sum(metrics: &str, family: &str) -> u64 {
    let values = metrics.lines().filter(|line| line.starts_with(family));
    values.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

/// How often clients of a server were answered with each status.
fn seen() -> std::sync::MutexGuard<'static, BTreeMap<SocketAddr, BTreeMap<u16, u64>>> {
    static SEEN: Mutex<BTreeMap<SocketAddr, BTreeMap<u16, u64>>> = Mutex::new(BTreeMap::new());
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}
