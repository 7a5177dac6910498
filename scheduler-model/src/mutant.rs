//! Ways to be wrong on purpose: tests show that each is noticed.
//!
//! Only with the feature `mutants` can a scheduler be made that has a flaw. Without it there is
//! nothing to ask, and the compiler drops the branches.

/// A flaw of a scheduler, or of the threads that a checker drives with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "mutants"),
    expect(dead_code, unreachable_pub, reason = "nobody can ask for one")
)]
pub enum Mutant {
    /// The acceptor counts idle workers by itself and hears too late that one is taken: two
    /// requests of a burst go to the same worker.
    AcceptorCountsIdle,
    /// A drain closes no connection that is parked.
    DrainForgetsParked,
    /// The order to stop needs room in the run queue, and is lost when that is full.
    DrainNeedsRoom,
    /// A worker lets go of the lock between looking and falling asleep, and nobody remembers that it
    /// was called in between.
    EarlyWakeUp,
    /// A worker whose handler panicked takes the next request from the queue, and drops it.
    JobLostOnPanic,
    /// The newest request in the queue is taken first.
    ReversedQueue,
    /// A worker that was looking for something to steal falls asleep even if a request split
    /// meanwhile.
    UncountedSplits,
}

impl Mutant {
    /// All of them.
    #[cfg(feature = "mutants")]
    pub const ALL: [Self; 7] = [
        Self::AcceptorCountsIdle,
        Self::DrainForgetsParked,
        Self::DrainNeedsRoom,
        Self::EarlyWakeUp,
        Self::JobLostOnPanic,
        Self::ReversedQueue,
        Self::UncountedSplits,
    ];
}

/// The flaw that a scheduler has, if any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flaw {
    #[cfg(feature = "mutants")]
    mutant: Option<Mutant>,
}

impl Flaw {
    #[cfg(feature = "mutants")]
    pub(crate) const fn of(mutant: Mutant) -> Self {
        Self { mutant: Some(mutant) }
    }

    pub(crate) const fn none() -> Self {
        Self {
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }

    #[cfg(feature = "mutants")]
    pub(crate) fn is(self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    #[cfg(not(feature = "mutants"))]
    #[expect(clippy::unused_self, reason = "with the feature it has something to say")]
    pub(crate) const fn is(self, _: Mutant) -> bool {
        false
    }
}
