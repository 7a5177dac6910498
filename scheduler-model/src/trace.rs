//! The trace file: what was seen of a run, as JSON Lines.
//!
//! The first line is the header; each other line is an event. `seq` counts events from 1, so that
//! "step 17 of 42" is the event with `seq` 17; it has no gaps, and `at_ns` never decreases. A trace
//! that begins in the middle of a run has a [`Snapshot`] in its second line, and goes on with the
//! event after it. Lines
//! that a tool of another version would misread are refused, and a last line that was cut short
//! costs that line only. Compression is the business of whoever opens the file.

mod line;
mod read;
mod write;

use crate::{Digest, Event, Scenario, Snapshot};

pub use read::{TraceError, TraceReader};
pub use write::{append_event, write_event, write_header};

/// The version of the model: of what it decides, draws and hashes.
///
/// Links and traces carry it, since another version may run the same scenario otherwise.
pub const MODEL_VERSION: u32 = 1;

/// The version of the file format.
///
/// Version 2 has a second line, with a snapshot. A trace of a run from its beginning is written as
/// version 1, so that whoever knows only that can read it.
pub const FORMAT_VERSION: u32 = 2;

/// The most events that are read from one file: a gigabyte in memory.
pub const EVENTS_MAX: usize = 20_000_000;

/// A run: what was asked for, and every event of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What the run was.
    pub header: TraceHeader,
    /// What was seen, in order. The `seq` of `events[0]` is [`TraceHeader::first_seq`].
    pub events: Vec<Event>,
    /// Whether the last line was whole.
    pub complete: bool,
}

/// What a trace says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceHeader {
    /// Where the events come from.
    pub source: Source,
    /// Whose clock says when a request arrived.
    pub arrivals: Arrivals,
    /// What was asked for.
    pub scenario: Scenario,
    /// How the run stood before the first event, for a trace that does not begin with the run.
    pub snapshot: Option<Snapshot>,
}

/// Where the events of a trace come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A real server.
    Recorded,
    /// The simulated computer.
    Simulated,
}

/// When a request counts as arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// When its client meant to send it.
    Client,
    /// When the server first knew of it; time in the kernel before that is unseen.
    Server,
}

impl Trace {
    /// A trace of a whole run.
    pub fn new(header: TraceHeader, events: Vec<Event>) -> Self {
        Self { header, events, complete: true }
    }

    /// The digest of the events.
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::new();
        for event in &self.events {
            digest.update(event);
        }
        digest
    }
}

impl TraceHeader {
    /// The header of a simulated run, in which a request arrives when its client sends it.
    pub fn simulated(scenario: Scenario) -> Self {
        Self { source: Source::Simulated, arrivals: Arrivals::Client, scenario, snapshot: None }
    }

    /// The header of a recording that begins when the server first knows of a request.
    pub fn recorded(scenario: Scenario) -> Self {
        Self { source: Source::Recorded, arrivals: Arrivals::Server, scenario, snapshot: None }
    }

    /// The header of the rest of this run from `snapshot` on.
    #[must_use]
    pub fn from(&self, snapshot: Snapshot) -> Self {
        Self { snapshot: Some(snapshot), ..self.clone() }
    }

    /// The number of the first event.
    pub fn first_seq(&self) -> u64 {
        self.snapshot.as_ref().map_or(1, Snapshot::next_seq)
    }
}

impl Source {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Simulated, Self::Recorded];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Simulated => "simulated",
        }
    }
}

impl Arrivals {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Client, Self::Server];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// What the first line of every trace says it is.
const FORMAT: &str = "scheduler-lab-trace";
