//! How a server schedules its connections, as a state machine without input and output.
//!
//! The crate's centre is [`Scheduler`]: a driver tells it what happened ([`Stimulus`]) and when,
//! and carries out what follows ([`Decision`]). It never reads a clock, starts a thread or opens a
//! socket, so the same code schedules a real server, a simulated computer in a browser, and a
//! recording that is checked afterwards ([`replay`]).
//!
//! Whatever is seen of a run is an [`Event`]; [`World`] folds events into the state of the system,
//! and everything that is shown, counted or explained is read from there. [`simulate`] runs a
//! [`Scenario`] on a computer of its own, in virtual time; [`theory`] says what queueing theory
//! expects of it.

mod check;
mod decision;
mod digest;
mod event;
mod explain;
mod export;
mod id;
mod index_set;
mod lifecycle;
mod machine;
mod models;
mod mutant;
mod numbering;
mod ordered;
mod replay;
mod report;
mod rerun;
pub mod scenario;
mod scheduler;
mod slots;
mod stats;
mod stimulus;
pub mod theory;
mod time;
pub mod trace;
mod window;
pub mod wire;
mod world;

pub use check::{CheckError, Checked, Checker, Finding, Property, check};
pub use decision::{Decision, RejectReason};
pub use digest::Digest;
pub use event::{Event, EventKind, Machine};
pub use explain::{Cause, Episode, Explanation, Holder, chain, explain, waiting, waiting_from};
pub use export::{ExportError, ExportFormat, export};
pub use id::{ConnectionId, CoreId, NodeId, RequestId, RouteId, ShardId, WorkerId};
pub use machine::{Clients, Demand, Question, Simulation, simulate};
#[cfg(feature = "mutants")]
pub use mutant::Mutant;
pub use replay::{Conformance, Difference, replay};
pub use report::{RunReport, Times};
pub use rerun::{Rerun, RerunError, rerun};
pub use scenario::{Model, Scenario};
pub use scheduler::Scheduler;
pub use stats::Stats;
pub use stimulus::{Ending, Stimulus, Timer};
pub use time::{SimTime, Span};
pub use trace::{Trace, TraceHeader};
pub use world::{
    Connection, Core, Counts, Departure, Outcome, Place, Request, Shard, Snapshot, Violation,
    Worker, WorkerState, World,
};

/// The example of the README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
