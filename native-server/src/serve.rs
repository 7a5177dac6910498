//! Serving real traffic: sockets and threads, driven by the scheduler.
//!
//! ```text
//! kernel ──> poller ──stimulus──> Core (scheduler + tables, one lock) ──decision──> assigned ──> worker
//!              ^                                                                                   │
//!              └────────────── parked: a client that is slow holds no worker ─────────────────────┘
//! ```
//!
//! `pool`: threads that take turns at polling, and never wait for a client. `fork-join`: a poller, and
//! workers that do not wait for a client either; those with nothing to do take parts of others' requests.
//! `spawn`: a poller that accepts, and a thread for each connection, which waits for it. `single`: the
//! poller's own thread does everything, and waits. `async`: it does everything, and waits for nobody.
//! `sharded`: several of these, each with a listening socket and a scheduler of its own; they share a clock
//! and a recording.

mod addresses;
mod answering;
mod conn;
mod core;
mod date;
mod estimate;
mod event_loop;
mod fork_join;
mod ids;
mod journal;
mod listening;
mod mailbox;
mod poller;
mod pool;
mod program;
mod refused;
mod roomy;
mod shared;
mod sync;
mod team;
#[cfg(test)]
mod team_tests;
mod turns;
mod worker;

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use anyhow::Context;
use mio::{Interest, Poll, Waker};
use scheduler_model::trace::TraceHeader;
use scheduler_model::{Model, Scheduler, ShardId, SimTime, WorkerId};

use crate::access_log::AccessLog;
use crate::metrics::Counters;
use crate::options::Options;
use crate::record::{Observer, Recorder};
use crate::site::Site;
use crate::warn::warn;

use self::core::GivenUp;
use journal::Journal;
use listening::listen;
use mailbox::Seat;
use poller::{LISTENER, Poller, WAKER};
pub use program::{run, run_site};
use shared::{Common, Shared};

/// A server that accepts connections.
pub struct Server {
    address: SocketAddr,
    /// One, or one for each loop.
    shards: Vec<Arc<Shared>>,
    journal: Arc<Journal>,
    pollers: Vec<JoinHandle<std::io::Result<()>>>,
    workers: Vec<JoinHandle<()>>,
}

/// Asks a server to stop, from anywhere.
#[derive(Clone)]
pub struct Handle(Vec<Arc<Shared>>);

impl Handle {
    /// Begins a drain: nothing new is taken, what was accepted is answered.
    pub fn drain(&self) {
        for shared in &self.0 {
            shared.drain_asked.store(true, Ordering::Relaxed);
            // Fails only when the poller is gone, and then there is nothing to drain.
            let _ = shared.waker.wake();
        }
    }
}

/// Asks about a server's run, from anywhere and at any time.
#[derive(Clone)]
pub struct Probe(Arc<Journal>);

impl Probe {
    /// What `question` finds in everything that has happened until now, while the server runs and
    /// after it has ended; `None` when nobody observes the run, or its recording could not be
    /// written.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Observer) -> T + Send + 'static,
    ) -> Option<T> {
        self.0.ask(question)
    }

    /// Whether anybody observes the run: otherwise there is nothing to ask.
    pub fn is_observed(&self) -> bool {
        self.0.is_kept()
    }

    /// Whether the server waits for its recording to be written, and for nothing else.
    pub fn waits_for_recording(&self) -> bool {
        self.0.waits()
    }

    /// Whether the run is over, and nothing more will happen in it.
    pub fn is_over(&self) -> bool {
        self.0.is_closed()
    }

    /// All metrics as text of [`CONTENT_TYPE`](crate::metrics::CONTENT_TYPE); `None` as in
    /// [`Probe::ask`].
    pub fn metrics(&self) -> Option<String> {
        let now = self.0.now();
        self.ask(move |observer| {
            let age = now.since(observer.world.now());
            observer.metrics.text(&observer.world, age.as_secs_f64())
        })
    }

    /// This instant on the clock of the run.
    pub fn now(&self) -> SimTime {
        self.0.now()
    }
}

impl Server {
    /// Listens, starts the workers, and accepts.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, the recording cannot be created, or a thread cannot
    /// be started.
    pub fn start(options: Options, site: Arc<dyn Site>) -> anyhow::Result<Self> {
        let schedulers = Scheduler::all(&options.scenario.server);
        Self::start_with(options, site, schedulers)
    }

