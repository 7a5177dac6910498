//! The machine: a simulated computer with cores, costs and a virtual clock, driving a scheduler.
//!
//! It is a driver like the real server's: it reports what happened, and carries out what the
//! scheduler decides. Requests come on connections of their own, which close with the answer.
//! What follows at one instant follows in the order that [`agenda::Class`] gives.

mod agenda;
mod carried_out;
mod clients;
mod cores;
mod course;
mod fork_join;
mod happens;
mod load;
pub(crate) mod sample;

use crate::scenario::{Fork, Scenario};
use crate::trace::{Trace, TraceHeader};
use crate::window::Window;
use crate::{
    Decision, Departure, Event, EventKind, Machine, RequestId, RouteId, RunReport, Scheduler,
    ShardId, SimTime, Snapshot, Span, Stats, Stimulus, WorkerId, World,
};

pub use clients::{Clients, Question};
pub use load::Demand;
pub(crate) use load::drawn;

use agenda::{Agenda, Class, Due};
use cores::Cores;
use fork_join::Hands;

/// Runs a scenario to its end and records every event.
pub fn simulate(scenario: &Scenario) -> Trace {
    let mut simulation = Simulation::new(scenario).recording();
    simulation.run();
    simulation.into_trace()
}

/// A scenario on its way through the simulated computer.
#[derive(Clone, Debug)]
pub struct Simulation {
    header: TraceHeader,
    /// One, or one for each loop.
    schedulers: Vec<Scheduler>,
    world: World,
    agenda: Agenda,
    cores: Cores,
    hands: Hands,
    load: load::Source,
    costs: Window<Cost>,
    now: SimTime,
    /// Whose events follow.
    shard: ShardId,
    /// What the scheduler decided and the machine has yet to carry out.
    to_do: Vec<Decision>,
    /// What the cores did, on its way to becoming events.
    seen: Vec<Machine>,
    /// Panics to come, by route.
    panics: Vec<u32>,
    spawns_to_fail: u32,
    faults_left: usize,
    stats: Stats,
    record: Option<Vec<Event>>,
    /// Where to stop, as the relative half-width of the mean sojourn time.
    precision: Option<f64>,
    /// Which loop the kernel gave each request's connection to, where that is known.
    shards: Vec<Option<ShardId>>,
}

/// What the machine knows of a request in the system.
#[derive(Clone, Copy, Debug)]
struct Cost {
    route: RouteId,
    cpu: Span,
    sleep: Span,
    fork: Option<Fork>,
    shard: ShardId,
    panics: bool,
    client: Option<u64>,
}

impl Simulation {
    /// A run at its first instant.
    pub fn new(scenario: &Scenario) -> Self {
        let header = TraceHeader::simulated(scenario.clone());
        let mut agenda = Agenda::default();
        for (index, fault) in scenario.faults.iter().enumerate() {
            agenda.add(fault.at, Class::Fault, index as u64, Due::Fault(index));
        }
        let load = load::Source::new(scenario, &mut agenda);
        Self {
            schedulers: Scheduler::all(&scenario.server),
            world: World::new(&header),
            cores: Cores::new(&scenario.machine),
            hands: Hands::new(scenario.seed),
            agenda,
            load,
            costs: Window::new(),
            now: SimTime::ZERO,
            shard: ShardId(0),
            to_do: Vec::new(),
            seen: Vec::new(),
            panics: vec![0; scenario.requests.len()],
            spawns_to_fail: 0,
            faults_left: scenario.faults.len(),
            stats: Stats::new(&header),
            record: None,
            precision: None,
            shards: Vec::new(),
            header,
        }
    }

    /// The same run, with every event kept.
    #[must_use]
    pub fn recording(self) -> Self {
        Self { record: Some(Vec::new()), ..self }
    }

    /// The same run, stopped as soon as the mean sojourn time is known this well: when the half
    /// width of its 99 % confidence interval is at most this part of it (0.01: to 1 %). That is
    /// looked at after every 1,024 answers. A run that ends before is not made longer.
    ///
    /// To stop where the interval happens to be narrow makes it a little too narrow (A. Law and W.
    /// Kelton, *Simulation Modeling and Analysis* (2000), §9.5.3).
    #[must_use]
    pub fn until_precise(self, relative_half_width: f64) -> Self {
        Self { precision: Some(relative_half_width), ..self }
    }

    /// The same run, in which the kernel gives the connections of `sharded` to these loops, by
    /// request from the first, and not to those that the seed draws: the same as in another run.
    /// Where there is none, the seed draws.
    ///
    /// # Panics
    ///
    /// When the server has no such loop.
    #[must_use]
    pub fn with_shards(self, shards: Vec<Option<ShardId>>) -> Self {
        let n_shards = self.header.scenario.server.n_shards();
        assert!(shards.iter().flatten().all(|shard| usize::from(shard.0) < n_shards));
        Self { shards, ..self }
    }

    /// The same run, told as the rest of one that was at this moment and whose next request has this
    /// number: to be seen beside it.
    ///
    /// # Panics
    ///
    /// When something happens before that.
    #[must_use]
    pub fn continuing(mut self, at: SimTime, next: RequestId) -> Self {
        assert!(self.agenda.next_at().is_none_or(|first| first >= at), "it begins before {at}");
        self.world.set_beginning(at, next);
        self.costs = Window::of([], next);
        self.now = at;
        let start = Snapshot::new(self.world.clone()).expect("nothing has happened");
        self.header = self.header.from(start);
        self.stats = Stats::new(&self.header);
        self
    }

    /// Runs to the end: to the horizon, or until every request has its outcome and every fault
    /// has happened.
    ///
    /// # Panics
    ///
    /// When what must hold does not hold: a wrong run is worth less than none.
    pub fn run(&mut self) {
        while !self.run_for(usize::MAX) {}
    }

