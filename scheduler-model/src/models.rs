//! The scheduling models: what tells one server from another.

mod event_loop;
mod fork_join;
mod idle;
mod pool;
mod spawn;

pub(crate) use event_loop::EventLoop;
pub(crate) use fork_join::ForkJoin;
pub(crate) use pool::Pool;
pub(crate) use spawn::Spawn;
