//! Scenarios as text again: every value explicit, in the file's own units.
//!
//! What is written here and read again is the same scenario to the last bit. It is how a trace
//! carries the scenario it belongs to.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::document::{self, Value};
use super::{
    Arrival, Distribution, Fault, FaultKind, Fork, Load, MachineConfig, Mix, Model, OnFull,
    QueueBound, Ranged, Replayed, RequestKind, Scenario, Server,
};
use crate::{RouteId, SimTime, Span};

impl Scenario {
    /// The scenario as JSON, on one line.
    ///
    /// # Panics
    ///
    /// When the scenario names a route that it does not have.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a scenario has text keys and finite numbers only")
    }

    /// The scenario as TOML.
    ///
    /// # Panics
    ///
    /// When the scenario names a route that it does not have.
    pub fn to_toml(&self) -> String {
        let json = self.to_json();
        let document = document::json::parse(&self.name, 1, &json);
        match document.expect("what was just written can be read").value {
            Value::Table(entries) => document::toml::print(&entries),
            _ => unreachable!("a scenario is a table"),
        }
    }
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let arrive = match &self.load {
            Load::Listed(arrivals) => {
                Some(arrivals.iter().map(|a| ArriveFile::of(self, a)).collect())
            }
            _ => None,
        };
        let replay = match &self.load {
            Load::Replayed(replayed) => {
                Some(replayed.iter().map(|one| ReplayFile::of(self, one)).collect())
            }
            _ => None,
        };
        ScenarioFile {
            name: &self.name,
            seed: self.seed,
            horizon_ms: self.horizon.map(Millis::of_time),
            server: ServerFile::from(&self.server),
            machine: MachineFile::from(&self.machine),
            request: self.requests.iter().map(RequestFile::from).collect(),
            arrive,
            replay,
            load: LoadFile::of(self),
            fault: self.faults.iter().map(|fault| FaultFile::of(self, fault)).collect(),
            measure: MeasureFile { warmup_requests: self.warmup_requests },
        }
        .serialize(serializer)
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A scenario as the file has it.
#[derive(Serialize)]
struct ScenarioFile<'a> {
    name: &'a str,
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    horizon_ms: Option<Millis>,
    server: ServerFile,
    machine: MachineFile,
    request: Vec<RequestFile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrive: Option<Vec<ArriveFile<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<Vec<ReplayFile<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load: Option<LoadFile<'a>>,
    fault: Vec<FaultFile<'a>>,
    measure: MeasureFile,
}

#[derive(Serialize)]
struct ServerFile {
    model: Model,
    workers: Ranged<1, 1024>,
    queue: QueueFile,
    on_full: &'static str,
    threads_max: Ranged<1, 1_000_000>,
    accept_backlog: Ranged<0, 1_000_000>,
}

impl From<&Server> for ServerFile {
    fn from(server: &Server) -> Self {
        let &Server { model, workers, queue, on_full, threads_max, accept_backlog } = server;
        let on_full = OnFull::name(on_full);
        Self { model, workers, queue: QueueFile(queue), on_full, threads_max, accept_backlog }
    }
}

struct QueueFile(QueueBound);

impl Serialize for QueueFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            QueueBound::Bounded(bound) => bound.serialize(serializer),
            QueueBound::Unbounded => serializer.serialize_str("unbounded"),
        }
    }
}

#[derive(Serialize)]
struct MachineFile {
    cores: Ranged<1, 256>,
    quantum_us: Micros,
    context_switch_us: Micros,
    spawn_us: Micros,
    dispatch_us: Micros,
    #[serde(skip_serializing_if = "Option::is_none")]
    accept_us: Option<Micros>,
    stack_kib: Ranged<0, 1_048_576>,
    memory_mib: Ranged<1, 1_048_576>,
}

impl From<&MachineConfig> for MachineFile {
    fn from(machine: &MachineConfig) -> Self {
        let &MachineConfig {
            cores,
            quantum,
            context_switch,
            spawn,
            dispatch,
            accept,
            stack_kib,
            memory_mib,
        } = machine;
        Self {
            cores,
            quantum_us: Micros(quantum),
            context_switch_us: Micros(context_switch),
            spawn_us: Micros(spawn),
            dispatch_us: Micros(dispatch),
            accept_us: (!accept.is_zero()).then_some(Micros(accept)),
            stack_kib,
            memory_mib,
        }
    }
}

#[derive(Serialize)]
struct RequestFile<'a> {
    path: &'a str,
    cpu_us: Drawn<'a, Micros>,
    sleep_ms: Drawn<'a, Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fork: Option<ForkFile>,
}

impl<'a> From<&'a RequestKind> for RequestFile<'a> {
    fn from(kind: &'a RequestKind) -> Self {
        let RequestKind { path, cpu, sleep, fork } = kind;
        Self {
            path,
            cpu_us: Drawn(cpu, Micros),
            sleep_ms: Drawn(sleep, Millis),
            fork: fork
                .map(|Fork { depth, leaf_cpu }| ForkFile { depth, leaf_cpu_us: Micros(leaf_cpu) }),
        }
    }
}

#[derive(Serialize)]
struct ForkFile {
    depth: Ranged<0, 16>,
    leaf_cpu_us: Micros,
}

#[derive(Serialize)]
struct ArriveFile<'a> {
    at_ms: Millis,
    path: &'a str,
    count: Ranged<1, 1_000_000>,
}

impl<'a> ArriveFile<'a> {
    fn of(scenario: &'a Scenario, arrival: &Arrival) -> Self {
        let &Arrival { at, route, count } = arrival;
        Self { at_ms: Millis::of_time(at), path: path_of(scenario, route), count }
    }
}

