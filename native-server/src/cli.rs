//! The command line: what may be said, with which defaults, and what is wrong with the rest.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use scheduler_model::scenario::{Distribution, OnFull, QueueBound, Ranged, RequestKind, Server};
use scheduler_model::{ExportFormat, Model, Scenario, Span};

use crate::access_log::LogTarget;
use crate::http::Limits;
use crate::options::Options;
use crate::site::Root;
use crate::system::descriptors;

/// A real HTTP/1.1 server whose scheduling model is a flag, and its simulator.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; without a word: serve.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The flags of serve.
    #[command(flatten)]
    pub serve: ServeFlags,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve real traffic.
    Serve(ServeFlags),
    /// Run a scenario in virtual time.
    Simulate(SimulateFlags),
    /// Search every order of events of a small server.
    Check(CheckFlags),
    /// Say whether a recording is a path of the model.
    Conform(ConformFlags),
    /// Write a trace in another tool's format.
    Export(ExportFlags),
    /// Run a scenario for real, and say what theory and simulation expect of it.
    Experiment(ExperimentFlags),
    /// Measure this computer's costs.
    Calibrate(CalibrateFlags),
    /// The server of an experiment: started by `experiment`, and by nobody else.
    #[command(hide = true)]
    LabServer,
}

/// The flags of `calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateFlags {
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `experiment`.
#[derive(Debug, Args)]
pub struct ExperimentFlags {
    /// The scenario file.
    pub scenario: PathBuf,
    /// A model to run it under; may be given again. Without it, the file's own.
    #[arg(long, value_parser = model)]
    pub model: Vec<Model>,
    /// Ask at most so many requests of an open or closed load.
    #[arg(long, value_parser = ranged::<1, 10_000_000>)]
    pub requests: Option<Ranged<1, 10_000_000>>,
    /// This computer's costs, as `calibrate` has written them [default: measured first].
    #[arg(long)]
    pub costs: Option<PathBuf>,
    /// Where the server listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = loopback)]
    pub listen: SocketAddr,
    /// Where to write the recording with the clients' times; with one model only.
    #[arg(long)]
    pub trace: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateFlags {
    /// The scenario file.
    #[arg(required_unless_present = "from_trace", conflicts_with = "from_trace")]
    pub scenario: Option<PathBuf>,
    /// A model to run it under; may be given again. Without it, the file's own.
    #[arg(long, value_parser = model)]
    pub model: Vec<Model>,
    /// Take the requests of this run, as they came and what they cost, in place of a scenario.
    #[arg(long)]
    pub from_trace: Option<PathBuf>,
    /// Of a trace: with so many workers; may be given again.
    #[arg(long, value_parser = ranged::<1, 1024>)]
    pub workers: Vec<Ranged<1, 1024>>,
    /// Of a trace: with room for so many that wait, or `unbounded`; may be given again.
    #[arg(long, value_parser = queue)]
    pub queue: Vec<QueueBound>,
    /// Of a trace: what a full queue does; may be given again.
    #[arg(long, value_parser = on_full)]
    pub on_full: Vec<OnFull>,
    /// A computer's costs, as `calibrate` writes them, in place of the file's.
    #[arg(long)]
    pub costs: Option<PathBuf>,
    /// Stop when the mean sojourn time is known to this part of itself (0.01: to 1 %).
    #[arg(long, value_parser = precision)]
    pub precision: Option<f64>,
    /// Where to write the run's trace; with one model only.
    #[arg(long)]
    pub trace: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `check`.
#[derive(Debug, Args)]
pub struct CheckFlags {
    /// The scenario file: listed arrivals, at most 8 requests and 4 workers.
    pub scenario: PathBuf,
    /// Where to write the shortest run that breaks a property; further ones get `-2` and so on.
    #[arg(long)]
    pub counterexample: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `conform`.
#[derive(Debug, Args)]
pub struct ConformFlags {
    /// The trace file; `.gz` is read too.
    pub trace: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `export`.
#[derive(Debug, Args)]
pub struct ExportFlags {
    /// The trace file; `.gz` is read too.
    pub trace: PathBuf,
    /// The format: csv or perfetto.
    #[arg(long, value_parser = export_format)]
    pub to: ExportFormat,
    /// Where to write it; `-` is standard output.
    pub file: PathBuf,
}

/// The flags of `serve`.
#[derive(Debug, Args)]
// `--queue -1` is a bad value of `--queue`, and not an unknown flag.
#[command(allow_negative_numbers = true)]
pub struct ServeFlags {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, env = "NATIVE_SERVER_LISTEN", default_value = "127.0.0.1:7878", value_parser = address)]
    pub listen: SocketAddr,
    /// Where the page is served, or `off` [default: 127.0.0.1:7879].
    #[arg(long, env = "NATIVE_SERVER_INSPECT", value_parser = inspect)]
    pub inspect: Option<Inspect>,
    /// The scheduling model [default: pool].
    #[arg(long, env = "NATIVE_SERVER_MODEL", value_parser = model)]
    pub model: Option<Model>,
    /// Threads of the pool [default: 2 × cores], or loops of sharded [default: cores].
    #[arg(long, env = "NATIVE_SERVER_WORKERS", value_parser = ranged::<1, 1024>)]
    pub workers: Option<Ranged<1, 1024>>,
    /// Requests that may wait, or `unbounded` [default: 16 × workers].
    #[arg(long, env = "NATIVE_SERVER_QUEUE", value_parser = queue)]
    pub queue: Option<QueueBound>,
    /// What a full queue does: reject, wait or drop-oldest [default: reject].
    #[arg(long, env = "NATIVE_SERVER_ON_FULL", value_parser = on_full)]
    pub on_full: Option<OnFull>,
    /// Threads at most, under `spawn` [default: 1000].
    #[arg(long, env = "NATIVE_SERVER_THREADS_MAX", value_parser = ranged::<1, 1_000_000>)]
    pub threads_max: Option<Ranged<1, 1_000_000>>,
    /// Connections the kernel holds [default: 4096].
    #[arg(long, env = "NATIVE_SERVER_ACCEPT_BACKLOG", value_parser = ranged::<0, 1_000_000>)]
    pub accept_backlog: Option<Ranged<0, 1_000_000>>,
    /// How long the book's `/sleep` sleeps [default: 5000].
    #[arg(long, env = "NATIVE_SERVER_SLEEP_MS", value_parser = ranged::<0, 60_000>)]
    pub sleep_ms: Option<Ranged<0, 60_000>>,
    /// Bytes of a request's head.
    #[arg(long, env = "NATIVE_SERVER_MAX_HEAD", default_value = "16384", value_parser = ranged::<1024, 1_048_576>)]
    pub max_head: Ranged<1024, 1_048_576>,
    /// Bytes of a request's body.
    #[arg(long, env = "NATIVE_SERVER_MAX_BODY", default_value = "1048576", value_parser = ranged::<0, 1_073_741_824>)]
    pub max_body: Ranged<0, 1_073_741_824>,
    /// How long a whole head may take.
    #[arg(long, env = "NATIVE_SERVER_HEAD_SECONDS", default_value = "10", value_parser = ranged::<1, 3600>)]
    pub head_seconds: Ranged<1, 3600>,
    /// Bytes a second that a body must bring, after five seconds.
    #[arg(long, env = "NATIVE_SERVER_BODY_RATE", default_value = "500", value_parser = ranged::<1, 1_000_000_000>)]
    pub body_rate: Ranged<1, 1_000_000_000>,
    /// How long a client may leave an answer untaken.
    #[arg(long, env = "NATIVE_SERVER_WRITE_STALL_SECONDS", default_value = "10", value_parser = ranged::<1, 3600>)]
    pub write_stall_seconds: Ranged<1, 3600>,
    /// How long a connection may be parked between requests.
    #[arg(long, env = "NATIVE_SERVER_IDLE_SECONDS", default_value = "15", value_parser = ranged::<1, 86_400>)]
    pub idle_seconds: Ranged<1, 86_400>,
    /// Requests a connection may make.
    #[arg(long, env = "NATIVE_SERVER_REQUESTS_PER_CONNECTION", default_value = "1000", value_parser = ranged::<1, 1_000_000_000>)]
    pub requests_per_connection: Ranged<1, 1_000_000_000>,
    /// Connections of one address (of one /64, for IPv6) open at once [default: no bound].
    #[arg(long, env = "NATIVE_SERVER_PER_ADDRESS", value_parser = ranged::<1, 10_000_000>)]
    pub per_address: Option<Ranged<1, 10_000_000>>,
    /// Answer paths that are no routes with the files of this folder.
    #[arg(long, env = "NATIVE_SERVER_ROOT", value_parser = root)]
    pub root: Option<Root>,
    /// Connections open at once [default: 0.8 × the limit on descriptors].
    #[arg(long, env = "NATIVE_SERVER_MAX_CONNECTIONS", value_parser = ranged::<1, 10_000_000>)]
    pub max_connections: Option<Ranged<1, 10_000_000>>,
    /// How long a drain may take; a second signal forces it.
    #[arg(long, env = "NATIVE_SERVER_DRAIN_SECONDS", default_value = "10", value_parser = ranged::<0, 3600>)]
    pub drain_seconds: Ranged<0, 3600>,
    /// Log each answer as a line of JSON: to a file, stdout, stderr, or off.
    #[arg(long, env = "NATIVE_SERVER_ACCESS_LOG", default_value = "off", value_parser = access_log)]
    pub access_log: AccessLogFlag,
    /// What a client of the inspect page has to send at an address that is not loopback.
    #[arg(long, env = "NATIVE_SERVER_INSPECT_TOKEN", hide_env_values = true, value_parser = token)]
    pub inspect_token: Option<String>,
    /// Record the run to this file.
    #[arg(long, env = "NATIVE_SERVER_RECORD")]
    pub record: Option<PathBuf>,
    /// Take the server and its routes from this file; flags given as well win.
    #[arg(long, env = "NATIVE_SERVER_SCENARIO")]
    pub scenario: Option<PathBuf>,
}

/// Where the page is served, if anywhere.
#[derive(Clone, Copy, Debug)]
pub enum Inspect {
    /// Nowhere.
    Off,
    /// Here.
    At(SocketAddr),
}

/// Where answers are logged, if anywhere.
#[derive(Clone, Debug)]
pub enum AccessLogFlag {
    /// Nowhere.
    Off,
    /// Here.
    To(LogTarget),
}

impl ServeFlags {
    /// What these flags ask for.
    ///
    /// # Errors
    ///
    /// When the scenario file cannot be read or is wrong.
    pub fn options(&self) -> anyhow::Result<Options> {
        let mut scenario = match &self.scenario {
            Some(path) => crate::commands::read_scenario(path)?,
            None => self.scenario_of_flags(),
        };
        let server = &mut scenario.server;
        server.model = self.model.unwrap_or(server.model);
        server.workers = self.workers.unwrap_or(server.workers);
        server.queue = self.queue.unwrap_or(server.queue);
        server.on_full = self.on_full.unwrap_or(server.on_full);
        server.threads_max = self.threads_max.unwrap_or(server.threads_max);
        server.accept_backlog = self.accept_backlog.unwrap_or(server.accept_backlog);
        if let Some(sleep) = self.sleep_ms {
            let sleep = Distribution::Constant(Span::from_millis(sleep.get().into()));
            for kind in scenario.requests.iter_mut().filter(|kind| kind.path == "/sleep") {
                kind.sleep = sleep.clone();
            }
        }
        // In any case, so that a bound that was given can be reached.
        let descriptors = descriptors::raised();
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let (inspect, inspect_asked) = match self.inspect {
            None => (Some(SocketAddr::from(([127, 0, 0, 1], 7879))), false),
            Some(Inspect::Off) => (None, false),
            Some(Inspect::At(address)) => (Some(address), true),
        };
        let inspect_token = self.inspect_token.clone();
        if let Some(address) = inspect
            && !address.ip().to_canonical().is_loopback()
            && inspect_token.is_none()
        {
            anyhow::bail!(
                "--inspect {address}: without --inspect-token, allowed is a loopback address or off"
            );
        }
        Ok(Options {
            listen: self.listen,
            inspect,
            inspect_asked,
            limits: Limits {
                head_max: self.max_head.get() as usize,
                body_max: self.max_body.get() as usize,
                ..Limits::default()
            },
            head: seconds(self.head_seconds.get()),
            body_rate: self.body_rate.get().into(),
            write_stall: seconds(self.write_stall_seconds.get()),
            idle: seconds(self.idle_seconds.get()),
            requests_per_connection: self.requests_per_connection.get().into(),
            max_connections: Some(match self.max_connections {
                Some(max) => max.get() as usize,
                None => (descriptors / 5 * 4).max(1),
            }),
            per_address: self.per_address.map(|max| max.get() as usize),
            root: self.root.clone(),
            drain: seconds(self.drain_seconds.get()),
            record: self.record.clone(),
            access_log: match &self.access_log {
                AccessLogFlag::Off => None,
                AccessLogFlag::To(target) => Some(target.clone()),
            },
            inspect_token,
            ..Options::new(scenario)
        })
    }

    /// Without a scenario file: the book's routes, and a size that follows this computer's cores.
    fn scenario_of_flags(&self) -> Scenario {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        let model = self.model.unwrap_or(Model::Pool);
        let usual = if model == Model::Sharded { cores } else { 2 * cores };
        let workers = self.workers.unwrap_or(Ranged::clamped(usual));
        let server = Server {
            workers,
            queue: QueueBound::Bounded(Ranged::clamped(16 * u64::from(workers.get()))),
            ..Server::new(model)
        };
        let mut scenario = Scenario::new("native-server", server);
        scenario.requests = RequestKind::of_the_book(Span::from_millis(5000));
        scenario
    }
}

fn ranged<const MIN: u32, const MAX: u32>(text: &str) -> Result<Ranged<MIN, MAX>, String> {
    let allowed = format!("allowed is {MIN}..={MAX}");
    let number = i128::from_str(text).map_err(|_| format!("not a whole number, {allowed}"))?;
    Ranged::new(number).map_err(|_| allowed)
}

fn model(text: &str) -> Result<Model, String> {
    named(text, &Model::ALL, Model::name)
}

fn export_format(text: &str) -> Result<ExportFormat, String> {
    named(text, &ExportFormat::ALL, ExportFormat::name)
}

fn precision(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|&share: &f64| share > 0.0 && share < 1.0);
    share.ok_or_else(|| "allowed is a number between 0 and 1, as in 0.01".to_owned())
}

fn on_full(text: &str) -> Result<OnFull, String> {
    named(text, &OnFull::ALL, OnFull::name)
}

fn named<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|&one| name(one) == text);
    let names: Vec<_> = all.iter().map(|&one| name(one)).collect();
    found.ok_or_else(|| format!("allowed is {}", names.join(", ")))
}

