//! Experiments where the system has no clock that two processes can compare, or none of their CPU
//! time: they are refused.

use std::process::ExitCode;

use anyhow::bail;

use crate::cli::{CalibrateFlags, ExperimentFlags};

/// Refuses.
///
/// # Errors
///
/// Always.
pub fn experiment(_: &ExperimentFlags) -> anyhow::Result<ExitCode> {
    bail!("experiment: measuring needs Linux or macOS; allowed here are simulate and serve")
}

/// Refuses.
///
/// # Errors
///
/// Always.
pub fn calibrate(_: &CalibrateFlags) -> anyhow::Result<ExitCode> {
    bail!("calibrate: measuring needs Linux or macOS; allowed here are simulate and serve")
}

/// Refuses.
///
/// # Errors
///
/// Always.
pub fn lab_server() -> anyhow::Result<ExitCode> {
    bail!("lab-server: experiments need Linux or macOS")
}
