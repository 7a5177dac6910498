//! The scheduling models: what tells one server from another.

mod idle;
mod pool;
mod spawn;

pub(crate) use pool::Pool;
pub(crate) use spawn::Spawn;

#[cfg(feature = "mutants")]
pub use pool::Mutant;
