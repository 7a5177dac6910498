//! Reading a trace that a stranger wrote: in bounded memory, and with the place of every fault.

use std::io::{self, BufRead};

use serde::Deserialize;

use super::line::EventLine;
use super::{
    Arrivals, EVENTS_MAX, FORMAT, FORMAT_VERSION, MODEL_VERSION, Source, Trace, TraceHeader,
};
use crate::scenario::ScenarioError;
use crate::scenario::document::{self, At};
use crate::scenario::parse;
use crate::world::snapshot::Written;
use crate::{
    CoreId, Decision, Event, EventKind, Machine, Model, NodeId, RequestId, RouteId, Scenario,
    SimTime, Snapshot, Stimulus, World,
};

/// Why a file is no trace: one line that names the place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The first line is not the header of a trace, or has an illegal scenario.
    #[error(transparent)]
    Header(#[from] ScenarioError),
    /// A value that cannot stand where it does.
    #[error("{file}:{line}: {key}: {given} given, allowed is {allowed}")]
    Illegal {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What stands there.
        given: u64,
        /// What might stand there.
        allowed: String,
    },
    /// Reading failed.
    #[error("{file}:{line}: {source}")]
    Io {
        /// The file's name.
        file: String,
        /// The line, from 1, that could not be read.
        line: usize,
        /// What the reader said.
        source: io::Error,
    },
    /// A line longer than any event or header.
    #[error("{file}:{line}: more than {max} bytes given, allowed is 1..={max}")]
    LineTooLong {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The most bytes that line may have.
        max: usize,
    },
    /// A line that is not an event.
    #[error("{file}:{line}: column {column}: {message}")]
    NoEvent {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The byte of the line at which that became clear, from 1.
        column: usize,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// The second line of a trace that does not begin with its run is no snapshot of it.
    #[error("{file}:2: snapshot: {message}")]
    NoSnapshot {
        /// The file's name.
        file: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// More events than are read.
    #[error("{file}:{line}: more than {EVENTS_MAX} events given, allowed is 0..={EVENTS_MAX}")]
    TooManyEvents {
        /// The file's name.
        file: String,
        /// The line, from 1, of the first one too many.
        line: usize,
    },
}

impl Trace {
    /// Reads a trace; `file_name` is what errors call it.
    ///
    /// A last line that was cut short is left out, and [`Trace::complete`] is false then. So it is
    /// when `reader` ends with [`io::ErrorKind::UnexpectedEof`], as decompressors do.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    pub fn read(file_name: &str, mut reader: impl BufRead) -> Result<Self, TraceError> {
        let mut lines = TraceReader::new(file_name);
        loop {
            let length = match reader.fill_buf() {
                Ok([]) => return lines.finish(true),
                Ok(bytes) => {
                    lines.push(bytes)?;
                    bytes.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return lines.finish(false);
                }
                Err(source) => {
                    return Err(TraceError::Io { file: lines.file, line: lines.line, source });
                }
            };
            reader.consume(length);
        }
    }

    /// Reads a trace from a text.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    pub fn read_str(file_name: &str, text: &str) -> Result<Self, TraceError> {
        Self::read(file_name, text.as_bytes())
    }
}

/// Reads a trace piece by piece, as it comes: from a network, or in a page that must not freeze.
///
/// ```
/// use scheduler_model::trace::TraceReader;
///
/// let mut reader = TraceReader::new("cut.jsonl");
/// reader.push(b"{\"format\": \"scheduler-lab-trace\", ")?;
/// assert_eq!(reader.events().len(), 0);
/// let error = reader.finish(true).unwrap_err();
/// assert!(error.to_string().starts_with("cut.jsonl:1: "));
/// # Ok::<(), scheduler_model::trace::TraceError>(())
/// ```
#[derive(Debug)]
pub struct TraceReader {
    file: String,
    /// The line that is being read, from 1, and as much of it as is there.
    line: usize,
    text: Vec<u8>,
    awaited: Awaited,
    header: Option<TraceHeader>,
    events: Vec<Event>,
}

