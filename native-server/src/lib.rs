//! A real HTTP/1.1 server whose scheduling model is a flag.
//!
//! [`serve`] puts sockets and threads under the scheduler of `scheduler-model`; [`http`] is the
//! protocol without them; [`site`] answers; [`record`] writes down what happened, for the page and
//! for `conform`, and [`metrics`] counts it; [`access_log`] has a line for each answer; [`inspect`]
//! serves the page and what is known of the run; [`lab`] measures what the model says; [`cli`] and [`commands`] are the program around
//! them.

pub mod access_log;
mod alarm;
pub mod cli;
pub mod commands;
pub mod http;
pub mod inspect;
#[cfg(unix)]
pub mod lab;
pub mod metrics;
pub mod options;
pub mod record;
pub mod serve;
pub mod site;
mod system;
pub mod thread_pool;
mod warn;

pub use thread_pool::{PoolError, ThreadPool, WhenFull};
