//! The causal chain: what a request waits for, what that waits for, and so on to the root; at one
//! moment, and over the whole of its waiting.

use super::{Cause, Explanation, Holder, explain};
use crate::{
    Core, Event, EventKind, RequestId, SimTime, Span, Stimulus, Trace, Violation, WorkerId,
    WorkerState, World,
};

/// A stretch of a request's waiting in which it waited for one and the same chain of things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// When it began.
    pub from: SimTime,
    /// When it ended: by a change of the chain, by the start of service, or by the request's end.
    pub to: SimTime,
    /// The chain as it was when the stretch began; the request itself comes first.
    pub chain: Vec<Explanation>,
}

impl Episode {
    /// How long it lasted.
    pub fn length(&self) -> Span {
        self.to.since(self.from)
    }
}

/// Why a request is where it is, why what it waits for is where it is, and so on.
///
/// Of several that hold what a request waits for, the chain follows the one whose service began
/// first. It ends with something that waits for nobody else: a handler that sleeps or runs, a
/// thread that is being started. Empty for a request that is not in the system.
pub fn chain(world: &World, request: RequestId) -> Vec<Explanation> {
    let mut chain: Vec<Explanation> = Vec::new();
    let mut next = Some(request);
    while let Some(explanation) = next.and_then(|request| explain(world, request)) {
        if chain.iter().any(|earlier| earlier.request.id == explanation.request.id) {
            break;
        }
        next = blocker(world, &explanation.cause);
        chain.push(explanation);
    }
    chain
}

/// What a request waited for from its arrival to the start of its service, stretch by stretch.
///
/// Empty for a request that never waited, and for one that is not in the run.
///
/// # Errors
///
/// The `seq` of the first event that cannot follow, and why.
pub fn waiting(trace: &Trace, request: RequestId) -> Result<Vec<Episode>, (u64, Violation)> {
    waiting_from(World::new(&trace.header), &trace.events, request)
}

/// As [`waiting`], from a state that is known: `world` is as it was before `events`, the first of
/// which comes no later than the request's arrival.
///
/// # Errors
///
/// The place in `events`, counted from 1, of the first that cannot follow, and why.
pub fn waiting_from(
    mut world: World,
    events: &[Event],
    request: RequestId,
) -> Result<Vec<Episode>, (u64, Violation)> {
    let mut episodes: Vec<Episode> = Vec::new();
    let mut has_arrived = false;
    for (event, seq) in events.iter().zip(1..) {
        world.apply(event).map_err(|violation| (seq, violation))?;
        let waits = world.request(request).is_some_and(|entry| entry.started.is_none());
        if !waits {
            if has_arrived {
                close(&mut episodes, event.at);
                break;
            }
            continue;
        }
        has_arrived = true;
        // At the door a decision is due at this very instant: nothing is known yet.
        if matches!(event.kind, EventKind::Stimulus(Stimulus::RequestArrived { .. })) {
            continue;
        }
        let chain = chain(&world, request);
        if episodes.last().is_none_or(|last| !is_alike(&last.chain, &chain)) {
            close(&mut episodes, event.at);
            episodes.push(Episode { from: event.at, to: event.at, chain });
        }
    }
    close(&mut episodes, world.now());
    episodes.retain(|episode| episode.from < episode.to);
    Ok(episodes)
}

/// Ends the last stretch, if it has not ended.
fn close(episodes: &mut [Episode], at: SimTime) {
    if let Some(last) = episodes.last_mut()
        && last.from == last.to
    {
        last.to = at;
    }
}

/// Whether two chains name the same requests with the same kinds of causes.
fn is_alike(one: &[Explanation], other: &[Explanation]) -> bool {
    let link = |explanation: &Explanation| {
        (explanation.request.id, std::mem::discriminant(&explanation.cause))
    };
    one.iter().map(link).eq(other.iter().map(link))
}

/// The request in whose hands lies what another one waits for.
fn blocker(world: &World, cause: &Cause) -> Option<RequestId> {
    match cause {
        Cause::NotAccepting { holders, .. } | Cause::WaitsForWorker { holders, .. } => {
            first_of(holders)
        }
        Cause::WaitsForCore { worker, .. } => on_cores(world, *worker),
        Cause::Asleep { .. }
        | Cause::Dispatched { .. }
        | Cause::Joining { .. }
        | Cause::OnTimer { .. }
        | Cause::Running { .. }
        | Cause::ThreadStarting { .. } => None,
    }
}

fn first_of(holders: &[Holder]) -> Option<RequestId> {
    let requests = holders.iter().filter_map(|holder| holder.request);
    let key = |request: &crate::Request| (request.started.unwrap_or(SimTime::MAX), request.id);
    requests.min_by_key(key).map(|request| request.id)
}

/// The request that has had a core longest, of another thread than `waiting`.
fn on_cores(world: &World, waiting: WorkerId) -> Option<RequestId> {
    let runs = |core: &Core| match core {
        Core::Running(worker) | Core::Switching(worker) if *worker != waiting => Some(*worker),
        _ => None,
    };
    let on_one = world.cores().iter().filter_map(runs).filter_map(|id| world.worker(id));
    let shared = world.workers().filter(|worker| {
        worker.state == WorkerState::Busy && world.cores().contains(&Core::Shared)
    });
    let workers = on_one.chain(shared).filter(|worker| worker.request.is_some());
    workers.min_by_key(|worker| (worker.since, worker.id)).and_then(|worker| worker.request)
}
