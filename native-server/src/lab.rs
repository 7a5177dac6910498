//! Experiments: one scenario predicted, simulated and measured, and what this computer's costs are.
//!
//! [`run`] starts the real server in a process of its own, puts the scenario's load on it, merges
//! what clients and server saw, and has theory and the simulated computer do the same. Nothing here
//! schedules: that is [`serve`](crate::serve)'s, and the model's.

mod affinity;
mod calibrate;
mod client;
mod clock;
mod counted;
mod demand;
mod experiment;
mod generator;
mod guest;
mod host;
mod measured;
mod merge;
mod others;
mod progress;
mod renumber;
mod site;
pub(crate) mod table;

pub use calibrate::{Calibration, Spread};
pub use experiment::{Conditions, OneRequest, Refused, Run, check, run};
pub use host::host;
