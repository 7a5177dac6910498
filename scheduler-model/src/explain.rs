//! Why a request is where it is: the cause of its waiting, and the cause of that, as data.
//!
//! The sentence is made elsewhere, in each language, from this. [`chain`] follows causes to their
//! root.

mod chain;

pub use chain::{Episode, chain, waiting, waiting_from};

use crate::scenario::{Model, OnFull};
use crate::{Place, Request, RequestId, ShardId, SimTime, Span, WorkerId, WorkerState, World};

/// What is known about a request at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The request.
    pub request: Request,
    /// How long it has been in the system.
    pub age: Span,
    /// Why it is where it is.
    pub cause: Cause,
}

/// Why a request is where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its handler sleeps, and holds its thread.
    Asleep {
        /// The thread.
        worker: WorkerId,
        /// Since when.
        since: SimTime,
    },
    /// It has its worker, which is on its way to it.
    Dispatched {
        /// The worker.
        worker: WorkerId,
    },
    /// Another worker runs a part that it stole, and the request's own waits for it.
    Joining {
        /// The request's own worker.
        worker: WorkerId,
        /// Since when.
        since: SimTime,
    },
    /// The server does not accept: it waits in the kernel's backlog.
    NotAccepting {
        /// How many are before it there.
        ahead: u64,
        /// How many wait in the server's own queue, which is full.
        queued: u64,
        /// Who holds the workers.
        holders: Vec<Holder>,
    },
    /// Its handler sleeps on a timer of its loop, and holds no thread.
    OnTimer {
        /// Since when.
        since: SimTime,
    },
    /// A thread runs it.
    Running {
        /// The thread.
        worker: WorkerId,
    },
    /// Its thread is being started.
    ThreadStarting {
        /// The thread.
        worker: WorkerId,
    },
    /// The thread that has it waits for a core.
    WaitsForCore {
        /// The thread.
        worker: WorkerId,
        /// How many threads are at work on the cores.
        running: u64,
        /// How many cores there are.
        cores: u64,
    },
    /// No worker is free: it waits in the run queue.
    WaitsForWorker {
        /// How many are before it there.
        ahead: u64,
        /// Who holds the workers.
        holders: Vec<Holder>,
    },
}

/// A worker that is taken, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The worker.
    pub worker: WorkerId,
    /// What it holds; its place in the system tells whether anybody still waits for it.
    pub request: Option<Request>,
    /// What it does.
    pub state: WorkerState,
    /// Since when.
    pub since: SimTime,
}

/// Explains a request that is in the system; `None` for any other.
pub fn explain(world: &World, request: RequestId) -> Option<Explanation> {
    let request = *world.request(request)?;
    let cause = match request.place {
        Place::AcceptBacklog => Cause::NotAccepting {
            ahead: position(world.accept_backlog(), request.id),
            queued: world.run_queue().len() as u64,
            holders: holders(world),
        },
        Place::Door | Place::RunQueue => {
            let shard = request.connection.map_or(ShardId(0), |id| world.shard_of(id));
            let mut holders = holders(world);
            if world.server().model == Model::Sharded {
                holders.retain(|holder| holder.worker == shard.worker());
            }
            let ahead = position(world.shard(shard).run_queue(), request.id);
            Cause::WaitsForWorker { ahead, holders }
        }
        Place::Asleep { since, .. } => Cause::OnTimer { since },
        Place::AwaitsThread(worker) => Cause::ThreadStarting { worker },
        Place::Assigned(worker) => {
            match world.worker(worker).map(|found| (found.state, found.since)) {
                Some((WorkerState::Blocked, since)) => Cause::Asleep { worker, since },
                Some((WorkerState::Joining, since)) => Cause::Joining { worker, since },
                Some((WorkerState::Scheduled, _)) => {
                    let (running, cores) = (world.counts().cores_busy, world.cores().len() as u64);
                    if running < cores {
                        Cause::Dispatched { worker }
                    } else {
                        Cause::WaitsForCore { worker, running, cores }
                    }
                }
                _ => Cause::Running { worker },
            }
        }
    };
    Some(Explanation { request, age: world.now().since(request.arrived), cause })
}

impl Explanation {
    /// Whether the request waits for its service to start.
    pub fn waits(&self) -> bool {
        self.request.started.is_none()
    }
}

impl Cause {
    /// The worker that has the request, if one has.
    pub fn worker(&self) -> Option<WorkerId> {
        match self {
            Self::Asleep { worker, .. }
            | Self::Dispatched { worker }
            | Self::Joining { worker, .. }
            | Self::Running { worker }
            | Self::ThreadStarting { worker }
            | Self::WaitsForCore { worker, .. } => Some(*worker),
            Self::NotAccepting { .. } | Self::OnTimer { .. } | Self::WaitsForWorker { .. } => None,
        }
    }
}

impl World {
    /// Whether the server stops taking when it is full, so that requests wait in the kernel.
    pub fn waits_in_kernel(&self) -> bool {
        self.server().model == Model::Single || self.server().on_full == OnFull::Wait
    }
}

fn holders(world: &World) -> Vec<Holder> {
    let taken = world.workers().filter(|worker| worker.state != WorkerState::Idle);
    taken
        .map(|worker| Holder {
            worker: worker.id,
            request: worker.request.and_then(|request| world.request(request).copied()),
            state: worker.state,
            since: worker.since,
        })
        .collect()
}

fn position(line: &std::collections::VecDeque<RequestId>, request: RequestId) -> u64 {
    line.iter().take_while(|&&waiting| waiting != request).count() as u64
}
