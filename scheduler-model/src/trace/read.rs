//! Reading a trace that a stranger wrote: in bounded memory, and with the place of every fault.

use std::io::{self, BufRead, Read};

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
    pub fn read(file_name: &str, reader: impl BufRead) -> Result<Self, TraceError> {
        let mut lines = Lines { file: file_name, reader, line: 0, text: Vec::new() };
        lines.advance(HEADER_BYTES_MAX)?;
        let (mut header, version) = header(file_name, &lines.text)?;
        if version > 1 {
            lines.advance(SNAPSHOT_BYTES_MAX)?;
            header.snapshot = Some(lines.snapshot(&header)?);
        }
        let reach = Reach::of(&header);
        let mut events: Vec<Event> = Vec::new();
        loop {
            let ending = lines.advance(EVENT_BYTES_MAX)?;
            if lines.text.is_empty() && ending != Ending::Newline {
                return Ok(Self { header, events, complete: ending == Ending::File });
            }
            if events.len() == EVENTS_MAX {
                return Err(TraceError::TooManyEvents {
                    file: file_name.to_owned(),
                    line: lines.line,
                });
            }
            match serde_json::from_slice(&lines.text) {
                Ok(line) => events.push(lines.judge(&line, &events, &header, reach)?),
                Err(error) if error.is_eof() && ending != Ending::Newline => {
                    return Ok(Self { header, events, complete: false });
                }
                Err(error) => return Err(lines.no_event(&error)),
            }
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

/// A file, line by line.
struct Lines<'a, R> {
    file: &'a str,
    reader: R,
    line: usize,
    text: Vec<u8>,
}

/// How a line ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// In the middle of a compressed file.
    CutShort,
    File,
    Newline,
}

impl<R: BufRead> Lines<'_, R> {
    /// Reads the next line, of at most `max` bytes, without its end.
    fn advance(&mut self, max: usize) -> Result<Ending, TraceError> {
        self.line += 1;
        self.text.clear();
        let limit = max as u64 + 2;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.text);
        let ending = match read {
            Ok(_) if self.text.last() == Some(&b'\n') => Ending::Newline,
            Ok(_) => Ending::File,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ending::CutShort,
            Err(source) => {
                return Err(TraceError::Io { file: self.file.to_owned(), line: self.line, source });
            }
        };
        if ending == Ending::Newline {
            self.text.pop();
            if self.text.last() == Some(&b'\r') {
                self.text.pop();
            }
        }
        if self.text.len() > max {
            return Err(TraceError::LineTooLong {
                file: self.file.to_owned(),
                line: self.line,
                max,
            });
        }
        Ok(ending)
    }

    /// The snapshot of this line.
    fn snapshot(&self, header: &TraceHeader) -> Result<Snapshot, TraceError> {
        let refused = |message| TraceError::NoSnapshot { file: self.file.to_owned(), message };
        let line: SnapshotLine = serde_json::from_slice(&self.text)
            .map_err(|error| refused(message(&error, "one snapshot")))?;
        Snapshot::read(header, &line.snapshot).map_err(|found| refused(found.to_string()))
    }

    /// The event of this line, if it may follow `previous`.
    fn judge(
        &self,
        line: &EventLine,
        previous: &[Event],
        header: &TraceHeader,
        reach: Reach,
    ) -> Result<Event, TraceError> {
        let event = line.event;
        let place = previous.len() as u64;
        let seq = header.first_seq() + place;
        if line.seq != seq {
            return Err(self.illegal("seq", line.seq, format!("{seq}, since there are no gaps")));
        }
        let earliest = previous.last().map_or(reach.at, |previous| previous.at);
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
            file: self.file.to_owned(),
            line: self.line,
            column: self.text.len(),
            message: format!("no {key} given, allowed is {allowed}"),
        }
    }

    fn illegal(&self, key: &'static str, given: u64, allowed: String) -> TraceError {
        TraceError::Illegal { file: self.file.to_owned(), line: self.line, key, given, allowed }
    }

    fn no_event(&self, error: &serde_json::Error) -> TraceError {
        TraceError::NoEvent {
            file: self.file.to_owned(),
            line: self.line,
            column: error.column(),
            message: message(error, "one event"),
        }
    }
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
#[derive(Clone, Copy)]
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
