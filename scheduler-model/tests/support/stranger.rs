//! A driver out of its mind: it reports whatever a world takes, in any order.

use scheduler_model::{
    ConnectionId, Ending, Event, EventKind, Machine, NodeId, RequestId, Scheduler, ShardId, Span,
    Stimulus, Timer, WorkerId, World,
};

/// Numbers that look random, the same for the same seed (Marsaglia's xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % n
    }

    pub(crate) fn index(&mut self, n: usize) -> usize {
        usize::try_from(self.below(n as u64)).unwrap()
    }
}

/// So many attempts at an event from here on; those that the world takes, with what is decided.
pub(crate) fn go_on(world: &mut World, dice: &mut Dice, attempts: usize) -> Vec<Event> {
    let mut schedulers = Scheduler::resumed(world);
    let mut events = Vec::new();
    for _ in 0..attempts {
        let shard = ShardId::from_index(dice.index(schedulers.len()));
        let at = world.now() + Span::from_millis(dice.below(3) * 20);
        let kind = anything(world, shard, dice);
        let event = Event { at, shard, kind };
        let mut next = world.clone();
        if next.apply(&event).is_err() {
            continue;
        }
        *world = next;
        events.push(event);
        let EventKind::Stimulus(stimulus) = kind else { continue };
        let scheduler = &mut schedulers[usize::from(shard.0)];
        scheduler.handle(at, stimulus);
        while let Some(decision) = scheduler.poll() {
            let event = Event { at, shard, kind: EventKind::Decision(decision) };
            world.apply(&event).unwrap_or_else(|found| panic!("{decision:?}: {found}"));
            events.push(event);
        }
    }
    events
}

fn anything(world: &World, shard: ShardId, dice: &mut Dice) -> EventKind {
    let held = world.workers().filter_map(|worker| Some((worker.id, worker.request?)));
    let held: Vec<_> = held.collect();
    let open: Vec<_> = world.shard(shard).connections().map(|open| open.id).collect();
    let any_worker = WorkerId::from_index(dice.index(6));
    let (worker, request) = if held.is_empty() || dice.below(4) == 0 {
        (any_worker, RequestId(dice.below(world.next_request().0 + 1)))
    } else {
        held[dice.index(held.len())]
    };
    let connection = if open.is_empty() || dice.below(8) == 0 {
        ConnectionId::from_index(dice.index(8))
    } else {
        open[dice.index(open.len())]
    };
    let endings =
        [Ending::KeepAlive, Ending::Close, Ending::Empty, Ending::Incomplete, Ending::Gone];
    let ending = endings[dice.index(endings.len())];
    let timers = [Timer::DrainDeadline, Timer::AcceptRetry, Timer::SpawnRetry];
    let node = NodeId(u32::try_from(dice.below(6) + 1).unwrap());
    let victim = WorkerId::from_index(dice.index(4));
    EventKind::Stimulus(match dice.below(26) {
        0..3 => Stimulus::ConnectionOpened { connection: world.shard(shard).next_connection() },
        3..8 => Stimulus::RequestArrived {
            request: world.next_request(),
            connection: (dice.below(8) > 0).then_some(connection),
            route: None,
            seen_by: (dice.below(4) == 0).then_some(any_worker),
        },
        8..11 => Stimulus::TaskFinished { request, worker, route: None, ending },
        11 => Stimulus::TaskPanicked { request, worker, ending },
        12 => Stimulus::TaskBlocked { request, worker, route: None },
        13 => {
            let ids: Vec<_> = world.requests().map(|entry| entry.id).collect();
            let request = if ids.is_empty() { request } else { ids[dice.index(ids.len())] };
            let worker = if dice.below(2) == 0 { worker } else { shard.worker() };
            Stimulus::TaskWoke { request, worker }
        }
        14 => Stimulus::TaskForked { request, worker },
        15 => Stimulus::TaskJoined { request, worker },
        16 => Stimulus::StealFailed { worker: any_worker },
        17 => Stimulus::WorkerStarted { worker: any_worker },
        18 if dice.below(3) == 0 => Stimulus::WorkerDied { worker: any_worker },
        18 => Stimulus::SpawnFailed { worker: any_worker },
        19 => Stimulus::PeerClosed { connection },
        20 => Stimulus::ConnectionExpired { connection },
        21 => Stimulus::TimerDue { timer: timers[dice.index(3)] },
        22 if dice.below(3) == 0 => {
            Stimulus::Resize { workers: u32::try_from(dice.below(6) + 1).unwrap() }
        }
        22 if dice.below(8) == 0 => {
            Stimulus::Drain { deadline: world.now() + Span::from_millis(30) }
        }
        22 => Stimulus::AcceptFailed,
        23 => return EventKind::Machine(Machine::Pushed { request, worker, node }),
        24 => {
            return EventKind::Machine(Machine::Stolen {
                request,
                worker: any_worker,
                victim,
                node,
            });
        }
        _ => {
            return EventKind::Machine(match dice.below(3) {
                0 => Machine::Popped { request, worker, node },
                1 => Machine::JoinBegun { request, worker, node },
                _ => Machine::JoinEnded { request, worker, node },
            });
        }
    })
}