    /// Lets at most this many things happen, for whoever has other things to do in between; true
    /// when the run is at the end that [`Simulation::run`] comes to.
    ///
    /// # Panics
    ///
    /// As [`Simulation::run`].
    pub fn run_for(&mut self, n_steps: usize) -> bool {
        if (0..n_steps).all(|_| self.advance()) {
            return false;
        }
        if let Some(horizon) = self.header.scenario.horizon
            && !self.is_over()
            && !self.is_precise()
        {
            self.now = horizon;
        }
        self.stats.advance(self.world.counts(), self.world.n_workers(), self.now);
        true
    }

    /// Lets the next thing happen; false when the run is over.
    fn advance(&mut self) -> bool {
        let horizon = self.header.scenario.horizon.unwrap_or(SimTime::MAX);
        if self.is_over()
            || self.is_precise()
            || self.agenda.next_at().is_none_or(|at| at > horizon)
        {
            return false;
        }
        let (at, due) = self.agenda.pop().expect("there is a next one");
        self.now = at;
        self.happen(due);
        self.flush();
        self.cores.fill(self.now, &mut self.agenda, &mut self.seen);
        self.flush();
        true
    }

    /// The next events of a recorded run, which keeps them no longer; none when it is over.
    pub(crate) fn next_events(&mut self) -> Vec<Event> {
        loop {
            let events = self.record.as_mut().map(std::mem::take).unwrap_or_default();
            if !events.is_empty() || !self.advance() {
                return events;
            }
        }
    }

    /// The figures of the run so far.
    pub fn report(&self) -> RunReport {
        self.stats.report(&self.world)
    }

    /// The recorded run.
    ///
    /// # Panics
    ///
    /// When it was not [`Simulation::recording`].
    pub fn into_trace(self) -> Trace {
        let events = self.record.expect("the run was recorded");
        Trace { header: self.header, events, complete: true }
    }

    /// The header of this run's trace.
    pub const fn header(&self) -> &TraceHeader {
        &self.header
    }

    /// The state of the system now.
    pub const fn world(&self) -> &World {
        &self.world
    }

    fn is_over(&self) -> bool {
        self.world.counts().in_system == 0 && self.faults_left == 0 && self.load.is_exhausted()
    }

    fn is_precise(&self) -> bool {
        self.precision.is_some_and(|relative| {
            self.stats.n_samples().is_multiple_of(1024) && self.stats.is_precise(relative)
        })
    }

    /// Tells every scheduler there is, the lowest shard first.
    fn tell_all(&mut self, stimulus: Stimulus) {
        for shard in self.header.scenario.server.shards() {
            self.tell(shard, stimulus);
        }
    }

    /// Tells the scheduler, lets it decide, and carries out what it decided.
    #[expect(clippy::inline_always, reason = "see `event`: the copy is a tenth of the run")]
    #[inline(always)]
    fn tell(&mut self, shard: ShardId, stimulus: Stimulus) {
        self.shard = shard;
        self.hear(&self.event(EventKind::Stimulus(stimulus)));
    }

    fn hear(&mut self, event: &Event) {
        let EventKind::Stimulus(stimulus) = event.kind else {
            unreachable!("a scheduler hears of stimuli alone")
        };
        self.take_in(event);
        let scheduler = &mut self.schedulers[usize::from(event.shard.0)];
        scheduler.handle(self.now, stimulus);
        // What is carried out may tell the scheduler more before this is through.
        let from = self.to_do.len();
        self.to_do.extend(std::iter::from_fn(|| scheduler.poll()));
        for index in from..self.to_do.len() {
            self.take_in(&self.event(EventKind::Decision(self.to_do[index])));
        }
        for index in from..self.to_do.len() {
            self.carry_out(self.to_do[index]);
        }
        self.to_do.truncate(from);
    }

    /// Whose thread this is.
    fn shard_of(&self, worker: WorkerId) -> ShardId {
        if self.world.shards().len() == 1 {
            return ShardId(0);
        }
        ShardId::from_index(worker.index())
    }

    fn held_by(&self, worker: WorkerId) -> RequestId {
        let held = self.world.worker(worker).and_then(|worker| worker.request);
        held.expect("only a worker with a request is dispatched, runs or sleeps")
    }

    /// What the cores did becomes events. Mostly they did nothing.
    #[inline]
    fn flush(&mut self) {
        if !self.seen.is_empty() {
            self.emit_seen();
        }
    }

    fn emit_seen(&mut self) {
        let mut seen = std::mem::take(&mut self.seen);
        for machine in seen.drain(..) {
            if let Some(worker) = machine.worker() {
                self.shard = self.shard_of(worker);
            }
            self.emit(EventKind::Machine(machine));
        }
        self.seen = seen;
    }

    #[inline]
    fn emit(&mut self, kind: EventKind) {
        self.take_in(&self.event(kind));
    }

    /// An event, put together where it happens: to copy one that has just been written costs more
    /// than to count it in.
    #[inline]
    const fn event(&self, kind: EventKind) -> Event {
        Event { at: self.now, shard: self.shard, kind }
    }

    fn take_in(&mut self, event: &Event) {
        self.stats.advance(self.world.counts(), self.world.n_workers(), self.now);
        if let Err(violation) = self.world.take_in(event) {
            let seq = self.world.counts().events;
            panic!("the run broke a law of the model at {}, event {seq}: {violation}", self.now);
        }
        self.stats.record(event, self.world.departure());
        if let Some(events) = &mut self.record {
            events.push(*event);
        }
        if let Some(Departure { request, .. }) = self.world.departure() {
            self.departed(request.id, request.place);
        }
    }
}
