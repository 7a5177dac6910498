//! What an event can get wrong, and what can stop to hold.

use super::Counts;
use crate::SimTime;

/// Why an event cannot be the next one of this run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// An event before the one before it.
    #[error("{given} given, but the last event was at {now}")]
    TimeGoesBack {
        /// The event's time.
        given: SimTime,
        /// The time of the last event.
        now: SimTime,
    },
    /// Something that does not exist.
    #[error("there is no {what} {id}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its number.
        id: u64,
    },
    /// A new thing with another number than the next one.
    #[error("{what} {given} given, the next one is {next}")]
    OutOfOrder {
        /// What kind of thing.
        what: &'static str,
        /// The number given.
        given: u64,
        /// The number allowed.
        next: u64,
    },
    /// Something in a state from which this cannot happen to it.
    #[error("{what} {id} is {found}, allowed is {allowed}")]
    State {
        /// What kind of thing.
        what: &'static str,
        /// Its number.
        id: u64,
        /// The state it is in.
        found: String,
        /// The states from which this can happen.
        allowed: &'static str,
    },
    /// A bound that is exceeded.
    #[error("the {what} is full: it holds {max}")]
    Full {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: u64,
    },
    /// The server as a whole is in another state.
    #[error("the server is {found}")]
    Server {
        /// The state it is in.
        found: &'static str,
    },
    /// An idle worker, and a request it may take.
    #[error("{idle} workers idle while {queued} requests wait in the run queue")]
    IdleWhileQueued {
        /// Idle workers.
        idle: u64,
        /// Queued requests.
        queued: usize,
    },
    /// A request arrived and no decision was taken.
    #[error("no decision was taken on {requests} requests")]
    Undecided {
        /// How many.
        requests: u64,
    },
    /// A request was lost track of.
    #[error("arrived is not the sum of all outcomes and what is in the system: {counts:?}")]
    NotConserved {
        /// All counts.
        counts: Box<Counts>,
    },
}
