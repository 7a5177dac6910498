//! `cargo xtask coverage`: how many lines of the model its own tests run, and which ones none runs.
//!
//! Only `scheduler-model` is measured, and only by its own native tests: what the server's or the
//! page's tests happen to run of it is no claim about it. Reasons for lines that stay uncovered are
//! in `docs/TESTING.md`.

use std::process::ExitCode;

use anyhow::Result;

use crate::places::Places;
use crate::steps;
use crate::tools::{self, Tool};

/// Installs what is missing, runs the tests, prints a table and the uncovered lines.
///
/// # Errors
///
/// When a tool cannot be installed, and when a test fails.
pub(crate) fn run(places: &Places) -> Result<ExitCode> {
    tools::ensure(Tool::OF_COVERAGE, places)?;
    let args = ["llvm-cov", "--package", "scheduler-model", "--show-missing-lines"];
    steps::run(&mut places.cargo(&args))?;
    Ok(ExitCode::SUCCESS)
}
