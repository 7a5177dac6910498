//! A run in the formats of other tools: a time line for Perfetto, a table for whoever computes.
//!
//! Both are folds over events, like everything that is shown of a run: the same for a simulated and
//! a recorded one, and for one that was cut short. Nothing is kept but what is in the system, so a
//! run of any length is written as it goes. Reading these formats back is not offered.

mod csv;
mod perfetto;

use std::io::{self, Write};

use crate::{
    Decision, Departure, Event, EventKind, Machine, RequestId, Stimulus, TraceHeader, Violation,
    WorkerId, World,
};

use csv::Csv;
use perfetto::Perfetto;

/// A format that a run is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180): a row for each request, in the order in which they left.
    Csv,
    /// Chrome's trace events in JSON, which Perfetto, speedscope and Chrome itself show: a track for
    /// each worker, an asynchronous slice for each request, an arrow from where it was queued to
    /// where it was started.
    Perfetto,
}

/// Why a run could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// An event cannot follow: this is no run.
    #[error("event {seq}: {violation}")]
    NoRun {
        /// The event's place, from 1.
        seq: u64,
        /// What is wrong with it.
        violation: Violation,
    },
    /// The writer failed.
    #[error(transparent)]
    Write(#[from] io::Error),
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Perfetto];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Perfetto => "perfetto",
        }
    }
}

/// Writes a run in another tool's format.
///
/// What is still open when the events end is closed at the last one's time. A line is written in
/// small pieces: `out` is best a [`std::io::BufWriter`] or a `Vec`.
///
/// # Errors
///
/// [`ExportError`]: at an event that cannot follow, and when `out` fails. What was written before
/// that is of no use.
///
/// ```
/// use scheduler_model::{ExportFormat, Scenario, export, simulate};
///
/// let text = "[server]\nmodel = 'pool'\n[[arrive]]\npath = '/'\n";
/// let trace = simulate(&Scenario::from_toml("one.toml", text)?.0);
/// let mut table = Vec::new();
/// export(&trace.header, &trace.events, ExportFormat::Csv, &mut table)?;
/// assert_eq!(String::from_utf8(table)?.lines().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export<'a>(
    header: &TraceHeader,
    events: impl IntoIterator<Item = &'a Event>,
    format: ExportFormat,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let mut world = World::new(header);
    let mut view = match format {
        ExportFormat::Csv => View::Csv(Csv::new(header)),
        ExportFormat::Perfetto => View::Perfetto(Box::new(Perfetto::new(header))),
    };
    view.begin(&world, out)?;
    for (seq, event) in (header.first_seq()..).zip(events) {
        let departure =
            world.apply(event).map_err(|violation| ExportError::NoRun { seq, violation })?;
        view.after(event, departure.as_ref(), &world, out)?;
    }
    view.end(&world, out)?;
    Ok(())
}

/// A format at work.
enum View {
    Csv(Csv),
    Perfetto(Box<Perfetto>),
}

impl View {
    fn begin(&mut self, world: &World, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Csv(_) => Csv::begin(out),
            Self::Perfetto(perfetto) => perfetto.begin(world, out),
        }
    }

    fn after(
        &mut self,
        event: &Event,
        departure: Option<&Departure>,
        world: &World,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match self {
            Self::Csv(csv) => csv.after(event, departure, out),
            Self::Perfetto(perfetto) => perfetto.after(event, departure, world, out),
        }
    }

    fn end(&mut self, world: &World, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Csv(csv) => csv.end(world, out),
            Self::Perfetto(perfetto) => perfetto.end(world, out),
        }
    }
}

/// The worker that an event is about.
fn worker_of(kind: &EventKind) -> Option<WorkerId> {
    match *kind {
        EventKind::Stimulus(stimulus) => stimulus.worker(),
        EventKind::Decision(
            Decision::Assign { worker, .. }
            | Decision::Park { worker }
            | Decision::Retire { worker }
            | Decision::Spawn { worker, .. }
            | Decision::Steal { worker },
        ) => Some(worker),
        EventKind::Machine(machine) => machine.worker(),
        EventKind::Decision(_) => None,
    }
}

/// The request that an event is about.
fn request_of(kind: &EventKind) -> Option<RequestId> {
    match *kind {
        EventKind::Stimulus(
            Stimulus::RequestArrived { request, .. }
            | Stimulus::TaskBlocked { request, .. }
            | Stimulus::TaskFinished { request, .. }
            | Stimulus::TaskForked { request, .. }
            | Stimulus::TaskJoined { request, .. }
            | Stimulus::TaskPanicked { request, .. }
            | Stimulus::TaskWoke { request, .. },
        )
        | EventKind::Decision(
            Decision::Assign { request, .. }
            | Decision::Queue { request }
            | Decision::Reject { request, .. }
            | Decision::RunOnCaller { request }
            | Decision::Spawn { request: Some(request), .. },
        )
        | EventKind::Machine(
            Machine::Abandoned { request }
            | Machine::Backlogged { request, .. }
            | Machine::Dropped { request, .. },
        ) => Some(request),
        EventKind::Stimulus(_) | EventKind::Decision(_) | EventKind::Machine(_) => None,
    }
}

/// The path of each route, by number.
fn paths(header: &TraceHeader) -> Vec<String> {
    header.scenario.requests.iter().map(|kind| kind.path.clone()).collect()
}
