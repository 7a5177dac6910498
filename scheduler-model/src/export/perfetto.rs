//! A time line in Chrome's trace event format.
//!
//! Workers are threads of one process. Their slices nest: a request, and in it what its thread does
//! (scheduled, busy, blocked). Requests are nestable asynchronous events: the whole stay, and in it
//! where it is. Whatever waits starts a flow on the scheduler's own track, which ends in the slice
//! of the worker that takes it up, or on the scheduler's track again if none does. So does what is
//! stolen, from its victim to its thief.

mod line;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{paths, request_of, worker_of};
use crate::{
    Decision, Departure, Event, EventKind, Machine, Place, Request, RequestId, Stimulus,
    TraceHeader, WorkerId, WorkerState, World,
};
use line::{Flow, Lines, Phase as Ph};

/// The time line, as far as it is open.
pub(super) struct Perfetto {
    title: String,
    paths: Vec<String>,
    lines: Lines,
    workers: BTreeMap<WorkerId, Track>,
    requests: BTreeMap<RequestId, Open>,
    n_flows: u64,
    queued: usize,
}

/// The open slices of a worker.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Track {
    request: Option<RequestId>,
    /// Whether the request is another worker's, and this one runs a part of it.
    helps: bool,
    state: Option<WorkerState>,
}

/// The open slices of a request.
#[derive(Clone, Copy, Default)]
struct Open {
    stage: Option<Stage>,
    /// The arrow that has begun and not ended.
    flow: Option<Flow>,
}

/// Where a request is, as its inner slice says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    AcceptBacklog,
    Asleep,
    AwaitsThread,
    RunQueue,
    Worker,
}

impl Perfetto {
    pub(super) fn new(header: &TraceHeader) -> Self {
        let scenario = &header.scenario;
        Self {
            title: format!("{} ({})", scenario.name, scenario.server.model.name()),
            paths: paths(header),
            lines: Lines::new(),
            workers: BTreeMap::new(),
            requests: BTreeMap::new(),
            n_flows: 0,
            queued: 0,
        }
    }

    pub(super) fn begin(&mut self, world: &World, out: &mut impl Write) -> io::Result<()> {
        Lines::begin(out)?;
        self.lines.process(&self.title, out)?;
        self.lines.thread(SCHEDULER, "scheduler", out)?;
        for worker in world.workers() {
            self.track(worker.id, world, out)?;
        }
        Ok(())
    }

