//! `cargo xtask experiment`: measures the real server against the model and writes the ledger into
//! `docs/VALIDATION.md`.

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::places::Places;
use crate::steps;
use crate::validate::write_section;

/// Measures, and writes the section; success if all bounds hold. It takes about a quarter of an hour.
///
/// # Errors
///
/// When the server cannot be built or the ledger says nothing, or the page cannot be written.
pub(crate) fn run(places: &Places) -> Result<ExitCode> {
    let package = ["--package", "native-server"];
    let mut build = places.cargo(&["build", "--release"]);
    steps::run(build.args(package).args(["--bin", "native-server"]))?;
    let program = places.target()?.join("release");
    let program = program.join(format!("native-server{}", std::env::consts::EXE_SUFFIX));
    // Who asks need not be quick; who is asked is.
    let mut ledger = places.cargo(&["run", "--quiet"]);
    ledger.args(package).args(["--example", "ledger", "--"]).arg(program);
    let finished = steps::run_and_keep(&mut ledger)?;
    ensure!(finished.output.starts_with("## "), "the experiments printed no section");
    write_section(places, "experiment", &finished.output)?;
    Ok(if finished.exited_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