fn queue(text: &str) -> Result<QueueBound, String> {
    if text == "unbounded" {
        return Ok(QueueBound::Unbounded);
    }
    ranged(text).map(QueueBound::Bounded).map_err(|error| format!("{error} or unbounded"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "allowed is ADDRESS:PORT, as in 127.0.0.1:7878".to_owned())
}

/// The server of an experiment burns CPU time for whoever asks: strangers may not reach it.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let allowed = "allowed is a loopback address and a port, as in 127.0.0.1:0";
    let address: Option<SocketAddr> = text.parse().ok();
    address.filter(|address| address.ip().is_loopback()).ok_or_else(|| allowed.to_owned())
}

fn root(text: &str) -> Result<Root, String> {
    let place = std::path::Path::new(text);
    Root::open(place).map_err(|error| format!("{error}; allowed is a folder that can be read"))
}

fn access_log(text: &str) -> Result<AccessLogFlag, String> {
    Ok(match text {
        "" => return Err("allowed is off, stdout, stderr or a file".to_owned()),
        "off" => AccessLogFlag::Off,
        "stderr" => AccessLogFlag::To(LogTarget::Stderr),
        "stdout" => AccessLogFlag::To(LogTarget::Stdout),
        path => AccessLogFlag::To(LogTarget::File(path.into())),
    })
}

fn token(text: &str) -> Result<String, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if text.len() < TOKEN_MIN || !is_plain {
        return Err(format!("allowed are {TOKEN_MIN} or more visible characters, none a colon"));
    }
    Ok(text.to_owned())
}

/// Shorter ones could be guessed.
const TOKEN_MIN: usize = 16;

fn inspect(text: &str) -> Result<Inspect, String> {
    if text == "off" {
        return Ok(Inspect::Off);
    }
    address(text).map(Inspect::At).map_err(|error| format!("{error}, or off"))
}