    pub(super) fn after(
        &mut self,
        event: &Event,
        departure: Option<&Departure>,
        world: &World,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.lines.at = event.at;
        if let Some(name) = landmark(&event.kind) {
            self.lines.line(Ph::Instant, SCHEDULER, Some(name), r#","s":"p""#, out)?;
        }
        // A worker's slice has to be open before an arrow can end in it.
        if let Some(worker) = worker_of(&event.kind) {
            self.track(worker, world, out)?;
        }
        if let EventKind::Machine(Machine::Stolen { worker, victim, .. }) = event.kind {
            self.stolen(worker, victim, out)?;
        }
        let request = departure.map(|departure| departure.request.id);
        if let Some(request) = request.or_else(|| request_of(&event.kind)) {
            self.request(request, departure, world, out)?;
        }
        if let Some(queued) = Some(world.n_queued()).filter(|&now| now != self.queued) {
            self.queued = queued;
            let value = format!(r#","args":{{"requests":{queued}}}"#);
            self.lines.line(Ph::Counter, SCHEDULER, Some("run queue"), &value, out)?;
        }
        Ok(())
    }

    /// Closes what is open, at the time of the last event.
    pub(super) fn end(&mut self, world: &World, out: &mut impl Write) -> io::Result<()> {
        for (worker, track) in std::mem::take(&mut self.workers) {
            self.close(worker, track, out)?;
        }
        for id in self.requests.keys().copied().collect::<Vec<_>>() {
            let request = world.request(id);
            self.leave(id, request, "in-system", out)?;
        }
        Lines::end(out)
    }

    /// Brings a worker's slices up to what it does now.
    fn track(&mut self, id: WorkerId, world: &World, out: &mut impl Write) -> io::Result<()> {
        let now = world.worker(id).map_or(Track::default(), |worker| Track {
            request: worker.request,
            helps: worker.helps,
            state: Some(worker.state).filter(|&state| state != WorkerState::Idle),
        });
        let before = match self.workers.get(&id) {
            Some(&before) => before,
            None if world.worker(id).is_none() => return Ok(()),
            None => {
                self.lines.thread(id.get(), &format!("worker {id}"), out)?;
                Track::default()
            }
        };
        self.workers.insert(id, now);
        if now == before {
            return Ok(());
        }
        let goes_on = (now.request, now.helps) == (before.request, before.helps);
        self.close(id, Track { request: before.request.filter(|_| !goes_on), ..before }, out)?;
        if let Some(request) = now.request.filter(|_| !goes_on) {
            let name = if now.helps { "a part of request" } else { "request" };
            let name = format!("{name} {request}");
            let args = world.request(request).map_or(String::new(), |request| self.args(request));
            self.lines.line(Ph::Begin, id.get(), Some(&name), &args, out)?;
        }
        if let Some(state) = now.state {
            self.lines.line(Ph::Begin, id.get(), Some(&state.to_string()), "", out)?;
        }
        Ok(())
    }

    /// An arrow from whom a part was taken to whom took it. In a recording the one may be through by
    /// the time that the other says so: then there is none.
    fn stolen(&mut self, by: WorkerId, from: WorkerId, out: &mut impl Write) -> io::Result<()> {
        let is_open =
            |id| self.workers.get(id).is_some_and(|track: &Track| track.request.is_some());
        if !is_open(&by) || !is_open(&from) {
            return Ok(());
        }
        let flow = self.next_flow("stolen");
        self.lines.flow(Ph::FlowStart, from.get(), flow, out)?;
        self.lines.flow(Ph::FlowEnd, by.get(), flow, out)
    }

    fn next_flow(&mut self, name: &'static str) -> Flow {
        self.n_flows += 1;
        Flow { name, id: self.n_flows }
    }

    /// Ends these slices, the inner one first.
    fn close(&mut self, id: WorkerId, track: Track, out: &mut impl Write) -> io::Result<()> {
        let n_open = usize::from(track.state.is_some()) + usize::from(track.request.is_some());
        (0..n_open).try_for_each(|_| self.lines.line(Ph::End, id.get(), None, "", out))
    }

    /// Brings a request's slices up to where it is now.
    fn request(
        &mut self,
        id: RequestId,
        departure: Option<&Departure>,
        world: &World,
        out: &mut impl Write,
    ) -> io::Result<()> {
        if let Some(departure) = departure {
            // It may have come and gone by one event.
            self.enter(id, out)?;
            return self.leave(id, Some(&departure.request), departure.outcome.name(), out);
        }
        let Some(request) = world.request(id) else {
            // A turn without a request, or one that is run for nobody.
            return if self.requests.contains_key(&id) {
                self.leave(id, None, "no request", out)
            } else {
                Ok(())
            };
        };
        self.enter(id, out)?;
        let before = self.requests[&id];
        let stage = Stage::of(request.place);
        if stage == before.stage {
            return Ok(());
        }
        self.end_stage(id, before, out)?;
        let mut open = Open { stage, ..before };
        if let Some(stage) = stage {
            self.lines.stay(Ph::AsyncBegin, id, stage.name(), "", out)?;
        }
        match (stage, open.flow) {
            (Some(Stage::Worker), Some(flow)) => {
                let Place::Assigned(worker) = request.place else { unreachable!("it is assigned") };
                self.lines.flow(Ph::FlowEnd, worker.get(), flow, out)?;
                open.flow = None;
            }
            (Some(stage), None) if stage.waits() => {
                open.flow = Some(self.next_flow("queued"));
                let name = format!("request {id}: {}", stage.name());
                self.point(Ph::FlowStart, &name, open.flow, out)?;
            }
            _ => {}
        }
        self.requests.insert(id, open);
        Ok(())
    }

    fn enter(&mut self, id: RequestId, out: &mut impl Write) -> io::Result<()> {
        if self.requests.contains_key(&id) {
            return Ok(());
        }
        self.requests.insert(id, Open::default());
        self.lines.stay(Ph::AsyncBegin, id, "request", "", out)
    }

    fn leave(
        &mut self,
        id: RequestId,
        request: Option<&Request>,
        how: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let open = self.requests.remove(&id).unwrap_or_default();
        self.end_stage(id, open, out)?;
        if open.flow.is_some() {
            let name = format!("request {id}: {how}");
            self.point(Ph::FlowEnd, &name, open.flow, out)?;
        }
        let mut fields = vec![format!(r#""outcome":"{how}""#)];
        if let Some(path) = request.and_then(|request| self.path(request)) {
            fields.push(format!(r#""path":{path}"#));
        }
        let args = format!(r#","args":{{{}}}"#, fields.join(","));
        self.lines.stay(Ph::AsyncEnd, id, "request", &args, out)
    }

    fn end_stage(&mut self, id: RequestId, open: Open, out: &mut impl Write) -> io::Result<()> {
        let Some(stage) = open.stage else { return Ok(()) };
        self.lines.stay(Ph::AsyncEnd, id, stage.name(), "", out)
    }

    /// A slice without length on the scheduler's track, for an arrow to begin or end in.
    fn point(
        &mut self,
        end: Ph,
        name: &str,
        flow: Option<Flow>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.lines.line(Ph::Begin, SCHEDULER, Some(name), "", out)?;
        if let Some(flow) = flow {
            self.lines.flow(end, SCHEDULER, flow, out)?;
        }
        self.lines.line(Ph::End, SCHEDULER, None, "", out)
    }

    fn args(&self, request: &Request) -> String {
        let path = self.path(request);
        path.map_or(String::new(), |path| format!(r#","args":{{"path":{path}}}"#))
    }

    /// What it asks for, as a JSON string.
    fn path(&self, request: &Request) -> Option<String> {
        let path = self.paths.get(usize::from(request.route?.0))?;
        Some(line::quoted(path))
    }
}

impl Stage {
    /// None at the door: there it stays for no time.
    const fn of(place: Place) -> Option<Self> {
        match place {
            Place::AcceptBacklog => Some(Self::AcceptBacklog),
            Place::Asleep { .. } => Some(Self::Asleep),
            Place::Assigned(_) => Some(Self::Worker),
            Place::AwaitsThread(_) => Some(Self::AwaitsThread),
            Place::Door => None,
            Place::RunQueue => Some(Self::RunQueue),
        }
    }

    /// Whether it waits for a worker to take it up.
    const fn waits(self) -> bool {
        !matches!(self, Self::Asleep | Self::Worker)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::AcceptBacklog => "in the accept backlog",
            Self::Asleep => "asleep on a timer",
            Self::AwaitsThread => "waits for its thread",
            Self::RunQueue => "in the run queue",
            Self::Worker => "with a worker",
        }
    }
}

/// What changes the server as a whole.
fn landmark(kind: &EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::Stimulus(Stimulus::Drain { .. }) => "drain begins",
        EventKind::Stimulus(Stimulus::Resize { .. }) => "resize",
        EventKind::Decision(Decision::Drained) => "drained",
        EventKind::Decision(Decision::StopAccepting) => "stops accepting",
        EventKind::Decision(Decision::ResumeAccepting) => "accepts again",
        _ => return None,
    })
}

/// The track of what waits; workers are numbered from 1.
const SCHEDULER: u32 = 0;