/// What the line that is being read must be.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    Header,
    Snapshot,
    Event(Reach),
}

impl TraceReader {
    /// Before the first byte; `file_name` is what errors call it.
    pub fn new(file_name: &str) -> Self {
        Self {
            file: file_name.to_owned(),
            line: 1,
            text: Vec::new(),
            awaited: Awaited::Header,
            header: None,
            events: Vec::new(),
        }
    }

    /// Takes the next bytes in. After an error nothing more can be read.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), TraceError> {
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            self.extend(&bytes[..end])?;
            if self.text.last() == Some(&b'\r') {
                self.text.pop();
            }
            self.check_length(0)?;
            self.take_line(true)?;
            self.line += 1;
            self.text.clear();
            bytes = &bytes[end + 1..];
        }
        self.extend(bytes)
    }

    /// The trace, after its last byte; `is_whole` says whether that was the end of the file, and
    /// not only of what could be had of it.
    ///
    /// # Errors
    ///
    /// [`TraceError`], with the line.
    ///
    /// # Panics
    ///
    /// Never: a first line that is no header is an error.
    pub fn finish(mut self, is_whole: bool) -> Result<Trace, TraceError> {
        self.check_length(0)?;
        // What ends without a header or a snapshot is judged as one, for its message.
        let complete = match self.awaited {
            Awaited::Event(_) if self.text.is_empty() => is_whole,
            _ => self.take_line(false)? && is_whole,
        };
        if matches!(self.awaited, Awaited::Snapshot) {
            self.text.clear();
            self.take_line(false)?;
        }
        let header = self.header.expect("the first line is the header, or an error");
        Ok(Trace { header, events: self.events, complete })
    }

    /// What the trace says of itself, once its first line is there.
    pub const fn header(&self) -> Option<&TraceHeader> {
        self.header.as_ref()
    }

    /// The events of all whole lines so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        // Before its end is seen a line may have a carriage return that does not count.
        self.check_length(bytes.len().saturating_sub(1))?;
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    /// Refuses a line that is too long with this many bytes more.
    fn check_length(&self, more: usize) -> Result<(), TraceError> {
        let max = match self.awaited {
            Awaited::Header => HEADER_BYTES_MAX,
            Awaited::Snapshot => SNAPSHOT_BYTES_MAX,
            Awaited::Event(_) => EVENT_BYTES_MAX,
        };
        if self.text.len() + more > max {
            return Err(TraceError::LineTooLong { file: self.file.clone(), line: self.line, max });
        }
        Ok(())
    }

    /// Judges the line that is there; whether it was whole. One that is not may be cut short.
    fn take_line(&mut self, is_whole: bool) -> Result<bool, TraceError> {
        match (&mut self.header, self.awaited) {
            (Some(_), Awaited::Event(reach)) => return self.take_event(reach, is_whole),
            (Some(header), _) => {
                header.snapshot = Some(snapshot(&self.file, &self.text, header)?);
                self.awaited = Awaited::Event(Reach::of(header));
            }
            (none, _) => {
                let (header, version) = header(&self.file, &self.text)?;
                self.awaited = if version > 1 {
                    Awaited::Snapshot
                } else {
                    Awaited::Event(Reach::of(&header))
                };
                *none = Some(header);
            }
        }
        Ok(true)
    }

    fn take_event(&mut self, reach: Reach, is_whole: bool) -> Result<bool, TraceError> {
        if self.events.len() == EVENTS_MAX {
            return Err(TraceError::TooManyEvents { file: self.file.clone(), line: self.line });
        }
        let header = self.header.as_ref().expect("events are awaited after the header");
        match serde_json::from_slice(&self.text) {
            Ok(line) => {
                let event = self.judge(&line, header, reach)?;
                self.events.push(event);
                Ok(true)
            }
            Err(error) if error.is_eof() && !is_whole => Ok(false),
            Err(error) => Err(self.no_event(&error)),
        }
    }

    /// The event of this line, if it may follow those before it.
    fn judge(
        &self,
        line: &EventLine,
        header: &TraceHeader,
        reach: Reach,
    ) -> Result<Event, TraceError> {
        let event = line.event;
        let place = self.events.len() as u64;
        let seq = header.first_seq() + place;
        if line.seq != seq {
            return Err(self.illegal("seq", line.seq, format!("{seq}, since there are no gaps")));
        }
        let earliest = self.events.last().map_or(reach.at, |previous| previous.at);
        if event.at < earliest {
            let earliest = earliest.as_nanos();
            let allowed = format!("{earliest}.., since time never decreases");
            return Err(self.illegal("at_ns", event.at.as_nanos(), allowed));
        }
        let n_shards = header.scenario.server.n_shards();
        let is_sharded = header.scenario.server.model == Model::Sharded;
        if line.has_shard != is_sharded || usize::from(event.shard.0) >= n_shards {
            let allowed = if is_sharded { format!("0..={}", n_shards - 1) } else { "none".into() };
            if !line.has_shard {
                return Err(self.missing("shard", &allowed));
            }
            return Err(self.illegal("shard", event.shard.0.into(), allowed));
        }
        // Whoever reads events keeps tables with a place for each number. Numbers that a run of
        // this length can reach keep those tables no larger than the file itself.
        let ids = Ids::of(&event.kind);
        let n_routes = header.scenario.requests.len() as u64;
        let n_cores = u64::from(header.scenario.machine.cores.get());
        let limits = [
            ("request", ids.request.map(|id| id.0), 1, reach.request + place),
            ("connection", ids.connection, 1, reach.connection + place * n_shards as u64),
            ("worker", ids.worker, 1, reach.worker + place),
            ("route", ids.route.map(|id| id.0.into()), 0, n_routes - 1),
            ("core", ids.core.map(|id| id.0.into()), 0, n_cores - 1),
            ("workers", ids.workers, 1, 1024),
            ("victim", ids.victim, 1, reach.worker + place),
            ("node", ids.node.map(|id| id.0.into()), 1, NODES_MAX),
        ];
        for (key, given, min, max) in limits {
            if let Some(given) = given.filter(|given| !(min..=max).contains(given)) {
                return Err(self.illegal(key, given, format!("{min}..={max}")));
            }
        }
        Ok(event)
    }

    fn missing(&self, key: &'static str, allowed: &str) -> TraceError {
        TraceError::NoEvent {
            file: self.file.clone(),
            line: self.line,
            column: self.text.len(),
            message: format!("no {key} given, allowed is {allowed}"),
        }
    }

    fn illegal(&self, key: &'static str, given: u64, allowed: String) -> TraceError {
        TraceError::Illegal { file: self.file.clone(), line: self.line, key, given, allowed }
    }

    fn no_event(&self, error: &serde_json::Error) -> TraceError {
        TraceError::NoEvent {
            file: self.file.clone(),
            line: self.line,
            column: error.column(),
            message: message(error, "one event"),
        }
    }
}

