//! `fork-join`: a pool whose requests split into parts that idle workers steal.
//!
//! The run queue of the pool is the injector: whole requests wait there and go to workers as in a
//! pool. A part of a request lies in its worker's deque, which this state machine does not see; it
//! knows that there is something to steal, and sends workers that have no request of their own to
//! look for it. Requests come first: nobody is sent to steal while one waits in the injector.
//!
//! A worker that is looking may miss a part that is pushed behind its back. Every split is
//! therefore counted, and a worker that found nothing looks again if the count has moved since it
//! was sent: no wake-up is lost. The protocol is that of the Cilk family of schedulers (R. Blumofe
//! and C. Leiserson, *Scheduling Multithreaded Computations by Work Stealing* (1999)).

use super::Pool;
use crate::lifecycle::Context;
use crate::mutant::Mutant;
use crate::{Decision, Ending, RequestId, WorkerId, World};

/// The state of the model.
#[derive(Clone, Debug)]
pub(crate) struct ForkJoin {
    pub(super) pool: Pool,
    /// By worker: whether the request it holds has split.
    has_split: Vec<bool>,
    n_split: usize,
    /// Splits so far.
    splits: u64,
    /// By worker: how many splits there had been when it was last sent to steal.
    seen: Vec<u64>,
}

impl ForkJoin {
    pub(crate) const fn new(pool: Pool) -> Self {
        Self { pool, has_split: Vec::new(), n_split: 0, splits: 0, seen: Vec::new() }
    }

    /// The same as it is in the middle of a run.
    pub(crate) fn resumed(self, world: &World) -> Self {
        let hands = world.parts.hands();
        Self {
            pool: self.pool.resumed(world),
            has_split: hands.iter().map(|hand| hand.has_split).collect(),
            n_split: hands.iter().filter(|hand| hand.has_split).count(),
            splits: world.parts.splits,
            seen: hands.iter().map(|hand| hand.splits_seen).collect(),
        }
    }

    /// The pool under it, which takes whole requests.
    pub(crate) const fn pool_mut(&mut self) -> &mut Pool {
        &mut self.pool
    }

    pub(crate) const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// A worker split its task: one that has nothing to do shall have the part.
    pub(crate) fn forked(&mut self, worker: WorkerId, context: &mut Context) {
        self.splits += 1;
        if self.pool.has_request(worker)
            && !std::mem::replace(place(&mut self.has_split, worker), true)
        {
            self.n_split += 1;
        }
        if let Some(thief) = self.pool.send_away() {
            self.send(thief, context);
        }
    }

    /// A worker is through with a part that it stole.
    pub(crate) fn joined(&mut self, worker: WorkerId, context: &mut Context) {
        self.pool.come_back(worker);
        self.next(worker, context);
    }

    /// A worker that was sent to steal found nothing.
    pub(crate) fn found_nothing(&mut self, worker: WorkerId, context: &mut Context) {
        self.pool.come_back(worker);
        let missed = *place(&mut self.seen, worker) != self.splits
            && !context.flaw.is(Mutant::UncountedSplits);
        if missed {
            self.next(worker, context);
        } else {
            self.pool.next(worker, context);
        }
    }

    pub(crate) fn finished(
        &mut self,
        worker: WorkerId,
        request: RequestId,
        ending: Ending,
        context: &mut Context,
    ) {
        self.pool.release(worker, request, ending, context);
        self.unite(worker);
        self.next(worker, context);
    }

    pub(crate) fn died(&mut self, worker: WorkerId, context: &mut Context) {
        self.unite(worker);
        self.pool.died(worker, context);
    }

    pub(crate) fn write_key(&self, key: &mut Vec<u8>, name: &impl Fn(RequestId) -> u8) {
        self.pool.write_key(key, name);
        for (index, seen) in self.seen.iter().enumerate() {
            let split = self.has_split.get(index).copied().unwrap_or_default();
            key.push(u8::from(split) << 1 | u8::from(*seen != self.splits));
        }
        key.push(self.n_split.to_le_bytes()[0]);
    }

    /// What a worker does that has just become free.
    fn next(&mut self, worker: WorkerId, context: &mut Context) {
        if self.n_split > 0 && self.pool.may_steal(context) {
            self.pool.stay_away(worker);
            self.send(worker, context);
        } else {
            self.pool.next(worker, context);
        }
    }

    fn send(&mut self, thief: WorkerId, context: &mut Context) {
        *place(&mut self.seen, thief) = self.splits;
        context.decide(Decision::Steal { worker: thief });
    }

    /// This worker's request, if it had split, is whole again.
    fn unite(&mut self, worker: WorkerId) {
        if std::mem::take(place(&mut self.has_split, worker)) {
            self.n_split -= 1;
        }
    }
}

fn place<T: Clone + Default>(table: &mut Vec<T>, worker: WorkerId) -> &mut T {
    if worker.index() >= table.len() {
        table.resize(worker.index() + 1, T::default());
    }
    &mut table[worker.index()]
}
