//! What is asked of a run: the server, the computer, the requests, the load and the faults.
//!
//! One [`Scenario`] is simulated, run for real and checked. Every value of these types is legal:
//! ranges are part of the types. Files are read by [`Scenario::from_toml`] and
//! [`Scenario::from_json`], and written by their counterparts.

pub(crate) mod document;
pub(crate) mod parse;
mod ranged;
mod write;

use crate::{SimTime, Span};

pub use parse::{Note, ScenarioError};
pub use ranged::{OutOfRange, Ranged};

/// A whole scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What people call it; the file's name unless it says otherwise.
    pub name: String,
    /// Seed of every random draw, 0..2⁶³.
    pub seed: u64,
    /// When to stop; otherwise when every request has its outcome.
    pub horizon: Option<SimTime>,
    /// The server.
    pub server: Server,
    /// The computer it runs on.
    pub machine: MachineConfig,
    /// What can be requested: at least one; a [`crate::RouteId`] is an index into this.
    pub requests: Vec<RequestKind>,
    /// Who asks, and when.
    pub load: Load,
    /// A client leaves after this long without an answer.
    pub patience: Option<Span>,
    /// What goes wrong, in file order.
    pub faults: Vec<Fault>,
    /// The first requests, left out of times and kept in counts.
    pub warmup_requests: u64,
}

/// The server: which model schedules, and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// The scheduling model.
    pub model: Model,
    /// Threads of a pool; loops of `sharded`.
    pub workers: Ranged<1, 1024>,
    /// How many requests may wait in the run queue.
    pub queue: QueueBound,
    /// What happens to an arrival that finds the queue full.
    pub on_full: OnFull,
    /// `spawn`: beyond this many threads a spawn fails.
    pub threads_max: Ranged<1, 1_000_000>,
    /// Connections the kernel holds before the server accepts them.
    pub accept_backlog: Ranged<0, 1_000_000>,
}

/// A scheduling model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// One thread accepts and answers.
    Single,
    /// A thread for each connection.
    Spawn,
    /// A fixed number of workers behind a run queue.
    Pool,
    /// A pool whose requests split into tasks that idle workers steal.
    ForkJoin,
    /// One thread that never blocks: a loop over whatever is ready.
    Async,
    /// Several such loops, each with its own connections.
    Sharded,
}

/// How long the run queue may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueBound {
    /// This many may wait; 0: an idle worker or [`OnFull`].
    Bounded(Ranged<0, 1_000_000>),
    /// As many as come.
    Unbounded,
}

/// The rejection policy: what a full queue does to an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFull {
    /// The oldest request in the queue is answered 503 and the new one takes a place.
    DropOldest,
    /// The arrival is answered 503.
    Reject,
    /// The server stops taking until there is room; what is parked stays parked.
    Wait,
}

/// The simulated computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineConfig {
    /// How many threads run at once.
    pub cores: Ranged<1, 256>,
    /// Time slice of a thread; zero: ideal processor sharing.
    pub quantum: Span,
    /// Cost of giving a core to another thread.
    pub context_switch: Span,
    /// From the decision to start a thread until it runs.
    pub spawn: Span,
    /// From the assignment of a request until its worker is ready to run it.
    pub dispatch: Span,
    /// CPU time that the server needs for each request beside the request's own: to accept its
    /// connection, to read it and to answer it.
    pub accept: Span,
    /// Resident memory of each thread, in KiB.
    pub stack_kib: Ranged<0, 1_048_576>,
    /// Memory for stacks, in MiB; a spawn beyond it fails.
    pub memory_mib: Ranged<1, 1_048_576>,
}

/// A kind of request: its path and what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestKind {
    /// What the client asks for, from `/`.
    pub path: String,
    /// CPU time, spent first.
    pub cpu: Distribution,
    /// Time asleep, after the CPU time.
    pub sleep: Distribution,
    /// A tree of tasks to run after `cpu`; serially, by a model that does not fork.
    pub fork: Option<Fork>,
}

/// A binary tree of joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// Levels above the leaves: 2^depth leaves.
    pub depth: Ranged<0, 16>,
    /// CPU time of a leaf.
    pub leaf_cpu: Span,
}

impl Fork {
    /// The CPU time of all leaves together: what one worker alone needs.
    pub fn work(self) -> Span {
        Span::from_nanos(self.leaf_cpu.as_nanos().saturating_mul(1 << self.depth.get()))
    }
}

/// How a time is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(Span),
    /// Memoryless, with this mean.
    Exponential(Span),
    /// A mixture of exponentials: a mean and its weight each; weights sum to 1.
    Hyperexponential(Vec<(Span, f64)>),
    /// Evenly between two bounds, the lower first.
    Uniform(Span, Span),
}

/// Who asks, and when.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// Nobody: a server under real traffic.
    None,
    /// Arrivals one by one, in file order.
    Listed(Vec<Arrival>),
    /// Arrivals one by one, in file order, each with a demand of its own: a run that has been.
    Replayed(Vec<Replayed>),
    /// Poisson arrivals that do not care how the server fares.
    Open {
        /// Arrivals a second, above 0.
        rate_per_s: f64,
        /// How many in all.
        requests: u64,
        /// What they ask for.
        mix: Mix,
    },
    /// Clients that think, ask, and wait for the answer.
    Closed {
        /// How many clients.
        clients: Ranged<1, 1_000_000>,
        /// How long a client thinks before each request.
        think: Distribution,
        /// How many requests in all.
        requests: u64,
        /// What they ask for.
        mix: Mix,
    },
}