#[derive(Serialize)]
struct ReplayFile<'a> {
    at_ms: Millis,
    path: &'a str,
    cpu_us: Micros,
    sleep_ms: Millis,
}

impl<'a> ReplayFile<'a> {
    fn of(scenario: &'a Scenario, replayed: &Replayed) -> Self {
        let &Replayed { at, route, cpu, sleep } = replayed;
        let path = path_of(scenario, route);
        Self { at_ms: Millis::of_time(at), path, cpu_us: Micros(cpu), sleep_ms: Millis(sleep) }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum LoadFile<'a> {
    Closed {
        kind: &'static str,
        clients: Ranged<1, 1_000_000>,
        think_ms: Drawn<'a, Millis>,
        requests: u64,
        mix: MixFile<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        patience_ms: Option<Millis>,
    },
    Open {
        kind: &'static str,
        rate_per_s: f64,
        requests: u64,
        mix: MixFile<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        patience_ms: Option<Millis>,
    },
    /// Beside listed arrivals or none.
    Patience { patience_ms: Millis },
}

impl<'a> LoadFile<'a> {
    fn of(scenario: &'a Scenario) -> Option<Self> {
        let patience_ms = scenario.patience.map(Millis);
        match &scenario.load {
            Load::None | Load::Listed(_) | Load::Replayed(_) => {
                patience_ms.map(|patience_ms| Self::Patience { patience_ms })
            }
            Load::Open { rate_per_s, requests, mix } => Some(Self::Open {
                kind: "open",
                rate_per_s: *rate_per_s,
                requests: *requests,
                mix: MixFile(scenario, mix),
                patience_ms,
            }),
            Load::Closed { clients, think, requests, mix } => Some(Self::Closed {
                kind: "closed",
                clients: *clients,
                think_ms: Drawn(think, Millis),
                requests: *requests,
                mix: MixFile(scenario, mix),
                patience_ms,
            }),
        }
    }
}

struct MixFile<'a>(&'a Scenario, &'a Mix);

impl Serialize for MixFile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(scenario, mix) = self;
        serializer
            .collect_map(mix.iter().map(|(route, weight)| (path_of(scenario, *route), weight)))
    }
}

struct FaultFile<'a>(&'a Scenario, Fault);

impl<'a> FaultFile<'a> {
    fn of(scenario: &'a Scenario, fault: &Fault) -> Self {
        Self(scenario, *fault)
    }
}

impl Serialize for FaultFile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self(scenario, Fault { at, kind }) = self;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("at_ms", &Millis::of_time(at))?;
        let name = match kind {
            FaultKind::ClientGone(_) => "client-gone",
            FaultKind::Drain { .. } => "drain",
            FaultKind::Panic(_) => "panic",
            FaultKind::Resize(_) => "resize",
            FaultKind::SpawnFails(_) => "spawn-fails",
        };
        map.serialize_entry("kind", name)?;
        match kind {
            FaultKind::ClientGone(request) => map.serialize_entry("request", &request)?,
            FaultKind::Drain { deadline } => {
                map.serialize_entry("deadline_ms", &Millis(deadline))?;
            }
            FaultKind::Panic(route) => map.serialize_entry("path", path_of(scenario, route))?,
            FaultKind::Resize(workers) => map.serialize_entry("workers", &workers)?,
            FaultKind::SpawnFails(count) => map.serialize_entry("count", &count)?,
        }
        map.end()
    }
}

#[derive(Serialize)]
struct MeasureFile {
    warmup_requests: u64,
}

/// A distribution whose times are written in the unit that the function makes of them.
struct Drawn<'a, U>(&'a Distribution, fn(Span) -> U);

impl<U: Serialize> Serialize for Drawn<'_, U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(distribution, unit) = self;
        match distribution {
            Distribution::Constant(span) => unit(*span).serialize(serializer),
            Distribution::Exponential(mean) => {
                serializer.collect_map([("exponential", unit(*mean))])
            }
            Distribution::Hyperexponential(phases) => {
                let means = phases.iter().map(|(mean, _)| unit(*mean)).collect();
                let weights = phases.iter().map(|(_, weight)| *weight).collect();
                serializer.collect_map([("hyperexponential", PhasesFile { means, weights })])
            }
            Distribution::Uniform(lower, upper) => {
                serializer.collect_map([("uniform", [unit(*lower), unit(*upper)])])
            }
        }
    }
}

#[derive(Serialize)]
struct PhasesFile<U> {
    means: Vec<U>,
    weights: Vec<f64>,
}

/// A time in milliseconds.
struct Millis(Span);

impl Millis {
    fn of_time(time: SimTime) -> Self {
        Self(time.since(SimTime::ZERO))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_time(self.0, 1_000_000, serializer)
    }
}

/// A time in microseconds.
struct Micros(Span);

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_time(self.0, 1_000, serializer)
    }
}

/// A whole number where that is exact. A time up to [`Scenario::TIME_MAX`] has at most 15 digits
/// otherwise, and every such number survives the way through `f64` and its shortest text.
#[expect(clippy::cast_precision_loss, reason = "times in scenarios stay below 2^53 nanoseconds")]
fn serialize_time<S: Serializer>(span: Span, unit: u64, serializer: S) -> Result<S::Ok, S::Error> {
    let nanos = span.as_nanos();
    if nanos.is_multiple_of(unit) {
        serializer.serialize_u64(nanos / unit)
    } else {
        serializer.serialize_f64(nanos as f64 / unit as f64)
    }
}

fn path_of(scenario: &Scenario, route: RouteId) -> &str {
    scenario.path(route).expect("a scenario names routes of its own only")
}
