//! From a file's words to a world: everything that another part of it could contradict is looked at,
//! since what follows is fed to schedulers that take the world at its word.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::super::parts::Hand;
use super::super::{Connection, Core, Place, Request, Worker, WorkerState, World};
use super::{OfConnection, OfRequest, OfShard, OfWorker, Written};
use crate::scenario::Model;
use crate::slots::Slots;
use crate::window::Window;
use crate::{ConnectionId, CoreId, RequestId, RouteId, ShardId, TraceHeader, WorkerId};

/// Why a snapshot is no state of the run that its header describes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {given} given, allowed is {allowed}")]
pub(crate) struct Contradiction {
    /// What is wrong.
    place: String,
    /// What stands there.
    given: String,
    /// What might.
    allowed: String,
}

/// The world that is written.
pub(super) fn world(header: &TraceHeader, written: &Written) -> Result<World, Contradiction> {
    let start = World::new(&TraceHeader { snapshot: None, ..header.clone() });
    let mut restoring = Restoring { world: start, cores: BTreeMap::new() };
    restoring.totals(written)?;
    restoring.shards(&written.shards)?;
    restoring.workers(&written.workers)?;
    restoring.machine(written)?;
    restoring.requests(&written.requests)?;
    restoring.check_bonds()?;
    let world = restoring.world;
    world
        .check_all_settled()
        .map_err(|violation| wrong("the whole", violation, "a settled run"))?;
    Ok(world)
}

/// A world, as far as it has been put together.
struct Restoring {
    world: World,
    /// Which worker has which core.
    cores: BTreeMap<WorkerId, CoreId>,
}

impl Restoring {
    fn totals(&mut self, written: &Written) -> Result<(), Contradiction> {
        let totals = &written.counts;
        check("seq", written.seq, written.seq <= SEQ_MAX, "0..=2^53")?;
        let world = &mut self.world;
        let each = [
            ("answered", totals.answered),
            ("failed", totals.failed),
            ("rejected", totals.rejected),
            ("dropped", totals.dropped),
            ("lost", totals.lost),
            ("turns_without_request", totals.turns_without_request),
            ("steals", totals.steals),
            ("accept_failures", totals.accept_failures),
            ("splits", written.splits),
            // These are no counts of events, but bounded by what events can bring about.
            ("threads_peak", totals.threads_peak.saturating_sub(1024)),
            ("run_queue_peak", totals.run_queue_peak),
            ("sharing", written.sharing.saturating_sub(1024)),
        ];
        for (name, count) in each {
            check(name, count, count <= written.seq, "at most one for each event before")?;
        }
        check(
            "workers_wanted",
            written.workers_wanted,
            (1..=1024).contains(&written.workers_wanted),
            "1..=1024",
        )?;
        world.now = written.at_ns;
        world.workers_wanted = written.workers_wanted;
        world.parts.splits = written.splits;
        let counts = &mut world.counts;
        counts.events = written.seq;
        counts.answered = totals.answered;
        counts.failed = totals.failed;
        counts.rejected = totals.rejected;
        counts.dropped = totals.dropped;
        counts.lost = totals.lost;
        counts.turns_without_request = totals.turns_without_request;
        counts.threads_peak = totals.threads_peak;
        counts.run_queue_peak = totals.run_queue_peak;
        counts.steals = totals.steals;
        counts.accept_failures = totals.accept_failures;
        counts.sharing = written.sharing;
        counts.in_system = written.requests.len() as u64;
        counts.arrived = counts.left() + counts.in_system;
        Ok(())
    }

