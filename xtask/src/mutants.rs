//! `cargo xtask mutants`: changes the scheduler in small ways, one at a time, and says which changes
//! no test of `scheduler-model` notices.
//!
//! It takes long (each change is compiled and tested), so it is no part of `cargo xtask test`.
//! Reasons for changes that go unnoticed are in `docs/TESTING.md`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::places::Places;
use crate::steps;
use crate::tools::{self, Tool};

/// Installs what is missing and runs the tests on every change; `flags` go to cargo-mutants as well.
///
/// # Errors
///
/// When the tool cannot be installed or started, and when a change goes unnoticed.
pub(crate) fn run(places: &Places, flags: &[String]) -> Result<ExitCode> {
    tools::ensure(&[Tool::Mutants], places)?;
    let output = places.target()?;
    let mut cargo = places.cargo(&["mutants", "--package", "scheduler-model"]);
    cargo.args(["--profile", "mutants", "--jobs", "1", "--output"]).arg(&output);
    for file in FILES {
        cargo.args(["--file", file]);
    }
    // The schedulers that are wrong on purpose are compiled for the server's tests alone.
    cargo.args(["--exclude-re", "mutant"]);
    // Given to cargo itself, so that no other test is even built.
    cargo.args(TESTS.map(|test| format!("--cargo-arg=--test={test}"))).args(flags);
    steps::run(&mut cargo).with_context(|| {
        format!("the changes are listed in {}", output.join(Path::new("mutants.out")).display())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Tests of decisions that take little time: every change is built with them and runs them.
const TESTS: [&str; 5] = ["check", "fork_join", "golden", "loops", "stories"];

/// What decides: the rest of the crate computes, shows and checks.
const FILES: [&str; 3] = [
    "scheduler-model/src/scheduler.rs",
    "scheduler-model/src/lifecycle.rs",
    "scheduler-model/src/models/**",
];
