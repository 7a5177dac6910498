//! What threads wait with, where a test puts a model checker in its place.

pub(super) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
pub(super) use std::thread::{Thread, current, park, park_timeout};

/// So often the watcher of a team finds nothing before it rests.
pub(super) const QUIET_TICKS: u32 = 10;
