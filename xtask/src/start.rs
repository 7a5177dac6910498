//! `cargo xtask start`: from a fresh clone to a running server.

use std::process::ExitCode;

use anyhow::Result;

use crate::page;
use crate::places::Places;
use crate::tools::{self, Tool};

/// Installs what is missing, builds the page, then becomes the server; returns only on a failure.
///
/// # Errors
///
/// When a tool cannot be installed, the page does not build, or the server cannot be started.
pub(crate) fn run(places: &Places, server_flags: &[String]) -> Result<ExitCode> {
    tools::ensure(Tool::OF_SERVER, places)?;
    tools::ensure(Tool::OF_PAGE, places)?;
    page::build(places)?;
    let mut server = places.cargo(&["run", "--release", "--package", "native-server", "--"]);
    server.args(server_flags);
    become_it(&mut server)
}

/// Replaces this process, so that a signal sent to `cargo xtask start` reaches the server itself and
/// its drain is not cut short by a parent that ends first.
#[cfg(unix)]
fn become_it(server: &mut std::process::Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(anyhow::Error::new(server.exec()).context("cannot start the server"))
}

#[cfg(not(unix))]
fn become_it(server: &mut std::process::Command) -> Result<ExitCode> {
    crate::steps::run(server).map(|()| ExitCode::SUCCESS)
}