    fn shards(&mut self, shards: &[OfShard]) -> Result<(), Contradiction> {
        let world = &mut self.world;
        let n_shards = world.shards.len();
        check("shards", shards.len(), shards.len() == n_shards, n_shards)?;
        let mut places = 0;
        for (shard, written) in world.shards.iter_mut().zip(shards) {
            shard.accepting = written.accepting;
            shard.drain = written.drain_ns;
            shard.drained = written.drained;
            check("drained", true, !shard.drained || shard.drain.is_some(), "with a drain only")?;
            for armed in &written.timers {
                shard.armed[armed.timer as usize] = Some(armed.due_ns);
            }
            let mut connections = BTreeMap::new();
            for &OfConnection { id, opened_ns, begun, thread } in &written.connections {
                let own = shard.numbering.place(id);
                let place =
                    own.ok_or_else(|| wrong("connection", id, "the shard's own numbers"))?;
                check("connection", id, place < PLACES_MAX, "1..=2^20 for each shard")?;
                let bound = thread.is_none() || world.server.model == Model::Spawn;
                check("connection's thread", id, bound, "one under spawn only")?;
                let connection = Connection { id, opened: opened_ns, request: None, begun, thread };
                let is_new = connections.insert(place, connection).is_none();
                check("connection", id, is_new, "each once")?;
            }
            places += connections.last_key_value().map_or(0, |(&last, _)| last + 1);
            check("connections", places, places <= PLACES_MAX, "numbers up to 2^20")?;
            shard.connections = Slots::of(connections);
            shard.run_queue.clone_from(&written.run_queue);
        }
        Ok(())
    }

    fn workers(&mut self, written: &[OfWorker]) -> Result<(), Contradiction> {
        let model = self.world.server.model;
        let n_shards = self.world.shards.len();
        let mut workers = BTreeMap::new();
        for of_worker in written {
            let &OfWorker { id, state, since_ns, request, helps, ref hand } = of_worker;
            let max = if model.is_loop() { n_shards } else { PLACES_MAX };
            check("worker", id, id.index() < max, format_args!("1..={max}"))?;
            let looks = request.is_none() && state == WorkerState::Scheduled;
            let steals = helps || hand.has_split || looks;
            check(
                "worker that steals",
                id,
                !steals || model == Model::ForkJoin,
                "under fork-join",
            )?;
            let has_nothing = matches!(state, WorkerState::Idle | WorkerState::Starting);
            let holds = if request.is_some() { !has_nothing } else { has_nothing || looks };
            check("worker", id, holds, "a request where it is busy, and none where it is not")?;
            check("worker", id, !helps || request.is_some(), "a request to help with")?;
            check(
                "worker",
                id,
                !hand.has_split || (request.is_some() && !helps),
                "a request of its own that split",
            )?;
            check(
                "worker",
                id,
                hand.splits_seen <= self.world.parts.splits,
                "no more splits than there were",
            )?;
            let nodes = hand.deque.iter().map(|&(_, node)| node).chain([hand.at]);
            let is_legal = nodes.into_iter().all(|node| (1..=NODES_MAX).contains(&node.0));
            check("worker's parts", id, is_legal, format_args!("nodes in 1..={NODES_MAX}"))?;
            let taken = hand.n_on_their_way;
            check("worker's parts", id, taken <= hand.deque.len(), "no more taken than there are")?;
            let worker = Worker { request, helps, since: since_ns, ..Worker::new(id, state) };
            check("worker", id, workers.insert(id.index(), worker).is_none(), "each once")?;
            if *hand != Hand::default() {
                self.world.parts.put_back(id, hand.clone());
            }
        }
        let counts = &mut self.world.counts;
        let in_state =
            |state| workers.values().filter(|worker| worker.state == state).count() as u64;
        counts.idle = in_state(WorkerState::Idle);
        counts.starting = in_state(WorkerState::Starting);
        counts.held = workers.values().filter(|worker| worker.request.is_some()).count() as u64;
        self.world.workers = Slots::of(workers);
        Ok(())
    }

