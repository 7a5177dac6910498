//! The scheduling models: what tells one server from another.

mod event_loop;
mod fork_join;
mod pool;
mod spawn;

use crate::Span;

pub(crate) use event_loop::EventLoop;
pub(crate) use fork_join::ForkJoin;
pub(crate) use pool::Pool;
pub(crate) use spawn::Spawn;

/// How long to wait before trying again to replace a worker.
const SPAWN_RETRY: Span = Span::from_millis(100);
