//! What threads wait with, where a test puts a model checker in its place.

pub(super) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
pub(super) use std::thread::Thread;