    /// What only a simulation knows.
    fn machine(&mut self, written: &Written) -> Result<(), Contradiction> {
        let world = &mut self.world;
        let n_cores = world.cores.len();
        check("cores", written.cores.len(), written.cores.len() == n_cores, n_cores)?;
        world.cores.clone_from(&written.cores);
        let is_busy = |core: &&Core| **core != Core::Free;
        world.counts.cores_busy = world.cores.iter().filter(is_busy).count() as u64;
        for (index, core) in (0..).zip(&written.cores) {
            let (Core::Running(worker) | Core::Switching(worker)) = *core else { continue };
            let id = CoreId(index);
            let Some(found) = world.workers.get_mut(worker.index()) else {
                return Err(wrong("core's worker", worker, "one that exists"));
            };
            check("core's worker", worker, self.cores.insert(worker, id).is_none(), "on one core")?;
            if matches!(core, Core::Running(_)) {
                found.core = Some(id);
            }
        }
        let max = match (world.simulated, world.by_clients) {
            (true, _) => world.server.accept_backlog.get() as usize,
            (false, true) => usize::MAX,
            (false, false) => 0,
        };
        let queued = written.accept_backlog.len();
        check("accept_backlog", queued, queued <= max, format_args!("at most {max}"))?;
        world.accept_backlog.clone_from(&written.accept_backlog);
        Ok(())
    }

    fn requests(&mut self, written: &[OfRequest]) -> Result<(), Contradiction> {
        let world = &self.world;
        let next = RequestId(world.counts.arrived + world.counts.turns_without_request + 1);
        let mut queued = BTreeMap::new();
        for shard in &world.shards {
            for &request in &shard.run_queue {
                let is_new = queued.insert(request, Queue::Of(shard.id())).is_none();
                check("run_queue", request, is_new, "each request in one queue")?;
            }
        }
        for &request in &world.accept_backlog {
            let is_new = queued.insert(request, Queue::Kernel).is_none();
            check("accept_backlog", request, is_new, "each request in one queue")?;
        }
        let mut requests = BTreeMap::new();
        for written in written {
            let id = written.id;
            check("request", id, RequestId(1) <= id && id < next, format_args!("1..{next}"))?;
            let request = self.request(written, queued.remove(&id))?;
            check("request", id, requests.insert(id, request).is_none(), "each once")?;
            if let Some(connection) = request.connection {
                let shard = self.world.shard_of(connection);
                let shard = &mut self.world.shards[usize::from(shard.0)];
                let Some(open) = shard.connection_mut(connection) else {
                    return Err(wrong("request's connection", connection, "one that is open"));
                };
                let is_free = open.request.replace(id).is_none() && !open.begun;
                check("request's connection", connection, is_free, "one that is in no other")?;
            }
        }
        if let Some((id, _)) = queued.pop_first() {
            return Err(wrong("queued request", id, "one of the requests"));
        }
        self.world.requests = Window::of(requests, next);
        Ok(())
    }

    /// One request; `queued` says in whose queue it is, if it is in one.
    fn request(
        &self,
        written: &OfRequest,
        queued: Option<Queue>,
    ) -> Result<Request, Contradiction> {
        let world = &self.world;
        let model = world.server.model;
        let id = written.id;
        let shard = written.connection.map(|connection| world.shard_of(connection));
        let of_shard = |own: ShardId| shard.is_none_or(|shard| shard == own);
        let of_loop = |worker: WorkerId| {
            worker.index() < world.shards.len() && of_shard(ShardId::from_index(worker.index()))
        };
        let (place, is_legal) = match (queued, written.worker, written.asleep_since_ns) {
            (Some(Queue::Kernel), None, None) => {
                (Place::AcceptBacklog, written.connection.is_none())
            }
            (Some(Queue::Of(own)), None, None) => {
                (Place::RunQueue, of_shard(own) && !matches!(model, Model::Single | Model::Spawn))
            }
            (None, Some(worker), Some(since)) => {
                (Place::Asleep { worker, since }, model.is_loop() && of_loop(worker))
            }
            (None, Some(worker), None) => {
                let own = !model.is_loop() || of_loop(worker);
                match world.worker(worker) {
                    Some(found) if found.state == WorkerState::Starting => {
                        (Place::AwaitsThread(worker), model == Model::Spawn)
                    }
                    Some(found) if found.request == Some(id) && !found.helps => {
                        (Place::Assigned(worker), own)
                    }
                    _ => return Err(wrong("request's worker", worker, "one that has the request")),
                }
            }
            _ => return Err(wrong("request", id, "one place: a queue, a worker, or a timer")),
        };
        check("request", id, is_legal, "a place that the model has")?;
        let n_routes = world.n_routes;
        let route = written.route.filter(|route| usize::from(route.0) >= n_routes);
        if let Some(RouteId(route)) = route {
            return Err(wrong("request's route", route, format_args!("0..{n_routes}")));
        }
        let times = [Some(written.arrived_ns), written.started_ns, Some(world.now)];
        let in_order = times.into_iter().flatten().is_sorted();
        check("request's times", id, in_order, "none before one that comes earlier")?;
        Ok(Request {
            id,
            connection: written.connection,
            route: written.route,
            arrived: written.arrived_ns,
            started: written.started_ns,
            waited: written.waited,
            place,
        })
    }

