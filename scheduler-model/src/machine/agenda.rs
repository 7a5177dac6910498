//! What the machine will do next: a queue of future happenings in the order the model promises.
//!
//! Several things may be due at one instant, and five-second sleeps make that normal. They happen
//! in the order of their [`Class`], within a class the lower id first; leaves of one request by what is due.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::{CoreId, RequestId, ShardId, SimTime, Timer, WorkerId};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// The worker has done the CPU part of its request.
    CpuDone(WorkerId),
    /// The worker's request needs no CPU time: that part is over at once.
    NoCpu(WorkerId),
    /// The worker's sleep is over.
    Awake(WorkerId),
    /// The request's sleep on a timer of its loop is over.
    TimerOver(RequestId),
    /// The earliest completion under processor sharing, unless the shares changed since.
    ShareDone(u64),
    Spawned(WorkerId),
    SpawnFailed(WorkerId),
    Dispatched(WorkerId),
    /// The worker was told to steal, and looks.
    Look(WorkerId),
    /// The worker waits for a stolen part, and looks again.
    Resume(WorkerId),
    Switched(CoreId),
    QuantumOver(CoreId),
    Timer(ShardId, Timer),
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
    heap: BinaryHeap<Reverse<Entry>>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// From the highest bit: the time, the class, the id. One number, since a heap does little but
    /// compare.
    key: u128,
    due: Due,
}

impl Agenda {
    /// Puts something on the agenda.
    ///
    /// # Panics
    ///
    /// When `id` is 2⁶¹ or more; ids count things of one run from 0 or 1.
    pub(super) fn add(&mut self, at: SimTime, class: Class, id: u64, due: Due) {
        assert!(id >> ID_BITS == 0, "no run has so many of anything: {id}");
        let order = (class as u64) << ID_BITS | id;
        let key = u128::from(at.as_nanos()) << 64 | u128::from(order);
        self.heap.push(Reverse(Entry { key, due }));
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.heap.peek().map(|Reverse(entry)| entry.at())
    }

    pub(super) fn pop(&mut self) -> Option<(SimTime, Due)> {
        self.heap.pop().map(|Reverse(entry)| (entry.at(), entry.due))
    }
}

impl Entry {
    const fn at(self) -> SimTime {
        SimTime::from_nanos((self.key >> 64) as u64)
    }
}

impl Ord for Entry {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key).then_with(|| self.due.cmp(&other.due))
    }
}

impl PartialOrd for Entry {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    /// What a heap asks most: one comparison of numbers, not three of an [`Ordering`].
    #[inline]
    fn le(&self, other: &Self) -> bool {
        self.key <= other.key
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

/// What is left of 64 bits beside a class.
const ID_BITS: u32 = 61;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_compare_as_their_keys() {
        let entry = |key| Entry { key, due: Due::NextArrival };
        assert_eq!(entry(1).cmp(&entry(2)), Ordering::Less);
        assert!(entry(1) <= entry(1) && entry(1) == entry(1));
        assert!(entry(2) > entry(1));
    }

    #[test]
    fn time_goes_before_class_and_class_before_id() {
        let at = SimTime::from_nanos;
        let mut agenda = Agenda::default();
        let entries = [
            (at(2), Class::Completion, 0),
            (at(1), Class::Arrival, 1),
            (at(1), Class::Fault, 9),
            (at(1), Class::Arrival, 0),
        ];
        for (at, class, id) in entries {
            agenda.add(at, class, id, Due::ClientAsks(id));
        }
        assert_eq!(agenda.next_at(), Some(at(1)));
        let popped: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
        let asks = Due::ClientAsks;
        assert_eq!(
            popped,
            [(at(1), asks(9)), (at(1), asks(0)), (at(1), asks(1)), (at(2), asks(0))]
        );
    }
}