/// The snapshot that the second line is.
fn snapshot(file: &str, text: &[u8], header: &TraceHeader) -> Result<Snapshot, TraceError> {
    let refused = |message| TraceError::NoSnapshot { file: file.to_owned(), message };
    let line: SnapshotLine =
        serde_json::from_slice(text).map_err(|error| refused(message(&error, "one snapshot")))?;
    Snapshot::read(header, &line.snapshot).map_err(|found| refused(found.to_string()))
}

/// What serde says of a line, in our words.
fn message(error: &serde_json::Error, allowed: &str) -> String {
    let message = error.to_string();
    // What serde_json appends counts lines within this line.
    let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
    let mut message = document::one_line(message).replace(", expected ", ", allowed is ");
    if message.starts_with("missing field") {
        message.push_str(", allowed is one");
    } else if !message.contains("allowed is") {
        message.push_str(", allowed is ");
        message.push_str(allowed);
    }
    message
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotLine {
    snapshot: Written,
}

/// The greatest numbers that the first event can name, and its earliest time.
#[derive(Clone, Copy, Debug)]
struct Reach {
    at: SimTime,
    request: u64,
    connection: u64,
    worker: u64,
}

impl Reach {
    fn of(header: &TraceHeader) -> Self {
        let world = World::new(header);
        let connections = world.connections().map(|open| u64::from(open.id.get()));
        let workers = world.workers().map(|worker| u64::from(worker.id.get()));
        Self {
            at: world.now(),
            request: world.next_request().0,
            connection: connections.max().unwrap_or(0) + world.shards().len() as u64,
            worker: workers.max().unwrap_or(0) + WORKERS_BEFORE + 1,
        }
    }
}

/// The numbers in an event that readers use as indices.
#[derive(Default)]
struct Ids {
    request: Option<RequestId>,
    connection: Option<u64>,
    worker: Option<u64>,
    route: Option<RouteId>,
    core: Option<CoreId>,
    workers: Option<u64>,
    victim: Option<u64>,
    node: Option<NodeId>,
}

impl Ids {
    fn of(kind: &EventKind) -> Self {
        match kind {
            EventKind::Stimulus(stimulus) => Self::of_stimulus(stimulus),
            EventKind::Decision(decision) => Self::of_decision(decision),
            EventKind::Machine(machine) => Self::of_machine(machine),
        }
    }

    fn of_stimulus(stimulus: &Stimulus) -> Self {
        let none = Self::default();
        match *stimulus {
            Stimulus::ConnectionOpened { connection }
            | Stimulus::PeerClosed { connection }
            | Stimulus::ConnectionExpired { connection } => {
                Self { connection: Some(connection.get().into()), ..none }
            }
            Stimulus::RequestArrived { request, connection, route, seen_by } => Self {
                request: Some(request),
                connection: connection.map(|id| id.get().into()),
                route,
                worker: seen_by.map(|id| id.get().into()),
                ..none
            },
            Stimulus::TaskFinished { request, worker, route, ending: _ }
            | Stimulus::TaskBlocked { request, worker, route } => {
                Self { request: Some(request), worker: Some(worker.get().into()), route, ..none }
            }
            Stimulus::TaskPanicked { request, worker, ending: _ }
            | Stimulus::TaskWoke { request, worker }
            | Stimulus::TaskForked { request, worker }
            | Stimulus::TaskJoined { request, worker } => {
                Self { request: Some(request), worker: Some(worker.get().into()), ..none }
            }
            Stimulus::WorkerStarted { worker }
            | Stimulus::WorkerDied { worker }
            | Stimulus::SpawnFailed { worker }
            | Stimulus::StealFailed { worker } => {
                Self { worker: Some(worker.get().into()), ..none }
            }
            Stimulus::Resize { workers } => Self { workers: Some(workers.into()), ..none },
            Stimulus::AcceptFailed | Stimulus::TimerDue { .. } | Stimulus::Drain { .. } => none,
        }
    }

    fn of_decision(decision: &Decision) -> Self {
        let none = Self::default();
        match *decision {
            Decision::Spawn { worker, request } => {
                Self { request, worker: Some(worker.get().into()), ..none }
            }
            Decision::Park { worker }
            | Decision::Retire { worker }
            | Decision::Steal { worker } => Self { worker: Some(worker.get().into()), ..none },
            Decision::Assign { request, worker } => {
                Self { request: Some(request), worker: Some(worker.get().into()), ..none }
            }
            Decision::Queue { request }
            | Decision::Reject { request, reason: _ }
            | Decision::RunOnCaller { request } => Self { request: Some(request), ..none },
            Decision::Close { connection } => {
                Self { connection: Some(connection.get().into()), ..none }
            }
            Decision::StopAccepting
            | Decision::ResumeAccepting
            | Decision::ArmTimer { .. }
            | Decision::Drained => none,
        }
    }

    fn of_machine(machine: &Machine) -> Self {
        let none = Self::default();
        match *machine {
            Machine::Backlogged { request, route } | Machine::Dropped { request, route } => {
                Self { request: Some(request), route: Some(route), ..none }
            }
            Machine::Abandoned { request } => Self { request: Some(request), ..none },
            Machine::Switched { worker, core }
            | Machine::CoreGiven { worker, core }
            | Machine::Preempted { worker, core }
            | Machine::CoreReleased { worker, core } => {
                Self { worker: Some(worker.get().into()), core: Some(core), ..none }
            }
            Machine::Pushed { request, worker, node }
            | Machine::Popped { request, worker, node }
            | Machine::JoinBegun { request, worker, node }
            | Machine::JoinEnded { request, worker, node } => Self {
                request: Some(request),
                worker: Some(worker.get().into()),
                node: Some(node),
                ..none
            },
            Machine::Stolen { request, worker, victim, node } => Self {
                request: Some(request),
                worker: Some(worker.get().into()),
                victim: Some(victim.get().into()),
                node: Some(node),
                ..none
            },
            Machine::SharingBegun { worker } | Machine::SharingEnded { worker } => {
                Self { worker: Some(worker.get().into()), ..none }
            }
        }
    }
}

/// What the first line says, and the version of the format.
fn header(file: &str, text: &[u8]) -> Result<(TraceHeader, u32), ScenarioError> {
    const KEYS: [&str; 6] =
        ["format", "version", "model_version", "source", "arrivals", "scenario"];
    let text = String::from_utf8_lossy(text);
    let document = document::json::parse(file, 1, &text)?;
    let at = At::root(file, &document);
    // What it is comes first: a later version may well have other keys.
    let entries = at.table("the header of a trace")?;
    let find = |name| entries.iter().find(|(given, _)| *given == name).map(|(_, at)| at);
    if let Some(format) = find("format") {
        format.choice(&[(FORMAT, ())])?;
    }
    if let Some(version) = find("version") {
        version.whole(1, FORMAT_VERSION.into())?;
    }
    if let Some(version) = find("model_version") {
        version.whole(1, MODEL_VERSION.into())?;
    }
    let fields = at.fields(&KEYS)?;
    fields.require("format", FORMAT)?;
    let versions = format!("1..={FORMAT_VERSION}");
    let version = fields.require("version", &versions)?.whole(1, FORMAT_VERSION.into())?;
    fields.require("model_version", &MODEL_VERSION.to_string())?;
    let sources = Source::ALL.map(|source| (source.name(), source));
    let arrivals = Arrivals::ALL.map(|arrivals| (arrivals.name(), arrivals));
    // Notes are for whoever writes a scenario: this one was written by a program.
    let (scenario, _) = parse::scenario(&fields.require("scenario", "a scenario")?)?;
    let header = TraceHeader {
        source: fields.require("source", "simulated, recorded")?.choice(&sources)?,
        arrivals: fields.require("arrivals", "client, server")?.choice(&arrivals)?,
        scenario,
        snapshot: None,
    };
    Ok((header, u32::try_from(version).unwrap_or(FORMAT_VERSION)))
}

/// The longest scenario, and what a header says besides.
const HEADER_BYTES_MAX: usize = Scenario::JSON_MAX + 1024;

/// A snapshot of more than a million connections and requests.
const SNAPSHOT_BYTES_MAX: usize = 256 << 20;

/// Several hundred times the longest event.
const EVENT_BYTES_MAX: usize = 64 << 10;

/// The last leaf of the deepest tree.
const NODES_MAX: u64 = (2 << 16) - 1;

/// Workers that may be there before the first event that names one.
const WORKERS_BEFORE: u64 = 1024;