    /// As [`Server::start`], with schedulers of the caller's, one for each shard: a test shows with a
    /// wrong one that it is the scheduler which decides.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    pub fn start_with(
        options: Options,
        site: Arc<dyn Site>,
        schedulers: Vec<Scheduler>,
    ) -> anyhow::Result<Self> {
        let listeners = listen(&options, schedulers.len())?;
        let address = listeners[0].local_addr().context("--listen")?;
        let counters = Counters::default();
        let recorder = recorder(&options, &counters)?;
        let log = match &options.access_log {
            Some(target) => Some(AccessLog::open(target, counters.log_lines_dropped.clone())?),
            None => None,
        };
        let server = options.scenario.server;
        let common = Common::new(options, site, recorder, (counters, log));
        let journal = Arc::clone(&common.journal);
        let mut shards = Vec::with_capacity(listeners.len());
        let mut pollers = Vec::with_capacity(listeners.len());
        for (index, (scheduler, mut listener)) in schedulers.into_iter().zip(listeners).enumerate()
        {
            let poll = Poll::new().context("the poller")?;
            poll.registry()
                .register(&mut listener, LISTENER, Interest::READABLE)
                .context("the poller")?;
            let waker = Waker::new(poll.registry(), WAKER).context("the poller")?;
            let shared = Shared::new(common.clone(), ShardId::from_index(index), scheduler, waker);
            shards.push(Arc::clone(&shared));
            pollers.push((Arc::clone(&shared), Poller::new(shared, poll, listener)));
        }
        let mut threads = Threads::default();
        for (shared, poller) in pollers {
            match server.model {
                Model::Pool => threads.start_team(&shared, poller)?,
                Model::Async | Model::Sharded => {
                    let name = format!("loop {}", shared.shard.worker());
                    threads.start_poller(name, move || poller.run())?;
                }
                Model::ForkJoin => {
                    threads.start_workers(&shared, |shared, worker| {
                        worker::work(shared, Seat::first(worker));
                    })?;
                    threads.start_poller("poller".to_owned(), move || poller.run())?;
                }
                Model::Single | Model::Spawn => {
                    threads.start_poller("poller".to_owned(), move || poller.run())?;
                }
            }
        }
        let Threads { pollers, workers } = threads;
        Ok(Self { address, shards, journal, pollers, workers })
    }

    /// Where it listens; port 0 is resolved.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What asks it to stop.
    pub fn handle(&self) -> Handle {
        Handle(self.shards.clone())
    }

    /// What asks about its run; it knows nothing unless the options say to record or to observe.
    pub fn probe(&self) -> Probe {
        Probe(Arc::clone(&self.journal))
    }

    /// Waits until this many requests or more wait in the run queue: for tests, which would have to
    /// guess a time otherwise.
    pub fn wait_until_queued(&self, n_requests: usize) {
        let backlog = |shared: &Arc<Shared>| shared.lock().scheduler.backlog();
        while self.shards.iter().map(backlog).sum::<usize>() < n_requests {
            thread::yield_now();
        }
    }

    /// Waits until a drain is over, and closes the recording.
    ///
    /// # Errors
    ///
    /// When the recording could not be written, or broke a law of the model.
    ///
    /// # Panics
    ///
    /// When a thread of the server panicked, which is a bug.
    pub fn wait(self) -> anyhow::Result<()> {
        for poller in self.pollers {
            let ended = poller.join().unwrap_or_else(|_| panic!("the poller panicked"));
            ended.context("the poller")?;
        }
        let given_up: Vec<_> =
            self.shards.iter().flat_map(|shared| shared.lock().given_up().to_vec()).collect();
        for worker in self.workers {
            // One that has not finished by the deadline runs a handler that was given up.
            if worker.is_finished() || given_up.is_empty() {
                worker.join().unwrap_or_else(|_| panic!("a worker panicked"));
            }
        }
        for given_up in given_up {
            let GivenUp { request, worker, ran } = given_up;
            let ran = ran.as_secs_f64();
            warn(format_args!(
                "request {request} was given up: its handler has run on worker {worker} for {ran:.1} s"
            ));
        }
        self.shards[0].close_log();
        self.journal.close()
    }
}

/// The threads of a server, as they are started.
#[derive(Default)]
struct Threads {
    pollers: Vec<JoinHandle<std::io::Result<()>>>,
    workers: Vec<JoinHandle<()>>,
}

impl Threads {
    /// The threads of a pool, which take turns at polling, and the one that watches them.
    fn start_team(&mut self, shared: &Arc<Shared>, poller: Poller) -> anyhow::Result<()> {
        let poller = Arc::new(Mutex::new(poller));
        let for_later = shared.team_poller.set(Arc::downgrade(&poller));
        for_later.map_err(|_| "a team before").expect("a server has one team");
        let theirs = Arc::clone(&poller);
        self.start_workers(shared, move |shared, _| pool::work(shared, &theirs))?;
        let shared = Arc::clone(shared);
        self.start_poller("watcher".to_owned(), move || pool::watch(&shared, &poller))
    }

    fn start_workers(
        &mut self,
        shared: &Arc<Shared>,
        work: impl Fn(&Shared, WorkerId) + Clone + Send + 'static,
    ) -> anyhow::Result<()> {
        for index in 0..shared.options.scenario.server.workers.get() as usize {
            let (shared, work) = (Arc::clone(shared), work.clone());
            let worker = WorkerId::from_index(index);
            let thread = thread::Builder::new().name(format!("worker {worker}"));
            let started = thread.spawn(move || work(&shared, worker));
            self.workers.push(
                started.with_context(|| format!("--workers: thread {worker} cannot be started"))?,
            );
        }
        Ok(())
    }

    fn start_poller(
        &mut self,
        name: String,
        poll: impl FnOnce() -> std::io::Result<()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let started = thread::Builder::new().name(name).spawn(poll);
        self.pollers.push(started.context("the poller's thread cannot be started")?);
        Ok(())
    }
}

fn recorder(options: &Options, counters: &Counters) -> anyhow::Result<Option<Recorder>> {
    if options.record.is_none() && !options.observe {
        return Ok(None);
    }
    let header = TraceHeader::recorded(options.scenario.clone());
    Recorder::start(options.record.as_deref(), &header, counters).map(Some)
}
