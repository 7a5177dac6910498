//! What queueing theory says: formulas, and which of them applies to a scenario.
//!
//! The formulas are pure functions of rates and means, each with its source. [`of`] looks at a
//! whole [`Scenario`](crate::Scenario) and answers with exact values or with the [`Reason`] why
//! there are none; nothing is approximated. None of it knows the scheduler or the simulated
//! computer, so that each can be held against the other.
//!
//! Values are those of the steady state: of a run that is long for its load, after its warm-up.
//! For listed arrivals with fixed demands they are those of the very run.

mod basis;
mod birth_death;
mod counted;
mod demand;
mod erlang;
mod expected;
mod finite;
mod fork_join;
mod listed;
mod loops;
mod mg1;
mod mmc;
mod predict;
mod search;
mod sharing;
mod station;

pub use basis::{Basis, Reason};
pub use erlang::{erlang_b, erlang_c};
pub use expected::Expected;
pub use finite::FiniteQueue;
pub use fork_join::{binary_tree_makespan, makespan_bounds, two_way_fork_join_sojourn_time};
pub use listed::{Job, Served, first_come_first_served, processor_sharing};
pub use mg1::{async_loop_sojourn_time, mg1_mean_waiting_time, processor_sharing_sojourn_time};
pub use mmc::Mmc;
pub use predict::{Prediction, of};
