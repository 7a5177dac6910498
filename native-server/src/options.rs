//! What `serve` is asked to do, as legal values.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use scheduler_model::{Model, Scenario};

use crate::access_log::LogTarget;
use crate::http::Limits;
use crate::site::Root;

/// Everything that flags and a scenario file say about a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// A socket that listens already, to be taken in place of `listen`: whoever started this process
    /// keeps it, so that nobody is refused between two servers.
    pub inherited: Option<Arc<TcpListener>>,
    /// Where the page is served, if anywhere.
    pub inspect: Option<SocketAddr>,
    /// Whether that address was asked for: then it must be free.
    pub inspect_asked: bool,
    /// The server, its bounds, and its routes.
    pub scenario: Scenario,
    /// What a request may measure.
    pub limits: Limits,
    /// How long a whole head may take.
    pub head: Duration,
    /// Bytes a second that a body must bring, after five seconds.
    pub body_rate: u64,
    /// How long a client may leave an answer untaken.
    pub write_stall: Duration,
    /// How long a connection may be parked between requests.
    pub idle: Duration,
    /// Requests a connection may make.
    pub requests_per_connection: u64,
    /// Connections open at once.
    pub max_connections: Option<usize>,
    /// Connections of one address open at once.
    pub per_address: Option<usize>,
    /// The folder whose files are answered.
    pub root: Option<Root>,
    /// How long a drain may take.
    pub drain: Duration,
    /// Where the run is recorded.
    pub record: Option<PathBuf>,
    /// Whether the run is counted and can be asked about without being recorded.
    pub observe: bool,
    /// Who is told of each connection's client, in the order in which a recording opens them.
    pub clients: Option<Sender<SocketAddr>>,
    /// Where answers are logged.
    pub access_log: Option<LogTarget>,
    /// What a client of the inspect listener has to know; none at a loopback address.
    pub inspect_token: Option<String>,
}

impl Options {
    /// A server of this scenario on a free port of this machine, every limit at its default and
    /// without a page.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            inherited: None,
            inspect: None,
            inspect_asked: false,
            scenario,
            limits: Limits::default(),
            head: Duration::from_secs(10),
            body_rate: 500,
            write_stall: Duration::from_secs(10),
            idle: Duration::from_secs(15),
            requests_per_connection: 1000,
            max_connections: None,
            per_address: None,
            root: None,
            drain: Duration::from_secs(10),
            record: None,
            observe: false,
            clients: None,
            access_log: None,
            inspect_token: None,
        }
    }

    /// The scheduling model.
    pub fn model(&self) -> Model {
        self.scenario.server.model
    }
}
