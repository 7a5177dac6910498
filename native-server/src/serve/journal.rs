//! What all schedulers of a server have in common: the clock, the numbers of requests, the recording.
//!
//! A stimulus is stamped, numbered, handled and recorded with its decisions in one go, so that the
//! groups of several loops follow one another in one order of time. That takes a lock, which is there
//! only while somebody observes the run: a server with one scheduler is never kept waiting by it, and
//! under `sharded` it is all that loops ever wait for.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use scheduler_model::{Event, EventKind, RequestId, ShardId, SimTime};

use super::shared::trusted;
use crate::record::{Observer, Recorder, Waits};

/// The journal of a server.
#[derive(Debug)]
pub(super) struct Journal {
    started: Instant,
    next_request: AtomicU64,
    /// None where nobody observes the run.
    entries: Option<Mutex<Entries>>,
    /// Whether somebody waits for the recording to be written.
    waits: Waits,
    /// Who observed it until its end; none if that went wrong.
    ended: OnceLock<Option<Mutex<Observer>>>,
}

/// What is under its lock.
#[derive(Debug)]
pub(super) struct Entries {
    /// None once the recording is closed.
    pub(super) recorder: Option<Recorder>,
    clients: Option<Sender<SocketAddr>>,
    last: SimTime,
}

/// A journal that is open for what happens now: nothing else happens until this is dropped.
pub(super) struct Entry<'j> {
    journal: &'j Journal,
    entries: Option<MutexGuard<'j, Entries>>,
    /// The time of it.
    pub(super) now: SimTime,
}

impl Journal {
    /// `clients` is told of each connection's client, if anybody observes the run.
    pub(super) fn new(
        recorder: Option<Recorder>,
        clients: Option<Sender<SocketAddr>>,
    ) -> Arc<Self> {
        let entries = |recorder| {
            Mutex::new(Entries { recorder: Some(recorder), clients, last: SimTime::ZERO })
        };
        Arc::new(Self {
            started: Instant::now(),
            waits: recorder.as_ref().map(Recorder::waits).unwrap_or_default(),
            next_request: AtomicU64::new(1),
            entries: recorder.map(entries),
            ended: OnceLock::new(),
        })
    }

    /// Opens it. The clock is read under the lock, so that times go forward in the order of `seq`, and
    /// is never before `last`; with `at_last` it is not read, and `last` is now.
    pub(super) fn open(&self, last: SimTime, at_last: bool) -> Entry<'_> {
        let mut entries = self.entries();
        let mut now = if at_last { last } else { self.now().max(last) };
        if let Some(entries) = &mut entries {
            now = now.max(entries.last);
            entries.last = now;
        }
        Entry { journal: self, entries, now }
    }

    /// What is under the lock, if there is one.
    pub(super) fn entries(&self) -> Option<MutexGuard<'_, Entries>> {
        self.entries.as_ref().map(|entries| trusted(entries.lock()))
    }

    /// Whether anybody reads it: otherwise what only a reader wants to know need not be entered.
    pub(super) const fn is_kept(&self) -> bool {
        self.entries.is_some()
    }

    /// What `question` finds in everything that was entered until now, in the middle of the run or
    /// after its end; `None` where nobody observes it, or not to its end.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Observer) -> T + Send + 'static,
    ) -> Option<T> {
        let inquiry = self.entries()?.recorder.as_mut().map(Recorder::inquiry);
        match inquiry {
            Some(inquiry) => inquiry.ask(question),
            None => self.ended.wait().as_ref().map(|ended| question(&mut trusted(ended.lock()))),
        }
    }

    /// Closes the recording.
    pub(super) fn close(&self) -> anyhow::Result<()> {
        let recorder = self.entries().and_then(|mut entries| entries.recorder.take());
        let Some(recorder) = recorder else { return Ok(()) };
        let (observer, closed) = match recorder.close() {
            Ok(observer) => (Some(Mutex::new(observer)), Ok(())),
            Err(error) => (None, Err(error)),
        };
        // Whoever has the recorder is the first here, and the last.
        let _ = self.ended.set(observer);
        closed
    }

    /// Whether somebody waits for the recording: for a place for what happens, or for its end.
    pub(super) fn waits(&self) -> bool {
        self.waits.now()
    }

    /// Whether the recording is closed.
    pub(super) fn is_closed(&self) -> bool {
        self.ended.get().is_some()
    }

    /// An instant of the run on the system's clock.
    pub(super) fn instant(&self, at: SimTime) -> Instant {
        self.started + Duration::from(at.since(SimTime::ZERO))
    }

    /// This instant on the clock of the run.
    pub(super) fn now(&self) -> SimTime {
        self.at(Instant::now())
    }

    /// An instant of the system's clock on that of the run.
    pub(super) fn at(&self, instant: Instant) -> SimTime {
        let elapsed = instant.saturating_duration_since(self.started).as_nanos();
        SimTime::from_nanos(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }
}

impl Entry<'_> {
    /// The number of a request that arrives. While the journal is locked, numbers follow its order.
    pub(super) fn next_request(&self) -> RequestId {
        RequestId(self.journal.next_request.fetch_add(1, Ordering::Relaxed))
    }

    /// Whose connection the one is that is opened now.
    pub(super) fn note_client(&self, client: SocketAddr) {
        if let Some(entries) = &self.entries
            && let Some(clients) = &entries.clients
        {
            // Who no longer listens does not want to know.
            let _ = clients.send(client);
        }
    }

    pub(super) fn record(&mut self, shard: ShardId, kind: EventKind) {
        if let Some(entries) = &mut self.entries
            && let Some(recorder) = &mut entries.recorder
        {
            recorder.push(Event { at: self.now, shard, kind });
        }
    }
}