/// Routes with weights that sum to 1, in file order.
pub type Mix = Vec<(crate::RouteId, f64)>;

/// Listed arrivals: `count` of the same kind at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: SimTime,
    /// What for.
    pub route: crate::RouteId,
    /// How many.
    pub count: Ranged<1, 1_000_000>,
}

/// A request of another run: when it came and what it cost there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// When.
    pub at: SimTime,
    /// What for.
    pub route: crate::RouteId,
    /// CPU time, spent first.
    pub cpu: Span,
    /// Time asleep, after the CPU time.
    pub sleep: Span,
}

/// Something that goes wrong, or is done to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When.
    pub at: SimTime,
    /// What.
    pub kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The client of this request leaves.
    ClientGone(crate::RequestId),
    /// The server drains; what is left at `deadline` after that is given up.
    Drain {
        /// How long after the fault's time.
        deadline: Span,
    },
    /// The next request of this route to start panics.
    Panic(crate::RouteId),
    /// The pool shall have this many workers.
    Resize(Ranged<1, 1024>),
    /// The next so many spawns fail.
    SpawnFails(Ranged<1, 1_000_000>),
}

impl Scenario {
    /// A scenario with this server and every other value at its default: the book's two routes
    /// and no load.
    pub fn new(name: impl Into<String>, server: Server) -> Self {
        Self {
            name: name.into(),
            seed: 1,
            horizon: None,
            server,
            machine: MachineConfig::default(),
            requests: RequestKind::of_the_book(Span::from_millis(5_000)),
            load: Load::None,
            patience: None,
            faults: Vec::new(),
            warmup_requests: 0,
        }
    }

    /// The same scenario under another model.
    #[must_use]
    pub fn with_model(&self, model: Model) -> Self {
        let mut other = self.clone();
        other.server.model = model;
        other
    }

    /// The path of a route; `None` for a route this scenario does not have.
    pub fn path(&self, route: crate::RouteId) -> Option<&str> {
        self.requests.get(usize::from(route.0)).map(|kind| kind.path.as_str())
    }
}

impl Server {
    /// How many schedulers there are: one a loop under `sharded`, else one.
    pub fn n_shards(&self) -> usize {
        if self.model == Model::Sharded { self.workers.get() as usize } else { 1 }
    }

    /// The shards, each with a scheduler of its own.
    pub fn shards(&self) -> impl Iterator<Item = crate::ShardId> + use<> {
        (0..self.n_shards()).map(crate::ShardId::from_index)
    }

    /// A server of this model with every bound at its default.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            workers: Ranged::of::<4>(),
            queue: QueueBound::Bounded(Ranged::of::<64>()),
            on_full: OnFull::Reject,
            threads_max: Ranged::of::<1000>(),
            accept_backlog: Ranged::of::<4096>(),
        }
    }
}

impl Model {
    /// Whether a thread of this model is a loop, which a sleeping handler does not hold.
    pub const fn is_loop(self) -> bool {
        matches!(self, Self::Async | Self::Sharded)
    }

    /// Whether `server.workers` means something: how many workers there are, or loops.
    pub const fn has_workers(self) -> bool {
        matches!(self, Self::ForkJoin | Self::Pool | Self::Sharded)
    }

    /// Whether requests wait in a run queue with a bound, in front of a fixed number of workers.
    pub const fn has_run_queue(self) -> bool {
        matches!(self, Self::ForkJoin | Self::Pool)
    }

    /// Every model, in the order in which the book comes to them.
    pub const ALL: [Self; 6] =
        [Self::Single, Self::Spawn, Self::Pool, Self::ForkJoin, Self::Async, Self::Sharded];

    /// Its name in files, flags and links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Spawn => "spawn",
            Self::Pool => "pool",
            Self::ForkJoin => "fork-join",
            Self::Async => "async",
            Self::Sharded => "sharded",
        }
    }
}

impl OnFull {
    /// Every policy, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Reject, Self::Wait, Self::DropOldest];

    /// Its name in files and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DropOldest => "drop-oldest",
            Self::Reject => "reject",
            Self::Wait => "wait",
        }
    }
}

impl QueueBound {
    /// The bound, or `None` for an unbounded queue.
    pub fn max(self) -> Option<u32> {
        match self {
            Self::Bounded(bound) => Some(bound.get()),
            Self::Unbounded => None,
        }
    }
}

impl Default for MachineConfig {
    fn default() -> Self {
        Self {
            cores: Ranged::of::<2>(),
            quantum: Span::from_micros(3_000),
            context_switch: Span::from_micros(3),
            spawn: Span::from_micros(15),
            dispatch: Span::from_micros(2),
            accept: Span::ZERO,
            stack_kib: Ranged::of::<64>(),
            memory_mib: Ranged::of::<1024>(),
        }
    }
}

impl RequestKind {
    /// The book's two routes: `/`, and `/sleep` that sleeps this long.
    pub fn of_the_book(sleep: Span) -> Vec<Self> {
        let cpu = Distribution::Constant(Span::from_micros(200));
        let kind = |path: &str, sleep| Self {
            path: path.to_owned(),
            cpu: cpu.clone(),
            sleep: Distribution::Constant(sleep),
            fork: None,
        };
        vec![kind("/", Span::ZERO), kind("/sleep", sleep)]
    }
}