    /// Who has whom is said from both sides, and both must agree.
    fn check_bonds(&mut self) -> Result<(), Contradiction> {
        let world = &mut self.world;
        let next = world.requests.next();
        let mut held = BTreeSet::new();
        for worker in world.workers.iter().map(|(_, worker)| worker) {
            let Some(request) = worker.request else { continue };
            check(
                "worker's request",
                request,
                request.0 >= 1 && request < next,
                "one that arrived",
            )?;
            let own = world.requests.get(request).filter(|_| !worker.helps);
            if let Some(entry) = own {
                let is_here = entry.place == Place::Assigned(worker.id);
                check(
                    "worker's request",
                    request,
                    is_here && held.insert(request),
                    "with it alone",
                )?;
            }
        }
        if world.server.model == Model::Spawn {
            self.bind_threads()?;
        }
        Ok(())
    }

    /// Under `spawn` a thread is bound to the connection of the request that it was started for.
    fn bind_threads(&mut self) -> Result<(), Contradiction> {
        let world = &mut self.world;
        let mut bound: BTreeMap<WorkerId, ConnectionId> = BTreeMap::new();
        let mut awaited = BTreeMap::new();
        for connection in world.shards.iter().flat_map(super::Shard::connections) {
            let Some(thread) = connection.thread else { continue };
            check(
                "thread",
                thread,
                bound.insert(thread, connection.id).is_none(),
                "one connection",
            )?;
        }
        for entry in world.requests.iter() {
            if let Place::AwaitsThread(worker) = entry.place {
                let is_new = awaited.insert(worker, entry.id).is_none();
                check("thread", worker, is_new, "one request that awaits it")?;
            }
        }
        for worker in world.workers.iter_mut() {
            let connection = bound.remove(&worker.id);
            let request = worker.request.or_else(|| awaited.get(&worker.id).copied());
            let entry = request.and_then(|request| world.requests.get(request));
            // A thread that has a request serves its connection; one that was given up, none.
            let agrees = match (worker.state, entry) {
                (_, Some(entry)) => entry.connection == connection,
                (WorkerState::Idle, None) => {
                    let open = connection.and_then(|id| world.shards[0].connection(id));
                    open.is_none_or(|open| open.request.is_none())
                }
                (_, None) => connection.is_none(),
            };
            check("thread", worker.id, agrees, "bound to the connection that it serves")?;
            worker.connection = connection;
        }
        match bound.pop_first() {
            Some((thread, _)) => Err(wrong("connection's thread", thread, "one that exists")),
            None => Ok(()),
        }
    }
}

/// Where a request waits.
#[derive(Clone, Copy)]
enum Queue {
    Kernel,
    Of(ShardId),
}

fn check(
    place: &str,
    given: impl Display,
    is_legal: bool,
    allowed: impl Display,
) -> Result<(), Contradiction> {
    if is_legal { Ok(()) } else { Err(wrong(place, given, allowed)) }
}

fn wrong(place: &str, given: impl Display, allowed: impl Display) -> Contradiction {
    Contradiction {
        place: place.to_owned(),
        given: given.to_string(),
        allowed: allowed.to_string(),
    }
}

/// Whole numbers beyond are not what every reader of JSON takes them for.
const SEQ_MAX: u64 = 1 << 53;

/// What tables may hold that have a place for each number: some hundred megabytes.
const PLACES_MAX: usize = 1 << 20;

/// The last leaf of the deepest tree.
const NODES_MAX: u32 = (2 << 16) - 1;
