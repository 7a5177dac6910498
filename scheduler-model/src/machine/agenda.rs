//! What the machine will do next: a queue of future happenings in the order the model promises.
//!
//! Several things may be due at one instant, and five-second sleeps make that normal. They happen
//! in the order of their [`Class`], within a class the lower id first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::{CoreId, RequestId, SimTime, Timer, WorkerId};

/// Kinds of happenings, in the order in which they happen at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// A completion, or the end of a sleep.
    Completion,
    /// A thread has been started or a request dispatched.
    Ready,
    /// A core has changed threads, or a quantum is over.
    Core,
    /// A timer of the scheduler.
    Deadline,
    /// A fault of the scenario.
    Fault,
    /// A client loses patience.
    Patience,
    /// A request arrives.
    Arrival,
}

/// Something that will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The worker has done the CPU part of its request.
    CpuDone(WorkerId),
    /// The worker's request needs no CPU time: that part is over at once.
    NoCpu(WorkerId),
    /// The worker's sleep is over.
    Awake(WorkerId),
    /// The earliest completion under processor sharing, unless the shares changed since.
    ShareDone(u64),
    Spawned(WorkerId),
    SpawnFailed(WorkerId),
    Dispatched(WorkerId),
    Switched(CoreId),
    QuantumOver(CoreId),
    Timer(Timer),
    /// Index of a fault in the scenario.
    Fault(usize),
    Impatient(RequestId),
    /// The next listed or random arrival.
    NextArrival,
    /// A client of a closed load has thought enough.
    ClientAsks(u64),
}

/// The queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    at: SimTime,
    class: Class,
    id: u64,
    due: Due,
}

impl Agenda {
    pub(super) fn add(&mut self, at: SimTime, class: Class, id: u64, due: Due) {
        self.heap.push(Entry { at, class, id, due });
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.heap.peek().map(|entry| entry.at)
    }

    pub(super) fn pop(&mut self) -> Option<(SimTime, Due)> {
        self.heap.pop().map(|entry| (entry.at, entry.due))
    }
}

impl Ord for Entry {
    /// The earliest is the greatest, since a heap hands out its greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.class, other.id).cmp(&(self.at, self.class, self.id))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
