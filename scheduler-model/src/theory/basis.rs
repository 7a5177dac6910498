//! What a prediction stands on, or why there is none.

use std::fmt;

/// The law that a prediction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// A closed system: clients, and a station of workers.
    Closed {
        /// How many clients.
        clients: u32,
        /// How many of them can be served at once.
        workers: u32,
    },
    /// Clients and event loops.
    ClosedLoops {
        /// How many clients.
        clients: u32,
        /// How many loops.
        loops: u32,
    },
    /// Clients, threads that share cores, and delays.
    ClosedSharing {
        /// How many clients.
        clients: u32,
        /// How many cores.
        cores: u32,
    },
    /// Listed arrivals with fixed demands, job by job.
    Counted,
    /// M/G/1 for each loop, and a delay that holds nothing.
    Loops {
        /// How many loops.
        loops: u32,
    },
    /// Erlang B.
    Loss {
        /// How many can be served at once.
        workers: u32,
    },
    /// M/G/1.
    Mg1,
    /// M/M/c.
    Mmc {
        /// c.
        workers: u32,
    },
    /// M/M/c/K.
    Mmck {
        /// c.
        workers: u32,
        /// K.
        capacity: u64,
    },
    /// Poisson arrivals to threads that share cores, with a bound on threads, and a delay.
    Sharing {
        /// How many cores.
        cores: u32,
    },
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Closed { clients, workers } => write!(
                f,
                "closed system of {clients} clients and {workers} workers (machine repairman)"
            ),
            Self::ClosedLoops { clients, loops } => write!(
                f,
                "closed network of {clients} clients, {loops} loops and delays (mean value analysis)"
            ),
            Self::ClosedSharing { clients, cores } => write!(
                f,
                "closed network of {clients} clients, {cores} shared cores and delays (BCMP)"
            ),
            Self::Counted => f.write_str("listed arrivals with fixed demands, counted job by job"),
            Self::Loops { loops: 1 } => f.write_str(
                "M/G/1 for the loop's CPU time (Pollaczek–Khinchine), then a delay that holds nothing",
            ),
            Self::Loops { loops } => write!(
                f,
                "{loops} times M/G/1 for the loops' CPU time (Pollaczek–Khinchine), then a delay \
                 that holds nothing"
            ),
            Self::Loss { workers } => write!(f, "M/G/{workers}/{workers} (Erlang B)"),
            Self::Mg1 => f.write_str("M/G/1 (Pollaczek–Khinchine)"),
            Self::Mmc { workers } => write!(f, "M/M/{workers} (Erlang C)"),
            Self::Mmck { workers, capacity } => write!(f, "M/M/{workers}/{capacity}"),
            Self::Sharing { cores } => write!(
                f,
                "processor sharing on {cores} cores with a bound on threads, and a delay (BCMP)"
            ),
        }
    }
}

/// Why no law of queueing theory gives exact values.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A bounded room at one worker, and service times that are not exponential.
    #[error(
        "the room for {capacity} requests fills now and then, and M/G/1/K has no simple formula \
         for service times that are not exponential"
    )]
    BoundedRoom {
        /// Requests for which there is room, served or waiting.
        capacity: u64,
    },
    /// A closed load, and service times that are not exponential.
    #[error(
        "clients wait for each other's service, which is not exponential: a closed system first \
         come first served then has no formula"
    )]
    ClosedGeneral,
    /// Workers that share fewer cores, and CPU times that are not exponential.
    #[error(
        "{workers} workers share {cores} cores, and neither their number nor the CPU time they \
         have had can be left out when that is not exponential"
    )]
    CoresShared {
        /// How many workers.
        workers: u32,
        /// How many cores.
        cores: u32,
    },
    /// The oldest in a full queue is dropped.
    #[error(
        "dropping the oldest changes who waits, and the times of those that stay are not known"
    )]
    DropsOldest,
    /// Faults.
    #[error(
        "things go wrong in it (`[[fault]]`), and queueing theory is about what goes on for ever"
    )]
    Faults,
    /// Requests that split into parts.
    #[error(
        "requests split into parts that {workers} workers steal from each other: only bounds are \
         known, T₁/P and T∞ from below, T₁/P + T∞ from above"
    )]
    Forks {
        /// How many workers.
        workers: u32,
    },
    /// Several workers, and service times that are not exponential.
    #[error("M/G/{workers} has no exact formula: service times are not exponential")]
    GeneralService {
        /// How many workers.
        workers: u32,
    },
    /// A bound on the time of the run.
    #[error("the run is stopped before its last request is answered (`horizon_ms`)")]
    Horizon,
    /// More listed requests than are worth counting.
    #[error("{requests} listed requests are too many to be counted one by one, at most {max}")]
    ManyListed {
        /// How many are listed.
        requests: u64,
        /// How many are counted.
        max: u64,
    },
    /// Nobody asks.
    #[error("nobody asks: there is no load")]
    NoLoad,
    /// No request can be served.
    #[error("there is room for no request at all")]
    NoRoom,
    /// Clients for which no time passes.
    #[error(
        "clients that do not think, and are served or turned away at once, ask for ever at one instant"
    )]
    NoTime,
    /// A cost beside the service.
    #[error(
        "`{key}` is not 0: textbook queues know of no cost but the service, and an approximation \
         would look exact"
    )]
    Overhead {
        /// The key of the scenario.
        key: &'static str,
    },
    /// Clients that give up.
    #[error(
        "clients give up (`patience_ms`) after a fixed time, for which there is no simple formula"
    )]
    Patience,
    /// Listed arrivals whose demands are drawn.
    #[error("listed arrivals with random demands have no steady state, and no times to be counted")]
    RandomDemand,
    /// Listed arrivals that go to one of several loops.
    #[error(
        "which of the {loops} loops gets a listed request is drawn, and is not theory's to know"
    )]
    RandomLoop {
        /// How many loops.
        loops: u32,
    },
    /// A request that holds its worker while it uses a core and while it sleeps.
    #[error(
        "the sleep holds the worker, so a request needs a worker and, for a part of its time, one of \
         {cores} cores for {workers} workers: two things at once, for which there is no formula"
    )]
    SleepHoldsWorker {
        /// How many workers.
        workers: u32,
        /// How many cores.
        cores: u32,
    },
    /// A run that has been, with demands as they were measured.
    #[error("every request has a demand of its own, as it was recorded: no law has those")]
    Replayed,
    /// An overload whose steady state the run does not reach.
    #[error(
        "more arrives than can be served, and the run ends before or soon after its {capacity} \
         places are full: it has no steady state"
    )]
    StillFilling {
        /// Requests for which there is room.
        capacity: u64,
    },
    /// More threads than may exist.
    #[error("more than {threads} requests are there at once, and a thread cannot be had for each")]
    ThreadsRunOut {
        /// How many threads there can be.
        threads: u64,
    },
    /// Cores that take turns, and CPU times that are not exponential.
    #[error(
        "threads take turns on the cores, and theory is exact only for turns of no length \
         (`quantum_us = 0`) or for exponential CPU time"
    )]
    Turns,
    /// More arrives than can be served, and the queue has no bound.
    #[error("the queue grows for ever: {utilisation:.3} times as much arrives as can be served")]
    Unstable {
        /// What arrives over what can be served.
        utilisation: f64,
    },
}
