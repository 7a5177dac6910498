//! Scenarios and traces as bytes.

use super::{Put, Take};
use crate::scenario::{
    Arrival, Distribution, Fault, FaultKind, Fork, Load, MachineConfig, Model, OnFull, QueueBound,
    Ranged, Replayed, RequestKind, Scenario, Server,
};
use crate::trace::{Arrivals, Source, Trace, TraceHeader};
use crate::wire;
use crate::{
    ConnectionId, Core, CoreId, Decision, Ending, Event, EventKind, Machine, NodeId, Outcome,
    RejectReason, RequestId, RouteId, ShardId, SimTime, Snapshot, Span, Stimulus, Timer, WorkerId,
    WorkerState,
};

wire!(struct Scenario {
    name, seed, horizon, server, machine, requests, load, patience, faults, warmup_requests,
});
wire!(struct Server { model, workers, queue, on_full, threads_max, accept_backlog });
wire!(enum Model { 0 Single, 1 Spawn, 2 Pool, 3 ForkJoin, 4 Async, 5 Sharded });
wire!(enum QueueBound { 0 Bounded(bound), 1 Unbounded });
wire!(enum OnFull { 0 DropOldest, 1 Reject, 2 Wait });
wire!(struct MachineConfig {
    cores, quantum, context_switch, spawn, dispatch, accept, stack_kib, memory_mib,
});
wire!(struct RequestKind { path, cpu, sleep, fork });
wire!(struct Fork { depth, leaf_cpu });
wire!(enum Distribution {
    0 Constant(time), 1 Exponential(mean), 2 Hyperexponential(phases), 3 Uniform(low, high),
});
wire!(enum Load {
    0 None,
    1 Listed(arrivals),
    2 Open { rate_per_s, requests, mix },
    3 Closed { clients, think, requests, mix },
    4 Replayed(replayed),
});
wire!(struct Replayed { at, route, cpu, sleep });
wire!(struct Arrival { at, route, count });
wire!(struct Fault { at, kind });
wire!(enum FaultKind {
    0 ClientGone(request),
    1 Drain { deadline },
    2 Panic(route),
    3 Resize(workers),
    4 SpawnFails(count),
});

wire!(struct Trace { header, events, complete });

wire!(struct TraceHeader { source, arrivals, scenario, snapshot });

impl Put for Snapshot {
    fn put(&self, out: &mut Vec<u8>) {
        self.world().put(out);
    }
}

impl Take for Snapshot {
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Self::again(Take::take(from)?))
    }
}

wire!(enum Source { 0 Recorded, 1 Simulated });
wire!(enum Arrivals { 0 Client, 1 Server });
wire!(struct Event { at, shard, kind });
wire!(enum EventKind { 0 Stimulus(stimulus), 1 Decision(decision), 2 Machine(machine) });
wire!(enum Stimulus {
    1 ConnectionOpened { connection },
    2 RequestArrived { request, connection, route, seen_by },
    3 TaskFinished { request, worker, route, ending },
    4 TaskPanicked { request, worker, ending },
    5 TaskBlocked { request, worker, route },
    6 TaskWoke { request, worker },
    7 WorkerStarted { worker },
    8 WorkerDied { worker },
    9 SpawnFailed { worker },
    10 AcceptFailed,
    11 PeerClosed { connection },
    12 ConnectionExpired { connection },
    13 TimerDue { timer },
    14 Resize { workers },
    15 Drain { deadline },
    16 TaskForked { request, worker },
    17 TaskJoined { request, worker },
    18 StealFailed { worker },
});
wire!(enum Ending { 0 KeepAlive, 1 Close, 2 Empty, 3 Incomplete, 4 Gone });
wire!(enum Timer { 0 DrainDeadline, 1 AcceptRetry, 2 SpawnRetry });
wire!(enum Decision {
    64 StopAccepting,
    65 ResumeAccepting,
    66 Spawn { worker, request },
    67 Assign { request, worker },
    68 Queue { request },
    69 Reject { request, reason },
    70 RunOnCaller { request },
    71 Park { worker },
    72 Retire { worker },
    73 Close { connection },
    74 ArmTimer { timer, due },
    75 Drained,
    76 Steal { worker },
});
wire!(enum RejectReason {
    0 QueueFull, 1 DroppedOldest, 2 SpawnFailed, 3 Draining, 4 DrainDeadline,
});
wire!(enum Machine {
    128 Backlogged { request, route },
    129 Dropped { request, route },
    130 Abandoned { request },
    131 Switched { worker, core },
    132 CoreGiven { worker, core },
    133 Preempted { worker, core },
    134 CoreReleased { worker, core },
    135 SharingBegun { worker },
    136 SharingEnded { worker },
    137 Pushed { request, worker, node },
    138 Popped { request, worker, node },
    139 Stolen { request, worker, victim, node },
    140 JoinBegun { request, worker, node },
    141 JoinEnded { request, worker, node },
});
wire!(enum Core { 0 Free, 1 Switching(worker), 2 Running(worker), 3 Shared });
wire!(enum Outcome { 0 Answered, 1 Failed, 2 Rejected, 3 Dropped, 4 Lost });
wire!(enum WorkerState {
    0 Starting, 1 Idle, 2 Scheduled, 3 Busy, 4 Blocked, 5 Joining,
});

/// A type that is a number in a wrapping: how to get at it, and how to make one of it.
macro_rules! wrapped {
    ($($name:ty: $number:ty, $get:expr, $make:expr;)*) => {$(
        impl Put for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let get: fn($name) -> $number = $get;
                get(*self).put(out);
            }
        }

        impl Take for $name {
            fn take(from: &mut &[u8]) -> Option<Self> {
                let make: fn($number) -> Option<$name> = $make;
                make(Take::take(from)?)
            }
        }
    )*};
}

wrapped! {
    SimTime: u64, SimTime::as_nanos, |ns| Some(SimTime::from_nanos(ns));
    Span: u64, Span::as_nanos, |ns| Some(Span::from_nanos(ns));
    RequestId: u64, |id| id.0, |number| Some(RequestId(number));
    RouteId: u16, |id| id.0, |number| Some(RouteId(number));
    CoreId: u16, |id| id.0, |number| Some(CoreId(number));
    ShardId: u16, |id| id.0, |number| Some(ShardId(number));
    NodeId: u32, |id| id.0, |number| Some(NodeId(number));
    ConnectionId: u32, ConnectionId::get, |number| Some(ConnectionId::from_index(index(number)?));
    WorkerId: u32, WorkerId::get, |number| Some(WorkerId::from_index(index(number)?));
}

/// The index of what has this number, counted from 1.
fn index(number: u32) -> Option<usize> {
    number.checked_sub(1)?.try_into().ok()
}

impl<const MIN: u32, const MAX: u32> Put for Ranged<MIN, MAX> {
    fn put(&self, out: &mut Vec<u8>) {
        self.get().put(out);
    }
}

impl<const MIN: u32, const MAX: u32> Take for Ranged<MIN, MAX> {
    fn take(from: &mut &[u8]) -> Option<Self> {
        let number = u64::take(from)?;
        Some(Self::clamped(number)).filter(|value| u64::from(value.get()) == number)
    }
}
