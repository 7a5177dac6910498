//! What all schedulers of a server have in common: the clock, the numbers of requests, the recording.
//!
//! A stimulus is stamped, numbered, handled and recorded with its decisions in one go, so that the
//! groups of several loops follow one another in one order of time. A server with one scheduler is
//! never kept waiting here; under `sharded` this is all that its loops ever wait for.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use scheduler_model::{Event, EventKind, RequestId, ShardId, SimTime};

use super::shared::trusted;
use crate::record::Recorder;

/// The journal of a server.
#[derive(Debug)]
pub(super) struct Journal {
    started: Instant,
    is_kept: bool,
    entries: Mutex<Entries>,
}

/// What is under its lock.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) recorder: Option<Recorder>,
    last: SimTime,
    next_request: u64,
}

impl Journal {
    pub(super) fn new(recorder: Option<Recorder>) -> Arc<Self> {
        let is_kept = recorder.is_some();
        let entries = Mutex::new(Entries { recorder, last: SimTime::ZERO, next_request: 1 });
        Arc::new(Self { started: Instant::now(), is_kept, entries })
    }

    /// Opens it for what happened now; nothing else happens until it is closed. The clock is read
    /// under the lock, so that times go forward in the order of `seq`.
    pub(super) fn open(&self) -> (SimTime, MutexGuard<'_, Entries>) {
        let mut entries = self.entries();
        entries.last = self.now().max(entries.last);
        (entries.last, entries)
    }

    pub(super) fn entries(&self) -> MutexGuard<'_, Entries> {
        trusted(self.entries.lock())
    }

    /// Whether anybody reads it: otherwise what only a reader wants to know need not be entered.
    pub(super) const fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// This instant on the clock of the run.
    pub(super) fn now(&self) -> SimTime {
        SimTime::from_nanos(u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Entries {
    /// The number of a request that arrives.
    pub(super) fn next_request(&mut self) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        request
    }

    /// Records what happened at the time that it was opened for.
    pub(super) fn record_now(&mut self, shard: ShardId, kind: EventKind) {
        self.record(shard, self.last, kind);
    }

    pub(super) fn record(&mut self, shard: ShardId, at: SimTime, kind: EventKind) {
        if let Some(recorder) = &mut self.recorder {
            recorder.push(Event { at, shard, kind });
        }
    }
}
